import datetime
import zipfile
from io import BytesIO

import pytest

from fangpin.common import cells
from fangpin.common.workbooks import UnreadableFile, archives, read_table
from tests.common.workbooks import files
from tests.common.workbooks.files import (
    FIRST,
    HEADING,
    NUMBER,
    OTHER,
    PLAIN,
    ROWS,
    SECOND,
    csv_text,
    message_of,
    names,
    read,
    xls,
    xlsx,
)


@pytest.mark.parametrize(
    "content",
    [
        xlsx(ROWS),
        xls(ROWS),
        files.ods([[str(cell) for cell in row] for row in ROWS]),
        csv_text(ROWS).encode(),
        csv_text(ROWS).encode("utf-8-sig"),
        csv_text(ROWS).encode("gb18030"),
        csv_text(ROWS).encode("utf-16"),
        csv_text(ROWS, "\t").encode("gb18030"),
        csv_text(ROWS, ";").encode(),
    ],
    ids=["xlsx", "xls", "ods", "utf-8", "utf-8-sig", "gb18030", "utf-16", "tab", "semicolon"],
)
def test_file_kind_is_told_by_content(content):
    table = read_table(content, "名单.dat", PLAIN)
    assert names(table) == ["黄小明", "韦小红"]
    assert table.column("身份证号码") == [NUMBER, OTHER]
    assert table.numbers == [2, 3]


def test_file_cell_types_are_kept():
    table = read([HEADING, [1, "黄小明", float(NUMBER), datetime.date(2020, 3, 5), 12.5, ""]])
    assert cells.digits_lost(table.column("身份证号码")[0])
    assert table.column("发生日期") == [datetime.date(2020, 3, 5)]
    assert table.column("支出金额") == [12.5]


def test_file_lower_case_x_reaches_the_caller():
    assert read([HEADING, [1, "黄小明", "45990019900307100x", "", "", ""]]).column("身份证号码") == [
        "45990019900307100x"
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空的"),
        (b" \r\n", "空的"),
        (b"%PDF-1.4 ...", "PDF"),
        (b"\x89PNG\r\n", "图片"),
        (b"<html><table></table></html>", "网页"),
        (b"PK\x03\x04broken", "损坏"),
        (xlsx(ROWS)[:-300], "损坏"),
        (files.zipped({"word/document.xml": b"<w/>"}), "不是表格"),
        (files.zipped(files.parts_of(xlsx(ROWS)) | {"xl/worksheets/sheet1.xml": b"<worksheet"}), ""),
        (files.zipped(files.parts_of(xlsx(ROWS)) | {"xl/vbaProject.bin": b"x"}), "宏"),
        (xls(ROWS, streams=["_VBA_PROJECT_CUR"]), "宏"),
        (xls(ROWS, password=True), "取消密码"),
        (files.ole([("EncryptionInfo", b""), ("EncryptedPackage", b"")]), "取消密码"),
        (files.ole([("WordDocument", b"")]), "不是 Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "损坏"),
        (xls(ROWS)[:1500], ""),
        (csv_text(ROWS).encode().replace(b",", b"\0", 1), "空字符"),
        ('姓名,身份证号码\n"黄小明,1\n'.encode(), "引号"),
    ],
    ids=[
        "empty",
        "white",
        "pdf",
        "image",
        "html",
        "bad zip",
        "cut zip",
        "docx",
        "bad sheet",
        "macro",
        "xls macro",
        "xls password",
        "xlsx password",
        "doc",
        "bad ole",
        "cut ole",
        "nul",
        "quote",
    ],
)
def test_file_refused_with_its_own_message(content, words):
    assert words in message_of(content)


def test_file_rare_characters_of_gb18030():
    assert names(read_table("姓名,身份证号码\n㑇镕𠮷,1\n".encode("gb18030"), "x.csv", PLAIN)) == ["㑇镕𠮷"]


def test_file_undecodable_byte_is_named():
    content = "姓名,身份证号码\n".encode("gb18030")
    assert f"第 {len(content) + 1} 个字节" in message_of(content + b"\xff\xff,1\n")


def test_file_utf8_with_one_bad_byte_is_not_read_as_gb18030():
    content = csv_text([HEADING, FIRST, ["", "韦小红", OTHER]]).encode()
    assert f"第 {len(content) + 1} 个字节" in message_of(content + b"\xd6\xd0\xce\xc4")


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ({"MAX_SUM": 3000}, "200 MB"),
        ({"RATIO_FROM": 100, "MAX_RATIO": 1}, "压缩比"),
        ({"MAX_ENTRIES": 3}, "部件"),
    ],
)
def test_zip_bomb_is_refused_before_opening(monkeypatch, limit, words):
    for name, value in limit.items():
        monkeypatch.setattr(archives, name, value)
    assert words in message_of(xlsx(ROWS))


def test_zip_bomb_of_the_real_limits():
    bomb = files.parts_of(xlsx(ROWS)) | {"xl/media/zeros.xml": bytes(3 * 2**20)}
    assert "压缩比" in message_of(files.zipped(bomb))


