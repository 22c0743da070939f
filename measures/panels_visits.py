"""跟踪管理 in the shell and on the household page (Art. 9)."""

import datetime

from django.urls import reverse
from django.utils import timezone

from fangpin.accounts import shell
from fangpin.accounts.roles import Role
from fangpin.accounts.shell import TodoLine
from households.models import Case, CaseState
from households.panels import Panel, register
from measures import visit_lists, visits  # noqa: F401  registers exports
from measures.models import Visit

shell.navigation(
    shell.NavigationItem("帮扶", 50, "跟踪管理", "measures:follow-list", "person-check", "visit.view")
)
SOON_DAYS = 30
NAMED = 3


@shell.todo
def follower_lines(user) -> list[TodoLine]:
    """Helper and work team: whom to see, and whose year ends soon."""
    if user.acting is None or user.acting.role not in (Role.HELPER, Role.WORK_TEAM):
        return []
    today, days = timezone.localdate(), visits.interval(user)
    late = list(
        visits.overdue(visits.mine(user), days)
        .select_related("household")
        .order_by("last_visit")[: NAMED + 1]
    )
    lines = []
    for case in late[:NAMED]:
        since = case.last_visit or case.followed_since
        words = f"距上次走访 {(today - since).days} 天" if case.last_visit else "还没有走访过"
        due = since + datetime.timedelta(days=days)
        address = reverse("measures:visit-new", args=[case.household.uuid])
        about = f"{case.get_category_display()}{case.household}，{words}"
        lines.append(TodoLine("走访", about, address, "登记走访", "跟踪管理", due))
    if len(late) > NAMED:
        address = f"{reverse('measures:follow-list')}?which=late"
        lines.append(TodoLine("走访", "还有别的户走访超期", address, "看全部", "跟踪管理"))
    soon = visits.mine(user).filter(
        state=CaseState.ACTIVE,
        follow_until__gt=today,
        follow_until__lte=today + datetime.timedelta(days=SOON_DAYS),
    )
    if count := soon.count():
        about = f"{count} 户跟踪期 {SOON_DAYS} 天内满一年，准备村评定材料"
        lines.append(
            TodoLine("满1年", about, f"{reverse('measures:release-list')}?stage=soon", "看名单", "跟踪管理")
        )
    return lines


@shell.todo
def county_lines(user) -> list[TodoLine]:
    """Department and office: what households say has not come. Township: villages without a work team."""
    lines = []
    hears = user.may("measure.plan") or user.may("measure.file")
    if hears and (count := visits.not_arrived(user).count()):
        address = f"{reverse('measures:measure-list')}?state=delivered"
        lines.append(
            TodoLine("没有到户", f"走访反映没有到户的举措 {count} 项，请核对", address, "核对", "走访")
        )
    if user.may("follower.assign") and (villages := visits.villages_without_team(user)):
        address = f"{reverse('measures:follow-list')}?which=missing"
        lines.append(
            TodoLine("补人", f"{villages} 个有边缘户的村没有驻村工作队员", address, "看名单", "跟踪管理")
        )
    return lines


def visited(household, user) -> dict | None:
    """Last visits, and what is next."""
    shown = list(Visit.objects.for_user(user).standing().filter(household=household).select_related("by")[:5])
    case = Case.objects.for_user(user).open().filter(household=household).first()
    may = visits.may_visit(household, case, user)
    if not shown and not may:
        return None
    return {
        "visits": shown,
        "note": f"最近 {shown[0].on:%Y-%m-%d}" if shown else "",
        "more": reverse("measures:visit-new", args=[household.uuid]) if may else "",
        "more_label": "登记走访",
    }


register(Panel("走访", 55, "visit.view", "measures/_household_visits.html", visited))
