"""走访 (Art. 9): what the follower saw, risk by risk and measure by measure."""

import uuid
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from fangpin.accounts.models import Duty
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common import database
from fangpin.common.models import Photo
from households.models import Case, Household, Risk
from measures.models.measures import Measure


class VisitQuerySet(ScopedQuerySet):
    scope_permission = "visit.view"
    scope_path = "household__village_id"

    def in_scope(self, duty: Duty) -> Self:
        return self.filter(household__in=Household.objects.all().in_scope(duty))

    def not_withdrawn(self) -> Self:
        return self.filter(withdrawn_at=None)


class Visit(models.Model):
    """走访记录 of one household by whoever follows it. Withdrawn with a reason where it was a mistake."""

    class Way(models.TextChoices):
        DOOR = "door", "入户"
        PHONE = "phone", "电话"
        VIDEO = "video", "视频"
        RELATIVE = "relative", "向亲属邻居了解"

    uuid = models.UUIDField(default=uuid.uuid4, db_default=database.GenUUID(), unique=True, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="visits", verbose_name="农户")
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="visits", verbose_name="防贫对象")
    on = models.DateField("走访日期", default=timezone.localdate)
    way = models.CharField("方式", max_length=10, choices=Way, default=Way.DOOR)
    # Who was there, and who typed.
    visitors = models.JSONField("走访人", default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="录入人")
    at = models.DateTimeField("录入时间", default=timezone.now)
    spoke_with = models.CharField("见到谁", max_length=40, blank=True, db_default="")
    words = models.CharField("情况和问题", max_length=500, blank=True, db_default="")
    wishes = models.CharField("农户诉求", max_length=300, blank=True, db_default="")
    has_new_risk = models.BooleanField("发现新的风险", default=False, db_default=False)
    new_risk_words = models.CharField("新的风险", max_length=300, blank=True, db_default="")
    # Income now, a head and year in fen; `estimate` holds the parts it was reckoned from.
    per_head = models.BigIntegerField("现在人均纯收入（分）", null=True)
    estimate = models.JSONField("收入测算", default=dict)
    # 教育、医疗、住房、饮水: whether each is secured now, by code.
    secured = models.JSONField("四项保障", default=dict)
    # Made in the form: a visit that is sent twice is kept once.
    key = models.UUIDField("表单编号", unique=True, default=uuid4, editable=False)
    withdrawn_at = models.DateTimeField("作废时间", null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="作废人"
    )
    withdrawn_reason = models.CharField("作废原因", max_length=100, blank=True, db_default="")

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = "走访"
        ordering = ["-on", "-id"]
        indexes = [models.Index(fields=["case", "on"], name="visit_case_on")]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="visit_withdrawn_by_and_at",
            ),
            models.CheckConstraint(
                condition=Q(has_new_risk=False) | ~Q(new_risk_words=""),
                name="visit_new_risk_in_words",
                violation_error_message="发现新的风险，请写明是什么。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.on}"


class Seen(models.TextChoices):
    """What became of a risk since."""

    GONE = "gone", "已消除"
    BETTER = "better", "有好转"
    SAME = "same", "没有变化"
    WORSE = "worse", "加重"


class VisitRisk(models.Model):
    """One open risk as it was seen."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="risks", verbose_name="走访")
    risk = models.ForeignKey(Risk, models.PROTECT, related_name="sightings", verbose_name="风险")
    seen = models.CharField("情况", max_length=8, choices=Seen)
    words = models.CharField("说明", max_length=200, blank=True, db_default="")

    class Meta:
        verbose_name = "走访看到的风险"
        constraints = [models.UniqueConstraint(fields=["visit", "risk"], name="visit_risk_once")]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.risk_id} {self.seen}"


class Arrived(models.TextChoices):
    """Whether a measure has come to the household."""

    YES = "yes", "已到户"
    PARTLY = "partly", "到了一部分"
    NO = "no", "没有到"
    UNKNOWN = "unknown", "说不清"


class VisitMeasure(models.Model):
    """One measure, and whether it has come, as the household says."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="measures", verbose_name="走访")
    measure = models.ForeignKey(Measure, models.PROTECT, related_name="sightings", verbose_name="举措")
    arrived = models.CharField("到户情况", max_length=8, choices=Arrived)
    words = models.CharField("说明", max_length=200, blank=True, db_default="")

    class Meta:
        verbose_name = "走访看到的举措"
        constraints = [models.UniqueConstraint(fields=["visit", "measure"], name="visit_measure_once")]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.measure_id} {self.arrived}"


class VisitPhotoQuerySet(ScopedQuerySet):
    scope_permission = "visit.view"
    scope_path = "visit__household__village_id"

    def in_scope(self, duty: Duty) -> Self:
        return self.filter(visit__in=Visit.objects.all().in_scope(duty))


class VisitPhoto(Photo):
    """照片 of a visit."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="photos", verbose_name="走访")

    objects = VisitPhotoQuerySet.as_manager()

    class Meta(Photo.Meta):
        verbose_name = "走访照片"
        constraints = [models.UniqueConstraint(fields=["visit", "digest"], name="visit_photo_once")]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.at:%Y-%m-%d}"
