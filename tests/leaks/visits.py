"""Visits in the leak matrix: those of the households of one's area."""

import datetime

from fangpin.accounts.models import User
from fangpin.accounts.roles import Role
from fangpin.common.files import private_files
from households.models import Household
from measures.models import Visit, VisitPhoto
from tests import factories

RIGHTS = {"visit": "visit.view", "visit photo": "visit.view"}


def things(thing: type) -> list:
    made = []
    for home in Household.objects.filter(cases__isnull=False, closed_on=None).distinct().order_by("pk"):
        canary = f"走访金丝雀{home.pk}"
        visit = Visit.objects.create(
            household=home,
            case=home.cases.first(),
            on=datetime.date(2026, 10, 8),
            visitors=["某"],
            words=canary,
            by=User.objects.first(),
        )
        content = f"照片{home.pk}".encode()
        photo = VisitPhoto.objects.create(
            visit=visit,
            stored_name=private_files.store(content),
            digest=private_files.digest(content),
            by=visit.by,
        )
        where = {"village": home.village_id, "county": home.county_id}
        made.append(thing("visit", str(home), {"uuid": visit.uuid}, **where, canaries=[canary]))
        made.append(
            thing("visit photo", str(home), {"uuid": photo.uuid}, **where, canaries=[content.decode()])
        )
    return made


def sees(world, role: str, thing) -> bool:
    if thing.county != factories.COUNTY:
        return False
    if role in (Role.VILLAGE_CADRE, Role.WORK_TEAM, Role.HELPER):
        return thing.village == factories.VILLAGE
    return role != Role.TOWNSHIP or thing.village.startswith("451228100")


def routes(route: type) -> dict:
    return {
        "measures:follow-list": route(permission="visit.view"),
        "measures:follow-places": route(permission="visit.view"),
        "measures:unarrived-list": route(permission="measure.view"),
        "measures:visit-list": route(permission="visit.view"),
        "measures:visit-papers": route(permission="visit.view"),
        "measures:visit-new": route("household", "visit.make"),
        "measures:visit-detail": route("visit", "visit.view"),
        "measures:visit-withdraw": route("visit", "visit.view", "post", (("reason", "误"),)),
        "measures:visit-photo": route("visit photo", "visit.view"),
    }
