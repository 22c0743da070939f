"""Takes the sound households of a registry workbook into the database: staged, checked against what stands
there, merged. A handful of statements, whatever the number of persons."""

import datetime
import re
from collections.abc import Sequence
from operator import itemgetter

from django.db import transaction
from django.dispatch import Signal

from fangpin.accounts.models import Division, code_range
from fangpin.common import audit, crypto, databases
from fangpin.common.merging import Merge
from fangpin.common.outcomes import Outcome, RowFault
from fangpin.common.transitions import born
from households.codelists import CATEGORY_OF_STATUS, Category, HouseholdStatus
from households.models import Case, Household, Member, TakeOver
from households.names import initials
from households.registry_file import Group, Person

# Sent with `county` (12-digit code) once registry, income or cases have changed.
registry_changed = Signal()

# Columns that a workbook may change, and the heading that must be in it for that.
HOUSEHOLD_COLUMNS = {
    "village_id": "行政村", "hamlet_id": "自然村", "status": "户类型", "lifted_year": "户类型",
    "phone_index": "户联系电话", "housing_grade": "住房等级", "water_secured": "是否解决安全饮用水",
}  # fmt: skip
MEMBER_COLUMNS = {
    "number": "人编号", "name": "姓名", "relation": "与户主关系", "ethnic_group": "民族", "education": "文化程度",
    "student": "在校生状况", "health": "健康状况", "labour": "劳动技能", "work_months": "务工时间（月）",
    "major_illness_insured": "是否参加大病保险", "phone_index": "人联系电话",
}  # fmt: skip

_STAGED_HOUSEHOLD = {
    "g": "int", "number": "text", "own_number": "bool", "head_index": "uuid", "village_id": "text", "hamlet": "text",
    "status": "text", "lifted_year": "int", "phone": "bytes", "phone_index": "uuid", "housing_grade": "text",
    "water_secured": "bool", "household_id": "int", "hamlet_id": "int",
}  # fmt: skip
_STAGED_PERSON = {
    "g": "int", "row_no": "int", "number": "text", "name": "text", "initials": "text", "id_number": "bytes",
    "id_index": "uuid", "birth_date": "date", "sex": "text", "relation": "text", "ethnic_group": "text",
    "education": "text", "student": "text", "health": "text", "labour": "text", "work_months": "int",
    "major_illness_insured": "bool", "phone": "bytes", "phone_index": "uuid", "member_id": "int",
    "household_id": "int",
}  # fmt: skip


def merge_groups(
    groups: list[Group], county: Division, headings: set[str], outcome: Outcome, *, by, on: datetime.date,
    area: str = "", left_out: Sequence[Person] = (),
) -> None:  # fmt: skip
    """Merges `groups` into the registry of `county`; adds to `outcome`. `headings`: the canonical headings that
    the file has; what it lacks is left as it stands. Households that stand outside `area` (a division code,
    else the county) are refused. `left_out` are the persons of the file whose households could not be taken in:
    they are not missing. Must run in a transaction."""
    # One import of a county at a time: numbers of ours are handed out, heads compared.
    Division.objects.select_for_update().get(pk=county.pk)
    with (
        databases.staged(
            "stage_household", _STAGED_HOUSEHOLD, map(_household_row, range(len(groups)), groups)
        ),
        databases.staged("stage_person", _STAGED_PERSON, _person_rows(groups)),
    ):
        _index("stage_household", "number", "head_index", "g")
        _index("stage_person", "id_index", "g")
        _resolve_households(county)
        absent = _absent_households(county, area or county.pk, left_out)
        kept = _against_registry(groups, outcome, _outside(area or county.pk))
        _number_new_households(county, groups, kept)
        _merge_all(county, headings, groups, outcome, by=by, on=on)
        outcome.missing = sorted(_missing_members(groups) + absent, key=itemgetter("household_no"))


def _household_row(g: int, group: Group) -> tuple:
    values = group.values
    phone = values["phone"]
    phone_field = Household._meta.get_field("phone")
    return (
        g, group.number, not group.number, crypto.keyed_index_hex("id", group.head.id_number), values["village"],
        values["hamlet"], values["status"], values["lifted_year"] if values["status"] == "lifted" else None,
        phone_field.seal(phone), crypto.keyed_index_hex("phone", phone) if phone else None,
        values["housing_grade"], values["water_secured"], None, None,
    )  # fmt: skip


