"""取消重点关注 (Art. 9): the village's evaluation and the township's review. The county's word is its
meeting's."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from fangpin.accounts.models import Division, Duty
from fangpin.accounts.scoping import ScopedQuerySet
from households.models import Attachment, Case, Household, Risk


class Outcome(models.TextChoices):
    GONE = "gone", "风险已消除"
    CONTINUES = "continues", "仍未消除，继续重点关注"


class EvaluationQuerySet(ScopedQuerySet):
    scope_permission = "release.view"
    scope_path = "case__household__village_id"

    def in_scope(self, duty: Duty) -> Self:
        return self.filter(case__household__in=Household.objects.all().in_scope(duty))


class Evaluation(models.Model):
    """村评定 of one case: the day, who took part, risk by risk whether it is gone, and the photo of the
    signed sheet."""

    LEAST_PARTICIPANTS = 3

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="evaluations", verbose_name="防贫对象")
    on = models.DateField("评定日期")
    participants = models.JSONField("参加人", default=list)
    outcome = models.CharField("结果", max_length=10, choices=Outcome)
    words = models.CharField("依据", max_length=500)
    follower_words = models.CharField("跟踪责任人意见", max_length=300, blank=True, db_default="")
    household_words = models.CharField("户主意见", max_length=200, blank=True, db_default="")
    per_head = models.BigIntegerField("现在人均纯收入（分）", null=True)
    secured = models.JSONField("四项保障", default=dict)
    paper = models.ForeignKey(
        Attachment, models.PROTECT, null=True, related_name="+", verbose_name="评定表照片"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间", default=timezone.now)

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = "村评定"
        ordering = ["-on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(words=""),
                name="evaluation_with_grounds",
                violation_error_message="请写明评定的依据。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.on} {self.outcome}"


class EvaluationRisk(models.Model):
    """One risk at an evaluation: whether it is gone, and how it is now."""

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="risks", verbose_name="村评定")
    risk = models.ForeignKey(Risk, models.PROTECT, related_name="+", verbose_name="风险")
    is_gone = models.BooleanField("已消除")
    words = models.CharField("现在情况", max_length=200, blank=True, db_default="")

    class Meta:
        verbose_name = "评定的风险"
        constraints = [models.UniqueConstraint(fields=["evaluation", "risk"], name="evaluation_risk_once")]

    def __str__(self) -> str:
        return f"{self.evaluation_id} {self.risk_id}"


class ReviewQuerySet(ScopedQuerySet):
    scope_permission = "release.view"
    scope_path = "township_id"


class Review(models.Model):
    """乡审核: a meeting of the township, once for a batch of cases."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    township = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="乡（镇）")
    on = models.DateField("审核日期")
    way = models.CharField("会议", max_length=60, help_text="党政班子会等")
    participants = models.JSONField("参加人", default=list)
    scan_name = models.CharField("会议记录照片", max_length=40, blank=True, db_default="")
    scan_kind = models.CharField("格式", max_length=4, blank=True, db_default="")
    scan_digest = models.CharField("校验码", max_length=64, blank=True, db_default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间", default=timezone.now)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = "乡审核"
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return f"{self.township_id} {self.on}"


class ReviewedCase(models.Model):
    """One case of a review: agreed, or given back to go on, with words."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="cases", verbose_name="乡审核")
    evaluation = models.OneToOneField(
        Evaluation, models.PROTECT, related_name="review", verbose_name="村评定"
    )
    is_agreed = models.BooleanField("同意")
    words = models.CharField("意见", max_length=300, blank=True, db_default="")

    class Meta:
        verbose_name = "乡审核的户"
        constraints = [
            models.CheckConstraint(
                condition=Q(is_agreed=True) | ~Q(words=""),
                name="reviewed_case_refused_with_words",
                violation_error_message="不同意须写明理由。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.review_id} {self.evaluation_id}"
