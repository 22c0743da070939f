"""Quarters and the window that ends with one (Art. 7); no database."""

import datetime

import pytest

from screening.quarters import Quarter, window

D = datetime.date


@pytest.mark.parametrize(
    ("text", "quarter"),
    [("2020Q1", Quarter(2020, 1)), (" 2021q4 ", Quarter(2021, 4)), ("1999Q3", Quarter(1999, 3))],
)
def test_quarter_is_read(text, quarter):
    assert Quarter.parse(text) == quarter


@pytest.mark.parametrize("text", ["2020Q0", "2020Q5", "2020", "2020Q1x", "020Q1", "x2020Q1", "2020-Q1", ""])
def test_what_is_no_quarter_is_told(text):
    with pytest.raises(ValueError, match=".") as raised:
        Quarter.parse(text)
    assert str(raised.value) == f"季度要写成 2020Q1 的样子，不是“{text}”。"


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (D(2020, 1, 1), Quarter(2020, 1)),
        (D(2020, 3, 31), Quarter(2020, 1)),
        (D(2020, 4, 1), Quarter(2020, 2)),
        (D(2020, 6, 30), Quarter(2020, 2)),
        (D(2020, 7, 1), Quarter(2020, 3)),
        (D(2020, 9, 30), Quarter(2020, 3)),
        (D(2020, 10, 1), Quarter(2020, 4)),
        (D(2020, 12, 31), Quarter(2020, 4)),
    ],
)
def test_quarter_of_a_day(day, quarter):
    assert Quarter.of(day) == quarter


@pytest.mark.parametrize(
    ("quarter", "last_day", "label", "following"),
    [
        (Quarter(2020, 1), D(2020, 3, 31), "2020 年第一季度", Quarter(2020, 2)),
        (Quarter(2020, 2), D(2020, 6, 30), "2020 年第二季度", Quarter(2020, 3)),
        (Quarter(2020, 3), D(2020, 9, 30), "2020 年第三季度", Quarter(2020, 4)),
        (Quarter(2020, 4), D(2020, 12, 31), "2020 年第四季度", Quarter(2021, 1)),
    ],
)
def test_last_day_name_and_neighbours(quarter, last_day, label, following):
    assert (quarter.last_day, quarter.label) == (last_day, label)
    assert (quarter.next, following.previous) == (following, quarter)
    assert Quarter.parse(str(quarter)) == quarter


@pytest.mark.parametrize(
    ("last_day", "months", "first"),
    [
        (D(2020, 3, 31), 12, D(2019, 4, 1)),
        (D(2020, 3, 31), 1, D(2020, 3, 1)),
        (D(2020, 3, 31), 3, D(2020, 1, 1)),
        (D(2020, 2, 29), 12, D(2019, 3, 1)),
    ],
)
def test_window_of_months(last_day, months, first):
    assert window(last_day, months) == (first, last_day)
