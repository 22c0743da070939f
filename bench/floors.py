"""The joins, filters and sums that each rule can't do without, as a bare `SELECT count(*)`."""

from django.db import connection

from fangpin.common import database
from screening import criteria
from screening.models import Round
from screening.quarters import window

_FROM = """
FROM screening_feed d JOIN screening_feedrow f ON f.feed_id = d.id
JOIN households_household h ON h.id = f.household_id
WHERE d.round_id = %(round)s AND d.kind = %(kind)s AND d.state = 'matched' AND f.status = 'matched'
"""
_MEMBERS = _FROM.replace("WHERE", "JOIN households_member m ON m.id = f.member_id WHERE")
_IN_WINDOW = "f.on_date BETWEEN %(first)s AND %(last)s"
_LABOUR = (
    "m.birth_date > %(last)s::date - interval '60 years' AND m.birth_date <= %(last)s::date - interval '16 "
    "years' "
    "AND m.student IN ('', 'preschool_age')"
)


def _grouped(source: str, condition: str, having: str = "") -> str:
    more = f" HAVING {having}" if having else ""
    return (
        f"SELECT count(*) FROM (SELECT f.household_id {source} AND {condition} GROUP BY "
        f"f.household_id{more}) q"
    )


FLOORS = {
    "education.dropout/school_dropout": _grouped(
        _MEMBERS,
        "f.qualifies AND f.word IN ('因贫', '家庭困难', '经济困难', '缺劳动力') AND m.birth_date <= "
        "%(last)s::date - "
        "interval '6 years' AND m.birth_date > %(last)s::date - interval '16 years'",
    ),
    "education.hardship/student_hardship": _grouped(_FROM, "f.qualifies", "sum(f.amount) >= 800000"),
    "medical.out_of_pocket/medical_settlement": _grouped(
        _FROM, f"f.qualifies AND {_IN_WINDOW}", "sum(f.amount) >= 2000000"
    ),
    "medical.untreated/untreated_illness": _grouped(
        _FROM, "f.qualifies AND f.word IN ('经济困难', '无力承担', '家庭困难')"
    ),
    "housing.unsafe/unsafe_housing": _grouped(_FROM, "f.qualifies"),
    "water.unsafe/water_shortage": """
        SELECT count(DISTINCT home) FROM (
          SELECT COALESCE(f.household_id, v.id, u.id) AS home
          FROM screening_feed d JOIN screening_feedrow f ON f.feed_id = d.id
          LEFT JOIN households_household v
            ON f.household_id IS NULL AND f.hamlet = '' AND v.village_id = f.division_id AND v.size > 0
          LEFT JOIN households_hamlet t
            ON f.household_id IS NULL AND f.hamlet <> '' AND t.village_id = f.division_id AND t.name =
              f.hamlet
          LEFT JOIN households_household u ON u.hamlet_id = t.id AND u.size > 0
          WHERE d.round_id = %(round)s AND d.kind = %(kind)s AND d.state = 'matched' AND f.status = 'matched'
            AND f.qualifies
        ) q
    """,
    "livelihood.production_loss/disaster_loss": _grouped(_FROM, _IN_WINDOW, "sum(f.amount) >= 1000000"),
    "livelihood.unstable_employment/job_loss": f"""
        WITH latest AS (
          SELECT DISTINCT ON (f.member_id) f.member_id, f.household_id, f.months, f.qualifies
          {_FROM} ORDER BY f.member_id, f.on_date DESC, f.row_no DESC
        ), wanting AS (
          SELECT DISTINCT l.household_id FROM latest l JOIN households_member m ON m.id = l.member_id
          WHERE l.qualifies AND {_LABOUR} AND m.labour NOT IN ('lost', 'none')
        )
        SELECT count(*) FROM (
          SELECT w.household_id FROM wanting w
          JOIN households_member m ON m.household_id = w.household_id AND m.removed_on IS NULL
          LEFT JOIN latest l ON l.member_id = m.id
          GROUP BY w.household_id HAVING sum(COALESCE(l.months, m.work_months, 0)) < 6
        ) q
    """,
    "other.rigid_expense/rigid_expense": _grouped(
        _FROM, f"f.qualifies AND {_IN_WINDOW}", "sum(f.amount) >= 1500000"
    ),
    "other.labour_loss/disability": _grouped(_MEMBERS, f"f.qualifies AND {_IN_WINDOW} AND {_LABOUR}"),
    "other.labour_loss/traffic_accident": _grouped(
        _MEMBERS,
        f"f.qualifies AND {_IN_WINDOW} AND m.birth_date > f.on_date - interval '60 years' "
        "AND m.birth_date <= f.on_date - interval '16 years' AND m.student IN ('', 'preschool_age')",
    ),
}


def missing() -> list[str]:
    """Rules that have a floor here and are no part of the program yet."""
    return sorted(set(FLOORS) - set(criteria.rules()))


def unmeasured() -> list[str]:
    """Rules of the program that have no floor here: their ratio would be made too large."""
    return sorted(set(criteria.rules()) - set(FLOORS))


def count_all(round: Round) -> dict[str, int]:
    """What each rule's bare joins find, before income and registry status have their say."""
    first, last = window(round.last_day, 12)
    counts = {}
    with database.bulk_work(), connection.cursor() as cursor:  # planned as the sweep's own statements are
        for code, rule in criteria.rules().items():
            if code in FLOORS:
                cursor.execute(
                    FLOORS[code], {"round": round.pk, "kind": rule.kind.code, "first": first, "last": last}
                )
                counts[code] = cursor.fetchone()[0]
    return counts
