"""The five steps of a round, each with its counts within the reader's scope, and the list behind it."""

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from fangpin.accounts.models import code_range
from fangpin.common.actor import Actor
from households.models import Hamlet
from screening.models import (
    Candidate,
    CandidateState,
    HamletSignOff,
    ItemKind,
    ItemState,
    Lead,
    Meeting,
    MeetingState,
    NationalItem,
    Round,
    RoundState,
    Source,
    Verification,
    VerificationState,
)

LABELS = ("收集", "对比", "核实", "审定", "标注录入")
# Which step is under way in which state; those before it are done.
_AT = {RoundState.OPEN: 0, RoundState.COMPARED: 2, RoundState.SUBMITTED: 3, RoundState.DETERMINED: 4}


def of_round(round: Round, user: Actor, *, owed: int, missing: int) -> list[dict]:
    """Steps for components/steps.html."""
    own_county = user.acting.county_code == round.county_id
    sees = own_county and user.may("candidate.view")
    notes = (
        _collected(round, user, owed, missing),
        _compared(round, user),
        _verified(round, user, sees=sees),
        _decided(round, user),
        _entered(round, user),
    )
    urls = (
        "#feeds" if user.may("feed.view") else "",
        reverse("screening:candidate-board", args=[round.uuid]) if sees and round.compared_at else "",
        reverse("screening:verification-list") if sees and round.compared_at else "",
        reverse("screening:meeting-list")
        if own_county and user.may("meeting.view") and round.submitted_at
        else "",
        reverse("screening:national-list") if user.may("national.view") and round.determined_at else "",
    )
    at = _AT[round.state]
    if at == 0 and owed and not missing:
        at = 1
    return [
        {
            "label": label,
            "note": note,
            "url": url,
            "state": "done" if position < at else "on" if position == at else "todo",
        }
        for position, (label, note, url) in enumerate(zip(LABELS, notes, urls, strict=True))
    ]


def _collected(round: Round, user: Actor, owed: int, missing: int) -> str:
    parts = [f"{owed - missing}/{owed} 类部门数据"] if owed else ["不需要本部门报送"]
    if user.may("field.view"):
        done, hamlets = hamlets_done(round, user)
        if hamlets:
            parts.append(f"{done}/{hamlets} 个屯")
    return " · ".join(parts)


def hamlets_done(round: Round, user: Actor) -> tuple[int, int]:
    """Hamlets signed off, and hamlets in all, of one's own area."""
    low, high = code_range(user.acting.division_id)
    low, high = max(low, round.county_id), min(high, code_range(round.county_id)[1])
    done = HamletSignOff.objects.for_user(user).filter(round=round).count()
    return done, Hamlet.objects.filter(village_id__gte=low, village_id__lte=high).count()


def _compared(round: Round, user: Actor) -> str:
    if not user.may("lead.view"):
        return "已对比" if round.compared_at else "尚未对比"
    leads = Lead.objects.for_user(user).current().filter(round=round)
    counts = leads.aggregate(
        online=Count("household", distinct=True, filter=Q(source=Source.ONLINE)),
        offline=Count("household", distinct=True, filter=Q(source=Source.OFFLINE)),
    )
    return f"线上 {counts['online']} 户 · 线下 {counts['offline']} 户"


def _verified(round: Round, user: Actor, *, sees: bool) -> str:
    if not round.compared_at:
        return "尚未开始"
    if not sees:
        return "进行中" if round.is_sweepable else "已办完"
    tasks = Verification.objects.for_user(user).filter(round=round)
    counts = tasks.aggregate(all=Count("pk"), answered=Count("pk", filter=~Q(state=VerificationState.ASKED)))
    return f"{counts['all']} 户，已回 {counts['answered']}" if counts["all"] else "没有要核实的"


def _decided(round: Round, user: Actor) -> str:
    if round.state in (RoundState.OPEN, RoundState.COMPARED):
        listed = Candidate.objects.for_user(user).filter(round=round).listed().count()
        return f"建议名单 {listed} 户" if listed else "尚未开始"
    meeting = (
        Meeting.objects.filter(round=round).exclude(state=MeetingState.CANCELLED).order_by("-pk").first()
    )
    if round.state == RoundState.DETERMINED:
        approved = Candidate.objects.for_user(user).filter(round=round, state=CandidateState.APPROVED).count()
        return f"同意纳入 {approved} 户"
    if meeting is None:
        return "已提请，等开会"
    day = timezone.localdate(meeting.planned_for)
    return f"会议 {day.month} 月 {day.day} 日"


def _entered(round: Round, user: Actor) -> str:
    if round.state != RoundState.DETERMINED:
        return "尚未开始"
    if not user.may("national.view"):
        return "由信息员办理"
    items = NationalItem.objects.for_user(user).filter(
        case__agenda_item__meeting__round=round, kind__in=[ItemKind.MARK, ItemKind.ENTRY]
    )
    counts = items.aggregate(all=Count("pk"), done=Count("pk", filter=Q(state=ItemState.ACKNOWLEDGED)))
    return f"{counts['all']} 户，已回执 {counts['done']}" if counts["all"] else "没有要办的"
