"""亮灯情况: households by lamp, county by county, township by township, village by village (Art. 7(2)1)."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.db.models.functions import Substr

from fangpin.accounts.models import Division
from fangpin.accounts.models.divisions import BELOW
from fangpin.common.actor import Actor
from households.models import Household, Lamp

LAMPS = (Lamp.RED, Lamp.YELLOW, Lamp.BLUE, Lamp.GREEN, Lamp.NONE)


@dataclass(frozen=True)
class PlaceRow:
    """A place with its households by lamp; its own lamp is the most urgent one in it."""

    place: Division
    counts: dict[str, int]

    @property
    def cells(self) -> list[tuple[Lamp, int]]:
        return [(lamp, self.counts.get(lamp, 0)) for lamp in LAMPS]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def lamp(self) -> str:
        return next((lamp for lamp in LAMPS if self.counts.get(lamp)), Lamp.NONE)


def households_of(user: Actor) -> QuerySet[Household]:
    """Those in scope; city and region count the households of their area though they may open none."""
    if user.may("household.view"):
        return Household.objects.for_user(user)
    return Household.objects.all().in_area(user.acting.division_id)


def rows(user: Actor, place: Division) -> list[PlaceRow]:
    """The places right below `place` that have households, in the order of their codes; one statement
    counts."""
    level, digits = BELOW[place.level]
    counted = (
        households_of(user)
        .in_area(place.code)
        .order_by()
        .annotate(part=Substr("village_id", 1, digits))
        .values_list("part", "lamp")
        .annotate(n=Count("pk"))
    )
    counts: dict[str, dict[str, int]] = {}
    for part, lamp, n in counted:
        counts.setdefault(part.ljust(12, "0"), {})[lamp] = n
    places = Division.objects.filter(code__in=counts, level=level).order_by("code")
    return [PlaceRow(below, counts[below.code]) for below in places]


def total(place: Division, shown: list[PlaceRow]) -> PlaceRow:
    return PlaceRow(place, {lamp: sum(row.counts.get(lamp, 0) for row in shown) for lamp in LAMPS})


def path_to(user: Actor, place: Division) -> list[Division]:
    """From the duty's own area down to the place above `place`."""
    above = []
    while place.code != user.acting.division_id and place.parent is not None:
        place = place.parent
        above.append(place)
    return above[::-1]
