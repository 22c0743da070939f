"""Figures of sources, read from their accounts, and the check of balances against movements."""

import pytest

from fangpin.common import database
from funding import ledger
from funding.models import Account, FundSource
from tests.funding import makers

pytestmark = pytest.mark.django_db


def balances(source: FundSource, **kinds: int) -> None:
    """Past the ledger, and on PostgreSQL past the trigger that refuses it."""
    if database.is_postgres():
        database.run("SET LOCAL session_replication_role = replica")
    for kind, balance in kinds.items():
        Account.objects.filter(source=source, kind=kind).update(balance=balance)
    if database.is_postgres():
        database.run("SET LOCAL session_replication_role = origin")


def test_figures_of_each_source(county):
    first, second, other = (makers.source(amount=amount) for amount in (100_00, 200_00, 300_00))
    balances(first, free=1, committed=20, sent=300, paid=4000, outside=-4321)
    assert ledger.figures([first, second]) == {
        first.pk: ledger.Figures(free=1, committed=20, sent=300, paid=4000),
        second.pk: ledger.Figures(free=200_00, committed=0, sent=0, paid=0),
    }
    assert ledger.figures(FundSource.objects.filter(pk=other.pk))[other.pk].allocated == 300_00


def test_figures_of_a_source_without_accounts(county):
    source = makers.source()
    Account.objects.exclude(source=source).delete()
    bare = FundSource(pk=0)
    assert ledger.figures([bare]) == {0: ledger.Figures(0, 0, 0, 0)}
    assert ledger.figures([]) == {}


def test_money_under_way_was_allocated(county):
    """Committed by a filed application, then sent to the bank: the sum of what was allocated stays."""
    source = makers.source(amount=5_000_00)
    application = makers.filed(makers.measure(amount=1_200_00), on=source)
    assert ledger.figures([source])[source.pk].allocated == 5_000_00
    makers.sent(application)
    has = ledger.figures([source])[source.pk]
    assert (has.allocated, has.sent, has.rate) == (5_000_00, 1_200_00, 0)


def test_balance_that_is_not_the_sum_of_its_movements_is_found(county):
    source, sound = makers.source(amount=5_000_00), makers.source(amount=70_00)
    makers.submitted(makers.measure(amount=1_200_00), on=source)
    assert ledger.differences() == []
    balances(source, free=3_800_01, sent=7)
    found = ledger.differences()
    assert [(account.source, account.kind, total) for account, total in found] == [
        (source, "free", 3_800_00),
        (source, "sent", 0),
    ]
    assert ledger.differences(source.county_id) == found
    assert ledger.differences("451229000000") == []
    balances(sound, outside=0)
    assert len(ledger.differences(source.county_id)) == 3


def test_differences_take_three_statements_with_their_sources(county, django_assert_num_queries):
    for source in (makers.source(), makers.source()):
        balances(source, sent=7)
    with django_assert_num_queries(3):
        assert len({account.source.document for account, _ in ledger.differences()}) == 2
