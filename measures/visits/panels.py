"""跟踪管理 in the shell and on the household page (Art. 9)."""

import datetime

from django.urls import reverse
from django.utils import timezone

from fangpin.accounts import shell
from fangpin.accounts.roles import Role
from fangpin.accounts.shell import TodoLine
from fangpin.common.actor import Actor
from households.models import Case, CaseState
from households.panels import Panel, register
from measures.models import Visit
from measures.visits import follow_up, lists, visits  # noqa: F401  registers exports

shell.navigation(
    shell.NavigationItem("帮扶", 50, "跟踪管理", "measures:follow-list", "person-check", "visit.view")
)
SOON_DAYS = 30
NAMED = 3
SOURCE = "跟踪管理"


@shell.todo
def follower_lines(user: Actor) -> list[TodoLine]:
    """Helper and work team: whom to see, and whose year ends soon."""
    if user.acting is None or user.acting.role not in (Role.HELPER, Role.WORK_TEAM):
        return []
    mine = follow_up.mine(user)
    lines = _to_see(user, mine)
    if user.acting.role == Role.WORK_TEAM:
        lines += _this_month(mine)
    return lines + _year_ends(mine)


def _to_see(user: Actor, mine) -> list[TodoLine]:
    today, days = timezone.localdate(), follow_up.interval(user)
    late = follow_up.overdue(mine, days).select_related("household").order_by("seen_from", "pk")
    lines = []
    for case in (shown := list(late[: NAMED + 1]))[:NAMED]:
        past = (today - case.seen_from).days
        words = f"距上次走访 {past} 天" if case.last_visit else "还没有走访过"
        address = reverse("measures:visit-new", args=[case.household.uuid])
        about = f"{case.get_category_display()}{case.household}，{words}"
        due = case.seen_from + datetime.timedelta(days=days)
        lines.append(TodoLine("走访", about, address, "登记走访", SOURCE, due))
    if len(shown) > NAMED:
        rest = f"还有 {late.count() - NAMED} 户走访超期"
        address = f"{reverse('measures:follow-list')}?which=late"
        lines.append(
            TodoLine(
                "走访", rest, address, "看全部", SOURCE, shown[-1].seen_from + datetime.timedelta(days=days)
            )
        )
    return lines


def _this_month(mine) -> list[TodoLine]:
    if not (left := follow_up.not_seen_this_month(mine).count()):
        return []
    about = f"我跟踪的边缘户 {mine.count()} 户，本月还有 {left} 户没走访"
    return [TodoLine("走访", about, reverse("measures:follow-list"), "看名单", SOURCE)]


def _year_ends(mine) -> list[TodoLine]:
    today = timezone.localdate()
    until = today + datetime.timedelta(days=SOON_DAYS)
    soon = mine.filter(state=CaseState.ACTIVE, follow_until__gt=today, follow_until__lte=until)
    if not (count := soon.count()):
        return []
    about = f"{count} 户 {SOON_DAYS} 天内跟踪满一年，准备村评定材料"
    address = f"{reverse('measures:release-list')}?stage=soon"
    return [TodoLine("满1年", about, address, "看名单", SOURCE)]


@shell.todo
def village_lines(user: Actor) -> list[TodoLine]:
    """The village: new risks that visits found and nobody has reported by the questionnaire yet."""
    if not user.may("field.enter") or not (count := follow_up.unreported(user).count()):
        return []
    about = f"走访发现 {count} 户有新的风险，还没有按入户排查问卷上报"
    address = f"{reverse('measures:visit-list')}?which=new"
    return [TodoLine("新的风险", about, address, "看记录", "走访")]


@shell.todo
def arrival_lines(user: Actor) -> list[TodoLine]:
    """Department and office: what households say has not come."""
    if not (user.may("measure.plan") or user.may("measure.file")):
        return []
    if not (count := follow_up.not_arrived(user).count()):
        return []
    about = f"走访反映没有到户：{count} 条，请核对"
    return [TodoLine("没有到户", about, reverse("measures:unarrived-list"), "核对", "走访")]


@shell.todo
def above_lines(user: Actor) -> list[TodoLine]:
    """Township and office: risks that have grown, households without helper, villages without a work team."""
    if not user.may("follower.assign"):
        return []
    own, address, lines = Case.objects.for_user(user), reverse("measures:follow-list"), []
    if worse := follow_up.grown_worse(own).count():
        about = f"{worse} 户最近一次走访风险加重，请了解情况"
        lines.append(TodoLine("风险加重", about, f"{address}?which=worse", "看名单", "走访"))
    unhelped, villages = follow_up.without_helper(own).count(), follow_up.villages_without_team(user)
    if unhelped or villages:
        parts = [f"{unhelped} 户脱贫监测户没有帮扶联系人"] * bool(unhelped)
        parts += [f"{villages} 个有边缘户的村没有工作队员"] * bool(villages)
        about, which = "，".join(parts), "unhelped" if unhelped else "teamless"
        lines.append(TodoLine("补人", about, f"{address}?which={which}", "看名单", SOURCE))
    return lines


def visited(household, user: Actor) -> dict | None:
    """Last visits, and what is next."""
    shown = list(
        Visit.objects.for_user(user).not_withdrawn().filter(household=household).select_related("by")[:5]
    )
    case = follow_up.with_last(Case.objects.for_user(user).open().filter(household=household)).first()
    may = visits.may_visit(household, case, user)
    if not shown and not may:
        return None
    days = follow_up.interval(user) if case else None
    due = case.seen_from + datetime.timedelta(days=days) if days else None
    return {
        "visits": shown,
        "next_visit": due,
        "is_late": due is not None and due < timezone.localdate(),
        "note": f"最近 {shown[0].on:%Y-%m-%d}" if shown else "",
        "more": reverse("measures:visit-new", args=[household.uuid]) if may else "",
        "more_label": "登记走访",
    }


register(Panel("走访", 55, "visit.view", "measures/visits/_household_visits.html", visited))
