"""签发 of a meeting (Art. 7(2)3): by a member of the leading group himself, or registered from the signed
paper by one person and confirmed by a second. Whoever prepared the meeting, verified a household on it, or
put right what the village told of it, does neither."""

import datetime
from collections.abc import Callable, Mapping

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from fangpin.accounts.roles import Role
from fangpin.common import audit
from fangpin.common.files import private_files, scans
from fangpin.common.refusals import Refused
from fangpin.common.transitions import history, move
from fangpin.common.words import plain
from screening.comparison import proposal
from screening.meetings import decisions, effects
from screening.models import Candidate, Meeting, MeetingState, Round, Verification

_PREPARING = ("plan", "hold", "correct")
# Stages after this one say who took part in what a meeting decides: (meeting, user) → why he may not sign, or
# "".
BARRED: list[Callable[[Meeting, object], str]] = []


def sign(meeting: Meeting, *, by, document: str = "") -> Meeting:
    """本人签发: the decisions take effect. Raises Refused, or what the door raises."""
    with transaction.atomic():
        standing = _held(meeting, by=by)
        if not is_signer(by):
            raise Refused("只有县扶贫开发领导小组成员能本人签发；凭签发的纪要办理的，请用“登记”。")
        if standing.registered_by_id:
            raise Refused(f"{standing.registered_by.name}已凭签发的纪要登记，请核对后办理“确认”。")
        stamps = {
            "way": Meeting.Way.IN_PERSON,
            "signer_name": by.name,
            "signed_on": timezone.localdate(),
            "document": plain(document) or standing.document,
        }
        _take_effect(standing, by=by, stamps=stamps)
    meeting.refresh_from_db()
    return meeting


def register(
    meeting: Meeting, *, by, document: str, signer: str, signed_on: datetime.date, scan: bytes
) -> Meeting:
    """登记: the number, signer and day on the signed paper, with its scan. Nothing takes effect before a
    second person has confirmed it; until then whoever registered it may mend it."""
    kind = scans.kind_of(scan)
    if kind is None:
        raise Refused("扫描件须是 PDF、JPG 或 PNG 文件，请重新扫描或另存后再上传。")
    with transaction.atomic():
        standing = _held(meeting, by=by, permission="meeting.register")
        _check_paper(standing, document, signer, signed_on)
        if standing.registered_by_id not in (None, by.pk):
            raise Refused(f"{standing.registered_by.name}已经登记，请核对后办理“确认”。")
        stored = private_files.store(scan)
        try:
            Meeting.objects.filter(pk=standing.pk).update(
                way=Meeting.Way.REGISTERED,
                document=plain(document),
                signer_name=plain(signer),
                signed_on=signed_on,
                registered_by=by,
                registered_at=timezone.now(),
                scan_name=stored,
                scan_kind=kind,
                scan_digest=private_files.digest(scan),
            )
            audit.record(
                by, "meeting_register", standing, document=plain(document), digest=private_files.digest(scan)
            )
        except BaseException:
            private_files.remove(stored)
            raise
    meeting.refresh_from_db()
    return meeting


def confirm(
    meeting: Meeting, *, by, document: str, signer: str, approved: Mapping[str, int | None]
) -> Meeting:
    """确认 by a second person, who types back from the paper its number, its signer and the households taken
    in of each township (code → number): all must be what the system holds. Raises Refused with what
    differs."""
    with transaction.atomic():
        standing = _held(meeting, by=by)
        if standing.registered_by_id is None:
            raise Refused("还没有人登记签发的纪要，不能确认。")
        if standing.registered_by_id == by.pk:
            raise Refused("登记和确认须由两个人办理，请由另一人确认。")
        if differing := _differing(standing, document, signer, approved):
            raise Refused(
                f"与系统不一致：{'、'.join(differing)}。请与纸质纪要逐项核对；纸质有误或登记有误的，退回更正后再确认。"
            )
        _take_effect(standing, by=by, stamps={})
    meeting.refresh_from_db()
    return meeting


