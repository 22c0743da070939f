"""What this app puts into the shell: navigation, to-do lines, the panel of leads on the household page."""

from django.urls import reverse

from fangpin.accounts import shell
from households.panels import Panel, register
from screening.feeds.triage import panels as triage_panels  # noqa: F401
from screening.leads import explanations
from screening.leads import figures as overview
from screening.models import Lead
from screening.rounds import todo

shell.navigation(shell.NavigationItem("", 0, "待办", "home", "list-check", None, todo.badge, todo.overdue))
shell.navigation(
    shell.NavigationItem("排查", 10, "季度排查", "screening:round-list", "calendar-check", "round.view")
)
shell.navigation(
    shell.NavigationItem(
        "排查", 20, "部门数据", "screening:feed-list", "file-earmark-spreadsheet", "feed.view"
    )
)
shell.navigation(
    shell.NavigationItem("排查", 30, "风险线索", "screening:lead-list", "exclamation-circle", "lead.view")
)
shell.navigation(
    shell.NavigationItem("排查", 40, "核实", "screening:verification-list", "check-circle", "candidate.view")
)
shell.navigation(
    shell.NavigationItem("排查", 45, "部门查询", "screening:inquiry-list", "search", "inquiry.view")
)


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
register(Panel("风险线索", 5, "lead.view", "screening/_household_leads.html", leads))
