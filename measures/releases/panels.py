"""取消重点关注 in the shell, and the case as risks × measures (Art. 9)."""

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone

from fangpin.accounts import shell
from fangpin.accounts.shell import TodoLine
from fangpin.common.actor import Actor
from households.models import Case, CaseState
from households.panels import Panel
from measures.models import Visit
from measures.releases import case_matrix, releases
from screening.cases import parts as case_parts
from screening.models import ReleaseItem

shell.navigation(
    shell.NavigationItem("帮扶", 60, "取消重点关注", "measures:release-list", "flag", "release.view")
)
NAMED = 3


@shell.todo
def village_lines(user: Actor) -> list[TodoLine]:
    """Households whose year is over: is the risk gone?"""
    if not user.may("release.evaluate"):
        return []
    due = (
        releases.cases_due(Case.objects.for_user(user))
        .select_related("household__county")
        .order_by("evaluation_due", "id")
    )
    shown = list(due[: NAMED + 1])
    lines = [
        TodoLine(
            "村评定",
            f"{case.household}跟踪期已满，风险消除了没有？",
            reverse("measures:release-evaluate", args=[case.uuid]),
            "去评定",
            "跟踪管理",
            releases.due_until(case),
        )
        for case in shown[:NAMED]
    ]
    if len(shown) > NAMED:
        address = f"{reverse('measures:release-list')}?stage=due"
        lines.append(
            TodoLine("村评定", f"还有 {due.count() - NAMED} 户跟踪期已满", address, "看全部", "跟踪管理")
        )
    return lines


@shell.todo
def township_lines(user: Actor) -> list[TodoLine]:
    if not user.may("release.review"):
        return []
    count = Case.objects.for_user(user).filter(state=CaseState.EVALUATED).count()
    if not count:
        return []
    address = f"{reverse('measures:release-list')}?stage=evaluated"
    return [TodoLine("乡审核", f"取消重点关注 {count} 户，村评定材料已齐", address, "去审核", "村“两委”")]


@shell.todo
def office_lines(user: Actor) -> list[TodoLine]:
    """Reviewed households that no meeting has taken up."""
    if not user.may("meeting.prepare"):
        return []
    listed = ReleaseItem.objects.for_user(user).filter(meeting__state__in=["planned", "held"]).values("case")
    waiting = Case.objects.for_user(user).filter(state=CaseState.REVIEWED).exclude(pk__in=listed)
    figures = waiting.aggregate(n=Count("pk"), since=Min("reviewed_on"))
    if not figures["n"]:
        return []
    about = f"拟取消重点关注 {figures['n']} 户，乡镇已审核，待列入审定会"
    return [TodoLine("取消重点关注", about, reverse("screening:meeting-list"), "列入议程", "乡镇")]


def matrix(case, user: Actor) -> dict:
    return {"rows": case_matrix.rows(case, user)}


def course(case, user: Actor) -> dict:
    """The follow-up year and its three acts, and the last visits."""
    today = timezone.localdate()
    whole = max(1, (case.follow_until - case.identified_on).days) if case.follow_until else 1
    gone = min(whole, max(0, (today - case.identified_on).days))
    visits = Visit.objects.for_user(user).not_withdrawn().filter(case=case).select_related("by")[:5]
    return {
        "percent": 100 * gone // whole,
        "evaluation": releases.latest_evaluations([case]).get(case.pk),
        "visits": visits,
        "may_evaluate": user.may("release.evaluate")
        and case.state in (CaseState.ACTIVE, CaseState.EVALUATED)
        and case.follow_until is not None
        and case.follow_until <= today,
    }


case_parts.register(Panel("风险和举措", 10, "measure.view", "measures/releases/_case_matrix.html", matrix))
case_parts.register(
    Panel("跟踪和取消重点关注", 20, "release.view", "measures/releases/_case_course.html", course)
)
