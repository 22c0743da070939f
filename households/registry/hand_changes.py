"""What was changed by hand (`households.upkeep`), against a workbook that still has the old state.

A workbook bears no date. So a value that the registry had before a change by hand counts as old and is not
written back; any other value is news and is. Somebody who has left does not come back by being listed where
he left, one who has died nowhere; a number that was corrected is not somebody new. Works on the staged
workbook.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence

from fangpin.common import database
from fangpin.common.outcomes import Outcome, RowFault
from households.models import Household, Member
from households.registry_columns import HOUSEHOLD_COLUMNS, MEMBER_COLUMNS

CODE = "hand_change"
_BOOLEANS = {"major_illness_insured", "water_secured"}
# What goes with a column that is kept.
_FOLLOWERS = {"name": ("initials",), "phone_index": ("phone",)}


def as_text(value) -> str:
    """A stored value as the record of a change keeps it: the same from a model, a form or a staging table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.hex if isinstance(value, uuid.UUID) else str(value)


def _staged_text(column: str, value) -> str:
    if column in _BOOLEANS and value is not None:
        return as_text(bool(value))
    text = as_text(value)
    return text.replace("-", "") if column.endswith("_index") else text


# --- persons ------------------------------------------------------------------------------------------


def departed(county: str) -> dict[int, str]:
    """Rows of persons who have left: where they left, or anywhere once they are dead. Row → words."""
    rows = database.rows(
        "SELECT sp.row_no, m.removed_on, m.removed_reason FROM stage_person sp "
        "JOIN stage_household sh ON sh.g = sp.g "
        "JOIN households_member m ON m.id_index = sp.id_index AND m.removed_on IS NOT NULL "
        "JOIN households_household h ON h.id = m.household_id AND h.county_id = %s "
        "WHERE (m.household_id = sh.household_id OR m.removed_reason LIKE %s) AND NOT EXISTS "
        "(SELECT 1 FROM households_member c WHERE c.id_index = sp.id_index AND c.removed_on IS NULL) "
        "ORDER BY sp.row_no, m.removed_on",
        [county, "死亡%"],
    )
    return {
        row: (
            f"户册已登记 {day} {reason or '离开'}。请从表中删去；确实还在的，请先在这户的“户册变动”中恢复，"
            f"再导入。"
        )
        for row, day, reason in rows
    }


def renumbered(county: str) -> dict[int, str]:
    """Rows with a number that was corrected since. Row → words."""
    number = "replace(CAST(sp.id_index AS text), '-', '')"
    rows = database.rows(
        "SELECT sp.row_no, c.happened_on FROM households_changedvalue v "
        f"JOIN stage_person sp ON {number} = v.before "
        "JOIN households_registrychange c ON c.id = v.change_id "
        "JOIN households_household h ON h.id = c.household_id AND h.county_id = %s "
        "WHERE v.item = 'id_index' AND NOT EXISTS "
        "(SELECT 1 FROM households_member m WHERE m.id_index = sp.id_index AND m.removed_on IS NULL) ORDER "
        "BY c.id",
        [county],
    )
    return {row: f"这个证件号码已于 {day} 在户册中更正，请把本表改成更正后的号码。" for row, day in rows}


# --- columns ------------------------------------------------------------------------------------------


def keep_persons(headings: set[str], outcome: Outcome) -> None:
    """Puts the registry's value on the stage where the workbook has what stood there before a change by
    hand."""
    columns = [column for column, heading in MEMBER_COLUMNS.items() if heading in headings]
    rows = _beside("stage_person", "households_member", "member_id", "row_no", columns)
    if not rows:
        return
    befores = _befores("member_id")
    kept: dict[str, list[int]] = defaultdict(list)
    new_heads = set()
    for row, g, pk, staged, now in rows:
        for column in _old(columns, befores[pk], staged, now):
            kept[column].append(row)
            _warn_of_old_value(outcome, row, Member, column)
            if column == "relation" and "head" in (staged[columns.index(column)], now[columns.index(column)]):
                new_heads.add(g)
    # Relations are relations to the head: with an old head all of them are old.
    kept["relation"] += [row for row, g, *_ in _rows_of_groups(new_heads)]
    for column, kept_rows in kept.items():
        _restore("stage_person", "households_member", "member_id", "row_no", column, kept_rows)


