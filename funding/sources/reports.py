"""资金报表: what a year's money came to, by source, department, category, township, month and measure; a
constant number of statements. Sector money and insurance stand apart: no fund of the county pays them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from fangpin.common.actor import Actor
from fangpin.common.values.money import yuan
from funding import ledger
from funding.models import ApplicationLine, ApplicationState, FundSource, LineState, Purpose
from measures.models import Kind, Measure, Route

HELD = (LineState.COMMITTED, LineState.BATCHED, LineState.SENT)
KINDS = dict(Kind.choices)


@dataclass(frozen=True)
class Row:
    label: str
    households: int
    lines: int
    held: int
    paid: int


def _rows(lines: QuerySet[ApplicationLine], *keys: str, label: Callable[..., str] | None = None) -> list[Row]:
    """Grouped by `keys`, whose values make the label."""
    made = label or (lambda *values: " · ".join(str(value) for value in values if value))
    figures = (
        lines.order_by()
        .values(*keys)
        .annotate(
            homes=Count("measure__household", filter=Q(state=LineState.PAID), distinct=True),
            n=Count("pk", filter=Q(state=LineState.PAID)),
            held=Sum("amount", filter=Q(state__in=HELD), default=0),
            paid=Sum("amount", filter=Q(state=LineState.PAID), default=0),
        )
    )
    return [
        Row(made(*(row[key] for key in keys)) or "—", row["homes"], row["n"], row["held"], row["paid"])
        for row in figures.order_by(*keys)
        if row["held"] or row["paid"]
    ]


@dataclass(frozen=True)
class Report:
    year: int
    has: ledger.Figures
    by_source: Sequence[Row]
    by_kind: Sequence[Row]
    by_township: Sequence[Row]
    by_type: Sequence[Row]
    by_month: Sequence[tuple[Any, ...]]
    premium: int
    claims: tuple[int, int]
    sector: Sequence[tuple[str, int, int]]

    @property
    def words(self) -> str:
        """通报: figures alone, to send on."""
        households = sum(row.households for row in self.by_kind)
        return (
            f"{self.year}年资金：下达 {yuan(self.has.allocated)} 元，已发放 {yuan(self.has.paid)} "
            f"元（{households} 户），"
            f"在途 {yuan(self.has.sent)} 元，已占用 {yuan(self.has.committed)} 元，可用 "
            f"{yuan(self.has.free)} 元，"
            f"执行率 {self.has.rate}%。"
        )


def report(user: Actor, year: int) -> Report:
    """Of the sources of `year` that the duty sees."""
    sources = list(FundSource.objects.for_user(user).filter(year=year))
    figures = ledger.figures(sources).values()
    has = ledger.Figures(
        *(sum(getattr(f, n) for f in figures) for n in ("free", "committed", "sent", "paid"))
    )
    lines = ApplicationLine.objects.for_user(user).filter(application__source__in=[s.pk for s in sources])
    homes = lines.exclude(measure=None)
    month = (
        homes.filter(state=LineState.PAID).order_by().annotate(month=TruncMonth("paid_on")).values("month")
    )
    premium = lines.filter(application__purpose=Purpose.PREMIUM, state=LineState.PAID)
    given = Measure.objects.filter(
        household__county=user.duty.county_code, state="delivered", delivered_on__year=year, delivered__gt=0
    )
    if user.duty.department_id:
        given = given.filter(department=user.duty.department_id)
    insured = given.filter(route=Route.INSURANCE).aggregate(
        n=Count("household", distinct=True), amount=Sum("delivered")
    )
    sector = (
        given.filter(route=Route.SECTOR)
        .order_by()
        .values("department__name")
        .annotate(homes=Count("household", distinct=True), amount=Sum("delivered"))
    )
    return Report(
        year,
        has,
        _rows(lines, "application__source__name", "application__department__name"),
        _rows(homes, "kind", label=lambda kind: KINDS.get(kind, "")),
        _rows(homes, "measure__household__village__parent__name"),
        _rows(homes, "measure__type__name"),
        [
            (row["month"], row["n"], row["amount"])
            for row in month.annotate(n=Count("pk"), amount=Sum("amount")).order_by("month")
        ],
        premium.aggregate(n=Sum("amount", default=0))["n"],
        (insured["n"], insured["amount"] or 0),
        [
            (row["department__name"], row["homes"], row["amount"])
            for row in sector.order_by("department__name")
        ],
    )


def donor_report(source: FundSource) -> dict[str, Any]:
    """What a donation was used for, without names: by measure and township."""
    paid = ApplicationLine.objects.filter(application__source=source, state=LineState.PAID)
    return {
        "by_type": _rows(paid, "measure__type__name"),
        "by_township": _rows(paid.exclude(measure=None), "measure__household__village__parent__name"),
        "people": sum(
            paid.exclude(measure=None)
            .values("measure__household")
            .distinct()
            .values_list("measure__household__size", flat=True)
        ),
    }


def unpaid(user: Actor) -> QuerySet[ApplicationLine]:
    """Approved and not paid: lines of filed applications that no bank has paid yet, the oldest first."""
    lines = ApplicationLine.objects.for_user(user).filter(
        application__state=ApplicationState.FILED, state__in=[*HELD, LineState.FAILED]
    )
    return lines.select_related(
        "application__department",
        "application__source",
        "measure__household__village__parent",
        "measure__type",
    ).order_by(F("application__filing_on").asc(nulls_last=True), "application_id", "number")
