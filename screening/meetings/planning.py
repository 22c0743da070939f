"""审定会 (Art. 7(2)3): planned, its members and agenda, who stays out of which household, and what is
decided. What the decisions bring about happens at signing (`signing`)."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from fangpin.common import audit, database
from fangpin.common.refusals import Refused
from fangpin.common.transitions import write_first_records
from households.models import Case, Member
from screening.models import (
    AgendaItem,
    Answer,
    Attendance,
    Candidate,
    CandidateState,
    DepartmentInquiry,
    FieldEntry,
    Meeting,
    MeetingState,
    Recusal,
    Round,
    RoundState,
    VerificationAnswer,
)

OPEN = (MeetingState.PLANNED, MeetingState.HELD)
TAKEN_UP = (RoundState.SUBMITTED, RoundState.DETERMINED)


@dataclass(frozen=True)
class Person:
    """Somebody at a meeting, or absent from it."""

    name: str
    body: str = ""
    post: str = ""
    part: str = Attendance.Part.MEMBER


# ---- Planning ----
def plan_meeting(
    round: Round,
    *,
    by,
    planned_for: datetime.datetime,
    place: str,
    chair: str,
    recorder: str = "",
    document: str = "",
    requirements: str = "",
) -> Meeting:
    """A meeting about a round that has been submitted, or about some of its households again. Raises
    Refused."""
    if not (by.may("meeting.prepare") and by.acting.county_code == round.county_id):
        raise Refused("您当前的岗位不能筹备这个县的审定会。")
    with transaction.atomic():
        standing = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
        if standing.state not in TAKEN_UP:
            raise Refused(f"{standing}{standing.get_state_display()}，提请审定之后才能筹备审定会。")
        meeting = Meeting.objects.create(
            round=standing,
            planned_for=planned_for,
            place=place.strip(),
            chair=chair.strip(),
            recorder=recorder.strip(),
            document=document.strip(),
            requirements=requirements.strip(),
            prepared_by=by,
        )
        write_first_records([meeting], by=by, name="plan")
        audit.record(by, "meeting_plan", meeting, round=standing.pk)
    return meeting


def change_plan(meeting: Meeting, *, by, **changed) -> Meeting:
    """Time, place, chair, recorder, document number, requirements; until it is signed."""
    with transaction.atomic():
        standing = locked(meeting.pk, by=by, states=OPEN)
        for name, value in changed.items():
            setattr(standing, name, value.strip() if isinstance(value, str) else value)
        standing.save(update_fields=list(changed))
        audit.record(by, "meeting_change", standing, fields=sorted(changed))
    return standing


def locked(pk: int, *, by, states: Iterable[str] = (MeetingState.PLANNED,)) -> Meeting:
    """The meeting, held until the end of the transaction, for somebody who prepares it. Raises Refused."""
    if not by.may("meeting.prepare") or not Meeting.objects.for_user(by).filter(pk=pk).exists():
        raise Refused("您当前的岗位不能筹备这次审定会。")
    standing = Meeting.objects.select_for_update(of=("self",)).select_related("round").get(pk=pk)
    if standing.state not in states:
        raise Refused(f"这次审定会{standing.get_state_display()}，没有改动。{_what_now(standing)}")
    return standing


def _what_now(meeting: Meeting) -> str:
    if meeting.state == MeetingState.HELD:
        return "确需更改的，请先退回筹备。"
    if meeting.state == MeetingState.SIGNED:
        return "已签发的审定只能由以后的审定会更改。"
    return "请另行筹备一次审定会。"


# ---- Members ----
def set_members(meeting: Meeting, people: Iterable[Person], *, by) -> int:
    """Those who take part, sit in or are absent; recusals of who stays are kept. Raises Refused."""
    wanted = {(person.name.strip(), person.body.strip()): person for person in people if person.name.strip()}
    with transaction.atomic():
        standing = locked(meeting.pk, by=by)
        having = {(a.name, a.body): a for a in standing.attendances.all()}
        standing.attendances.filter(pk__in=[a.pk for key, a in having.items() if key not in wanted]).delete()
        kept = [_changed(having[key], person) for key, person in wanted.items() if key in having]
        Attendance.objects.bulk_update(kept, ["post", "part"])
        Attendance.objects.bulk_create(
            Attendance(meeting=standing, name=name, body=body, post=person.post.strip(), part=person.part)
            for (name, body), person in wanted.items()
            if (name, body) not in having
        )
        propose_recusals(standing)
        audit.record(by, "meeting_members", standing, people=len(wanted))
    return len(wanted)


def _changed(attendance: Attendance, person: Person) -> Attendance:
    attendance.post, attendance.part = person.post.strip(), person.part
    return attendance


def members_of_last(meeting: Meeting) -> list[Person]:
    """Members of the county's latest other meeting that has any."""
    others = Attendance.objects.filter(meeting__round__county=meeting.round.county_id).exclude(
        meeting=meeting
    )
    last = others.order_by("-meeting__planned_for", "-meeting_id").values_list("meeting", flat=True).first()
    return [
        Person(a.name, a.body, a.post, a.part) for a in Attendance.objects.filter(meeting=last).order_by("id")
    ]