def test_zip_directory_that_lies_is_refused_before_opening():
    content = bytearray(files.zipped(files.parts_of(xlsx(ROWS))))
    with zipfile.ZipFile(BytesIO(content)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    place = content.rindex(b"xl/worksheets/sheet1.xml") - 46
    assert int.from_bytes(content[place + 24 : place + 28], "little") == size
    content[place + 24 : place + 28] = (size - 100).to_bytes(4, "little")
    with pytest.raises(UnreadableFile, match="损坏"):
        archives.check_archive(bytes(content))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (files.with_sheet_xml('r="F1"', 'r="XFD1"', ROWS), "200 列"),
        (files.with_sheet_xml('r="F1"', "r = 'XFD1'", ROWS), "200 列"),
        (files.with_sheet_xml('r="F1"', 'r="XFD1" a="/>"', ROWS), "200 列"),
        (files.with_sheet_xml('<row r="3"><c r="A3"', '<row r="1048576"><c', ROWS), "1000000 行"),
        (files.with_sheet_xml('r="C3"', 'r="C1048576"', ROWS), "1000000 行"),
        (files.with_sheet_xml('r="C3"', 'r="GR900000"', ROWS), "范围"),
        (xls(ROWS, extra=[(65535, 65535, "x")]), "200 列"),
        (
            files.ods(
                [["a"]],
                '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
                "office:value-type="
                '"float" office:value="1"/></table:table-row>',
            ),
            "1000000 行",
        ),
        (
            files.ods(
                [["a"]],
                '<table:table-row><table:table-cell table:number-columns-repeated="16384" '
                "office:value-type="
                '"float" office:value="1"/></table:table-row>',
            ),
            "200 列",
        ),
        (csv_text([["a"] * 201]).encode(), "200 列"),
    ],
    ids=[
        "column",
        ("column spelled otherwise"),
        "column hidden",
        ("row of cells without place"),
        "row",
        "rectangle",
        "xls",
        "ods rows",
        "ods columns",
        "csv",
    ],
)
def test_stray_cell_far_away_is_refused(content, words):
    assert words in message_of(content)


def test_stray_format_far_away_is_no_content():
    rows = '</row><row r="1048576" ht="15"><c r="XFD1048576" s="0"/></row></sheetData>'
    table = read_table(files.with_sheet_xml("</row></sheetData>", rows, ROWS), "x.xlsx", PLAIN)
    assert names(table) == ["黄小明", "韦小红"]


def test_check_of_far_cells_takes_linear_time():
    archives._far_corner(b'<c r="XFD1"' * 300_000)
    archives._far_corner(b'<row r="100000"' * 300_000)


def test_xls_far_cell_of_the_first_of_two_sheets_is_refused():
    sheet = files.biff([(65535, 65535, "x")])
    assert "200 列" in message_of(files.ole([("Workbook", sheet + files.biff([(0, 0, "x")]))]))


def test_xls_with_a_small_stream_is_refused():
    content = xls(ROWS)
    place = content.index("Workbook\0".encode("utf-16-le")) + 120
    assert "不是 Excel" in message_of(content[:place] + (4000).to_bytes(4, "little") + content[place + 4 :])


def test_xlsb_is_refused():
    assert "不是表格" in message_of(files.zipped({"content.xml": b"<a/>", "xl/workbook.bin": b""}))


def test_ods_empty_rest_of_the_sheet_is_no_content():
    rest = (
        '<table:table-row table:number-rows-repeated="1048570"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row>'
    )
    assert (
        len(read_table(files.ods([["姓名", "身份证号码"], ["黄小明", NUMBER]], rest), "x.ods", PLAIN).rows)
        == 1
    )


def test_csv_rows_are_capped(monkeypatch):
    monkeypatch.setattr("fangpin.common.workbooks.texts.MAX_ROWS", 2)
    assert "2 行" in message_of(csv_text(ROWS).encode())


def test_file_size_is_capped(monkeypatch):
    monkeypatch.setattr("fangpin.common.workbooks.files.MAX_FILE", 100)
    assert "MB" in message_of(xlsx(ROWS))


# --- which sheet --------------------------------------------------------------------------------------

NOTES = [["填写说明"], ["姓名：必填"], ["身份证号码：18 位"]]


@pytest.mark.parametrize(
    "sheets",
    [
        {"说明": NOTES, "名单": ROWS},
        {"名单": ROWS, "填写说明": NOTES},
        {"封面": [["某县名单"]], "名单": ROWS},
        {"空表": [], "名单": ROWS},
        {"模板": [HEADING], "名单": ROWS},
        {"填写说明": ROWS, "名单": ROWS},
    ],
    ids=["notes first", "notes last", "cover", "blank", "empty table", "example in the notes"],
)
def test_sheet_with_the_data_is_found(sheets):
    table = read_table(files.workbook(sheets), "x.xlsx", PLAIN)
    assert table.sheet == "名单"
    assert len(table.rows) == 2


def test_sheet_hidden_only_when_nothing_visible_fits():
    hidden = files.workbook({"旧数据": [HEADING, SECOND], "名单": [HEADING, FIRST]}, hidden=["旧数据"])
    assert names(read_table(hidden, "x.xlsx", PLAIN)) == ["黄小明"]
    only = files.workbook({"封面": [["某县"]], "名单": ROWS}, hidden=["名单"])
    assert len(read_table(only, "x.xlsx", PLAIN).rows) == 2


def test_sheet_second_one_with_data_is_not_silently_left_out():
    assert "“甲镇”、“乙镇”" in message_of(files.workbook({"甲镇": ROWS, "乙镇": ROWS}))
