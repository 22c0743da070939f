"""Exports of lists: made in the background from exactly the filter that the page shows, kept for a week.

A list registers what it exports, in a module that its app imports when it is ready:

    exports.register(
        Export(
            name="leads",
            title="风险线索",
            permission="lead.export",
            headings=("户主", …),
            queryset=lambda user, params: filtered(user, params),  # scoped and filtered as the page is
            row=lambda lead: (lead.household.head_name, …),  # cells; fetch relations in `queryset`
            text_columns=("户编号",),  # headings whose cells are text, whatever they look like
            words=lambda user, params: exports.words_of(LeadFilter(params, user=user)),
            full_numbers=False,  # True asks for `number.reveal` too
        )
    )

and its page offers `{% include "components/export.html" with export_name="leads" %}`: a button that posts the
page's query string. `words` says the filter on the pages of exports. The right is checked when the export is
asked for, again when it is made (the duty may have ended), and again when the file is fetched. Money goes
into cells as Decimal yuan (`yuan_cell`).
"""

import base64
import datetime
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from fangpin.common import audit, crypto, jobs
from fangpin.common.actor import Actor
from fangpin.common.files import private_files
from fangpin.common.jobs import JobFailed, Run
from fangpin.common.models import Job, JobState
from fangpin.common.workbooks.writing import LAST_ROW, write_rows

KIND = "export"
KEPT_DAYS = 7
CHUNK = 1000
WORDS_KEPT = 300
_SEAL = b"export-filter"
_long_number = re.compile(r"[0-9][0-9Xx]{6,}")


@dataclass(frozen=True)
class Export:
    name: str
    title: str
    permission: str
    headings: Sequence[str]
    queryset: Callable[[Any, QueryDict], QuerySet[Any]]
    row: Callable[[Any], Sequence[Any]] | None = None
    text_columns: Sequence[str] = ()
    full_numbers: bool = False
    rows: Callable[[Any], Sequence[Sequence[Any]]] | None = None  # instead of `row`: several lines an object
    words: Callable[[Any, QueryDict], str] | None = None

    def allowed(self, user: Actor) -> bool:
        return user.may(self.permission) and (not self.full_numbers or user.may("number.reveal"))


_exports: dict[str, Export] = {}


def register(export: Export) -> Export:
    _exports[export.name] = export
    return export


def find(name: str) -> Export | None:
    return _exports.get(name)


def any_for(user: Actor) -> bool:
    """Whether some list may be exported in the duty that the user acts in."""
    return any(export.allowed(user) for export in _exports.values())


def start(export: Export, filter_text: str, *, by: Actor) -> Job:
    """Queues the export of the list as `filter_text` (a query string) filters it. Raises AlreadyRunning.

    The filter is sealed: somebody may have searched for a full ID number.
    """
    sealed = base64.b64encode(crypto.seal(filter_text.encode(), _SEAL)).decode()
    words = export.words(by, QueryDict(filter_text)) if export.words else ""
    return jobs.enqueue(
        KIND, f"{export.name}:{by.pk}", by=by, export=export.name, filter=sealed, words=words[:WORDS_KEPT]
    )


def cancel(job: Job, *, by: Actor) -> bool:
    """Ends an export that waits or is being made; no file is left. False where it has ended already."""
    with transaction.atomic():
        if not jobs.cancel(job, by=by):
            return False
        audit.record(by, "export_cancel", job, export=job.payload["export"])
    return True


@dataclass(frozen=True)
class ExportRow:
    """One export: the title of its list, its filter in words, and when its file goes (none: it is gone, or
    was never made)."""

    job: Job
    title: str
    words: str
    kept_until: datetime.datetime | None


def export_row(job: Job) -> ExportRow:
    export = find(job.payload["export"])
    kept_until = None
    if job.ended_at and job.state == JobState.DONE and "stored" in job.result:
        kept_until = job.ended_at + datetime.timedelta(days=KEPT_DAYS)
    return ExportRow(
        job=job,
        title=export.title if export else "已停用的清单",
        words=job.payload.get("words") or "全部",
        kept_until=kept_until,
    )


