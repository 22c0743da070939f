"""Each box of the questionnaire and the situation that it raises, said once more from the regulation's
side."""

import pytest

from fangpin.common.refusals import Refused
from screening import criteria
from screening.criteria import questionnaire
from screening.models import Answer
from tests.screening.field.doors import ticked

TABLE = [
    ("education.out_of_school", {"why": "poverty"}, "education.dropout"),
    ("education.out_of_school", {"why": "work"}, "education.dropout"),
    ("education.out_of_school", {"why": "unwilling"}, ""),
    ("education.out_of_school", {"why": "health"}, ""),
    ("education.out_of_school", {"why": "other"}, ""),
    ("education.never_enrolled", {}, "education.dropout"),
    ("education.hardship", {"amount": 800_000}, "education.hardship"),
    ("education.private", {}, ""),
    ("medical.untreated", {"illness": "尿毒症"}, "medical.untreated"),
    ("medical.out_of_pocket", {"scheme": "resident"}, "medical.out_of_pocket"),
    ("medical.out_of_pocket", {"scheme": "employee"}, ""),
    ("medical.out_of_pocket", {"scheme": "none"}, ""),
    ("medical.borrowed", {"scheme": "resident"}, "medical.out_of_pocket"),
    ("medical.borrowed", {"scheme": "employee"}, ""),
    ("medical.borrowed", {"scheme": "none"}, ""),
    ("housing.damaged", {"how": "disaster"}, "housing.unsafe"),
    ("housing.damaged", {"how": "site"}, "housing.unsafe"),
    ("housing.damaged", {"how": "age"}, ""),
    ("housing.rebuilt", {"amount": 5_000_000}, "housing.unsafe"),
    ("water.dirty", {}, "water.unsafe"),
    ("water.broken", {}, "water.unsafe"),
    ("water.dry", {"since": "两个月"}, "water.unsafe"),
    (
        "livelihood.loss",
        {"why": "weather", "amount": 100_000, "compensated": 0},
        "livelihood.production_loss",
    ),
    ("livelihood.loss", {"why": "other"}, "livelihood.production_loss"),
    ("livelihood.no_work", {"people": "2", "months": "3"}, "livelihood.unstable_employment"),
    ("other.expense", {"amount": 3_000_000, "what": "车祸"}, "other.rigid_expense"),
    ("other.labour", {"when": "去年腊月"}, "other.labour_loss"),
]


def read(options: dict, **more):
    answers = {code.split(".")[0]: "yes" for code in options}
    return questionnaire.read({"answers": answers, "options": options, **more}, {})


@pytest.mark.parametrize(("code", "details", "situation"), TABLE)
def test_box_raises_its_situation(code, details, situation):
    checked = read({code: {"bear": "cannot", **details}})
    assert checked.situations == ([situation] if situation else [])


@pytest.mark.parametrize(("code", "details", "situation"), TABLE)
@pytest.mark.parametrize("bear", ["tight", "solves"])
def test_box_of_a_household_that_manages_raises_nothing(code, details, situation, bear):
    checked = read({code: {"bear": bear, **details}})
    assert checked.situations == []
    assert checked.risks[0].answer == Answer.COPES


def test_table_names_every_box_and_every_choice_that_decides():
    named = {(code, value) for code, details, _ in TABLE for value in (None, *map(str, details.values()))}
    for code, option in questionnaire.options().items():
        assert (code, None) in named
        for ask in option.asks:
            if any(not choice.raises for choice in ask.choices):
                assert all((code, choice.code) in named for choice in ask.choices)


def test_every_situation_of_the_regulation_is_asked_about():
    asked = {option.subcriterion for option in questionnaire.options().values()} - {""}
    assert asked == set(criteria.subcriteria())


def test_what_is_only_noted_says_why():
    checked = read(ticked("housing.damaged", how="age"))
    assert "按危房改造" in questionnaire.remark(checked.risks[0])
    assert questionnaire.remark(read(ticked("housing.damaged")).risks[0]) == ""


def test_steps_of_money_are_kept_in_fen():
    assert read(ticked("medical.out_of_pocket", amount="3")).risks[0].amount == 3_000_000
    assert read(ticked("medical.out_of_pocket", amount="unknown")).risks[0].amount is None


def test_unclear_is_kept_and_raises_nothing():
    checked = questionnaire.read({"answers": {"water": "unclear"}}, {})
    assert checked.situations == []
    assert checked.risks[0].answer == Answer.UNCLEAR
    assert not checked.nothing_found


def test_boxes_under_a_question_that_is_not_answered_with_yes_do_not_count():
    checked = questionnaire.read({"answers": {"water": "no"}, "options": ticked("water.dirty")}, {})
    assert checked.risks == []
    assert checked.nothing_found


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({}, "六个方面还没有填"),
        ({"answers": {"water": "yes"}}, "哪一种情况"),
        ({"answers": {"water": "maybe"}}, "没有、有、说不清"),
        ({"answers": {"water": "yes"}, "options": {"water.dirty": {}}}, "扛得住"),
        ({"answers": {"housing": "yes"}, "options": {"housing.damaged": {"bear": "cannot"}}}, "怎么坏的"),
        ({"answers": {"water": "yes"}, "options": {"water.gone": {"bear": "cannot"}}}, "问卷已经更新"),
        ({"answers": {"other": "yes"}, "options": ticked("other.expense", amount="很多")}, "请填数字"),
        ({"answers": {"other": "yes"}, "options": ticked("other.expense", what="\x0b")}, "控制字符"),
        ({"answers": {"housing": "yes"}, "options": ticked("housing.damaged", how="fire")}, "列出的答案"),
    ],
)
def test_what_is_missing_is_told(payload, words):
    with pytest.raises(Refused, match=words):
        questionnaire.read(payload, {})
