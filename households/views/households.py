from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.context_processors import csrf
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from fangpin.accounts.decorators import needs
from fangpin.accounts.roles import Role
from fangpin.common import audit
from fangpin.common.web.paging import page
from households import lists, numbers
from households.forms import HouseholdFilter, PurposeForm
from households.models import Household, Member
from households.panels import panels_for


@needs("household.view")
def household_list(request: HttpRequest) -> HttpResponse:
    """The registry in scope; a full ID number that finds one household opens it."""
    form = HouseholdFilter(request.GET, user=request.user)
    households = lists.filtered(form, Household.objects.for_user(request.user))
    if form.is_valid() and lists.is_id_number(form.cleaned_data["q"]) and (single := lists.only(households)):
        return redirect("households:household-detail", single.uuid)
    rows = page(request, lists.with_figures(households), ("village_id", "id"), counted=households)
    rows.rows = [lists.household_row(household) for household in rows]
    return render(
        request,
        "households/household_list.html",
        {
            "page": rows,
            "form": form,
            "may_export": request.user.may("household.export"),
            "may_import": request.user.may("registry.import"),
        },
    )


@needs("household.view")
@require_POST
def household_search(request: HttpRequest) -> HttpResponse:
    """The box on every page. Posted, so that a full ID number stands in no address, log or history."""
    text = request.POST.get("q", "").strip()[:60]
    if household := lists.by_number(Household.objects.for_user(request.user), text):
        return redirect("households:household-detail", household.uuid)
    if lists.is_id_number(text):
        messages.warning(
            request, "您管辖的户册中没有这个证件号码的人。请核对号码；确为本地农户的，请先补进户册。"
        )
    elif lists.resembles_id(text):
        messages.warning(request, f"没有查找：{lists.id_fault(text)}。")
    else:
        return redirect(f"{reverse('households:household-list')}?{urlencode({'q': text})}")
    return redirect("households:household-list")


@needs("household.view")
def household_detail(request: HttpRequest, uuid) -> HttpResponse:
    """The household made of panels; every view by an auditor is audited."""
    household = _household(request, uuid)
    if request.user.acting.role == Role.AUDITOR:
        audit.record(request.user, "household_view", household)
    context = {
        "household": household,
        "masked_phone": numbers.masked_phone(household.phone),
        "may_reveal": request.user.may("number.reveal"),
        "may_change": request.user.may("registry.upkeep"),
        "panels": panels_for(household, request.user, request=request, **csrf(request)),
    }
    return render(request, "households/household_detail.html", context)


def _household(request: HttpRequest, uuid) -> Household:
    households = Household.objects.for_user(request.user).select_related(
        "county", "village__parent", "hamlet"
    )
    return get_object_or_404(households, uuid=uuid)


@needs("number.reveal")
@never_cache
@require_http_methods(["GET", "POST"])
def member_reveal(request: HttpRequest, uuid, pk: int, field: str) -> HttpResponse:
    """Asks for a purpose, then shows one number of a member in full."""
    member = get_object_or_404(
        Member.objects.for_user(request.user).select_related("household"), pk=pk, household__uuid=uuid
    )
    here = reverse("households:member-reveal", args=[uuid, pk, field])
    return _reveal(request, member, field, here, name=member.name, household=member.household)


@needs("number.reveal")
@never_cache
@require_http_methods(["GET", "POST"])
def household_reveal(request: HttpRequest, uuid) -> HttpResponse:
    """The same for the telephone of the household."""
    household = _household(request, uuid)
    here = reverse("households:household-reveal", args=[uuid])
    return _reveal(request, household, "phone", here, name=str(household), household=household)


def _reveal(request, subject, field: str, here: str, *, name: str, household: Household) -> HttpResponse:
    """GET gives the form and never the number; only a POST with a purpose shows it."""
    form = PurposeForm(
        request.POST if request.method == "POST" else None, auto_id=f"id_{field}_{subject.pk}_%s"
    )
    context = {
        "form": form,
        "here": here,
        "name": name,
        "what": numbers.LABELS[field],
        "household": household,
    }
    status = 200
    if form.is_bound and form.is_valid():
        context["number"] = numbers.reveal(subject, field, purpose=form.full_purpose, by=request.user)
    elif form.is_bound:
        status = 422
    template = "households/_number_reveal.html" if request.htmx else "households/number_reveal.html"
    return render(request, template, context, status=status)
