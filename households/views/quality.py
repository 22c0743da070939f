"""户册疑点: what each check found, and the rows of one."""

from itertools import groupby

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from fangpin.accounts.decorators import needs
from fangpin.common import jobs
from fangpin.common.models import Job
from fangpin.common.web.paging import page
from fangpin.common.web.progress import polled
from fangpin.common.web.refusals import refusals_as_messages
from households import quality
from households.quality import lists, marks, reports


@needs("registry.quality")
def quality_list(request: HttpRequest) -> HttpResponse:
    """Every check with its number in the reader's area, as the last report has it."""
    summary = reports.Summary(request.user)
    shown = [
        {"check": check, "number": summary.number(check)}
        for check in sorted(quality.checks(), key=lambda check: check.group)
    ]
    doubtful = [line for line in shown if line["number"]]
    groups = [
        (group, list(lines)) for group, lines in groupby(doubtful, key=lambda line: line["check"].group)
    ]
    county = request.user.acting.county_code
    job = Job.objects.for_user(request.user).filter(key=f"{reports.KIND}:{county}").order_by("-id").first()
    context = {
        "summary": summary,
        "groups": sorted(groups, key=lambda group: -sum(line["number"] for line in group[1])),
        "clean": [line["check"] for line in shown if not line["number"]],
        "job": polled(job, reverse("households:quality-list")) if job else None,
    }
    return render(request, "households/quality_list.html", context)


@needs("registry.quality")
@require_POST
def quality_run(request: HttpRequest) -> HttpResponse:
    try:
        reports.start(request.user.acting.county_code, by=request.user)
    except jobs.AlreadyRunning as running:
        messages.info(request, running.message)
    return redirect("households:quality-list")


@needs("registry.quality")
def quality_detail(request: HttpRequest, code: str) -> HttpResponse:
    """The rows of one check as the registry is now."""
    check = _check(code)
    form = lists.DoubtFilter(request.GET, user=request.user)
    rows = lists.rows(check, form, request.user)
    shown = page(request, rows, lists.ORDER[check.is_of_member])
    known = form.is_valid() and form.cleaned_data["known"]
    shown.rows = lists.doubt_rows(check, shown.rows, known=known)
    context = {
        "check": check,
        "form": form,
        "page": shown,
        "known": known,
        "clear_url": reverse("households:quality-detail", args=[code]),
        "may_mend": request.user.may("registry.upkeep"),
    }
    return render(request, "households/quality_detail.html", context)


@needs("registry.upkeep")
@require_POST
def quality_mark(request: HttpRequest, code: str) -> HttpResponse:
    """Rows are known and right; or, with `back`, doubts again."""
    check = _check(code)
    keys = [int(key) for key in request.POST.getlist("pick") if key.isdecimal() and len(key) < 18]
    with refusals_as_messages(request):
        if "back" in request.POST:
            number = marks.withdraw_marks(check, keys, by=request.user)
            messages.success(request, f"{number} 处已恢复为疑点。")
        else:
            number = marks.mark_known(check, keys, words=request.POST.get("words", ""), by=request.user)
            messages.success(request, f"{number} 处已注明“已核实无误”，登记的内容不变就不再列出。")
    return redirect("households:quality-detail", code)


def _check(code: str) -> quality.Check:
    if (check := quality.find(code)) is None:
        raise Http404
    return check
