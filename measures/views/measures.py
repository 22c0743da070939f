"""防贫举措 (Art. 5, 6, 8): planned by the department, filed by the office, started, delivered."""

import datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_POST

from fangpin.accounts.decorators import needs
from fangpin.common.files import private_files
from fangpin.common.refusals import Refused
from fangpin.common.transitions import TransitionRefused, history
from fangpin.common.web.paging import page
from fangpin.common.web.selection import selected
from households import attachments
from households.models import Attachment, Household
from measures import (
    catalogue,
    delivery,
    filing,
    help_choice,
    measure_lists,
    planning,
    registering,
    surroundings,
)
from measures.measure_forms import DeliverForm, FindForm, MeasureFilter, MeasureForm, SendBackForm
from measures.models import Measure, MeasureState, OrderLine
from measures.planning import NotPlanned
from screening import criteria
from screening.rounds.todo import forget_badge

REFUSALS = (Refused, TransitionRefused)


# ---- Planning ----
@needs("measure.plan")
@require_http_methods(["GET", "POST"])
def measure_plan(request: HttpRequest, uuid) -> HttpResponse:
    """For an order line: choose the type, see what is left, fill in what it needs."""
    found = OrderLine.objects.for_user(request.user).select_related(
        "household__village__parent", "household__hamlet", "household__county", "risk", "sheet", "case"
    )
    line = get_object_or_404(found, uuid=uuid)
    line.subject = criteria.subcriteria()[line.risk.subcriterion]
    return _plan(request, line.household, line=line)


@needs("measure.plan")
@require_http_methods(["GET", "POST"])
def measure_register(request: HttpRequest, uuid) -> HttpResponse:
    """For a household without an order: Art. 5 and 6 for lifted ones, what it applied for itself. The address
    holds a key that `measure_find` gave this person."""
    home = registering.opened(str(uuid), by=request.user)
    if home is None:
        messages.error(request, "请重新按证件号码查找农户。")
        return redirect("measures:measure-find")
    return _plan(request, home, line=None)


def _plan(request: HttpRequest, home: Household, *, line: OrderLine | None) -> HttpResponse:
    choices = help_choice.offered(home, line, by=request.user)
    code = request.POST.get("code") or request.GET.get("code") or choices.first
    standing = choices.types.get(code)
    form, room = None, None
    if standing is not None:
        data = request.POST if request.method == "POST" else None
        form = MeasureForm(data, household=home, standing=standing)
        room = surroundings.room(home, code)
        if form.is_bound and form.is_valid():
            try:
                made = planning.plan(form.wanted(line=line), by=request.user)
                messages.success(
                    request, f"{home}的{standing.row.name}已拟定，等办公室备案；备案后才能实施。"
                )
                forget_badge(request.user)
                return redirect("measures:measure-detail", made.uuid)
            except NotPlanned as refused:
                for _, words in refused.faults:
                    for each in words:
                        form.add_error(None, each)
            except REFUSALS as refused:
                form.add_error(None, refused.message)
    context = {
        "household": home,
        "line": line,
        "choices": choices,
        "code": code,
        "type": standing,
        "form": form,
        "room": room,
        "having": home.measures.standing()
        .filter(department=request.user.acting.department)
        .select_related("type"),
    }
    return render(request, "measures/measure_plan.html", context, status=422 if form and form.errors else 200)


@needs("measure.plan")
@require_http_methods(["GET", "POST"])
def measure_find(request: HttpRequest) -> HttpResponse:
    """A household by the full number of a member: found or not, nothing else."""
    form = FindForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            key = registering.find(form.cleaned_data["number"], by=request.user)
            return redirect("measures:measure-register", key)
        except REFUSALS as error:
            form.add_error("number", error.message)
    return render(request, "measures/measure_find.html", {"form": form}, status=422 if form.errors else 200)


