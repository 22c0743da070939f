"""The world of the scope leak matrix, and what each role may see of it, said independently of the program.

Every object carries a canary: a name, an ID number and a phone that stand nowhere else. A page that shows
the canary of something that the role may not see has leaked it.
"""

import datetime
from collections.abc import Iterable, Iterator

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.test import RequestFactory
from django.urls import get_resolver, resolve, reverse
from django.urls.resolvers import URLPattern, URLResolver
from django.utils import timezone

from fangpin.accounts.models.tokens import ApiToken
from fangpin.accounts.roles import Role
from fangpin.accounts.tokens import SCOPES, digest
from fangpin.common.models import Job
from households.models import HelperAssignment
from screening.models import Round
from tests import factories
from tests.leaks import (
    applications,
    catalogue,
    delivery,
    handheld,
    households,
    measures,
    orders,
    payments,
    people,
    plans,
    policy,
    registry,
    releases,
    screening,
    sources,
    triage,
    visits,
)
from tests.leaks import rounds as leaks_rounds
from tests.leaks.kinds import CITY_OF_ACTORS, COUNTIES, COUNTY_WIDE, PLACES, Route, Thing, World

# The help: RIGHTS, things, sees, routes of each subject.
HELP = (
    catalogue,
    orders,
    measures,
    plans,
    visits,
    releases,
    applications,
    payments,
    sources,
    handheld,
)


def build() -> World:
    actors = _actors()
    _tokens(actors)
    things: list[Thing] = []
    rounds = {}
    for county in COUNTIES:
        registry.reported(county)
        rounds[county] = Round.objects.create(county_id=county, year=2026, quarter=4, policy=_policy(county))
        things.append(Thing("round", county, {"uuid": rounds[county].uuid}, county=county))
        for department in ("insurance", "education"):
            things.append(screening.delivered(rounds[county], department))
    helped = ""
    for position, (label, village) in enumerate(PLACES.items()):
        home = households.household(position, village, rounds[village[:6] + "000000"])
        things += households.things_of(home, label, village)
        things += screening.compared(home, rounds[village[:6] + "000000"], label, village)
        things += screening.at_the_door(home, rounds[village[:6] + "000000"], label)
        things.append(households.brought_in(position, village, label))
        where = {"label": label, "village": village, "county": village[:6] + "000000"}
        things.append(registry.changed(home, Thing, position, actors[Role.OFFICE], **where))
        things += screening.national(position, home, label, village)
        if label == "own village":
            helped = home.uuid
            HelperAssignment.objects.create(household=home, user=actors[Role.HELPER])
    things += [
        screening.asked(rounds["451228000000"], "451228101201"),
        screening.asked(rounds["451229000000"], "451229100001"),
    ]
    things += people.things(Thing)
    things += delivery.things(Thing)
    things += triage.things(Thing)
    things += policy.things(Thing)
    for subject in HELP:
        things += subject.things(Thing)
    for village in ("451228101201", "451229100001"):
        things += screening.sitting(rounds[village[:6] + "000000"], village)
    stranger = factories.user("stranger", Role.OFFICE, "451229000000", name="外县经办")
    things.append(_job(stranger))
    return World(actors, things, helped)


def _actors() -> dict[str, object]:
    places = {
        Role.VILLAGE_CADRE: PLACES["own village"],
        Role.WORK_TEAM: PLACES["own village"],
        Role.HELPER: "451228000000",
        Role.TOWNSHIP: "451228100000",
        Role.CITY: "451200000000",
        Role.REGION: "450000000000",
    }
    actors = {}
    for role in Role:
        department = "insurance" if role == Role.DEPARTMENT else None
        actors[role] = factories.user(
            f"actor-{role}", role, places.get(role, "451228000000"), department, name="演员"
        )
    return actors


def _policy(county: str) -> dict:
    from fangpin.accounts.models import Division
    from fangpin.policy.services import in_force

    return in_force(Division.objects.get(code=county), datetime.date(2026, 12, 31)).snapshot()


def secret_of(role: str) -> str:
    return f"fp_secret-of-{role}"


def _tokens(actors: dict) -> None:
    """A token with every scope for every role: the duty alone must hold it back."""
    until = timezone.now() + datetime.timedelta(days=1)
    for role, actor in actors.items():
        ApiToken.objects.create(
            digest=digest(secret_of(role)),
            hint=role[:12],
            duty=actor.acting,
            scopes=list(SCOPES),
            expires_at=until,
        )


