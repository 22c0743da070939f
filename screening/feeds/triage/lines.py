"""A row of triage as its page shows it: what the department sent, and who may be meant."""

from collections.abc import Sequence
from dataclasses import dataclass

from screening import criteria
from screening.feeds import row_texts
from screening.feeds.triage import persons, rows
from screening.models import FeedRow


@dataclass(frozen=True)
class TriageLine:
    """`who` are the cells (heading, text) that say who is meant, `others` the rest; `likely` the persons who
    may be meant, best first, and `is_sure` whether the first of them is beyond reasonable doubt."""

    row: FeedRow
    kind_label: str
    cause: str
    who: list[tuple[str, str]]
    others: list[tuple[str, str]]
    sentence: str
    likely: list[persons.Likely]
    is_sure: bool


def triage_lines(shown: Sequence[FeedRow]) -> list[TriageLine]:
    """Rows of one county, with list, round and department fetched."""
    if not shown:
        return []
    places = rows.identity_places(shown)
    likely = persons.likely(rows.what_is_said(shown, places), shown[0].feed.round.county_id)
    return [_line(row, places[row.feed_id], likely.get(row.pk, [])) for row in shown]


def _line(row: FeedRow, places: dict[str, int], likely: list[persons.Likely]) -> TriageLine:
    identifying = {row.feed.headings[place] for place in places.values()}
    cells = row_texts.cells_of(row.feed.headings, row.data)
    return TriageLine(
        row=row,
        kind_label=criteria.feed_kinds()[row.feed.kind].label,
        cause=rows.CAUSES["number" if row.code in rows.BAD_NUMBERS else row.code],
        who=[cell for cell in cells if cell[0] in identifying],
        others=[cell for cell in cells if cell[0] not in identifying],
        sentence=row_texts.masked_text(row.message),
        likely=likely,
        is_sure=persons.is_sure(likely),
    )
