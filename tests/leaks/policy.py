"""Policy's part of the leak matrix: revisions, and simulations with their households."""

import datetime

from django.utils import timezone

from fangpin.accounts.roles import Role
from fangpin.policy.models import Policy, Revision
from households.models import Household
from screening.models import Round, Simulation, SimulationRow
from screening.simulation.run import Outcome
from tests import factories

REGION = "450000000000"
PLACES = (REGION, "451228000000", "451229000000")
RIGHTS = {"revision": "policy.view", "simulation": "policy.simulate"}


def things(thing: type) -> list:
    made = []
    for position, code in enumerate(PLACES):
        by = factories.user(
            f"policy-{position}", Role.REGION if code == REGION else Role.DIRECTOR, code, name="起草人"
        )
        made += [_revision(thing, by, code, position, is_released) for is_released in (False, True)]
        made.append(_simulation(thing, by, code, position))
    return made


def _revision(thing: type, by, code: str, position: int, is_released: bool):
    canary = f"金丝雀文号{position}{'已发' if is_released else '草稿'}"
    at = timezone.now() if is_released else None
    day = datetime.date(2020, 6, 1 + position + 10 * is_released)
    revision = Revision.objects.create(
        division_id=code,
        holds_from=day,
        document=canary,
        reason="试",
        drafted_by=by,
        released_at=at,
        released_by=by if is_released else None,
        state="released" if is_released else "draft",
    )
    Policy.objects.create(
        key="medical.threshold",
        division_id=code,
        value=1_900_000 + position,
        holds_from=day,
        document=canary,
        revision=revision,
        released_at=at,
    )
    label = f"{code} {'released' if is_released else 'draft'}"
    return thing("revision", label, {"uuid": revision.uuid}, county=code, canaries=[canary])


def _simulation(thing: type, by, code: str, position: int):
    """With a row of a household in the county and one of a foreign household, which nobody may see."""
    round = Round.objects.get(county="451228000000" if code == REGION else code)
    canary = f"试算金丝雀{position}"
    simulation = Simulation.objects.create(
        round=round,
        division_id=code,
        about=canary,
        policy=round.policy,
        by=by,
        done_at=timezone.now(),
        result=Outcome([], present=1).as_json(),
    )
    for number in ("CANARY0", "CANARY3"):
        SimulationRow.objects.create(
            simulation=simulation,
            household=Household.objects.get(number=number),
            category="marginal",
            subcriterion="medical.out_of_pocket",
            change="added",
            above_line=False,
            in_case=False,
        )
    return thing("simulation", code, {"uuid": simulation.uuid}, county=code, canaries=[canary])


def sees(role: str, thing) -> bool:
    if thing.kind == "simulation" or thing.label.endswith("draft"):
        if role == Role.REGION:
            return thing.county == REGION
        return thing.county == factories.COUNTY and role in (Role.OFFICE, Role.DIRECTOR)
    if thing.county == REGION or role == Role.REGION:
        return True
    return thing.county.startswith("4512") if role == Role.CITY else thing.county == factories.COUNTY


def routes(route: type) -> dict:
    return {
        "policy:parameter-list": route(permission="policy.view"),
        "policy:parameter-compare": route(permission="policy.view"),
        "policy:parameter-history": route(permission="policy.view", fixed=(("key", "medical.threshold"),)),
        "policy:revision-list": route(permission="policy.view"),
        "policy:revision-new": route(permission="policy.draft"),
        "policy:revision-detail": route("revision", "policy.view"),
        "policy:revision-change": route("revision", "policy.draft"),
        "policy:revision-release": route("revision", "policy.release", "post"),
        "policy:revision-discard": route("revision", "policy.draft", "post"),
        "policy:revision-acknowledge": route("revision", "policy.acknowledge", "post"),
        "screening:simulation-list": route(permission="policy.simulate"),
        "screening:simulation-new": route(permission="policy.simulate"),
        "screening:simulation-detail": route("simulation", "policy.simulate"),
    }
