"""Risks that wait for an order (Art. 8): new ones by department, those that came back, and those of a case
that was taken over with words alone."""

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone

from fangpin.accounts.models import Department
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import write_first_records
from households.models import Case, Risk, RiskState
from measures.models import LineState, OrderLine, ReturnReason
from screening import criteria
from screening.cases import attention
from screening.criteria.base import Subcriterion


def risks_waiting(user: Actor) -> QuerySet[Any]:
    """Open risks of open cases in the county that no department has and the office has not settled, the
    returned ones among them (`returned_reason`, `returned_words`, `returned_by` of the last line that came
    back)."""
    lines = OrderLine.objects.filter(risk=OuterRef("pk"))
    back = lines.filter(state=LineState.RETURNED).order_by("-pk")
    return (
        Risk.objects.for_user(user)
        .filter(state=RiskState.OPEN, case__state__in=Case.OPEN)
        .filter(~Exists(lines.exclude(state=LineState.RETURNED)), ~Exists(lines.exclude(left_out_words="")))
        .annotate(
            returned_reason=Subquery(back.values("return_reason")[:1]),
            returned_words=Subquery(back.values("return_words")[:1]),
            returned_by=Subquery(back.values("department__name")[:1]),
        )
    )


def without_risk(user: Actor) -> QuerySet[Case]:
    """Open cases from a list that names no situation of Art. 7(1): the office registers their risks
    first."""
    return Case.objects.for_user(user).open().filter(~Exists(Risk.objects.filter(case=OuterRef("pk"))))


@dataclass(frozen=True)
class RiskRow:
    """A risk that waits for an order, with its situation; `reason`: why a department gave it back."""

    risk: Risk
    subject: Subcriterion
    reason: str = ""


@dataclass(frozen=True)
class Proposal:
    """One department and the risks that go to it."""

    department: Department
    rows: Sequence[RiskRow]

    @property
    def households(self) -> int:
        return len({row.risk.case.household_id for row in self.rows})


def proposals(user: Actor) -> list[Proposal]:
    """By department, in the order of their codes; a returned risk is proposed to none again
    (`returned_rows`)."""
    rows: dict[str, list[RiskRow]] = defaultdict(list)
    for risk in _with_places(risks_waiting(user).filter(returned_reason=None)):
        subject = criteria.subcriteria()[risk.subcriterion]
        rows[subject.department].append(RiskRow(risk, subject))
    departments = departments_by_code(user.duty.county_code)
    return [Proposal(departments[code], rows[code]) for code in sorted(rows)]


def returned_rows(user: Actor) -> list[RiskRow]:
    """Risks that a department gave back: for another department, or settled with words."""
    return [
        RiskRow(risk, criteria.subcriteria()[risk.subcriterion], ReturnReason(risk.returned_reason).label)
        for risk in _with_places(risks_waiting(user).exclude(returned_reason=None))
    ]


def _with_places(risks: QuerySet[Any]) -> QuerySet[Any]:
    return risks.select_related(
        "case__household__village__parent", "case__household__hamlet", "case__agenda_item__meeting"
    ).order_by("case__household__village_id", "case__household_id", "subcriterion")


def departments_by_code(county: str) -> dict[str, Department]:
    return {each.code: each for each in Department.objects.filter(county_id=county)}


def register_risks(
    case: Case, situations: dict[str, str], *, by: Actor, on: datetime.date | None = None
) -> list[Risk]:
    """Situations of Art. 7(1) of a case that was taken over with words alone: code → what it is. Raises
    Refused."""
    if not by.may("order.prepare") or not Case.objects.for_user(by).open().filter(pk=case.pk).exists():
        raise Refused("这户不是本县正在跟踪的防贫对象，或您当前的岗位不能登记风险。")
    if not situations or set(situations) - set(criteria.subcriteria()):
        raise Refused("请至少选择一种第七条的风险情形。")
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        having = set(case.risks.current().values_list("subcriterion", flat=True))
        made = [
            Risk(case=case, subcriterion=code, words=words.strip()[:300], found_on=on or timezone.localdate())
            for code, words in situations.items()
            if code not in having
        ]
        made = Risk.objects.bulk_create(made)
        write_first_records(made, by=by, name="register")
        attention.resume_attention([case.pk], words="登记了新的风险，继续重点关注")
        audit.record(by, "risk_register", case.household, risks=[risk.subcriterion for risk in made])
    return made
