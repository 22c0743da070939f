"""Where a case comes from: the meeting that took it in, or the list that was taken over."""

from django.db.models import OuterRef, QuerySet

from households.models import Case
from screening.models import AgendaItem, MeetingState


def signed_before() -> QuerySet[AgendaItem]:
    """Inside a query of agenda items: what other, signed meetings said of the same candidate."""
    earlier = AgendaItem.objects.filter(candidate=OuterRef("candidate"), meeting__state=MeetingState.SIGNED)
    return earlier.exclude(meeting=OuterRef("meeting"))


def origin_of(case: Case) -> AgendaItem | None:
    """The agenda item whose approval opened the case; None for one of the look-back import."""
    return AgendaItem.objects.select_related("meeting__round").filter(case=case.pk).first()
