from functools import partial

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_POST

from fangpin.accounts.decorators import needs
from fangpin.accounts.models import Level, ListKind, ListState, RowOutcome, UserList
from fangpin.accounts.people import slips, workbooks
from fangpin.accounts.people.forms import ListForm, RowFilter
from fangpin.common import jobs
from fangpin.common.handing_in import pages
from fangpin.common.refusals import Refused
from fangpin.common.web.downloads import attachment
from fangpin.common.web.paging import page

CARDS = {
    ListKind.USERS: (
        "一行是一个人的一个岗位。先检查、看过结果再办理；办理后打印一次性密码单。"
        "再次导入同一份名单不会重复建立。"
    ),
    ListKind.LEAVERS: "上传调离、退休、轮换期满的人员名单，看清楚是谁以后再停用；停用后随即不能使用。",
}


@needs("user.manage")
def list_list(request: HttpRequest) -> HttpResponse:
    return _list_page(request)


def _list_page(request: HttpRequest, failed: ListForm | None = None) -> HttpResponse:
    lists = UserList.objects.for_user(request.user)
    history = page(request, lists.select_related("by"), ("-id",), size=20, counted=lists)
    history.rows = [pages.history_row(sent, "accounts:list-detail", _line(sent)) for sent in history]
    context = {
        "cards": pages.upload_cards(CARDS, _form, failed),
        "page": history,
        "by_county": request.user.acting.division.level == Level.COUNTY,
    }
    return render(request, "accounts/list_list.html", context, status=422 if failed else 200)


def _form(kind: str, *data) -> ListForm:
    return ListForm(*data, initial={"kind": kind}, auto_id=f"id_{kind}_%s")


def _line(sent: UserList) -> str:
    """读到 120 · 新增用户 100 · 退回 2: one line for the history."""
    counts = sent.result
    figures = [f"读到 {counts['read']:,}"] if counts else []
    figures += [f"{o.label} {counts[o.value]:,}" for o in RowOutcome if counts.get(o.value)]
    return " · ".join(figures)


@needs("user.manage")
def list_template(_request: HttpRequest, kind: str) -> HttpResponse:
    return attachment(workbooks.template(ListKind(kind)), f"{ListKind(kind).label}名单模板.xlsx")


@needs("user.manage")
@require_POST
def list_upload(request: HttpRequest) -> HttpResponse:
    """Keeps the workbook and has it checked; nobody has changed yet."""
    form = _form(request.POST.get("kind", ""), request.POST, request.FILES)
    if not form.is_valid():
        return _list_page(request, failed=form)
    file = form.cleaned_data["file"]
    try:
        with transaction.atomic():
            sent = workbooks.receive(
                ListKind(form.cleaned_data["kind"]), file_name=file.name, content=file.read(), by=request.user
            )
            _enqueue(sent, apply=False, by=request.user)
    except Refused as error:
        form.add_error(None, error.message)
        return _list_page(request, failed=form)
    return redirect("accounts:list-detail", sent.uuid)


def _enqueue(sent: UserList, *, apply: bool, by) -> None:
    jobs.enqueue("user_list", str(sent.pk), by=by, list=sent.pk, apply=apply)


def _sent(request: HttpRequest, uuid) -> UserList:
    return get_object_or_404(
        UserList.objects.for_user(request.user).select_related("by", "division"), uuid=uuid
    )


@needs("user.manage")
def list_detail(request: HttpRequest, uuid) -> HttpResponse:
    sent = _sent(request, uuid)
    job = workbooks.latest_job(sent)
    form = RowFilter(request.GET)
    outcome = form.cleaned_data["outcome"] if form.is_valid() else ""
    rows = sent.rows.filter(outcome=outcome) if outcome else sent.rows.all()
    url = reverse("accounts:list-detail", args=[sent.uuid])
    context = {
        "sent": sent,
        "job": pages.with_progress(job, by=request.user, url=url),
        "form": form,
        "page": page(request, rows, ("number", "id")),
        "figures": _figures(sent),
        "todo": sum(sent.result.get(o, 0) for o in ("created", "changed", "disabled")),
        "returned": sum(sent.result.get(o, 0) for o in ("set_aside", "refused")),
        "confirm_detail": _confirm_detail(sent),
    }
    return render(request, "accounts/list_detail.html", context)


def _figures(sent: UserList) -> list[dict]:
    if not sent.result:
        return []
    left_out = (
        {RowOutcome.CREATED, RowOutcome.CHANGED} if sent.kind == ListKind.LEAVERS else {RowOutcome.DISABLED}
    )
    if sent.kind == ListKind.USERS:
        left_out.add(RowOutcome.SET_ASIDE)
    return [
        {
            "number": f"{sent.result[outcome]:,}",
            "unit": "行",
            "label": outcome.label,
            "url": f"?outcome={outcome.value}#rows" if sent.result[outcome] else "",
        }
        for outcome in RowOutcome
        if outcome not in left_out
    ]


def _confirm_detail(sent: UserList) -> str:
    if sent.kind == ListKind.LEAVERS:
        return "停用后他们随即不能登录，正在使用的也会退出。需要时可以逐个重新启用。"
    return "新建的用户会得到一次性密码，办理后在本页打印密码单。退回的行不办理，可下载改正后再导入。"


@needs("user.manage")
@require_POST
def list_check(request: HttpRequest, uuid) -> HttpResponse:
    return _run(request, uuid, apply=False, states=UserList.OPEN)


@needs("user.manage")
@require_POST
def list_confirm(request: HttpRequest, uuid) -> HttpResponse:
    return _run(request, uuid, apply=True, states=(ListState.CHECKED,))


def _run(request: HttpRequest, uuid, *, apply: bool, states: tuple) -> HttpResponse:
    sent = _sent(request, uuid)
    enqueue = partial(_enqueue, sent, apply=apply, by=request.user)
    pages.queue_step(request, sent, enqueue, states=states, noun="名单")
    return redirect("accounts:list-detail", sent.uuid)


@needs("user.manage")
def list_returned(request: HttpRequest, uuid) -> HttpResponse:
    sent = _sent(request, uuid)
    content = workbooks.returned_workbook(sent, by=request.user)
    return attachment(content, f"退回的行_{sent.get_kind_display()}_{timezone.localdate():%Y%m%d}.xlsx")


@needs("user.manage")
def list_slips(request: HttpRequest, uuid) -> HttpResponse:
    """The new users' codes, to print and cut; whoever has signed in or was given another code is left out."""
    sent = _sent(request, uuid)
    context = {"sent": sent, "slips": slips.slips(sent, by=request.user)}
    response = render(request, "accounts/list_slips.html", context)
    add_never_cache_headers(response)
    return response


@needs("user.manage")
@require_POST
def list_destroy(request: HttpRequest, uuid) -> HttpResponse:
    sent = _sent(request, uuid)
    if slips.destroy_codes(sent, by=request.user):
        messages.success(request, "密码单已销毁。没拿到密码的，请在用户页逐个重置。")
    else:
        messages.info(request, "密码单此前已经销毁。")
    return redirect("accounts:list-detail", sent.uuid)
