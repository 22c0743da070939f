"""享受帮扶 of a household: by year, department and type, against the caps."""

from dataclasses import dataclass

from django.db.models import Count, Sum
from django.db.models.functions import Coalesce

from households.models import Household
from measures import planning
from measures.caps import Room
from measures.models import Measure


@dataclass(frozen=True)
class Receipt:
    year: int
    department: str
    name: str
    count: int
    planned: int
    delivered: int


def of_household(household: Household, user) -> list[Receipt]:
    """What stands, the newest year first; one statement."""
    own = Measure.objects.for_user(user).filter(household=household).standing()
    rows = (
        own.order_by()
        .values("year", "department__name", "type__name", "type__order")
        .annotate(
            planned=Sum(Coalesce("amount", 0)),
            given=Sum(Coalesce("delivered", 0)),
            number=Count("pk"),
        )
        .order_by("-year", "type__order")
    )
    return [
        Receipt(r["year"], r["department__name"], r["type__name"], r["number"], r["planned"], r["given"])
        for r in rows
    ]


def rooms_of(household: Household) -> list[tuple[str, Room]]:
    """(type, room) of the caps of the text that bear on the household."""
    names = {"industry_award": "产业奖补", "micro_credit": "扶贫小额信贷"}
    found = planning.rooms([household], list(names))
    return [(names[code], room) for (_, code), room in found.items()]
