"""签发 of a meeting (Art. 7(2)3): by a member of the leading group himself, or registered from the signed
paper by one person and confirmed by a second. Then its decisions take effect."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.files import private_files, scans
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move
from fangpin.common.values.words import plain
from screening.meetings import decisions, effects, signers
from screening.models import Meeting, MeetingState, Round


def sign_meeting(meeting: Meeting, *, by: Actor, document: str = "") -> Meeting:
    """本人签发: the decisions take effect. Raises Refused, or what the door raises."""
    with transaction.atomic():
        locked = _held(meeting, by=by)
        if not signers.is_signer(by):
            raise Refused("只有县扶贫开发领导小组成员能本人签发；凭签发的纪要办理的，请用“登记”。")
        if locked.registered_by_id:
            raise Refused(f"{locked.registered_by}已凭签发的纪要登记，请核对后办理“确认”。")
        stamps = {
            "way": Meeting.Way.IN_PERSON,
            "signer_name": by.name,
            "signed_on": timezone.localdate(),
            "document": plain(document) or locked.document,
        }
        _put_in_effect(locked, by=by, stamps=stamps)
    meeting.refresh_from_db()
    return meeting


def register_minutes(
    meeting: Meeting, *, by: Actor, document: str, signer: str, signed_on: datetime.date, scan: bytes
) -> Meeting:
    """登记: the number, signer and day on the signed paper, with its scan. Nothing takes effect before a
    second person has confirmed it; until then whoever registered it may mend it."""
    kind = scans.kind_of(scan)
    if kind is None:
        raise Refused("扫描件须是 PDF、JPG 或 PNG 文件，请重新扫描或另存后再上传。")
    with transaction.atomic():
        locked = _held(meeting, by=by, permission="meeting.register")
        _check_paper(locked, document, signer, signed_on)
        if locked.registered_by_id not in (None, by.pk):
            raise Refused(f"{locked.registered_by}已经登记，请核对后办理“确认”。")
        with private_files.stored(scan) as name:
            Meeting.objects.filter(pk=locked.pk).update(
                way=Meeting.Way.REGISTERED,
                document=plain(document),
                signer_name=plain(signer),
                signed_on=signed_on,
                registered_by=by,
                registered_at=timezone.now(),
                scan_name=name,
                scan_kind=kind,
                scan_digest=private_files.digest(scan),
            )
            audit.record(
                by, "meeting_register", locked, document=plain(document), digest=private_files.digest(scan)
            )
    meeting.refresh_from_db()
    return meeting


def confirm_minutes(
    meeting: Meeting, *, by: Actor, document: str, signer: str, approved: Mapping[str, int | None]
) -> Meeting:
    """确认 by a second person, who types back from the paper its number, its signer and the households taken
    in of each township (code → number): all must be what the system holds. Raises Refused with what
    differs."""
    with transaction.atomic():
        locked = _held(meeting, by=by)
        if locked.registered_by_id is None:
            raise Refused("还没有人登记签发的纪要，不能确认。")
        if locked.registered_by_id == by.pk:
            raise Refused("登记和确认须由两个人办理，请由另一人确认。")
        if differing := _differing(locked, document, signer, approved):
            raise Refused(
                f"与系统不一致：{'、'.join(differing)}。请与纸质纪要逐项核对；纸质有误或登记有误的，退回更正后再确认。"
            )
        _put_in_effect(locked, by=by, stamps={})
    meeting.refresh_from_db()
    return meeting


def _held(meeting: Meeting, *, by: Actor, permission: str = "meeting.sign") -> Meeting:
    """The meeting, held and locked behind its round, for somebody who may sign it. Raises Refused with what
    has happened meanwhile."""
    if not by.may(permission) or not Meeting.objects.for_user(by).filter(pk=meeting.pk).exists():
        raise Refused("您当前的岗位不能办理这次审定会的签发。")
    Round.objects.select_for_update(of=("self",)).get(meetings=meeting.pk)
    locked = (
        Meeting.objects.select_for_update(of=("self",))
        .select_related("round__county", "registered_by", "signed_by")
        .get(pk=meeting.pk)
    )
    if locked.state == MeetingState.SIGNED:
        raise Refused(f"{locked.signed_by}刚刚已办理签发，审定意见已经生效，没有再办理。")
    if locked.state != MeetingState.HELD:
        raise Refused(f"这次审定会{locked.get_state_display()}，不能签发；请等办公室登记召开后再办理。")
    if reason := signers.why_not(locked, by):
        raise Refused(reason)
    return locked


def _put_in_effect(locked: Meeting, *, by: Actor, stamps: dict[str, Any]) -> None:
    if reasons := decisions.obstacles(locked):
        raise Refused(f"还不能签发：{'；'.join(reasons)}。请办公室退回筹备，改好后再签发。")
    move(Meeting.objects.filter(pk=locked.pk), "sign", by=by, stamps=stamps)
    locked.refresh_from_db(fields=["state", "signed_on", "document", "way"])
    counts = effects.carry_out(locked, by=by, on=locked.signed_on or timezone.localdate())
    audit.record(by, "meeting_sign", locked, way=locked.way, checksum=decisions.checksum(locked), **counts)


# ---- Paper ----
def _check_paper(locked: Meeting, document: str, signer: str, signed_on: datetime.date) -> None:
    if not plain(document) or not plain(signer):
        raise Refused("请填写纪要文号和签发人。")
    if signed_on > timezone.localdate():
        raise Refused("签发日期不能晚于今天。")
    if signed_on < timezone.localdate(locked.planned_for):
        raise Refused("签发日期不能早于会议日期。")


def _differing(locked: Meeting, document: str, signer: str, approved: Mapping[str, int | None]) -> list[str]:
    differing = []
    if plain(document) != plain(locked.document):
        differing.append("文号")
    if plain(signer) != plain(locked.signer_name):
        differing.append("签发人")
    counts = decisions.approved_by_township(locked)
    differing += [f"{place.short_name}的户数" for place, n in counts.items() if approved.get(place.code) != n]
    if set(approved) - {place.code for place in counts}:
        differing.append("乡镇")
    return differing
