"""Lists that come before the round begins (roles.md: monthly, or early): they are kept and checked for it,
swept when it has begun, and matched anew against the registry of that day."""

import datetime

from django.db import IntegrityError, transaction
from django.db.models import Case, QuerySet, When
from django.utils import timezone

from fangpin.accounts.models import Division
from fangpin.common import audit, database
from fangpin.common.refusals import Refused
from fangpin.common.transitions import born
from fangpin.policy.services import NoPolicy, in_force
from screening import criteria
from screening.feeds import matching
from screening.models import Feed, FeedState, Round, RoundState, RowSettlement
from screening.quarters import Quarter


class EarlyRefused(Refused):
    """No list can come early to that quarter."""


def taking_lists(user) -> QuerySet[Round]:
    """Rounds of the county as who delivers sees them: those that have begun first, the newest first; then
    those that only take early lists."""
    if not user.may("feed.view"):
        return Round.objects.none()
    begun = Round.objects.for_user(user)
    announced = Round.objects.filter(state=RoundState.ANNOUNCED).in_scope(user.acting)
    last = Case(When(state=RoundState.ANNOUNCED, then=1), default=0)
    return (begun | announced).order_by(last, "-year", "-quarter")


def quarters(user, today: datetime.date | None = None) -> list[Quarter]:
    """Quarters for which a list may be brought early: the present one while its round has not begun, and the
    next."""
    if not user.may("feed.deliver"):
        return []
    present = Quarter.of(today or timezone.localdate())
    begun = set(Round.objects.for_user(user).values_list("year", "quarter"))
    return [q for q in (present, present.next) if (q.year, q.number) not in begun]


def announce(county: Division, quarter: Quarter, *, by) -> Round:
    """The round that takes early lists of `quarter`, made where there is none yet; the same for everybody.
    Raises EarlyRefused where the quarter takes none."""
    if not by.may("feed.deliver") or by.acting.county_code != county.code:
        raise EarlyRefused("您当前的岗位不能报送这个县的部门数据。")
    if quarter not in quarters(by):
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
            born([round], by=by, name="announce")
            audit.record(by, "round_announce", round, quarter=str(quarter))
    except IntegrityError:
        return Round.objects.get(**same)  # somebody else's list was there first
    return round


def taken_in(round: Round) -> int:
    """The round begins: the lists that are there are matched against the registry of today. Returns how
    many."""
    feeds = list(Feed.objects.filter(round=round, state=FeedState.MATCHED))
    if feeds:
        _follow_moves(round)
        _let_go(round, [feed.pk for feed in feeds if not _keeps_who_left(feed.kind)])
        matching.match_again(round)
        matching.recount(round)
    return len(feeds)


def _keeps_who_left(kind: str) -> bool:
    """Whether a rule of the kind reads rows by itself, as those of somebody who has left since."""
    return any(rule.rows_of for rule in criteria.rules().values() if rule.kind.code == kind)


def _follow_moves(round: Round) -> None:
    """People who stand in another household by now take their rows with them."""
    database.run(
        "UPDATE screening_feedrow AS t SET household_id = m.household_id, division_id = h.village_id "
        "FROM households_member m JOIN households_household h ON h.id = m.household_id "
        "WHERE t.feed_id IN (SELECT id FROM screening_feed WHERE round_id = %s AND state = 'matched') "
        "AND t.status = 'matched' AND t.member_id = m.id AND m.removed_on IS NULL "
        "AND t.household_id <> m.household_id",
        [round.pk],
    )


def _let_go(round: Round, feeds: list[int]) -> None:
    """People who are in the registry no longer: their rows wait to be looked up."""
    if not feeds:
        return
    gone = RowSettlement.objects.filter(feed__in=feeds, member__removed_on__isnull=False)
    gone.delete()  # who has left is asked about again
    marks = ", ".join(["%s"] * len(feeds))
    database.run(
        "UPDATE screening_feedrow SET status = 'set_aside', code = 'match_none', message = %s, member_id = "
        "NULL, "
        f"household_id = NULL WHERE feed_id IN ({marks}) AND status = 'matched' AND member_id IN "
        "(SELECT m.id FROM households_member m WHERE m.removed_on IS NOT NULL)",
        [matching.MESSAGES["match_none"], *feeds],
    )
