"""The registry is changed by hand: the head dies, a son takes his place; and a doubt is known to be right."""

import pytest
from playwright.sync_api import expect

from tests import books
from tests.books import family, head, person
from tests.browser.pages import confirm, look_over, tab_to
from tests.browser.test_registry import search

pytestmark = pytest.mark.browser


@pytest.fixture
def registered(page, sign_in, tmp_path):
    """A head, his wife and their son, imported by the office."""
    father, mother, son = head(), person("配偶"), person("之子", 文化程度="小学")
    path = tmp_path / "户册.xlsx"
    path.write_bytes(books.plain(books.REGISTRY, family("S0101", father, mother, son)))
    sign_in("office")
    page.get_by_role("link", name="户册导入").click()
    card = page.get_by_role("region", name="户册", exact=True)
    card.locator("input[type=file]").set_input_files(path)
    card.get_by_role("button", name="上传并检查").click()
    page.get_by_role("button", name="确认导入").click()
    confirm(page, "确认导入")
    expect(page.get_by_text("已导入 3 行")).to_be_visible()
    return father["姓名"], mother["姓名"], son["姓名"]


def test_head_dies_and_the_son_takes_his_place(page, registered):
    father, mother, son = registered
    search(page, father)
    page.get_by_role("main").get_by_role("link", name=father).first.click()
    page.get_by_role("link", name="办理户册变动").click()
    assert look_over(page) == []
    page.get_by_role("link", name="死亡", exact=True).click()
    page.get_by_role("link", name=father, exact=True).click()
    assert look_over(page) == []
    page.get_by_label("新户主", exact=False).first.select_option(label=f"{son}（{_age(page, son)}）")
    page.get_by_label(f"{mother}与新户主关系").select_option("之母")
    page.get_by_label("原因或依据").fill("死亡证明")
    submit = page.get_by_role("button", name="办理死亡")
    tab_to(page, submit)
    page.keyboard.press("Enter")
    confirm(page, "办理")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{son}户")
    expect(page.get_by_text("已办理死亡")).to_be_visible()
    history = page.get_by_role("region", name="户册变动")
    expect(history).to_contain_text(f"{father}离开")
    expect(history).to_contain_text(f"{mother}与户主关系：配偶 → 之母")

    page.get_by_role("link", name="户册疑点").first.click()
    page.get_by_role("button", name="开始检查").or_(page.get_by_role("button", name="重新检查")).click()
    page.get_by_role("link", name="没有自然屯").click()
    assert look_over(page) == []
    row = page.locator("main tbody tr", has_text=son)
    row.get_by_role("checkbox").check()
    page.get_by_label("怎么核实的").fill("这个村没有分屯")
    page.get_by_role("button", name="已核实无误").click()
    confirm(page, "确定")
    expect(page.locator("main tbody tr", has_text=son)).to_have_count(0)


def _age(page, name: str) -> str:
    option = page.get_by_label("新户主", exact=False).first.locator("option", has_text=name)
    return option.inner_text().split("（")[1].rstrip("）")
