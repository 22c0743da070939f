"""What this app itself puts into the shell and on the household page: navigation, to-do lines, own panels."""

from django.urls import reverse
from django.utils import timezone

from fangpin.accounts import shell
from fangpin.common.models import StatusRecord
from fangpin.policy.services import NoPolicy, in_force
from households import attachments, numbers, rules, trail
from households.forms import AttachmentForm
from households.models import Case, CaseState, ImportState, RegistryImport
from households.panels import Panel, register

shell.navigation(
    shell.NavigationItem("数据", 10, "农户", "households:household-list", "people", "household.view")
)
shell.navigation(
    shell.NavigationItem(
        "数据", 30, "户册导入", "households:import-list", "file-earmark-arrow-up", "registry.import"
    )
)


@shell.todo
def imports_to_confirm(user) -> list[shell.TodoLine]:
    """Own workbooks that were checked and wait for a word."""
    waiting = RegistryImport.objects.for_user(user).filter(by=user.pk, state=ImportState.CHECKED)
    return [
        shell.TodoLine(
            what=f"{batch.get_kind_display()}导入",
            about=f"{batch.file_name}：已检查，{batch.result.get('good', 0):,} 行可以导入",
            url=reverse("households:import-detail", args=[batch.uuid]),
            action="确认",
            source="户册",
        )
        for batch in waiting.order_by("-id")[:5]
    ]


def members(household, user) -> dict:
    """Members of today, the head first, numbers masked."""
    everybody = list(household.members.order_by("removed_on", "id"))
    present = sorted((m for m in everybody if m.removed_on is None), key=lambda m: not m.is_head)
    for member in present:
        member.masked_phone = numbers.masked_phone(member.phone)
    return {
        "members": present,
        "departed": [m for m in everybody if m.removed_on is not None],
        "may_reveal": user.may("number.reveal"),
        "note": f"{len(present)} 人",
    }


def income(household, user) -> dict:
    """Income by year against the income line in force today (Art. 2: 以下 includes the figure itself)."""
    try:
        policy = in_force(household.county, timezone.localdate())
        line, since = policy["income.line"], policy.since("income.line")
    except NoPolicy:
        line = since = None
    years = list(household.incomes.order_by("-year")[:6])
    for year in years:
        year.head = year.per_head(household.size)
        year.above = line is not None and rules.is_above_line(year.net, household.size, line)
    _draw(years, line)
    return {"years": years, "line": line, "since": since, "width": WIDTH}


WIDTH = 160


def _draw(years: list, line: int | None) -> None:
    """Lengths of the bars and place of the line, in drawing units; a loss has no bar."""
    longest = max([*(year.head or 0 for year in years), line or 0, 1]) * 11 // 10
    for year in years:
        year.bar = max(0, year.head or 0) * WIDTH // longest
        year.mark = (line or 0) * WIDTH // longest


def case(household, user) -> dict | None:
    """The prevention case, the open one before those that have ended; nothing for other households."""
    cases = sorted(household.cases.all(), key=lambda c: (c.state == CaseState.RELEASED, -c.pk))
    if not cases:
        return None
    states = dict(CaseState.choices)
    records = StatusRecord.objects.filter(
        model=Case._meta.label_lower, object_id__in=[c.pk for c in cases]
    ).select_related("by")
    steps = [
        {"at": r.at, "state": states.get(r.to_state, r.to_state), "by": r.by, "opinion": r.opinion}
        for r in records.order_by("-id")
    ]
    return {"cases": cases, "steps": steps, "note": cases[0].get_category_display()}


def helpers(household, user) -> dict:
    """帮扶联系人 (Art. 4, 9), those of today first."""
    today = timezone.localdate()
    named = list(household.helpers.select_related("user").order_by("-begins_on", "-id"))
    for assignment in named:
        assignment.in_force = assignment.begins_on <= today and (
            assignment.ends_on is None or assignment.ends_on >= today
        )
    return {"helpers": sorted(named, key=lambda assignment: not assignment.in_force)}


def papers(household, user) -> dict:
    """佐证材料: those that stand, and what was withdrawn."""
    kept = list(household.attachments.select_related("by", "withdrawn_by"))
    standing = [one for one in kept if one.withdrawn_at is None]
    for one in standing:
        one.may_withdraw = attachments.may_withdraw(one, user)
    return {
        "standing": standing,
        "withdrawn": [one for one in kept if one.withdrawn_at is not None],
        "form": AttachmentForm() if user.may("attachment.add") else None,
        "note": f"{len(standing)} 份" if standing else "",
    }


register(Panel("家庭成员", 10, "household.view", "households/panels/_members.html", members))
register(Panel("家庭收入", 12, "household.view", "households/panels/_income.html", income))
register(Panel("防贫对象", 14, "household.view", "households/panels/_case.html", case))
register(Panel("帮扶联系人", 80, "household.view", "households/panels/_helpers.html", helpers))
register(Panel("佐证材料", 85, "household.view", "households/panels/_attachments.html", papers))
register(Panel("查看和变更记录", 90, "household.trail", "households/panels/_trail.html", trail.context))
