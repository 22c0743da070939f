"""Lists of bank accounts and their export."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from fangpin.common import exports
from fangpin.common.actor import Actor
from funding import rules
from funding.bank_accounts import accounts as bank_accounts
from funding.bank_accounts.forms import AccountFilter
from funding.models import BankAccount
from households.models import Household


def accounts(user: Actor, params) -> QuerySet[Household]:
    """Households as the filter asks."""
    form = AccountFilter(params, user=user)
    if not form.is_valid():
        return Household.objects.none()
    show = form.cleaned_data["show"] or "failed"
    if show == "failed":
        households = bank_accounts.to_mend(user)
    elif show == "missing":
        households = bank_accounts.missing(user)
    elif show == "shared":
        same = bank_accounts.shared(user.acting.county_code).values("number_index")
        own = BankAccount.objects.current().filter(number_index__in=same)
        households = Household.objects.for_user(user).filter(pk__in=own.values("household"))
    else:
        households = Household.objects.for_user(user).filter(
            pk__in=BankAccount.objects.current().values("household")
        )
    if area := form.area():
        households = households.in_area(area)
    return households


@dataclass(frozen=True)
class AccountRow:
    """A household with the account in use, its number masked, and how many other households use the same."""

    home: Household
    account: BankAccount | None
    masked_account: str
    sharing: int


def account_rows(homes: Iterable[Household]) -> list[AccountRow]:
    """Two statements."""
    homes = list(homes)
    accounts = bank_accounts.current_accounts({home.pk for home in homes})
    users = {
        row["number_index"]: row["n"]
        for row in BankAccount.objects.current()
        .filter(number_index__in={account.number_index for account in accounts.values()})
        .order_by()
        .values("number_index")
        .annotate(n=Count("household"))
    }
    rows = []
    for home in homes:
        account = accounts.get(home.pk)
        masked = rules.masked(account.number) if account else ""
        rows.append(
            AccountRow(home, account, masked, users.get(account.number_index, 1) - 1 if account else 0)
        )
    return rows


def _account_row(home: Household) -> tuple:
    (row,) = account_rows([home])
    account = row.account
    return (
        home.number,
        home.head_name,
        home.village.parent.short_name,
        home.village.short_name,
        account.holder if account else "",
        account.bank if account else "",
        row.masked_account,
        account.failed_words if account else "还没有账户",
        row.sharing or "",
    )


exports.register(
    exports.Export(
        name="bank-accounts",
        title="一卡通账户",
        permission="account.export",
        headings=(
            "户编号",
            "户主",
            "乡（镇）",
            "行政村",
            "户名",
            "开户行",
            "账号（脱敏）",
            "问题",
            "共用的其他户数",
        ),
        queryset=lambda user, params: (
            accounts(user, params).select_related("village__parent").order_by("village_id", "id")
        ),
        row=_account_row,
        text_columns=("户编号", "账号（脱敏）"),
        words=lambda user, params: exports.words_of(AccountFilter(params, user=user)),
    )
)
