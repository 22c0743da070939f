"""What the pages of workbooks handed in have in common: upload, history, the next step, progress."""

import datetime
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse

from fangpin.common.actor import Actor
from fangpin.common.handing_in.models import CheckedWorkbook
from fangpin.common.jobs import AlreadyRunning
from fangpin.common.models import Job
from fangpin.common.refusals import Refused
from fangpin.common.web.progress import ShownJob, polled


@dataclass(frozen=True)
class UploadCard:
    """A kind of workbook on the upload page, with its template and its form."""

    kind: Any  # a choice, with value and label
    sentence: str
    form: forms.Form


def upload_cards(
    sentences: Mapping[Any, str], make_form: Callable[[str], forms.Form], failed: forms.Form | None
) -> list[UploadCard]:
    """A card for each kind; the one that failed keeps its faults."""
    has_failed = failed.data.get("kind") if failed else None
    return [
        UploadCard(kind, sentence, failed if failed and has_failed == kind else make_form(kind))
        for kind, sentence in sentences.items()
    ]


@dataclass(frozen=True)
class HistoryRow:
    """A workbook handed in, as one line of components/handing_in/history.html."""

    url: str
    file_name: str
    kind: str
    state: str
    is_waiting: bool
    figures: str  # 读到 120 · 新增 100 · 退回 2
    by: str
    place: str
    at: datetime.datetime


def history_row(sheet: Any, url_name: str, figures: str, place: str = "") -> HistoryRow:
    """The line of a CheckedWorkbook that has kinds."""
    return HistoryRow(
        url=reverse(url_name, args=[sheet.uuid]),
        file_name=sheet.file_name,
        kind=sheet.get_kind_display(),
        state=sheet.get_state_display(),
        is_waiting=sheet.state == "checked",
        figures=figures,
        by=sheet.by.name,
        place=place,
        at=sheet.created_at,
    )


def receive_posted(form: forms.Form, receive: Callable[..., Any], *, by: Actor) -> Any | None:
    """What `receive` made of the workbook that was posted. None where there is none, or where it is refused:
    the reason stands beside the field."""
    if not form.is_valid():
        return None
    file = form.cleaned_data["file"]
    try:
        return receive(file_name=file.name, content=file.read(), by=by)
    except Refused as refused:
        form.add_error("file", refused.message)
        return None


def queue_step(
    request: HttpRequest,
    sheet: CheckedWorkbook,
    enqueue: Callable[[], object],
    *,
    states: Collection[str],
    noun: str,
) -> None:
    """Queues the check or the confirmed import of `sheet`, where it is in one of `states`; else says why
    not."""
    if sheet.state not in states:
        messages.warning(request, f"这份{noun}{sheet.get_state_display()}，不能再办理这一步。")
        return
    try:
        enqueue()
    except AlreadyRunning as running:
        messages.info(request, running.message)


def with_progress(job: Job | None, *, by: Actor, url: str) -> ShownJob | None:
    """The job as components/handing_in/progress.html wants it: followed by whoever began it."""
    if job is None:
        return None
    return polled(job, url) if job.by_id == by.pk else ShownJob(job)
