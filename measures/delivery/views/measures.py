"""Filing of measures and what follows it: sent back, cancelled, paid back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.common.web.paging import page
from fangpin.common.web.selection import selected
from measures.delivery import delivery, filing
from measures.models import Measure, MeasureState
from measures.planning import lists as measure_lists
from measures.planning.forms import SendBackForm
from measures.planning.views.measures import REFUSALS, _done, _measure


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
def measure_repay(request: HttpRequest, uuid) -> HttpResponse:
    measure = _measure(request, uuid)
    from fangpin.common.web.forms import YuanField

    try:
        amount = YuanField().clean(request.POST.get("amount", ""))
        delivery.repay(measure, by=request.user, amount=amount or 0)
        messages.success(request, "还款已登记。")
    except REFUSALS as error:
        messages.error(request, error.message)
    except Exception as error:  # ValidationError of the amount
        messages.error(request, "；".join(getattr(error, "messages", ["请填写还款金额。"])))
    return redirect("measures:measure-detail", uuid)


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
    return render(request, "measures/delivery/filing_list.html", context)


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
