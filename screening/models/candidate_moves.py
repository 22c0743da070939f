"""The ways of a candidate: from the comparison over verification and the list to the meeting's decision."""

from collections.abc import Callable

from django.db import models
from django.db.models import Q
from django_fsm import FSMModelMixin, transition

from fangpin.common.fields import StateField
from screening.models.rounds import Round, RoundState


class CandidateState(models.TextChoices):
    CONSISTENT = "consistent", "一致"
    TO_VERIFY = "to_verify", "待核实"
    CONFIRMED = "confirmed", "核实属实"
    DISMISSED = "dismissed", "核实后不列入"
    CARRIED = "carried", "转下季度核实"
    WITHDRAWN = "withdrawn", "依据已消失"
    APPROVED = "approved", "同意纳入"
    DECLINED = "declined", "不予纳入"
    DEFERRED = "deferred", "暂缓"


_ELIGIBLE = (CandidateState.CONSISTENT, CandidateState.CONFIRMED)
# The proposed list is made between the comparison and the submission.
_TAKE_OFF = {"holds": Q(round__state=RoundState.COMPARED), "unmet": "已提请审定，不能再改建议名单。"}
_PUT = _TAKE_OFF | {
    "stamps": ["listed_at"],
    "stamp_by": ["listed_by"],
    "unmet": "本季度还没有对比，或已提请审定，不能再改建议名单。",
}


def _staying(field: StateField, *, custom: dict) -> Callable:
    """An act on the proposed list: out of each state of who may be on it, back into the same one."""

    def declare(method):
        for state in _ELIGIBLE:
            method = transition(field, state, state, permission="candidate.list", custom=custom)(method)
        return method

    return declare


class CandidateMoves(FSMModelMixin, models.Model):
    state = StateField("状态", default=CandidateState.TO_VERIFY, choices=CandidateState)

    class Meta:
        abstract = True

    @transition(
        state,
        [CandidateState.TO_VERIFY, CandidateState.WITHDRAWN],
        CandidateState.CONSISTENT,
        permission="round.compare",
        custom={"system": True},
    )
    def find_consistent(self):
        """Both sides now say the same criterion."""

    @transition(
        state,
        [CandidateState.CONSISTENT, CandidateState.WITHDRAWN],
        CandidateState.TO_VERIFY,
        permission="round.compare",
        custom={"system": True, "holds": Q(listed_at=None)},
    )
    def find_inconsistent(self):
        """One side has gone: verification decides."""

    @transition(
        state,
        [CandidateState.CONSISTENT, CandidateState.TO_VERIFY],
        CandidateState.WITHDRAWN,
        permission="round.compare",
        custom={"system": True, "holds": Q(listed_at=None)},
    )
    def withdraw(self):
        """All leads were withdrawn, and nobody has acted."""

    @transition(
        state,
        CandidateState.TO_VERIFY,
        CandidateState.CONFIRMED,
        permission="verification.confirm",
        custom={"system": True, "stamp_by": ["confirmed_by"]},
    )
    def confirm(self):
        """The township confirms what the village answered: true, and the household can't bear it."""

    @transition(
        state,
        [CandidateState.TO_VERIFY, CandidateState.CONSISTENT],
        CandidateState.DISMISSED,
        permission="verification.confirm",
        custom={
            "holds": Q(listed_at=None),
            "unmet": "已列入建议名单的户不能在核实中退出，请先移出建议名单。",
            "stamp_by": ["confirmed_by"],
        },
    )
    def dismiss(self):
        """Not true, or the household manages."""

    @transition(
        state,
        [CandidateState.CONFIRMED, CandidateState.DISMISSED],
        CandidateState.TO_VERIFY,
        permission="verification.confirm",
        custom={
            "holds": Q(listed_at=None, round__state__in=Round.SWEEPABLE),
            "unmet": "已列入建议名单或已提请审定的户不能重新核实，请先移出建议名单。",
        },
    )
    def verify_again(self):
        """The township takes its word back."""

    @transition(
        state,
        CandidateState.TO_VERIFY,
        CandidateState.CARRIED,
        permission="candidate.carry",
        custom={
            "holds": Q(round__state=RoundState.COMPARED),
            "unmet": "只有对比之后、提请审定之前才能转下季度。",
        },
    )
    def carry_over(self):
        """Unanswered: the office carries it over to the next round, with a reason."""

    @_staying(state, custom=_PUT)
    def put_on_list(self):
        """列入建议名单."""

    @_staying(state, custom=_TAKE_OFF)
    def take_off_list(self):
        """移出建议名单 (the service clears the stamps)."""

    @transition(
        state,
        [*_ELIGIBLE, CandidateState.DECLINED, CandidateState.DEFERRED],
        CandidateState.APPROVED,
        permission="meeting.sign",
        custom={"scope_permission": "meeting.view"},
    )
    def approve(self):
        """同意纳入, an effect of the signed meeting."""

    @transition(
        state,
        [*_ELIGIBLE, CandidateState.APPROVED, CandidateState.DEFERRED],
        CandidateState.DECLINED,
        permission="meeting.sign",
        custom={"scope_permission": "meeting.view"},
    )
    def decline(self):
        """不予纳入; of an approved one only a later meeting can."""

    @transition(
        state,
        [*_ELIGIBLE, CandidateState.DECLINED],
        CandidateState.DEFERRED,
        permission="meeting.sign",
        custom={"scope_permission": "meeting.view"},
    )
    def defer(self):
        """暂缓: goes into the next round as confirmed, once the village has said whether anything changed."""
