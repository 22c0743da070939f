"""资金使用申请 (Art. 10, 11): a department applies, the poverty office and the finance bureau approve, the
leading group files."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django_fsm import FSMModelMixin, transition

from fangpin.accounts.models import Department, Division
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common.fields import EncryptedTextField, StateField
from funding.models.sources import FundSource
from measures.models import Kind, Measure, Route


class ApplicationState(models.TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待审定"
    OFFICE_APPROVED = "office_approved", "扶贫部门已审定，待财政"
    FINANCE_APPROVED = "finance_approved", "财政部门已审定，待扶贫"
    APPROVED = "approved", "两部门已审定，待备案"
    FILED = "filed", "已备案，待发放"
    PAID = "paid", "已发放"
    RETURNED = "returned", "退回补正"
    REJECTED = "rejected", "不同意"
    WITHDRAWN = "withdrawn", "已撤回"
    DISCARDED = "discarded", "已作废"


class Purpose(models.TextChoices):
    HOUSEHOLDS = "households", "到户举措"
    PREMIUM = "premium", "防贫保险保费"


class ApplicationQuerySet(ScopedQuerySet):
    scope_permission = "fund.view"
    scope_path = "county_id"

    def in_scope(self, duty):
        """A department sees its own; the others those of the county."""
        if duty.department_id:
            return self.filter(department=duty.department_id)
        return self.filter(county=duty.county_code)

    def waiting_for_office(self):
        return self.filter(state__in=[ApplicationState.SUBMITTED, ApplicationState.FINANCE_APPROVED])

    def waiting_for_finance(self):
        return self.filter(state__in=[ApplicationState.SUBMITTED, ApplicationState.OFFICE_APPROVED])


_OFFICE, _FINANCE = ("office_by",), ("finance_by",)
_IN_APPROVAL = (
    ApplicationState.SUBMITTED,
    ApplicationState.OFFICE_APPROVED,
    ApplicationState.FINANCE_APPROVED,
    ApplicationState.APPROVED,
)


def _differs(first: str, *others: str) -> Q:
    """None of these columns names the same person as the first."""
    condition = Q()
    for second in others:
        condition &= Q(**{first: None}) | Q(**{second: None}) | ~Q(**{first: F(second)})
    return condition


class Application(FSMModelMixin, models.Model):
    """One application of a department on one source. What was submitted is committed; what was approved isn't
    edited."""

    EDITABLE = (ApplicationState.DRAFT, ApplicationState.RETURNED, ApplicationState.WITHDRAWN)
    IN_APPROVAL = _IN_APPROVAL

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
    state = StateField("状态", default=ApplicationState.DRAFT, choices=ApplicationState)
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
        constraints = [
            models.UniqueConstraint(fields=["county", "number"], name="application_number_once"),
            models.CheckConstraint(
                condition=_differs("office_by", "prepared_by", "submitted_by")
                & _differs("finance_by", "prepared_by", "submitted_by", "office_by")
                & _differs(
                    "filed_by", "prepared_by", "submitted_by", "office_by", "finance_by", "registered_by"
                )
                & _differs("registered_by", "prepared_by", "submitted_by", "office_by", "finance_by"),
                name="application_separate_persons",
                violation_error_message="申请、扶贫部门审定、财政部门审定和备案须由不同的人办理（第十一条）。",
            ),
            models.CheckConstraint(
                condition=Q(route__in=["R1", "R2"]),
                name="application_of_routes_one_and_two",
                violation_error_message="只有边缘户防贫资金和扶贫资金须经申请。",
            ),
            models.CheckConstraint(
                condition=~Q(route="R1") | Q(needs_filing=True),
                name="application_marginal_money_is_filed",
                violation_error_message="边缘户防贫资金须经领导小组备案（第十一条）。",
            ),
            # Approved by both, filed where it has to be: no state says so without the persons.
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "filed", "paid"])
                | Q(
                    office_by__isnull=False,
                    office_at__isnull=False,
                    finance_by__isnull=False,
                    finance_at__isnull=False,
                ),
                name="application_two_approvals",
                violation_error_message="须扶贫部门和财政部门都审定（第十一条）。",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["filed", "paid"])
                | Q(needs_filing=False)
                | (
                    Q(filed_by__isnull=False, filed_at__isnull=False, filing_on__isnull=False)
                    & ~Q(filing_number="")
                ),
                name="application_filed_before_payment",
                violation_error_message="领导小组备案后才能发放（第十一条）。",
            ),
            models.CheckConstraint(
                condition=Q(state="draft")
                | Q(state__in=["returned", "withdrawn", "discarded"])
                | (Q(submitted_by__isnull=False, submitted_at__isnull=False, amount__gt=0) & ~Q(digest="")),
                name="application_submitted_with_lines",
            ),
            models.CheckConstraint(
                condition=Q(purpose="households", payee="") | (Q(purpose="premium") & ~Q(payee="")),
                name="application_payee_iff_premium",
                violation_error_message="防贫保险保费须写明收款单位。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def is_editable(self) -> bool:
        return self.state in self.EDITABLE

    @transition(
        state,
        [ApplicationState.DRAFT, ApplicationState.RETURNED, ApplicationState.WITHDRAWN],
        ApplicationState.SUBMITTED,
        permission="fund.apply",
        custom={"stamps": ["submitted_at"], "stamp_by": ["submitted_by"]},
    )
    def submit(self):
        """提出申请: its money is committed."""

    @transition(
        state,
        ApplicationState.SUBMITTED,
        ApplicationState.OFFICE_APPROVED,
        permission="fund.approve_office",
        custom={"stamps": ["office_at"], "stamp_by": _OFFICE},
    )
    @transition(
        state,
        ApplicationState.FINANCE_APPROVED,
        ApplicationState.APPROVED,
        permission="fund.approve_office",
        custom={"stamps": ["office_at"], "stamp_by": _OFFICE},
    )
    def approve_office(self):
        """县扶贫部门审定, before or after the finance bureau."""

    @transition(
        state,
        ApplicationState.SUBMITTED,
        ApplicationState.FINANCE_APPROVED,
        permission="fund.approve_finance",
        custom={"stamps": ["finance_at"], "stamp_by": _FINANCE},
    )
    @transition(
        state,
        ApplicationState.OFFICE_APPROVED,
        ApplicationState.APPROVED,
        permission="fund.approve_finance",
        custom={"stamps": ["finance_at"], "stamp_by": _FINANCE},
    )
    def approve_finance(self):
        """县财政部门审定, before or after the poverty office."""

    @transition(
        state,
        ApplicationState.APPROVED,
        ApplicationState.FILED,
        permission="fund.file",
        custom={"stamps": ["filed_at"], "stamp_by": ["filed_by"]},
    )
    def file(self):
        """县领导小组备案: from now on it may be paid."""

    @transition(state, ApplicationState.APPROVED, ApplicationState.FILED, permission="payment.make")
    def release_without_filing(self):
        """R2 of a county whose own steps know no filing: approved by both, it may be paid."""

    @transition(state, _IN_APPROVAL, ApplicationState.RETURNED, permission="fund.decide")
    def give_back(self):
        """退回补正 by whoever it waits for; the money is free again."""

    @transition(state, _IN_APPROVAL, ApplicationState.REJECTED, permission="fund.decide")
    def reject(self):
        """不同意; the money is free again."""

    @transition(state, _IN_APPROVAL, ApplicationState.WITHDRAWN, permission="fund.apply")
    def withdraw(self):
        """撤回 by the department, to change it or for good; the money is free again."""

    @transition(
        state,
        [ApplicationState.DRAFT, ApplicationState.RETURNED, ApplicationState.WITHDRAWN],
        ApplicationState.DISCARDED,
        permission="fund.apply",
    )
    def discard(self):
        """作废 of one that holds no money."""

    @transition(
        state,
        ApplicationState.FILED,
        ApplicationState.PAID,
        permission="payment.make",
        custom={"system": True},
    )
    def finish(self):
        """Nothing of it waits any more."""

    @transition(
        state,
        ApplicationState.PAID,
        ApplicationState.FILED,
        permission="payment.make",
        custom={"system": True},
    )
    def reopen(self):
        """A payment came back afterwards."""


class LineState(models.TextChoices):
    DRAFT = "draft", "未提交"
    COMMITTED = "committed", "已占用，待发放"
    BATCHED = "batched", "已列入批次"
    SENT = "sent", "发放在途"
    PAID = "paid", "已发放"
    FAILED = "failed", "发放失败，待更正账户"
    GIVEN_UP = "given_up", "不再发放"


class ApplicationLineQuerySet(ScopedQuerySet):
    scope_permission = "fund.view"
    scope_path = "measure__household__village_id"

    def in_scope(self, duty):
        return self.filter(application__in=Application.objects.all().in_scope(duty))

    def holding(self):
        """Those that hold money of the source, or have been paid."""
        return self.filter(state__in=ApplicationLine.HOLDING)


class ApplicationLine(models.Model):
    """One filed measure and what is applied for it. Moved by `funding.lines` alone, together with the
    ledger."""

    HOLDING = (LineState.COMMITTED, LineState.BATCHED, LineState.SENT, LineState.PAID)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(
        Application, models.CASCADE, related_name="lines", verbose_name="资金使用申请"
    )
    number = models.PositiveIntegerField("序号")
    measure = models.ForeignKey(
        Measure, models.PROTECT, null=True, related_name="fund_lines", verbose_name="举措"
    )
    kind = models.CharField("按什么户享受", max_length=10, choices=Kind, blank=True, db_default="")
    source_kind = models.CharField("资金种类", max_length=10)
    amount = models.BigIntegerField("金额（分）")
    words = models.CharField("说明", max_length=120, blank=True, db_default="")
    state = models.CharField("状态", max_length=10, choices=LineState, default=LineState.DRAFT)
    # How often it took money of the source: part of the movements' keys.
    round = models.PositiveSmallIntegerField("第几次占用", default=0, db_default=0)
    paid_on = models.DateField("发放日期", null=True)

    objects = ApplicationLineQuerySet.as_manager()

    class Meta:
        verbose_name = "申请明细"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "measure"],
                name="application_line_measure_once",
                violation_error_message="这项举措已在这份申请中。",
            ),
            models.UniqueConstraint(fields=["application", "number"], name="application_line_number_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="application_line_amount_positive",
                violation_error_message="金额须大于零。",
            ),
            models.CheckConstraint(
                condition=~Q(source_kind="poverty") | Q(kind__in=["lifted", "monitored"]),
                name="line_poverty_funds_not_for_marginal",
                violation_error_message="扶贫资金只用于脱贫户和脱贫监测户（第十条）。",
            ),
            models.CheckConstraint(
                condition=~Q(source_kind="fiscal") | Q(kind__in=["marginal", ""]),
                name="line_marginal_funds_for_marginal",
                violation_error_message="边缘户防贫资金只用于边缘户（第十一条）。",
            ),
            models.CheckConstraint(
                condition=Q(state="paid", paid_on__isnull=False) | (~Q(state="paid") & Q(paid_on=None)),
                name="application_line_paid_with_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}-{self.number}"


class Claim(models.Model):
    """资金占用 of a measure: what all its applications hold together, fen. Never above its amount, so that no
    measure is paid twice however many ask at once."""

    measure = models.OneToOneField(Measure, models.PROTECT, related_name="claim", verbose_name="举措")
    limit = models.BigIntegerField("举措金额（分）")
    claimed = models.BigIntegerField("已申请（分）", default=0, db_default=0)
    paid = models.BigIntegerField("已发放（分）", default=0, db_default=0)

    class Meta:
        verbose_name = "资金占用"
        constraints = [
            models.CheckConstraint(
                condition=Q(claimed__gte=0, claimed__lte=F("limit")),
                name="claim_within_measure",
                violation_error_message="这项举措的资金已在其他申请中，不能重复申请。",
            ),
            models.CheckConstraint(
                condition=Q(paid__gte=0, paid__lte=F("claimed")),
                name="claim_paid_within_claimed",
                violation_error_message="发放不能超过申请。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure_id}: {self.claimed}/{self.limit}"


class ChainStep(models.Model):
    """A step of the county's own (R2) that happened on paper: who signed, when, under which document."""

    application = models.ForeignKey(
        Application, models.CASCADE, related_name="chain_steps", verbose_name="资金使用申请"
    )
    name = models.CharField("环节", max_length=40)
    signer = models.CharField("签字人", max_length=40)
    signed_on = models.DateField("签字日期")
    document = models.CharField("文号", max_length=80, blank=True, db_default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间", default=timezone.now)

    class Meta:
        verbose_name = "审批环节"
        constraints = [models.UniqueConstraint(fields=["application", "name"], name="chain_step_once")]

    def __str__(self) -> str:
        return self.name


class PaperQuerySet(ScopedQuerySet):
    scope_permission = "fund.view"
    scope_path = "application__county_id"

    def in_scope(self, duty):
        return self.filter(application__in=Application.objects.all().in_scope(duty))


class ApplicationPaper(models.Model):
    """附件 of an application, sealed: what the department hands in, signed opinions, the filing."""

    class Kind(models.TextChoices):
        BASIS = "basis", "申请附件"
        OFFICE = "office", "扶贫部门审定签字页"
        FINANCE = "finance", "财政部门审定签字页"
        FILING = "filing", "领导小组备案签字页"
        STEP = "step", "其他环节签字页"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(
        Application, models.CASCADE, related_name="papers", verbose_name="资金使用申请"
    )
    kind = models.CharField("种类", max_length=8, choices=Kind)
    title = models.CharField("说明", max_length=80)
    stored_name = models.CharField("存放名", max_length=40)
    form = models.CharField("文件形式", max_length=4)
    digest = models.CharField("校验码", max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    at = models.DateTimeField("上传时间", default=timezone.now)

    objects = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = "申请附件"

    def __str__(self) -> str:
        return self.title
