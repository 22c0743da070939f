"""A staged registry workbook against what stands in the registry: what can't be taken in is said and taken
off the stage."""

from fangpin.accounts.models import code_range
from fangpin.common import database
from fangpin.common.outcomes import Outcome, RowFault
from households.codelists import CATEGORY_OF_STATUS, Category, HouseholdStatus
from households.models import Case
from households.registry.file import Group
from households.registry.hand_changes import departed, renumbered


def outside(area: str) -> set[int]:
    """Groups whose household stands in the registry outside `area`, whatever village the file gives."""
    low, high = code_range(area)
    return {
        g
        for (g,) in database.rows(
            "SELECT sh.g FROM stage_household sh JOIN households_household h ON h.id = sh.household_id "
            "WHERE NOT h.village_id BETWEEN %s AND %s",
            [low, high],
        )
    }


def against_registry(groups: list[Group], outcome: Outcome, outside: set[int], county: str) -> set[int]:
    """Sets aside households with a person who stands elsewhere, in the registry or earlier in the file, that
    were closed, or whose open case contradicts the file, and refuses those `outside` and those whose
    registered head is missing; takes them off the stage. A person who has left, or whose number was
    corrected, is set aside alone, unless he is the file's head. Returns the ordinals kept."""
    gone = departed(county) | renumbered(county)
    closed = _closed_households()
    headless = dict(
        database.rows(
            "SELECT sh.g, m.name FROM stage_household sh JOIN households_member m "
            "ON m.household_id = sh.household_id AND m.relation = 'head' AND m.removed_on IS NULL "
            "WHERE NOT EXISTS (SELECT 1 FROM stage_person sp WHERE sp.g = sh.g AND sp.id_index = m.id_index)"
        )
    )
    elsewhere = dict(
        database.rows(
            "SELECT sp.row_no, h.number FROM stage_person sp JOIN stage_household sh ON sh.g = sp.g "
            "JOIN households_member m ON m.id_index = sp.id_index AND m.removed_on IS NULL "
            "JOIN households_household h ON h.id = m.household_id "
            f"WHERE {database.is_different('m.household_id', 'sh.household_id')}"
        )
    )
    contradicted = _contradicted_cases()
    kept: set[int] = set()
    claimed: dict[str, int] = {}
    out: list[tuple[int]] = []
    alone: list[tuple[int]] = []
    for g, group in enumerate(groups):
        if g in outside:
            _reject(
                group,
                outcome.refused,
                "division_unknown",
                "这个户编号在户册中不在您管辖的范围内，请核对户编号；确已迁入的，请县级办公室导入。",
            )
        elif g in closed:
            _reject(group, outcome.set_aside, "person_elsewhere", closed[g])
        elif group.head.row in gone:
            words = f"本表的户主{group.head.name}：{gone[group.head.row]}全户没有改动。"
            _reject(group, outcome.set_aside, "person_elsewhere", words)
        elif g in headless:
            _reject(
                group,
                outcome.refused,
                "head_many",
                f"户册中这户的户主是{headless[g]}，本表没有他，又另有户主；请写明他现在与户主的关系，或先办理户主变更。",
            )
        elif g in contradicted:
            _reject(group, outcome.set_aside, "category_conflict", contradicted[g])
        elif reason := _elsewhere_sentence(group, elsewhere, claimed):
            _reject(group, outcome.set_aside, "person_elsewhere", reason)
        else:
            kept.add(g)
            alone += _set_departed_aside(group, gone, outcome)
            claimed.update((person.id_number, person.row) for person in group.persons)
            continue
        out.append((g,))
    with database.staged("stage_out", {"g": "int"}, out):
        for table in ("stage_person", "stage_household"):
            database.run(f'DELETE FROM "{table}" WHERE g IN (SELECT g FROM stage_out)')
    if alone:
        with database.staged("stage_alone", {"row_no": "int"}, alone):
            database.run("DELETE FROM stage_person WHERE row_no IN (SELECT row_no FROM stage_alone)")
    return kept


def _set_departed_aside(group: Group, gone: dict[int, str], outcome: Outcome) -> list[tuple[int]]:
    left = [person for person in group.persons if person.row in gone]
    for person in left:
        words = f"{person.name}：{gone[person.row]}这一行没有导入，本户其他人照常。"
        outcome.set_aside.append(RowFault(person.row, "person_elsewhere", words))
        group.persons.remove(person)
    return [(person.row,) for person in left]


def _closed_households() -> dict[int, str]:
    closed = database.rows(
        "SELECT sh.g, h.closed_on FROM stage_household sh JOIN households_household h ON h.id = "
        "sh.household_id "
        "WHERE h.closed_on IS NOT NULL"
    )
    return {
        g: (
            f"这个户编号的户已于 {day} 注销（合户，或户内已没有人），全户没有导入。请从表中删去；确实还在的，"
            f"请在户册中恢复其成员。"
        )
        for g, day in closed
    }


def _contradicted_cases() -> dict[int, str]:
    """Art. 2: the category of an open case can't be set against the registry status. Ordinal → message."""
    staged = database.rows(
        "SELECT sh.g, sh.status, c.category FROM stage_household sh "
        "JOIN households_case c ON c.household_id = sh.household_id "
        f"WHERE c.state IN ({', '.join(['%s'] * len(Case.OPEN))})",
        Case.OPEN,
    )
    return {
        g: f"这户是系统中的{Category(category).label}，本表的“户类型”却是{HouseholdStatus(status).label}，"
        f"前后矛盾，"
        "全户没有改动：请核对“户类型”；确已变更的，请县级办公室先办理取消重点关注，再导入。"
        for g, status, category in staged
        if CATEGORY_OF_STATUS.get(status) != category
    }


def _elsewhere_sentence(group: Group, elsewhere: dict[int, str], claimed: dict[str, int]) -> str:
    for person in group.persons:
        if person.row in elsewhere:
            return (
                f"第 {person.row} 行的{person.name}已在户册的另一户中，全户待核对：请查明该人应在哪一户；"
                f"只是换了户主的，请把原户主也列入本表。"
            )
        if person.id_number in claimed:
            return (
                f"第 {person.row} 行的{person.name}在本表第 {claimed[person.id_number]} "
                f"行的另一户中已有，全户待核对：请查明该人应在哪一户，从另一户中删去后再导入。"
            )
    return ""


def _reject(group: Group, faults: list[RowFault], code: str, message: str) -> None:
    faults.extend(RowFault(person.row, code, message) for person in group.persons)
