"""Who receives social assistance, by the civil department's newest list: shown with the household, and what
measures are set against. No rule reads it."""

import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from fangpin.common.actor import Actor
from households.models import Household
from households.panels import Panel, register
from screening.criteria.assistance import ASSISTANCE
from screening.models import Feed, FeedRow, FeedState, RowStatus


def newest_lists() -> QuerySet[Feed]:
    """Of each county the accepted list of its latest round that has one."""
    accepted = Feed.objects.filter(kind=ASSISTANCE.code, state=FeedState.MATCHED)
    later = Q(round__year__gt=OuterRef("round__year")) | Q(
        round__year=OuterRef("round__year"), round__quarter__gt=OuterRef("round__quarter")
    )
    return accepted.filter(~Exists(accepted.filter(later, round__county=OuterRef("round__county"))))


def listed(households) -> QuerySet[FeedRow]:
    """Rows of the newest lists about `households` (objects, ids or a QuerySet that is already in scope):
    `word` is the kind of assistance, `on_date` its first day, `amount` the month's standard or the sum paid,
    fen."""
    return FeedRow.objects.filter(
        feed__in=newest_lists(), status=RowStatus.MATCHED, household__in=households
    ).defer("data")


def receiving(households, on: datetime.date) -> QuerySet[FeedRow]:
    """Those of `listed` that had begun on that day. 临时救助 is paid once: its first day is the day it was
    given."""
    return listed(households).filter(on_date__lte=on)


def panel(household: Household, _user: Actor) -> dict:
    """What the household's people receive, and of which quarter the list is; the household was fetched in
    scope."""
    newest = newest_lists().filter(round__county=household.county_id).select_related("round").first()
    rows = list(listed([household.pk]).select_related("member").order_by("on_date", "row_no"))
    return {"rows": rows, "list": newest, "note": f"{len(rows)} 项" if rows else ""}


register(Panel("社会救助待遇", 25, "household.view", "screening/feeds/_household_assistance.html", panel))
