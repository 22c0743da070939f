"""How a measure goes its way: planned, filed, started, delivered (Art. 8)."""

from django.db import models
from django_fsm import FSMModelMixin, transition

from fangpin.common.fields import StateField


class MeasureState(models.TextChoices):
    PLANNED = "planned", "待备案"
    SENT_BACK = "sent_back", "退回补正"
    FILED = "filed", "已备案，待实施"
    STARTED = "started", "实施中"
    DELIVERED = "delivered", "已落实"
    CANCELLED = "cancelled", "已取消"


class SendBackReason(models.TextChoices):
    """Filing is no approval: it is sent back for these alone (Art. 8)."""

    FORM = "form", "填写不完整或不规范"
    CAP = "cap", "超过上限"
    CATEGORY = "category", "与户的类别不符"
    PROOF = "proof", "缺少佐证材料"
    DUPLICATE = "duplicate", "重复申报"


class MeasureTransitions(FSMModelMixin, models.Model):
    """The state of a measure, and what officials do with it."""

    state = StateField("状态", default=MeasureState.PLANNED, choices=MeasureState)

    class Meta:
        abstract = True

    @transition(
        state,
        [MeasureState.PLANNED, MeasureState.SENT_BACK],
        MeasureState.FILED,
        permission="measure.file",
        custom={"stamp_by": ["filed_by"]},
    )
    def file(self) -> None:
        """备案: no approval; from now on it may begin."""

    @transition(state, MeasureState.PLANNED, MeasureState.SENT_BACK, permission="measure.file")
    def send_back(self) -> None:
        """退回补正, for one of the five reasons."""

    @transition(state, MeasureState.SENT_BACK, MeasureState.PLANNED, permission="measure.plan")
    def hand_in_again(self) -> None:
        """补正后重新报备案."""

    @transition(
        state, MeasureState.FILED, MeasureState.STARTED, permission="measure.plan", custom={"system": True}
    )
    def begin(self) -> None:
        """开始实施, not before the filing."""

    @transition(
        state,
        MeasureState.STARTED,
        MeasureState.DELIVERED,
        permission="measure.plan",
        custom={"system": True},
    )
    def deliver(self) -> None:
        """已落实: date, amount, proof; by the department, or by the payment of its money."""

    @transition(
        state,
        MeasureState.DELIVERED,
        MeasureState.STARTED,
        permission="payment.make",
        custom={"system": True},
    )
    def undeliver(self) -> None:
        """The bank gave the money back after it had arrived: under way again."""

    @transition(
        state,
        [MeasureState.PLANNED, MeasureState.SENT_BACK, MeasureState.FILED, MeasureState.STARTED],
        MeasureState.CANCELLED,
        permission="measure.plan",
    )
    def cancel(self) -> None:
        """取消, with the reason; what it counted against a cap is free again."""
