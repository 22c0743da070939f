"""Due dates that were left open because a year's calendar was not confirmed: computed once it is (Art. 7)."""

import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from fangpin.common import working_days
from fangpin.common.working_days import YearNotConfirmed
from screening.models import DepartmentInquiry, Round, Verification

VERIFICATION = "round.verification_due"


def fill_due_dates(**_kwargs: Any) -> None:
    """From the day on which each was asked for, by its round's own policy; what still can't be worked out
    stays open."""
    for round in Round.objects.begun().filter(Q(feeds_due=None) | Q(field_due=None)):
        opened = timezone.localdate(round.opened_at)
        for name in ("feeds_due", "field_due"):
            due = _add(opened, round, f"round.{name}")
            if getattr(round, name) is None and due:
                Round.objects.filter(pk=round.pk).update(**{name: due})
    _fill_asked(Verification.objects.filter(due_on=None).open(), "round")
    _fill_asked(DepartmentInquiry.objects.filter(due_on=None, replied_at=None), "candidate__round")


def _fill_asked(asked: QuerySet[Any], path: str) -> None:
    asked = asked.annotate(asked_on=TruncDate("asked_at"))
    days = asked.values_list(path, "asked_on").distinct().order_by(path, "asked_on")
    rounds = Round.objects.in_bulk([pk for pk, _ in days])
    for pk, day in list(days):
        if due := _add(day, rounds[pk], VERIFICATION):
            asked.filter(**{path: pk, "asked_on": day}).update(due_on=due)


def _add(day: datetime.date, round: Round, key: str) -> datetime.date | None:
    try:
        return working_days.add(day, round.parameters[key])
    except YearNotConfirmed:
        return None


working_days.year_settled.connect(fill_due_dates, dispatch_uid="due_dates")
