"""Money at every stage (Art. 10, 11): sources of each kind, special relief of marginal households and awards
of lifted ones applied for, approved, filed, paid; one payment that the bank gave back, an account that is
missing."""

import datetime
from collections.abc import Mapping, Sequence

from demo.story.helping import MONTH, Helping
from fangpin.accounts.models import Division, User
from funding.applications import approvals, gathering, submitting
from funding.bank_accounts import accounts as bank_accounts
from funding.models import Application, ApplicationLine, FundSource
from funding.payments import batches, preparing
from funding.sources import sources
from households.codelists import HouseholdStatus
from households.models import Case, Household, Member, Risk
from measures.delivery import filing
from measures.models import Measure, OrderLine, OrderSheet
from measures.orders import lines as order_lines
from measures.orders import risks as order_risks
from measures.orders import sheets as orders
from measures.planning import plan
from measures.planning.facts import Wanted

_DAYS = datetime.timedelta
RELIEF = {
    "universal": "基本医保、大病保险、医疗救助",
    "why_short": "报销和救助后自付仍有三万多元，靠借款",
    "bill": 3_200_000,
}


def play(county: Division, users: Mapping[str, User], *, on: datetime.date) -> None:
    fiscal, poverty = _sources(users, on)
    relief = _relief(users, on)
    awards = _awards(county, users, on)
    _accounts(users, [*relief, *awards])
    _relief_money(users, fiscal, relief, on)
    _award_money(users, poverty, awards, on)


def _sources(users: Mapping[str, User], on: datetime.date) -> tuple[FundSource, FundSource]:
    by, year = users["finance"], on.year
    first = max(datetime.date(year, 1, 1), on - _DAYS(60))
    given = (
        ("fiscal", "county", "县级防贫资金", f"都财农〔{year}〕12号", 60_000, {}),
        ("poverty", "region", "自治区财政专项扶贫资金", f"桂财农〔{year}〕31号", 240_000, {}),
        ("fiscal", "city", "市级防贫资金", f"河财农〔{year}〕8号", 20_000, {}),
        (
            "donation",
            "society",
            "爱心助学捐款",
            f"捐赠协议{year}-3",
            50_000,
            {"donor": "桂西助学会", "purpose": "资助边缘户在校学生", "allowed_kinds": ["marginal"]},
        ),
    )
    made = [
        sources.register(
            by=by,
            year=year,
            kind=kind,
            level=level,
            name=name,
            document=document,
            amount=yuan * 100,
            on=first,
            **more,
        )
        for kind, level, name, document, yuan, more in given
    ]
    return made[0], made[1]


def _relief(users: Mapping[str, User], on: datetime.date) -> list[Measure]:
    """Special relief of marginal households with a medical risk, filed."""
    helping, by = Helping(users), users["dept-insurance"]
    cases = Case.objects.open().filter(category="marginal").exclude(measures__code="special_relief")
    for case in cases.filter(risks=None).order_by("pk")[:5]:
        risks = {"medical.out_of_pocket": "住院花费大，报销后还欠债"}
        made = order_risks.register_risks(case, risks, by=users["office"], on=case.identified_on)
        sheets = orders.prepare_sheets(
            Risk.objects.filter(pk__in=[risk.pk for risk in made]), by=users["office"]
        )
        for sheet in sheets:
            if not sheet.number:
                helping.numbered(sheet, on.year)
    fresh = OrderSheet.objects.filter(department=by.acting.department, state="draft").exclude(number="")
    if fresh.exists():
        orders.issue_sheets(fresh, by=users["director"], on=on - _DAYS(9))
    lines = OrderLine.objects.filter(
        department=by.acting.department, case__in=cases, state__in=["issued", "accepted"], measures=None
    )
    lines = list(lines.select_related("household", "sheet__department", "case").order_by("pk")[:6])
    issued = [line.pk for line in lines if line.state == "issued"]
    if issued:
        order_lines.accept_lines(OrderLine.objects.filter(pk__in=issued), by=by)
    made = [
        helping.planned(
            OrderLine.objects.select_related("household", "sheet__department").get(pk=line.pk),
            "special_relief",
            2_000 + 400 * place,
            RELIEF | {"bill_number": f"{on.year}-{place + 100:04d}"},
            on=on - _DAYS(6),
        )
        for place, line in enumerate(lines)
    ]
    return _filed(made, users, on - _DAYS(5))


