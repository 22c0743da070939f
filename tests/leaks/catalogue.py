"""The catalogue in the leak matrix: the region's rows for everybody, drafts for those of the same place."""

import datetime

from fangpin.accounts.models import User
from measures.models import MeasureType
from tests import factories

RIGHTS = {"standard draft": "catalogue.view"}


def things(thing: type) -> list:
    made = []
    region = MeasureType.objects.get(code="medical_aid", division__level="region")
    for county in ("451228000000", "451229000000"):
        kept = {
            each.attname: getattr(region, each.attname)
            for each in MeasureType._meta.concrete_fields
            if each.name
            not in ("id", "uuid", "division", "holds_from", "document", "released_at", "drafted_by")
        }
        canary = f"文号金丝雀{county[:6]}"
        draft = MeasureType.objects.create(
            **kept,
            division_id=county,
            holds_from=datetime.date(2027, 1, 1),
            document=canary,
            released_at=None,
            drafted_by=User.objects.first(),
        )
        made.append(thing("standard draft", county, {"uuid": draft.uuid}, county=county, canaries=[canary]))
    return made


def sees(world, role: str, thing) -> bool:
    """A draft is for those who act at the same place."""
    place = world.actors[role].acting.division_id
    return thing.county == factories.COUNTY == place


def routes(route: type) -> dict:
    return {
        "measures:catalogue-list": route(permission="catalogue.view"),
        "measures:catalogue-detail": route(permission="catalogue.view", fixed=(("code", "medical_aid"),)),
        "measures:catalogue-release": route("standard draft", "catalogue.release", "post"),
        "measures:catalogue-discard": route("standard draft", "catalogue.draft", "post"),
    }
