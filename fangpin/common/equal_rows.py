"""Which rows of a file are equal: by what their cells come to, not by how they are written."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import islice
from typing import Any

from fangpin.common import cells
from fangpin.common.cells import CellFault
from fangpin.common.workbooks import Table

COMPARED_FIRST = 3
_MARK = 16
Parsed = tuple[Sequence[Any], Mapping[int, CellFault]]


def earlier_equals(table: Table, parsed: Mapping[str, Parsed]) -> dict[int, int]:
    """Position of each row that equals an earlier one → position of the first such row.

    `parsed` gives heading → values and faults by position. A cell that could not be used, and every cell of a
    column that no list knows, counts by its words.
    """
    known = {table.places[heading]: each for heading, each in parsed.items() if heading in table.places}
    alike = _alike(table, known)
    first: dict[tuple[Any, ...], int] = {}
    equal = {}
    for position in alike:
        key = tuple(
            cells.fold(cell) if (each := known.get(place)) is None else _comparable(cell, *each, position)
            for place, cell in enumerate(table.rows[position])
        )
        if (seen := first.setdefault(key, position)) != position:
            equal[position] = seen
    return equal


def _alike(table: Table, known: Mapping[int, Parsed]) -> list[int]:
    """Positions of the rows that agree with another one in a few columns: the only ones worth a full look."""
    few = [values for values, _ in islice(known.values(), COMPARED_FIRST)]
    keys = list(zip(*few, strict=True)) if few else [()] * len(table.rows)
    seen: set[Any] = set()
    twice: set[Any] = set()
    for key in keys:
        (twice if key in seen else seen).add(key)
    return [position for position, key in enumerate(keys) if key in twice] if twice else []


def _comparable(cell: Any, values: Sequence[Any], faults: Mapping[int, CellFault], position: int) -> Any:
    return ("as written", cells.fold(cell)) if position in faults else values[position]


class EqualRows:
    """The same over a file that comes in chunks. Of a row only its number and a mark of what its cells come
    to are kept: 24 bytes."""

    def __init__(self) -> None:
        self._numbers = array("Q")
        self._marks = bytearray()

    def see(self, table: Table, parsed: Mapping[str, Parsed]) -> None:
        """A chunk, with `parsed` as for `earlier_equals`."""
        self._numbers.extend(table.numbers)
        self._marks += b"".join(
            [blake2b(words.encode(), digest_size=_MARK).digest() for words in _in_words(table, parsed)]
        )

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Number of each row that equals an earlier one, and the number of the first such row."""
        marks, count = bytes(self._marks), len(self._numbers)
        alike = sorted(marks[place : place + _MARK] for place in range(0, len(marks), _MARK))
        twice = {
            mark for mark, following in zip(alike, islice(alike, 1, None), strict=False) if mark == following
        }
        del alike
        first: dict[bytes, int] = {}
        for position in range(count) if twice else ():
            mark = marks[position * _MARK : (position + 1) * _MARK]
            if mark in twice and (seen := first.setdefault(mark, position)) != position:
                yield self._numbers[position], self._numbers[seen]


def _in_words(table: Table, parsed: Mapping[str, Parsed]) -> list[str]:
    """Equal for equal rows, however wide the chunk is that they stand in."""
    known = {table.places[heading]: each for heading, each in parsed.items() if heading in table.places}
    columns = []
    for place, (values, faults) in known.items():
        if faults:
            values = [
                _comparable(row[place], values, faults, position) for position, row in enumerate(table.rows)
            ]
        columns.append(values)
    texts = [repr(key) for key in zip(*columns, strict=True)] if columns else [""] * len(table.rows)
    width = len(table.rows[0]) if table.rows else 0
    for place in set(range(width)) - known.keys():
        for position, row in enumerate(table.rows):
            if (cell := row[place]) != "" and (words := cells.fold(cell)):
                texts[position] += f"\x1f{place}\x1f{words}"
    return texts
