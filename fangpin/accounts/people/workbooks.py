"""Workbooks of users and of people who have left: received, checked and shown, then carried out.

A check goes the whole way and is rolled back, so that it shows exactly what would happen. Carried out again,
the same workbook changes nothing.
"""

from collections.abc import Callable
from functools import partial
from itertools import repeat
from typing import Any

from django.contrib.auth.hashers import make_password

from fangpin.accounts.codes import Code
from fangpin.accounts.models import Level, ListKind, User, UserList, UserListRow
from fangpin.accounts.people.answers import Result
from fangpin.accounts.people.listed_leavers import carry_out_leavers
from fangpin.accounts.people.listed_users import carry_out_users, codes_for
from fangpin.accounts.people.slips import store_codes
from fangpin.accounts.people.user_file import COLUMNS, NOTES
from fangpin.common import audit
from fangpin.common.files import private_files
from fangpin.common.handing_in import services as handing_in
from fangpin.common.models import Job
from fangpin.common.refusals import Refused
from fangpin.common.transitions import write_first_records
from fangpin.common.workbooks import Table, UnreadableFile, read_table

MOST_ROWS = 5000


def receive(kind: ListKind, *, file_name: str, content: bytes, by: User) -> UserList:
    """Keeps the file; nothing is read yet."""
    if not by.may("user.manage"):
        raise Refused("您当前的岗位不能管理用户。")
    if by.duty.division.level != Level.COUNTY:
        raise Refused("名单按县办理，请由各县的系统管理员导入。")
    with handing_in.kept(
        UserList, kind=kind, division=by.duty.division, file_name=file_name, content=content, by=by
    ) as sent:
        write_first_records([sent], by=by, name="receive")
    return sent


def run(
    sent: UserList,
    *,
    by: User,
    apply: bool,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Result:
    """Checks a workbook, or carries it out (`apply`). Raises Refused, and leaves the list refused with the
    reason where the file can't be read."""
    closed = f"这份名单{sent.get_state_display()}，没有再次处理。需要时请重新上传。"
    table = handing_in.read_kept(sent, partial(_read, sent), by=by, closed=closed)
    result = Result()
    ready = codes_for(table, sent, progress) if apply else repeat(Code("", make_password(None)))
    with handing_in.trial(keep=apply):
        if sent.kind == ListKind.USERS:
            carry_out_users(table, sent, result, ready, by=by)
        else:
            carry_out_leavers(table, result, by=by)
        if apply:
            _carried_out(sent, table, result, by=by)
            progress(1, 1)
    if apply:
        private_files.remove(sent.stored_name)
    else:
        handing_in.settle(
            sent, "check_file", _rows(sent, table, result), by=by, stamps=_stamps(table, result)
        )
    return result


def _read(sent: UserList, content: bytes) -> Table:
    table = read_table(content, sent.file_name, COLUMNS[ListKind(sent.kind)])
    if len(table.rows) > MOST_ROWS:
        raise UnreadableFile(f"名单有 {len(table.rows):,} 行，一次最多 {MOST_ROWS:,} 行，请按乡镇分开。")
    return table


def _carried_out(sent: UserList, table: Table, result: Result, *, by: User) -> None:
    stamps = _stamps(table, result)
    if result.codes:
        stamps |= store_codes(result.codes)
    handing_in.settle(sent, "carry_out", _rows(sent, table, result), by=by, stamps=stamps)
    audit.record(by, f"user_list_{sent.kind}", sent, digest=sent.file_digest, **result.counts)


def _stamps(table: Table, result: Result) -> dict[str, Any]:
    return {"result": result.counts, "headings": table.headings}


def _rows(sent: UserList, table: Table, result: Result) -> list[UserListRow]:
    """What each row comes to; those that go back with their cells."""
    returned = [answer.row for answer in result.answers if answer.outcome in UserListRow.RETURNED]
    cells = handing_in.cells_of(table, returned)
    return [
        UserListRow(
            list=sent,
            number=answer.row,
            outcome=answer.outcome,
            code=answer.code,
            who=answer.who[:60],
            username=answer.username[:60],
            message=answer.message[:300],
            data=cells.get(answer.row),
        )
        for answer in result.answers
    ]


def returned_workbook(sent: UserList, *, by: User) -> bytes:
    """Rows set aside and refused, as they came, with the reason; audited."""
    rows = sent.rows.filter(outcome__in=UserListRow.RETURNED).order_by("number")
    returned = [(row.number, row.data, row.message) for row in rows]
    return handing_in.returned_workbook(sent, "user_list_returned", sent.headings, returned, by=by)


def template(kind: ListKind) -> bytes:
    return handing_in.template(COLUMNS[kind], title=f"{kind.label}名单模板", notes=NOTES[kind])


def latest_job(sent: UserList) -> Job | None:
    return handing_in.latest_job("user_list", sent)
