"""Registry and income workbooks: received, checked and shown, then taken in; what is not taken goes back."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from fangpin.accounts.models import Division, code_range
from fangpin.accounts.places.divisions import PlaceFinder
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.files import private_files
from fangpin.common.handing_in import services as handing_in
from fangpin.common.models import Job
from fangpin.common.outcomes import Outcome
from fangpin.common.refusals import Refused
from fangpin.common.transitions import write_first_records
from fangpin.common.workbooks import Table, read_table
from households.models import ImportKind, ImportRow, RegistryImport
from households.registry import file, income, taking_in

COLUMNS = {ImportKind.REGISTRY: file.COLUMNS, ImportKind.INCOME: income.COLUMNS}
ROWS_KEPT = 20_000


def receive(kind: ImportKind, *, file_name: str, content: bytes, by: Actor) -> RegistryImport:
    """Keeps the file; nothing is read yet. Raises Refused without the right."""
    if not by.may("registry.import"):
        raise Refused("您当前的岗位不能导入户册。")
    with handing_in.kept(
        RegistryImport,
        kind=kind,
        county_id=by.duty.county_code,
        division_id=by.duty.division_id,
        file_name=file_name,
        content=content,
        by=by,
    ) as batch:
        write_first_records([batch], by=by, name="receive")
    return batch


def run(
    batch: RegistryImport, *, by: Actor, apply: bool, progress: Callable[[str], None] = lambda _label: None
) -> Outcome:
    """Checks a received workbook (`apply=False`: everything is done and rolled back) or takes it in.

    Raises Refused, and leaves the batch `refused` with the reason, where the file can't be read.
    """
    kind = ImportKind(batch.kind)
    progress("正在读取文件")
    closed = f"这份文件{batch.get_state_display()}，没有再次处理。如需再导入，请重新上传。"
    table = handing_in.read_kept(batch, partial(read, kind, file_name=batch.file_name), by=by, closed=closed)
    progress("正在检查并与户册比对")
    outcome = import_table(kind, table, batch.county, by=by, dry_run=not apply, digest=batch.file_digest)
    stamps = {"result": _summary(outcome), "headings": table.headings}
    rows = _rows(batch, table, outcome)
    handing_in.settle(batch, "apply" if apply else "check_file", rows, by=by, stamps=stamps)
    if apply:
        private_files.remove(batch.stored_name)
    return outcome


def read(kind: ImportKind, content: bytes, file_name: str) -> Table:
    """The workbook's table. Raises UnreadableFile for the file as a whole."""
    table = read_table(content, file_name, COLUMNS[kind])
    if kind == ImportKind.INCOME:
        income.check_headings(table)
    return table


def latest_job(batch: RegistryImport) -> Job | None:
    """The run that checks the batch or takes it in, or did so last."""
    return handing_in.latest_job("registry_import", batch)


def is_of_duty(batch: RegistryImport, user: Actor) -> bool:
    """Whether the acting duty covers just what the file was checked for: a wider one would find other
    rows."""
    return user.duty.division_id == batch.division_id


def faults_of(batch: RegistryImport, chosen: dict[str, str]) -> QuerySet[ImportRow]:
    """Rows that were not taken in, and warnings; `chosen` may hold `outcome` and `code`."""
    return batch.rows.filter(**{name: value for name, value in chosen.items() if value})


def import_table(
    kind: ImportKind, table: Table, county: Division, *, by: Actor, dry_run: bool, digest: str
) -> Outcome:
    """The import itself, all in one transaction; the command calls it directly.

    A dry run goes the whole way and is rolled back, so that it shows exactly what an import would do.
    """
    outcome = Outcome(unknown_headings=table.unknown)
    with handing_in.trial(keep=not dry_run):
        if kind == ImportKind.REGISTRY:
            _registry(table, county, outcome, by=by)
        else:
            income.merge_income(table, county, outcome, by=by, area=by.duty.division_id)
        outcome.settle()
        audit.record(
            by,
            f"{kind.value}_import",
            digest=digest,
            county=county.pk,
            read=outcome.read,
            good=outcome.good,
            set_aside=len(outcome.set_aside),
            refused=len(outcome.refused),
        )
    return outcome


def _registry(table: Table, county: Division, outcome: Outcome, *, by: Actor) -> None:
    low, high = code_range(by.duty.division_id)
    groups, left_out = file.read_groups(table, PlaceFinder(county), lambda code: low <= code <= high, outcome)
    taking_in.merge_groups(
        groups,
        county,
        set(table.places),
        outcome,
        by=by,
        on=timezone.localdate(),
        area=by.duty.division_id,
        left_out=left_out,
    )


def _summary(outcome: Outcome) -> dict[str, Any]:
    return {
        "read": outcome.read,
        "good": outcome.good,
        "created": outcome.created,
        "changed": outcome.changed,
        "unchanged": outcome.unchanged,
        "set_aside": len(outcome.set_aside),
        "refused": len(outcome.refused),
        "warnings": len(outcome.warnings),
        "missing": len(outcome.missing),
        "missing_first": outcome.missing[:200],
        "unknown_headings": outcome.unknown_headings,
    }


def _rows(batch: RegistryImport, table: Table, outcome: Outcome) -> list[ImportRow]:
    """Rows to show and to give back; a workbook that is wrong throughout keeps its first 20,000."""
    faults = [("set_aside", f) for f in outcome.set_aside] + [("refused", f) for f in outcome.refused]
    cells = handing_in.cells_of(table, [fault.row for _, fault in faults[:ROWS_KEPT]])
    faults += [("warning", f) for f in outcome.warnings]
    return [
        ImportRow(
            batch=batch,
            number=fault.row,
            outcome=kind,
            code=fault.code,
            message=fault.message[:300],
            data=None if kind == "warning" else cells[fault.row],
        )
        for kind, fault in faults[:ROWS_KEPT]
    ]


def returned_workbook(batch: RegistryImport, *, by: Actor) -> bytes:
    """Rows set aside and refused, as they came, with the reason; audited."""
    rows = batch.rows.exclude(outcome="warning").order_by("number")
    returned = [(row.number, row.data, row.message) for row in rows]
    return handing_in.returned_workbook(batch, "registry_returned", batch.headings, returned, by=by)


def template(kind: ImportKind) -> bytes:
    notes = (
        ["一人一行；同一户的“户类型”等要一致，每户有且只有一个户主。"]
        if kind == ImportKind.REGISTRY
        else ["一户一年一行，金额单位：元。"]
    )
    return handing_in.template(COLUMNS[kind], title=f"{kind.label}模板", notes=notes)
