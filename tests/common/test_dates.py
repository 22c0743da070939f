"""Months added to a day; no database."""

import datetime

import pytest

from fangpin.common.values.dates import months_after

D = datetime.date


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (D(2020, 2, 29), 12, D(2021, 2, 28)),
        (D(2020, 1, 31), 1, D(2020, 2, 29)),
        (D(2019, 1, 31), 1, D(2019, 2, 28)),
        (D(2020, 11, 30), 1, D(2020, 12, 30)),
        (D(2020, 12, 1), 1, D(2021, 1, 1)),
        (D(2018, 12, 31), 24, D(2020, 12, 31)),
        (D(2020, 3, 31), 0, D(2020, 3, 31)),
        (D(2020, 3, 31), -1, D(2020, 2, 29)),
        (D(2020, 1, 15), -1, D(2019, 12, 15)),
        (D(2020, 12, 1), 1, D(2021, 1, 1)),
        (D(2020, 1, 1), -1, D(2019, 12, 1)),
        (D(2020, 3, 1), 24, D(2022, 3, 1)),
        (D(2020, 11, 1), 1, D(2020, 12, 1)),
    ],
)
def test_same_day_months_later(day, months, later):
    """Art. 9."""
    assert months_after(day, months) == later
