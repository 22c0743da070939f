"""防贫举措 (Art. 5, 6, 8), the caps they count against, and works that serve a whole hamlet."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django_fsm import FSMModelMixin, transition

from fangpin.accounts.models import Department, Division
from fangpin.accounts.roles import Role
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common.fields import StateField
from households.models import Attachment, Case, Hamlet, Household, Member, Risk
from measures.models.catalogue import Form, MeasureType, Route
from measures.models.orders import OrderLine


class Kind(models.TextChoices):
    """As what a household gets a measure: it follows from registry status and case, never chosen."""

    LIFTED = "lifted", "脱贫户"
    MONITORED = "monitored", "脱贫监测户"
    MARGINAL = "marginal", "边缘户"


class CapUse(models.Model):
    """上限使用: what a household has used of one cap in one period, fen. The database refuses more than the
    limit, whatever the department and however many ask at once."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="cap_uses", verbose_name="农户")
    cap = models.CharField("上限", max_length=40, help_text="code of the measure type it belongs to")
    # 2020 · "" for an open sum or once · 2020-1:<member> for a term · 2020-03:<member> for a month · the
    # bill's number
    period = models.CharField("期间", max_length=60, blank=True, db_default="")
    limit = models.BigIntegerField("上限（分）")
    used = models.BigIntegerField("已用（分）", default=0, db_default=0)

    class Meta:
        verbose_name = "上限使用"
        constraints = [
            models.UniqueConstraint(fields=["household", "cap", "period"], name="cap_use_once_a_period"),
            models.CheckConstraint(
                condition=Q(used__lte=F("limit")),
                name="cap_use_within_limit",
                violation_error_message="超过上限。",
            ),
            models.CheckConstraint(condition=Q(used__gte=0), name="cap_use_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.cap} {self.period}: {self.used}/{self.limit}"


class ProjectQuerySet(ScopedQuerySet):
    scope_permission = "measure.view"
    scope_path = "village_id"

    def in_scope(self, duty):
        """A department sees its own, a helper those of the villages where he has households."""
        if duty.role == Role.DEPARTMENT:
            return self.filter(department=duty.department_id)
        if duty.role == Role.HELPER:
            return self.filter(village__in=Household.objects.all().in_scope(duty).values("village"))
        return super().in_scope(duty)


class Project(models.Model):
    """工程 that serves a hamlet or a village (water): one line for the works, a measure for each of its
    households."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name="承办部门")
    village = models.ForeignKey(
        Division, models.PROTECT, related_name="+", verbose_name="行政村", db_index=False
    )
    hamlet = models.ForeignKey(Hamlet, models.PROTECT, null=True, related_name="+", verbose_name="自然屯")
    type = models.ForeignKey(MeasureType, models.PROTECT, related_name="+", verbose_name="举措类型")
    name = models.CharField("工程名称", max_length=80)
    cost = models.BigIntegerField("投资（分）", null=True)
    planned_from = models.DateField("计划开工", null=True)
    planned_to = models.DateField("计划完工", null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间", default=timezone.now)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = "工程"
        indexes = [models.Index(fields=["village", "id"], name="project_village")]
        constraints = [
            models.CheckConstraint(
                condition=Q(cost=None) | Q(cost__gte=0),
                name="project_cost_not_negative",
                violation_error_message="投资不能小于零。",
            )
        ]

    def __str__(self) -> str:
        return self.name


class MeasureState(models.TextChoices):
    PLANNED = "planned", "待备案"
    SENT_BACK = "sent_back", "退回补正"
    FILED = "filed", "已备案，待实施"
    STARTED = "started", "实施中"
    DELIVERED = "delivered", "已落实"
    CANCELLED = "cancelled", "已取消"


class SendBackReason(models.TextChoices):
    """Filing is no approval: it is sent back for these alone (Art. 8)."""

    FORM = "form", "填写不完整或不规范"
    CAP = "cap", "超过上限"
    CATEGORY = "category", "与户的类别不符"
    PROOF = "proof", "缺少佐证材料"
    DUPLICATE = "duplicate", "重复申报"


class MeasureQuerySet(ScopedQuerySet):
    scope_permission = "measure.view"
    scope_path = "household__village_id"

    def in_scope(self, duty):
        """A department sees its own; the others those of the households in their scope."""
        if duty.role == Role.DEPARTMENT:
            return self.filter(department=duty.department_id)
        return self.filter(household__in=Household.objects.all().in_scope(duty))

    def not_cancelled(self):
        return self.exclude(state=MeasureState.CANCELLED)

    def outstanding(self):
        return self.filter(state__in=Measure.OUTSTANDING)


class Measure(FSMModelMixin, models.Model):
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
    state = StateField("状态", default=MeasureState.PLANNED, choices=MeasureState)
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
        constraints = [
            models.UniqueConstraint(
                fields=["department", "filing_number"],
                condition=~Q(filing_number=""),
                name="measure_filing_number_once",
                violation_error_message="这个备案号已经用过。",
            ),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gte=0),
                name="measure_amount_not_negative",
                violation_error_message="金额不能小于零。",
            ),
            models.CheckConstraint(
                condition=Q(planned_to__gte=F("planned_from")),
                name="measure_ends_after_beginning",
                violation_error_message="计划完成不能早于计划开始。",
            ),
            models.CheckConstraint(
                condition=Q(ceiling=None) | Q(amount=None) | Q(amount__lte=F("ceiling")),
                name="measure_within_ceiling",
                violation_error_message="超过脱贫户对应政策的标准（第八条（二））。",
            ),
            models.CheckConstraint(
                condition=~Q(code="special_relief")
                | (Q(kind="marginal") & ~Q(universal="") & ~Q(why_short="") & Q(ceiling__isnull=False)),
                name="measure_special_relief_after_universal",
                violation_error_message="特殊救助只给边缘户，须写明已用的普惠政策和仍不足的原因（第八条（二）1）。",
            ),
            models.CheckConstraint(
                condition=~Q(code="subsistence_raise") | Q(kind="monitored"),
                name="measure_raise_for_monitored",
                violation_error_message="低保提档只给脱贫监测户（第八条（一）1）。",
            ),
            models.CheckConstraint(
                condition=~Q(kind="marginal") | ~Q(route="R2"),
                name="measure_poverty_funds_not_for_marginal",
                violation_error_message="扶贫资金不能用于边缘户（第十条）。",
            ),
            models.CheckConstraint(
                condition=Q(kind="marginal") | ~Q(route="R1"),
                name="measure_marginal_funds_for_marginal",
                violation_error_message="边缘户防贫资金只用于边缘户（第十一条）。",
            ),
            # No measure starts before its filing (Art. 8).
            models.CheckConstraint(
                condition=Q(started_on=None)
                | (Q(filed_on__isnull=False, filed_by__isnull=False) & Q(started_on__gte=F("filed_on"))),
                name="measure_started_after_filing",
                violation_error_message="举措备案后才能实施，实施日期不能早于备案日期（第八条）。",
            ),
            models.CheckConstraint(
                condition=Q(delivered_on=None)
                | Q(started_on__isnull=False, delivered_on__gte=F("started_on")),
                name="measure_delivered_after_start",
                violation_error_message="落实日期不能早于实施日期。",
            ),
            models.CheckConstraint(
                condition=(Q(state__in=["planned", "sent_back"]) & Q(filed_on=None, started_on=None))
                | (Q(state="filed") & Q(filed_on__isnull=False, started_on=None, delivered_on=None))
                | (Q(state="started") & Q(started_on__isnull=False, delivered_on=None))
                | (Q(state="delivered") & Q(delivered_on__isnull=False))
                | (Q(state="cancelled") & Q(delivered_on=None) & ~Q(cancel_words="")),
                name="measure_dates_as_its_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.code}"

    @property
    def is_late(self) -> bool:
        """Not delivered though its planned day has passed."""
        return self.state in Measure.OUTSTANDING and self.planned_to < timezone.localdate()

    @transition(
        state,
        [MeasureState.PLANNED, MeasureState.SENT_BACK],
        MeasureState.FILED,
        permission="measure.file",
        custom={"stamp_by": ["filed_by"]},
    )
    def file(self):
        """备案: no approval; from now on it may begin."""

    @transition(state, MeasureState.PLANNED, MeasureState.SENT_BACK, permission="measure.file")
    def send_back(self):
        """退回补正, for one of the five reasons."""

    @transition(state, MeasureState.SENT_BACK, MeasureState.PLANNED, permission="measure.plan")
    def hand_in_again(self):
        """补正后重新报备案."""

    @transition(
        state, MeasureState.FILED, MeasureState.STARTED, permission="measure.plan", custom={"system": True}
    )
    def begin(self):
        """开始实施, not before the filing."""

    @transition(
        state,
        MeasureState.STARTED,
        MeasureState.DELIVERED,
        permission="measure.plan",
        custom={"system": True},
    )
    def deliver(self):
        """已落实: date, amount, proof; by the department, or by the payment of its money."""

    @transition(
        state,
        MeasureState.DELIVERED,
        MeasureState.STARTED,
        permission="payment.make",
        custom={"system": True},
    )
    def undeliver(self):
        """The bank gave the money back after it had arrived: under way again."""

    @transition(
        state,
        [MeasureState.PLANNED, MeasureState.SENT_BACK, MeasureState.FILED, MeasureState.STARTED],
        MeasureState.CANCELLED,
        permission="measure.plan",
    )
    def cancel(self):
        """取消, with the reason; what it counted against a cap is free again."""
