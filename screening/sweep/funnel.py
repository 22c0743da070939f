"""From the rows of a list to the leads of a round: what each step left, counted in the database, and where
the rows or households behind a number are listed."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.core.cache import cache
from django.db.models import Count, Q
from django.urls import reverse

from fangpin.common.models import Job
from screening import criteria
from screening.criteria.base import FeedKind, Rule
from screening.models import Feed, FeedRow, FeedState, Lead, LeadReason, Round, RowStatus, Source

QUALIFYING_SECONDS = 60


@dataclass
class Number:
    """`url` is empty where nothing is listed, or not for whoever looks."""

    n: int | None
    url: str = ""


@dataclass
class Line:
    """A list and one rule over it; a list that no rule reads has rows alone. Rows first, households from
    `found` on."""

    kind: FeedKind
    label: str
    clause: str = ""
    read: Number = field(default_factory=lambda: Number(None))
    refused: Number = field(default_factory=lambda: Number(None))
    set_aside: Number = field(default_factory=lambda: Number(None))
    matched: Number = field(default_factory=lambda: Number(None))
    qualifying: Number = field(default_factory=lambda: Number(None))
    found: Number = field(default_factory=lambda: Number(None))
    registered: Number = field(default_factory=lambda: Number(None))
    above_line: Number = field(default_factory=lambda: Number(None))
    leads: Number = field(default_factory=lambda: Number(None))
    both: Number = field(default_factory=lambda: Number(None))

    @property
    def is_delivered(self) -> bool:
        return self.read.n is not None


def lines(round: Round, user, done: Job | None) -> list[Line]:
    """One line a rule in the order of the article, then lists that no rule reads; `done` is the last whole
    sweep."""
    feeds = _feeds(round, user)
    rows = _rows(feeds)
    qualifying = _qualifying(round, feeds)
    results = {line["rule"]: line for line in (done.result.get("rules", []) if done else [])}
    standing = _standing(round, user)
    found = []
    for rule in criteria.rules().values():
        line = Line(rule.kind, rule.subcriterion.label, rule.subcriterion.clause)
        _tell_rows(line, round, feeds[rule.kind.code], rows, qualifying)
        if rule.code in results:
            _tell_households(line, round, rule, results[rule.code], user)
        if done:
            _tell_leads(line, round, rule, standing.get(rule.code, (0, 0)), user)
        found.append(line)
    read = {rule.kind.code for rule in criteria.rules().values()}
    for kind in criteria.feed_kinds().values():
        if kind.code not in read:
            line = Line(kind, "只供查看，不比对")
            _tell_rows(line, round, feeds[kind.code], rows, {})
            found.append(line)
    return found


def totals(round: Round, user, shown: list[Line]) -> dict[str, int]:
    """Rows of each list once; households with a lead once, whatever rules found them."""
    once = {line.kind.code: line for line in shown if line.is_delivered}.values()
    leads = Lead.objects.for_user(user).standing().filter(round=round, source=Source.ONLINE).order_by()
    offline = Lead.objects.for_user(user).standing().filter(round=round, source=Source.OFFLINE).order_by()
    both = Q(household__in=offline.values("household"))
    households = leads.aggregate(
        leads=Count("household", distinct=True), both=Count("household", distinct=True, filter=both)
    )
    rows = {
        name: sum(getattr(line, name).n or 0 for line in once)
        for name in ("read", "refused", "set_aside", "matched")
    }
    return rows | households


def _feeds(round: Round, user) -> dict[str, list[Feed]]:
    """Accepted lists by kind, all of the county's; those that the reader may open carry `opens`."""
    found = defaultdict(list)
    of_county = user.may("feed.view") and user.acting.county_code == round.county_id
    for feed in Feed.objects.filter(round=round, state=FeedState.MATCHED).order_by("pk"):
        feed.opens = of_county and user.acting.department_id in (None, feed.department_id)
        found[feed.kind].append(feed)
    return found


def _rows(feeds: dict[str, list[Feed]]) -> dict[str, dict[str, int]]:
    return {
        kind: {
            name: sum(getattr(feed, f"rows_{name}") for feed in of_kind)
            for name in ("read", "refused", "set_aside", "matched")
        }
        for kind, of_kind in feeds.items()
    }


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


def _standing(round: Round, user) -> dict[str, tuple[int, int]]:
    """Rule → households with a lead that stands on it, and those of them that the villages reported too."""
    leads = Lead.objects.for_user(user).standing().filter(round=round, source=Source.ONLINE).order_by()
    offline = Lead.objects.for_user(user).standing().filter(round=round, source=Source.OFFLINE)
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


def _tell_rows(line: Line, round: Round, feeds: list[Feed], rows: dict, qualifying: dict) -> None:
    counts = rows.get(line.kind.code)
    if counts is None:
        return
    opened = [feed for feed in feeds if feed.opens]
    many = f"{reverse('screening:feed-list')}?round={round.uuid}" if opened else ""
    address = (
        reverse("screening:feed-detail", args=[feeds[0].uuid]) if len(opened) == len(feeds) == 1 else many
    )
    line.read = Number(counts["read"], address)
    line.matched = Number(counts["matched"], address)
    for name in ("refused", "set_aside"):
        shown = f"{address}?status={name}#rows" if address != many else many
        setattr(line, name, Number(counts[name], shown if counts[name] else ""))
    if line.clause:
        line.qualifying = Number(qualifying.get(line.kind.code, 0))


def _tell_households(line: Line, round: Round, rule: Rule, result: dict, user) -> None:
    for name, key, group in (
        ("found", "found", "all"),
        ("registered", "registered", "registered"),
        ("above_line", "above_line_left_out", "above_line"),
    ):
        n = result[key]
        setattr(line, name, Number(n, found_url(round, rule, group) if n else ""))


def found_url(round: Round, rule: Rule, group: str) -> str:
    return f"{reverse('screening:round-found', args=[round.uuid])}?rule={rule.code}&group={group}"


def _tell_leads(line: Line, round: Round, rule: Rule, counts: tuple[int, int], user) -> None:
    leads, both = counts
    address = f"{reverse('screening:lead-list')}?round={round.uuid}&risk={rule.subcriterion.code}"
    line.leads = Number(leads, address if leads else "")
    board = reverse("screening:candidate-board", args=[round.uuid])
    sees = round.compared_at and user.may("candidate.view") and user.acting.county_code == round.county_id
    line.both = Number(both, board if both and sees else "")
