"""审定、退回、备案 of applications: one or many, and what happened on paper."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.common.web import forms
from fangpin.common.web.refusals import refusals_as_messages
from fangpin.common.web.selection import selected
from funding.applications import approvals
from funding.applications.forms import ConfirmForm, FilingForm, StepForm
from funding.applications.views.applications import done, own
from funding.models import Application


def _back(request: HttpRequest) -> HttpResponse:
    """To the application or the list that the act came from."""
    if one := request.POST.get("one", ""):
        return redirect("funding:application-detail", uuid=one)
    query = request.POST.get("filter", "")
    return redirect(f"{reverse('funding:application-list')}{'?' + query if query else ''}")


def _many(request: HttpRequest, words: str, act) -> HttpResponse:
    """`act(chosen)` on the ticked applications."""
    with refusals_as_messages(request):
        chosen = selected(request, Application.objects.for_user(request.user))
        sentence = approvals.what_it_does(chosen)
        act(chosen)
        messages.success(request, words.format(sentence))
        forget_badge(request.user)
    return _back(request)


@needs("fund.view")
@require_POST
def application_approve(request: HttpRequest) -> HttpResponse:
    """审定 of the ticked ones, each as the page showed it."""

    def act(chosen):
        rows = chosen.values_list("pk", "uuid")
        seen = {pk: request.POST.get(f"seen-{uuid}", "") for pk, uuid in rows}
        approvals.approve(
            chosen,
            by=request.user,
            seen=seen,
            opinion=request.POST.get("opinion", "") or "同意",
            signer=request.POST.get("signer", ""),
        )

    return _many(request, "已审定 {}。", act)


@needs("fund.decide")
@require_POST
def application_decline(request: HttpRequest) -> HttpResponse:
    final = request.POST.get("final") == "on"
    words = "已不同意 {}，资金已释放。" if final else "已退回 {}，资金已释放，部门补正后重新提交。"
    return _many(
        request,
        words,
        lambda chosen: approvals.decline(
            chosen, by=request.user, words=request.POST.get("words", ""), final=final
        ),
    )


@needs("fund.file")
@require_POST
def application_file(request: HttpRequest) -> HttpResponse:
    number = request.POST.get("number", "")
    return _many(
        request,
        "已备案 {}，可以发放。",
        lambda chosen: approvals.file(chosen, by=request.user, number=number),
    )


def _with_form(request: HttpRequest, uuid, form, words: str, act) -> HttpResponse:
    application = own(request, uuid)
    if not form.is_valid():
        messages.error(request, forms.first_error(form))
        return redirect("funding:application-detail", uuid=uuid)
    return done(request, uuid, words, lambda: act(application, by=request.user, **form.cleaned_data))


@needs("fund.register")
@require_POST
def application_register(request: HttpRequest, uuid) -> HttpResponse:
    words = "已登记备案签发件，请另一人核对后确认。"
    return _with_form(request, uuid, FilingForm(request.POST), words, approvals.register_filing)


@needs("fund.file")
@require_POST
def application_confirm(request: HttpRequest, uuid) -> HttpResponse:
    return _with_form(
        request, uuid, ConfirmForm(request.POST), "核对一致，已备案，可以发放。", approvals.confirm_filing
    )


@needs("fund.view")
@require_POST
def application_step(request: HttpRequest, uuid) -> HttpResponse:
    form = StepForm(request.POST, names=approvals.missing_steps(own(request, uuid)))
    return _with_form(request, uuid, form, "已登记这个审批环节。", approvals.record_step)
