"""A case as risks × measures: what each risk was ordered, what came of it, and where nothing did."""

from dataclasses import dataclass, field

from django.utils import timezone

from households.models import Case, Risk, RiskState
from measures.models import LineState, Measure, OrderLine
from screening import criteria


@dataclass
class Row:
    """One risk; `gap` says in words what is missing, "" where help is there or on its way."""

    risk: Risk | None
    label: str
    clause: str = ""
    state: str = ""
    lines: list[OrderLine] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    gap: str = ""


def rows(case: Case, user) -> list[Row]:
    """The standing risks first; measures without an order in a row of their own. Three statements."""
    own = Measure.objects.for_user(user).filter(case=case.pk).standing() if user.may("measure.view") else []
    measures = list(own.select_related("department", "type").order_by("planned_at")) if own != [] else []
    found = (
        OrderLine.objects.filter(case=case.pk).exclude(state=LineState.DRAFT)
        if user.may("measure.view")
        else None
    )
    lines = list(found.select_related("department", "sheet")) if found is not None else []
    today = timezone.localdate()
    for measure in measures:
        measure.is_late = measure.state in Measure.OUTSTANDING and measure.planned_to < today
    shown = [
        _row(
            risk, [li for li in lines if li.risk_id == risk.pk], [m for m in measures if m.risk_id == risk.pk]
        )
        for risk in case.risks.order_by("subcriterion")
    ]
    shown.sort(key=lambda row: row.risk.state not in Risk.STANDING)
    loose = [measure for measure in measures if measure.risk_id is None]
    if loose:
        shown.append(Row(None, "农户自己申请的和产业就业扶持", measures=loose))
    return shown


def _row(risk: Risk, lines: list[OrderLine], measures: list[Measure]) -> Row:
    subject = criteria.subcriteria()[risk.subcriterion]
    row = Row(risk, subject.label, subject.clause, risk.get_state_display(), lines, measures)
    standing = [line for line in lines if line.state != LineState.RETURNED]
    settled = any(line.left_out_words for line in lines)
    if risk.state == RiskState.OPEN and not measures and not settled:
        row.gap = "还没有交办" if not standing else "还没有举措"
    return row
