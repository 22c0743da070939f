"""审定会 (Art. 7(2)3): planned, its members and agenda, held, corrected, cancelled."""

from django.contrib import messages
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
from screening.comparison import board
from screening.comparison.forms import CandidateFilter
from screening.meetings import agenda, decisions, members, planning, signers
from screening.meetings import figures as meeting_figures
from screening.meetings.forms import MembersForm, PlanForm
from screening.models import AgendaItem, Candidate, Meeting, MeetingState, Recusal, Round


def get_meeting(request: HttpRequest, uuid) -> Meeting:
    meetings = Meeting.objects.for_user(request.user).select_related(
        "round__county", "prepared_by", "registered_by", "signed_by"
    )
    return get_object_or_404(meetings, uuid=uuid)


def rights(user: Actor, meeting: Meeting) -> dict:
    """What this person may do with the meeting in its present state."""
    held = meeting.state == MeetingState.HELD
    signs = held and user.may("meeting.sign") and not signers.why_not(meeting, user)
    return {
        "may_prepare": user.may("meeting.prepare") and meeting.state == MeetingState.PLANNED,
        "may_change": user.may("meeting.prepare") and meeting.state in planning.OPEN,
        "may_correct": user.may("meeting.prepare") and held,
        "may_sign": signs and signers.is_signer(user) and not meeting.registered_by_id,
        "may_register": signs
        and user.may("meeting.register")
        and meeting.registered_by_id in (None, user.pk),
        "may_confirm": signs and meeting.registered_by_id not in (None, user.pk),
        "may_open_candidates": user.may("candidate.view"),
    }


@needs("meeting.view")
def meeting_list(request: HttpRequest) -> HttpResponse:
    user = request.user
    meetings = Meeting.objects.for_user(user).select_related("round", "prepared_by", "signed_by")
    shown = page(request, meetings, ("-planned_for", "-id"), size=20)
    shown.rows = meeting_figures.meeting_rows(shown)
    context = {"page": shown, "rounds": _rounds(user), "may_plan": user.may("meeting.prepare")}
    return render(request, "screening/meetings/meeting_list.html", context)


def _rounds(user: Actor) -> list[Round]:
    """Rounds that a meeting can be planned for."""
    if not user.may("meeting.prepare"):
        return []
    return list(Round.objects.for_user(user).filter(state__in=planning.TAKEN_UP))


@needs("meeting.prepare")
def meeting_plan(request: HttpRequest) -> HttpResponse:
    rounds = _rounds(request.user)
    initial = {"round": request.GET.get("round", "")}
    form = PlanForm(request.POST or None, rounds=rounds, initial=initial)
    if form.is_valid():
        given = dict(form.cleaned_data)
        chosen = given.pop("round")
        round = next(round for round in rounds if str(round.uuid) == chosen)
        try:
            meeting = planning.plan_meeting(round, by=request.user, **given)
            messages.success(request, "审定会已筹备，请填参加人员，再把建议名单列入议程。")
            forget_badge(request.user)
            return redirect("screening:meeting-detail", uuid=meeting.uuid)
        except Refused as error:
            form.add_error(None, error.message)
    context = {"form": form, "rounds": rounds}
    return render(
        request, "screening/meetings/meeting_plan.html", context, status=422 if form.errors else 200
    )


@needs("meeting.prepare")
def meeting_change(request: HttpRequest, uuid) -> HttpResponse:
    meeting = get_meeting(request, uuid)
    form = PlanForm.changing(meeting, request.POST or None)
    if form.is_valid():
        try:
            planning.change_plan(meeting, by=request.user, **form.cleaned_data)
            messages.success(request, "会议安排已更改。")
            return redirect("screening:meeting-detail", uuid=uuid)
        except Refused as error:
            form.add_error(None, error.message)
    context = {"form": form, "meeting": meeting, "rounds": [meeting.round]}
    return render(
        request, "screening/meetings/meeting_plan.html", context, status=422 if form.errors else 200
    )


# ---- Members and recusals ----
@needs("meeting.view")
def meeting_members(request: HttpRequest, uuid) -> HttpResponse:
    """参加人员 and 回避; `last` fills the form with the members of the last meeting."""
    meeting = get_meeting(request, uuid)
    people = _people(meeting)
    if "last" in request.GET:
        people = members.members_of_last(meeting) or people
    form = MembersForm(request.POST) if request.method == "POST" else MembersForm.filled(people)
    if request.method == "POST" and form.is_valid():
        try:
            count = members.set_members(meeting, form.people, by=request.user)
            messages.success(request, f"已保存 {count} 人。")
            return redirect("screening:meeting-members", uuid=uuid)
        except Refused as error:
            form.add_error(None, error.message)
    recusals = Recusal.objects.for_user(request.user).filter(item__meeting=meeting)
    context = {
        "meeting": meeting,
        "form": form,
        "attendances": meeting.attendances.all(),
        "recusals": recusals.select_related(
            "attendance", "item__candidate__household__village__parent"
        ).order_by("-outcome", "id"),
        "taken": "last" in request.GET,
        "nav": "members",
        **rights(request.user, meeting),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "screening/meetings/meeting_members.html", context, status=status)