def _job(owner) -> Thing:
    job = Job.objects.create(
        kind="export", key="export:x", by=owner, acting_as=owner.acting, payload={"export": "households"}
    )
    return Thing("job", "of somebody else", {"uuid": job.uuid}, owner=owner)


def sees(world: World, role: str, thing: Thing) -> bool:
    if thing.kind in (
        "household",
        "member",
        "candidate",
        "verification",
        "photo",
        "case",
        "attachment",
        "change",
    ):
        return {
            Role.VILLAGE_CADRE: thing.village == PLACES["own village"],
            Role.WORK_TEAM: thing.village == PLACES["own village"],
            Role.HELPER: thing.label == "own village",
            Role.TOWNSHIP: thing.village.startswith("451228100"),
        }.get(role, role in COUNTY_WIDE and thing.county == factories.COUNTY)
    if thing.kind in ("person", "duty", "user list"):
        return people.sees(role, thing)
    if thing.kind == "heading":
        return delivery.sees(role, thing)
    if thing.kind in ("settlement", "memory"):
        return triage.sees(role, thing)
    if thing.kind in policy.RIGHTS:
        return policy.sees(role, thing)
    for subject in HELP:
        if thing.kind in subject.RIGHTS:
            return subject.sees(world, role, thing)
    if thing.kind == "inquiry":
        return thing.county == factories.COUNTY and role in COUNTY_WIDE | {Role.DEPARTMENT}
    if thing.kind in ("meeting", "agenda", "recusal"):
        return thing.county == factories.COUNTY and role in {*COUNTY_WIDE, Role.SECRETARY}
    if thing.kind in ("entry", "village", "hamlet", "door"):
        if role in (Role.VILLAGE_CADRE, Role.WORK_TEAM) or (role == Role.HELPER and thing.kind == "door"):
            return thing.village == PLACES["own village"]
        in_township = role == Role.TOWNSHIP and thing.village.startswith("451228100")
        return in_township or (role in COUNTY_WIDE and thing.county == factories.COUNTY)
    if thing.kind == "round":
        if role == Role.REGION:
            return True
        if role == Role.CITY:
            return thing.county.startswith(CITY_OF_ACTORS)
        return thing.county == factories.COUNTY
    if thing.kind == "feed":
        mine = thing.department == "insurance" or role != Role.DEPARTMENT
        return thing.county == factories.COUNTY and mine
    if thing.kind.startswith("national") or thing.kind == "sheet":
        return role in {*COUNTY_WIDE, Role.CLIENT} and thing.county == factories.COUNTY
    if thing.kind == "import":
        if role == Role.TOWNSHIP:
            return thing.village == "451228100000"
        return thing.county == factories.COUNTY
    return thing.owner == world.actors[role]


ROUTES: dict[str, Route] = {
    "home": Route(),
    "accounts:password-change": Route(),
    "accounts:duty-switch": Route(method="post"),
    "common:job-progress": Route("job"),
    "common:export-list": Route(),
    "common:export-start": Route(
        method="post", permission="household.export", fixed=(("name", "households"),)
    ),
    "common:export-detail": Route("job"),
    "common:export-download": Route("job"),
    "api:schema": Route(),
    "api:docs": Route(),
}
ROUTES |= households.ROUTES | screening.ROUTES
ROUTES |= people.routes(Route)
ROUTES |= delivery.routes(Route)
ROUTES |= triage.routes(Route)
ROUTES |= policy.routes(Route)
ROUTES |= registry.routes(Route)
ROUTES |= leaks_rounds.routes(Route)
for subject in HELP:
    ROUTES |= subject.routes(Route)
# Open to everybody, tell nothing of anybody.
PUBLIC = {
    "accounts:login",
    "accounts:logout",
    "alive",
    "ready",
    "api:nothing",
    "handheld:handheld",
    "handheld:worker",
    "handheld:manifest",
    *handheld.BY_TOKEN,
}


def url_names(patterns=None, namespace: str = "") -> set[str]:
    """Every named URL of the project."""
    names = set()
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            names |= url_names(entry.url_patterns, inner)
        elif isinstance(entry, URLPattern):
            names.add(f"{namespace}{entry.name}")
    return names


