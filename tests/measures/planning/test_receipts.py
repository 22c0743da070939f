"""享受帮扶 of a household: by year, department and type against the caps; as many queries for many measures
as for few."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from measures.planning import plan, receipts
from measures.planning.panels import help_panel
from tests import factories
from tests.measures.makers import DAY, officer, wanted

pytestmark = pytest.mark.django_db
YUAN = 100


def award(home, amount: int, department: str = "agriculture", **fields):
    by = officer(department)
    return plan.plan_measure(wanted(home, "industry_award", amount * YUAN, **fields), by=by, on=DAY)


def test_receipts_by_year_department_and_type(office):
    home = factories.household(status="lifted")
    award(home, 1000), award(home, 500), award(home, 700, "poverty"), award(home, 900, year=2025)
    rows = receipts.of_household(home, office)
    assert [(r.year, r.name, r.count, r.planned) for r in rows] == [
        (2026, "产业奖补", 2, 1500 * YUAN),
        (2026, "产业奖补", 1, 700 * YUAN),
        (2025, "产业奖补", 1, 900 * YUAN),
    ]
    assert len({r.department for r in rows[:2]}) == 2


def test_a_department_sees_its_own_and_the_room_of_all(office):
    home, year = factories.household(status="lifted"), timezone.localdate().year
    award(home, 1000, year=year), award(home, 700, "poverty", year=year)
    assert [r.planned for r in receipts.of_household(home, officer("poverty"))] == [700 * YUAN]
    room = dict(receipts.rooms_of(home))["产业奖补"]
    assert (room.limit, room.left) == (5000 * YUAN, 3300 * YUAN)


def test_panel_asks_as_much_for_many_as_for_few(office):
    counts = []
    for number in (2, 12):
        home = factories.household(status="lifted")
        for _ in range(number):
            award(home, 100)
        with CaptureQueriesContext(connection) as seen:
            panel = help_panel(home, office)
        assert len(panel["measures"]) == number
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 14
