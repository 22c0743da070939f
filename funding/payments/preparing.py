"""编制 of a batch: which lines of a source can be paid, what to ask about, and the batch made of those
chosen."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from fangpin.accounts.models import Division
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move, write_first_records
from funding.applications import approvals
from funding.bank_accounts import accounts as bank_accounts
from funding.models import (
    Application,
    ApplicationLine,
    ApplicationState,
    BankAccount,
    Batch,
    BatchLine,
    FundSource,
    LineState,
)


def check_payer(by: Actor) -> None:
    if not by.may("payment.make"):
        raise Refused("只有财政局经办人能办理发放。")


@dataclass(frozen=True)
class PayableLine:
    """A line, and the household's account in use; none where the money goes to an insurer."""

    line: ApplicationLine
    account: BankAccount | None


@dataclass(frozen=True)
class Payable:
    """What a batch of a source would hold. `without`: households without an account that can be paid to;
    `twice`: a household or an account more than once."""

    lines: Sequence[PayableLine]
    without: Sequence[PayableLine]
    twice: Sequence[str]

    @property
    def amount(self) -> int:
        return sum(each.line.amount for each in self.lines)


def waiting(source: FundSource) -> QuerySet[ApplicationLine]:
    """Lines of the source that may be put into a batch: filed (or approved where the county's steps know no
    filing)."""
    ready = Q(application__state=ApplicationState.FILED) | Q(
        application__state=ApplicationState.APPROVED, application__needs_filing=False
    )
    lines = ApplicationLine.objects.filter(ready, application__source=source, state=LineState.COMMITTED)
    return lines.select_related("application", "measure__household__village__parent", "measure__type")


def waiting_of(user: Actor) -> list[dict[str, Any]]:
    """Sources with lines to pay: name, uuid, n, amount and since when the oldest may be paid; one
    statement."""
    ready = ApplicationLine.objects.filter(
        application__county=user.duty.county_code,
        state=LineState.COMMITTED,
        application__state=ApplicationState.FILED,
    ) | ApplicationLine.objects.filter(
        application__county=user.duty.county_code,
        state=LineState.COMMITTED,
        application__state=ApplicationState.APPROVED,
        application__needs_filing=False,
    )
    since = Min(Coalesce("application__filing_on", TruncDate("application__finance_at")))
    rows = ready.order_by().values("application__source__uuid", "application__source__name")
    return [
        {
            "uuid": row["application__source__uuid"],
            "name": row["application__source__name"],
            "n": row["n"],
            "amount": row["amount"],
            "since": row["since"],
        }
        for row in rows.annotate(n=Count("pk"), amount=Sum("amount"), since=since).order_by("since")
    ]


def preview(lines: Sequence[ApplicationLine]) -> Payable:
    """Which of them can be paid, what to ask about; a constant number of statements."""
    accounts = bank_accounts.current_accounts({line.measure.household_id for line in lines if line.measure})
    good, without = [], []
    for line in lines:
        account = accounts.get(line.measure.household_id) if line.measure else None
        each = PayableLine(line, account)
        if line.measure and (account is None or account.failed_on):
            without.append(each)
        else:
            good.append(each)
    return Payable(good, without, _twice(good))


def _twice(lines: Sequence[PayableLine]) -> list[str]:
    """A household more than once, an account of several households."""
    homes = Counter(each.line.measure.household for each in lines if each.line.measure)
    sentences = [f"{home}有 {n} 笔" for home, n in homes.items() if n > 1]
    tails: dict[Any, str] = {}
    holders: dict[Any, dict[int, str]] = {}
    for each in lines:
        if each.account is not None and each.line.measure:
            home = each.line.measure.household
            tails.setdefault(each.account.number_index, each.account.tail)
            holders.setdefault(each.account.number_index, {})[home.pk] = f"{home}"
    for index, names in holders.items():
        if len(names) > 1:
            sentences.append(f"{'、'.join(names.values())}是同一个账户（尾号 {tails[index]}）")
    return sentences


def prepare(
    source: FundSource, chosen: QuerySet[ApplicationLine], *, by: Actor, twice_words: str = ""
) -> Batch:
    """编制 of the chosen lines: those without an account are left for the next batch. A household or an
    account twice wants words. Raises Refused."""
    check_payer(by)
    with transaction.atomic():
        county = Division.objects.select_for_update(no_key=True).get(pk=by.duty.county_code)
        own = FundSource.objects.for_user(by).filter(pk=source.pk).first()
        if own is None:
            raise Refused("这笔资金不在您的县。")
        wanted = list(chosen.values_list("pk", flat=True))
        payable = waiting(own).filter(pk__in=wanted)
        _hold_applications(payable, by)
        lines = list(payable.select_for_update(of=("self",)).order_by("application_id", "number"))
        if not wanted or len(lines) != len(wanted):
            raise Refused("没有选中明细，或其中有的已列入批次、还没有备案，整批没有编制。请刷新后再选。")
        ready = preview(lines)
        if not ready.lines:
            raise Refused("选中的户都没有可用的账户，不能编制。请先由村里登记或更正一卡通账户。")
        if ready.twice and not twice_words.strip():
            raise Refused(f"这一批里有重复：{'；'.join(ready.twice[:5])}。确认无误的，请写明理由再编制。")
        return _make(own, county, ready, by, twice_words)


def _hold_applications(lines: QuerySet[ApplicationLine], by: Actor) -> None:
    keys = set(lines.values_list("application", flat=True))
    held = Application.objects.filter(pk__in=keys).select_related("source").order_by("pk")
    applications = list(held.select_for_update(of=("self",)))
    for application in applications:
        if application.state == ApplicationState.APPROVED and (
            lacking := approvals.missing_steps(application)
        ):
            raise Refused(f"申请 {application.number} 还缺审批环节：{'、'.join(lacking)}。请先登记。")
    approvals.check_contents(applications)
    approved = [a.pk for a in applications if a.state == ApplicationState.APPROVED]
    if approved:
        move(Application.objects.filter(pk__in=approved), "release_without_filing", by=by)


def _make(source: FundSource, county: Division, ready: Payable, by: Actor, twice_words: str) -> Batch:
    batch = Batch.objects.create(
        county=county,
        source=source,
        number=_number(county),
        amount=ready.amount,
        count=len(ready.lines),
        twice_words=twice_words.strip()[:200] if ready.twice else "",
        prepared_by=by,
    )
    write_first_records([batch], by=by)
    BatchLine.objects.bulk_create(
        [
            BatchLine(
                batch=batch, number=place, line=each.line, amount=each.line.amount, account=each.account
            )
            for place, each in enumerate(ready.lines, 1)
        ],
        batch_size=2000,
    )
    keys = [each.line.pk for each in ready.lines]
    ApplicationLine.objects.filter(pk__in=keys).update(state=LineState.BATCHED)
    audit.record(by, "batch_prepare", batch, amount=batch.amount, lines=batch.count)
    return batch


def _number(county: Division) -> str:
    """批 and the county's code, year and a running number: 批451228-2020-003."""
    first = f"批{county.pk[:6]}-{timezone.localdate().year}-"
    last = Batch.objects.filter(county=county, number__startswith=first).order_by("-number").first()
    return f"{first}{int(last.number.rsplit('-', 1)[1]) + 1 if last else 1:03d}"
