"""A case as risks × measures: what each risk was ordered, what came of it, and where nothing did."""

from collections import defaultdict
from collections.abc import Sequence
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
    return rows_of([case], user)[case.pk]


def rows_of(cases: Sequence[Case], user) -> dict[int, list[Row]]:
    """Case → its rows; three statements for any number."""
    keys = [case.pk for case in cases]
    risks, measures, lines = defaultdict(list), defaultdict(list), defaultdict(list)
    for risk in Risk.objects.filter(case__in=keys).order_by("subcriterion", "pk"):
        risks[risk.case_id].append(risk)
    if user.may("measure.view"):
        own = Measure.objects.for_user(user).filter(case__in=keys).standing()
        for measure in own.select_related("department", "type").order_by("planned_at"):
            measures[measure.case_id].append(measure)
        found = OrderLine.objects.filter(case__in=keys).exclude(state=LineState.DRAFT)
        for line in found.select_related("department", "sheet"):
            lines[line.case_id].append(line)
    return {pk: _rows(risks[pk], lines[pk], measures[pk]) for pk in keys}


def _rows(risks: list[Risk], lines: list[OrderLine], measures: list[Measure]) -> list[Row]:
    today = timezone.localdate()
    for measure in measures:
        measure.is_late = measure.state in Measure.OUTSTANDING and measure.planned_to < today
    shown = [
        _row(
            risk, [li for li in lines if li.risk_id == risk.pk], [m for m in measures if m.risk_id == risk.pk]
        )
        for risk in risks
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
