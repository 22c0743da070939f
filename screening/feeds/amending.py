"""只补这几行: rows that came back, mended, put into the list that they came from; the rest of it stays.

The merged list comes to what the whole list, mended at those rows, would come to: equal rows are detected
across both parts, rows keep their numbers, rows without a number are added at the end.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

from django.db.models import Max

from fangpin.accounts.places.divisions import PlaceFinder
from fangpin.common import cells, crypto, database
from fangpin.common.cells import CellFault
from fangpin.common.equal_rows import earlier_equals
from fangpin.common.outcomes import RowFault
from fangpin.common.workbooks import Table, UnreadableFile
from fangpin.common.workbooks.columns import REASON, ROW_NUMBER, bare_key, heading_key
from screening.criteria.base import FeedKind
from screening.feeds import reading, staging
from screening.models import Feed, FeedRow, FeedState, RowStatus

LIVE = (FeedState.CHECKED, FeedState.MATCHED)
NOT_OF_THIS_LIST = (
    "原行号 {} 不在这份数据里，可能是另一份数据退回的表。请点“下载退回的行”，在得到的表里改好后再上传；"
    "要换整份名单，请点“换一份文件”。"
)
NO_NUMBERS = (
    "这份文件没有“原行号”列，不知道补的是哪几行。请点“下载退回的行”，在得到的表里改好后再上传；"
    "要换整份名单，请点“换一份文件”。"
)
ALREADY_MATCHED = "这一行已经比中，仍按原来的内容，这次的修改没有采用；要改请换整份名单。"
_BATCH = 500


def sheet_name(feed: Feed) -> str:
    """Says on the returned workbook itself which list it is from; the number of the page's address."""
    return f"退回的行 {feed.uuid.hex[:8]}"


def base_of(feed: Feed, table: Table) -> Feed | None:
    """The accepted or waiting list that this returned workbook is from, however it was sent."""
    keys = {bare_key(words) for words in table.headings}
    if not {ROW_NUMBER, REASON} <= keys:
        return None
    same = Feed.objects.filter(
        round=feed.round_id, kind=feed.kind, department=feed.department_id, state__in=LIVE
    )
    for live in same.order_by("-pk"):
        source: Feed | None = live
        while source is not None:
            if table.sheet == sheet_name(source):
                return live
            source = source.amends
    return None


# ---- Into the layout of the list ----
def laid_out(table: Table, base: Feed) -> Table:
    """`table` with the columns of `base` and the row numbers that it names; columns of its own come after
    those. Rows that were matched since are left out. Raises UnreadableFile where it is not of this list."""
    if base.state not in LIVE:
        raise UnreadableFile("要补改的那份数据已经变了，请从现在的那份重新下载退回的行。")
    own = {
        heading_key(words): place
        for place, words in enumerate(table.headings)
        if words and bare_key(words) not in (ROW_NUMBER, REASON)
    }
    known = [heading_key(words) for words in base.headings]
    added = [place for key, place in own.items() if key not in known]
    places = [own.get(key) for key in known] + added
    numbers = _numbers(table, base)
    kept = [position for position, number in enumerate(numbers) if number is not None]
    where = {place: position for position, place in enumerate(places) if place is not None}
    return replace(
        table,
        headings=[*base.headings, *(table.headings[place] for place in added)],
        places={heading: where[place] for heading, place in table.places.items() if place in where},
        sums={heading: tuple(where[place] for place in many) for heading, many in table.sums.items()},
        numbers=[number for number in numbers if number is not None],
        rows=[
            tuple("" if place is None else table.rows[position][place] for place in places)
            for position in kept
        ],
    )


def _numbers(table: Table, base: Feed) -> list[int | None]:
    """The row number of each row in the list; None where that row was matched since and stays as it is. A
    row without a number, or with one that was further up already, is new."""
    place = next((p for p, words in enumerate(table.headings) if bare_key(words) == ROW_NUMBER), None)
    if place is None:
        raise UnreadableFile(NO_NUMBERS)
    rows = FeedRow.objects.filter(feed=base)
    status = dict(rows.values_list("row_no", "status"))
    fresh = count((rows.aggregate(last=Max("row_no"))["last"] or 1) + 1)
    numbers: list[int | None] = []
    seen = set()
    for row in table.rows:
        number = _number(row[place])
        if number is not None and number not in status:
            raise UnreadableFile(NOT_OF_THIS_LIST.format(number))
        if number is None or number in seen:
            numbers.append(next(fresh))
        else:
            seen.add(number)
            numbers.append(None if status[number] == RowStatus.MATCHED else number)
    return numbers


