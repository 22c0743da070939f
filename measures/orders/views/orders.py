"""交办单: what waits for an order, drafts, signing, the department's lines (Art. 8)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.accounts.models import Department
from fangpin.common.refusals import Refused
from fangpin.common.transitions import history
from fangpin.common.web.paging import page
from fangpin.common.web.refusals import refusals_as_messages
from fangpin.common.web.selection import selected
from households.models import Case, Risk
from measures.models import LineState, OrderLine, OrderSheet, ReturnReason, SheetState
from measures.orders import lines as order_lines
from measures.orders import lists as order_lists
from measures.orders import risks as order_risks
from measures.orders import sheets as orders
from measures.orders.forms import RiskForm, SheetFilter, SheetForm
from screening.cases import lists as cases


@needs("order.view")
def order_list(request: HttpRequest) -> HttpResponse:
    user = request.user
    form = SheetFilter(request.GET, user=user)
    sheets = form.narrow(OrderSheet.objects.for_user(user))
    shown = page(request, order_lists.with_counts(sheets), ("-id",), counted=sheets)
    context = {
        "page": shown,
        "form": form,
        "clear_url": reverse("measures:order-list"),
        "may_prepare": user.may("order.prepare"),
        "may_sign": user.may("order.sign"),
        "waiting": order_risks.risks_waiting(user).count() if user.may("order.prepare") else 0,
        "late": order_lists.late_by_department(user) if not user.acting.department_id else [],
    }
    return render(request, "measures/orders/order_list.html", context)


# ---- The office prepares ----
@needs("order.prepare")
def order_waiting(request: HttpRequest) -> HttpResponse:
    """待开单: new risks by department, what came back, cases without a registered risk."""
    user = request.user
    unregistered = cases.with_all(order_risks.without_risk(user))
    context = {
        "proposals": order_risks.proposals(user),
        "returned": order_risks.returned_rows(user),
        "unregistered": page(request, unregistered, ("household__village_id", "household_id", "id")),
        "departments": Department.objects.filter(county=user.acting.county_code).order_by("code"),
    }
    return render(request, "measures/orders/order_waiting.html", context)


@needs("order.prepare")
@require_POST
def order_prepare(request: HttpRequest) -> HttpResponse:
    """开单 of the ticked risks: by situation, or all to the department chosen."""
    user = request.user
    to = request.POST.get("department", "")
    with refusals_as_messages(request):
        department = _department(user.acting.county_code, to) if to else None
        chosen = selected(request, Risk.objects.for_user(user))
        sheets = orders.prepare_sheets(chosen, by=user, department=department)
        messages.success(
            request, f"已开单：{'、'.join(sheet.department.name for sheet in sheets)}。请填文号后报主任签发。"
        )
        forget_badge(user)
    return redirect("measures:order-list" if not to else "measures:order-waiting")


def _department(county: str, code: str) -> Department:
    if (department := Department.objects.filter(county=county, code=code).first()) is None:
        raise Refused("本县没有这个部门，请重新选择。")
    return department


@needs("order.prepare")
@require_POST
def risk_leave_out(request: HttpRequest, uuid) -> HttpResponse:
    risk = get_object_or_404(Risk.objects.for_user(request.user), uuid=uuid)
    with refusals_as_messages(request):
        orders.leave_out_risk(risk, by=request.user, words=request.POST.get("words", ""))
        messages.success(request, "已记下理由，这项风险不再交办。")
    return redirect("measures:order-waiting")


@needs("order.prepare")
@require_http_methods(["GET", "POST"])
def case_risks(request: HttpRequest, uuid) -> HttpResponse:
    """Situations of Art. 7(1) of a case that was taken over with words alone."""
    case = get_object_or_404(
        Case.objects.for_user(request.user).select_related("household__village__parent"), uuid=uuid
    )
    form = RiskForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = order_risks.register_risks(case, form.situations(), by=request.user)
            messages.success(request, f"{case.household}已登记 {len(made)} 项风险，可以开单。")
            return redirect("measures:order-waiting")
        except Refused as error:
            form.add_error(None, error.message)
    context = {"case": case, "household": case.household, "form": form}
    return render(request, "measures/releases/case_risks.html", context, status=422 if form.errors else 200)


def _sheet(request: HttpRequest, uuid) -> OrderSheet:
    own = OrderSheet.objects.for_user(request.user)
    return get_object_or_404(order_lists.with_counts(own), uuid=uuid)


@needs("order.view")
def order_detail(request: HttpRequest, uuid) -> HttpResponse:
    user, sheet = request.user, _sheet(request, uuid)
    shown = page(request, order_lists.with_all(sheet.lines.all()), order_lists.ORDER, size=200)
    shown.rows = order_lists.line_rows(shown.rows)
    is_draft = sheet.state == SheetState.DRAFT
    may_prepare = user.may("order.prepare")
    initial = {
        "number": sheet.number or orders.next_number(sheet.county, timezone.localdate().year),
        "basis": sheet.basis,
        "words": sheet.words,
    }
    context = {
        "sheet": sheet,
        "page": shown,
        "form": SheetForm(initial=initial) if is_draft and may_prepare else None,
        "may_prepare": may_prepare,
        "may_sign": user.may("order.sign") and is_draft,
        "may_answer": user.may("order.answer"),
        "may_remind": (may_prepare or user.may("order.sign")) and sheet.state == SheetState.ISSUED,
        "chase": order_lists.reminder_sentence(sheet, shown.rows)
        if any(row.is_late for row in shown.rows)
        else "",
        "reminders": sheet.reminders.select_related("by"),
        "history": history(sheet).select_related("by"),
        "reasons": ReturnReason.choices,
        "done": [row.line for row in shown.rows if row.line.state == LineState.DONE],
    }
    return render(request, "measures/orders/order_detail.html", context)


@needs("order.prepare")
@require_POST
def order_change(request: HttpRequest, uuid) -> HttpResponse:
    sheet, form = _sheet(request, uuid), SheetForm(request.POST)
    if form.is_valid():
        with refusals_as_messages(request):
            orders.change_sheet(sheet, by=request.user, **form.cleaned_data)
            messages.success(request, "已保存，等主任签发。")
    else:
        messages.error(request, "请填写文号，例如 都扶领办〔2020〕5号。")
    return redirect("measures:order-detail", uuid=uuid)


@needs("order.prepare")
@require_POST
def order_remove_lines(request: HttpRequest, uuid) -> HttpResponse:
    sheet = _sheet(request, uuid)
    with refusals_as_messages(request):
        count = orders.remove_lines(selected(request, sheet.lines.all()), by=request.user)
        messages.success(request, f"{count} 项已移出，回到待开单。")
    is_left = OrderSheet.objects.for_user(request.user).filter(pk=sheet.pk, state=SheetState.DRAFT).exists()
    return redirect("measures:order-detail", uuid=uuid) if is_left else redirect("measures:order-waiting")


@needs("order.prepare")
@require_POST
def order_discard(request: HttpRequest, uuid) -> HttpResponse:
    with refusals_as_messages(request):
        orders.discard_sheet(_sheet(request, uuid), by=request.user, words=request.POST.get("words", ""))
        messages.success(request, "交办单已作废，其中的风险回到待开单。")
        return redirect("measures:order-waiting")
    return redirect("measures:order-detail", uuid=uuid)


@needs("order.sign")
@require_POST
def order_issue(request: HttpRequest) -> HttpResponse:
    """签发 of the ticked sheets."""
    with refusals_as_messages(request):
        count = orders.issue_sheets(
            selected(request, OrderSheet.objects.for_user(request.user)), by=request.user
        )
        messages.success(request, f"已签发 {count} 份交办单，部门的期限从今天起算。")
        forget_badge(request.user)
    return redirect("measures:order-list")


@needs("order.view")
@require_POST
def order_remind(request: HttpRequest, uuid) -> HttpResponse:
    with refusals_as_messages(request):
        orders.record_reminder(_sheet(request, uuid), by=request.user, words=request.POST.get("words", ""))
        messages.success(request, "已记下这次催办。")
    return redirect("measures:order-detail", uuid=uuid)


# ---- Lines: the department's board, the office's view ----


def _back(request: HttpRequest) -> HttpResponse:
    """To the sheet or the board that the act came from."""
    sheet = request.POST.get("sheet", "")
    if sheet:
        return redirect("measures:order-detail", uuid=sheet)
    query = request.POST.get("filter", "")
    return redirect(f"{reverse('measures:line-list')}{'?' + query if query else ''}")


def _act(request: HttpRequest, done: str, service, **words) -> HttpResponse:
    with refusals_as_messages(request):
        chosen = selected(request, OrderLine.objects.for_user(request.user))
        count = service(chosen, by=request.user, **words)
        messages.success(request, done.format(count))
        forget_badge(request.user)
    return _back(request)


@needs("order.answer")
@require_POST
def line_accept(request: HttpRequest) -> HttpResponse:
    return _act(request, "已接收 {} 项，请拟定举措报备案。", order_lines.accept_lines)


@needs("order.answer")
@require_POST
def line_return(request: HttpRequest) -> HttpResponse:
    return _act(
        request,
        "已退回 {} 项，办公室会另行交办或办结。",
        order_lines.return_lines,
        reason=request.POST.get("reason", ""),
        words=request.POST.get("words", ""),
    )


@needs("order.answer")
@require_POST
def line_plan(request: HttpRequest) -> HttpResponse:
    """列入 a year's plan."""
    due_on = parse_date(request.POST.get("due_on", "") or "x")
    if due_on is None:
        messages.error(request, "请填写约定的落实日期。")
        return _back(request)
    return _act(
        request,
        "{} 项已列入计划，按约定的日期办理。",
        order_lines.schedule_lines,
        words=request.POST.get("plan_words", ""),
        due_on=due_on,
    )


@needs("order.prepare")
@require_POST
def line_close(request: HttpRequest) -> HttpResponse:
    return _act(request, "已办结 {} 项。", order_lines.close_lines)


@dataclass(frozen=True)
class GapRow:
    """A case without a measure, and the tags of its risks."""

    case: Case
    tags: Sequence[str]


@needs("order.view")
def case_gaps(request: HttpRequest) -> HttpResponse:
    """认定后很久还没有举措的户."""
    gaps = order_lists.without_measure(request.user)
    shown = page(request, cases.with_all(gaps), ("identified_on", "id"), counted=gaps)
    shown.rows = [GapRow(case, cases.case_row(case).tags) for case in shown.rows]
    return render(request, "measures/releases/case_gaps.html", {"page": shown})
