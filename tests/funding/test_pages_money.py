"""Pages of the money: what they cost, what a wall may show, what the reports add up to."""

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fangpin.accounts.roles import Role
from funding import rules
from funding.applications import submitting
from funding.models import ApplicationLine, Movement
from funding.payments import batches, preparing
from funding.sources import lists as source_lists
from funding.sources import reports
from tests import factories
from tests.funding import makers
from tests.measures.makers import officer

pytestmark = pytest.mark.django_db


def cost(client, user, address: str) -> int:
    client.force_login(user)
    client.get(address)  # badge and counts are kept for a minute
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def paid(*measures, on, voucher: str, failed=None):
    batch = makers.sent(makers.filed(*measures, on=on), voucher)
    batches.settle(batch, by=makers.finance(), on=makers.today(), failed=failed or {})
    return batch


@pytest.mark.parametrize(
    "address",
    [
        "/funds/sources/",
        "/funds/applications/",
        "/funds/batches/",
        "/funds/report/",
        "/funds/unpaid/",
        "/funds/close/",
        "/funds/statement/",
    ],
)
def test_lists_cost_the_same_for_many_as_for_one(client, county, address):
    paid(makers.measure(), on=makers.source(), voucher="凭1")
    makers.filed(makers.measure(), on=makers.source())
    few = cost(client, makers.finance(), address)
    for number in range(4):
        paid(makers.measure(), makers.measure(), on=makers.source(), voucher=f"凭1{number}")
        makers.filed(makers.measure(), on=makers.source())
    assert cost(client, makers.finance(), address) <= few


def test_one_application_costs_the_same_for_twenty_lines_as_for_two(client, county):
    source = makers.source()
    small = makers.submitted(makers.measure(), makers.measure(), on=source)
    large = makers.submitted(*(makers.measure() for _ in range(20)), on=source)
    few = cost(client, makers.director(), f"/funds/applications/{small.uuid}/")
    assert cost(client, makers.director(), f"/funds/applications/{large.uuid}/") == few


def test_a_department_sees_line_by_line_what_a_source_may_pay(client, county):
    makers.measure("monitored")
    mine = makers.measure("marginal", 900_00)
    client.force_login(officer("insurance"))
    shown = client.get(f"/funds/applications/new/?source={makers.source().uuid}").content.decode()
    assert mine.filing_number in shown and "900.00" in shown
    assert "边缘户防贫财政资金只用于边缘户" in shown


def test_a_donation_goes_where_its_donor_said(county):
    source = makers.source("donation", allowed_types=["yulu"])
    from funding.applications import gathering

    (fit,) = gathering.fits([makers.measure()], source)
    assert fit.why == "不在这笔资金限用的举措之内"


# ---- What a wall may show ----
def test_the_public_statement_shows_no_private_data(client, county):
    measure = makers.measure(amount=900_00)
    paid(measure, on=makers.source(), voucher="凭1")
    head = measure.household.members.get(relation="head")
    client.force_login(factories.user("wall", Role.VILLAGE_CADRE, measure.household.village_id))
    shown = client.get("/funds/statement/").content.decode()
    assert "900.00" in shown and "防贫救助" in shown
    account = measure.household.bank_accounts.get()
    for private in (head.id_number, head.name, account.number, account.tail, "医疗", "自付", "特殊救助"):
        assert private not in shown, private


def test_names_are_half_hidden():
    from funding.sources.statement import hidden

    assert [hidden(name) for name in ("韦", "韦英", "韦小英", "欧阳小英")] == ["韦", "韦*", "韦*英", "欧*英"]


# ---- Figures ----
def test_reports_add_up_to_the_ledger(county):
    source = makers.source()
    paid(
        makers.measure(amount=700_00),
        makers.measure(amount=300_00),
        on=source,
        voucher="凭1",
        failed={2: "销户"},
    )
    makers.filed(makers.measure(amount=450_00), on=source)
    found = reports.report(makers.finance(), timezone.localdate().year)
    settled = Movement.objects.filter(kind="settle").aggregate(n=Sum("amount"))["n"]
    assert settled == found.has.paid == 700_00
    for rows in (found.by_source, found.by_kind, found.by_township, found.by_type):
        assert sum(row.paid for row in rows) == 700_00 and sum(row.held for row in rows) == 450_00
    assert [amount for _, _, amount in found.by_month] == [700_00]
    assert "已发放 700.00 元（1 户）" in found.words


def test_the_ledger_by_month_ends_at_what_is_left(county):
    source = makers.source(amount=5_000_00)
    paid(makers.measure(amount=700_00), on=source, voucher="凭1")
    assert source_lists.months(source)[-1]["closing"] == 4_300_00
    (voucher,) = source_lists.vouchers(county.pk)
    assert voucher["lines"] == voucher["ledger"] == 700_00


def test_a_premium_is_spent_without_households(county):
    from funding.applications import approvals, gathering

    source, by = makers.source(), officer("poverty")
    told = {
        "payee": "某财产保险公司",
        "payee_bank": "工行",
        "payee_number": "880012345678",
        "words": "防贫保险",
    }
    made = gathering.begin(source, by=by, title="保费", purpose="premium", lines={None: 2_000_00}, **told)
    submitting.submit(made, by=by)
    approvals.approve(makers.own(made), by=makers.director())
    approvals.approve(makers.own(made), by=makers.finance())
    approvals.file(makers.own(made), by=makers.leader(), number="备1")
    batch = preparing.prepare(source, ApplicationLine.objects.filter(application=made), by=makers.finance())
    batches.send(batch, by=makers.finance(), voucher="凭1", on=makers.today())
    batches.settle(batch, by=makers.finance(), on=makers.today(), failed={})
    assert reports.report(makers.finance(), timezone.localdate().year).premium == 2_000_00


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (100, "壹元整"),
        (105, "壹元零伍分"),
        (43_200_50, "肆万叁仟贰佰元伍角整"),
        (10_010_00, "壹万零壹拾元整"),
        (100_000_00, "壹拾万元整"),
        (1_000_500_00, "壹佰万零伍佰元整"),
        (200_000_001_00, "贰亿零壹元整"),
    ],
)
def test_amounts_in_capitals(fen, words):
    assert rules.in_capitals(fen) == words