def already_matched(table: Table, base: Feed) -> list[RowFault]:
    """A fault for each row that was mended although it was matched since."""
    place = next((p for p, words in enumerate(table.headings) if bare_key(words) == ROW_NUMBER), None)
    numbers = {_number(row[place]) for row in table.rows} if place is not None else set()
    matched = FeedRow.objects.filter(
        feed=base, status=RowStatus.MATCHED, row_no__in=[n for n in numbers if n is not None]
    )
    return [
        RowFault(number, "stands", ALREADY_MATCHED)
        for number in matched.order_by("row_no").values_list("row_no", flat=True)
    ]


def _number(cell: Any) -> int | None:
    if cells.is_blank(cell):
        return None
    try:
        return cells.whole(cell, 1, 10_000_000)
    except CellFault:
        raise UnreadableFile(NOT_OF_THIS_LIST.format(cells.shown(cell))) from None


# ---- Reading and merging ----
def read(table: Table, kind: FeedKind, base: Feed) -> reading.Reading:
    """The mended rows, read behind those of the list that are about the same persons: so equal ones are
    detected."""
    beside = _beside(table, kind, base)
    width = len(table.headings)
    rows = [(*row.data, *[""] * width)[:width] for row in beside]
    merged = replace(table, numbers=[row.row_no for row in beside] + table.numbers, rows=rows + table.rows)
    result = reading.read(merged, kind)
    for position, seen in earlier_equals(merged, result.parsed).items():
        words = staging.equal_words(merged.numbers[seen])
        result.faults[position] = (RowStatus.SET_ASIDE.value, "duplicate_row", words)
    return result


def _beside(table: Table, kind: FeedKind, base: Feed) -> list[FeedRow]:
    """Rows of the list that stay and are about somebody whom a mended row is about too; those without a
    number where a mended row has none."""
    cell = next(cell for cell in kind.cells if cell.name == kind.identity.id_number)
    indexes = {_index(value, cell.parse) for value in table.column(cell.column.heading)}
    staying = FeedRow.objects.filter(feed=base).exclude(status=RowStatus.REFUSED)
    rows = list(staying.filter(person_index=None)) if None in indexes else []
    wanted = sorted(index for index in indexes if index is not None)
    for start in range(0, len(wanted), _BATCH):
        rows += staying.filter(person_index__in=wanted[start : start + _BATCH])
    mended = set(table.numbers)
    return sorted((row for row in rows if row.row_no not in mended), key=lambda row: row.row_no)


def _index(value: Any, parse: Callable[[Any], str]) -> str | None:
    try:
        return None if cells.is_blank(value) else crypto.keyed_index_hex("id", parse(value))
    except CellFault:
        return None


def staged_rows(read: reading.Reading, places: PlaceFinder, table: Table) -> Iterator[tuple[Any, ...]]:
    mended = set(table.numbers)
    return (row for row in reading.staged_rows(read, places) if row[0] in mended)


def copy_the_rest(feed: Feed, base: Feed, stage: str) -> int:
    """Rows of `base` that were not mended, into `feed`, in one statement; how many."""
    columns = ", ".join(
        f'"{field.column}"' for field in FeedRow._meta.concrete_fields if field.name not in ("id", "feed")
    )
    return database.run(
        f"INSERT INTO screening_feedrow (feed_id, {columns}) SELECT %s, {columns} FROM screening_feedrow "
        f'WHERE feed_id = %s AND row_no NOT IN (SELECT row_no FROM "{stage}") ORDER BY row_no',
        [feed.pk, base.pk],
    )


def warnings_of(read: reading.Reading, table: Table, base: Feed) -> list[RowFault]:
    """Those of the mended rows, and of the list's those of the rows that stay."""
    mended = set(table.numbers)
    own = [fault for fault in read.warnings if fault.row in mended]
    stay = [RowFault(**fault) for fault in base.warnings if fault["row"] not in mended]
    return own + [fault for fault in stay if fault.code != "name_differs"]


def may_be_mended(feed: Feed) -> bool:
    return feed.state in LIVE and feed.rows_set_aside + feed.rows_refused > 0