def walk(client, world: World, role: str, names: Iterable[str] = ROUTES) -> Iterator[str]:
    """Every route as `role` against every object; what is wrong, in words, as it is found."""
    client.force_login(world.actors[role])
    canaries = _canaries_for(world, role)
    refused = set()
    for name in names:
        route = ROUTES[name]
        for thing in world.of(route.kind) if route.kind else [None]:
            expected = _expected(world, role, route, thing)
            if expected in refused and _refusal(world.actors[role], name, route, thing) == expected:
                continue
            if expected:
                refused.add(expected)
            yield from _visit(client, role, name, route, thing, canaries, expected)


def _refusal(actor, name: str, route: Route, thing: Thing | None) -> int | None:
    """What the view itself refuses `actor` with. All refusals show one page, which tells nothing of what was
    asked for: it is read once a role, the rest is asked of the view alone, without the house around it."""
    if route.api:
        return None
    url = _url(name, route, thing)
    request = getattr(RequestFactory(), route.method)(url, dict(route.data))
    request.user, request.session, request.htmx, request.duties = actor, {}, False, []
    match = resolve(url)
    with transaction.atomic():
        transaction.set_rollback(True)
        try:
            match.func(request, *match.args, **match.kwargs)
        except PermissionDenied:
            return 403
        except Http404:
            return 404
        except Exception:  # it went on with what it had better refused: the client tells
            return None
    return None


def _url(name: str, route: Route, thing: Thing | None) -> str:
    address = dict(route.fixed) | (thing.address if thing and not route.json else {})
    return reverse(name, kwargs=address)


def _visit(
    client, role: str, name: str, route: Route, thing: Thing | None, canaries, expected: int | None
) -> list[str]:
    url = _url(name, route, thing)
    sent = {"headers": {"authorization": f"Bearer {secret_of(role)}"}} if route.api else {}
    sent |= {"content_type": "application/json"} if route.json else {}
    data = route.json(thing) if route.json else dict(route.data)
    with transaction.atomic():
        answer = getattr(client, route.method)(url, data, **sent)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    what = f"{role} {route.method} {name} {thing.label if thing else ''}"
    text = body.decode("utf-8", "replace") + answer.headers.get("Location", "")
    open_to_him, hidden = canaries
    leaked = [canary for canary in hidden if canary in text and canary not in open_to_him]
    faults = [f"{what}: shows {canary}" for canary in leaked]
    if answer.status_code not in ((expected,) if expected else (200, 302, 422)):
        faults.append(f"{what}: status {answer.status_code}")
    return faults


# What shows the canaries of a kind asks for one of these rights (several: any of them).
RIGHTS = {
    "household": "household.view",
    "attachment": "household.view",
    "member": "household.view",
    "feed": "feed.view",
    "import": "registry.import",
    "candidate": "candidate.view household.view",
    "photo": "candidate.view",
    "verification": "candidate.view household.view",
    "inquiry": "inquiry.view household.view",
    "meeting": "meeting.view",
    "agenda": "meeting.view household.view",
    "case": "household.view",
    "round": "round.view",
    "national": "national.view",
    "national refused": "national.view",
    "sheet": "national.answer",
    "entry": "field.view candidate.view",
    "hamlet": "field.view",
}
RIGHTS["change"] = "household.view"
RIGHTS |= dict.fromkeys(("person", "duty", "user list"), people.RIGHT)
RIGHTS["heading"] = delivery.RIGHT
RIGHTS |= dict.fromkeys(("settlement", "memory"), triage.RIGHT)
RIGHTS |= policy.RIGHTS
for subject in HELP:
    RIGHTS |= subject.RIGHTS


def _canaries_for(world: World, role: str) -> tuple[set[str], list[str]]:
    """Those that the role may see on some thing, and those of things that it may not see."""
    open_to_him, hidden = set(), []
    for thing in world.things:
        if sees(world, role, thing) and _may_list(world, role, thing):
            open_to_him |= set(thing.canaries)
        else:
            hidden += thing.canaries
    return open_to_him, list(dict.fromkeys(hidden))


def _may_list(world: World, role: str, thing: Thing) -> bool:
    right = RIGHTS.get(thing.kind)
    return right is None or any(world.actors[role].may(one) for one in right.split())


def _expected(world: World, role: str, route: Route, thing: Thing | None) -> int | None:
    """What he is refused with, if at all."""
    if route.permission and not world.actors[role].may(route.permission):
        return 403
    if thing is not None and not sees(world, role, thing):
        return 404
    if route.own_area_only and thing.village != world.actors[role].acting.division_id:
        return 403
    return None
