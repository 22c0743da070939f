"""What a payment does to its measure: once its whole amount is paid it is delivered, with the voucher as its
proof."""

import datetime
from collections.abc import Sequence

from django.db.models import F

from fangpin.common.actor import Actor
from fangpin.common.transitions import move
from funding.models import ApplicationLine
from measures import effects as measure_effects
from measures.models import Measure, MeasureState


def deliver(lines: Sequence[ApplicationLine], *, by: Actor, on: datetime.date, voucher: str) -> None:
    """Begins filed measures, delivers those whose amount is wholly paid; a constant number of statements."""
    keys = [line.measure_id for line in lines if line.measure_id]
    if not keys:
        return
    own = Measure.objects.filter(pk__in=keys)
    filed = list(own.filter(state=MeasureState.FILED).values_list("pk", flat=True))
    if filed:
        move(
            Measure.objects.filter(pk__in=filed),
            "begin",
            by=None,
            opinion=f"凭证 {voucher}",
            stamps={"started_on": on},
        )
    ready = own.filter(state=MeasureState.STARTED, claim__paid__gte=F("amount"))
    done = list(ready.values_list("pk", flat=True))
    if done:
        stamps = {
            "delivered_on": on,
            "delivered_by": by,
            "proof": f"发放凭证 {voucher}"[:120],
            "delivered": F("amount"),
        }
        move(
            Measure.objects.filter(pk__in=done), "deliver", by=None, opinion=f"凭证 {voucher}", stamps=stamps
        )
    measure_effects.update_dependents(own)


def reverse_delivery(lines: Sequence[ApplicationLine], *, words: str) -> None:
    """A payment came back after it had been told of: its measure is under way again."""
    keys = [line.measure_id for line in lines if line.measure_id]
    done = Measure.objects.filter(pk__in=keys, state=MeasureState.DELIVERED)
    measures = list(done.values_list("pk", flat=True))
    if measures:
        stamps = {"delivered_on": None, "delivered": None, "delivered_by": None, "proof": ""}
        move(Measure.objects.filter(pk__in=measures), "undeliver", by=None, opinion=words, stamps=stamps)
        measure_effects.update_dependents(Measure.objects.filter(pk__in=measures))
