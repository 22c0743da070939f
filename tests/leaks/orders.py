"""Order sheets in the leak matrix: a department sees those issued to it, the county its own."""

from fangpin.accounts.models import User
from fangpin.accounts.roles import Role
from households.models import Household, Risk
from measures.models import OrderLine, OrderSheet
from tests import factories

RIGHTS = {"sheet of orders": "order.view", "order line": "order.view", "open risk": "household.view"}


def things(thing: type) -> list:
    made = []
    for home in Household.objects.filter(cases__isnull=False, closed_on=None).distinct().order_by("pk"):
        case = home.cases.order_by("pk").first()
        near = home.village_id == factories.VILLAGE or home.county_id != factories.COUNTY
        for department in ("insurance", "education") if near else ("education",):
            made += _ordered(thing, home, case, department)
        loose = Risk.objects.create(case=case, subcriterion="other.rigid_expense", state="open")
        made.append(thing("open risk", str(home), {"uuid": loose.uuid}, home.village_id, home.county_id))
    return made


def _ordered(thing: type, home, case, department: str) -> list:
    from fangpin.accounts.models import Department

    code = {"insurance": "medical.out_of_pocket", "education": "education.hardship"}[department]
    owner = Department.objects.get(county_id=home.county_id, code=department)
    by = User.objects.order_by("pk")[:2]
    risk = Risk.objects.filter(case=case, subcriterion=code, state="open").first() or Risk.objects.create(
        case=case, subcriterion=code, state="open"
    )
    canary = f"困难金丝雀{department}{home.pk}"
    sheet = OrderSheet.objects.create(
        county_id=home.county_id,
        department=owner,
        state="issued",
        number=f"测{home.pk}{department}",
        prepared_by=by[0],
        issued_by=by[1],
        issued_at="2026-10-08T08:00:00+08:00",
        words=f"要求金丝雀{department}{home.pk}",
    )
    line = OrderLine.objects.create(
        sheet=sheet, household=home, case=case, risk=risk, department=owner, state="issued", difficulty=canary
    )
    where = {"village": home.village_id, "county": home.county_id, "department": department}
    return [
        thing(
            "sheet of orders", f"{home} {department}", {"uuid": sheet.uuid}, **where, canaries=[sheet.words]
        ),
        thing(
            "order line",
            f"{home} {department}",
            {"uuid": line.uuid},
            **where,
            canaries=[canary, *_shown(home)],
        ),
    ]


def _shown(home) -> list[str]:
    """What the department in charge sees of a household: its head, masked."""
    head = home.members.get(relation="head")
    return [head.name, head.masked_id]


def sees(world, role: str, thing) -> bool:
    if thing.county != factories.COUNTY:
        return False
    if thing.kind == "open risk":
        return role == Role.OFFICE
    return role != Role.DEPARTMENT or thing.department == "insurance"


def routes(route: type) -> dict:
    post = {"method": "post"}
    return {
        "measures:order-list": route(permission="order.view"),
        "measures:order-waiting": route(permission="order.prepare"),
        "measures:order-prepare": route(permission="order.prepare", **post),
        "measures:order-issue": route(permission="order.sign", **post),
        "measures:case-gaps": route(permission="order.view"),
        "measures:order-detail": route("sheet of orders", "order.view"),
        "measures:order-change": route(
            "sheet of orders", "order.prepare", data=(("number", "新〔2026〕1号"),), **post
        ),
        "measures:order-take-off": route("sheet of orders", "order.prepare", **post),
        "measures:order-discard": route("sheet of orders", "order.prepare", **post),
        "measures:order-remind": route("sheet of orders", "order.view", data=(("words", "催"),), **post),
        "measures:order-paper": route("sheet of orders", "order.view"),
        "measures:risk-leave-out": route("open risk", "order.prepare", **post),
        "measures:case-risks": route("case", "order.prepare"),
        "measures:line-list": route(permission="order.view"),
        "measures:line-accept": route(permission="order.answer", **post),
        "measures:line-return": route(permission="order.answer", **post),
        "measures:line-plan": route(permission="order.answer", **post),
        "measures:line-close": route(permission="order.prepare", **post),
    }
