"""工作日历: a year of working days, which the office confirms and corrects."""

import calendar
import datetime

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from fangpin.accounts.decorators import needs
from fangpin.common import audit, working_days
from fangpin.policy.forms import CalendarForm

FIRST_YEAR = 2020
AHEAD = 2


@needs("calendar.confirm")
def calendar_now(_request: HttpRequest) -> HttpResponse:
    return redirect("policy:calendar-year", timezone.localdate().year)


@needs("calendar.confirm")
def calendar_year(request: HttpRequest, year: int) -> HttpResponse:
    today = timezone.localdate()
    if not FIRST_YEAR <= year <= today.year + AHEAD:
        raise Http404
    form = CalendarForm(request.POST if request.method == "POST" else None, year=year)
    if request.method == "POST" and form.is_valid():
        _settle(request, year, form, today)
        return redirect("policy:calendar-year", year)
    days = working_days.days_of(year)
    third = working_days.third_of_third(year)
    context = {
        "year": year,
        "years": range(FIRST_YEAR, today.year + AHEAD + 1),
        "confirmed": working_days.is_confirmed(year),
        "published": working_days.is_published(year),
        "months": [_month(year, month, days, today, third) for month in range(1, 13)],
        "third": third,
        "third_open": third is not None and third >= today and days[third].is_working,
        "working": sum(day.is_working for day in days.values()),
        "form": form,
    }
    return render(request, "policy/calendar_year.html", context, status=422 if form.errors else 200)


def _settle(request: HttpRequest, year: int, form: CalendarForm, today: datetime.date) -> None:
    is_new = not working_days.is_confirmed(year)
    note = form.cleaned_data["note"]
    with transaction.atomic():
        changed = working_days.settle(year, form.cleaned_data["working"], note=note, today=today)
        if is_new or changed:
            audit.record(
                request.user, "calendar_confirm", year=year, confirmed=is_new, changed=changed, note=note
            )
    if is_new:
        messages.success(request, f"{year} 年工作日历已确认，期限按它计算。")
    elif changed:
        messages.success(request, f"已改动 {len(changed)} 天。以后的期限按新日历计算，已定的期限不变。")
    else:
        messages.info(request, "没有改动。")


def _month(year: int, month: int, days: dict, today: datetime.date, third: datetime.date | None) -> dict:
    """Weeks of Monday to Sunday; None outside the month."""
    weeks = [
        [_day(days[day], today, third) if day.month == month else None for day in week]
        for week in calendar.Calendar().monthdatescalendar(year, month)
    ]
    return {"number": month, "weeks": weeks}


def _day(known, today: datetime.date, third: datetime.date | None) -> dict:
    return {
        "day": known.day,
        "working": known.is_working,
        "usual": known.day.weekday() < 5,
        "note": working_days.in_chinese(known.note) or ("农历三月初三" if known.day == third else ""),
        "past": known.day < today,
    }
