"""Filing of measures and what follows it: sent back, cancelled, paid back."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.web.forms import YuanField
from fangpin.common.web.paging import page
from fangpin.common.web.refusals import refusals_as_messages
from fangpin.common.web.selection import selected
from households import attachments
from households.models import Attachment
from measures.delivery import delivery, filing
from measures.models import Measure, MeasureState
from measures.planning import lists as measure_lists
from measures.planning.forms import DeliverForm, SendBackForm
from measures.planning.views.measures import back_to_measures, fetch_measure, posted_day


@needs("measure.plan")
@require_POST
def measure_cancel(request: HttpRequest) -> HttpResponse:
    with refusals_as_messages(request):
        chosen = selected(request, Measure.objects.for_user(request.user))
        count = delivery.cancel_measures(chosen, by=request.user, words=request.POST.get("words", ""))
        messages.success(request, f"{count} 项已取消。")
    return back_to_measures(request)


@needs("measure.plan")
@require_POST
def measure_repay(request: HttpRequest, uuid) -> HttpResponse:
    measure = fetch_measure(request, uuid)
    with refusals_as_messages(request):
        delivery.record_repayment(measure, by=request.user, amount=_amount(request))
        messages.success(request, "还款已登记。")
    return redirect("measures:measure-detail", uuid)


def _amount(request: HttpRequest) -> int:
    """Fen."""
    try:
        return YuanField().clean(request.POST.get("amount", "")) or 0
    except ValidationError as error:
        raise Refused("；".join(error.messages)) from error


@needs("measure.file")
def filing_list(request: HttpRequest) -> HttpResponse:
    """举措备案: those that wait, the oldest first."""
    user = request.user
    waiting = Measure.objects.for_user(user).filter(state=MeasureState.PLANNED)
    shown = page(request, measure_lists.with_all(waiting), ("planned_at", "id"), counted=waiting, size=100)
    shown.rows = measure_lists.measure_rows(shown.rows)
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
    with refusals_as_messages(request):
        count = filing.file_measures(
            selected(request, Measure.objects.for_user(request.user)), by=request.user
        )
        messages.success(request, f"已备案 {count} 项，部门可以实施。")
        forget_badge(request.user)
    return redirect("measures:filing-list")


@needs("measure.file")
@require_POST
def measure_send_back(request: HttpRequest) -> HttpResponse:
    with refusals_as_messages(request):
        chosen = selected(request, Measure.objects.for_user(request.user))
        reason, words = request.POST.get("reason", ""), request.POST.get("words", "")
        count = filing.send_back_measures(chosen, by=request.user, reason=reason, words=words)
        messages.success(request, f"已退回 {count} 项，请部门补正。")
        forget_badge(request.user)
    return redirect("measures:filing-list")


@needs("measure.plan")
@require_POST
def measure_begin(request: HttpRequest) -> HttpResponse:
    with refusals_as_messages(request):
        chosen = selected(request, Measure.objects.for_user(request.user))
        count = delivery.begin_measures(chosen, by=request.user, on=posted_day(request))
        messages.success(request, f"{count} 项已开始实施。")
        forget_badge(request.user)
    return back_to_measures(request)


@needs("measure.plan")
@require_POST
def measure_deliver(request: HttpRequest) -> HttpResponse:
    """Many with what was planned, or one with its own amount and paper."""
    form = DeliverForm(request.POST, request.FILES)
    with refusals_as_messages(request):
        chosen = selected(request, Measure.objects.for_user(request.user))
        if not form.is_valid():
            raise Refused("；".join(words for errors in form.errors.values() for words in errors))
        count = _deliver(chosen, form.cleaned_data, request.user)
        messages.success(request, f"{count} 项已落实。")
        forget_badge(request.user)
    return back_to_measures(request)


def _deliver(chosen, given: dict, by: Actor) -> int:
    """With its paper, which is kept only where the delivery is."""
    values = {"on": given["on"], "amount": given["amount"], "proof": given["proof"]}
    if not given["paper"]:
        return delivery.deliver_measures(chosen, by=by, **values)
    measures = list(chosen.select_related("household", "type")[:2])
    if len(measures) != 1:
        raise Refused("佐证材料按户上传：请只勾选一项举措，或不传材料、填写落实凭据。")
    with attachments.attached(
        measures[0].household,
        kind=Attachment.Kind.OTHER,
        title=f"{measures[0].type.name}落实凭据"[:60],
        content=given["paper"].read(),
        by=by,
    ) as paper:
        return delivery.deliver_measures(chosen, by=by, paper=paper, **values)
