"""Navigation and to-do lines of sources, reports and closing."""

import datetime

from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone

from fangpin.accounts import shell
from fangpin.accounts.shell import TodoLine
from fangpin.common.actor import Actor
from fangpin.common.values.money import yuan
from funding import ledger
from funding.models import Application, ApplicationState, FundSource
from funding.sources import lists, sources  # noqa: F401

shell.navigation(shell.NavigationItem("资金", 10, "资金来源", "funding:source-list", "bank", "fund.view"))
shell.navigation(
    shell.NavigationItem("资金", 50, "资金报表", "funding:fund-report", "bar-chart", "fund.export")
)
shell.navigation(
    shell.NavigationItem("资金", 60, "资金公示", "funding:fund-statement", "flag", "fund.statement")
)


@shell.todo
def finance_lines(user: Actor) -> list[TodoLine]:
    """Sources that do not reach for what is being drafted, money left at the year's end, a month to close."""
    if not user.may("fund.source"):
        return []
    today = timezone.localdate()
    own = list(FundSource.objects.for_user(user).open())
    figures = ledger.figures(own)
    wanted = Application.objects.for_user(user).filter(
        source__in=[s.pk for s in own], state__in=[ApplicationState.DRAFT, ApplicationState.RETURNED]
    )
    sums = dict(wanted.order_by().values_list("source").annotate(n=Sum("amount")))
    lines = []
    for source in own:
        free, asked = figures[source.pk].free, sums.get(source.pk, 0)
        address = reverse("funding:source-detail", args=[source.uuid])
        if asked > free:
            about = f"{source.name}剩余 {yuan(free)} 元，部门正在起草的申请 {yuan(asked)} 元"
            lines.append(TodoLine("来源余额不足", about, address, "查看"))
        if source.year == today.year and today.month >= 11 and free:
            about = f"{source.name}还有 {yuan(free)} 元可用，结转或收回"
            lines.append(
                TodoLine("年底结余清理", about, address, "去办理", "", datetime.date(today.year, 12, 20))
            )
    if month := sources.open_month(user.acting.county_code):
        about = f"{month:%Y年%m月}还没有结账"
        lines.append(TodoLine("月结", about, reverse("funding:fund-close"), "去结账"))
    return lines
