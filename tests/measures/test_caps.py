"""Caps (Art. 5, 8(2)): never used above the limit, free again when given back; what is said of them."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from measures import caps
from measures.caps import Key, Need, Room
from measures.models import CapUse, Measure
from tests import factories
from tests.measures import makers

YUAN = 100


def test_what_is_left_of_a_cap():
    assert [Room(1000, used).left for used in (0, 999, 1000, 1001)] == [1000, 1, 0, 0]
    assert Room(None, 5).left is None


def test_cap_in_words():
    assert Room(None, 5).sentence == ""
    assert Room(1000_00, 400_00).sentence == "上限 1,000.00 元，已用 400.00 元，还可用 600.00 元"
    users = [("医保局", 300_00, "已落实"), ("民政局", 100_00, "待备案")]
    assert caps.users_sentence(users) == "医保局 300.00 元（已落实）、民政局 100.00 元（待备案）"
    assert Room(1000_00, 400_00, users).sentence == (
        "上限 1,000.00 元，已用 400.00 元，还可用 600.00 元；"
        "已用的有医保局 300.00 元（已落实）、民政局 100.00 元（待备案）"
    )


@pytest.fixture
def home(db):
    return factories.household(status="lifted", number="H1", names=["韦某"])


def used() -> dict:
    return {(use.household_id, use.cap, use.period): (use.used, use.limit) for use in CapUse.objects.all()}


def test_needs_of_one_cap_are_added_up_and_counted_up_to_the_limit(home):
    key = Key(home.pk, "industry_award", "2020")
    rows = caps.reserve_amounts([Need(key, 300, 900), Need(key, 200, 1000)], {})
    assert rows == {key: CapUse.objects.get().pk}
    assert used() == {(home.pk, "industry_award", "2020"): (500, 1000)}
    assert caps.reserve_amounts([Need(key, 500, 1000)], {}) == rows
    assert used() == {(home.pk, "industry_award", "2020"): (1000, 1000)}


def test_each_household_cap_and_period_has_a_row_of_its_own(home):
    other = factories.household(status="lifted")
    keys = [
        Key(other.pk, "industry_award", "2020"),
        Key(home.pk, "industry_award", "2020"),
        Key(home.pk, "industry_award", "2021"),
        Key(home.pk, "micro_credit", ""),
    ]
    rows = caps.reserve_amounts([Need(key, number, 1000) for number, key in enumerate(keys, start=1)], {})
    assert list(rows) == sorted(keys)
    assert {key: CapUse.objects.get(pk=pk).used for key, pk in rows.items()} == {
        key: number for number, key in enumerate(keys, start=1)
    }


def test_more_than_chunks_of_needs(home, monkeypatch):
    monkeypatch.setattr(caps, "_CHUNK", 2)
    needs = [Need(Key(home.pk, "c", str(number)), number, 10) for number in range(1, 6)]
    rows = caps.reserve_amounts(needs, {})
    assert {key.period: CapUse.objects.get(pk=pk).used for key, pk in rows.items()} == {
        str(number): number for number in range(1, 6)
    }
    caps.give_back_amounts((pk, 1) for pk in rows.values())
    assert sorted(CapUse.objects.values_list("used", flat=True)) == [0, 1, 2, 3, 4]


def test_nothing_is_counted_above_the_limit(home):
    """All or none; the limit of today holds, raised or lowered."""
    fits, over = Key(home.pk, "a", "2020"), Key(home.pk, "industry_award.1", "2020")
    caps.reserve_amounts([Need(over, 400_00, 1000_00)], {})
    with pytest.raises(caps.CapExceeded) as raised:
        caps.reserve_amounts([Need(fits, 1, 1), Need(over, 600_01, 1000_00)], {"industry_award": "产业奖补"})
    assert raised.value.message == (
        f"{home}产业奖补上限 1,000.00 元，已用 400.00 元，还可用 600.00 元。没有登记，请改金额后再报。"
    )
    assert used() == {(home.pk, "industry_award.1", "2020"): (400_00, 1000_00)}
    caps.reserve_amounts([Need(over, 600_01, 1000_01)], {})
    with pytest.raises(caps.CapExceeded):
        caps.reserve_amounts([Need(over, 1, 1000_01)], {})
    with pytest.raises(caps.CapExceeded):
        caps.reserve_amounts([Need(over, 0, 900_00)], {})


def test_first_use_above_the_limit_is_told_without_a_row(home):
    """Of a household that has no row yet; of a cap without a name."""
    with pytest.raises(caps.CapExceeded) as raised:
        caps.reserve_amounts([Need(Key(home.pk, "a", ""), 11, 10), Need(Key(home.pk, "b", ""), 10, 10)], {})
    assert raised.value.message == (
        "这户上限 0.10 元，已用 0.00 元，还可用 0.10 元。没有登记，请改金额后再报。"
    )
    assert used() == {}


def test_five_are_told_and_no_more(home):
    needs = [Need(Key(home.pk, "a", str(number)), 1 + number, number) for number in range(1, 7)]
    with pytest.raises(caps.CapExceeded) as raised:
        caps.reserve_amounts(needs, {"a": "甲"})
    told = [f"这户甲上限 0.0{n} 元，已用 0.00 元，还可用 0.0{n} 元" for n in range(1, 6)]
    assert raised.value.message == f"{'；'.join(told)}。没有登记，请改金额后再报。"


def test_what_somebody_else_freed_meanwhile_is_told_to_try_again(home):
    """Nothing exceeds its limit any more when it is told."""
    assert caps._exceeded_sentence([(Key(home.pk, "a", ""), [10, 10])], {}) == "超过上限，请刷新后再试。"


def test_given_back_is_free_again_and_the_limit_stays(home):
    first, second = Key(home.pk, "a", "2020"), Key(home.pk, "b", "2020")
    rows = caps.reserve_amounts([Need(first, 500, 1000), Need(second, 70, 100)], {})
    caps.give_back_amounts([(rows[first], 200), (rows[first], 100), (rows[second], 0)])
    assert used() == {(home.pk, "a", "2020"): (200, 1000), (home.pk, "b", "2020"): (70, 100)}
    caps.give_back_amounts([(rows[first], 200), (rows[second], 7)])
    assert used() == {(home.pk, "a", "2020"): (0, 1000), (home.pk, "b", "2020"): (63, 100)}
    caps.give_back_amounts([])
    caps.give_back_amounts([(rows[first], 0)])
    assert used() == {(home.pk, "a", "2020"): (0, 1000), (home.pk, "b", "2020"): (63, 100)}


def test_who_used_a_cap(db):
    """Measures that count against it, in the order of their planning; none that was cancelled."""
    case = makers.case("marginal")
    use, other = (
        CapUse.objects.create(household=case.household, cap=cap, period="", limit=1000_00, used=600_00)
        for cap in ("a", "b")
    )
    measures = [
        makers.given(case, None, state)
        for state in ("planned", "delivered", "cancelled", "planned", "planned")
    ]
    for measure, counted, row in zip(
        measures, (599_99, 1, 1, 0, 1), (use, use, use, use, other), strict=True
    ):
        type(measure).objects.filter(pk=measure.pk).update(cap_use=row, counted=counted)
    name = measures[0].department.name
    assert caps.users_of([use.pk]) == {use.pk: [(name, 599_99, "待备案"), (name, 1, "已落实")]}
    with pytest.raises(caps.CapExceeded) as raised:
        caps.reserve_amounts([Need(Key(case.household_id, "a", ""), 400_01, 1000_00)], {"a": "甲"})
    assert raised.value.message == (
        f"{case.household}甲上限 1,000.00 元，已用 600.00 元，还可用 400.00 元；"
        f"已用的有{name} 599.99 元（待备案）、{name} 0.01 元（已落实）。没有登记，请改金额后再报。"
    )


def statements(act) -> list[str]:
    with CaptureQueriesContext(connection) as context:
        act()
    return [query["sql"] for query in context.captured_queries]


def test_rows_are_locked_in_the_order_in_which_they_are_counted(home):
    """Two who count and give back the same rows wait for each other in one order."""
    rows = caps.reserve_amounts([Need(Key(home.pk, "a", ""), 5, 9)], {})
    locking = statements(lambda: caps.give_back_amounts([(rows[Key(home.pk, "a", "")], 1)]))[0]
    columns = re.findall(r'"measures_capuse"\."(\w+)" ASC', locking)
    assert columns == ["household_id", "cap", "period"]


def test_what_is_said_of_caps_takes_one_statement_for_any_number(home):
    case = makers.case("marginal")
    uses = [
        CapUse.objects.create(household=case.household, cap=cap, period="", limit=9, used=9) for cap in "abc"
    ]
    for use, department in zip(uses, ("insurance", "education", "housing"), strict=True):
        measure = makers.given(case, None)
        owner = makers.officer(department).duty.department
        Measure.objects.filter(pk=measure.pk).update(cap_use=use, counted=9, department=owner)
    assert len(statements(lambda: caps.users_of([use.pk for use in uses]))) == 1
    wanted = [(Key(use.household_id, use.cap, ""), [1, 9]) for use in uses]
    assert len(statements(lambda: caps._exceeded_sentence(wanted[:1], {}))) == 2
    assert len(statements(lambda: caps._exceeded_sentence(wanted, {}))) == 4  # who used each
