"""New versions of the catalogue (Art. 15): the region drafts and releases its rows, a county its standards
over them; never edited after."""

import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from fangpin.accounts.models import Department, Division, Level
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from measures.catalogue import types
from measures.models import CeilingKind, MeasureType

# What a draft may change, by who makes it.
OF_REGION = (
    "name",
    "department",
    "period",
    "cap",
    "most_months",
    "cap_by_county",
    "is_universal",
    "is_two_years",
    "is_on_application",
    "ceiling_kind",
    "ceiling",
    "ceiling_rate",
    "ends_on",
)
OF_COUNTY = types.BY_COUNTY


def may_draft(user: Actor, code_row: MeasureType) -> bool:
    """The region any row; a county where the region has left the standard to it."""
    if not user.may("catalogue.draft"):
        return False
    return user.duty.division.level == Level.REGION or code_row.cap_by_county or bool(code_row.comparators)


def region_row(code: str, division: Division, day: datetime.date | None = None) -> MeasureType | None:
    """The region's released row of a code that holds on `day`."""
    region = division.code[:2] + "0" * 10
    rows = MeasureType.objects.published().filter(
        code=code, division=region, holds_from__lte=day or timezone.localdate()
    )
    return rows.order_by("-holds_from").first()


def draft_version(
    code: str, *, by: Actor, holds_from: datetime.date, document: str, changes: dict[str, Any]
) -> MeasureType:
    """A new version from a day on, waiting for its release. Raises Refused."""
    place = by.duty.division
    row = region_row(code, place)
    if row is None or not may_draft(by, row):
        raise Refused("举措目录由自治区定，县只能定自治区交由县定的标准。")
    is_region = place.level == Level.REGION
    allowed = OF_REGION if is_region else OF_COUNTY
    if set(changes) - set(allowed):
        raise Refused("县只能定承办部门、标准和边缘户限额。")
    if not document.strip():
        raise Refused("请写明依据的文号。")
    _check(changes, is_region, place)
    kept = {
        each.attname: getattr(row, each.attname)
        for each in MeasureType._meta.concrete_fields
        if each.name
        not in (
            "id",
            "uuid",
            "division",
            "holds_from",
            "released_at",
            "released_by",
            "drafted_by",
            "document",
        )
    }
    if not is_region:
        kept |= dict.fromkeys(("cap", "ceiling", "ceiling_rate")) | {"ceiling_kind": ""}
    with transaction.atomic():
        MeasureType.objects.filter(code=code, division=place, released_at=None).delete()
        made = MeasureType.objects.create(
            **kept | changes,
            division=place,
            holds_from=holds_from,
            document=document.strip()[:80],
            drafted_by=by,
            released_at=None,
        )
        audit.record(by, "catalogue_draft", made, code=code, holds_from=holds_from.isoformat())
    return made


def _check(changes: dict[str, Any], is_region: bool, place: Division) -> None:
    kind = changes.get("ceiling_kind", "")
    if kind and kind not in CeilingKind.values:
        raise Refused("请选择限额的口径。")
    if kind == CeilingKind.RATE and not 0 < (changes.get("ceiling_rate") or 0) <= 10_000:
        raise Refused("比例须大于 0、不超过 100%。")
    if kind in (CeilingKind.FIXED, CeilingKind.TERM) and not changes.get("ceiling"):
        raise Refused("请填限额的金额。")
    if any(changes.get(name) is not None and changes[name] <= 0 for name in ("cap", "ceiling")):
        raise Refused("金额须大于零。")
    code = changes.get("department")
    if code and not is_region and not Department.objects.filter(county=place, code=code).exists():
        raise Refused("本县没有这个部门。")


def publish_version(draft: MeasureType, *, by: Actor) -> MeasureType:
    """From its day on it holds, and nothing of it can be changed. Whoever drafted it does not release it."""
    with transaction.atomic():
        own = MeasureType.objects.for_user(by).filter(pk=draft.pk, released_at=None)
        held = own.select_for_update(of=("self",)).first()
        if held is None or not by.may("catalogue.release") or held.division_id != by.duty.division_id:
            raise Refused("没有这份待发布的标准，或您当前的岗位不能发布。")
        if held.drafted_by_id == by.pk:
            raise Refused("起草的人不能发布，请由另一人发布。")
        held.released_at, held.released_by = timezone.now(), by
        try:
            with transaction.atomic():
                held.save(update_fields=["released_at", "released_by"])
        except IntegrityError as error:
            raise Refused(f"{held.holds_from} 起施行的版本已经发布过，请改施行日期。") from error
        audit.record(by, "catalogue_release", held, code=held.code)
    return held


def discard_draft(draft: MeasureType, *, by: Actor) -> None:
    own = MeasureType.objects.for_user(by).filter(pk=draft.pk, released_at=None, division=by.duty.division_id)
    if not by.may("catalogue.draft") or not own.exists():
        raise Refused("没有这份草稿。")
    own.delete()
    audit.record(by, "catalogue_discard", code=draft.code)
