"""Lines of applications, their claims on measures and the ledger move together: this module alone writes a
line's state."""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from fangpin.common import database
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from funding import ledger
from funding.models import Application, ApplicationLine, Batch, LineState, MovementKind

_CHUNK = 2000


def commit(
    application: Application, lines: Sequence[ApplicationLine], *, by: Actor, on: datetime.date, source: int
) -> None:
    """占用: the measures' amounts are claimed and the source's money committed; all or nothing. Raises
    Refused."""
    _claim(application, lines)
    keys = [line.pk for line in lines]
    ApplicationLine.objects.filter(pk__in=keys).update(state=LineState.COMMITTED, round=F("round") + 1)
    for line in lines:
        line.state, line.round = LineState.COMMITTED, line.round + 1
    ledger.post(ledger.entries_of(lines, MovementKind.COMMIT, source), by=by, on=on)


def free(
    application: Application, lines: Sequence[ApplicationLine], *, to: str, by: Actor, on: datetime.date
) -> None:
    """释放 of committed lines (state `to` afterwards): money and claims are free again."""
    unclaim(lines)
    ApplicationLine.objects.filter(pk__in=[line.pk for line in lines]).update(state=to)
    ledger.post(ledger.entries_of(lines, MovementKind.FREE, application.source_id), by=by, on=on)


def give_up(lines: Sequence[ApplicationLine]) -> None:
    """不再发放 of lines whose payment failed: they hold no money, only the claim, which goes."""
    unclaim(lines)
    ApplicationLine.objects.filter(pk__in=[line.pk for line in lines]).update(state=LineState.GIVEN_UP)


def recommit(lines: Sequence[ApplicationLine], source: int, *, by: Actor, on: datetime.date) -> None:
    """A failed line whose account was mended takes its money from the source again."""
    ApplicationLine.objects.filter(pk__in=[line.pk for line in lines]).update(
        state=LineState.COMMITTED, round=F("round") + 1
    )
    for line in lines:
        line.state, line.round = LineState.COMMITTED, line.round + 1
    ledger.post(ledger.entries_of(lines, MovementKind.COMMIT, source), by=by, on=on)


def send(lines: Sequence[ApplicationLine], batch: Batch, *, by: Actor, on: datetime.date) -> None:
    ApplicationLine.objects.filter(pk__in=[line.pk for line in lines]).update(state=LineState.SENT)
    entries = ledger.entries_of(
        lines, MovementKind.SEND, batch.source_id, batch=batch, document=batch.voucher
    )
    ledger.post(entries, by=by, on=on)


def settle(lines: Sequence[ApplicationLine], batch: Batch, *, by: Actor, on: datetime.date) -> None:
    """发放成功."""
    ApplicationLine.objects.filter(pk__in=[line.pk for line in lines]).update(
        state=LineState.PAID, paid_on=on
    )
    _add_paid(lines, 1)
    ledger.post(ledger.entries_of(lines, MovementKind.SETTLE, batch.source_id, batch=batch), by=by, on=on)


def bounce(
    lines: Sequence[ApplicationLine], batch: Batch, *, by: Actor, on: datetime.date, was_paid: bool = False
) -> None:
    """发放失败: the money is free in its source again; the claim stays until the line is paid or given up.
    `was_paid`: the bank gave it back after it had told of the payment."""
    more: dict[str, Any] = {"way": ("paid", "free"), "words": "到账后退回"} if was_paid else {}
    if was_paid:
        _add_paid(lines, -1)
    ApplicationLine.objects.filter(pk__in=[line.pk for line in lines]).update(
        state=LineState.FAILED, paid_on=None
    )
    entries = ledger.entries_of(
        lines, MovementKind.BOUNCE, batch.source_id, batch=batch, step="late" if was_paid else "", **more
    )
    ledger.post(entries, by=by, on=on)


# ---- Claims: one statement for any number ----
def _claim(application: Application, lines: Sequence[ApplicationLine]) -> None:
    rows = sorted((line.measure_id, line.measure.amount or 0, line.amount) for line in lines if line.measure)
    try:
        with transaction.atomic():
            for start in range(0, len(rows), _CHUNK):
                part = rows[start : start + _CHUNK]
                database.run(
                    'INSERT INTO funding_claim (measure_id, "limit", claimed, paid) '
                    f"VALUES {', '.join(['(%s, %s, %s, 0)'] * len(part))} ON CONFLICT (measure_id) DO UPDATE "
                    'SET claimed = funding_claim.claimed + excluded.claimed, "limit" = excluded."limit"',
                    [value for row in part for value in row],
                )
    except IntegrityError as error:
        if "claim_within_measure" not in str(error):
            raise
        raise Refused(_already(application, lines)) from error


def _already(application: Application, lines: Sequence[ApplicationLine]) -> str:
    """Which measures are in which other application."""
    mine = {line.measure_id: line for line in lines}
    others = (
        ApplicationLine.objects.filter(
            measure__in=mine, state__in=[*ApplicationLine.HOLDING, LineState.FAILED]
        )
        .exclude(application=application)
        .select_related("application", "measure__household", "measure__type")
        .order_by("application__number", "number")
    )
    sentences = [
        f"{line.measure.household}{line.measure.type.name}已在申请 {line.application.number} 中"
        for line in others[:5]
    ]
    sentences = sentences or ["申请金额超过举措备案的金额"]
    return f"{'；'.join(sentences)}，不能重复申请。请把这些行移出后再提交。"


def unclaim(lines: Iterable[ApplicationLine]) -> None:
    _change("claimed", [(line.measure_id, -line.amount) for line in lines if line.measure_id])


def _add_paid(lines: Iterable[ApplicationLine], sign: int) -> None:
    _change("paid", [(line.measure_id, sign * line.amount) for line in lines if line.measure_id])


def _change(column: str, rows: Sequence[tuple[int, int]]) -> None:
    summed: dict[int, int] = {}
    for measure, amount in rows:
        summed[measure] = summed.get(measure, 0) + amount
    ordered = sorted(summed.items())
    for start in range(0, len(ordered), _CHUNK):
        part = ordered[start : start + _CHUNK]
        database.run(
            f"WITH d(measure, amount) AS (VALUES {', '.join(['(%s, %s)'] * len(part))}) "
            f"UPDATE funding_claim SET {column} = {column} + d.amount FROM d WHERE d.measure = "
            f"funding_claim.measure_id",
            [value for row in part for value in row],
        )