def keep_households(headings: set[str], outcome: Outcome, head_rows: Mapping[int, int]) -> None:
    """The same for the cells of a household; told on its head's row."""
    columns = [column for column, heading in HOUSEHOLD_COLUMNS.items() if heading in headings]
    rows = _beside("stage_household", "households_household", "household_id", "g", columns)
    if not rows:
        return
    befores = _befores("household_id")
    kept: dict[str, list[int]] = defaultdict(list)
    for g, _g, pk, staged, now in rows:
        for column in _old(columns, befores[pk], staged, now):
            kept[column].append(g)
            _warn_of_old_value(outcome, head_rows[g], Household, column)
    for column, kept_rows in kept.items():
        _restore("stage_household", "households_household", "household_id", "g", column, kept_rows)


def _changed_things(key: str) -> str:
    """SQL: keys of members, or of households, of which a column was changed by hand."""
    if key == "member_id":
        return (
            "SELECT v.member_id FROM households_changedvalue v WHERE v.member_id IS NOT NULL AND v.item <> ''"
        )
    return (
        "SELECT c.household_id FROM households_changedvalue v JOIN households_registrychange c ON c.id = "
        "v.change_id "
        "WHERE v.member_id IS NULL AND v.item <> ''"
    )


def _beside(stage: str, table: str, key: str, row: str, columns: Sequence[str]) -> list[tuple]:
    """(row, ordinal, key, staged values, values now) of what was changed by hand."""
    if not columns:
        return []
    staged, now = (", ".join(f"{alias}.{column}" for column in columns) for alias in ("s", "t"))
    rows = database.rows(
        f'SELECT s.{row}, s.g, s.{key}, {staged}, {now} FROM "{stage}" s JOIN "{table}" t ON t.id = s.{key} '
        f"WHERE s.{key} IN ({_changed_things(key)})"
    )
    width = len(columns)
    return [(line[0], line[1], line[2], line[3 : 3 + width], line[3 + width :]) for line in rows]


def _befores(key: str) -> dict[int, dict[str, set[str]]]:
    """What once stood there: key → column → texts."""
    of_member = key == "member_id"
    rows = database.rows(
        f"SELECT {'v.member_id' if of_member else 'c.household_id'}, v.item, v.before FROM "
        f"households_changedvalue v "
        "JOIN households_registrychange c ON c.id = v.change_id "
        f"WHERE v.item <> '' AND v.member_id IS {'NOT ' if of_member else ''}NULL"
    )
    befores: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for pk, column, before in rows:
        befores[pk][column].add(before)
    return befores


def _old(
    columns: Sequence[str], befores: Mapping[str, set[str]], staged: Sequence, now: Sequence
) -> list[str]:
    """Columns in which the workbook has what stood there before."""
    texts = [
        (column, _staged_text(column, mine), _staged_text(column, theirs))
        for column, mine, theirs in zip(columns, staged, now, strict=True)
    ]
    return [column for column, mine, theirs in texts if mine != theirs and mine in befores.get(column, ())]


def _warn_of_old_value(outcome: Outcome, row: int, model, column: str) -> None:
    label = model._meta.get_field(column.removesuffix("_index").removesuffix("_id")).verbose_name
    message = f"“{label}”本表还是更正前的内容，户册中已由户册变动改过，没有改回。请改正本表。"
    outcome.warnings.append(RowFault(row, CODE, message))


def _rows_of_groups(groups: set[int]) -> list[tuple]:
    if not groups:
        return []
    with database.staged("stage_groups", {"g": "int"}, ((g,) for g in sorted(groups))):
        return database.rows(
            "SELECT row_no, g FROM stage_person WHERE member_id IS NOT NULL AND g IN (SELECT g FROM "
            "stage_groups)"
        )


def _restore(stage: str, table: str, key: str, row: str, column: str, rows: Sequence[int]) -> None:
    if not rows:
        return
    targets = ", ".join(
        f"{name} = (SELECT t.{name} FROM {table} t WHERE t.id = {stage}.{key})"
        for name in (column, *_FOLLOWERS.get(column, ()))
    )
    with database.staged("stage_kept", {"k": "int"}, ((number,) for number in sorted(set(rows)))):
        database.run(f'UPDATE "{stage}" SET {targets} WHERE {row} IN (SELECT k FROM stage_kept)')
