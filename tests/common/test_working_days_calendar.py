"""The calendar as it is seeded, drafted and settled (Art. 7): days of 2020 by the State Council's notice."""

import datetime

import pytest

from fangpin.common import working_days
from fangpin.common.models import WorkingDay
from fangpin.common.working_days import YearNotConfirmed

D = datetime.date


def test_days_of_a_published_year():
    """New Year, a Sunday that was made up for, an ordinary Monday and Saturday."""
    published = working_days._published
    pairs = [(day.is_working, day.note) for day in map(published, (D(2020, 1, 1), D(2020, 1, 19)))]
    assert pairs == [(False, "元旦"), (True, "春节调休上班")]
    pairs = [(day.is_working, day.note) for day in map(published, (D(2020, 3, 2), D(2020, 3, 7)))]
    assert pairs == [(True, ""), (False, "")]
    assert published(D(2020, 3, 2)).day == D(2020, 3, 2)


def test_names_of_holidays_are_chinese():
    assert working_days.in_chinese("Spring Festival") == "春节"
    assert working_days.in_chinese("Nowhere Day") == "Nowhere Day"


def test_days_of_a_year_that_is_not_published_are_its_weekdays():
    days = [working_days._draft(D(2090, 1, day)) for day in range(2, 9)]  # a Monday to a Sunday
    assert [day.is_working for day in days] == [True] * 5 + [False] * 2
    assert [(day.day, day.note) for day in days[:1]] == [(D(2090, 1, 2), "")]
    assert working_days._draft(D(2020, 1, 19)).is_working  # published: a Sunday that was made up for


@pytest.mark.parametrize(("year", "is_published"), [(2020, True), (2026, True), (2090, False), (2003, False)])
def test_whether_a_year_is_published(year, is_published):
    assert working_days.is_published(year) is is_published


def test_third_of_third():
    assert working_days.third_of_third(2020) == D(2020, 3, 26)
    assert working_days.third_of_third(2019) is None


def test_year_that_is_not_confirmed_is_told():
    error = YearNotConfirmed(2031)
    assert error.year == 2031
    assert (
        error.message == str(error) == ("2031 年工作日历未确认，请先在工作日历中确认该年的上班和放假日期。")
    )


def test_seed_fills_whole_years_and_leaves_out_what_is_not_published(db):
    WorkingDay.objects.all().delete()
    assert working_days.seed(2019, 2020) == 365 + 366
    days = WorkingDay.objects.order_by("day").values_list("day", flat=True)
    assert (days.first(), days.last()) == (D(2019, 1, 1), D(2020, 12, 31))
    assert working_days.seed(2020, 2021) == 365
    assert working_days.seed(2090, 2090) == 0
    WorkingDay.objects.all().delete()
    assert working_days.seed(2026, 2090) == 365  # the years after it are not published


def test_draft_of_a_year_and_what_the_office_made_of_it(db):
    WorkingDay.objects.filter(day__year__in=(2020, 2021)).delete()
    drafts = working_days.days_of(2020)
    assert list(drafts) == [D(2020, 1, 1) + datetime.timedelta(days=step) for step in range(366)]
    assert (drafts[D(2020, 1, 1)].is_working, drafts[D(2020, 1, 19)].is_working) == (False, True)
    assert len(working_days.days_of(2021)) == 365
    assert not working_days.is_confirmed(2020)
    WorkingDay.objects.create(day=D(2020, 5, 5), is_working=True)
    assert list(working_days.days_of(2020)) == [D(2020, 5, 5)]
    assert working_days.days_of(2020)[D(2020, 5, 5)].pk
    assert (working_days.is_confirmed(2020), working_days.is_confirmed(2021)) == (True, False)


# --- counting -----------------------------------------------------------------------------------------------

WEEK = [D(2090, 1, day) for day in range(2, 9)]  # a Monday to a Sunday, of a year that has no other days


@pytest.fixture
def week(db):
    """Five working days and a weekend; nothing after it."""
    WorkingDay.objects.filter(day__year__gt=2089).delete()
    WorkingDay.objects.bulk_create(
        [WorkingDay(day=day, is_working=day.weekday() < 5) for day in WEEK], ignore_conflicts=True
    )


MONDAY, TUESDAY, FRIDAY, SUNDAY = WEEK[0], WEEK[1], WEEK[4], WEEK[6]


