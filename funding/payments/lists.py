"""What lists and papers of payments and accounts show, and their exports."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from fangpin.common import exports
from fangpin.common.actor import Actor
from funding import rules
from funding.models import ApplicationLine, Batch, BatchLine, LineState, Outcome
from funding.payments.forms import BatchFilter
from households.models import Household

ACTS = {"create": "编制", "send": "拨付登记", "reconcile": "对账完成", "cancel": "作废"}


def with_counts(batches: QuerySet[Batch]) -> QuerySet[Batch]:
    """With what was paid, failed and is still waited for, fen."""
    return batches.select_related("source", "prepared_by", "sent_by", "county").annotate(
        paid=Sum("lines__amount", filter=Q(lines__outcome=Outcome.PAID)),
        failed=Sum("lines__amount", filter=Q(lines__outcome=Outcome.FAILED)),
        failed_count=Count("lines", filter=Q(lines__outcome=Outcome.FAILED)),
        waiting_count=Count("lines", filter=Q(lines__outcome=Outcome.LISTED)),
    )


def with_all(lines: QuerySet[BatchLine]) -> QuerySet[BatchLine]:
    return lines.select_related(
        "account",
        "line__application",
        "line__measure__household__village__parent",
        "line__measure__type",
        "batch__source",
    )


@dataclass(frozen=True)
class BatchRow:
    """A line of a batch with whom it goes to; the number is masked."""

    line: BatchLine
    household: Household | None
    holder: str
    bank: str
    masked: str


def batch_row(line: BatchLine) -> BatchRow:
    """No statement where the line comes from `with_all`."""
    application, account = line.line.application, line.account
    return BatchRow(
        line=line,
        household=line.line.measure.household if line.line.measure_id else None,
        holder=account.holder if account else application.payee,
        bank=account.bank if account else application.payee_bank,
        masked=rules.masked(account.number if account else application.payee_number),
    )


def failed_of(user: Actor) -> dict:
    """`n` and `amount` of lines whose payment failed and that wait for another account."""
    own = ApplicationLine.objects.filter(application__county=user.acting.county_code, state=LineState.FAILED)
    return own.aggregate(n=Count("pk"), amount=Sum("amount"))


# ---- Exports ----
_HEADINGS = (
    "批次号",
    "序号",
    "资金来源",
    "凭证号",
    "拨付日期",
    "户主",
    "乡（镇）",
    "行政村",
    "举措",
    "户名",
    "开户行",
    "账号（脱敏）",
    "金额（元）",
    "结果",
    "到账或退回日期",
    "失败原因",
)


def _lines(user: Actor, params):
    chosen = BatchFilter(params, user=user).narrow(Batch.objects.for_user(user))
    if number := params.get("batch", ""):
        chosen = chosen.filter(number=number)
    return with_all(BatchLine.objects.filter(batch__in=chosen.values("pk"))).order_by("batch_id", "number")


def _row(each: BatchLine) -> tuple:
    shown, batch = batch_row(each), each.batch
    home = shown.household
    return (
        batch.number,
        each.number,
        batch.source.name,
        batch.voucher,
        batch.sent_on,
        home.head_name if home else "",
        home.village.parent.short_name if home else "",
        home.village.short_name if home else "",
        each.line.measure.type.name if each.line.measure_id else each.line.application.title,
        shown.holder,
        shown.bank,
        shown.masked,
        exports.yuan_cell(each.amount),
        each.get_outcome_display(),
        each.outcome_on,
        each.reason,
    )


exports.register(
    exports.Export(
        name="payments",
        title="资金发放明细",
        permission="payment.view",
        headings=_HEADINGS,
        queryset=_lines,
        row=_row,
        text_columns=("批次号", "凭证号", "账号（脱敏）"),
        words=lambda user, params: exports.words_of(BatchFilter(params, user=user)),
    )
)
