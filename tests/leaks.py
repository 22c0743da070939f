"""The world of the scope leak matrix, and what each role may see of it, said independently of the program.

Every object carries a canary: a name, an ID number and a phone that stand nowhere else. A page that shows
the canary of something that the role may not see has leaked it.
"""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import transaction
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver
from django.utils import timezone

from fangpin.accounts.models import Department, User
from fangpin.accounts.roles import Role
from fangpin.accounts.tokens import SCOPES, ApiToken, digest
from fangpin.common import idnumbers, private_files
from fangpin.common.models import Job
from households.models import Attachment, Case, Hamlet, HelperAssignment, Household, ImportRow, RegistryImport
from screening import register
from screening.models import (
    AgendaItem,
    AnswerSheet,
    Attendance,
    Candidate,
    DepartmentInquiry,
    Feed,
    FeedRow,
    FieldEntry,
    Lead,
    LeadReason,
    Meeting,
    NationalItem,
    Recusal,
    Round,
    Verification,
    VerificationPhoto,
)
from tests import (
    factories,
    leaks_applications,
    leaks_catalogue,
    leaks_delivery,
    leaks_handheld,
    leaks_measures,
    leaks_orders,
    leaks_payments,
    leaks_people,
    leaks_plans,
    leaks_policy,
    leaks_registry,
    leaks_releases,
    leaks_rounds,
    leaks_sources,
    leaks_triage,
    leaks_visits,
)

# The help: RIGHTS, things, sees, routes of each subject.
HELP = (
    leaks_catalogue, leaks_orders, leaks_measures, leaks_plans, leaks_visits, leaks_releases, leaks_applications,
    leaks_payments, leaks_sources, leaks_handheld,
)  # fmt: skip

# Areas: (label, village). The actors act in 都安, its first township and first village.
PLACES = {
    "own village": "451228100001",
    "village beside it": "451228100002",
    "other township": "451228101201",
    "other county": "451229100001",
    "other city": "450102001003",
}
COUNTIES = ("451228000000", "451229000000", "450102000000")
CITY_OF_ACTORS = "4512"


@dataclass
class Thing:
    """An object of the world: how it is addressed, where it lies, its canaries."""

    kind: str
    label: str
    address: dict
    village: str = ""
    county: str = ""
    department: str = ""
    owner: object = None
    canaries: list[str] = field(default_factory=list)


@dataclass
class World:
    actors: dict[str, object]
    things: list[Thing]
    helped: str

    def of(self, kind: str) -> list[Thing]:
        return [thing for thing in self.things if thing.kind == kind]


def build() -> World:
    actors = _actors()
    _tokens(actors)
    things: list[Thing] = []
    rounds = {}
    for county in COUNTIES:
        leaks_registry.reported(county)
        rounds[county] = Round.objects.create(county_id=county, year=2026, quarter=4, policy=_policy(county))
        things.append(Thing("round", county, {"uuid": rounds[county].uuid}, county=county))
        for department in ("insurance", "education"):
            things.append(_feed(rounds[county], department))
    helped = ""
    for position, (label, village) in enumerate(PLACES.items()):
        home = _household(position, village, rounds[village[:6] + "000000"])
        things += _things_of(home, label, village)
        things += _compared(home, rounds[village[:6] + "000000"], label, village)
        things += _field_things(home, rounds[village[:6] + "000000"], label)
        things.append(_import(position, village, label))
        where = {"label": label, "village": village, "county": village[:6] + "000000"}
        things.append(leaks_registry.changed(home, Thing, position, actors[Role.OFFICE], **where))
        things += _national(position, home, label, village)
        if label == "own village":
            helped = home.uuid
            HelperAssignment.objects.create(household=home, user=actors[Role.HELPER])
    things += [
        _inquiry(rounds["451228000000"], "451228101201"),
        _inquiry(rounds["451229000000"], "451229100001"),
    ]
    things += leaks_people.things(Thing)
    things += leaks_delivery.things(Thing)
    things += leaks_triage.things(Thing)
    things += leaks_policy.things(Thing)
    for subject in HELP:
        things += subject.things(Thing)
    for village in ("451228101201", "451229100001"):
        things += _sitting(rounds[village[:6] + "000000"], village)
    stranger = factories.user("stranger", Role.OFFICE, "451229000000", name="外县经办")
    things.append(_job(stranger))
    return World(actors, things, helped)


