"""Measures in the leak matrix: a department sees its own, the others those of the households in their
area."""

import datetime

from fangpin.accounts.models import Department, User
from fangpin.accounts.roles import Role
from households.models import Household
from measures.models import FilledSheet, Measure, MeasureType, Project
from tests import factories

RIGHTS = {"measure": "measure.view", "project": "measure.view", "filled sheet": "measure.plan"}
DAY = datetime.date(2026, 10, 8)


def things(thing: type) -> list:
    made = []
    kind = MeasureType.objects.get(code="temporary_relief", division__level="region")
    for home in Household.objects.filter(cases__isnull=False, closed_on=None).distinct().order_by("pk"):
        near = home.village_id == factories.VILLAGE or home.county_id != factories.COUNTY
        owner = Department.objects.get(county_id=home.county_id, code="insurance" if near else "education")
        canary = f"说明金丝雀{home.pk}"
        head = home.members.get(relation="head")
        measure = Measure.objects.create(
            household=home,
            kind="marginal",
            case=home.cases.first(),
            department=owner,
            type=kind,
            code=kind.code,
            form="money",
            route="R3",
            amount=100,
            words=canary,
            year=2026,
            planned_from=DAY,
            planned_to=DAY,
            planned_by=User.objects.first(),
        )
        made.append(
            thing(
                "measure",
                str(home),
                {"uuid": measure.uuid},
                home.village_id,
                home.county_id,
                owner.code,
                canaries=[canary, head.name, head.masked_id],
            )
        )
        works = Project.objects.create(
            department=owner,
            village_id=home.village_id,
            type=kind,
            name=f"工程金丝雀{home.pk}",
            by=User.objects.first(),
        )
        made.append(
            thing(
                "project",
                str(home),
                {"uuid": works.uuid},
                home.village_id,
                home.county_id,
                owner.code,
                canaries=[works.name],
            )
        )
    return [*made, *_sheets(thing)]


def _sheets(thing: type) -> list:
    """Of a colleague in the same department, confirmed or forgotten: whoever handed it in sees it alone."""
    owner = factories.user("sheet-sender", Role.DEPARTMENT, factories.COUNTY, "insurance")
    made = [
        FilledSheet.objects.create(
            kind=kind,
            department=owner.acting.department,
            file_name=f"举措金丝雀{kind}.xlsx",
            stored_name="x",
            digest="x",
            by=owner,
        )
        for kind in ("plan", "delivery")
    ]
    where = {"village": factories.VILLAGE, "county": factories.COUNTY, "department": "insurance"}
    return [
        thing("filled sheet", sheet.kind, {"uuid": sheet.uuid}, canaries=[sheet.file_name], **where)
        for sheet in made
    ]


def sees(world, role: str, thing) -> bool:
    if thing.county != factories.COUNTY or thing.kind == "filled sheet":
        return False
    if role == Role.DEPARTMENT:
        return thing.department == "insurance"
    if role in (Role.VILLAGE_CADRE, Role.WORK_TEAM, Role.HELPER):
        return thing.village == factories.VILLAGE
    return role != Role.TOWNSHIP or thing.village.startswith("451228100")


def routes(route: type) -> dict:
    post = {"method": "post", "permission": "measure.plan"}
    return {
        "measures:measure-plan": route("order line", "measure.plan"),
        "measures:measure-list": route(permission="measure.view"),
        "measures:measure-begin": route(**post),
        "measures:measure-deliver": route(**post),
        "measures:measure-cancel": route(**post),
        "measures:measure-again": route(**post),
        "measures:measure-find": route(data=(("number", "459900197505040018"),), **post),
        "measures:measure-register": route(
            permission="measure.plan", fixed=(("uuid", "00000000-0000-4000-8000-000000000000"),)
        ),
        "measures:measure-sheet": route(permission="measure.plan"),
        "measures:measure-sheet-in": route(permission="measure.plan"),
        "measures:delivery-sheet": route(permission="measure.plan"),
        "measures:delivery-sheet-in": route(permission="measure.plan"),
        "measures:sheet-detail": route("filled sheet", "measure.plan"),
        "measures:sheet-confirm": route("filled sheet", **post),
        "measures:sheet-returned": route("filled sheet", "measure.plan"),
        "measures:measure-paper": route(permission="measure.view"),
        "measures:measure-detail": route("measure", "measure.view"),
        "measures:measure-change": route("measure", "measure.plan"),
        "measures:measure-repay": route("measure", data=(("amount", "1"),), **post),
        "measures:project-list": route(permission="measure.view"),
        "measures:project-register": route(**post),
        "measures:project-detail": route("project", "measure.view"),
        "measures:project-file": route("project", "measure.file", "post"),
        "measures:project-begin": route("project", data=(("on", "2026-10-08"),), **post),
        "measures:project-deliver": route("project", data=(("on", "2026-10-08"), ("proof", "x")), **post),
        "measures:filing-list": route(permission="measure.file"),
        "measures:measure-file": route(permission="measure.file", method="post"),
        "measures:measure-send-back": route(permission="measure.file", method="post"),
    }
