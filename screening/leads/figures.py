"""What the pages of a round show: who has delivered, what the sweep found, under which parameters. Every
count is taken within the scope of the person who looks."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Substr

from fangpin.accounts.models import Division, Level, code_range
from fangpin.common.models import Job, JobState
from screening import criteria
from screening.criteria.base import Subcriterion
from screening.models import Feed, FeedState, Lead, Round


def household_counts(shown: Iterable[Round], user) -> dict[int, int]:
    """Round → households with a lead that stands."""
    leads = Lead.objects.for_user(user).standing().filter(round__in=list(shown))
    return dict(leads.order_by().values_list("round").annotate(Count("household", distinct=True)))


def rounds_with_leads(user) -> QuerySet[Round]:
    """Rounds to choose from over a list of leads; a helper sees those of his households."""
    if user.may("round.view"):
        return Round.objects.for_user(user)
    return Round.objects.filter(pk__in=Lead.objects.for_user(user).order_by().values("round").distinct())


def rounds_for_household(user, household) -> QuerySet[Round]:
    """Rounds of its county that the reader may ask about, the newest first; those who see no rounds at all
    see those in which the household has a lead, and the newest one."""
    rounds = Round.objects.filter(county_id=household.county_id).order_by("-year", "-quarter")
    return (
        Round.objects.for_user(user).order_by("-year", "-quarter") & rounds
        if user.may("round.view")
        else rounds
    )


# ---- Sweep ----
def sweep_runs(round: Round) -> tuple[Job | None, Job | None]:
    """The run under way, and the last one that ended."""
    runs = Job.objects.filter(key=f"sweep:{round.pk}").select_related("by").order_by("-pk")
    return runs.filter(state__in=Job.ACTIVE).first(), runs.exclude(state__in=Job.ACTIVE).first()


def last_done(round: Round) -> Job | None:
    return Job.objects.filter(key=f"sweep:{round.pk}", state=JobState.DONE).order_by("-pk").first()


def new_since_sweep(round: Round) -> int:
    """Lists delivered after the last sweep: no rule has read them yet."""
    later = Q(matched_at__gt=round.swept_at) if round.swept_at else Q()
    return Feed.objects.filter(later, round=round, state=FeedState.MATCHED).count()


def covers_county(user, county: str) -> bool:
    """Whether figures of the whole county are this person's to see."""
    low, high = code_range(user.acting.division_id)
    return user.may("lead.view") and low <= county <= high


# ---- Leads by place ----
@dataclass
class PlaceRow:
    place: Division
    cells: list[dict]
    total: int


def lead_table(round: Round, user) -> dict[str, Any]:
    """Leads that stand, by subcriterion and township; for whoever serves one township or village, by
    village."""
    by_village = user.acting.division.level in (Level.TOWNSHIP, Level.VILLAGE)
    digits, key = (12, "village") if by_village else (9, "township")
    leads = Lead.objects.for_user(user).standing().filter(round=round).order_by()
    counts = {
        (place, code): n
        for place, code, n in leads.annotate(place=Substr("household__village_id", 1, digits))
        .values_list("place", "subcriterion")
        .annotate(n=Count("pk"))
        .values_list("place", "subcriterion", "n")
    }
    columns = _columns({code for _, code in counts})
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


def _columns(found: set[str]) -> list[Subcriterion]:
    """Situations that some rule looks for, and those that have a lead anyway, in the order of the article."""
    looked_for = {rule.subcriterion.code for rule in criteria.rules().values()}
    return [sub for code, sub in criteria.subcriteria().items() if code in looked_for | found]


def _cell(counts: dict, place: str, code: str, key: str, value: str) -> dict:
    return {"n": counts.get((place, code), 0), "risk": code, "key": key, "place": value}


# ---- Policy ----


# ---- One list ----
