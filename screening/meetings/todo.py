"""Lines of the to-do page that meetings bring: to plan, to hold, to sign, to register and to confirm (Art.
7(2)3)."""

import datetime

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from fangpin.accounts import shell
from fangpin.accounts.roles import Role
from fangpin.accounts.shell import TodoLine
from fangpin.common.actor import Actor
from households.codelists import Category
from households.followers import without_follower
from households.models import Case, Household, Lamp
from screening.meetings import figures, signers
from screening.models import AgendaItem, Candidate, Meeting, MeetingState, Round, RoundState

NEW_DAYS = 14


def _url(meeting: Meeting, name: str = "meeting-detail") -> str:
    return reverse(f"screening:{name}", args=[meeting.uuid])


def _meetings(user: Actor, *states):
    """Meetings in those states by their day, each with the figures of its agenda."""
    meetings = Meeting.objects.for_user(user).filter(state__in=states)
    rows = figures.meeting_rows(meetings.select_related("round", "registered_by").order_by("planned_for"))
    return [(row.meeting, row.figures) for row in rows]


@shell.todo
def preparing_lines(user: Actor) -> list[TodoLine]:
    """The office: a submitted list without a meeting, and a meeting to be made ready or registered as
    held."""
    if not user.may("meeting.prepare"):
        return []
    lines = []
    for round in Round.objects.for_user(user).filter(state=RoundState.SUBMITTED):
        waiting = Candidate.objects.for_user(user).filter(round=round).listed()
        taken = AgendaItem.objects.for_user(user).filter(
            meeting__round=round, meeting__state__in=[MeetingState.PLANNED, MeetingState.HELD]
        )
        if rest := waiting.exclude(pk__in=taken.values("candidate")).count():
            address = f"{reverse('screening:meeting-plan')}?round={round.uuid}"
            about = f"建议名单 {rest} 户已提请，还没有列入审定会议程"
            lines.append(TodoLine("筹备审定会", about, address, "筹备", round.period.label))
    for meeting, counts in _meetings(user, MeetingState.PLANNED):
        day = timezone.localdate(meeting.planned_for)
        lines.append(
            TodoLine("审定会", _ready(counts), _url(meeting), "去办", meeting.round.period.label, day)
        )
    return lines


def _ready(counts: dict) -> str:
    if not counts["all"]:
        return "议程上还没有农户"
    if counts["undecided"]:
        return f"议程 {counts['all']} 户，{counts['undecided']} 户还没有审定意见"
    return f"议程 {counts['all']} 户都有审定意见，可以登记召开"


@shell.todo
def signing_lines(user: Actor) -> list[TodoLine]:
    """The vice head, the director and the secretary: what waits to be signed, registered or confirmed by
    them."""
    if not (user.may("meeting.sign") or user.may("meeting.register")):
        return []
    lines = []
    for meeting, counts in _meetings(user, MeetingState.HELD):
        if line := _to_sign(meeting, counts, user):
            lines.append(line)
    if signers.is_signer(user):
        lines += [
            TodoLine(
                "审定会",
                f"拟认定 {counts['all']} 户，有争议 {counts['contested']} 户，{meeting.place}",
                _url(meeting),
                "看名单",
                meeting.round.period.label,
                timezone.localdate(meeting.planned_for),
            )
            for meeting, counts in _meetings(user, MeetingState.PLANNED)
        ]
    return lines


def _to_sign(meeting: Meeting, counts: dict, user: Actor) -> TodoLine | None:
    if signers.why_not(meeting, user):
        return None
    about, source = f"同意纳入 {counts['approved']} 户", meeting.round.period.label
    if meeting.registered_by_id and meeting.registered_by_id != user.pk and user.may("meeting.sign"):
        who = meeting.registered_by.name
        return TodoLine(
            "确认会议纪要", f"{about}，{who}已登记", _url(meeting, "meeting-confirm"), "确认", source
        )
    if meeting.registered_by_id:
        return None
    if signers.is_signer(user):
        return TodoLine(
            "签发会议纪要", f"{about}（或由会务凭签发件登记）", _url(meeting, "meeting-sign"), "签发", source
        )
    if user.may("meeting.register"):
        return TodoLine(
            "登记会议纪要", f"{about}，凭签发的纪要登记", _url(meeting, "meeting-register"), "登记", source
        )
    return None


@shell.todo
def follower_lines(user: Actor) -> list[TodoLine]:
    """Township and office: cases that nobody follows. A follower: those that have come to him lately."""
    lines = []
    if user.may("follower.assign"):
        lines += _without_follower_lines(user)
    if user.acting is not None and user.acting.role in (Role.HELPER, Role.WORK_TEAM):
        lines += _newly_mine(user)
    return lines


def _without_follower_lines(user: Actor) -> list[TodoLine]:
    missing = without_follower(Case.objects.for_user(user)).aggregate(
        monitored=Count("pk", filter=Q(category=Category.MONITORED)),
        marginal=Count("pk", filter=Q(category=Category.MARGINAL)),
    )
    sentences = (
        f"{missing['monitored']} 户脱贫监测户没有帮扶联系人跟踪" * bool(missing["monitored"]),
        f"{missing['marginal']} 户边缘户没有驻村工作队员跟踪" * bool(missing["marginal"]),
    )
    about = "，".join(sentence for sentence in sentences if sentence)
    address = f"{reverse('screening:case-list')}?follower=missing"
    return [TodoLine("补跟踪责任人", about, address, "补人", "防贫对象")] if about else []


def _newly_mine(user: Actor) -> list[TodoLine]:
    since = timezone.localdate() - datetime.timedelta(days=NEW_DAYS)
    mine = Case.objects.for_user(user).open().filter(followers__user=user.pk, followers__ends_on=None)
    count = mine.filter(followers__begins_on__gte=since).count()
    if not count:
        return []
    address = f"{reverse('screening:case-list')}?follower=mine"
    return [
        TodoLine("新接手", f"{count} 户防贫对象从近日起由您跟踪，请上门认识", address, "看名单", "跟踪管理")
    ]


@shell.headline
def lamps_of_the_county(user: Actor) -> str:
    """本县亮灯 for the vice head and the director, beside the heading."""
    if user.acting is None or user.acting.role not in (Role.LEADING_GROUP, Role.DIRECTOR):
        return ""
    counts = dict(
        Household.objects.for_user(user)
        .exclude(lamp=Lamp.NONE)
        .order_by()
        .values_list("lamp")
        .annotate(n=Count("pk"))
    )
    lamps = [f"{lamp.label} {counts[lamp]} 户" for lamp in Lamp if counts.get(lamp)]
    return f"本县{'、'.join(lamps)}" if lamps else ""
