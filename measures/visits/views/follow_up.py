"""跟踪管理 (Art. 9): whom I follow and what is due; township and county see where somebody or something is
missing."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from fangpin.accounts.decorators import needs
from fangpin.accounts.models import Division
from fangpin.accounts.roles import Role
from fangpin.common.actor import Actor
from fangpin.common.web.paging import page
from households.followers import without_follower
from households.forms import AreaFilter
from households.models import Case, Follower
from measures.models import Measure
from measures.planning import lists as measure_lists
from measures.visits import follow_up
from measures.visits.forms import FollowUpFilter
from screening import criteria
from screening.cases import lists as cases
from screening.lamps.board import path_to

ABOVE = (Role.TOWNSHIP, Role.OFFICE, Role.DIRECTOR, Role.AUDITOR)


@needs("visit.view")
def follow_up_list(request: HttpRequest) -> HttpResponse:
    """Cases with their last visit, who waits longest first."""
    user = request.user
    form = FollowUpFilter(request.GET, user=user)
    chosen = form.narrow(Case.objects.for_user(user))
    shown = page(request, cases.with_all(follow_up.with_last(chosen)), ("seen_from", "id"), counted=chosen)
    days = follow_up.interval(user)
    shown.rows = _rows(shown.rows, user, days)
    context = {
        "page": shown,
        "form": form,
        "clear_url": reverse("measures:follow-list"),
        "figures": _figures(user, days),
        "lifted": _lifted(user),
        "may_visit": user.may("visit.make"),
        "may_assign": user.may("follower.assign"),
        "may_export": user.may("visit.export") and bool(shown.rows),
        "sees_places": user.acting.role in ABOVE,
        "days": days,
    }
    return render(request, "measures/visits/follow_list.html", context)


@dataclass(frozen=True)
class FollowUpRow:
    """A case that is followed: its risks' tags, what was seen last, what has not arrived, the next visit."""

    case: Case
    tags: Sequence[str]
    follower: Follower | None
    seen: Sequence[str]
    coming: Sequence[Measure]
    next_visit: datetime.date | None
    days_since: int | None
    is_late: bool


def _rows(shown: Sequence[Case], user: Actor, days: int | None) -> list[FollowUpRow]:
    courses = follow_up.courses(shown, user)
    return [_row(cases.case_row(case), courses[case.pk], days) for case in shown]


def _row(row: cases.CaseRow, course: follow_up.Course, days: int | None) -> FollowUpRow:
    case, today = row.case, timezone.localdate()
    next_visit = case.seen_from + datetime.timedelta(days=days) if days else None
    return FollowUpRow(
        case,
        row.tags,
        row.follower,
        [
            f"{criteria.subcriteria()[each.risk.subcriterion].tag}：{each.get_seen_display()}"
            for each in course.seen
        ],
        course.coming,
        next_visit,
        (today - case.last_visit).days if case.last_visit else None,
        next_visit is not None and next_visit < today,
    )


def _lifted(user: Actor) -> list:
    """A helper also comes to lifted households without a case."""
    if user.acting.role != Role.HELPER:
        return []
    households = follow_up.lifted_of(user).select_related("village__parent", "hamlet")
    return list(households.order_by("last_visit", "pk")[:50])


def _figures(user: Actor, days: int | None) -> list[dict]:
    own, address = Case.objects.for_user(user), reverse("measures:follow-list")

    def figure(number: int, label: str, which: str, unit: str = "户") -> dict:
        url = f"{address}?which={which}" if which else address
        return {"number": number, "label": label, "unit": unit, "url": url}

    base = follow_up.mine(user) if user.acting.role == Role.WORK_TEAM else own.open()
    figures = [
        figure(base.count(), "正在跟踪", ""),
        figure(follow_up.overdue(base, days).count(), "走访超期", "late"),
        figure(follow_up.grown_worse(base).count(), "走访时风险加重", "worse"),
    ]
    if user.acting.role in ABOVE:
        lacking = [
            figure(without_follower(own).count(), "没有跟踪责任人", "missing"),
            figure(follow_up.without_helper(own).count(), "监测户没有帮扶联系人", "unhelped"),
            figure(follow_up.villages_without_team(user), "没有工作队员的村", "teamless", "个"),
        ]
        figures += [each for each in lacking if each["number"]]
    return figures


@needs("visit.view")
def follow_up_places(request: HttpRequest) -> HttpResponse:
    """Township by township, village by village: followed, without follower, overdue, without team or
    helper."""
    user = request.user
    code = request.GET.get("place") or user.acting.division_id
    place = get_object_or_404(Division.objects.for_user(user).select_related("parent__parent"), code=code)
    rows = follow_up.by_place(user, place)
    context = {
        "place": place,
        "above": path_to(user, place),
        "rows": rows,
        "sum": follow_up.total(place, rows),
        "key": {"county": "township", "township": "village", "village": "village"}.get(place.level, ""),
        "days": follow_up.interval(user),
    }
    return render(request, "measures/visits/follow_places.html", context)


@needs("measure.view")
def unarrived_list(request: HttpRequest) -> HttpResponse:
    """走访反映没有到户: delivered by the department's word, not come by the household's."""
    user = request.user
    form = AreaFilter(request.GET, user=user)
    measures = follow_up.not_arrived(user)
    if not form.is_valid():
        measures = measures.none()
    elif area := form.area():
        measures = measures.in_area(area)
    listed = measure_lists.with_all(follow_up.with_last_answer(measures))
    shown = page(request, listed, measure_lists.ORDER, counted=measures)
    context = {
        "page": shown,
        "form": form,
        "clear_url": reverse("measures:unarrived-list"),
        "sees_visits": user.may("visit.view"),
    }
    return render(request, "measures/visits/unarrived_list.html", context)
