"""The working calendar: confirmed and corrected by the office; due dates follow."""

import datetime

import pytest
import time_machine
from django.urls import reverse

from fangpin.accounts.roles import Role
from fangpin.common import working_days
from fangpin.common.models import AuditRow, WorkingDay
from screening.models import Round
from screening.quarters import Quarter
from screening.rounds.opening import open_round
from tests import factories

pytestmark = pytest.mark.usefixtures("unconfirmed")
NOW = datetime.datetime(2026, 11, 24, 4, tzinfo=datetime.UTC)
HOLIDAY = datetime.date(2027, 4, 9)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(client, office):
    client.force_login(office)
    return client


def address(year: int = 2027) -> str:
    return reverse("policy:calendar-year", args=[year])


def ticked(year: int, *, off=(), on=()) -> list[str]:
    days = {day for day, known in working_days.days_of(year).items() if known.is_working}
    return [day.isoformat() for day in (days - set(off)) | set(on)]


def test_year_is_shown_as_a_draft_until_it_is_confirmed(desk):
    words = desk.get(address()).content.decode()
    assert "2027 年的期限现在算不出来" in words
    assert "2027年4月9日" in words
    assert not WorkingDay.objects.filter(day__year=2027).exists()


def test_confirmed_year_counts(desk, office):
    desk.post(address(), {"working": ticked(2027, off=[HOLIDAY]), "note": "壮族三月三"})
    assert WorkingDay.objects.filter(day__year=2027).count() == 365
    assert WorkingDay.objects.get(day=HOLIDAY).note == "壮族三月三"
    assert working_days.add(datetime.date(2027, 4, 8), 1) == datetime.date(2027, 4, 12)
    record = AuditRow.objects.get(act="calendar_confirm")
    assert (record.by, record.details["confirmed"]) == (office, True)
    assert record.details["changed"] == {"2027-04-09": False}


def test_confirmed_twice_changes_nothing(desk):
    for _ in range(2):
        answer = desk.post(address(), {"working": ticked(2027)}, follow=True)
    assert "没有改动" in answer.content.decode()
    assert AuditRow.objects.filter(act="calendar_confirm").count() == 1


def test_day_gone_by_stays(desk):
    gone, ahead = datetime.date(2026, 3, 3), datetime.date(2026, 12, 1)
    desk.post(address(2026), {"working": ticked(2026, off=[gone, ahead]), "note": "停电"})
    assert WorkingDay.objects.get(day=gone).is_working
    assert not WorkingDay.objects.get(day=ahead).is_working


def test_weekend_that_is_worked_and_back(desk):
    sunday = datetime.date(2026, 12, 6)
    desk.post(address(2026), {"working": ticked(2026, on=[sunday])})
    assert WorkingDay.objects.get(day=sunday).is_working
    desk.post(address(2026), {"working": ticked(2026, off=[sunday])})
    assert not WorkingDay.objects.get(day=sunday).is_working


@pytest.mark.parametrize("working", [[], ["2026-01-01"], ["quatsch"]])
def test_what_is_no_calendar_of_the_year_is_refused(desk, working):
    assert desk.post(address(), {"working": working}).status_code == 422
    assert not WorkingDay.objects.filter(day__year=2027).exists()


@pytest.mark.parametrize("year", [2019, 2029])
def test_year_too_far_is_not_there(desk, year):
    assert desk.get(address(year)).status_code == 404


def test_third_of_the_third_is_asked_for_while_it_is_a_working_day(desk):
    desk.post(address(), {"working": ticked(2027)})
    assert "农历三月初三，日历上还是上班" in desk.get(address()).content.decode()
    desk.post(address(), {"working": ticked(2027, off=[HOLIDAY])})
    assert "日历上还是上班" not in desk.get(address()).content.decode()


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.OFFICE, Role.ADMINISTRATOR)])
def test_calendar_is_for_office_and_administrator(client, role):
    client.force_login(
        factories.user("x", role, factories.COUNTY, "water" if role == Role.DEPARTMENT else None)
    )
    assert client.post(address(), {"working": ticked(2027)}).status_code == 403
    assert not WorkingDay.objects.filter(day__year=2027).exists()


def test_due_dates_left_open_are_computed_once_the_year_is_confirmed(desk, office, county):
    on = datetime.date(2026, 12, 28)
    with time_machine.travel(datetime.datetime(2026, 12, 28, 4, tzinfo=datetime.UTC), tick=False):
        round = open_round(county, Quarter(2026, 4), by=office, on=on)
        assert (round.feeds_due, round.field_due) == (None, None)
        desk.force_login(office)
        desk.post(address(), {"working": ticked(2027)})
    round = Round.objects.get()
    assert round.feeds_due == working_days.add(on, 10)
    assert round.field_due == working_days.add(on, 10)
