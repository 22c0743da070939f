"""The same entry sent twice at once: the database decides, once in effect."""

import threading

import pytest
from django.db import connection, connections

from households.models import Hamlet
from screening.field import entries as field
from screening.field import hamlets
from screening.field.receiving import FieldConflict
from screening.models import FieldEntry, HamletSignOff, Lead
from tests import factories
from tests.screening.field.doors import payload

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="two writers at once need PostgreSQL"),
]


def together(work, times: int) -> list:
    """`work` in so many threads that start at once; what each came to, or the exception."""
    start, ends = threading.Barrier(times), []

    def run():
        start.wait()
        try:
            ends.append(work())
        except Exception as error:
            ends.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


@pytest.fixture
def home(round_2020q1):
    return factories.household(
        hamlet=Hamlet.objects.create(village_id=factories.VILLAGE, name="那朵屯", head_name="韦某")
    )


def test_entry_sent_by_eight_at_once_has_one_effect(home, round_2020q1, village_cadre):
    sent = payload(round_2020q1, home, "housing.damaged", "water.dirty")
    ends = together(lambda: field.receive_entry(sent, by=village_cadre), 8)
    assert sorted(end.is_new for end in ends) == [False] * 7 + [True]
    assert len({end.reply for end in ends}) == 1
    assert FieldEntry.objects.count() == 1
    assert Lead.objects.count() == 2


def test_two_entries_of_a_household_at_once_are_two_reasons_of_one_lead(home, round_2020q1, village_cadre):
    ends = together(
        lambda: field.receive_entry(payload(round_2020q1, home, "water.dirty"), by=village_cadre), 6
    )
    assert all(end.is_new for end in ends)
    assert Lead.objects.get().reasons.count() == 6


def test_hamlet_signed_off_by_two_at_once_has_one_winner(home, round_2020q1, village_cadre):
    numbers = iter(f"00000000-0000-4000-8000-00000000000{n}" for n in range(8))
    sent = {
        "round": str(round_2020q1.uuid),
        "hamlet": home.hamlet_id,
        "on": "2020-03-12",
        "hamlet_head": "韦某",
        "participants": "蓝支书",
        "words": "",
    }
    ends = together(lambda: hamlets.sign_off_hamlet(sent | {"uuid": next(numbers)}, by=village_cadre), 8)
    assert sum(isinstance(end, HamletSignOff) for end in ends) == 1
    assert sum(isinstance(end, FieldConflict) for end in ends) == 7
