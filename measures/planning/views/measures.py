"""防贫举措 (Art. 5, 6, 8): planned by the department, filed by the office, started, delivered."""

import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.common.refusals import Refused
from fangpin.common.transitions import history
from fangpin.common.values.money import typed_yuan
from fangpin.common.web.paging import page
from fangpin.common.web.refusals import refusals_as_messages
from fangpin.common.web.selection import selected
from households.models import Household
from measures.catalogue import types as catalogue
from measures.models import Measure, MeasureState, OrderLine
from measures.planning import choice, find_household, plan
from measures.planning import facts as surroundings
from measures.planning import lists as measure_lists
from measures.planning.forms import DeliverForm, FindForm, MeasureFilter, MeasureForm
from measures.planning.plan import NotPlanned
from screening import criteria


# ---- Planning ----
@needs("measure.plan")
@require_http_methods(["GET", "POST"])
def measure_plan(request: HttpRequest, uuid) -> HttpResponse:
    """For an order line: choose the type, see what is left, fill in what it needs."""
    lines = OrderLine.objects.for_user(request.user).select_related(
        "household__village__parent", "household__hamlet", "household__county", "risk", "sheet", "case"
    )
    line = get_object_or_404(lines, uuid=uuid)
    return _plan(request, line.household, line=line)


@needs("measure.plan")
@require_http_methods(["GET", "POST"])
def measure_register(request: HttpRequest, uuid) -> HttpResponse:
    """For a household without an order: Art. 5 and 6 for lifted ones, what it applied for itself. The address
    holds a key that `measure_find` gave this person."""
    home = find_household.opened_household(str(uuid), by=request.user)
    if home is None:
        messages.error(request, "请重新按证件号码查找农户。")
        return redirect("measures:measure-find")
    return _plan(request, home, line=None)


def _plan(request: HttpRequest, home: Household, *, line: OrderLine | None) -> HttpResponse:
    choices = choice.offered(home, line, by=request.user)
    code = request.POST.get("code") or request.GET.get("code") or choices.first
    current_type = choices.types.get(code)
    form, room = None, None
    if current_type is not None:
        data = request.POST if request.method == "POST" else None
        form = MeasureForm(data, household=home, current_type=current_type)
        room = surroundings.room(home, code)
        if form.is_bound and form.is_valid():
            try:
                made = plan.plan_measure(form.wanted(line=line), by=request.user)
                messages.success(
                    request, f"{home}的{current_type.row.name}已拟定，等办公室备案；备案后才能实施。"
                )
                forget_badge(request.user)
                return redirect("measures:measure-detail", made.uuid)
            except NotPlanned as refused:
                for _, words in refused.faults:
                    for each in words:
                        form.add_error(None, each)
            except Refused as refused:
                form.add_error(None, refused.message)
    context = {
        "household": home,
        "line": line,
        "subject": criteria.subcriteria()[line.risk.subcriterion] if line else None,
        "choices": choices,
        "code": code,
        "type": current_type,
        "form": form,
        "room": room,
        "existing": home.measures.not_cancelled()
        .filter(department=request.user.acting.department)
        .select_related("type"),
    }
    return render(
        request, "measures/planning/measure_plan.html", context, status=422 if form and form.errors else 200
    )


@needs("measure.plan")
@require_http_methods(["GET", "POST"])
def measure_find(request: HttpRequest) -> HttpResponse:
    """A household by the full number of a member: found or not, nothing else."""
    form = FindForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            key = find_household.find_by_number(form.cleaned_data["number"], by=request.user)
            return redirect("measures:measure-register", key)
        except Refused as error:
            form.add_error("number", error.message)
    return render(
        request, "measures/planning/measure_find.html", {"form": form}, status=422 if form.errors else 200
    )


