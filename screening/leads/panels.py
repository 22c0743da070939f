"""The leads on the household page."""

from django.urls import reverse

from households.panels import Panel, register
from screening.leads import explanations
from screening.leads import figures as overview
from screening.models import Lead


def leads(household, user) -> dict | None:
    """Leads by round, the newest first, each with its sentences; those that have gone stay, with the day."""
    found = explanations.with_sentences(
        Lead.objects.for_user(user)
        .filter(household=household)
        .select_related("round")
        .prefetch_related(explanations.REASONS)
        .order_by("-round__year", "-round__quarter", "subcriterion", "source")
    )
    for lead in found:
        lead.gone = explanations.closed_sentences(lead)
    standing = sum(lead.withdrawn_at is None for lead in found)
    newest = overview.rounds_for_household(user, household).first()
    return {
        "leads": found,
        "note": f"{standing} 条" if standing else "",
        "more": newest and reverse("screening:household-why", args=[newest.uuid, household.uuid]),
        "more_label": "逐条看为什么列入、为什么不列入",
    }


# First of all panels: who opens a household from its lamp asks why it is lit.
register(Panel("风险线索", 5, "lead.view", "screening/leads/_household_leads.html", leads))
