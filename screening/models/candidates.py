import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from fangpin.accounts.models import Duty
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common import database
from households.codelists import Category
from households.models import Household
from screening.models.candidate_moves import CandidateMoves, CandidateState
from screening.models.rounds import Round


class Side(models.TextChoices):
    """Result of the comparison of both lists, household AND situation (Art. 7(2)2)."""

    CONSISTENT = "consistent", "线上线下一致"
    MISMATCH = "mismatch", "户一致、风险不一致"
    ONLINE_ONLY = "online_only", "仅线上"
    OFFLINE_ONLY = "offline_only", "仅线下"


class CandidateQuerySet(ScopedQuerySet):
    scope_permission = "candidate.view"
    scope_path = "household__village_id"

    def in_scope(self, duty: Duty) -> Self:
        return self.filter(household__in=Household.objects.all().in_scope(duty))

    def eligible(self) -> Self:
        """Consistent or confirmed: only these may be on the list (Art. 7(2)2)."""
        return self.filter(state__in=Candidate.ELIGIBLE)

    def listed(self) -> Self:
        return self.eligible().exclude(listed_at=None)


class Candidate(CandidateMoves):
    """拟认定户: a household of a round on its way to the meeting. Its situations are those of its leads."""

    ELIGIBLE = (CandidateState.CONSISTENT, CandidateState.CONFIRMED)
    DECIDED = (CandidateState.APPROVED, CandidateState.DECLINED, CandidateState.DEFERRED)
    UNSETTLED = (CandidateState.CONSISTENT, CandidateState.TO_VERIFY, CandidateState.CONFIRMED)

    uuid = models.UUIDField(default=uuid.uuid4, db_default=database.GenUUID(), unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="candidates", verbose_name="季度排查")
    household = models.ForeignKey(Household, models.PROTECT, related_name="candidates", verbose_name="农户")
    side = models.CharField("对比结果", max_length=12, choices=Side)
    category = models.CharField("拟认定类别", max_length=12, choices=Category)
    # Words that Art. 2's "mainly" asks for where income is above the line.
    above_line_words = models.CharField("高于参考线的说明", max_length=300, blank=True, db_default="")
    previous = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", verbose_name="上季度暂缓或转来"
    )
    joined_at = models.DateTimeField("列入对比时间", default=timezone.now, db_default=models.functions.Now())
    is_late = models.BooleanField("对比后加入", default=False, db_default=False)
    listed_at = models.DateTimeField("列入建议名单时间", null=True)
    listed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="列入人"
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="核实确认人"
    )
    self_coping = models.BooleanField("属实但自己能解决", default=False, db_default=False)
    carry_reason = models.CharField("转下季度的原因", max_length=200, blank=True, db_default="")

    objects = CandidateQuerySet.as_manager()

    class Meta:
        verbose_name = "拟认定户"
        constraints = [
            models.UniqueConstraint(fields=["round", "household"], name="candidate_once_a_round"),
            models.CheckConstraint(
                condition=Q(listed_at=None)
                | ~Q(state__in=["to_verify", "dismissed", "carried", "withdrawn"]),
                name="candidate_listed_only_if_eligible",
                violation_error_message="只有一致的或核实属实的户才能列入建议名单。",
            ),
        ]
        indexes = [models.Index(fields=["round", "state"], name="candidate_round_state")]

    def __str__(self) -> str:
        return f"{self.household_id} {self.round_id}"
