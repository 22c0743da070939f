"""Sources and their movements in the leak matrix: the money is the county's."""

from fangpin.accounts.models import User
from funding import ledger
from funding.models import FundSource, Movement, MovementKind
from tests import factories

RIGHTS = {"source": "fund.view", "donation": "fund.view", "movement": "fund.view"}


def things(thing: type) -> list:
    made = []
    for county in (factories.COUNTY, "451229000000"):
        by = User.objects.order_by("pk").first()
        source = FundSource.objects.create(
            county_id=county,
            year=2026,
            kind="donation",
            level="society",
            name=f"捐赠金丝雀{county}",
            document=f"协{county}",
            donor=f"捐赠人金丝雀{county}",
            purpose="助学",
            by=by,
        )
        ledger.open_accounts(source)
        accounts = {account.kind: account for account in source.accounts.all()}
        movement = Movement.objects.create(
            key=f"leak:{county}",
            kind=MovementKind.ALLOCATE,
            source=source,
            from_account=accounts["outside"],
            to_account=accounts["free"],
            amount=100,
            on="2026-10-08",
            words=f"变动金丝雀{county}",
            by=by,
        )
        where = {"county": county}
        made += [
            thing("source", county, {"uuid": source.uuid}, **where, canaries=[source.name]),
            thing("donation", county, {"uuid": source.uuid}, **where, canaries=[source.donor]),
            thing("movement", county, {"uuid": movement.uuid}, **where, canaries=[movement.words]),
        ]
    return made


def sees(world, role: str, thing) -> bool:
    return thing.county == factories.COUNTY


def routes(route: type) -> dict:
    manage, post = {"permission": "fund.source"}, {"method": "post"}
    return {
        "funding:source-list": route(permission="fund.view"),
        "funding:source-new": route(**manage),
        "funding:source-detail": route("source", "fund.view"),
        "funding:source-increase": route("source", **manage, **post),
        "funding:source-give-back": route("source", **manage, **post),
        "funding:source-carry": route("source", **manage, **post),
        "funding:source-close": route("source", **manage, **post),
        "funding:source-paper": route("source", "fund.view"),
        "funding:source-donor-report": route("donation", "fund.view"),
        "funding:movement-correct": route("movement", **manage, **post),
        "funding:fund-close": route(permission="fund.view"),
        "funding:fund-close-month": route(permission="fund.close", **post),
        "funding:fund-report": route(permission="fund.export"),
        "funding:unpaid-list": route(permission="fund.view"),
        "funding:fund-statement": route(permission="fund.statement"),
    }
