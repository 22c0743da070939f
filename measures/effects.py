"""What follows from the states of measures: the state of their order line, whether a case has had all its
help, the household's lamp."""

from collections import defaultdict
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable
from django.utils import timezone

from fangpin.common.transitions import move
from households.models import Case, Risk, RiskState
from measures.models import LineState, Measure, MeasureState, OrderLine
from screening.lamps import colours as lamps

_MOVES = {
    LineState.ACCEPTED: "become_unplanned",
    LineState.PLANNED: "become_planned",
    LineState.FILED: "become_filed",
    LineState.IN_PROGRESS: "become_in_progress",
    LineState.DONE: "become_done",
}
_WAITING = (MeasureState.PLANNED, MeasureState.SENT_BACK)
_BEGUN = (MeasureState.STARTED, MeasureState.DELIVERED)


def update_dependents(measures: QuerySet[Measure]) -> None:
    """Updates the lines, cases and lamps of these measures; a constant number of statements."""
    rows = list(measures.values_list("line", "case", "household", "household__county"))
    update_lines({line for line, *_ in rows if line})
    update_helped_since({case for _, case, *_ in rows if case})
    homes = defaultdict(set)
    for _, case, household, county in rows:
        if case:
            homes[county].add(household)
    for county, households in homes.items():
        lamps.recompute_lamps(county, households=households)


def update_lines(lines: set[int]) -> None:
    """A line is as far as its measures: waiting for filing, filed, begun, delivered; without one it waits for
    a measure."""
    if not lines:
        return
    not_cancelled = Q(measures__isnull=False) & ~Q(measures__state=MeasureState.CANCELLED)
    counted = OrderLine.objects.filter(pk__in=lines, state__in=_MOVES).annotate(
        all=Count("measures", filter=not_cancelled),
        waiting=Count("measures", filter=Q(measures__state__in=_WAITING)),
        begun=Count("measures", filter=Q(measures__state__in=_BEGUN)),
        delivered=Count("measures", filter=Q(measures__state=MeasureState.DELIVERED)),
    )
    moving = defaultdict(list)
    for line in counted:
        if line.state != (becomes := _as_far_as(line)):
            moving[becomes].append(line.pk)
    for state, keys in sorted(moving.items()):
        move(OrderLine.objects.filter(pk__in=keys), _MOVES[LineState(state)], by=None, opinion="随举措办理")


def _as_far_as(line: Any) -> LineState:
    """The state of a line that is annotated with the counts of its measures."""
    if not line.all:
        return LineState.ACCEPTED
    if line.delivered == line.all:
        return LineState.DONE
    if line.begun:
        return LineState.IN_PROGRESS
    return LineState.PLANNED if line.waiting else LineState.FILED


def helped() -> Combinable | Q:
    """Of cases: something was delivered, nothing is outstanding, and every open risk has had its help or was
    settled."""
    own = Measure.objects.filter(case=OuterRef("pk"))
    delivered = Measure.objects.filter(risk=OuterRef("pk"), state=MeasureState.DELIVERED)
    settled = OrderLine.objects.filter(risk=OuterRef("pk"), state=LineState.CLOSED)
    bare = Risk.objects.filter(case=OuterRef("pk"), state=RiskState.OPEN).filter(
        ~Exists(delivered), ~Exists(settled)
    )
    return (
        Exists(own.filter(state=MeasureState.DELIVERED))
        & ~Exists(own.filter(state__in=Measure.OUTSTANDING))
        & ~Exists(bare)
    )


def update_helped_since(cases: set[int]) -> None:
    """`helped_since` of open cases: set where all their help has come, taken away where it has not."""
    if not cases:
        return
    open_cases = Case.objects.filter(pk__in=cases).open()
    ready = list(open_cases.filter(helped()).values_list("pk", "helped_since"))
    now = [pk for pk, since in ready if since is None]
    if now:
        Case.objects.filter(pk__in=now).update(helped_since=timezone.localdate())
    open_cases.exclude(pk__in=[pk for pk, _ in ready]).exclude(helped_since=None).update(helped_since=None)
