"""Lines of an application, and what all applications hold of one measure."""

import uuid
from typing import Self

from django.db import models
from django.db.models import F, Q

from fangpin.accounts.models import Duty
from fangpin.accounts.scoping import ScopedQuerySet
from funding.models.applications import Application
from measures.models import Kind, Measure


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

    def in_scope(self, duty: Duty) -> Self:
        return self.filter(application__in=Application.objects.all().in_scope(duty))

    def holding(self) -> Self:
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
