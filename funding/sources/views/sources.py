"""资金来源, their movements, months."""

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.accounts.models import Department
from fangpin.common.refusals import Refused
from fangpin.common.web import forms
from fangpin.common.web.paging import page
from fangpin.common.web.refusals import refusals_as_messages
from funding import ledger
from funding.models import FundSource, Movement, MovementKind, PeriodClose
from funding.sources import forms as source_forms
from funding.sources import lists as source_lists
from funding.sources import reports, sources


@needs("fund.view")
def source_list(request: HttpRequest) -> HttpResponse:
    user = request.user
    form = source_forms.SourceFilter(request.GET, user=user)
    fund_sources = list(
        form.narrow(FundSource.objects.for_user(user))
        .select_related("department")
        .order_by("-year", "kind", "name")
    )
    rows = source_lists.source_rows(fund_sources)
    context = {
        "rows": rows,
        "totals": source_lists.totals(rows),
        "form": form,
        "clear_url": reverse("funding:source-list"),
        "may_manage": user.may("fund.source"),
        "may_close": user.may("fund.close"),
    }
    return render(request, "funding/sources/source_list.html", context)


@needs("fund.source")
@require_http_methods(["GET", "POST"])
def source_new(request: HttpRequest) -> HttpResponse:
    county = request.user.acting.county_code
    form = source_forms.SourceForm(request.POST if request.method == "POST" else None, county=county)
    if form.is_bound and form.is_valid():
        given = dict(form.cleaned_data)
        code = given.pop("department")
        owner = Department.objects.filter(county=county, code=code).first() if code else None
        try:
            source = sources.register(by=request.user, department=owner, **given)
            messages.success(request, f"已登记{source}。")
            return redirect("funding:source-detail", uuid=source.uuid)
        except Refused as error:
            form.add_error(None, error.message)
    return render(
        request, "funding/sources/source_new.html", {"form": form}, status=422 if form.errors else 200
    )


def _own(request: HttpRequest, uuid) -> FundSource:
    return get_object_or_404(
        FundSource.objects.for_user(request.user).select_related("department", "by", "county"), uuid=uuid
    )


@needs("fund.view")
def source_detail(request: HttpRequest, uuid) -> HttpResponse:
    user, source = request.user, _own(request, uuid)
    form = source_forms.MovementFilter(request.GET)
    movements = form.narrow(source.movements.all())
    may = user.may("fund.source") and source.closed_on is None
    (row,) = source_lists.source_rows([source])
    context = {
        "source": source,
        "row": row,
        "page": page(request, source_lists.with_all(movements), ("-id",), counted=movements, size=100),
        "form": form,
        "clear_url": reverse("funding:source-detail", args=[uuid]),
        "may_manage": may,
        "may_pay": user.may("payment.make") and source.closed_on is None,
        "increase": source_forms.IncreaseForm() if may else None,
        "give_back": source_forms.GiveBackForm() if may else None,
        "carry": source_forms.CarryForm(source=source, user=user) if may else None,
        "correctable": (MovementKind.ALLOCATE, MovementKind.RETURN_UP, MovementKind.CARRY),
    }
    return render(request, "funding/sources/source_detail.html", context)


def _act(request: HttpRequest, uuid, form, words: str, act) -> HttpResponse:
    source = _own(request, uuid)
    with refusals_as_messages(request):
        if form is not None and not form.is_valid():
            raise Refused(forms.first_error(form))
        act(source, **(form.cleaned_data if form is not None else {}))
        messages.success(request, words)
        forget_badge(request.user)
    return redirect("funding:source-detail", uuid=uuid)


@needs("fund.source")
@require_POST
def source_increase(request: HttpRequest, uuid) -> HttpResponse:
    form = source_forms.IncreaseForm(request.POST)
    return _act(
        request,
        uuid,
        form,
        "已登记追加。",
        lambda source, **given: sources.increase(source, by=request.user, **given),
    )


@needs("fund.source")
@require_POST
def source_give_back(request: HttpRequest, uuid) -> HttpResponse:
    form = source_forms.GiveBackForm(request.POST)
    return _act(
        request,
        uuid,
        form,
        "已登记收回。",
        lambda source, **given: sources.give_back(source, by=request.user, **given),
    )


@needs("fund.source")
@require_POST
def source_carry(request: HttpRequest, uuid) -> HttpResponse:
    form = source_forms.CarryForm(request.POST, source=_own(request, uuid), user=request.user)

    def act(source, target, **given):
        sources.carry(source, form.targets[target], by=request.user, **given)

    return _act(request, uuid, form, "已结转。", act)


@needs("fund.source")
@require_POST
def source_close(request: HttpRequest, uuid) -> HttpResponse:
    return _act(request, uuid, None, "已关闭。", lambda source: sources.close(source, by=request.user))


@needs("fund.source")
@require_POST
def movement_correct(request: HttpRequest, uuid) -> HttpResponse:
    """更正 by a counter-movement."""
    movements = Movement.objects.for_user(request.user).select_related("from_account", "to_account", "source")
    movement = get_object_or_404(movements, uuid=uuid)
    words = request.POST.get("words", "")
    return _act(
        request,
        movement.source.uuid,
        None,
        "已用反向变动更正。",
        lambda _source: ledger.correct(movement, by=request.user, words=words),
    )


@needs("fund.view")
def source_paper(request: HttpRequest, uuid) -> HttpResponse:
    """台账 of a source by month, to print."""
    source = _own(request, uuid)
    (row,) = source_lists.source_rows([source])
    context = {
        "source": source,
        "row": row,
        "months": source_lists.months(source),
        "today": timezone.localdate(),
    }
    return render(request, "funding/sources/source_paper.html", context)


@needs("fund.view")
def source_donor_report(request: HttpRequest, uuid) -> HttpResponse:
    """To the donor: what it was used for, without names."""
    source = _own(request, uuid)
    if not source.donor:
        raise Http404
    (row,) = source_lists.source_rows([source])
    context = {
        "source": source,
        "row": row,
        "report": reports.donor_report(source),
        "today": timezone.localdate(),
    }
    return render(request, "funding/sources/source_donor_report.html", context)


# ---- Months ----
@needs("fund.view")
def fund_close(request: HttpRequest) -> HttpResponse:
    """月结和对账."""
    user = request.user
    county = user.acting.county_code
    month = sources.open_month(county)
    rows = []
    if month:
        movements = (
            Movement.objects.for_user(user).filter(on__year=month.year, on__month=month.month).order_by()
        )
        kinds = dict(MovementKind.choices)
        rows = [
            {"label": kinds[row["kind"]], "n": row["n"], "amount": row["amount"]}
            for row in movements.values("kind").annotate(n=Count("pk"), amount=Sum("amount")).order_by("kind")
        ]
    vouchers = source_lists.vouchers(county)
    context = {
        "month": month,
        "rows": rows,
        "closed": PeriodClose.objects.filter(county=county).select_related("by").order_by("-month"),
        "may_close": user.may("fund.close"),
        "differences": ledger.differences(county),
        "vouchers": vouchers,
        "odd": [each for each in vouchers if each["lines"] != each["ledger"]],
    }
    return render(request, "funding/sources/fund_close.html", context)


@needs("fund.close")
@require_POST
def fund_close_month(request: HttpRequest) -> HttpResponse:
    month = parse_date(request.POST.get("month", "") or "x")
    with refusals_as_messages(request):
        if month is None:
            raise Refused("没有可以结账的月份。")
        sources.close_month(by=request.user, month=month)
        messages.success(request, f"{month:%Y年%m月}已结账。")
        forget_badge(request.user)
    return redirect("funding:fund-close")
