"""Who stands in the registry and not in a workbook: reported, not deleted. Works on the staged workbook."""

from collections.abc import Sequence

from fangpin.accounts.models import Division, code_range
from fangpin.common import crypto, database
from households.registry.file import Group, Person

_STAGED_LEFT = {"number": "text", "id_index": "uuid"}
# Households of the registry that the file has, taken in or not.
_LISTED = (
    "SELECT household_id FROM stage_household WHERE household_id IS NOT NULL UNION "
    "SELECT h.id FROM stage_left l JOIN households_household h ON h.number = l.number AND h.county_id = %s "
    "UNION "
    "SELECT m.household_id FROM stage_left l JOIN households_member m ON m.id_index = l.id_index AND "
    "m.removed_on IS NULL"
)


def absent_households(county: Division, area: str, left_out: Sequence[Person]) -> list[dict]:
    """Members of households that the file lacks altogether, in villages of which it has at least half of the
    households: a file of a few households says nothing of the others. One of our own numbers is there with
    any of its members. Looked up before anything is merged."""
    low, high = code_range(area)
    left = (
        (person.household_no, crypto.keyed_index_hex("id", person.id_number) if person.id_number else None)
        for person in left_out
    )
    with database.staged("stage_left", _STAGED_LEFT, left):
        rows = database.rows(
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
    return [{"household_no": number, "name": name} for number, name in rows]


def missing_members(groups: list[Group]) -> list[dict]:
    """Persons of the file's households who are not in the file: reported, not deleted. A refused row still
    shows that its person is there."""
    shown = {crypto.keyed_index_hex("id", number) for group in groups for number in group.refused if number}
    return [
        {"household_no": number, "name": name}
        for number, name, index in database.rows(
            "SELECT h.number, m.name, m.id_index FROM stage_household sh JOIN households_household h ON "
            "h.id = sh.household_id "
            "JOIN households_member m ON m.household_id = h.id AND m.removed_on IS NULL "
            "WHERE NOT EXISTS (SELECT 1 FROM stage_person sp WHERE sp.g = sh.g AND sp.id_index = m.id_index) "
            "ORDER BY h.number, m.id"
        )
        if str(index).replace("-", "") not in shown
    ]
