import uuid
from typing import Self

from django.db import models
from django.utils import timezone

from fangpin.accounts.models import Duty
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common import database
from households.codelists import Category
from households.models import Household
from screening.models.rounds import Round


class Source(models.TextChoices):
    ONLINE = "online", "线上"
    OFFLINE = "offline", "线下"


class LeadQuerySet(ScopedQuerySet):
    scope_permission = "lead.view"
    scope_path = "household__village_id"

    def in_scope(self, duty: Duty) -> Self:
        return self.filter(household__in=Household.objects.all().in_scope(duty))

    def current(self) -> Self:
        """Without those that were withdrawn."""
        return self.filter(withdrawn_at=None)


class Lead(models.Model):
    """风险线索: a household and a subcriterion, from one source, in one round (Art. 7(2)1)."""

    uuid = models.UUIDField(default=uuid.uuid4, db_default=database.GenUUID(), unique=True, editable=False)
    round = models.ForeignKey(
        Round, models.PROTECT, db_index=False, related_name="leads", verbose_name="季度排查"
    )
    household = models.ForeignKey(Household, models.PROTECT, related_name="leads", verbose_name="农户")
    source = models.CharField("来源", max_length=8, choices=Source)
    subcriterion = models.CharField("风险情形", max_length=40)
    category = models.CharField("拟认定类别", max_length=12, choices=Category)
    above_line = models.BooleanField("高于收入参考线")
    per_head = models.BigIntegerField("家庭年人均纯收入（分）", null=True)
    income_year = models.PositiveSmallIntegerField("收入年度", null=True)
    in_case = models.BooleanField("已是防贫对象")
    raised_at = models.DateTimeField("发现时间", default=timezone.now)
    # A lead that somebody has acted on is never withdrawn behind his back: it is flagged.
    acted_at = models.DateTimeField("已有人办理", null=True)
    withdrawn_at = models.DateTimeField("撤回时间", null=True)
    flagged_at = models.DateTimeField("依据已消失", null=True)

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = "风险线索"
        constraints = [
            models.UniqueConstraint(
                fields=["round", "household", "source", "subcriterion"], name="lead_once_a_round"
            )
        ]
        indexes = [models.Index(fields=["round", "subcriterion"], name="lead_round_subcriterion")]

    def __str__(self) -> str:
        return f"{self.household_id} {self.subcriterion}"


class LeadReason(models.Model):
    """预警依据: what one rule found: its version and article, the rows, the values compared, the threshold
    and since when it holds. `rows` is a list of objects: feed, row, and what the rule's sentence says of
    each."""

    lead = models.ForeignKey(
        Lead, models.CASCADE, db_index=False, related_name="reasons", verbose_name="风险线索"
    )
    rule = models.CharField("规则", max_length=60)
    version = models.PositiveSmallIntegerField("规则版本")
    article = models.CharField("条款", max_length=20)
    value = models.BigIntegerField("比较的值", null=True)
    threshold = models.BigIntegerField("标准", null=True)
    threshold_since = models.DateField("标准施行日期", null=True)
    rows = models.JSONField("数据行", default=list)
    found_at = models.DateTimeField("发现时间", default=timezone.now)
    closed_at = models.DateTimeField("消失时间", null=True)
    # Of a village report: the entry, and `rule` is "entry/" with its key, so that two entries are two
    # reasons.
    entry = models.ForeignKey(
        "screening.FieldEntry", models.CASCADE, null=True, related_name="reasons", verbose_name="入户排查记录"
    )

    class Meta:
        verbose_name = "预警依据"
        constraints = [models.UniqueConstraint(fields=["lead", "rule"], name="lead_reason_once_a_rule")]

    def __str__(self) -> str:
        return self.rule
