"""增收计划 (Art. 4): lists, one plan at the door, its paper."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.accounts.models import Division
from fangpin.accounts.roles import Role
from fangpin.common.refusals import Refused
from fangpin.common.web.paging import page
from fangpin.common.web.refusals import refusals_as_messages
from households import attachments
from households.models import Attachment, Household
from measures.income_plans import copying, lists, plans
from measures.income_plans.forms import AgreeForm, MissingFilter, NoteForm, PlanFilter, PlanForm, YearEndForm
from measures.models import IncomePlan, PlanState

ORDER = ("household__village_id", "household_id", "id")
PHRASES = ("进展正常", "已种下", "已外出务工", "已返乡，没有找到活", "长势不好", "还没有动")


@needs("plan.view")
def plan_list(request: HttpRequest) -> HttpResponse:
    user = request.user
    form = PlanFilter(request.GET, user=user)
    income_plans = form.narrow(IncomePlan.objects.for_user(user))
    shown = page(request, lists.with_all(income_plans), ORDER, counted=income_plans)
    year = form.chosen_year()
    context = {
        "page": shown,
        "form": form,
        "year": year,
        "clear_url": reverse("measures:plan-list"),
        "figures": lists.figures(user, year),
        "may_make": user.may("plan.make"),
        "may_copy": user.may("plan.make") and user.acting.role == Role.VILLAGE_CADRE,
        "may_export": user.may("plan.export") and bool(shown.rows),
    }
    return render(request, "measures/income_plans/plan_list.html", context)


@needs("plan.view")
def plan_missing(request: HttpRequest) -> HttpResponse:
    """Lifted households without a plan of the year, or without a helper."""
    form = MissingFilter(request.GET, user=request.user)
    households = form.find(request.user)
    shown = page(
        request,
        households.select_related("village__parent", "hamlet"),
        ("village_id", "id"),
        counted=households,
    )
    context = {
        "page": shown,
        "form": form,
        "clear_url": reverse("measures:plan-missing"),
        "may_make": request.user.may("plan.make"),
        "may_export": request.user.may("plan.export") and bool(shown.rows),
        "year": timezone.localdate().year,
    }
    return render(request, "measures/income_plans/plan_missing.html", context)


@needs("plan.make")
@require_POST
def plan_copy(request: HttpRequest) -> HttpResponse:
    """From last year's plans, for the whole village."""
    with refusals_as_messages(request):
        village = Division.objects.get(pk=request.user.acting.division_id)
        count = copying.copy_last_year(village, timezone.localdate().year, by=request.user)
        messages.success(request, f"已从上年计划复制 {count} 户，请逐户和农户商量后修改、签字。")
        forget_badge(request.user)
    return redirect("measures:plan-list")


@needs("plan.make")
@require_POST
def plan_begin(request: HttpRequest, uuid) -> HttpResponse:
    home = get_object_or_404(Household.objects.for_user(request.user), uuid=uuid)
    with refusals_as_messages(request):
        plan = plans.begin_plan(home, timezone.localdate().year, by=request.user)
        forget_badge(request.user)
        return redirect("measures:plan-detail", plan.uuid)
    known = IncomePlan.objects.for_user(request.user).filter(household=home).order_by("-year").first()
    return redirect("measures:plan-detail", known.uuid) if known else redirect("measures:plan-list")


def _plan(request: HttpRequest, uuid) -> IncomePlan:
    income_plans = IncomePlan.objects.for_user(request.user).select_related(
        "household__village__parent", "household__hamlet"
    )
    return get_object_or_404(lists.with_all(income_plans), uuid=uuid)


