"""资金发放: batches, lists for the banks, their answers."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.common.refusals import Refused
from fangpin.common.transitions import history
from fangpin.common.web.downloads import attachment as download
from fangpin.common.web.forms import WorkbookForm
from fangpin.common.web.paging import page
from fangpin.common.web.refusals import refusals_as_messages
from fangpin.common.web.selection import selected
from funding.applications import lists as application_lists
from funding.history import rows_of_history
from funding.models import ApplicationLine, Batch, BatchState, FundSource, HandedIn, LineState, Outcome
from funding.payments import bank_answers, bank_files, batches, lists, preparing
from funding.payments.forms import BatchFilter, SendForm
from funding.sources import reports


@needs("payment.view")
def batch_list(request: HttpRequest) -> HttpResponse:
    user = request.user
    form = BatchFilter(request.GET, user=user)
    batches_in_scope = form.narrow(Batch.objects.for_user(user))
    context = {
        "page": page(request, lists.with_counts(batches_in_scope), ("-id",), counted=batches_in_scope),
        "form": form,
        "clear_url": reverse("funding:batch-list"),
        "may_pay": user.may("payment.make"),
        "waiting": preparing.waiting_of(user) if user.may("payment.make") else [],
    }
    return render(request, "funding/payments/batch_list.html", context)


@needs("payment.make")
@require_http_methods(["GET", "POST"])
def batch_new(request: HttpRequest, uuid) -> HttpResponse:
    """可发放 of one source: what can go into a batch, who has no account, what stands twice."""
    source = get_object_or_404(FundSource.objects.for_user(request.user), uuid=uuid)
    lines = preparing.waiting(source)
    if request.method == "POST":
        with refusals_as_messages(request):
            chosen = selected(
                request, ApplicationLine.objects.for_user(request.user).filter(pk__in=lines.values("pk"))
            )
            batch = preparing.prepare(
                source, chosen, by=request.user, twice_words=request.POST.get("twice_words", "")
            )
            messages.success(
                request, f"已编制 {batch.number}：{batch.count} 笔。请下载报盘文件，拨付后登记凭证号。"
            )
            forget_badge(request.user)
            return redirect("funding:batch-detail", uuid=batch.uuid)
    ready = preparing.preview(list(lines.order_by("application_id", "number")[:2000]))
    mended = batches.mended(source).select_related(
        "application", "measure__household__village__parent", "measure__type"
    )
    context = {
        "source": source,
        "ready": ready,
        "mended": mended.order_by("pk"),
        "words": request.POST.get("twice_words", ""),
    }
    return render(request, "funding/payments/batch_new.html", context)


@needs("payment.make")
@require_POST
def batch_again(request: HttpRequest, uuid) -> HttpResponse:
    """Mended lines wait for another batch."""
    source = get_object_or_404(FundSource.objects.for_user(request.user), uuid=uuid)
    with refusals_as_messages(request):
        chosen = selected(
            request,
            ApplicationLine.objects.for_user(request.user).filter(pk__in=batches.mended(source).values("pk")),
        )
        count = batches.again(source, chosen, by=request.user)
        messages.success(request, f"{count} 笔已重新占用资金，可以列入下一批。")
    return redirect("funding:batch-new", uuid=uuid)


def _own(request: HttpRequest, uuid) -> Batch:
    return get_object_or_404(lists.with_counts(Batch.objects.for_user(request.user)), uuid=uuid)


@needs("payment.view")
def batch_detail(request: HttpRequest, uuid) -> HttpResponse:
    user, batch = request.user, _own(request, uuid)
    shown = page(request, lists.with_all(batch.lines.all()), ("number", "id"), size=200)
    shown.rows = [lists.batch_row(line) for line in shown.rows]
    may_pay = user.may("payment.make")
    files = {file.bank: file for file in batch.files.select_related("made_by")}
    banks = [(each, files.get(each.bank)) for each in bank_files.by_bank(batch)]
    context = {
        "batch": batch,
        "page": shown,
        "banks": banks,
        "may_pay": may_pay,
        "send": SendForm() if may_pay and batch.state == BatchState.PREPARED else None,
        "may_answer": may_pay and batch.state == BatchState.SENT,
        "may_come_back": may_pay and batch.paid,
        "upload": WorkbookForm() if may_pay and batch.state == BatchState.SENT else None,
        "history": rows_of_history(history(batch), lists.ACTS),
        "today": timezone.localdate(),
    }
    return render(request, "funding/payments/batch_detail.html", context)


def _act(request: HttpRequest, uuid, words: str, act) -> HttpResponse:
    with refusals_as_messages(request):
        act(_own(request, uuid))
        messages.success(request, words)
        forget_badge(request.user)
    return redirect("funding:batch-detail", uuid=uuid)


@needs("payment.make")
@require_POST
def batch_send(request: HttpRequest, uuid) -> HttpResponse:
    form = SendForm(request.POST)

    def act(batch: Batch):
        if not form.is_valid():
            raise Refused("请填写凭证号和拨付日期。")
        batches.send(batch, by=request.user, **form.cleaned_data)

    return _act(request, uuid, "已登记拨付，等银行回盘。", act)


@needs("payment.make")
@require_POST
def batch_cancel(request: HttpRequest, uuid) -> HttpResponse:
    words = request.POST.get("words", "")
    return _act(
        request,
        uuid,
        "批次已作废，明细等下一批。",
        lambda batch: batches.cancel(batch, by=request.user, words=words),
    )


@needs("payment.make")
@require_POST
def batch_settle(request: HttpRequest, uuid) -> HttpResponse:
    """By hand: the ticked lines failed for the reason given, or all that still wait have arrived."""
    on = parse_date(request.POST.get("on", "") or "x") or timezone.localdate()
    reason = request.POST.get("reason", "")

    def act(batch: Batch):
        ticked = selected(request, batch.lines.filter(outcome=Outcome.LISTED))
        numbers = list(ticked.values_list("number", flat=True))
        if request.POST.get("all") == "on":
            return batches.settle(batch, by=request.user, on=on, failed={})
        if not numbers:
            raise Refused("没有勾选明细。请勾选发放失败的户，写明原因；其余全部成功的，用“全部到账”。")
        failed = dict.fromkeys(numbers, reason) if request.POST.get("failed") == "on" else {}
        return batches.settle(
            batch, by=request.user, on=on, failed=failed, paid_numbers=[] if failed else numbers
        )

    return _act(request, uuid, "已登记。", act)


@needs("payment.make")
@require_POST
def batch_come_back(request: HttpRequest, uuid) -> HttpResponse:
    """到账后退回 of one line."""
    on = parse_date(request.POST.get("on", "") or "x") or timezone.localdate()
    number = request.POST.get("number", "")

    def act(batch: Batch):
        if not number.isdigit():
            raise Refused("请填写退回的序号。")
        batches.come_back(batch, int(number), by=request.user, on=on, reason=request.POST.get("reason", ""))

    return _act(request, uuid, "已登记退回，资金已退回来源，请村里更正账户。", act)


@needs("payment.view")
def batch_paper(request: HttpRequest, uuid) -> HttpResponse:
    """发放清单 to print, masked."""
    batch = _own(request, uuid)
    lines = lists.with_all(batch.lines.exclude(outcome=Outcome.TAKEN_OFF)).order_by("number")
    context = {
        "batch": batch,
        "rows": [lists.batch_row(line) for line in lines],
        "banks": bank_files.by_bank(batch),
        "today": timezone.localdate(),
    }
    return render(request, "funding/payments/batch_paper.html", context)


# ---- For and from the banks ----
@needs("payment.make")
@never_cache
@require_POST
def bank_file(request: HttpRequest, uuid) -> HttpResponse:
    """报盘 of one bank, with full numbers, for a purpose."""
    batch = _own(request, uuid)
    bank = request.POST.get("bank", "")
    try:
        _, content = bank_files.fetch(batch, bank, by=request.user, purpose=request.POST.get("purpose", ""))
    except Refused as error:
        messages.error(request, error.message)
        return redirect("funding:batch-detail", uuid=uuid)
    return download(content, f"{batch.number}-{bank}.xlsx")


@needs("payment.make")
@require_POST
def answer_in(request: HttpRequest, uuid) -> HttpResponse:
    """回盘 handed in: shown before anything is written."""
    batch, form = _own(request, uuid), WorkbookForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, form.errors["file"][0])
        return redirect("funding:batch-detail", uuid=uuid)
    file = form.cleaned_data["file"]
    with refusals_as_messages(request):
        sheet = bank_answers.hand_in(batch, file_name=file.name, content=file.read(), by=request.user)
        return redirect("funding:answer-detail", uuid=sheet.uuid)
    return redirect("funding:batch-detail", uuid=uuid)


def _answer(request: HttpRequest, uuid) -> HandedIn:
    sheets = HandedIn.objects.for_user(request.user).filter(kind=HandedIn.Kind.ANSWER)
    return get_object_or_404(sheets.select_related("batch__source", "by"), uuid=uuid)


@needs("payment.make")
def answer_detail(request: HttpRequest, uuid) -> HttpResponse:
    sheet = _answer(request, uuid)
    answer = bank_answers.again(sheet) if sheet.confirmed_at is None else None
    context = {"sheet": sheet, "batch": sheet.batch, "answer": answer, "today": timezone.localdate()}
    return render(request, "funding/payments/answer_detail.html", context)


@needs("payment.make")
@require_POST
def answer_confirm(request: HttpRequest, uuid) -> HttpResponse:
    sheet = _answer(request, uuid)
    on = parse_date(request.POST.get("on", "") or "x") or timezone.localdate()
    try:
        bank_answers.confirm(sheet, by=request.user, on=on)
        messages.success(request, "回盘已写入。")
        forget_badge(request.user)
    except Refused as error:
        messages.error(request, error.message)
        return redirect("funding:answer-detail", uuid=uuid)
    return redirect("funding:batch-detail", uuid=sheet.batch.uuid)


@needs("payment.make")
@require_POST
def line_give_up(request: HttpRequest, uuid) -> HttpResponse:
    """不再发放 of one failed line."""
    lines = (
        ApplicationLine.objects.for_user(request.user)
        .filter(state=LineState.FAILED)
        .select_related("application")
    )
    line = get_object_or_404(lines, uuid=uuid)
    own = ApplicationLine.objects.for_user(request.user).filter(pk=line.pk)
    with refusals_as_messages(request):
        batches.give_up(line.application, own, by=request.user, words=request.POST.get("words", ""))
        messages.success(request, "已登记不再发放，这项举措可以另行申请。")
    return redirect("funding:line-trace", uuid=uuid)


@needs("fund.view")
def unpaid_list(request: HttpRequest) -> HttpResponse:
    """审定备案后还没有发放的."""
    lines = reports.unpaid(request.user)
    shown = page(request, lines, ("application_id", "number", "id"), counted=lines)
    shown.rows = application_lists.line_rows(shown.rows)
    return render(request, "funding/payments/unpaid_list.html", {"page": shown})
