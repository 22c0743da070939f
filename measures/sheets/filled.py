"""Filled workbooks of a department: kept sealed, shown, carried out once and as a whole, then gone."""

import datetime
from collections.abc import Iterable
from types import ModuleType

from django.db import transaction
from django.utils import timezone

from fangpin.accounts.models import Department
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.files import private_files
from fangpin.common.handing_in import services as handing_in
from fangpin.common.refusals import Refused
from households.models import Household
from measures.models import FilledSheet, SheetKind
from measures.sheets import delivery_workbook, plan_workbook, rows
from measures.sheets.rows import Reading

KEPT = datetime.timedelta(days=1)
_WORKBOOKS: dict[str, ModuleType] = {SheetKind.PLAN: plan_workbook, SheetKind.DELIVERY: delivery_workbook}


def hand_in(kind: SheetKind, *, file_name: str, content: bytes, by: Actor) -> FilledSheet:
    """Keeps the file after it could be read; nothing is carried out. Raises Refused or UnreadableFile."""
    if not by.may("measure.plan"):
        raise Refused("您当前的岗位不能登记举措。")
    reading = _WORKBOOKS[kind].read(file_name, content, by=by)
    if reading.is_empty:
        raise Refused("表中没有填要登记的内容。请填好后再上传。")
    with handing_in.kept(
        FilledSheet,
        kind=kind,
        department=by.duty.department,
        file_name=file_name,
        content=content,
        by=by,
    ) as sheet:
        _record_lookups(sheet, reading, by)
    return sheet


def _record_lookups(sheet: FilledSheet, reading: Reading, by: Actor) -> None:
    """The check shows households by the numbers of their members: that is recorded, as it is where one is
    looked up on a page."""
    figures = {"numbers": len(reading.looked_up) + reading.missed, "missed": reading.missed}
    audit.record(by, "measure_sheet_in", sheet, digest=sheet.digest, rows=len(reading.table.rows), **figures)
    details = {pk: {"found": True, "sheet": sheet.pk} for pk in sorted(reading.looked_up)}
    audit.record_each(by, "household_find", Household, details)


def again(sheet: FilledSheet, *, by: Actor) -> Reading | None:
    """What the kept file would do now; None where its content has gone meanwhile."""
    try:
        content = private_files.load(sheet.stored_name)
    except FileNotFoundError:
        return None
    return _WORKBOOKS[sheet.kind].read(sheet.file_name, content, by=by)


def confirm(sheet: FilledSheet, *, by: Actor) -> int:
    """Carries out all of it, once, as it is judged now. Raises Refused."""
    with transaction.atomic():
        # Of two sheets of a department that say the same the second sees what the first has planned.
        Department.objects.select_for_update(of=("self",)).get(pk=sheet.department_id)
        own = FilledSheet.objects.for_user(by).filter(pk=sheet.pk)
        held = own.select_for_update(of=("self",)).first()
        if held is None or held.confirmed_at:
            raise Refused("这份表已经登记过了，没有重复登记。")
        if not held.stored_name:
            raise Refused("这份表上传已超过一天，没有登记。请重新上传。")
        reading = again(held, by=by)
        if reading is None or not reading.may_confirm:
            raise Refused("有内容在检查后变化了，没有登记。请看下面的检查结果。")
        count = _WORKBOOKS[held.kind].carry_out(reading, by=by)
        stored, held.stored_name = held.stored_name, ""
        held.confirmed_at, held.count = timezone.now(), count
        held.save(update_fields=["confirmed_at", "count", "stored_name"])
        audit.record(by, f"measure_sheet_{held.kind}", held, measures=count, digest=held.digest)
        transaction.on_commit(lambda: private_files.remove(stored))
    return count


def returned(sheet: FilledSheet, *, by: Actor) -> bytes | None:
    """The workbook with a last column that says what to mend; None where its content has gone."""
    if (reading := again(sheet, by=by)) is None:
        return None
    audit.record(by, "measure_sheet_returned", sheet, rows=reading.faulty_rows)
    return rows.marked(reading.table, reading.faults)


def drop_old() -> int:
    """Contents that nobody confirmed within a day; safe to run twice."""
    with transaction.atomic():
        old = FilledSheet.objects.exclude(stored_name="").filter(at__lt=timezone.now() - KEPT)
        names = dict(old.select_for_update(of=("self",)).order_by("pk").values_list("pk", "stored_name"))
        FilledSheet.objects.filter(pk__in=list(names)).update(stored_name="")
        transaction.on_commit(lambda: _remove(names.values()))
    return len(names)


def _remove(names: Iterable[str]) -> None:
    for name in names:
        private_files.remove(name)
