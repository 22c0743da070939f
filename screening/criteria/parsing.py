"""Parsers of the cells that several kinds of list share."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fangpin.common import cells
from fangpin.common.cells import CellFault
from fangpin.common.values import idnumbers


def one_of(words: Mapping[str, Any], named: Sequence[str] = ()) -> Callable[[Any], Any]:
    """Wording → value; anything else is a `code` fault that names what is expected, or of it only `named`."""
    folded = {cells.fold(word): value for word, value in words.items()}

    def parse(value: Any) -> Any:
        try:
            return folded[cells.fold(value)]
        except KeyError:
            expected = "、".join(named or words)
            raise CellFault("code", f"{cells.shown(value)}不是规定的选项，应填：{expected}。") from None

    return parse


def starting_with(*words: str) -> Callable[[Any], str]:
    """The first of `words` that the cell starts with or holds: 门诊慢特病 → 门诊."""

    def parse(value: Any) -> str:
        folded = cells.fold(value)
        for word in words:
            if word in folded:
                return word
        raise CellFault("code", f"{cells.shown(value)}不是规定的选项，应填：{'、'.join(words)}。")

    return parse


def words(length: int = 60) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        text = cells.text(value)
        if len(text) > length:
            raise CellFault("code", f"超过 {length} 个字，请缩短。")
        return text

    return parse


def unless(blanks: Sequence[str], parse: Callable[[Any], str]) -> Callable[[Any], str]:
    """`parse`, but "" for words that say only that nothing is meant."""

    def parse_others(value: Any) -> str:
        return "" if cells.fold(value) in blanks else parse(value)

    return parse_others


def optional_number(value: Any) -> str | None:
    return None if cells.is_blank(value, cells.BLANK_MARKS) else idnumbers.parse(value)


def within(low: int, high: int) -> Callable[[Any], int]:
    """Whole numbers of that range."""

    def parse(value: Any) -> int:
        return cells.whole(value, low=low, high=high)

    return parse


def yuan(value: Any) -> int | None:
    return cells.fen(value)


YES_NO = one_of({"是": True, "否": False})
YES_NO_FULL_TIME = one_of(
    {"是": True, "否": False, "全日制": True, "非全日制": False, "全日制普通": True}, named=("是", "否")
)
