"""Navigation and to-do lines of order sheets (Art. 8)."""

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone

from fangpin.accounts import shell
from fangpin.accounts.shell import TodoLine
from fangpin.common.actor import Actor
from measures.models import LineState, OrderLine, OrderSheet, SheetState
from measures.orders import lines as order_lines
from measures.orders import lists
from measures.orders import risks as order_risks

shell.navigation(
    shell.NavigationItem("帮扶", 20, "交办单", "measures:order-list", "clipboard-check", "order.view")
)

_OFFICE = "县扶贫开发领导小组办公室"


@shell.todo
def department_lines(user: Actor) -> list[TodoLine]:
    """Sheets to accept, and lines that wait for measures."""
    if not user.may("order.answer"):
        return []
    own = OrderLine.objects.for_user(user)
    board = reverse("measures:line-list")
    lines = []
    fresh = own.filter(state=LineState.ISSUED).order_by()
    for row in fresh.values("sheet__number", "sheet__uuid", "sheet__accept_due").annotate(
        households=Count("household", distinct=True)
    ):
        about = f"交办单{row['sheet__number']}，{row['households']} 户"
        address = reverse("measures:order-detail", args=[row["sheet__uuid"]])
        lines.append(TodoLine("接单", about, address, "去接收", _OFFICE, row["sheet__accept_due"]))
    accepted = order_lines.with_due(own.filter(state=LineState.ACCEPTED)).aggregate(
        n=Count("pk"), homes=Count("household", distinct=True), due=Min("next_due")
    )
    if accepted["n"]:
        about = f"{accepted['homes']} 户待填帮扶方式和金额（可下载表格填好再传）"
        lines.append(
            TodoLine("拟定举措", about, f"{board}?state=accepted", "去拟定", _OFFICE, accepted["due"])
        )
    return lines


@shell.todo
def office_lines(user: Actor) -> list[TodoLine]:
    """What waits for an order, what is late, what can be closed."""
    if not user.may("order.prepare"):
        return []
    lines = []
    waiting = order_risks.risks_waiting(user).aggregate(
        homes=Count("case__household", distinct=True), n=Count("pk")
    )
    if waiting["n"]:
        lines.append(
            TodoLine(
                "开单",
                f"{waiting['homes']} 户 {waiting['n']} 项风险待开单",
                reverse("measures:order-waiting"),
                "去开单",
            )
        )
    own = OrderLine.objects.for_user(user)
    done = own.filter(state=LineState.DONE).count()
    if done:
        address = f"{reverse('measures:line-list')}?state=done"
        lines.append(TodoLine("办结", f"举措已全部落实的交办事项 {done} 项，可以办结", address, "去办结"))
    for row in lists.late_by_department(user):
        about = f"{row['department__name']}：{row['lines']} 项、{row['households']} 户"
        address = f"{reverse('measures:line-list')}?late=on&department={row['department__code']}"
        copy = f"@{row['department__name']}：交办单有 {row['lines']} 项已超期，请尽快办理。"
        lines.append(TodoLine("交办超期", about, address, "催办", "", row["since"], copy))
    return lines


@shell.todo
def director_lines(user: Actor) -> list[TodoLine]:
    """Sheets to sign, departments late for days, households long without help."""
    if not user.may("order.sign"):
        return []
    lines = []
    drafts = OrderSheet.objects.for_user(user).filter(state=SheetState.DRAFT).exclude(number="")
    figures = drafts.aggregate(
        sheets=Count("pk", distinct=True),
        homes=Count("lines__household", distinct=True),
        n=Count("lines", distinct=True),
    )
    if figures["sheets"]:
        about = f"{figures['sheets']} 个部门，{figures['homes']} 户，{figures['n']} 项"
        address = f"{reverse('measures:order-list')}?state=draft"
        lines.append(TodoLine("签发交办单", about, address, "去签发", _OFFICE, timezone.localdate()))
    if climbed := lists.departments_to_escalate(user):
        about = f"{len(climbed)} 个部门 {sum(row['lines'] for row in climbed)} 项交办事项"
        address = f"{reverse('measures:line-list')}?late=on"
        lines.append(TodoLine("超期督办", about, address, "督办", "", min(row["since"] for row in climbed)))
    if gaps := lists.without_measure(user).count():
        about = f"认定后很久还没有举措的 {gaps} 户"
        lines.append(TodoLine("没有举措", about, reverse("measures:case-gaps"), "查看"))
    return lines