def _person_rows(groups: list[Group]):
    seal_id = Member._meta.get_field("id_number").seal
    seal_phone = Member._meta.get_field("phone").seal
    for g, group in enumerate(groups):
        for person in group.persons:
            v = person.values
            number = v["id_number"]
            yield (
                g, person.row, v["number"], v["name"], initials(v["name"])[:20], seal_id(number),
                crypto.keyed_index_hex("id", number), f"{number[6:10]}-{number[10:12]}-{number[12:14]}",
                "male" if int(number[16]) % 2 else "female", v["relation"], v["ethnic_group"], v["education"],
                v["student"], v["health"], v["labour"], v["work_months"], v["major_illness_insured"],
                seal_phone(v["phone"]), crypto.keyed_index_hex("phone", v["phone"]) if v["phone"] else None, None, None,
            )  # fmt: skip


def _index(table: str, *columns: str) -> None:
    for column in columns:
        databases.run(f'CREATE INDEX "{table}_{column}" ON "{table}" ("{column}")')


def _resolve_households(county: Division) -> None:
    """Which household of the registry each group is: by its number; without one, the household of ours whose
    registered head is among the group's persons, as head or not."""
    databases.run(
        "UPDATE stage_household SET household_id = (SELECT h.id FROM households_household h "
        "WHERE h.county_id = %s AND h.number = stage_household.number) WHERE number IS NOT NULL",
        [county.pk],
    )
    databases.run(
        "UPDATE stage_household SET household_id = f.id FROM (SELECT sp.g, min(h.id) AS id FROM stage_person sp "
        "JOIN households_member m ON m.id_index = sp.id_index AND m.removed_on IS NULL AND m.relation = 'head' "
        "JOIN households_household h ON h.id = m.household_id AND h.county_id = %s AND h.own_number "
        "GROUP BY sp.g) f WHERE f.g = stage_household.g AND stage_household.number IS NULL",
        [county.pk],
    )


def _outside(area: str) -> set[int]:
    """Groups whose household stands in the registry outside `area`, whatever village the file gives."""
    low, high = code_range(area)
    return {
        g
        for (g,) in databases.rows(
            "SELECT sh.g FROM stage_household sh JOIN households_household h ON h.id = sh.household_id "
            "WHERE NOT h.village_id BETWEEN %s AND %s",
            [low, high],
        )
    }


def _against_registry(groups: list[Group], outcome: Outcome, outside: set[int]) -> set[int]:
    """Sets aside households with a person who stands elsewhere, in the registry or earlier in the file, or whose
    open case contradicts the file, and refuses those `outside` and those whose registered head is missing; takes them off the stage. Returns the
    ordinals kept."""
    headless = dict(
        databases.rows(
            "SELECT sh.g, m.name FROM stage_household sh JOIN households_member m "
            "ON m.household_id = sh.household_id AND m.relation = 'head' AND m.removed_on IS NULL "
            "WHERE NOT EXISTS (SELECT 1 FROM stage_person sp WHERE sp.g = sh.g AND sp.id_index = m.id_index)"
        )
    )
    elsewhere = dict(
        databases.rows(
            "SELECT sp.row_no, h.number FROM stage_person sp JOIN stage_household sh ON sh.g = sp.g "
            "JOIN households_member m ON m.id_index = sp.id_index AND m.removed_on IS NULL "
            "JOIN households_household h ON h.id = m.household_id "
            f"WHERE {databases.is_different('m.household_id', 'sh.household_id')}"
        )
    )
    contradicted = _contradicted_cases()
    kept: set[int] = set()
    claimed: dict[str, int] = {}
    out: list[tuple[int]] = []
    for g, group in enumerate(groups):
        if g in outside:
            _reject(
                group, outcome.refused, "division_unknown",
                "这个户编号在户册中不在您管辖的范围内，请核对户编号；确已迁入的，请县级办公室导入。",
            )  # fmt: skip
        elif g in headless:
            _reject(
                group,
                outcome.refused,
                "head_many",
                f"户册中这户的户主是{headless[g]}，本表没有他，又另有户主；请写明他现在与户主的关系，或先办理户主变更。",
            )
        elif g in contradicted:
            _reject(group, outcome.set_aside, "category_conflict", contradicted[g])
        elif reason := _stands_elsewhere(group, elsewhere, claimed):
            _reject(group, outcome.set_aside, "person_elsewhere", reason)
        else:
            kept.add(g)
            claimed.update((person.id_number, person.row) for person in group.persons)
            continue
        out.append((g,))
    with databases.staged("stage_out", {"g": "int"}, out):
        for table in ("stage_person", "stage_household"):
            databases.run(f'DELETE FROM "{table}" WHERE g IN (SELECT g FROM stage_out)')
    return kept


