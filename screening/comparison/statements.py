"""The statements of the comparison (Art. 7(2)2), set-based: one for any number of households. `compare` runs
them, inside one transaction.

Only the database can join, insert and count for a whole county at once; every state, side and source goes in
as a parameter.
"""

from typing import Any

from fangpin.common import database
from households.models import Case, RiskState
from screening import criteria
from screening.models import CandidateState, Round, Side, Source, Verification, VerificationState

# What the statements below call a state, a side or a source: name → stored value.
_STORED = {
    "online": Source.ONLINE.value,
    "offline": Source.OFFLINE.value,
    "both": Side.CONSISTENT.value,
    "mismatch": Side.MISMATCH.value,
    "online_only": Side.ONLINE_ONLY.value,
    "offline_only": Side.OFFLINE_ONLY.value,
    "consistent": CandidateState.CONSISTENT.value,
    "to_verify": CandidateState.TO_VERIFY.value,
    "withdrawn": CandidateState.WITHDRAWN.value,
    "deferred": CandidateState.DEFERRED.value,
    "carried": CandidateState.CARRIED.value,
    "asked": VerificationState.ASKED.value,
    "answered": VerificationState.ANSWERED.value,
    "settled": VerificationState.SETTLED.value,
    "comparison": Verification.Kind.COMPARISON.value,
    "recheck": Verification.Kind.RECHECK.value,
    "proposed": RiskState.PROPOSED.value,
    "open": RiskState.OPEN.value,
    **{f"case_{number}": state.value for number, state in enumerate(Case.OPEN)},
}
_CASE_IS_OPEN = f"c.state IN ({', '.join(f'%(case_{number})s' for number in range(len(Case.OPEN)))})"

# One row a household with a lead that was not withdrawn: which lists have it, whether a criterion is in both,
# the open case.
SIDES = """
CREATE TEMPORARY TABLE compare_side AS
SELECT s.household_id, c.id AS case_id, min(s.category) AS category,
  CASE WHEN max(s.is_online * s.is_offline) = 1 THEN %(both)s
    WHEN max(s.is_online) = 1 AND max(s.is_offline) = 1 THEN %(mismatch)s
    WHEN max(s.is_online) = 1 THEN %(online_only)s ELSE %(offline_only)s END AS side
FROM (SELECT l.household_id, {criterion} AS criterion, min(l.category) AS category,
    max(CASE WHEN l.source = %(online)s THEN 1 ELSE 0 END) AS is_online,
    max(CASE WHEN l.source = %(offline)s THEN 1 ELSE 0 END) AS is_offline
  FROM screening_lead l WHERE l.round_id = %(round)s AND l.withdrawn_at IS NULL
  GROUP BY l.household_id, {criterion}) s
LEFT JOIN households_case c ON c.household_id = s.household_id AND {case_is_open}
GROUP BY s.household_id, c.id
"""

NEW = """
INSERT INTO screening_candidate (round_id, household_id, state, side, category, is_late)
SELECT %(round)s, s.household_id, CASE WHEN s.side = %(both)s THEN %(consistent)s ELSE %(to_verify)s END,
  s.side, s.category, %(late)s
FROM compare_side s WHERE s.case_id IS NULL ORDER BY s.household_id
ON CONFLICT (round_id, household_id) DO NOTHING
"""

# What the county left open earlier: deferred by a meeting, or carried over unanswered.
LEFT_OPEN = """
INSERT INTO screening_candidate (round_id, household_id, state, side, category, is_late, previous_id)
SELECT %(round)s, p.household_id, %(to_verify)s, p.side, p.category, %(late)s, p.id
FROM screening_candidate p JOIN screening_round r ON r.id = p.round_id
WHERE r.county_id = %(county)s AND r.year * 4 + r.quarter < %(number)s
  AND p.state IN (%(deferred)s, %(carried)s)
  AND p.id = (SELECT max(q.id) FROM screening_candidate q WHERE q.household_id = p.household_id AND
    q.round_id <> %(round)s)
  AND NOT EXISTS (SELECT 1 FROM households_case c WHERE c.household_id = p.household_id AND {case_is_open})
ORDER BY p.household_id
ON CONFLICT (round_id, household_id) DO NOTHING
"""

NAME_PREVIOUS = """
UPDATE screening_candidate SET previous_id = (SELECT max(p.id) FROM screening_candidate p
  WHERE p.household_id = screening_candidate.household_id AND p.round_id <> screening_candidate.round_id
  AND p.state IN (%(deferred)s, %(carried)s))
WHERE round_id = %(round)s AND previous_id IS NULL AND state IN (%(to_verify)s, %(consistent)s)
  AND id > %(before)s
"""

NEW_SIDES = """
UPDATE screening_candidate SET side = s.side, category = s.category FROM compare_side s
WHERE screening_candidate.round_id = %(round)s AND s.household_id = screening_candidate.household_id
  AND screening_candidate.state IN (%(consistent)s, %(to_verify)s, %(withdrawn)s)
  AND (screening_candidate.side <> s.side OR screening_candidate.category <> s.category)
"""

