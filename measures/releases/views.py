"""取消重点关注 (Art. 9): the list of what is on the way, the village's evaluation, the township's review,
F7."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.common.refusals import Refused
from fangpin.common.web.paging import page
from fangpin.common.web.refusals import refusals_as_messages
from fangpin.common.web.selection import selected
from households import attachments
from households.models import Attachment, Case, CaseState
from measures.models import Evaluation, Outcome
from measures.releases import case_matrix, releases
from measures.releases import papers as release_papers
from measures.releases.forms import EvaluationForm, ReleaseFilter, ReviewForm
from measures.words import names
from screening.cases import lists as cases

ORDER = ("household__village_id", "household_id", "id")


@dataclass(frozen=True)
class ReleaseRow:
    """A case on its way to a release; `is_due`: the village can evaluate it."""

    case: Case
    tags: Sequence[str]
    evaluation: Evaluation | None
    is_due: bool


def _row(case: Case, evaluation: Evaluation | None, today: datetime.date) -> ReleaseRow:
    is_due = case.state == CaseState.ACTIVE and bool(case.evaluation_due) and case.evaluation_due <= today
    return ReleaseRow(case, cases.case_row(case).tags, evaluation, is_due)


@needs("release.view")
def release_list(request: HttpRequest) -> HttpResponse:
    user = request.user
    form = ReleaseFilter(request.GET, user=user)
    chosen = form.narrow(Case.objects.for_user(user))
    shown = page(request, cases.with_all(chosen), ORDER, counted=chosen)
    latest = releases.latest_evaluations(shown)
    today = timezone.localdate()
    shown.rows = [_row(case, latest.get(case.pk), today) for case in shown.rows]
    context = {
        "page": shown,
        "form": form,
        "clear_url": reverse("measures:release-list"),
        "may_evaluate": user.may("release.evaluate"),
        "may_review": user.may("release.review"),
        "review": ReviewForm(),
    }
    return render(request, "measures/releases/release_list.html", context)


@needs("release.evaluate")
@require_http_methods(["GET", "POST"])
def release_evaluate(request: HttpRequest, uuid) -> HttpResponse:
    """村评定 of one case, with what help came and what was seen beside it."""
    own = Case.objects.for_user(request.user).select_related(
        "household__village__parent", "household__county"
    )
    case = get_object_or_404(own, uuid=uuid)
    form = EvaluationForm(request.POST or None, request.FILES or None, case=case)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            with attachments.attached(
                case.household,
                kind=Attachment.Kind.CONSENT,
                title="取消重点关注评定表",
                content=given["paper"].read() if given["paper"] else None,
                by=request.user,
            ) as paper:
                releases.evaluate_case(
                    case,
                    by=request.user,
                    on=given["on"],
                    participants=names(given["participants"]),
                    outcome=given["outcome"],
                    risks=form.said(),
                    words=given["words"],
                    follower_words=given["follower_words"],
                    household_words=given["household_words"],
                    per_head=given["per_head"],
                    secured=form.secured(),
                    paper=paper,
                )
            next_step = "等乡镇审核" if given["outcome"] == Outcome.GONE else "继续重点关注"
            messages.success(request, f"{case.household}的村评定已登记，{next_step}。")
            forget_badge(request.user)
            return redirect("measures:release-list")
        except Refused as error:
            form.add_error(None, error.message)
    context = {
        "case": case,
        "household": case.household,
        "form": form,
        "rows": case_matrix.rows(case, request.user),
    }
    return render(
        request, "measures/releases/release_evaluate.html", context, status=422 if form.errors else 200
    )


@needs("release.review")
@require_POST
def release_review(request: HttpRequest) -> HttpResponse:
    """乡审核 of the ticked cases."""
    form = ReviewForm(request.POST, request.FILES)
    with refusals_as_messages(request):
        if not form.is_valid():
            raise Refused("请填写审核日期、会议和参加人。")
        given = form.cleaned_data
        agreed = request.POST.get("agreed") == "yes"
        chosen = selected(request, Case.objects.for_user(request.user))
        releases.review_cases(
            chosen,
            by=request.user,
            on=given["on"],
            way=given["way"],
            participants=names(given["participants"]),
            agreed=agreed,
            words=given["words"],
            scan=given["scan"].read() if given["scan"] else None,
        )
        messages.success(request, "已审核同意，等县里审定。" if agreed else "已退回，继续重点关注。")
        forget_badge(request.user)
    return redirect("measures:release-list")


@needs("release.view")
def release_paper(request: HttpRequest, uuid) -> HttpResponse:
    """F7 of one household."""
    own = Case.objects.for_user(request.user)
    case = get_object_or_404(cases.with_all(own), uuid=uuid)
    context = {"papers": release_papers.release_papers([case], request.user), "case": case}
    return render(request, "measures/releases/release_paper.html", context)


@needs("release.view")
@require_http_methods(["GET", "POST"])
def release_papers_many(request: HttpRequest) -> HttpResponse:
    """F7 of the ticked households, or of all of the list's filter, one a page."""
    own, most = Case.objects.for_user(request.user), release_papers.MOST
    with refusals_as_messages(request):
        if request.method == "POST":
            chosen = selected(request, own)
        else:
            chosen = ReleaseFilter(request.GET, user=request.user).narrow(own)
        shown = list(cases.with_all(chosen).order_by(*ORDER)[: most + 1])
        papers = release_papers.release_papers(shown[:most], request.user)
        context = {"papers": papers, "more": len(shown) > most, "most": most}
        return render(request, "measures/releases/release_paper.html", context)
    return redirect("measures:release-list")
