"""An officer who never saw the system delivers a list with headings of his own, in under three minutes; in
the second quarter nothing is asked any more (Art. 7(2)1).

With GUIDE_PICTURES=docs/guide the same test takes the pictures of the department's guide.
"""

import datetime
import os
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Locator, Page, expect

from tests import books
from tests.books import family, head
from tests.browser.pages import confirm, dialog, expect_figures, look_over

pytestmark = pytest.mark.browser
OWN = [
    "序号",
    "就诊人",
    "社保卡号（身份证）",
    "结算年月日",
    "类型",
    "费用总计",
    "可报费用",
    "统筹支付",
    "大病支付",
    "救助支付",
    "财政兜底",
    "二次报销",
    "险种",
]
MEANT = {
    "姓名": "就诊人",
    "身份证号码": "社保卡号（身份证）",
    "结算日期": "结算年月日",
    "就医类型": "类型",
    "医疗总费用": "费用总计",
    "合规费用": "可报费用",
    "基本医保报销": "统筹支付",
    "大病保险报销": "大病支付",
    "医疗救助": "救助支付",
}
# Seconds of the keystroke-level model: pointing and clicking, a key, a decision; and reading a new page.
POINT, KEY, THINK, READ = 1.5, 0.3, 1.4, 10


class Clock:
    """What a person does and how long it takes him, counted while the test does it for him."""

    def __init__(self) -> None:
        self.actions, self.seconds = 0, 0.0

    def click(self, goal: Locator, *, decides: bool = False) -> None:
        self.actions += 1
        self.seconds += POINT + THINK * decides
        goal.click()

    def choose(self, goal: Locator, option: str) -> None:
        """Opens the list, looks through it, picks."""
        self.actions += 2
        self.seconds += 2 * POINT + 3 * THINK
        goal.select_option(option)

    def types(self, words: str) -> None:
        """Into a field, and on to the next one."""
        self.actions += 2
        self.seconds += POINT + KEY * len(words)

    def reads(self) -> None:
        self.seconds += READ

    def picks_a_file(self, page: Page, path: Path) -> None:
        self.actions += 4
        self.seconds += 4 * POINT + 2 * THINK
        page.locator("input[type=file]").set_input_files(path)


@pytest.fixture
def people(by_office, tmp_path) -> list[dict]:
    heads = [head(born=datetime.date(1968, 3, day)) for day in range(1, 6)]
    rows = [row for number, one in enumerate(heads) for row in family(f"F{number}", one)]
    registry = tmp_path / "户册.xlsx"
    registry.write_bytes(books.plain(books.REGISTRY, rows))
    by_office(
        ["import_registry", registry],
        ["open_round", "--quarter", "2021Q3"],
        ["open_round", "--quarter", "2021Q4"],
    )
    return heads


def own_list(path: Path, people: list[dict], day: str) -> Path:
    """As the bureau's own program writes it; the last row has a broken number."""
    book = Workbook()
    sheet = book.active
    sheet.append(["医保结算台账"])
    sheet.append(OWN)
    for place, one in enumerate(people, start=1):
        number = one["证件号码"] if place < len(people) else one["证件号码"][:-2]
        sheet.append(
            [place, one["姓名"], number, day, "住院", 60000, 50000, 20000, 3000, 2000, 1000, 500, "居民医保"]
        )
    book.save(path)
    return path


def picture(page: Page, name: str, at: Locator | None = None) -> None:
    """Of the top of the page, or of what surrounds `at`."""
    if folder := os.environ.get("GUIDE_PICTURES"):
        page.evaluate("window.scrollTo(0, 0)")
        if at is not None:
            at.evaluate("element => element.scrollIntoView({block: 'center', behavior: 'instant'})")
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_officer_delivers_in_his_own_words_in_under_three_minutes(page, sign_in, people, tmp_path):
    clock = Clock()
    sign_in("dept-insurance")
    clock.types("dept-insurance")
    clock.types("fangpin-demo-2020")
    clock.reads()
    picture(page, "delivery-1")
    upload(
        page,
        clock,
        "2021 年第三季度",
        own_list(tmp_path / "医保结算台账.xlsx", people, "2021-07-05"),
        "delivery-2",
    )

    expect(page.get_by_role("heading", name="请对应列名")).to_be_visible()
    clock.reads()
    picture(page, "delivery-3")
    assert look_over(page) == []
    map_the_columns(page, clock)
    again = page.get_by_role("button", name="按这个对应重新检查")
    picture(page, "delivery-4", again)
    clock.click(again)

    expect(page.get_by_text("检查完了，还没有报送")).to_be_visible()
    expect_figures(page, 读到=5, 已比中=4, 待核对=0, 退回=1)
    clock.reads()
    picture(page, "delivery-5")
    assert look_over(page) == []
    deliver(page, clock)
    print(f"first delivery: {clock.actions} actions, {clock.seconds:.0f} s of a person")
    assert clock.seconds < 180

    later = Clock()
    page.goto("/")
    later.reads()
    upload(page, later, "2021 年第四季度", own_list(tmp_path / "医保结算台账二.xlsx", people, "2021-10-05"))
    expect(page.get_by_text("检查完了，还没有报送")).to_be_visible()
    expect(page.get_by_text("列按以前定的读取")).to_be_visible()
    expect_figures(page, 读到=5, 已比中=4, 待核对=0, 退回=1)
    later.reads()
    deliver(page, later)
    print(f"next quarter: {later.actions} actions, {later.seconds:.0f} s of a person")
    assert later.seconds < 60


def upload(page: Page, clock: Clock, quarter: str, path: Path, name: str = "") -> None:
    line = page.get_by_role("row").filter(has_text=quarter).filter(has_text="报送数据")
    clock.click(line.get_by_role("link", name="上传"), decides=True)
    clock.reads()
    clock.picks_a_file(page, path)
    expect(page.locator(".drop-name")).to_contain_text(path.name)
    if name:
        picture(page, name)
    clock.click(page.get_by_role("button", name="上传并检查"))


def map_the_columns(page: Page, clock: Clock) -> None:
    """Corrects only what was not chosen rightly beforehand; looks at each of those that stand open."""
    for ours, own in MEANT.items():
        field = page.get_by_label(ours, exact=True)
        expect(field).to_be_visible()
        clock.seconds += THINK
        chosen = field.locator("option:checked").inner_text()
        if not chosen.startswith(own):
            option = field.locator("option", has_text=own).first.get_attribute("value")
            clock.choose(field, option)
    clock.click(page.get_by_label("相加：财政兜底 + 二次报销"), decides=True)


def deliver(page: Page, clock: Clock) -> None:
    clock.click(page.get_by_role("button", name="确认报送"), decides=True)
    expect(dialog(page)).to_contain_text("已比中 4 行参加比对")
    clock.seconds += 4 * THINK
    clock.actions += 1
    confirm(page, "确认报送")
    expect(page.get_by_role("status").filter(has_text="数据已报送，4 行参加数据比对")).to_be_visible()
