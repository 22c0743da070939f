"""What the pages of a round show: who has delivered, what the sweep found, under which parameters. Every
count is taken within the scope of the person who looks."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Substr

from fangpin.accounts.models import Department, Division, Level, code_range
from fangpin.common.models import Job, JobState, StatusRecord
from fangpin.common.transitions import history
from fangpin.policy.parameters import PARAMETERS
from fangpin.policy.values import in_words
from screening import criteria
from screening.criteria.base import FeedKind, Subcriterion
from screening.models import Feed, FeedState, Lead, Round
from screening.rounds import opening as rounds


@dataclass
class Delivery:
    """One list that a department owes a round: the accepted one, and a later one that is still under way."""

    kind: FeedKind
    department: Department
    accepted: Feed | None = None
    pending: Feed | None = None

    @property
    def latest(self) -> Feed | None:
        return self.pending or self.accepted


def deliveries(round: Round, user) -> list[Delivery]:
    """Lists of the whole county; for a department's officer those of his own department."""
    own = user.acting.department_id
    lines = [
        Delivery(line["kind"], line["department"], line["feed"])
        for line in rounds.deliveries(round)
        if line["department"] is not None and own in (None, line["department"].pk)
    ]
    waiting = _pending(round, user)
    for line in lines:
        feed = waiting.get((line.kind.code, line.department.pk))
        if feed is not None and (line.accepted is None or feed.pk > line.accepted.pk):
            line.pending = feed
    return lines


def _pending(round: Round, user) -> dict[tuple[str, int], Feed]:
    feeds = Feed.objects.for_user(user).filter(round=round, state__in=[*Feed.PENDING, FeedState.REFUSED])
    found: dict[tuple[str, int], Feed] = {}
    for feed in feeds.select_related("department", "by").order_by("pk"):
        known = found.get(key := (feed.kind, feed.department_id))
        # One given back as a whole does not hide the one that still waits for its department.
        if known is None or feed.state != FeedState.REFUSED or known.state == FeedState.REFUSED:
            found[key] = feed
    return found


def delivered_counts(shown: Iterable[Round], user) -> dict[int, int]:
    """Round → how many of the owed lists are there."""
    feeds = Feed.objects.filter(
        round__in=list(shown), state=FeedState.MATCHED, kind__in=criteria.feed_kinds()
    )
    if user.acting.department_id:
        feeds = feeds.filter(department=user.acting.department_id)
    return dict(feeds.order_by().values_list("round").annotate(Count("pk")))


def owed(user) -> int:
    """How many lists a county's departments owe a round; for an officer his own department."""
    own = user.acting.department.code if user.acting.department_id else None
    return sum(own in (None, code) for kind in criteria.feed_kinds().values() for code in kind.departments)


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


def reminder(missing: list[Delivery], round: Round) -> str:
    """催报文字, to be sent to departments: bodies and lists only, never a household."""
    until = (
        f"，请于{round.feeds_due.month}月{round.feeds_due.day}日前报送" if round.feeds_due else "，请尽快报送"
    )
    lists = defaultdict(list)
    for line in missing:
        lists[line.department.name].append(line.kind.label)
    return "\n".join(
        f"@{department}：{round.period.label}{'、'.join(labels)}还未报送{until}。"
        for department, labels in lists.items()
    )


def by_department(missing: list[Delivery]) -> str:
    """医保局（医疗费用结算清单）、住建局（…）"""
    lists = defaultdict(list)
    for line in missing:
        lists[line.department.name].append(line.kind.label)
    return "、".join(f"{department}（{'、'.join(labels)}）" for department, labels in lists.items())


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
def policy_lines(round: Round) -> list[dict]:
    """The parameters that the round keeps, as words, with the day from which they hold (Art. 14)."""
    own = round.parameters
    return [
        {
            "label": parameter.name,
            "value": in_words(parameter, own[key]),
            "since": own.since(key),
            "regulation": parameter.regulation,
        }
        for key, parameter in PARAMETERS.items()
        if key in own.values and not key.startswith(("cap.", "followup."))
    ]


# ---- One list ----
def check_run(feed: Feed) -> Job | None:
    """The latest run that reads and checks the file."""
    return Job.objects.filter(key=f"check_feed:{feed.pk}").select_related("by").order_by("-pk").first()


def shrinks(feed: Feed, earlier: Feed | None) -> bool:
    """Whether `feed` has less than half the rows of the list that it would replace: then somebody has
    probably sent the mended rows alone."""
    return earlier is not None and feed.rows_read * 2 < earlier.rows_read


def standing_feed(feed: Feed, user) -> Feed | None:
    """The accepted list that `feed` would replace."""
    same = Feed.objects.for_user(user).filter(
        round=feed.round_id, kind=feed.kind, department=feed.department_id, state=FeedState.MATCHED
    )
    return same.select_related("by").first()


def deliveries_of(feed: Feed, user) -> list[Feed]:
    """What the department brought of this kind, this quarter and before: the newest first."""
    same = Feed.objects.for_user(user).filter(
        kind=feed.kind, department=feed.department_id, round__county=feed.round.county_id
    )
    return list(same.select_related("round", "by").order_by("-pk")[:20])


def how_it_ended(feed: Feed) -> StatusRecord | None:
    """Who took a list back, or put another one in its place, and why."""
    if feed.state not in (FeedState.DISCARDED, FeedState.SUPERSEDED):
        return None
    return history(feed).select_related("by").last()
