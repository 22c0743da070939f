"""What the tables of states share: one actor a role, and what a transition comes to."""

from django.db import transaction

from fangpin.accounts.roles import Role
from fangpin.common.transitions import TransitionRefused, move
from tests import factories

PLACES = {
    Role.VILLAGE_CADRE: factories.VILLAGE,
    Role.WORK_TEAM: factories.VILLAGE,
    Role.TOWNSHIP: factories.TOWNSHIP,
    Role.CITY: "451200000000",
    Role.REGION: "450000000000",
}


def everybody() -> dict:
    """Role → somebody acting in it; None is the system."""
    made = {
        role: factories.user(
            f"actor-{role}",
            role,
            PLACES.get(role, factories.COUNTY),
            "insurance" if role == Role.DEPARTMENT else None,
        )
        for role in Role
    }
    return made | {None: None}


def outcome(rows, name: str, by) -> str | None:
    """The state that it comes to, or None where it is refused; undone."""
    with transaction.atomic():
        try:
            move(rows, name, by=by)
            return rows.get().state
        except TransitionRefused:
            return None
        finally:
            transaction.set_rollback(True)
