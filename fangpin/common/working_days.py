"""Working days of the office: a table that the office can correct, seeded from the published holidays."""

import datetime

import chinese_calendar
from django.db import transaction

from fangpin.common.models import WorkingDay


class YearNotConfirmed(Exception):
    """The calendar has no such year yet; a due date is not guessed."""

    def __init__(self, year: int):
        self.year = year
        self.message = f"{year} 年工作日历未确认，请先在工作日历中确认该年的上班和放假日期。"
        super().__init__(self.message)


def seed(first_year: int, last_year: int) -> int:
    """Fills the calendar from the published holidays; days already there are left as the office set them.

    Years that are not published yet are left out. Returns how many days were added.
    """
    days = []
    for year in range(first_year, last_year + 1):
        day = datetime.date(year, 1, 1)
        try:
            while day.year == year:
                holiday, name = chinese_calendar.get_holiday_detail(day)
                days.append(WorkingDay(day=day, is_working=not holiday, note=name or ""))
                day += datetime.timedelta(days=1)
        except NotImplementedError:
            days = [added for added in days if added.day.year != year]
    with transaction.atomic():
        before = WorkingDay.objects.count()
        WorkingDay.objects.bulk_create(days, ignore_conflicts=True, batch_size=2000)
        return WorkingDay.objects.count() - before


def add(start: datetime.date, count: int) -> datetime.date:
    """The `count`-th working day after `start` (the day itself not counted). Raises YearNotConfirmed."""
    ahead = WorkingDay.objects.filter(day__gt=start).order_by("day")
    found = list(ahead.filter(is_working=True).values_list("day", flat=True)[:count])
    if len(found) < count:
        last = ahead.values_list("day", flat=True).last() or start
        raise YearNotConfirmed((last + datetime.timedelta(days=1)).year)
    reached = found[-1] if found else start
    _require_confirmed(start, reached)
    return reached


def between(start: datetime.date, end: datetime.date) -> int:
    """Working days after `start` up to `end`; negative when `end` lies before. Raises YearNotConfirmed."""
    if end < start:
        return -between(end, start)
    _require_confirmed(start, end)
    return WorkingDay.objects.filter(day__gt=start, day__lte=end, is_working=True).count()


def _require_confirmed(start: datetime.date, end: datetime.date) -> None:
    """Every day from the one after `start` to `end` stands in the calendar."""
    known = set(WorkingDay.objects.filter(day__gt=start, day__lte=end).values_list("day", flat=True))
    for step in range(1, (end - start).days + 1):
        day = start + datetime.timedelta(days=step)
        if day not in known:
            raise YearNotConfirmed(day.year)
