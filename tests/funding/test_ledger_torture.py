"""Many connections, lost acknowledgements, retries by key, on PostgreSQL: nothing overspent, lost or doubled.
`FANGPIN_LEDGER` says how many operations (1,000; 20,000 in `make torture`); connections are cut around the
commit, one in two hundred."""

import os
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum

from fangpin.common.refusals import Refused
from funding import ledger
from funding.ledger import WAYS, Entry, Insufficient
from funding.models import Account, AccountKind, FundSource, Movement, MovementKind
from tests.funding import makers

OPERATIONS = int(os.environ.get("FANGPIN_LEDGER", "1000"))
CONNECTIONS = 32
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]
KINDS = [*WAYS, "carry", "late"]


class Cut(Exception):
    """The connection went before the client heard of the commit, or before the commit."""


def entry_of(number: int, sources: list[FundSource]) -> Entry:
    """The operation of a number, the same for each of its retries."""
    chance = random.Random(number)
    kind, source = chance.choice(KINDS), chance.choice(sources)
    amount = chance.choice([1, 99, 10_00, 250_00])
    if kind == "carry":
        other = chance.choice([each for each in sources if each != source])
        ways = {"way": (AccountKind.FREE, AccountKind.FREE), "to_source": other.pk}
        return Entry(f"op:{number}", MovementKind.CARRY, source.pk, amount, **ways)
    if kind == "late":
        return Entry(
            f"op:{number}", MovementKind.BOUNCE, source.pk, amount, way=(AccountKind.PAID, AccountKind.FREE)
        )
    return Entry(f"op:{number}", kind, source.pk, amount)


def cut(at_commit: bool) -> None:
    """Ends this thread's own connection; raises Cut."""
    connection.connection.close() if at_commit else connection.close()
    raise Cut


def operate(number: int, sources: list[FundSource], by, cuts: dict[int, str]) -> tuple[int, str]:
    """Tried until it is answered: done, refused. A cut leaves it open whether it was booked; the retry finds
    out."""
    entry = entry_of(number, sources)
    for _ in range(5):
        where = cuts.pop(number, "")
        try:
            with transaction.atomic():
                ledger.post([entry], by=by, on=makers.today())
                if where == "before":
                    cut(at_commit=True)
            if where == "after":
                cut(at_commit=False)
            return number, "done"
        except Insufficient:
            return number, "refused"
        except Refused as error:
            return number, f"odd: {error.message}"
        except (Cut, DatabaseError):
            connection.close()
    return number, "unanswered"


def test_nothing_is_overspent_lost_or_doubled(county, capsys):
    by = makers.finance()
    sources = [makers.source(amount=5_000_00) for _ in range(4)]
    numbers = list(range(OPERATIONS)) * 2  # each is sent a second time, as by an impatient client
    random.Random(7).shuffle(numbers)
    chosen = random.Random(8).sample(range(OPERATIONS), max(10, OPERATIONS // 200))
    cuts = {number: ("before" if place % 2 else "after") for place, number in enumerate(chosen)}
    wanted = len(cuts)

    def tried(number):
        try:
            return operate(number, sources, by, cuts)
        finally:
            connection.close()

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        answers = list(pool.map(tried, numbers))
    told: dict[int, set[str]] = {}
    for number, answer in answers:
        told.setdefault(number, set()).add(answer)
    booked = Counter(Movement.objects.filter(key__startswith="op:").values_list("key", flat=True))
    done = {number for number, words in told.items() if "done" in words}
    assert {words for each in told.values() for words in each} <= {"done", "refused"}
    assert set(booked) == {f"op:{number}" for number in done} and set(booked.values()) <= {1}
    assert ledger.differences() == []
    assert not Account.objects.exclude(kind=AccountKind.OUTSIDE).filter(balance__lt=0).exists()
    assert Account.objects.aggregate(n=Sum("balance"))["n"] == 0
    assert len(cuts) == 0
    with capsys.disabled():
        refused = OPERATIONS - len(done)
        print(
            f"\n{OPERATIONS} operations, each twice, {CONNECTIONS} connections, {wanted} cut: "
            f"{len(done)} "
            f"booked, {refused} refused"
        )
