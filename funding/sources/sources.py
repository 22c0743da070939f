"""资金来源: registered from their document, allotted, increased, returned, carried into the next year,
closed; months closed."""

import datetime
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone

from fangpin.accounts.models import Department, Division
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.values.money import yuan
from funding import ledger
from funding.ledger import Entry
from funding.models import (
    Account,
    AccountKind,
    Application,
    FundSource,
    Movement,
    MovementKind,
    PeriodClose,
    SourceKind,
)


def register(
    *,
    by: Actor,
    year: int,
    kind: str,
    level: str,
    name: str,
    document: str,
    amount: int,
    on: datetime.date,
    department: Department | None = None,
    purpose: str = "",
    donor: str = "",
    allowed_types: Sequence[str] = (),
    allowed_kinds: Sequence[str] = (),
    key: str | None = None,
) -> FundSource:
    """登记 a document (指标文) with its first amount, fen. A second registration of the same document is
    refused."""
    _check(by)
    if amount <= 0:
        raise Refused("金额须大于零。")
    if kind == SourceKind.DONATION and not (donor.strip() and purpose.strip()):
        raise Refused("社会捐赠须写明捐赠人和约定的用途。")
    county = Division.objects.get(pk=by.duty.county_code)
    document, name = document.strip(), name.strip()
    with transaction.atomic():
        Division.objects.select_for_update(no_key=True).get(pk=county.pk)
        same = Q(county=county, year=year, document=document, name=name)
        if FundSource.objects.filter(same).exists():
            raise Refused(f"{year} 年已登记过{document}“{name}”。增加指标请在这笔资金上办理。")
        source = FundSource.objects.create(
            county=county,
            year=year,
            kind=kind,
            level=level,
            name=name,
            document=document,
            department=department,
            purpose=purpose.strip(),
            donor=donor.strip() if kind == SourceKind.DONATION else "",
            allowed_types=list(allowed_types),
            allowed_kinds=list(allowed_kinds),
            by=by,
        )
        ledger.open_accounts(source)
        entry = Entry(
            f"allocate:{key or uuid.uuid4()}", MovementKind.ALLOCATE, source.pk, amount, document=document
        )
        ledger.post([entry], by=by, on=on)
        audit.record(by, "fund_source", source, amount=amount, document=document)
    return source


def increase(
    source: FundSource, *, by: Actor, amount: int, document: str, on: datetime.date, key: str, words: str = ""
) -> int:
    """追加指标 with its own document."""
    if not document.strip():
        raise Refused("请填写追加指标的文号。")
    return _book(
        source, MovementKind.ALLOCATE, by=by, amount=amount, document=document, on=on, key=key, words=words
    )


def give_back(
    source: FundSource, *, by: Actor, amount: int, document: str, on: datetime.date, key: str, words: str
) -> int:
    """收回上级 of what is free."""
    if not words.strip():
        raise Refused("请写明收回的原因。")
    return _book(
        source, MovementKind.RETURN_UP, by=by, amount=amount, document=document, on=on, key=key, words=words
    )


def _book(
    source: FundSource,
    kind: str,
    *,
    by: Actor,
    amount: int,
    document: str,
    on: datetime.date,
    key: str,
    words: str,
) -> int:
    _check(by, source)
    if amount <= 0:
        raise Refused("金额须大于零。")
    with transaction.atomic():
        _held(source)
        entry = Entry(
            f"{kind}:{key}", kind, source.pk, amount, document=document.strip(), words=words.strip()
        )
        made = ledger.post([entry], by=by, on=on)
        if made:
            audit.record(by, f"fund_{kind}", source, amount=amount, document=document.strip())
    return made


def carry(
    source: FundSource, target: FundSource, *, by: Actor, amount: int, on: datetime.date, key: str
) -> int:
    """结转 of what is free to a source of a later year and of the same kind."""
    _check(by, source)
    _check(by, target)
    if source.county_id != target.county_id or source.kind != target.kind or target.year <= source.year:
        raise Refused("只能结转到本县以后年度的同类资金。请先登记下年的资金来源。")
    if amount <= 0:
        raise Refused("金额须大于零。")
    with transaction.atomic():
        for each in sorted([source, target], key=lambda each: each.pk):
            _held(each)
        entry = Entry(
            f"carry:{key}",
            MovementKind.CARRY,
            source.pk,
            amount,
            words=f"结转到{target}"[:200],
            way=(AccountKind.FREE, AccountKind.FREE),
            to_source=target.pk,
        )
        made = ledger.post([entry], by=by, on=on)
        if made:
            audit.record(by, "fund_carry", source, amount=amount, target=target.pk)
    return made


