"""The one place that reads the files people send: workbooks and CSV, to raw cells under known headings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fangpin.common.cells import fold
from fangpin.common.workbooks.columns import Column, Vocabulary
from fangpin.common.workbooks.faults import MissingHeadings, UnreadableFile
from fangpin.common.workbooks.files import Sheet, open_sheets
from fangpin.common.workbooks.headings import Headings, find_headings, first_texts
from fangpin.common.workbooks.rows import data_rows


@dataclass(frozen=True)
class Table:
    """`numbers` are those that the sheet shows, or record numbers of a CSV file with every record counted."""

    sheet: str
    headings: list[str]
    found: dict[str, int]
    unknown: list[str]
    numbers: list[int]
    rows: list[tuple[Any, ...]]

    def column(self, canonical: str) -> list[Any]:
        place = self.found.get(canonical)
        return [None] * len(self.rows) if place is None else [row[place] for row in self.rows]


_NONE: Mapping[str, str] = {}


def read_table(
    content: bytes, filename: str, columns: Sequence[Column], remembered: Mapping[str, str] = _NONE
) -> Table:
    """Raises `UnreadableFile` for the file as a whole. `filename` only stands in for the sheet of a CSV file."""
    vocabulary = Vocabulary(columns, remembered)
    nearest: tuple[list[str], list[str]] | None = None
    for lot in open_sheets(content, filename):
        tables = []
        for sheet in lot:
            headings = find_headings(sheet, vocabulary)
            if headings and headings.is_complete(vocabulary):
                tables.append(_table(sheet, headings, columns))
            else:
                nearest = _nearer(nearest, sheet, headings, vocabulary)
        if tables:
            return _only(tables)
    raise MissingHeadings(*(nearest or (vocabulary.required, [])))


def _nearer(
    known: tuple[list[str], list[str]] | None, sheet: Sheet, headings: Headings | None, vocabulary: Vocabulary
) -> tuple[list[str], list[str]]:
    """The missing headings and the texts of the sheet that comes closest to what is wanted."""
    everything = vocabulary.required or vocabulary.headings
    if headings is None:
        here = everything, first_texts(sheet)
    else:
        here = (
            headings.missing(vocabulary) or [each for each in everything if each not in headings.found],
            [words for words in headings.texts if words],
        )
    if known is None or (len(here[0]), not here[1]) < (len(known[0]), not known[1]):
        return here
    return known


def _only(tables: list[Table]) -> Table:
    filled = [table for table in tables if table.rows]
    if len(filled) > 1:
        names = "、".join(f"“{table.sheet}”" for table in filled)
        raise UnreadableFile(
            f"工作簿中有 {len(filled)} 张表都有数据：{names}。请合并到一张表，或每张表单独存为一个文件上传。"
        )
    return filled[0] if filled else tables[0]


def _table(sheet: Sheet, headings: Headings, columns: Sequence[Column]) -> Table:
    first = headings.bottom + 1
    _refuse_other_unit(sheet.rows[: headings.top], headings, columns)
    width = _width(sheet, headings)
    rows = list(_padded(sheet.rows, width))
    kept = data_rows(rows[first:], headings, rows[:first], columns)
    texts = headings.texts[:width]
    return Table(
        sheet=sheet.name,
        headings=texts + [""] * (width - len(texts)),
        found=headings.found,
        unknown=headings.unknown,
        numbers=[place + first + 1 for place in kept],
        rows=[rows[place + first] for place in kept],
    )


def _refuse_other_unit(above: Sequence[Sequence[Any]], headings: Headings, columns: Sequence[Column]) -> None:
    """A note over the table turns every amount below it into something ten thousand times larger."""
    has_amounts = any(column.kind == "amount" and column.heading in headings.found for column in columns)
    if has_amounts and any("单位:万" in fold(cell) for row in above for cell in row if cell):
        raise UnreadableFile(
            "表头上方注明金额单位为万元。系统按元读取，请把金额换算成元、改好单位说明后重新上传。"
        )


def _width(sheet: Sheet, headings: Headings) -> int:
    """Up to the last column with a heading or a value; ragged records may have delimiters beyond."""
    named = max((place + 1 for place, path in enumerate(headings.paths) if path), default=0)
    longest = max(map(len, sheet.rows))
    while longest > named and not any(len(row) >= longest and row[longest - 1] != "" for row in sheet.rows):
        longest -= 1
    return max(named, longest)


def _padded(rows: Sequence[Sequence[Any]], width: int) -> Iterator[tuple[Any, ...]]:
    blank = ("",) * width
    for row in rows:
        yield tuple(row) if len(row) == width else (tuple(row) + blank)[:width]
