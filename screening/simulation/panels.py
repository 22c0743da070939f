"""What screening adds to policy: on the page of a revision the rounds that keep their own values, and the
simulation; in the navigation the simulations; on a round's page the values that have come since."""

from django.urls import reverse
from django.utils import timezone

from fangpin.accounts import shell
from fangpin.common.actor import Actor
from fangpin.policy.models import Revision
from fangpin.policy.panels import revision_panel
from fangpin.policy.parameters import PARAMETERS
from fangpin.policy.services import NoPolicy, in_force
from fangpin.policy.values import in_words
from screening.models import Round, RoundState, Simulation
from screening.simulation import exports  # noqa: F401  registers the export

shell.navigation(
    shell.NavigationItem("管理", 27, "试算", "screening:simulation-list", "bar-chart", "policy.simulate")
)
SHOWN = 20


@revision_panel("screening/simulation/_revision_rounds.html")
def rounds_and_simulations(revision: Revision, user: Actor) -> dict | None:
    """Rounds under way in the area of the revision, and what was simulated of it."""
    if not user.may("round.view"):
        return None
    under_way = (
        Round.objects.for_user(user)
        .exclude(state=RoundState.DETERMINED)
        .select_related("county")
        .in_area(revision.division_id)
    )
    made = Simulation.objects.for_user(user).kept().filter(revision=revision, done_at__isnull=False)
    return {
        "rounds": list(under_way[:SHOWN]),
        "count": under_way.count(),
        "is_released": revision.released_at is not None,
        "simulations": list(made.select_related("round__county", "by").order_by("-id")[:SHOWN]),
        "simulate_url": f"{reverse('screening:simulation-new')}?revision={revision.uuid}"
        if user.may("policy.simulate")
        else "",
    }


def values_since_opening(round: Round) -> list[str]:
    """Values in force today, or on the round's last day where that is later, that the round, opened before,
    does not run under, in words."""
    try:
        present = in_force(round.county, max(timezone.localdate(), round.last_day))
    except NoPolicy:
        return []
    own = round.parameters
    return [
        f"{PARAMETERS[key].name}：{in_words(PARAMETERS[key], own[key])} → "
        f"{in_words(PARAMETERS[key], present[key])}"
        f"（{present.since(key):%Y-%m-%d} 起）"
        for key in own.differing(present)
    ]
