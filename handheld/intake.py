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
from fangpin.common.actor import Actor
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
class Received:
    """What became of it. `is_new` is False where it had come before."""

    row: PhoneEntry
    is_new: bool


def receive_entry(raw_uuid: Any, text: Any, digest: Any, *, phone: Phone, sent_at: str = "") -> Received:
    """Takes in one entry, `text` being JSON as the phone made and hashed it.

    The JSON holds kind, made_at, codes and what its kind asks (see `effects`). Raises Refused where it is no
    entry at all (broken on the way), and Differs where the uuid came with another content.
    """
    key, content = _read(raw_uuid, text, digest)
    if (known := _known(key, digest, phone)) is not None:
        return Received(known, is_new=False)
    village = phones.village_of(phone, str(content.get("village", ""))[:12])
    by = phones.acting(phone, village)
    try:
        with transaction.atomic():
            effect = _try(key, content, village=village, by=by, off=_off(sent_at))
            row = _keep(key, digest, content, effect, phone=phone, village=village, sent_at=sent_at)
            return Received(row, is_new=True)
    except IntegrityError:
        if (known := _known(key, digest, phone)) is not None:  # it came twice at once
            return Received(known, is_new=False)
    effect = Effect(attention="和已有的记录冲突，没有直接生效")
    with transaction.atomic():
        return Received(
            _keep(key, digest, content, effect, phone=phone, village=village, sent_at=sent_at), is_new=True
        )


def _read(raw_uuid: Any, text: Any, digest: Any) -> tuple[uuids.UUID, dict[str, Any]]:
    if not isinstance(text, str) or len(text) > MOST_CHARACTERS:
        raise Refused("这条记录没有完整传到，请重新上传。")
    if hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() != digest:
        raise Refused("这条记录在路上变了样，请重新上传。")
    try:
        key, content = uuids.UUID(str(raw_uuid)), json.loads(text)
    except ValueError:
        raise Refused("这条记录读不出来，请重新上传。") from None
    if not isinstance(content, dict) or content.get("kind") not in Kind.values:
        raise Refused("这条记录读不出来，请更新页面后重新上传。")
    return key, content


def _known(key: uuids.UUID, digest: str, phone: Phone) -> PhoneEntry | None:
    row = PhoneEntry.objects.filter(uuid=key).select_related("entry").first()
    if row is None:
        return None
    if row.digest != digest or row.by_id != phone.user_id:
        raise Differs("这条记录已经收到过，内容和这次的不一样。原来的没有改动；要更正，请新填一条。")
    return row


def _keep(
    key: uuids.UUID,
    digest: str,
    content: dict[str, Any],
    effect: Effect,
    *,
    phone: Phone,
    village: str,
    sent_at: str,
) -> PhoneEntry:
    """The row, in the transaction of the effect: its unique uuid undoes what a second one at once has
    done."""
    row = PhoneEntry.objects.create(
        uuid=key,
        digest=digest,
        kind=content["kind"],
        phone=phone,
        by=phone.user,
        village_id=village,
        household=effects.household(content, village),
        made_at=_moment(content.get("made_at")),
        clock_off=_off(sent_at),
        content=content if effect.attention else None,
        reason=effect.attention[:500],
        reply=effect.sentence[:400],
        state=PhoneEntryState.ATTENTION if effect.attention else PhoneEntryState.TAKEN,
        **effect.made(),
    )
    write_first_records([row], by=phone.user, name="phone_take")
    audit.record(phone.user, "phone_take", row, kind=row.kind, state=row.state)
    return row


def _try(key: uuids.UUID, content: dict[str, Any], *, village: str, by: Actor, off: int) -> Effect:
    """The effect, all or nothing; or why a person has to decide."""
    try:
        with transaction.atomic():
            return effects.carry_out(key, content, village=village, by=by, off=off)
    except Refused as refused:
        return Effect(attention=refused.message.rstrip("。"))
    except DatabaseError:
        raise  # the phone sends it again
    except Exception:
        log.exception("entry of a phone could not be carried out: %s", key)
        return Effect(attention="系统没能办理，请联系本县系统管理员")


def _moment(raw: Any) -> datetime.datetime | None:
    try:
        moment = parse_datetime(str(raw or ""))
    except ValueError:
        return None
    return moment if moment and moment.tzinfo and 2000 < moment.year < 2200 else None


def _off(sent_at: str) -> int:
    """Seconds by which the phone's clock is ahead; a line takes its time, so a little is none."""
    clock = _moment(sent_at)
    off = int((clock - timezone.now()).total_seconds()) if clock else 0
    return max(-(2**31), min(2**31 - 1, off)) if abs(off) > 300 else 0


# ---- A person settles ----
def settle_entry(row: PhoneEntry, *, by: Actor, applies: bool, words: str) -> str:
    """A person puts a waiting entry in effect, in its writer's name, or lays it aside. Returns what came of
    it."""
    words = checked_words(words)
    with transaction.atomic():
        move_entry(row, "work_off", by=by, words=words)
        effect = Effect(sentence="已处理，只留记录。")
        if applies:
            effect = put_in_effect(row, row.content, off=row.clock_off)
        conclude(row, effect, f"{by.name}处理：{words}。{effect.sentence}")
        audit.record(by, "phone_settle", row, applies=applies, words=words)
    return effect.sentence


def checked_words(words: str) -> str:
    if not (words := words.strip()[:200]):
        raise Refused("请写明怎么处理的，例如已和填报人核对、以先收到的为准。")
    return words


def move_entry(row: PhoneEntry, name: str, *, by: Actor, words: str) -> None:
    move(PhoneEntry.objects.filter(pk=row.pk), name, by=by, opinion=words)
    row.refresh_from_db()


def writer_of(row: PhoneEntry) -> User:
    """Its writer, acting in his duty in its village. Raises Refused where that has ended."""
    phone = Phone.objects.select_related("user", "duty").get(pk=row.phone_id)
    writer = phones.acting(phone, row.village_id)
    if writer.acting is None:
        raise Refused("填报人的岗位已经结束，不能再以他的名义办理。请现任干部重新填报，这一份只留记录。")
    return writer


def put_in_effect(
    row: PhoneEntry, content: dict[str, Any], *, off: int, corrected_by: Actor | None = None
) -> Effect:
    """Puts `content` in effect in its writer's name; a person has seen what the county has already."""
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
    """Keeps what the entry has become and the answer to its writer; then its photos join it."""
    PhoneEntry.objects.filter(pk=row.pk).update(reply=reply[:400], **effect.made())
    row.refresh_from_db()
    photos.join_photos(row)
