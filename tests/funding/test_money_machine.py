"""Whatever order people act in: no balance below zero, balances are the sum of their movements, nothing is
paid twice or without two approvals and its filing, and each line agrees with the ledger."""

import pytest
from django.db import transaction
from django.db.models import F, Sum
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from fangpin.common.refusals import Refused
from funding import ledger
from funding.applications import approvals, gathering, submitting
from funding.models import (
    Account,
    AccountKind,
    Application,
    ApplicationLine,
    Batch,
    BatchLine,
    Claim,
    LineState,
    Movement,
    Outcome,
)
from funding.payments import batches, preparing
from funding.sources import sources
from measures.models import Measure
from tests.funding import makers
from tests.measures.makers import officer

reached: set[str] = set()
HELD = {
    LineState.COMMITTED: "committed",
    LineState.BATCHED: "committed",
    LineState.SENT: "sent",
    LineState.PAID: "paid",
}
WHICH = st.integers(0, 20)
AMOUNTS = st.sampled_from([1, 300_00, 700_00, 1_000_00])


class Money(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.by = officer("insurance")
        self.sources = [makers.source("fiscal", 9_500_00), makers.source("poverty", 5_000_00)]
        self.measures = [makers.measure("marginal", 1_000_00) for _ in range(12)]
        self.measures += [makers.measure("monitored", 700_00) for _ in range(8)]
        for measure in self.measures:
            makers.account(measure.household)
        self.vouchers = 0

    def teardown(self):
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    def attempt(self, work, done: str):
        """A refusal is an answer; anything half done is not."""
        try:
            with transaction.atomic():
                work()
            reached.add(done)
        except Refused:
            pass

    @staticmethod
    def one(rows, which: int):
        found = list(rows.order_by("pk"))
        return found[which % len(found)] if found else None

    @rule(which=WHICH, amount=AMOUNTS, repeat=st.booleans())
    def allot(self, which, amount, repeat):
        source, key = self.sources[which % 2], f"k{which}"
        told = {"by": makers.finance(), "amount": amount, "document": "文", "on": makers.today(), "key": key}
        self.attempt(lambda: sources.increase(source, **told), "allot")
        if repeat:
            self.attempt(lambda: sources.increase(source, **told), "allot again")

    @rule(which=WHICH, amount=AMOUNTS)
    def take_back(self, which, amount):
        told = {"document": "", "on": makers.today(), "key": f"r{which}", "words": "收回"}
        self.attempt(
            lambda: sources.give_back(self.sources[which % 2], by=makers.finance(), amount=amount, **told),
            "take back",
        )

    @rule(picked=st.sets(WHICH, min_size=1, max_size=3), which=WHICH, amount=st.sampled_from([None, 100_00]))
    def draft(self, picked, which, amount):
        chosen = {self.measures[n % len(self.measures)].pk: amount for n in picked}
        fields = {"project_name": "项目", "project_number": "1"} if which % 2 else {}
        self.attempt(
            lambda: gathering.begin(
                self.sources[which % 2], by=self.by, title="申请", lines=chosen, **fields
            ),
            "draft",
        )

    @rule(which=WHICH)
    def submit(self, which):
        if made := self.one(Application.objects.filter(state__in=Application.EDITABLE), which):
            self.attempt(lambda: submitting.submit(made, by=self.by), "submit")

    @rule(which=WHICH, withdrawn=st.booleans())
    def take_away(self, which, withdrawn):
        if made := self.one(Application.objects.all(), which):
            if withdrawn:
                self.attempt(lambda: submitting.withdraw(made, by=self.by, words="改"), "withdraw")
            else:
                self.attempt(
                    lambda: approvals.decline(
                        makers.own(made), by=makers.director(), words="补", final=which % 3 == 0
                    ),
                    "decline",
                )

    @rule(which=WHICH, first=st.booleans())
    def approve(self, which, first):
        if made := self.one(Application.objects.filter(state__in=Application.IN_APPROVAL), which):
            who = makers.director() if first else makers.finance()
            self.attempt(lambda: approvals.approve(makers.own(made), by=who), "approve")

    @rule(which=WHICH)
    def file(self, which):
        if made := self.one(Application.objects.all(), which):
            self.attempt(lambda: approvals.file(makers.own(made), by=makers.leader(), number="备1"), "file")

    @rule(which=WHICH)
    def whole_way(self, which):
        """Submitted, approved by both and filed, so that some run always pays."""
        if made := self.one(Application.objects.filter(state__in=Application.EDITABLE), which):
            own = makers.own(made)
            self.attempt(lambda: submitting.submit(made, by=self.by), "submit")
            self.attempt(lambda: approvals.approve(own, by=makers.finance()), "approve")
            self.attempt(lambda: approvals.approve(own, by=makers.director()), "approve")
            self.attempt(lambda: approvals.file(own, by=makers.leader(), number="备1"), "file")

    @rule(which=WHICH)
    def prepare(self, which):
        source = self.sources[which % 2]
        chosen = ApplicationLine.objects.filter(
            application__source=source, state__in=["committed", "batched"]
        )
        self.attempt(
            lambda: preparing.prepare(source, chosen, by=makers.finance(), twice_words="核过"), "prepare"
        )

    @rule(
        which=WHICH, then=st.sampled_from(["", "cancel", "fail", "again", "withdraw", "decline", "come back"])
    )
    def whole_payment(self, which, then):
        """Drafted, carried through, put into a batch and sent, so that some run always gets as far as the
        banks."""
        places = range(12) if which % 2 == 0 else range(12, 20)
        free = [
            n for n in places if not Claim.objects.filter(measure=self.measures[n], claimed__gt=0).exists()
        ]
        self.draft(set(free[:2]), which % 2, None)
        for made in Application.objects.filter(state="draft"):
            if then in ("withdraw", "decline"):
                self.attempt(lambda m=made: submitting.submit(m, by=self.by), "submit")
                self.take_away(self.place(Application, made), then == "withdraw")
            else:
                self.whole_way(self.place(Application, made, state__in=Application.EDITABLE))
        self.prepare(which % 2)
        for batch in Batch.objects.filter(state="prepared"):
            self.send(self.place(Batch, batch), then == "cancel")
            if then in ("fail", "again"):
                self.answer(self.place(Batch, batch), True, False)
            if then == "again":
                self.mend(0, False)
            if then == "come back":
                self.answer(self.place(Batch, batch), False, False)
                self.come_back(self.place(Batch, batch))

    @staticmethod
    def place(model, thing, **among) -> int:
        return list(model.objects.filter(**among).order_by("pk")).index(thing)

    @rule(which=WHICH, cancelled=st.booleans())
    def send(self, which, cancelled):
        if batch := self.one(Batch.objects.all(), which):
            self.vouchers += 1
            if cancelled:
                self.attempt(lambda: batches.cancel(batch, by=makers.finance(), words="误"), "cancel")
            else:
                told = {"voucher": f"凭{self.vouchers}", "on": makers.today()}
                self.attempt(lambda: batches.send(batch, by=makers.finance(), **told), "send")

    @rule(which=WHICH, failing=st.booleans(), part=st.booleans())
    def answer(self, which, failing, part):
        if batch := self.one(Batch.objects.all(), which):
            failed = {1: "户名不符"} if failing else {}
            numbers = [2] if part else None
            self.attempt(
                lambda: batches.settle(
                    batch, by=makers.finance(), on=makers.today(), failed=failed, paid_numbers=numbers
                ),
                "fail" if failing else "pay",
            )

    @rule(which=WHICH)
    def come_back(self, which):
        if batch := self.one(Batch.objects.all(), which):
            self.attempt(
                lambda: batches.come_back(batch, 1, by=makers.finance(), on=makers.today(), reason="销户"),
                "come back",
            )

    @rule(which=WHICH, given_up=st.booleans())
    def mend(self, which, given_up):
        line = self.one(ApplicationLine.objects.filter(state=LineState.FAILED), which)
        if line is None:
            return
        own = ApplicationLine.objects.filter(pk=line.pk)
        if given_up:
            self.attempt(
                lambda: batches.give_up(line.application, own, by=makers.finance(), words="不发"), "give up"
            )
            return
        makers.account(line.measure.household, f"9900{line.pk:06d}{which:04d}")
        self.attempt(lambda: batches.again(line.application.source, own, by=makers.finance()), "again")

    @invariant()
    def balances_are_their_movements_and_never_below_zero(self):
        assert ledger.differences() == []
        assert not Account.objects.exclude(kind=AccountKind.OUTSIDE).filter(balance__lt=0).exists()
        for source in self.sources:
            assert source.accounts.aggregate(n=Sum("balance"))["n"] == 0

    @invariant()
    def lines_agree_with_the_ledger(self):
        for source in self.sources:
            sums = dict.fromkeys(("committed", "sent", "paid"), 0)
            for line in ApplicationLine.objects.filter(application__source=source, state__in=HELD):
                sums[HELD[line.state]] += line.amount
            has = ledger.figures([source])[source.pk]
            assert (has.committed, has.sent, has.paid) == tuple(sums.values())

    @invariant()
    def nothing_is_paid_twice(self):
        assert not Claim.objects.filter(paid__gt=F("limit")).exists()
        for claim in Claim.objects.all():
            paid = BatchLine.objects.filter(line__measure=claim.measure_id, outcome=Outcome.PAID)
            assert (paid.aggregate(n=Sum("amount"))["n"] or 0) == claim.paid

    @invariant()
    def nothing_is_paid_without_two_approvals_and_a_filing(self):
        for line in ApplicationLine.objects.filter(state__in=["batched", "sent", "paid"]).select_related(
            "application"
        ):
            own = line.application
            assert own.state in ("filed", "paid")
            assert (
                len({own.submitted_by_id, own.office_by_id, own.finance_by_id, own.filed_by_id} - {None}) == 4
            )
        assert not Measure.objects.filter(state="delivered").exclude(claim__paid=F("amount")).exists()
        assert not Movement.objects.filter(kind="settle", line__isnull=True).exists()


@pytest.mark.django_db
def test_money_is_never_lost_doubled_or_overspent(county):
    reached.clear()
    wanted = {
        "allot",
        "take back",
        "draft",
        "submit",
        "withdraw",
        "decline",
        "approve",
        "file",
        "prepare",
        "send",
        "cancel",
        "pay",
        "fail",
        "come back",
        "again",
        "give up",
    }
    for number in range(1, 9):  # until every act was played
        run_state_machine_as_test(
            seed(number)(Money),
            settings=settings(
                max_examples=15,
                stateful_step_count=40,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate],
            ),
        )
        if reached >= wanted:
            break
    assert reached >= wanted, wanted - reached
