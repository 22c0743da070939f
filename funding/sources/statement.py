"""资金公示 by village: hamlet, name with its middle hidden, measure in neutral words, amount, day. Never an
ID, phone, account or illness."""

import datetime
from dataclasses import dataclass

from fangpin.accounts.places.codes import code_range
from funding.models import ApplicationLine, LineState

# Words on a wall say nothing of an illness, a disability or a loss.
NEUTRAL = {"special_relief": "防贫救助", "medical_aid": "救助", "prevention_insurance": "防贫救助"}


@dataclass(frozen=True)
class Stated:
    village: str
    hamlet: str
    name: str
    measure: str
    amount: int
    on: datetime.date


def hidden(name: str) -> str:
    """韦小英 → 韦*英, 韦英 → 韦*: enough for neighbours to know, not for strangers to search."""
    if len(name) <= 1:
        return name
    return f"{name[0]}*{name[-1] if len(name) > 2 else ''}"


def stated(area: str, first: datetime.date, last: datetime.date) -> list[Stated]:
    """Payments to households of an area (division code) between two days; one statement."""
    low, high = code_range(area)
    lines = ApplicationLine.objects.filter(
        state=LineState.PAID,
        paid_on__gte=first,
        paid_on__lte=last,
        measure__household__village_id__gte=low,
        measure__household__village_id__lte=high,
    ).select_related("measure__household__village__parent", "measure__household__hamlet", "measure__type")
    rows = lines.order_by(
        "measure__household__village_id", "measure__household__hamlet__name", "paid_on", "pk"
    )
    return [
        Stated(
            line.measure.household.village.place,
            line.measure.household.hamlet.name if line.measure.household.hamlet else "",
            hidden(line.measure.household.head_name),
            NEUTRAL.get(line.measure.code, line.measure.type.name),
            line.amount,
            line.paid_on,
        )
        for line in rows
    ]
