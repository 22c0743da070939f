"""Signing in for the first time, and acting in another duty."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import look_over

pytestmark = pytest.mark.browser
NEW = "Mountain-Road-2020"


def places(page: Page) -> list[str]:
    """What the navigation offers, without the counts beside it."""
    return [words.splitlines()[0] for words in page.locator("#side li a").all_inner_texts()]


def test_first_sign_in_wants_a_new_password_before_anything_else(page, sign_in, served):
    made = served.site.run(
        "add_user", "newcomer", "--name", "新来的", "--role", "township", "--division", "451228100000"
    )
    once = re.search("一次性密码：([^（]+)（", made.out)[1]
    sign_in("newcomer", once)
    expect(page.get_by_text("首次登录，请先修改密码")).to_be_visible()
    for path in ("/", "/households/", "/screening/leads/"):
        page.goto(path)
        expect(page).to_have_url(re.compile("/accounts/password/change/$"))
    assert look_over(page) == []

    def change(old: str, new: str) -> None:
        page.get_by_label("现在的密码").fill(old)
        page.get_by_label(re.compile("^新密码")).fill(new)
        page.get_by_label("再输入一次新密码").fill(new)
        page.get_by_role("button", name="修改密码").click()

    change(once, "12345678")
    expect(page.locator(".field-error").first).to_be_visible()
    assert look_over(page) == []
    change(once, NEW)
    expect(page.get_by_text("密码已修改。")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\d/$"))

    page.get_by_role("button", name=re.compile("新来的")).click()
    page.get_by_role("button", name="退出").click()
    sign_in("newcomer", NEW)
    expect(page.get_by_role("heading", level=1)).to_have_text("待办")


def test_wrong_password_says_what_to_do(page, served):
    page.goto("/accounts/login/")
    page.get_by_label("用户名").fill("office")
    page.locator("#id_password").fill("not-the-one")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("用户名或密码不对")
    assert look_over(page) == []


def test_switching_the_duty_changes_what_there_is(page, sign_in):
    sign_in("info")
    who = page.get_by_role("button", name=re.compile("卢秋月"))
    expect(who).to_contain_text("扶贫信息员")
    page.goto("/households/")
    of_the_county = page.locator("main tbody tr").count()
    page.goto("/")
    who.click()
    page.get_by_role("button", name=re.compile("驻村工作队员")).click()
    expect(page.get_by_text(re.compile("已切换到：驻村工作队员"))).to_be_visible()
    expect(who).to_contain_text("驻村工作队员")
    page.goto("/households/")
    assert page.locator("main tbody tr").count() < of_the_county
    who.click()
    page.get_by_role("button", name=re.compile("扶贫信息员")).click()
    expect(who).to_contain_text("扶贫信息员")


def test_navigation_is_that_of_the_duty(page, sign_in, served):
    """One person who is a department's officer and the township's: each duty has places of its own."""
    served.site.rows(
        "INSERT INTO accounts_duty (user_id, role, division_id, department_id, begins_on, document) "
        "SELECT u.id, 'township', '451228100000', NULL, '2020-01-01', '' FROM accounts_user u "
        "WHERE u.username = 'dept-water'"
    )
    sign_in("dept-water")
    assert places(page) == [
        "待办",
        "季度排查",
        "部门数据",
        "部门查询",
        "交办单",
        "防贫举措",
        "举措目录",
        "资金来源",
        "资金申请",
        "资金报表",
    ]
    page.get_by_role("button", name=re.compile("覃水生")).click()
    page.get_by_role("button", name=re.compile("安阳镇")).click()
    expect(page.get_by_text(re.compile("已切换到：乡镇干部"))).to_be_visible()
    assert places(page) == [
        "待办",
        "季度排查",
        "入户排查",
        "风险线索",
        "核实",
        "防贫对象",
        "增收计划",
        "亮灯情况",
        "防贫举措",
        "跟踪管理",
        "取消重点关注",
        "举措目录",
        "一卡通账户",
        "资金公示",
        "农户",
        "户册导入",
        "户册疑点",
        "户册变动",
        "政策参数",
    ]
