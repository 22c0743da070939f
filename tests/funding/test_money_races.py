"""Two people at once, on PostgreSQL: one wins, the other is told."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from fangpin.common.refusals import Refused
from fangpin.common.transitions import TransitionRefused
from funding import ledger
from funding.applications import approvals, submitting
from funding.models import ApplicationLine, Batch
from funding.payments import batches, preparing
from measures.delivery import delivery
from measures.models import Measure
from tests.funding import makers
from tests.measures.makers import officer

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]


def raced(*acts) -> list[str]:
    """What each was told; "" for a winner."""
    start = Barrier(len(acts))

    def tried(act) -> str:
        start.wait()
        try:
            act()
        except (Refused, TransitionRefused) as refused:
            return refused.message
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(tried, acts))


def test_both_bodies_at_once_approve_it_once_each(county):
    for _ in range(5):
        made = makers.submitted(makers.measure(), on=makers.source())
        director, finance = makers.director(), makers.finance()
        told = raced(
            lambda m=made, d=director: approvals.approve(makers.own(m), by=d),
            lambda m=made, f=finance: approvals.approve(makers.own(m), by=f),
        )
        made.refresh_from_db()
        assert told == ["", ""] and made.state == "approved"


def test_approval_and_withdrawal_at_once_agree_with_the_ledger(county):
    for _ in range(5):
        source = makers.source(amount=1_000_00)
        made = makers.submitted(makers.measure(), on=source)
        director = makers.director()
        raced(
            lambda m=made, d=director: approvals.approve(makers.own(m), by=d),
            lambda m=made: submitting.withdraw(m, by=officer("insurance"), words="改"),
        )
        made.refresh_from_db()
        held = ledger.figures([source])[source.pk].committed
        assert held == (0 if made.state == "withdrawn" else 1_000_00)
        assert ledger.differences() == []


def test_one_measure_in_two_applications_is_taken_once(county):
    for _ in range(5):
        measure, source = makers.measure(), makers.source()
        first, second = makers.draft(measure, on=source), makers.draft(measure, on=source)
        told = raced(
            lambda a=first: submitting.submit(a, by=officer("insurance")),
            lambda a=second: submitting.submit(a, by=officer("insurance")),
        )
        assert sorted(bool(words) for words in told) == [False, True]
        assert ledger.figures([source])[source.pk].committed == 1_000_00


def test_two_batches_for_one_line_have_one_winner(county):
    for _ in range(5):
        made = makers.filed(makers.measure(), on=makers.source())
        makers.account(made.lines.get().measure.household)
        first, second = makers.finance(), makers.finance("money2")
        told = raced(
            *(
                lambda by=by, m=made: preparing.prepare(
                    m.source, ApplicationLine.objects.filter(application=m), by=by
                )
                for by in (first, second)
            )
        )
        assert sorted(bool(words) for words in told) == [False, True]
        assert Batch.objects.filter(source=made.source).count() == 1


def test_an_answer_given_twice_at_once_pays_once(county):
    made = makers.filed(makers.measure(), on=makers.source())
    batch, by, other = makers.sent(made), makers.finance(), makers.finance("money2")
    raced(
        *(lambda who=who: batches.settle(batch, by=who, on=makers.today(), failed={}) for who in (by, other))
    )
    assert ledger.figures([made.source])[made.source_id].paid == 1_000_00
    assert ledger.differences() == []


def test_a_hand_and_a_fund_do_not_both_give(county):
    """A department registers the delivery while its application is submitted: one of both is refused."""
    for _ in range(5):
        measure, by = makers.measure("monitored"), officer("insurance")
        draft = makers.draft(measure, on=makers.source("poverty"))
        own = Measure.objects.filter(pk=measure.pk)
        delivery.begin_measures(own, by=by, on=makers.today())
        told = raced(
            lambda d=draft: submitting.submit(d, by=officer("insurance")),
            lambda o=own: delivery.deliver_measures(
                o, by=officer("insurance"), on=makers.today(), proof="签收单"
            ),
        )
        assert sorted(bool(words) for words in told) == [False, True], told