WITHOUT_LEAD = """
SELECT c.id FROM screening_candidate c
WHERE c.round_id = %(round)s AND c.state IN (%(consistent)s, %(to_verify)s)
  AND c.listed_at IS NULL AND c.previous_id IS NULL
  AND NOT EXISTS (SELECT 1 FROM compare_side s WHERE s.household_id = c.household_id)
  AND NOT EXISTS (SELECT 1 FROM screening_verification v WHERE v.candidate_id = c.id
    AND v.answered_at IS NOT NULL)
"""

NOW_CONSISTENT = """
SELECT c.id FROM screening_candidate c JOIN compare_side s ON s.household_id = c.household_id
WHERE c.round_id = %(round)s AND s.case_id IS NULL AND c.listed_at IS NULL
  AND s.side = %(both)s AND c.state IN (%(to_verify)s, %(withdrawn)s)
  AND NOT EXISTS (SELECT 1 FROM screening_verification v WHERE v.candidate_id = c.id
    AND v.state = %(answered)s)
"""

NOW_APART = """
SELECT c.id FROM screening_candidate c JOIN compare_side s ON s.household_id = c.household_id
WHERE c.round_id = %(round)s AND s.case_id IS NULL AND c.listed_at IS NULL
  AND s.side <> %(both)s AND c.state IN (%(consistent)s, %(withdrawn)s)
"""

TASKS = """
INSERT INTO screening_verification (round_id, household_id, candidate_id, kind, state, due_on)
SELECT c.round_id, c.household_id, c.id,
  CASE WHEN p.state = %(deferred)s THEN %(recheck)s ELSE %(comparison)s END, %(asked)s, {due}
FROM screening_candidate c LEFT JOIN screening_candidate p ON p.id = c.previous_id
WHERE c.round_id = %(round)s AND c.state = %(to_verify)s
  AND NOT EXISTS (SELECT 1 FROM screening_verification v WHERE v.round_id = c.round_id
    AND v.household_id = c.household_id)
ORDER BY c.id
"""

CASE_TASKS = """
INSERT INTO screening_verification (round_id, household_id, case_id, kind, state, due_on)
SELECT %(round)s, s.household_id, s.case_id, %(comparison)s, %(asked)s, {due}
FROM compare_side s WHERE s.case_id IS NOT NULL
  AND EXISTS (SELECT 1 FROM screening_lead l WHERE l.round_id = %(round)s AND l.household_id = s.household_id
    AND l.withdrawn_at IS NULL AND NOT EXISTS (SELECT 1 FROM households_risk k WHERE k.case_id = s.case_id
      AND k.subcriterion = l.subcriterion AND k.state IN (%(proposed)s, %(open)s)))
  AND NOT EXISTS (SELECT 1 FROM screening_verification v WHERE v.round_id = %(round)s
    AND v.household_id = s.household_id)
ORDER BY s.household_id
"""

CASE_RISKS = """
INSERT INTO households_risk (case_id, subcriterion, state, found_on)
SELECT DISTINCT s.case_id, l.subcriterion, %(proposed)s, {today}
FROM compare_side s JOIN screening_lead l ON l.household_id = s.household_id AND l.round_id = %(round)s
  AND l.withdrawn_at IS NULL
JOIN screening_verification v ON v.round_id = l.round_id AND v.case_id = s.case_id
  AND v.state <> %(settled)s
WHERE NOT EXISTS (SELECT 1 FROM households_risk k WHERE k.case_id = s.case_id
  AND k.subcriterion = l.subcriterion AND k.state IN (%(proposed)s, %(open)s))
"""


def run(sql: str, round: Round, **params: Any) -> int:
    """Executes one of the statements for `round`; returns how many rows it touched."""
    return database.run(_text(sql), _params(round, params))


def ids(sql: str, round: Round) -> list[int]:
    return [pk for (pk,) in database.rows(_text(sql), _params(round, {}))]


def _params(round: Round, params: dict[str, Any]) -> dict[str, Any]:
    number = round.year * 4 + round.quarter
    return _STORED | {"round": round.pk, "county": round.county_id, "number": number} | params


def _text(sql: str) -> str:
    date = "CAST(%({})s AS date)" if database.is_postgres() else "%({})s"
    return sql.format(
        criterion=_criterion("l.subcriterion"),
        case_is_open=_CASE_IS_OPEN,
        due=date.format("due"),
        today=date.format("today"),
    )


def _criterion(column: str) -> str:
    """SQL: the criterion of a situation, from the criteria's own declarations."""
    whens = " ".join(
        f"WHEN '{code}' THEN '{criteria.criterion_of(code).code}'" for code in criteria.subcriteria()
    )
    return f"CASE {column} {whens} ELSE {column} END"
