"""What the database holds of every application (Art. 10, 11)."""

from django.db import models
from django.db.models import F, Q


def _differs(first: str, *others: str) -> Q:
    """None of these columns names the same person as the first."""
    condition = Q()
    for second in others:
        condition &= Q(**{first: None}) | Q(**{second: None}) | ~Q(**{first: F(second)})
    return condition


APPLICATION_CONSTRAINTS = [
    models.UniqueConstraint(fields=["county", "number"], name="application_number_once"),
    models.CheckConstraint(
        condition=_differs("office_by", "prepared_by", "submitted_by")
        & _differs("finance_by", "prepared_by", "submitted_by", "office_by")
        & _differs("filed_by", "prepared_by", "submitted_by", "office_by", "finance_by", "registered_by")
        & _differs("registered_by", "prepared_by", "submitted_by", "office_by", "finance_by"),
        name="application_separate_persons",
        violation_error_message="申请、扶贫部门审定、财政部门审定和备案须由不同的人办理（第十一条）。",
    ),
    models.CheckConstraint(
        condition=Q(route__in=["R1", "R2"]),
        name="application_of_routes_one_and_two",
        violation_error_message="只有边缘户防贫资金和扶贫资金须经申请。",
    ),
    models.CheckConstraint(
        condition=~Q(route="R1") | Q(needs_filing=True),
        name="application_marginal_money_is_filed",
        violation_error_message="边缘户防贫资金须经领导小组备案（第十一条）。",
    ),
    # Approved by both, filed where it has to be: no state says so without the persons.
    models.CheckConstraint(
        condition=~Q(state__in=["approved", "filed", "paid"])
        | Q(
            office_by__isnull=False,
            office_at__isnull=False,
            finance_by__isnull=False,
            finance_at__isnull=False,
        ),
        name="application_two_approvals",
        violation_error_message="须扶贫部门和财政部门都审定（第十一条）。",
    ),
    models.CheckConstraint(
        condition=~Q(state__in=["filed", "paid"])
        | Q(needs_filing=False)
        | (Q(filed_by__isnull=False, filed_at__isnull=False, filing_on__isnull=False) & ~Q(filing_number="")),
        name="application_filed_before_payment",
        violation_error_message="领导小组备案后才能发放（第十一条）。",
    ),
    models.CheckConstraint(
        condition=Q(state="draft")
        | Q(state__in=["returned", "withdrawn", "discarded"])
        | (Q(submitted_by__isnull=False, submitted_at__isnull=False, amount__gt=0) & ~Q(digest="")),
        name="application_submitted_with_lines",
    ),
    models.CheckConstraint(
        condition=Q(purpose="households", payee="") | (Q(purpose="premium") & ~Q(payee="")),
        name="application_payee_iff_premium",
        violation_error_message="防贫保险保费须写明收款单位。",
    ),
]
