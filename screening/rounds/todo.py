"""Lines of the to-do page that a round brings, for each role (Art. 7)."""

import datetime

from django.core.cache import cache
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from fangpin.accounts import shell
from fangpin.accounts.roles import Role
from fangpin.accounts.shell import TodoLine
from fangpin.common import working_days
from fangpin.common.models import JobState
from households.models import Household, Lamp
from screening.leads import explanations
from screening.leads import figures as overview
from screening.models import FeedState, Lead, Round, RoundState
from screening.quarters import Quarter

AT_THE_DOOR = {
    Role.VILLAGE_CADRE: "在本村",
    Role.WORK_TEAM: "在本村",
    Role.HELPER: "是您联系的户",
    Role.TOWNSHIP: "在本乡镇",
}
BADGE_SECONDS = 60


def badge(user) -> int:
    """How many lines wait, for the navigation of every page: a minute old at most."""
    return _waiting(user)[0]


def overdue(user) -> bool:
    """Whether one of them is over time."""
    return _waiting(user)[1]


def _waiting(user) -> tuple[int, bool]:
    if user.acting is None:
        return 0, False
    if (lines := getattr(user, "waiting", None)) is not None:
        cache.set(_key(user), _counted(lines), BADGE_SECONDS)
        return _counted(lines)
    return cache.get_or_set(_key(user), lambda: _counted(shell.todo_for(user)), BADGE_SECONDS)


def _counted(lines: list[TodoLine]) -> tuple[int, bool]:
    today = timezone.localdate()
    return len(lines), any(line.due is not None and line.due < today for line in lines)


def forget_badge(user) -> None:
    """After an act that settles a line."""
    cache.delete(_key(user))


def _key(user) -> str:
    return f"todo:{user.acting.pk}"


def _under_way(user):
    return Round.objects.for_user(user).filter(state__in=Round.SWEEPABLE).order_by("year", "quarter")


@shell.headline
def round_under_way(user) -> str:
    """2020 年第一季度排查 · 部门数据截止还有 6 个工作日: the county's latest round that is not submitted."""
    if user.acting is None or user.acting.role in (Role.CITY, Role.REGION):
        return ""
    round = _under_way(user).last()
    if round is None:
        return ""
    if round.state == RoundState.COMPARED and round.verification_due:
        return f"{round} · 核实{_left(round.verification_due)}"
    if round.feeds_due is None or not user.may("feed.view"):
        return f"{round} · {round.get_state_display()}"
    return f"{round} · 部门数据{_left(round.feeds_due)}"


def _left(due: datetime.date) -> str:
    today = timezone.localdate()
    if due < today:
        return f"已于{due.month}月{due.day}日截止"
    try:
        return f"距截止 {working_days.between(today, due)} 个工作日"
    except working_days.YearNotConfirmed:
        return f"{due.month}月{due.day}日截止"


@shell.todo
def department_lines(user) -> list[TodoLine]:
    """An officer's own lists: to deliver, to confirm, and rows that came back."""
    if not (user.may("feed.deliver") and user.acting.department_id):
        return []
    return [
        line
        for round in _under_way(user)
        for delivery in overview.deliveries(round, user)
        for line in _delivery_lines(round, delivery)
    ]


def _delivery_lines(round: Round, delivery: overview.Delivery) -> list[TodoLine]:
    about, source = f"{round.period.label} · {delivery.kind.label}", "县扶贫开发领导小组办公室"
    lines = []
    if delivery.pending is not None and delivery.pending.state == FeedState.CHECKED:
        told = f"{about}：已检查，{delivery.pending.rows_matched} 行已比中"
        lines.append(TodoLine("确认报送", told, _url(delivery.pending), "确认", source, round.feeds_due))
    elif delivery.pending is not None and delivery.pending.state == FeedState.ASKED:
        told = f"{about}：有列名认不出，选一下就能检查"
        lines.append(TodoLine("对应列名", told, _url(delivery.pending), "去对应", source, round.feeds_due))
    elif delivery.accepted is None:
        address = reverse("screening:feed-upload", args=[round.uuid, delivery.kind.code])
        lines.append(TodoLine("报送数据", about, address, "上传", source, round.feeds_due))
    if delivery.accepted is not None and (told := _left_over(delivery.accepted)):
        about = f"{about}：{told}；改好后只补这几行"
        lines.append(TodoLine("退回和待核对的行", about, _url(delivery.accepted), "查看", "数据检查"))
    return lines


def _left_over(feed) -> str:
    parts = (
        f"{feed.rows_refused} 行退回" * bool(feed.rows_refused),
        f"{feed.rows_set_aside} 行待核对" * bool(feed.rows_set_aside),
    )
    return "，".join(part for part in parts if part)


