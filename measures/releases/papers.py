"""F7 取消重点关注评定、审核、审定表: filled from what is known of the cases, a page a household."""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Count, Max

from fangpin.accounts.roles import Role
from fangpin.common import audit
from households.models import AnnualIncome, Case, Household
from measures.models import EvaluationRisk, Visit
from measures.planning import receipts
from measures.releases import case_matrix, releases
from measures.visits.visits import GUARANTEES
from screening.cases import lists as cases
from screening.models import ReleaseItem

MOST = 100


def dressed(found: Sequence[Case], user) -> list[dict]:
    """Of cases fetched `with_all`; a constant number of statements. Every look of an auditor is kept."""
    keys = [case.pk for case in found]
    homes = {case.household_id: case.household for case in found}
    if user.acting.role == Role.AUDITOR:
        audit.record_each(user, "household_view", Household, {pk: {"paper": "F7"} for pk in homes})
    evaluations = releases.latest(found)
    said: dict[int, dict[int, EvaluationRisk]] = defaultdict(dict)
    for row in EvaluationRisk.objects.filter(evaluation__in=[each.pk for each in evaluations.values()]):
        said[row.evaluation_id][row.risk_id] = row
    items = {
        item.case_id: item
        for item in ReleaseItem.objects.filter(case__in=keys).select_related("meeting").order_by("pk")
    }
    incomes = {
        income.household_id: income
        for income in AnnualIncome.objects.filter(household__in=homes).order_by("year")
    }
    matrix, received = case_matrix.rows_of(found, user), receipts.of_households(homes, user)
    visits = _visits(keys, user)
    return [
        _paper(case, matrix[case.pk], evaluations.get(case.pk), said)
        | _income(case, incomes.get(case.household_id))
        | {
            "item": items.get(case.pk),
            "receipts": received[case.household_id],
            "visits": visits.get(case.pk, {"n": 0}),
        }
        for case in found
    ]


def _visits(keys: Sequence[int], user) -> dict[int, dict]:
    own = Visit.objects.for_user(user).standing().filter(case__in=keys).order_by()
    return {row["case"]: row for row in own.values("case").annotate(n=Count("pk"), last=Max("on"))}


def _paper(case: Case, rows: list, evaluation, said) -> dict:
    shown = [row for row in rows if row.risk is not None]
    for row in shown:
        row.said = said[evaluation.pk].get(row.risk.pk) if evaluation else None
    return {
        "case": cases.dress(case),
        "household": case.household,
        "rows": shown,
        "evaluation": evaluation,
        "reviewed": getattr(evaluation, "review", None) if evaluation else None,
        "secured": [(label, evaluation.secured.get(code)) for code, label in GUARANTEES.items()]
        if evaluation and evaluation.secured
        else [],
    }


def _income(case: Case, income: AnnualIncome | None) -> dict:
    return {
        "income": income.per_head(case.household.size) if income else None,
        "income_year": income.year if income else None,
    }
