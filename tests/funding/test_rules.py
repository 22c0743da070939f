"""Whose money, which way, which account number: Art. 10 and 11 from tables; no database."""

import pytest

from funding import ledger

FIGURES = ("free", "committed", "sent", "paid")


@pytest.mark.parametrize("name", FIGURES)
def test_allocated_counts_what_lies_at_each_stage(name):
    """Money under way, committed or sent to the bank, was allocated as much as what is free or paid."""
    has = ledger.Figures(**{each: 7_00 if each == name else 0 for each in FIGURES})
    assert has.allocated == 7_00


def test_allocated_is_the_sum_of_the_four():
    assert ledger.Figures(free=1, committed=20, sent=300, paid=4000).allocated == 4321


@pytest.mark.parametrize(
    ("figures", "rate"),
    [
        ((0, 0, 0, 0), 0),
        ((100, 0, 0, 0), 0),
        ((0, 0, 0, 1), 100),
        ((0, 50, 0, 50), 50),
        ((0, 0, 50, 50), 50),
        ((1, 0, 0, 199), 99),  # rounded down
        ((2, 0, 0, 1), 33),
    ],
)
def test_rate_is_paid_of_allocated(figures, rate):
    assert ledger.Figures(*figures).rate == rate
