"""Due dates that were left open are counted from the day of asking, by the round's own policy (Art. 7)."""

import datetime

import pytest

from fangpin.accounts.models import Department
from fangpin.common import working_days
from fangpin.common.models import WorkingDay
from screening.models import Candidate, DepartmentInquiry, Round, Verification
from screening.quarters import Quarter
from screening.rounds.due_dates import fill_due_dates
from screening.rounds.opening import open_round
from tests import factories
from tests.measures import makers

D = datetime.date
# A Monday morning at half past one, which is still Sunday in Greenwich.
MONDAY = datetime.datetime(2020, 3, 1, 17, 30, tzinfo=datetime.UTC)
TUESDAY = MONDAY + datetime.timedelta(days=1)
NEXT, AFTER_FIVE, AFTER_TEN = D(2020, 3, 3), D(2020, 3, 9), D(2020, 3, 16)


@pytest.fixture
def round(round_2020q1) -> Round:
    """Of days that differ: 1 for lists, 10 at the door, 5 for verification."""
    policy = round_2020q1.policy
    for key, days in (("feeds_due", 1), ("field_due", 10), ("verification_due", 5)):
        policy[f"round.{key}"]["value"] = days
    left_open = {"feeds_due": None, "field_due": None}
    Round.objects.filter(pk=round_2020q1.pk).update(opened_at=MONDAY, policy=policy, **left_open)
    round_2020q1.refresh_from_db()
    return round_2020q1


def dues(round: Round) -> tuple:
    round.refresh_from_db()
    return round.feeds_due, round.field_due


def test_both_deadlines_of_a_round(round):
    fill_due_dates()
    assert dues(round) == (NEXT, AFTER_TEN)


@pytest.mark.parametrize("kept", ["feeds_due", "field_due"])
def test_deadline_that_was_told_stays(round, kept):
    Round.objects.filter(pk=round.pk).update(**{kept: D(2020, 4, 1)})
    fill_due_dates()
    expected = {"feeds_due": NEXT, "field_due": AFTER_TEN} | {kept: D(2020, 4, 1)}
    assert dues(round) == tuple(expected.values())


def test_round_that_is_only_announced_has_none(round):
    Round.objects.filter(pk=round.pk).update(state="announced")
    fill_due_dates()
    assert dues(round) == (None, None)


def test_what_can_not_be_told_stays_open(round):
    WorkingDay.objects.filter(day__gt=D(2020, 3, 10)).delete()
    fill_due_dates()
    assert dues(round) == (NEXT, None)
    WorkingDay.objects.all().delete()
    Round.objects.filter(pk=round.pk).update(feeds_due=None)
    fill_due_dates()
    assert dues(round) == (None, None)


def test_confirming_a_year_fills_them(round):
    working_days.year_settled.send(WorkingDay, year=2020)
    assert dues(round) == (NEXT, AFTER_TEN)


def asked(round: Round, at=MONDAY, **fields) -> Verification:
    case = makers.case("marginal")
    return Verification.objects.create(
        round=round, household=case.household, case=case, **{"asked_at": at} | fields
    )


def due(thing) -> datetime.date | None:
    thing.refresh_from_db()
    return thing.due_on


def test_verifications_from_the_day_on_which_each_was_asked(round):
    on_monday, again, on_tuesday = asked(round), asked(round), asked(round, TUESDAY)
    told, settled = asked(round, due_on=D(2020, 4, 1)), asked(round, state="settled")
    fill_due_dates()
    assert [due(one) for one in (on_monday, again, on_tuesday)] == [AFTER_FIVE, AFTER_FIVE, D(2020, 3, 10)]
    assert [due(one) for one in (told, settled)] == [D(2020, 4, 1), None]


def test_verifications_by_the_policy_of_their_own_round(round, county, office):
    other = open_round(county, Quarter(2020, 2), by=office)
    policy = other.policy
    policy["round.verification_due"]["value"] = 1
    Round.objects.filter(pk=other.pk).update(policy=policy)
    first, second = asked(round), asked(other)
    fill_due_dates()
    assert (due(first), due(second)) == (AFTER_FIVE, NEXT)


def test_verification_that_can_not_be_told_stays_open(round):
    WorkingDay.objects.filter(day__gt=D(2020, 3, 9)).delete()
    first, second = asked(round), asked(round, TUESDAY)
    fill_due_dates()
    assert (due(first), due(second)) == (AFTER_FIVE, None)


def inquiry(round: Round, at=MONDAY, **fields) -> DepartmentInquiry:
    candidate = Candidate.objects.create(
        round=round, household=factories.household(), side="offline", category="marginal"
    )
    return DepartmentInquiry.objects.create(
        candidate=candidate,
        department=Department.objects.get(county_id=factories.COUNTY, code="insurance"),
        subcriterion="medical.out_of_pocket",
        **{"asked_at": at} | fields,
    )


def test_inquiries_that_have_no_reply(round, county, office):
    other = open_round(county, Quarter(2020, 2), by=office)
    first, second, late = inquiry(round), inquiry(other), inquiry(round, TUESDAY)
    told, replied = inquiry(round, due_on=D(2020, 4, 1)), inquiry(round, replied_at=TUESDAY)
    fill_due_dates()
    assert [due(one) for one in (first, late)] == [AFTER_FIVE, D(2020, 3, 10)]
    assert due(second) == AFTER_FIVE
    assert [due(one) for one in (told, replied)] == [D(2020, 4, 1), None]
