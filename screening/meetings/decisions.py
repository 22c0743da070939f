"""What a 审定会 decides, one household or many at once, until it is held (Art. 7(2)3); and the figures and
the code that its paper must agree with."""

import hashlib
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Substr
from django.utils import timezone

from fangpin.accounts.models import Division
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move
from households.codelists import Category, HouseholdStatus
from households.models import Case
from screening.cases.origin import signed_before
from screening.meetings import releases
from screening.meetings.planning import chosen_items, locked
from screening.models import AgendaItem, Attendance, CandidateState, Decision, Meeting, MeetingState, Recusal


def decide_items(
    items: QuerySet[AgendaItem], decision: str, *, by: Actor, reason: str = "", seen: int | None = None
) -> int:
    """What the meeting says of one household or of many; a reason unless they are taken in. An empty decision
    takes it back. `seen` is the meeting's `revision` that the page showed: what somebody else has decided
    since then is not overwritten. Returns how many. Raises Refused with who decided what."""
    reason = "" if decision in ("", Decision.APPROVED) else reason.strip()
    if decision and decision not in Decision.values:
        raise Refused("请选择同意纳入、不予纳入或暂缓。")
    if decision in (Decision.DECLINED, Decision.DEFERRED) and not reason:
        raise Refused(f"{Decision(decision).label}须写明理由，理由要写进会议纪要。")
    with transaction.atomic():
        current, chosen = chosen_items(items, by=by)
        if seen is not None:
            _check_nobody_else(chosen, seen, by)
        if decision == Decision.DEFERRED:
            _check_not_approved(chosen)
        current.revision += 1
        current.save(update_fields=["revision"])
        before = dict(chosen.values_list("pk", "decision"))
        done = {"decided_by": by, "decided_at": timezone.now()} if decision else dict.fromkeys(_BY_AND_AT)
        chosen.update(decision=decision, reason=reason[:300], revision=current.revision, **done)
        audit.record(by, "meeting_decide", current, households=len(before), decision=decision)
        audit.record_each(
            by,
            "agenda_decide",
            AgendaItem,
            {pk: {"decision": [old, decision], "reason": reason[:300]} for pk, old in before.items()},
        )
    return len(before)


_BY_AND_AT = ("decided_by", "decided_at")


def _check_nobody_else(chosen: QuerySet[AgendaItem], seen: int, by: Actor) -> None:
    others = chosen.filter(revision__gt=seen).exclude(decided_by=by)
    items = others.select_related("candidate__household", "decided_by").order_by("-revision")[:3]
    if sentence := "；".join(_decided_sentence(item) for item in items):
        raise Refused(f"{sentence}。您的意见没有写入，请刷新后再定。")


def _decided_sentence(item: AgendaItem) -> str:
    home = item.candidate.household
    if item.decided_by is None:
        return f"{home}的审定意见刚刚被撤回"
    return f"{item.decided_by.name}刚刚把{home}记为“{item.get_decision_display()}”"


def _check_not_approved(chosen: QuerySet[AgendaItem]) -> None:
    if taken_in := chosen.filter(candidate__state=CandidateState.APPROVED).count():
        raise Refused(f"有 {taken_in} 户以前已同意纳入，只能维持或改为不予纳入，不能暂缓。")


def obstacles(meeting: Meeting) -> list[str]:
    """Why the agenda can't take effect yet, in sentences that say what to do."""
    items = AgendaItem.objects.filter(meeting=meeting)
    counts = items.aggregate(all=Count("pk"), undecided=Count("pk", filter=Q(decision="")))
    open_recusals = Recusal.objects.filter(item__meeting=meeting, outcome=Recusal.Outcome.PROPOSED).count()
    members = meeting.attendances.filter(part=Attendance.Part.MEMBER).count()
    approved = items.filter(decision=Decision.APPROVED)
    not_lifted = approved.filter(candidate__household__status=HouseholdStatus.REGISTERED).count()
    own = Case.objects.filter(agenda_item__candidate=OuterRef("candidate"))
    having = Case.objects.all().open().filter(household=OuterRef("candidate__household"))
    doubled = approved.filter(Exists(having), ~Exists(own.open())).count()
    sentences = (
        "议程上还没有农户，请先列入建议名单" * (not counts["all"] and not meeting.releases.exists()),
        f"还有 {counts['undecided']} 户没有审定意见" * bool(counts["undecided"]),
        "还没有参加人员，请先填写" * (not members),
        f"还有 {open_recusals} 项回避没有核对" * bool(open_recusals),
        f"同意纳入的有 {not_lifted} 户现在是建档立卡未脱贫户，不能认定（第二条），请改为不予纳入"
        * bool(not_lifted),
        f"同意纳入的有 {doubled} 户已是防贫对象，请改为不予纳入并写明理由" * bool(doubled),
    )
    return [sentence for sentence in (*sentences, *releases.obstacles(meeting)) if sentence]


