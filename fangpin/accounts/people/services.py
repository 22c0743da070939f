"""The acts on users and duties: each in the administrator's area, never on himself, each with an audit row.

Raise Refused with a Chinese message; nothing has changed then. `by` is a user acting in a duty with the right
user.manage.
"""

import datetime
import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from fangpin.accounts import codes
from fangpin.accounts.codes import Code
from fangpin.accounts.models import Department, Division, Duty, User, code_range
from fangpin.accounts.people import rules
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused

USERNAME_RULE = "用户名用字母、数字，可加点、横线、下划线，3 至 30 个字符，例如 weixiaoning。"
_username = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,29}")


def username_fault(username: str) -> str:
    if not _username.fullmatch(username):
        return USERNAME_RULE
    if User.objects.filter(username__iexact=username).exists():
        return "这个用户名已经有人用了，请换一个。"
    return ""


def has_duty_elsewhere(user: User, area: str) -> bool:
    low, high = code_range(area)
    return user.duties.running().exclude(division_id__gte=low, division_id__lte=high).exists()


# --- accounts -----------------------------------------------------------------------------------------


@transaction.atomic
def create_user(*, username: str, name: str, code: Code, phone: str = "", by: Actor, **duty: Any) -> User:
    """A user with his first duty (keywords of `give_duty`), who signs in with `code` the first time."""
    _require_right(by)
    if fault := username_fault(username):
        raise Refused(fault)
    user = User(username=username, name=name, phone=phone or None, made_in=by.duty.division)
    codes.give_code(user, code)
    user.save()
    audit.record(by, "user_create", user, username=username, code_until=_stamp(user.code_expires_at))
    give_duty(user, by=by, **duty)
    return user


@transaction.atomic
def change_user(user: User, *, name: str, phone: str, by: Actor) -> bool:
    """Name and telephone; whether anything was different. The number itself does not go into the audit."""
    user = _account(user, by)
    before = user.name, user.phone or ""
    if before == (name, phone):
        return False
    user.name, user.phone = name, phone or None
    user.save(update_fields=["name", "phone"])
    audit.record(by, "user_change", user, name=[before[0], name], phone_changed=before[1] != phone)
    return True


@transaction.atomic
def reset_code(user: User, *, by: Actor) -> str:
    """A new one-time code; the old password and every open session end with it."""
    user = _account(user, by)
    if not user.is_active:
        raise Refused("该用户已停用，请先启用再重置密码。")
    code = codes.new_code()
    codes.give_code(user, code)
    user.save(update_fields=["password", "must_change_password", "code_expires_at"])
    audit.record(by, "user_code_reset", user, code_until=_stamp(user.code_expires_at))
    return code.text


def disable(user: User, *, by: Actor, reason: str = "") -> bool:
    """Nobody is signed in from the next request on. False where he was disabled already."""
    return _set_active(user, False, by=by, act="user_disable", reason=reason)


def enable(user: User, *, by: Actor) -> bool:
    return _set_active(user, True, by=by, act="user_enable")


@transaction.atomic
def _set_active(user: User, active: bool, *, by: Actor, act: str, **details: Any) -> bool:
    user = _account(user, by)
    if user.is_active == active:
        return False
    user.is_active = active
    user.save(update_fields=["is_active"])
    audit.record(by, act, user, **details)
    return True


# --- duties -------------------------------------------------------------------------------------------


@transaction.atomic
def give_duty(
    user: User,
    *,
    role: str,
    division: Division,
    department: Department | None = None,
    begins_on: datetime.date,
    ends_on: datetime.date | None = None,
    document: str = "",
    by: Actor,
) -> Duty:
    user = _locked(user, by)
    if fault := rules.fault_of_duty(user, role, division, department, ends_on, document, by=by):
        raise Refused(fault)
    duty = Duty(
        user=user,
        role=role,
        division=division,
        department=department,
        begins_on=begins_on,
        ends_on=ends_on,
        document=document,
    )
    _check(duty)
    duty.save()
    audit.record(by, "duty_give", duty, user=user.pk, role=role, division=division.pk, term=_term(duty))
    return duty


@transaction.atomic
def change_end(duty: Duty, ends_on: datetime.date | None, *, by: Actor) -> bool:
    """Sets the last day, which still counts; None is without end. False where it is so already."""
    duty = _own_duty(duty, by)
    if duty.is_over():
        raise Refused("这个岗位已经结束，不能再改。需要时请增加新的岗位。")
    if duty.ends_on == ends_on:
        return False
    if ends_on is not None and ends_on < timezone.localdate():
        raise Refused("止期不能早于今天。要马上停止，请用“立即停止”。")
    before, duty.ends_on = _term(duty), ends_on
    if fault := rules.fault_of_duty(
        duty.user, duty.role, duty.division, duty.department, ends_on, duty.document, by=by
    ):
        raise Refused(fault)
    _check(duty)
    duty.save(update_fields=["ends_on"])
    audit.record(by, "duty_end", duty, user=duty.user_id, before=before, after=_term(duty))
    return True


@transaction.atomic
def end_duty_now(duty: Duty, *, by: Actor) -> bool:
    """Takes a duty away at once: it holds no longer at the next request. False where it is over already."""
    duty = _own_duty(duty, by)
    if duty.is_over():
        return False
    before = _term(duty)
    duty.stopped_at, duty.ends_on = timezone.now(), max(timezone.localdate(), duty.begins_on)
    duty.save(update_fields=["stopped_at", "ends_on"])
    audit.record(by, "duty_stop", duty, user=duty.user_id, before=before)
    return True


def _check(duty: Duty) -> None:
    try:
        duty.clean()
        duty.validate_constraints()
    except ValidationError as error:
        raise Refused(error.messages[0]) from error


def _own_duty(duty: Duty, by: Actor) -> Duty:
    _locked(duty.user, by)
    if not rules.lies_in(duty.division_id, by.duty.division_id):
        raise Refused("这个岗位不在您管理的范围内。")
    return Duty.objects.select_related("user", "division", "department").get(pk=duty.pk)


# --- who may ------------------------------------------------------------------------------------------


def _require_right(by: Actor) -> None:
    if not by.may("user.manage"):
        raise Refused("您当前的岗位不能管理用户。")


def _locked(user: User, by: Actor) -> User:
    """The user, locked; who is somebody else's or oneself is refused. Locking him puts all acts on his duties
    in a row, so that no two overlap."""
    _require_right(by)
    if user.pk == by.pk:
        raise Refused("不能管理自己的账号和岗位，请由另一名系统管理员办理。")
    locked = User.objects.select_for_update().filter(pk=user.pk).first()
    if locked is None or not User.objects.for_user(by).filter(pk=user.pk).exists():
        raise Refused("这个用户不在您管理的范围内。")
    return locked


def _account(user: User, by: Actor) -> User:
    """For acts on the account as a whole: his other duties must not be somebody else's to look after."""
    account = _locked(user, by)
    if has_duty_elsewhere(account, by.duty.division_id):
        raise Refused(
            "该用户还有您管理范围以外的岗位，账号请由上级系统管理员办理；您可以停止他在本地的岗位。"
        )
    return account


def _stamp(moment: datetime.datetime | None) -> str:
    return timezone.localtime(moment).isoformat(timespec="minutes")


def _term(duty: Duty) -> list[str]:
    return [duty.begins_on.isoformat(), duty.ends_on.isoformat() if duty.ends_on else ""]
