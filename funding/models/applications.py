"""资金使用申请 (Art. 10, 11): a department applies, the poverty office and the finance bureau approve, the
leading group files."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from fangpin.accounts.models import Department, Division, Duty
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common.fields import EncryptedTextField
from funding.models.application_constraints import APPLICATION_CONSTRAINTS
from funding.models.application_states import IN_APPROVAL, ApplicationState, ApplicationTransitions
from funding.models.sources import FundSource
from measures.models import Route


class Purpose(models.TextChoices):
    HOUSEHOLDS = "households", "到户举措"
    PREMIUM = "premium", "防贫保险保费"


class ApplicationQuerySet(ScopedQuerySet):
    scope_permission = "fund.view"
    scope_path = "county_id"

    def in_scope(self, duty: Duty) -> Self:
        """A department sees its own; the others those of the county."""
        if duty.department_id:
            return self.filter(department=duty.department_id)
        return self.filter(county=duty.county_code)

    def waiting_for_office(self) -> Self:
        return self.filter(state__in=[ApplicationState.SUBMITTED, ApplicationState.FINANCE_APPROVED])

    def waiting_for_finance(self) -> Self:
        return self.filter(state__in=[ApplicationState.SUBMITTED, ApplicationState.OFFICE_APPROVED])


class Application(ApplicationTransitions):
    """One application of a department on one source. What was submitted is committed; what was approved isn't
    edited."""

    EDITABLE = (ApplicationState.DRAFT, ApplicationState.RETURNED, ApplicationState.WITHDRAWN)
    IN_APPROVAL = IN_APPROVAL

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    county = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="县")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name="申请部门")
    source = models.ForeignKey(
        FundSource, models.PROTECT, related_name="applications", verbose_name="资金来源"
    )
    route = models.CharField("资金渠道", max_length=2, choices=Route)
    purpose = models.CharField("用途", max_length=10, choices=Purpose, default=Purpose.HOUSEHOLDS)
    number = models.CharField("编号", max_length=40)
    title = models.CharField("资金用途", max_length=120)
    words = models.CharField("说明", max_length=500, blank=True, db_default="")
    # Of the lines, kept with them.
    amount = models.BigIntegerField("申请金额（分）", default=0, db_default=0)
    count = models.PositiveIntegerField("笔数", default=0, db_default=0)
    digest = models.CharField("提交内容校验码", max_length=64, blank=True, db_default="")
    # R2: a project of the county's store, by the county's own steps.
    project_name = models.CharField("项目名称", max_length=120, blank=True, db_default="")
    project_number = models.CharField("项目库编号", max_length=60, blank=True, db_default="")
    publicity = models.CharField("公示情况", max_length=200, blank=True, db_default="")
    steps = models.JSONField("审批环节", default=list)
    needs_filing = models.BooleanField("须领导小组备案", default=True)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="经办人"
    )
    prepared_at = models.DateTimeField("填写时间", default=timezone.now)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="申请人"
    )
    submitted_at = models.DateTimeField("申请时间", null=True)
    # The two opinions; where one was given on paper, its signer, and the scan among the papers.
    office_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="扶贫部门审定人"
    )
    office_at = models.DateTimeField("扶贫部门审定时间", null=True)
    office_signer = models.CharField("扶贫部门签字人", max_length=40, blank=True, db_default="")
    finance_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="财政部门审定人"
    )
    finance_at = models.DateTimeField("财政部门审定时间", null=True)
    finance_signer = models.CharField("财政部门签字人", max_length=40, blank=True, db_default="")
    # Filing by the leading group: in person, or registered from the signed paper and confirmed by a second
    # person.
    filing_number = models.CharField("备案号", max_length=60, blank=True, db_default="")
    filing_signer = models.CharField("备案签发人", max_length=40, blank=True, db_default="")
    filing_on = models.DateField("备案日期", null=True)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="备案登记人"
    )
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="备案（确认）人"
    )
    filed_at = models.DateTimeField("备案时间", null=True)
    # Premium: to whom, without households.
    payee = models.CharField("收款单位", max_length=80, blank=True, db_default="")
    payee_bank = models.CharField("收款开户行", max_length=60, blank=True, db_default="")
    payee_number = EncryptedTextField("收款账号", null=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = "资金使用申请"
        indexes = [models.Index(fields=["county", "state"], name="application_county_state")]
        constraints = APPLICATION_CONSTRAINTS

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def is_editable(self) -> bool:
        return self.state in self.EDITABLE
