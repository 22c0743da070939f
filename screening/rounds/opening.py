"""Opens rounds: by the office, and by the scheduler on the day that policy names (Art. 7)."""

import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from fangpin.accounts.models import Division, Level
from fangpin.common import audit, working_days
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move, write_first_records
from fangpin.policy.services import NoPolicy, PolicySet, in_force
from households.models import Household, Member
from screening.feeds import early
from screening.models import Round, RoundState
from screening.quarters import Quarter


class RoundRefused(Refused):
    """No round was opened."""


def open_round(
    county: Division, quarter: Quarter, *, by: Actor | None, on: datetime.date | None = None
) -> Round:
    """Opens the county's round of a quarter, also a past one; deadlines count in working days from `on`
    (today), by the policy in force on the quarter's last day. `by` is None for the scheduler.

    Raises RoundRefused where there is no right, no policy, the quarter lies ahead, or the round exists.
    """
    on = on or timezone.localdate()
    if by is not None and not (by.may("round.open") and by.duty.county_code == county.code):
        raise RoundRefused("您当前的岗位不能开启这个县的排查。")
    if quarter > Quarter.of(on):
        raise RoundRefused(f"{quarter.label}还没有到，不能开启。")
    try:
        policy = in_force(county, quarter.last_day)
    except NoPolicy as error:
        raise RoundRefused(error.message) from error
    settled = {
        "policy": policy.snapshot(),
        "feeds_due": _due(on, policy, "round.feeds_due"),
        "field_due": _due(on, policy, "round.field_due"),
    }
    try:
        with transaction.atomic():
            round = _begin(county, quarter, settled, by=by) or _create(county, quarter, settled, by=by)
            audit.record(by, "round_open", round, quarter=str(quarter))
    except IntegrityError as error:
        raise RoundRefused(f"本县{quarter.label}的排查已经开启。") from error
    return round


def _create(county: Division, quarter: Quarter, settled: dict[str, Any], *, by: Actor | None) -> Round:
    round = Round.objects.create(
        county=county, year=quarter.year, quarter=quarter.number, opened_by=by, **settled
    )
    write_first_records([round], by=by, name="open_round")
    return round


def _begin(county: Division, quarter: Quarter, settled: dict[str, Any], *, by: Actor | None) -> Round | None:
    """The round that has taken early lists begins: they count as delivered, and are matched and swept
    anew."""
    announced = Round.objects.filter(
        county=county, year=quarter.year, quarter=quarter.number, state=RoundState.ANNOUNCED
    )
    round = announced.select_for_update(of=("self",)).first()
    if round is None:
        return None
    move(Round.objects.filter(pk=round.pk), "begin", by=by, stamps=settled)
    round = Round.objects.get(pk=round.pk)
    if early.match_early_lists(round):
        Round.objects.filter(pk=round.pk).call_for_sweep()
    return round


def open_due_rounds(today: datetime.date | None = None) -> list[Round]:
    """Opens the round of every county with a registry whose opening day has come; twice is once.

    Also that of a quarter gone by, a year back at most, where nothing opened it in its time: for a county
    whose registry was there before the quarter ended.
    """
    today = today or timezone.localdate()
    present = Quarter.of(today)
    inhabited = Division.objects.filter(
        level=Level.COUNTY, code__in=Household.objects.values("county").distinct()
    )
    opened = []
    for quarter in _quarters_to_open(present):
        counties = inhabited.exclude(code__in=_counties_with_round(quarter))
        if quarter != present:
            there = Member.objects.filter(added_on__lte=quarter.last_day)
            counties = counties.filter(code__in=there.values("household__county").distinct())
        opened += [
            round for county in counties if (round := _open_if_due(county, quarter, today)) is not None
        ]
    return opened


def _quarters_to_open(present: Quarter) -> list[Quarter]:
    """The present quarter and the four before it, the earliest first."""
    quarters = [present]
    while len(quarters) < 5:
        quarters.append(quarters[-1].previous)
    return quarters[::-1]


def _counties_with_round(quarter: Quarter) -> QuerySet[Any]:
    return Round.objects.begun().filter(year=quarter.year, quarter=quarter.number).values("county")


def _open_if_due(county: Division, quarter: Quarter, today: datetime.date) -> Round | None:
    try:
        if today >= opening_day(in_force(county, quarter.last_day), quarter):
            return open_round(county, quarter, by=None, on=today)
    except (RoundRefused, NoPolicy):
        pass  # opened by somebody else in the meantime, or no policy for the quarter
    return None


def opening_day(policy: PolicySet, quarter: Quarter) -> datetime.date:
    opening = policy["round.opening"]
    return datetime.date(quarter.year, quarter.number * 3 - 3 + opening["month"], opening["day"])


def _due(on: datetime.date, policy: PolicySet, key: str) -> datetime.date | None:
    """Frozen once computed; left open where the calendar of the year is not confirmed yet."""
    try:
        return working_days.add(on, policy[key])
    except working_days.YearNotConfirmed:
        return None
