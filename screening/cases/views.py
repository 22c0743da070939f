"""防贫对象: list, one case with its time line, who follows it, and handing over in bulk (Art. 9)."""

import uuid as uuids

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.accounts.models import Division, Duty, User
from fangpin.accounts.roles import Role
from fangpin.common import audit
from fangpin.common.refusals import Refused
from fangpin.common.web.paging import page
from fangpin.common.web.refusals import refusals_as_messages
from fangpin.common.web.selection import selected
from households import followers
from households.forms import AreaFilter
from households.models import Case, Follower
from screening import criteria
from screening.cases import lists, parts
from screening.cases.origin import origin_of
from screening.cases.timeline import timeline_steps

ORDER = ("household__village_id", "household_id", "id")


@needs("household.view")
def case_list(request: HttpRequest) -> HttpResponse:
    user = request.user
    form = lists.CaseFilter(request.GET, user=user)
    cases = form.narrow(Case.objects.for_user(user))
    shown = page(request, lists.with_all(cases), ORDER, counted=cases)
    shown.rows = [lists.case_row(case) for case in shown]
    context = {
        "page": shown,
        "form": form,
        "clear_url": reverse("screening:case-list"),
        "may_export": user.may("case.export") and bool(shown.rows),
        "may_assign": user.may("follower.assign"),
        "takes_over": user.may("takeover.close"),
    }
    return render(request, "screening/cases/case_list.html", context)


def _case(request: HttpRequest, uuid) -> Case:
    return get_object_or_404(lists.with_all(Case.objects.for_user(request.user)), uuid=uuid)


@needs("household.view")
def case_detail(request: HttpRequest, uuid) -> HttpResponse:
    case = _case(request, uuid)
    if request.user.acting.role == Role.AUDITOR:
        audit.record(request.user, "household_view", case.household)
    risks, subjects = case.risks.order_by("state", "subcriterion"), criteria.subcriteria()
    assigns = request.user.may("follower.assign") and case.state in Case.OPEN
    context = {
        "case": case,
        "row": lists.case_row(case),
        "household": case.household,
        "risks": [(risk, subjects[risk.subcriterion]) for risk in risks],
        "origin": origin_of(case),
        "followers": case.followers.select_related("user").order_by("-begins_on", "-id"),
        "steps": timeline_steps(case),
        "eligible": _eligible(case) if assigns else [],
        "may_assign": assigns,
        "sees_meeting": request.user.may("meeting.view"),
        "parts": parts.parts_for(case, request.user),
    }
    return render(request, "screening/cases/case_detail.html", context)


def _eligible(case: Case) -> list[Duty]:
    """Those whose post fits the category first; each person once."""
    wanted = followers.ROLE_OF_CATEGORY[case.category]
    by_user: dict[int, Duty] = {}
    for duty in sorted(followers.eligible(case.household.village_id), key=lambda d: d.role != wanted):
        by_user.setdefault(duty.user_id, duty)
    return list(by_user.values())


@needs("follower.assign")
@require_POST
def case_follower(request: HttpRequest, uuid) -> HttpResponse:
    """Names or changes the follower of one case."""
    case = _case(request, uuid)
    chosen = Case.objects.for_user(request.user).filter(pk=case.pk)
    with refusals_as_messages(request):
        to = _person(request)
        followers.hand_over(chosen, to, by=request.user, reason=request.POST.get("reason", "") or "指定")
        messages.success(request, f"{to.name}从今天起跟踪这户。")
        forget_badge(request.user)
    return redirect("screening:case-detail", uuid=uuid)


def _person(request: HttpRequest) -> User:
    try:
        wanted = uuids.UUID(request.POST.get("to", ""))
    except ValueError as error:
        raise Refused("请选择接手的人。") from error
    person = User.objects.filter(uuid=wanted, is_active=True).first()
    if person is None:
        raise Refused("请选择接手的人。")
    return person


# ---- Handing over ----
@needs("follower.assign")
def case_hand_over(request: HttpRequest) -> HttpResponse:
    """From → to: choose village and who follows now, tick the cases, name who takes them over."""
    form = AreaFilter(request.GET, user=request.user)
    place = _village(request, form)
    open_cases = Case.objects.for_user(request.user).open()
    of_village = open_cases.in_area(place.code) if place else open_cases.none()
    old = request.GET.get("old", "")
    if request.method == "POST":
        return _hand_over(request, of_village)
    cases = lists.with_all(_with_follower(of_village, old)).order_by(*ORDER)
    shown = [lists.case_row(case) for case in cases[:300]]
    context = {
        "form": form,
        "place": place,
        "shown": shown,
        "old": old,
        "olds": _current_followers(request, of_village),
        "missing": followers.without_follower(of_village).count() if place else 0,
        "eligible": followers.eligible(place.code) if place else [],
    }
    return render(request, "screening/cases/case_hand_over.html", context)


def _village(request: HttpRequest, form: AreaFilter) -> Division | None:
    own = request.user.acting.division
    code = form.area() if form.is_valid() else ""
    villages = Division.objects.for_user(request.user).filter(code=code or own.code, level="village")
    return villages.select_related("parent").first()


def _with_follower(cases: QuerySet[Case], old: str) -> QuerySet[Case]:
    """Those that the user with uuid `old` follows now, or that nobody does ("missing")."""
    if old == "missing":
        return followers.without_follower(cases)
    if old:
        return cases.filter(followers__user__uuid=_uuid(old), followers__ends_on=None)
    return cases


def _uuid(text: str) -> uuids.UUID:
    try:
        return uuids.UUID(text)
    except ValueError as error:
        raise Http404 from error


def _current_followers(request: HttpRequest, cases: QuerySet[Case]) -> list[User]:
    current = Follower.objects.for_user(request.user).filter(case__in=cases, ends_on=None)
    return list(User.objects.filter(pk__in=current.values("user")).order_by("name"))


def _hand_over(request: HttpRequest, of_village: QuerySet[Case]) -> HttpResponse:
    with refusals_as_messages(request):
        chosen = selected(request, of_village)
        to = _person(request)
        count = followers.hand_over(
            chosen,
            to,
            by=request.user,
            reason=request.POST.get("reason", ""),
            leaving="leaving" in request.POST,
        )
        messages.success(request, f"{count} 户已移交给{to.name}，从今天起由他跟踪。")
        forget_badge(request.user)
    return redirect(request.get_full_path())