def _contradicted_cases() -> dict[int, str]:
    """Art. 2: the category of an open case can't be set against the registry status. Ordinal → message."""
    staged = databases.rows(
        "SELECT sh.g, sh.status, c.category FROM stage_household sh "
        "JOIN households_case c ON c.household_id = sh.household_id "
        f"WHERE c.state IN ({', '.join(['%s'] * len(Case.OPEN))})",
        Case.OPEN,
    )
    return {
        g: f"这户是系统中的{Category(category).label}，本表的“户类型”却是{HouseholdStatus(status).label}，前后矛盾，"
        "全户没有改动：请核对“户类型”；确已变更的，请县级办公室先办理取消重点关注，再导入。"
        for g, status, category in staged
        if CATEGORY_OF_STATUS.get(status) != category
    }


def _stands_elsewhere(group: Group, elsewhere: dict[int, str], claimed: dict[str, int]) -> str:
    for person in group.persons:
        if person.row in elsewhere:
            return f"第 {person.row} 行的{person.name}已在户册的另一户中，全户待核对：请查明该人应在哪一户；只是换了户主的，请把原户主也列入本表。"
        if person.id_number in claimed:
            return f"第 {person.row} 行的{person.name}在本表第 {claimed[person.id_number]} 行的另一户中已有，全户待核对：请查明该人应在哪一户，从另一户中删去后再导入。"
    return ""


def _reject(group: Group, faults: list[RowFault], code: str, message: str) -> None:
    faults.extend(RowFault(person.row, code, message) for person in group.persons)


def _number_new_households(county: Division, groups: list[Group], kept: set[int]) -> None:
    """Numbers of ours for households that have none: Z, county, seven digits, in file order."""
    prefix = f"Z{county.code[:6]}"
    counter = _last_number(county, prefix)
    fresh = [
        g
        for (g,) in databases.rows(
            "SELECT g FROM stage_household WHERE number IS NULL AND household_id IS NULL ORDER BY g"
        )
    ]
    numbers = [(g, f"{prefix}{counter + position:07d}") for position, g in enumerate(fresh, start=1)]
    with databases.staged("stage_number", {"g": "int", "number": "text"}, numbers):
        databases.run(
            "UPDATE stage_household SET number = s.number FROM stage_number s WHERE s.g = stage_household.g"
        )


def _last_number(county: Division, prefix: str) -> int:
    """The highest number of our form: given by us, or brought by this file or an earlier one."""
    taken = databases.rows(
        "SELECT max(number) FROM households_household WHERE county_id = %s AND own_number UNION ALL "
        "SELECT number FROM households_household WHERE county_id = %s AND NOT own_number AND number LIKE %s "
        "UNION ALL SELECT number FROM stage_household WHERE number LIKE %s",
        [county.pk, county.pk, f"{prefix}%", f"{prefix}%"],
    )
    tails = [number.removeprefix(prefix) for (number,) in taken if number]
    return max((int(tail) for tail in tails if re.fullmatch(r"[0-9]{7}", tail)), default=0)


