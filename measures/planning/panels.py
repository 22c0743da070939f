"""Navigation, to-do lines and household panel of measures (Art. 5, 6, 8)."""

import datetime

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone

from fangpin.accounts import shell
from fangpin.accounts.roles import Role
from fangpin.accounts.shell import TodoLine
from fangpin.common.actor import Actor
from households.codelists import HouseholdStatus
from households.models import Case
from households.panels import Panel, register
from measures.models import Measure, MeasureState
from measures.planning import forms, lists, receipts

shell.navigation(
    shell.NavigationItem("帮扶", 30, "防贫举措", "measures:measure-list", "house-heart", "measure.view")
)
NEWS_DAYS = 14


@shell.todo
def department_lines(user: Actor) -> list[TodoLine]:
    """What came back, what may begin, what should be there."""
    if not user.may("measure.plan"):
        return []
    own, board = Measure.objects.for_user(user), reverse("measures:measure-list")
    today = timezone.localdate()
    figures = own.aggregate(
        back=Count("pk", filter=Q(state=MeasureState.SENT_BACK)),
        filed=Count("household", filter=Q(state=MeasureState.FILED), distinct=True),
        due=Count("household", filter=Q(state=MeasureState.STARTED, planned_to__lte=today), distinct=True),
        day=Min("planned_to", filter=Q(state=MeasureState.STARTED, planned_to__lte=today)),
    )
    lines = []
    if figures["back"]:
        about = f"{figures['back']} 项举措退回补正"
        lines.append(TodoLine("退回补正", about, f"{board}?state=sent_back", "去补正", "举措备案", today))
    if figures["filed"]:
        about = f"已备案 {figures['filed']} 户，还没有开始"
        lines.append(TodoLine("待实施", about, f"{board}?state=filed", "去办理", "举措备案"))
    if figures["due"]:
        about = f"{figures['due']} 户已到期，请填落实日期和金额"
        lines.append(TodoLine("落实情况", about, f"{board}?state=started", "去填写", "", figures["day"]))
    return lines


@shell.todo
def office_lines(user: Actor) -> list[TodoLine]:
    """Measures that wait for their filing."""
    if not user.may("measure.file"):
        return []
    waiting = Measure.objects.for_user(user).filter(state=MeasureState.PLANNED)
    figures = waiting.aggregate(n=Count("pk"), since=Min("planned_at"))
    if not figures["n"]:
        return []
    days = (timezone.localdate() - timezone.localdate(figures["since"])).days
    about = f"部门报来举措 {figures['n']} 条" + (f"，最早一条已等 {days} 天" if days else "")
    return [TodoLine("备案", about, reverse("measures:filing-list"), "去备案", "部门", timezone.localdate())]


@shell.todo
def follower_lines(user: Actor) -> list[TodoLine]:
    """Who follows households hears what is late and what has come."""
    if user.acting is None or user.acting.role not in (Role.HELPER, Role.WORK_TEAM):
        return []
    mine = Measure.objects.for_user(user).filter(
        case__in=Case.objects.filter(followers__user=user.pk, followers__ends_on=None).values("pk")
    )
    today = timezone.localdate()
    late = list(forms.late(mine).select_related("household", "department", "type").order_by("planned_to")[:3])
    lines = [
        TodoLine(
            "举措没落实",
            (
                f"{m.household}{m.type.name}，{m.department.name}已超期 {(today - m.planned_to).days} 天，"
                f"请了解情况"
            ),
            reverse("measures:measure-detail", args=[m.uuid]),
            "查看",
            m.department.name,
            m.planned_to,
        )
        for m in late
    ]
    fresh = mine.filter(
        delivered_on__gte=today - datetime.timedelta(days=NEWS_DAYS), sightings__isnull=True
    ).select_related("household", "type")
    lines += [
        TodoLine(
            "举措进展",
            f"{m.household}{m.type.name}，请问到账没有？",
            reverse("measures:measure-detail", args=[m.uuid]),
            "查看",
        )
        for m in fresh.order_by("-delivered_on")[:3]
    ]
    return lines


def help_panel(household, user: Actor) -> dict | None:
    """享受帮扶: receipts against caps, and the measures one by one."""
    if household.status == HouseholdStatus.REGISTERED:
        return None
    own = Measure.objects.for_user(user).filter(household=household).not_cancelled()
    measures = list(lists.with_all(own).order_by("-id")[:20])
    return {
        "receipts": receipts.of_household(household, user) if measures else [],
        "rooms": receipts.rooms_of(household) if measures else [],
        "measures": measures,
        "note": f"{len(measures)} 项" if measures else "",
    }


register(Panel("享受帮扶", 50, "measure.view", "measures/planning/_household_receipts.html", help_panel))
