"""增收计划 in the shell and on the household page (Art. 4)."""

import datetime

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from fangpin.accounts import shell
from fangpin.accounts.roles import Role
from fangpin.accounts.shell import TodoLine
from fangpin.common.actor import Actor
from households.codelists import HouseholdStatus
from households.panels import Panel, register
from measures.income_plans import lists, missing, plans  # noqa: F401  registers exports
from measures.models import IncomePlan, PlanState

shell.navigation(
    shell.NavigationItem("帮扶", 10, "增收计划", "measures:plan-list", "card-checklist", "plan.view")
)


@shell.todo
def maker_lines(user: Actor) -> list[TodoLine]:
    """Village and helper: plans to make, to sign, to close at the year's end."""
    if not user.may("plan.make"):
        return []
    today = timezone.localdate()
    year, own = today.year, IncomePlan.objects.for_user(user)
    address = reverse("measures:plan-list")
    lines = []
    if lacking := missing.without_plan(user, year).count():
        whose = "我联系的脱贫户中" if user.acting.role == Role.HELPER else ""
        about = f"{whose}{lacking} 户脱贫户今年还没有计划"
        lines.append(
            TodoLine(
                "填增收计划",
                about,
                reverse("measures:plan-missing"),
                "去填",
                "第四条",
                missing.due_on(user, year),
            )
        )
    counts = own.filter(year=year).aggregate(
        draft=Count("pk", filter=Q(state=PlanState.DRAFT)),
        agreed=Count("pk", filter=Q(state=PlanState.AGREED)),
    )
    if counts["draft"]:
        about = f"{counts['draft']} 户增收计划请打印、签字后拍照上传"
        lines.append(TodoLine("打印签字", about, f"{address}?state=draft", "去办理"))
    if counts["agreed"] and today.month == 12:
        about = f"{counts['agreed']} 户增收计划填实际收入"
        due = datetime.date(year, *plans.YEAR_END)
        lines.append(TodoLine("年底对账", about, f"{address}?state=agreed", "去填", "", due))
    return lines


@shell.todo
def tracking_lines(user: Actor) -> list[TodoLine]:
    """Work team: plans without a note in this quarter. Township: lifted households without a helper."""
    if user.acting is None:
        return []
    if user.acting.role == Role.WORK_TEAM:
        year = timezone.localdate().year
        count = missing.untracked(IncomePlan.objects.for_user(user).filter(year=year)).count()
        address = f"{reverse('measures:plan-list')}?state=untracked"
        return [TodoLine("增收计划跟踪", f"{count} 户本季度还没有进展记录", address, "去记")] if count else []
    if user.acting.role == Role.TOWNSHIP and (count := missing.without_helper(user).count()):
        address = f"{reverse('measures:plan-missing')}?which=helper"
        return [TodoLine("补联系人", f"{count} 户脱贫户没有帮扶联系人", address, "看名单", "第四条")]
    return []


def plan(household, user: Actor) -> dict | None:
    """The household's plans, the newest first."""
    if household.status != HouseholdStatus.LIFTED:
        return None
    shown = list(
        lists.with_all(IncomePlan.objects.for_user(user).filter(household=household)).order_by("-year")[:3]
    )
    year = timezone.localdate().year
    return {
        "plans": shown,
        "year": year,
        "may_begin": user.may("plan.make") and all(each.year != year for each in shown),
        "note": f"{shown[0].year} 年{shown[0].get_state_display()}" if shown else "",
    }


register(Panel("增收计划", 45, "plan.view", "measures/income_plans/_household_plans.html", plan))
