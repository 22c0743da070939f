"""走访 (Art. 9): recorded at the door, listed, one by one, on paper (F14, 驻村日志), withdrawn."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.accounts.roles import Role
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.files import private_files
from fangpin.common.refusals import Refused
from fangpin.common.web.downloads import attachment
from fangpin.common.web.paging import page
from fangpin.common.web.refusals import refusals_as_messages
from households.models import Household
from measures.models import Visit, VisitPhoto
from measures.visits import lists, visits
from measures.visits.forms import PHRASES, PapersFilter, VisitFilter, VisitForm
from screening.field import pages as fieldwork


@needs("visit.make")
@require_http_methods(["GET", "POST"])
def visit_new(request: HttpRequest, uuid) -> HttpResponse:
    households = (
        Household.objects.for_user(request.user).current().select_related("village__parent", "hamlet")
    )
    home = get_object_or_404(households, uuid=uuid)
    case = visits.open_case(home)
    if not visits.may_visit(home, case, request.user):
        messages.error(request, "这户不由您跟踪，也不在您可以代为走访的范围。")
        return redirect("measures:follow-list")
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = VisitForm(*sent, household=home, case=case, user=request.user)
    if form.is_bound and form.is_valid():
        try:
            visit = visits.record_visit(home, by=request.user, **form.visit_values())
            messages.success(request, f"{home}的走访已登记。")
            forget_badge(request.user)
            return redirect("measures:visit-detail", visit.uuid)
        except Refused as error:
            form.add_error(None, error.message)
    own = lists.with_all(Visit.objects.for_user(request.user).not_withdrawn().filter(household=home))
    last = own.first()
    context = {
        "household": home,
        "case": case,
        "form": form,
        "last": lists.visit_row(last) if last else None,
        "phrases": PHRASES,
        "entry_url": _entry_url(request.user, home),
    }
    return render(request, "measures/visits/visit_new.html", context, status=422 if form.errors else 200)


def _entry_url(user: Actor, home: Household) -> str:
    """Where the village reports a new risk by the questionnaire, while a round is open."""
    if not user.may("field.enter"):
        return ""
    round = fieldwork.newest_round(user)
    if round is None or not round.is_sweepable:
        return ""
    return reverse("screening:entry-new", args=[round.uuid, home.uuid])


@needs("visit.view")
def visit_list(request: HttpRequest) -> HttpResponse:
    form = VisitFilter(request.GET, user=request.user)
    chosen = form.narrow(Visit.objects.for_user(request.user).not_withdrawn())
    shown = page(request, lists.with_all(chosen), ("-on", "-id"), counted=chosen)
    shown.rows = [lists.visit_row(visit) for visit in shown.rows]
    context = {
        "page": shown,
        "form": form,
        "clear_url": reverse("measures:visit-list"),
        "may_export": request.user.may("visit.export") and bool(shown.rows),
    }
    return render(request, "measures/visits/visit_list.html", context)


@needs("visit.view")
def visit_detail(request: HttpRequest, uuid) -> HttpResponse:
    """F14 走访记录, also as a page of the village diary."""
    visit = get_object_or_404(lists.with_all(Visit.objects.for_user(request.user)), uuid=uuid)
    _audit_view(request.user, visit)
    context = {
        "row": lists.visit_row(visit),
        "visit": visit,
        "household": visit.household,
        "photos": visit.photos.all(),
        "may_withdraw": visits.may_withdraw(visit, request.user),
        "line": visits.income_line(request.user, visit.on),
        "entry_url": _entry_url(request.user, visit.household) if visit.has_new_risk else "",
    }
    return render(request, "measures/visits/visit_detail.html", context)


def _audit_view(user: Actor, visit: Visit) -> None:
    """Every look of an auditor is kept."""
    if user.acting.role == Role.AUDITOR:
        audit.record(user, "household_view", visit.household, visit=visit.pk)


@needs("visit.view")
def visit_papers(request: HttpRequest) -> HttpResponse:
    """F14 of a village and a month, a page each, or in one table as its diary."""
    user = request.user
    form = PapersFilter(request.GET, user=user)
    village = form.village(user)
    chosen = form.narrow(Visit.objects.for_user(user).not_withdrawn(), village)
    shown = list(lists.with_all(chosen).order_by("on", "id")[: form.MOST + 1])
    if shown and user.acting.role == Role.AUDITOR:
        audit.record_each(user, "household_view", Household, {visit.household_id: {} for visit in shown})
    month = form.cleaned_data.get("month")
    context = {
        "line": visits.income_line(user, month) if month else None,
        "form": form,
        "village": village,
        "rows": [lists.visit_row(visit) for visit in shown[: form.MOST]],
        "more": len(shown) > form.MOST,
        "most": form.MOST,
        "month": month,
        "is_diary": form.cleaned_data.get("sheet") == "diary",
    }
    return render(request, "measures/visits/visit_papers.html", context)


@needs("visit.view")
@require_POST
def visit_withdraw(request: HttpRequest, uuid) -> HttpResponse:
    visit = get_object_or_404(Visit.objects.for_user(request.user), uuid=uuid)
    with refusals_as_messages(request):
        visits.withdraw_visit(visit, by=request.user, reason=request.POST.get("reason", ""))
        messages.success(request, "这次走访已作废。")
    return redirect("measures:visit-detail", uuid)


@needs("visit.view")
def visit_photo(request: HttpRequest, uuid) -> HttpResponse:
    photos = VisitPhoto.objects.for_user(request.user).select_related("visit__household")
    photo = get_object_or_404(photos, uuid=uuid)
    _audit_view(request.user, photo.visit)
    return attachment(private_files.load(photo.stored_name), f"走访照片{photo.pk}.jpg", "image/jpeg")
