"""Values of parameters: as typed, in words, and what makes no sense (Art. 15); no database."""

import pytest

from fangpin.policy import values
from fangpin.policy.parameters import PARAMETERS, Parameter
from fangpin.policy.values import Unfit

MONEY = Parameter("m", "标准", "money", 1, "Art. 2", "元")
MONTHS = Parameter("w", "月数", "whole", 6, "Art. 7", "个月")
FEW = Parameter("f", "天数", "whole", 6, "Art. 7", "天", least=2, most=30)
BARE = Parameter("b", "数", "whole", 6, "Art. 7")
WORDS = Parameter("l", "原因", "words", ["因贫"], "Art. 7")
CHOICE = Parameter("c", "办法", "choice", "flag", "Art. 2", choices=(("flag", "标明"), ("require", "不列入")))
OPENING = Parameter("o", "开启日", "object", {"month": 3, "day": 1}, "Art. 7")


@pytest.mark.parametrize(
    ("parameter", "value", "words", "typed"),
    [
        (MONEY, 2_000_050, "20,000.50 元", "20000.50"),
        (MONEY, 12_345_678_00, "12,345,678.00 元", "12345678.00"),
        (MONTHS, 12, "12 个月", "12"),
        (BARE, 12, "12", "12"),
        (WORDS, ["因贫", "缺劳动力"], "因贫、缺劳动力", "因贫、缺劳动力"),
        (CHOICE, "flag", "标明", "flag"),
        (OPENING, {"month": 3, "day": 1}, "每季第 3 个月 1 日", "3-1"),
    ],
)
def test_value_in_words_and_as_it_is_typed(parameter, value, words, typed):
    assert values.in_words(parameter, value) == words
    assert values.typed(parameter, value) == typed
    assert values.parse(parameter, f" {typed} ") == value


def test_no_value_of_a_county_and_a_choice_of_old():
    assert values.in_words(MONEY, None) == "按自治区的规定"
    assert values.in_words(CHOICE, "gone") == "gone"
    assert values.in_words(CHOICE, 7) == "7"


@pytest.mark.parametrize(
    ("parameter", "text", "value"),
    [
        (MONEY, "20,000元", 2_000_000),
        (MONEY, "0.01 元 ", 1),
        (MONEY, "100000000", values.MOST_FEN),
        (MONTHS, "1", 1),
        (MONTHS, "120", 120),
        (FEW, "2", 2),
        (FEW, "30", 30),
        (BARE, "1000", 1000),
        (WORDS, " 甲、乙，丙,丁；戊;己\n庚 、、", list("甲乙丙丁戊己庚")),
        (WORDS, "字" * 20, ["字" * 20]),
        (WORDS, "、".join(str(n) for n in range(40)), [str(n) for n in range(40)]),
        (OPENING, "1-28", {"month": 1, "day": 28}),
        (OPENING, "2 - 2", {"month": 2, "day": 2}),
    ],
)
def test_value_that_fits(parameter, text, value):
    assert values.parse(parameter, text) == value


TOO_LITTLE = "金额要大于 0，单位为元，如 20000.00。"
TOO_MUCH = "金额超过 100,000,000.00 元，请核对单位是不是元。"
NOT_WHOLE = "请填整数，不带小数和单位。"
NOT_A_DAY = "请填季度的第几个月（1 至 3）和几日（1 至 28）。"
TOO_MANY = "最多 40 个词，每个不超过 20 个字，词与词之间用顿号隔开。"


