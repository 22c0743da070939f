"""A department delivers a list as it comes out of its own system (Art. 7(2)1)."""

import datetime

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from tests import books
from tests.books import FEEDS, dirty, family, head, person
from tests.browser.pages import confirm, dialog, expect_figures

pytestmark = pytest.mark.browser
OWN_WORDS = {
    "姓名": "学生姓名",
    "户主姓名": "监护人姓名",
    "辍学日期": "失学时间",
    "辍学原因": "失学或辍学原因",
}


@pytest.fixture
def dirty_list(by_office, tmp_path) -> dict:
    """Two children of the registry, a broken number, a blank reason and a child that nobody knows."""
    children = [person(born=datetime.date(2009, 1, 5)) for _ in range(3)]
    rows = [row for child in children for row in family(f"D{child['姓名']}", head(), child)]
    registry = tmp_path / "户册.xlsx"
    registry.write_bytes(books.plain(books.REGISTRY, rows))
    by_office(["import_registry", registry], ["open_round", "--quarter", "2020Q2"])

    def line(child: dict, **cells) -> dict:
        return {
            "姓名": child["姓名"],
            "身份证号码": child["证件号码"],
            "辍学原因": "因贫",
            "劝返情况": "未返校",
        } | cells

    first, second, third = children
    broken = third["证件号码"][:-1] + ("1" if third["证件号码"][-1] != "1" else "2")
    stranger = person(born=datetime.date(2010, 2, 6))
    content, first_row = dirty(
        FEEDS["school_dropout"],
        [line(first), line(second), line(third, 身份证号码=broken), line(third, 辍学原因=""), line(stranger)],
        renamed=OWN_WORDS,
    )
    path = tmp_path / "教育局名单.xlsx"
    path.write_bytes(content)
    return {"path": path, "first_row": first_row, "broken": broken, "stranger": stranger["姓名"]}


def test_officer_delivers_a_dirty_list_and_takes_back_what_was_refused(page, sign_in, dirty_list, tmp_path):
    upload(page, sign_in, "2020 年第二季度", dirty_list["path"])
    expect(page.get_by_text("检查完了，还没有报送")).to_be_visible()
    expect_figures(page, 读到=5, 已比中=2, 待核对=1, 退回=2)
    rows, first = page.locator("#rows tbody tr"), dirty_list["first_row"]
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text(f"第 {first + 2} 行")
    expect(rows.nth(0)).to_contain_text("校验")
    expect(rows.nth(1)).to_contain_text("“辍学原因”没有填，请补填")
    expect(rows.nth(2)).to_contain_text(dirty_list["stranger"])
    expect(page.locator("body")).not_to_contain_text(dirty_list["broken"])

    with page.expect_download() as download:
        page.get_by_role("link", name="下载退回的行").click()
    returned = tmp_path / "returned.xlsx"
    download.value.save_as(returned)
    assert download.value.suggested_filename == "义务教育失学辍学名单-退回和待核对.xlsx"
    told = as_table(returned)
    assert len(told) == 3
    assert all(reason for *_, reason in told)
    assert dirty_list["broken"] in told[0]
    assert dirty_list["stranger"] in told[2]

    page.get_by_role("button", name="确认报送").click()
    expect(dialog(page)).to_contain_text("已比中 2 行参加比对，待核对 1 行，退回 2 行")
    confirm(page, "确认报送")
    expect(page.get_by_role("status").filter(has_text="数据已报送，2 行参加数据比对")).to_be_visible()
    page.locator(".crumbs").get_by_role("link", name="部门数据").click()
    expect(page.get_by_role("row").filter(has_text="教育局名单.xlsx")).to_contain_text("已报送")


def as_table(path) -> list[tuple]:
    """Rows under the heading of a returned workbook; the columns carry the department's own words."""
    heading, *lines = load_workbook(path).active.iter_rows(values_only=True)
    assert all(any(own in words for words in heading) for own in OWN_WORDS.values()), heading
    return lines


def test_file_that_is_no_workbook_is_not_taken(page, sign_in, by_office, tmp_path):
    by_office(["open_round", "--quarter", "2020Q3"])
    (tmp_path / "名单.docx").write_bytes(b"PK")
    upload(page, sign_in, "2020 年第三季度", tmp_path / "名单.docx")
    expect(page.locator(".field-error")).to_contain_text(".xlsx")
    expect(page.get_by_role("heading", level=1)).to_contain_text("报送")


def test_file_that_only_looks_like_a_workbook_is_refused_as_a_whole(page, sign_in, by_office, tmp_path):
    by_office(["open_round", "--quarter", "2021Q1"])
    (tmp_path / "名单.xlsx").write_bytes(b"PK and nothing else")
    upload(page, sign_in, "2021 年第一季度", tmp_path / "名单.xlsx")
    expect(page.get_by_role("alert")).to_contain_text("另存为 xlsx 后重新上传")
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("整份退回，没有采用任何一行")


def upload(page, sign_in, quarter: str, path) -> None:
    sign_in("dept-education")
    line = page.get_by_role("row").filter(has_text=quarter).filter(has_text="义务教育失学辍学名单")
    line.get_by_role("link", name="上传").click()
    page.locator("input[type=file]").set_input_files(path)
    expect(page.locator(".drop-name")).to_contain_text(path.name)
    page.get_by_role("button", name="上传并检查").click()
