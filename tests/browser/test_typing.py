"""代录 at the desk: the sheets of a hamlet typed in by the keys alone."""

import itertools
import re

import pytest
from playwright.sync_api import Page, expect

from tests import books
from tests.books import family, head
from tests.browser.pages import look_over

pytestmark = pytest.mark.browser

_hamlets = itertools.count()
FOCUSED = "document.activeElement.id || document.activeElement.name || document.activeElement.textContent"


def at(page: Page) -> str:
    return page.evaluate(FOCUSED)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


@pytest.fixture
def desk(page: Page, sign_in, by_office, tmp_path) -> Page:
    """The page of a hamlet of its own, with three households."""
    count = next(_hamlets)
    hamlet = f"齐{'甲乙丙丁'[count]}屯"
    rows = [row for n in range(3) for row in family(f"TY{count}{n}", head(), 自然村=hamlet)]
    (tmp_path / "户册.xlsx").write_bytes(books.plain(books.REGISTRY, rows))
    by_office(["import_registry", tmp_path / "户册.xlsx"])
    sign_in("village")
    page.goto("/screening/field/")
    section = page.locator("section", has=page.get_by_role("heading", name=hamlet))
    section.get_by_role("link", name="把纸质表录进来（代录）").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{hamlet}代录")
    expect(page.locator("#id_visitors")).to_be_focused()
    return page


def begin(page: Page) -> None:
    """Who was at the door and when, as one types it for the first sheet."""
    page.locator("[name=visitors]").fill("农振宇")
    page.locator("[name=visited_on]").fill(page.evaluate("new Date().toISOString().slice(0, 10)"))
    page.locator("#q-education").focus()


def test_sheets_are_typed_by_the_keys(desk):
    page = desk
    assert look_over(page) == []
    begin(page)
    press(page, "0", "Enter")
    expect(page.locator(".note-success")).to_contain_text("未发现风险。入户人 农振宇，录入人")
    expect(page.locator("[name=visitors]")).to_have_value("农振宇")
    expect(page.locator("#q-education")).to_be_focused()
    press(page, "1", "3", "2", "a")
    assert at(page) == "o-housing.damaged-how"
    press(page, "1", "1")
    assert at(page) == "o-housing.damaged-words"
    page.keyboard.type("12月墙裂了")
    press(page, "Enter")
    assert at(page) == "q-housing"
    press(page, "2")
    assert at(page) == "x-housing-elsewhere"
    press(page, "1", "3")
    assert at(page) == "q-water"
    press(page, "1", "Escape")
    assert at(page) == "q-water"
    press(page, "1", "1", "1")
    assert "保存" in at(page)
    press(page, "Enter")
    expect(page.locator(".note-success")).to_contain_text("住房危险")


def test_enter_asks_once_where_something_is_left_out(desk):
    page = desk
    begin(page)
    press(page, "1", "1", "Enter")
    expect(page.locator("[data-hint]")).to_contain_text("还有 4 项没有填")
    assert at(page) == "q-housing"
    press(page, "Enter")
    expect(page.locator(".note-success")).to_be_visible()


def test_fault_has_the_focus_and_control_enter_saves_from_a_field(desk):
    page = desk
    begin(page)
    press(page, "1", "1", "1", "b")
    page.keyboard.type("三个月")
    press(page, "Control+Enter")
    assert "还有 2 项" in page.locator("[data-hint]").inner_text()
    press(page, "Control+Enter")
    expect(page.locator("#q-water .field-error")).to_contain_text("家里自己扛得住吗")
    expect(page.locator("#q-water")).to_be_focused()
    expect(page.locator("[name='o-water.broken-since']")).to_have_value("三个月")


def test_sheet_is_chosen_by_its_number(desk):
    page = desk
    page.locator("#q-education").focus()
    press(page, "n", "2", "Enter")
    expect(page.locator(".typing-home h2")).to_contain_text(re.compile("第 2 张"))
