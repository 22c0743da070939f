from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from fangpin.accounts.models import Department, Duty
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common.fields import KeyedIndexField
from households.models import Member
from screening.models.feeds import Feed


class SettlementQuerySet(ScopedQuerySet):
    scope_permission = "triage.settle"
    scope_path = "feed__round__county_id"

    def in_scope(self, duty: Duty) -> Self:
        return self.filter(feed__round__county_id=duty.county_code)


class RowSettlement(models.Model):
    """未比中人员核对: what a person said of one row that could not be matched. `before` is what the row
    was."""

    class Outcome(models.TextChoices):
        PERSON = "person", "是这个人"
        NOBODY = "nobody", "本县户册没有"
        RETURNED = "returned", "退回部门"
        LATER = "later", "留待以后"

    feed = models.ForeignKey(Feed, models.CASCADE, related_name="settlements", verbose_name="部门数据")
    row_no = models.PositiveIntegerField("行号")
    outcome = models.CharField("结论", max_length=10, choices=Outcome)
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", verbose_name="人员")
    words = models.CharField("说明", max_length=100, blank=True, db_default="")
    before = models.JSONField("核对前")
    from_memory = models.BooleanField("按以前的核对", default=False, db_default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="核对人")
    at = models.DateTimeField("核对时间", default=timezone.now)

    objects = SettlementQuerySet.as_manager()

    class Meta:
        verbose_name = "未比中人员核对"
        constraints = [
            models.UniqueConstraint(
                fields=["feed", "row_no"],
                name="settlement_once_a_row",
                violation_error_message="这一行刚刚已经核对。",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="person", member__isnull=False)
                | (~models.Q(outcome="person") & models.Q(member=None)),
                name="settlement_names_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.row_no}"


class MemoryQuerySet(ScopedQuerySet):
    scope_permission = "triage.settle"
    scope_path = "department__county_id"

    def in_scope(self, duty: Duty) -> Self:
        return self.filter(department__county_id=duty.county_code)


class MatchMemory(models.Model):
    """What was said of a person of a department's list, for its next one: the member, or nobody of the
    county. `digest` is keyed and of what the row says of the person, as written."""

    department = models.ForeignKey(Department, models.CASCADE, related_name="+", verbose_name="部门")
    digest = KeyedIndexField()
    member = models.ForeignKey(Member, models.CASCADE, null=True, related_name="+", verbose_name="人员")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="核对人")
    at = models.DateTimeField("核对时间", default=timezone.now)

    objects = MemoryQuerySet.as_manager()

    class Meta:
        verbose_name = "核对记忆"
        constraints = [
            models.UniqueConstraint(fields=["department", "digest"], name="match_memory_once_a_department")
        ]

    def __str__(self) -> str:
        return f"{self.department_id} {self.at:%Y-%m-%d}"
