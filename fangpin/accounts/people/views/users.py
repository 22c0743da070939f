import base64
import json
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_POST

from fangpin.accounts import codes
from fangpin.accounts.decorators import needs
from fangpin.accounts.models import Duty, HelpLine, Level, User
from fangpin.accounts.people import services
from fangpin.accounts.people.duties import current_duties
from fangpin.accounts.people.filters import filtered
from fangpin.accounts.people.forms import (
    DutyForm,
    EndForm,
    HelpLineForm,
    PersonForm,
    UserFilter,
    UserForm,
    soon,
)
from fangpin.accounts.people.slips import slip_of
from fangpin.common import audit, crypto
from fangpin.common.refusals import Refused
from fangpin.common.web.paging import page
from fangpin.common.web.refusals import refusals_as_messages

_SEAL = b"one-time-code"
_SESSION = "one_time_code"


@dataclass(frozen=True)
class PersonRow:
    """A user in the list, with the duties that the administrator sees."""

    person: User
    duties: list[Duty]


@needs("user.manage")
def user_list(request: HttpRequest) -> HttpResponse:
    form = UserFilter(request.GET, by=request.user)
    users = filtered(request.user, form.cleaned_data) if form.is_valid() else User.objects.none()
    shown = page(request, users, ("name", "pk"))
    duties = current_duties(shown.rows, request.user)
    shown.rows = [PersonRow(person, duties[person.pk]) for person in shown]
    context = {"form": form, "page": shown, "soon": soon()}
    return render(request, "accounts/user_list.html", context)


@needs("user.manage")
def user_create(request: HttpRequest) -> HttpResponse:
    form = UserForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        data, code = form.cleaned_data, codes.new_code()
        try:
            user = services.create_user(
                username=data["username"],
                name=data["name"],
                phone=data["phone"],
                code=code,
                by=request.user,
                **form.duty,
            )
        except Refused as error:
            form.add_error(None, error.message)
        else:
            return _show_code(request, user, code.text, "created")
    return render(request, "accounts/user_form.html", {"form": form}, status=422 if form.errors else 200)


# --- the code, once -----------------------------------------------------------------------------------


def _show_code(request: HttpRequest, user: User, code: str, why: str) -> HttpResponse:
    """The next page shows it. Until then it lies sealed in the administrator's session, never in an
    address."""
    content = json.dumps([str(user.uuid), code, why]).encode()
    request.session[_SESSION] = base64.b64encode(crypto.seal(content, _SEAL)).decode()
    return redirect("accounts:user-code", user.uuid)


def _code_once(request: HttpRequest, user: User) -> tuple[str, str]:
    sealed = request.session.pop(_SESSION, None)
    if sealed is None:
        return "", ""
    uuid, code, why = json.loads(crypto.unseal(base64.b64decode(sealed), _SEAL))
    return (code, why) if uuid == str(user.uuid) else ("", "")


@needs("user.manage")
def user_code(request: HttpRequest, uuid) -> HttpResponse:
    user = _user(request, uuid)
    code, why = _code_once(request, user)
    context = {"person": user, "slips": [slip_of(user, code, by=request.user)] if code else [], "why": why}
    response = render(request, "accounts/user_code.html", context)
    add_never_cache_headers(response)
    return response


# --- one user -----------------------------------------------------------------------------------------


def _user(request: HttpRequest, uuid) -> User:
    return get_object_or_404(User.objects.for_user(request.user), uuid=uuid)


@needs("user.manage")
def user_detail(request: HttpRequest, uuid) -> HttpResponse:
    return _detail(request, _user(request, uuid))


def _detail(request: HttpRequest, user: User, **failed) -> HttpResponse:
    duties = Duty.objects.filter(user=user).in_area(request.user.acting.division_id)
    duties = list(duties.select_related("division__parent", "department").order_by("-begins_on", "-pk"))
    for duty in duties:
        duty.over = duty.is_over()
        duty.end_form = EndForm(initial={"ends_on": duty.ends_on}, auto_id=f"id_end_{duty.pk}_%s")
    elsewhere = services.has_duty_elsewhere(user, request.user.acting.division_id)
    context = {
        "person": user,
        "duties": sorted(duties, key=lambda duty: duty.over),
        "soon": soon(),
        "elsewhere": elsewhere,
        "is_self": user.pk == request.user.pk,
        "may_manage": user.pk != request.user.pk and not elsewhere,
        "person_form": PersonForm(initial={"name": user.name, "phone": user.phone}),
        "duty_form": DutyForm(by=request.user),
    } | failed
    return render(request, "accounts/user_detail.html", context, status=422 if failed else 200)


