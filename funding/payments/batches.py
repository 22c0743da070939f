"""发放批次, once it is made (`preparing`): sent under the treasury's voucher, answered line by line. What was
paid delivers its measure; what failed goes back to the source and to the village for another account."""

import datetime
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move
from funding import lines as fund_lines
from funding.applications import submitting
from funding.models import (
    Application,
    ApplicationLine,
    ApplicationState,
    BankAccount,
    Batch,
    BatchLine,
    BatchState,
    FundSource,
    LineState,
    Outcome,
    Purpose,
)
from funding.payments import effects
from funding.payments.preparing import check_payer
from measures.models import Measure


def held(batch: Batch, *, by: Actor, states: Sequence[str]) -> Batch:
    check_payer(by)
    locked = Batch.objects.for_user(by).filter(pk=batch.pk).select_for_update(of=("self",)).first()
    if locked is None:
        raise Refused("这个批次不在您的县。")
    if locked.state not in states:
        raise Refused(f"批次 {locked.number}{locked.get_state_display()}，不能办理这一步。请刷新后再试。")
    return locked


def _lines(batch: Batch, outcome: str) -> list[BatchLine]:
    """Locked with their lines and measures, behind their applications: everybody takes them in this order."""
    list(
        Application.objects.filter(lines__payments__batch=batch.pk)
        .order_by("pk")
        .select_for_update(of=("self",))
        .values_list("pk", flat=True)
    )
    lines = batch.lines.filter(outcome=outcome).select_related("line", "line__application")
    rows = list(lines.select_for_update(of=("self", "line")).order_by("line_id"))
    own = Measure.objects.filter(pk__in=[row.line.measure_id for row in rows if row.line.measure_id])
    list(own.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    return rows


def cancel(batch: Batch, *, by: Actor, words: str) -> None:
    """作废 before anything was sent: its lines wait for another batch."""
    if not words.strip():
        raise Refused("请写明作废的原因。")
    with transaction.atomic():
        own = held(batch, by=by, states=[BatchState.PREPARED])
        rows = _lines(own, Outcome.LISTED)
        move(Batch.objects.filter(pk=own.pk), "cancel", by=by, opinion=words.strip())
        own.lines.update(outcome=Outcome.TAKEN_OFF)
        ApplicationLine.objects.filter(pk__in=[row.line_id for row in rows]).update(state=LineState.COMMITTED)
        audit.record(by, "batch_cancel", own)


def send(batch: Batch, *, by: Actor, voucher: str, on: datetime.date) -> Batch:
    """拨付登记: voucher and day of the treasury's own system. The same voucher again is the same act, not a
    second payment."""
    voucher = voucher.strip()
    if not voucher:
        raise Refused("请填写国库集中支付的凭证号。")
    with transaction.atomic():
        own = held(batch, by=by, states=[BatchState.PREPARED, BatchState.SENT, BatchState.RECONCILED])
        if own.state != BatchState.PREPARED:
            if own.voucher == voucher:
                return own
            raise Refused(f"批次 {own.number} 已按凭证 {own.voucher} 登记拨付，没有再登记。")
        if Batch.objects.filter(county=own.county_id, voucher=voucher).exists():
            raise Refused(f"凭证号 {voucher} 已登记在另一批次，请核对。")
        if on > timezone.localdate() or on < timezone.localdate(own.prepared_at):
            raise Refused("拨付日期须在编制这一批之后，且不能晚于今天。")
        rows = _lines(own, Outcome.LISTED)
        move(Batch.objects.filter(pk=own.pk), "send", by=by, stamps={"voucher": voucher, "sent_on": on})
        own.voucher = voucher
        fund_lines.send([row.line for row in rows], own, by=by, on=on)
        audit.record(by, "batch_send", own, voucher=voucher, amount=own.amount, lines=len(rows))
    batch.refresh_from_db()
    return batch


def settle(
    batch: Batch,
    *,
    by: Actor,
    on: datetime.date,
    failed: Mapping[int, str],
    paid_numbers: Sequence[int] | None = None,
) -> Batch:
    """回盘: `failed` gives number in the batch → reason; `paid_numbers` those that arrived (None: all
    others). Lines without an answer go on waiting; those answered before the same way are left alone.
    Reconciled once every line has its answer."""
    with transaction.atomic():
        locked = held(batch, by=by, states=[BatchState.SENT, BatchState.RECONCILED])
        if on > timezone.localdate() or (locked.sent_on and on < locked.sent_on):
            raise Refused("到账日期须在拨付之后，且不能晚于今天。")
        rows = _lines(locked, Outcome.LISTED)
        outcomes = dict(locked.lines.exclude(outcome=Outcome.LISTED).values_list("number", "outcome"))
        _check_answer(locked, rows, outcomes, failed, paid_numbers)
        good = [
            r for r in rows if r.number not in failed and (paid_numbers is None or r.number in paid_numbers)
        ]
        bad = [r for r in rows if r.number in failed]
        _pay(locked, good, by, on)
        _fail(locked, bad, failed, by, on)
        if locked.state == BatchState.SENT and len(good) + len(bad) == len(rows):
            own = Batch.objects.filter(pk=locked.pk)
            move(own, "reconcile", by=by, stamps={"reconciled_on": on})
        _finish({row.line.application_id for row in rows})
        audit.record(by, "batch_settle", locked, paid=len(good), failed=len(bad))
    batch.refresh_from_db()
    return batch


def _check_answer(
    batch: Batch,
    rows: Sequence[BatchLine],
    outcomes: Mapping[int, str],
    failed: Mapping[int, str],
    paid_numbers: Sequence[int] | None,
) -> None:
    known = {row.number for row in rows} | set(outcomes)
    if unknown := sorted((set(failed) | set(paid_numbers or ())) - known):
        raise Refused(f"批次 {batch.number} 没有第 {unknown[0]} 号，请核对是不是另一批的回盘。")
    if both := sorted(set(failed) & set(paid_numbers or ())):
        raise Refused(f"第 {both[0]} 号又成功又失败，请核对回盘。")
    for number, outcome in outcomes.items():
        if outcome == Outcome.PAID and number in failed:
            raise Refused(f"第 {number} 号已登记发放成功；到账后又退回的，请在批次上用“到账后退回”办理。")
        if outcome == Outcome.FAILED and number in (paid_numbers or ()):
            raise Refused(f"第 {number} 号已登记发放失败，资金已退回来源，不能再记为成功。请核对回盘。")
    if any(not reason.strip() for reason in failed.values()):
        raise Refused("发放失败的须写明原因。")


def _pay(batch: Batch, rows: Sequence[BatchLine], by: Actor, on: datetime.date) -> None:
    if not rows:
        return
    BatchLine.objects.filter(pk__in=[row.pk for row in rows]).update(outcome=Outcome.PAID, outcome_on=on)
    fund_lines.settle([row.line for row in rows], batch, by=by, on=on)
    effects.deliver([row.line for row in rows], by=by, on=on, voucher=batch.voucher)


def _fail(
    batch: Batch,
    rows: Sequence[BatchLine],
    reasons: Mapping[int, str],
    by: Actor,
    on: datetime.date,
    *,
    was_paid: bool = False,
) -> None:
    if not rows:
        return
    groups: dict[str, list[BatchLine]] = {}
    for row in rows:
        groups.setdefault(reasons[row.number].strip()[:120], []).append(row)
    for reason, same in groups.items():
        BatchLine.objects.filter(pk__in=[row.pk for row in same]).update(
            outcome=Outcome.FAILED, outcome_on=on, reason=reason
        )
        BankAccount.objects.filter(pk__in=[row.account_id for row in same if row.account_id]).update(
            failed_on=on, failed_words=reason
        )
    fund_lines.bounce([row.line for row in rows], batch, by=by, on=on, was_paid=was_paid)


def come_back(batch: Batch, number: int, *, by: Actor, on: datetime.date, reason: str) -> BatchLine:
    """到账后退回: the bank told of the payment and gave it back afterwards. The money is free in its source
    again."""
    if not reason.strip():
        raise Refused("请写明退回的原因。")
    with transaction.atomic():
        own = held(batch, by=by, states=[BatchState.SENT, BatchState.RECONCILED])
        rows = [row for row in _lines(own, Outcome.PAID) if row.number == number]
        paid_on = rows[0].outcome_on if rows else None
        if paid_on is None or not paid_on <= on <= timezone.localdate():
            raise Refused("没有这一笔发放成功的记录，或退回日期早于到账日期。")
        _fail(own, rows, {number: reason}, by, on, was_paid=True)
        effects.reverse_delivery([rows[0].line], words=reason)
        reopened = Application.objects.filter(pk=rows[0].line.application_id, state=ApplicationState.PAID)
        if reopened.exists():
            move(reopened, "reopen", by=None, opinion="发放退回")
        audit.record(by, "batch_come_back", own, number=number)
    rows[0].refresh_from_db()
    return rows[0]


def _finish(keys: set[int]) -> None:
    """Applications of which nothing waits any more are paid."""
    open_lines = ApplicationLine.objects.filter(
        state__in=[LineState.COMMITTED, LineState.BATCHED, LineState.SENT, LineState.FAILED]
    )
    done = Application.objects.filter(pk__in=keys, state=ApplicationState.FILED)
    done = done.exclude(pk__in=open_lines.filter(application__in=keys).values("application"))
    finished = list(done.values_list("pk", flat=True))
    if finished:
        move(Application.objects.filter(pk__in=finished), "finish", by=None, opinion="全部发放")


# ---- What failed ----
def mended(source: FundSource) -> QuerySet[ApplicationLine]:
    """Failed lines whose household has a new account, or an insurer's line: ready for another batch."""
    ready = BankAccount.objects.current().filter(failed_on=None).values("household")
    lines = ApplicationLine.objects.filter(application__source=source, state=LineState.FAILED)
    return lines.filter(Q(measure__household__in=ready) | Q(application__purpose=Purpose.PREMIUM))


def again(source: FundSource, chosen: QuerySet[ApplicationLine], *, by: Actor) -> int:
    """重新发放: mended lines take their money from the source again and wait for a batch. Raises Refused."""
    check_payer(by)
    with transaction.atomic():
        own = FundSource.objects.for_user(by).filter(pk=source.pk).first()
        wanted = list(chosen.values_list("pk", flat=True))
        rows = (
            list(mended(own).filter(pk__in=wanted).select_for_update(of=("self",)).order_by("pk"))
            if own
            else []
        )
        if own is None or not wanted or len(rows) != len(wanted):
            raise Refused("没有选中明细，或其中有的户还没有更正账户，整批没有办理。")
        fund_lines.recommit(rows, own.pk, by=by, on=timezone.localdate())
        audit.record(by, "fund_again", own, lines=len(rows))
    return len(rows)


def give_up(application: Application, chosen: QuerySet[ApplicationLine], *, by: Actor, words: str) -> int:
    """不再发放 of failed lines, by finance and in words: the measure may be applied for anew."""
    check_payer(by)
    if not words.strip():
        raise Refused("请写明不再发放的原因。")
    with transaction.atomic():
        own = (
            Application.objects.for_user(by).filter(pk=application.pk).select_for_update(of=("self",)).first()
        )
        rows = list(own.lines.filter(pk__in=chosen.values("pk"), state=LineState.FAILED)) if own else []
        if own is None or not rows:
            raise Refused("没有选中发放失败的明细。")
        fund_lines.give_up(rows)
        ApplicationLine.objects.filter(pk__in=[row.pk for row in rows]).update(words=words.strip()[:120])
        # What was approved stays as its sum; what is still to be paid is what the digest holds.
        Application.objects.filter(pk=own.pk).update(
            digest=submitting.digest(own, submitting.live_lines(own))
        )
        _finish({own.pk})
        audit.record(by, "fund_give_up", own, lines=len(rows), words=words.strip())
    return len(rows)