@pytest.mark.parametrize(
    ("parameter", "text", "words"),
    [
        (MONEY, "0", TOO_LITTLE),
        (MONEY, "-1", TOO_LITTLE),
        (MONTHS, "1.5", NOT_WHOLE),
        (MONTHS, "-1000001", NOT_WHOLE),
        (MONTHS, "1000001", NOT_WHOLE),
        (MONTHS, "-1000000", "请填 1 至 120 之间的整数（个月）。"),
        (MONTHS, "1000000", "请填 1 至 120 之间的整数（个月）。"),
        (MONTHS, "0", "请填 1 至 120 之间的整数（个月）。"),
        (MONTHS, "121", "请填 1 至 120 之间的整数（个月）。"),
        (FEW, "1", "请填 2 至 30 之间的整数（天）。"),
        (FEW, "31", "请填 2 至 30 之间的整数（天）。"),
        (WORDS, " 、 ", "至少要有一个词，词与词之间用顿号隔开。"),
        (WORDS, "甲、乙、丙、乙、甲", "“甲”写了两次，请删去一个。"),
        (WORDS, "甲、乙、丙、乙", "“乙”写了两次，请删去一个。"),
        (WORDS, "字" * 21, TOO_MANY),
        (WORDS, "、".join(str(n) for n in range(41)), TOO_MANY),
        (CHOICE, "maybe", "请从列出的选项中选一个。"),
        (OPENING, "0-1", NOT_A_DAY),
        (OPENING, "4-1", NOT_A_DAY),
        (OPENING, "1-0", NOT_A_DAY),
        (OPENING, "1-29", NOT_A_DAY),
        (OPENING, "3--1", NOT_A_DAY),
        (OPENING, "1", NOT_WHOLE),
        (OPENING, "x-1", NOT_WHOLE),
    ],
)
def test_value_that_does_not_fit_is_told(parameter, text, words):
    with pytest.raises(Unfit) as raised:
        values.parse(parameter, text)
    assert (raised.value.message, str(raised.value)) == (words, words)


@pytest.mark.parametrize(
    ("parameter", "value", "words"),
    [
        (MONEY, values.MOST_FEN, ""),
        (MONEY, values.MOST_FEN + 1, TOO_MUCH),
        (MONEY, 1, ""),
        (MONEY, 1.0, TOO_LITTLE),
        (MONEY, True, TOO_LITTLE),
        (MONTHS, 1.0, "请填 1 至 120 之间的整数（个月）。"),
        (MONTHS, True, "请填 1 至 120 之间的整数（个月）。"),
        (WORDS, [], "至少要有一个词，词与词之间用顿号隔开。"),
        (WORDS, "因贫", "至少要有一个词，词与词之间用顿号隔开。"),
        (OPENING, [3, 1], NOT_A_DAY),
        (OPENING, {"month": 1}, NOT_A_DAY),
        (OPENING, {"month": 1, "day": 1, "hour": 1}, NOT_A_DAY),
        (OPENING, {"month": 3, "day": 28}, ""),
        (OPENING, {"month": 3, "day": 1}, ""),
        (OPENING, {"month": 2, "day": 1}, ""),
    ],
)
def test_value_that_was_not_typed_is_checked_as_well(parameter, value, words):
    if not words:
        assert values.check(parameter, value) == value
        return
    with pytest.raises(Unfit) as raised:
        values.check(parameter, value)
    assert raised.value.message == words


def test_amount_that_is_none_is_told_in_the_words_of_the_cell():
    with pytest.raises(Unfit) as raised:
        values.parse(MONEY, "很多")
    assert "很多" in raised.value.message


def test_figures_that_contradict_each_other():
    defaults = {key: parameter.default for key, parameter in PARAMETERS.items()}
    assert values.contradictions(defaults) == []
    assert values.contradictions(defaults | {"labour.age_from": 59, "labour.age_to": 59}) == []
    assert values.contradictions(defaults | {"labour.age_from": 60}) == [
        "“劳动年龄起”（60）不能大于“劳动年龄止”（59）。"
    ]
    assert values.contradictions(defaults | {"education.school_age_to": 5, "labour.age_to": 1}) == [
        "“义务教育年龄起”（6）不能大于“义务教育年龄止”（5）。",
        "“劳动年龄起”（16）不能大于“劳动年龄止”（1）。",
    ]