# ---- Agenda ----
def available(meeting: Meeting) -> QuerySet[Candidate]:
    """Listed candidates of the round that no meeting has decided and no other open meeting has taken up."""
    return _free(meeting).listed()


def available_again(meeting: Meeting) -> QuerySet[Candidate]:
    """Those that a signed meeting has decided and this one may decide anew: not where the household has gone
    on into a later round."""
    later = Candidate.objects.filter(household=OuterRef("household"), pk__gt=OuterRef("pk")).exclude(
        state=CandidateState.WITHDRAWN
    )
    own_case = Case.objects.filter(agenda_item__candidate=OuterRef("pk")).open()
    return (
        _free(meeting)
        .filter(state__in=Candidate.DECIDED)
        .filter(~Exists(later), ~Q(state=CandidateState.APPROVED) | Exists(own_case))
    )


def _free(meeting: Meeting) -> QuerySet[Candidate]:
    taken = AgendaItem.objects.filter(meeting__round=meeting.round_id, meeting__state__in=OPEN)
    return Candidate.objects.filter(round=meeting.round_id).exclude(pk__in=taken.values("candidate"))


def fill_agenda(meeting: Meeting, *, by, candidates: QuerySet[Candidate] | None = None) -> int:
    """Takes the whole proposed list up, or the chosen `candidates`, also ones decided before; in one
    statement. Returns how many. Raises Refused where a chosen one is not to be had."""
    with transaction.atomic():
        Round.objects.select_for_update(of=("self",)).get(meetings=meeting.pk)  # two meetings fill one by one
        standing = locked(meeting.pk, by=by)
        found = available(standing)
        if candidates is not None:
            wanted = list(candidates.values_list("pk", flat=True))
            either = Q(pk__in=available(standing).values("pk")) | Q(
                pk__in=available_again(standing).values("pk")
            )
            found = Candidate.objects.filter(either, pk__in=wanted)
            if missing := len(wanted) - found.count():
                raise Refused(f"有 {missing} 户不在建议名单上，或已在别的审定会议程上，整批没有列入。")
        sql, params = found.order_by("household__village_id", "pk").values("id").query.sql_with_params()
        added = database.run(
            f"INSERT INTO screening_agendaitem (meeting_id, candidate_id) SELECT %s, c.id FROM ({sql}) c",
            [standing.pk, *params],
        )
        mark_contested(standing)
        propose_recusals(standing)
        audit.record(by, "meeting_agenda", standing, households=added)
    return added


def take_off_agenda(items: QuerySet[AgendaItem], *, by) -> int:
    """Leaves households for another meeting."""
    with transaction.atomic():
        standing, chosen = chosen_items(items, by=by)
        households = chosen.count()
        chosen.delete()
        audit.record(by, "meeting_agenda", standing, taken_off=households)
    return households


# Why the members will want to talk about a household: flag → words. `with_contest` finds the flags.
CONTEST = {
    "is_above": "收入高于参考线",
    "is_mixed": "村里对部分情形答“能解决”“不属实”或“查不清”",
    "is_unknown_to_department": "部门答没有记录",
    "was_decided": "以前的审定会审定过或暂缓",
}


def with_contest(items: QuerySet[AgendaItem]) -> QuerySet[AgendaItem]:
    answers = VerificationAnswer.objects.filter(
        verification__candidate=OuterRef("candidate"),
        answer__in=[Answer.COPES, Answer.UNTRUE, Answer.UNCLEAR],
    )
    unknown = DepartmentInquiry.objects.filter(
        candidate=OuterRef("candidate"), reply=DepartmentInquiry.Reply.NONE
    )
    earlier = AgendaItem.objects.filter(
        candidate__household=OuterRef("candidate__household"), meeting__state=MeetingState.SIGNED
    ).exclude(meeting=OuterRef("meeting"))
    return items.annotate(
        is_above=~Q(candidate__above_line_words=""),
        is_mixed=Exists(answers),
        is_unknown_to_department=Exists(unknown),
        was_decided=Exists(earlier),
    )


