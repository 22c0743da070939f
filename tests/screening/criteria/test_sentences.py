"""The middle of a lead's sentence, rule by rule; no database."""

import datetime

import pytest

from screening.criteria import rules
from screening.criteria.base import Finding

SINCE = datetime.date(2020, 1, 19)


def sentence(code: str, *rows: dict, value: int | None = None, threshold: int | None = None) -> str:
    return rules()[code].sentence(Finding(value, threshold, SINCE, rows))


def test_dropouts_that_say_the_same_are_told_once_and_three_at_most():
    rows = [{"age": age, "word": "因贫", "state": "未返校"} for age in (9, 9, 10, 11, 12)]
    assert sentence("education.dropout/school_dropout", *rows) == (
        "9 岁，因贫，未返校；10 岁，因贫，未返校；11 岁，因贫，未返校"
    )


def test_dropout_without_a_state_or_a_reason():
    code = "education.dropout/school_dropout"
    assert sentence(code, {"age": 9, "word": ""}) == "9 岁"
    assert sentence(code, {"age": 9, "word": "因贫"}) == "9 岁，因贫"


def test_fees_with_the_stages_once_each():
    rows = [{"word": "小学"}, {"word": "初中"}, {"word": "小学"}]
    assert sentence("education.hardship/student_hardship", *rows, value=8100_00, threshold=8000_00) == (
        "学年费用减去已获资助，全家合计 8,100.00 元，达到本县标准 8,000.00 元（2020-01-19 起）；小学、初中"
    )


def test_own_costs():
    code = "medical.out_of_pocket/medical_settlement"
    assert sentence(code, {}, value=20_500_00, threshold=20_000_00) == (
        "合规自付合计 20,500.00 元，达到本县标准 20,000.00 元（2020-01-19 起）"
    )


def test_illnesses_that_say_the_same_are_told_once_and_three_at_most():
    rows = [
        {"state": f"{word}，未救治", "word": "经济困难"} for word in ("大病", "大病", "重病", "慢病", "他")
    ]
    assert sentence("medical.untreated/untreated_illness", *rows) == (
        "大病，未救治，原因：经济困难；重病，未救治，原因：经济困难；慢病，未救治，原因：经济困难"
    )


def test_home_by_its_first_row():
    rows = [{"word": "C 级"}, {"word": "D 级"}]
    assert sentence("housing.unsafe/unsafe_housing", *rows) == "C 级"


@pytest.mark.parametrize(
    ("named", "hamlet", "reach"),
    [(7, "那朵屯", ""), (None, "那朵屯", "那朵屯全屯"), (None, "", "全村"), (7, "", "")],
)
def test_water_of_a_household_a_hamlet_or_a_village(named, hamlet, reach):
    row = {"named": named, "hamlet": hamlet, "word": "水源污染", "day": "2020-02-01"}
    code = "water.unsafe/water_shortage"
    assert sentence(code, row, row) == f"{reach}水源污染，2020-02-01 发现，未解决"


def test_water_is_told_of_three_rows_at_most():
    rows = [{"named": 1, "hamlet": "", "word": word, "day": "2020-02-01"} for word in "甲乙丙丁"]
    assert sentence("water.unsafe/water_shortage", *rows) == "；".join(
        f"{word}，2020-02-01 发现，未解决" for word in "甲乙丙"
    )


def test_losses_with_the_disasters_once_each():
    rows = [{"word": "水灾"}, {"word": "旱灾"}, {"word": "水灾"}]
    assert sentence("livelihood.production_loss/disaster_loss", *rows, value=100, threshold=99) == (
        "水灾、旱灾，扣除赔付救助后损失合计 1.00 元，达到本县标准 0.99 元（2020-01-19 起）"
    )


@pytest.mark.parametrize(
    ("states", "told"),
    [(["失业"], "失业"), (["失业", "失业"], "2 人失业"), (["失业", "返乡", "失业"], "2 人失业、1 人返乡")],
)
def test_who_is_out_of_work(states, told):
    rows = [{"word": word} for word in states]
    assert sentence("livelihood.unstable_employment/job_loss", *rows, value=5, threshold=6) == (
        f"{told}，全家近12个月务工合计 5 个月，低于本县标准 6 个月（2020-01-19 起）"
    )


def test_spending_with_the_causes_once_each():
    rows = [{"word": "自然灾害"}, {"word": "意外变故"}, {"word": "自然灾害"}]
    assert sentence("other.rigid_expense/rigid_expense", *rows, value=100, threshold=99) == (
        "自然灾害、意外变故，扣除救助后支出合计 1.00 元，达到本县标准 0.99 元（2020-01-19 起）"
    )


def test_disabled_that_say_the_same_are_told_once_and_three_at_most():
    rows = [{"age": age, "word": "肢体残疾一级", "on": "2020-02-01"} for age in (30, 30, 31, 32, 33)]
    assert sentence("other.labour_loss/disability", *rows) == "；".join(
        f"{age} 岁，肢体残疾一级，2020-02-01 首次发证" for age in (30, 31, 32)
    )


def test_hurt_in_traffic_told_once_and_three_at_most():
    rows = [{"age": age, "word": "致残", "on": "2020-02-01"} for age in (30, 30, 31, 32, 33)]
    assert sentence("other.labour_loss/traffic_accident", *rows) == "；".join(
        f"{age} 岁，2020-02-01 发生交通事故致残" for age in (30, 31, 32)
    )
