from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from fangpin.accounts.decorators import needs
from fangpin.common import jobs
from fangpin.common.handing_in import pages
from fangpin.common.web.downloads import attachment
from fangpin.common.web.paging import page
from households.forms import FaultFilter, UploadForm
from households.models import ImportKind, ImportState, RegistryImport
from households.registry import imports
from households.registry.result import ImportResult, fault_rows
from households.registry.takeover import close_take_over, take_over_of

CARDS = {
    ImportKind.REGISTRY: "一人一行：户主、成员、户类型、住房、饮水。重复导入同一份文件不会重复登记。",
    ImportKind.INCOME: (
        "一户一年一行：工资性、生产经营性、财产性、转移性收入和生产经营性支出。先导入户册，再导入收入。"
    ),
}


@needs("registry.import")
def import_list(request: HttpRequest) -> HttpResponse:
    return _list_page(request)


def _list_page(request: HttpRequest, failed: UploadForm | None = None) -> HttpResponse:
    batches = RegistryImport.objects.for_user(request.user)
    history = page(request, batches.select_related("division", "by"), ("-id",), size=20, counted=batches)
    history.rows = [
        pages.history_row(
            batch, "households:import-detail", ImportResult(batch).line, batch.division.short_name
        )
        for batch in history
    ]
    context = {
        "cards": pages.upload_cards(CARDS, upload_form, failed),
        "page": history,
        "take_over": take_over_of(request.user.acting.county_code),
        "may_close": request.user.may("takeover.close"),
    }
    return render(request, "households/import_list.html", context, status=422 if failed else 200)


def upload_form(kind: str, *data) -> UploadForm:
    return UploadForm(*data, initial={"kind": kind}, auto_id=f"id_{kind}_%s")


@needs("registry.import")
def import_template(_request: HttpRequest, kind: str) -> HttpResponse:
    label = ImportKind(kind).label
    return attachment(imports.template(ImportKind(kind)), f"{label}模板.xlsx")


@needs("registry.import")
@require_POST
def import_upload(request: HttpRequest) -> HttpResponse:
    """Keeps the workbook and has it checked; nothing is taken in yet."""
    form = upload_form(request.POST.get("kind", ""), request.POST, request.FILES)
    if not form.is_valid():
        return _list_page(request, failed=form)
    file = form.cleaned_data["file"]
    with transaction.atomic():
        batch = imports.receive(
            ImportKind(form.cleaned_data["kind"]), file_name=file.name, content=file.read(), by=request.user
        )
        _enqueue(batch, apply=False, by=request.user)
    return redirect("households:import-detail", batch.uuid)


def _enqueue(batch: RegistryImport, *, apply: bool, by) -> None:
    jobs.enqueue("registry_import", str(batch.pk), by=by, batch=batch.pk, apply=apply)


def _batch(request: HttpRequest, uuid) -> RegistryImport:
    batches = RegistryImport.objects.for_user(request.user).select_related("county", "division", "by")
    return get_object_or_404(batches, uuid=uuid)


@needs("registry.import")
def import_detail(request: HttpRequest, uuid) -> HttpResponse:
    """Progress while it is worked on; then what the check found, or what was taken in."""
    batch = _batch(request, uuid)
    job = imports.latest_job(batch)
    form = FaultFilter(request.GET)
    rows = imports.faults_of(batch, form.cleaned_data if form.is_valid() else {})
    faults = page(request, rows, ("number", "id"))
    faults.rows = fault_rows(faults.rows, batch.headings)
    url = reverse("households:import-detail", args=[batch.uuid])
    context = {
        "batch": batch,
        "result": ImportResult(batch),
        "job": pages.with_progress(job, by=request.user, url=url),
        "form": form,
        "page": faults,
        "mine": imports.is_of_duty(batch, request.user),
    }
    return render(request, "households/import_detail.html", context)


@needs("registry.import")
@require_POST
def import_check(request: HttpRequest, uuid) -> HttpResponse:
    """Checks again what was left unchecked (a failed run) or has been waiting while the registry changed."""
    return _run(request, uuid, apply=False, states=RegistryImport.OPEN)


@needs("registry.import")
@require_POST
def import_confirm(request: HttpRequest, uuid) -> HttpResponse:
    """Takes a checked workbook in."""
    return _run(request, uuid, apply=True, states=(ImportState.CHECKED,))


def _run(request: HttpRequest, uuid, *, apply: bool, states: tuple) -> HttpResponse:
    batch = _batch(request, uuid)
    if not imports.is_of_duty(batch, request.user):
        raise PermissionDenied
    enqueue = partial(_enqueue, batch, apply=apply, by=request.user)
    pages.queue_step(request, batch, enqueue, states=states, noun="文件")
    return redirect("households:import-detail", batch.uuid)


@needs("registry.import")
def import_returned(request: HttpRequest, uuid) -> HttpResponse:
    """The rows that were not taken in, as they came, with the reason beside them."""
    batch = _batch(request, uuid)
    content = imports.returned_workbook(batch, by=request.user)
    return attachment(content, f"退回的行_{batch.get_kind_display()}_{timezone.localdate():%Y%m%d}.xlsx")


@needs("takeover.close")
@require_POST
def takeover_close(request: HttpRequest) -> HttpResponse:
    if close_take_over(request.user.acting.county_code, by=request.user):
        messages.success(request, "初始名单接收已结束。以后导入户册，“监测对象类型”只用于核对。")
    else:
        messages.info(request, "初始名单接收此前已经结束。")
    return redirect("households:import-list")
