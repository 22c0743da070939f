"""What a phone sends is taken in once: in effect, or kept for a person with the reason. Nothing is dropped.

The order in which entries come, how often, and when does not matter. The row of an entry is written in the
transaction of its effect; the unique uuid decides between two at once.
"""

import datetime
import hashlib
import json
import logging
import uuid as uuids
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from fangpin.accounts.models import User
from fangpin.common import audit
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move, write_first_records
from handheld import effects, phones, photos
from handheld.effects import Effect
from handheld.models import Kind, Phone, PhoneEntry, PhoneEntryState

MOST_CHARACTERS = 60_000
log = logging.getLogger(__name__)


class Differs(Refused):
    """The same uuid came with another content (HTTP 409). Nothing changed."""


@dataclass
class Taken:
    """What became of it, as the phone is told. `is_new` is False where it had come before."""

    row: PhoneEntry
    is_new: bool


def take(raw_uuid: Any, content: Any, digest: Any, *, phone: Phone, sent_at: str = "") -> Taken:
    """Takes in one entry, `content` being JSON as the phone made and hashed it.

    `content` holds kind, made_at, codes and what its kind asks (see `effects`). Raises Refused where it is no
    entry at all (broken on the way), and Differs where the uuid came with another content.
    """
    key, told = _read(raw_uuid, content, digest)
    if (known := _known(key, digest, phone)) is not None:
        return Taken(known, is_new=False)
    village = phones.village_of(phone, str(told.get("village", ""))[:12])
    by = phones.acting(phone, village)
    try:
        with transaction.atomic():
            effect = _try(key, told, village=village, by=by, off=_off(sent_at))
            return Taken(
                _keep(key, digest, told, effect, phone=phone, village=village, sent_at=sent_at), is_new=True
            )
    except IntegrityError:
        if (known := _known(key, digest, phone)) is not None:  # it came twice at once
            return Taken(known, is_new=False)
    effect = Effect(attention="和已有的记录冲突，没有直接生效")
    with transaction.atomic():
        return Taken(
            _keep(key, digest, told, effect, phone=phone, village=village, sent_at=sent_at), is_new=True
        )


def _read(raw_uuid: Any, content: Any, digest: Any) -> tuple[uuids.UUID, dict]:
    if not isinstance(content, str) or len(content) > MOST_CHARACTERS:
        raise Refused("这条记录没有完整传到，请重新上传。")
    if hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest() != digest:
        raise Refused("这条记录在路上变了样，请重新上传。")
    try:
        key, told = uuids.UUID(str(raw_uuid)), json.loads(content)
    except ValueError:
        raise Refused("这条记录读不出来，请重新上传。") from None
    if not isinstance(told, dict) or told.get("kind") not in Kind.values:
        raise Refused("这条记录读不出来，请更新页面后重新上传。")
    return key, told


def _known(key: uuids.UUID, digest: str, phone: Phone) -> PhoneEntry | None:
    row = PhoneEntry.objects.filter(uuid=key).select_related("entry").first()
    if row is None:
        return None
    if row.digest != digest or row.by_id != phone.user_id:
        raise Differs("这条记录已经收到过，内容和这次的不一样。原来的没有改动；要更正，请新填一条。")
    return row


def _keep(
    key: uuids.UUID, digest: str, told: dict, effect: Effect, *, phone: Phone, village: str, sent_at: str
) -> PhoneEntry:
    """The row, in the transaction of the effect: its unique uuid undoes what a second one at once has
    done."""
    row = PhoneEntry.objects.create(
        uuid=key,
        digest=digest,
        kind=told["kind"],
        phone=phone,
        by=phone.user,
        village_id=village,
        household=effects.household(told, village),
        made_at=_moment(told.get("made_at")),
        clock_off=_off(sent_at),
        content=told if effect.attention else None,
        reason=effect.attention[:500],
        reply=effect.told[:400],
        state=PhoneEntryState.ATTENTION if effect.attention else PhoneEntryState.TAKEN,
        **effect.made(),
    )
    write_first_records([row], by=phone.user, name="phone_take")
    audit.record(phone.user, "phone_take", row, kind=row.kind, state=row.state)
    return row


def _try(key: uuids.UUID, told: dict, *, village: str, by, off: int) -> Effect:
    """The effect, all or nothing; or why a person has to look."""
    try:
        with transaction.atomic():
            return effects.carry_out(key, told, village=village, by=by, off=off)
    except Refused as refused:
        return Effect(attention=refused.message.rstrip("。"))
    except DatabaseError:
        raise  # the phone sends it again
    except Exception:
        log.exception("entry of a phone could not be carried out: %s", key)
        return Effect(attention="系统没能办理，请联系本县系统管理员")


def _moment(raw: Any) -> datetime.datetime | None:
    try:
        found = parse_datetime(str(raw or ""))
    except ValueError:
        return None
    return found if found and found.tzinfo and 2000 < found.year < 2200 else None


def _off(sent_at: str) -> int:
    """Seconds by which the phone's clock is ahead; a line takes its time, so a little is none."""
    clock = _moment(sent_at)
    off = int((clock - timezone.now()).total_seconds()) if clock else 0
    return max(-(2**31), min(2**31 - 1, off)) if abs(off) > 300 else 0


# ---- A person settles ----
def settle(row: PhoneEntry, *, by, applies: bool, words: str) -> str:
    """A person puts a waiting entry in effect, in its writer's name, or lays it aside. Returns what came of
    it."""
    words = said(words)
    with transaction.atomic():
        work_off(row, "work_off", by=by, words=words)
        effect = Effect(told="已处理，只留记录。")
        if applies:
            effect = in_effect(row, row.content, off=row.clock_off)
        conclude(row, effect, f"{by.name}处理：{words}。{effect.told}")
        audit.record(by, "phone_settle", row, applies=applies, words=words)
    return effect.told


def said(words: str) -> str:
    if not (words := words.strip()[:200]):
        raise Refused("请写明怎么处理的，例如已和填报人核对、以先收到的为准。")
    return words


def work_off(row: PhoneEntry, name: str, *, by, words: str) -> None:
    move(PhoneEntry.objects.filter(pk=row.pk), name, by=by, opinion=words)
    row.refresh_from_db()


def writer_of(row: PhoneEntry) -> User:
    """Its writer, acting in his duty in its village. Raises Refused where that has ended."""
    phone = Phone.objects.select_related("user", "duty").get(pk=row.phone_id)
    writer = phones.acting(phone, row.village_id)
    if writer.acting is None:
        raise Refused("填报人的岗位已经结束，不能再以他的名义办理。请现任干部重新填报，这一份只留记录。")
    return writer


def in_effect(row: PhoneEntry, content: dict, *, off: int, corrected_by=None) -> Effect:
    """Puts `content` in effect in its writer's name; what stands against it a person has seen."""
    return effects.carry_out(
        row.uuid,
        content,
        village=row.village_id,
        by=writer_of(row),
        off=off,
        is_settling=True,
        corrected_by=corrected_by,
    )


def conclude(row: PhoneEntry, effect: Effect, reply: str) -> None:
    """Keeps what the entry has become and what its writer is told; its photos follow."""
    PhoneEntry.objects.filter(pk=row.pk).update(reply=reply[:400], **effect.made())
    row.refresh_from_db()
    photos.join(row)