def _merge_all(
    county: Division, headings: set[str], groups: list[Group], outcome: Outcome, *, by, on
) -> None:
    databases.run(
        "INSERT INTO households_hamlet (village_id, name) SELECT DISTINCT village_id, hamlet FROM stage_household "
        "WHERE hamlet IS NOT NULL ON CONFLICT DO NOTHING"
    )
    databases.run(
        "UPDATE stage_household SET hamlet_id = (SELECT t.id FROM households_hamlet t "
        "WHERE t.village_id = stage_household.village_id AND t.name = stage_household.hamlet)"
    )
    households = Merge(
        Household, "stage_household", match="t.id = s.household_id",
        columns=[column for column, heading in HOUSEHOLD_COLUMNS.items() if heading in headings],
        sealed={"phone": "phone_index"}, order="g",
    )  # fmt: skip
    changed_households = households.update()
    databases.run(
        "INSERT INTO households_household (county_id, number, own_number, village_id, hamlet_id, status, lifted_year, "
        "phone, phone_index, housing_grade, water_secured) SELECT %s, number, own_number, village_id, hamlet_id, "
        "status, lifted_year, phone, phone_index, COALESCE(housing_grade, ''), water_secured "
        "FROM stage_household WHERE household_id IS NULL ORDER BY g",
        [county.pk],
    )
    databases.run(
        "UPDATE stage_household SET household_id = (SELECT h.id FROM households_household h "
        "WHERE h.county_id = %s AND h.number = stage_household.number) WHERE household_id IS NULL",
        [county.pk],
    )
    databases.run(
        "UPDATE stage_person SET household_id = (SELECT sh.household_id FROM stage_household sh WHERE sh.g = stage_person.g), "
        "member_id = (SELECT m.id FROM households_member m WHERE m.id_index = stage_person.id_index AND m.removed_on IS NULL)"
    )
    changed_members = _merge_members(headings, on)
    _refresh_staged_summaries()
    opened = _take_over_cases(county, groups, outcome, by=by)
    _count(outcome, {change.n for change in changed_households} | opened, changed_members)
    audit.record_each(by, "registry_change", Household, {c.pk: c.details for c in changed_households})
    audit.record_each(by, "registry_change", Member, {c.pk: c.details for c in changed_members})
    transaction.on_commit(lambda: registry_changed.send(sender=Household, county=county.pk))


def _merge_members(headings: set[str], on: datetime.date):
    members = Merge(
        Member, "stage_person", match="t.id = s.member_id",
        columns=[column for column, heading in MEMBER_COLUMNS.items() if heading in headings],
        sealed={"phone": "phone_index"}, derived={"name": ["initials"]}, order="row_no",
    )  # fmt: skip
    # A change of head: the old one steps back before the new one steps up (one head at every moment).
    changed = members.update(where="s.relation <> 'head'") + members.update(where="s.relation = 'head'")
    plain = [column for column in _STAGED_PERSON if column not in ("g", "row_no", "member_id")]
    texts = {"number", "initials", "ethnic_group", "education", "student", "health", "labour"}
    values = ", ".join(f"COALESCE({column}, '')" if column in texts else column for column in plain)
    databases.run(
        f"INSERT INTO households_member ({', '.join(plain)}, added_on, removed_reason) SELECT {values}, {_date_mark()}, '' "
        "FROM stage_person WHERE member_id IS NULL ORDER BY row_no",
        [on.isoformat()],
    )
    return changed


def _date_mark() -> str:
    return "CAST(%s AS date)" if databases.is_postgres() else "%s"


def _refresh_staged_summaries() -> None:
    refresh_summaries("SELECT household_id FROM stage_household")


def refresh_summaries(households_sql: str) -> None:
    """Rewrites head's name and size of the households that `households_sql` selects."""
    databases.run(
        "UPDATE households_household SET "
        "head_name = COALESCE((SELECT m.name FROM households_member m WHERE m.household_id = households_household.id "
        "AND m.relation = 'head' AND m.removed_on IS NULL), ''), "
        "size = (SELECT count(*) FROM households_member m WHERE m.household_id = households_household.id "
        "AND m.removed_on IS NULL) "
        f"WHERE id IN ({households_sql})"
    )


def _count(outcome: Outcome, groups: set[int], changed_members) -> None:
    """A row is created with its person, changed when its person's or its household's cells did; `groups` are
    the ordinals of the households that changed."""
    total, created = databases.rows("SELECT count(*), count(*) - count(member_id) FROM stage_person")[0]
    rows = {change.n for change in changed_members}
    known = databases.rows("SELECT row_no, g FROM stage_person WHERE member_id IS NOT NULL") if groups else []
    rows |= {row for row, g in known if g in groups}
    outcome.created += created
    outcome.changed += len(rows)
    outcome.unchanged += total - created - len(rows)


