"""季度排查: opened, collected, swept (Art. 7)."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.accounts.roles import Role
from fangpin.common.actor import Actor
from fangpin.common.jobs import AlreadyRunning
from fangpin.common.web.paging import page
from fangpin.policy.parameters import FIRST_DAY
from screening.feeds import deliveries, early
from screening.leads import chart as lead_chart
from screening.leads import figures
from screening.models import Round, RoundState
from screening.quarters import Quarter
from screening.rounds import briefing, opening, policy_lines, steps
from screening.simulation import panels as simulation_panels
from screening.sweep import funnel, jobs, progress, rule_households

ABOVE_COUNTY = (Role.CITY, Role.REGION)


@dataclass(frozen=True)
class RoundRow:
    """A round of the list: how many of the owed lists are there, how many households have a lead."""

    round: Round
    delivered: int
    households: int


@needs("round.view")
def round_list(request: HttpRequest) -> HttpResponse:
    user = request.user
    shown = page(
        request,
        Round.objects.for_user(user).select_related("county"),
        ("-year", "-quarter", "county_id", "id"),
    )
    delivered = deliveries.delivered_counts(shown, user)
    households = figures.household_counts(shown, user)
    shown.rows = [RoundRow(round, delivered.get(round.pk, 0), households.get(round.pk, 0)) for round in shown]
    context = {
        "page": shown,
        "announced": list(early.rounds_for_lists(user).filter(state=RoundState.ANNOUNCED)),
        "owed": deliveries.count_owed(user),
        "by_county": user.acting.role in ABOVE_COUNTY,
        "sees_leads": user.may("lead.view"),
        "quarters": _quarters_to_open(user),
        "present": Quarter.of(timezone.localdate()),
    }
    return render(request, "screening/rounds/round_list.html", context)


def _quarters_to_open(user: Actor) -> list[Quarter]:
    """From the present quarter back to the regulation's first, without those that are open already."""
    if not user.may("round.open"):
        return []
    opened = set(Round.objects.for_user(user).values_list("year", "quarter"))
    present, first = Quarter.of(timezone.localdate()), Quarter.of(FIRST_DAY)
    numbers = range(present.year * 4 + present.number - 1, first.year * 4 + first.number - 2, -1)
    quarters = [Quarter(n // 4, n % 4 + 1) for n in numbers]
    return [q for q in quarters if (q.year, q.number) not in opened]


@needs("round.open")
@require_POST
def round_open(request: HttpRequest) -> HttpResponse:
    try:
        quarter = Quarter.parse(request.POST.get("quarter", ""))
        round = opening.open_round(request.user.acting.division, quarter, by=request.user)
    except ValueError:
        messages.error(request, "请先选择要开启的季度。")
        return redirect("screening:round-list")
    except opening.RoundRefused as error:
        messages.error(request, error.message)
        return redirect("screening:round-list")
    messages.success(request, f"{round}已开启。")
    if round.feeds_due is None:
        messages.warning(request, "本年工作日历还没有确认，报送期限没有算出；请先确认工作日历。")
    return redirect("screening:round-detail", uuid=round.uuid)


@needs("round.view")
def round_detail(request: HttpRequest, uuid) -> HttpResponse:
    user = request.user
    round = Round.objects.for_user(user).select_related("county").filter(uuid=uuid).first()
    if round is None:
        get_object_or_404(early.rounds_for_lists(user), uuid=uuid)  # its lists are all that there is yet
        return redirect(f"{reverse('screening:feed-list')}?round={uuid}")
    lines = deliveries.deliveries(round, user)
    missing = [line for line in lines if line.accepted is None]
    table = figures.lead_table(round, user) if user.may("lead.view") else None
    context = {
        "round": round,
        "above_county": user.acting.role in ABOVE_COUNTY,
        "steps": steps.of_round(round, user, owed=len(lines), missing=len(missing)),
        "policy": policy_lines.policy_lines(round),
        "come_since": simulation_panels.values_since_opening(round),
        "table": table,
        "by_criterion": lead_chart.by_criterion(table) if table else None,
    }
    if context["above_county"]:
        context |= {"missing": missing, "late_departments": deliveries.by_department(missing)}
    if user.may("feed.view"):
        remind = user.may("round.sweep") and missing and round.is_sweepable
        context |= {
            "lines": lines,
            "missing": missing,
            "there": [line for line in lines if line.accepted is not None],
            "delivered": len(lines) - len(missing),
            "reminder": deliveries.reminder(missing, round) if remind else "",
            "may_deliver": user.may("feed.deliver") and round.is_sweepable,
        }
    context["sees_candidates"] = user.may("candidate.view") and round.county_id == user.acting.county_code
    context["may_compare"] = user.may("round.compare") and round.is_sweepable
    if figures.covers_county(user, round.county_id):
        context |= _sweep_panel(round, user)
        if "lines" in context:
            context["briefing"] = briefing.of_round(round, user, owed=len(lines), missing=missing)
    return render(request, "screening/rounds/round_detail.html", context)


def _sweep_panel(round: Round, user: Actor) -> dict:
    running, last = progress.sweep_runs(round)
    done = progress.last_whole_sweep(round)
    funnel_lines = funnel.lines(round, user, done)
    return {
        "shows_sweep": True,
        "running": running,
        "progress": progress.of_run(running) if running else None,
        "failed": last if last and last.error else None,
        "done": done,
        "funnel": funnel_lines,
        "funnel_totals": funnel.totals(round, user, funnel_lines),
        "unread": progress.count_unread_lists(round),
        "called": round.is_sweepable and round.sweep_calls > round.sweep_answered,
        "may_sweep": user.may("round.sweep") and round.is_sweepable and running is None,
        "may_cancel": user.may("round.sweep") and running is not None,
    }


@needs("round.view")
def round_progress(request: HttpRequest, uuid) -> HttpResponse:
    """The sweep under way, rule by rule; once it has ended the page is loaded again."""
    round = get_object_or_404(Round.objects.for_user(request.user), uuid=uuid)
    if not figures.covers_county(request.user, round.county_id):
        return redirect("screening:round-detail", uuid=uuid)
    running, _ = progress.sweep_runs(round)
    if running is None:
        response = HttpResponse()
        response["HX-Refresh"] = "true"
        return response
    context = {"round": round, "running": running, "progress": progress.of_run(running)}
    return render(request, "screening/sweep/_sweep_progress.html", context)


@needs("lead.view")
def round_households(request: HttpRequest, uuid) -> HttpResponse:
    """The households behind a number of the funnel, of one's own area: what a rule finds in the lists as they
    are now."""
    user = request.user
    round = get_object_or_404(figures.rounds_with_leads(user).select_related("county"), uuid=uuid)
    choice = rule_households.Choice(request.GET)
    if choice.rule is None:
        raise Http404
    households = rule_households.households(round, choice, user)
    shown = page(request, households, ("village_id", "id"), size=50)
    context = {
        "round": round,
        "choice": choice,
        "page": shown,
        "more": f"round={round.uuid}",
        "may_export": user.may("lead.export"),
    }
    return render(request, "screening/sweep/round_found.html", context)


@needs("round.sweep")
@require_POST
def round_sweep(request: HttpRequest, uuid) -> HttpResponse:
    round = get_object_or_404(Round.objects.for_user(request.user), uuid=uuid)
    if not round.is_sweepable:
        messages.error(request, f"{round}{round.get_state_display()}，不能再做数据比对。")
        return redirect("screening:round-detail", uuid=uuid)
    try:
        jobs.start_sweep(round, by=request.user)
        forget_badge(request.user)
        messages.success(request, "数据比对已开始，进展见下方。")
    except AlreadyRunning as error:
        messages.info(request, _who_runs(error.job, request.user))
    return redirect(f"{reverse('screening:round-detail', args=[uuid])}#sweep")


def _who_runs(job, user: Actor) -> str:
    if job is not None and job.by_id == user.pk:
        return "数据比对正在进行，进展见下方，不用再次开始。"
    who = job.by.name if job is not None and job.by is not None else "系统自动"
    return f"{who}正在对本季度做数据比对，请等它完成后刷新查看。"


@needs("round.sweep")
@require_POST
def round_sweep_cancel(request: HttpRequest, uuid) -> HttpResponse:
    round = get_object_or_404(Round.objects.for_user(request.user), uuid=uuid)
    if jobs.cancel_sweep(round, by=request.user):
        forget_badge(request.user)
        messages.success(request, "数据比对已取消。已比对的情形可能已有变化，请在合适的时候再次比对。")
    else:
        messages.info(request, "数据比对已经结束，没有要取消的。")
    return redirect(f"{reverse('screening:round-detail', args=[uuid])}#sweep")
