"""Two officers at once: one does it, the other is told."""

import datetime

import pytest
from django.db import connection

from fangpin.accounts.roles import Role
from households.models import Household, Member, RegistryChange
from households.upkeep import NotChanged, families, people
from tests import factories
from tests.screening.field.test_field_races import together

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="two writers at once need PostgreSQL"),
]
DAY = datetime.date(2020, 6, 1)


@pytest.fixture
def officers(db):
    return [factories.user(f"officer{n}", Role.OFFICE, factories.COUNTY) for n in range(4)]


def each(officers, work) -> list:
    """Every officer does `work(officer, number)`, all at once."""
    waiting = iter(enumerate(officers))
    return together(lambda: work(*reversed(next(waiting))), len(officers))


def act(by) -> dict:
    return {"on": DAY, "reason": "户口本已变更", "by": by}


def counts(ends: list) -> tuple[int, int]:
    return sum(isinstance(e, RegistryChange) for e in ends), sum(isinstance(e, NotChanged) for e in ends)


def test_one_person_moved_to_four_households_at_once(officers):
    source = factories.household(members=2)
    bride = source.members.get(relation="other")
    homes = [factories.household() for _ in officers]
    person = {"name": bride.name, "id_number": bride.id_number, "relation": "daughter_in_law"}
    ends = each(
        officers,
        lambda by, n: people.add_person(homes[n], person, kind="marry_in", from_other=True, **act(by)),
    )
    # Each finds her where the one before has brought her; she stands in one household in the end.
    assert counts(ends)[0] + counts(ends)[1] == 4
    assert Member.objects.current().filter(id_index=bride.id_index).count() == 1
    sizes = Household.objects.filter(pk__in=[h.pk for h in homes]).values_list("size", flat=True)
    assert sorted(sizes) == [1, 1, 1, 2]


def test_one_death_reported_by_four_at_once(officers):
    home = factories.household(members=2)
    member = home.members.get(relation="other")
    ends = each(officers, lambda by, n: people.let_go(member, kind="death", **act(by)))
    assert counts(ends) == (1, 3)
    assert RegistryChange.objects.count() == 1


def test_two_households_merged_into_each_other_at_once(officers):
    one, two = factories.household(), factories.household()
    pairs = [(one, two), (two, one)] * 2
    relations = {member.pk: "sibling" for home in (one, two) for member in home.members.all()}
    ends = each(officers, lambda by, n: families.merge(*pairs[n], relations=relations, **act(by)))
    assert counts(ends) == (1, 3)
    assert Household.objects.current().count() == 1
    assert Member.objects.current().count() == 2


def test_four_splits_at_once_get_four_numbers(officers):
    homes = [factories.household(members=2) for _ in officers]
    sons = [home.members.get(relation="other") for home in homes]
    ends = each(
        officers,
        lambda by, n: families.split(
            homes[n], leaving=[sons[n].pk], head=sons[n].pk, relations={}, **act(by)
        ),
    )
    assert counts(ends) == (4, 0)
    assert Household.objects.filter(own_number=True).values("number").distinct().count() == 4
