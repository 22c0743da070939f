"""Fen as yuan; no database."""

import pytest

from fangpin.common.values.money import typed_yuan, yuan


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "0.00"),
        (5, "0.05"),
        (100, "1.00"),
        (123456789, "1,234,567.89"),
        (-150, "-1.50"),
        (-5, "-0.05"),
        (None, "—"),
    ],
)
def test_fen_in_yuan(fen, words):
    assert yuan(fen) == words


@pytest.mark.parametrize(
    ("fen", "typed"),
    [(123456789, "1234567.89"), (5, "0.05"), (0, "0.00"), (-100_000, "-1000.00"), (None, "")],
)
def test_fen_as_they_are_typed(fen, typed):
    assert typed_yuan(fen) == typed