def hold_meeting(meeting: Meeting, *, by: Actor) -> Meeting:
    """登记召开: every household has its decision, every proposed recusal its answer. Raises Refused."""
    with transaction.atomic():
        current = locked(meeting.pk, by=by)
        if timezone.localdate(current.planned_for) > timezone.localdate():
            raise Refused("会议日期还没有到，不能登记召开；提前召开的，请先更改会议时间。")
        if reasons := obstacles(current):
            raise Refused(f"还不能登记召开：{'；'.join(reasons)}。")
        move(Meeting.objects.filter(pk=current.pk), "hold", by=by)
        audit.record(by, "meeting_hold", current, checksum=checksum(current))
    meeting.refresh_from_db()
    return meeting


def correct_meeting(meeting: Meeting, *, by: Actor, reason: str) -> Meeting:
    """退回筹备, with a reason; what was registered from a paper falls away with it."""
    if not (reason := reason.strip()):
        raise Refused("请写明退回筹备的原因。")
    with transaction.atomic():
        current = locked(meeting.pk, by=by, states=[MeetingState.HELD])
        stamps = {
            "held_at": None,
            "way": "",
            "registered_by": None,
            "registered_at": None,
            "signer_name": "",
            "signed_on": None,
            "scan_name": "",
            "scan_kind": "",
            "scan_digest": "",
        }
        move(Meeting.objects.filter(pk=current.pk), "correct", by=by, opinion=reason, stamps=stamps)
        audit.record(by, "meeting_correct", current, reason=reason)
    meeting.refresh_from_db()
    return meeting


def cancel_meeting(meeting: Meeting, *, by: Actor, reason: str) -> Meeting:
    """Not held: its households are free for another meeting."""
    if not (reason := reason.strip()):
        raise Refused("请写明取消会议的原因。")
    with transaction.atomic():
        current = locked(meeting.pk, by=by)
        move(Meeting.objects.filter(pk=current.pk), "cancel", by=by, opinion=reason)
        audit.record(by, "meeting_cancel", current, reason=reason)
    meeting.refresh_from_db()
    return meeting


# ---- What the paper must agree with ----
def checksum(meeting: Meeting) -> str:
    """校验码: eight characters over household, decision and reason of the whole agenda, printed on the
    minutes and lists; another list has another code."""
    rows = AgendaItem.objects.filter(meeting=meeting).order_by("candidate__household__number", "pk")
    text = "\n".join(
        "\t".join(row) for row in rows.values_list("candidate__household__number", "decision", "reason")
    )
    text += releases.checksum_text(meeting)
    return hashlib.sha256(text.encode()).hexdigest()[:8].upper()


def approved_by_township(meeting: Meeting) -> dict[Division, int]:
    """Township → households taken in, every township of the agenda, in the order of the codes."""
    counts = dict(
        AgendaItem.objects.filter(meeting=meeting)
        .annotate(place=Substr("candidate__household__village_id", 1, 9))
        .order_by()
        .values_list("place")
        .annotate(n=Count("pk", filter=Q(decision=Decision.APPROVED)))
    )
    places = Division.objects.filter(code__in=[f"{place}000" for place in counts]).order_by("code")
    return {place: counts[place.code[:9]] for place in places}


def totals(meeting: Meeting) -> dict[str, int]:
    """Households and people by decision and category, in one statement."""
    figures: dict[str, Any] = {"all": Count("pk"), "people": Sum("candidate__household__size", default=0)}
    figures["contested"] = Count("pk", filter=Q(contested=True))
    figures["undecided"] = Count("pk", filter=Q(decision=""))
    figures["again"] = Count("pk", filter=Exists(signed_before()))
    for decision in Decision.values:
        figures[decision] = Count("pk", filter=Q(decision=decision))
    for category in Category.values:
        of_category = Q(candidate__category=category)
        approved = of_category & Q(decision=Decision.APPROVED)
        figures[category] = Count("pk", filter=of_category)
        figures[f"approved_{category}"] = Count("pk", filter=approved)
        figures[f"approved_{category}_people"] = Sum("candidate__household__size", filter=approved, default=0)
    return AgendaItem.objects.filter(meeting=meeting).aggregate(**figures)


def revoked_cases(meeting: Meeting) -> QuerySet[Case]:
    """Open cases that this meeting's decisions take back."""
    declined = AgendaItem.objects.filter(
        meeting=meeting, decision=Decision.DECLINED, candidate__state=CandidateState.APPROVED
    )
    return Case.objects.filter(agenda_item__candidate__in=declined.values("candidate"), state__in=Case.OPEN)
