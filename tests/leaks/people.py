"""The administrator's part of the leak matrix: users, their duties, lists of people."""

import datetime
import json

from django.utils import timezone

from fangpin.accounts.models import UserList, UserListRow
from fangpin.accounts.roles import Role
from fangpin.common.files import private_files
from tests import factories

# Where a user's duty lies. None of them may follow a household: the page of a case rightly names who may.
PEOPLE = ("451228100000", "451228000000", "451229100000", "451200000000")
RIGHT = "user.manage"


def things(thing: type) -> list:
    made = []
    for position, code in enumerate(PEOPLE):
        role = {"451200000000": Role.CITY, "451228000000": Role.FINANCE}.get(code, Role.INFORMATION)
        name = f"用户金丝雀{'甲乙丙丁'[position]}"
        user = factories.user(f"canary-{position}", role, code, name=name)
        user.code_expires_at = timezone.now() + datetime.timedelta(days=1)
        user.must_change_password = True
        user.save()
        where = {"county": code[:6] + "000000", "village": code, "canaries": [name]}
        made.append(thing("person", code, {"uuid": user.uuid}, **where))
        made.append(thing("duty", code, {"uuid": user.uuid, "pk": user.acting.pk}, **where))
        if code in ("451228000000", "451229100000"):
            made.append(_list(thing, user, position, code[:6] + "000000"))
    return made


def _list(thing: type, user, position: int, county: str):
    canary, code = f"名单金丝雀{position}", f"{position}canarycode{position}"
    made = json.dumps([(user.pk, code, user.code_expires_at.isoformat())]).encode()
    by = factories.user(f"administrator-{county}", Role.ADMINISTRATOR, county, name="管理员")
    sent = UserList.objects.create(
        kind="users",
        division_id=county,
        file_name=f"{canary}.xlsx",
        file_digest="x",
        by=by,
        headings=["姓名"],
        stored_name=private_files.store(b"x"),
        codes_name=private_files.store(made),
        codes_until=timezone.now() + datetime.timedelta(hours=1),
        result=dict.fromkeys(RESULT, 1),
    )
    UserListRow.objects.create(
        list=sent, number=2, outcome="refused", code="code", who=canary, message="不行", data=[canary]
    )
    return thing(
        "user list", county, {"uuid": sent.uuid}, county=county, canaries=[canary, code, code[:4] + "-"]
    )


RESULT = ("read", "created", "changed", "disabled", "unchanged", "set_aside", "refused")


def sees(role: str, thing) -> bool:
    return role == Role.ADMINISTRATOR and thing.county == factories.COUNTY


def routes(route: type) -> dict:
    post = {"permission": RIGHT, "method": "post"}
    return {
        "accounts:user-list": route(permission=RIGHT),
        "accounts:user-create": route(permission=RIGHT),
        "accounts:user-detail": route("person", RIGHT),
        "accounts:user-code": route("person", RIGHT),
        "accounts:user-change": route("person", data=(("name", "改名"),), **post),
        "accounts:user-reset": route("person", **post),
        "accounts:user-disable": route("person", **post),
        "accounts:user-enable": route("person", **post),
        "accounts:duty-add": route("person", **post),
        "accounts:duty-end": route("duty", data=(("ends_on", "2099-01-01"),), **post),
        "accounts:duty-stop": route("duty", **post),
        "accounts:list-list": route(permission=RIGHT),
        "accounts:list-upload": route(**post),
        "accounts:list-template": route(permission=RIGHT, fixed=(("kind", "users"),)),
        "accounts:list-detail": route("user list", RIGHT),
        "accounts:list-check": route("user list", **post),
        "accounts:list-confirm": route("user list", **post),
        "accounts:list-returned": route("user list", RIGHT),
        "accounts:list-slips": route("user list", RIGHT),
        "accounts:list-destroy": route("user list", **post),
        "accounts:help-line": route(permission=RIGHT),
        "policy:calendar-now": route(permission="calendar.confirm"),
        "policy:calendar-year": route(permission="calendar.confirm", fixed=(("year", 2026),)),
    }
