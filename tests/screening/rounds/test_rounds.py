"""Rounds: opened once, for a quarter that has come, under the policy of its last day."""

import datetime

import pytest
import time_machine

from fangpin.accounts.models import Division
from fangpin.common import working_days
from fangpin.policy.models import Policy
from households.models import Member
from screening.models import Round
from screening.quarters import Quarter
from screening.rounds.opening import RoundRefused, open_due_rounds, open_round
from tests import factories
from tests.books import settlement
from tests.running import COUNTY, run

DAY = datetime.date
Q1 = Quarter(2020, 1)


def opened(quarter: str = "2020Q1", by: str = "office"):
    return run("open_round", "--county", COUNTY, "--quarter", quarter, "--as", by, "--json")


def release(key: str, value, holds_from: DAY, division: str = "450000000000") -> Policy:
    return Policy.objects.create(key=key, value=value, holds_from=holds_from, division_id=division)


@pytest.mark.parametrize(
    ("quarter", "last"),
    [
        ("2020Q1", DAY(2020, 3, 31)),
        ("2020Q2", DAY(2020, 6, 30)),
        ("2020Q3", DAY(2020, 9, 30)),
        ("2020Q4", DAY(2020, 12, 31)),
    ],
)
def test_round_last_day_is_the_quarters(office, quarter, last):
    assert opened(quarter).code == 0
    assert Round.objects.get().last_day == last


def test_round_opens_once(office):
    assert opened().code == 0
    again = opened()
    assert (again.code, again.out) == (1, "")
    assert "已经开启" in again.err
    assert Round.objects.count() == 1


def test_round_of_a_quarter_to_come_is_refused(county, office):
    assert opened("2099Q1").code == 1
    with time_machine.travel(DAY(2020, 3, 31)):
        assert opened("2020Q2").code == 1
    with time_machine.travel(DAY(2020, 4, 1)):
        assert opened("2020Q2").code == 0


def test_round_before_the_policy_is_refused(office):
    """2019Q4 ended before 2020-01-19; 2020Q1 ended after it."""
    ran = opened("2019Q4")
    assert ran.code == 1
    assert "2020-01-19" in ran.err
    assert not Round.objects.exists()


@pytest.mark.parametrize("role", ["director", "township_officer", "insurance_officer", "administrator"])
def test_round_opens_by_the_office_only(request, role):
    assert opened(by=request.getfixturevalue(role).username).code == 1
    assert not Round.objects.exists()


def test_round_deadlines_count_in_working_days_from_the_opening(county, office):
    """Opened on Friday 2020-06-19; the dragon boat days 25 to 27 June are off, Sunday the 28th is worked."""
    round = open_round(county, Q1, by=office, on=DAY(2020, 6, 19))
    assert round.feeds_due == round.field_due == DAY(2020, 7, 6)


def test_round_deadlines_of_a_past_quarter_count_from_today(office, county):
    assert opened().code == 0
    today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date()
    assert Round.objects.get().feeds_due == working_days.add(today, 10)


def test_round_deadline_is_left_open_in_an_unconfirmed_year(county, office):
    round = open_round(county, Q1, by=office, on=DAY(2031, 3, 3))
    assert round.feeds_due is None


def test_round_keeps_the_policy_it_was_opened_under(desk, round_2020q1):
    who = factories.household(number="H", status="lifted").members.get()
    release("medical.threshold", 3_000_000, DAY(2020, 2, 1))
    desk.feed("medical_settlement", settlement(who, "20000.00"))
    assert desk.swept()


def test_round_opened_later_takes_the_newer_policy(desk, office):
    release("medical.threshold", 3_000_000, DAY(2020, 4, 1))
    release("medical.threshold", 2_500_000, DAY(2020, 7, 1))
    assert [opened(q).code for q in ("2020Q1", "2020Q2")] == [0, 0]
    in_force = [round.parameters["medical.threshold"] for round in Round.objects.order_by("quarter")]
    assert in_force == [2_000_000, 3_000_000]
    assert Round.objects.get(quarter=2).parameters.since("medical.threshold") == DAY(2020, 4, 1)


def test_round_policy_from_the_last_day_on_is_in_force(office):
    release("medical.threshold", 3_000_000, DAY(2020, 3, 31))
    opened()
    assert Round.objects.get().parameters["medical.threshold"] == 3_000_000


def test_round_draft_policy_is_not_in_force(office):
    Policy.objects.create(
        key="medical.threshold",
        value=1,
        holds_from=DAY(2020, 2, 1),
        division_id="450000000000",
        released_at=None,
    )
    opened()
    assert Round.objects.get().parameters["medical.threshold"] == 2_000_000


