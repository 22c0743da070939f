"""跟踪管理 (Art. 9): whom to see and until when, what households say has not come, where somebody is
missing."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, DateField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Substr
from django.utils import timezone

from fangpin.accounts.models import Division, Duty
from fangpin.accounts.models.divisions import BELOW
from fangpin.accounts.roles import Role
from fangpin.common.actor import Actor
from fangpin.policy.services import NoPolicy, in_force
from households.codelists import Category, HouseholdStatus
from households.followers import without_follower
from households.models import Case, Follower, HelperAssignment, Household, Risk, RiskState
from measures.models import Arrived, Measure, MeasureState, Seen, Visit, VisitMeasure, VisitRisk
from screening.models import FieldEntry


# ---- What is due ----
def with_last(cases: QuerySet[Case]) -> QuerySet[Case]:
    """`last_visit`; `seen_from`, from when the interval runs: that visit, or the beginning of following."""
    visits = Visit.objects.filter(case=OuterRef("pk"), withdrawn_at=None).order_by("-on").values("on")[:1]
    follower = Follower.objects.filter(case=OuterRef("pk"), ends_on=None).values("begins_on")[:1]
    last = Subquery(visits, output_field=DateField())
    since = Coalesce(Subquery(follower, output_field=DateField()), F("identified_on"))
    return cases.annotate(last_visit=last, seen_from=Coalesce(last, since))


def interval(user: Actor, day: datetime.date | None = None) -> int | None:
    """Days between visits by policy; None without one."""
    try:
        return in_force(user.acting.division, day or timezone.localdate())["followup.visit_days"]
    except NoPolicy:
        return None


def overdue(cases: QuerySet[Case], days: int | None) -> QuerySet[Case]:
    """Open cases whose last visit lies further back than the interval."""
    if days is None:
        return cases.none()
    since = timezone.localdate() - datetime.timedelta(days=days)
    return with_last(cases.open()).filter(seen_from__lt=since)


def mine(user: Actor) -> QuerySet[Case]:
    """Open cases that this person follows."""
    return Case.objects.for_user(user).open().filter(followers__user=user.pk, followers__ends_on=None)


def not_seen_this_month(cases: QuerySet[Case]) -> QuerySet[Case]:
    month = timezone.localdate().replace(day=1)
    return cases.filter(~Exists(Visit.objects.filter(case=OuterRef("pk"), on__gte=month, withdrawn_at=None)))


def lifted_of(helper: Actor) -> QuerySet[Household]:
    """Lifted households without a case that a helper is named for, with `last_visit` (Art. 4)."""
    visits = (
        Visit.objects.filter(household=OuterRef("pk"), withdrawn_at=None).order_by("-on").values("on")[:1]
    )
    households = Household.objects.for_user(helper).current().filter(status=HouseholdStatus.LIFTED)
    open_cases = Case.objects.filter(household=OuterRef("pk")).open()
    return households.filter(~Exists(open_cases)).annotate(
        last_visit=Subquery(visits, output_field=DateField())
    )


# ---- What was seen ----
def _last_answers() -> QuerySet[VisitMeasure]:
    answers = VisitMeasure.objects.filter(measure=OuterRef("pk"), visit__withdrawn_at=None)
    return answers.order_by("-visit__on", "-pk")


def not_arrived(user: Actor) -> QuerySet[Measure]:
    """Delivered by the department's word, not come by the household's last one."""
    delivered = Measure.objects.for_user(user).filter(state=MeasureState.DELIVERED)
    return delivered.annotate(said=Subquery(_last_answers().values("arrived")[:1])).filter(said=Arrived.NO)


def with_last_answer(measures: QuerySet[Measure]) -> QuerySet[Measure]:
    """`answered_on`, `answer_words`, `answer_visit` (the visit): what the household said last."""
    last = _last_answers()
    return measures.annotate(
        answered_on=Subquery(last.values("visit__on")[:1]),
        answer_words=Subquery(last.values("words")[:1]),
        answer_visit=Subquery(last.values("visit__uuid")[:1]),
    )


def _last_seen() -> Subquery:
    seen = VisitRisk.objects.filter(risk=OuterRef("pk"), visit__withdrawn_at=None)
    return Subquery(seen.order_by("-visit__on", "-pk").values("seen")[:1])


def grown_worse(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Open cases with an open risk that was worse when last seen."""
    risks = Risk.objects.filter(state=RiskState.OPEN).annotate(now=_last_seen()).filter(now=Seen.WORSE)
    return cases.open().filter(pk__in=risks.values("case"))


