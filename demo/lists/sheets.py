"""Writes files as other offices send them: title, merged headings, signature lines, one cell a type.

The program's own writer can't: it writes clean tables."""

import csv
import datetime
import io
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter


@dataclass
class Sheet:
    """`headings` are (group, heading); a group of several columns becomes a merged cell above them."""

    title: str
    headings: Sequence[tuple[str, str]]
    rows: list[list[Any]]
    below_title: str = ""
    footer: Sequence[Sequence[str]] = field(default_factory=list)


def write_xlsx(path: Path, sheet: Sheet) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        page = book.add_worksheet("Sheet1")
        bold = book.add_format({"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True})
        day = book.add_format({"num_format": "yyyy/m/d"})
        last = len(sheet.headings) - 1
        page.set_column(0, last, 16)
        page.merge_range(0, 0, 0, last, sheet.title, bold)
        top = 1
        if sheet.below_title:
            page.write_string(1, 0, sheet.below_title)
            top = 2
        top = _write_headings(page, top, sheet.headings, bold)
        for number, row in enumerate(itertools.chain(sheet.rows, sheet.footer), start=top):
            for place, cell in enumerate(row):
                _write(page, number, place, cell, day)
    return _kept(path, stream.getvalue())


def _write_headings(page, top: int, headings: Sequence[tuple[str, str]], bold) -> int:
    """Returns the first row below."""
    if not any(group for group, _ in headings):
        for place, (_, heading) in enumerate(headings):
            page.write_string(top, place, heading, bold)
        return top + 1
    place = 0
    for group, members in itertools.groupby(headings, key=lambda pair: pair[0]):
        words = [heading for _, heading in members]
        if not group:
            for offset, heading in enumerate(words):
                page.merge_range(top, place + offset, top + 1, place + offset, heading, bold)
        else:
            page.merge_range(top, place, top, place + len(words) - 1, group, bold)
            page.write_row(top + 1, place, words, bold)
        place += len(words)
    return top + 2


def _write(page, row: int, place: int, cell: Any, day) -> None:
    if isinstance(cell, datetime.date):
        page.write_datetime(row, place, datetime.datetime.combine(cell, datetime.time()), day)
    elif isinstance(cell, int | float):
        page.write_number(row, place, cell)
    elif cell:
        page.write_string(row, place, cell)


def write_csv(path: Path, sheet: Sheet) -> bytes:
    """GB18030, as a Chinese Excel saves it."""
    stream = io.StringIO()
    write = csv.writer(stream, lineterminator="\r\n").writerow
    write([sheet.title] + [""] * (len(sheet.headings) - 1))
    write([heading for _, heading in sheet.headings])
    for row in itertools.chain(sheet.rows, sheet.footer):
        write([_shown(cell) for cell in row])
    return _kept(path, stream.getvalue().encode("gb18030"))


def _shown(cell: Any) -> Any:
    if isinstance(cell, float) and cell >= 10**11:
        return f"{cell:.5E}"
    return f"{cell.year}/{cell.month}/{cell.day}" if isinstance(cell, datetime.date) else cell


def _kept(path: Path, content: bytes) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return content
