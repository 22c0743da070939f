"""Workbooks of measures: downloaded, filled in, uploaded, shown with what they would do, confirmed."""

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.common.handing_in.pages import receive_posted
from fangpin.common.refusals import Refused
from fangpin.common.web.downloads import attachment
from fangpin.common.web.forms import WorkbookForm
from measures.models import FilledSheet, LineState, Measure, OrderLine, SheetKind
from measures.sheets import delivery_workbook, filled, plan_workbook

SHOWN = 200


@needs("measure.plan")
def measure_sheet(request: HttpRequest) -> HttpResponse:
    """The lines that wait for measures, to be filled in."""
    content = plan_workbook.write(_lines(request), by=request.user)
    return attachment(content, f"拟定举措 {timezone.localdate()}.xlsx")


@needs("measure.plan")
@require_http_methods(["GET", "POST"])
def measure_sheet_in(request: HttpRequest) -> HttpResponse:
    return _hand_in(request, SheetKind.PLAN, "measures/sheets/measure_sheet.html", _lines(request))


def _lines(request: HttpRequest):
    return OrderLine.objects.for_user(request.user).filter(state=LineState.ACCEPTED)


@needs("measure.plan")
def delivery_sheet(request: HttpRequest) -> HttpResponse:
    """The measures that are filed or under way, to be filled in."""
    content = delivery_workbook.write(_under_way(request), by=request.user)
    return attachment(content, f"登记落实 {timezone.localdate()}.xlsx")


@needs("measure.plan")
@require_http_methods(["GET", "POST"])
def delivery_sheet_in(request: HttpRequest) -> HttpResponse:
    return _hand_in(request, SheetKind.DELIVERY, "measures/sheets/delivery_sheet.html", _under_way(request))


def _under_way(request: HttpRequest):
    return Measure.objects.for_user(request.user).filter(state__in=delivery_workbook.UNDER_WAY)


def _hand_in(request: HttpRequest, kind: SheetKind, template: str, waiting) -> HttpResponse:
    form = WorkbookForm(request.POST or None, request.FILES or None)
    if sheet := receive_posted(form, partial(filled.hand_in, kind), by=request.user):
        return redirect("measures:sheet-detail", sheet.uuid)
    context = {"form": form, "waiting": waiting.count()}
    return render(request, template, context, status=422 if form.errors else 200)


def _sheet(request: HttpRequest, uuid) -> FilledSheet:
    return get_object_or_404(FilledSheet.objects.for_user(request.user), uuid=uuid)


@needs("measure.plan")
def sheet_detail(request: HttpRequest, uuid) -> HttpResponse:
    """What the file would do, before it does."""
    sheet = _sheet(request, uuid)
    reading = filled.again(sheet, by=request.user) if sheet.stored_name else None
    context = {
        "sheet": sheet,
        "reading": reading,
        "shown": reading.shown[:SHOWN] if reading else [],
        "most": SHOWN,
        "is_plan": sheet.kind == SheetKind.PLAN,
    }
    return render(request, "measures/sheets/sheet_detail.html", context)


@needs("measure.plan")
@require_POST
def sheet_confirm(request: HttpRequest, uuid) -> HttpResponse:
    sheet = _sheet(request, uuid)
    try:
        count = filled.confirm(sheet, by=request.user)
    except Refused as error:
        messages.error(request, error.message)
        return redirect("measures:sheet-detail", uuid)
    if sheet.kind == SheetKind.PLAN:
        messages.success(request, f"{count} 项举措已登记，等办公室备案；备案前可以修改。")
    else:
        messages.success(request, f"{count} 项举措的实施和落实已登记。")
    forget_badge(request.user)
    return redirect("measures:measure-list")


@needs("measure.plan")
def sheet_returned(request: HttpRequest, uuid) -> HttpResponse:
    """The same workbook, its faulty rows marked."""
    sheet = _sheet(request, uuid)
    content = filled.returned(sheet, by=request.user) if sheet.stored_name else None
    if content is None:
        return redirect("measures:sheet-detail", uuid)
    return attachment(content, f"{sheet.get_kind_display()}（需要改正）.xlsx")
