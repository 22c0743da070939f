"""一卡通账户 of households: one, a list of those that want attention, many by workbook."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.common.handing_in.pages import receive_posted
from fangpin.common.refusals import Refused
from fangpin.common.web.downloads import attachment as download
from fangpin.common.web.forms import WorkbookForm
from fangpin.common.web.paging import page
from fangpin.common.web.refusals import refusals_as_messages
from funding import rules
from funding.bank_accounts import accounts, lists, sheets
from funding.bank_accounts.forms import AccountFilter, AccountForm
from funding.models import BankAccount, HandedIn
from households.models import Household


@needs("account.view")
def account_list(request: HttpRequest) -> HttpResponse:
    user = request.user
    households = lists.accounts(user, request.GET)
    shown = page(
        request,
        households.select_related("village__parent", "hamlet"),
        ("village_id", "id"),
        counted=households,
    )
    shown.rows = lists.account_rows(shown.rows)
    context = {
        "page": shown,
        "form": AccountFilter(request.GET, user=user),
        "clear_url": reverse("funding:account-list"),
        "show": request.GET.get("show") or "failed",
        "may_edit": user.may("account.edit"),
        "may_export": user.may("account.export") and bool(shown.rows),
    }
    return render(request, "funding/bank_accounts/account_list.html", context)


@needs("account.view")
@require_http_methods(["GET", "POST"])
def account_edit(request: HttpRequest, uuid) -> HttpResponse:
    """One household's account: what is in use, what was before, and a new one."""
    user = request.user
    home = get_object_or_404(Household.objects.for_user(user).select_related("village__parent"), uuid=uuid)
    may_edit = user.may("account.edit")
    form = AccountForm(request.POST if request.method == "POST" and may_edit else None)
    if not form.is_bound:
        form.initial = {"holder": home.head_name}
    if form.is_bound and form.is_valid():
        try:
            accounts.enter(home, by=user, **form.cleaned_data)
            messages.success(request, f"{home}的账户已登记。")
            forget_badge(user)
            return redirect("funding:account-edit", uuid=uuid)
        except Refused as error:
            form.add_error(None, error.message)
    history = list(
        BankAccount.objects.for_user(user).filter(household=home).select_related("by").order_by("-id")
    )
    for account in history:
        account.masked = rules.masked(account.number)
    current = next((account for account in history if account.ended_at is None), None)
    context = {
        "household": home,
        "form": form if may_edit else None,
        "current": current,
        "history": history,
        "sharing": list(accounts.sharing(current)[:10]) if current else [],
    }
    return render(
        request, "funding/bank_accounts/account_edit.html", context, status=422 if form.errors else 200
    )


@needs("account.edit")
def account_template(_request: HttpRequest) -> HttpResponse:
    return download(sheets.template(), "一卡通账户.xlsx")


@needs("account.edit")
@require_http_methods(["GET", "POST"])
def account_sheet_in(request: HttpRequest) -> HttpResponse:
    form = WorkbookForm(request.POST or None, request.FILES or None)
    if sheet := receive_posted(form, sheets.hand_in, by=request.user):
        return redirect("funding:account-sheet", uuid=sheet.uuid)
    return render(
        request,
        "funding/bank_accounts/account_sheet_in.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


def _sheet(request: HttpRequest, uuid) -> HandedIn:
    sheets = HandedIn.objects.for_user(request.user).filter(kind=HandedIn.Kind.ACCOUNTS)
    return get_object_or_404(sheets, uuid=uuid)


@needs("account.edit")
def account_sheet(request: HttpRequest, uuid) -> HttpResponse:
    """What the file would do, before it does."""
    sheet = _sheet(request, uuid)
    reading = sheets.again(sheet, by=request.user)
    context = {"sheet": sheet, "reading": reading, "faults": sorted(reading.faults.items())}
    return render(request, "funding/bank_accounts/account_sheet.html", context)


@needs("account.edit")
@require_POST
def account_sheet_confirm(request: HttpRequest, uuid) -> HttpResponse:
    sheet = _sheet(request, uuid)
    with refusals_as_messages(request):
        new, changed = sheets.confirm(sheet, by=request.user)
        messages.success(request, f"已写入：新登记 {new} 户，更正 {changed} 户。")
        forget_badge(request.user)
        return redirect("funding:account-list")
    return redirect("funding:account-sheet", uuid=uuid)


@needs("account.edit")
def account_sheet_returned(request: HttpRequest, uuid) -> HttpResponse:
    sheet = _sheet(request, uuid)
    return download(sheets.returned(sheet, by=request.user), "退回的账户.xlsx")
