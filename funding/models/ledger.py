"""资金台账: accounts of a source and the movements between them. The database moves the balances and refuses
the rest."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from fangpin.accounts.models import Division, Duty
from fangpin.accounts.scoping import ScopedQuerySet
from funding.models.sources import FundSource


class AccountKind(models.TextChoices):
    OUTSIDE = "outside", "上级和来源单位"
    FREE = "free", "可用"
    COMMITTED = "committed", "已占用"
    SENT = "sent", "发放在途"
    PAID = "paid", "已发放"


class Account(models.Model):
    """One of the five accounts of a source, fen. `outside` is where money comes from: it alone goes below
    zero, so that all five always add up to nothing."""

    source = models.ForeignKey(FundSource, models.PROTECT, related_name="accounts", verbose_name="资金来源")
    kind = models.CharField("账户", max_length=10, choices=AccountKind)
    balance = models.BigIntegerField("余额（分）", default=0, db_default=0)

    class Meta:
        verbose_name = "台账账户"
        constraints = [
            models.UniqueConstraint(fields=["source", "kind"], name="account_once_a_source"),
            models.CheckConstraint(
                condition=Q(balance__gte=0) | Q(kind="outside"),
                name="account_balance_not_negative",
                violation_error_message="余额不足。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind}"


class MovementKind(models.TextChoices):
    ALLOCATE = "allocate", "指标下达"
    RETURN_UP = "return_up", "收回上级"
    CARRY = "carry", "结转下年"
    COMMIT = "commit", "申请占用"
    FREE = "free", "释放占用"
    SEND = "send", "发放拨付"
    SETTLE = "settle", "发放成功"
    BOUNCE = "bounce", "发放失败退回"
    CORRECT = "correct", "更正"


class MovementQuerySet(ScopedQuerySet):
    scope_permission = "fund.view"
    scope_path = "source__county_id"

    def in_scope(self, duty: Duty) -> Self:
        return self.filter(source__in=FundSource.objects.all().in_scope(duty))


class Movement(models.Model):
    """One amount from one account to another: it can't be unbalanced. Never changed; corrected by a
    counter-movement. Its key makes a retry harmless. A trigger moves both balances."""

    append_only = True
    # (from, to, amount, table and column moved): `fangpin.common.database` makes the trigger.
    moves_balances = ("from_account_id", "to_account_id", "amount", "funding_account", "balance")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField("防重键", max_length=100)
    kind = models.CharField("种类", max_length=10, choices=MovementKind)
    source = models.ForeignKey(FundSource, models.PROTECT, related_name="movements", verbose_name="资金来源")
    from_account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="转出")
    to_account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="转入")
    amount = models.BigIntegerField("金额（分）")
    on = models.DateField("业务日期")
    line = models.ForeignKey(
        "funding.ApplicationLine",
        models.PROTECT,
        null=True,
        related_name="movements",
        verbose_name="申请明细",
    )
    batch = models.ForeignKey(
        "funding.Batch", models.PROTECT, null=True, related_name="movements", verbose_name="发放批次"
    )
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="reversed_by", verbose_name="更正的是"
    )
    document = models.CharField("文号或凭证号", max_length=80, blank=True, db_default="")
    words = models.CharField("说明", max_length=200, blank=True, db_default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="经办人")
    acting_as = models.ForeignKey(
        "accounts.Duty", models.PROTECT, null=True, related_name="+", verbose_name="岗位"
    )
    at = models.DateTimeField("登记时间", default=timezone.now)

    objects = MovementQuerySet.as_manager()

    class Meta:
        verbose_name = "资金变动"
        indexes = [models.Index(fields=["source", "id"], name="movement_source")]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="movement_key_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="movement_amount_positive",
                violation_error_message="金额须大于零。",
            ),
            models.CheckConstraint(
                condition=~Q(from_account=F("to_account")), name="movement_between_two_accounts"
            ),
            models.CheckConstraint(
                condition=(Q(kind="correct") & Q(reverses__isnull=False) & ~Q(words=""))
                | (~Q(kind="correct") & Q(reverses=None)),
                name="movement_correction_names_what_and_why",
                violation_error_message="更正须指明更正哪一笔，并写明理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"


class PeriodClose(models.Model):
    """月结: from then on nothing is booked with a date of that month in that county."""

    append_only = True

    county = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="县", db_index=False)
    month = models.DateField("月份", help_text="its first day")
    figures = models.JSONField("结账数字", default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="结账人")
    at = models.DateTimeField("结账时间", default=timezone.now)

    class Meta:
        verbose_name = "月结"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "month"],
                name="period_closed_once",
                violation_error_message="这个月已经结账。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.county_id} {self.month:%Y-%m}"
