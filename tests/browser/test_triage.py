"""未比中人员 by the keyboard alone: twenty rows, no mouse."""

import re

import pytest
from playwright.sync_api import expect

from tests import books
from tests.browser.pages import look_over

pytestmark = pytest.mark.browser
ROWS = 20
FACTS = re.compile(r"还有 (\d+) 行，已核对 (\d+) 行")


def one_off(number: str) -> str:
    """Another digit at place 15: the check character does not fit any more."""
    return number[:14] + str((int(number[14]) + 1) % 10) + number[15:]


@pytest.fixture
def unmatched(by_office, tmp_path) -> list[dict]:
    """A round of a past quarter with twenty rows whose number is one digit off, in an order that no row
    jumps."""
    people = [books.head() for _ in range(ROWS)]
    registry = tmp_path / "户册.xlsx"
    homes = [books.family(f"T{n:04}", person) for n, person in enumerate(people)]
    registry.write_bytes(books.plain(books.REGISTRY, [row for home in homes for row in home]))
    rows = [
        {
            "户主姓名": person["姓名"],
            "户主身份证号码": one_off(person["证件号码"]),
            "鉴定等级": "D",
            "鉴定日期": "2020-02-01",
            "成因": "自然灾害",
            "改造情况": "未改造",
            "唯一住房": "是",
        }
        for person in people
    ]
    sheet = tmp_path / "住建.xlsx"
    sheet.write_bytes(books.plain(books.FEEDS["unsafe_housing"], rows))
    by_office(["import_registry", registry], ["open_round", "--quarter", "2022Q1"])
    by_office(["import_feed", "unsafe_housing", sheet, "--quarter", "2022Q1"])
    return people


def counts(page) -> tuple[int, int]:
    found = FACTS.search(page.locator("main").inner_text())
    return int(found[1]), int(found[2])


def hurry(page, key: str) -> None:
    """Presses the key in the very next turn after the page has changed, sooner than any hand."""
    page.evaluate(
        """key => document.addEventListener("htmx:afterSwap", () => setTimeout(() => {
            document.body.dataset.hurried = key;
            document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
        }), { once: true })""",
        key,
    )


def test_twenty_rows_are_settled_by_the_keyboard_alone(page, sign_in, unmatched):
    sign_in("office")
    page.goto("/screening/triage/")
    waiting, done = counts(page)
    assert waiting >= ROWS
    names = {person["姓名"] for person in unmatched}
    rows = page.locator("article[data-triage]")
    mine = [n for n in range(rows.count()) if any(name in rows.nth(n).inner_text() for name in names)]
    assert len(mine) == ROWS
    page.keyboard.press("j")
    page.keyboard.press("f")
    expect(page.locator("article input[name=q]:focus")).to_have_count(1)
    page.keyboard.type("查无此人")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("没有找到“查无此人”")
    page.reload()
    page.keyboard.press("j")
    for step in range(1, ROWS + 1):
        while not any(name in page.locator("article:focus").inner_text() for name in names):
            page.keyboard.press("j")
        page.keyboard.press("1")
        expect(page.locator("main")).to_contain_text(f"还有 {waiting - step} 行，已核对 {done + step} 行")
    page.keyboard.press("u")
    expect(page.locator("main")).to_contain_text(f"还有 {waiting - ROWS + 1} 行")
    expect(page.locator("article:focus")).to_have_count(1)  # the row that came back, once it is drawn
    hurry(page, "u")  # no sooner answered than taken back: what was drawn obeys at once
    page.keyboard.press("1")
    expect(page.locator("body")).to_have_attribute("data-hurried", "u")
    expect(page.locator("article:focus")).to_have_count(1)
    expect(page.locator("main")).to_contain_text(f"还有 {waiting - ROWS + 1} 行，已核对 {done + ROWS - 1} 行")
    page.keyboard.press("r")
    expect(page.locator("[data-last-done]")).to_contain_text("退回部门")
    assert look_over(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert look_over(page) == []
