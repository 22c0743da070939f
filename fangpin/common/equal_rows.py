"""Which rows of a file are equal: by what their cells come to, not by how they are written."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from fangpin.common import cells
from fangpin.common.cells import CellFault
from fangpin.common.workbooks import Table

LOOKED_AT_FIRST = 3
Parsed = tuple[Sequence[Any], Mapping[int, CellFault]]


def earlier_equals(table: Table, parsed: Mapping[str, Parsed]) -> dict[int, int]:
    """Position of each row that equals an earlier one → position of the first such row.

    `parsed` gives heading → values and faults by position. A cell that could not be used, and every cell of a
    column that no list knows, counts by its words.
    """
    known = {table.found[heading]: each for heading, each in parsed.items() if heading in table.found}
    alike = _alike(table, known)
    first: dict[tuple, int] = {}
    equal = {}
    for position in alike:
        key = tuple(
            cells.fold(cell) if (each := known.get(place)) is None else _told(cell, *each, position)
            for place, cell in enumerate(table.rows[position])
        )
        if (seen := first.setdefault(key, position)) != position:
            equal[position] = seen
    return equal


def _alike(table: Table, known: Mapping[int, Parsed]) -> list[int]:
    """Positions of the rows that agree with another one in a few columns: the only ones worth a full look."""
    few = [values for values, _ in islice(known.values(), LOOKED_AT_FIRST)]
    keys = list(zip(*few, strict=True)) if few else [()] * len(table.rows)
    seen, twice = set(), set()
    for key in keys:
        (twice if key in seen else seen).add(key)
    return [position for position, key in enumerate(keys) if key in twice] if twice else []


def _told(cell: Any, values: Sequence[Any], faults: Mapping[int, CellFault], position: int) -> Any:
    return ("as written", cells.fold(cell)) if position in faults else values[position]
