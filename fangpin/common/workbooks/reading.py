"""The one place that reads the files people send: workbooks and CSV, to raw cells under known headings."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, BinaryIO

from fangpin.common.cells import added_up, fold
from fangpin.common.workbooks.columns import Column, Vocabulary
from fangpin.common.workbooks.faults import MissingHeadings, UnreadableFile
from fangpin.common.workbooks.files import Rows, Sheet, open_sheets
from fangpin.common.workbooks.headings import Headings, find_headings, what_is_missing
from fangpin.common.workbooks.rows import DataRows


@dataclass(frozen=True)
class Table:
    """`numbers` are those that the sheet shows, or record numbers of a CSV file with every record counted."""

    sheet: str
    headings: list[str]
    places: dict[str, int]  # canonical heading → position of its column
    unknown: list[str]
    numbers: list[int]
    rows: list[tuple[Any, ...]]
    sums: dict[str, tuple[int, ...]] = field(default_factory=dict)  # amounts that several columns make up
    doubled: dict[str, list[str]] = field(default_factory=dict)
    by_memory: dict[str, list[str]] = field(default_factory=dict)

    def column(self, canonical: str) -> list[Any]:
        if parts := self.sums.get(canonical):
            return [added_up([row[place] for place in parts]) for row in self.rows]
        place = self.places.get(canonical)
        return [None] * len(self.rows) if place is None else [row[place] for row in self.rows]


_NONE: Mapping[str, str] = {}


def read_table(
    content: bytes, filename: str, columns: Sequence[Column], remembered: Mapping[str, str] = _NONE
) -> Table:
    """Raises `UnreadableFile` for the file as a whole. `filename` only stands in for the sheet of a CSV
    file."""
    chunks = list(_chunks(io.BytesIO(content), filename, columns, remembered, in_pieces=False))
    if len(chunks) == 1:
        return chunks[0]
    width = len(chunks[-1].headings)  # no chunk is wider than the next
    return replace(
        chunks[-1],
        numbers=[number for chunk in chunks for number in chunk.numbers],
        rows=[row for chunk in chunks for row in _padded(chunk.rows, width)],
    )


def read_chunks(
    source: BinaryIO, filename: str, columns: Sequence[Column], remembered: Mapping[str, str] = _NONE
) -> Iterator[Table]:
    """The same, some thousands of rows at a time and at least once: a file of any length in little memory.

    All chunks have the same `places` and `unknown`; a later one may be wider than those before, where a value
    stands beyond the headings. Raises `UnreadableFile` before the first chunk, or in the midst of them where
    a fault lies deep in the file: what was made of the earlier ones is then to be given up.
    """
    return _chunks(source, filename, columns, remembered, in_pieces=True)


def _chunks(
    source: BinaryIO,
    filename: str,
    columns: Sequence[Column],
    remembered: Mapping[str, str],
    *,
    in_pieces: bool,
) -> Iterator[Table]:
    vocabulary = Vocabulary(columns, remembered)
    nearest: MissingHeadings | None = None
    for lot in open_sheets(source, filename, in_pieces=in_pieces):
        begun = []
        for sheet in lot:
            headings = find_headings(sheet, vocabulary)
            if headings and headings.is_complete(vocabulary):
                begun.append(_first_filled(_tables(sheet, headings, columns)))
            else:
                nearest = _nearer(nearest, what_is_missing(sheet, headings, vocabulary))
        if begun:
            return _only(begun)
    raise nearest or MissingHeadings(vocabulary.required, [])


def _nearer(known: MissingHeadings | None, fault: MissingHeadings) -> MissingHeadings:
    """The fault of the sheet that comes closest to what is wanted."""
    if known is None or (len(fault.missing), not fault.texts) < (
        len(known.missing),
        not known.texts,
    ):
        return fault
    return known


Begun = tuple[Table, Iterator[Table]]


def _first_filled(tables: Iterator[Table]) -> Begun:
    """The first chunk that has rows, or else the last one, and what follows it."""
    for table in tables:
        if table.rows:
            break
    return table, tables


def _only(begun: list[Begun]) -> Iterator[Table]:
    filled = [each for each in begun if each[0].rows]
    if len(filled) > 1:
        names = "、".join(f"“{table.sheet}”" for table, _ in filled)
        raise UnreadableFile(
            f"工作簿中有 {len(filled)} 张表都有数据：{names}。请合并到一张表，或每张表单独存为一个文件上传。"
        )
    first, following = filled[0] if filled else begun[0]
    return chain([first], following)


def _tables(sheet: Sheet, headings: Headings, columns: Sequence[Column]) -> Iterator[Table]:
    _refuse_other_unit(sheet.rows[: headings.top], headings, columns)
    first, width = headings.bottom + 1, _width(sheet.rows, headings)
    data = DataRows(headings, list(_padded(sheet.rows[:first], width)), columns)
    pieces = chain([(first, sheet.rows[first:])], sheet.more)
    is_whole, sheet.rows, given = sheet.more == (), [], False
    for start, piece in pieces:
        width = max(width, _width(piece, headings))
        numbers = range(start + 1, start + 1 + len(piece))
        picked = data.pick_rows(numbers, list(_padded(piece, width)), last=is_whole)
        del piece
        if is_whole or picked[0]:
            given = True
            yield _table(sheet, headings, width, *picked)
            del picked
    if not is_whole:  # what was held back
        picked = data.pick_rows([], [], last=True)
        if picked[0] or not given:
            yield _table(sheet, headings, width, *picked)


def _table(
    sheet: Sheet, headings: Headings, width: int, numbers: list[int], rows: list[tuple[Any, ...]]
) -> Table:
    texts = headings.texts[:width]
    return Table(
        sheet=sheet.name,
        headings=texts + [""] * (width - len(texts)),
        places=headings.places,
        unknown=headings.unknown,
        numbers=numbers,
        rows=rows,
        sums=headings.sums,
        doubled=headings.doubled,
        by_memory=headings.by_memory,
    )


def _refuse_other_unit(above: Sequence[Sequence[Any]], headings: Headings, columns: Sequence[Column]) -> None:
    """A note over the table turns every amount below it into something ten thousand times larger."""
    has_amounts = any(column.kind == "amount" and column.heading in headings.places for column in columns)
    if has_amounts and any("单位:万" in fold(cell) for row in above for cell in row if cell):
        raise UnreadableFile(
            "表头上方注明金额单位为万元。系统按元读取，请把金额换算成元、改好单位说明后重新上传。"
        )


def _width(rows: Rows, headings: Headings) -> int:
    """Up to the last column with a heading or a value; ragged records may have delimiters beyond."""
    named = max((place + 1 for place, path in enumerate(headings.paths) if path), default=0)
    longest = max(map(len, rows), default=0)
    while longest > named and not any(len(row) >= longest and row[longest - 1] != "" for row in rows):
        longest -= 1
    return max(named, longest)


def _padded(rows: Sequence[Sequence[Any]], width: int) -> Iterator[tuple[Any, ...]]:
    blank = ("",) * width
    for row in rows:
        yield tuple(row) if len(row) == width else (tuple(row) + blank)[:width]
