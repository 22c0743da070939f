"""The quiet line beside the heading of the to-do page: the round that is under way (Art. 7)."""

import datetime

from django.utils import timezone

from fangpin.accounts import shell
from fangpin.accounts.roles import Role
from fangpin.common import working_days
from fangpin.common.actor import Actor
from screening.models import Round, RoundState


@shell.headline
def round_under_way(user: Actor) -> str:
    """2020 年第一季度排查 · 部门数据截止还有 6 个工作日: the county's latest round that is not submitted."""
    if user.acting is None or user.acting.role in (Role.CITY, Role.REGION):
        return ""
    round = Round.objects.for_user(user).under_way().last()
    if round is None:
        return ""
    if round.state == RoundState.COMPARED and round.verification_due:
        return f"{round} · 核实{_left(round.verification_due)}"
    if round.feeds_due is None or not user.may("feed.view"):
        return f"{round} · {round.get_state_display()}"
    return f"{round} · 部门数据{_left(round.feeds_due)}"


def _left(due: datetime.date) -> str:
    today = timezone.localdate()
    if due < today:
        return f"已于{due.month}月{due.day}日截止"
    try:
        return f"距截止 {working_days.between(today, due)} 个工作日"
    except working_days.YearNotConfirmed:
        return f"{due.month}月{due.day}日截止"
