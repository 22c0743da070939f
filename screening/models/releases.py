import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from fangpin.accounts.models import Duty
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common import database
from households.models import Case
from screening.models.meetings import Meeting


class ReleaseDecision(models.TextChoices):
    RELEASED = "released", "同意取消重点关注"
    CONTINUED = "continued", "继续重点关注"


class ReleaseQuerySet(ScopedQuerySet):
    scope_permission = "meeting.view"
    scope_path = "meeting__round__county_id"

    def in_scope(self, duty: Duty) -> Self:
        return self.filter(meeting__round__county_id=duty.county_code)


class ReleaseItem(models.Model):
    """拟取消重点关注 (Art. 9): one case that the township has reviewed, on a meeting's agenda beside those
    taken in."""

    uuid = models.UUIDField(default=uuid.uuid4, db_default=database.GenUUID(), unique=True, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="releases", verbose_name="审定会")
    case = models.ForeignKey(Case, models.PROTECT, related_name="release_items", verbose_name="防贫对象")
    decision = models.CharField("审定意见", max_length=10, choices=ReleaseDecision, blank=True, db_default="")
    reason = models.CharField("理由", max_length=300, blank=True, db_default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="记录人"
    )
    decided_at = models.DateTimeField("记录时间", null=True)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        verbose_name = "取消重点关注议程"
        constraints = [
            models.UniqueConstraint(fields=["meeting", "case"], name="release_item_once"),
            models.CheckConstraint(
                condition=~Q(decision="continued") | ~Q(reason=""),
                name="release_continued_with_reason",
                violation_error_message="继续重点关注须写明理由。",
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_by=None, decided_at=None)
                | (~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="release_decided_by_and_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.case_id} {self.decision}"
