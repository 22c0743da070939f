"""To-do lines of leads that departments' lists no longer support."""

from django.db.models import Count
from django.urls import reverse

from fangpin.accounts import shell
from fangpin.accounts.shell import TodoLine
from fangpin.common.actor import Actor
from screening.leads import explanations
from screening.models import Lead
from screening.quarters import Quarter


@shell.todo
def gone_lines(user: Actor) -> list[TodoLine]:
    """The office: what a newer list no longer bears out, though somebody has acted on it."""
    if not user.may("round.sweep"):
        return []
    gone = explanations.gone_but_acted(Lead.objects.for_user(user)).order_by("round")
    address = reverse("screening:lead-list")
    return [
        TodoLine(
            "依据已消失",
            f"依据已消失，已有人办理：{households} 户，请看",
            f"{address}?round={uuid}&gone=on",
            "查看",
            Quarter(year, quarter).label,
        )
        for uuid, year, quarter, households in gone.values_list(
            "round__uuid", "round__year", "round__quarter"
        ).annotate(Count("household", distinct=True))
    ]