def words_of(form: forms.Form) -> str:
    """What a form of filters asks for, as the page words it: 风险：医疗；乡（镇）：安阳镇. Long numbers
    masked."""
    parts = []
    for bound in form:
        value = bound.value()
        if value in (None, "", False, [], "False", "false"):
            continue
        if isinstance(bound.field, forms.BooleanField):
            parts.append(str(bound.label))
            continue
        shown = _choices(bound.field).get(str(value), str(value))
        parts.append(f"{bound.label}：{_mask(shown)}")
    return "；".join(parts)


def _choices(field: forms.Field) -> dict[str, str]:
    """Value → label, groups opened."""
    labels: dict[str, str] = {}
    for value, label in getattr(field, "choices", ()):
        pairs = label if isinstance(label, (list, tuple)) else [(value, label)]
        labels |= {str(v): str(words) for v, words in pairs}
    return labels


def of_user(user: Actor) -> QuerySet[Job]:
    """Exports that the user asked for in the duty he acts in now, the latest first."""
    return Job.objects.for_user(user).filter(kind=KIND, acting_as=user.acting).order_by("-id")


@jobs.handler(KIND)
def make(run: Run) -> dict[str, Any]:
    export = find(run.payload["export"])
    if export is None or run.by is None or not export.allowed(run.by):
        raise JobFailed("您当前的岗位没有导出这份清单的权限，没有导出。如确需导出，请联系本县系统管理员。")
    filter_text = crypto.unseal(base64.b64decode(run.payload["filter"]), _SEAL).decode()
    queryset = export.queryset(run.by, QueryDict(filter_text))
    total = queryset.count()
    if total > LAST_ROW - 2:
        raise JobFailed(f"共 {total:,} 行，超过一张工作表能放的行数。请先筛选，分几次导出。")
    stream = io.BytesIO()
    write_rows(
        stream,
        export.headings,
        _rows(run, export, queryset, total),
        title=_title(export),
        text_columns=export.text_columns,
    )
    return _keep(run, export, stream.getvalue(), total, filter_text)


def _rows(run: Run, export: Export, queryset: QuerySet[Any], total: int) -> Iterator[Sequence[Any]]:
    for done, thing in enumerate(queryset.iterator(chunk_size=CHUNK)):
        if done % CHUNK == 0:
            run.progress(done, total, f"正在写入 {export.title}")
        if export.rows:
            yield from export.rows(thing)
        elif export.row:
            yield export.row(thing)


def _title(export: Export) -> str:
    return f"{export.title}（{timezone.localdate():%Y-%m-%d} 导出）"


def _keep(run: Run, export: Export, content: bytes, rows: int, filter_text: str) -> dict[str, Any]:
    """The file and its audit row go together; files older than a week go."""
    remove_old()
    with private_files.stored(content) as stored, transaction.atomic():
        run.undo.append(lambda: private_files.remove(stored))
        run.progress(rows, rows, "正在保存文件")
        audit.record(
            run.by,
            "export",
            run.job,
            export=export.name,
            rows=rows,
            filter=masked(filter_text),
            full_numbers=export.full_numbers,
            digest=private_files.digest(content),
        )
    name = f"{export.title}_{timezone.localtime():%Y%m%d_%H%M}.xlsx"
    return {"stored": stored, "rows": rows, "file_name": name}


def remove_old() -> int:
    """Takes away files older than KEPT_DAYS; the jobs stay as history."""
    before = timezone.now() - datetime.timedelta(days=KEPT_DAYS)
    old = Job.objects.filter(kind=KIND, state=JobState.DONE, ended_at__lt=before, result__has_key="stored")
    for job in old:
        private_files.remove(job.result.pop("stored"))
        job.save(update_fields=["result"])
    return len(old)


def masked(filter_text: str) -> dict[str, Any]:
    """The filter for the audit: what was chosen, long numbers masked."""
    return {
        key: _mask(value)
        for key, value in QueryDict(filter_text).items()
        if isinstance(value, str) and value and key not in ("after", "before")
    }


def _mask(value: str) -> str:
    return _long_number.sub(lambda match: match[0][:2] + "*" * (len(match[0]) - 2), _plain(value))


def _plain(value: str) -> str:
    return "".join(unicodedata.normalize("NFKC", value).split())


def yuan_cell(fen: int | None) -> Decimal | None:
    """Fen as a money cell in yuan."""
    return None if fen is None else Decimal(fen) / 100