def _take_over_cases(county: Division, groups: list[Group], outcome: Outcome, *, by) -> set[int]:
    """Art. 7: the look-back list opens a case where the household never had one, until the office closes it.
    Returns the ordinals of the households that got one."""
    marked = {g for g, group in enumerate(groups) if group.values["category"]}
    dated = {g for g, group in enumerate(groups) if group.values["identified_on"]}
    if not marked | dated:
        return set()
    standing = {
        g: household_id
        for g, household_id in databases.rows("SELECT g, household_id FROM stage_household")
        if g in marked | dated
    }
    cases = Case.objects.filter(household__in=standing.values())
    open_since = dict(cases.open().values_list("household_id", "identified_on"))
    for g in sorted(dated & standing.keys()):
        _compare_day(groups[g], open_since.get(standing[g]), outcome)
    marked &= standing.keys()
    if TakeOver.objects.filter(county=county).exists():
        for g in marked:
            if standing[g] not in open_since:
                outcome.warnings.append(
                    RowFault(
                        groups[g].head.row,
                        "category_conflict",
                        "初始名单接收已结束：本表写为监测对象，系统中不是，请核对。",
                    )
                )
        return set()
    had = set(cases.values_list("household_id", flat=True))
    opened = {g for g in marked if standing[g] not in had}
    fresh = Case.objects.bulk_create(
        [
            Case(
                household_id=standing[g],
                category=CATEGORY_OF_STATUS[groups[g].values["status"]],
                origin=Case.Origin.LOOK_BACK,
                identified_on=groups[g].values["identified_on"],
                risk_words=groups[g].values["risk_words"] or "",
            )
            for g in sorted(opened)
        ],
        batch_size=2000,
    )
    born(fresh, by=by, name="take_over")
    return opened


def _compare_day(group: Group, known: datetime.date | None, outcome: Outcome) -> None:
    """The follow-up year runs from the day that the case has; a workbook does not move it."""
    told = group.values["identified_on"]
    if known and told != known:
        message = f"“风险识别时间”本表为 {told}，系统中该户为 {known}，没有改动，请核对后改正本表。"
        outcome.warnings.append(RowFault(group.head.row, "date", message))


_STAGED_LEFT = {"number": "text", "id_index": "uuid"}
# Households of the registry that the file has, taken in or not.
_LISTED = (
    "SELECT household_id FROM stage_household WHERE household_id IS NOT NULL UNION "
    "SELECT h.id FROM stage_left l JOIN households_household h ON h.number = l.number AND h.county_id = %s UNION "
    "SELECT m.household_id FROM stage_left l JOIN households_member m ON m.id_index = l.id_index AND m.removed_on IS NULL"
)


def _absent_households(county: Division, area: str, left_out: Sequence[Person]) -> list[dict]:
    """Members of households that the file lacks altogether, in villages of which it has at least half of the
    households: a file of a few households says nothing of the others. One of our own numbers is there with any
    of its members. Looked up before anything is merged."""
    low, high = code_range(area)
    left = (
        (person.household_no, crypto.keyed_index_hex("id", person.id_number) if person.id_number else None)
        for person in left_out
    )
    with databases.staged("stage_left", _STAGED_LEFT, left):
        found = databases.rows(
            f"WITH listed AS ({_LISTED}), full_villages AS ("
            "SELECT h.village_id FROM households_household h LEFT JOIN listed l ON l.household_id = h.id "
            "WHERE h.county_id = %s AND h.size > 0 AND h.village_id BETWEEN %s AND %s "
            "GROUP BY h.village_id HAVING 2 * count(l.household_id) >= count(*)) "
            "SELECT h.number, m.name FROM households_household h "
            "JOIN households_member m ON m.household_id = h.id AND m.removed_on IS NULL "
            "WHERE h.county_id = %s AND h.village_id IN (SELECT village_id FROM full_villages) "
            "AND NOT EXISTS (SELECT 1 FROM listed l WHERE l.household_id = h.id) "
            "AND NOT (h.own_number AND EXISTS (SELECT 1 FROM households_member o JOIN stage_person sp "
            "ON sp.id_index = o.id_index WHERE o.household_id = h.id AND o.removed_on IS NULL)) "
            "ORDER BY h.number, m.id",
            [county.pk, county.pk, low, high, county.pk],
        )
    return [{"household_no": number, "name": name} for number, name in found]


def _missing_members(groups: list[Group]) -> list[dict]:
    """Persons of the file's households who are not in the file: reported, not deleted. A refused row still
    shows that its person is there."""
    shown = {crypto.keyed_index_hex("id", number) for group in groups for number in group.refused if number}
    return [
        {"household_no": number, "name": name}
        for number, name, index in databases.rows(
            "SELECT h.number, m.name, m.id_index FROM stage_household sh JOIN households_household h ON h.id = sh.household_id "
            "JOIN households_member m ON m.household_id = h.id AND m.removed_on IS NULL "
            "WHERE NOT EXISTS (SELECT 1 FROM stage_person sp WHERE sp.g = sh.g AND sp.id_index = m.id_index) "
            "ORDER BY h.number, m.id"
        )
        if str(index).replace("-", "") not in shown
    ]