@needs("measure.plan")
@require_http_methods(["GET", "POST"])
def measure_change(request: HttpRequest, uuid) -> HttpResponse:
    measure = fetch_measure(request, uuid)
    current_type = catalogue.in_force(measure.household.county).get(measure.code)
    if measure.state not in plan.CHANGEABLE or current_type is None:
        messages.error(request, f"这项举措{measure.get_state_display()}，不能再修改。")
        return redirect("measures:measure-detail", uuid)
    initial = {name: getattr(measure, name) for name in MeasureForm.base_fields}
    for name in ("amount", "monthly_pay", "bill"):
        initial[name] = typed_yuan(initial[name])
    data = request.POST if request.method == "POST" else None
    form = MeasureForm(data, household=measure.household, current_type=current_type, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            plan.change_measure(measure, form.wanted(line=measure.line), by=request.user)
            messages.success(request, "已修改。")
            return redirect("measures:measure-detail", uuid)
        except Refused as error:
            form.add_error(None, error.message)
    context = {"measure": measure, "household": measure.household, "form": form, "type": current_type}
    return render(
        request, "measures/planning/measure_change.html", context, status=422 if form.errors else 200
    )


# ---- Shown ----
def fetch_measure(request: HttpRequest, uuid) -> Measure:
    measures = measure_lists.with_all(Measure.objects.for_user(request.user))
    return get_object_or_404(
        measures.select_related("household__county", "proof_paper", "delivered_by"), uuid=uuid
    )


@needs("measure.view")
def measure_list(request: HttpRequest) -> HttpResponse:
    user = request.user
    form = MeasureFilter(request.GET, user=user)
    own = Measure.objects.for_user(user)
    measures = form.narrow(own)
    shown = page(request, measure_lists.with_all(measures), measure_lists.ORDER, counted=measures)
    shown.rows = measure_lists.measure_rows(shown.rows)
    context = {
        "page": shown,
        "form": form,
        "clear_url": reverse("measures:measure-list"),
        "may_plan": user.may("measure.plan"),
        "may_file": user.may("measure.file"),
        "may_export": user.may("measure.export") and bool(shown.rows),
        "opens_household": user.may("household.view"),
        "today": timezone.localdate(),
    }
    return render(request, "measures/planning/measure_list.html", context)


@needs("measure.view")
def measure_detail(request: HttpRequest, uuid) -> HttpResponse:
    user, measure = request.user, fetch_measure(request, uuid)
    (row,) = measure_lists.measure_rows([measure])
    may_plan = user.may("measure.plan")
    context = {
        "measure": measure,
        "tag": row.tag,
        "room": row.room,
        "household": measure.household,
        "history": [_history_row(record) for record in history(measure).select_related("by")],
        "may_change": may_plan and measure.state in plan.CHANGEABLE,
        "may_begin": may_plan and measure.state == MeasureState.FILED,
        "deliver": DeliverForm() if may_plan and measure.state == MeasureState.STARTED else None,
        "may_cancel": may_plan and measure.state in Measure.OUTSTANDING,
        "may_repay": may_plan and measure.form == "loan" and measure.state == MeasureState.DELIVERED,
        "opens_household": user.may("household.view"),
        "today": timezone.localdate(),
        "sightings": measure.sightings.select_related("visit").order_by("-visit__on")[:5]
        if user.may("visit.view")
        else [],
    }
    return render(request, "measures/planning/measure_detail.html", context)


def _history_row(record) -> dict:
    states = dict(MeasureState.choices)
    return {
        "at": record.at,
        "words": states.get(record.to_state, ""),
        "by": record.by,
        "opinion": record.opinion,
    }


# ---- Acts of the department ----
def posted_day(request: HttpRequest) -> datetime.date:
    day = parse_date(request.POST.get("on", "") or "x")
    if day is None:
        raise Refused("请填写日期。")
    return day


def back_to_measures(request: HttpRequest) -> HttpResponse:
    if uuid := request.POST.get("one", ""):
        return redirect("measures:measure-detail", uuid)
    query = request.POST.get("filter", "")
    return redirect(f"{reverse('measures:measure-list')}{'?' + query if query else ''}")


@needs("measure.plan")
@require_POST
def measure_again(request: HttpRequest) -> HttpResponse:
    """补正后重新报备案."""
    with refusals_as_messages(request):
        count = plan.hand_in_measures_again(
            selected(request, Measure.objects.for_user(request.user)), by=request.user
        )
        messages.success(request, f"{count} 项已重新报备案。")
        forget_badge(request.user)
    return back_to_measures(request)


# ---- Paper ----
@needs("measure.view")
def measure_paper(request: HttpRequest) -> HttpResponse:
    """F5 防贫举措备案表: the measures of the list's filter."""
    user = request.user
    measures = MeasureFilter(request.GET, user=user).narrow(Measure.objects.for_user(user))
    shown = list(measure_lists.with_all(measures).order_by("department", *measure_lists.ORDER)[:500])
    context = {
        "rows": measure_lists.measure_rows(shown),
        "county": user.acting.division,
        "today": timezone.localdate(),
    }
    return render(request, "measures/planning/measure_paper.html", context)
