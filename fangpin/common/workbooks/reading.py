"""The one place that reads the files people send: workbooks and CSV, to raw cells under known headings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fangpin.common.cells import added_up, fold
from fangpin.common.workbooks.columns import Column, Vocabulary
from fangpin.common.workbooks.faults import MissingHeadings, UnreadableFile
from fangpin.common.workbooks.files import Sheet, open_sheets
from fangpin.common.workbooks.headings import Headings, find_headings, what_is_missing
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
    sums: dict[str, tuple[int, ...]] = field(default_factory=dict)  # amounts that several columns make up
    doubled: dict[str, list[str]] = field(default_factory=dict)
    by_memory: dict[str, list[str]] = field(default_factory=dict)

    def column(self, canonical: str) -> list[Any]:
        if places := self.sums.get(canonical):
            return [added_up([row[place] for place in places]) for row in self.rows]
        place = self.found.get(canonical)
        return [None] * len(self.rows) if place is None else [row[place] for row in self.rows]


_NONE: Mapping[str, str] = {}


def read_table(
    content: bytes, filename: str, columns: Sequence[Column], remembered: Mapping[str, str] = _NONE
) -> Table:
    """Raises `UnreadableFile` for the file as a whole. `filename` only stands in for the sheet of a CSV file."""
    vocabulary = Vocabulary(columns, remembered)
    nearest: MissingHeadings | None = None
    for lot in open_sheets(content, filename):
        tables = []
        for sheet in lot:
            headings = find_headings(sheet, vocabulary)
            if headings and headings.is_complete(vocabulary):
                tables.append(_table(sheet, headings, columns))
            else:
                nearest = _nearer(nearest, what_is_missing(sheet, headings, vocabulary))
        if tables:
            return _only(tables)
    raise nearest or MissingHeadings(vocabulary.required, [])


def _nearer(known: MissingHeadings | None, fault: MissingHeadings) -> MissingHeadings:
    """The fault of the sheet that comes closest to what is wanted."""
    if known is None or (len(fault.missing), not fault.found_texts) < (
        len(known.missing),
        not known.found_texts,
    ):
        return fault
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
        sums=headings.sums,
        doubled=headings.doubled,
        by_memory=headings.by_memory,
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
