"""Turns the table of a list into staged rows by its kind's declaration: cells once, figures once, no SQL."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fangpin.accounts.places.divisions import PlaceFinder
from fangpin.common import cells, crypto
from fangpin.common.equal_rows import Parsed
from fangpin.common.outcomes import RowFault, parse_column
from fangpin.common.values import idnumbers
from fangpin.common.values.dates import months_after
from fangpin.common.workbooks import Table
from households.hamlets import HamletFinder
from screening.criteria.base import FeedKind
from screening.models import FeedRow, RowStatus


@dataclass
class Reading:
    """A list's cells, parsed column by column, with the faults by position."""

    table: Table
    kind: FeedKind
    values: dict[str, list[Any]]
    faults: dict[int, tuple[str, str, str]]  # position → (status, code, message)
    warnings: list[RowFault]
    parsed: dict[str, Parsed]  # by heading, for the search for equal rows


def read(table: Table, kind: FeedKind) -> Reading:
    """Parses every cell of a list, or of a chunk of it. The first fault of a row decides."""
    reading = Reading(table, kind, {}, {}, [], {})
    for cell in kind.cells:
        column = cell.column
        values, faults = parse_column(
            table.column(column.heading),
            cell.parse,
            heading=column.heading,
            required=column.required,
            default=cell.default,
        )
        reading.values[cell.name] = values
        reading.parsed[column.heading] = values, faults
        for position, fault in faults.items():
            if cell.on_fault == "refuse":
                reading.faults.setdefault(position, (RowStatus.REFUSED.value, fault.code, fault.message))
            else:
                words = f"{fault.message}（此项未采用，该行其他内容已采用）"
                reading.warnings.append(RowFault(table.numbers[position], fault.code, words))
    if kind.identity.birth_month:
        _mark_unidentified(reading)
    return reading


def staged_rows(reading: Reading, places: PlaceFinder) -> Iterator[tuple[Any, ...]]:
    """Rows in the order of `matching.STAGE`."""
    # Looked up before the first row: of a database that is taking rows in nothing can be asked.
    hamlets_known = HamletFinder(places.county) if reading.kind.identity.is_place else None
    return _staged_rows(reading, places, hamlets_known)


def _staged_rows(
    reading: Reading, places: PlaceFinder, hamlets_known: HamletFinder | None
) -> Iterator[tuple[Any, ...]]:
    kind, table, values = reading.kind, reading.table, reading.values
    names = list(inspect.signature(kind.figures).parameters)
    figures = kind.figures
    seal = FeedRow._meta.get_field("data").seal
    identity = kind.identity
    numbers = values[identity.id_number]
    indexes = {number: crypto.keyed_index_hex("id", number) if number else None for number in set(numbers)}
    birth_dates = {number: idnumbers.birth_date(number) if number else None for number in indexes}
    blank = [None] * len(table.rows)
    people = values.get(identity.name, blank)
    births = values.get(identity.birth_month, blank)
    heads = values.get(identity.head_name, blank)
    townships = values.get(identity.township, blank)
    villages = values.get(identity.village, blank)
    hamlets = values.get(identity.hamlet, blank)
    arguments = zip(*(values[name] for name in names), strict=True)
    for position, (row_no, row, number, row_arguments) in enumerate(
        zip(table.numbers, table.rows, numbers, arguments, strict=True)
    ):
        fault = reading.faults.get(position)
        data = seal(row)
        if fault is not None:
            yield (row_no, *fault, indexes[number], *_NOTHING, data)
            continue
        township = village = None
        if townships[position] or villages[position]:
            try:
                township, village = _place(places, townships[position], villages[position])
            except _UnknownPlace as unknown:
                if not number:
                    words = unknown.message(identity.is_place)
                    yield (
                        row_no,
                        RowStatus.SET_ASIDE.value,
                        "division_unknown",
                        words,
                        None,
                        *_NOTHING,
                        data,
                    )
                    continue
        status, hamlet = None, hamlets[position]
        if hamlets_known is not None and village and hamlet:
            known = hamlets_known.find(village, hamlet)
            if known is None and not number and not people[position]:
                words = hamlets_known.why_not(village, hamlet)
                yield (row_no, RowStatus.SET_ASIDE.value, "division_unknown", words, None, *_NOTHING, data)
                continue
            hamlet = known or hamlet
        if identity.is_place and not number and not people[position]:
            status = RowStatus.MATCHED.value
        birth = births[position]
        month = birth.replace(day=1) if birth else None
        f = figures(*row_arguments)
        yield (
            row_no, status, None, None, indexes[number], people[position],
            month, months_after(month, 1) if month else None, birth_dates[number],
            heads[position], township, village, hamlet,
            f.on_date, f.until_date, f.amount, f.months, f.qualifies, f.reason[:60], f.word[:60], data,
        )  # fmt: skip


_NOTHING = (None,) * 15


class _UnknownPlace(Exception):
    def __init__(self, place: str):
        self.place = place

    def message(self, is_place: bool) -> str:
        or_number = "" if is_place else "，或补填身份证号码"
        return f"在本县找不到{cells.shown(self.place)}，请按区划名称填写乡镇和行政村{or_number}。"


def _place(places: PlaceFinder, township: str | None, village: str | None) -> tuple[str | None, str | None]:
    """Codes of township (9 digits) and village. Without a township the village only where the county has one
    of that name. Raises _UnknownPlace where the words name nothing."""
    code = places.township(township) if township else None
    named = [places.village(township, village or "")] if township else places.villages_named(village or "")
    if (township and not code) or (village and (not named or named[0] is None)):
        raise _UnknownPlace(" ".join(filter(None, (township, village))))
    return code[:9] if code else None, named[0] if len(named) == 1 else None


def _mark_unidentified(reading: Reading) -> None:
    """Without an ID a row needs a birth month, and a village or a head, to find its person."""
    identity = reading.kind.identity
    for position, number in enumerate(reading.values[identity.id_number]):
        if number or position in reading.faults:
            continue
        if reading.values[identity.birth_month][position] is None:
            reading.faults[position] = (
                RowStatus.REFUSED.value,
                "required",
                "没有身份证号码，也没有可用的“出生年月”，无法比对，请补填其中一项。",
            )
