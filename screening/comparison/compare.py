"""线上线下对比 (Art. 7(2)2): households AND their situations, set-based. In both lists with a criterion in
common → consistent; else verification decides. Leads on an open case become proposed risks of the case, not
candidates."""

import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from fangpin.common import audit, database
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move, write_first_records
from households.models import Risk, RiskState
from screening.comparison import inquiries, statements
from screening.comparison.due_dates import verification_due
from screening.models import Candidate, CandidateState, Round, RoundState, Verification, VerificationState


def compare_round(round: Round, *, by: Actor) -> dict[str, Any]:
    """Compares both lists of `round`, for the first time or again; returns the counts by side and state.

    From then on leads that come later join at once. Raises Refused, or what the door raises.
    """
    with transaction.atomic():
        current = _locked(round)
        if not current.is_sweepable:
            raise Refused(f"{current}{current.get_state_display()}，不能再做线上线下对比。")
        due = current.verification_due or verification_due(current)
        move(Round.objects.filter(pk=round.pk), "compare", by=by, stamps={"verification_due": due})
        _join(current, due=due, late=False)
        counts = count_sides(current)
        audit.record(by, "round_compare", current, **counts)
    round.refresh_from_db()
    return counts


def collect_again(round: Round, *, by: Actor, reason: str) -> None:
    """Back to collecting; what was verified stays. Raises Refused without a reason."""
    if not (reason := reason.strip()):
        raise Refused("请写明退回收集的原因，例如哪个部门的数据要重报。")
    with transaction.atomic():
        move(Round.objects.filter(pk=round.pk), "collect_again", by=by, opinion=reason)
        audit.record(by, "round_collect_again", round, reason=reason)
    round.refresh_from_db()


def join_new_leads(round: Round) -> None:
    """After a sweep or a village report: while the round is compared, what is new joins at once."""
    with transaction.atomic():
        current = _locked(round)
        if current.state == RoundState.COMPARED:
            _join(current, due=verification_due(current), late=True)


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


def _join(round: Round, *, due: datetime.date | None, late: bool) -> None:
    database.run("DROP TABLE IF EXISTS compare_side")
    statements.run(statements.SIDES, round)
    database.refresh_statistics("compare_side")
    _update_sides(round)
    _add_candidates(round, late=late)
    _ask_the_villages(round, due)
    database.run("DROP TABLE compare_side")
    inquiries.ask_departments(round, due=due)


def _add_candidates(round: Round, *, late: bool) -> None:
    before = Candidate.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    statements.run(statements.NEW, round, late=late)
    statements.run(statements.LEFT_OPEN, round, late=False)
    statements.run(statements.NAME_PREVIOUS, round, before=before)
    new = Candidate.objects.filter(round=round, pk__gt=before)
    write_first_records(new.only("pk", "state"), by=None, name="compare")


def _update_sides(round: Round) -> None:
    """Candidates of an earlier comparison get the side of their leads now, unless somebody has decided."""
    statements.run(statements.NEW_SIDES, round)
    gone = statements.ids(statements.WITHOUT_LEAD, round)
    now_consistent = statements.ids(statements.NOW_CONSISTENT, round)
    now_apart = statements.ids(statements.NOW_APART, round)
    _move(gone, "withdraw")
    _move(now_consistent, "find_consistent")
    _move(now_apart, "find_inconsistent")
    _settle_tasks([*gone, *now_consistent])
    _reopen_tasks(now_apart)


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


def _ask_the_villages(round: Round, due: datetime.date | None) -> None:
    """A task for each household that verification decides about; and the proposed risks of open cases."""
    before = Verification.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    day = due.isoformat() if due else None
    statements.run(statements.TASKS, round, due=day)
    statements.run(statements.CASE_TASKS, round, due=day)
    write_first_records(
        Verification.objects.filter(round=round, pk__gt=before).only("pk", "state"), by=None, name="ask"
    )
    last_risk = Risk.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    statements.run(statements.CASE_RISKS, round, today=timezone.localdate().isoformat())
    proposed = Risk.objects.filter(pk__gt=last_risk, state=RiskState.PROPOSED)
    write_first_records(proposed.only("pk", "state"), by=None, name="propose")
