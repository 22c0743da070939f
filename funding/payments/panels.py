"""Navigation, to-do lines and household panel of payments and bank accounts (Art. 11)."""

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils import timezone

from fangpin.accounts import shell
from fangpin.accounts.shell import TodoLine
from fangpin.common import working_days
from fangpin.common.actor import Actor
from fangpin.common.values.money import yuan
from fangpin.common.working_days import YearNotConfirmed
from fangpin.policy.services import NoPolicy, in_force
from funding import rules
from funding.bank_accounts import accounts as bank_accounts
from funding.models import BankAccount, Batch, BatchState
from funding.payments import lists, preparing
from households.panels import Panel, register

shell.navigation(shell.NavigationItem("资金", 30, "资金发放", "funding:batch-list", "send", "payment.view"))
shell.navigation(
    shell.NavigationItem("资金", 40, "一卡通账户", "funding:account-list", "key", "account.view")
)


def _due(user: Actor, since):
    """Until when what was filed on a day is to be paid; None where no policy or calendar says so."""
    try:
        return working_days.add(since, in_force(user.acting.division, timezone.localdate())["fund.pay_days"])
    except (NoPolicy, YearNotConfirmed, KeyError):
        return None


@shell.todo
def finance_lines(user: Actor) -> list[TodoLine]:
    """What is to be paid, what the banks have not answered, what failed."""
    if not user.may("payment.make"):
        return []
    lines = []
    for each in preparing.waiting_of(user):
        days = (timezone.localdate() - each["since"]).days
        about = f"{each['name']}：{each['n']} 笔，{yuan(each['amount'])} 元" + (
            f"，最早一笔已 {days} 天" if days else ""
        )
        address = reverse("funding:batch-new", args=[each["uuid"]])
        lines.append(TodoLine("已备案待拨付", about, address, "去编制", "", _due(user, each["since"])))
    own = Batch.objects.for_user(user)
    sent = own.filter(state=BatchState.SENT).aggregate(n=Count("pk"), amount=Sum("amount"))
    if sent["n"]:
        address = f"{reverse('funding:batch-list')}?state=sent"
        lines.append(TodoLine("待回盘", f"{sent['n']} 批，{yuan(sent['amount'])} 元", address, "登记回盘"))
    failed = lists.failed_of(user)
    if failed["n"]:
        about = f"发放失败 {failed['n']} 笔，资金已退回来源，等村里更正账户"
        lines.append(TodoLine("回盘", about, reverse("funding:batch-list"), "查看"))
    return lines


@shell.todo
def account_lines(user: Actor) -> list[TodoLine]:
    """账户有误: who answers for the household hears what the bank gave back, and where an account is
    missing."""
    if not user.may("account.edit"):
        return []
    address = reverse("funding:account-list")
    households = list(bank_accounts.to_mend(user).order_by("village_id", "pk")[:4])
    lines = [
        TodoLine(
            "账户有误",
            f"{home}一卡通账号被银行退回，请重新核对",
            reverse("funding:account-edit", args=[home.uuid]),
            "去更正",
            "财政局",
            timezone.localdate(),
        )
        for home in households[:3]
    ]
    if len(households) > 3:
        lines.append(TodoLine("账户有误", "还有别的户账号被退回", f"{address}?show=failed", "查看", "财政局"))
    missing = bank_accounts.missing(user).count()
    if missing:
        about = f"{missing} 户待发放，还没有一卡通账户"
        lines.append(TodoLine("登记账户", about, f"{address}?show=missing", "去登记", "财政局"))
    return lines


def account_panel(household, user: Actor) -> dict | None:
    """一卡通账户 on the household page, masked."""
    account = BankAccount.objects.for_user(user).current().filter(household=household).first()
    return {
        "account": account,
        "masked": rules.masked(account.number) if account else "",
        "sharing": bank_accounts.sharing(account).count() if account else 0,
        "may_edit": user.may("account.edit"),
        "note": f"{account.bank} 尾号 {account.tail}" if account else "",
    }


register(
    Panel("一卡通账户", 57, "account.view", "funding/bank_accounts/_household_account.html", account_panel)
)
