"""A long file read in pieces comes to the same as read at once, wherever it is cut."""

import datetime
import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fangpin.common.crypto import Undecipherable, seal
from fangpin.common.equal_rows import EqualRows, earlier_equals
from fangpin.common.files import private_files
from fangpin.common.workbooks import (
    UnreadableFile,
    archives,
    containers,
    files,
    pieces,
    read_chunks,
    read_table,
    texts,
)
from fangpin.common.workbooks.headings import Headings
from fangpin.common.workbooks.rows import DataRows
from tests.common.workbooks.files import (
    FIRST,
    HEADING,
    OTHER,
    PLAIN,
    ROWS,
    SECOND,
    csv_text,
    number_of_person,
    parts_of,
    with_sheet_xml,
    workbook,
    xls,
    xlsx,
    zipped,
)
from tests.common.workbooks.test_rows import FAULTY, FOOTERS, NOT_DATA

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def cut(monkeypatch):
    """Every sheet is large and every row of it a piece; text files come five records at a time."""
    monkeypatch.setattr(archives, "CUT_FROM", -1)
    monkeypatch.setattr(pieces, "PIECE", 1)
    monkeypatch.setattr(containers, "STEP", 400)
    monkeypatch.setattr(texts, "PIECE", 5)
    monkeypatch.setattr(files, "ROWS_FOR_HEADING", 6)


def chunks_of(content: bytes, columns=PLAIN):
    return list(read_chunks(io.BytesIO(content), "名单", columns))


def joined(chunks):
    """Numbers and rows of all chunks; a chunk may be narrower than a later one."""
    width = len(chunks[-1].headings)
    rows = [row + ("",) * (width - len(row)) for chunk in chunks for row in chunk.rows]
    return [number for chunk in chunks for number in chunk.numbers], rows


PERSONS = [
    [
        n,
        f"黄{n}",
        number_of_person(serial=n),
        datetime.date(2020, 3, 1 + n % 9),
        n / 4,
        "备注" if n % 3 else "",
    ]
    for n in range(1, 60)
]
LONG = [
    ["某局名单"],
    HEADING,
    *PERSONS[:30],
    [],
    ["某局名单"],
    HEADING,
    *PERSONS[30:],
    ["合计"],
    ["填报人：甲"],
]
FORMULAS = [*ROWS, *PERSONS, [3, "韦小兰", OTHER, "2020-03-07", "=1+1", ""]]
CONTENTS = {
    "xlsx": xlsx(LONG, ["A1:F1"]),
    "formula": xlsx(FORMULAS),
    "two sheets": workbook({"封面": [["说明"]] * 9, "名单": LONG}),
    "not in the first column": xlsx([["", *row] for row in LONG]),
    "blank rows between": xlsx([HEADING, *PERSONS[:20], *[[]] * 40, *PERSONS[20:]]),
    "wider further down": csv_text([*LONG, FIRST, [*SECOND, "多", "余"]]).encode(),
    "csv": csv_text(LONG).encode("gb18030"),
    "utf-16": csv_text(LONG).encode("utf-16"),
    "bom": csv_text(LONG).encode("utf-8-sig"),
    "xls": xls([[str(cell) for cell in row] for row in LONG]),
    "only a heading": xlsx([HEADING]),
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_pieces_come_to_the_same(content, cut, request):
    chunks = chunks_of(content)
    table = read_table(content, "名单", PLAIN)
    assert joined(chunks) == (table.numbers, table.rows)
    assert {(*chunk.places.items(), *chunk.unknown) for chunk in chunks} == {
        (*table.places.items(), *table.unknown)
    }
    assert chunks[-1].headings == table.headings
    if request.node.callspec.id not in ("xls", "only a heading"):
        assert len(chunks) > 5


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_pieces_of_rows_that_do_not_say_their_number(cut, prefix):
    parts = parts_of(xlsx([HEADING, *PERSONS]))
    xml = re.sub(rb'<(row|c) r="[A-Z]*\d+"', rb"<\1", parts[SHEET])
    if prefix:
        xml = re.sub(rb"<(/?)(\w)", rb"<\1x:\2", xml).replace(b"xmlns=", b"xmlns:x=")
    content = zipped(parts | {SHEET: xml})
    assert joined(chunks_of(content)) == (list(range(2, 61)), joined(chunks_of(xlsx([HEADING, *PERSONS])))[1])


def test_pieces_out_of_order_are_refused(cut):
    content = with_sheet_xml('<row r="40"', '<row r="3"', [HEADING, *PERSONS])
    content = zipped(
        parts_of(content) | {SHEET: re.sub(rb'r="([A-F])40"', rb'r="\g<1>3"', parts_of(content)[SHEET])}
    )
    with pytest.raises(UnreadableFile, match="损坏"):
        chunks_of(content)


def test_piece_with_a_gap_is_refused(cut, monkeypatch):
    monkeypatch.setattr(pieces, "PIECE", 10**6)
    xml = parts_of(xlsx([HEADING, *PERSONS]))[SHEET]
    far = re.sub(rb'r="([A-F]?)60"', rb'r="\g<1>900000"', xml)
    with pytest.raises(UnreadableFile, match="大片空行"):
        chunks_of(zipped(parts_of(xlsx(ROWS)) | {SHEET: far}))


def test_large_sheet_that_no_name_leads_to_is_a_fault_and_not_a_short_list(cut):
    parts = parts_of(xlsx([HEADING, *PERSONS]))
    relations = parts["xl/_rels/workbook.xml.rels"].replace(b"sheet1.xml", b"./sheet%31.xml")
    with pytest.raises(UnreadableFile, match="损坏"):
        chunks_of(zipped(parts | {"xl/_rels/workbook.xml.rels": relations}))


def test_csv_fault_deep_in_the_file_is_told_with_its_line(cut):
    content = (csv_text([HEADING, *PERSONS]) + '9,"韦').encode()
    read = read_chunks(io.BytesIO(content), "x", PLAIN)
    assert next(read).rows
    with pytest.raises(UnreadableFile, match="引号"):
        list(read)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_csv_place_of_a_bad_byte_is_counted_over_the_whole_file(encoding, monkeypatch):
    monkeypatch.setattr(texts, "_STEP", 7)
    good = csv_text([HEADING, *PERSONS]).encode(encoding)
    with pytest.raises(UnreadableFile, match=f"第 {len(good) + 1} 个字节"):
        chunks_of(good + b"\xff\xff,1\n")


def test_csv_place_of_a_zero_character_is_counted_over_the_whole_file(monkeypatch):
    monkeypatch.setattr(texts, "_STEP", 7)
    good = csv_text([HEADING, *PERSONS])
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "gb18030"):
        with pytest.raises(UnreadableFile, match=f"第 {len(good) + 1} 个字符"):
            chunks_of(f"{good}\0".encode(encoding))


