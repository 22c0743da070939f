"""How an order line goes its way; its state follows its measures once they are planned (Art. 8)."""

from django.db import models
from django_fsm import FSMModelMixin, transition

from fangpin.common.fields import StateField


class LineState(models.TextChoices):
    DRAFT = "draft", "未签发"
    ISSUED = "issued", "待接收"
    ACCEPTED = "accepted", "待拟定举措"
    PLANNED = "planned", "待备案"
    FILED = "filed", "待实施"
    IN_PROGRESS = "in_progress", "实施中"
    DONE = "done", "已落实，待办结"
    CLOSED = "closed", "已办结"
    RETURNED = "returned", "已退回"


class LineTransitions(FSMModelMixin, models.Model):
    """The state of an order line, what department and office do with it, and what its measures bring
    about."""

    state = StateField("状态", default=LineState.DRAFT, choices=LineState)

    class Meta:
        abstract = True

    @transition(state, LineState.DRAFT, LineState.ISSUED, permission="order.sign")
    def issue(self) -> None:
        """With its sheet."""

    @transition(state, LineState.ISSUED, LineState.ACCEPTED, permission="order.answer")
    def accept(self) -> None:
        """接收."""

    @transition(state, [LineState.ISSUED, LineState.ACCEPTED], LineState.RETURNED, permission="order.answer")
    def give_back(self) -> None:
        """退回, with one of four reasons and words: the office finds another department or settles it."""

    @transition(
        state,
        [LineState.ACCEPTED, LineState.PLANNED, LineState.FILED, LineState.IN_PROGRESS, LineState.DONE],
        LineState.PLANNED,
        permission="measure.plan",
        custom={"system": True},
    )
    def become_planned(self) -> None:
        """It has a measure that waits for its filing."""

    @transition(
        state,
        [LineState.PLANNED, LineState.FILED, LineState.IN_PROGRESS, LineState.DONE],
        LineState.FILED,
        permission="measure.file",
        custom={"system": True},
    )
    def become_filed(self) -> None:
        """All its measures are filed, none has begun."""

    @transition(
        state,
        [LineState.PLANNED, LineState.FILED, LineState.DONE],
        LineState.IN_PROGRESS,
        permission="measure.plan",
        custom={"system": True},
    )
    def become_in_progress(self) -> None:
        """A measure has begun."""

    @transition(
        state,
        [LineState.PLANNED, LineState.FILED, LineState.IN_PROGRESS],
        LineState.DONE,
        permission="measure.plan",
        custom={"system": True},
    )
    def become_done(self) -> None:
        """All its measures are delivered."""

    @transition(
        state,
        [LineState.PLANNED, LineState.FILED, LineState.IN_PROGRESS, LineState.DONE],
        LineState.ACCEPTED,
        permission="measure.plan",
        custom={"system": True},
    )
    def become_unplanned(self) -> None:
        """Its last measure was cancelled."""

    @transition(state, LineState.DONE, LineState.CLOSED, permission="order.prepare")
    def complete(self) -> None:
        """办结 by the office."""
