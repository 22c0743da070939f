"""A case as risks × measures: what each risk was ordered, what came of it, and where nothing did."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from fangpin.common.actor import Actor
from households.models import Case, Risk, RiskState
from measures.models import LineState, Measure, OrderLine
from screening import criteria


@dataclass(frozen=True)
class Row:
    """One risk; `gap` says in words what is missing, "" where help is there or on its way."""

    risk: Risk | None
    label: str
    clause: str = ""
    state: str = ""
    lines: Sequence[OrderLine] = ()
    measures: Sequence[Measure] = ()
    gap: str = ""


def rows(case: Case, user: Actor) -> list[Row]:
    """Risks that are open or proposed first; measures without an order in a row of their own. Three
    statements."""
    return rows_of([case], user)[case.pk]


def rows_of(cases: Sequence[Case], user: Actor) -> dict[int, list[Row]]:
    """Case → its rows; three statements for any number."""
    keys = [case.pk for case in cases]
    risks, measures, lines = defaultdict(list), defaultdict(list), defaultdict(list)
    for risk in Risk.objects.filter(case__in=keys).order_by("subcriterion", "pk"):
        risks[risk.case_id].append(risk)
    if user.may("measure.view"):
        own = Measure.objects.for_user(user).filter(case__in=keys).not_cancelled()
        for measure in own.select_related("department", "type").order_by("planned_at"):
            measures[measure.case_id].append(measure)
        sent = OrderLine.objects.filter(case__in=keys).exclude(state=LineState.DRAFT)
        for line in sent.select_related("department", "sheet"):
            lines[line.case_id].append(line)
    return {pk: _rows(risks[pk], lines[pk], measures[pk]) for pk in keys}


def _rows(risks: list[Risk], lines: list[OrderLine], measures: list[Measure]) -> list[Row]:
    shown = [
        _row(
            risk, [li for li in lines if li.risk_id == risk.pk], [m for m in measures if m.risk_id == risk.pk]
        )
        for risk in risks
    ]
    shown.sort(key=lambda row: row.risk.state not in Risk.CURRENT)
    loose = [measure for measure in measures if measure.risk_id is None]
    if loose:
        shown.append(Row(None, "农户自己申请的和产业就业扶持", measures=loose))
    return shown


def _row(risk: Risk, lines: list[OrderLine], measures: list[Measure]) -> Row:
    subject = criteria.subcriteria()[risk.subcriterion]
    not_returned = [line for line in lines if line.state != LineState.RETURNED]
    settled = any(line.left_out_words for line in lines)
    gap = ""
    if risk.state == RiskState.OPEN and not measures and not settled:
        gap = "还没有举措" if not_returned else "还没有交办"
    return Row(risk, subject.label, subject.clause, risk.get_state_display(), lines, measures, gap)
