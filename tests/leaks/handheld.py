"""What phones sent in the leak matrix: that of one's own area."""

import uuid

from fangpin.accounts.models import Duty
from fangpin.accounts.roles import Role
from fangpin.common.files import private_files
from handheld.models import Phone, PhoneEntry, PhonePhoto
from households.models import Household
from screening.models import EntryPhoto, FieldEntry
from tests import factories

RIGHTS = {
    "phone entry": "field.view",
    "phone photo": "field.view",
    "entry photo": "field.view",
    "phone": "user.manage",
}

# They know a phone by its token alone (tests/handheld/test_wire.py); a person signed in is nobody to them.
BY_TOKEN = {
    "handheld:phone-open",
    "handheld:phone-pack",
    "handheld:phone-entry",
    "handheld:phone-photo",
    "handheld:phone-leave",
}


def things(thing: type) -> list:
    made = []
    for home in Household.objects.filter(number__startswith="CANARY").order_by("pk"):
        duty = Duty.objects.filter(role=Role.VILLAGE_CADRE, division=home.village_id).order_by("-pk").first()
        phone = Phone.objects.create(
            user=duty.user, duty=duty, key="k", token_digest=uuid.uuid4().hex, password_mark="x"
        )
        canary = f"手机金丝雀{home.pk}"
        entry = PhoneEntry.objects.create(
            uuid=uuid.uuid4(),
            digest="x",
            kind="entry",
            phone=phone,
            by=duty.user,
            village_id=home.village_id,
            household=home,
            state="attention",
            reason=canary,
            content={"kind": "entry", "fields": {"words": canary}},
        )
        content = f"手机照片{home.pk}"
        photo = PhonePhoto.objects.create(
            uuid=uuid.uuid4(),
            entry=entry,
            digest="x",
            size=1,
            stored_name=private_files.store(content.encode()),
        )
        where = {"village": home.village_id, "county": home.county_id}
        made.append(thing("phone", str(home), {"uuid": phone.uuid}, **where))
        made.append(thing("phone entry", str(home), {"uuid": entry.uuid}, **where, canaries=[canary]))
        made.append(thing("phone photo", str(home), {"uuid": photo.uuid}, **where, canaries=[content]))
    for entry in FieldEntry.objects.filter(household__number__startswith="CANARY").order_by("pk"):
        content = f"入户照片{entry.pk}"
        photo = EntryPhoto.objects.create(
            entry=entry, stored_name=private_files.store(content.encode()), digest="x", by=entry.by
        )
        where = {"village": entry.village_id, "county": entry.round.county_id}
        made.append(thing("entry photo", str(entry), {"uuid": photo.uuid}, **where, canaries=[content]))
    return made


def sees(world, role: str, thing) -> bool:
    if thing.county != factories.COUNTY:
        return False
    if thing.kind == "phone":  # the actors have none of their own
        return role == Role.ADMINISTRATOR
    if role in (Role.VILLAGE_CADRE, Role.WORK_TEAM):
        return thing.village == factories.VILLAGE
    return role != Role.TOWNSHIP or thing.village.startswith("451228100")


def routes(route: type) -> dict:
    return {
        "handheld:phone-list": route(permission="user.manage"),
        "handheld:phone-mine": route(),
        "handheld:phone-stop": route("phone", method="post"),
        "handheld:received-list": route(permission="field.view"),
        "handheld:received-detail": route("phone entry", "field.view"),
        "handheld:received-settle": route(
            "phone entry", "field.settle", "post", (("outcome", "close"), ("words", "请重填"))
        ),
        "handheld:received-correct": route(
            "phone entry", "field.settle", "post", (("visited_on", "2020-03-11"), ("correct-words", "核对过"))
        ),
        "screening:entry-photo": route("entry photo", "field.view"),
        "handheld:received-photo": route("phone photo", "field.view"),
    }
