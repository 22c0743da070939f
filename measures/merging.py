"""What follows for measures when two households become one by hand (`households.upkeep`)."""

from collections.abc import Mapping
from typing import Any

from django.dispatch import receiver

from households.models import Household
from households.upkeep import households_merged
from measures.models import CapUse, Measure


@receiver(households_merged)
def move_measures(source: Household, target: Household, members: dict[int, int], **_words: Any) -> None:
    """What a household got without a case goes to the one that it is part of from now on; those of an ended
    case stay with its history. All of it counts in the caps of the one."""
    own = Measure.objects.filter(household=source, case=None)
    for old, new in members.items():
        own.filter(member=old).update(member=new)
    for use in CapUse.objects.filter(household=source).select_for_update().order_by("cap", "period"):
        _fold(use, target, members)
    own.update(household=target)


def _fold(use: CapUse, target: Household, members: Mapping[int, int]) -> None:
    """Each was within its limit; together they may be above it. The limit is then set to what they have, so
    nothing more fits until enough is given back; the next count sets the policy's limit again."""
    start, mark, person = use.period.rpartition(":")
    period = f"{start}:{members.get(int(person), person)}" if mark and person.isdigit() else use.period
    kept, _ = CapUse.objects.select_for_update().get_or_create(
        household=target, cap=use.cap, period=period, defaults={"limit": use.limit}
    )
    kept.used += use.used
    kept.limit = max(kept.limit, kept.used)
    kept.save(update_fields=["used", "limit"])
    Measure.objects.filter(cap_use=use).update(cap_use=kept)
    use.delete()
