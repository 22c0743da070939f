"""提请审定 (Art. 7(2)3): the director submits the list of a round, or withdraws the submission."""

from django.db import transaction
from django.db.models import Q, QuerySet

from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move
from screening.comparison.readiness import RoundCheck, check_round
from screening.models import (
    AgendaItem,
    Candidate,
    CandidateState,
    MeetingState,
    Round,
    RoundState,
)


def submit_round(round: Round, *, by: Actor) -> Round:
    """提请审定 by the director. A round without anybody on its list is determined at once.

    Raises Refused with what is still lacking, or what the door raises.
    """
    with transaction.atomic():
        current = Round.objects.select_for_update().get(pk=round.pk)
        check = check_round(current)
        if not check.passes:
            raise Refused(f"还不能提请审定：{_lacking_sentence(check)}。")
        move(Round.objects.filter(pk=round.pk), "submit", by=by)
        audit.record(by, "round_submit", current, households=check.listed)
        if not check.listed:
            move(
                Round.objects.filter(pk=round.pk), "determine", by=None, opinion="本季度没有列入建议名单的户"
            )
    round.refresh_from_db()
    return round


def _lacking_sentence(check: RoundCheck) -> str:
    parts = (
        f"{check.open_tasks} 户核实没有办完" * bool(check.open_tasks),
        f"{check.unlisted} 户一致或核实属实的没有列入建议名单" * bool(check.unlisted),
        f"{len(check.lacking)} 户资料不全" * bool(check.lacking),
    )
    return "，".join(part for part in parts if part)


def withdraw_submission(round: Round, *, by: Actor, reason: str) -> Round:
    """Takes the submission back, as long as no meeting has taken it up."""
    if not (reason := reason.strip()):
        raise Refused("请写明撤回提请的原因。")
    with transaction.atomic():
        Round.objects.select_for_update().get(pk=round.pk)
        taken = AgendaItem.objects.filter(meeting__round=round).exclude(meeting__state=MeetingState.CANCELLED)
        if taken.exists():
            raise Refused("名单已列入审定会议程，不能撤回；请先取消会议。")
        move(
            Round.objects.filter(pk=round.pk, state=RoundState.SUBMITTED), "take_back", by=by, opinion=reason
        )
        audit.record(by, "round_take_back", round, reason=reason)
    round.refresh_from_db()
    return round


def waiting_for_decision(round: Round) -> QuerySet[Candidate]:
    """Listed candidates that no signed meeting has decided yet."""
    return Candidate.objects.filter(round=round).filter(
        Q(state__in=[CandidateState.CONSISTENT, CandidateState.CONFIRMED]), listed_at__isnull=False
    )
