"""Figures of a household at their edges (Art. 2), in fen; no database."""

import datetime

import pytest

from households import rules

D = datetime.date
LINE = 5000_00


@pytest.mark.parametrize(
    ("net", "members", "above"),
    [
        (LINE, 1, False),  # 以下 includes the figure itself
        (LINE + 1, 1, True),
        (LINE - 1, 1, False),
        (4 * LINE, 4, False),
        (4 * LINE + 1, 4, False),  # a quarter of a fen rounds down to the line
        (4 * LINE + 2, 4, True),  # half a fen rounds up
        (4 * LINE - 2, 4, False),
        (None, 4, False),  # unknown income is never above
        (10 * LINE, 0, False),  # nobody there
        (0, 1, False),
        (-10 * LINE, 1, False),
    ],
)
def test_above_the_line_is_more_than_the_line(net, members, above):
    """Art. 2."""
    assert rules.is_above_line(net, members, LINE) is above


def test_income_of_nothing_is_above_a_line_below_nothing():
    assert rules.is_above_line(0, 3, -1) is True


@pytest.mark.parametrize(
    ("net", "members", "head"),
    [
        (100, 1, 100),
        (0, 3, 0),
        (5, 2, 3),  # half a fen away from zero
        (-5, 2, -3),
        (4, 3, 1),
        (-4, 3, -1),
        (7, 3, 2),
        (-1, 3, 0),
        (100, 0, None),
        (100, -1, None),
    ],
)
def test_income_a_head_is_rounded_away_from_zero(net, members, head):
    """Art. 2."""
    assert rules.per_head(net, members) == head


def test_net_income_is_what_came_in_less_the_costs():
    """Art. 2."""
    parts = {"wages": 1, "business": 20, "property_income": 300, "transfers": 4000, "costs": 50_000}
    assert rules.net_income(**parts) == 4321 - 50_000


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (D(2004, 3, 31), D(2020, 3, 30), 15),
        (D(2004, 3, 31), D(2020, 3, 31), 16),
        (D(2004, 3, 31), D(2020, 4, 1), 16),
        (D(2004, 4, 1), D(2020, 3, 31), 15),
        (D(2004, 2, 29), D(2021, 2, 28), 16),
        (D(2004, 2, 29), D(2021, 3, 1), 17),
        (D(2020, 3, 31), D(2020, 3, 31), 0),
    ],
)
def test_age_is_full_years(birth, day, age):
    assert rules.age_on(birth, day) == age


@pytest.mark.parametrize(
    ("day", "years", "latest"),
    [
        (D(2020, 3, 31), 16, D(2004, 3, 31)),
        (D(2020, 2, 29), 16, D(2004, 2, 29)),
        (D(2020, 2, 29), 17, D(2003, 2, 28)),
        (D(2020, 3, 31), 0, D(2020, 3, 31)),
    ],
)
def test_latest_birth_date_of_an_age(day, years, latest):
    assert rules.years_before(day, years) == latest
    assert rules.age_on(latest, day) == years
