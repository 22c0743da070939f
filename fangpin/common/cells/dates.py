"""Dates, in every form that people and programs write them."""

import datetime
import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from typing import Any

from fangpin.common.cells.texts import (
    DASHES,
    CellFault,
    as_text,
    is_blank,
    nothing,
    required_fault,
    shown,
    text,
)

FIRST_YEAR, LAST_YEAR = 1900, 2100
_TIME = r"\d{1,2}[:时点]\d{1,2}(?:[:分]\d{1,2}(?:\.\d+)?)?[分秒]?(?:Z|[+-]\d{2}:?\d{2})?"
_dated = re.compile(rf"(\d{{4}})\s?([-/.])\s?(\d{{1,2}})(?:\s?\2\s?(\d{{1,2}})(?:[T ]{_TIME})?)?")
_worded = re.compile(rf"(\d{{4}})\s?年\s?(\d{{1,2}})\s?月(?:份|\s?(\d{{1,2}})\s?[日号]?(?:[T ]?{_TIME})?)?")
_digits = re.compile(r"(\d{5,8})(?:\.(\d+))?")
_year_alone = re.compile(r"\d{4}年?")
_EXCEL_DAY_0 = datetime.date(1899, 12, 30).toordinal()
# Smaller serials lie before 1927 and are counts or ages in the wrong column far more often than dates.
_SERIAL_FROM, _SERIAL_TO = 10_000, datetime.date(LAST_YEAR, 12, 31).toordinal() - _EXCEL_DAY_0


def day(value: Any, *, blank_marks: Collection[str] = ()) -> datetime.date | None:
    """A date; a month without a day is its first day. None only for a blank cell when `blank_marks` is
    given."""
    if type(value) is str:
        if blank_marks and is_blank(value, blank_marks):
            return None
        return _day_of_text(value)
    if isinstance(value, datetime.date):
        date = value.date() if isinstance(value, datetime.datetime) else value
        if FIRST_YEAR <= date.year <= LAST_YEAR:
            return date
        raise _year_fault(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _day_of_number(value)
    if value is None:
        nothing(blank_marks)
        return None
    raise _day_fault(value)


def _day_fault(value: Any) -> CellFault:
    return CellFault("date", f"{shown(value)}不是能识别的日期，请写成 2020-03-05 的样子")


def _year_fault(value: Any) -> CellFault:
    return CellFault("date", f"{shown(value)}的年份不在 {FIRST_YEAR} 至 {LAST_YEAR} 年之间，请核对后改正")


def _make_day(year: str | int, month: str | int, of_month: str | int, value: Any) -> datetime.date:
    try:
        date = datetime.date(int(year), int(month), int(of_month))
    except ValueError:
        raise CellFault("date", f"{shown(value)}这一天不存在，请核对年、月、日后改正") from None
    if FIRST_YEAR <= date.year <= LAST_YEAR:
        return date
    raise _year_fault(value)


@lru_cache(maxsize=32768)
def _day_of_text(value: str) -> datetime.date:
    words = unicodedata.normalize("NFKC", text(value)).translate(DASHES)
    if not words:
        raise required_fault()
    if parts := _dated.fullmatch(words):
        return _make_day(parts[1], parts[3], parts[4] or 1, value)
    if parts := _worded.fullmatch(words):
        return _make_day(parts[1], parts[2], parts[3] or 1, value)
    if parts := _digits.fullmatch(words):
        return _day_of_digits(parts[1], parts[2], value)
    if _year_alone.fullmatch(words):
        raise CellFault("date", f"{shown(value)}只有年份，请补上月份，如 2020-03")
    raise _day_fault(value)


def _day_of_digits(digits: str, fraction: str | None, value: Any) -> datetime.date:
    if len(digits) == 5 and _SERIAL_FROM <= int(digits) <= _SERIAL_TO:
        return datetime.date.fromordinal(_EXCEL_DAY_0 + int(digits))
    if not (fraction or "").strip("0"):
        if len(digits) == 8:
            return _make_day(digits[:4], digits[4:6], digits[6:], value)
        if len(digits) == 6:
            return _make_day(digits[:4], digits[4:], 1, value)
    raise _day_fault(value)


def _day_of_number(value: int | float) -> datetime.date:
    words = as_text(value)
    if re.fullmatch(r"\d{4}\.1", words):
        raise CellFault(
            "date",
            f"{shown(words)}是数字格式，分不清是 1 月还是 10 月，请把该列设为文本格式后重新填写，如 2020-10",
        )
    return _day_of_text(words)