@pytest.mark.parametrize(
    ("start", "count", "reached"), [(MONDAY, 0, MONDAY), (MONDAY, 1, TUESDAY), (MONDAY, 4, FRIDAY)]
)
def test_the_day_itself_is_not_counted(week, start, count, reached):
    """Art. 7."""
    assert working_days.add(start, count) == reached


def test_add_stops_where_the_calendar_ends(week):
    with pytest.raises(YearNotConfirmed) as raised:
        working_days.add(MONDAY, 5)
    assert raised.value.year == 2090


def test_add_stops_at_a_hole_in_the_calendar(week):
    WorkingDay.objects.filter(day=TUESDAY).delete()
    with pytest.raises(YearNotConfirmed) as raised:
        working_days.add(MONDAY, 2)
    assert raised.value.year == 2090


def test_year_that_is_missing_is_the_one_after_the_last_day(db):
    WorkingDay.objects.all().delete()
    WorkingDay.objects.bulk_create(WorkingDay(day=D(2090, 12, day), is_working=True) for day in (30, 31))
    assert working_days.add(D(2090, 12, 29), 2) == D(2090, 12, 31)
    for start, count, year in (
        (D(2090, 12, 29), 3, 2091),
        (D(2090, 12, 31), 1, 2091),
        (D(2090, 12, 30), 5, 2091),
        (D(2095, 12, 31), 1, 2096),
        (D(2095, 6, 1), 1, 2095),
    ):
        with pytest.raises(YearNotConfirmed) as raised:
            working_days.add(start, count)
        assert raised.value.year == year


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        (MONDAY, MONDAY, 0),
        (MONDAY, TUESDAY, 1),
        (MONDAY, SUNDAY, 4),
        (FRIDAY, SUNDAY, 0),
        (TUESDAY, MONDAY, -1),
        (SUNDAY, MONDAY, -4),
    ],
)
def test_working_days_between(week, start, end, count):
    assert working_days.between(start, end) == count


@pytest.mark.parametrize(
    ("start", "end", "year"),
    [
        (MONDAY, SUNDAY + datetime.timedelta(days=1), 2090),
        (SUNDAY, D(2091, 1, 1), 2090),
        (MONDAY - datetime.timedelta(days=2), TUESDAY, 2090),
        (SUNDAY + datetime.timedelta(days=1), MONDAY, 2090),
    ],
)
def test_between_wants_every_day_but_the_first(week, start, end, year):
    with pytest.raises(YearNotConfirmed) as raised:
        working_days.between(start, end)
    assert raised.value.year == year


def test_day_before_the_calendar_is_a_start(week):
    """The day itself is not counted, so it need not stand there."""
    assert working_days.between(MONDAY - datetime.timedelta(days=1), TUESDAY) == 2
    assert working_days.add(MONDAY - datetime.timedelta(days=1), 1) == MONDAY


# --- settling -----------------------------------------------------------------------------------------------


@pytest.fixture
def settled_years():
    years = []

    def hear(year, **kwargs):
        years.append(year)

    working_days.year_settled.connect(hear)
    yield years
    working_days.year_settled.disconnect(hear)


def test_settling_a_new_year_writes_all_its_days(db, settled_years):
    WorkingDay.objects.filter(day__year=2020).delete()
    working = {day for day, known in working_days.days_of(2020).items() if known.is_working}
    changed = working_days.settle(2020, working - {D(2020, 3, 26)}, note="三月三", today=D(2020, 12, 1))
    assert changed == {"2020-03-26": False}
    assert WorkingDay.objects.filter(day__year=2020).count() == 366
    assert WorkingDay.objects.get(day=D(2020, 3, 26)).note == "三月三"
    assert settled_years == [2020]


def test_days_gone_by_of_a_settled_year_stay(db, settled_years):
    working = {day for day, known in working_days.days_of(2020).items() if known.is_working}
    both = {D(2020, 3, 25), D(2020, 3, 26)}
    changed = working_days.settle(2020, working - both, note="三月三", today=D(2020, 3, 26))
    assert changed == {"2020-03-26": False}
    assert WorkingDay.objects.get(day=D(2020, 3, 25)).is_working
    assert not WorkingDay.objects.get(day=D(2020, 3, 26)).is_working
    assert working_days.settle(2020, working - {D(2020, 3, 26)}, note="x", today=D(2020, 1, 1)) == {}
    assert settled_years == [2020]
