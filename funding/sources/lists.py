"""What lists and papers of sources show, and the export of movements."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from fangpin.common import exports
from fangpin.common.actor import Actor
from funding import ledger
from funding.models import AccountKind, BatchLine, FundSource, Movement, MovementKind, Outcome
from funding.sources.forms import MovementFilter

PARTS = (("paid", "已发放"), ("sent", "在途"), ("committed", "已占用"), ("free", "可用"))


@dataclass(frozen=True)
class SourceRow:
    """A source with its figures and its bar (name, label, fen, share in hundredths)."""

    source: FundSource
    has: ledger.Figures
    bar: list[dict]


def source_rows(sources: Iterable[FundSource]) -> list[SourceRow]:
    """One statement."""
    sources = list(sources)
    figures = ledger.figures(sources)
    return [SourceRow(source, figures[source.pk], bar(figures[source.pk])) for source in sources]


def totals(rows: Iterable[SourceRow]) -> ledger.Figures:
    rows = list(rows)
    return ledger.Figures(**{name: sum(getattr(row.has, name) for row in rows) for name, _ in PARTS})


def bar(has: ledger.Figures) -> list[dict]:
    """Parts of a bar, in hundredths that add up to a hundred."""
    parts, left, rest = [], 100, has.allocated
    for name, label in PARTS:
        amount = getattr(has, name)
        share = round(left * amount / rest) if rest else 0
        parts.append({"name": name, "label": label, "amount": amount, "x": 100 - left, "share": share})
        left, rest = left - share, rest - amount
    return parts


def with_all(movements: QuerySet[Movement]) -> QuerySet[Movement]:
    return movements.select_related(
        "from_account__source",
        "to_account__source",
        "by",
        "batch",
        "line__application",
        "line__measure__household",
        "line__measure__type",
        "reversed_by",
    )


def months(source: FundSource) -> list[dict]:
    """台账 by month: opening, received, returned, committed, paid, closing of what is free; one statement."""
    rows = source.movements.order_by().values(
        "on__year", "on__month", "kind", "from_account__kind", "to_account__kind"
    )
    by_month: dict[tuple[int, int], dict] = {}
    for row in rows.annotate(amount=Sum("amount")):
        month = by_month.setdefault(
            (row["on__year"], row["on__month"]), dict.fromkeys(("came", "went", "kept", "paid"), 0)
        )
        start, end, amount = row["from_account__kind"], row["to_account__kind"], row["amount"]
        month["came"] += amount if start == AccountKind.OUTSIDE else 0
        month["went"] += amount if end == AccountKind.OUTSIDE or row["kind"] == MovementKind.CARRY else 0
        month["paid"] += amount * ((end == AccountKind.PAID) - (start == AccountKind.PAID))
    month_rows, balance = [], 0
    for (year, number), month in sorted(by_month.items()):
        month |= {"month": datetime.date(year, number, 1), "opening": balance}
        balance += month["came"] - month["went"] - month["paid"]
        month_rows.append(month | {"closing": balance})
    return month_rows


def vouchers(county: str) -> list[dict]:
    """Per voucher: what the batch's lines say was paid and what the ledger says; two statements."""
    rows = (
        BatchLine.objects.filter(batch__county=county, outcome=Outcome.PAID)
        .order_by()
        .values("batch", "batch__voucher", "batch__number", "batch__uuid")
        .annotate(lines=Sum("amount"))
    )
    moved: dict[int, int] = {}
    own = Movement.objects.filter(batch__county=county).order_by()
    for row in own.values("batch", "from_account__kind", "to_account__kind").annotate(amount=Sum("amount")):
        sign = (row["to_account__kind"] == AccountKind.PAID) - (row["from_account__kind"] == AccountKind.PAID)
        moved[row["batch"]] = moved.get(row["batch"], 0) + sign * row["amount"]
    return [
        {
            "voucher": row["batch__voucher"],
            "number": row["batch__number"],
            "uuid": row["batch__uuid"],
            "lines": row["lines"],
            "ledger": moved.get(row["batch"], 0),
        }
        for row in rows.order_by("batch")
    ]


HEADINGS = (
    "资金来源",
    "指标文号",
    "业务日期",
    "变动",
    "从",
    "到",
    "金额（元）",
    "申请",
    "户主",
    "举措",
    "批次",
    "文号或凭证号",
    "说明",
    "经办人",
    "登记时间",
)


def _queryset(user: Actor, params):
    movements = Movement.objects.for_user(user)
    if source := params.get("source", ""):
        movements = movements.filter(source__document=source)
    return with_all(MovementFilter(params).narrow(movements)).select_related("source").order_by("id")


def _row(each: Movement) -> tuple:
    line = each.line
    measure = line.measure if line else None
    return (
        each.source.name,
        each.source.document,
        each.on,
        each.get_kind_display(),
        each.from_account.get_kind_display(),
        each.to_account.get_kind_display(),
        exports.yuan_cell(each.amount),
        line.application.number if line else "",
        measure.household.head_name if measure else "",
        measure.type.name if measure else "",
        each.batch.number if each.batch else "",
        each.document,
        each.words,
        each.by.name,
        each.at.date(),
    )


exports.register(
    exports.Export(
        name="movements",
        title="资金台账",
        permission="fund.export",
        headings=HEADINGS,
        queryset=_queryset,
        row=_row,
        text_columns=("指标文号", "申请", "批次", "文号或凭证号"),
        words=lambda _user, params: exports.words_of(MovementFilter(params)),
    )
)
