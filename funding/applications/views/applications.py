"""资金使用申请: list, one application, drafting and changing it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.web import forms
from fangpin.common.web.paging import page
from fangpin.common.web.refusals import refusals_as_messages
from fangpin.common.web.selection import selected
from funding import ledger
from funding.applications import approvals, gathering, submitting, tracing
from funding.applications import forms as application_forms
from funding.applications import lists as application_lists
from funding.applications.forms import (
    ApplicationFilter,
    ApplicationForm,
    ConfirmForm,
    FilingForm,
    OpinionForm,
    PaperForm,
    PremiumForm,
    StepForm,
)
from funding.models import Application, ApplicationLine, ApplicationState, FundSource, LineState, Purpose
from measures.planning.lists import ORDER


@needs("fund.view")
def application_list(request: HttpRequest) -> HttpResponse:
    user = request.user
    form = ApplicationFilter(request.GET, user=user)
    own = Application.objects.for_user(user)
    applications = form.narrow(own)
    shown = page(request, application_lists.with_all(applications), ("-id",), counted=applications)
    picking = bool(approvals.side_of(user)) or user.may("fund.file")
    context = {
        "page": shown,
        "form": form,
        "clear_url": reverse("funding:application-list"),
        "tabs": application_lists.tabs(own, user),
        "state": request.GET.get("state", ""),
        "may_apply": user.may("fund.apply"),
        "side": approvals.side_of(user),
        "may_file": approvals_in_person(user),
        "waiting": set(application_forms.mine(user).values_list("pk", flat=True)) if picking else set(),
        "payable": gathering.payable(user).count() if user.may("fund.apply") else 0,
    }
    return render(request, "funding/applications/application_list.html", context)


def approvals_in_person(user: Actor) -> bool:
    """Whether this duty files in person: the leading group's."""
    return user.may("fund.file") and not user.may("fund.register")


def _sources(user: Actor) -> list[FundSource]:
    """Open sources, each with `free`."""
    sources = list(FundSource.objects.for_user(user).open().order_by("-year", "kind", "name"))
    has = ledger.figures(sources)
    for source in sources:
        source.free = has[source.pk].free
    return sources


@needs("fund.apply")
@require_http_methods(["GET", "POST"])
def application_new(request: HttpRequest) -> HttpResponse:
    """Choose a source, see line by line whether it may pay, tick, apply."""
    user = request.user
    sources = _sources(user)
    key = request.POST.get("source") or request.GET.get("source", "")
    source = next((each for each in sources if str(each.uuid) == key), None)
    form = ApplicationForm(request.POST if request.method == "POST" else None, source=source)
    if request.method == "POST" and source and form.is_valid():
        try:
            chosen = selected(request, gathering.payable(user)).select_related("household")
            lines, faults = application_forms.amounts(request.POST, chosen)
            if faults:
                raise Refused("；".join(faults))
            if not lines:
                raise Refused("还没有勾选举措。请先勾选要申请资金的户。")
            made = gathering.begin(source, by=user, lines=lines, **form.cleaned_data)
            messages.success(request, f"已起草 {made.number}，请核对后提交。")
            return redirect("funding:application-detail", uuid=made.uuid)
        except Refused as error:
            form.add_error(None, error.message)
    context = {"sources": sources, "source": source, "form": form} | _payable(request, source)
    return render(
        request, "funding/applications/application_new.html", context, status=422 if form.errors else 200
    )


def _payable(request: HttpRequest, source: FundSource | None) -> dict:
    """Measures that money can be applied for: those that the source may pay, and those it may not, with
    why."""
    if source is None:
        return {"fits": [], "others": []}
    measures = gathering.payable(request.user).select_related(
        "claim", "household__village__parent", "type", "department"
    )
    fits = gathering.fits(list(measures.order_by(*ORDER)[:500]), source)
    return {"fits": [fit for fit in fits if not fit.why], "others": [fit for fit in fits if fit.why]}


@needs("fund.apply")
@require_http_methods(["GET", "POST"])
def application_premium(request: HttpRequest) -> HttpResponse:
    """防贫保险保费: to an insurer, without households."""
    form = PremiumForm(request.POST if request.method == "POST" else None, user=request.user)
    if form.is_bound and form.is_valid():
        given = dict(form.cleaned_data)
        try:
            source = form.sources[given.pop("source")]
            amount = given.pop("amount")
            made = gathering.begin(
                source, by=request.user, purpose=Purpose.PREMIUM, lines={None: amount}, **given
            )
            messages.success(request, f"已起草 {made.number}，请核对后提交。")
            return redirect("funding:application-detail", uuid=made.uuid)
        except Refused as error:
            form.add_error(None, error.message)
    status = 422 if form.errors else 200
    return render(request, "funding/applications/application_premium.html", {"form": form}, status=status)


def own(request: HttpRequest, uuid) -> Application:
    applications = application_lists.with_all(Application.objects.for_user(request.user))
    return get_object_or_404(applications, uuid=uuid)


@needs("fund.view")
def application_detail(request: HttpRequest, uuid) -> HttpResponse:
    user, application = request.user, own(request, uuid)
    shown = page(request, application_lists.lines_of(application), ("number", "id"), size=200)
    shown.rows = application_lists.line_rows(shown.rows)
    context = {
        "application": application,
        "page": shown,
        "free": ledger.figures([application.source])[application.source_id].free,
        "way": application_lists.way(application),
        "history": application_lists.history_rows(application),
        "papers": application.papers.select_related("by"),
        "paper_form": PaperForm() if _may_attach(user) else None,
    }
    return render(request, "funding/applications/application_detail.html", context | _acts(user, application))


