"""What a criterion's file declares, and what a box ticked at the door raises (Art. 7(1)); no database."""

import pytest

from fangpin.common import cells
from fangpin.common.values import idnumbers
from fangpin.common.workbooks import Column
from screening import criteria
from screening.criteria import person
from screening.criteria.base import Ask, Cell, Choice, Option, money_ask, person_ask

HOW = Ask(
    "how",
    "怎么坏的",
    "choice",
    (
        Choice("disaster", "灾"),
        Choice("age", "旧", raises=False, note="不亮灯"),
        Choice("x", "", raises=False),
    ),
)
WHERE = Ask(
    "where", "哪里", "choice", (Choice("age", "不在", raises=False, note="别处"), Choice("here", "在"))
)
LINE = Ask("age", "多大")
BOX = Option("housing.damaged", "坏了", "housing.unsafe", (LINE, HOW, WHERE), note="只记下")


@pytest.mark.parametrize(
    ("details", "situation", "remark"),
    [
        ({}, "housing.unsafe", ""),
        ({"how": "disaster"}, "housing.unsafe", ""),
        ({"how": "nonsense"}, "housing.unsafe", ""),
        ({"how": "age"}, "", "不亮灯"),
        ({"how": "x"}, "", "只记下"),
        ({"how": "disaster", "where": "here"}, "housing.unsafe", ""),
        ({"how": "disaster", "where": "age"}, "", "别处"),
        ({"how": "age", "where": "age"}, "", "不亮灯"),
        ({"how": "x", "where": "age"}, "", "别处"),
        ({"age": "age"}, "housing.unsafe", ""),
    ],
)
def test_what_a_ticked_box_raises(details, situation, remark):
    assert (BOX.situation(details), BOX.remark(details)) == (situation, remark)


def test_choices_that_were_made():
    assert BOX.chosen({"how": "age", "where": "here", "age": "9"}) == [HOW.choices[1], WHERE.choices[1]]
    assert BOX.chosen({"how": "nonsense", "where": "here"}) == [WHERE.choices[1]]


def test_box_that_is_only_noted():
    noted = Option("x", "坏了", note="只记下")
    assert (noted.situation({}), noted.remark({})) == ("", "只记下")
    assert (noted.ask("how"), BOX.ask("how"), HOW.choice("age"), HOW.choice("no")) == (
        None,
        HOW,
        HOW.choices[1],
        None,
    )


def test_what_is_asked_of_money_and_persons():
    assert money_ask("花了") == Ask("amount", "花了", "amount")
    assert money_ask("花了", "spent") == Ask("spent", "花了", "amount")
    assert person_ask("谁") == Ask("who", "谁", "person")


def test_registers_hold_everything_that_the_criteria_declare():
    """The registers are built once a process: made here anew."""
    for register, kept in (
        (criteria.subcriteria, "subcriteria"),
        (criteria.feed_kinds, "kinds"),
        (criteria.rules, "rules"),
    ):
        declared = [each for one in criteria.CRITERIA for each in getattr(one, kept)]
        assert register.__wrapped__() == {each.code: each for each in declared}
        assert len(declared) == len({each.code for each in declared})
    for one in criteria.CRITERIA:
        for each in one.subcriteria:
            assert criteria.criterion_of.__wrapped__(each.code) is one


def test_cells_that_say_whom_a_row_is_about():
    """Made here anew: most lists share them."""
    name, number = person.person_cells("患者姓名", numbers=("证号",))
    assert (name.name, name.column, name.parse, name.default) == (
        "name",
        Column("姓名", required=True, synonyms=("患者姓名",)),
        cells.name,
        "",
    )
    assert (number.name, number.column, number.parse) == (
        "id_number",
        Column("身份证号码", required=True, kind="id", synonyms=("证号",)),
        idnumbers.parse,
    )
    head, number = person.person_cells(of_head=True)
    assert (head.column, number.column) == (
        Column("户主姓名", required=True),
        Column("户主身份证号码", required=True, kind="id"),
    )
    assert person.name_cell() == Cell("name", Column("姓名", required=True), cells.name, "")
