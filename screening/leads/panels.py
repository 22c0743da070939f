"""The leads on the household page."""

import datetime
from dataclasses import dataclass

from django.urls import reverse

from fangpin.common.actor import Actor
from households.panels import Panel, register
from screening.leads import explanations, figures
from screening.models import Lead


@dataclass(frozen=True)
class PanelRow:
    """A lead of the household; `closed` are the sentences that no longer hold, each with when that was
    seen."""

    row: explanations.LeadRow
    closed: list[tuple[str, datetime.datetime]]


def leads(household, user: Actor) -> dict | None:
    """Leads by round, the newest first, each with its sentences; those that have gone stay, with the day."""
    shown = list(
        Lead.objects.for_user(user)
        .filter(household=household)
        .select_related("round")
        .prefetch_related(explanations.REASONS)
        .order_by("-round__year", "-round__quarter", "subcriterion", "source")
    )
    current = sum(lead.withdrawn_at is None for lead in shown)
    newest = figures.rounds_for_household(user, household).first()
    return {
        "leads": [
            PanelRow(explanations.lead_row(lead), explanations.closed_sentences(lead)) for lead in shown
        ],
        "note": f"{current} 条" if current else "",
        "more": newest and reverse("screening:household-why", args=[newest.uuid, household.uuid]),
        "more_label": "逐条看为什么列入、为什么不列入",
    }


# First of all panels: who opens a household from its lamp asks why it is lit.
register(Panel("风险线索", 5, "lead.view", "screening/leads/_household_leads.html", leads))
