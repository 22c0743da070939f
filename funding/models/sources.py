"""资金来源 (Art. 10, 11): where a county's money for measures comes from, and what it may be used for."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from fangpin.accounts.models import Department, Division, Duty
from fangpin.accounts.scoping import ScopedQuerySet


class SourceKind(models.TextChoices):
    POVERTY = "poverty", "扶贫资金"
    FISCAL = "fiscal", "边缘户防贫财政资金"
    DONATION = "donation", "社会捐赠"


class SourceLevel(models.TextChoices):
    CENTRAL = "central", "中央"
    REGION = "region", "自治区"
    CITY = "city", "市"
    COUNTY = "county", "县"
    SOCIETY = "society", "社会"


class FundSourceQuerySet(ScopedQuerySet):
    scope_permission = "fund.view"
    scope_path = "county_id"

    def in_scope(self, duty: Duty) -> Self:
        """The money is the county's: whoever works for it sees its sources, a department those it may draw
        on."""
        sources = (
            self.in_area(duty.division_id)
            if duty.division_id[4:6] == "00"
            else self.filter(county=duty.county_code)
        )
        if duty.department_id:
            return sources.filter(Q(department=None) | Q(department=duty.department_id))
        return sources

    def open(self) -> Self:
        return self.filter(closed_on=None)


class FundSource(models.Model):
    """One sum of money with its document (指标文): of a year, from a level, for a purpose. Its accounts hold
    the figures."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    county = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="县", db_index=False)
    year = models.PositiveSmallIntegerField("年度")
    kind = models.CharField("资金种类", max_length=10, choices=SourceKind)
    level = models.CharField("级次", max_length=8, choices=SourceLevel)
    name = models.CharField("名称", max_length=80)
    document = models.CharField("指标文号", max_length=80, help_text="of a donation: the agreement")
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, related_name="+", verbose_name="限用部门"
    )
    purpose = models.CharField("用途", max_length=300, blank=True, db_default="")
    # What the donor or the document allows: codes of measure types and kinds of households; empty means any.
    allowed_types = models.JSONField("限用举措", default=list)
    allowed_kinds = models.JSONField("限用对象", default=list)
    donor = models.CharField("捐赠人", max_length=80, blank=True, db_default="")
    closed_on = models.DateField("关闭日期", null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="关闭人"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间", default=timezone.now)

    objects = FundSourceQuerySet.as_manager()

    class Meta:
        verbose_name = "资金来源"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "year", "document", "name"],
                name="fund_source_document_once",
                violation_error_message="本县这一年度已登记过这份指标文。",
            ),
            models.CheckConstraint(
                condition=(Q(kind="donation") & ~Q(donor="") & ~Q(purpose=""))
                | (~Q(kind="donation") & Q(donor="")),
                name="fund_source_donor_and_purpose",
                violation_error_message="社会捐赠须写明捐赠人和用途，其他资金没有捐赠人。",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None, closed_by=None)
                | Q(closed_on__isnull=False, closed_by__isnull=False),
                name="fund_source_closed_by_and_on",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.document}）"

    @property
    def is_poverty(self) -> bool:
        return self.kind == SourceKind.POVERTY
