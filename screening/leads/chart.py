"""The leads of a round by criterion and place: a chart, and the table with the same figures beside it."""

from dataclasses import dataclass
from typing import Any

from fangpin.accounts.models import Division
from screening import criteria
from screening.criteria.base import Criterion

PLACES_DRAWN = 40  # bars that are still read; the table holds them all


@dataclass
class PlaceLine:
    place: Division
    cells: list[dict]
    total: int


def by_criterion(table: dict[str, Any]) -> dict[str, Any]:
    """From `figures.lead_table`: columns (criterion, total), rows, and `chart` for static/js/charts.js.

    A criterion has a column where some rule is about one of its situations, or a lead is.
    """
    situations = [sub for sub, _ in table["columns"]]
    groups = list(dict.fromkeys(criteria.criterion_of(sub.code) for sub in situations))
    owner = [groups.index(criteria.criterion_of(sub.code)) for sub in situations]

    def summed(numbers: list[int]) -> list[int]:
        sums = [0] * len(groups)
        for position, n in zip(owner, numbers, strict=True):
            sums[position] += n
        return sums

    lines = [
        PlaceLine(
            row.place,
            [
                {"n": n, "risk": group.code, "key": table["key"], "place": row.place.code}
                for group, n in zip(groups, summed([cell["n"] for cell in row.cells]), strict=True)
            ],
            row.total,
        )
        for row in table["rows"]
    ]
    totals = summed([total for _, total in table["columns"]])
    return {"columns": list(zip(groups, totals, strict=True)), "rows": lines, "chart": _chart(groups, lines)}


def _chart(groups: list[Criterion], lines: list[PlaceLine]) -> dict[str, Any] | None:
    if len(lines) > PLACES_DRAWN or not lines:
        return None
    return {
        "places": [line.place.short_name for line in lines],
        "series": [
            {"name": group.label, "values": [line.cells[position]["n"] for line in lines]}
            for position, group in enumerate(groups)
        ],
    }
