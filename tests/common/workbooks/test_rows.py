import datetime

import pytest

from fangpin.common.workbooks import Column, read_table
from tests.common.workbooks.files import (
    FIRST,
    HEADING,
    NUMBER,
    PLAIN,
    SECOND,
    csv_text,
    names,
    number_of_person,
    read,
)


def test_rows_repeated_heading_and_title_are_skipped():
    table = read([["名单"], HEADING, FIRST, ["名单"], HEADING, SECOND], merged=["A1:F1"])
    assert names(table) == ["黄小明", "韦小红"]
    assert table.numbers == [3, 6]


def test_rows_footer_at_the_end_of_a_printed_page_is_skipped():
    table = read([HEADING, FIRST, ["填报人：甲", "", "审核：乙"], HEADING, SECOND])
    assert names(table) == ["黄小明", "韦小红"]


def test_rows_csv_numbers_count_every_record():
    content = '名单\n\n姓名,身份证号码,住址\n黄小明,1,"甲\n乙"\n\n韦小红,2,丙\n'.encode()
    assert read_table(content, "x.csv", PLAIN).numbers == [4, 6]


def test_rows_ragged_records_are_padded():
    table = read_table("姓名,身份证号码,住址,,\n黄小明,1\n韦小红,2,甲,\n".encode(), "x.csv", PLAIN)
    assert table.headings == ["姓名", "身份证号码", "住址"]
    assert table.rows == [("黄小明", "1", ""), ("韦小红", "2", "甲")]


def test_rows_value_beyond_the_headings_is_kept():
    table = read_table("姓名,身份证号码\n黄小明,1,,多\n".encode(), "x.csv", PLAIN)
    assert table.headings == ["姓名", "身份证号码", "", ""]
    assert table.rows == [("黄小明", "1", "", "多")]


NOT_DATA = {
    "blank": ["", " ", "\u3000", "", "", ""],
    "spaces in every cell": [" "] * 6,
    "serial": [3, "", "", "", "", ""],
    "sum": ["合计", "", "", "", 25.5, ""],
    "sum after serial": [3, "合 计", "", "", 25.5, ""],
    "sum of a place": ["甲镇", "小计", "", "", "12户", ""],
    "sum of persons": ["", "共2人", "", "", "", ""],
    "sum of households": ["共1户1人", "", "", "", "", ""],
    "sum in words": ["本表共 3 户、12 人", "", "", "", "", ""],
    "sum in brackets": ["总计（元）", "", "", "", 25.5, ""],
}
FOOTERS = {
    "who": ["填报人：甲", "", "审核：乙", "", "负责人：丙", ""],
    "who without colon": ["", "审核人", "乙", "", "", ""],
    "chief": ["单位负责人（签字）：", "", "", "", "", ""],
    "phone": ["联系电话：0776-2800000", "", "", "", "", ""],
    "day": ["填报日期：2020年3月5日", "", "", "", "", ""],
    "stamp": ["", "", "某县教育局（盖章）", "", "", ""],
    "stamp first": ["（盖章）", "", "", "", "", ""],
    "note": ["注：本表一式两份。", "", "", "", "", ""],
    "explanation": ["说明：1.按季填报", "", "", "", "", ""],
    "numbered": ["2、金额单位为元", "", "", "", "", ""],
    "sentence": ["本表由乡镇填写，一式两份，分别留存。", "", "", "", "", ""],
    "lone date": ["", "", "", "", "2020年3月5日", ""],
    "lone date in a date column": ["", "", "", "2020年3月5日", "", ""],
    "lone real date": ["", "", "", "", "", datetime.date(2020, 3, 5)],
    "date left open": ["", "", "", "", "年   月   日", ""],
    "office and date": ["", "某县教育局", "", "2020年3月5日", "", ""],
    "page": ["第1页，共1页", "", "", "", "", ""],
}


@pytest.mark.parametrize("row", [*NOT_DATA.values(), *FOOTERS.values()], ids=[*NOT_DATA, *FOOTERS])
def test_rows_not_data_at_the_end_are_skipped(row):
    assert read([HEADING, FIRST, SECOND, row]).numbers == [2, 3]


@pytest.mark.parametrize("row", NOT_DATA.values(), ids=NOT_DATA)
def test_rows_not_data_in_the_middle_are_skipped(row):
    assert read([HEADING, FIRST, row, SECOND]).numbers == [2, 4]


@pytest.mark.parametrize("row", FOOTERS.values(), ids=FOOTERS)
def test_rows_like_a_footer_in_the_middle_are_data(row):
    assert read([HEADING, FIRST, row, SECOND]).numbers == [2, 3, 4]


