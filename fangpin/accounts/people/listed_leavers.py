"""Rows of a workbook of people who have left: each is disabled, where it is clear who it is."""

from django.db import transaction

from fangpin.accounts.models import Duty, RowOutcome, User
from fangpin.accounts.people import services, user_file
from fangpin.accounts.people.answers import Answer, Result, refused
from fangpin.accounts.people.duties import current_duties, duties_sentence
from fangpin.accounts.people.user_file import Leaver
from fangpin.common.refusals import Refused
from fangpin.common.workbooks import Table


def carry_out_leavers(table: Table, result: Result, *, by: User) -> None:
    users = list(User.objects.for_user(by).order_by("pk"))
    duties = current_duties(users, by)
    by_username = {user.username.lower(): user for user in users}
    by_name: dict[str, list[User]] = {}
    for user in users:
        by_name.setdefault(user.name, []).append(user)
    seen: set[int] = set()
    for line in user_file.leavers(table):
        result.answers.append(_leaver(line, by_username, by_name, duties, seen, by=by))


def _leaver(
    line: Leaver,
    by_username: dict[str, User],
    by_name: dict[str, list[User]],
    duties: dict[int, list[Duty]],
    seen: set[int],
    *,
    by: User,
) -> Answer:
    if line.fault:
        return refused(line, line.fault.code, line.fault.message)
    if line.username:
        named = [user] if (user := by_username.get(line.username.lower())) else []
    else:
        named = by_name.get(line.name, [])
    if len(named) > 1:
        names = "、".join(user.username for user in named)
        return Answer(
            line.row,
            RowOutcome.SET_ASIDE,
            line.name,
            "",
            f"有 {len(named)} 人同名（{names}），请补填用户名。",
            "match_many",
        )
    if not named:
        return Answer(
            line.row,
            RowOutcome.SET_ASIDE,
            line.name,
            line.username,
            "没有这个用户；没有账号的不用停用。",
            "match_none",
        )
    user = named[0]
    if line.name and line.name != user.name:
        return refused(line, "code", f"这个用户名是 {user.name} 的，与表中姓名不符，请核对。")
    if user.pk in seen:
        return refused(line, "duplicate_row", "这个人在表中出现了两次，只办理第一行。")
    seen.add(user.pk)
    try:
        with transaction.atomic():
            changed = services.disable(user, by=by, reason=line.reason)
    except Refused as error:
        return refused(line, "code", error.message)
    if not changed:
        return Answer(line.row, RowOutcome.UNCHANGED, user.name, user.username, "已经停用，没有变化")
    return Answer(line.row, RowOutcome.DISABLED, user.name, user.username, _leaving(duties[user.pk], line))


def _leaving(duties: list[Duty], line: Leaver) -> str:
    """Who it is, by his present duties: the administrator reads it before he confirms."""
    return f"停用。{duties_sentence(duties) or '没有在用的岗位'}{'，' + line.reason if line.reason else ''}"
