"""What the national system puts into the shell: navigation, the panel on the household page, lines of the
to-do."""

from django.db.models import Count, Sum
from django.urls import reverse

from fangpin.accounts import shell
from fangpin.accounts.roles import Role
from fangpin.accounts.shell import TodoLine
from fangpin.common.actor import Actor
from households.panels import Panel, register
from screening.models import ItemKind, ItemState, NationalItem
from screening.national import items as national
from screening.national import lists, missing

WAITING = (ItemState.PENDING, ItemState.OFFERED)
SOURCE = "全国系统"

shell.navigation(
    shell.NavigationItem(
        "数据", 20, "全国系统标注录入", "screening:national-list", "cloud-upload", "national.view"
    )
)


def items_panel(household, user: Actor) -> dict | None:
    """What was sent to the national system about a household and what it answered, the latest first."""
    items = list(
        NationalItem.objects.for_user(user).filter(case__household=household).defer("payload").order_by("-id")
    )
    number = next((item.national_number for item in items if item.national_number), "")
    return {"items": items, "note": f"户编号 {number}" if number else ""} if items else None


register(Panel("全国系统", 60, "national.view", "screening/national/_household_national.html", items_panel))


@shell.todo
def officer_lines(user: Actor) -> list[TodoLine]:
    """The information officer: what waits, what is lacking, what came back."""
    if not (user.may("national.pull") and user.may("number.reveal")):
        return []
    mine = NationalItem.objects.for_user(user)
    counts = {
        row["kind"]: row
        for row in mine.filter(state__in=WAITING)
        .order_by()
        .values("kind")
        .annotate(households=Count("pk"), people=Sum("case__household__size"))
    }
    lines = [
        TodoLine(
            ItemKind(kind).label,
            _about(kind, counts[kind]),
            lists.address(kind=kind),
            "逐户办理",
            SOURCE,
        )
        for kind in ItemKind.values
        if kind in counts
    ]
    return [*lines, *_lacking(mine), *refused_lines(user, "更正")]


def _about(kind: str, row: dict) -> str:
    return {
        ItemKind.MARK: f"脱贫监测户 {row['households']} 户待标注",
        ItemKind.ENTRY: f"边缘户 {row['households']} 户 {row['people']} 人待录入",
        ItemKind.CORRECTION: f"{row['households']} 户信息有变，要改全国系统",
        ItemKind.WITHDRAWAL: f"{row['households']} 户待在系统中撤回",
        ItemKind.RELEASE: f"{row['households']} 户待在系统更新",
    }[kind]


def _lacking(mine) -> list[TodoLine]:
    first = mine.filter(state=ItemState.PENDING, kind__in=national.FIRST)
    if not (lacking := len(missing.lacking_households(first))):
        return []
    entries = first.filter(kind=ItemKind.ENTRY).exists()
    url = lists.address(kind=ItemKind.ENTRY if entries else ItemKind.MARK, lacking="yes")
    return [TodoLine("缺项", f"{lacking} 户缺必填信息，请乡镇补齐户册", url, "查看", SOURCE)]


def refused_lines(user: Actor, action: str) -> list[TodoLine]:
    """国家系统退回 N 户, with the first reason."""
    refused = NationalItem.objects.for_user(user).filter(state=ItemState.REFUSED)
    if not (count := refused.count()):
        return []
    first = refused.order_by("answered_at", "id").values("kind", "refused_reason")[0]
    about = f"{count} 户：{first['refused_reason']}" + ("等" if count > 1 else "")
    url = lists.address(kind=first["kind"], state=ItemState.REFUSED)
    return [TodoLine("国家系统退回", about, url, action, SOURCE)]


@shell.todo
def office_lines(user: Actor) -> list[TodoLine]:
    if not user.may("national.correct") or user.may("national.pull"):
        return []
    return refused_lines(user, "更正")


@shell.todo
def township_lines(user: Actor) -> list[TodoLine]:
    """资料不全: what has to be filled in before the meeting."""
    if user.acting is None or user.acting.role != Role.TOWNSHIP:
        return []
    lacking = lists.lacking_rows(user)
    if not lacking:
        return []
    about = f"拟认定 {len(lacking)} 户缺文化程度、劳动技能等，标注录入前须补"
    return [TodoLine("资料不全", about, reverse("screening:national-missing"), "看缺哪些", SOURCE)]
