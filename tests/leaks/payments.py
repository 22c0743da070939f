"""Payments and bank accounts in the leak matrix: money is the county's, accounts are those of the households
of an area."""

from fangpin.accounts.models import User
from fangpin.accounts.roles import Role
from funding.models import ApplicationLine, BankAccount, Batch, BatchLine, HandedIn
from tests import factories

RIGHTS = {
    "source with lines": "fund.view",
    "batch": "payment.view",
    "bank answer": "payment.make",
    "failed line": "payment.make",
    "household with account": "account.view",
    "list of accounts": "account.edit",
}


def things(thing: type) -> list:
    made = []
    by = User.objects.order_by("pk").first()
    for line in ApplicationLine.objects.select_related("measure__household", "application__source").order_by(
        "pk"
    ):
        made += _paid(thing, line, by)
    stranger = factories.user("sheet-owner", Role.OFFICE, factories.COUNTY)
    sheet = HandedIn.objects.create(
        kind="accounts",
        county_id=factories.COUNTY,
        file_name="账户金丝雀.xlsx",
        stored_name="x",
        digest="x",
        by=stranger,
    )
    made.append(
        thing(
            "list of accounts",
            "of somebody else",
            {"uuid": sheet.uuid},
            factories.VILLAGE,
            factories.COUNTY,
            canaries=[sheet.file_name],
        )
    )
    return made


def _paid(thing: type, line: ApplicationLine, by: User) -> list:
    home, source = line.measure.household, line.application.source
    number = f"8800{line.pk:08d}{home.pk:04d}"
    account = BankAccount.objects.filter(household=home).first() or BankAccount.objects.create(
        household=home,
        holder=f"户名金丝雀{home.pk}",
        bank="农商行",
        number=number,
        number_index=f"{home.pk:032x}",
        tail=number[-4:],
        by=by,
    )
    batch = Batch.objects.create(
        county_id=home.county_id, source=source, number=f"批{line.pk}", amount=100, count=1, prepared_by=by
    )
    BatchLine.objects.create(batch=batch, number=1, line=line, amount=100, account=account)
    sheet = HandedIn.objects.create(
        kind="answer",
        batch=batch,
        county_id=home.county_id,
        file_name=f"回盘金丝雀{line.pk}.csv",
        stored_name="x",
        digest="x",
        by=by,
        confirmed_at="2026-10-08T08:00:00+08:00",
    )
    where = {"village": home.village_id, "county": home.county_id}
    head = home.members.get(relation="head")
    return [
        thing("source with lines", str(line.pk), {"uuid": source.uuid}, **where, canaries=[source.name]),
        thing("batch", str(line.pk), {"uuid": batch.uuid}, **where, canaries=[account.holder, head.name]),
        thing("bank answer", str(line.pk), {"uuid": sheet.uuid}, **where, canaries=[sheet.file_name]),
        thing("failed line", str(line.pk), {"uuid": line.uuid}, **where, canaries=[]),
        thing(
            "household with account", str(line.pk), {"uuid": home.uuid}, **where, canaries=[account.holder]
        ),
    ]


def sees(world, role: str, thing) -> bool:
    if thing.county != factories.COUNTY:
        return False
    if thing.kind in ("failed line", "list of accounts"):
        return False  # none of them has failed; a list is seen by whoever handed it in
    if thing.kind != "household with account":
        return True
    if role == Role.VILLAGE_CADRE:
        return thing.village == factories.VILLAGE
    return role != Role.TOWNSHIP or thing.village.startswith("451228100")


def routes(route: type) -> dict:
    pay, post, edit = {"permission": "payment.make"}, {"method": "post"}, {"permission": "account.edit"}
    return {
        "funding:batch-list": route(permission="payment.view"),
        "funding:batch-new": route("source with lines", **pay),
        "funding:batch-again": route("source with lines", **pay, **post),
        "funding:batch-detail": route("batch", "payment.view"),
        "funding:batch-send": route("batch", **pay, **post),
        "funding:batch-cancel": route("batch", **pay, **post),
        "funding:batch-settle": route("batch", **pay, **post),
        "funding:batch-come-back": route("batch", **pay, **post),
        "funding:batch-paper": route("batch", "payment.view"),
        "funding:bank-file": route("batch", **pay, **post),
        "funding:answer-in": route("batch", **pay, **post),
        "funding:answer-detail": route("bank answer", **pay),
        "funding:answer-confirm": route("bank answer", **pay, **post),
        "funding:line-give-up": route("failed line", **pay, **post),
        "funding:account-list": route(permission="account.view"),
        "funding:account-template": route(**edit),
        "funding:account-sheet-in": route(**edit),
        "funding:account-sheet": route("list of accounts", **edit),
        "funding:account-sheet-confirm": route("list of accounts", **edit, **post),
        "funding:account-sheet-returned": route("list of accounts", **edit),
        "funding:account-edit": route("household with account", "account.view"),
    }
