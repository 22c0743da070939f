"""一卡通账户 of households: entered by village, township or office, checked, sealed; a new one ends the one
before."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from fangpin.common import audit, crypto
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from funding import rules
from funding.models import ApplicationLine, BankAccount, LineState
from households.models import Household, Member

DOMAIN = "bank_account"


def index_of(number: str) -> uuid.UUID:
    return crypto.keyed_index(DOMAIN, number)


def enter(
    household: Household,
    *,
    by: Actor,
    holder: str,
    bank: str,
    number: str,
    again: str,
    member: Member | None = None,
) -> BankAccount:
    """登记 or 更正: the number is typed twice. Raises Refused."""
    if not by.may("account.edit") or not Household.objects.for_user(by).filter(pk=household.pk).exists():
        raise Refused("这户不在您的管辖范围，或您当前的岗位不能登记账户。")
    plain = rules.plain_number(number)
    if fault := rules.account_fault(plain):
        raise Refused(f"{fault}。没有保存。")
    if plain != rules.plain_number(again):
        raise Refused("两次填写的账号不一样，请对照存折或卡面重新填写。没有保存。")
    if not holder.strip() or not bank.strip():
        raise Refused("请填写户名和开户行。")
    with transaction.atomic():
        Household.objects.select_for_update(no_key=True).get(pk=household.pk)
        before = BankAccount.objects.current().filter(household=household).first()
        if before and same(before, plain, holder, bank) and not before.failed_on:
            return before
        BankAccount.objects.current().filter(household=household).update(ended_at=timezone.now())
        made = BankAccount.objects.create(
            household=household,
            member=member,
            holder=holder.strip(),
            bank=bank.strip(),
            number=plain,
            number_index=index_of(plain),
            tail=plain[-4:],
            by=by,
        )
        audit.record(by, "bank_account", household, account=made.pk, bank=made.bank)
    return made


def same(account: BankAccount, number: str, holder: str, bank: str) -> bool:
    return account.number == number and account.holder == holder.strip() and account.bank == bank.strip()


def current_accounts(households: Iterable[int]) -> dict[int, BankAccount]:
    """Household → its account in use; one statement."""
    accounts = BankAccount.objects.current().filter(household__in=list(households))
    return {account.household_id: account for account in accounts}


def shared(county: str) -> QuerySet[Any]:
    """Keyed numbers in use in several households of a county: (index, households)."""
    own = BankAccount.objects.current().filter(household__county=county).order_by()
    return own.values("number_index").annotate(n=Count("household")).filter(n__gt=1)


def sharing(account: BankAccount) -> QuerySet[BankAccount]:
    """The other households that use the same number."""
    same = BankAccount.objects.current().filter(number_index=account.number_index)
    return same.exclude(pk=account.pk).select_related("household__village__parent")


def to_mend(user: Actor) -> QuerySet[Household]:
    """Households of the area whose payment failed and whose account has not been entered anew since."""
    failed = ApplicationLine.objects.filter(state=LineState.FAILED).values("measure__household")
    mended = BankAccount.objects.current().filter(failed_on=None).values("household")
    return Household.objects.for_user(user).filter(pk__in=failed).exclude(pk__in=mended)


def missing(user: Actor) -> QuerySet[Household]:
    """Households of the area that money is applied for and that have no account."""
    waiting = ApplicationLine.objects.filter(state=LineState.COMMITTED).values("measure__household")
    having = BankAccount.objects.current().values("household")
    return Household.objects.for_user(user).filter(pk__in=waiting).exclude(pk__in=having)
