"""Templates of the lists, and real headings that their columns understand."""

import pytest
from openpyxl import load_workbook

from screening.models import FeedRow
from tests import books, factories
from tests.books import dry_home, illness, student
from tests.running import rows_of, run

CHOICES = {
    "student_hardship": {
        "学段": "小学,初中,普通高中,中职,高职,本科,研究生",
        "办学性质": "公办,民办",
        "全日制": "是,否",
    },
    "untreated_illness": {"病情类别": "大病,重病,慢性病,其他", "救治情况": "未救治,救治中,已救治,间断救治"},
    "water_shortage": {"问题类型": "水源污染,设施受损,季节性缺水,其他", "解决情况": "未解决,已解决"},
}
FORMATS = {
    "student_hardship": {"身份证号码": "@", "学年费用": "0.00", "已获资助": "0.00"},
    "untreated_illness": {"身份证号码": "@", "确诊日期": "yyyy-mm-dd"},
    "water_shortage": {"户主身份证号码": "@", "发现日期": "yyyy-mm-dd"},
}
NOTES = {
    "student_hardship": "学前教育不是学历教育",
    "untreated_illness": "经济困难、无力承担 或 家庭困难",
    "water_shortage": "全屯都有问题的：一屯一行",
}


@pytest.fixture(params=list(CHOICES), scope="module")
def kind(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def book(tmp_path_factory, kind):
    """The template of the kind, for whoever only reads it or fills in its third row."""
    path = tmp_path_factory.mktemp("templates") / f"{kind}.xlsx"
    assert run("feed_template", kind, path).code == 0
    return load_workbook(path)


def headings(sheet) -> list[str]:
    return [cell.value.strip("*") for cell in sheet[2]]


def test_template_offers_the_choices(book, kind):
    sheet = book.worksheets[0]
    offered = {}
    for validation in sheet.data_validations.dataValidation:
        place = next(iter(validation.sqref.ranges)).min_col
        offered[headings(sheet)[place - 1]] = validation.formula1.strip('"')
    assert offered == CHOICES[kind]


def test_template_formats_its_cells(book, kind):
    sheet = book.worksheets[0]
    for heading, wanted in FORMATS[kind].items():
        assert sheet.cell(3, headings(sheet).index(heading) + 1).number_format == wanted


def test_template_says_how_to_fill_it_in(book, kind):
    text = "".join(str(cell.value or "") for row in book.worksheets[1].iter_rows() for cell in row)
    assert NOTES[kind] in text


def test_template_can_be_filled_in(desk, book, kind, round_2020q1):
    who = factories.household(status="lifted").members.get()
    row = {"student_hardship": student, "untreated_illness": illness, "water_shortage": dry_home}[kind](who)
    sheet = book.worksheets[0]
    for place, heading in enumerate(headings(sheet), start=1):
        sheet.cell(3, place, row[heading])
    path = desk.folder / "filled.xlsx"
    book.save(path)
    assert desk.feed_file(kind, path.read_bytes())["good"] == 1


@pytest.mark.parametrize(
    ("kind", "renamed"),
    [
        (
            "student_hardship",
            {
                "姓名": "学生姓名",
                "身份证号码": "证件号码",
                "学校": "就读学校",
                "全日制": "是否全日制",
                "办学性质": "学校性质",
            },
        ),
        (
            "student_hardship",
            {"学年费用": "学年总费用（元）", "已获资助": "资助金额（元）", "学段": "学历层次"},
        ),
        (
            "untreated_illness",
            {
                "姓名": "患者姓名",
                "身份证号码": "身份证号",
                "病种": "疾病名称",
                "确诊日期": "确诊时间",
                "救治情况": "治疗情况",
            },
        ),
        ("untreated_illness", {"病情类别": "疾病类别", "未救治原因": "未治疗原因"}),
        (
            "water_shortage",
            {
                "乡(镇)": "镇",
                "行政村": "村",
                "自然村（屯）": "村小组",
                "户主姓名": "户主名称",
                "户主身份证号码": "户主证件号码",
            },
        ),
        (
            "water_shortage",
            {
                "乡(镇)": "乡镇",
                "行政村": "村(社区)",
                "自然村（屯）": "自然村屯",
                "问题类型": "存在问题",
                "发现日期": "排查时间",
                "解决情况": "整改情况",
            },
        ),
    ],
)
def test_real_headings_are_understood(desk, round_2020q1, kind, renamed):
    who = factories.household(status="lifted").members.get()
    row = {"student_hardship": student, "untreated_illness": illness, "water_shortage": dry_home}[kind](who)
    answer = desk.feed_file(kind, books.plain(books.FEEDS[kind], [row], renamed=renamed))
    assert (answer["good"], answer["unknown_headings"]) == (1, [])


def test_a_dirty_sheet_of_places_is_read(desk, round_2020q1):
    """Titles, merged groups and a sum, as offices send it; a sum names no village and is no row."""
    who = factories.household(status="lifted").members.get()
    content, first = books.dirty(books.FEEDS["water_shortage"], [dry_home(who), books.dry_place()])
    answer = desk.feed_file("water_shortage", content)
    assert (answer["read"], answer["good"]) == (2, 2)
    assert [row.row_no for row in FeedRow.objects.order_by("row_no")] == [first, first + 1]
    assert rows_of(answer, "refused") == {}
