"""The registry comes in by page, and a household is found by the box on every page."""

import pytest
from playwright.sync_api import expect

from tests import books
from tests.books import family, head, person
from tests.browser.pages import confirm, dialog, expect_figures

pytestmark = pytest.mark.browser


def test_registry_is_checked_confirmed_and_found_by_search(page, sign_in, tmp_path):
    owner, bad = head(), head(证件号码="45990019700504")
    path = tmp_path / "户册.xlsx"
    rows = [*family("S0001", owner, person(), person()), *family("S0002", bad)]
    path.write_bytes(books.plain(books.REGISTRY, rows))

    sign_in("office")
    page.get_by_role("link", name="户册导入").click()
    card = page.get_by_role("region", name="户册", exact=True)
    card.locator("input[type=file]").set_input_files(path)
    card.get_by_role("button", name="上传并检查").click()

    expect(page.get_by_text("检查完成，户册还没有改动")).to_be_visible()
    expect_figures(page, 读到=4, 退回=1)
    expect(page.locator("#faults tbody tr").first).to_contain_text("退回")
    search(page, owner["姓名"])
    expect(page.locator("main")).to_contain_text("没有符合条件的农户")

    page.go_back()
    page.get_by_role("button", name="确认导入").click()
    expect(dialog(page)).to_contain_text("确认导入 3 行？")
    confirm(page, "确认导入")
    expect(page.get_by_text("已导入 3 行")).to_be_visible()
    search(page, owner["姓名"])
    found = page.locator("main tbody tr")
    expect(found).to_have_count(1)
    expect(found).to_contain_text("S0001")
    search(page, owner["证件号码"])
    expect(page.get_by_role("heading", level=1)).to_contain_text(owner["姓名"])
    assert owner["证件号码"] not in page.url


def search(page, words: str) -> None:
    """From anywhere on the page: "/" and the words."""
    page.wait_for_load_state()
    page.keyboard.press("/")
    expect(page.locator("#top-search")).to_be_focused()
    page.keyboard.type(words)
    with page.expect_navigation():
        page.keyboard.press("Enter")
