"""What is checked of everything that a village sends: whose village it is, which round, whether it has come
before."""

import hashlib
import json
import uuid as uuids
from collections.abc import Mapping
from typing import Any

from fangpin.accounts.models import Division, Duty
from fangpin.accounts.roles import ROLE_PERMISSIONS
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from screening.models import Round

AT_THE_DOOR = [role for role, permissions in ROLE_PERMISSIONS.items() if "field.enter" in permissions]


class FieldConflict(Refused):
    """The same UUID came with another content, or the hamlet is signed off already (HTTP 409). Nothing
    changed."""


def digest_of(payload: Mapping[str, Any]) -> str:
    """SHA-256 of the content, the UUID left out and keys in order."""
    content = {key: value for key, value in payload.items() if key != "uuid"}
    words = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(words.encode()).hexdigest()


def uuid_of(raw: Any) -> uuids.UUID:
    try:
        return raw if isinstance(raw, uuids.UUID) else uuids.UUID(str(raw))
    except ValueError:
        raise Refused("记录的编号不对，请刷新页面后再填。") from None


def village_of(payload: Mapping[str, Any], *, by: Actor) -> Division:
    """The village that the entry is of: the sender's own, or one where he has served; anybody else's is
    refused."""
    village = Division.objects.filter(code=str(payload.get("village", ""))[:12]).first()
    if village is None or not (acts_in(by, village) or served_in(by, village)):
        raise Refused("这个村不在您的岗位范围内，记录没有收下。请核对岗位，或交给该村的人填。")
    if not acts_in(by, village) and served_in(by, village, today=True):
        raise Refused("您现在用的是另一个岗位。请先切换到这个村的岗位，再填。")
    return village


def acts_in(by: Actor, village: Division) -> bool:
    return by.may("field.enter") and by.duty.division_id == village.code


def served_in(by: Actor, village: Division, *, today: bool = False) -> bool:
    duties = Duty.objects.in_force() if today else Duty.objects.all()
    return duties.filter(user=by.pk, role__in=AT_THE_DOOR, division=village).exists()


def locked_round(raw: Any, village: Division) -> Round:
    """Locked, so that nobody submits it before the lead is written."""
    rounds = Round.objects.select_for_update(of=("self",)).filter(county=village.county_code)
    round = rounds.filter(uuid=uuid_of(raw)).first()
    if round is None:
        raise Refused("没有这个季度的排查，请刷新页面后再填。")
    return round