def _actors() -> dict[str, object]:
    places = {
        Role.VILLAGE_CADRE: PLACES["own village"], Role.WORK_TEAM: PLACES["own village"],
        Role.HELPER: "451228000000", Role.TOWNSHIP: "451228100000", Role.CITY: "451200000000",
        Role.REGION: "450000000000",
    }  # fmt: skip
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


def _household(position: int, village: str, round: Round) -> Household:
    name = f"蓝金丝雀{'甲乙丙丁戊'[position]}"
    number = factories.id_number(datetime.date(1971, 2, 3 + position), serial=400 + position)
    home = Household.objects.create(
        county_id=village[:6] + "000000", village_id=village, number=f"CANARY{position}", status="ordinary",
        head_name=name, size=1, phone=f"1990000770{position}",
    )  # fmt: skip
    factories.member(
        home, datetime.date(1971, 2, 3 + position), name=name, relation="head", number=number,
        phone=f"1990000880{position}",
    )  # fmt: skip
    lead = Lead.objects.create(
        round=round, household=home, source="online", subcriterion="medical.out_of_pocket", category="marginal",
        above_line=False, in_case=False,
    )  # fmt: skip
    LeadReason.objects.create(
        lead=lead, rule="medical.out_of_pocket/medical_settlement", version=1, article="Art. 7(1)2", value=2_100_000,
        threshold=2_000_000, threshold_since=datetime.date(2020, 1, 19), rows=[{"feed": 1, "row": 7, "amount": 1}],
    )  # fmt: skip
    return home


def _canaries(home: Household) -> list[str]:
    member = home.members.get()
    return [
        home.head_name,
        home.number,
        member.id_number,
        idnumbers.mask(member.id_number),
        home.phone,
        member.phone,
    ]


def _things_of(home: Household, label: str, village: str) -> list[Thing]:
    member, canaries = home.members.get(), _canaries(home)
    where = {"village": village, "county": village[:6] + "000000", "canaries": canaries}
    return [
        Thing("household", label, {"uuid": home.uuid}, **where),
        Thing("member", label, {"uuid": home.uuid, "pk": member.pk, "field": "id_number"}, **where),
        _paper(home, label, where),
    ]


def _paper(home: Household, label: str, where: dict) -> Thing:
    canary = f"材料金丝雀{home.pk}"
    kept = Attachment.objects.create(
        household=home, kind="illness", title=canary, stored_name=private_files.store(f"%PDF-{canary}".encode()),
        form="pdf", size=9, digest="x", by=User.objects.first(),
    )  # fmt: skip
    return Thing("attachment", label, {"uuid": kept.uuid}, **{**where, "canaries": [canary]})


def _compared(home: Household, round: Round, label: str, village: str) -> list[Thing]:
    candidate = Candidate.objects.create(
        round=round, household=home, state="to_verify", side="online_only", category="marginal"
    )
    task = Verification.objects.create(round=round, household=home, candidate=candidate)
    canary = f"照片金丝雀{home.pk}"
    photo = VerificationPhoto.objects.create(
        verification=task,
        stored_name=private_files.store(canary.encode()),
        digest="x",
        by=User.objects.first(),
    )
    where = {"village": village, "county": village[:6] + "000000", "canaries": _canaries(home)}
    return [
        Thing("candidate", label, {"uuid": candidate.uuid}, **where),
        Thing("verification", label, {"uuid": task.uuid}, **where),
        Thing("photo", label, {"uuid": photo.uuid}, **{**where, "canaries": [canary]}),
    ]


def _inquiry(round: Round, village: str) -> Thing:
    """A household of its own, so that what a department may see of it is told apart from the rest."""
    name = f"蓝查询{village[:6]}"
    home = factories.household(village=village, names=[name])
    candidate = Candidate.objects.create(
        round=round, household=home, state="to_verify", side="offline_only", category="marginal"
    )
    department = Department.objects.get(county_id=round.county_id, code="insurance")
    inquiry = DepartmentInquiry.objects.create(
        candidate=candidate, department=department, subcriterion="medical.out_of_pocket"
    )
    return Thing(
        "inquiry", village, {"uuid": inquiry.uuid}, village=village, county=round.county_id, department="insurance",
        canaries=[name],
    )  # fmt: skip


