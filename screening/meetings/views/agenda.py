"""The page of a meeting, its agenda, and one page a household with all that a member asks for."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from fangpin.accounts.decorators import needs
from fangpin.accounts.roles import Role
from fangpin.common import audit
from fangpin.common.refusals import Refused
from fangpin.common.transitions import history
from fangpin.common.web.paging import page
from fangpin.common.web.refusals import refusals_as_messages
from fangpin.common.web.selection import selected
from screening.meetings import agenda, decisions, dossier, planning, releases
from screening.meetings import figures as meeting_figures
from screening.meetings.dossier import AgendaRow
from screening.meetings.forms import AgendaFilter
from screening.meetings.views.meetings import get_meeting, rights
from screening.models import AgendaItem, Attendance, Decision, MeetingState, Recusal

ORDER = ("candidate__household__village_id", "id")
CONTESTED_SHOWN = 8


def _own(request: HttpRequest) -> QuerySet[AgendaItem]:
    return AgendaItem.objects.for_user(request.user)


def _with_all(items: QuerySet[AgendaItem]) -> QuerySet[AgendaItem]:
    return agenda.with_contest(items).select_related("meeting__round__county", "decided_by", "case")


@needs("meeting.view")
def meeting_detail(request: HttpRequest, uuid) -> HttpResponse:
    """Totals, what is new and the contested households first; then the whole agenda, filtered."""
    meeting = get_meeting(request, uuid)
    form = AgendaFilter(request.GET, user=request.user)
    items = form.narrow(_own(request).filter(meeting=meeting))
    shown = page(request, _with_all(items).select_related("candidate__household"), ORDER, counted=items)
    shown.rows = dossier.agenda_rows(shown)
    contested = _own(request).filter(meeting=meeting, contested=True)
    context = {
        "meeting": meeting,
        "form": form,
        "page": shown,
        "totals": decisions.totals(meeting),
        "releases": releases.totals(meeting),
        "townships": meeting_figures.by_township(meeting),
        "last": meeting_figures.last_signed(meeting),
        "contested": _contested(contested) if not form.has_changed() and "after" not in request.GET else [],
        "obstacles": decisions.obstacles(meeting) if meeting.state in planning.OPEN else [],
        "checksum": decisions.checksum(meeting) if meeting.state in ("held", "signed") else "",
        "waiting": agenda.available(meeting).count() if meeting.state == MeetingState.PLANNED else 0,
        "again": agenda.available_again(meeting).exists() if meeting.state == MeetingState.PLANNED else False,
        "records": history(meeting).select_related("by"),
        "clear_url": reverse("screening:meeting-detail", args=[uuid]),
        "nav": "agenda",
        **rights(request.user, meeting),
    }
    return render(request, "screening/meetings/meeting_detail.html", context)


def _contested(items: QuerySet[AgendaItem]) -> list[AgendaRow]:
    return dossier.agenda_rows(_with_all(items).order_by(*ORDER)[:CONTESTED_SHOWN])


@needs("meeting.view")
def agenda_detail(request: HttpRequest, uuid) -> HttpResponse:
    """One household: members, income against the line, both sides' words, verification, departments; and the
    decision about it. Every view by an auditor is audited."""
    item = get_object_or_404(_with_all(_own(request)), uuid=uuid)
    if request.user.acting.role == Role.AUDITOR:
        audit.record(request.user, "agenda_view", item)
    shown = dossier.dossier_of(item.candidate_id)
    candidate = shown.shown.candidate
    context = {
        "item": item,
        "meeting": item.meeting,
        "contested_for": agenda.contest_sentences(item),
        "dossier": shown,
        "row": shown.shown,
        "candidate": candidate,
        "household": candidate.household,
        "recusals": Recusal.objects.for_user(request.user).filter(item=item).select_related("attendance"),
        "attendances": item.meeting.attendances.exclude(part=Attendance.Part.ABSENT),
        "earlier": _own(request)
        .filter(candidate__household=candidate.household_id, meeting__state=MeetingState.SIGNED)
        .exclude(pk=item.pk)
        .select_related("meeting__round"),
        "decisions": Decision.choices,
        "sees_household": request.user.may("household.view"),
        **_neighbours(request, item),
        **rights(request.user, item.meeting),
    }
    return render(request, "screening/meetings/agenda_detail.html", context)


def _neighbours(request: HttpRequest, item: AgendaItem) -> dict:
    """The households before and after on the agenda, and the next one without a decision."""
    rows = list(
        _own(request).filter(meeting=item.meeting_id).order_by(*ORDER).values_list("uuid", "decision")
    )
    keys = [uuid for uuid, _ in rows]
    place = keys.index(item.uuid)
    undecided = [uuid for uuid, decision in [*rows[place + 1 :], *rows[:place]] if not decision]
    return {
        "place": place + 1,
        "count": len(rows),
        "previous": keys[place - 1] if place else None,
        "next": keys[place + 1] if place + 1 < len(keys) else None,
        "next_undecided": undecided[0] if undecided else None,
    }


# ---- Decisions ----
@needs("meeting.prepare")
@require_POST
def meeting_decide(request: HttpRequest, uuid) -> HttpResponse:
    """The ticked households, or all that the filter shows."""
    meeting = get_meeting(request, uuid)
    own = _own(request).filter(meeting=meeting)
    with refusals_as_messages(request):
        chosen = _filtered(request, own) if "all" in request.POST else selected(request, own)
        decision = request.POST.get("decision", "")
        count = decisions.decide_items(
            chosen, decision, by=request.user, reason=request.POST.get("reason", ""), seen=_seen(request)
        )
        done = f"记为“{Decision(decision).label}”" if decision else "撤回审定意见"
        messages.success(request, f"{count} 户已{done}。")
    query = request.POST.get("filter", "")
    address = reverse("screening:meeting-detail", args=[uuid])
    return redirect(f"{address}?{query}#agenda" if query else f"{address}#agenda")


def _filtered(request: HttpRequest, items: QuerySet[AgendaItem]) -> QuerySet[AgendaItem]:
    return AgendaFilter(QueryDict(request.POST.get("filter", "")), user=request.user).narrow(items)


def _seen(request: HttpRequest) -> int | None:
    """The meeting's revision that the page showed."""
    seen = request.POST.get("seen", "")
    return int(seen) if seen.isdigit() else None


