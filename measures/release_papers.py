"""F7 取消重点关注评定、审核、审定表: filled from what is known of the case."""

from django.db.models import Count, Max
from django.utils import timezone

from households.models import AnnualIncome, Case
from measures import case_matrix, receipts, releases
from measures.models import EvaluationRisk, Visit
from measures.visits import GUARANTEES
from screening.models import ReleaseItem


def context_of(case: Case, user) -> dict:
    """Of a case fetched `with_all` and dressed."""
    home = case.household
    evaluation = releases.latest([case]).get(case.pk)
    said = (
        {row.risk_id: row for row in EvaluationRisk.objects.filter(evaluation=evaluation)}
        if evaluation
        else {}
    )
    rows = [row for row in case_matrix.rows(case, user) if row.risk is not None]
    for row in rows:
        row.said = said.get(row.risk.pk)
    item = ReleaseItem.objects.filter(case=case).select_related("meeting").order_by("-pk").first()
    income = AnnualIncome.objects.filter(household=home).order_by("-year").first()
    return {
        "case": case,
        "household": home,
        "rows": rows,
        "evaluation": evaluation,
        "reviewed": getattr(evaluation, "review", None) if evaluation else None,
        "item": item,
        "income": income.per_head(home.size) if income else None,
        "income_year": income.year if income else None,
        "receipts": receipts.of_household(home, user),
        "visits": Visit.objects.for_user(user)
        .standing()
        .filter(case=case)
        .aggregate(n=Count("pk"), last=Max("on")),
        "secured": [(label, evaluation.secured.get(code)) for code, label in GUARANTEES.items()]
        if evaluation and evaluation.secured
        else [],
        "today": timezone.localdate(),
    }