def _sitting(round: Round, village: str) -> list[Thing]:
    """A meeting that is held and registered, with a household of its own and a member who may have to stay out."""
    name, chair = f"蓝议程{village[:6]}", f"农主持{village[:6]}"
    home = factories.household(village=village, names=[name])
    candidate = Candidate.objects.create(
        round=round, household=home, state="confirmed", side="consistent", category="marginal",
        listed_at=timezone.now(),
    )  # fmt: skip
    office = factories.user(f"sitting-{village}", Role.OFFICE, round.county_id, name="筹备人")
    secretary = factories.user(f"registrar-{village}", Role.SECRETARY, round.county_id, name="登记人")
    meeting = Meeting.objects.create(
        round=round, state="held", planned_for=timezone.now(), place="会议室", chair=chair, prepared_by=office,
        way="registered", registered_by=secretary, registered_at=timezone.now(), signer_name=chair,
        signed_on=timezone.localdate(), document=f"文号{village[:6]}",
        scan_name=private_files.store(f"%PDF-{chair}".encode()), scan_kind="pdf",
    )  # fmt: skip
    item = AgendaItem.objects.create(
        meeting=meeting,
        candidate=candidate,
        decision="approved",
        decided_by=office,
        decided_at=timezone.now(),
    )
    recusal = Recusal.objects.create(
        item=item,
        attendance=Attendance.objects.create(meeting=meeting, name=f"陆回避{village[:6]}"),
        reason="同名",
    )
    where = {"village": village, "county": round.county_id}
    return [
        Thing("meeting", village, {"uuid": meeting.uuid}, **where, canaries=[chair, recusal.attendance.name]),
        Thing("agenda", village, {"uuid": item.uuid}, **where, canaries=[name]),
        Thing("recusal", village, {"uuid": meeting.uuid, "pk": recusal.pk}, **where),
    ]


def _field_things(home: Household, round: Round, label: str) -> list[Thing]:
    """An entry that waits for a person, the village's page, a hamlet to sign off, a household to enter."""
    village = home.village_id
    hamlet = Hamlet.objects.create(village_id=village, name=f"金丝雀屯{village}")
    by = factories.user(f"cadre-{village}", Role.VILLAGE_CADRE, village, name="录入人")
    entry = FieldEntry.objects.create(
        digest="x", round=round, village_id=village, household=home, visited_on="2026-10-09", way="visit", by=by,
        visitors=f"金丝雀入户人{village}", source="cadre", state="attention", attention="本季度已提请审定",
    )  # fmt: skip
    where = {"village": village, "county": village[:6] + "000000"}
    return [
        Thing("entry", label, {"uuid": entry.uuid}, **where, canaries=[entry.visitors]),
        Thing("village", label, {"uuid": round.uuid, "code": village}, **where),
        Thing("hamlet", label, {"uuid": round.uuid, "pk": hamlet.pk}, **where, canaries=[hamlet.name]),
        Thing("door", label, {"uuid": round.uuid, "household": home.uuid}, **where),
    ]


def _feed(round: Round, code: str) -> Thing:
    department = Department.objects.get(county_id=round.county_id, code=code)
    kind = {"insurance": "medical_settlement", "education": "school_dropout"}[code]
    canary = f"农金丝雀{code}{round.county_id[:6]}"
    owner = factories.user(
        f"owner-{code}-{round.county_id}", Role.DEPARTMENT, round.county_id, code, name="报送员"
    )
    feed = Feed.objects.create(
        round=round, kind=kind, department=department, file_name=f"{canary}.xlsx", file_digest="x", by=owner,
        headings=["姓名"], rows_read=1, rows_refused=1,
    )  # fmt: skip
    FeedRow.objects.create(
        feed=feed, row_no=2, status="refused", code="required", message="没有填", data=[canary]
    )
    return Thing(
        "feed",
        f"{round.county_id} {code}",
        {"uuid": feed.uuid},
        county=round.county_id,
        department=code,
        canaries=[canary],
    )


