"""享受帮扶 of a household: by year, department and type, against the caps."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Sum
from django.db.models.functions import Coalesce

from fangpin.common.actor import Actor
from households.models import Household
from measures.caps import Room
from measures.models import Measure
from measures.planning import facts


@dataclass(frozen=True)
class Receipt:
    year: int
    department: str
    name: str
    count: int
    planned: int
    delivered: int


def of_household(household: Household, user: Actor) -> list[Receipt]:
    """What was not cancelled, the newest year first; one statement."""
    return of_households([household.pk], user)[household.pk]


def of_households(households: Iterable[int], user: Actor) -> dict[int, list[Receipt]]:
    """Household → what it has; one statement for any number."""
    receipts: dict[int, list[Receipt]] = {pk: [] for pk in households}
    rows = (
        Measure.objects.for_user(user)
        .filter(household__in=list(receipts))
        .not_cancelled()
        .order_by()
        .values("household", "year", "department__name", "type__name", "type__order")
        .annotate(planned=Sum(Coalesce("amount", 0)), given=Sum(Coalesce("delivered", 0)), number=Count("pk"))
        .order_by("-year", "type__order")
    )
    for r in rows:
        receipts[r["household"]].append(
            Receipt(r["year"], r["department__name"], r["type__name"], r["number"], r["planned"], r["given"])
        )
    return receipts


def rooms_of(household: Household) -> list[tuple[str, Room]]:
    """(type, room) of the caps of the text that bear on the household."""
    names = {"industry_award": "产业奖补", "micro_credit": "扶贫小额信贷"}
    rooms = facts.rooms([household], list(names))
    return [(names[code], room) for (_, code), room in rooms.items()]
