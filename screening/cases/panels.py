"""What cases put into the shell: navigation, and their place on the household page."""

from django.urls import reverse

from fangpin.accounts import shell
from fangpin.common.actor import Actor
from households.models import Case
from households.panels import Panel, register
from screening.cases import lists, origin

shell.navigation(
    shell.NavigationItem("帮扶", 10, "防贫对象", "screening:case-list", "house-heart", "household.view")
)


def case_panel(household, user: Actor) -> dict | None:
    """Risks, follower and origin of the household's latest case; nothing for other households."""
    case = lists.with_all(Case.objects.for_user(user).filter(household=household)).order_by("-pk").first()
    if case is None:
        return None
    return {
        "case": case,
        "row": lists.case_row(case),
        "origin": origin.origin_of(case),
        "more": reverse("screening:case-detail", args=[case.uuid]),
        "more_label": "风险、责任人和办理记录",
    }


register(Panel("风险和跟踪", 20, "household.view", "screening/cases/_household_case.html", case_panel))