def _people(meeting: Meeting) -> list[members.Person]:
    return [members.Person(a.name, a.body, a.post, a.part) for a in meeting.attendances.all()]


@needs("meeting.prepare")
@require_POST
def recusal_settle(request: HttpRequest, uuid, pk: int) -> HttpResponse:
    recusals = Recusal.objects.for_user(request.user).filter(item__meeting__uuid=uuid)
    recusal = get_object_or_404(recusals.select_related("item"), pk=pk)
    with refusals_as_messages(request):
        members.settle_recusal(recusal, request.POST.get("outcome", ""), by=request.user)
    return redirect(reverse("screening:meeting-members", args=[uuid]) + "#recusals")


@needs("meeting.prepare")
@require_POST
def agenda_recuse(request: HttpRequest, uuid) -> HttpResponse:
    items = AgendaItem.objects.for_user(request.user).select_related("meeting")
    item = get_object_or_404(items, uuid=uuid)
    who = request.POST.get("attendance", "")
    attendance = item.meeting.attendances.filter(pk=who).first() if who.isdigit() else None
    with refusals_as_messages(request):
        if attendance is None:
            raise Refused("请选择要回避的参加人员。")
        members.add_recusal(item, attendance, by=request.user, reason=request.POST.get("reason", ""))
        messages.success(request, f"{attendance.name}对这户回避，已记下。")
    return redirect("screening:agenda-detail", uuid=uuid)


# ---- Agenda ----
@needs("meeting.prepare")
def meeting_agenda(request: HttpRequest, uuid) -> HttpResponse:
    """What can still be taken up: the list, and households that were decided before."""
    meeting = get_meeting(request, uuid)
    again = "again" in request.GET
    candidates = agenda.available_again(meeting) if again else agenda.available(meeting)
    form = CandidateFilter(request.GET, user=request.user)
    form.fields.pop("late")
    form.fields.pop("state")
    form.is_valid()
    form.cleaned_data |= {"late": False, "state": ""}
    if request.method == "POST":
        return _fill(request, meeting)
    candidates = board.with_what_is_shown(form.narrow(candidates))
    shown = page(request, candidates, ("household__village_id", "household_id", "id"))
    shown.rows = board.candidate_rows(shown)
    context = {
        "meeting": meeting,
        "page": shown,
        "form": form,
        "again": again,
        "clear_url": request.path + ("?again" if again else ""),
        "nav": "agenda",
        **rights(request.user, meeting),
    }
    return render(request, "screening/meetings/meeting_agenda.html", context)


def _fill(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    with refusals_as_messages(request):
        chosen = None
        if "all" not in request.POST:
            own = Candidate.objects.for_user(request.user).filter(round=meeting.round_id)
            chosen = selected(request, own)
            if not chosen.exists():
                raise Refused("没有选中要列入议程的户。请先勾选。")
        count = agenda.fill_agenda(meeting, by=request.user, candidates=chosen)
        messages.success(request, f"{count} 户已列入议程。")
        forget_badge(request.user)
        return redirect("screening:meeting-detail", uuid=meeting.uuid)
    return redirect(request.get_full_path())


@needs("meeting.prepare")
@require_POST
def meeting_agenda_remove(request: HttpRequest, uuid) -> HttpResponse:
    meeting = get_meeting(request, uuid)
    with refusals_as_messages(request):
        chosen = selected(request, AgendaItem.objects.for_user(request.user).filter(meeting=meeting))
        count = agenda.remove_from_agenda(chosen, by=request.user)
        messages.success(request, f"{count} 户已移出议程，可以列入别的审定会。")
    return redirect("screening:meeting-detail", uuid=uuid)


# ---- Held, corrected, cancelled ----
def _act(request: HttpRequest, uuid, work, sentence: str) -> HttpResponse:
    meeting = get_meeting(request, uuid)
    with refusals_as_messages(request):
        work(meeting)
        messages.success(request, sentence)
    forget_badge(request.user)
    return redirect("screening:meeting-detail", uuid=uuid)


@needs("meeting.prepare")
@require_POST
def meeting_hold(request: HttpRequest, uuid) -> HttpResponse:
    return _act(
        request,
        uuid,
        lambda meeting: decisions.hold_meeting(meeting, by=request.user),
        "已登记召开，审定意见不再改动，等待签发。请打印会议纪要和附件名单。",
    )


@needs("meeting.prepare")
@require_POST
def meeting_correct(request: HttpRequest, uuid) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _act(
        request,
        uuid,
        lambda meeting: decisions.correct_meeting(meeting, by=request.user, reason=reason),
        "已退回筹备，可以更改审定意见；改好后重新登记召开、重新打印。",
    )


@needs("meeting.prepare")
@require_POST
def meeting_cancel(request: HttpRequest, uuid) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _act(
        request,
        uuid,
        lambda meeting: decisions.cancel_meeting(meeting, by=request.user, reason=reason),
        "会议已取消，名单上的户可以列入别的审定会。",
    )
