import datetime

import pytest

from fangpin.common import working_days
from fangpin.common.models import WorkingDay


def day(text):
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        ("2020-03-02", 1, "2020-03-03"),
        ("2020-03-06", 1, "2020-03-09"),  # over a weekend
        ("2020-04-30", 1, "2020-05-06"),  # over Labour Day
        ("2020-04-24", 1, "2020-04-26"),  # a Sunday that was made up for
        ("2020-03-02", 0, "2020-03-02"),
    ],
)
def test_add_counts_working_days_after_the_start(db, start, count, expected):
    assert working_days.add(day(start), count) == day(expected)


def test_add_follows_the_offices_correction(db):
    WorkingDay.objects.filter(day="2026-04-20").update(is_working=False, note="壮族三月三")
    assert working_days.add(day("2026-04-17"), 1) == day("2026-04-21")


def test_add_does_not_guess_an_unconfirmed_year(unconfirmed):
    with pytest.raises(working_days.YearNotConfirmed) as caught:
        working_days.add(day("2026-12-30"), 5)
    assert caught.value.year == 2027
    assert "2027 年工作日历未确认" in caught.value.message


def test_between_counts_both_ways(db):
    assert working_days.between(day("2020-03-02"), day("2020-03-09")) == 5
    assert working_days.between(day("2020-03-09"), day("2020-03-02")) == -5


def test_seed_leaves_what_the_office_set(db):
    WorkingDay.objects.filter(day="2026-04-20").update(is_working=False)
    assert working_days.seed(2026, 2026) == 0
    assert not WorkingDay.objects.get(day="2026-04-20").is_working
