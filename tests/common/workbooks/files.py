"""Builders of the files that the tests of reading and writing send."""

import csv
import io
import struct
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest
from openpyxl import Workbook

from fangpin.common.values.idnumbers import check_character
from fangpin.common.workbooks import Column, Table, UnreadableFile, read_table


def number_of_person(birth: str = "19900307", serial: int = 123) -> str:
    first17 = f"459900{birth}{serial:03d}"
    return first17 + check_character(first17)


# --- xlsx and ods -------------------------------------------------------------------------------------


def xlsx(rows: Sequence[Sequence[Any]], merged: Sequence[str] = (), name: str = "Sheet1") -> bytes:
    return workbook({name: rows}, {name: merged})


def workbook(
    sheets: dict[str, Sequence[Sequence[Any]]],
    merged: dict[str, Sequence[str]] | None = None,
    hidden: Sequence[str] = (),
) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for number, row in enumerate(rows, start=1):
            for place, cell in enumerate(row, start=1):
                if cell not in ("", None):
                    sheet.cell(number, place, cell)
        for area in (merged or {}).get(name, ()):
            sheet.merge_cells(area)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    return saved(book)


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def zipped(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return stream.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_sheet_xml(old: str, new: str, rows: Sequence[Sequence[Any]]) -> bytes:
    """A workbook whose sheet has been tampered with."""
    parts = parts_of(xlsx(rows))
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert old.encode() in sheet
    return zipped(parts | {"xl/worksheets/sheet1.xml": sheet.replace(old.encode(), new.encode())})


def ods(rows: Sequence[Sequence[str]], tail: str = "") -> bytes:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    body = "".join(f"<table:table-row>{''.join(map(cell.format, row))}</table:table-row>" for row in rows)
    schema = "urn:oasis:names:tc:opendocument:xmlns"
    return zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{schema}:manifest:1.0"/>'.encode(),
            "content.xml": (
                f'<?xml version="1.0" encoding="UTF-8"?><office:document-content '
                f'xmlns:office="{schema}:office:1.0"'
                f' xmlns:table="{schema}:table:1.0" '
                f'xmlns:text="{schema}:text:1.0"><office:body><office:spreadsheet>'
                f'<table:table table:name="S">{body}{tail}</table:table>'
                "</office:spreadsheet></office:body></office:document-content>"
            ).encode(),
        }
    )


# --- csv ----------------------------------------------------------------------------------------------


def csv_text(rows: Sequence[Sequence[Any]], delimiter: str = ",") -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    return stream.getvalue()


# --- xls ----------------------------------------------------------------------------------------------

_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def xls(
    rows: Sequence[Sequence[Any]],
    merged: Sequence[tuple[int, int, int, int]] = (),
    *,
    password: bool = False,
    extra: Sequence[tuple[int, int, Any]] = (),
    streams: Sequence[str] = (),
) -> bytes:
    """`merged` are (first row, last row, first column, last column); `extra` are single cells."""
    cells = [
        (r, c, cell) for r, row in enumerate(rows) for c, cell in enumerate(row) if cell not in ("", None)
    ]
    book = biff([*cells, *extra], merged, password)
    return ole([("Workbook", book), *((name, bytes(100)) for name in streams)])


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def biff(
    cells: Sequence[tuple[int, int, Any]], merged: Sequence[tuple[int, ...]] = (), password: bool = False
) -> bytes:
    def begin(kind: int) -> bytes:
        return _record(0x809, struct.pack("<HHHHII", 0x600, kind, 0x0DBB, 1996, 0, 6))

    head = begin(5) + (_record(0x2F, struct.pack("<HHH", 1, 1, 1) + bytes(48)) if password else b"")
    head += _record(0x42, struct.pack("<H", 1200))
    name = "表".encode("utf-16-le")
    place = len(head) + 4 + 8 + len(name) + 4
    book = head + _record(0x85, struct.pack("<IBBBB", place, 0, 0, 1, 1) + name) + _record(0x0A) + begin(0x10)
    for row, column, cell in cells:
        if isinstance(cell, str):
            words = struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le")
            book += _record(0x204, struct.pack("<HHH", row, column, 0) + words)
        else:
            book += _record(0x203, struct.pack("<HHHd", row, column, 0, cell))
    if merged:
        book += _record(
            0xE5, struct.pack("<H", len(merged)) + b"".join(struct.pack("<HHHH", *m) for m in merged)
        )
    return book + _record(0x0A)


def ole(streams: Sequence[tuple[str, bytes]]) -> bytes:
    sectors: list[bytes] = []
    table: list[int] = []
    entries = [_entry("Root Entry", 5, _END, 0, child=1)]

    def add(data: bytes) -> int:
        start = len(sectors)
        sectors.extend(data[at : at + 512] for at in range(0, len(data), 512))
        table.extend([*range(start + 1, len(sectors)), _END])
        return start

    for order, (name, data) in enumerate(streams, start=1):
        data = data.ljust(4096, b"\0")
        data += bytes(-len(data) % 512)
        following = order + 1 if order < len(streams) else _FREE
        entries.append(_entry(name, 2, add(data), len(data), right=following))
    while len(entries) % 4:
        entries.append(_entry("", 0, 0, 0))
    directory = add(b"".join(entries))
    count = 1
    while len(table) + count > count * 128:
        count += 1
    first = len(sectors)
    table += [_TABLE] * count
    table += [_FREE] * (count * 128 - len(table))
    head = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + bytes(6)
    )
    head += struct.pack("<9I", 0, count, directory, 0, 4096, _END, 0, _END, 0)
    head += struct.pack("<109I", *(first + at if at < count else _FREE for at in range(109)))
    return head + b"".join(sectors) + struct.pack(f"<{len(table)}I", *table)


def _entry(name: str, kind: int, start: int, size: int, *, child: int = _FREE, right: int = _FREE) -> bytes:
    words = (name + "\0").encode("utf-16-le") if name else b""
    return (
        words.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(words), kind, 1, _FREE, right, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


# --- one list that most tests read ----------------------------------------------------------------------

NUMBER, OTHER = number_of_person(), number_of_person(serial=124)
NAME = Column("姓名", required=True)
ID = Column("身份证号码", required=True, kind="id")
PLAIN = [NAME, ID, Column("发生日期", kind="date"), Column("支出金额", kind="amount")]
HEADING = ["序号", "姓名", "身份证号码", "发生日期", "支出金额", "备注"]
FIRST = [1, "黄小明", NUMBER, "2020-03-05", 12.5, ""]
SECOND = [2, "韦小红", OTHER, "2020-03-06", 13, ""]
ROWS = [HEADING, FIRST, SECOND]


def read(
    rows: Sequence[Sequence[Any]], columns: Sequence[Column] = PLAIN, merged: Sequence[str] = (), **more: Any
) -> Table:
    return read_table(xlsx(rows, merged), "名单.xlsx", columns, **more)


def names(table: Table) -> list[Any]:
    return table.column("姓名")


def message_of(content: bytes, columns: Sequence[Column] = PLAIN) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read_table(content, "名单.xlsx", columns)
    return caught.value.message
