"""Amounts of money: yuan in the cell, integer fen in the program."""

import re
from collections.abc import Collection, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from fangpin.common.cells.texts import (
    DASHES,
    STRUCK_OUT,
    CellFault,
    is_blank,
    nothing,
    plain,
    required_fault,
    shown,
)

MAX_FEN = 10**13
_plain_yuan = re.compile(r"-?[0-9]{1,11}(?:\.[0-9]{1,2})?")
_yuan = re.compile(
    r"([+-]?)(?:人民币|rmb|cny|¥)?([+-]?)((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(万)?(?:[元圆]整?)?",
    re.I,
)
_accounting = re.compile(r"\((.+)\)([元圆]?)")


def fen(value: Any, *, blank_marks: Collection[str] = ()) -> int | None:
    """Yuan to integer fen, half a fen away from zero. None only for a blank cell when `blank_marks` is
    given."""
    kind = type(value)
    if kind is float:
        return _fen_of_float(value)
    if kind is Decimal:
        return _fen_of_decimal(value, value)
    if kind is int:
        return _within(value * 100, value)
    if kind is str:
        if _plain_yuan.fullmatch(value):
            whole_yuan, _, cents = value.partition(".")
            return _within(int(whole_yuan + cents.ljust(2, "0")), value)
        return None if blank_marks and is_blank(value, blank_marks) else _fen_of_text(value)
    if value is None:
        nothing(blank_marks)
        return None
    raise _amount_fault(value)


def added_up(values: Sequence[Any]) -> Any:
    """One cell in place of several: their sum in yuan, blank where all are blank; the first that is no amount
    stands for all of them, so that its fault is told."""
    filled = [value for value in values if value is not None and not is_blank(value, STRUCK_OUT)]
    if not filled:
        return ""
    amounts: list[int] = []
    for value in filled:
        try:
            amounts.append(fen(value) or 0)
        except CellFault:
            return value
    return Decimal(sum(amounts)) / 100


def _amount_fault(value: Any) -> CellFault:
    return CellFault("amount", f"{shown(value)}不是金额，请只填数字，单位为元，如 1234.50")


def _within(amount: int, value: Any) -> int:
    if -MAX_FEN <= amount <= MAX_FEN:
        return amount
    raise CellFault("amount", f"{shown(value)}超出金额上限，请核对单位是否为元、是否误填了其他号码")


def _fen_of_float(value: float) -> int:
    """By the shortest decimal form, which is what the sender saw; never by arithmetic on the float."""
    words = repr(value)
    if words[-3:-2] == "." and -1e9 < value < 1e9:
        return int(words[:-3] + words[-2:])
    if words[-2:-1] == "." and -1e9 < value < 1e9:
        return int(words[:-2] + words[-1]) * 10
    return _fen_of_decimal(Decimal(words), value)


def _fen_of_decimal(yuan: Decimal, value: Any) -> int:
    if not yuan.is_finite():
        raise _amount_fault(value)
    if abs(yuan) > MAX_FEN:  # before rounding, which has only 28 digits to work with
        return _within(MAX_FEN * 100, value)
    return _within(int((yuan * 100).quantize(Decimal(1), ROUND_HALF_UP)), value)


def _fen_of_text(value: str) -> int:
    words = plain(value).translate(DASHES)
    if not words:
        raise required_fault()
    bracketed = _accounting.fullmatch(words)
    parts = _yuan.fullmatch(bracketed[1] + bracketed[2] if bracketed else words)
    if parts is None or (bool(parts[1]) + bool(parts[2]) + bool(bracketed) > 1):
        raise _amount_fault(value)
    yuan = Decimal(parts[3].replace(",", ""))
    if parts[4]:
        yuan *= 10_000
    negative = bracketed or "-" in (parts[1], parts[2])
    return _fen_of_decimal(-yuan if negative else yuan, value)
