"""Feed: each transition × each state × each role."""

import pytest

from fangpin.accounts.models import Department
from fangpin.accounts.roles import Role
from screening.models import Feed, FeedState
from tests import factories
from tests.screening.rounds import tables

WHO = {Role.DEPARTMENT, Role.OFFICE}
TABLE = {
    "check_file": ({"received"}, "checked"),
    "ask_headings": ({"received"}, "asked"),
    "map_headings": ({"asked", "checked"}, "received"),
    "discard": ({"received", "asked", "checked"}, "discarded"),
    "refuse": ({"received"}, "refused"),
    "accept": ({"checked"}, "matched"),
    "supersede": ({"matched"}, "superseded"),
}


@pytest.fixture
def rows(round_2020q1, office):
    feed = Feed.objects.create(
        round=round_2020q1,
        kind="medical_settlement",
        file_name="x.xlsx",
        file_digest="x",
        stored_name="x",
        by=office,
        department=Department.objects.get(county=factories.COUNTY, code="insurance"),
    )
    return Feed.objects.filter(pk=feed.pk)


@pytest.mark.parametrize("name", TABLE)
def test_feed(rows, name):
    sources, target = TABLE[name]
    actors = tables.everybody()
    for state in FeedState.values:
        rows.update(state=state)
        for role, actor in actors.items():
            expected = target if state in sources and role in WHO else None
            assert tables.outcome(rows, name, actor) == expected, (name, state, role)


def test_headings_of_a_file_that_is_gone_are_not_mapped(rows, office):
    rows.update(state="asked", stored_name="")
    assert tables.outcome(rows, "map_headings", office) is None


def test_the_table_holds_every_transition():
    assert {name for name, value in vars(Feed).items() if hasattr(value, "_django_fsm")} == set(TABLE)
