"""Rows of a department's list on a page: why one was not taken in, and its cells with every number masked."""

import re
from typing import Any

CODES = {
    "required": "没有填",
    "id_length": "证件号码位数不对",
    "id_checksum": "证件号码有误",
    "id_numeric_cell": "证件号码被表格改坏",
    "date": "日期有误",
    "amount": "金额有误",
    "code": "不是规定的选项",
    "division_unknown": "没有这个乡村",
    "duplicate_row": "与前面的行重复",
    "match_none": "户册中没有",
    "match_many": "找到多人",
    "match_near": "有相近的人",
    "person_elsewhere": "人在另一户",
    "category_conflict": "类别矛盾",
    "head_none": "没有户主",
    "head_many": "多个户主",
    "name_differs": "姓名不一致",
}

# The day of a certificate is no number.
_private = re.compile(r"证(?!日期|时间|年月)|电话|手机|联系方式|账号|帐号|账户|卡号|存折|一卡通")
# 11 digits and more are a phone, a document or an account, also when typed in groups.
_long = re.compile(r"(?<!\d)\d(?:[ \-]?\d){9,}[ \-]?[\dXxＸｘ]")


def code_label(code: str) -> str:
    return CODES.get(code, "其他")


def masked_text(text: str) -> str:
    """Free words with every long number in them masked."""
    return _long.sub(lambda match: masked_number(match[0]), text)


def masked_cell(heading: str, value: Any) -> str:
    """One original cell. Under a heading of document, phone or account the whole cell counts as a number."""
    words = _words(value)
    if _private.search(heading):
        return masked_number(words) if re.search(r"\d", words) else words
    return masked_text(words)


def masked_number(number: str) -> str:
    """459900********1234 as 4599**********1234, 13800001234 as 138****1234; shorter ones keep two at each
    end."""
    number = "".join(number.split())
    first, last = (4, 4) if len(number) >= 15 else (3, 4) if len(number) >= 11 else (2, 2)
    if len(number) <= 4:
        return number
    return number[:first] + "*" * (len(number) - first - last) + number[-last:]


def cells_of(headings: list[str], data: list[Any]) -> list[tuple[str, str]]:
    """Heading and masked cell of a row; blank cells are left out."""
    pairs = zip(headings, data, strict=False)
    shown = [(heading, masked_cell(heading, value)) for heading, value in pairs if heading]
    return [(heading, words) for heading, words in shown if words]


def _words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        # What Excel keeps as 4.5E+17 has its digits shown, so that they are masked.
        return f"{value:.0f}"
    return str(value).strip()
