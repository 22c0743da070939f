"""Citizen numbers (GB 11643): 17 digits and a check character.

The area prefix is not checked: prefixes of dissolved prefectures are still carried, and late registrations
carry prefixes younger than the person.
"""

import datetime
import re
import unicodedata
from functools import lru_cache
from operator import mul
from typing import Any
from zoneinfo import ZoneInfo

from fangpin.common.cells import CellFault, digits_lost, digits_lost_fault, required_fault, text

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
# Bytes of "0" to "9" start at 48; taking that out of the sum once is cheaper than 17 conversions.
_CHECK_OF_SUM = tuple(_CHECKS[(total - 48 * sum(_WEIGHTS)) % 11] for total in range(57 * sum(_WEIGHTS) + 1))
_shape = re.compile(r"[0-9]{17}[0-9X]")
_shape_15 = re.compile(r"[0-9]{15}")
_CHINA = ZoneInfo("Asia/Shanghai")
# Nobody uses the service with an earlier clock, so only later births need to be compared with today.
_SURELY_PAST = datetime.date(2020, 1, 1)


def parse(value: Any) -> str:
    """The 18-character number of a cell that holds it, its 15-digit predecessor or a disability
    certificate."""
    if type(value) is str and len(value) == 18 and value.isascii():
        number = value.upper()
        if _shape.fullmatch(number):
            return _checked(number)
    return _checked(_eighteen(value))


def check_character(first17: str) -> str:
    return _CHECK_OF_SUM[sum(map(mul, first17.encode(), _WEIGHTS))]  # an 18th character is not looked at


def birth_date(number: str) -> datetime.date:
    return _day(number[6:14])


def sex(number: str) -> str:
    return "male" if int(number[16]) % 2 else "female"


def mask(number: str) -> str:
    return f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}"


def _eighteen(value: Any) -> str:
    if digits_lost(value):
        raise digits_lost_fault()
    number = "".join(unicodedata.normalize("NFKC", text(value)).split()).upper()
    if not number:
        raise required_fault()
    if len(number) == 15:
        return _from_15(number)
    if len(number) not in (18, 20, 22):
        raise CellFault(
            "id_length",
            f"证件号码应为 18 位（残疾证 20 或 22 位），读到 {len(number)} 位，请对照证件核对后改正",
        )
    if not _shape.fullmatch(number[:18]):
        raise CellFault(
            "id_checksum", "证件号码里有不该出现的字符：前 17 位须为数字，第 18 位须为数字或 X，请改正"
        )
    return number[:18]


def _from_15(number: str) -> str:
    if not _shape_15.fullmatch(number):
        raise CellFault("id_checksum", "15 位的旧证件号码只能由数字组成，请对照证件改正")
    first17 = f"{number[:6]}19{number[6:]}"
    return first17 + check_character(first17)


def _checked(number: str) -> str:
    birth = _day(number[6:14])
    if birth >= _SURELY_PAST and birth > datetime.datetime.now(_CHINA).date():
        raise CellFault("id_checksum", "证件号码中的出生日期晚于今天，请对照证件改正")
    if check_character(number) != number[17]:
        raise CellFault("id_checksum", "证件号码的校验位不符，至少有一位录错，请对照证件逐位核对")
    return number


@lru_cache(maxsize=65536)
def _day(digits: str) -> datetime.date:
    try:
        birth = datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        birth = None
    if birth is None or birth.year < 1900:
        raise CellFault("id_checksum", "证件号码第 7 至 14 位不是真实的出生日期，请对照证件改正")
    return birth
