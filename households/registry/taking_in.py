"""Takes the sound households of a registry workbook into the database: staged, checked against what stands
there, merged. A handful of statements, whatever the number of persons."""

import datetime
from collections.abc import Sequence
from operator import itemgetter

from django.db import transaction
from django.dispatch import Signal

from fangpin.accounts.models import Division
from fangpin.common import audit, crypto, database
from fangpin.common.merging import Merge
from fangpin.common.outcomes import Outcome
from households.models import Household, Member
from households.names import initials
from households.registry.cases import take_over_cases
from households.registry.checks import against_registry, outside
from households.registry.file import Group, Person
from households.registry.hand_changes import keep_households, keep_persons
from households.registry.missing import absent_households, missing_members
from households.registry.numbers import number_new_households
from households.registry_columns import HOUSEHOLD_COLUMNS, MEMBER_COLUMNS

# Sent with `county` (12-digit code) once registry, income or cases have changed.
registry_changed = Signal()

_STAGED_HOUSEHOLD = {
    "g": "int",
    "number": "text",
    "own_number": "bool",
    "head_index": "uuid",
    "village_id": "text",
    "hamlet": "text",
    "status": "text",
    "lifted_year": "int",
    "phone": "bytes",
    "phone_index": "uuid",
    "housing_grade": "text",
    "water_secured": "bool",
    "household_id": "int",
    "hamlet_id": "int",
}
_STAGED_PERSON = {
    "g": "int", "row_no": "int", "number": "text", "name": "text", "initials": "text", "id_number": "bytes",
    "id_index": "uuid", "birth_date": "date", "sex": "text", "relation": "text", "ethnic_group": "text",
    "education": "text", "student": "text", "health": "text", "labour": "text", "work_months": "int",
    "major_illness_insured": "bool", "phone": "bytes", "phone_index": "uuid", "member_id": "int",
    "household_id": "int",
}  # fmt: skip


def merge_groups(
    groups: list[Group],
    county: Division,
    headings: set[str],
    outcome: Outcome,
    *,
    by,
    on: datetime.date,
    area: str = "",
    left_out: Sequence[Person] = (),
) -> None:
    """Merges `groups` into the registry of `county`; adds to `outcome`. `headings`: the canonical headings
    that the file has; what it lacks is left as it stands. Households that stand outside `area` (a division
    code, else the county) are refused. `left_out` are the persons of the file whose households could not be
    taken in: they are not missing. Must run in a transaction."""
    # One import of a county at a time: numbers of ours are handed out, heads compared.
    Division.objects.select_for_update().get(pk=county.pk)
    with (
        database.staged(
            "stage_household", _STAGED_HOUSEHOLD, map(_household_row, range(len(groups)), groups)
        ),
        database.staged("stage_person", _STAGED_PERSON, _person_rows(groups)),
    ):
        _index("stage_household", "number", "head_index", "g")
        _index("stage_person", "id_index", "g")
        _resolve_households(county)
        absent = absent_households(county, area or county.pk, left_out)
        against_registry(groups, outcome, outside(area or county.pk), county.pk)
        number_new_households(county)
        _merge_all(county, headings, groups, outcome, by=by, on=on)
        outcome.missing = sorted(missing_members(groups) + absent, key=itemgetter("household_no"))


def _household_row(g: int, group: Group) -> tuple:
    values = group.values
    phone = values["phone"]
    phone_field = Household._meta.get_field("phone")
    return (
        g,
        group.number,
        not group.number,
        crypto.keyed_index_hex("id", group.head.id_number),
        values["village"],
        values["hamlet"],
        values["status"],
        values["lifted_year"] if values["status"] == "lifted" else None,
        phone_field.seal(phone),
        crypto.keyed_index_hex("phone", phone) if phone else None,
        values["housing_grade"],
        values["water_secured"],
        None,
        None,
    )


def _person_rows(groups: list[Group]):
    seal_id = Member._meta.get_field("id_number").seal
    seal_phone = Member._meta.get_field("phone").seal
    for g, group in enumerate(groups):
        for person in group.persons:
            v = person.values
            number = v["id_number"]
            yield (
                g,
                person.row,
                v["number"],
                v["name"],
                initials(v["name"])[:20],
                seal_id(number),
                crypto.keyed_index_hex("id", number),
                f"{number[6:10]}-{number[10:12]}-{number[12:14]}",
                "male" if int(number[16]) % 2 else "female",
                v["relation"],
                v["ethnic_group"],
                v["education"],
                v["student"],
                v["health"],
                v["labour"],
                v["work_months"],
                v["major_illness_insured"],
                seal_phone(v["phone"]),
                crypto.keyed_index_hex("phone", v["phone"]) if v["phone"] else None,
                None,
                None,
            )


def _index(table: str, *columns: str) -> None:
    for column in columns:
        database.run(f'CREATE INDEX "{table}_{column}" ON "{table}" ("{column}")')


def _resolve_households(county: Division) -> None:
    """Which household of the registry each group is: by its number; without one, the household of ours whose
    registered head is among the group's persons, as head or not."""
    database.run(
        "UPDATE stage_household SET household_id = (SELECT h.id FROM households_household h "
        "WHERE h.county_id = %s AND h.number = stage_household.number) WHERE number IS NOT NULL",
        [county.pk],
    )
    database.run(
        "UPDATE stage_household SET household_id = f.id FROM (SELECT sp.g, min(h.id) AS id FROM "
        "stage_person sp "
        "JOIN households_member m ON m.id_index = sp.id_index AND m.removed_on IS NULL AND m.relation = "
        "'head' "
        "JOIN households_household h ON h.id = m.household_id AND h.county_id = %s AND h.own_number "
        "GROUP BY sp.g) f WHERE f.g = stage_household.g AND stage_household.number IS NULL",
        [county.pk],
    )


