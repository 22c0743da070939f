"""Counts of the leads of a round for its pages. Every count is taken within the scope of the reader."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import Substr

from fangpin.accounts.models import Division, Level, code_range
from fangpin.common.actor import Actor
from screening import criteria
from screening.criteria.base import Subcriterion
from screening.models import Lead, Round


def household_counts(shown: Iterable[Round], user: Actor) -> dict[int, int]:
    """Round → households with a lead that was not withdrawn."""
    leads = Lead.objects.for_user(user).current().filter(round__in=list(shown))
    return dict(leads.order_by().values_list("round").annotate(Count("household", distinct=True)))


def rounds_with_leads(user: Actor) -> QuerySet[Round]:
    """Rounds to choose from over a list of leads; a helper sees those of his households."""
    if user.may("round.view"):
        return Round.objects.for_user(user)
    return Round.objects.filter(pk__in=Lead.objects.for_user(user).order_by().values("round").distinct())


def rounds_for_household(user: Actor, household) -> QuerySet[Round]:
    """Rounds of its county that the reader may ask about, the newest first; those who see no rounds at all
    see those in which the household has a lead, and the newest one."""
    rounds = Round.objects.filter(county_id=household.county_id).order_by("-year", "-quarter")
    return (
        Round.objects.for_user(user).order_by("-year", "-quarter") & rounds
        if user.may("round.view")
        else rounds
    )


def covers_county(user: Actor, county: str) -> bool:
    """Whether figures of the whole county are this person's to see."""
    low, high = code_range(user.acting.division_id)
    return user.may("lead.view") and low <= county <= high


@dataclass
class PlaceRow:
    place: Division
    cells: list[dict]
    total: int


def lead_table(round: Round, user: Actor) -> dict[str, Any]:
    """Leads that were not withdrawn, by subcriterion and township; for a duty in one township or
    village, by village."""
    by_village = user.acting.division.level in (Level.TOWNSHIP, Level.VILLAGE)
    digits, key = (12, "village") if by_village else (9, "township")
    leads = Lead.objects.for_user(user).current().filter(round=round).order_by()
    counts = {
        (place, code): n
        for place, code, n in leads.annotate(place=Substr("household__village_id", 1, digits))
        .values_list("place", "subcriterion")
        .annotate(n=Count("pk"))
        .values_list("place", "subcriterion", "n")
    }
    columns = situation_columns({code for _, code in counts})
    places = Division.objects.for_user(user).filter(code__in={place.ljust(12, "0") for place, _ in counts})
    rows = [
        PlaceRow(
            place,
            [_cell(counts, place.code[:digits], sub.code, key, place.code) for sub in columns],
            sum(n for (code, _), n in counts.items() if code == place.code[:digits]),
        )
        for place in places.order_by("code")
    ]
    totals = [sum(n for (_, code), n in counts.items() if code == sub.code) for sub in columns]
    return {
        "columns": list(zip(columns, totals, strict=True)),
        "rows": rows,
        "key": key,
        "total": sum(counts.values()),
        "households": leads.values("household").distinct().count(),
    }


def situation_columns(with_leads: set[str]) -> list[Subcriterion]:
    """Situations that some rule is about, and those that have a lead anyway, in the order of the article."""
    of_rules = {rule.subcriterion.code for rule in criteria.rules().values()}
    return [sub for code, sub in criteria.subcriteria().items() if code in of_rules | with_leads]


def _cell(counts: dict, place: str, code: str, key: str, value: str) -> dict:
    return {"n": counts.get((place, code), 0), "risk": code, "key": key, "place": value}
