"""Two people at once, on PostgreSQL: one winner, and the other is told what happened. `FANGPIN_RACES` says
how many pairs (20; 200 in the bench)."""

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from fangpin.accounts.roles import Role
from fangpin.common.models import StatusRecord
from fangpin.common.refusals import Refused
from households.models import Case
from screening.meetings import agenda, decisions, signing
from screening.models import AgendaItem, Candidate, Meeting
from screening.quarters import Quarter
from screening.rounds.opening import open_round
from tests import factories
from tests.screening.meetings import sittings

PAIRS = int(os.environ.get("FANGPIN_RACES", "20"))
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]


@pytest.fixture
def listed(county, office, director, village_cadre):
    round = open_round(county, Quarter(2020, 1), by=office)
    homes = sittings.homes_of(PAIRS)
    return sittings.submitted(round, homes, office=office, director=director, village=village_cadre)


@pytest.fixture
def pool():
    with ThreadPoolExecutor(2) as threads:
        yield threads


def raced(pool, *acts) -> list[str]:
    """What each of both was told; "" for a winner."""
    start = Barrier(len(acts))

    def tried(act) -> str:
        start.wait()
        try:
            act()
        except Refused as refused:
            return refused.message
        finally:
            connection.close()
        return ""

    return list(pool.map(tried, acts))


def test_conflicting_decisions_have_one_winner_each(pool, listed, office):
    colleague = factories.user("office2", Role.OFFICE, factories.COUNTY, name="莫小红")
    meeting = sittings.planned(listed, by=office)
    for item in meeting.items.all():
        rows, seen = AgendaItem.objects.filter(pk=item.pk), Meeting.objects.get().revision
        answers = raced(
            pool,
            lambda rows=rows, seen=seen: decisions.decide_items(rows, "approved", by=office, seen=seen),
            lambda rows=rows, seen=seen: decisions.decide_items(
                rows, "declined", by=colleague, reason="能解决", seen=seen
            ),
        )
        item.refresh_from_db()
        winner, loser = (0, 1) if item.decision == "approved" else (1, 0)
        assert answers[winner] == ""
        assert f"{item.decided_by.name}刚刚把" in answers[loser]
        assert item.get_decision_display() in answers[loser]


def test_signing_and_taking_back_to_the_agenda_have_one_winner_each(pool, listed, office):
    leader = sittings.leader()
    for candidate in Candidate.objects.filter(round=listed)[: PAIRS // 2]:
        meeting = sittings.planned(listed, by=office, fill=False)
        agenda.fill_agenda(meeting, by=office, candidates=Candidate.objects.filter(pk=candidate.pk))
        sittings.held(meeting, by=office)
        answers = raced(
            pool,
            lambda meeting=meeting: signing.sign_meeting(Meeting.objects.get(pk=meeting.pk), by=leader),
            lambda meeting=meeting: decisions.correct_meeting(
                Meeting.objects.get(pk=meeting.pk), by=office, reason="再看看"
            ),
        )
        meeting.refresh_from_db()
        candidate.refresh_from_db()
        signed = meeting.state == "signed"
        assert (answers[0] == "", answers[1] == "") == (signed, not signed)
        assert ("已签发" if signed else "筹备中") in answers[1 if signed else 0]
        assert Case.objects.filter(household=candidate.household_id).count() == int(signed)
        if not signed:
            decisions.cancel_meeting(meeting, by=office, reason="下次再议")


def test_one_meeting_signed_by_two_takes_effect_once(pool, listed, office):
    leaders = [sittings.leader(f"组长{n}", f"leader{n}") for n in range(2)]
    meeting = sittings.held(sittings.planned(listed, by=office), by=office)
    answers = raced(
        pool,
        *(lambda by=by: signing.sign_meeting(Meeting.objects.get(pk=meeting.pk), by=by) for by in leaders),
    )
    assert sorted(words == "" for words in answers) == [False, True]
    assert "刚刚已办理签发" in max(answers)
    assert Case.objects.count() == PAIRS
    assert StatusRecord.objects.filter(model="screening.candidate", transition="approve").count() == PAIRS


def test_two_meetings_filled_at_once_share_no_household(pool, listed, office):
    both = [sittings.planned(listed, by=office, fill=False) for _ in range(2)]
    raced(pool, *(lambda meeting=meeting: agenda.fill_agenda(meeting, by=office) for meeting in both))
    assert AgendaItem.objects.count() == PAIRS
    assert AgendaItem.objects.values("candidate").distinct().count() == PAIRS