def _url(feed) -> str:
    return reverse("screening:feed-detail", args=[feed.uuid])


@shell.todo
def office_lines(user) -> list[TodoLine]:
    """The office chases, confirms and sweeps."""
    if not user.may("round.sweep"):
        return []
    lines = []
    for round in _under_way(user):
        deliveries = overview.deliveries(round, user)
        lines += _chase(round, [d for d in deliveries if d.accepted is None])
        lines += _confirm(round, [d.pending for d in deliveries if d.pending])
        lines += _sweep(round, deliveries)
    return lines


@shell.todo
def gone_lines(user) -> list[TodoLine]:
    """The office: what a newer list no longer bears out, though somebody has acted on it."""
    if not user.may("round.sweep"):
        return []
    gone = explanations.gone_but_acted(Lead.objects.for_user(user)).order_by("round")
    address = reverse("screening:lead-list")
    return [
        TodoLine(
            "依据已消失",
            f"依据已消失，已有人办理：{households} 户，请看",
            f"{address}?round={uuid}&gone=on",
            "查看",
            Quarter(year, quarter).label,
        )
        for uuid, year, quarter, households in gone.values_list(
            "round__uuid", "round__year", "round__quarter"
        ).annotate(Count("household", distinct=True))
    ]


def _detail(round: Round, part: str = "") -> str:
    return reverse("screening:round-detail", args=[round.uuid]) + part


def _chase(round: Round, missing: list) -> list[TodoLine]:
    if not missing:
        return []
    text = overview.reminder(missing, round)
    about = f"{overview.by_department(missing)}还没有报送"
    return [
        TodoLine(
            "催报", about, _detail(round, "#feeds"), "催报", round.period.label, round.feeds_due, copy=text
        )
    ]


def _confirm(round: Round, pending: list) -> list[TodoLine]:
    waiting = [feed for feed in pending if feed.state == FeedState.CHECKED]
    if not waiting:
        return []
    names = "、".join(dict.fromkeys(feed.department.name for feed in waiting))
    address = (
        _url(waiting[0]) if len(waiting) == 1 else reverse("screening:feed-list") + f"?round={round.uuid}"
    )
    about = f"{names}：{len(waiting)} 份数据已检查，等确认后才参加比对"
    return [TodoLine("确认报送", about, address, "确认", round.period.label, round.feeds_due)]


def _sweep(round: Round, deliveries: list) -> list[TodoLine]:
    """To begin, to do again since lists came later, or one that did not end well."""
    running, last = overview.sweep_runs(round)
    source, address = round.period.label, _detail(round, "#sweep")
    if running is not None:
        return []
    if last is not None and last.state == JobState.FAILED:
        told = last.error or "请重新开始"
        if last.by is None:
            told = f"系统自动比对没有完成：{told}"
        return [TodoLine("数据比对没有完成", told, address, "重新比对", source)]
    there = [d.accepted for d in deliveries if d.accepted]
    if round.swept_at is None:
        about = f"可以开始：{len(deliveries)} 类数据已到 {len(there)} 类"
        return [TodoLine("数据比对", about, address, "开始比对", source)] if there else []
    later = [feed for feed in there if feed.matched_at > round.swept_at]
    if not later:
        return []
    names = "、".join(dict.fromkeys(feed.department.name for feed in later))
    return [TodoLine("数据比对", f"{names}有 {len(later)} 份新数据还没有比对", address, "再次比对", source)]


@shell.todo
def director_lines(user) -> list[TodoLine]:
    """The director sees what is late by department."""
    if user.acting is None or user.acting.role != Role.DIRECTOR:
        return []
    lines = []
    for round in _under_way(user):
        missing = [d for d in overview.deliveries(round, user) if d.accepted is None]
        if missing:
            about = overview.by_department(missing)
            lines.append(
                TodoLine(
                    "部门未报送", about, _detail(round, "#feeds"), "查看", round.period.label, round.feeds_due
                )
            )
    return lines


@shell.todo
def lamp_lines(user) -> list[TodoLine]:
    """At the door: households whose lamp is red."""
    where = AT_THE_DOOR.get(user.acting.role) if user.acting else None
    if where is None:
        return []
    red = Household.objects.for_user(user).filter(lamp=Lamp.RED).count()
    if not red:
        return []
    address = reverse("screening:lead-list") + "?round="  # of all quarters
    return [TodoLine("亮灯预警", f"{red} 户亮灯预警{where}，请看看是什么情况", address, "看名单", "数据比对")]
