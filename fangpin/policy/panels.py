"""The working calendar in the navigation and on the to-do page."""

import datetime

from django.urls import reverse
from django.utils import timezone

from fangpin.accounts import shell
from fangpin.accounts.shell import TodoLine
from fangpin.common import working_days

ASKED_FROM = 10  # month: the holidays of the next year are announced in October or November

shell.navigation(
    shell.NavigationItem("管理", 30, "工作日历", "policy:calendar-now", "calendar", "calendar.confirm")
)


@shell.todo
def lines(user) -> list[TodoLine]:
    if not user.may("calendar.confirm"):
        return []
    today = timezone.localdate()
    years = [today.year] + ([today.year + 1] if today.month >= ASKED_FROM else [])
    return [
        TodoLine(
            "工作日历",
            f"{year} 年工作日历未确认，跨到该年的期限还算不出来",
            reverse("policy:calendar-year", args=[year]),
            "去确认",
            due=datetime.date(year - 1, 12, 20),
        )
        for year in years
        if not working_days.is_confirmed(year)
    ]
