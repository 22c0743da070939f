"""A list of any length on its way into the stage: read, parsed and copied chunk by chunk, never held as a
whole."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain

from fangpin.accounts.places.divisions import PlaceFinder
from fangpin.common import database
from fangpin.common.equal_rows import EqualRows
from fangpin.common.outcomes import RowFault
from fangpin.common.workbooks import Table
from screening.criteria.base import FeedKind
from screening.feeds import matching, reading
from screening.models import RowStatus

WARNINGS_HELD = 5000
_EQUAL = {"row_no": "int", "first_no": "int"}
# The columns of a row that is not used; it has no figures.
_KEPT = ("row_no", "status", "code", "message", "person_index", "data")


@dataclass
class Staged:
    """What was read: `rows` in the table `stage`, and the headings of the file."""

    stage: str
    rows: int = 0
    headings: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    warnings: list[RowFault] = field(default_factory=list)  # the first ones


@contextmanager
def staged_file(
    tables: Iterator[Table], kind: FeedKind, places: PlaceFinder, progress: Callable[[str], None]
) -> Iterator[Staged]:
    """Raises UnreadableFile where the file turns out to be damaged further down."""
    equal = EqualRows()
    with database.staged("stage_feed", matching.STAGE) as stage:
        read = Staged(stage)
        progress("正在检查各行")
        for table in tables:
            part = reading.read(table, kind)
            equal.see(table, part.parsed)
            database.add_rows(stage, matching.STAGE, reading.staged_rows(part, places))
            read.rows += len(table.rows)
            read.headings, read.unknown = table.headings, table.unknown
            read.warnings += part.warnings[: WARNINGS_HELD - len(read.warnings)]
            del table, part  # before the next chunk is made
            progress(f"正在检查各行：已读 {read.rows} 行")
        _set_equal_aside(stage, equal)
        database.refresh_statistics(stage)
        yield read


def equal_words(number: object) -> str:
    """What is said of a row that equals row `number`."""
    return f"与第 {number} 行内容相同，这一行没有再计入，请核对；确是两笔的，请在备注中加以区分后重报。"


def _set_equal_aside(stage: str, equal: EqualRows) -> None:
    """Rows that equal an earlier one of the file, whatever else is to be said of them."""
    pairs = equal.pairs()
    if (first := next(pairs, None)) is None:
        return
    words = equal_words("' || e.first_no || '")
    cleared = ", ".join(f'"{column}" = NULL' for column in matching.STAGE if column not in _KEPT)
    with database.staged("stage_equal", _EQUAL, chain([first], pairs)) as others:
        database.run(
            f"UPDATE \"{stage}\" AS s SET status = %s, code = 'duplicate_row', {cleared}, "
            f"message = '{words}' "
            f'FROM "{others}" AS e WHERE e.row_no = s.row_no',
            [RowStatus.SET_ASIDE.value],
        )
