"""The steps that workbooks handed in have in common. A stage puts them together and adds what is its own."""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, TypeVar

from django.db import models, transaction

from fangpin.common import audit, cells
from fangpin.common.actor import Actor
from fangpin.common.files import private_files
from fangpin.common.handing_in.models import CheckedWorkbook, HandedInWorkbook, ReadWorkbook
from fangpin.common.models import Job
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move
from fangpin.common.workbooks import Column, Table, UnreadableFile
from fangpin.common.workbooks.writing import write_returned_rows, write_template

Kept = TypeVar("Kept", bound=CheckedWorkbook | ReadWorkbook)


@contextmanager
def kept(
    model: type[Kept], *, file_name: str, content: bytes | BinaryIO, by: Actor, **fields: Any
) -> Iterator[Kept]:
    """The row of a new workbook, its file kept sealed. What is raised inside takes both away again."""
    with private_files.stored(content) as name, transaction.atomic():
        fields |= {"stored_name": name, model.DIGEST: private_files.digest(content)}
        row: Any = model._default_manager.create(file_name=file_name[:200], by=by, **fields)
        yield row


def read_kept(
    sheet: CheckedWorkbook, read: Callable[[bytes], Table], *, by: Actor | None, closed: str
) -> Table:
    """The table of a workbook that waits. Raises Refused, with `closed`, where it waits no more; and, leaving
    it refused with the reason, where its file can't be read."""
    if sheet.state not in sheet.OPEN:
        raise Refused(closed)
    try:
        return read(private_files.load(sheet.stored_name))
    except UnreadableFile as error:
        move(_one(sheet), "refuse", by=by, stamps={"error": error.message})
        raise Refused(error.message) from error


@contextmanager
def trial(*, keep: bool) -> Iterator[None]:
    """A transaction. Without `keep` all is done and rolled back, so that a check says what an import would
    do."""
    with transaction.atomic():
        yield
        if not keep:
            transaction.set_rollback(True)


def settle(
    sheet: CheckedWorkbook,
    transition: str,
    rows: Sequence[models.Model],
    *,
    by: Actor | None,
    stamps: dict[str, Any],
) -> None:
    """Writes what a check or an import came to: state, figures, and the rows to show and to give back."""
    with transaction.atomic():
        move(_one(sheet), transition, by=by, stamps=stamps)
        sheet.rows.all().delete()
        sheet.rows.model.objects.bulk_create(rows, batch_size=2000)


def _one(sheet: CheckedWorkbook) -> models.QuerySet[Any]:
    return type(sheet)._default_manager.filter(pk=sheet.pk)


def cells_of(table: Table, numbers: Iterable[int]) -> dict[int, list[Any]]:
    """Row number → its cells as they came, as JSON keeps them."""
    wanted = set(numbers)
    rows = zip(table.numbers, table.rows, strict=True)
    return {number: [cells.as_json(cell) for cell in row] for number, row in rows if number in wanted}


def returned_workbook(
    sheet: HandedInWorkbook,
    act: str,
    headings: Sequence[str],
    rows: Sequence[tuple[int, Sequence[Any], str]],
    *,
    by: Actor,
) -> bytes:
    """Rows that were not taken (number, cells, reason), as they came; audited as `act`."""
    audit.record(by, act, sheet, rows=len(rows))
    stream = io.BytesIO()
    write_returned_rows(stream, headings, rows)
    return stream.getvalue()


def template(columns: Sequence[Column], *, title: str, notes: Sequence[str]) -> bytes:
    """An empty workbook to fill in."""
    stream = io.BytesIO()
    write_template(stream, columns, title=title, notes=notes)
    return stream.getvalue()


def latest_job(kind: str, sheet: CheckedWorkbook) -> Job | None:
    """The run that checks the workbook or carries it out, or did so last."""
    return Job.objects.filter(key=f"{kind}:{sheet.pk}").select_related("by").order_by("-id").first()