@needs("plan.view")
@require_http_methods(["GET", "POST"])
def plan_detail(request: HttpRequest, uuid) -> HttpResponse:
    """One plan: to be filled in while it is not signed, then tracked, then closed."""
    user, plan = request.user, _plan(request, uuid)
    may_make = user.may("plan.make")
    editing = may_make and plan.state == PlanState.DRAFT
    form = (
        PlanForm(request.POST if request.method == "POST" and editing else None, plan=plan)
        if editing
        else None
    )
    if form is not None and form.is_bound and form.is_valid():
        try:
            plans.set_items(plan, form.items(), by=user, **form.cleaned_data)
            messages.success(request, "已保存。打印后请户主、帮扶联系人和村干部签字。")
            return redirect("measures:plan-detail", uuid)
        except Refused as error:
            form.add_error(None, error.message)
    context = {
        "plan": plan,
        "household": plan.household,
        "items": [lists.item_row(item) for item in plan.items.select_related("member")],
        "form": form,
        "agree": AgreeForm() if editing and plan.items_number else None,
        "note": NoteForm(initial={"way": "phone"})
        if user.may("plan.track") and plan.state != PlanState.CLOSED
        else None,
        "year_end": YearEndForm(plan=plan) if may_make and plan.state == PlanState.AGREED else None,
        "notes": plan.notes.select_related("by", "item"),
        "may_reopen": may_make and plan.state == PlanState.AGREED,
        "phrases": PHRASES,
    }
    return render(
        request,
        "measures/income_plans/plan_detail.html",
        context,
        status=422 if form and form.is_bound else 200,
    )


def _act(request: HttpRequest, uuid, form, done: str, work) -> HttpResponse:
    plan = _plan(request, uuid)
    with refusals_as_messages(request):
        if form is not None and not form.is_valid():
            raise Refused("；".join(words for errors in form.errors.values() for words in errors))
        work(plan)
        messages.success(request, done)
        forget_badge(request.user)
    return redirect("measures:plan-detail", uuid)


@needs("plan.make")
@require_POST
def plan_agree(request: HttpRequest, uuid) -> HttpResponse:
    form = AgreeForm(request.POST, request.FILES)

    def work(plan: IncomePlan) -> None:
        given = form.cleaned_data
        with attachments.attached(
            plan.household,
            kind=Attachment.Kind.CONSENT,
            title=f"{plan.year} 年增收计划签字页",
            content=given["paper"].read() if given["paper"] else None,
            by=request.user,
        ) as paper:
            plans.agree_plan(plan, by=request.user, on=given["on"], signers=given["signers"], paper=paper)

    return _act(request, uuid, form, "已登记签字。", work)


@needs("plan.make")
@require_POST
def plan_reopen(request: HttpRequest, uuid) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _act(
        request,
        uuid,
        None,
        "可以修改了，改好后重新签字。",
        lambda p: plans.reopen_plan(p, by=request.user, reason=reason),
    )


@needs("plan.track")
@require_POST
def plan_note(request: HttpRequest, uuid) -> HttpResponse:
    form = NoteForm(request.POST)
    return _act(
        request,
        uuid,
        form,
        "跟踪记录已登记。",
        lambda p: plans.add_note(p, by=request.user, **form.cleaned_data),
    )


@needs("plan.make")
@require_POST
def plan_conclude(request: HttpRequest, uuid) -> HttpResponse:
    form = YearEndForm(request.POST, plan=_plan(request, uuid))

    def work(plan: IncomePlan) -> None:
        plans.conclude_plan(
            plan,
            by=request.user,
            on=timezone.localdate(),
            actuals=form.actuals(),
            next_year=form.cleaned_data["next_year"],
        )

    return _act(request, uuid, form, "实际收入已登记，今年的计划办结。", work)


@needs("plan.view")
def plan_paper(request: HttpRequest) -> HttpResponse:
    """F8: one plan, or all of the list's filter, one a page."""
    user = request.user
    own = IncomePlan.objects.for_user(user)
    if one := request.GET.get("one"):
        income_plans = own.filter(pk=get_object_or_404(own, uuid=one).pk)
    else:
        income_plans = PlanFilter(request.GET, user=user).narrow(own)
    shown = list(lists.with_all(income_plans).order_by(*ORDER)[:100])
    context = {"rows": lists.paper_rows(shown)}
    return render(request, "measures/income_plans/plan_paper.html", context)
