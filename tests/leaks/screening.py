"""The quarter in the leak matrix: lists, entries, candidates, meetings, the national system."""

import datetime

from django.utils import timezone

from fangpin.accounts.models import Department, User
from fangpin.accounts.roles import Role
from fangpin.common.files import private_files
from households.models import Case, Hamlet, Household
from screening.models import (
    AgendaItem,
    AnswerSheet,
    Attendance,
    Candidate,
    DepartmentInquiry,
    Feed,
    FeedRow,
    FieldEntry,
    Meeting,
    NationalItem,
    Recusal,
    Round,
    Verification,
    VerificationPhoto,
)
from screening.national import register
from tests import factories
from tests.leaks.households import canaries_of
from tests.leaks.kinds import Route, Thing

ROUTES = {
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


def compared(home: Household, round: Round, label: str, village: str) -> list[Thing]:
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
    where = {"village": village, "county": village[:6] + "000000", "canaries": canaries_of(home)}
    return [
        Thing("candidate", label, {"uuid": candidate.uuid}, **where),
        Thing("verification", label, {"uuid": task.uuid}, **where),
        Thing("photo", label, {"uuid": photo.uuid}, **{**where, "canaries": [canary]}),
    ]


def asked(round: Round, village: str) -> Thing:
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
        "inquiry",
        village,
        {"uuid": inquiry.uuid},
        village=village,
        county=round.county_id,
        department="insurance",
        canaries=[name],
    )


def sitting(round: Round, village: str) -> list[Thing]:
    """A meeting that is held and registered, with a household of its own and a member who may have to stay
    out."""
    name, chair = f"蓝议程{village[:6]}", f"农主持{village[:6]}"
    home = factories.household(village=village, names=[name])
    candidate = Candidate.objects.create(
        round=round,
        household=home,
        state="confirmed",
        side="consistent",
        category="marginal",
        listed_at=timezone.now(),
    )
    office = factories.user(f"sitting-{village}", Role.OFFICE, round.county_id, name="筹备人")
    secretary = factories.user(f"registrar-{village}", Role.SECRETARY, round.county_id, name="登记人")
    meeting = Meeting.objects.create(
        round=round,
        state="held",
        planned_for=timezone.now(),
        place="会议室",
        chair=chair,
        prepared_by=office,
        way="registered",
        registered_by=secretary,
        registered_at=timezone.now(),
        signer_name=chair,
        signed_on=timezone.localdate(),
        document=f"文号{village[:6]}",
        scan_name=private_files.store(f"%PDF-{chair}".encode()),
        scan_kind="pdf",
    )
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


def at_the_door(home: Household, round: Round, label: str) -> list[Thing]:
    """An entry that waits for a person, the village's page, a hamlet to sign off, a household to enter."""
    village = home.village_id
    hamlet = Hamlet.objects.create(village_id=village, name=f"金丝雀屯{village}")
    by = factories.user(f"cadre-{village}", Role.VILLAGE_CADRE, village, name="录入人")
    entry = FieldEntry.objects.create(
        digest="x",
        round=round,
        village_id=village,
        household=home,
        visited_on="2026-10-09",
        way="visit",
        by=by,
        visitors=f"金丝雀入户人{village}",
        source="cadre",
        state="attention",
        attention="本季度已提请审定",
    )
    where = {"village": village, "county": village[:6] + "000000"}
    return [
        Thing("entry", label, {"uuid": entry.uuid}, **where, canaries=[entry.visitors]),
        Thing("village", label, {"uuid": round.uuid, "code": village}, **where),
        Thing("hamlet", label, {"uuid": round.uuid, "pk": hamlet.pk}, **where, canaries=[hamlet.name]),
        Thing("door", label, {"uuid": round.uuid, "household": home.uuid}, **where),
    ]


def delivered(round: Round, code: str) -> Thing:
    department = Department.objects.get(county_id=round.county_id, code=code)
    kind = {"insurance": "medical_settlement", "education": "school_dropout"}[code]
    canary = f"农金丝雀{code}{round.county_id[:6]}"
    owner = factories.user(
        f"owner-{code}-{round.county_id}", Role.DEPARTMENT, round.county_id, code, name="报送员"
    )
    feed = Feed.objects.create(
        round=round,
        kind=kind,
        department=department,
        file_name=f"{canary}.xlsx",
        file_digest="x",
        by=owner,
        headings=["姓名"],
        rows_read=1,
        rows_refused=1,
    )
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


def national(position: int, home: Household, label: str, village: str) -> list[Thing]:
    """Two items of the household, one given out and one refused, and a sheet of answers of its township."""
    case = Case.objects.filter(household=home).first() or Case.objects.create(
        household=home, category="marginal", origin="meeting", identified_on=datetime.date(2020, 3, 30)
    )
    where = {"village": village, "county": village[:6] + "000000", "canaries": canaries_of(home)}
    common = {"case": case, "county_id": home.county_id, "payload": register.snapshots([case.pk])[case.pk]}
    offered = NationalItem.objects.create(
        kind="entry", state="offered", cursor=2 * position + 1, offered_at=timezone.now(), **common
    )
    refused = NationalItem.objects.create(
        kind="correction",
        state="refused",
        cursor=2 * position + 2,
        refused_reason="号码不符",
        offered_at=timezone.now(),
        **common,
    )
    township, canary = village[:9] + "000", f"金丝雀回执{position}"
    sheet = AnswerSheet.objects.create(
        division_id=township,
        file_name=f"{canary}.xlsx",
        file_digest="x",
        by=offered_by(position, township),
        result=dict.fromkeys(("read", "acknowledged", "refused", "unchanged", "empty", "returned"), 1),
        headings=["事项编号"],
        faults=[[2, "code", "填写有误", [canary]]],
    )
    return [
        Thing("national", label, {"uuid": offered.uuid}, **where),
        Thing("national refused", label, {"uuid": refused.uuid}, **where),
        Thing("sheet", label, {"uuid": sheet.uuid}, township, village[:6] + "000000", canaries=[canary]),
        Thing("case", label, {"uuid": case.uuid}, **where),
    ]


def offered_by(position: int, township: str):
    return factories.user(f"national-{position}", Role.INFORMATION, township, name="镇信息员")
