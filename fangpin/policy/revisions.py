"""政策调整: drafted, changed, discarded, released, and seen by the counties (Art. 15).

The region sets every parameter; a county those that the text leaves to it, and for itself alone. What is
released is never edited: another release takes its place from its own day on.
"""

import datetime
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from fangpin.accounts.models import Division, Level
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move, write_first_records
from fangpin.policy.models import Acknowledgement, Policy, Revision
from fangpin.policy.parameters import FIRST_DAY, PARAMETERS, Parameter
from fangpin.policy.services import NoPolicy, in_force, rows_at
from fangpin.policy.values import AS_REGION, Unfit, check, contradictions


class RevisionRefused(Refused):
    """Nothing was changed; `message` is Chinese and says what to do, `faults` gives key → message."""

    def __init__(self, message: str, faults: Mapping[str, str] | None = None):
        super().__init__(message)
        self.faults = dict(faults or {})


def settable(division: Division) -> list[Parameter]:
    """What a place may set: the region everything, a county what is left to counties, others nothing."""
    if division.level == Level.REGION:
        return list(PARAMETERS.values())
    if division.level == Level.COUNTY:
        return [parameter for parameter in PARAMETERS.values() if parameter.by_county]
    return []


def may_draft(user: Actor) -> bool:
    return user.may("policy.draft") and bool(settable(user.duty.division))


def draft(
    values: Mapping[str, Any], *, holds_from: datetime.date, document: str, reason: str, by: Actor
) -> Revision:
    """A new draft for the place that `by` acts at. `values`: key → value (fen, whole number, words …), None
    where a county follows the region again. Raises Refused."""
    if not may_draft(by):
        raise RevisionRefused("您当前的岗位不能起草政策调整。")
    _check(by.duty.division, values, holds_from, document, reason)
    with transaction.atomic():
        revision = Revision.objects.create(
            division=by.duty.division,
            holds_from=holds_from,
            document=document.strip(),
            reason=reason.strip(),
            drafted_by=by,
        )
        _write(revision, values)
        write_first_records([revision], by=by, name="draft_policy")
        audit.record(by, "policy_draft", revision, values=dict(values), document=revision.document)
    return revision


def change(
    revision: Revision,
    values: Mapping[str, Any],
    *,
    holds_from: datetime.date,
    document: str,
    reason: str,
    by: Actor,
) -> Revision:
    """Puts other values into a draft. Raises Refused, also where it is no draft any more."""
    if not (by.may("policy.draft") and by.duty.division_id == revision.division_id):
        raise RevisionRefused("您当前的岗位不能修改这份草稿。")
    _check(revision.division, values, holds_from, document, reason)
    with transaction.atomic():
        locked = Revision.objects.select_for_update().get(pk=revision.pk)
        if not locked.is_draft:
            raise RevisionRefused(f"这份调整{locked.state_label}，不能再改。要改请另起草一份。")
        locked.holds_from, locked.document, locked.reason = holds_from, document.strip(), reason.strip()
        locked.save(update_fields=["holds_from", "document", "reason"])
        locked.values.all().delete()
        _write(locked, values)
        audit.record(by, "policy_change", locked, values=dict(values), document=locked.document)
    return locked


def discard(revision: Revision, *, by: Actor) -> None:
    """Raises TransitionRefused."""
    move(Revision.objects.filter(pk=revision.pk), "discard", by=by)


def release(revision: Revision, *, seen: str, by: Actor) -> Revision:
    """Puts a draft in force from its day on, for good. `seen` is `digest` of what was shown to the person who
    releases. Raises TransitionRefused or Refused."""
    try:
        with transaction.atomic():
            move(Revision.objects.filter(pk=revision.pk), "release", by=by)
            released = Revision.objects.select_related("division").get(pk=revision.pk)
            values = values_of(released)
            if seen != digest(released):
                raise RevisionRefused("草稿刚刚被人改过，没有发布。请看过新的内容再发布。")
            _check(released.division, values, released.holds_from, released.document, released.reason)
            released.values.update(released_at=released.released_at)
            audit.record(by, "policy_release", released, values=values, holds_from=str(released.holds_from))
    except IntegrityError as error:
        raise RevisionRefused(
            f"其中有参数已经发布过 {revision.holds_from:%Y-%m-%d} 起施行的值，同一天只能有一个，没有发布。"
            "请把施行日期改为另一天。"
        ) from error
    return released


