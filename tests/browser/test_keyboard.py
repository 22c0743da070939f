"""Everything of the import works without a mouse (WCAG 2.1 AA)."""

import pytest
from playwright.sync_api import Page, expect

from tests import books
from tests.books import family, head
from tests.browser.pages import dialog, tab_to

pytestmark = pytest.mark.browser
FOCUSED = "document.activeElement"


def test_tab_reaches_the_skip_link_first(page, sign_in):
    sign_in("office")
    page.goto("/households/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="跳到正文")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate(f"document.querySelector('#main').contains({FOCUSED})")


def test_dialog_keeps_the_focus_and_escape_cancels(page, sign_in):
    sign_in("office")
    page.get_by_role("link", name="季度排查").click()
    before = page.get_by_label("季度").locator("option").count()
    button = page.get_by_role("button", name="开启排查")
    tab_to(page, button)
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_visible()
    expect(dialog(page).get_by_role("button", name="开启排查")).to_be_focused()
    reached = set()
    for key in ["Tab"] * 4 + ["Shift+Tab"] * 4:
        page.keyboard.press(key)
        # The body has it while the browser's own bar would, as the standard wants it.
        assert page.evaluate(f"{FOCUSED} === document.body || {FOCUSED}.closest('dialog') !== null")
        reached.add(page.evaluate(f"{FOCUSED}.textContent"))
    assert {"取消", "开启排查"} <= reached
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)
    expect(button).to_be_focused()
    page.reload()
    assert page.get_by_label("季度").locator("option").count() == before


def test_registry_is_imported_by_the_keyboard_alone(page: Page, sign_in, tmp_path):
    owner = head()
    path = tmp_path / "键盘.xlsx"
    path.write_bytes(books.plain(books.REGISTRY, family("K0001", owner)))
    sign_in("township")
    card = page.get_by_role("region", name="户册", exact=True)
    press(page, page.get_by_role("link", name="户册导入"))
    page.wait_for_url("**/households/imports/")  # a key before the page is drawn is lost
    tab_to(page, card.locator("input[type=file]"))
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(path)
    press(page, card.get_by_role("button", name="上传并检查"))
    expect(page.get_by_text("检查完成，户册还没有改动")).to_be_visible()
    press(page, page.get_by_role("button", name="确认导入"))
    expect(dialog(page).get_by_role("button", name="确认导入")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("已导入 1 行")).to_be_visible()
    press(page, page.get_by_role("link", name="查看农户"))
    expect(page.get_by_role("heading", level=1)).to_have_text("农户")


def press(page: Page, goal) -> None:
    tab_to(page, goal)
    page.keyboard.press("Enter")
