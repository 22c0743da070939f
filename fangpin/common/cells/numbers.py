"""Whole numbers, telephone numbers, and numbers that name something."""

import re
import unicodedata
from typing import Any

from fangpin.common.cells.texts import DASHES, CellFault, plain, required_fault, shown, text

_scientific = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{1,3}")
_whole = re.compile(r"([+-]?\d{1,15})(?:\.0+)?(?:个月|个|月|年|岁|人|天|次|户|口)?")
_mobile = re.compile(r"(?:\+?86)?(1\d{10})", re.A)
_landline = re.compile(r"(010|02\d|0[3-9]\d\d)([2-9]\d{6,7})(-\d{1,6})?|([48]00\d{7})|([2-9]\d{6,7})", re.A)


def whole(value: Any, low: int, high: int) -> int:
    number = int(value) if type(value) is int or (type(value) is float and value.is_integer()) else None
    if number is None and not isinstance(value, bool):
        words = plain(value).translate(DASHES)
        if not words:
            raise required_fault()
        if parts := _whole.fullmatch(words):
            number = int(parts[1])
    if number is None or not low <= number <= high:
        raise CellFault("code", f"{shown(value)}不是 {low} 至 {high} 之间的整数，请改正")
    return number


def phone(value: Any) -> str:
    """A mobile number as 11 digits, a landline as `area-number`."""
    words = plain(value).translate(DASHES)
    if not words:
        raise required_fault()
    bare = words.replace("-", "")
    if parts := _mobile.fullmatch(bare):
        return parts[1]
    local = re.sub(r"^\(?(0\d{2,3})[)-]*", r"\1", words)
    if parts := _landline.fullmatch(local) or _landline.fullmatch(bare):
        return f"{parts[1]}-{parts[2]}{parts[3] or ''}" if parts[1] else parts[0]
    raise CellFault("code", "不是有效的电话号码，请填 11 位手机号码，或带区号的座机号码（如 0776-2800000）")


def digits_lost(value: Any) -> bool:
    """Whether Excel has already replaced the last digits: a double keeps only 15 of them."""
    if type(value) is str:
        marked = "+" in value or "." in value or "＋" in value or "．" in value
        return marked and _scientific.fullmatch(plain(value)) is not None
    return isinstance(value, (int, float)) and abs(value) >= 10**15


def digits_lost_fault() -> CellFault:
    return CellFault(
        "id_numeric_cell",
        (
            "是以数字格式保存的长号码，Excel 只保留前 15 位，末尾几位已经丢失；请先把该列设为文本格式，"
            "再按证件重新录入"
        ),
    )


def identifier(value: Any) -> str:
    if digits_lost(value):
        raise digits_lost_fault()
    words = text(value)
    return words if words.isascii() else unicodedata.normalize("NFKC", words)
