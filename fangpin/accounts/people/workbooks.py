"""Workbooks of users and of people who have left: received, checked and shown, then carried out.

A check goes the whole way and is rolled back, so that it tells exactly what would happen. Carried out again,
the same workbook changes nothing.
"""

import datetime
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import repeat

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from fangpin.accounts import codes
from fangpin.accounts.codes import Code
from fangpin.accounts.models import Duty, Level, ListKind, RowOutcome, User, UserList, UserListRow
from fangpin.accounts.people import services, user_file
from fangpin.accounts.people.user_file import COLUMNS, NOTES, Leaver, Posting
from fangpin.common import audit
from fangpin.common.files import private_files
from fangpin.common.models import Job
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move, write_first_records
from fangpin.common.workbooks import Table, UnreadableFile, read_table
from fangpin.common.workbooks.writing import write_returned, write_template

MOST_ROWS = 5000
CODES_KEPT = datetime.timedelta(hours=24)


class _DryRun(Exception):
    """Rolls a check back."""


@dataclass(slots=True)
class Answer:
    """What one row comes to."""

    row: int
    outcome: RowOutcome
    who: str
    username: str
    message: str
    code: str = ""


@dataclass
class Result:
    answers: list[Answer] = field(default_factory=list)
    codes: list[tuple[int, str, str]] = field(default_factory=list)  # new user, code, until when

    @property
    def counts(self) -> dict[str, int]:
        counts = dict.fromkeys(RowOutcome.values, 0)
        for answer in self.answers:
            counts[answer.outcome.value] += 1
        return counts | {"read": len(self.answers)}


def receive(kind: ListKind, *, file_name: str, content: bytes, by: User) -> UserList:
    """Keeps the file; nothing is read yet."""
    if not by.may("user.manage"):
        raise Refused("您当前的岗位不能管理用户。")
    if by.acting.division.level != Level.COUNTY:
        raise Refused("名单按县办理，请由各县的系统管理员导入。")
    made = UserList.objects.create(
        kind=kind,
        division=by.acting.division,
        file_name=file_name[:200],
        file_digest=private_files.digest(content),
        stored_name=private_files.store(content),
        by=by,
    )
    write_first_records([made], by=by, name="receive")
    return made


def run(
    sent: UserList, *, by: User, apply: bool, progress: Callable[[int, int], None] = lambda done, total: None
) -> Result:
    """Checks a workbook, or carries it out (`apply`). Raises Refused, and leaves the list refused with the
    reason where the file can't be read."""
    mine = UserList.objects.filter(pk=sent.pk)
    if sent.state not in UserList.OPEN:
        raise Refused(f"这份名单{sent.get_state_display()}，没有再次处理。需要时请重新上传。")
    try:
        table = _read(sent)
    except UnreadableFile as error:
        move(mine, "refuse", by=by, stamps={"error": error.message})
        raise Refused(error.message) from error
    result = Result()
    ready = _codes_for(table, sent, progress) if apply else repeat(Code("", make_password(None)))
    try:
        with transaction.atomic():
            if sent.kind == ListKind.USERS:
                _users(table, sent, result, ready, by=by)
            else:
                _leavers(table, result, by=by)
            if not apply:
                raise _DryRun
            _carried_out(mine, sent, table, result, by=by)
            progress(1, 1)
    except _DryRun:
        with transaction.atomic():
            move(mine, "check_file", by=by, stamps=_stamps(table, result))
            _keep_rows(sent, table, result)
    if apply:
        private_files.remove(sent.stored_name)
    return result


def _read(sent: UserList) -> Table:
    table = read_table(private_files.load(sent.stored_name), sent.file_name, COLUMNS[ListKind(sent.kind)])
    if len(table.rows) > MOST_ROWS:
        raise UnreadableFile(f"名单有 {len(table.rows):,} 行，一次最多 {MOST_ROWS:,} 行，请按乡镇分开。")
    return table


