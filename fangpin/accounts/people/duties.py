"""Duties of people, as the administrator sees them."""

from collections.abc import Iterable

from fangpin.accounts.models import Duty, User


def current_duties(users: Iterable[User], by: User) -> dict[int, list[Duty]]:
    """User → those of his duties in the administrator's area that run or are to come."""
    shown: dict[int, list[Duty]] = {user.pk: [] for user in users}
    duties = Duty.objects.running().in_area(by.acting.division_id).filter(user__in=list(shown))
    for duty in duties.select_related("division__parent", "department").order_by("begins_on", "pk"):
        shown[duty.user_id].append(duty)
    return shown


def duties_sentence(duties: Iterable[Duty]) -> str:
    return "；".join(f"{duty.role_label}（{duty.division.place}）" for duty in duties)
