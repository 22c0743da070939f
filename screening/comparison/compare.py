"""线上线下对比 (Art. 7(2)2): households AND their situations, set-based. In both lists with a criterion in
common → consistent; else verification decides. Leads on an open case become proposed risks of the case, not
candidates."""

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from fangpin.common import audit, database, working_days
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move, write_first_records
from households.models import Risk, RiskState
from screening import criteria
from screening.comparison import inquiries
from screening.models import Candidate, CandidateState, Round, RoundState, Verification, VerificationState

# One row a household with a lead that stands: which lists have it, whether a criterion is in both, the open
# case.
_SIDES = """
CREATE TEMPORARY TABLE compare_side AS
SELECT s.household_id, c.id AS case_id, min(s.category) AS category,
  CASE WHEN max(s.is_online * s.is_offline) = 1 THEN 'consistent'
    WHEN max(s.is_online) = 1 AND max(s.is_offline) = 1 THEN 'mismatch'
    WHEN max(s.is_online) = 1 THEN 'online_only' ELSE 'offline_only' END AS side
FROM (SELECT l.household_id, {criterion} AS criterion, min(l.category) AS category,
    max(CASE WHEN l.source = 'online' THEN 1 ELSE 0 END) AS is_online,
    max(CASE WHEN l.source = 'offline' THEN 1 ELSE 0 END) AS is_offline
  FROM screening_lead l WHERE l.round_id = %s AND l.withdrawn_at IS NULL
  GROUP BY l.household_id, {criterion}) s
LEFT JOIN households_case c ON c.household_id = s.household_id AND c.state IN ('active', 'evaluated',
  'reviewed')
GROUP BY s.household_id, c.id
"""

_NEW = """
INSERT INTO screening_candidate (round_id, household_id, state, side, category, is_late)
SELECT %s, s.household_id, CASE WHEN s.side = 'consistent' THEN 'consistent' ELSE 'to_verify' END, s.side,
  s.category,
  {late}
FROM compare_side s WHERE s.case_id IS NULL ORDER BY s.household_id
ON CONFLICT (round_id, household_id) DO NOTHING
"""

# What the county left open earlier: deferred by a meeting, or carried over unanswered.
_LEFT_OPEN = """
INSERT INTO screening_candidate (round_id, household_id, state, side, category, is_late, previous_id)
SELECT %s, p.household_id, 'to_verify', p.side, p.category, {false}, p.id
FROM screening_candidate p JOIN screening_round r ON r.id = p.round_id
WHERE r.county_id = %s AND r.year * 4 + r.quarter < %s AND p.state IN ('deferred', 'carried')
  AND p.id = (SELECT max(q.id) FROM screening_candidate q WHERE q.household_id = p.household_id AND
    q.round_id <> %s)
  AND NOT EXISTS (SELECT 1 FROM households_case c WHERE c.household_id = p.household_id
    AND c.state IN ('active', 'evaluated', 'reviewed'))
ORDER BY p.household_id
ON CONFLICT (round_id, household_id) DO NOTHING
"""

_FOLLOW_PREVIOUS = """
UPDATE screening_candidate SET previous_id = (SELECT max(p.id) FROM screening_candidate p
  WHERE p.household_id = screening_candidate.household_id AND p.round_id <> screening_candidate.round_id
  AND p.state IN ('deferred', 'carried'))
WHERE round_id = %s AND previous_id IS NULL AND state IN ('to_verify', 'consistent') AND id > %s
"""

_TASKS = """
INSERT INTO screening_verification (round_id, household_id, candidate_id, kind, state, due_on)
SELECT c.round_id, c.household_id, c.id,
  CASE WHEN p.state = 'deferred' THEN 'recheck' ELSE 'comparison' END, 'asked', {due}
FROM screening_candidate c LEFT JOIN screening_candidate p ON p.id = c.previous_id
WHERE c.round_id = %s AND c.state = 'to_verify'
  AND NOT EXISTS (SELECT 1 FROM screening_verification v WHERE v.round_id = c.round_id AND v.household_id =
    c.household_id)
ORDER BY c.id
"""

