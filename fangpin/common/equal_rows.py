"""Which rows of a file are equal: by what their cells come to, not by how they are written."""

from collections.abc import Mapping, Sequence
from typing import Any

from fangpin.common import cells
from fangpin.common.cells import CellFault
from fangpin.common.workbooks import Table

Parsed = tuple[Sequence[Any], Mapping[int, CellFault]]


def earlier_equals(table: Table, parsed: Mapping[str, Parsed]) -> dict[int, int]:
    """Position of each row that equals an earlier one → position of the first such row.

    `parsed` gives heading → values and faults by position. A cell that could not be used, and every cell of a
    column that no list knows, counts by its words.
    """
    known = {table.found[heading]: each for heading, each in parsed.items() if heading in table.found}
    raw = list(zip(*table.rows, strict=True))
    columns = [_told(raw[place], *known.get(place, (None, {}))) for place in range(len(raw))]
    first: dict[tuple, int] = {}
    equal = {}
    for position, key in enumerate(zip(*columns, strict=True)):
        if (seen := first.setdefault(key, position)) != position:
            equal[position] = seen
    return equal


def _told(raw: Sequence[Any], values: Sequence[Any] | None, faults: Mapping[int, CellFault]) -> Sequence[Any]:
    if values is None:
        return list(map(cells.fold, raw))
    if not faults:
        return values
    told = list(values)
    for position in faults:
        told[position] = ("as written", cells.fold(raw[position]))
    return told
