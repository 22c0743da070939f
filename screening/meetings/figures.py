"""Figures of meetings: of each on the list, and by township on the page of one."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, Sum
from django.db.models.functions import Substr

from fangpin.accounts.models import Division
from households.codelists import Category
from screening.models import AgendaItem, Decision, Meeting, MeetingState

NOTHING = {"all": 0, "approved": 0, "declined": 0, "deferred": 0, "undecided": 0, "contested": 0}


@dataclass(frozen=True)
class MeetingRow:
    """A meeting with the households of its agenda by decision."""

    meeting: Meeting
    figures: dict[str, int]


def meeting_rows(meetings: Iterable[Meeting]) -> list[MeetingRow]:
    """In one statement more than `meetings`, none where there is no meeting."""
    shown = list(meetings)
    counts = (
        AgendaItem.objects.filter(meeting__in=shown).order_by().values("meeting").annotate(**_by_decision())
    )
    by_meeting = {row["meeting"]: row | {"all": row["total"]} for row in counts}
    return [MeetingRow(meeting, by_meeting.get(meeting.pk, NOTHING)) for meeting in shown]


def _by_decision() -> dict:
    figures = {decision: Count("pk", filter=Q(decision=decision)) for decision in Decision.values}
    return figures | {
        "total": Count("pk"),
        "undecided": Count("pk", filter=Q(decision="")),
        "contested": Count("pk", filter=Q(contested=True)),
    }


@dataclass(frozen=True)
class TownshipRow:
    place: Division
    figures: dict[str, int]


def by_township(meeting: Meeting) -> list[TownshipRow]:
    """Households, people, categories and decisions of each township of the agenda."""
    figures = {
        **_by_decision(),
        "people": Sum("candidate__household__size", default=0),
        **{category: Count("pk", filter=Q(candidate__category=category)) for category in Category.values},
    }
    rows = {
        row["place"]: row
        for row in AgendaItem.objects.filter(meeting=meeting)
        .annotate(place=Substr("candidate__household__village_id", 1, 9))
        .order_by()
        .values("place")
        .annotate(**figures)
    }
    places = Division.objects.filter(code__in=[f"{place}000" for place in rows]).order_by("code")
    return [TownshipRow(place, rows[place.code[:9]]) for place in places]


def last_signed(meeting: Meeting) -> Meeting | None:
    """The county's latest signed meeting before this one, with `approved`: what was new last time."""
    earlier = Meeting.objects.filter(round__county=meeting.round.county_id, state=MeetingState.SIGNED)
    approved = Count("items", filter=Q(items__decision=Decision.APPROVED))
    earlier = earlier.exclude(pk=meeting.pk).filter(planned_for__lte=meeting.planned_for)
    return earlier.annotate(approved=approved).order_by("-planned_for", "-pk").first()
