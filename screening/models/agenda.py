import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from fangpin.accounts.models import Duty, code_range
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common import database
from households.models import Case
from screening.models.candidates import Candidate
from screening.models.meetings import Attendance, Meeting


class Decision(models.TextChoices):
    APPROVED = "approved", "同意纳入"
    DECLINED = "declined", "不予纳入"
    DEFERRED = "deferred", "暂缓"


class AgendaQuerySet(ScopedQuerySet):
    scope_permission = "meeting.view"
    scope_path = "meeting__round__county_id"

    def in_scope(self, duty: Duty) -> Self:
        return self.filter(meeting__round__county_id=duty.county_code)

    def in_place(self, code: str) -> Self:
        """Households of a township or village."""
        low, high = code_range(code)
        return self.filter(
            candidate__household__village_id__gte=low, candidate__household__village_id__lte=high
        )


class AgendaItem(models.Model):
    """One household on a meeting's agenda, with the decision of the meeting."""

    uuid = models.UUIDField(default=uuid.uuid4, db_default=database.GenUUID(), unique=True, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="items", verbose_name="审定会")
    candidate = models.ForeignKey(
        Candidate, models.PROTECT, related_name="agenda_items", verbose_name="拟认定户"
    )
    decision = models.CharField("审定意见", max_length=10, choices=Decision, blank=True, db_default="")
    reason = models.CharField("理由", max_length=300, blank=True, db_default="")
    contested = models.BooleanField("有争议", default=False, db_default=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="记录人"
    )
    decided_at = models.DateTimeField("记录时间", null=True)
    revision = models.PositiveIntegerField("第几次改动", default=0, db_default=0)
    # The case that an approval opened: each case is traceable to its meeting.
    case = models.OneToOneField(
        Case, models.PROTECT, null=True, related_name="agenda_item", verbose_name="防贫对象"
    )

    objects = AgendaQuerySet.as_manager()

    class Meta:
        verbose_name = "议程"
        constraints = [
            models.UniqueConstraint(fields=["meeting", "candidate"], name="agenda_item_once"),
            models.CheckConstraint(
                condition=Q(decision__in=["", "approved"]) | ~Q(reason=""),
                name="agenda_reason_unless_approved",
                violation_error_message="不予纳入和暂缓须写明理由。",
            ),
            models.CheckConstraint(
                condition=Q(case=None) | Q(decision="approved"), name="agenda_case_only_if_approved"
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_by=None, decided_at=None)
                | (~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="agenda_decided_by_and_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.candidate_id} {self.decision}"


class RecusalQuerySet(ScopedQuerySet):
    scope_permission = "meeting.view"
    scope_path = "item__meeting__round__county_id"

    def in_scope(self, duty: Duty) -> Self:
        return self.filter(item__meeting__round__county_id=duty.county_code)


class Recusal(models.Model):
    """回避: a member does not take part in the decision about a household. Proposed by name, settled by a
    person."""

    class Outcome(models.TextChoices):
        PROPOSED = "proposed", "待核对"
        CONFIRMED = "confirmed", "回避"
        NOT_KIN = "not_kin", "同名，不需回避"

    item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="recusals", verbose_name="议程")
    attendance = models.ForeignKey(
        Attendance, models.CASCADE, related_name="recusals", verbose_name="参加人员"
    )
    reason = models.CharField("原因", max_length=120)
    outcome = models.CharField("核对结果", max_length=10, choices=Outcome, default=Outcome.PROPOSED)

    objects = RecusalQuerySet.as_manager()

    class Meta:
        verbose_name = "回避"
        constraints = [models.UniqueConstraint(fields=["item", "attendance"], name="recusal_once")]

    def __str__(self) -> str:
        return f"{self.attendance} {self.item_id}"