def test_rows_whole_tail_is_skipped():
    tail = [
        ["合计", "", "", "", 25.5, ""],
        [],
        ["注：1.本表按季填报；"],
        ["2.金额单位为元。"],
        ["填报人：甲", "", "联系电话：0776-2800000"],
        ["", "", "", "某县民政局"],
        ["", "", "", "2020年3月5日"],
    ]
    assert read([HEADING, FIRST, SECOND, *tail]).numbers == [2, 3]


FAULTY = {
    "name only": ["", "黄小明", "", "", "", ""],
    "name of one character": ["", "韦", "", "", "", ""],
    "serial and name": [3, "黄小明", "", "", "", ""],
    "name and remark to sign": [3, "黄小明", "", "", "", "监护人未签字"],
    "name and amount": ["", "黄小明", "", "", 12.5, ""],
    "name like a sum word": ["", "合小计", "", "", "", ""],
    "name and remark of a sum": ["", "黄小明", "", "", "", "合计"],
    "number only": ["", "", NUMBER, "", "", ""],
    "number and sum word": ["合计", "", NUMBER, "", "", ""],
    "number and signature word": ["审核", "", NUMBER, "", "", ""],
    "lost number and signature word": ["审核", "", 4.599e17, "", "", ""],
    "date only": ["", "", "", "2020-03-05", "", ""],
    "real date only": ["", "", "", datetime.date(2020, 3, 5), "", ""],
    "amount only": ["", "", "", "", 12.5, ""],
    "remark only": ["", "", "", "", "", "待核"],
    "name and date": ["", "黄小明", "", "2020年3月5日", "", ""],
    "dash": ["", "-", "", "", "", ""],
    "zero": ["", "", "", "", 0, ""],
}


@pytest.mark.parametrize("row", FAULTY.values(), ids=FAULTY)
def test_rows_faulty_at_the_end_are_data(row):
    assert read([HEADING, FIRST, SECOND, row]).numbers == [2, 3, 4]


@pytest.mark.parametrize("row", FAULTY.values(), ids=FAULTY)
def test_rows_faulty_above_a_footer_are_data(row):
    assert read([HEADING, FIRST, row, ["填报人：甲"]]).numbers == [2, 3]


def test_rows_office_alone_is_a_footer_only_above_one():
    office = ["", "某县教育局", "", "", "", ""]
    assert read([HEADING, FIRST, SECOND, office]).numbers == [2, 3, 4]
    assert read([HEADING, FIRST, SECOND, office, ["填报人：甲"]]).numbers == [2, 3]


def test_rows_list_without_numbers_of_persons():
    columns = [
        Column("乡(镇)", True),
        Column("行政村", True),
        Column("问题类型", True),
        Column("发现日期", True, kind="date"),
    ]
    rows = [
        ["序号", "乡镇", "村", "问题类型", "发现日期"],
        [1, "甲镇", "乙村", "设施受损", "2020-03-05"],
        [2, "甲镇", "丙村", "", ""],
        ["", "甲镇", "小计", "2处", ""],
        [3, "甲镇", "小计", "", ""],
        ["", "制表：丁", "", "审核：戊", "2020-03-06"],
    ]
    assert read(rows, columns).numbers == [2, 3]


def test_rows_many_repeated_headings_take_linear_time():
    content = csv_text([HEADING, *[HEADING, ["填报人：甲"]] * 20_000]).encode()
    assert read_table(content, "x.csv", PLAIN).rows == []


def test_rows_none_is_an_empty_table():
    table = read([["名单"], HEADING, ["填报人：甲"]])
    assert (table.rows, table.numbers) == ([], [])


def test_rows_everything_is_counted_once():
    rows = [[n, f"黄{n}", number_of_person(serial=n % 1000), "2020-03-05", n, ""] for n in range(1, 501)]
    for number in (7, 77, 499):
        rows[number][2] = ""
    table = read([["名单"], HEADING, *rows, ["合计", "", "", "", 1, ""], ["填报人：甲"]])
    assert table.numbers == list(range(3, 503))


@pytest.mark.parametrize(
    "line",
    [
        [1, 2, 3, 4, 5, 6],
        ["1", "2", "3", "4", "5", "6"],
        list("①②③④⑤⑥"),
        ["甲", "乙", "1", "2", "3", "4"],
        ["栏次", 1, 2, 3, 4, 5],
    ],
)
def test_rows_numbers_of_columns_under_the_heading_are_skipped(line):
    table = read([HEADING, line, FIRST, HEADING, line, SECOND])
    assert names(table) == ["黄小明", "韦小红"]
    assert table.numbers == [3, 6]


@pytest.mark.parametrize(
    "lines", [[FIRST, [1, 2, 3, 4, 5, 6]], [[1, 2, 4, 5, 6, 7]], [["甲", 2, 3, "", "", ""]]]
)
def test_rows_numbers_elsewhere_or_in_another_order_are_data(lines):
    assert len(read([HEADING, *lines]).rows) == len(lines)