def _may_attach(user: Actor) -> bool:
    return user.may("fund.apply") or user.may("fund.decide") or user.may("fund.file")


def _acts(user: Actor, application: Application) -> dict:
    """What this duty may do with it now, with the forms."""
    is_mine = user.may("fund.apply")
    editable = is_mine and application.is_editable
    waits = application_forms.mine(user).filter(pk=application.pk).exists()
    side = approvals.side_of(user)
    at_filing = application.state == ApplicationState.APPROVED and application.needs_filing
    lacking = approvals.missing_steps(application) if application.state in Application.IN_APPROVAL else []
    fields = {
        name: getattr(application, name)
        for name in ("title", "words", "project_name", "project_number", "publicity")
    }
    return {
        "editable": editable,
        "form": ApplicationForm(initial=fields, source=application.source) if editable else None,
        "may_withdraw": is_mine and application.state in Application.IN_APPROVAL,
        "side": side,
        "opinion": OpinionForm() if side and waits else None,
        "may_decline": waits and user.may("fund.decide"),
        "may_file": waits and at_filing and approvals_in_person(user) and not application.registered_by_id,
        "register": FilingForm()
        if at_filing and waits and user.may("fund.register") and not application.registered_by_id
        else None,
        "confirm": ConfirmForm() if at_filing and application.registered_by_id and waits else None,
        "lacking": lacking,
        "step": StepForm(names=lacking)
        if lacking and (is_mine or user.may("fund.approve_finance"))
        else None,
        "may_reveal": is_mine or user.may("payment.make"),
    }


def done(request: HttpRequest, uuid, words: str, act) -> HttpResponse:
    """Carries out `act`, tells what happened, shows the application again."""
    with refusals_as_messages(request):
        act()
        messages.success(request, words)
        forget_badge(request.user)
    return redirect("funding:application-detail", uuid=uuid)


@needs("fund.apply")
@require_POST
def application_change(request: HttpRequest, uuid) -> HttpResponse:
    application = own(request, uuid)
    form = ApplicationForm(request.POST, source=application.source)
    if not form.is_valid():
        messages.error(request, forms.first_error(form))
        return redirect("funding:application-detail", uuid=uuid)
    return done(
        request,
        uuid,
        "已保存。",
        lambda: gathering.change(application, by=request.user, **form.cleaned_data),
    )


@needs("fund.apply")
@require_http_methods(["GET", "POST"])
def application_add(request: HttpRequest, uuid) -> HttpResponse:
    """More measures for one that can still be changed."""
    application = own(request, uuid)
    if request.method == "POST":
        with refusals_as_messages(request):
            chosen = selected(request, gathering.payable(request.user)).select_related("household")
            lines, faults = application_forms.amounts(request.POST, chosen)
            if faults or not lines:
                raise Refused("；".join(faults) or "还没有勾选举措。")
            gathering.add(application, lines, by=request.user)
            messages.success(request, f"已加入 {len(lines)} 笔。")
            return redirect("funding:application-detail", uuid=uuid)
    context = {"application": application, "source": application.source} | _payable(
        request, application.source
    )
    having = set(application.lines.exclude(state=LineState.GIVEN_UP).values_list("measure", flat=True))
    context["fits"] = [fit for fit in context["fits"] if fit.measure.pk not in having]
    return render(request, "funding/applications/application_add.html", context)


@needs("fund.apply")
@require_POST
def application_take_off(request: HttpRequest, uuid) -> HttpResponse:
    application = own(request, uuid)
    return done(
        request,
        uuid,
        "已移出选中的明细。",
        lambda: gathering.remove_lines(
            application, selected(request, application.lines.all()), by=request.user
        ),
    )


@needs("fund.apply")
@require_POST
def application_submit(request: HttpRequest, uuid) -> HttpResponse:
    application = own(request, uuid)
    words = "已提出申请，资金已占用，等扶贫部门和财政部门审定。"
    return done(request, uuid, words, lambda: submitting.submit(application, by=request.user))


@needs("fund.apply")
@require_POST
def application_withdraw(request: HttpRequest, uuid) -> HttpResponse:
    application, words = own(request, uuid), request.POST.get("words", "")
    return done(
        request,
        uuid,
        "已撤回，占用的资金已释放；改好后可重新提交。",
        lambda: submitting.withdraw(application, by=request.user, words=words),
    )


@needs("fund.apply")
@require_POST
def application_discard(request: HttpRequest, uuid) -> HttpResponse:
    application, words = own(request, uuid), request.POST.get("words", "")
    return done(
        request, uuid, "已作废。", lambda: submitting.discard(application, by=request.user, words=words)
    )


@needs("fund.view")
def line_trace(request: HttpRequest, uuid) -> HttpResponse:
    """一笔资金到户: the line's way from the decision to the account."""
    lines = ApplicationLine.objects.for_user(request.user).select_related(
        "application__department",
        "application__source",
        "application__county",
        "measure__household__village__parent",
        "measure__type",
        "measure__case",
        "measure__risk",
        "measure__line__sheet",
        "measure__filed_by",
        "measure__department",
    )
    line = get_object_or_404(lines, uuid=uuid)
    context = {"line": line, "trace": tracing.trace(line), "today": timezone.localdate()}
    context["opens_household"] = request.user.may("household.view")
    return render(request, "funding/applications/line_trace.html", context)
