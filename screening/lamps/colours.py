"""The lamp of a household (亮灯): three columns on Household (the colour, since when, and where a
red one comes from), rewritten set-based."""

from collections.abc import Collection

from django.utils import timezone

from fangpin.common import database
from households.models import CaseState, Lamp, LampSource
from screening.models import CandidateState, RoundState, VerificationState

# More households than these, and the whole county is as quick.
_FEW = 500

# Red: an unsettled lead: of a round under way, neither dismissed by the township nor decided by a meeting, on
# an open case not verified yet; or of a household that a round has deferred or carried over, until a later
# one settles it. Yellow: an open case whose help is outstanding. Blue: one that has had all its help. Green:
# released.
_COLOURS = """
SELECT h.id, CASE WHEN l.household_id IS NOT NULL THEN %(red)s WHEN c.rank = 3 THEN %(yellow)s
  WHEN c.rank = 2 THEN %(blue)s WHEN c.rank = 1 THEN %(green)s ELSE %(none)s END AS colour,
    COALESCE(l.source, '') AS source
FROM households_household h
LEFT JOIN (SELECT lead.household_id, CASE WHEN min(lead.source) = max(lead.source) THEN min(lead.source)
    ELSE %(both)s END AS source FROM screening_lead lead JOIN screening_round r ON r.id = lead.round_id
  LEFT JOIN screening_candidate d ON d.round_id = lead.round_id AND d.household_id = lead.household_id
  LEFT JOIN screening_verification v ON v.round_id = lead.round_id AND v.household_id = lead.household_id
    AND v.case_id IS NOT NULL
  WHERE r.county_id = %(county)s{of_leads} AND lead.withdrawn_at IS NULL
    AND (r.state <> %(determined)s OR (d.state IN (%(deferred)s, %(carried)s) AND NOT EXISTS (SELECT 1
      FROM screening_candidate e WHERE e.household_id = d.household_id AND e.id > d.id
      AND e.state IN ({decided}))))
    AND COALESCE(d.state, '') NOT IN ({decided}) AND COALESCE(v.state, '') <> %(settled)s
  GROUP BY lead.household_id) l ON l.household_id = h.id
LEFT JOIN (SELECT household_id, max(CASE WHEN state = %(released)s THEN 1 WHEN state = %(revoked)s THEN 0
  WHEN helped_since IS NULL THEN 3 ELSE 2 END) AS rank
  FROM households_case{of_cases} GROUP BY household_id) c ON c.household_id = h.id
WHERE h.county_id = %(county)s{of_homes} AND (h.lamp <> %(none)s OR l.household_id IS NOT NULL OR c.rank IS
  NOT NULL)
"""
_DECIDED = "%(dismissed)s, %(approved)s, %(declined)s"
_STATES = {
    **{lamp.value: lamp.value for lamp in Lamp},
    "both": LampSource.BOTH.value,
    "determined": RoundState.DETERMINED.value,
    **{state.value: state.value for state in CandidateState},
    "settled": VerificationState.SETTLED.value,
    "released": CaseState.RELEASED.value,
    "revoked": CaseState.REVOKED.value,
}


def recompute_lamps(county: str, households: Collection[int] | None = None) -> int:
    """Brings the lamps of a county (12-digit code) to what leads and cases say, or those of some of its
    households (keys); returns how many changed."""
    today = timezone.localdate().isoformat()
    date = "CAST(%(today)s AS date)" if database.is_postgres() else "%(today)s"
    only = (
        ""
        if households is None or len(households) > _FEW
        else ", ".join(str(int(pk)) for pk in households) or "0"
    )
    colours = _COLOURS.format(
        decided=_DECIDED,
        of_leads=f" AND lead.household_id IN ({only})" if only else "",
        of_cases=f" WHERE household_id IN ({only})" if only else "",
        of_homes=f" AND h.id IN ({only})" if only else "",
    )
    return database.run(
        "UPDATE households_household AS t SET lamp = n.colour, lamp_source = n.source, "
        f"lamp_since = CASE WHEN n.colour = %(none)s THEN NULL WHEN n.colour = t.lamp THEN t.lamp_since ELSE "
        f"{date} END "
        f"FROM ({colours}) n WHERE n.id = t.id AND (n.colour <> t.lamp OR n.source <> t.lamp_source)",
        {**_STATES, "today": today, "county": county},
    )
