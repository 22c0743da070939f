"""What the field work puts into the shell: its place in the navigation, its panel on the household page."""

from django.urls import reverse

from fangpin.accounts import shell
from fangpin.common.actor import Actor
from households.panels import Panel, register
from screening.field import entry_rows, pages
from screening.models import FieldEntry

SHOWN = 10

shell.navigation(shell.NavigationItem("排查", 15, "入户排查", "screening:field-home", "pencil", "field.view"))


def entries_panel(household, user: Actor) -> dict:
    """Entries of the household, the newest first; whoever may enter adds one from here."""
    entries = entry_rows.shown(FieldEntry.objects.for_user(user).filter(household=household))
    rows = entry_rows.entry_rows(entries.order_by("-visited_on", "-id")[:SHOWN], user)
    data = {"rows": rows, "note": f"{len(rows)} 条" if rows else ""}
    may_enter = user.may("field.enter") and user.acting.division_id == household.village_id
    if may_enter and (round := pages.newest_round(user)):
        data |= {
            "more": reverse("screening:entry-new", args=[round.uuid, household.uuid]),
            "more_label": "填入户排查",
        }
    return data


register(Panel("入户排查记录", 7, "field.view", "screening/field/_household_entries.html", entries_panel))
