from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from fangpin.common import audit, exports
from fangpin.common.actor import Actor
from fangpin.common.files import private_files
from fangpin.common.jobs import AlreadyRunning
from fangpin.common.models import Job, JobState
from fangpin.common.web.downloads import attachment
from fangpin.common.web.progress import polled
from fangpin.common.web.requests import SignedInRequest


@login_required
@require_POST
def export_start(request: SignedInRequest, name: str) -> HttpResponse:
    """Queues an export of the list `name` under the filter that its page showed."""
    export = exports.find(name)
    if export is None:
        raise Http404
    if not export.allowed(request.user):
        raise PermissionDenied
    job: Job | None
    try:
        job = exports.start(export, request.POST.get("filter", ""), by=request.user)
    except AlreadyRunning as running:
        messages.info(request, "上一次导出还在进行，完成后可以再导出。")
        job = running.job
    if job is None:
        return redirect("common:export-list")
    return redirect("common:export-detail", job.uuid)


@login_required
def export_list(request: SignedInRequest) -> HttpResponse:
    """One's own exports, the latest twenty."""
    user = request.user
    context = {"rows": _history(user), "sees_history": user.may("export.history")}
    return render(request, "common/export_list.html", context)


@login_required
def export_detail(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Progress, then the file."""
    job = get_object_or_404(exports.of_user(request.user), uuid=uuid)
    here = reverse("common:export-detail", args=[job.uuid])
    context = {
        "job": polled(job, here),
        "rows": [row for row in _history(request.user) if row.job.pk != job.pk],
        "export": exports.find(job.payload["export"]),
    }
    return render(request, "common/export_detail.html", context)


@login_required
@require_POST
def export_cancel(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    job = get_object_or_404(exports.of_user(request.user), uuid=uuid)
    if exports.cancel(job, by=request.user):
        messages.success(request, "导出已取消，没有留下文件。")
    else:
        messages.info(request, "导出已经结束，没有要取消的。")
    return redirect("common:export-list")


@login_required
def export_download(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    job = get_object_or_404(exports.of_user(request.user), uuid=uuid, state=JobState.DONE)
    export = exports.find(job.payload["export"])
    if export is None or not export.allowed(request.user):
        raise PermissionDenied
    if "stored" not in job.result:
        messages.error(request, f"文件只保存 {exports.KEPT_DAYS} 天，已经删除。请回到清单重新导出。")
        return redirect("common:export-list")
    content = private_files.load(job.result["stored"])
    audit.record(request.user, "export_download", job, export=export.name, rows=job.result["rows"])
    return attachment(content, job.result["file_name"])


def _history(user: Actor) -> list[exports.ExportRow]:
    """The latest twenty."""
    return [exports.export_row(job) for job in exports.of_user(user)[:20]]


_views: tuple[Any, ...] = (export_start, export_list, export_detail, export_cancel, export_download)
for view in _views:
    view.permission = None  # the list's own right is checked inside
