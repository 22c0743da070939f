"""Months added to a day: deadlines, follow-up years, windows of quarters."""

import calendar
import datetime


def months_after(day: datetime.date, months: int) -> datetime.date:
    """The same day `months` later (earlier where negative), or the last of that month where it has no such
    day (Art. 9: a follow-up year from 29 February ends on 28 February)."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return datetime.date(year, month + 1, min(day.day, last))
