"""What workbooks of measures share: rows under known headings, faults by row and column, what a file would
do."""

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from fangpin.common import cells
from fangpin.common.cells import CellFault
from fangpin.common.refusals import Refused
from fangpin.common.workbooks import Column, Table, read_table
from fangpin.common.workbooks.writing import write_marked
from households.models import Household

MOST = 2000


@dataclass(frozen=True)
class Fault:
    """`column` is the heading to look at, "" where it is the row as a whole."""

    row: int
    column: str
    message: str

    @property
    def words(self) -> str:
        return f"“{self.column}”：{self.message}" if self.column else self.message


class Faulty(Exception):
    """A row cannot be used as it is."""

    def __init__(self, column: str, message: str):
        self.column, self.message = column, message
        super().__init__(message)


@dataclass(frozen=True)
class Shown:
    """One measure that the file would plan or deliver. Money in fen."""

    row: int
    household: Household
    name: str
    amount: int | None
    words: Sequence[str] = ()


@dataclass
class Reading:
    """`wanted` is what is carried out; `known` rows are registered already as they are written,
    `empty` ones say nothing."""

    table: Table
    wanted: list[Any] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    known: int = 0
    empty: int = 0
    looked_up: set[int] = field(default_factory=set)  # households, by the number of a member
    missed: int = 0  # numbers that the registry has not
    given: Sequence[str] = ()  # headings that the download fills in

    @property
    def unread(self) -> list[str]:
        """Columns that were not read."""
        return [heading for heading in self.table.unknown if heading not in self.given]

    @property
    def is_empty(self) -> bool:
        return not (self.wanted or self.faults or self.known)

    @property
    def may_confirm(self) -> bool:
        return bool(self.wanted) and not self.faults

    @property
    def faulty_rows(self) -> int:
        return len({fault.row for fault in self.faults})

    @property
    def amount(self) -> int:
        return sum(each.amount or 0 for each in self.shown)

    @property
    def by_type(self) -> list[tuple[str, int, int]]:
        """(name, how many, sum), in the order of the file."""
        sums_of: dict[str, list[int]] = {}
        for each in self.shown:
            sums = sums_of.setdefault(each.name, [0, 0])
            sums[0] += 1
            sums[1] += each.amount or 0
        return [(name, count, amount) for name, (count, amount) in sums_of.items()]


def read_rows(
    file_name: str, content: bytes, columns: Sequence[Column]
) -> tuple[Table, list[tuple[int, dict[str, Any]]]]:
    """The table, and (row number, heading → cell). Raises UnreadableFile, Refused."""
    table = read_table(content, file_name, columns)
    for heading, same in table.doubled.items():
        raise Refused(f"“{heading}”有 {len(same)} 列（{'、'.join(same)}），请只留一列后重新上传。")
    if len(table.rows) > MOST:
        raise Refused(f"一次最多 {MOST} 行，请分成几个文件上传。")
    cells_of = {column.heading: table.column(column.heading) for column in columns}
    rows = [
        (number, {heading: values[place] for heading, values in cells_of.items()})
        for place, number in enumerate(table.numbers)
    ]
    return table, rows


def value(row: dict[str, Any], heading: str, parse: Callable[[Any], Any]) -> Any:
    """None where nothing was filled in. Raises Faulty."""
    if cells.is_blank(row[heading]):
        return None
    try:
        return parse(row[heading])
    except CellFault as fault:
        raise Faulty(heading, fault.message) from fault


def money(row: dict[str, Any], heading: str) -> int | None:
    """Fen."""
    fen = value(row, heading, cells.fen)
    if fen is not None and fen < 0:
        raise Faulty(heading, "不能小于 0，请核对后改正。")
    return fen


def words(row: dict[str, Any], heading: str, most: int = 300) -> str:
    found = value(row, heading, cells.text) or ""
    if len(found) > most:
        raise Faulty(heading, f"不要超过 {most} 字。")
    return found


def marked(table: Table, faults: Iterable[Fault]) -> bytes:
    """The workbook as it came, each faulty row with what is to be mended."""
    messages: dict[int, list[str]] = {}
    for fault in faults:
        messages.setdefault(fault.row, []).append(fault.words)
    stream = io.BytesIO()
    rows = zip(table.numbers, table.rows, strict=True)
    write_marked(stream, table.headings, rows, {row: "；".join(each) for row, each in messages.items()})
    return stream.getvalue()
