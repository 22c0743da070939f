"""Which users a list shows."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from fangpin.accounts.models import Duty, User
from fangpin.accounts.people.forms import soon


def filtered(user: User, chosen: dict) -> QuerySet[User]:
    """Users of the administrator's area by `chosen`: role, place, state, q."""
    users = User.objects.for_user(user)
    here = Duty.objects.running().in_area(user.acting.division_id).filter(user=OuterRef("pk"))
    if role := chosen.get("role"):
        users = users.filter(Exists(here.filter(role=role)))
    if place := chosen.get("place"):
        at = here.filter(division=place[1:]) if place.startswith("=") else here.in_area(place)
        users = users.filter(Exists(at))
    if words := chosen.get("q"):
        users = users.filter(Q(name__contains=words) | Q(username__icontains=words))
    return in_state(users, chosen.get("state", ""), user)


def in_state(users: QuerySet[User], state: str, by: User) -> QuerySet[User]:
    here = Duty.objects.running().in_area(by.acting.division_id).filter(user=OuterRef("pk"))
    if state == "on":
        return users.filter(is_active=True)
    if state == "off":
        return users.filter(is_active=False)
    if state == "ending":
        return users.filter(Exists(here.filter(ends_on__lte=soon())), is_active=True)
    if state == "never":
        return users.filter(last_login=None, is_active=True)
    if state == "idle":
        in_force = Duty.objects.in_force(timezone.localdate()).filter(user=OuterRef("pk"))
        return users.filter(~Exists(in_force), is_active=True)
    return users
