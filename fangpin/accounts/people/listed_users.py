"""Rows of a workbook of users: people are made, given duties or changed, each row by itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from fangpin.accounts import codes
from fangpin.accounts.codes import Code
from fangpin.accounts.models import Duty, ListKind, RowOutcome, User, UserList
from fangpin.accounts.people import services, user_file
from fangpin.accounts.people.answers import Answer, Result, refused
from fangpin.accounts.people.user_file import Posting
from fangpin.common.refusals import Refused
from fangpin.common.workbooks import Table


def codes_for(table: Table, sent: UserList, progress: Callable[[int, int], None]) -> Iterator[Code]:
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


def carry_out_users(table: Table, sent: UserList, result: Result, ready: Iterator[Code], *, by: User) -> None:
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
    seen: set[tuple[Any, ...]] = field(default_factory=set)

    def answer(self, posting: Posting) -> Answer:
        if posting.fault:
            return refused(posting, posting.fault.code, posting.fault.message)
        name = posting.username.lower()
        key = (name, posting.role, posting.division.pk, posting.department, posting.begins_on)
        if key in self.seen:
            return refused(posting, "duplicate_row", "同一用户的同一岗位在表中出现了两次，只办理第一行。")
        self.seen.add(key)
        try:
            with transaction.atomic():
                return self._known(posting, self.known[name]) if name in self.known else self._new(posting)
        except Refused as error:
            return refused(posting, "code", error.message)

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


def _duty_of(posting: Posting) -> dict[str, Any]:
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