@pytest.mark.parametrize(("own", "is_lead"), [("14999.99", False), ("15000.00", True)])
def test_round_county_threshold_overrides_the_regions(desk, office, own, is_lead):
    release("medical.threshold", 1_500_000, DAY(2020, 1, 20), factories.COUNTY)
    release("medical.threshold", 3_000_000, DAY(2020, 2, 1))
    opened()
    who = factories.household(number="H", status="lifted").members.get()
    desk.feed("medical_settlement", settlement(who, own))
    assert bool(desk.swept()) is is_lead


def test_round_threshold_of_another_county_means_nothing(office):
    release("medical.threshold", 1_500_000, DAY(2020, 1, 20), factories.OTHER_COUNTY)
    opened()
    assert Round.objects.get().parameters["medical.threshold"] == 2_000_000


@pytest.mark.parametrize("key", ["income.line", "income.gate"])
def test_round_county_may_not_override(office, key):
    before = {"income.line": 500_000, "income.gate": "flag"}[key]
    release(key, {"income.line": 900_000, "income.gate": "require"}[key], DAY(2020, 2, 1), factories.COUNTY)
    opened()
    assert Round.objects.get().parameters[key] == before


# --- the scheduler ---------------------------------------------------------------------------------------


@pytest.fixture
def inhabited(county):
    factories.household()
    return county


def test_due_round_opens_on_its_day(inhabited):
    assert open_due_rounds(DAY(2020, 2, 29)) == []
    (round,) = open_due_rounds(DAY(2020, 3, 1))
    assert (round.county, round.period, round.opened_by) == (inhabited, Q1, None)


def test_due_round_opens_once(inhabited):
    open_due_rounds(DAY(2020, 3, 1))
    assert open_due_rounds(DAY(2020, 3, 1)) == []
    assert open_due_rounds(DAY(2020, 3, 31)) == []
    assert Round.objects.count() == 1


def test_due_round_opens_late_too(inhabited):
    assert [round.period for round in open_due_rounds(DAY(2020, 3, 31))] == [Q1]
    assert open_due_rounds(DAY(2020, 4, 1)) == []


def test_due_round_day_is_policy(inhabited):
    release("round.opening", {"month": 2, "day": 15}, DAY(2020, 4, 1))
    assert len(open_due_rounds(DAY(2020, 3, 31))) == 1
    assert open_due_rounds(DAY(2020, 5, 14)) == []
    assert [round.period for round in open_due_rounds(DAY(2020, 5, 15))] == [Quarter(2020, 2)]


def test_due_round_of_a_quarter_gone_by_is_opened_too(inhabited):
    """Nobody looked from 1 March to 20 April."""
    assert open_due_rounds(DAY(2020, 2, 29)) == []
    (round,) = open_due_rounds(DAY(2020, 4, 20))
    assert (round.period, round.opened_by, round.last_day) == (Q1, None, DAY(2020, 3, 31))
    assert round.feeds_due == working_days.add(DAY(2020, 4, 20), 10)
    assert open_due_rounds(DAY(2020, 4, 20)) == []


def test_due_rounds_of_several_quarters_gone_by_are_opened_in_order(inhabited):
    assert [round.period for round in open_due_rounds(DAY(2020, 9, 2))] == [
        Quarter(2020, n) for n in (1, 2, 3)
    ]


def test_due_rounds_go_back_a_year(inhabited):
    opened = [str(round.period) for round in open_due_rounds(DAY(2021, 7, 1))]
    assert opened == ["2020Q3", "2020Q4", "2021Q1", "2021Q2"]


def test_county_that_joined_later_gets_no_round_of_a_quarter_gone_by(inhabited):
    Member.objects.update(added_on=DAY(2020, 4, 1))
    assert open_due_rounds(DAY(2020, 4, 20)) == []
    Member.objects.update(added_on=DAY(2020, 3, 31))
    assert len(open_due_rounds(DAY(2020, 4, 20))) == 1


@pytest.mark.parametrize(
    ("moment", "count"), [("2020-02-29 15:59:59", 0), ("2020-02-29 16:00:00", 1), ("2020-03-01 00:00", 1)]
)
def test_due_round_opens_at_midnight_of_the_county(inhabited, moment, count):
    """In UTC it is still the day before."""
    with time_machine.travel(datetime.datetime.fromisoformat(f"{moment}+00:00"), tick=False):
        assert len(open_due_rounds()) == count


def test_due_round_needs_a_registry(db):
    assert open_due_rounds(DAY(2020, 3, 1)) == []


def test_due_round_of_every_county_with_a_registry(inhabited):
    factories.household(village=factories.OTHER_COUNTY_VILLAGE)
    counties = {round.county_id for round in open_due_rounds(DAY(2020, 3, 1))}
    assert counties == {factories.COUNTY, factories.OTHER_COUNTY}


def test_due_round_before_the_policy_is_not_opened(inhabited):
    assert open_due_rounds(DAY(2019, 12, 15)) == []


def test_round_of_another_county_is_refused(office):
    other = Division.objects.get(code=factories.OTHER_COUNTY)
    with pytest.raises(RoundRefused):
        open_round(other, Q1, by=office)