def _carried_out(mine, sent: UserList, table: Table, result: Result, *, by: User) -> None:
    stamps = _stamps(table, result)
    if result.codes:
        stamps |= {"codes_name": _store_codes(result.codes), "codes_until": timezone.now() + CODES_KEPT}
    move(mine, "carry_out", by=by, stamps=stamps)
    _keep_rows(sent, table, result)
    audit.record(by, f"user_list_{sent.kind}", sent, digest=sent.file_digest, **result.counts)


def _stamps(table: Table, result: Result) -> dict:
    return {"result": result.counts, "headings": table.headings}


# --- users --------------------------------------------------------------------------------------------


def _codes_for(table: Table, sent: UserList, progress) -> Iterator[Code]:
    """Codes for the users that the rows may make. Hashing takes long, and is done before the database
    waits."""
    if sent.kind != ListKind.USERS:
        return iter(())
    usernames = {
        posting.username for posting in user_file.postings(table, sent.division) if not posting.fault
    }
    wanted = len(usernames) - User.objects.filter(username__in=usernames).count()
    made = []
    for done in range(wanted):
        made.append(codes.new_code())
        if done % 25 == 0:
            progress(done, wanted + 1)
    return iter(made)


def _users(table: Table, sent: UserList, result: Result, ready: Iterator[Code], *, by: User) -> None:
    postings = list(user_file.postings(table, sent.division))
    usernames = {posting.username for posting in postings}
    known = {user.username.lower(): user for user in User.objects.filter(username__in=usernames)}
    mine = User.objects.for_user(by).filter(pk__in=[user.pk for user in known.values()])
    desk = _Desk(known, set(mine.values_list("pk", flat=True)), ready, result, by)
    result.answers += [desk.answer(posting) for posting in postings]


@dataclass
class _Desk:
    """Goes through the rows of one workbook of users."""

    known: dict[str, User]  # by lower-case user name
    mine: set[int]  # who of them is the administrator's
    ready: Iterator[Code]
    result: Result
    by: User
    seen: set[tuple] = field(default_factory=set)

    def answer(self, posting: Posting) -> Answer:
        if posting.fault:
            return _refused(posting, posting.fault.code, posting.fault.message)
        name = posting.username.lower()
        key = (name, posting.role, posting.division.pk, posting.department, posting.begins_on)
        if key in self.seen:
            return _refused(posting, "duplicate_row", "同一用户的同一岗位在表中出现了两次，只办理第一行。")
        self.seen.add(key)
        try:
            with transaction.atomic():
                return self._known(posting, self.known[name]) if name in self.known else self._new(posting)
        except Refused as error:
            return _refused(posting, "code", error.message)

    def _new(self, posting: Posting) -> Answer:
        if fault := services.username_fault(posting.username):
            raise Refused(fault)
        code = next(self.ready)
        user = services.create_user(
            username=posting.username,
            name=posting.name,
            phone=posting.phone,
            code=code,
            by=self.by,
            **_duty_of(posting),
        )
        self.known[posting.username.lower()] = user
        self.mine.add(user.pk)
        self.result.codes.append((user.pk, code.text, user.code_expires_at.isoformat()))
        words = f"新建用户，{_place(posting)}"
        return Answer(posting.row, RowOutcome.CREATED, posting.name, posting.username, words)

    def _known(self, posting: Posting, user: User) -> Answer:
        self._require_same(posting, user)
        done = []
        if posting.phone and services.change_user(user, name=user.name, phone=posting.phone, by=self.by):
            done.append("更新手机号")
            user.phone = posting.phone
        same = _same_duty(posting, user)
        if same is None:
            services.give_duty(user, by=self.by, **_duty_of(posting))
            done.append(f"增加岗位：{_place(posting)}")
        elif posting.ends_on and services.change_end(same, posting.ends_on, by=self.by):
            done.append(f"止期改为 {posting.ends_on}")
        if not done:
            return Answer(
                posting.row, RowOutcome.UNCHANGED, posting.name, posting.username, "都已经有了，没有变化"
            )
        return Answer(posting.row, RowOutcome.CHANGED, posting.name, posting.username, "；".join(done))

    def _require_same(self, posting: Posting, user: User) -> None:
        if user.pk not in self.mine:
            raise Refused("这个用户名已经有人用了，请换一个。")
        if user.name != posting.name:
            raise Refused(f"这个用户名是 {user.name} 的，与表中姓名不符，请换一个用户名或改正姓名。")
        if not user.is_active:
            raise Refused("用户已停用，请先在用户页启用。")