@needs("user.manage")
@require_POST
def user_change(request: HttpRequest, uuid) -> HttpResponse:
    user, form = _user(request, uuid), PersonForm(request.POST)
    if not form.is_valid():
        return _detail(request, user, person_form=form)
    return _act(
        request,
        user,
        lambda: services.change_user(user, by=request.user, **form.cleaned_data),
        "姓名和手机号已保存。",
    )


@needs("user.manage")
@require_POST
def user_reset(request: HttpRequest, uuid) -> HttpResponse:
    user = _user(request, uuid)
    with refusals_as_messages(request):
        return _show_code(request, user, services.reset_code(user, by=request.user), "reset")
    return redirect("accounts:user-detail", user.uuid)


@needs("user.manage")
@require_POST
def user_disable(request: HttpRequest, uuid) -> HttpResponse:
    user = _user(request, uuid)
    words = f"{user.name} 已停用，正在使用的也随即退出。"
    return _act(request, user, lambda: services.disable(user, by=request.user), words)


@needs("user.manage")
@require_POST
def user_enable(request: HttpRequest, uuid) -> HttpResponse:
    user = _user(request, uuid)
    words = f"{user.name} 已启用。忘了密码的，请再重置密码。"
    return _act(request, user, lambda: services.enable(user, by=request.user), words)


def _act(request: HttpRequest, user: User, act, done: str) -> HttpResponse:
    """Does it and says so; what was so already is no fault."""
    with refusals_as_messages(request):
        if act():
            messages.success(request, done)
        else:
            messages.info(request, "已经是这样，没有变化。")
    return redirect("accounts:user-detail", user.uuid)


# --- duties -------------------------------------------------------------------------------------------


@needs("user.manage")
@require_POST
def duty_add(request: HttpRequest, uuid) -> HttpResponse:
    user, form = _user(request, uuid), DutyForm(request.POST, by=request.user)
    if form.is_valid():
        try:
            duty = services.give_duty(user, by=request.user, **form.duty)
        except Refused as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"已增加岗位：{duty.role_label}（{duty.division.place}）。")
            return redirect("accounts:user-detail", user.uuid)
    return _detail(request, user, duty_form=form)


def _duty(request: HttpRequest, user: User, pk: int) -> Duty:
    duties = Duty.objects.filter(user=user).in_area(request.user.acting.division_id)
    return get_object_or_404(duties.select_related("user", "division__parent", "department"), pk=pk)


@needs("user.manage")
@require_POST
def duty_end(request: HttpRequest, uuid, pk: int) -> HttpResponse:
    user = _user(request, uuid)
    duty, form = _duty(request, user, pk), EndForm(request.POST)
    if not form.is_valid():
        messages.error(request, "止期有误，没有保存。请按年-月-日填写。")
        return redirect("accounts:user-detail", user.uuid)
    ends_on = form.cleaned_data["ends_on"]
    words = f"{duty.role_label}的止期已改为 {ends_on}。" if ends_on else f"{duty.role_label}已改为长期。"
    return _act(request, user, lambda: services.change_end(duty, ends_on, by=request.user), words)


@needs("user.manage")
@require_POST
def duty_stop(request: HttpRequest, uuid, pk: int) -> HttpResponse:
    user = _user(request, uuid)
    duty = _duty(request, user, pk)
    words = f"{duty.role_label}（{duty.division.place}）已停止，随即生效。"
    return _act(request, user, lambda: services.end_duty_now(duty, by=request.user), words)


# --- the sign-in page ---------------------------------------------------------------------------------


@needs("user.manage")
def help_line(request: HttpRequest) -> HttpResponse:
    """Whom people of the county ring who can't sign in."""
    area = request.user.acting.division
    if area.level != Level.COUNTY:
        return render(request, "accounts/help_line.html", {"form": None})
    known = HelpLine.objects.filter(county=area).first()
    form = HelpLineForm(request.POST or None, instance=known or HelpLine(county=area))
    if request.method == "POST" and form.is_valid():
        line = form.save()
        audit.record(request.user, "help_line", line, words=line.words)
        messages.success(request, "登录页上的联系方式已保存。")
        return redirect("accounts:help-line")
    return render(request, "accounts/help_line.html", {"form": form}, status=422 if form.errors else 200)
