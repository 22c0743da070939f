"""The open rows, and what each says of its person, read from its original cells."""

import datetime
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from fangpin.accounts.models import Division
from fangpin.accounts.places.divisions import PlaceFinder
from fangpin.common import cells, crypto
from fangpin.common.actor import Actor
from fangpin.common.cells import CellFault
from fangpin.common.values import idnumbers
from fangpin.common.workbooks.headings import understand
from screening import criteria
from screening.feeds import headings
from screening.models import Feed, FeedRow, FeedState, Round, RowSettlement, RowStatus

UNMATCHED = ("match_none", "match_near", "match_many")
BAD_NUMBERS = ("id_checksum", "id_length")
SETTLED_HERE = (*UNMATCHED, *BAD_NUMBERS)
CAUSES = {
    "number": "号码有误",
    "match_many": "找到多人",
    "match_near": "有相近的人",
    "match_none": "户册中没有",
}


@dataclass(frozen=True)
class Said:
    """What a row says of its person, as far as it can be used; `number` as written, without blanks."""

    number: str = ""
    name: str = ""
    birth_month: datetime.date | None = None
    head_name: str = ""
    township: str = ""  # 9 digits
    village: str = ""  # 12 digits
    digest: str = ""


def triable() -> Q:
    """Rows that a person can settle: unmatched ones, and those whose number is miswritten."""
    return Q(status=RowStatus.SET_ASIDE, code__in=UNMATCHED) | Q(
        status=RowStatus.REFUSED, code__in=BAD_NUMBERS
    )


def of_live_lists(user: Actor) -> QuerySet[FeedRow]:
    return FeedRow.objects.for_user(user).filter(
        feed__state=FeedState.MATCHED, feed__round__state__in=Round.SWEEPABLE
    )


def open_rows(user: Actor, *, later: bool = False) -> QuerySet[FeedRow]:
    """Rows that nobody has settled; with `later`, those put off instead."""
    settled = RowSettlement.objects.filter(feed=OuterRef("feed"), row_no=OuterRef("row_no"))
    rows = of_live_lists(user).filter(triable())
    if later:
        return rows.filter(Exists(settled.filter(outcome=RowSettlement.Outcome.LATER)))
    return rows.filter(~Exists(settled))


def of_cause(rows: QuerySet[FeedRow], cause: str) -> QuerySet[FeedRow]:
    return rows.filter(code__in=BAD_NUMBERS) if cause == "number" else rows.filter(code=cause)


def identity_places(rows: Iterable[FeedRow]) -> dict[int, dict[str, int]]:
    """List's key → part of the identity (id_number, name …) → place of its column in the file. One query for
    the memory of headings of each list."""
    feeds = {row.feed_id: row.feed for row in rows}
    return {key: _places_of(feed) for key, feed in feeds.items()}


def what_is_said(rows: Sequence[FeedRow], places: dict[int, dict[str, int]] | None = None) -> dict[int, Said]:
    """Row's key → what it says; all rows of one county. `places` are those of `identity_places`, where the
    caller has them."""
    if not rows:
        return {}
    if places is None:
        places = identity_places(rows)
    finder = PlaceFinder(Division.objects.get(pk=rows[0].feed.round.county_id))
    return {row.pk: _said(row.data, places[row.feed_id], finder) for row in rows}


def _places_of(feed: Feed) -> dict[str, int]:
    kind = criteria.feed_kinds()[feed.kind]
    columns = understand(feed.headings, kind.columns, headings.remembered(feed.department, kind)).places
    heading_of = {cell.name: cell.column.heading for cell in kind.cells}
    parts = ("id_number", "name", "birth_month", "head_name", "township", "village")
    named = {part: getattr(kind.identity, part) for part in parts}
    return {
        part: columns[heading_of[cell]]
        for part, cell in named.items()
        if cell and heading_of.get(cell) in columns
    }


def _said(data: Sequence, columns: dict[str, int], places: PlaceFinder) -> Said:
    def text(part: str) -> str:
        place = columns.get(part)
        cell = "" if place is None or place >= len(data) else data[place]
        return "" if cells.is_blank(cell, cells.BLANK_MARKS) else _plain(cell)

    number = "".join(unicodedata.normalize("NFKC", text("id_number")).split()).upper()
    written = [number or "", text("name")]
    if not number:
        written += [text(part) for part in ("birth_month", "head_name", "township", "village")]
    township, village = _place(places, text("township"), text("village"))
    return Said(
        number=number,
        name=_name(text("name")),
        birth_month=_month(text("birth_month")),
        head_name=_name(text("head_name")),
        township=township,
        village=village,
        digest=crypto.keyed_index_hex("match", "|".join(cells.fold(part) for part in written)),
    )


def _plain(cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return f"{cell:.0f}"
    return str(cell).strip()


def _name(words: str) -> str:
    try:
        return cells.name(words) if words else ""
    except CellFault:
        return ""


def _month(words: str) -> datetime.date | None:
    try:
        return cells.day(words).replace(day=1) if words else None
    except CellFault:
        return None


def _place(places: PlaceFinder, township: str, village: str) -> tuple[str, str]:
    code = places.township(township) if township else None
    named = []
    if village:
        named = [places.village(township, village)] if code else places.villages_named(village)
    return (code or "")[:9], named[0] if len(named) == 1 and named[0] else ""


def birth_date_in_number(said: Said) -> datetime.date | None:
    """The day of birth that the number holds, whatever its check character."""
    try:
        return idnumbers.birth_date(said.number) if len(said.number) == 18 else None
    except (CellFault, ValueError):
        return None
