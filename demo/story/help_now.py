"""The help of the households that the last meeting took in, at every stage; income plans of the year; awards
of lifted households without a case."""

import datetime
from collections.abc import Mapping

from demo.story.helping import Helping
from fangpin.accounts.models import Division, User
from households.codelists import HouseholdStatus
from households.models import Case, Household, Member
from measures.delivery import filing
from measures.income_plans import missing, plans
from measures.income_plans.plans import Item
from measures.models import Measure, OrderLine, OrderSheet
from measures.orders import lines as order_lines
from measures.orders import risks as order_risks
from measures.orders import sheets as orders
from measures.planning import plan as planning
from measures.planning.facts import Wanted

_DAYS = datetime.timedelta


def play(county: Division, users: Mapping[str, User], *, on: datetime.date) -> None:
    first_day = datetime.date(on.year, (on.month - 1) // 3 * 3 + 1, 1)
    day = min(on, max(first_day + _DAYS(2), on - _DAYS(12)))
    helping = Helping(users)
    _orders(helping, users, day, on)
    _awards(county, helping, users, first_day)
    _plans(users, on)


def _orders(helping: Helping, users: Mapping[str, User], day: datetime.date, on: datetime.date) -> None:
    """Sheets of the last meeting: two are at their departments, the others wait for the director."""
    waiting = order_risks.risks_waiting(users["office"])
    if not waiting.exists():
        return
    sheets = {sheet.department.code: sheet for sheet in orders.prepare_sheets(waiting, by=users["office"])}
    for sheet in sheets.values():
        helping.numbered(sheet, day.year)
    sent = [sheets[code].pk for code in ("housing", "insurance") if code in sheets]
    if not sent:
        return
    orders.issue_sheets(OrderSheet.objects.filter(pk__in=sent), by=users["director"], on=day)
    for code in ("housing", "insurance"):
        if code in sheets:
            _answered(helping, users, sheets[code], day, on)


def _answered(helping: Helping, users, sheet: OrderSheet, day: datetime.date, on: datetime.date) -> None:
    """The first one helped, the next filed, one planned, one accepted, one given back; the rest not looked
    at."""
    by = helping.officer(sheet)
    lines = list(sheet.lines.select_related("household", "sheet__department", "case").order_by("pk"))
    order_lines.accept_lines(OrderLine.objects.filter(pk__in=[line.pk for line in lines[:4]]), by=by)
    kinds = {"housing": ("housing_renovation", 26_000), "insurance": ("medical_aid", 5_600)}[
        sheet.department.code
    ]
    measures = [helping.planned(line, *kinds, {}, on=day) for line in lines[:3]]
    for place, measure in enumerate(measures[:2]):
        filed = min(on, day + _DAYS(2))
        filing.file_measures(Measure.objects.filter(pk=measure.pk), by=users["office"], on=filed)
        if place == 0:
            _given(measure, by, filed, min(on, filed + _DAYS(6)))
    if len(lines) > 4:
        order_lines.return_lines(
            OrderLine.objects.filter(pk=lines[4].pk),
            by=by,
            reason="already_helped",
            words="去年已享受同类政策",
        )


def _given(measure: Measure, by: User, begun: datetime.date, done: datetime.date) -> None:
    from measures.delivery import delivery

    own = Measure.objects.filter(pk=measure.pk)
    delivery.begin_measures(own, by=by, on=begun)
    delivery.deliver_measures(own, by=by, on=done, proof="一卡通发放清单")


def _awards(county: Division, helping: Helping, users: Mapping[str, User], first_day: datetime.date) -> None:
    """Art. 5 for lifted households without a case, early exits among them: given, and one that waits for its
    filing."""
    by = users["dept-agriculture"]
    homes = Household.objects.filter(county=county, status=HouseholdStatus.LIFTED).exclude(
        pk__in=Case.objects.values("household")
    )
    chosen = list(homes.order_by("lifted_year", "pk")[:4])
    on = first_day - _DAYS(60)
    for place, home in enumerate(chosen):
        wanted = Wanted(
            home,
            "industry_award",
            planned_from=on,
            planned_to=on + _DAYS(30),
            amount=(3_000 + 500 * place) * 100,
            basis=f"能繁母牛 {place + 1} 头",
        )
        measure = planning.plan_measure(wanted, by=by, on=on)
        if place < 3:
            helping.given(measure, on=on, proof="验收单和一卡通发放清单")


_UNDERTAKINGS = (
    (("养猪", "3 头", 9_000, ("award", "technique")), ("广东电子厂务工", 10, 3_800)),
    (("种核桃、套种旱藕", "4 亩", 6_500, ("technique", "sales")), ("本县建筑工地务工", 7, 3_200)),
    (("养土鸡", "120 羽", 7_200, ("award", "sales")), ("村公益性岗位", 12, 800)),
    (("养牛", "2 头", 16_000, ("loan", "technique")), ("柳州汽配厂务工", 11, 4_200)),
)


def _plans(users: Mapping[str, User], on: datetime.date) -> None:
    """The helper's households: four plans signed and tracked, one begun; the others have none yet."""
    helper, year = users["helper"], on.year
    homes = missing.lifted_households(helper).order_by("pk")[:5]
    signed = min(on, datetime.date(year, 2, 10))
    for place, home in enumerate(homes):
        plan = plans.begin_plan(home, year, by=helper)
        (name, scale, yuan, needs), (job, months, pay) = _UNDERTAKINGS[place % 4]
        adult = (
            Member.objects.current()
            .filter(household=home, relation__in=("head", "spouse", "son"))
            .order_by("-pk")
            .first()
        )
        items = [
            Item(
                "industry",
                name,
                yuan * 100,
                scale=scale,
                needs=needs,
                guide_name="卢丰年",
                guide_phone="0778-0000000",
            ),
            Item(
                "employment",
                job,
                months * pay * 100,
                member=adult,
                months=months,
                monthly_pay=pay * 100,
                needs=("referral",),
            ),
        ]
        plans.set_items(
            plan,
            items,
            by=helper,
            target_per_head=(plan.last_per_head or 600_000) * 11 // 10,
            training="养殖技术",
        )
        if place == 4:
            continue
        plans.agree_plan(
            plan, by=helper, on=signed, signers=f"{home.head_name}、{helper.name}、{users['village'].name}"
        )
        for back, progress in ((160, "已经种下、买好苗"), (70, "长势好，外出务工按月寄钱"))[: 2 - place % 2]:
            agreed_on = max(signed, on - _DAYS(back))
            plans.add_note(
                plan, by=helper, on=agreed_on, way="phone" if back == 70 else "door", progress=progress
            )
