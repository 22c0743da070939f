"""风险线索: what the sweep found, one sentence each (Art. 7(2)1)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from fangpin.accounts.decorators import needs
from fangpin.common.web.paging import page
from households.models import Household
from screening.leads import explanations, figures, why_not
from screening.leads.exports import with_places
from screening.leads.forms import LeadFilter
from screening.models import Lead, Source

ORDER = ("household__village_id", "household_id", "id")


@needs("lead.view")
def lead_list(request: HttpRequest) -> HttpResponse:
    form = LeadFilter(request.GET, user=request.user)
    leads = form.narrow(Lead.objects.for_user(request.user))
    shown = page(request, with_places(leads), ORDER, counted=leads)
    shown.rows = explanations.lead_rows(shown.rows)
    context = {
        "page": shown,
        "form": form,
        "clear_url": reverse("screening:lead-list"),
        "several_rounds": form.is_valid() and not form.cleaned_data["round"],
        "may_export": request.user.may("lead.export") and bool(shown.rows),
    }
    return render(request, "screening/leads/lead_list.html", context)


@needs("lead.view")
def household_why(request: HttpRequest, uuid, household) -> HttpResponse:
    """Rule by rule: why this household is on the online list of the round, and why not."""
    homes = Household.objects.for_user(request.user).select_related("village__parent", "hamlet", "county")
    home = get_object_or_404(homes, uuid=household)
    rounds = figures.rounds_for_household(request.user, home)
    round = get_object_or_404(rounds, uuid=uuid)
    leads = Lead.objects.for_user(request.user).current().filter(round=round, household=home)
    offline = explanations.lead_rows(
        leads.filter(source=Source.OFFLINE).prefetch_related(explanations.REASONS)
    )
    context = {
        "household": home,
        "round": round,
        "rounds": rounds[:12],
        "explanation": why_not.explain(round, home),
        "offline": offline,
        "sees_entries": request.user.may("field.view") or request.user.may("candidate.view"),
    }
    return render(request, "screening/leads/household_why.html", context)