def close(source: FundSource, *, by: Actor, on: datetime.date | None = None) -> FundSource:
    """关闭 at the year's end: nothing free, committed or on its way is left."""
    _check(by, source)
    with transaction.atomic():
        held = _held(source)
        list(held.accounts.select_for_update().order_by("pk"))
        has = ledger.figures([held])[held.pk]
        left = [
            f"{label} {yuan(amount)} 元"
            for label, amount in (("可用", has.free), ("已占用", has.committed), ("在途", has.sent))
            if amount
        ]
        if left:
            raise Refused(f"还有{'、'.join(left)}，不能关闭。可用的请结转或收回，已占用的请先发放或撤回。")
        if Application.objects.filter(
            source=held, state__in=[*Application.EDITABLE, *Application.IN_APPROVAL]
        ).exists():
            raise Refused("还有没有办完的资金申请，不能关闭。")
        FundSource.objects.filter(pk=held.pk).update(closed_on=on or timezone.localdate(), closed_by=by)
        audit.record(by, "fund_source_close", held)
    source.refresh_from_db()
    return source


def _check(by: Actor, source: FundSource | None = None) -> None:
    if not by.may("fund.source"):
        raise Refused("只有财政局经办人能登记资金来源和指标。")
    if source is not None and not FundSource.objects.for_user(by).filter(pk=source.pk).exists():
        raise Refused("这笔资金不在您的县。")


def _held(source: FundSource) -> FundSource:
    held = FundSource.objects.select_for_update(no_key=True).get(pk=source.pk)
    if held.closed_on:
        raise Refused(f"{held}已于 {held.closed_on} 关闭，不能再登记。")
    return held


# ---- Months ----
def open_month(county: str) -> datetime.date | None:
    """The first month with bookings that is not closed yet and is over; None where there is none."""
    last = PeriodClose.objects.filter(county=county).order_by("-month").first()
    first = Movement.objects.filter(source__county=county).order_by("on").values_list("on", flat=True).first()
    if first is None:
        return None
    month = _next(last.month) if last else first.replace(day=1)
    return month if month < timezone.localdate().replace(day=1) else None


def close_month(*, by: Actor, month: datetime.date) -> PeriodClose:
    """月结: one month after the other; the figures of the month are kept. Raises Refused."""
    if not by.may("fund.close"):
        raise Refused("只有财政局经办人能结账。")
    county = by.duty.county_code
    with transaction.atomic():
        # Behind every booking that has begun: they hold their sources.
        list(FundSource.objects.filter(county=county).order_by("pk").select_for_update(no_key=True))
        expected = open_month(county)
        if expected is None or month != expected:
            sentence = f"应先结 {expected:%Y年%m月}" if expected else "没有可以结账的月份，本月过完才能结"
            raise Refused(f"不能结 {month:%Y年%m月}：{sentence}。")
        movements = Movement.objects.filter(source__county=county, on__gte=month, on__lt=_next(month))
        sums = movements.order_by().values("kind").annotate(n=Count("pk"), amount=Sum("amount"))
        figures = {row["kind"]: {"count": row["n"], "amount": row["amount"]} for row in sums}
        closed = PeriodClose.objects.create(county_id=county, month=month, figures=figures, by=by)
        audit.record(by, "fund_close_month", closed, month=month.isoformat())
    return closed


def _next(month: datetime.date) -> datetime.date:
    return (month.replace(day=28) + datetime.timedelta(days=4)).replace(day=1)


def balances(county: str) -> dict[str, int]:
    """Kind of account → sum over the county's sources, fen."""
    balances_by_kind = Account.objects.filter(source__county=county).order_by().values_list("kind")
    return dict(balances_by_kind.annotate(n=Sum("balance")))
