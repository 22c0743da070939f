"""F6 资金审批表 as a page to print; scans of what was signed."""

from dataclasses import replace

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fangpin.accounts.decorators import needs
from fangpin.accounts.roles import Role
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.files.scans import CONTENT_TYPES
from fangpin.common.web import forms
from fangpin.common.web.downloads import attachment as download
from fangpin.common.web.refusals import refusals_as_messages
from funding import ledger, rules
from funding.applications import lists as application_lists
from funding.applications import papers
from funding.applications.forms import PaperForm
from funding.applications.lists import LineRow
from funding.applications.views.applications import own
from funding.models import ApplicationPaper
from households import numbers
from households.forms import PurposeForm


@needs("fund.view")
@never_cache
def application_sheet(request: HttpRequest, uuid) -> HttpResponse:
    """F6. GET masks ID and account numbers; a POST with a purpose shows them in full to the department that
    applied and to finance, audited one by one."""
    user, application = request.user, own(request, uuid)
    may_reveal = user.may("fund.apply") or user.may("payment.make")
    form = PurposeForm(request.POST if request.method == "POST" and may_reveal else None)
    full = form.is_bound and form.is_valid()
    rows = application_lists.line_rows(application_lists.lines_of(application).order_by("number"))
    if full:
        rows = _with_full_numbers(rows, form.full_purpose, by=user)
    if user.acting.role == Role.AUDITOR:
        audit.record(user, "fund_sheet", application)
    context = {
        "application": application,
        "rows": rows,
        "homes": len({row.household.pk for row in rows if row.household}),
        "people": sum({row.household.pk: row.household.size for row in rows if row.household}.values()),
        "capitals": rules.in_capitals(application.amount),
        "free": ledger.figures([application.source])[application.source_id].free,
        "way": application_lists.way(application),
        "form": form,
        "full": full,
        "may_reveal": may_reveal,
        "today": timezone.localdate(),
    }
    status = 422 if form.is_bound and not full else 200
    return render(request, "funding/applications/application_sheet.html", context, status=status)


def _with_full_numbers(rows: list[LineRow], purpose: str, *, by: Actor) -> list[LineRow]:
    """Each number that is shown is recorded with the purpose, all of them or none."""
    with transaction.atomic():
        return [
            replace(
                row,
                masked_id=numbers.reveal(row.head, "id_number", purpose=purpose, by=by) if row.head else "",
                masked_account=numbers.reveal(row.account, "number", purpose=purpose, by=by)
                if row.account
                else "",
            )
            for row in rows
        ]


@needs("fund.view")
@require_POST
def application_paper_add(request: HttpRequest, uuid) -> HttpResponse:
    application = own(request, uuid)
    form = PaperForm(request.POST, request.FILES)
    if form.is_valid():
        given = form.cleaned_data
        with refusals_as_messages(request):
            papers.attach(
                application,
                by=request.user,
                kind=given["kind"],
                title=given["title"],
                content=given["file"].read(),
            )
            messages.success(request, "附件已保存。")
    else:
        messages.error(request, forms.first_error(form))
    return redirect("funding:application-detail", uuid=uuid)


@needs("fund.view")
@never_cache
def application_paper(request: HttpRequest, uuid) -> HttpResponse:
    own = ApplicationPaper.objects.for_user(request.user).select_related("application")
    paper = get_object_or_404(own, uuid=uuid)
    content = papers.opened(paper, by=request.user)
    return download(
        content, f"{paper.application.number}-{paper.title}.{paper.form}", CONTENT_TYPES[paper.form]
    )
