"""How a round goes its way, from early lists to the decisions of the meeting (Art. 7)."""

from django.db import models
from django_fsm import FSMModelMixin, transition

from fangpin.common.fields import StateField


class RoundState(models.TextChoices):
    ANNOUNCED = "announced", "待开启"
    OPEN = "open", "收集中"
    COMPARED = "compared", "已对比"
    SUBMITTED = "submitted", "已提请审定"
    DETERMINED = "determined", "已审定"


class RoundTransitions(FSMModelMixin, models.Model):
    """The state of a round, and what the office, the director and the meeting do with it."""

    state = StateField("状态", default=RoundState.OPEN, choices=RoundState)

    class Meta:
        abstract = True

    @transition(
        state,
        RoundState.ANNOUNCED,
        RoundState.OPEN,
        permission="round.open",
        custom={
            "system": True,
            "scope_permission": "round.open",
            "stamps": ["opened_at"],
            "stamp_by": ["opened_by"],
        },
    )
    def begin(self) -> None:
        """By the office or the scheduler, once the quarter has come: early lists count from now on."""

    @transition(
        state,
        [RoundState.OPEN, RoundState.COMPARED],
        RoundState.COMPARED,
        permission="round.compare",
        custom={"stamps": ["compared_at"]},
    )
    def compare(self) -> None:
        """线上线下对比: from now on leads that come later join at once."""

    @transition(state, RoundState.COMPARED, RoundState.OPEN, permission="round.compare")
    def collect_again(self) -> None:
        """Back to collecting, with a reason."""

    @transition(
        state,
        RoundState.COMPARED,
        RoundState.SUBMITTED,
        permission="round.submit",
        custom={"stamps": ["submitted_at"], "stamp_by": ["submitted_by"]},
    )
    def submit(self) -> None:
        """提请审定 by the director: no verification is open, every candidate has what the meeting asks
        for."""

    @transition(state, RoundState.SUBMITTED, RoundState.COMPARED, permission="round.submit")
    def take_back(self) -> None:
        """Before any meeting has it on its agenda."""

    @transition(
        state,
        RoundState.SUBMITTED,
        RoundState.DETERMINED,
        permission="meeting.sign",
        custom={"system": True, "stamps": ["determined_at"]},
    )
    def determine(self) -> None:
        """No candidate of the list is left undecided."""
