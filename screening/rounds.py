"""Opens rounds: by the office, and by the scheduler on the day that policy names (Art. 7)."""

import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from fangpin.accounts.models import Department, Division, Level
from fangpin.common import audit, working_days
from fangpin.common.transitions import born
from fangpin.policy.services import NoPolicy, PolicySet, in_force
from households.models import Household
from screening import criteria
from screening.models import Feed, FeedState, Round
from screening.quarters import Quarter


class RoundRefused(Exception):
    def __init__(self, message: str):
        self.message = message
        super().__init__(message)


def open_round(county: Division, quarter: Quarter, *, by, on: datetime.date | None = None) -> Round:
    """Opens the county's round of a quarter, also a past one; deadlines count in working days from `on`
    (today), by the policy in force on the quarter's last day. `by` is None for the scheduler.

    Raises RoundRefused where there is no right, no policy, the quarter lies ahead, or the round exists.
    """
    on = on or timezone.localdate()
    if by is not None and not (by.may("round.open") and by.acting.county_code == county.code):
        raise RoundRefused("您当前的岗位不能开启这个县的排查。")
    if quarter > Quarter.of(on):
        raise RoundRefused(f"{quarter.label}还没有到，不能开启。")
    try:
        policy = in_force(county, quarter.last_day)
    except NoPolicy as error:
        raise RoundRefused(error.message) from error
    try:
        with transaction.atomic():
            round = Round.objects.create(
                county=county,
                year=quarter.year,
                quarter=quarter.number,
                policy=policy.snapshot(),
                opened_by=by,
                feeds_due=_due(on, policy, "round.feeds_due"),
                field_due=_due(on, policy, "round.field_due"),
            )
            born([round], by=by, name="open_round")
            audit.record(by, "round_open", round, quarter=str(quarter))
    except IntegrityError as error:
        raise RoundRefused(f"本县{quarter.label}的排查已经开启。") from error
    return round


def open_due_rounds(today: datetime.date | None = None) -> list[Round]:
    """Opens the round of every county with a registry whose opening day has come; twice is once."""
    today = today or timezone.localdate()
    quarter = Quarter.of(today)
    having = Round.objects.filter(year=quarter.year, quarter=quarter.number).values("county")
    waiting = Division.objects.filter(
        level=Level.COUNTY, code__in=Household.objects.values("county").distinct()
    ).exclude(code__in=having)
    opened = []
    for county in waiting:
        try:
            if today >= opening_day(in_force(county, quarter.last_day), quarter):
                opened.append(open_round(county, quarter, by=None, on=today))
        except (RoundRefused, NoPolicy):
            continue  # opened by somebody else in the meantime, or no policy for the quarter
    return opened


def opening_day(policy: PolicySet, quarter: Quarter) -> datetime.date:
    opening = policy["round.opening"]
    return datetime.date(quarter.year, quarter.number * 3 - 3 + opening["month"], opening["day"])


def deliveries(round: Round) -> list[dict]:
    """Every list that a department owes a round, with the accepted feed or None: who has not delivered."""
    accepted = {
        (feed.kind, feed.department.code): feed
        for feed in Feed.objects.filter(round=round, state=FeedState.MATCHED).select_related(
            "department", "by"
        )
    }
    departments = {d.code: d for d in Department.objects.filter(county_id=round.county_id)}
    return [
        {"kind": kind, "department": departments.get(code), "feed": accepted.get((kind.code, code))}
        for kind in criteria.feed_kinds().values()
        for code in kind.departments
    ]


def _due(on: datetime.date, policy: PolicySet, key: str) -> datetime.date | None:
    """Frozen once computed; left open where the calendar of the year is not confirmed yet."""
    try:
        return working_days.add(on, policy[key])
    except working_days.YearNotConfirmed:
        return None
