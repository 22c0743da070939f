"""Items for the national system: which are made, what they hold (Art. 7(2)3)."""

import pytest

from fangpin.accounts.roles import Role
from fangpin.common.models import StatusRecord
from screening.models import ItemKind, ItemState
from screening.national import items as national
from tests import factories
from tests.screening.national.national_cases import acknowledged, case


def test_a_monitored_household_is_marked_and_a_marginal_one_entered(office):
    items = national.create_items([case("lifted").pk, case("ordinary").pk], by=office)
    assert [item.kind for item in items] == [ItemKind.MARK, ItemKind.ENTRY]
    assert {item.county_id for item in items} == {factories.COUNTY}


def test_a_second_call_makes_no_second_item(office):
    subject = case()
    national.create_items([subject.pk], by=office)
    assert national.create_items([subject.pk], by=office) == []
    assert subject.national_items.count() == 1


def test_a_case_is_entered_once(office):
    item = acknowledged(by=factories.user("info", Role.INFORMATION, factories.COUNTY))
    assert national.create_items([item.case_id], by=office) == []


def test_each_item_has_its_first_status_record(office):
    items = national.create_items([case().pk, case().pk], by=office)
    records = StatusRecord.objects.filter(model="screening.nationalitem")
    assert {(r.object_id, r.to_state, r.by) for r in records} == {
        (item.pk, ItemState.PENDING, office) for item in items
    }


@pytest.mark.parametrize("count", [1, 30])
def test_items_are_made_in_a_constant_number_of_queries(office, django_assert_num_queries, count):
    ids = [case().pk for _ in range(count)]
    with django_assert_num_queries(6):
        national.create_items(ids, by=office)