def _import(position: int, village: str, label: str) -> Thing:
    township = village[:9] + "000"
    canary = f"金丝雀户册{position}"
    by = factories.user(f"importer-{position}", Role.TOWNSHIP, township, name="镇经办")
    batch = RegistryImport.objects.create(
        kind="registry", county_id=village[:6] + "000000", division_id=township, file_name=f"{canary}.xlsx",
        file_digest="x", stored_name=private_files.store(b"x"), by=by, headings=["姓名"],
    )  # fmt: skip
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


def _national(position: int, home: Household, label: str, village: str) -> list[Thing]:
    """Two items of the household, one given out and one refused, and a sheet of answers of its township."""
    case = Case.objects.filter(household=home).first() or Case.objects.create(
        household=home, category="marginal", origin="meeting", identified_on=datetime.date(2020, 3, 30)
    )
    where = {"village": village, "county": village[:6] + "000000", "canaries": _canaries(home)}
    common = {"case": case, "county_id": home.county_id, "payload": register.snapshots([case.pk])[case.pk]}
    offered = NationalItem.objects.create(
        kind="entry", state="offered", cursor=2 * position + 1, offered_at=timezone.now(), **common
    )
    refused = NationalItem.objects.create(
        kind="correction", state="refused", cursor=2 * position + 2, refused_reason="号码不符",
        offered_at=timezone.now(), **common,
    )  # fmt: skip
    township, canary = village[:9] + "000", f"金丝雀回执{position}"
    sheet = AnswerSheet.objects.create(
        division_id=township, file_name=f"{canary}.xlsx", file_digest="x", by=offered_by(position, township),
        result=dict.fromkeys(("read", "acknowledged", "refused", "unchanged", "empty", "returned"), 1),
        headings=["事项编号"], faults=[[2, "code", "填写有误", [canary]]],
    )  # fmt: skip
    return [
        Thing("national", label, {"uuid": offered.uuid}, **where),
        Thing("national refused", label, {"uuid": refused.uuid}, **where),
        Thing("sheet", label, {"uuid": sheet.uuid}, township, village[:6] + "000000", canaries=[canary]),
        Thing("case", label, {"uuid": case.uuid}, **where),
    ]


def offered_by(position: int, township: str):
    return factories.user(f"national-{position}", Role.INFORMATION, township, name="镇信息员")


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


# --- what a role may see, said once more ------------------------------------------------------------

COUNTY_WIDE = {Role.OFFICE, Role.DIRECTOR, Role.INFORMATION, Role.LEADING_GROUP, Role.AUDITOR}


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
        return leaks_people.sees(role, thing)
    if thing.kind == "heading":
        return leaks_delivery.sees(role, thing)
    if thing.kind in ("settlement", "memory"):
        return leaks_triage.sees(role, thing)
    if thing.kind in leaks_policy.RIGHTS:
        return leaks_policy.sees(role, thing)
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


# --- the routes -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Route:
    """How a URL is walked: what its object is, the right it asks, how it is called and with what."""

    kind: str | None = None
    permission: str | None = None
    method: str = "get"
    data: tuple = ()
    fixed: tuple = ()
    own_area_only: bool = False  # seen from above, but acted on only by a duty of the same division
    api: bool = False  # called with the token of the role, which has every scope
    json: Callable | None = None  # (thing) → body


