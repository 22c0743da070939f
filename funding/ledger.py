"""The ledger: money goes from one account of a source to another, in movements that are never changed. The
database moves the balances, refuses one below zero, and takes a key only once; this module is the one place
that writes movements."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.values.money import yuan
from funding.models import (
    Account,
    AccountKind,
    ApplicationLine,
    Batch,
    FundSource,
    Movement,
    MovementKind,
    PeriodClose,
)

BALANCE = "account_balance_not_negative"
_CHUNK = 2000

# Kind of movement → from which account to which, within one source.
WAYS: dict[str, tuple[str, str]] = {
    MovementKind.ALLOCATE: (AccountKind.OUTSIDE, AccountKind.FREE),
    MovementKind.RETURN_UP: (AccountKind.FREE, AccountKind.OUTSIDE),
    MovementKind.COMMIT: (AccountKind.FREE, AccountKind.COMMITTED),
    MovementKind.FREE: (AccountKind.COMMITTED, AccountKind.FREE),
    MovementKind.SEND: (AccountKind.COMMITTED, AccountKind.SENT),
    MovementKind.SETTLE: (AccountKind.SENT, AccountKind.PAID),
    MovementKind.BOUNCE: (AccountKind.SENT, AccountKind.FREE),
}


class Insufficient(Refused):
    """An account would fall below zero: nothing was booked."""


class KeyReused(Refused):
    """The key stands for another booking: nothing was booked."""


@dataclass(frozen=True)
class Entry:
    """One booking, fen. `key` is the same for every retry of the same booking. `way` overrides the accounts
    of its kind (a payment that comes back after it was settled), `to_source` leads to another source (carried
    over)."""

    key: str
    kind: str
    source: int
    amount: int
    line: int | None = None
    batch: int | None = None
    document: str = ""
    words: str = ""
    reverses: int | None = None
    way: tuple[str, str] | None = None
    to_source: int | None = None


def open_accounts(source: FundSource) -> None:
    Account.objects.bulk_create([Account(source=source, kind=kind) for kind in AccountKind.values])


def post(entries: Sequence[Entry], *, by: Actor, on: datetime.date) -> int:
    """Books all of them, or none; those whose key is booked already with the same content are left alone.
    Returns how many are new. A constant number of statements. Raises Insufficient, KeyReused, Refused."""
    if not entries:
        return 0
    with transaction.atomic():
        homes = {entry.source for entry in entries} | {e.to_source for e in entries if e.to_source}
        counties = _hold(homes)
        earlier = _booked_content([entry.key for entry in entries])
        accounts = {
            (account.source_id, account.kind): account.pk
            for account in Account.objects.filter(source__in=homes)
        }
        fresh = []
        for entry in entries:
            movement = _movement(entry, accounts, by, on)
            if (booked := earlier.get(entry.key)) is None:
                fresh.append(movement)
            elif booked != _content(movement):
                raise KeyReused("这一步已用同一编号登记过别的内容，没有再登记。请刷新页面后重新办理。")
        if fresh:
            _check_open(counties, on)
            _write(fresh, homes)
    return len(fresh)


def _hold(sources: Iterable[int]) -> set[str]:
    """Locks the sources in one order: a retry of the same key waits for the first, and a month is not closed
    meanwhile."""
    held = FundSource.objects.filter(pk__in=sources).order_by("pk").select_for_update(no_key=True)
    return set(held.values_list("county", flat=True))


def _check_open(counties: Iterable[str], on: datetime.date) -> None:
    if on > timezone.localdate():
        raise Refused("业务日期不能晚于今天。")
    if PeriodClose.objects.filter(county__in=counties, month=on.replace(day=1)).exists():
        raise Refused(f"{on:%Y年%m月}已经结账，不能再登记这个月的业务。请填本月的日期，或用更正办理。")


def _booked_content(keys: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    contents = {}
    for start in range(0, len(keys), _CHUNK):
        for movement in Movement.objects.filter(key__in=keys[start : start + _CHUNK]):
            contents[movement.key] = _content(movement)
    return contents


def _content(movement: Movement) -> tuple[Any, ...]:
    return (
        movement.kind,
        movement.from_account_id,
        movement.to_account_id,
        movement.amount,
        movement.line_id,
        movement.reverses_id,
    )


def _movement(entry: Entry, accounts: dict[tuple[int, str], int], by: Actor, on: datetime.date) -> Movement:
    start, end = entry.way or WAYS[entry.kind]
    return Movement(
        key=entry.key,
        kind=entry.kind,
        source_id=entry.source,
        from_account_id=accounts[entry.source, start],
        to_account_id=accounts[entry.to_source or entry.source, end],
        amount=entry.amount,
        on=on,
        line_id=entry.line,
        batch_id=entry.batch,
        reverses_id=entry.reverses,
        document=entry.document,
        words=entry.words[:200],
        by=by,
        acting_as=by.acting,
    )


def _write(fresh: Sequence[Movement], sources: Iterable[int]) -> None:
    try:
        with transaction.atomic():
            Movement.objects.bulk_create(fresh, batch_size=_CHUNK)
    except IntegrityError as error:
        if BALANCE in str(error):
            raise Insufficient(_shortage_sentence(fresh, sources)) from error
        if "movement_key_once" in str(error) or "funding_movement.key" in str(error):
            raise KeyReused("这一步刚刚已登记，没有再登记。请刷新页面。") from error
        raise


def _shortage_sentence(fresh: Sequence[Movement], sources: Iterable[int]) -> str:
    """Which source has how much, and how much was wanted."""
    sentences = []
    for source in FundSource.objects.filter(pk__in=sources).order_by("pk"):
        accounts = {account.pk: account for account in source.accounts.all()}
        wanted: dict[int, int] = {}
        for movement in fresh:
            wanted[movement.from_account_id] = wanted.get(movement.from_account_id, 0) + movement.amount
        for pk, account in accounts.items():
            if account.kind != AccountKind.OUTSIDE and wanted.get(pk, 0) > account.balance:
                label = account.get_kind_display()
                sentences.append(
                    f"{source}{label}余额 {yuan(account.balance)} 元，需要 {yuan(wanted[pk])} 元"
                )
    return (
        "；".join(sentences or ["余额不足"])
        + "。没有登记。请减少金额、换一个资金来源，或等指标下达后再办理。"
    )


# ---- Figures ----
@dataclass(frozen=True)
class Figures:
    """Of a source, fen: allocated = free + committed + sent + paid."""

    free: int
    committed: int
    sent: int
    paid: int

    @property
    def allocated(self) -> int:
        return self.free + self.committed + self.sent + self.paid

    @property
    def rate(self) -> int:
        """执行率: paid out of allocated, in hundredths, rounded down."""
        return 100 * self.paid // self.allocated if self.allocated else 0


def figures(sources: QuerySet[FundSource] | Iterable[FundSource]) -> dict[int, Figures]:
    """Source → its figures; one statement."""
    keys = [source.pk for source in sources]
    balances: dict[int, dict[str, int]] = {key: {} for key in keys}
    for source, kind, balance in Account.objects.filter(source__in=keys).values_list(
        "source", "kind", "balance"
    ):
        balances[source][kind] = balance
    return {
        key: Figures(
            having.get(AccountKind.FREE, 0),
            having.get(AccountKind.COMMITTED, 0),
            having.get(AccountKind.SENT, 0),
            having.get(AccountKind.PAID, 0),
        )
        for key, having in balances.items()
    }


def differences(county: str = "") -> list[tuple[Account, int]]:
    """(account, sum of its movements) where that is not its balance: nothing, always. Three statements."""
    own = Movement.objects.order_by()
    accounts = Account.objects.select_related("source")
    if county:
        own, accounts = own.filter(source__county=county), accounts.filter(source__county=county)
    came = dict(own.values_list("to_account").annotate(n=Sum("amount")))
    went = dict(own.values_list("from_account").annotate(n=Sum("amount")))
    sums = ((account, came.get(account.pk, 0) - went.get(account.pk, 0)) for account in accounts)
    return [(account, total) for account, total in sums if total != account.balance]


def correct(movement: Movement, *, by: Actor, words: str, on: datetime.date | None = None) -> int:
    """更正 by a counter-movement, once: of what came to a source or left it. What was applied for or paid
    goes back by its own way. Raises Refused."""
    if not by.may("fund.source"):
        raise Refused("只有财政局经办人能更正台账。")
    if movement.kind not in (MovementKind.ALLOCATE, MovementKind.RETURN_UP, MovementKind.CARRY):
        raise Refused("这一笔随申请或发放而来，请在申请或批次上撤回、退回，不能单独更正。")
    if not words.strip():
        raise Refused("请写明更正的理由。")
    if Movement.objects.filter(reverses=movement).exists():
        raise Refused("这一笔已经更正过。")
    start, end = movement.to_account, movement.from_account
    entry = Entry(
        f"correct:{movement.pk}",
        MovementKind.CORRECT,
        start.source_id,
        movement.amount,
        words=words.strip(),
        document=movement.document,
        reverses=movement.pk,
        way=(start.kind, end.kind),
        to_source=end.source_id if end.source_id != start.source_id else None,
    )
    return post([entry], by=by, on=on or timezone.localdate())


# ---- Lines of applications ----
def entries_of(
    lines: Iterable[ApplicationLine],
    kind: str,
    source: int,
    *,
    step: str = "",
    batch: Batch | None = None,
    **more: Any,
) -> list[Entry]:
    """One booking a line. The key says which line, how often it took money, and which step: a retry meets
    itself."""
    return [
        Entry(
            f"{step or kind}:{line.uuid}:{line.round}",
            kind,
            source,
            line.amount,
            line=line.pk,
            batch=batch.pk if batch else None,
            **more,
        )
        for line in lines
    ]