@needs("measure.plan")
@require_http_methods(["GET", "POST"])
def measure_change(request: HttpRequest, uuid) -> HttpResponse:
    measure = _measure(request, uuid)
    standing = catalogue.in_force(measure.household.county).get(measure.code)
    if measure.state not in planning.CHANGEABLE or standing is None:
        messages.error(request, f"这项举措{measure.get_state_display()}，不能再修改。")
        return redirect("measures:measure-detail", uuid)
    initial = {name: getattr(measure, name) for name in MeasureForm.base_fields}
    for name in ("amount", "monthly_pay", "bill"):
        initial[name] = f"{initial[name] / 100:.2f}" if initial[name] is not None else ""
    data = request.POST if request.method == "POST" else None
    form = MeasureForm(data, household=measure.household, standing=standing, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            planning.change(measure, form.wanted(line=measure.line), by=request.user)
            messages.success(request, "已修改。")
            return redirect("measures:measure-detail", uuid)
        except REFUSALS as error:
            form.add_error(None, error.message)
    context = {"measure": measure, "household": measure.household, "form": form, "type": standing}
    return render(request, "measures/measure_change.html", context, status=422 if form.errors else 200)


# ---- Looking ----
def _measure(request: HttpRequest, uuid) -> Measure:
    found = measure_lists.with_all(Measure.objects.for_user(request.user))
    return get_object_or_404(
        found.select_related("household__county", "proof_paper", "delivered_by"), uuid=uuid
    )


@needs("measure.view")
def measure_list(request: HttpRequest) -> HttpResponse:
    user = request.user
    form = MeasureFilter(request.GET, user=user)
    own = Measure.objects.for_user(user)
    found = form.narrow(own)
    shown = page(request, measure_lists.with_all(found), measure_lists.ORDER, counted=found)
    measure_lists.dress(shown.rows)
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
    return render(request, "measures/measure_list.html", context)


@needs("measure.view")
def measure_detail(request: HttpRequest, uuid) -> HttpResponse:
    user, measure = request.user, _measure(request, uuid)
    measure_lists.dress([measure])
    may_plan = user.may("measure.plan")
    context = {
        "measure": measure,
        "household": measure.household,
        "history": [_told(record) for record in history(measure).select_related("by")],
        "may_change": may_plan and measure.state in planning.CHANGEABLE,
        "may_begin": may_plan and measure.state == MeasureState.FILED,
        "deliver": DeliverForm(initial={"on": timezone.localdate()})
        if may_plan and measure.state == MeasureState.STARTED
        else None,
        "may_cancel": may_plan and measure.state in Measure.OUTSTANDING,
        "may_repay": may_plan and measure.form == "loan" and measure.state == MeasureState.DELIVERED,
        "opens_household": user.may("household.view"),
        "today": timezone.localdate(),
        "sightings": measure.sightings.select_related("visit").order_by("-visit__on")[:5]
        if user.may("visit.view")
        else [],
    }
    return render(request, "measures/measure_detail.html", context)


def _told(record) -> dict:
    states = dict(MeasureState.choices)
    return {
        "at": record.at,
        "words": states.get(record.to_state, ""),
        "by": record.by,
        "opinion": record.opinion,
    }


# ---- Acts of the department ----
def _day(request: HttpRequest) -> datetime.date:
    day = parse_date(request.POST.get("on", "") or "x")
    if day is None:
        raise Refused("请填写日期。")
    return day


def _done(request: HttpRequest) -> HttpResponse:
    if uuid := request.POST.get("one", ""):
        return redirect("measures:measure-detail", uuid)
    query = request.POST.get("filter", "")
    return redirect(f"{reverse('measures:measure-list')}{'?' + query if query else ''}")


@needs("measure.plan")
@require_POST
def measure_begin(request: HttpRequest) -> HttpResponse:
    try:
        chosen = selected(request, Measure.objects.for_user(request.user))
        count = delivery.begin(chosen, by=request.user, on=_day(request))
        messages.success(request, f"{count} 项已开始实施。")
        forget_badge(request.user)
    except REFUSALS as error:
        messages.error(request, error.message)
    return _done(request)


@needs("measure.plan")
@require_POST
def measure_deliver(request: HttpRequest) -> HttpResponse:
    """Many with what was planned, or one with its own amount and paper."""
    form = DeliverForm(request.POST, request.FILES)
    try:
        chosen = selected(request, Measure.objects.for_user(request.user))
        if not form.is_valid():
            raise Refused("；".join(words for errors in form.errors.values() for words in errors))
        count = _deliver(chosen, form.cleaned_data, request.user)
        messages.success(request, f"{count} 项已落实。")
        forget_badge(request.user)
    except (*REFUSALS, attachments.AttachmentRefused) as error:
        messages.error(request, error.message)
    return _done(request)


def _deliver(chosen, given: dict, by) -> int:
    """With its paper, which is kept only where the delivery is."""
    told = {"on": given["on"], "amount": given["amount"], "proof": given["proof"]}
    if not given["paper"]:
        return delivery.deliver(chosen, by=by, **told)
    found = list(chosen.select_related("household", "type")[:2])
    if len(found) != 1:
        raise Refused("佐证材料按户上传：请只勾选一项举措，或不传材料、填写落实凭据。")
    paper = None
    try:
        with transaction.atomic():
            title = f"{found[0].type.name}落实凭据"[:60]
            paper = attachments.attach(
                found[0].household,
                kind=Attachment.Kind.OTHER,
                title=title,
                content=given["paper"].read(),
                by=by,
            )
            return delivery.deliver(chosen, by=by, paper=paper, **told)
    except BaseException:
        if paper is not None:
            private_files.remove(paper.stored_name)
        raise


@needs("measure.plan")
@require_POST
def measure_cancel(request: HttpRequest) -> HttpResponse:
    try:
        chosen = selected(request, Measure.objects.for_user(request.user))
        count = delivery.cancel(chosen, by=request.user, words=request.POST.get("words", ""))
        messages.success(request, f"{count} 项已取消。")
    except REFUSALS as error:
        messages.error(request, error.message)
    return _done(request)


@needs("measure.plan")
@require_POST
def measure_again(request: HttpRequest) -> HttpResponse:
    """补正后重新报备案."""
    try:
        count = planning.hand_in_again(
            selected(request, Measure.objects.for_user(request.user)), by=request.user
        )
        messages.success(request, f"{count} 项已重新报备案。")
        forget_badge(request.user)
    except REFUSALS as error:
        messages.error(request, error.message)
    return _done(request)


@needs("measure.plan")
@require_POST
def measure_repay(request: HttpRequest, uuid) -> HttpResponse:
    measure = _measure(request, uuid)
    from measures.measure_forms import YuanField

    try:
        amount = YuanField().clean(request.POST.get("amount", ""))
        delivery.repay(measure, by=request.user, amount=amount or 0)
        messages.success(request, "还款已登记。")
    except REFUSALS as error:
        messages.error(request, error.message)
    except Exception as error:  # ValidationError of the amount
        messages.error(request, "；".join(getattr(error, "messages", ["请填写还款金额。"])))
    return redirect("measures:measure-detail", uuid)


# ---- Filing ----
@needs("measure.file")
def filing_list(request: HttpRequest) -> HttpResponse:
    """举措备案: those that wait, the oldest first."""
    user = request.user
    waiting = Measure.objects.for_user(user).filter(state=MeasureState.PLANNED)
    shown = page(request, measure_lists.with_all(waiting), ("planned_at", "id"), counted=waiting, size=100)
    measure_lists.dress(shown.rows)
    context = {
        "page": shown,
        "form": SendBackForm(),
        "today": timezone.localdate(),
        "back": Measure.objects.for_user(user).filter(state=MeasureState.SENT_BACK).count(),
    }
    return render(request, "measures/filing_list.html", context)


@needs("measure.file")
@require_POST
def measure_file(request: HttpRequest) -> HttpResponse:
    try:
        count = filing.file(selected(request, Measure.objects.for_user(request.user)), by=request.user)
        messages.success(request, f"已备案 {count} 项，部门可以实施。")
        forget_badge(request.user)
    except REFUSALS as error:
        messages.error(request, error.message)
    return redirect("measures:filing-list")


@needs("measure.file")
@require_POST
def measure_send_back(request: HttpRequest) -> HttpResponse:
    try:
        chosen = selected(request, Measure.objects.for_user(request.user))
        reason, words = request.POST.get("reason", ""), request.POST.get("words", "")
        count = filing.send_back(chosen, by=request.user, reason=reason, words=words)
        messages.success(request, f"已退回 {count} 项，请部门补正。")
        forget_badge(request.user)
    except REFUSALS as error:
        messages.error(request, error.message)
    return redirect("measures:filing-list")


@needs("measure.view")
def measure_paper(request: HttpRequest) -> HttpResponse:
    """F5 防贫举措备案表: the measures of the list's filter."""
    user = request.user
    found = MeasureFilter(request.GET, user=user).narrow(Measure.objects.for_user(user))
    rows = list(measure_lists.with_all(found).order_by("department", *measure_lists.ORDER)[:500])
    measure_lists.dress(rows)
    context = {"rows": rows, "county": user.acting.division, "today": timezone.localdate()}
    return render(request, "measures/measure_paper.html", context)