def is_signer(by) -> bool:
    """Whether this duty signs in person: the leading group's alone."""
    return by.acting.role == Role.LEADING_GROUP


def _held(meeting: Meeting, *, by, permission: str = "meeting.sign") -> Meeting:
    """The meeting, held and locked behind its round, for somebody who may sign it. Raises Refused with what
    has happened meanwhile."""
    if not by.may(permission) or not Meeting.objects.for_user(by).filter(pk=meeting.pk).exists():
        raise Refused("您当前的岗位不能办理这次审定会的签发。")
    Round.objects.select_for_update(of=("self",)).get(meetings=meeting.pk)
    standing = (
        Meeting.objects.select_for_update(of=("self",))
        .select_related("round__county", "registered_by", "signed_by")
        .get(pk=meeting.pk)
    )
    if standing.state == MeetingState.SIGNED:
        raise Refused(f"{standing.signed_by.name}刚刚已办理签发，审定意见已经生效，没有再办理。")
    if standing.state != MeetingState.HELD:
        raise Refused(f"这次审定会{standing.get_state_display()}，不能签发；请等办公室登记召开后再办理。")
    if reason := why_not(standing, by):
        raise Refused(reason)
    return standing


def why_not(meeting: Meeting, by) -> str:
    """Why this person may neither sign, register nor confirm this meeting; "" where he may."""
    prepared = history(meeting).filter(by=by.pk, transition__in=_PREPARING)
    if meeting.prepared_by_id == by.pk or prepared.exists():
        return "您筹备了这次审定会，不能签发、登记或确认，请由他人办理。"
    own = Q(answered_by=by.pk) | Q(corrected_by=by.pk) | Q(settled_by=by.pk)
    households = Candidate.objects.filter(agenda_items__meeting=meeting)
    verified = Verification.objects.filter(own, candidate__in=households).count()
    decided = Q(confirmed_by=by.pk) | Q(proposal.entry_corrected_by(by))
    verified = verified or households.filter(decided).count()
    if verified:
        return (
            f"议程上有 {verified} 户是您核实或确认的，或由您改正过入户记录、核实回复，不能由您签发、"
            f"登记或确认，"
            "请由他人办理。"
        )
    return next((words for barred in BARRED if (words := barred(meeting, by))), "")


def _take_effect(standing: Meeting, *, by, stamps: dict) -> None:
    if found := decisions.obstacles(standing):
        raise Refused(f"还不能签发：{'；'.join(found)}。请办公室退回筹备，改好后再签发。")
    move(Meeting.objects.filter(pk=standing.pk), "sign", by=by, stamps=stamps)
    standing.refresh_from_db(fields=["state", "signed_on", "document", "way"])
    counts = effects.take_effect(standing, by=by, on=standing.signed_on)
    audit.record(
        by, "meeting_sign", standing, way=standing.way, checksum=decisions.checksum(standing), **counts
    )


# ---- Paper ----


def _check_paper(standing: Meeting, document: str, signer: str, signed_on: datetime.date) -> None:
    if not plain(document) or not plain(signer):
        raise Refused("请填写纪要文号和签发人。")
    if signed_on > timezone.localdate():
        raise Refused("签发日期不能晚于今天。")
    if signed_on < timezone.localdate(standing.planned_for):
        raise Refused("签发日期不能早于会议日期。")


def _differing(standing: Meeting, document: str, signer: str, approved: Mapping) -> list[str]:
    found = []
    if plain(document) != plain(standing.document):
        found.append("文号")
    if plain(signer) != plain(standing.signer_name):
        found.append("签发人")
    counts = decisions.approved_by_township(standing)
    found += [f"{place.short_name}的户数" for place, n in counts.items() if approved.get(place.code) != n]
    if set(approved) - {place.code for place in counts}:
        found.append("乡镇")
    return found
