"""From the bytes of a file to its sheets. What a file is, is told by its content, never by its name."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from fangpin.common.cells import fold
from fangpin.common.workbooks.archives import Archive, check_archive, mark_failed_formulas
from fangpin.common.workbooks.faults import DAMAGED, UnreadableFile
from fangpin.common.workbooks.ole import SIGNATURE, check_ole
from fangpin.common.workbooks.spread import check_spread
from fangpin.common.workbooks.texts import read_records

MAX_FILE = 100 * 2**20
NOTES_SHEET = "填写说明"
_NOTES = ("填写说明", "填表说明", "填报说明", "说明", "使用说明")
_OTHER_KINDS = {
    b"%PDF": "PDF 文件",
    b"\x89PNG": "图片",
    b"\xff\xd8\xff": "图片",
    b"Rar!": "压缩包",
    b"7z\xbc\xaf": "压缩包",
    b"\x1f\x8b": "压缩包",
    b"{\\rtf": "文档",
}

ROWS_FOR_HEADING = 50  # at least so many stand in `Sheet.rows`
Range = tuple[tuple[int, int], tuple[int, int]]
Rows = Sequence[Sequence[Any]]


@dataclass
class Sheet:
    """`rows` begin at row 1 and column A. `merged` is None where the file form does not tell. Of a long sheet
    they are only its beginning, and `more` gives the rest piece by piece, each with the index of its first
    row."""

    name: str
    rows: Rows
    merged: list[Range] | None = None
    more: Iterable[tuple[int, Rows]] = ()


def open_sheets(source: BinaryIO, filename: str, *, in_pieces: bool = False) -> list[Iterator[Sheet]]:
    """Two lots, each read only when asked for: what is meant to be seen, then notes and hidden sheets."""
    size = source.seek(0, io.SEEK_END)
    if size > MAX_FILE:
        raise UnreadableFile(f"文件超过 {MAX_FILE >> 20} MB，请分成几个文件上传。")
    source.seek(0)
    start = source.read(2**16)
    if not start.strip() and not (start + source.read()).strip():
        raise UnreadableFile("文件是空的，没有任何内容。请确认选对了文件后重新上传。")
    for mark, kind in _OTHER_KINDS.items():
        if start.startswith(mark):
            raise UnreadableFile(f"这是{kind}，不是表格。请上传 xlsx、xls 或 csv 文件。")
    if start.startswith(b"PK"):
        return _archived(check_archive(source, in_pieces=in_pieces))
    source.seek(0)
    if start.startswith(SIGNATURE):
        check_ole(source.read())
        return _lots(_opened(source), {})
    pieces = read_records(source)
    first, rows = next(pieces, (0, []))
    return [iter([Sheet(filename, rows, more=pieces)])]


def _archived(archive: Archive) -> list[Iterator[Sheet]]:
    if not archive.large:
        return _lots(_opened(archive.opened({}) if archive.marked else archive.source), {})
    pieces = {part: sheet.pieces() for part, sheet in archive.large.items()}
    parts = {name: part for name, part in _parts_of_sheets(archive).items() if part in archive.large}
    # A large sheet that no name leads to is left out: what is asked for and not there is a fault, never a
    # short list.
    beginnings = {
        part: mark_failed_formulas(archive.large[part].whole(_beginning(pieces[part])))
        for part in set(parts.values())
    }
    more = {name: _pieces(archive, part, name, pieces[part]) for name, part in parts.items()}
    return _lots(_opened(archive.opened(beginnings)), more)


def _beginning(pieces: Iterator[bytes]) -> bytes:
    """As many as make the rows that a heading is looked for in."""
    rows = b""
    for piece in pieces:
        rows += piece
        if rows.count(b"row") > 2 * ROWS_FOR_HEADING:
            break
    return rows


def _pieces(archive: Archive, part: str, name: str, pieces: Iterator[bytes]) -> Iterator[tuple[int, Rows]]:
    end = 0
    # Nothing of a piece is kept while it is parsed, nor of the one before.
    for book in (
        _opened(archive.alone(part, mark_failed_formulas(archive.large[part].bare(rows)))) for rows in pieces
    ):
        sheet = _parsed(book.get_sheet_by_name, name)
        del book
        if sheet.start is None:
            continue
        if sheet.start[0] < end:
            raise UnreadableFile(DAMAGED)  # rows out of order
        start, end = sheet.start[0], sheet.end[0] + 1
        rows = _rows_from_column_a(sheet)
        del sheet
        yield start, rows
        del rows


def _rows_from_column_a(sheet: CalamineSheet) -> Rows:
    rows: Rows = _parsed(lambda: sheet.to_python(skip_empty_area=True))
    if sheet.start is not None and (blank := [""] * sheet.start[1]):
        return [[*blank, *row] for row in rows]
    return rows


def _opened(content: BinaryIO) -> CalamineWorkbook:
    content.seek(0)
    return _parsed(CalamineWorkbook.from_filelike, content)


def _parsed(function: Any, *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except BaseException as fault:
        # A panic of the Rust side is no Exception, yet it is only a broken file.
        if isinstance(fault, Exception) or type(fault).__name__ == "PanicException":
            raise UnreadableFile(DAMAGED) from fault
        raise


def _parts_of_sheets(archive: Archive) -> dict[str, str]:
    """Name of a sheet → name of the part that holds it."""
    names = {entry.filename.lower().replace("\\", "/"): entry.filename for entry in archive.entries}
    book = next((name for name in names if name.endswith("/workbook.xml") or name == "workbook.xml"), "")
    folder, _, file = book.rpartition("/")
    relations = names.get(f"{folder}/_rels/{file}.rels".lstrip("/"), "")
    if not relations:
        raise UnreadableFile(DAMAGED)
    targets = {}
    for relation in _xml(archive, relations):
        target = relation.get("Target", "").replace("\\", "/").lower()
        path = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}".lstrip("/")
        targets[relation.get("Id")] = names.get(re.sub(r"[^/]+/\.\./|(?<=/)\./", "", path))
    parts = {}
    for element in _xml(archive, names[book]).iter():
        if element.tag.rpartition("}")[2] == "sheet":
            ids = [value for key, value in element.attrib.items() if key.endswith("}id")]
            parts[element.get("name")] = targets.get(ids[0]) if ids else None
    return {name: part for name, part in parts.items() if part}


def _xml(archive: Archive, part: str) -> Any:
    try:
        return fromstring(archive.part(part))
    except (ParseError, DefusedXmlException, ValueError):
        raise UnreadableFile(DAMAGED) from None


def _lots(workbook: CalamineWorkbook, more: dict[str, Iterator[tuple[int, Rows]]]) -> list[Iterator[Sheet]]:
    first: list[str] = []
    second: list[str] = []
    for about in workbook.sheets_metadata:
        if about.typ == SheetTypeEnum.WorkSheet:
            shown = about.visible == SheetVisibleEnum.Visible and fold(about.name) not in _NOTES
            (first if shown else second).append(about.name)
    return [(_load(workbook, name, more.get(name, ())) for name in names) for names in (first, second)]


def _load(workbook: CalamineWorkbook, name: str, more: Iterable[tuple[int, Rows]]) -> Sheet:
    sheet = _parsed(workbook.get_sheet_by_name, name)
    if sheet.end:
        check_spread(sheet.end[0] + 1, sheet.end[1] + 1)
    rows = _parsed(lambda: sheet.to_python(skip_empty_area=False))
    return Sheet(name, rows, sheet.merged_cell_ranges, more)
