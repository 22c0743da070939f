"""一笔资金到户: from the decision about a household to its account, one page; and what a household
received."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from fangpin.common.transitions import history
from funding.models import ApplicationLine, LineState
from households.models import Household
from screening.models import AgendaItem


@dataclass(frozen=True)
class Trace:
    line: ApplicationLine
    meeting: object | None
    movements: QuerySet[Any]
    payments: QuerySet[Any]
    measure_history: list[Any]


def trace(line: ApplicationLine) -> Trace:
    """Decision, measure, source, movements, payments of one line."""
    measure = line.measure
    meeting = None
    if measure is not None and measure.case_id:
        item = AgendaItem.objects.filter(
            candidate__household=measure.household_id, decision="approved", meeting__state="signed"
        )
        item_of_meeting = item.select_related("meeting__round").order_by("-meeting__signed_on").first()
        meeting = item_of_meeting.meeting if item_of_meeting else None
    return Trace(
        line,
        meeting,
        line.movements.select_related("from_account", "to_account", "by", "batch").order_by("id"),
        line.payments.select_related("batch", "account").order_by("id"),
        list(history(measure).select_related("by")) if measure is not None else [],
    )


def received(household: Household) -> list[ApplicationLine]:
    """Lines of a household that hold money or were paid, the newest first."""
    lines = ApplicationLine.objects.filter(
        measure__household=household, state__in=[*ApplicationLine.HOLDING, LineState.FAILED]
    )
    return list(
        lines.select_related("application__source", "measure__type", "measure__department").order_by("-id")[
            :50
        ]
    )
