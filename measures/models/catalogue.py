"""举措目录: what kinds of measures there are, who may get them and up to how much; dated like policy."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from fangpin.accounts.models import Division, Duty
from fangpin.accounts.scoping import ScopedQuerySet


class Form(models.TextChoices):
    """帮扶方式."""

    MONEY = "money", "资金"
    GOODS = "goods", "实物"
    SERVICE = "service", "服务"
    LOAN = "loan", "贷款"
    POST = "post", "岗位"
    WORKS = "works", "工程"
    BENEFIT = "benefit", "待遇"


class Unit(models.TextChoices):
    """What one measure counts for."""

    HOUSEHOLD = "household", "户"
    HOUSEHOLD_YEAR = "household_year", "户·年"
    PERSON = "person", "人"
    PERSON_TIME = "person_time", "人次"
    PERSON_MONTH = "person_month", "人·月"
    PERSON_TERM = "person_term", "人·学期"
    PERSON_SCHOOL_YEAR = "person_school_year", "人·学年"
    PERSON_YEAR = "person_year", "人·年"
    TIME = "time", "次"
    LOAN = "loan", "笔"
    HAMLET = "hamlet", "屯"


class Period(models.TextChoices):
    """Over what a cap is added up."""

    NONE = "", "不设上限"
    YEAR = "year", "每户每年"
    OPEN = "open", "每户未还清总额"
    ONCE = "once", "每户一次"
    TERM = "term", "每人每学期"
    MONTH = "month", "每人每月"
    TIME = "time", "每次"


class Eligibility(models.TextChoices):
    """Who may: the regulation's text says so, an existing general policy does, or the text excludes it."""

    TEXT = "text", "办法规定"
    GENERAL = "general", "一般政策"
    FORBIDDEN = "forbidden", "办法不允许"


class CeilingKind(models.TextChoices):
    """In what the ceiling of marginal households is given; it is measured by what a lifted household gets."""

    NONE = "", "不另设"
    FIXED = "fixed", "固定金额（户·年）"
    TERM = "term", "每学期金额（人·学期）"
    RATE = "rate", "自付费用的比例"


class Route(models.TextChoices):
    """Where the money comes from and whether it passes an application."""

    MARGINAL = "R1", "边缘户防贫资金"
    POVERTY = "R2", "扶贫资金"
    SECTOR = "R3", "部门资金"
    LOAN = "R4", "贷款"
    INSURANCE = "R5", "保险和捐赠"


class MeasureTypeQuerySet(ScopedQuerySet):
    scope_permission = "catalogue.view"
    scope_path = "division_id"

    def in_scope(self, duty: Duty) -> Self:
        """The region's rows and those of the counties that the area touches; drafts for those of the same
        place."""
        county = duty.division_id[:6] + "000000"
        region = duty.division_id[:2] + "0" * 10
        inside = Q(division_id__in=[region, county])
        if duty.division_id[2:] == "0" * 10:
            inside = Q(division__code__startswith=duty.division_id[:2])
        elif duty.division_id[4:] == "0" * 8:
            inside = Q(division_id=region) | Q(division__code__startswith=duty.division_id[:4])
        return self.filter(inside).filter(Q(released_at__isnull=False) | Q(division_id=duty.division_id))

    def published(self) -> Self:
        return self.filter(released_at__isnull=False)


class MeasureType(models.Model):
    """举措类型: one row of the catalogue, from a day on; never edited after its release. A county's row
    changes only the department, the cap and the marginal households' ceiling of the region's row of the same
    code."""

    frozen_when = "released_at IS NOT NULL"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField("代码", max_length=40)
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="适用范围")
    holds_from = models.DateField("施行日期")
    ends_on = models.DateField(
        "停止施行", null=True, help_text="the type is no longer offered from the next day"
    )
    document = models.CharField("依据文号", max_length=80, blank=True)
    name = models.CharField("名称", max_length=60)
    order = models.PositiveSmallIntegerField("次序", default=0)
    department = models.CharField("承办部门", max_length=20)
    also = models.JSONField("协办部门", default=list)
    article = models.CharField("条款", max_length=40, blank=True)
    form = models.CharField("帮扶方式", max_length=10, choices=Form)
    unit = models.CharField("计量", max_length=20, choices=Unit)
    period = models.CharField("上限口径", max_length=8, choices=Period, blank=True)
    cap = models.BigIntegerField("上限（分）", null=True)
    cap_key = models.CharField(
        "上限参数", max_length=60, blank=True, help_text="a policy parameter holds the cap"
    )
    most_months = models.PositiveSmallIntegerField("最长期限（月）", null=True)
    months_key = models.CharField("期限参数", max_length=60, blank=True)
    cap_by_county = models.BooleanField("县可定标准", default=False)
    for_lifted = models.CharField("脱贫户", max_length=10, choices=Eligibility)
    for_monitored = models.CharField("脱贫监测户", max_length=10, choices=Eligibility)
    for_marginal = models.CharField("边缘户", max_length=10, choices=Eligibility)
    subcriteria = models.JSONField("对应风险情形", default=list)
    is_universal = models.BooleanField("普惠政策", default=False)
    ceiling_kind = models.CharField("边缘户限额口径", max_length=8, choices=CeilingKind, blank=True)
    ceiling = models.BigIntegerField("边缘户限额（分）", null=True)
    ceiling_rate = models.PositiveIntegerField("边缘户限额比例（万分之）", null=True)
    comparators = models.JSONField("对应的脱贫户政策", default=list)
    needs = models.CharField("须先享受", max_length=40, blank=True)
    is_two_years = models.BooleanField("受脱贫后2年扶持期限制", default=False)
    is_on_application = models.BooleanField("依申请", default=False)
    route = models.CharField("资金渠道", max_length=2, choices=Route)
    route_marginal = models.CharField("资金渠道（边缘户）", max_length=2, choices=Route, blank=True)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="起草人"
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="发布人"
    )
    released_at = models.DateTimeField("发布时间", null=True, default=timezone.now)

    objects = MeasureTypeQuerySet.as_manager()

    class Meta:
        verbose_name = "举措类型"
        ordering = ["order", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "division", "holds_from"],
                condition=Q(released_at__isnull=False),
                name="measure_type_once_a_day",
                violation_error_message="同一举措同一天只能发布一个版本。",
            ),
            models.CheckConstraint(
                condition=Q(cap=None) | Q(cap__gt=0),
                name="measure_type_cap_positive",
                violation_error_message="上限须大于零。",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("holds_from")),
                name="measure_type_ends_after_beginning",
                violation_error_message="停止施行的日期不能早于施行日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def route_for(self, kind: str) -> str:
        """The route for a kind of household (`Kind` of measures)."""
        return self.route_marginal or self.route if kind == "marginal" else self.route
