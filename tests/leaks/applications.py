"""Applications in the leak matrix: a department sees its own, the county's offices the county's; villages
none."""

import datetime

from fangpin.accounts.models import Department, User
from fangpin.common.files import private_files
from funding import ledger
from funding.models import Application, ApplicationLine, ApplicationPaper, FundSource
from measures.models import Measure
from tests import factories

RIGHTS = {"application": "fund.view", "fund line": "fund.view", "fund paper": "fund.view"}
DAY = datetime.date(2026, 10, 8)


def things(thing: type) -> list:
    made = []
    for measure in (
        Measure.objects.filter(code="temporary_relief")
        .select_related("household", "department")
        .order_by("pk")
    ):
        made += _applied(thing, measure)
    return made


def _applied(thing: type, measure: Measure) -> list:
    home, by = measure.household, User.objects.order_by("pk").first()
    canary = f"资金金丝雀{measure.pk}"
    source = FundSource.objects.create(
        county_id=home.county_id,
        year=2026,
        kind="fiscal",
        level="county",
        name=f"来源金丝雀{measure.pk}号",
        document=f"文{measure.pk}",
        by=by,
    )
    ledger.open_accounts(source)
    owner = Department.objects.get(pk=measure.department_id)
    application = Application.objects.create(
        county_id=home.county_id,
        department=owner,
        source=source,
        route="R1",
        number=f"申{measure.pk}",
        title=canary,
        prepared_by=by,
        steps=["扶贫部门审定", "财政部门审定", "领导小组备案"],
    )
    line = ApplicationLine.objects.create(
        application=application, number=1, measure=measure, kind="marginal", source_kind="fiscal", amount=100
    )
    paper = ApplicationPaper.objects.create(
        application=application,
        kind="basis",
        title=canary,
        stored_name=private_files.store(b"%PDF-" + canary.encode()),
        form="pdf",
        digest="x",
        by=by,
    )
    where = {"village": home.village_id, "county": home.county_id, "department": owner.code}
    head = home.members.get(relation="head")
    return [
        thing(
            "application",
            canary,
            {"uuid": application.uuid},
            **where,
            canaries=[canary, head.name, head.masked_id],
        ),
        thing("fund line", canary, {"uuid": line.uuid}, **where, canaries=[head.name]),
        thing("fund paper", canary, {"uuid": paper.uuid}, **where, canaries=[canary]),
    ]


def sees(world, role: str, thing) -> bool:
    from fangpin.accounts.roles import Role

    if thing.county != factories.COUNTY:
        return False
    return role != Role.DEPARTMENT or thing.department == "insurance"


def routes(route: type) -> dict:
    apply, post = {"permission": "fund.apply"}, {"method": "post"}
    return {
        "funding:application-list": route(permission="fund.view"),
        "funding:application-new": route(**apply),
        "funding:application-premium": route(**apply),
        "funding:application-approve": route(permission="fund.view", **post),
        "funding:application-decline": route(permission="fund.decide", **post),
        "funding:application-file": route(permission="fund.file", **post),
        "funding:application-detail": route("application", "fund.view"),
        "funding:application-change": route("application", data=(("title", "新"),), **apply, **post),
        "funding:application-add": route("application", **apply),
        "funding:application-take-off": route("application", **apply, **post),
        "funding:application-submit": route("application", **apply, **post),
        "funding:application-withdraw": route("application", **apply, **post),
        "funding:application-discard": route("application", **apply, **post),
        "funding:application-register": route("application", "fund.register", **post),
        "funding:application-confirm": route("application", "fund.file", **post),
        "funding:application-step": route("application", "fund.view", **post),
        "funding:application-sheet": route("application", "fund.view"),
        "funding:application-paper-add": route("application", "fund.view", **post),
        "funding:application-paper": route("fund paper", "fund.view"),
        "funding:line-trace": route("fund line", "fund.view"),
    }
