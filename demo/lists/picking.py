"""Picks households and persons of the county for the departments' lists."""

import random
from collections.abc import Iterable, Iterator

from fangpin.accounts.models import Division
from households import rules
from households.models import AnnualIncome, Household, Member

_AT_ONCE = 5000
_POOR = 560_000


class Homes:
    """Households of the county, each taken once; every take has some of the first village and, as in life,
    more poor ones than their share."""

    def __init__(self, county: Division, rng: random.Random, *, year: int) -> None:
        homes = list(
            Household.objects.filter(county=county)
            .exclude(cases__state__in=["evaluated", "reviewed"])  # about to be released
            .order_by("pk")
            .values_list("pk", "size", "village_id")
        )
        income = dict(
            AnnualIncome.objects.filter(household__county=county, year=year).values_list(
                "household_id", "net"
            )
        )
        self.count = len(homes)
        self._pools: dict[str, list[int]] = {"first": [], "poor": [], "other": []}
        first_village = min((village for _, _, village in homes), default="")
        for pk, size, village in homes:
            per_head = rules.per_head(income.get(pk, 0), size)
            name = "first" if village == first_village else "poor" if per_head <= _POOR else "other"
            self._pools[name].append(pk)
        for pool in self._pools.values():
            rng.shuffle(pool)

    def take(self, count: int, *, first: int = 0) -> list[int]:
        """At most `count` household keys, `first` of them of the first village."""
        taken = self._draw("first", min(first, count))
        taken += self._draw("poor", (count - len(taken)) * 2 // 3)
        return taken + self._draw("other", count - len(taken))

    def _draw(self, pool: str, count: int) -> list[int]:
        drawn, self._pools[pool] = self._pools[pool][:count], self._pools[pool][count:]
        return drawn


def members(homes: Iterable[int]) -> dict[int, list[Member]]:
    """Household key → its members, in the order of `homes`."""
    keys = list(homes)
    by_household: dict[int, list[Member]] = {key: [] for key in keys}
    for start in range(0, len(keys), _AT_ONCE):
        for member in _of(keys[start : start + _AT_ONCE]):
            by_household[member.household_id].append(member)
    return by_household


def _of(keys: list[int]) -> Iterator[Member]:
    return (
        Member.objects.current()
        .filter(household__in=keys)
        .select_related("household__village__parent", "household__hamlet")
        .order_by("pk")
        .iterator()
    )
