"""What this app itself puts into the shell and on the household page: navigation, to-do lines, own panels."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from fangpin.accounts import shell
from fangpin.accounts.models import User
from fangpin.common.models import StatusRecord
from fangpin.policy.services import NoPolicy, in_force
from households import attachments, numbers, rules, trail
from households.forms import AttachmentForm
from households.models import (
    AnnualIncome,
    Attachment,
    Case,
    CaseState,
    HelperAssignment,
    Household,
    ImportState,
    Member,
    RegistryImport,
)
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


@dataclass(frozen=True)
class MemberRow:
    member: Member
    masked_phone: str


def members(household: Household, user: User) -> dict:
    """Members of today, the head first, numbers masked."""
    everybody = list(household.members.order_by("removed_on", "id"))
    present = sorted((m for m in everybody if m.removed_on is None), key=lambda m: not m.is_head)
    return {
        "rows": [MemberRow(member, numbers.masked_phone(member.phone)) for member in present],
        "departed": [m for m in everybody if m.removed_on is not None],
        "may_reveal": user.may("number.reveal"),
        "note": f"{len(present)} 人",
    }


@dataclass(frozen=True)
class IncomeRow:
    """One year: income a head in fen (none without members), whether it lies above the line, and how long its
    bar is and where the line stands, in drawing units."""

    income: AnnualIncome
    per_head: int | None
    is_above: bool
    bar: int
    mark: int


def income(household: Household, _user: User) -> dict:
    """Income by year against the income line in force today (Art. 2: 以下 includes the figure itself)."""
    try:
        policy = in_force(household.county, timezone.localdate())
        line, since = policy["income.line"], policy.since("income.line")
    except NoPolicy:
        line = since = None
    years = list(household.incomes.order_by("-year")[:6])
    return {"rows": _income_rows(years, household.size, line), "line": line, "since": since, "width": WIDTH}


WIDTH = 160


def _income_rows(years: list[AnnualIncome], size: int, line: int | None) -> list[IncomeRow]:
    """A loss has no bar."""
    heads = [year.per_head(size) for year in years]
    longest = max([*(head or 0 for head in heads), line or 0, 1]) * 11 // 10
    return [
        IncomeRow(
            income=year,
            per_head=head,
            is_above=line is not None and rules.is_above_line(year.net, size, line),
            bar=max(0, head or 0) * WIDTH // longest,
            mark=(line or 0) * WIDTH // longest,
        )
        for year, head in zip(years, heads, strict=True)
    ]


def case(household: Household, _user: User) -> dict | None:
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


@dataclass(frozen=True)
class HelperRow:
    assignment: HelperAssignment
    in_force: bool


def helpers(household: Household, _user: User) -> dict:
    """帮扶联系人 (Art. 4, 9), those of today first."""
    today = timezone.localdate()
    rows = [
        HelperRow(each, each.begins_on <= today and (each.ends_on is None or each.ends_on >= today))
        for each in household.helpers.select_related("user").order_by("-begins_on", "-id")
    ]
    return {"rows": sorted(rows, key=lambda row: not row.in_force)}


@dataclass(frozen=True)
class AttachmentRow:
    attachment: Attachment
    may_withdraw: bool


def papers(household: Household, user: User) -> dict:
    """佐证材料: those not withdrawn, and what was withdrawn."""
    kept = list(household.attachments.select_related("by", "withdrawn_by"))
    rows = [
        AttachmentRow(each, attachments.may_withdraw(each, user))
        for each in kept
        if each.withdrawn_at is None
    ]
    return {
        "rows": rows,
        "withdrawn": [each for each in kept if each.withdrawn_at is not None],
        "form": AttachmentForm() if user.may("attachment.add") else None,
        "note": f"{len(rows)} 份" if rows else "",
    }


register(Panel("家庭成员", 10, "household.view", "households/panels/_members.html", members))
register(Panel("家庭收入", 12, "household.view", "households/panels/_income.html", income))
register(Panel("防贫对象", 14, "household.view", "households/panels/_case.html", case))
register(Panel("帮扶联系人", 80, "household.view", "households/panels/_helpers.html", helpers))
register(Panel("佐证材料", 85, "household.view", "households/panels/_attachments.html", papers))
register(Panel("查看和变更记录", 90, "household.trail", "households/panels/_trail.html", trail.context))