def _merge_all(
    county: Division, headings: set[str], groups: list[Group], outcome: Outcome, *, by, on
) -> None:
    database.run(
        "INSERT INTO households_hamlet (village_id, name) SELECT DISTINCT village_id, hamlet FROM "
        "stage_household "
        "WHERE hamlet IS NOT NULL ON CONFLICT DO NOTHING"
    )
    database.run(
        "UPDATE stage_household SET hamlet_id = (SELECT t.id FROM households_hamlet t "
        "WHERE t.village_id = stage_household.village_id AND t.name = stage_household.hamlet)"
    )
    keep_households(headings, outcome, {g: group.head.row for g, group in enumerate(groups)})
    households = Merge(
        Household,
        "stage_household",
        match="t.id = s.household_id",
        columns=[column for column, heading in HOUSEHOLD_COLUMNS.items() if heading in headings],
        sealed={"phone": "phone_index"},
        order="g",
    )
    changed_households = households.update()
    database.run(
        "INSERT INTO households_household (county_id, number, own_number, village_id, hamlet_id, status, "
        "lifted_year, "
        "phone, phone_index, housing_grade, water_secured) SELECT %s, number, own_number, village_id, "
        "hamlet_id, "
        "status, lifted_year, phone, phone_index, COALESCE(housing_grade, ''), water_secured "
        "FROM stage_household WHERE household_id IS NULL ORDER BY g",
        [county.pk],
    )
    database.run(
        "UPDATE stage_household SET household_id = (SELECT h.id FROM households_household h "
        "WHERE h.county_id = %s AND h.number = stage_household.number) WHERE household_id IS NULL",
        [county.pk],
    )
    database.run(
        "UPDATE stage_person SET household_id = (SELECT sh.household_id FROM stage_household sh WHERE sh.g "
        "= stage_person.g), "
        "member_id = (SELECT m.id FROM households_member m WHERE m.id_index = stage_person.id_index AND "
        "m.removed_on IS NULL)"
    )
    keep_persons(headings, outcome)
    changed_members = _merge_members(headings, on)
    _refresh_staged_summaries()
    opened = take_over_cases(county, groups, outcome, by=by)
    _count(outcome, {change.n for change in changed_households} | opened, changed_members)
    audit.record_each(by, "registry_change", Household, {c.pk: c.details for c in changed_households})
    audit.record_each(by, "registry_change", Member, {c.pk: c.details for c in changed_members})
    transaction.on_commit(lambda: registry_changed.send(sender=Household, county=county.pk))


def _merge_members(headings: set[str], on: datetime.date):
    members = Merge(
        Member,
        "stage_person",
        match="t.id = s.member_id",
        columns=[column for column, heading in MEMBER_COLUMNS.items() if heading in headings],
        sealed={"phone": "phone_index"},
        derived={"name": ["initials"]},
        order="row_no",
    )
    # A change of head: the old one steps back before the new one steps up (one head at every moment).
    changed = members.update(where="s.relation <> 'head'") + members.update(where="s.relation = 'head'")
    plain = [column for column in _STAGED_PERSON if column not in ("g", "row_no", "member_id")]
    texts = {"number", "initials", "ethnic_group", "education", "student", "health", "labour"}
    values = ", ".join(f"COALESCE({column}, '')" if column in texts else column for column in plain)
    database.run(
        f"INSERT INTO households_member ({', '.join(plain)}, added_on, removed_reason) SELECT {values}, "
        f"{_date_mark()}, '' "
        "FROM stage_person WHERE member_id IS NULL ORDER BY row_no",
        [on.isoformat()],
    )
    return changed


def _date_mark() -> str:
    return "CAST(%s AS date)" if database.is_postgres() else "%s"


def _refresh_staged_summaries() -> None:
    refresh_summaries("SELECT household_id FROM stage_household")


def refresh_summaries(households_sql: str) -> None:
    """Rewrites head's name and size of the households that `households_sql` selects."""
    database.run(
        "UPDATE households_household SET "
        "head_name = COALESCE((SELECT m.name FROM households_member m WHERE m.household_id = "
        "households_household.id "
        "AND m.relation = 'head' AND m.removed_on IS NULL), ''), "
        "size = (SELECT count(*) FROM households_member m WHERE m.household_id = households_household.id "
        "AND m.removed_on IS NULL) "
        f"WHERE id IN ({households_sql})"
    )


def _count(outcome: Outcome, groups: set[int], changed_members) -> None:
    """A row is created with its person, changed when its person's or its household's cells did; `groups` are
    the ordinals of the households that changed."""
    total, created = database.rows("SELECT count(*), count(*) - count(member_id) FROM stage_person")[0]
    rows = {change.n for change in changed_members}
    known = database.rows("SELECT row_no, g FROM stage_person WHERE member_id IS NOT NULL") if groups else []
    rows |= {row for row, g in known if g in groups}
    outcome.created += created
    outcome.changed += len(rows)
    outcome.unchanged += total - created - len(rows)
