"""F7 取消重点关注评定、审核、审定表: filled from what is known of the cases, a page a household."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Max

from fangpin.accounts.roles import Role
from fangpin.common import audit
from fangpin.common.actor import Actor
from households.models import AnnualIncome, Case, Follower, Household, Risk
from measures.models import Evaluation, EvaluationRisk, Measure, ReviewedCase, Visit
from measures.planning import receipts
from measures.planning.receipts import Receipt
from measures.releases import case_matrix, releases
from measures.visits.visits import GUARANTEES
from screening.cases import lists as cases
from screening.models import ReleaseItem

MOST = 100


@dataclass(frozen=True)
class PaperRow:
    """A risk on F7: what it was helped with, and what the last evaluation said of it."""

    label: str
    risk: Risk
    measures: Sequence[Measure]
    said: EvaluationRisk | None


@dataclass(frozen=True)
class ReleasePaper:
    """One F7. `income`: per head before the determination, fen, of `income_year`; `visits` and `last_visit`:
    how many and the last day; `secured`: (guarantee, whether it is secured)."""

    case: Case
    document: str
    follower: Follower | None
    rows: Sequence[PaperRow]
    evaluation: Evaluation | None
    item: ReleaseItem | None
    receipts: Sequence[Receipt]
    income: int | None
    income_year: int | None
    visits: int
    last_visit: datetime.date | None

    @property
    def reviewed(self) -> ReviewedCase | None:
        return getattr(self.evaluation, "review", None)

    @property
    def secured(self) -> list[tuple[str, bool | None]]:
        if self.evaluation is None or not self.evaluation.secured:
            return []
        return [(label, self.evaluation.secured.get(code)) for code, label in GUARANTEES.items()]


def release_papers(shown: Sequence[Case], user: Actor) -> list[ReleasePaper]:
    """Of cases fetched `with_all`; a constant number of statements. Every look of an auditor is kept."""
    keys = [case.pk for case in shown]
    homes = {case.household_id: case.household for case in shown}
    if user.acting.role == Role.AUDITOR:
        audit.record_each(user, "household_view", Household, {pk: {"paper": "F7"} for pk in homes})
    evaluations = releases.latest_evaluations(shown)
    said = {
        (row.evaluation_id, row.risk_id): row
        for row in EvaluationRisk.objects.filter(evaluation__in=[each.pk for each in evaluations.values()])
    }
    items = {
        item.case_id: item
        for item in ReleaseItem.objects.filter(case__in=keys).select_related("meeting").order_by("pk")
    }
    incomes = {
        income.household_id: income
        for income in AnnualIncome.objects.filter(household__in=homes).order_by("year")
    }
    matrix, received = case_matrix.rows_of(shown, user), receipts.of_households(homes, user)
    visits = _visits(keys, user)
    papers = []
    for case in shown:
        evaluation, income = evaluations.get(case.pk), incomes.get(case.household_id)
        number, last = visits.get(case.pk, (0, None))
        case_row = cases.case_row(case)
        papers.append(
            ReleasePaper(
                case=case,
                document=case_row.document,
                follower=case_row.follower,
                rows=[
                    PaperRow(
                        row.label,
                        row.risk,
                        row.measures,
                        said.get((evaluation.pk, row.risk.pk)) if evaluation else None,
                    )
                    for row in matrix[case.pk]
                    if row.risk is not None
                ],
                evaluation=evaluation,
                item=items.get(case.pk),
                receipts=received[case.household_id],
                income=income.per_head(case.household.size) if income else None,
                income_year=income.year if income else None,
                visits=number,
                last_visit=last,
            )
        )
    return papers


def _visits(keys: Sequence[int], user: Actor) -> dict[int, tuple[int, datetime.date]]:
    own = Visit.objects.for_user(user).not_withdrawn().filter(case__in=keys).order_by()
    rows = own.values("case").annotate(number=Count("pk"), last=Max("on"))
    return {row["case"]: (row["number"], row["last"]) for row in rows}
