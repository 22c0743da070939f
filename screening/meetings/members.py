"""Who takes part in a 审定会, and who stays out of the decision about which household."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from households.models import Member
from screening.meetings.planning import locked
from screening.models import AgendaItem, Attendance, FieldEntry, Meeting, Recusal


@dataclass(frozen=True)
class Person:
    """Somebody at a meeting, or absent from it."""

    name: str
    body: str = ""
    post: str = ""
    part: str = Attendance.Part.MEMBER


def set_members(meeting: Meeting, people: Iterable[Person], *, by: Actor) -> int:
    """Those who take part, sit in or are absent; recusals of who stays are kept. Raises Refused."""
    wanted = {(person.name.strip(), person.body.strip()): person for person in people if person.name.strip()}
    with transaction.atomic():
        current = locked(meeting.pk, by=by)
        having = {(a.name, a.body): a for a in current.attendances.all()}
        current.attendances.filter(pk__in=[a.pk for key, a in having.items() if key not in wanted]).delete()
        kept = [_changed(having[key], person) for key, person in wanted.items() if key in having]
        Attendance.objects.bulk_update(kept, ["post", "part"])
        Attendance.objects.bulk_create(
            Attendance(meeting=current, name=name, body=body, post=person.post.strip(), part=person.part)
            for (name, body), person in wanted.items()
            if (name, body) not in having
        )
        propose_recusals(current)
        audit.record(by, "meeting_members", current, people=len(wanted))
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


def settle_recusal(recusal: Recusal, outcome: str, *, by: Actor) -> None:
    if outcome not in (Recusal.Outcome.CONFIRMED, Recusal.Outcome.NOT_KIN):
        raise Refused("请选择“回避”或“同名，不需回避”。")
    with transaction.atomic():
        current = locked(recusal.item.meeting_id, by=by)
        Recusal.objects.filter(pk=recusal.pk).update(outcome=outcome)
        audit.record(by, "meeting_recusal", current, recusal=recusal.pk, outcome=outcome)


def add_recusal(item: AgendaItem, attendance: Attendance, *, by: Actor, reason: str) -> Recusal:
    """A member says so himself."""
    if not (reason := reason.strip()):
        raise Refused("请写明回避的原因，例如与户主是什么亲属。")
    with transaction.atomic():
        current = locked(item.meeting_id, by=by)
        if attendance.meeting_id != current.pk:
            raise Refused("这个人不在参加人员名单上。")
        recusal, _ = Recusal.objects.update_or_create(
            item=item,
            attendance=attendance,
            defaults={"reason": reason[:120], "outcome": Recusal.Outcome.CONFIRMED},
        )
        audit.record(by, "meeting_recusal", current, recusal=recusal.pk, outcome=recusal.outcome)
    return recusal