def _same_duty(posting: Posting, user: User) -> Duty | None:
    """The duty that the row means: that of the same first day, or where none is given the one that runs."""
    duties = user.duties.filter(
        role=posting.role, division=posting.division, department=posting.department, stopped_at=None
    )
    if posting.begins_on:
        return duties.filter(begins_on=posting.begins_on).first()
    return duties.running().first()


def _duty_of(posting: Posting) -> dict:
    return {
        "role": posting.role,
        "division": posting.division,
        "department": posting.department,
        "begins_on": posting.begins_on or timezone.localdate(),
        "ends_on": posting.ends_on,
        "document": posting.document,
    }


def _place(posting: Posting) -> str:
    duty = Duty(role=posting.role, division=posting.division, department=posting.department)
    return f"{duty.role_label}（{posting.division.place}）"


def _refused(line: Posting | Leaver, code: str, message: str) -> Answer:
    return Answer(line.row, RowOutcome.REFUSED, line.name, line.username, message, code)


# --- people who have left -----------------------------------------------------------------------------


def _leavers(table: Table, result: Result, *, by: User) -> None:
    users = with_duties(User.objects.for_user(by).order_by("pk"), by)
    by_username = {user.username.lower(): user for user in users}
    by_name: dict[str, list[User]] = {}
    for user in users:
        by_name.setdefault(user.name, []).append(user)
    seen: set[int] = set()
    for line in user_file.leavers(table):
        result.answers.append(_leaver(line, by_username, by_name, seen, by=by))


def _leaver(line: Leaver, by_username: dict, by_name: dict, seen: set[int], *, by: User) -> Answer:
    if line.fault:
        return _refused(line, line.fault.code, line.fault.message)
    if line.username:
        found = [user] if (user := by_username.get(line.username.lower())) else []
    else:
        found = by_name.get(line.name, [])
    if len(found) > 1:
        names = "、".join(user.username for user in found)
        return Answer(
            line.row,
            RowOutcome.SET_ASIDE,
            line.name,
            "",
            f"有 {len(found)} 人同名（{names}），请补填用户名。",
            "match_many",
        )
    if not found:
        return Answer(
            line.row,
            RowOutcome.SET_ASIDE,
            line.name,
            line.username,
            "没有这个用户；没有账号的不用停用。",
            "match_none",
        )
    user = found[0]
    if line.name and line.name != user.name:
        return _refused(line, "code", f"这个用户名是 {user.name} 的，与表中姓名不符，请核对。")
    if user.pk in seen:
        return _refused(line, "duplicate_row", "这个人在表中出现了两次，只办理第一行。")
    seen.add(user.pk)
    try:
        with transaction.atomic():
            changed = services.disable(user, by=by, reason=line.reason)
    except Refused as error:
        return _refused(line, "code", error.message)
    if not changed:
        return Answer(line.row, RowOutcome.UNCHANGED, user.name, user.username, "已经停用，没有变化")
    return Answer(line.row, RowOutcome.DISABLED, user.name, user.username, _leaving(user, line))


def _leaving(user: User, line: Leaver) -> str:
    """Who it is, by his present duties: the administrator looks at it before he confirms."""
    words = "；".join(f"{duty.role_label}（{duty.division.place}）" for duty in user.shown_duties)
    return f"停用。{words or '没有在用的岗位'}{'，' + line.reason if line.reason else ''}"


