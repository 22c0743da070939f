"""核实: the village's tasks and answers, the township's word, what departments are asked (Art. 7(2)2)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.common.actor import Actor
from fangpin.common.files import private_files
from fangpin.common.refusals import Refused
from fangpin.common.transitions import history
from fangpin.common.web.downloads import attachment
from fangpin.common.web.paging import page
from fangpin.common.web.refusals import refusals_as_messages
from fangpin.common.web.selection import selected
from screening.comparison import answering, board, confirming, hamlet_answers, inquiries
from screening.comparison.answer_form import AnswerForm, answer_form
from screening.comparison.board import CandidateRow, task_rows
from screening.comparison.forms import TaskFilter
from screening.models import (
    Answer,
    Candidate,
    DepartmentInquiry,
    Round,
    Verification,
    VerificationPhoto,
    VerificationState,
)


@needs("candidate.view")
def verification_list(request: HttpRequest) -> HttpResponse:
    """Tasks in scope: for the village what to verify, for the township what to confirm."""
    user = request.user
    form = TaskFilter(request.GET, user=user)
    tasks = form.narrow(Verification.objects.for_user(user))
    shown = page(
        request,
        tasks.select_related(
            "household__village__parent",
            "household__hamlet",
            "round",
            "candidate__previous",
            "answered_by",
            "corrected_by",
        ).prefetch_related("answers"),
        _order(user, form),
        counted=tasks,
    )
    shown.rows = task_rows(shown)
    is_first = not {"after", "before"} & set(request.GET)
    context = {
        "page": shown,
        "form": form,
        "clear_url": reverse("screening:verification-list"),
        "may_confirm": user.may("verification.confirm"),
        "may_answer": user.may("verification.answer"),
        "together": hamlet_answers.groups(tasks) if user.may("verification.answer") and is_first else [],
        "answers": Answer.choices,
    }
    return render(request, "screening/comparison/verification_list.html", context)


def _order(user: Actor, form: TaskFilter) -> tuple[str, ...]:
    """What waits for the reader first: to the township what is answered, to the village what it is asked."""
    by_place = ("household__village_id", "id")
    if user.may("verification.confirm"):
        return ("state", *by_place)  # answered, asked, settled
    if user.may("verification.answer") and not form.data.get("state"):
        return ("-state", *by_place)  # asked, answered
    return by_place


@needs("candidate.view")
@require_http_methods(["GET", "POST"])
def verification_detail(request: HttpRequest, uuid) -> HttpResponse:
    """One task: what both lists say, departments' lines, and the form for whoever has the next word."""
    user = request.user
    tasks = Verification.objects.for_user(user).select_related(
        "household__village__parent",
        "household__hamlet",
        "round",
        "answered_by",
        "corrected_by",
        "settled_by",
        "case",
    )
    task = get_object_or_404(tasks.prefetch_related("answers"), uuid=uuid)
    candidate = _candidate_row(task, user)
    may_answer = user.may("verification.answer") and task.state != VerificationState.SETTLED
    may_answer = may_answer and task.round.is_sweepable
    form = _form(request, task, candidate) if may_answer else None
    if request.method == "POST":
        if form is None:
            messages.error(request, "这项核实已经确认，或您当前的岗位不能回复。")
            return redirect("screening:verification-detail", uuid=uuid)
        if form.is_valid() and _answered(request, task, form):
            return redirect(f"{reverse('screening:verification-list')}")
    context = {
        "row": task_rows([task])[0],
        "task": task,
        "household": task.household,
        "round": task.round,
        "form": form,
        "history": [
            (record, VerificationState(record.to_state).label)
            for record in history(task).select_related("by", "acting_as__division", "acting_as__department")
        ],
        "photos": VerificationPhoto.objects.for_user(user).filter(verification=task).select_related("by"),
        "may_confirm": user.may("verification.confirm") and task.round.is_sweepable,
        "box": candidate.box if candidate else [],
        "asked": candidate.asked if candidate else [],
    }
    return render(
        request,
        "screening/comparison/verification_detail.html",
        context,
        status=422 if form and form.errors else 200,
    )


def _candidate_row(task: Verification, user: Actor) -> CandidateRow | None:
    if task.candidate_id is None:
        return None
    own = board.with_what_is_shown(Candidate.objects.for_user(user))
    candidate = get_object_or_404(own, pk=task.candidate_id)
    return board.candidate_rows([candidate], boxes=True)[0]


