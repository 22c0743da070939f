"""Income plans in the leak matrix: those of the households of one's area."""

from fangpin.accounts.models import User
from fangpin.accounts.roles import Role
from households.models import Household
from measures.models import IncomePlan
from tests import factories

RIGHTS = {"plan": "plan.view"}


def things(thing: type) -> list:
    made = []
    for home in Household.objects.filter(cases__isnull=False, closed_on=None).distinct().order_by("pk"):
        canary = f"培训金丝雀{home.pk}"
        plan = IncomePlan.objects.create(
            household=home, year=2026, training=canary, begun_by=User.objects.first()
        )
        made.append(
            thing("plan", str(home), {"uuid": plan.uuid}, home.village_id, home.county_id, canaries=[canary])
        )
    return made


def sees(world, role: str, thing) -> bool:
    if thing.county != factories.COUNTY:
        return False
    if role in (Role.VILLAGE_CADRE, Role.WORK_TEAM, Role.HELPER):
        return thing.village == factories.VILLAGE
    return role != Role.TOWNSHIP or thing.village.startswith("451228100")


def routes(route: type) -> dict:
    post = {"method": "post"}
    return {
        "measures:plan-list": route(permission="plan.view"),
        "measures:plan-missing": route(permission="plan.view"),
        "measures:plan-copy": route(permission="plan.make", **post),
        "measures:plan-paper": route(permission="plan.view"),
        "measures:plan-begin": route("household", "plan.make", **post),
        "measures:plan-detail": route("plan", "plan.view"),
        "measures:plan-agree": route("plan", "plan.make", **post),
        "measures:plan-reopen": route("plan", "plan.make", **post),
        "measures:plan-note": route("plan", "plan.track", **post),
        "measures:plan-conclude": route("plan", "plan.make", **post),
    }