_CASE_TASKS = """
INSERT INTO screening_verification (round_id, household_id, case_id, kind, state, due_on)
SELECT %s, s.household_id, s.case_id, 'comparison', 'asked', {due}
FROM compare_side s WHERE s.case_id IS NOT NULL
  AND EXISTS (SELECT 1 FROM screening_lead l WHERE l.round_id = %s AND l.household_id = s.household_id
    AND l.withdrawn_at IS NULL AND NOT EXISTS (SELECT 1 FROM households_risk k WHERE k.case_id = s.case_id
      AND k.subcriterion = l.subcriterion AND k.state IN ('proposed', 'open')))
  AND NOT EXISTS (SELECT 1 FROM screening_verification v WHERE v.round_id = %s AND v.household_id =
    s.household_id)
ORDER BY s.household_id
"""

_CASE_RISKS = """
INSERT INTO households_risk (case_id, subcriterion, state, found_on)
SELECT DISTINCT s.case_id, l.subcriterion, 'proposed', {day}
FROM compare_side s JOIN screening_lead l ON l.household_id = s.household_id AND l.round_id = %s
  AND l.withdrawn_at IS NULL
JOIN screening_verification v ON v.round_id = l.round_id AND v.case_id = s.case_id AND v.state <> 'settled'
WHERE NOT EXISTS (SELECT 1 FROM households_risk k WHERE k.case_id = s.case_id AND k.subcriterion =
  l.subcriterion
  AND k.state IN ('proposed', 'open'))
"""


def compare_round(round: Round, *, by) -> dict:
    """Compares both lists of `round`, for the first time or again; returns the counts by side and state.

    From then on leads that come later join at once. Raises Refused, or what the door raises.
    """
    with transaction.atomic():
        standing = _locked(round)
        if not standing.is_sweepable:
            raise Refused(f"{standing}{standing.get_state_display()}，不能再做线上线下对比。")
        due = standing.verification_due or _due(standing)
        move(Round.objects.filter(pk=round.pk), "compare", by=by, stamps={"verification_due": due})
        _join(standing, due=due, late=False)
        counts = count_sides(standing)
        audit.record(by, "round_compare", standing, **counts)
    round.refresh_from_db()
    return counts


def collect_again(round: Round, *, by, reason: str) -> None:
    """Back to collecting; what was verified stays. Raises Refused without a reason."""
    if not (reason := reason.strip()):
        raise Refused("请写明退回收集的原因，例如哪个部门的数据要重报。")
    with transaction.atomic():
        move(Round.objects.filter(pk=round.pk), "collect_again", by=by, opinion=reason)
        audit.record(by, "round_collect_again", round, reason=reason)
    round.refresh_from_db()


def leads_changed(round: Round) -> None:
    """After a sweep or a village report: while the round is compared, what is new joins at once."""
    with transaction.atomic():
        standing = _locked(round)
        if standing.state == RoundState.COMPARED:
            _join(standing, due=_due(standing), late=True)


def count_sides(round: Round) -> dict[str, int]:
    """Households of the comparison by side, and those still to verify."""
    return (
        Candidate.objects.filter(round=round)
        .exclude(state=CandidateState.WITHDRAWN)
        .aggregate(
            candidates=Count("pk"),
            consistent=Count("pk", filter=Q(side="consistent")),
            mismatch=Count("pk", filter=Q(side="mismatch")),
            online_only=Count("pk", filter=Q(side="online_only")),
            offline_only=Count("pk", filter=Q(side="offline_only")),
            to_verify=Count("pk", filter=Q(state=CandidateState.TO_VERIFY)),
        )
    )


def _locked(round: Round) -> Round:
    return Round.objects.select_for_update(of=("self",)).select_related("county").get(pk=round.pk)


def _due(round: Round):
    try:
        return working_days.add(timezone.localdate(), round.parameters["round.verification_due"])
    except working_days.YearNotConfirmed:
        return None


def _join(round: Round, *, due, late: bool) -> None:
    database.run("DROP TABLE IF EXISTS compare_side")
    database.run(_SIDES.format(criterion=_criterion("l.subcriterion")), [round.pk])
    database.refresh_statistics("compare_side")
    _follow_the_sides(round)
    _add_candidates(round, late=late)
    _ask_the_villages(round, due)
    database.run("DROP TABLE compare_side")
    inquiries.ask_departments(round, due=due)


def _criterion(column: str) -> str:
    """SQL: the criterion of a situation, from the criteria's own declarations."""
    whens = " ".join(
        f"WHEN '{code}' THEN '{criteria.criterion_of(code).code}'" for code in criteria.subcriteria()
    )
    return f"CASE {column} {whens} ELSE {column} END"


