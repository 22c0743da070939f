"""The demo county: real villages, made-up households, written through the registry's own merge."""

import datetime
import random
from collections.abc import Iterator

from demo.county import names
from demo.county.families import Family, Maker, Wish
from fangpin.accounts.models import Division, Level
from fangpin.common import database
from fangpin.common.outcomes import Outcome
from households.codelists import HouseholdStatus
from households.models import AnnualIncome, Hamlet, Household, Member
from households.registry import file as registry_file
from households.registry import taking_in

# In the village of the demo's cadre there is something of everything: households of his helper, four in
# monitoring, one not yet lifted.
_FIRST_VILLAGE = (
    *[Wish(HouseholdStatus.LIFTED, True)] * 2,
    *[Wish(HouseholdStatus.LIFTED, False)] * 5,
    *[Wish(HouseholdStatus.ORDINARY, True)] * 2,
    Wish(HouseholdStatus.REGISTERED),
)
_FIRST_VILLAGE_MORE = 30
_BY_CHANCE = Wish()
_TABLES = [model._meta.db_table for model in (Household, Member, AnnualIncome)]


def write_county(
    county: Division, households: int, *, maker: Maker, by, on: datetime.date
) -> Iterator[tuple[str, int]]:
    """Writes the households township by township; yields each township's name and its households."""
    headings = {column.heading for column in registry_file.COLUMNS}
    written = reported = 0
    for township, families in _townships(county, households, maker):
        outcome = Outcome()
        groups = [family.group for family in families]
        taking_in.merge_groups(groups, county, headings, outcome, by=by, on=on)
        if outcome.set_aside or outcome.refused:
            raise AssertionError(f"the demo made households that the registry refuses: {outcome.as_json()}")
        _write_incomes(township, families)
        written += len(families)
        if written >= 2 * reported:  # all is one transaction: nobody else tells the planner of the growth
            database.refresh_statistics(*_TABLES)
            reported = written
        yield township.name, len(families)
    _name_hamlet_heads(county)


def _townships(county: Division, households: int, maker: Maker) -> Iterator[tuple[Division, list[Family]]]:
    places = list(Division.objects.within(county).exclude(level=Level.COUNTY).order_by("code"))
    villages = [place.code for place in places if place.level == Level.VILLAGE]
    sizes = _sizes(maker.rng, villages, households)
    for township in (place for place in places if place.level == Level.TOWNSHIP):
        families: list[Family] = []
        for village in (code for code in villages if code.startswith(township.code[:9])):
            families += _village(maker, village, sizes[village], is_first=village == villages[0])
        for row, person in enumerate((p for family in families for p in family.group.persons), start=1):
            person.row = row
        yield township, families


def _sizes(rng: random.Random, villages: list[str], households: int) -> dict[str, int]:
    """Households of each village; they sum up exactly. The first village gets some more than its share."""
    more = min(_FIRST_VILLAGE_MORE, households // 2)
    weights = [rng.uniform(0.5, 1.5) for _ in villages]
    scale, reached, given, sizes = (households - more) / sum(weights), 0.0, 0, {}
    for village, weight in zip(villages, weights, strict=True):
        reached += weight * scale
        sizes[village] = round(reached) - given
        given += sizes[village]
    sizes[villages[0]] += more
    return sizes


def _village(maker: Maker, village: str, size: int, *, is_first: bool) -> list[Family]:
    hamlets = names.hamlets(maker.rng)
    wishes = _FIRST_VILLAGE if is_first else ()
    return [
        maker.family(
            village,
            hamlets[position * len(hamlets) // size],
            wishes[position] if position < len(wishes) else _BY_CHANCE,
        )
        for position in range(size)
    ]


def _write_incomes(township: Division, families: list[Family]) -> None:
    """Households were inserted in the order of `families`, so their keys rise with it."""
    keys = Household.objects.in_area(township.code).order_by("pk").values_list("pk", flat=True)
    AnnualIncome.objects.bulk_create(
        [
            AnnualIncome(household_id=key, year=year, **components)
            for key, family in zip(keys, families, strict=True)
            for year, components in family.incomes.items()
        ],
        batch_size=5000,
    )


def _name_hamlet_heads(county: Division) -> None:
    """The head of one household speaks for the hamlet."""
    heads = dict(Household.objects.filter(county=county).order_by("-pk").values_list("hamlet", "head_name"))
    hamlets = [Hamlet(pk=pk, head_name=name) for pk, name in heads.items() if pk]
    Hamlet.objects.bulk_update(hamlets, ["head_name"], batch_size=500)
