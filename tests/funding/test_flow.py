"""From a source to a household's account, and what the database refuses on the way (Art. 10, 11)."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from fangpin.common.refusals import Refused
from funding import ledger
from funding.applications import submitting
from funding.models import Account, Application, ApplicationLine, Claim, Movement
from funding.payments import batches, preparing
from measures.delivery import delivery
from measures.models import Measure
from tests.funding import makers
from tests.measures.makers import officer

pytestmark = pytest.mark.django_db


def has(source) -> ledger.Figures:
    return ledger.figures([source])[source.pk]


def test_money_reaches_a_household_and_delivers_its_measure(county):
    source = makers.source(amount=5_000_00)
    measure = makers.measure(amount=1_200_00)
    application = makers.filed(measure, on=source)
    assert has(source) == ledger.Figures(free=3_800_00, committed=1_200_00, sent=0, paid=0)
    batch = makers.sent(application)
    assert has(source).sent == 1_200_00
    batches.settle(batch, by=makers.finance(), on=makers.today(), failed={})
    assert has(source) == ledger.Figures(free=3_800_00, committed=0, sent=0, paid=1_200_00)
    measure.refresh_from_db()
    assert (measure.state, measure.delivered, measure.proof) == ("delivered", 1_200_00, "发放凭证 PZ001")
    application.refresh_from_db()
    batch.refresh_from_db()
    assert (application.state, batch.state) == ("paid", "reconciled")
    assert ledger.differences() == []


def test_a_failed_line_goes_back_to_its_source_and_is_paid_to_another_account(county):
    source = makers.source(amount=2_000_00)
    application = makers.filed(makers.measure(amount=700_00), makers.measure(amount=300_00), on=source)
    batch = makers.sent(application)
    batches.settle(batch, by=makers.finance(), on=makers.today(), failed={2: "账号与户名不符"})
    assert has(source) == ledger.Figures(free=1_300_00, committed=0, sent=0, paid=700_00)
    line = application.lines.get(state="failed")
    with pytest.raises(Refused, match="还没有更正账户"):
        batches.again(source, ApplicationLine.objects.filter(pk=line.pk), by=makers.finance())
    makers.account(line.measure.household, "8800999900001111")
    batches.again(source, ApplicationLine.objects.filter(pk=line.pk), by=makers.finance())
    second = preparing.prepare(source, ApplicationLine.objects.filter(pk=line.pk), by=makers.finance())
    batches.send(second, by=makers.finance(), voucher="PZ002", on=makers.today())
    batches.settle(second, by=makers.finance(), on=makers.today(), failed={})
    application.refresh_from_db()
    assert application.state == "paid"
    assert has(source).paid == 1_000_00
    assert ledger.differences() == []


def test_withdrawing_frees_the_money_and_the_claim(county):
    source = makers.source(amount=1_000_00)
    measure = makers.measure(amount=1_000_00)
    application = makers.submitted(measure, on=source)
    assert has(source).free == 0
    submitting.withdraw(application, by=officer("insurance"), words="金额要改")
    assert has(source).free == 1_000_00
    assert Claim.objects.get(measure=measure).claimed == 0
    application = submitting.submit(application, by=officer("insurance"))
    assert has(source).committed == 1_000_00


def test_a_source_is_never_overspent(county):
    source = makers.source(amount=1_000_00)
    makers.submitted(makers.measure(amount=600_00), on=source)
    late = makers.draft(makers.measure(amount=400_01), on=source)
    with pytest.raises(ledger.Insufficient, match="余额 400.00 元，需要 400.01 元"):
        submitting.submit(late, by=officer("insurance"))
    late.refresh_from_db()
    assert late.state == "draft"
    assert Claim.objects.count() == 1


def test_a_measure_is_not_applied_for_twice(county):
    source, measure = makers.source(), makers.measure(amount=500_00)
    first, second = makers.draft(measure, on=source), makers.draft(measure, on=source)
    submitting.submit(first, by=officer("insurance"))
    with pytest.raises(Refused, match="已在申请"):
        submitting.submit(second, by=officer("insurance"))


@pytest.mark.parametrize(
    ("fund", "kind"), [("poverty", "marginal"), ("fiscal", "monitored"), ("fiscal", "lifted")]
)
def test_money_of_the_wrong_kind_is_refused(county, fund, kind):
    source = makers.source(fund)
    with pytest.raises(Refused, match="第十"):
        makers.draft(makers.measure(kind), on=source)


def test_movements_are_never_changed_by_raw_sql(county):
    source = makers.source()
    movement = Movement.objects.get(source=source)
    for act in ({"amount": 1}, {"words": "x"}):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            Movement.objects.filter(pk=movement.pk).update(**act)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Movement.objects.filter(pk=movement.pk)._raw_delete("default")


def test_a_movement_that_would_overdraw_is_refused_by_the_database(county):
    source = makers.source(amount=100)
    accounts = {account.kind: account for account in source.accounts.all()}
    with pytest.raises(IntegrityError, match="account_balance_not_negative"), transaction.atomic():
        Movement.objects.create(
            key="x",
            kind="commit",
            source=source,
            from_account=accounts["free"],
            to_account=accounts["committed"],
            amount=101,
            on=makers.today(),
            by=makers.finance(),
        )
    assert Account.objects.get(pk=accounts["free"].pk).balance == 100


def test_hands_neither_deliver_nor_cancel_what_a_fund_pays(county):
    measure = makers.measure()
    by = officer("insurance")
    own = Measure.objects.filter(pk=measure.pk)
    delivery.begin_measures(own, by=by, on=makers.today())
    with pytest.raises(Refused, match="须先提出资金申请"):
        delivery.deliver_measures(own, by=by, on=makers.today(), proof="签收单")
    makers.submitted(measure, on=makers.source())
    with pytest.raises(Refused, match="请先撤回资金申请"):
        delivery.cancel_measures(own, by=by, words="不办了")


def test_a_payment_that_comes_back_afterwards(county):
    source, measure = makers.source(amount=1_000_00), makers.measure(amount=1_000_00)
    batch = makers.sent(makers.filed(measure, on=source))
    batches.settle(batch, by=makers.finance(), on=makers.today(), failed={})
    batches.come_back(batch, 1, by=makers.finance(), on=makers.today(), reason="账户已注销")
    measure.refresh_from_db()
    assert (measure.state, has(source).free, has(source).paid) == ("started", 1_000_00, 0)
    assert Application.objects.get().state == "filed"
    assert ledger.differences() == []


def test_what_a_department_gave_itself_is_not_paid_again(county):
    measure, by = makers.measure("monitored"), officer("insurance")
    draft = makers.draft(measure, on=makers.source("poverty"))
    own = Measure.objects.filter(pk=measure.pk)
    delivery.begin_measures(own, by=by, on=makers.today())
    delivery.deliver_measures(own, by=by, on=makers.today(), proof="签收单")
    with pytest.raises(Refused, match="已由部门登记落实"):
        submitting.submit(draft, by=by)