REVEAL = (("purpose", "核对身份"), ("reason", "verify"))
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
    "screening:round-list": Route(permission="round.view"),
    "screening:round-open": Route(permission="round.open", method="post"),
    "screening:round-detail": Route("round", "round.view"),
    "screening:round-sweep": Route("round", "round.sweep", "post"),
    "screening:feed-upload": Route("round", "feed.deliver", fixed=(("kind", "medical_settlement"),)),
    "screening:feed-list": Route(permission="feed.view"),
    "screening:feed-detail": Route("feed", "feed.view"),
    "screening:feed-accept": Route("feed", "feed.deliver", "post"),
    "screening:feed-returned": Route("feed", "feed.deliver"),
    "screening:feed-template": Route(permission="feed.deliver", fixed=(("kind", "medical_settlement"),)),
    "screening:lead-list": Route(permission="lead.view"),
    "screening:household-why": Route("door", "lead.view"),
    "screening:round-compare": Route("round", "round.compare", "post"),
    "screening:round-collect": Route("round", "round.compare", "post"),
    "screening:round-submit": Route("round", "round.submit", "post"),
    "screening:round-take-back": Route("round", "round.submit", "post"),
    "screening:candidate-board": Route("round", "candidate.view"),
    "screening:candidate-list": Route("round", "candidate.view"),
    "screening:candidate-put-on-list": Route("round", "candidate.list", "post"),
    "screening:candidate-take-off-list": Route("round", "candidate.list", "post"),
    "screening:candidate-carry": Route("round", "candidate.carry", "post"),
    "screening:candidate-supplement": Route("round", "candidate.list", "post"),
    "screening:candidate-detail": Route("candidate", "candidate.view"),
    "screening:verification-list": Route(permission="candidate.view"),
    "screening:verification-detail": Route("verification", "candidate.view"),
    "screening:verification-settle": Route(permission="verification.confirm", method="post"),
    "screening:verification-dismiss": Route(permission="verification.confirm", method="post"),
    "screening:verification-ask-again": Route(permission="verification.confirm", method="post"),
    "screening:verification-answer-together": Route(permission="verification.answer", method="post"),
    "screening:verification-photo": Route("photo", "candidate.view"),
    "screening:inquiry-list": Route(permission="inquiry.view"),
    "screening:inquiry-reply": Route("inquiry", "inquiry.reply", "post"),
    "screening:national-list": Route(permission="national.view"),
    "screening:national-item": Route("national", "national.view"),
    "screening:national-take": Route("national", "national.pull", "post"),
    "screening:national-answer": Route(
        "national", "national.answer", "post", (("outcome", "done"), ("national_number", "451228777"))
    ),
    "screening:national-correct": Route("national refused", "national.correct", "post"),
    "screening:national-missing": Route(permission="candidate.view"),
    "screening:national-answers": Route(permission="national.answer"),
    "screening:national-sheet": Route("sheet", "national.answer"),
    "screening:national-sheet-returned": Route("sheet", "national.answer"),
    "screening:meeting-list": Route(permission="meeting.view"),
    "screening:meeting-plan": Route(permission="meeting.prepare"),
    "screening:meeting-detail": Route("meeting", "meeting.view"),
    "screening:meeting-change": Route("meeting", "meeting.prepare"),
    "screening:meeting-members": Route("meeting", "meeting.view", "post", (("member", "蓝甲 县政府"),)),
    "screening:recusal-settle": Route("recusal", "meeting.prepare", "post", (("outcome", "confirmed"),)),
    "screening:meeting-agenda": Route("meeting", "meeting.prepare"),
    "screening:meeting-agenda-remove": Route("meeting", "meeting.prepare", "post"),
    "screening:meeting-decide": Route("meeting", "meeting.prepare", "post", (("decision", "approved"),)),
    "screening:meeting-hold": Route("meeting", "meeting.prepare", "post"),
    "screening:meeting-correct": Route("meeting", "meeting.prepare", "post", (("reason", "更正"),)),
    "screening:meeting-cancel": Route("meeting", "meeting.prepare", "post", (("reason", "改期"),)),
    "screening:meeting-sign": Route("meeting", "meeting.sign"),
    "screening:meeting-register": Route("meeting", "meeting.register"),
    "screening:meeting-confirm": Route("meeting", "meeting.sign"),
    "screening:meeting-scan": Route("meeting", "meeting.view"),
    "screening:meeting-minutes": Route("meeting", "meeting.view"),
    "screening:meeting-sheet": Route("meeting", "meeting.view"),
    "screening:meeting-paper": Route("meeting", "meeting.view", fixed=(("which", "proposed"),)),
    "screening:agenda-detail": Route("agenda", "meeting.view"),
    "screening:agenda-decide": Route("agenda", "meeting.prepare", "post", (("decision", "approved"),)),
    "screening:agenda-contest": Route("agenda", "meeting.prepare", "post"),
    "screening:agenda-recuse": Route("agenda", "meeting.prepare", "post"),
    "screening:candidate-form": Route("candidate", "candidate.view", "post", (("purpose", "核实本人身份"),)),
    "screening:case-list": Route(permission="household.view"),
    "screening:case-detail": Route("case", "household.view"),
    "screening:case-follower": Route("case", "follower.assign", "post"),
    "screening:case-hand-over": Route(permission="follower.assign"),
    "screening:lamp-board": Route(permission="lamp.view"),
    "api:national-changes": Route(permission="national.pull", api=True),
    "api:national-acknowledgements": Route(
        "national",
        "national.answer",
        "post",
        api=True,
        json=lambda thing: {
            "acknowledgements": [{"uuid": str(thing.address["uuid"]), "national_number": "451228777"}]
        },
    ),
    "api:schema": Route(),
    "api:docs": Route(),
    "screening:field-home": Route(permission="field.view"),
    "screening:field-progress": Route("round", "field.view"),
    "screening:field-village": Route("village", "field.view"),
    "screening:household-pick": Route("round", "field.enter", "post", (("q", "蓝金丝雀"),)),
    "screening:entry-new": Route("door", "field.enter"),
    "screening:entry-newcomer": Route("round", "field.enter"),
    "screening:hamlet-sign-off": Route("hamlet", "field.enter"),
    "screening:hamlet-sheet": Route("hamlet", "field.view"),
    "screening:door-sheets": Route("hamlet", "field.view"),
    "screening:field-typing": Route("hamlet", "field.enter"),
    "screening:entry-list": Route(permission="field.view"),
    "screening:entry-detail": Route("entry", "field.view"),
    "screening:entry-settle": Route(
        "entry", "field.settle", "post", (("outcome", "close"), ("words", "已转告"))
    ),
}
ROUTES |= leaks_people.routes(Route)
ROUTES |= leaks_delivery.routes(Route)
ROUTES |= leaks_triage.routes(Route)
ROUTES |= leaks_policy.routes(Route)
ROUTES |= leaks_registry.routes(Route)
ROUTES |= leaks_rounds.routes(Route)
for subject in HELP:
    ROUTES |= subject.routes(Route)
