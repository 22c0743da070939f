"""风险线索: what the sweep found, one sentence each (Art. 7(2)1)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from fangpin.accounts.decorators import needs
from fangpin.common.paging import page
from screening import explanations
from screening.exports import with_places
from screening.forms import LeadFilter
from screening.models import Lead

ORDER = ("household__village_id", "household_id", "id")


@needs("lead.view")
def lead_list(request: HttpRequest) -> HttpResponse:
    form = LeadFilter(request.GET, user=request.user)
    found = form.narrow(Lead.objects.for_user(request.user))
    shown = page(request, with_places(found), ORDER, counted=found)
    explanations.with_sentences(shown)
    context = {
        "page": shown,
        "form": form,
        "clear_url": reverse("screening:lead-list"),
        "several_rounds": form.is_valid() and not form.cleaned_data["round"],
        "may_export": request.user.may("lead.export") and bool(shown.rows),
    }
    return render(request, "screening/lead_list.html", context)
