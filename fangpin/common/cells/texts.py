"""The text of a cell, and what all parsers share."""

import datetime
import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from typing import Any

# What a spreadsheet shows where a formula failed; a file saved as text holds the words themselves.
NOT_CALCULATED = "#未计算"  # put in where a workbook holds a formula and no result
FAILED_FORMULAS = frozenset(
    {NOT_CALCULATED, "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
)
# Pass it as `blank_marks` where people strike a cell out instead of leaving it empty.
BLANK_MARKS = frozenset({"/", "//", "\\", "-", "--", "—", "——", "–", "无", "暂无"})
# Struck out instead of left empty. 无 is not among them: in some columns it is an answer.
STRUCK_OUT = BLANK_MARKS - {"无", "暂无"}

_UNSEEN = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff"
_unseen = re.compile(f"[{_UNSEEN}]+")
_control = re.compile(f"[{_CONTROL}]")
_odd = re.compile(rf"[\s{_CONTROL}{_UNSEEN}]|\A['＇]|\A=\"")
_csv_wrapper = re.compile(r'="([^"]*)"')
_long_digits = re.compile(r"\d{11,}")


class CellFault(ValueError):
    """One cell cannot be used. `code` is for programs, `message` for the person who has to mend it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return self.message


def required_fault() -> CellFault:
    return CellFault("required", "没有填写，请补填后重新上传")


def shown(value: Any) -> str:
    """The value for a message, cut short; long digit runs may be somebody's number and are masked."""
    words = _control.sub("", value if isinstance(value, str) else as_text(value)).strip()
    words = _long_digits.sub(lambda run: run.group()[:4] + "…", words)
    return f"“{words[:20]}…”" if len(words) > 20 else f"“{words}”"


def text(value: Any) -> str:
    if type(value) is str:
        return value if _odd.search(value) is None else _clean(value)
    return as_text(value)


def _clean(value: str) -> str:
    if _control.search(value):
        raise CellFault("code", "含有看不见的控制字符，请删除该单元格内容后重新录入")
    words = " ".join(_unseen.sub("", value).split())
    if wrapped := _csv_wrapper.fullmatch(words):
        return wrapped.group(1).strip()
    return words[1:].lstrip() if words[:1] in ("'", "＇") else words


def as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time.min
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return text(str(value))


DASHES = str.maketrans("−–—", "---")
_BRACKETS = str.maketrans("[]{}【】〔〕〈〉", "()()()()()")


def fold(value: Any) -> str:
    """The form in which headings and codes are compared. Never raises: what cannot be seen is left out."""
    return _folded(value if type(value) is str else as_text(value))


@lru_cache(maxsize=8192)
def _folded(value: str) -> str:
    seen = unicodedata.normalize("NFKC", _unseen.sub("", _control.sub("", value)))
    return "".join(seen.split()).lower().translate(_BRACKETS)


_UNSEEN_OR_SPACE = frozenset(
    chr(code) for code in range(0x3001) if re.match(rf"[\s{_UNSEEN}]", chr(code))
) | {"\ufeff"}


def is_blank(value: Any, blank_marks: Collection[str] = ()) -> bool:
    if value is None:
        return True
    if type(value) is not str:
        return False
    if not value.strip() or (value[0] in _UNSEEN_OR_SPACE and not _unseen.sub("", value).strip()):
        return True
    return bool(blank_marks) and fold(value) in blank_marks


_plain_name = re.compile(r"[\u4e00-\u9fff]+")
# The Hangul dot must be mapped before NFKC, which would make a vowel of it.
_DOTS = str.maketrans(dict.fromkeys("•・･‧∙⋅●᛫⸱ㆍ\u0387\u2024", "·"))
_dot_between = re.compile(r"(?<=[\u3400-\u9fff])[.。](?=[\u3400-\u9fff])|·{2,}")


def name(value: Any) -> str:
    if type(value) is str and _plain_name.fullmatch(value):
        return value
    words = unicodedata.normalize("NFKC", text(value).translate(_DOTS))
    return _dot_between.sub("·", "".join(words.split()))


def plain(value: str) -> str:
    """Half-width, without any white space."""
    return "".join(unicodedata.normalize("NFKC", text(value)).split())


def nothing(blank_marks: Collection[str]) -> None:
    if not blank_marks:
        raise required_fault()


def as_json(value: Any) -> Any:
    """A cell as JSON keeps it: dates and times in ISO form, what JSON does not know as text."""
    if value is None or isinstance(value, str | int | float):
        return value
    return value.isoformat() if isinstance(value, datetime.date) else str(value)
