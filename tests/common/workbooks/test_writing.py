import datetime
import io
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from fangpin.common import cells
from fangpin.common.values import idnumbers
from fangpin.common.workbooks import Column, read_table, writing
from tests.common.workbooks.files import number_of_person, saved, xlsx

NUMBER, OTHER = number_of_person(), number_of_person(serial=124)
COLUMNS = [
    Column("姓名", required=True, note="与证件一致"),
    Column("身份证号码", required=True, kind="id", note="18 位"),
    Column("就医类型", required=True, choices=("住院", "门诊")),
    Column("结算日期", kind="date"),
    Column("合规费用", kind="amount", note="单位为元"),
    Column("月数", kind="whole"),
]


def written(function, *arguments, **options):
    stream = io.BytesIO()
    function(stream, *arguments, **options)
    return stream.getvalue()


def sheet_of(content, place=0):
    return load_workbook(io.BytesIO(content)).worksheets[place]


@pytest.mark.parametrize(
    "words",
    [
        "=1+1",
        "=cmd|' /C calc'!A0",
        "+1",
        "-1",
        "@SUM(A1)",
        "＝1",
        "\u200b=1",
        " =1",
        "https://example.org/",
        "00123",
        "1e5",
        NUMBER,
        "普通",
        "_x000B_",
        "<a>&\"'",
    ],
)
def test_rows_text_stays_text_and_comes_back(words):
    content = written(writing.write_rows, ["甲", "乙"], [[words, "x"]])
    cell = sheet_of(content)["A2"]
    assert cell.data_type == "s"
    assert read_table(content, "x", [Column("甲"), Column("乙")]).rows == [(words, "x")]


@pytest.mark.parametrize("words", ["=1", "+1", "-1", "@a", "＝1", "\u200b=1", "\t=1"])
def test_rows_text_like_a_formula_is_guarded_against_editing(words):
    sheet = sheet_of(written(writing.write_rows, [words], [[words]]))
    assert (sheet["A2"].number_format, sheet["A2"].quotePrefix) == ("@", True)
    assert sheet["A1"].quotePrefix is True  # a heading that came with a file and goes back


def test_rows_typed_values():
    row = [datetime.date(2020, 3, 5), Decimal("1234.50"), 12, None, True, 459900199003071237]
    sheet = sheet_of(written(writing.write_rows, list("甲乙丙丁戊己"), [row]))
    assert sheet["A2"].value == datetime.datetime(2020, 3, 5)
    assert [sheet[place].number_format for place in ("A2", "B2")] == ["yyyy-mm-dd", "0.00"]
    assert [sheet[place].value for place in ("B2", "C2", "D2", "E2", "F2")] == [
        1234.5,
        12,
        None,
        "是",
        "459900199003071237",
    ]


def test_rows_moment_is_shown_in_china():
    moment = datetime.datetime(2020, 3, 31, 17, 0, tzinfo=datetime.UTC)
    assert sheet_of(written(writing.write_rows, ["甲"], [[moment]]))["A2"].value == datetime.datetime(
        2020, 4, 1, 1, 0
    )


def test_rows_illegal_characters_are_removed():
    assert (
        sheet_of(written(writing.write_rows, ["甲\x0b"], [["a\x00\x0b\x1fb\ufffe\ud800"]]))["A2"].value
        == "ab"
    )


def test_rows_text_columns_keep_numbers_as_text():
    cell = sheet_of(written(writing.write_rows, ["户编号"], [[45990001]], text_columns=["户编号"]))["A2"]
    assert (cell.value, cell.number_format) == ("45990001", "@")


def test_rows_title_heading_freeze_and_filter():
    sheet = sheet_of(written(writing.write_rows, ["甲", "乙"], [[1, 2], [3, 4]], title="标题", sheet="名册"))
    assert (sheet.title, sheet["A1"].value, sheet["A2"].value) == ("名册", "标题", "甲")
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A3", "A2:B4")


def test_rows_more_than_a_sheet_holds_is_an_error(monkeypatch):
    monkeypatch.setattr(writing, "LAST_ROW", 3)
    with pytest.raises(ValueError, match="行数"):
        written(writing.write_rows, ["甲"], [[1], [2], [3]])


# --- template -----------------------------------------------------------------------------------------


def template(columns=COLUMNS, **options):
    return written(
        writing.write_template,
        columns,
        **({"title": "结算名单", "notes": ["每季一次", "=不是公式"]} | options),
    )


def test_template_filled_in_is_read_back():
    book = load_workbook(io.BytesIO(template()))
    for place, value in enumerate(["黄小明", NUMBER, "住院", datetime.date(2020, 3, 5), 12.5, 3], start=1):
        book.worksheets[0].cell(3, place, value)
    table = read_table(saved(book), "x.xlsx", COLUMNS)
    assert table.rows == [("黄小明", NUMBER, "住院", datetime.date(2020, 3, 5), 12.5, 3)]
    assert (table.numbers, table.unknown, len(table.places)) == ([3], [], 6)


def test_template_empty_is_an_empty_table():
    assert read_table(template(), "x.xlsx", COLUMNS).rows == []


