"""Lists of bank accounts and their export."""

from django.db.models import Count, QuerySet

from fangpin.common import exports
from funding import rules
from funding.bank_accounts import accounts as bank_accounts
from funding.bank_accounts.forms import AccountFilter
from funding.models import BankAccount
from households.models import Household


def accounts(user, params) -> QuerySet[Household]:
    """Households as the filter asks."""
    form = AccountFilter(params, user=user)
    if not form.is_valid():
        return Household.objects.none()
    show = form.cleaned_data["show"] or "failed"
    if show == "failed":
        found = bank_accounts.to_mend(user)
    elif show == "missing":
        found = bank_accounts.missing(user)
    elif show == "shared":
        same = bank_accounts.shared(user.acting.county_code).values("number_index")
        own = BankAccount.objects.standing().filter(number_index__in=same)
        found = Household.objects.for_user(user).filter(pk__in=own.values("household"))
    else:
        found = Household.objects.for_user(user).filter(
            pk__in=BankAccount.objects.standing().values("household")
        )
    if area := form.area():
        found = found.in_area(area)
    return found


def dress_accounts(homes) -> None:
    """Adds the account in use, masked, and how many other households use it; two statements."""
    current = bank_accounts.current({home.pk for home in homes})
    same = {
        row["number_index"]: row["n"]
        for row in BankAccount.objects.standing()
        .filter(number_index__in={account.number_index for account in current.values()})
        .order_by()
        .values("number_index")
        .annotate(n=Count("household"))
    }
    for home in homes:
        account = home.account = current.get(home.pk)
        home.masked_account = rules.masked(account.number) if account else ""
        home.sharing = same.get(account.number_index, 1) - 1 if account else 0


def _account_row(home: Household) -> tuple:
    dress_accounts([home])
    account = home.account
    return (
        home.number,
        home.head_name,
        home.village.parent.short_name,
        home.village.short_name,
        account.holder if account else "",
        account.bank if account else "",
        home.masked_account,
        account.failed_words if account else "还没有账户",
        home.sharing or "",
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
