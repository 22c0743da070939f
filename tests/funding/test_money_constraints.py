"""What the database itself refuses, by the name of its constraint (Art. 10, 11)."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from fangpin.common.refusals import Refused
from funding.applications import approvals, gathering
from funding.bank_accounts import accounts as bank_accounts
from funding.models import (
    Account,
    Application,
    ApplicationLine,
    BankAccount,
    Batch,
    BatchLine,
    Claim,
    FundSource,
    Movement,
    PeriodClose,
)
from funding.payments import batches, preparing
from funding.sources import sources
from tests.funding import makers
from tests.measures.makers import officer

pytestmark = pytest.mark.django_db


def refused(name: str, rows, **changes) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        rows.update(**changes)


@pytest.fixture
def filed(county):
    return makers.filed(makers.measure(), on=makers.source())


# ---- Persons ----
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("office_by", "submitted_by"),
        ("office_by", "prepared_by"),
        ("finance_by", "submitted_by"),
        ("finance_by", "office_by"),
        ("filed_by", "office_by"),
        ("filed_by", "finance_by"),
        ("filed_by", "submitted_by"),
        ("registered_by", "office_by"),
        ("registered_by", "filed_by"),
    ],
)
def test_application_separate_persons(filed, first, second):
    refused("application_separate_persons", makers.own(filed), **{first: getattr(filed, second)})


@pytest.mark.parametrize("lacking", ["office_by", "office_at", "finance_by", "finance_at"])
def test_application_two_approvals(filed, lacking):
    refused("application_two_approvals", makers.own(filed), **{lacking: None})


@pytest.mark.parametrize("lacking", ["filed_by", "filed_at", "filing_on"])
def test_application_filed_before_payment(filed, lacking):
    refused("application_filed_before_payment", makers.own(filed), **{lacking: None})


def test_application_marginal_money_is_filed(filed):
    refused("application_marginal_money_is_filed", makers.own(filed), needs_filing=False)


def test_application_of_routes_one_and_two(filed):
    refused("application_of_routes_one_and_two", makers.own(filed), route="R3")


def test_one_person_with_several_duties_approves_for_one_body_alone(county):
    from fangpin.accounts.models import Duty
    from fangpin.accounts.roles import Role

    made = makers.submitted(makers.measure(), on=makers.source())
    both = makers.person("both", Role.DIRECTOR)
    second = Duty.objects.create(
        user=both, role=Role.FINANCE, division_id=county.pk, begins_on=timezone.localdate()
    )
    approvals.approve(makers.own(made), by=both)
    with pytest.raises(Refused, match="须由他人审定"):
        approvals.approve(makers.own(made), by=both.act_in(second))
    made.refresh_from_db()
    assert made.state == "office_approved"


def test_an_applicant_with_another_duty_does_not_approve(county):
    from fangpin.accounts.models import Duty
    from fangpin.accounts.roles import Role

    made = makers.submitted(makers.measure(), on=makers.source())
    by = officer("insurance")
    duty = Duty.objects.create(
        user=by, role=Role.DIRECTOR, division_id=county.pk, begins_on=timezone.localdate()
    )
    with pytest.raises(Refused, match="您经办"):
        approvals.approve(makers.own(made), by=by.act_in(duty))


# ---- Money ----
def test_account_balance_not_negative_and_moved_by_movements_alone(county):
    source = makers.source(amount=100)
    own = Account.objects.filter(source=source, kind="free")
    if connection.vendor == "postgresql":
        with pytest.raises(DatabaseError, match="moved by its movements alone"), transaction.atomic():
            own.update(balance=1)
    else:
        refused("account_balance_not_negative", own, balance=-1)


def test_claim_within_measure(filed):
    refused("claim_within_measure", Claim.objects.all(), claimed=1_000_01)
    refused("claim_paid_within_claimed", Claim.objects.all(), paid=1_000_01)


def test_lines_of_the_wrong_kind_of_money(filed):
    rows = ApplicationLine.objects.all()
    refused("line_poverty_funds_not_for_marginal", rows, source_kind="poverty")
    refused("line_marginal_funds_for_marginal", rows, kind="monitored")
    refused("application_line_amount_positive", rows, amount=0)
    refused("application_line_paid_with_day", rows, state="paid")


def test_line_paid_once(filed):
    batch = makers.batch(filed)
    line = batch.lines.get()
    other = Batch.objects.create(
        county=batch.county, source=batch.source, number="另", amount=1, count=1, prepared_by=makers.finance()
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        BatchLine.objects.create(batch=other, number=1, line=line.line, amount=line.amount)


def test_batch_voucher_once(county):
    source = makers.source()
    first = makers.sent(makers.filed(makers.measure(), on=source))
    second = makers.batch(makers.filed(makers.measure(), on=source))
    with pytest.raises(Refused, match="已登记在另一批次"):
        batches.send(second, by=makers.finance(), voucher=first.voucher, on=makers.today())
    with pytest.raises(IntegrityError), transaction.atomic():
        Batch.objects.filter(pk=second.pk).update(voucher=first.voucher)


def test_batch_sent_with_voucher(filed):
    makers.sent(filed)
    refused("batch_sent_with_voucher", Batch.objects.all(), voucher="")
    refused(
        "batch_line_outcome_with_day", BatchLine.objects.all(), outcome="failed", outcome_on=makers.today()
    )


def test_bank_account_one_a_household(filed):
    home = filed.lines.get().measure.household
    makers.account(home)
    makers.account(home, "880011112222")
    assert BankAccount.objects.filter(household=home).count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        BankAccount.objects.filter(household=home).update(ended_at=None)


def test_fund_source_donor_and_purpose(county):
    makers.source("donation")
    refused("fund_source_donor_and_purpose", FundSource.objects.all(), donor="")


def test_fund_source_document_once(county):
    source = makers.source()
    with pytest.raises(Refused, match="已登记过"):
        makers.source(document=source.document)


@pytest.mark.parametrize("model", [Movement, PeriodClose])
def test_ledger_is_append_only(county, model):
    makers.source()
    PeriodClose.objects.create(county=county, month="2020-01-01", by=makers.finance())
    rows = model.objects.all()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(by=makers.director())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows._raw_delete("default")


# ---- Keys ----
def test_a_booking_sent_twice_is_booked_once(county):
    source, by, key = makers.source(amount=100), makers.finance(), "11111111-1111-1111-1111-111111111111"
    told = {"amount": 50, "document": "文", "on": makers.today(), "key": key}
    assert [sources.increase(source, by=by, **told) for _ in range(3)] == [1, 0, 0]
    with pytest.raises(Refused, match="同一编号"):
        sources.increase(source, by=by, **told | {"amount": 51})
    assert source.accounts.get(kind="free").balance == 150


def test_the_same_answer_twice_pays_once(filed):
    batch = makers.sent(filed)
    for _ in range(2):
        batches.send(batch, by=makers.finance(), voucher="PZ001", on=makers.today())
        batches.settle(batch, by=makers.finance(), on=makers.today(), failed={}, paid_numbers=[1])
    assert Movement.objects.filter(kind="settle").count() == 1


def test_a_closed_month_takes_no_booking(county):
    import datetime

    source, by = makers.source(), makers.finance()
    month = (makers.today().replace(day=1) - datetime.timedelta(days=1)).replace(day=1)
    told = {"amount": 50, "document": "文", "key": "a", "on": month}
    sources.increase(source, by=by, **told)
    sources.close_month(by=by, month=month)
    with pytest.raises(Refused, match="已经结账"):
        sources.increase(source, by=by, **told | {"key": "b"})
    assert sources.increase(source, by=by, **told) == 0  # a retry of what is booked is harmless


def test_year_end_carries_and_closes(county):
    year = makers.today().year
    old, new = makers.source(amount=300, year=year), makers.source(amount=100, year=year + 1)
    by = makers.finance()
    with pytest.raises(Refused, match="可用 3.00 元"):
        sources.close(old, by=by)
    sources.carry(old, new, by=by, amount=200, on=makers.today(), key="a")
    sources.give_back(old, by=by, amount=100, document="", on=makers.today(), key="b", words="收回")
    sources.close(old, by=by)
    assert new.accounts.get(kind="free").balance == 300
    with pytest.raises(Refused, match="已于"):
        sources.increase(old, by=by, amount=1, document="文", on=makers.today(), key="c")


# ---- What was approved ----
def test_what_was_submitted_is_not_edited(county):
    made = makers.submitted(makers.measure(), on=makers.source())
    for act in (
        lambda: gathering.remove_lines(made, made.lines.all(), by=officer("insurance")),
        lambda: gathering.change(made, by=officer("insurance"), title="别的"),
        lambda: gathering.add(made, {makers.measure().pk: None}, by=officer("insurance")),
    ):
        with pytest.raises(Refused, match="请先撤回"):
            act()


def test_a_line_changed_behind_the_approval_is_found(county):
    made = makers.submitted(makers.measure(amount=500_00), on=makers.source())
    ApplicationLine.objects.update(amount=400_00)
    with pytest.raises(Refused, match="与提交时不一致"):
        approvals.approve(makers.own(made), by=makers.director())


def test_what_changed_since_the_page_is_not_approved(county):
    made = makers.submitted(makers.measure(), on=makers.source())
    with pytest.raises(Refused, match="在您看过之后改动过"):
        approvals.approve(makers.own(made), by=makers.director(), seen={made.pk: "old"})


def test_filing_from_paper_wants_a_second_person_who_types_it_back(county):
    made = makers.approved(makers.measure(amount=500_00), on=makers.source())
    first, second = makers.secretary(), makers.secretary("clerk2")
    approvals.register_filing(
        made, by=first, number="备〔2026〕1号", signer="蓝志远", signed_on=makers.today()
    )
    told = {"number": "备[2026]1号", "amount": 500_00, "count": 1}
    with pytest.raises(Refused, match="两个人"):
        approvals.confirm_filing(made, by=first, **told)
    with pytest.raises(Refused, match="金额"):
        approvals.confirm_filing(made, by=second, **told | {"amount": 500_01})
    assert approvals.confirm_filing(made, by=second, **told).state == "filed"


def test_steps_of_the_county_are_recorded_before_payment(county):
    source = makers.source("poverty")
    made = makers.submitted(makers.measure("monitored"), on=source)
    Application.objects.update(steps=["扶贫部门审定", "分管副县长审签", "财政部门审定"], needs_filing=False)
    approvals.approve(makers.own(made), by=makers.director())
    approvals.approve(makers.own(made), by=makers.finance())
    made.refresh_from_db()
    with pytest.raises(Refused, match="分管副县长审签"):
        makers.batch(made)
    approvals.record_step(
        made, by=makers.finance(), name="分管副县长审签", signer="蓝志远", signed_on=makers.today()
    )
    assert makers.batch(made, accounts=False).count == 1


def test_a_shared_account_is_asked_about(county):
    made = makers.filed(makers.measure(), makers.measure(), on=makers.source())
    for line in made.lines.all():
        makers.account(line.measure.household, "880012345678")
    chosen = made.lines.all()
    with pytest.raises(Refused, match="同一个账户"):
        preparing.prepare(made.source, chosen, by=makers.finance())
    assert (
        preparing.prepare(made.source, chosen, by=makers.finance(), twice_words="父子同户").twice_words
        == "父子同户"
    )
    assert bank_accounts.shared(county.pk).count() == 1
