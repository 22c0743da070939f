"""Two people at once, on PostgreSQL: a document is released once, and a day has one value."""

import datetime
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from fangpin.accounts.roles import Role
from fangpin.common.models import StatusRecord
from fangpin.common.transitions import TransitionRefused
from fangpin.policy import revisions
from fangpin.policy.models import Policy, Revision
from screening.simulation.run import simulate
from tests import factories

DAY = datetime.date(2021, 1, 1)
PAIRS = 5
pytestmark = pytest.mark.django_db(transaction=True)
two_writers = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")


@pytest.fixture
def regions(db):
    return [factories.user(f"region{n}", Role.REGION, "450000000000") for n in (1, 2)]


def raced(*acts) -> list[str]:
    """What each of them was told; "" for a winner."""
    start = Barrier(len(acts))

    def tried(act) -> str:
        start.wait()
        try:
            act()
        except (revisions.RevisionRefused, TransitionRefused) as refused:
            return refused.message
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(tried, acts))


def draft(by, value: int, day=DAY) -> Revision:
    return revisions.draft({"income.line": value}, holds_from=day, document="一", reason="试", by=by)


def releasing(revision: Revision, by):
    seen = revisions.digest(revision)
    return lambda: revisions.release(revision, seen=seen, by=by)


@two_writers
def test_one_draft_is_released_once(regions):
    for n in range(PAIRS):
        made = draft(regions[0], 600_000 + n, DAY + datetime.timedelta(days=n))
        ends = raced(*(releasing(made, by) for by in regions))
        assert sorted(map(bool, ends)) == [False, True], ends
        assert (
            StatusRecord.objects.filter(
                model="policy.revision", object_id=made.pk, transition="release"
            ).count()
            == 1
        )


@two_writers
def test_two_drafts_of_one_day_have_one_winner(regions):
    for n in range(PAIRS):
        day = DAY + datetime.timedelta(days=n)
        made = [draft(by, 600_000 + 10 * n + place, day) for place, by in enumerate(regions)]
        ends = raced(*(releasing(revision, by) for revision, by in zip(made, regions, strict=True)))
        assert sum(not words for words in ends) == 1 and any("同一天" in words for words in ends), ends
        assert Policy.objects.released().filter(key="income.line", holds_from=day).count() == 1
        assert Revision.objects.drafts().filter(holds_from=day).count() == 1


@two_writers
def test_change_and_release_at_once_release_what_was_seen(regions):
    for n in range(PAIRS):
        made = draft(regions[0], 600_000 + n, DAY + datetime.timedelta(days=n))
        seen = releasing(made, regions[1])
        again = {"holds_from": made.holds_from, "document": "二", "reason": "改", "by": regions[0]}
        ends = raced(lambda m=made, a=again: revisions.change(m, {"income.line": 900_000}, **a), seen)
        made.refresh_from_db()
        value = made.values.get().value
        assert (value, made.is_draft) in ((600_000 + n, False), (900_000, True)), ends


def test_simulation_outside_a_transaction_reads_one_snapshot_and_leaves_nothing(county):
    """As a command or a worker runs it: on PostgreSQL each rule is one read-only transaction of its own."""
    from screening.quarters import Quarter
    from screening.rounds.opening import open_round

    office = factories.user("office", Role.OFFICE, factories.COUNTY)
    round = open_round(county, Quarter(2020, 1), by=office)
    outcome = simulate(round, round.parameters.with_values({"medical.threshold": 1}, DAY))
    assert (outcome.before, outcome.after) == (0, 0)
    round.refresh_from_db()
    type(round).objects.filter(pk=round.pk).update(swept_at=None)  # and the connection writes again
