from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from fangpin.accounts import acting, codes, shell
from fangpin.accounts.decorators import signed_in
from fangpin.accounts.models import HelpLine
from fangpin.common import audit


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "用户名或密码不对。请检查大小写后重试；忘记密码请联系本县系统管理员重置。",
        "inactive": "用户名或密码不对。请检查大小写后重试；忘记密码请联系本县系统管理员重置。",
    }


class OwnPasswordForm(PasswordChangeForm):
    """The present password may be a code typed from paper."""

    def clean_old_password(self):
        if self.user.has_code:
            self.cleaned_data["old_password"] = codes.as_typed(self.cleaned_data["old_password"])
        return super().clean_old_password()


class SignIn(auth_views.LoginView):
    form_class = SignInForm
    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **more) -> dict:
        """With whom to ring: every county's line, for nobody is known yet."""
        lines = HelpLine.objects.select_related("county").order_by("county")
        return super().get_context_data(
            help_lines=list(lines[:200]), has_left="left" in self.request.GET, **more
        )

    def form_valid(self, form):
        response = super().form_valid(form)
        audit.record(form.get_user(), "sign_in")
        return response


@signed_in
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    audit.record(request.user, "sign_out")
    return auth_views.LogoutView.as_view(next_page=f"{reverse('accounts:login')}?left=1")(request)


@signed_in
def password_change(request: HttpRequest) -> HttpResponse:
    form = OwnPasswordForm(request.user, request.POST or None)
    first = request.user.must_change_password
    if request.method == "POST" and form.is_valid():
        request.user.must_change_password, request.user.code_expires_at = False, None
        form.save()
        update_session_auth_hash(request, request.user)
        audit.record(request.user, "password_change")
        messages.success(request, "密码已修改。")
        return redirect("home")
    return render(request, "accounts/password_change.html", {"form": form, "first": first})


@signed_in
@require_POST
def duty_switch(request: HttpRequest) -> HttpResponse:
    duty = next((d for d in request.duties if str(d.pk) == request.POST.get("duty")), None)
    if duty is None:
        messages.error(request, "这个岗位不是您的，或已经到期。")
        return redirect("home")
    request.session[acting.SESSION_KEY] = duty.pk
    request.user.act_in(duty)
    audit.record(request.user, "duty_switch")
    messages.success(request, f"已切换到：{duty.role_label}（{duty.place_name}）。")
    return redirect("home")


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """待办: what waits for me in this duty."""
    lines = shell.todo_for(request.user)
    request.user.waiting = lines  # for the badge, which else may be a minute old
    context = {
        "lines": lines,
        "parts": shell.by_due(lines, timezone.localdate()),
        "headline": shell.headline_for(request.user),
        "panels": shell.home_panels_for(request.user),
    }
    return render(request, "home.html", context)