def test_template_headings_formats_and_comments():
    sheet = sheet_of(template())
    assert [cell.value for cell in sheet[2]] == [
        "姓名*",
        "身份证号码*",
        "就医类型*",
        "结算日期",
        "合规费用",
        "月数",
    ]
    for row in (3, 2002):
        assert [cell.number_format for cell in sheet[row]] == ["@", "@", "@", "yyyy-mm-dd", "0.00", "0"]
    assert sheet["B2"].comment.text == "18 位"
    assert sheet["C2"].comment is None


def test_template_choices_are_validated():
    (validation,) = sheet_of(template()).data_validations.dataValidation
    assert (validation.formula1, str(validation.sqref)) == ('"住院,门诊"', "C3:C2002")


@pytest.mark.parametrize(
    "choices", [tuple(f"很长的选项{n}" for n in range(60)), ("一,二", "三"), ('带"引号', "无")]
)
def test_template_choices_that_do_not_fit_stand_on_a_hidden_sheet(choices):
    book = load_workbook(io.BytesIO(template([COLUMNS[0], Column("类型", choices=choices)])))
    (validation,) = book.worksheets[0].data_validations.dataValidation
    assert validation.formula1 == f"选项!$A$1:$A${len(choices)}"
    assert [cell.value for cell in book["选项"]["A"]] == list(choices)
    assert book["选项"].sheet_state == "hidden"


def test_template_notes_sheet():
    sheet = sheet_of(template(), 1)
    assert (sheet.title, sheet["A1"].value, sheet["A2"].value, sheet["A2"].data_type) == (
        "填写说明",
        "每季一次",
        "=不是公式",
        "s",
    )
    assert ["就医类型", "必填", None, "住院、门诊"] in [
        [cell.value for cell in row] for row in sheet.iter_rows()
    ]


def test_template_of_one_column():
    columns = [Column("户编号", required=True)]
    assert read_table(template(columns), "x.xlsx", columns).rows == []


# --- returned -----------------------------------------------------------------------------------------

SENT = [
    ["名单"],
    ["序号", "姓名", "身份证号", "就医类型", "结算日期", "住址"],
    [1, "黄小明", 4.599e17, "住院", datetime.date(2020, 3, 5), "甲村"],
    [2, "韦小红", OTHER, "", 2020.1, ""],
]


def returned():
    table = read_table(xlsx(SENT), "x.xlsx", COLUMNS)
    faults = {3: "证件号码末尾丢失", 4: "就医类型没有填写；日期不明"}
    return written(
        writing.write_returned, table.headings, zip(table.numbers, table.rows, strict=True), faults
    )


def test_returned_layout():
    sheet = sheet_of(returned())
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["原行号", *SENT[1], "退回原因"]
    assert [row[0] for row in rows[1:]] == [3, 4]
    assert [row[-1] for row in rows[1:]] == ["证件号码末尾丢失", "就医类型没有填写；日期不明"]


def test_returned_cells_keep_digits_when_typed_again():
    sheet = sheet_of(returned())
    assert [sheet[place].number_format for place in ("C2", "D2", "D3", "E3")] == ["@"] * 4


def test_returned_unmended_reads_as_sent():
    table = read_table(returned(), "x.xlsx", COLUMNS)
    assert [row[1:-1] for row in table.rows] == [tuple(row) for row in SENT[2:]]
    assert table.unknown == ["住址"]
    with pytest.raises(cells.CellFault, match="10 月"):
        cells.day(table.column("结算日期")[1])


def test_returned_mended_is_read():
    book = load_workbook(io.BytesIO(returned()))
    book.worksheets[0]["D2"] = NUMBER
    book.worksheets[0]["E3"] = "门诊"
    table = read_table(saved(book), "x.xlsx", COLUMNS)
    assert [idnumbers.parse(value) for value in table.column("身份证号码")] == [NUMBER, OTHER]
    assert table.column("就医类型") == ["住院", "门诊"]


def test_returned_row_number_is_no_serial():
    content = written(
        writing.write_returned, ["姓名", "身份证号码", "就医类型"], [(7, ("", "", ""))], {7: "空"}
    )
    assert read_table(content, "x.xlsx", COLUMNS).numbers == [2]


# --- marked -------------------------------------------------------------------------------------------


def marked(content, faults):
    table = read_table(content, "x.xlsx", COLUMNS)
    rows = zip(table.numbers, table.rows, strict=True)
    return written(writing.write_marked, table.headings, rows, faults)


def test_marked_holds_every_row_with_its_remedy_last():
    sheet = sheet_of(marked(xlsx(SENT), {4: "就医类型没有填写"}))
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == [*SENT[1], "需要改正"]
    assert [row[-1] or "" for row in rows[1:]] == ["", "就医类型没有填写"]


def test_marked_again_has_one_such_column():
    table = read_table(marked(marked(xlsx(SENT), {4: "甲"}), {}), "x.xlsx", COLUMNS)
    assert table.headings == [*SENT[1], "需要改正"] and table.unknown == ["住址"]
    assert not any(row[-1] for row in table.rows)
