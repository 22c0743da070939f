"""Lists that come before the round begins (roles.md: monthly, or early): they are kept and checked for it,
swept when it has begun, and matched anew against the registry of that day."""

import datetime

from django.db import IntegrityError, transaction
from django.db.models import Case, F, OuterRef, QuerySet, Subquery, When
from django.utils import timezone

from fangpin.accounts.models import Division
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import write_first_records
from fangpin.policy.services import NoPolicy, in_force
from households.models import Member
from screening import criteria
from screening.feeds import matching
from screening.models import Feed, FeedRow, FeedState, Round, RoundState, RowSettlement, RowStatus
from screening.quarters import Quarter


class EarlyRefused(Refused):
    """No list can come early to that quarter."""


def rounds_for_lists(user: Actor) -> QuerySet[Round]:
    """Rounds of the county as those who deliver see them: those that have begun first, the newest first; then
    those that only take early lists."""
    if not user.may("feed.view"):
        return Round.objects.none()
    begun = Round.objects.for_user(user)
    announced = Round.objects.filter(state=RoundState.ANNOUNCED).in_scope(user.duty)
    last = Case(When(state=RoundState.ANNOUNCED, then=1), default=0)
    return (begun | announced).order_by(last, "-year", "-quarter")


def early_quarters(user: Actor, today: datetime.date | None = None) -> list[Quarter]:
    """Quarters for which a list may be brought early: the present one while its round has not begun, and the
    next."""
    if not user.may("feed.deliver"):
        return []
    present = Quarter.of(today or timezone.localdate())
    begun = set(Round.objects.for_user(user).values_list("year", "quarter"))
    return [q for q in (present, present.next) if (q.year, q.number) not in begun]


def announce_round(county: Division, quarter: Quarter, *, by: Actor) -> Round:
    """The round that takes early lists of `quarter`, made where there is none yet; the same for everybody.
    Raises EarlyRefused where the quarter takes none."""
    if not by.may("feed.deliver") or by.duty.county_code != county.code:
        raise EarlyRefused("您当前的岗位不能报送这个县的部门数据。")
    if quarter not in early_quarters(by):
        raise EarlyRefused(f"{quarter.label}不能提前报送：只能为本季度（还没有开启时）或下一季度提前报送。")
    try:
        policy = in_force(county, quarter.last_day)
    except NoPolicy as error:
        raise EarlyRefused(error.message) from error
    same = {"county": county, "year": quarter.year, "quarter": quarter.number}
    try:
        with transaction.atomic():
            round = Round.objects.create(
                **same, state=RoundState.ANNOUNCED, policy=policy.snapshot(), opened_at=None
            )
            write_first_records([round], by=by, name="announce")
            audit.record(by, "round_announce", round, quarter=str(quarter))
    except IntegrityError:
        return Round.objects.get(**same)  # somebody else's list was there first
    return round


def match_early_lists(round: Round) -> int:
    """The round begins: the lists that are there are matched against the registry of today. Returns how
    many."""
    feeds = Feed.objects.filter(round=round, state=FeedState.MATCHED)
    keys = {feed.pk: feed.kind for feed in feeds}
    if keys:
        rows = FeedRow.objects.filter(status=RowStatus.MATCHED)
        _move_rows_with_members(rows.filter(feed__in=list(keys)))
        _set_leavers_aside(rows, [pk for pk, kind in keys.items() if not _keeps_who_left(kind)])
        matching.match_again(round)
        matching.recount(feeds)
    return len(keys)


def _keeps_who_left(kind: str) -> bool:
    """Whether a rule of the kind reads rows by itself, as those of somebody who has left since."""
    return any(rule.rows_of for rule in criteria.rules().values() if rule.kind.code == kind)


def _move_rows_with_members(rows: QuerySet[FeedRow]) -> None:
    """The rows of people who are in another household by now go there with them."""
    theirs = Member.objects.filter(pk=OuterRef("member_id"))
    moved = rows.filter(member__removed_on=None, household__isnull=False)
    moved.exclude(household=F("member__household")).update(
        household=Subquery(theirs.values("household")),
        division=Subquery(theirs.values("household__village")),
    )


def _set_leavers_aside(rows: QuerySet[FeedRow], feeds: list[int]) -> None:
    """People who are in the registry no longer: their rows wait to be looked up."""
    if not feeds:
        return
    # Who has left is asked about again.
    RowSettlement.objects.filter(feed__in=feeds, member__removed_on__isnull=False).delete()
    rows.filter(feed__in=feeds, member__removed_on__isnull=False).update(
        status=RowStatus.SET_ASIDE,
        code="match_none",
        message=matching.MESSAGES["match_none"],
        member=None,
        household=None,
    )
