"""线上线下对比 and 建议名单: the two-list board, the candidates of a round, their way to the meeting (Art.
7(2)2)."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.web.paging import page
from fangpin.common.web.refusals import refusals_as_messages
from fangpin.common.web.selection import selected
from screening.comparison import board, proposal, readiness, submission
from screening.comparison import compare as comparison
from screening.comparison.forms import CandidateFilter
from screening.models import Candidate, Round, VerificationPhoto

ON_THE_BOARD = 20
ORDER = ("household__village_id", "household_id", "id")


def _round(request: HttpRequest, uuid) -> Round:
    """A round of one's own county: candidates of others are nobody's to see."""
    rounds = Round.objects.for_user(request.user).filter(county_id=request.user.acting.county_code)
    return get_object_or_404(rounds.select_related("county", "submitted_by"), uuid=uuid)


@needs("candidate.view")
def candidate_board(request: HttpRequest, uuid) -> HttpResponse:
    round = _round(request, uuid)
    form = CandidateFilter(request.GET, user=request.user)
    for name in ("side", "state", "village"):
        form.fields.pop(name, None)
    own = Candidate.objects.for_user(request.user).filter(round=round)
    form.is_valid()
    form.cleaned_data.update(dict.fromkeys(("side", "state"), ""))
    context = {
        "round": round,
        "form": form,
        "columns": board.columns(form.narrow(own), most=ON_THE_BOARD),
        "clear_url": reverse("screening:candidate-board", args=[uuid]),
        "query": request.GET.urlencode(),
        **_rights(request.user, round),
    }
    return render(request, "screening/comparison/candidate_board.html", context)


def _rights(user: Actor, round: Round) -> dict:
    return {
        "may_compare": user.may("round.compare") and round.is_sweepable,
        "may_collect": user.may("round.compare") and round.state == "compared",
        "may_list": user.may("candidate.list") and round.state == "compared",
        "may_carry": user.may("candidate.carry") and round.state == "compared",
        "may_submit": user.may("round.submit") and round.state == "compared",
        "may_take_back": user.may("round.submit") and round.state == "submitted",
        "may_export": user.may("candidate.export"),
    }


@needs("candidate.view")
def candidate_list(request: HttpRequest, uuid) -> HttpResponse:
    """All candidates of a round with what each lacks, and the acts of the office on those ticked."""
    round = _round(request, uuid)
    form = CandidateFilter(request.GET, user=request.user)
    candidates = form.narrow(Candidate.objects.for_user(request.user).filter(round=round))
    shown = page(request, board.with_what_is_shown(candidates), ORDER, counted=candidates)
    shown.rows = board.candidate_rows(shown)
    rights = _rights(request.user, round)
    check = readiness.check_round(round) if rights["may_list"] or rights["may_submit"] else None
    context = {
        "round": round,
        "form": form,
        "page": shown,
        "check": check,
        "export_more": f"round={round.uuid}",
        "clear_url": reverse("screening:candidate-list", args=[uuid]),
        **rights,
    }
    return render(request, "screening/comparison/candidate_list.html", context)


@needs("candidate.view")
def candidate_detail(request: HttpRequest, uuid) -> HttpResponse:
    """One household of a round: both sides side by side, departments, verification, what the meeting will
    ask."""
    own = Candidate.objects.for_user(request.user)
    candidate = get_object_or_404(board.with_what_is_shown(own), uuid=uuid)
    (row,) = board.candidate_rows([candidate], boxes=True)
    context = {
        "row": row,
        "candidate": candidate,
        "round": candidate.round,
        "household": candidate.household,
        "entries": candidate.household.entries.filter(round=candidate.round).select_related("by"),
        "answers": row.task.answers.all() if row.task else [],
        "photos": VerificationPhoto.objects.for_user(request.user)
        .filter(verification__candidate=candidate)
        .select_related("by"),
        **_rights(request.user, candidate.round),
    }
    return render(request, "screening/comparison/candidate_detail.html", context)


@needs("round.compare")
@require_POST
def round_compare(request: HttpRequest, uuid) -> HttpResponse:
    round = _round(request, uuid)
    with refusals_as_messages(request):
        counts = comparison.compare_round(round, by=request.user)
        messages.success(
            request,
            f"对比完成：一致 {counts['consistent']} 户，待核实 {counts['to_verify']} 户，已交各村核实。",
        )
    forget_badge(request.user)
    return redirect("screening:candidate-board", uuid=uuid)


@needs("round.compare")
@require_POST
def round_collect(request: HttpRequest, uuid) -> HttpResponse:
    round = _round(request, uuid)
    with refusals_as_messages(request):
        comparison.collect_again(round, by=request.user, reason=request.POST.get("reason", ""))
        messages.success(request, "已退回收集，可以继续报送数据；已核实的内容保留。")
    return redirect("screening:round-detail", uuid=uuid)


def _of_round(request: HttpRequest, round: Round) -> QuerySet[Candidate]:
    return selected(request, Candidate.objects.for_user(request.user).filter(round=round))


def _back(request: HttpRequest, round: Round) -> HttpResponse:
    query = request.POST.get("filter", "")
    address = reverse("screening:candidate-list", args=[round.uuid])
    return redirect(f"{address}?{query}" if query else address)


def _act(request: HttpRequest, uuid, work, sentence: str) -> HttpResponse:
    """One bulk act on the ticked candidates; all of them or none."""
    round = _round(request, uuid)
    with refusals_as_messages(request):
        count = work(_of_round(request, round), round)
        messages.success(request, sentence.format(count))
    forget_badge(request.user)
    return _back(request, round)


@needs("candidate.list")
@require_POST
def candidate_put_on_list(request: HttpRequest, uuid) -> HttpResponse:
    """The ticked ones, or all that the person may list. Those whose entries he has put right are named."""

    def work(chosen, round):
        if "all" in request.POST:
            chosen = Candidate.objects.for_user(request.user).filter(round=round, listed_at=None).eligible()
            others = chosen.filter(~proposal.entry_corrected_by(request.user))
            if (words := proposal.corrected_words(chosen, by=request.user)) and others.exists():
                messages.warning(request, words)
                chosen = others
        return proposal.put_on_list(chosen, by=request.user)

    return _act(request, uuid, work, "{} 户已列入建议名单。")


@needs("candidate.list")
@require_POST
def candidate_take_off_list(request: HttpRequest, uuid) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _act(
        request,
        uuid,
        lambda chosen, _: proposal.remove_from_list(chosen, by=request.user, reason=reason),
        "{} 户已移出建议名单。",
    )


@needs("candidate.carry")
@require_POST
def candidate_carry(request: HttpRequest, uuid) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _act(
        request,
        uuid,
        lambda chosen, _: proposal.carry_over(chosen, by=request.user, reason=reason),
        "{} 户已转下季度核实。",
    )


@needs("candidate.list")
@require_POST
def candidate_supplement(request: HttpRequest, uuid) -> HttpResponse:
    """Asks the villages for what is lacking: of the ticked ones, or of all that lack something."""

    def work(chosen, round):
        if "all" in request.POST:
            chosen = Candidate.objects.for_user(request.user).filter(round=round).eligible()
        candidates = readiness.with_answers(readiness.with_income(chosen)).select_related("household")
        count = proposal.ask_for_what_lacks(candidates, round, by=request.user)
        if not count:
            raise Refused("选中的户资料都齐，没有要补充的。")
        return count

    return _act(request, uuid, work, "已交办 {} 户补充资料。")


@needs("round.submit")
@require_POST
def round_submit(request: HttpRequest, uuid) -> HttpResponse:
    round = _round(request, uuid)
    with refusals_as_messages(request):
        submission.submit_round(round, by=request.user)
        messages.success(request, "已提请县扶贫开发领导小组审定。")
    forget_badge(request.user)
    return redirect("screening:candidate-list", uuid=uuid)


@needs("round.submit")
@require_POST
def round_take_back(request: HttpRequest, uuid) -> HttpResponse:
    round = _round(request, uuid)
    with refusals_as_messages(request):
        submission.withdraw_submission(round, by=request.user, reason=request.POST.get("reason", ""))
        messages.success(request, "已撤回提请，可以修改建议名单。")
    return redirect("screening:candidate-list", uuid=uuid)
