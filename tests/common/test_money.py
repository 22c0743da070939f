"""Fen as yuan; no database."""

import pytest

from fangpin.common.money import yuan


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
