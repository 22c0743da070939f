"""Values of parameters: in words, from what somebody typed, and whether they make sense. Pure functions."""

import re
from collections.abc import Mapping
from typing import Any

from fangpin.common import cells
from fangpin.common.cells import CellFault
from fangpin.common.refusals import Refused
from fangpin.common.values.money import yuan
from fangpin.policy.parameters import PAIRS, PARAMETERS, Parameter

LONGEST_WORD, MOST_WORDS = 20, 40
MOST_FEN = 100_000_000_00  # 一亿元
AS_REGION = "按自治区的规定"


class Unfit(Refused):
    """The value can't be used; `message` is Chinese and says what to type instead."""


def in_words(parameter: Parameter, value: Any) -> str:
    """20,000.00 元 · 12 个月 · 因贫、家庭困难 · 每季第 3 个月 1 日; of None what it means for a county."""
    if value is None:
        return AS_REGION
    if parameter.kind == "money":
        return f"{yuan(value)} 元"
    if parameter.kind == "words":
        return "、".join(value)
    if parameter.kind == "choice":
        return dict(parameter.choices).get(value, str(value))
    if parameter.kind == "object":
        return f"每季第 {value['month']} 个月 {value['day']} 日"
    return f"{value} {parameter.unit}".strip()


def typed(parameter: Parameter, value: Any) -> str:
    """The text that `parse` reads as this value."""
    if parameter.kind == "money":
        return yuan(value).replace(",", "")
    if parameter.kind == "words":
        return "、".join(value)
    if parameter.kind == "object":
        return f"{value['month']}-{value['day']}"
    return str(value)


def parse(parameter: Parameter, text: str) -> Any:
    """The value from typed text: yuan, a whole number, words with 、 between, the code of a choice, 3-1 for
    the first day of the third month. Raises Unfit."""
    text = text.strip()
    return check(parameter, _PARSERS[parameter.kind](text))


def _money(text: str) -> int:
    try:
        return cells.fen(text)
    except CellFault as fault:
        raise Unfit(fault.message) from fault


def _whole(text: str) -> int:
    try:
        return cells.whole(text, -1_000_000, 1_000_000)
    except CellFault as fault:
        raise Unfit("请填整数，不带小数和单位。") from fault


def _words(text: str) -> list[str]:
    return [word.strip() for word in re.split(r"[、，,；;\n]", text) if word.strip()]


def _day_of_quarter(text: str) -> dict:
    month, _, day = text.partition("-")
    return {"month": _whole(month), "day": _whole(day)}


_PARSERS = {"money": _money, "whole": _whole, "words": _words, "choice": str, "object": _day_of_quarter}


def check(parameter: Parameter, value: Any) -> Any:
    """The value, where a parameter of that kind may have it. Raises Unfit."""
    _CHECKS[parameter.kind](parameter, value)
    return value


def _check_money(_parameter: Parameter, value: Any) -> None:
    if type(value) is not int or value <= 0:
        raise Unfit("金额要大于 0，单位为元，如 20000.00。")
    if value > MOST_FEN:
        raise Unfit(f"金额超过 {yuan(MOST_FEN)} 元，请核对单位是不是元。")


def _check_whole(parameter: Parameter, value: Any) -> None:
    if type(value) is not int or not parameter.least <= value <= parameter.upper:
        raise Unfit(f"请填 {parameter.least} 至 {parameter.upper} 之间的整数（{parameter.unit}）。")


def _check_words(_parameter: Parameter, value: Any) -> None:
    if not isinstance(value, list) or not value:
        raise Unfit("至少要有一个词，词与词之间用顿号隔开。")
    if len(value) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in value):
        raise Unfit(f"最多 {MOST_WORDS} 个词，每个不超过 {LONGEST_WORD} 个字，词与词之间用顿号隔开。")
    if len(set(value)) != len(value):
        twice = next(word for word in value if value.count(word) > 1)
        raise Unfit(f"“{twice}”写了两次，请删去一个。")


def _check_choice(parameter: Parameter, value: Any) -> None:
    if value not in dict(parameter.choices):
        raise Unfit("请从列出的选项中选一个。")


def _check_opening(_parameter: Parameter, value: Any) -> None:
    fits = isinstance(value, dict) and set(value) == {"month", "day"}
    if not fits or value["month"] not in (1, 2, 3) or value["day"] not in range(1, 29):
        raise Unfit("请填季度的第几个月（1 至 3）和几日（1 至 28）。")


_CHECKS = {
    "money": _check_money,
    "whole": _check_whole,
    "words": _check_words,
    "choice": _check_choice,
    "object": _check_opening,
}


def contradictions(values: Mapping[str, Any]) -> list[str]:
    """What of a whole set of values does not go together, in words."""
    return [
        f"“{PARAMETERS[first].label}”（{values[first]}）不能大于“{PARAMETERS[last].label}”（{values[last]}）。"
        for first, last in PAIRS
        if values[first] > values[last]
    ]
