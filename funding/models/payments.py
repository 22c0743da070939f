"""发放批次（报盘、回盘） (Art. 11): what is handed to the banks, what they answered. The money itself moves
in the treasury's own system; here stand its voucher and its day."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django_fsm import FSMModelMixin, transition

from fangpin.accounts.models import Division, Duty
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common.actor import Actor
from fangpin.common.fields import StateField
from fangpin.common.handing_in.models import ReadWorkbook
from funding.models.accounts import BankAccount
from funding.models.application_lines import ApplicationLine
from funding.models.sources import FundSource


class BatchState(models.TextChoices):
    PREPARED = "prepared", "已编制，待拨付"
    SENT = "sent", "已拨付，待回盘"
    RECONCILED = "reconciled", "已对账"
    CANCELLED = "cancelled", "已作废"


class BatchQuerySet(ScopedQuerySet):
    scope_permission = "payment.view"
    scope_path = "county_id"

    def in_scope(self, duty: Duty) -> Self:
        return self.filter(county=duty.county_code)


class Batch(FSMModelMixin, models.Model):
    """发放批次 of one source: lines of filed applications, one voucher."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    county = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="县")
    source = models.ForeignKey(FundSource, models.PROTECT, related_name="batches", verbose_name="资金来源")
    number = models.CharField("批次号", max_length=40)
    state = StateField("状态", default=BatchState.PREPARED, choices=BatchState)
    amount = models.BigIntegerField("金额（分）")
    count = models.PositiveIntegerField("笔数")
    # A household or an account twice in it: asked about, and answered in words.
    twice_words = models.CharField("重复的说明", max_length=200, blank=True, db_default="")
    voucher = models.CharField("凭证号", max_length=60, blank=True, db_default="")
    sent_on = models.DateField("拨付日期", null=True)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="编制人"
    )
    prepared_at = models.DateTimeField("编制时间", default=timezone.now)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="拨付登记人"
    )
    reconciled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="对账人"
    )
    reconciled_on = models.DateField("对账日期", null=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = "发放批次"
        constraints = [
            models.UniqueConstraint(fields=["county", "number"], name="batch_number_once"),
            models.UniqueConstraint(
                fields=["county", "voucher"],
                condition=~Q(voucher=""),
                name="batch_voucher_once",
                violation_error_message="这个凭证号已登记在另一批次。",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0, count__gt=0), name="batch_not_empty"),
            models.CheckConstraint(
                condition=Q(state__in=["prepared", "cancelled"], sent_on=None, sent_by=None)
                | (
                    Q(state__in=["sent", "reconciled"], sent_on__isnull=False, sent_by__isnull=False)
                    & ~Q(voucher="")
                ),
                name="batch_sent_with_voucher",
                violation_error_message="拨付须有凭证号和日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @transition(
        state,
        BatchState.PREPARED,
        BatchState.SENT,
        permission="payment.make",
        custom={"stamp_by": ["sent_by"]},
    )
    def send(self) -> None:
        """已拨付: voucher and day of the treasury's own system; the money is on its way."""

    @transition(
        state,
        BatchState.SENT,
        BatchState.RECONCILED,
        permission="payment.make",
        custom={"stamp_by": ["reconciled_by"]},
    )
    def reconcile(self) -> None:
        """Every line has its answer."""

    @transition(state, BatchState.PREPARED, BatchState.CANCELLED, permission="payment.make")
    def cancel(self) -> None:
        """作废 before anything was sent; its lines wait for another batch."""


class Outcome(models.TextChoices):
    LISTED = "listed", "待回盘"
    PAID = "paid", "已发放"
    FAILED = "failed", "发放失败"
    TAKEN_OFF = "taken_off", "已移出"


class BatchLineQuerySet(ScopedQuerySet):
    scope_permission = "payment.view"
    scope_path = "batch__county_id"

    def in_scope(self, duty: Duty) -> Self:
        return self.filter(batch__county=duty.county_code)


class BatchLine(models.Model):
    """One payment to one account. Its number in the batch is what the bank's answer names."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="lines", verbose_name="发放批次")
    number = models.PositiveIntegerField("序号")
    line = models.ForeignKey(
        ApplicationLine, models.PROTECT, related_name="payments", verbose_name="申请明细"
    )
    amount = models.BigIntegerField("金额（分）")
    account = models.ForeignKey(
        BankAccount, models.PROTECT, null=True, related_name="payments", verbose_name="账户"
    )
    outcome = models.CharField("结果", max_length=10, choices=Outcome, default=Outcome.LISTED)
    outcome_on = models.DateField("到账或退回日期", null=True)
    reason = models.CharField("失败原因", max_length=120, blank=True, db_default="")

    objects = BatchLineQuerySet.as_manager()

    class Meta:
        verbose_name = "发放明细"
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="batch_line_number_once"),
            # Never paid twice: a line of an application is in one batch at a time, and paid once.
            models.UniqueConstraint(
                fields=["line"],
                condition=Q(outcome__in=["listed", "paid"]),
                name="line_paid_once",
                violation_error_message="这笔已在另一批次中或已发放。",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="batch_line_amount_positive"),
            models.CheckConstraint(
                condition=Q(outcome__in=["listed", "taken_off"], outcome_on=None)
                | Q(outcome="paid", outcome_on__isnull=False)
                | (Q(outcome="failed", outcome_on__isnull=False) & ~Q(reason="")),
                name="batch_line_outcome_with_day",
                violation_error_message="发放失败须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}-{self.number}"


class BankFile(models.Model):
    """报盘文件: exactly what was made for a bank, sealed; who took it is audited."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="files", verbose_name="发放批次")
    bank = models.CharField("银行", max_length=60)
    stored_name = models.CharField("存放名", max_length=40)
    digest = models.CharField("校验码", max_length=64)
    count = models.PositiveIntegerField("笔数")
    amount = models.BigIntegerField("金额（分）")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="制表人"
    )
    made_at = models.DateTimeField("制表时间", default=timezone.now)

    class Meta:
        verbose_name = "报盘文件"
        constraints = [models.UniqueConstraint(fields=["batch", "bank"], name="bank_file_once")]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.bank}"


class HandedInQuerySet(ScopedQuerySet):
    scope_permission = "payment.make"
    scope_path = "county_id"

    def for_user(self, user: Actor) -> Self:
        """A bank's answer is the county's, for whoever pays; a list of accounts is seen by whoever handed it
        in."""
        if user.acting is None:
            return self.none()
        own = Q(kind="accounts", by=user.pk) if user.may("account.edit") else Q(pk__in=[])
        if user.may("payment.make"):
            own |= Q(kind="answer")
        return self.filter(own, county=user.acting.county_code)


class HandedIn(ReadWorkbook):
    """A file that was handed in, kept sealed: shown first, written once it is confirmed."""

    class Kind(models.TextChoices):
        ANSWER = "answer", "回盘"
        ACCOUNTS = "accounts", "一卡通账户表"

    kind = models.CharField("内容", max_length=10, choices=Kind)
    county = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="县", db_index=False)
    batch = models.ForeignKey(
        Batch, models.PROTECT, null=True, related_name="answers", verbose_name="发放批次"
    )
    stored_name = models.CharField("存放名", max_length=40)
    confirmed_at = models.DateTimeField("写入时间", null=True)

    objects = HandedInQuerySet.as_manager()

    class Meta:
        verbose_name = "上传的文件"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="answer", batch__isnull=False) | Q(kind="accounts", batch=None),
                name="handed_in_answer_of_a_batch",
            )
        ]