def contest_words(item: AgendaItem) -> list[str]:
    """Of an item fetched `with_contest`."""
    return [words for flag, words in CONTEST.items() if getattr(item, flag)]


def mark_contested(meeting: Meeting) -> None:
    """Flags what the members will want to talk about; a flag set by hand stays."""
    any_flag = Q(is_above=True) | Q(is_mixed=True) | Q(is_unknown_to_department=True) | Q(was_decided=True)
    found = with_contest(AgendaItem.objects.filter(meeting=meeting, decision="")).filter(any_flag)
    AgendaItem.objects.filter(pk__in=list(found.values_list("pk", flat=True))).update(contested=True)


def set_contested(items: QuerySet[AgendaItem], contested: bool, *, by) -> int:
    with transaction.atomic():
        standing, chosen = chosen_items(items, by=by)
        marked = chosen.update(contested=contested)
        audit.record(by, "meeting_contested", standing, households=marked, contested=contested)
    return marked


# ---- Recusal ----
def propose_recusals(meeting: Meeting) -> int:
    """回避 proposed: a member named like somebody in a household, or who ticked kinship at its door."""
    members = meeting.attendances.exclude(part=Attendance.Part.ABSENT)
    by_name = {attendance.name: attendance.pk for attendance in members}
    items = dict(meeting.items.values_list("candidate__household", "pk"))
    reasons: dict[tuple[int, int], str] = {}
    same = Member.objects.current().filter(name__in=by_name, household__in=items)
    for household, name in same.values_list("household", "name"):
        reasons[items[household], by_name[name]] = f"这户的成员中有“{name}”，请核对是否本人或亲属"
    kin = FieldEntry.objects.filter(round=meeting.round_id, is_kin=True, household__in=items)
    for household, typed_by, visitors in kin.values_list("household", "by__name", "visitors"):
        for name in {name for name in by_name if name == typed_by or name in visitors}:
            reasons[items[household], by_name[name]] = "入户排查时填了与这户有亲属关系"
    made = Recusal.objects.bulk_create(
        [Recusal(item_id=item, attendance_id=who, reason=why) for (item, who), why in reasons.items()],
        ignore_conflicts=True,
    )
    return len(made)


def settle_recusal(recusal: Recusal, outcome: str, *, by) -> None:
    if outcome not in (Recusal.Outcome.CONFIRMED, Recusal.Outcome.NOT_KIN):
        raise Refused("请选择“回避”或“同名，不需回避”。")
    with transaction.atomic():
        standing = locked(recusal.item.meeting_id, by=by)
        Recusal.objects.filter(pk=recusal.pk).update(outcome=outcome)
        audit.record(by, "meeting_recusal", standing, recusal=recusal.pk, outcome=outcome)


def add_recusal(item: AgendaItem, attendance: Attendance, *, by, reason: str) -> Recusal:
    """A member says so himself."""
    if not (reason := reason.strip()):
        raise Refused("请写明回避的原因，例如与户主是什么亲属。")
    with transaction.atomic():
        standing = locked(item.meeting_id, by=by)
        if attendance.meeting_id != standing.pk:
            raise Refused("这个人不在参加人员名单上。")
        recusal, _ = Recusal.objects.update_or_create(
            item=item,
            attendance=attendance,
            defaults={"reason": reason[:120], "outcome": Recusal.Outcome.CONFIRMED},
        )
        audit.record(by, "meeting_recusal", standing, recusal=recusal.pk, outcome=recusal.outcome)
    return recusal


def chosen_items(items: QuerySet[AgendaItem], *, by) -> tuple[Meeting, QuerySet[AgendaItem]]:
    """The meeting of the chosen items, locked, and the items by key. All are of one meeting in scope, or
    Refused."""
    keys = list(items.values_list("pk", flat=True))
    if not keys:
        raise Refused("没有选中任何一户。请先勾选。")
    chosen = AgendaItem.objects.filter(pk__in=keys)
    meetings = set(chosen.values_list("meeting", flat=True))
    if len(meetings) != 1:
        raise Refused("所选的户不在同一次审定会上，整批没有办理。")
    standing = locked(meetings.pop(), by=by)
    if chosen.count() != len(keys):
        raise Refused("所选的户中有刚刚移出议程的，请刷新后再选，整批没有办理。")
    return standing, chosen
