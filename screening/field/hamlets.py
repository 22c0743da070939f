"""本屯排查确认: a hamlet gone through with its head."""

import datetime
import uuid as uuids
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from households.models import Hamlet
from screening.criteria.questionnaire import line
from screening.field.receiving import FieldConflict, acts_in, digest_of, locked_round, uuid_of
from screening.models import HamletSignOff


def sign_off_hamlet(payload: Mapping[str, Any], *, by: Actor) -> HamletSignOff:
    """本屯排查确认: once a hamlet and round. `payload`: uuid, round, hamlet (key), on, hamlet_head,
    participants, words. Sent again it is the same; raises FieldConflict where somebody has signed the hamlet
    off otherwise."""
    key, digest = uuid_of(payload.get("uuid")), digest_of(payload)
    try:
        with transaction.atomic():
            return _write_sign_off(payload, key, digest, by=by)
    except IntegrityError:
        with transaction.atomic():
            return _write_sign_off(payload, key, digest, by=by)  # it came twice at once: now it is there


def _write_sign_off(payload: Mapping[str, Any], key: uuids.UUID, digest: str, *, by: Actor) -> HamletSignOff:
    hamlet = Hamlet.objects.select_related("village").filter(pk=payload.get("hamlet") or 0).first()
    if hamlet is None or not acts_in(by, hamlet.village):
        raise Refused("这个屯不在您的岗位范围内。")
    round = locked_round(payload.get("round"), hamlet.village)
    known = (
        HamletSignOff.objects.filter(uuid=key).first()
        or HamletSignOff.objects.filter(round=round, hamlet=hamlet).select_related("by").first()
    )
    if known is not None:
        if known.uuid == key and known.digest == digest and known.by_id == by.pk:
            return known
        day = known.on
        raise FieldConflict(f"{hamlet}本季度已由{known.by}确认（{day.month}月{day.day}日排查），不用再确认。")
    if not round.is_sweepable:
        raise Refused(f"{round.period.label}{round.get_state_display()}，不能再确认。")
    made = HamletSignOff.objects.create(
        uuid=key, digest=digest, round=round, hamlet=hamlet, by=by, **_facts(payload)
    )
    audit.record(by, "hamlet_sign_off", made, hamlet=hamlet.pk, round=round.pk)
    return made


def _facts(payload: Mapping[str, Any]) -> dict[str, Any]:
    try:
        on = datetime.date.fromisoformat(str(payload.get("on", "")))
    except ValueError:
        raise Refused("请填排查日期。") from None
    if on > timezone.localdate():
        raise Refused("排查日期不能晚于今天。")
    head, people = line(payload.get("hamlet_head"))[:40], line(payload.get("participants"))[:200]
    if not head:
        raise Refused("请填一起排查的屯（组）长。")
    if not people:
        raise Refused("请填参加人。")
    return {"on": on, "hamlet_head": head, "participants": people, "words": line(payload.get("words"))}
