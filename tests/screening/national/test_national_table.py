"""NationalItem: each transition × each state × each role."""

import pytest
from django.db import IntegrityError, transaction

from fangpin.accounts.roles import Role
from fangpin.common.transitions import TransitionRefused, move
from screening.models import ItemState, NationalItem
from tests import factories
from tests.screening.national import national_cases as cases
from tests.screening.rounds import tables

TAKERS = {Role.INFORMATION, Role.CLIENT}
TABLE = {
    "offer": ({"pending"}, "offered", TAKERS, {}),
    "acknowledge": ({"offered"}, "acknowledged", TAKERS, {"national_number": "451228001"}),
    "refuse": ({"offered"}, "refused", TAKERS, {"refused_reason": "号码不符"}),
    "correct": ({"refused"}, "pending", {Role.INFORMATION, Role.OFFICE}, {}),
    "lapse": ({"pending", "refused"}, "lapsed", {Role.INFORMATION, Role.OFFICE, None}, {}),
}


@pytest.fixture
def actors(db):
    return tables.everybody()


def outcome(rows, name: str, by, stamps: dict) -> str | None:
    """The state that it comes to, or None where it is refused; undone."""
    with transaction.atomic():
        try:
            move(rows, name, by=by, stamps=stamps)
            return rows.get().state
        except TransitionRefused:
            return None
        finally:
            transaction.set_rollback(True)


@pytest.mark.parametrize("name", TABLE)
def test_item(actors, office, name):
    sources, target, roles, stamps = TABLE[name]
    (item,) = cases.items(1, by=office)
    rows = NationalItem.objects.filter(pk=item.pk)
    for state in ItemState.values:
        rows.update(state=state, national_number="451228009", refused_reason="旧")
        for role, actor in actors.items():
            expected = target if state in sources and role in roles else None
            assert outcome(rows, name, actor, stamps) == expected, (name, state, role)


def test_the_table_holds_every_transition():
    declared = {name for name, value in vars(NationalItem).items() if hasattr(value, "_django_fsm")}
    assert declared == set(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_nobody_moves_an_item_of_another_county(office, name):
    sources, _, roles, stamps = TABLE[name]
    (item,) = cases.items(1, by=office, village=factories.OTHER_COUNTY_VILLAGE)
    rows = NationalItem.objects.filter(pk=item.pk)
    rows.update(state=next(iter(sources)), national_number="451228009", refused_reason="旧")
    for role in roles - {None}:
        actor = factories.user(f"near-{role}", role, factories.COUNTY)
        assert outcome(rows, name, actor, stamps) is None


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("national_refused_with_reason", {"state": "refused"}),
        ("national_acknowledged_with_number", {"state": "acknowledged"}),
        ("national_withdrawn_with_reason", {"kind": "withdrawal"}),
    ],
)
def test_what_the_database_refuses(office, constraint, fields):
    (item,) = cases.items(1, by=office)
    with pytest.raises(IntegrityError, match=constraint):
        NationalItem.objects.filter(pk=item.pk).update(**fields)


def test_national_one_open_a_kind(office):
    (item,) = cases.items(1, by=office)
    with pytest.raises(IntegrityError):
        NationalItem.objects.create(case=item.case, kind=item.kind, county=item.county)
