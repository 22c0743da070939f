"""Cursors under concurrency: what a slow transaction wrote is not skipped, and no cursor is seen before a
smaller."""

import threading
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from fangpin.accounts.roles import Role
from fangpin.common.transitions import Conflict
from screening.models import NationalItem
from screening.national import acknowledgements
from screening.national import items as national
from screening.national.acknowledgements import Answer
from tests import factories
from tests.screening.national import national_cases as cases

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time"),
]


@pytest.fixture
def machine(db):
    return factories.user("machine", Role.CLIENT, factories.COUNTY)


@contextmanager
def slow(act):
    """`act` in a thread of its own; its transaction stays open until the end of the block."""
    done, go, failed = threading.Event(), threading.Event(), []

    def work():
        try:
            with transaction.atomic():
                act()
                done.set()
                assert go.wait(20)
        except BaseException as error:
            failed.append(error)
        finally:
            done.set()
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    assert done.wait(20)
    try:
        yield go
    finally:
        go.set()
        thread.join(20)
        assert failed == []


def seen(since: int) -> list[tuple[int, int]]:
    rows = NationalItem.objects.filter(cursor__gt=since).order_by("cursor")
    return list(rows.values_list("cursor", "case_id"))


def test_what_a_slow_transaction_wrote_comes_later_and_is_not_skipped(machine, office):
    slow_case, quick_case = cases.case(), cases.case()
    with slow(lambda: national.create_items([slow_case.pk], by=office)):
        national.create_items([quick_case.pk], by=office)
        national.offer(NationalItem.objects.for_user(machine), by=machine)
        assert seen(0) == [(1, quick_case.pk)]
    national.offer(NationalItem.objects.for_user(machine), by=machine)
    assert seen(1) == [(2, slow_case.pk)]
    ids = dict(NationalItem.objects.values_list("cursor", "pk"))
    assert ids[2] < ids[1], "by its id it would have been skipped"


def test_no_cursor_is_given_while_a_smaller_one_can_not_be_seen(machine, office):
    first, second = cases.items(2, by=office)
    waited = threading.Event()

    def second_offer():
        national.offer(NationalItem.objects.filter(pk=second.pk), by=machine)
        waited.set()
        connection.close()

    with slow(lambda: national.offer(NationalItem.objects.filter(pk=first.pk), by=machine)) as go:
        thread = threading.Thread(target=second_offer)
        thread.start()
        assert not waited.wait(0.5), "it did not wait for the lock"
        assert seen(0) == []
        go.set()
        thread.join(20)
    assert seen(0) == [(1, first.case_id), (2, second.case_id)]


def test_many_at_once_give_every_cursor_once_and_leave_no_gap(machine, office):
    cases.items(60, by=office)

    def pull():
        while national.offer(NationalItem.objects.for_user(machine), by=machine, limit=7):
            pass
        connection.close()

    threads = [threading.Thread(target=pull) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [cursor for cursor, _ in seen(0)] == list(range(1, 61))


def test_two_answers_at_once_have_one_winner(machine, office):
    for item in cases.offered(10, by=machine):
        results = []

        def answer(number, item=item, results=results):
            try:
                taken = acknowledgements.record_answers([Answer(str(item.uuid), number)], by=machine)
                results.append(taken.acknowledged)
            except Conflict:
                results.append("conflict")
            finally:
                connection.close()

        threads = [threading.Thread(target=answer, args=[cases.number()]) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert sorted(map(str, results)) == ["1", "conflict"]