@needs("meeting.prepare")
@require_POST
def agenda_decide(request: HttpRequest, uuid) -> HttpResponse:
    """One household; answers the row alone where htmx asks."""
    item = get_object_or_404(_own(request).select_related("meeting"), uuid=uuid)
    refused = ""
    try:
        decisions.decide_items(
            AgendaItem.objects.for_user(request.user).filter(pk=item.pk),
            request.POST.get("decision", ""),
            by=request.user,
            reason=request.POST.get("reason", ""),
            seen=_seen(request),
        )
    except Refused as error:
        refused = error.message
    if request.htmx:
        return _row(request, item, refused)
    if refused:
        messages.error(request, refused)
        return redirect("screening:agenda-detail", uuid=uuid)
    following = request.POST.get("then", "")
    messages.success(request, "审定意见已记下。")
    if following:
        return redirect("screening:agenda-detail", uuid=_next_of(request, item) or uuid)
    return redirect(reverse("screening:meeting-detail", args=[item.meeting.uuid]) + "#agenda")


def _next_of(request: HttpRequest, item: AgendaItem):
    return _neighbours(request, item)["next_undecided"]


def _row(request: HttpRequest, item: AgendaItem, refused: str) -> HttpResponse:
    item = _with_all(_own(request)).get(pk=item.pk)
    context = {
        "row": dossier.agenda_rows([item])[0],
        "meeting": item.meeting,
        "refused": refused,
        **rights(request.user, item.meeting),
    }
    return render(request, "screening/meetings/_agenda_row.html", context)


@needs("meeting.prepare")
@require_POST
def agenda_contest(request: HttpRequest, uuid) -> HttpResponse:
    item = get_object_or_404(_own(request), uuid=uuid)
    with refusals_as_messages(request):
        agenda.set_contested(_own(request).filter(pk=item.pk), "contested" in request.POST, by=request.user)
    return redirect("screening:agenda-detail", uuid=uuid)