def _form(request: HttpRequest, task: Verification, candidate: CandidateRow | None) -> AnswerForm:
    payload = (request.POST, request.FILES) if request.method == "POST" else ()
    income = candidate.income if candidate else None
    return answer_form(task, income, *payload, situations=answering.situations(task))


def _answered(request: HttpRequest, task: Verification, form: AnswerForm) -> bool:
    try:
        answering.answer_task(
            task,
            form.answers(),
            by=request.user,
            words=form.cleaned_data["words"],
            visited_on=form.cleaned_data["visited_on"],
            above_line_words=form.cleaned_data.get("above_line_words", ""),
            estimate=form.estimate(),
            photos=form.cleaned_data["photos"],
        )
    except Refused as error:
        form.add_error(None, error.message)
        return False
    forget_badge(request.user)
    messages.success(request, f"{task.household}的核实已回复，等乡镇确认。")
    return True


@needs("candidate.view")
def verification_photo(request: HttpRequest, uuid) -> HttpResponse:
    """One photo, to whoever may see the task."""
    photo = get_object_or_404(VerificationPhoto.objects.for_user(request.user), uuid=uuid)
    return attachment(private_files.load(photo.stored_name), f"核实照片{photo.pk}.jpg", "image/jpeg")


@needs("verification.answer")
@require_POST
def verification_answer_together(request: HttpRequest) -> HttpResponse:
    """One answer for the ticked households of one hamlet with the same situation."""
    with refusals_as_messages(request):
        tasks = selected(request, Verification.objects.for_user(request.user))
        count = hamlet_answers.answer_together(
            tasks, request.POST.get("answer", ""), by=request.user, words=request.POST.get("words", "")
        )
        messages.success(request, f"{count} 户已一起回复，等乡镇确认。")
    forget_badge(request.user)
    return redirect("screening:verification-list")


def _bulk(request: HttpRequest, work) -> HttpResponse:
    with refusals_as_messages(request):
        messages.success(request, work(selected(request, Verification.objects.for_user(request.user))))
    forget_badge(request.user)
    query = request.POST.get("filter", "")
    address = reverse("screening:verification-list")
    return redirect(f"{address}?{query}" if query else address)


@needs("verification.confirm")
@require_POST
def verification_settle(request: HttpRequest) -> HttpResponse:
    def work(tasks):
        done = confirming.settle_tasks(tasks, by=request.user, opinion=request.POST.get("reason", "").strip())
        return f"已确认：{done.confirmed} 户属实，{done.dismissed} 户不列入。"

    return _bulk(request, work)


@needs("verification.confirm")
@require_POST
def verification_dismiss(request: HttpRequest) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _bulk(
        request, lambda tasks: f"{confirming.dismiss_tasks(tasks, by=request.user, reason=reason)} 户不列入。"
    )


@needs("verification.confirm")
@require_POST
def verification_ask_again(request: HttpRequest) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _bulk(
        request,
        lambda tasks: f"{confirming.ask_again(tasks, by=request.user, reason=reason)} 户已发回村里。",
    )


# ---- Departments ----
@needs("inquiry.view")
def inquiry_list(request: HttpRequest) -> HttpResponse:
    """Households that only the village reported: has the department a record?"""
    listed = DepartmentInquiry.objects.for_user(request.user)
    open_only = request.GET.get("all") != "1"
    if open_only:
        listed = listed.filter(reply="", candidate__round__state__in=Round.SWEEPABLE)
    shown = page(
        request,
        listed.select_related(
            "candidate__household__village__parent", "candidate__round", "department", "replied_by"
        ),
        ("-asked_at", "id"),
        counted=listed,
    )
    shown.rows = inquiries.inquiry_rows(shown)
    context = {
        "page": shown,
        "open_only": open_only,
        "may_reply": request.user.may("inquiry.reply"),
        "by_department": not request.user.acting.department_id,
    }
    return render(request, "screening/comparison/inquiry_list.html", context)


@needs("inquiry.reply")
@require_POST
def inquiry_reply(request: HttpRequest, uuid) -> HttpResponse:
    inquiry = get_object_or_404(DepartmentInquiry.objects.for_user(request.user), uuid=uuid)
    with refusals_as_messages(request):
        inquiries.reply(
            inquiry,
            by=request.user,
            answer=request.POST.get("reply", ""),
            words=request.POST.get("words", ""),
        )
        messages.success(request, "已答复。")
    forget_badge(request.user)
    return redirect("screening:inquiry-list")