# --- rows, wherever they are cut ------------------------------------------------------------------------

LINES = [FIRST, SECOND, HEADING, ["某局名单", *[""] * 5], [1, 2, 3, 4, 5, 6], ["", "某县教育局", *[""] * 4]]
LINES += [*NOT_DATA.values(), *FOOTERS.values(), *FAULTY.values()]
LINES = [tuple(line) for line in LINES]


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.sampled_from([*LINES[:6] * 6, *LINES]), max_size=30), st.lists(st.integers(0, 8), max_size=12)
)
def test_rows_are_picked_the_same_wherever_they_are_cut(lines, lengths):
    headings = Headings(
        1, 1, [(word,) for word in HEADING], {"姓名": 1, "身份证号码": 2, "发生日期": 3, "支出金额": 4}
    )
    above = [LINES[3], tuple(HEADING)]
    numbers = list(range(len(lines)))
    whole = DataRows(headings, above, PLAIN).pick_rows(numbers, lines, last=True)[0]
    data, parts, start = DataRows(headings, above, PLAIN), [], 0
    for length in [*lengths, len(lines)]:
        parts += data.pick_rows(numbers[start : start + length], lines[start : start + length], last=False)[0]
        start += length
    assert parts + data.pick_rows([], [], last=True)[0] == whole


def test_rows_equal_to_one_of_an_earlier_piece(cut):
    rows = [HEADING, *PERSONS[:7], PERSONS[3], *PERSONS[7:12], PERSONS[3], PERSONS[0]]
    table = read_table(xlsx(rows), "x", PLAIN)
    known = {"姓名": 1, "身份证号码": 2}

    def parsed(chunk):
        return {name: ([row[place] for row in chunk.rows], {}) for name, place in known.items()}

    equal = EqualRows()
    for chunk in chunks_of(xlsx(rows)):
        equal.see(chunk, parsed(chunk))
    expected = earlier_equals(table, parsed(table))
    assert dict(equal.pairs()) == {table.numbers[a]: table.numbers[b] for a, b in expected.items()}
    assert len(expected) == 3


# --- files kept in segments -------------------------------------------------------------------------------


@pytest.fixture
def kept(settings, tmp_path, monkeypatch):
    settings.PRIVATE_ROOT = tmp_path
    monkeypatch.setattr(private_files, "SEGMENT", 10)
    return lambda name: tmp_path / name[:2] / name


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 30, 35])
def test_private_file_in_segments(kept, size):
    content = bytes(range(size))
    for source in (content, io.BytesIO(content)):
        name = private_files.store(source)
        assert private_files.load(name) == content
        with private_files.open_file(name) as stream:
            assert stream.seek(0, io.SEEK_END) == size
            stream.seek(size // 2)
            assert stream.read() == content[size // 2 :]
        assert private_files.digest(source) == private_files.digest(content)


def test_private_file_sealed_as_a_whole_is_read(kept):
    name = private_files.store(b"")
    kept(name).write_bytes(seal(b"words", private_files.CONTEXT + name.encode()))
    assert private_files.load(name) == b"words"


@pytest.mark.parametrize("harm", ["cut", "swapped", "doubled", "other name", "nothing left"])
def test_private_file_that_was_tampered_with_is_not_read(kept, harm):
    name = private_files.store(bytes(30))
    path = kept(name)
    content = path.read_bytes()
    step = (len(content) - 1) // 3
    mark, first, second, third = content[:1], *(content[1 + n * step : 1 + (n + 1) * step] for n in range(3))
    changed = {
        "cut": mark + first + second,
        "swapped": mark + second + first + third,
        "nothing left": mark,
        "doubled": mark + first + second + third + third,
        "other name": kept(private_files.store(bytes(30))).read_bytes(),
    }[harm]
    path.write_bytes(changed)
    with pytest.raises(Undecipherable):
        private_files.load(name)
