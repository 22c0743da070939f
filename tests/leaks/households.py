"""Households in the leak matrix: one a place, with its member, a paper and a file of its township."""

import datetime

from fangpin.accounts.models import User
from fangpin.accounts.roles import Role
from fangpin.common.files import private_files
from fangpin.common.values import idnumbers
from households.models import Attachment, Household, ImportRow, RegistryImport
from screening.models import Lead, LeadReason, Round
from tests import factories
from tests.leaks.kinds import Route, Thing

REVEAL = (("purpose", "核对身份"), ("reason", "verify"))
ROUTES = {
    "households:household-list": Route(permission="household.view"),
    "households:household-search": Route(
        permission="household.view", method="post", data=(("q", "蓝金丝雀"),)
    ),
    "households:household-detail": Route("household", "household.view"),
    "households:household-reveal": Route("household", "number.reveal", "post", REVEAL),
    "households:member-reveal": Route("member", "number.reveal", "post", REVEAL),
    "households:attachment-add": Route("household", "attachment.add", "post"),
    "households:attachment-open": Route("attachment", "household.view"),
    "households:attachment-withdraw": Route("attachment", "attachment.add", "post"),
    "households:import-list": Route(permission="registry.import"),
    "households:import-upload": Route(permission="registry.import", method="post"),
    "households:import-template": Route(permission="registry.import", fixed=(("kind", "registry"),)),
    "households:import-detail": Route("import", "registry.import"),
    "households:import-check": Route("import", "registry.import", "post", own_area_only=True),
    "households:import-confirm": Route("import", "registry.import", "post", own_area_only=True),
    "households:import-returned": Route("import", "registry.import"),
    "households:takeover-close": Route(permission="takeover.close", method="post"),
}


def household(position: int, village: str, round: Round) -> Household:
    name = f"蓝金丝雀{'甲乙丙丁戊'[position]}"
    number = factories.id_number(datetime.date(1971, 2, 3 + position), serial=400 + position)
    home = Household.objects.create(
        county_id=village[:6] + "000000",
        village_id=village,
        number=f"CANARY{position}",
        status="ordinary",
        head_name=name,
        size=1,
        phone=f"1990000770{position}",
    )
    factories.member(
        home,
        datetime.date(1971, 2, 3 + position),
        name=name,
        relation="head",
        number=number,
        phone=f"1990000880{position}",
    )
    lead = Lead.objects.create(
        round=round,
        household=home,
        source="online",
        subcriterion="medical.out_of_pocket",
        category="marginal",
        above_line=False,
        in_case=False,
    )
    LeadReason.objects.create(
        lead=lead,
        rule="medical.out_of_pocket/medical_settlement",
        version=1,
        article="Art. 7(1)2",
        value=2_100_000,
        threshold=2_000_000,
        threshold_since=datetime.date(2020, 1, 19),
        rows=[{"feed": 1, "row": 7, "amount": 1}],
    )
    return home


def canaries_of(home: Household) -> list[str]:
    member = home.members.get()
    return [
        home.head_name,
        home.number,
        member.id_number,
        idnumbers.mask(member.id_number),
        home.phone,
        member.phone,
    ]


def things_of(home: Household, label: str, village: str) -> list[Thing]:
    member, canaries = home.members.get(), canaries_of(home)
    where = {"village": village, "county": village[:6] + "000000", "canaries": canaries}
    return [
        Thing("household", label, {"uuid": home.uuid}, **where),
        Thing("member", label, {"uuid": home.uuid, "pk": member.pk, "field": "id_number"}, **where),
        _paper(home, label, where),
    ]


def _paper(home: Household, label: str, where: dict) -> Thing:
    canary = f"材料金丝雀{home.pk}"
    kept = Attachment.objects.create(
        household=home,
        kind="illness",
        title=canary,
        stored_name=private_files.store(f"%PDF-{canary}".encode()),
        form="pdf",
        size=9,
        digest="x",
        by=User.objects.first(),
    )
    return Thing("attachment", label, {"uuid": kept.uuid}, **{**where, "canaries": [canary]})


def brought_in(position: int, village: str, label: str) -> Thing:
    township = village[:9] + "000"
    canary = f"金丝雀户册{position}"
    by = factories.user(f"importer-{position}", Role.TOWNSHIP, township, name="镇经办")
    batch = RegistryImport.objects.create(
        kind="registry",
        county_id=village[:6] + "000000",
        division_id=township,
        file_name=f"{canary}.xlsx",
        file_digest="x",
        stored_name=private_files.store(b"x"),
        by=by,
        headings=["姓名"],
    )
    ImportRow.objects.create(
        batch=batch, number=2, outcome="refused", code="required", message="没有填", data=[canary]
    )
    return Thing(
        "import",
        label,
        {"uuid": batch.uuid},
        village=township,
        county=village[:6] + "000000",
        canaries=[canary],
    )