def _awards(county: Division, users: Mapping[str, User], on: datetime.date) -> list[Measure]:
    """Industry awards of lifted households without a case, filed."""
    by = users["dept-agriculture"]
    homes = Household.objects.filter(county=county, status=HouseholdStatus.LIFTED, closed_on=None)
    homes = homes.exclude(pk__in=Case.objects.values("household")).exclude(
        pk__in=Measure.objects.values("household")
    )
    made = []
    for place, home in enumerate(homes.order_by("-lifted_year", "pk")[:6]):
        wanted = Wanted(
            home,
            "industry_award",
            planned_from=on - _DAYS(20),
            planned_to=on - _DAYS(20) + 2 * MONTH,
            amount=(1_800 + 400 * place) * 100,
            basis=f"土鸡 {60 + 20 * place} 羽",
        )
        made.append(plan.plan_measure(wanted, by=by, on=on - _DAYS(20)))
    return _filed(made, users, on - _DAYS(18))


def _filed(measures: Sequence[Measure], users: Mapping[str, User], on: datetime.date) -> list[Measure]:
    keys = [measure.pk for measure in measures]
    if keys:
        filing.file_measures(Measure.objects.filter(pk__in=keys), by=users["office"], on=on)
    return list(Measure.objects.filter(pk__in=keys).select_related("household").order_by("pk"))


def _accounts(users: Mapping[str, User], measures: Sequence[Measure]) -> None:
    """All but the last have one."""
    banks = ("都安农商行安阳支行", "农业银行都安支行", "邮储银行都安支行")
    for place, measure in enumerate(measures[:-1]):
        home = measure.household
        head = Member.objects.current().get(household=home, relation="head")
        number = f"8800{home.pk:08d}{place:04d}"
        bank_accounts.enter(
            home,
            by=users["office"],
            holder=head.name,
            bank=banks[place % 3],
            number=number,
            again=number,
            member=head,
        )


def _own(application: Application):
    return Application.objects.filter(pk=application.pk)


def _applied(
    source: FundSource, measures: Sequence[Measure], by: User, title: str, **more
) -> Application | None:
    if not measures:
        return None
    return gathering.begin(source, by=by, title=title, lines={m.pk: None for m in measures}, **more)


def _relief_money(
    users: Mapping[str, User], source: FundSource, relief: Sequence[Measure], on: datetime.date
) -> None:
    """The first two were paid, one came back; two wait for finance; the rest is a draft that the department
    goes on with."""
    by = users["dept-insurance"]
    paid = _applied(source, relief[:2], by, f"{on.year}年特殊救助（第一批）")
    if paid:
        submitting.submit(paid, by=by)
        approvals.approve(_own(paid), by=users["director"])
        approvals.approve(_own(paid), by=users["finance"])
        approvals.file(_own(paid), by=users["leader"], number=f"都扶领备〔{on.year}〕1号")
        chosen = ApplicationLine.objects.filter(application=paid)
        batch = preparing.prepare(source, chosen, by=users["finance"])
        batches.send(batch, by=users["finance"], voucher=f"{on.year}-0417", on=on)
        failed = {2: "账号与户名不符"} if batch.count > 1 else {}
        batches.settle(batch, by=users["finance"], on=on, failed=failed)
    waiting = _applied(source, relief[2:4], by, f"{on.year}年特殊救助（第二批）")
    if waiting:
        submitting.submit(waiting, by=by)
        approvals.approve(_own(waiting), by=users["director"])


def _award_money(
    users: Mapping[str, User], source: FundSource, awards: Sequence[Measure], on: datetime.date
) -> None:
    """Two are filed and wait for their batch, two wait for the leading group, one for both bodies; one is not
    applied for."""
    by, year = users["dept-agriculture"], on.year
    details = {"project_name": "特色养殖奖补", "publicity": "村务公开栏公示 7 天，无异议"}
    stages = ((awards[:2], "file"), (awards[2:4], "approve"), (awards[4:5], "submit"))
    for place, (measures, stage) in enumerate(stages, 1):
        made = _applied(
            source,
            measures,
            by,
            f"产业奖补（第{'一二三'[place - 1]}批）",
            project_number=f"项{year}-{place:02d}",
            **details,
        )
        if made is None:
            continue
        submitting.submit(made, by=by)
        if stage != "submit":
            approvals.approve(_own(made), by=users["finance"])
            approvals.approve(_own(made), by=users["director"])
        if stage == "file":
            approvals.file(_own(made), by=users["leader"], number=f"都扶领备〔{year}〕2号")
