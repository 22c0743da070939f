"""The administrator makes users, imports them, takes them away; each of them at his own browser."""

import datetime
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.accounts.people import row, workbook
from tests.browser.pages import confirm, expect_figures, look_over

pytestmark = pytest.mark.browser
NEW = "Mountain-Road-2020"


@pytest.fixture
def elsewhere(browser: Browser, browser_context_args, base_url) -> Page:
    """Another person's browser."""
    context = browser.new_context(**browser_context_args | {"base_url": base_url})
    yield context.new_page()
    context.close()


def enter(page: Page, username: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("用户名").fill(username)
    page.locator("#id_password").fill(password)
    page.get_by_role("button", name="登录").click()


def change(page: Page, old: str) -> None:
    page.get_by_label("现在的密码").fill(old)
    page.get_by_label(re.compile("^新密码")).fill(NEW)
    page.get_by_label("再输入一次新密码").fill(NEW)
    page.get_by_role("button", name="修改密码").click()


def upload(page: Page, kind: str, content: bytes) -> None:
    page.goto("/accounts/lists/")
    xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.locator(f"#id_{kind}_file").set_input_files(
        {"name": "名单.xlsx", "mimeType": xlsx, "buffer": content}
    )
    page.locator("form", has=page.locator(f"#id_{kind}_file")).get_by_role(
        "button", name="上传并检查"
    ).click()
    expect(page.get_by_text(re.compile("检查完成"))).to_be_visible()


def test_user_is_made_signs_in_and_is_out_once_disabled(page, sign_in, elsewhere):
    sign_in("admin")
    page.get_by_role("link", name="用户与岗位").click()
    page.get_by_role("link", name="新增用户").click()
    page.get_by_label("用户名").fill("maixiang")
    page.get_by_label(re.compile("^姓名")).fill("麦香")
    page.get_by_label(re.compile("^岗位")).select_option("village_cadre")
    page.get_by_label(re.compile("^地方")).select_option("451228100001")
    assert look_over(page) == []
    page.get_by_role("button", name="建立用户").click()
    code = page.locator("code.code").inner_text()
    assert look_over(page) == []

    enter(elsewhere, "maixiang", code.upper())
    expect(elsewhere.get_by_text("首次登录，请先修改密码")).to_be_visible()
    change(elsewhere, code)
    expect(elsewhere.get_by_role("button", name=re.compile("麦香"))).to_contain_text("村“两委”干部")

    page.reload()
    expect(page.get_by_text("一次性密码已经显示过了")).to_be_visible()
    page.get_by_role("link", name="回到用户页").click()
    assert look_over(page) == []
    page.get_by_role("button", name="立即停止").click()
    confirm(page, "立即停止")
    expect(page.get_by_text(re.compile("已停止，随即生效"))).to_be_visible()
    elsewhere.goto("/")
    expect(elsewhere.get_by_text("您还没有在用的岗位")).to_be_visible()
    page.get_by_role("button", name="停用", exact=True).click()
    confirm(page, "停用")
    expect(page.get_by_text(re.compile("麦香 已停用"))).to_be_visible()
    elsewhere.goto("/")
    expect(elsewhere).to_have_url(re.compile("/accounts/login/"))


def test_list_of_users_becomes_slips_and_list_of_leavers_disables(page, sign_in, elsewhere):
    sign_in("admin")
    rows = [
        row("dengfang", "邓芳"),
        row("heping", "何平", village="镇北社区"),
        row("bad", "坏行", role="镇长"),
    ]
    upload(page, "users", workbook(*rows))
    expect_figures(page, 新增用户=2, 退回=1)
    page.get_by_role("button", name="确认办理").click()
    confirm(page, "办理")
    expect(page.get_by_text(re.compile("已办理 2 行"))).to_be_visible()
    page.get_by_role("link", name="一次性密码单").first.click()
    slip = page.get_by_role("region", name="邓芳的密码单")
    code = slip.locator("code.code").inner_text()
    assert look_over(page) == []
    page.get_by_role("button", name="已打印，销毁").click()
    confirm(page, "销毁")
    expect(page.get_by_text(re.compile("密码单已销毁"))).to_be_visible()
    enter(elsewhere, "dengfang", code)
    expect(elsewhere.get_by_text("首次登录，请先修改密码")).to_be_visible()

    upload(page, "users", workbook(*rows[:2]))
    expect_figures(page, 没有变化=2)
    leavers = workbook(("dengfang", "邓芳", "调离"), headings=["用户名", "姓名", "原因"])
    upload(page, "leavers", leavers)
    page.get_by_role("button", name="确认停用").click()
    confirm(page, "停用")
    expect(page.get_by_text(re.compile("已办理 1 行"))).to_be_visible()
    elsewhere.goto("/")
    expect(elsewhere).to_have_url(re.compile("/accounts/login/"))


def test_calendar_is_confirmed_with_the_keyboard(page, sign_in, served):
    year = datetime.date.today().year + 1  # noqa: DTZ011  the day of the browser's own machine will do
    served.site.rows(f"DELETE FROM common_workingday WHERE day >= '{year}-01-01' AND day <= '{year}-12-31'")
    sign_in("office")
    page.goto(f"/policy/calendar/{year}/")
    holiday = page.locator("input[name=working]:checked").nth(60)
    day = holiday.get_attribute("value")
    holiday.focus()
    page.keyboard.press("Space")
    page.get_by_label("改动说明").fill("壮族三月三")
    assert look_over(page) == []
    page.get_by_role("button", name=re.compile("^确认")).click()
    expect(page.get_by_text(re.compile("工作日历已确认"))).to_be_visible()
    expect(page.locator(f"input[value='{day}']")).not_to_be_checked()
    assert look_over(page) == []
