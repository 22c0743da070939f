"""Which duty a person acts in: kept in the session, chosen for a command by what the command needs."""

from fangpin.accounts.models import Division, Duty, User
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused

SESSION_KEY = "duty"


class CannotAct(Refused):
    """Nobody of that name can act there."""


def duties_of(user: User) -> list[Duty]:
    return list(user.duties.in_force().select_related("division", "department").order_by("id"))


def user_for(username: str, permission: str, county_code: str) -> User:
    """The user acting in a duty of that county with `permission`; for commands. Raises CannotAct."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CannotAct(f"没有用户 {username}，或已停用。")
    for duty in duties_of(user):
        user.act_in(duty)
        if user.may(permission) and duty.county_code == county_code:
            return user
    raise CannotAct(f"用户 {username} 在 {county_code[:6]} 没有办理这项工作的岗位。")


def county_of(by: Actor) -> Division:
    return Division.objects.get(code=by.duty.county_code)