def acknowledge(revision: Revision, *, by: Actor) -> None:
    """The county has seen a release of the region; twice is once."""
    county = Division.objects.get(code=by.duty.county_code)
    if not (by.may("policy.acknowledge") and revision.released_at and county.level == Level.COUNTY):
        raise RevisionRefused("您当前的岗位不能办理知悉。")
    _, is_new = Acknowledgement.objects.get_or_create(
        revision=revision, county=county, defaults={"by": by, "at": timezone.now()}
    )
    if is_new:
        audit.record(by, "policy_acknowledge", revision, county=county.code)


def values_of(revision: Revision) -> dict[str, Any]:
    """Key → value, in the order of the regulation."""
    values = dict(revision.values.filter(key__in=PARAMETERS).values_list("key", "value"))
    return {key: values[key] for key in PARAMETERS if key in values}


def digest(revision: Revision) -> str:
    content = [values_of(revision), str(revision.holds_from), revision.document, revision.reason]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _write(revision: Revision, values: Mapping[str, Any]) -> None:
    Policy.objects.bulk_create(
        [
            Policy(
                key=key,
                division=revision.division,
                value=value,
                holds_from=revision.holds_from,
                document=revision.document,
                released_at=None,
                revision=revision,
            )
            for key, value in values.items()
        ]
    )


def _check(
    division: Division, values: Mapping[str, Any], holds_from: datetime.date, document: str, reason: str
) -> None:
    if not values:
        raise RevisionRefused("还没有填要调整的参数，请至少填一项。")
    if not document.strip():
        raise RevisionRefused("请填依据的文号，如 桂扶领发〔2021〕1号。")
    if not reason.strip():
        raise RevisionRefused("请写明调整的原因。")
    if holds_from < FIRST_DAY:
        raise RevisionRefused(f"施行日期不能早于《实施办法》施行的 {FIRST_DAY:%Y-%m-%d}。")
    faults = _faults(division, values, holds_from)
    if faults:
        raise RevisionRefused("有参数的值需要改正。", faults)
    if sentences := contradictions(_together(division, values, holds_from)):
        raise RevisionRefused("".join(sentences))


def _faults(division: Division, values: Mapping[str, Any], day: datetime.date) -> dict[str, str]:
    known = {parameter.key: parameter for parameter in settable(division)}
    current = rows_at([division], day)[division.code]
    own = current.region if division.level == Level.REGION else current.own
    faults = {}
    for key, value in values.items():
        if key not in known:
            faults[key] = "这项参数由自治区规定，本县不能自行调整。"
        elif value is None:
            if division.level == Level.REGION or key not in own or own[key].value is None:
                faults[key] = f"本县没有自定的值，已经是{AS_REGION}执行。"
        else:
            try:
                check(known[key], value)
            except Unfit as error:
                faults[key] = error.message
                continue
            if key in own and own[key].value == value:
                faults[key] = f"与 {own[key].holds_from:%Y-%m-%d} 起施行的值相同，不用调整。"
    return faults


def _together(division: Division, values: Mapping[str, Any], day: datetime.date) -> dict[str, Any]:
    """Every value on `day` as it would be."""
    try:
        present = {key: value for key, (value, _) in in_force(division, day).values.items()}
    except NoPolicy:
        present = {key: parameter.default for key, parameter in PARAMETERS.items()}
    return present | {key: value for key, value in values.items() if value is not None}
