"""Navigation, to-do lines and household panel of applications (Art. 10, 11)."""

from django.db.models import Count, Min, Sum
from django.urls import reverse
from django.utils import timezone

from fangpin.accounts import shell
from fangpin.accounts.shell import TodoLine
from fangpin.common.actor import Actor
from fangpin.common.values.money import yuan
from funding.applications import approvals, forms, gathering, lists, tracing  # noqa: F401
from funding.models import Application, ApplicationState, LineState
from households.panels import Panel, register

shell.navigation(
    shell.NavigationItem("资金", 20, "资金申请", "funding:application-list", "cash-coin", "fund.view")
)


@shell.todo
def department_lines(user: Actor) -> list[TodoLine]:
    """What can be applied for, what came back."""
    if not user.may("fund.apply"):
        return []
    lines = []
    ready = (
        gathering.payable(user)
        .filter(route="R1")
        .aggregate(homes=Count("household", distinct=True), n=Count("pk"))
    )
    if ready["n"]:
        about = f"{ready['homes']} 户已备案，可提出申请"
        lines.append(TodoLine("资金申请", about, reverse("funding:application-new"), "去申请"))
    for own in Application.objects.for_user(user).filter(state=ApplicationState.RETURNED).order_by("pk")[:5]:
        address = reverse("funding:application-detail", args=[own.uuid])
        lines.append(
            TodoLine(
                "资金申请退回",
                f"{own.title} {yuan(own.amount)} 元",
                address,
                "去补正",
                "",
                timezone.localdate(),
            )
        )
    return lines


@shell.todo
def approver_lines(user: Actor) -> list[TodoLine]:
    """Approvals of the poverty office and the finance bureau, by department; filings of the leading group."""
    side = approvals.side_of(user)
    if not side and not user.may("fund.file"):
        return []
    address = f"{reverse('funding:application-list')}?state=mine"
    waiting = forms.mine(user)
    if not side:
        figures = waiting.aggregate(n=Count("pk"), amount=Sum("amount"))
        if not figures["n"]:
            return []
        about = f"{figures['n']} 笔、{yuan(figures['amount'])} 元，扶贫、财政均已审定"
        return [TodoLine("资金备案", about, address, "去备案")]
    other = (
        ApplicationState.FINANCE_APPROVED if side == approvals.OFFICE else ApplicationState.OFFICE_APPROVED
    )
    other_side = "财政部门已审定" if side == approvals.OFFICE else "扶贫部门已审定"
    rows = waiting.order_by().values("department__name", "state")
    lines = []
    for row in rows.annotate(count=Sum("count"), amount=Sum("amount"), since=Min("submitted_at")).order_by(
        "since"
    ):
        about = f"{row['department__name']} {row['count']} 笔，{yuan(row['amount'])} 元"
        about += f"，{other_side}" if row["state"] == other else ""
        lines.append(TodoLine("资金审定", about, address, "去审定", row["department__name"]))
    return lines


def money_panel(household, user: Actor) -> dict | None:
    """资金发放 on the household page: what it received, from which source, and what is under way."""
    lines = tracing.received(household)
    paid = sum(line.amount for line in lines if line.state == LineState.PAID)
    return {
        "lines": lines,
        "paid": paid,
        "note": f"已发放 {yuan(paid)} 元" if paid else "",
        "may_trace": user.may("fund.view"),
    }


register(Panel("资金发放", 55, "measure.view", "funding/applications/_household_money.html", money_panel))
