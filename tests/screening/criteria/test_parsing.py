"""Parsers that several lists share, each made here anew; no database."""

import pytest

from fangpin.common.cells import CellFault
from screening.criteria import parsing
from tests import factories


def fault(parse, value) -> tuple[str, str]:
    with pytest.raises(CellFault) as raised:
        parse(value)
    return raised.value.code, raised.value.message


def test_one_of_knows_each_wording():
    parse = parsing.one_of({"是": True, "（否）": False})
    assert (parse(" 是 "), parse("(否)")) == (True, False)
    assert fault(parse, "也许") == ("code", "“也许”不是规定的选项，应填：是、（否）。")


def test_one_of_names_only_what_it_is_told_to():
    parse = parsing.one_of({"公办": 1, "公立": 1, "民办": 2}, named=("公办", "民办"))
    assert parse("公立") == 1
    assert fault(parse, "合办") == ("code", "“合办”不是规定的选项，应填：公办、民办。")


def test_starting_with_finds_the_first_word_that_the_cell_holds():
    parse = parsing.starting_with("住院", "门诊")
    assert [parse(" 门诊慢特病"), parse("普通住院"), parse("门诊转住院")] == ["门诊", "住院", "住院"]
    assert fault(parse, "买药") == ("code", "“买药”不是规定的选项，应填：住院、门诊。")


@pytest.mark.parametrize(("told", "most"), [((), 60), ((3,), 3)])
def test_words_up_to_a_length(told, most):
    parse = parsing.words(*told)
    assert parse(f" {'字' * most} ") == "字" * most
    assert fault(parse, "字" * (most + 1)) == ("code", f"超过 {most} 个字，请缩短。")


def test_words_that_say_that_nothing_is_meant():
    parse = parsing.unless(("全村", "无"), parsing.words(3))
    assert [parse("全村"), parse(" 无 "), parse("那朵屯")] == ["", "", "那朵屯"]


def test_number_that_may_be_missing():
    number = factories.id_number(factories.datetime.date(1970, 1, 1), serial=7)
    assert [parsing.optional_number(cell) for cell in (None, "", " ", "无", number)] == [None] * 4 + [number]


def test_whole_numbers_of_a_range():
    parse = parsing.within(2, 12)
    assert [parse("2"), parse(12.0), parse("7个月")] == [2, 12, 7]
    assert fault(parse, "1") == ("code", "“1”不是 2 至 12 之间的整数，请改正")
    assert fault(parse, 13) == ("code", "“13”不是 2 至 12 之间的整数，请改正")


def test_yuan_are_fen():
    assert parsing.yuan("1,234.505元") == 123_451