# Open to everybody, tell nothing of anybody.
PUBLIC = {
    "accounts:login", "accounts:logout", "alive", "ready", "api:nothing", "handheld:handheld", "handheld:worker",
    "handheld:manifest", *leaks_handheld.BY_TOKEN,
}  # fmt: skip


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


def walk(client, world: World, role: str) -> Iterator[str]:
    """Every route as `role` against every object; what is wrong, in words, as it is found."""
    actor = world.actors[role]
    client.force_login(actor)
    canaries = _canaries_for(world, role)
    for name, route in ROUTES.items():
        for thing in world.of(route.kind) if route.kind else [None]:
            yield from _visit(client, world, role, name, route, thing, canaries)


def _visit(
    client, world: World, role: str, name: str, route: Route, thing: Thing | None, canaries
) -> list[str]:
    address = dict(route.fixed) | (thing.address if thing and not route.json else {})
    url = reverse(name, kwargs=address)
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
    expected = _expected(world, role, route, thing)
    if not expected(answer.status_code):
        faults.append(f"{what}: status {answer.status_code}")
    return faults


# What shows the canaries of a kind asks for one of these rights (several: any of them).
RIGHTS = {
    "household": "household.view", "attachment": "household.view", "member": "household.view", "feed": "feed.view", "import": "registry.import",
    "candidate": "candidate.view household.view", "photo": "candidate.view",
    "verification": "candidate.view household.view", "inquiry": "inquiry.view household.view",
    "meeting": "meeting.view", "agenda": "meeting.view household.view", "case": "household.view",
    "round": "round.view", "national": "national.view", "national refused": "national.view", "sheet": "national.answer",
    "entry": "field.view candidate.view", "hamlet": "field.view",
}  # fmt: skip
RIGHTS["change"] = "household.view"
RIGHTS |= dict.fromkeys(("person", "duty", "user list"), leaks_people.RIGHT)
RIGHTS["heading"] = leaks_delivery.RIGHT
RIGHTS |= dict.fromkeys(("settlement", "memory"), leaks_triage.RIGHT)
RIGHTS |= leaks_policy.RIGHTS
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


def _expected(world: World, role: str, route: Route, thing: Thing | None):
    if route.permission and not world.actors[role].may(route.permission):
        return lambda status: status == 403
    if thing is not None and not sees(world, role, thing):
        return lambda status: status == 404
    if route.own_area_only and thing.village != world.actors[role].acting.division_id:
        return lambda status: status == 403
    return lambda status: status in (200, 302, 422)