def _add_candidates(round: Round, *, late: bool) -> None:
    before = Candidate.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    database.run(_NEW.format(late="TRUE" if late else "FALSE"), [round.pk])
    number = round.year * 4 + round.quarter
    database.run(_LEFT_OPEN.format(false="FALSE"), [round.pk, round.county_id, number, round.pk])
    database.run(_FOLLOW_PREVIOUS, [round.pk, before])
    new = Candidate.objects.filter(round=round, pk__gt=before)
    write_first_records(new.only("pk", "state"), by=None, name="compare")


def _follow_the_sides(round: Round) -> None:
    """Candidates of an earlier comparison follow what their leads say now, unless somebody has decided."""
    database.run(
        "UPDATE screening_candidate SET side = s.side, category = s.category FROM compare_side s "
        "WHERE screening_candidate.round_id = %s AND s.household_id = screening_candidate.household_id "
        "AND screening_candidate.state IN ('consistent', 'to_verify', 'withdrawn') "
        "AND (screening_candidate.side <> s.side OR screening_candidate.category <> s.category)",
        [round.pk],
    )
    gone = _ids(
        "SELECT c.id FROM screening_candidate c WHERE c.round_id = %s AND c.state IN ('consistent', "
        "'to_verify') "
        "AND c.listed_at IS NULL AND c.previous_id IS NULL AND NOT EXISTS (SELECT 1 FROM compare_side s "
        "WHERE s.household_id = c.household_id) AND NOT EXISTS (SELECT 1 FROM screening_verification v "
        "WHERE v.candidate_id = c.id AND v.answered_at IS NOT NULL)",
        round,
    )
    matching = (
        "SELECT c.id FROM screening_candidate c JOIN compare_side s ON s.household_id = c.household_id "
        "WHERE c.round_id = %s AND s.case_id IS NULL AND c.listed_at IS NULL AND {condition}"
    )
    unanswered = (
        "NOT EXISTS (SELECT 1 FROM screening_verification v WHERE v.candidate_id = c.id AND "
        "v.state = 'answered')"
    )
    now_consistent = _ids(
        matching.format(
            condition=f"s.side = 'consistent' AND c.state IN ('to_verify', 'withdrawn') AND {unanswered}"
        ),
        round,
    )
    now_apart = _ids(
        matching.format(condition="s.side <> 'consistent' AND c.state IN ('consistent', 'withdrawn')"), round
    )
    _move(gone, "withdraw")
    _move(now_consistent, "find_consistent")
    _move(now_apart, "find_inconsistent")
    _settle_tasks([*gone, *now_consistent])
    _reopen_tasks(now_apart)


def _ids(sql: str, round: Round) -> list[int]:
    return [pk for (pk,) in database.rows(sql, [round.pk])]


def _move(keys: list[int], name: str) -> None:
    if keys:
        move(Candidate.objects.filter(pk__in=keys), name, by=None)


def _settle_tasks(candidates: list[int]) -> None:
    """Nothing is left to verify."""
    open_tasks = Verification.objects.filter(candidate__in=candidates).open().values_list("pk", flat=True)
    if keys := list(open_tasks):
        move(Verification.objects.filter(pk__in=keys), "conclude", by=None)


def _reopen_tasks(candidates: list[int]) -> None:
    settled = Verification.objects.filter(candidate__in=candidates, state=VerificationState.SETTLED)
    if keys := list(settled.values_list("pk", flat=True)):
        move(Verification.objects.filter(pk__in=keys), "ask_again", by=None)


def _ask_the_villages(round: Round, due) -> None:
    """A task for each household that verification decides about; and the proposed risks of open cases."""
    before = Verification.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    date = "CAST(%s AS date)" if database.is_postgres() else "%s"
    day = due.isoformat() if due else None
    database.run(_TASKS.format(due=date), [day, round.pk])
    database.run(_CASE_TASKS.format(due=date), [round.pk, day, round.pk, round.pk])
    write_first_records(
        Verification.objects.filter(round=round, pk__gt=before).only("pk", "state"), by=None, name="ask"
    )
    last_risk = Risk.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    database.run(_CASE_RISKS.format(day=date), [timezone.localdate().isoformat(), round.pk])
    proposed = Risk.objects.filter(pk__gt=last_risk, state=RiskState.PROPOSED)
    write_first_records(proposed.only("pk", "state"), by=None, name="propose")