# --- rows, workbooks, codes ---------------------------------------------------------------------------


def _keep_rows(sent: UserList, table: Table, result: Result) -> None:
    sent.rows.all().delete()
    position = {number: index for index, number in enumerate(table.numbers)}
    UserListRow.objects.bulk_create(
        [
            UserListRow(
                list=sent,
                number=answer.row,
                outcome=answer.outcome,
                code=answer.code,
                who=answer.who[:60],
                username=answer.username[:60],
                message=answer.message[:300],
                data=[_plain(cell) for cell in table.rows[position[answer.row]]]
                if answer.outcome in UserListRow.RETURNED
                else None,
            )
            for answer in result.answers
        ],
        batch_size=2000,
    )


def _plain(cell):
    if cell is None or isinstance(cell, str | int | float):
        return cell
    return cell.isoformat() if isinstance(cell, datetime.date) else str(cell)


def returned_workbook(sent: UserList, *, by: User) -> bytes:
    """Rows set aside and refused, as they came, with the reason; audited."""
    rows = list(sent.rows.filter(outcome__in=UserListRow.RETURNED).order_by("number"))
    audit.record(by, "user_list_returned", sent, rows=len(rows))
    stream = io.BytesIO()
    write_returned(
        stream,
        sent.headings,
        [(row.number, row.data) for row in rows],
        {row.number: row.message for row in rows},
    )
    return stream.getvalue()


def template(kind: ListKind) -> bytes:
    stream = io.BytesIO()
    write_template(stream, COLUMNS[kind], title=f"{kind.label}名单模板", notes=NOTES[kind])
    return stream.getvalue()


def latest_job(sent: UserList) -> Job | None:
    return Job.objects.filter(key=f"user_list:{sent.pk}").select_related("by").order_by("-id").first()


def _store_codes(made: list[tuple[int, str, str]]) -> str:
    return private_files.store(json.dumps(made).encode())


@dataclass(frozen=True)
class Slip:
    """One person's paper: who he is and how he signs in the first time."""

    user: User
    code: str
    duties: str


def slips(sent: UserList, *, by: User) -> list[Slip]:
    """Codes of those who have not signed in with theirs yet; audited. Nothing once they are destroyed."""
    if not sent.has_codes:
        return []
    made = json.loads(private_files.load(sent.codes_name))
    kept = {pk: (code, until) for pk, code, until in made}
    users = User.objects.for_user(by).filter(pk__in=kept, is_active=True, last_login=None).order_by("pk")
    audit.record(by, "user_codes_shown", sent, users=[user.pk for user in users])
    return [
        slip_of(user, kept[user.pk][0])
        for user in with_duties(users, by)
        if user.has_code and user.code_expires_at.isoformat() == kept[user.pk][1]  # else it was reset since
    ]


def slip_of(user: User, code: str) -> Slip:
    words = "；".join(f"{duty.role_label}（{duty.division.place}）" for duty in user.shown_duties)
    return Slip(user, codes.grouped(code), words)


def with_duties(users, by: User) -> list[User]:
    """The users, each with `shown_duties`: those of the administrator's area that run or are to come."""
    found = list(users)
    duties = Duty.objects.running().in_area(by.acting.division_id).filter(user__in=found)
    shown: dict[int, list[Duty]] = {user.pk: [] for user in found}
    for duty in duties.select_related("division__parent", "department").order_by("begins_on", "pk"):
        shown[duty.user_id].append(duty)
    for user in found:
        user.shown_duties = shown[user.pk]
    return found


def destroy_codes(sent: UserList, *, by: User) -> bool:
    """After printing; who has lost his gets a new one."""
    with transaction.atomic():
        name = UserList.objects.select_for_update().values_list("codes_name", flat=True).get(pk=sent.pk)
        if not name:
            return False
        UserList.objects.filter(pk=sent.pk).update(codes_name="")
        audit.record(by, "user_codes_destroyed", sent)
        transaction.on_commit(lambda: private_files.remove(name))
    return True
