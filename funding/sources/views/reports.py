"""资金报表, 审定后未发放, 资金公示."""

import datetime

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from fangpin.accounts.decorators import needs
from fangpin.accounts.models import Division, HelpLine
from funding.models import FundSource
from funding.sources import reports, statement
from households.forms import AreaFilter


@needs("fund.export")
def fund_report(request: HttpRequest) -> HttpResponse:
    user, today = request.user, timezone.localdate()
    years = list(
        FundSource.objects.for_user(user).order_by("-year").values_list("year", flat=True).distinct()
    )
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdigit() and int(asked) in years else (years[0] if years else today.year)
    context = {"report": reports.report(user, year), "years": years, "year": year, "today": today}
    return render(request, "funding/sources/fund_report.html", context)


class StatementForm(AreaFilter):
    first = forms.DateField(
        label="从", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    last = forms.DateField(
        label="到", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )


@needs("fund.statement")
def fund_statement(request: HttpRequest) -> HttpResponse:
    """资金公示 of an area, to print and put up."""
    user, today = request.user, timezone.localdate()
    form = StatementForm(request.GET, user=user)
    form.is_valid()
    chosen = getattr(form, "cleaned_data", {})
    first = chosen.get("first") or datetime.date(today.year, 1, 1)
    last = chosen.get("last") or today
    area = (form.area() if form.is_valid() else "") or user.acting.division_id
    county = Division.objects.get(pk=user.acting.county_code)
    rows = statement.stated(area, first, last)
    context = {
        "form": form,
        "rows": rows,
        "total": sum(row.amount for row in rows),
        "place": Division.objects.select_related("parent").get(pk=area),
        "county": county,
        "first": first,
        "last": last,
        "today": today,
        "help": HelpLine.objects.filter(county=county).first(),
    }
    return render(request, "funding/sources/fund_statement.html", context)
