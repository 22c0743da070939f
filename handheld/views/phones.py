"""Which phones are open for whom: an administrator's area, or one's own; stopped there."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from fangpin.accounts.decorators import needs, signed_in
from fangpin.common.web.paging import page
from handheld import phones
from handheld.models import Phone


@dataclass(frozen=True)
class PhoneRow:
    """A phone of the list with how many of its entries wait for a person."""

    phone: Phone
    waiting: int
    duty_is_over: bool


STATES = (("", "在用"), ("all", "全部，含已退出、已停用的"))


@needs("user.manage")
def phone_list(request: HttpRequest) -> HttpResponse:
    """Of the administrator's area; no household is named."""
    return _list(request, is_own=False)


@signed_in
def phone_mine(request: HttpRequest) -> HttpResponse:
    """One's own alone. Whoever enters no more may still have some, and stops them here."""
    return _list(request, is_own=True)


def _list(request: HttpRequest, *, is_own: bool) -> HttpResponse:
    state = "all" if request.GET.get("state") == "all" else ""
    listed = Phone.objects.for_user(request.user)
    if is_own:
        listed = listed.own(request.user)
    if not state:
        listed = listed.open()
    full = listed.select_related("user", "duty__division__parent", "stopped_by")
    shown = page(request, full, ("-seen_at", "-id"), counted=listed)
    waiting = phones.waiting_entries(shown.rows)
    shown.rows = [
        PhoneRow(phone, waiting.get(phone.pk, 0), not phone.user.is_active or phone.duty.is_over())
        for phone in shown.rows
    ]
    context = {"page": shown, "state": state, "states": STATES, "is_own": is_own}
    return render(request, "handheld/phone_list.html", context)


@signed_in
@require_POST
def phone_stop(request: HttpRequest, uuid) -> HttpResponse:
    """停用这部手机, by its owner or the administrator of its area."""
    phone = get_object_or_404(Phone.objects.for_user(request.user).select_related("user"), uuid=uuid)
    if phones.disable_phone(phone, by=request.user):
        messages.success(request, f"{phone.user}的这部手机已停用，要重新输密码才能再用。")
    else:
        messages.info(request, "这部手机已经退出或停用，没有变化。")
    return redirect("handheld:phone-list" if request.user.may("user.manage") else "handheld:phone-mine")
