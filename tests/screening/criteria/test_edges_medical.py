"""Every edge of illness left untreated for want of money: what is just in and what is just out."""

import pytest

from households.models import Household
from tests import factories
from tests.books import illness, settlement
from tests.screening.criteria.edges import expect_leads, expect_refusals

UNTREATED = "medical.untreated"


@pytest.fixture(autouse=True)
def _round(round_2020q1):
    pass


@pytest.fixture
def home(db) -> Household:
    return factories.household(status="lifted", number="H", members=2)


@pytest.fixture
def patient(home):
    return home.members.last()


def situations(desk) -> set[str]:
    return {subcriterion for _, subcriterion in desk.swept()}


def explanation(desk) -> str:
    (lead,) = desk.leads()
    return lead["explanation"]


def test_untreated_kind_of_illness(desk):
    cases = [
        ("大病", True),
        ("重病", True),
        ("慢性病", True),
        ("慢病", True),
        ("长期慢性病", True),
        ("患有大病", True),
        ("重大疾病", True),
        (" 大 病", True),
        ("其他", False),
    ]
    expect_leads(desk, "untreated_illness", UNTREATED, cases, lambda who, kind: illness(who, 病情类别=kind))


def test_untreated_state_of_treatment(desk):
    cases = [
        ("未救治", True),
        ("未治疗", True),
        ("间断救治", True),
        ("间断治疗", True),
        ("救治中", False),
        ("治疗中", False),
        ("已救治", False),
        ("已治愈", False),
    ]
    expect_leads(
        desk, "untreated_illness", UNTREATED, cases, lambda who, treatment: illness(who, 救治情况=treatment)
    )


def test_untreated_reason(desk):
    cases = [
        ("经济困难", True),
        ("无力承担", True),
        ("家庭困难", True),
        (" 经济 困难", True),
        ("", False),
        ("/", False),
        ("本人不愿意", False),
        ("等待床位", False),
        ("不是经济困难", False),  # the word itself, not a text that holds it
    ]
    expect_leads(
        desk, "untreated_illness", UNTREATED, cases, lambda who, reason: illness(who, 未救治原因=reason)
    )


def test_untreated_reasons_are_policys(desk, patient, round_2020q1):
    """Without reading the list again."""
    desk.feed("untreated_illness", illness(patient, 未救治原因="没钱"))
    assert not situations(desk)
    round_2020q1.policy["medical.money_reasons"]["value"] = ["没钱"]
    round_2020q1.save(update_fields=["policy"])
    assert situations(desk) == {UNTREATED}


def test_untreated_in_a_round_that_was_opened_before_the_parameter(desk, patient, round_2020q1):
    """It keeps the policy it was opened under; what that policy did not know has its first value."""
    del round_2020q1.policy["medical.money_reasons"]
    round_2020q1.save(update_fields=["policy"])
    desk.feed("untreated_illness", illness(patient))
    assert situations(desk) == {UNTREATED}


def test_untreated_has_no_window(desk):
    cases = [(day, True) for day in ["2009-01-01", "2019-03-31", "2020-06-30", "2020.3"]]
    expect_leads(desk, "untreated_illness", UNTREATED, cases, lambda who, day: illness(who, 确诊日期=day))


def test_untreated_one_row_of_several_is_enough(desk, home):
    one, two = home.members.all()
    desk.feed("untreated_illness", illness(one, 救治情况="已救治"), illness(two))
    assert situations(desk) == {UNTREATED}


def test_untreated_conditions_hold_of_one_row(desk, home):
    """Money is the reason in one row, the illness is untreated in the other."""
    one, two = home.members.all()
    desk.feed("untreated_illness", illness(one, 救治情况="已救治"), illness(two, 未救治原因="本人不愿意"))
    assert not situations(desk)


def test_untreated_row_with_a_fault_is_refused(desk):
    cases = [
        ("姓名", "", "required"),
        ("身份证号码", "", "required"),
        ("病种", "", "required"),
        ("病情类别", "", "required"),
        ("病情类别", "感冒", "code"),
        ("确诊日期", "", "required"),
        ("确诊日期", "去年", "date"),
        ("救治情况", "", "required"),
        ("救治情况", "不详", "code"),
    ]
    expect_refusals(
        desk, "untreated_illness", cases, lambda who, heading, cell: illness(who, **{heading: cell})
    )


def test_untreated_and_high_cost_are_two_leads(desk, patient):
    desk.feed("untreated_illness", illness(patient))
    desk.feed("medical_settlement", settlement(patient))
    assert situations(desk) == {UNTREATED, "medical.out_of_pocket"}


# --- the sentence
# --------------------------------------------------------------------------------------------


def test_untreated_sentence(desk, patient):
    desk.feed("untreated_illness", illness(patient))
    desk.sweep()
    assert explanation(desk) == "卫健名单第 2 行：大病，未救治，原因：经济困难 · 第七条（一）2"


def test_untreated_sentence_of_two(desk, home):
    one, two = home.members.all()
    desk.feed(
        "untreated_illness",
        illness(one),
        illness(two, 病情类别="慢性病", 救治情况="间断救治", 未救治原因="无力承担"),
        illness(two, 病种="高血压", 病情类别="慢性病", 救治情况="间断救治", 未救治原因="无力承担"),
    )
    desk.sweep()
    assert explanation(desk) == (
        "卫健名单第 2 行等 3 行：大病，未救治，原因：经济困难；慢性病，间断救治，原因：无力承担 · "
        "第七条（一）2"
    )
