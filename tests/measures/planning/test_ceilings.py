"""Ceilings of special relief over their time, in the database (Art. 8(2)1): no way of asking gets more than a
lifted household."""

import pytest

from fangpin.common.refusals import Refused
from measures.models import CapUse
from measures.planning import plan
from tests.measures import makers
from tests.measures.makers import DAY, officer, wanted

pytestmark = pytest.mark.django_db
YUAN = 100
GROUNDS = {"universal": "医疗救助", "why_short": "救助后自付仍有三万元", "warning_words": "两笔不是同一项"}


def ask(made, department: str, amount: int, **fields):
    given = {"line": made.order_lines.first(), "member": made.household.members.get()} | GROUNDS | fields
    return plan.plan_measure(
        wanted(made.household, "special_relief", amount, **given), by=officer(department), on=DAY
    )


def relieved(risk: str, department: str):
    made = makers.case("marginal", risk)
    makers.line(made, department)
    return made


def test_second_bill_of_a_year_has_no_ceiling_of_its_own_where_the_standard_is_for_the_year():
    makers.standard("medical_aid", ceiling_kind="fixed", ceiling=3000 * YUAN)
    made = relieved("medical.out_of_pocket", "insurance")
    ask(made, "insurance", 3000 * YUAN, bill=9000 * YUAN, bill_number="A1")
    with pytest.raises(Refused, match="已用 3,000.00 元"):
        ask(made, "insurance", 1, bill=9000 * YUAN, bill_number="A2")
    ask(made, "insurance", 3000 * YUAN, year=2025)


def test_each_bill_has_its_ceiling_where_the_standard_is_a_rate_and_none_counts_twice():
    makers.standard("medical_aid", ceiling_kind="rate", ceiling_rate=7000)
    made = relieved("medical.out_of_pocket", "insurance")
    ask(made, "insurance", 700 * YUAN, bill=1000 * YUAN, bill_number="A1")
    ask(made, "insurance", 700 * YUAN, bill=1000 * YUAN, bill_number="A2")
    with pytest.raises(Refused, match="还可用 0.00 元"):
        ask(made, "insurance", 1, bill=1000 * YUAN, bill_number=" a 1")


def test_a_term_written_otherwise_is_the_same_term():
    makers.standard("yulu", cap=1500 * YUAN)
    made = relieved("education.hardship", "education")
    ask(made, "education", 1500 * YUAN, term="2020春")
    with pytest.raises(Refused, match="还可用 0.00 元"):
        ask(made, "education", 1, term="2020年春季学期")
    ask(made, "education", 1500 * YUAN, term="2020秋")


def test_standard_of_school_for_the_year_is_for_all_terms_and_persons():
    makers.standard("school_aid", ceiling_kind="fixed", ceiling=2000 * YUAN)
    made = relieved("education.hardship", "education")
    ask(made, "education", 2000 * YUAN, term="2020春")
    with pytest.raises(Refused, match="还可用 0.00 元"):
        ask(made, "education", 1, term="2020秋")


def test_house_is_helped_once():
    makers.standard("housing_renovation", cap=20_000 * YUAN)
    made = relieved("housing.unsafe", "housing")
    ask(made, "housing", 20_000 * YUAN, year=2025)
    with pytest.raises(Refused, match="还可用 0.00 元"):
        ask(made, "housing", 1, year=2026)


def test_without_an_order_it_counts_in_the_same_row():
    makers.standard("medical_aid", cap=3000 * YUAN)
    made = relieved("medical.out_of_pocket", "insurance")
    ask(made, "insurance", 2000 * YUAN)
    with pytest.raises(Refused, match=r"还可用 1,000\.00 元"):
        ask(made, "insurance", 1000 * YUAN + 1, line=None)
    ask(made, "insurance", 1000 * YUAN, line=None)
    assert CapUse.objects.get().used == 3000 * YUAN


def test_marginal_household_gets_no_dearer_training_than_a_lifted_one():
    makers.standard("skill_training", cap=800 * YUAN)
    made = makers.case("marginal", "livelihood.unstable_employment")
    with pytest.raises(Refused, match="边缘户不高于脱贫户"):
        plan.plan_measure(
            wanted(made.household, "skill_training", 800 * YUAN + 1, warning_words="路远"),
            by=officer("labour"),
            on=DAY,
        )
    kept = plan.plan_measure(
        wanted(made.household, "skill_training", 800 * YUAN), by=officer("labour"), on=DAY
    )
    assert kept.ceiling == 800 * YUAN
