"""跟踪管理 (Art. 9): whom I follow, what is due, a visit, its papers."""

import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from fangpin.accounts.decorators import needs
from fangpin.accounts.roles import Role
from fangpin.common import private_files
from fangpin.common.downloads import attachment
from fangpin.common.paging import page
from households.models import Case, Household
from measures import visits
from measures.models import Visit, VisitPhoto
from measures.refusals import Refused
from measures.visit_forms import FollowFilter, VisitFilter, VisitForm
from screening import cases, criteria
from screening.todo import forget_badge

PHRASES = (
    "家里一切都好",
    "药费减轻了，还在吃药",
    "房子修好了，住得踏实",
    "还没有找到活",
    "孩子已返校",
    "收成比去年好",
)


@needs("visit.view")
def follow_list(request: HttpRequest) -> HttpResponse:
    """Cases with their last visit; for followers their own, what is due first."""
    user = request.user
    form = FollowFilter(request.GET, user=user)
    found = form.narrow(Case.objects.for_user(user))
    shown = page(
        request,
        cases.with_all(visits.with_last(found)),
        ("household__village_id", "household_id", "id"),
        counted=found,
    )
    days, today = visits.interval(user), timezone.localdate()
    for case in shown:
        cases.dress(case)
        since = case.last_visit or case.followed_since
        case.next_visit = since + datetime.timedelta(days=days) if days else None
        case.days_since = (today - case.last_visit).days if case.last_visit else None
        case.is_late = case.next_visit is not None and case.next_visit < today
    context = {
        "page": shown,
        "form": form,
        "clear_url": reverse("measures:follow-list"),
        "figures": _figures(user, days),
        "may_visit": user.may("visit.make"),
        "may_assign": user.may("follower.assign"),
        "may_export": user.may("visit.export") and bool(shown.rows),
        "days": days,
    }
    return render(request, "measures/follow_list.html", context)


def _figures(user, days: int | None) -> list[dict]:
    own = Case.objects.for_user(user)
    address = reverse("measures:follow-list")
    figures = [
        {"number": own.open().count(), "label": "正在跟踪", "unit": "户", "url": address},
        {
            "number": visits.overdue(own, days).count(),
            "label": "走访超期",
            "unit": "户",
            "url": f"{address}?which=late",
        },
    ]
    if user.acting.role in (Role.TOWNSHIP, Role.OFFICE, Role.DIRECTOR):
        from households.followers import without_follower

        missing = without_follower(own).count()
        figures.append(
            {"number": missing, "label": "没有跟踪责任人", "unit": "户", "url": f"{address}?which=missing"}
        )
        figures.append(
            {
                "number": visits.villages_without_team(user),
                "label": "有边缘户、没有工作队员的村",
                "unit": "个",
            }
        )
    return figures


# ---- A visit ----
@needs("visit.make")
@require_http_methods(["GET", "POST"])
def visit_new(request: HttpRequest, uuid) -> HttpResponse:
    found = Household.objects.for_user(request.user).standing().select_related("village__parent", "hamlet")
    home = get_object_or_404(found, uuid=uuid)
    case = visits.open_case(home)
    if not visits.may_visit(home, case, request.user):
        messages.error(request, "这户不由您跟踪，也不在您可以代为走访的范围。")
        return redirect("measures:follow-list")
    form = VisitForm(
        request.POST or None, request.FILES or None, household=home, case=case, user=request.user
    )
    if request.method == "POST" and form.is_valid():
        try:
            photos = [file.read() for file in request.FILES.getlist("photos")]
            visit = visits.record(home, by=request.user, photos=photos, **form.told())
            messages.success(request, f"{home}的走访已登记。")
            forget_badge(request.user)
            return redirect("measures:visit-detail", visit.uuid)
        except Refused as error:
            form.add_error(None, error.message)
    last = Visit.objects.for_user(request.user).standing().filter(household=home).select_related("by").first()
    context = {"household": home, "case": case, "form": form, "last": last, "phrases": PHRASES}
    return render(request, "measures/visit_new.html", context, status=422 if form.errors else 200)


def _with_all(found):
    return found.select_related(
        "household__village__parent", "household__hamlet", "case", "by"
    ).prefetch_related("risks__risk", "measures__measure__type")


def _dress(shown) -> None:
    for visit in shown:
        visit.secured_words = [
            f"{label}{'有' if visit.secured.get(code) else '没有'}保障"
            for code, label in visits.GUARANTEES.items()
            if code in visit.secured
        ]
        visit.typed_for = visit.by.name not in visit.visitors
        visit.seen = [
            (criteria.subcriteria()[each.risk.subcriterion].tag, each.get_seen_display(), each.words)
            for each in visit.risks.all()
        ]


@needs("visit.view")
def visit_list(request: HttpRequest) -> HttpResponse:
    form = VisitFilter(request.GET, user=request.user)
    found = form.narrow(Visit.objects.for_user(request.user).standing())
    shown = page(request, _with_all(found), ("-on", "-id"), counted=found)
    _dress(shown)
    context = {
        "page": shown,
        "form": form,
        "clear_url": reverse("measures:visit-list"),
        "may_export": request.user.may("visit.export") and bool(shown.rows),
    }
    return render(request, "measures/visit_list.html", context)


@needs("visit.view")
def visit_detail(request: HttpRequest, uuid) -> HttpResponse:
    """F14 走访记录, also as a page of the village diary."""
    visit = get_object_or_404(_with_all(Visit.objects.for_user(request.user)), uuid=uuid)
    _dress([visit])
    own = visit.by_id == request.user.pk or request.user.acting.role == Role.OFFICE
    context = {
        "visit": visit,
        "household": visit.household,
        "photos": VisitPhoto.objects.for_user(request.user).filter(visit=visit),
        "may_withdraw": own and visit.withdrawn_at is None and request.user.may("visit.view"),
    }
    return render(request, "measures/visit_detail.html", context)


@needs("visit.view")
@require_POST
def visit_withdraw(request: HttpRequest, uuid) -> HttpResponse:
    visit = get_object_or_404(Visit.objects.for_user(request.user), uuid=uuid)
    try:
        visits.withdraw(visit, by=request.user, reason=request.POST.get("reason", ""))
        messages.success(request, "这次走访已作废。")
    except Refused as error:
        messages.error(request, error.message)
    return redirect("measures:visit-detail", uuid)


@needs("visit.view")
def visit_photo(request: HttpRequest, uuid) -> HttpResponse:
    photo = get_object_or_404(VisitPhoto.objects.for_user(request.user), uuid=uuid)
    return attachment(private_files.load(photo.stored_name), f"走访照片{photo.pk}.jpg", "image/jpeg")
