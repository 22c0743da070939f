"""The one door, tried with the feeds of a round."""

import pytest
from django.db import transaction

from fangpin.accounts.roles import Role
from fangpin.common.models import StatusRecord
from fangpin.common.transitions import Conflict, NotAllowed, OutOfScope, history, move
from screening.models import Feed, FeedState, Round, RoundState
from tests import factories


@pytest.fixture
def feeds(round_2020q1, office):
    """Three feeds, received."""
    from fangpin.accounts.models import Department

    department = Department.objects.get(county_id=factories.COUNTY, code="insurance")
    return [
        Feed.objects.create(
            round=round_2020q1,
            kind=f"kind_{n}",
            department=department,
            file_name=f"{n}.xlsx",
            file_digest=str(n),
            by=office,
        )
        for n in range(3)
    ]


def all_of(feeds):
    return Feed.objects.filter(pk__in=[feed.pk for feed in feeds])


def test_move_changes_every_object_and_writes_a_record_each(feeds, office):
    assert move(all_of(feeds), "check_file", by=office, opinion="看过") == 3
    assert set(all_of(feeds).values_list("state", flat=True)) == {FeedState.CHECKED}
    record = history(feeds[0]).last()
    assert (record.from_state, record.to_state, record.opinion) == ("received", "checked", "看过")
    assert record.by == office
    assert record.acting_as == office.acting


def test_move_of_any_number_takes_the_same_queries(feeds, office, django_assert_max_num_queries):
    with django_assert_max_num_queries(9):
        move(all_of(feeds), "check_file", by=office)


def test_move_is_all_or_nothing_and_names_the_conflict(feeds, office):
    move(all_of(feeds[:1]), "check_file", by=office)
    records = StatusRecord.objects.count()
    with pytest.raises(Conflict) as caught:
        move(all_of(feeds), "check_file", by=office)
    assert [row.pk for row in caught.value.rows] == [feeds[0].pk]
    assert all_of(feeds).filter(state=FeedState.RECEIVED).count() == 2
    assert StatusRecord.objects.count() == records


def test_move_without_the_right_is_refused(feeds, director):
    with pytest.raises(NotAllowed):
        move(all_of(feeds), "check_file", by=director)


def test_move_outside_the_scope_is_refused(feeds):
    stranger = factories.user("other", Role.OFFICE, factories.OTHER_COUNTY)
    with pytest.raises(OutOfScope):
        move(all_of(feeds), "check_file", by=stranger)


def test_move_by_the_system_needs_a_declaration(feeds):
    with pytest.raises(NotAllowed):
        move(all_of(feeds), "check_file", by=None)


def test_move_checks_what_must_hold(feeds, office, round_2020q1):
    move(all_of(feeds[:1]), "check_file", by=office)
    Round.objects.filter(pk=round_2020q1.pk).update(state=RoundState.SUBMITTED)
    with pytest.raises(Conflict, match="已提请审定"):
        move(all_of(feeds[:1]), "accept", by=office)


def test_move_stamps_columns(feeds, office):
    move(all_of(feeds[:1]), "check_file", by=office, stamps={"rows_read": 7})
    move(all_of(feeds[:1]), "accept", by=office)
    feed = all_of(feeds[:1]).get()
    assert feed.matched_at is not None
    assert feed.rows_read == 7


def test_state_cannot_be_assigned(feeds):
    with pytest.raises(AttributeError):
        feeds[0].state = FeedState.MATCHED


def test_move_rolls_back_with_its_caller(feeds, office):
    with pytest.raises(RuntimeError), transaction.atomic():
        move(all_of(feeds), "check_file", by=office)
        raise RuntimeError
    assert all_of(feeds).filter(state=FeedState.RECEIVED).count() == 3
