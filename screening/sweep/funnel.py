"""From the rows of a list to the leads of a round: what each step left, counted in the database, and where
the rows or households behind a number are listed."""

from collections import defaultdict
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count, Q
from django.urls import reverse

from fangpin.common.actor import Actor
from fangpin.common.models import Job
from screening import criteria
from screening.criteria.base import FeedKind, Rule
from screening.models import Feed, FeedRow, FeedState, Lead, LeadReason, Round, RowStatus, Source

QUALIFYING_SECONDS = 60


@dataclass(frozen=True)
class Number:
    """`url` is empty where nothing is listed, or not for this reader."""

    n: int | None = None
    url: str = ""


_NONE = Number()


@dataclass(frozen=True)
class Line:
    """A list and one rule over it; a list that no rule reads has rows alone. Numbers of rows first, numbers
    of households from `households` (those that reach the standard) on."""

    kind: FeedKind
    label: str
    clause: str = ""
    read: Number = _NONE
    refused: Number = _NONE
    set_aside: Number = _NONE
    matched: Number = _NONE
    qualifying: Number = _NONE
    households: Number = _NONE
    registered: Number = _NONE
    above_line: Number = _NONE
    leads: Number = _NONE
    both: Number = _NONE

    @property
    def is_delivered(self) -> bool:
        return self.read.n is not None


def lines(round: Round, user: Actor, done: Job | None) -> list[Line]:
    """One line a rule in the order of the article, then lists that no rule reads; `done` is the last whole
    sweep."""
    feeds = _feeds(round)
    qualifying = _qualifying(round, feeds)
    results = {line["rule"]: line for line in (done.result.get("rules", []) if done else [])}
    leads = _lead_counts(round, user) if done else {}
    shown = []
    for rule in criteria.rules().values():
        numbers = _row_numbers(round, feeds[rule.kind.code], user)
        if numbers:
            numbers["qualifying"] = Number(qualifying.get(rule.kind.code, 0))
        if rule.code in results:
            numbers |= _household_numbers(round, rule, results[rule.code])
        if done:
            numbers |= _lead_numbers(round, rule, leads.get(rule.code, (0, 0)), user)
        shown.append(Line(rule.kind, rule.subcriterion.label, rule.subcriterion.clause, **numbers))
    of_rules = {rule.kind.code for rule in criteria.rules().values()}
    for kind in criteria.feed_kinds().values():
        if kind.code not in of_rules:
            shown.append(Line(kind, "只供查看，不比对", **_row_numbers(round, feeds[kind.code], user)))
    return shown


def totals(round: Round, user: Actor, shown: list[Line]) -> dict[str, int]:
    """Rows of each list once; households with a lead once, whatever rules found them."""
    once = {line.kind.code: line for line in shown if line.is_delivered}.values()
    leads = Lead.objects.for_user(user).current().filter(round=round, source=Source.ONLINE).order_by()
    offline = Lead.objects.for_user(user).current().filter(round=round, source=Source.OFFLINE).order_by()
    both = Q(household__in=offline.values("household"))
    households = leads.aggregate(
        leads=Count("household", distinct=True), both=Count("household", distinct=True, filter=both)
    )
    rows = {
        name: sum(getattr(line, name).n or 0 for line in once)
        for name in ("read", "refused", "set_aside", "matched")
    }
    return rows | households


def _feeds(round: Round) -> dict[str, list[Feed]]:
    """Accepted lists by kind, all of the county's."""
    by_kind = defaultdict(list)
    for feed in Feed.objects.filter(round=round, state=FeedState.MATCHED).order_by("pk"):
        by_kind[feed.kind].append(feed)
    return by_kind


def _may_open(feed: Feed, round: Round, user: Actor) -> bool:
    of_county = user.may("feed.view") and user.acting.county_code == round.county_id
    return of_county and user.acting.department_id in (None, feed.department_id)


def _qualifying(round: Round, feeds: dict[str, list[Feed]]) -> dict[str, int]:
    """Matched rows that have what a rule asks of a row by itself, by kind; a minute old at most: it reads all
    rows."""
    kinds = {feed.pk: kind for kind, of_kind in feeds.items() for feed in of_kind}

    def count() -> dict[str, int]:
        counted: dict[str, int] = defaultdict(int)
        rows = FeedRow.objects.filter(feed_id__in=[0, *kinds], status=RowStatus.MATCHED, qualifies=True)
        for feed, n in rows.order_by().values_list("feed").annotate(Count("pk")):
            counted[kinds[feed]] += n
        return dict(counted)

    matched = sum(feed.rows_matched for of_kind in feeds.values() for feed in of_kind)
    key = f"qualifying:{round.pk}:{max(kinds, default=0)}:{len(kinds)}:{matched}"
    return cache.get_or_set(key, count, QUALIFYING_SECONDS)


def _lead_counts(round: Round, user: Actor) -> dict[str, tuple[int, int]]:
    """Rule → households with a lead by it, and those of them that the villages reported too."""
    leads = Lead.objects.for_user(user).current().filter(round=round, source=Source.ONLINE).order_by()
    offline = Lead.objects.for_user(user).current().filter(round=round, source=Source.OFFLINE)
    counted = (
        LeadReason.objects.filter(lead__in=leads.values("pk"), closed_at=None)
        .order_by()
        .values("rule")
        .annotate(
            n=Count("pk"),
            both=Count("pk", filter=Q(lead__household__in=offline.order_by().values("household"))),
        )
    )
    return {line["rule"]: (line["n"], line["both"]) for line in counted}


def _row_numbers(round: Round, feeds: list[Feed], user: Actor) -> dict[str, Number]:
    """By field of Line, of the accepted lists of one kind; empty where there is none."""
    if not feeds:
        return {}
    counts = {
        name: sum(getattr(feed, f"rows_{name}") for feed in feeds)
        for name in ("read", "refused", "set_aside", "matched")
    }
    opened = [feed for feed in feeds if _may_open(feed, round, user)]
    many = f"{reverse('screening:feed-list')}?round={round.uuid}" if opened else ""
    address = (
        reverse("screening:feed-detail", args=[feeds[0].uuid]) if len(opened) == len(feeds) == 1 else many
    )
    numbers = {name: Number(counts[name], address) for name in ("read", "matched")}
    for name in ("refused", "set_aside"):
        shown = f"{address}?status={name}#rows" if address != many else many
        numbers[name] = Number(counts[name], shown if counts[name] else "")
    return numbers


def _household_numbers(round: Round, rule: Rule, result: dict) -> dict[str, Number]:
    """By field of Line, from what the sweep has counted of the rule."""
    return {
        name: Number(n := result[key], _households_url(round, rule, group) if n else "")
        for name, key, group in (
            ("households", "found", "all"),
            ("registered", "registered", "registered"),
            ("above_line", "above_line_left_out", "above_line"),
        )
    }


def _households_url(round: Round, rule: Rule, group: str) -> str:
    return f"{reverse('screening:round-found', args=[round.uuid])}?rule={rule.code}&group={group}"


def _lead_numbers(round: Round, rule: Rule, counts: tuple[int, int], user: Actor) -> dict[str, Number]:
    leads, both = counts
    address = f"{reverse('screening:lead-list')}?round={round.uuid}&risk={rule.subcriterion.code}"
    board = reverse("screening:candidate-board", args=[round.uuid])
    sees = round.compared_at and user.may("candidate.view") and user.acting.county_code == round.county_id
    return {
        "leads": Number(leads, address if leads else ""),
        "both": Number(both, board if both and sees else ""),
    }
