"""What tests of the money need: filed measures, sources, accounts, applications at every stage."""

import datetime
import uuid

from django.utils import timezone

from fangpin.accounts.models import Department, User
from fangpin.accounts.roles import Role
from funding.applications import approvals, gathering, submitting
from funding.bank_accounts import accounts as bank_accounts
from funding.models import Application, ApplicationLine, Batch, FundSource
from funding.payments import batches, preparing
from funding.sources import sources
from households.models import Household
from measures.catalogue import types as catalogue
from measures.models import Measure, MeasureType
from tests import factories
from tests.measures import makers

YUAN = 100


def person(name: str, role: str, **more) -> User:
    found = User.objects.filter(username=name).first()
    return found.act_in(found.duties.get()) if found else factories.user(name, role, factories.COUNTY, **more)


def finance(name: str = "money") -> User:
    return person(name, Role.FINANCE)


def director() -> User:
    return person("chief", Role.DIRECTOR)


def leader() -> User:
    return person("leader", Role.LEADING_GROUP)


def secretary(name: str = "clerk") -> User:
    return person(name, Role.SECRETARY)


def source(kind: str = "fiscal", amount: int = 100_000 * YUAN, **more) -> FundSource:
    fields = {
        "year": timezone.localdate().year,
        "kind": kind,
        "level": "county",
        "name": "防贫资金",
        "document": f"测财〔2026〕{uuid.uuid4().hex[:6]}号",
        "on": timezone.localdate(),
    }
    if kind == "donation":
        fields |= {"donor": "测试基金会", "purpose": "助学", "level": "society"}
    return sources.register(by=finance(), amount=amount, **(fields | more))


def measure(
    kind: str = "marginal",
    amount: int = 1_000 * YUAN,
    *,
    home: Household | None = None,
    department: str = "insurance",
) -> Measure:
    """Filed, past planning: special relief of a marginal household (R1), an award of another (R2)."""
    case = None
    if home is None:
        case = makers.case(kind, "medical.out_of_pocket") if kind != "lifted" else None
        home = case.household if case else factories.household(status="lifted")
    code, route = ("special_relief", "R1") if kind == "marginal" else ("industry_award", "R2")
    words = {"universal": "医疗救助", "why_short": "自付仍高", "ceiling": 10**9} if kind == "marginal" else {}
    day = timezone.localdate()
    number = Measure.objects.count() + 1
    return Measure.objects.create(
        household=home,
        kind=kind,
        case=case or home.cases.first(),
        department=Department.objects.get(county_id=home.county_id, code=department),
        type=MeasureType.objects.filter(code=code).first() or catalogue.in_force(home.county, day)[code].row,
        code=code,
        form="money",
        route=route,
        state="filed",
        amount=amount,
        year=day.year,
        planned_from=day,
        planned_to=day,
        planned_by=makers.officer(department),
        filed_by=person("filer", Role.OFFICE),
        filed_on=day,
        filing_number=f"测{number}",
        **words,
    )


def account(home: Household, number: str = "") -> None:
    number = number or f"8800{home.pk:012d}"
    bank_accounts.enter(
        home,
        by=person("filer", Role.OFFICE),
        holder=home.head_name or "户主",
        bank="都安农商行",
        number=number,
        again=number,
    )


def draft(*measures: Measure, on: FundSource, department: str = "insurance", **fields) -> Application:
    fields = {"title": "特殊救助"} | fields
    if on.kind == "poverty":
        fields = {"project_name": "产业奖补项目", "project_number": "XM2026-01"} | fields
    return gathering.begin(on, by=makers.officer(department), lines={m.pk: None for m in measures}, **fields)


def submitted(*measures: Measure, on: FundSource, **fields) -> Application:
    return submitting.submit(draft(*measures, on=on, **fields), by=makers.officer("insurance"))


def own(application: Application):
    return Application.objects.filter(pk=application.pk)


def approved(*measures: Measure, on: FundSource, **fields) -> Application:
    made = submitted(*measures, on=on, **fields)
    approvals.approve(own(made), by=director())
    approvals.approve(own(made), by=finance())
    made.refresh_from_db()
    return made


def filed(*measures: Measure, on: FundSource, **fields) -> Application:
    made = approved(*measures, on=on, **fields)
    approvals.file(own(made), by=leader(), number="都扶领备〔2026〕1号")
    made.refresh_from_db()
    return made


def batch(application: Application, *, accounts: bool = True, twice_words: str = "") -> Batch:
    if accounts:
        for line in application.lines.select_related("measure__household"):
            account(line.measure.household)
    chosen = ApplicationLine.objects.filter(application=application)
    return preparing.prepare(application.source, chosen, by=finance(), twice_words=twice_words)


def sent(application: Application, voucher: str = "PZ001") -> Batch:
    return batches.send(batch(application), by=finance(), voucher=voucher, on=timezone.localdate())


def today() -> datetime.date:
    return timezone.localdate()
