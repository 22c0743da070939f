"""防贫举措 (Art. 5, 6, 8)."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from fangpin.accounts.models import Department, Duty
from fangpin.accounts.roles import Role
from fangpin.accounts.scoping import ScopedQuerySet
from households.models import Attachment, Case, Household, Member, Risk
from measures.models.caps import CapUse
from measures.models.catalogue import Form, MeasureType, Route
from measures.models.measure_constraints import MEASURE_CONSTRAINTS
from measures.models.measure_states import MeasureState, MeasureTransitions, SendBackReason
from measures.models.orders import OrderLine
from measures.models.projects import Project


class Kind(models.TextChoices):
    """As what a household gets a measure: it follows from registry status and case, never chosen."""

    LIFTED = "lifted", "脱贫户"
    MONITORED = "monitored", "脱贫监测户"
    MARGINAL = "marginal", "边缘户"


class MeasureQuerySet(ScopedQuerySet):
    scope_permission = "measure.view"
    scope_path = "household__village_id"

    def in_scope(self, duty: Duty) -> Self:
        """A department sees its own; the others those of the households in their scope."""
        if duty.role == Role.DEPARTMENT:
            return self.filter(department=duty.department_id)
        return self.filter(household__in=Household.objects.all().in_scope(duty))

    def not_cancelled(self) -> Self:
        return self.exclude(state=MeasureState.CANCELLED)

    def outstanding(self) -> Self:
        return self.filter(state__in=Measure.OUTSTANDING)


class Measure(MeasureTransitions):
    """举措 of one household: planned by a department, filed with the office, then started, then delivered."""

    OUTSTANDING = (MeasureState.PLANNED, MeasureState.SENT_BACK, MeasureState.FILED, MeasureState.STARTED)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="measures", verbose_name="农户")
    kind = models.CharField("按什么户享受", max_length=10, choices=Kind)
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, related_name="measures", verbose_name="防贫对象"
    )
    line = models.ForeignKey(
        OrderLine, models.PROTECT, null=True, related_name="measures", verbose_name="交办事项"
    )
    risk = models.ForeignKey(Risk, models.PROTECT, null=True, related_name="measures", verbose_name="风险")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name="部门")
    type = models.ForeignKey(MeasureType, models.PROTECT, related_name="+", verbose_name="举措类型")
    code = models.CharField(
        "举措代码", max_length=40, help_text="of the type, kept for sums over its versions"
    )
    form = models.CharField("帮扶方式", max_length=10, choices=Form)
    route = models.CharField("资金渠道", max_length=2, choices=Route)
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", verbose_name="受益人")
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, related_name="measures", verbose_name="工程"
    )
    # Money in fen; none where nothing is paid to the household.
    amount = models.BigIntegerField("金额（分）", null=True)
    basis = models.CharField("标准及计算", max_length=300, blank=True, db_default="")
    words = models.CharField("说明", max_length=300, blank=True, db_default="")
    year = models.PositiveSmallIntegerField("计入年度")
    term = models.CharField("学期或月份", max_length=10, blank=True, db_default="")
    planned_from = models.DateField("计划开始")
    planned_to = models.DateField("计划完成")
    # What counts against a cap, and what a marginal household may get at most; kept as they were at planning.
    cap_use = models.ForeignKey(
        CapUse, models.PROTECT, null=True, related_name="measures", verbose_name="上限使用"
    )
    counted = models.BigIntegerField("计入上限（分）", default=0, db_default=0)
    ceiling = models.BigIntegerField("边缘户限额（分）", null=True)
    ceiling_words = models.CharField("限额依据", max_length=200, blank=True, db_default="")
    # 特殊救助 (Art. 8(2)1): which universal policy was used and why it does not do.
    universal = models.CharField("已用普惠政策", max_length=120, blank=True, db_default="")
    why_short = models.CharField("普惠政策仍不足的原因", max_length=300, blank=True, db_default="")
    bill = models.BigIntegerField("自付费用（分）", null=True)
    bill_number = models.CharField("票据号", max_length=40, blank=True, db_default="")
    # Loans and posts.
    months = models.PositiveSmallIntegerField("期限（月）", null=True)
    lender = models.CharField("贷款银行", max_length=60, blank=True, db_default="")
    repaid = models.BigIntegerField("已还本金（分）", default=0, db_default=0)
    employer = models.CharField("用人单位、岗位", max_length=80, blank=True, db_default="")
    monthly_pay = models.BigIntegerField("月报酬（分）", null=True)
    # Warnings that were shown, and the words of whoever went on.
    warnings = models.JSONField("提示", default=list)
    warning_words = models.CharField("仍然申报的理由", max_length=300, blank=True, db_default="")
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="经办人"
    )
    planned_at = models.DateTimeField("拟定时间", default=timezone.now)
    send_back_reason = models.CharField(
        "退回事项", max_length=10, choices=SendBackReason, blank=True, db_default=""
    )
    send_back_words = models.CharField("退回说明", max_length=300, blank=True, db_default="")
    filing_number = models.CharField("备案号", max_length=40, blank=True, db_default="")
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="备案人"
    )
    filed_on = models.DateField("备案日期", null=True)
    started_on = models.DateField("实施日期", null=True)
    delivered_on = models.DateField("落实日期", null=True)
    delivered = models.BigIntegerField("落实金额（分）", null=True)
    proof = models.CharField("落实凭据", max_length=120, blank=True, db_default="")
    proof_paper = models.ForeignKey(
        Attachment, models.PROTECT, null=True, related_name="+", verbose_name="佐证材料"
    )
    delivered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="落实登记人"
    )
    cancel_words = models.CharField("取消原因", max_length=300, blank=True, db_default="")

    objects = MeasureQuerySet.as_manager()

    class Meta:
        verbose_name = "防贫举措"
        indexes = [
            models.Index(fields=["household", "year", "code"], name="measure_household_year"),
            models.Index(fields=["department", "state"], name="measure_department_state"),
        ]
        constraints = MEASURE_CONSTRAINTS

    def __str__(self) -> str:
        return f"{self.household_id} {self.code}"

    @property
    def is_late(self) -> bool:
        """Not delivered though its planned day has passed."""
        return self.state in Measure.OUTSTANDING and self.planned_to < timezone.localdate()