def seen_gone(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Open cases each of whose open risks was gone when last seen: what a village evaluation may begin with
    (Art. 9)."""
    current = Risk.objects.filter(case=OuterRef("pk"), state__in=Risk.CURRENT).annotate(now=_last_seen())
    left = current.filter(Q(now=None) | ~Q(now=Seen.GONE))
    return cases.open().filter(Exists(Risk.objects.filter(case=OuterRef("pk"))), ~Exists(left))


def unreported(user: Actor, *, within: int = 30) -> QuerySet[Visit]:
    """Recent visits that found a new risk, without a report of the village since (Art. 7(2)1)."""
    since = timezone.localdate() - datetime.timedelta(days=within)
    entries = FieldEntry.objects.filter(household=OuterRef("household"), visited_on__gte=OuterRef("on"))
    visits = Visit.objects.for_user(user).not_withdrawn().filter(has_new_risk=True, on__gte=since)
    return visits.filter(~Exists(entries))


@dataclass(frozen=True)
class Course:
    """How a case goes on: each risk as it was seen at the last visit, and the measures that have not
    arrived."""

    seen: Sequence[VisitRisk] = ()
    coming: Sequence[Measure] = ()


def courses(cases: Sequence[Case], user: Actor) -> dict[int, Course]:
    """Case → its course; two statements for any number."""
    risks = VisitRisk.objects.filter(visit__in=_latest(cases, user)).select_related("visit", "risk")
    seen: dict[int, list[VisitRisk]] = {}
    for each in risks:
        seen.setdefault(each.visit.case_id, []).append(each)
    open_measures = Measure.objects.for_user(user).filter(case__in=[case.pk for case in cases])
    waiting = open_measures.annotate(said=Subquery(_last_answers().values("arrived")[:1])).filter(
        Q(state__in=Measure.OUTSTANDING) | Q(state=MeasureState.DELIVERED, said=Arrived.NO)
    )
    coming: dict[int, list[Measure]] = {}
    for measure in waiting.select_related("type").order_by("planned_to", "pk"):
        coming.setdefault(measure.case_id, []).append(measure)
    return {case.pk: Course(seen.get(case.pk, ()), coming.get(case.pk, ())) for case in cases}


def _latest(cases: Sequence[Case], user: Actor) -> QuerySet[Visit]:
    newest = (
        Visit.objects.filter(case=OuterRef("case"), withdrawn_at=None).order_by("-on", "-pk").values("pk")
    )
    own = Visit.objects.for_user(user).not_withdrawn().filter(case__in=[case.pk for case in cases])
    return own.filter(pk=Subquery(newest[:1])).order_by().values("pk")


# ---- Who is missing, place by place ----
def without_team(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Marginal cases in villages where no work-team member is in force (Art. 9)."""
    teams = Duty.objects.in_force().filter(role=Role.WORK_TEAM, division=OuterRef("household__village"))
    return cases.open().filter(category=Category.MARGINAL).filter(~Exists(teams))


def villages_without_team(user: Actor) -> int:
    return without_team(Case.objects.for_user(user)).values("household__village").distinct().count()


def without_helper(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Monitored households that no helper is named for."""
    today = timezone.localdate()
    named = HelperAssignment.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today), household=OuterRef("household"), begins_on__lte=today
    )
    return cases.open().filter(category=Category.MONITORED).filter(~Exists(named))


@dataclass
class PlaceRow:
    """A place with its cases: how many, without follower, visits overdue, without helper, villages without
    team."""

    place: Division
    counts: dict[str, int] = field(default_factory=dict)

    KINDS = ("open", "missing", "late", "unhelped", "teamless")

    @property
    def followed(self) -> int:
        return self.counts.get("open", 0) - self.counts.get("missing", 0)


def by_place(user: Actor, place: Division) -> list[PlaceRow]:
    """The places right below `place` that have open cases, in the order of their codes; one statement a
    figure."""
    level, digits = BELOW[place.level]
    own = Case.objects.for_user(user).in_area(place.code)
    figures = {
        "open": (own.open(), "pk"),
        "missing": (without_follower(own), "pk"),
        "late": (overdue(own, interval(user)), "pk"),
        "unhelped": (without_helper(own), "pk"),
        "teamless": (without_team(own), "household__village"),
    }
    counts: dict[str, dict[str, int]] = {}
    for kind, (cases, what) in figures.items():
        parts = cases.order_by().annotate(part=Substr("household__village_id", 1, digits)).values_list("part")
        for part, n in parts.annotate(n=Count(what, distinct=True)):
            counts.setdefault(part.ljust(12, "0"), {})[kind] = n
    places = Division.objects.filter(code__in=counts, level=level).order_by("code")
    return [PlaceRow(below, counts[below.code]) for below in places]


def total(place: Division, rows: list[PlaceRow]) -> PlaceRow:
    return PlaceRow(place, {kind: sum(row.counts.get(kind, 0) for row in rows) for kind in PlaceRow.KINDS})
