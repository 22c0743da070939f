"""Who has to deliver which list of a round, and how far it is: due day, accepted list, pending ones."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from fangpin.accounts.models import Department
from fangpin.common.actor import Actor
from fangpin.common.models import Job, StatusRecord
from fangpin.common.transitions import history
from screening import criteria
from screening.criteria.base import FeedKind
from screening.models import Feed, FeedState, Round


@dataclass(frozen=True)
class Delivery:
    """One list that a department owes a round: the accepted one, and a later one that is still under way."""

    kind: FeedKind
    department: Department
    accepted: Feed | None = None
    pending: Feed | None = None

    @property
    def latest(self) -> Feed | None:
        return self.pending or self.accepted


def deliveries(round: Round, user: Actor) -> list[Delivery]:
    """Lists of the whole county; for a department's officer those of his own department."""
    own = user.acting.department_id
    owed = [
        line
        for line in owed_lists(round)
        if line["department"] is not None and own in (None, line["department"].pk)
    ]
    pending = _pending(round, user)
    lines = []
    for line in owed:
        accepted, later = line["feed"], pending.get((line["kind"].code, line["department"].pk))
        if later is not None and accepted is not None and later.pk < accepted.pk:
            later = None
        lines.append(Delivery(line["kind"], line["department"], accepted, later))
    return lines


def _pending(round: Round, user: Actor) -> dict[tuple[str, int], Feed]:
    feeds = Feed.objects.for_user(user).filter(round=round, state__in=[*Feed.PENDING, FeedState.REFUSED])
    latest: dict[tuple[str, int], Feed] = {}
    for feed in feeds.select_related("department", "by").order_by("pk"):
        known = latest.get(key := (feed.kind, feed.department_id))
        # One given back as a whole does not hide the one that still waits for its department.
        if known is None or feed.state != FeedState.REFUSED or known.state == FeedState.REFUSED:
            latest[key] = feed
    return latest


def delivered_counts(shown: Iterable[Round], user: Actor) -> dict[int, int]:
    """Round → how many of the owed lists are there."""
    feeds = Feed.objects.filter(
        round__in=list(shown), state=FeedState.MATCHED, kind__in=criteria.feed_kinds()
    )
    if user.acting.department_id:
        feeds = feeds.filter(department=user.acting.department_id)
    return dict(feeds.order_by().values_list("round").annotate(Count("pk")))


def count_owed(user: Actor) -> int:
    """How many lists a county's departments owe a round; for an officer his own department."""
    own = user.acting.department.code if user.acting.department_id else None
    return sum(own in (None, code) for kind in criteria.feed_kinds().values() for code in kind.departments)


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


def check_run(feed: Feed) -> Job | None:
    """The latest run that reads and checks the file."""
    return Job.objects.filter(key=f"check_feed:{feed.pk}").select_related("by").order_by("-pk").first()


def shrinks(feed: Feed, earlier: Feed | None) -> bool:
    """Whether `feed` has less than half the rows of the list that it would replace: then somebody has
    probably sent the mended rows alone."""
    return earlier is not None and feed.rows_read * 2 < earlier.rows_read


def accepted_feed(feed: Feed, user: Actor) -> Feed | None:
    """The accepted list that `feed` would replace."""
    same = Feed.objects.for_user(user).filter(
        round=feed.round_id, kind=feed.kind, department=feed.department_id, state=FeedState.MATCHED
    )
    return same.select_related("by").first()


def deliveries_of(feed: Feed, user: Actor) -> list[Feed]:
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


def owed_lists(round: Round) -> list[dict]:
    """Every list that a department owes a round, with the accepted feed or None: who has not delivered."""
    accepted = {
        (feed.kind, feed.department.code): feed
        for feed in Feed.objects.filter(round=round, state=FeedState.MATCHED).select_related(
            "department", "by"
        )
    }
    departments = {d.code: d for d in Department.objects.filter(county_id=round.county_id)}
    return [
        {"kind": kind, "department": departments.get(code), "feed": accepted.get((kind.code, code))}
        for kind in criteria.feed_kinds().values()
        for code in kind.departments
    ]
