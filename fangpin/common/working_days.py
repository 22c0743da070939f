"""Working days of the office: a table that the office can correct, seeded from the published holidays."""

import datetime

import chinese_calendar
from django.db import transaction
from django.dispatch import Signal

from fangpin.common.models import WorkingDay
from fangpin.common.refusals import Refused


class YearNotConfirmed(Refused):
    """The calendar has no such year yet; a due date is not guessed."""

    def __init__(self, year: int):
        super().__init__(f"{year} 年工作日历未确认，请先在工作日历中确认该年的上班和放假日期。")
        self.year = year


def seed(first_year: int, last_year: int) -> int:
    """Fills the calendar from the published holidays; days already there are left as the office set them.

    Years that are not published yet are left out. Returns how many days were added.
    """
    days = []
    for year in range(first_year, last_year + 1):
        day = datetime.date(year, 1, 1)
        try:
            while day.year == year:
                days.append(_published(day))
                day += datetime.timedelta(days=1)
        except NotImplementedError:
            days = [added for added in days if added.day.year != year]
    with transaction.atomic():
        before = WorkingDay.objects.count()
        WorkingDay.objects.bulk_create(days, ignore_conflicts=True, batch_size=2000)
        return WorkingDay.objects.count() - before


# Sent with `year` once the days of a year are settled: whoever left a due date open for it computes it now.
year_settled = Signal()

# 壮族三月三: two days off in Guangxi (the third day of the third lunar month and the next); the notice of the
# autonomous region says each year which days they become.
THIRD_OF_THIRD = {
    2020: (3, 26),
    2021: (4, 14),
    2022: (4, 3),
    2023: (4, 22),
    2024: (4, 11),
    2025: (3, 31),
    2026: (4, 19),
    2027: (4, 9),
    2028: (3, 28),
    2029: (4, 16),
    2030: (4, 5),
}


def third_of_third(year: int) -> datetime.date | None:
    return datetime.date(year, *THIRD_OF_THIRD[year]) if year in THIRD_OF_THIRD else None


def is_confirmed(year: int) -> bool:
    return WorkingDay.objects.filter(day__year=year).exists()


def days_of(year: int) -> dict[datetime.date, WorkingDay]:
    """The calendar of a year; of one that is not confirmed a draft: the published holidays, else weekdays."""
    known = {each.day: each for each in WorkingDay.objects.filter(day__year=year)}
    if known:
        return known
    days = [datetime.date(year, 1, 1) + datetime.timedelta(days=step) for step in range(366)]
    return {day: _draft(day) for day in days if day.year == year}


def is_published(year: int) -> bool:
    """Whether the holidays that the State Council names for the year are known to the program."""
    try:
        chinese_calendar.is_holiday(datetime.date(year, 6, 1))
    except NotImplementedError:
        return False
    return True


def _draft(day: datetime.date) -> WorkingDay:
    try:
        return _published(day)
    except NotImplementedError:
        return WorkingDay(day=day, is_working=day.weekday() < 5)


def _published(day: datetime.date) -> WorkingDay:
    holiday, name = chinese_calendar.get_holiday_detail(day)
    words = in_chinese(name or "")
    if not holiday and words:
        words += "调休上班"
    return WorkingDay(day=day, is_working=not holiday, note=words)


def in_chinese(name: str) -> str:
    """The library names its holidays in English."""
    return _HOLIDAYS.get(name, name)


_HOLIDAYS = {holiday.value: holiday.chinese for holiday in chinese_calendar.Holiday}


@transaction.atomic
def settle(year: int, working: set[datetime.date], *, note: str, today: datetime.date) -> dict[str, bool]:
    """Makes `working` the working days of the year; gives what changed, date → working. Days gone by in a
    year that was confirmed stay: deadlines were counted over them."""
    before = days_of(year)
    is_new = not is_confirmed(year)
    changed = {
        day: day in working
        for day, known in before.items()
        if known.is_working != (day in working) and (is_new or day >= today)
    }
    for day, is_working in changed.items():
        before[day].is_working, before[day].note = is_working, note
    written = before.values() if is_new else [before[day] for day in changed]
    WorkingDay.objects.bulk_create(
        written, update_conflicts=True, unique_fields=["day"], update_fields=["is_working", "note"]
    )
    if written:
        year_settled.send(WorkingDay, year=year)
    return {day.isoformat(): is_working for day, is_working in changed.items()}


def add(start: datetime.date, count: int) -> datetime.date:
    """The `count`-th working day after `start` (the day itself not counted). Raises YearNotConfirmed."""
    ahead = WorkingDay.objects.filter(day__gt=start).order_by("day")
    days = list(ahead.filter(is_working=True).values_list("day", flat=True)[:count])
    if len(days) < count:
        last = ahead.values_list("day", flat=True).last() or start
        raise YearNotConfirmed((last + datetime.timedelta(days=1)).year)
    reached = days[-1] if days else start
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
