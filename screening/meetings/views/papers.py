"""Print pages after the county's forms: F1 认定表, F2 名单, F3 会议纪要 and 签到表. Numbers are masked unless
the form is asked for in full, by somebody who may, with a purpose that is audited."""

from dataclasses import dataclass

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from fangpin.accounts.decorators import needs
from fangpin.accounts.roles import Role
from fangpin.common import audit
from fangpin.common.actor import Actor
from households import numbers
from households.forms import PurposeForm
from households.models import Member
from screening.meetings import decisions, dossier, papers, releases
from screening.meetings.dossier import Dossier
from screening.meetings.views.meetings import get_meeting, rights
from screening.models import AgendaItem, Candidate, Recusal


@needs("meeting.view")
def meeting_paper(request: HttpRequest, uuid, which: str) -> HttpResponse:
    """F2: one of the lists of a meeting, by township."""
    meeting = get_meeting(request, uuid)
    if request.user.acting.role == Role.AUDITOR:
        audit.record(request.user, "meeting_paper", meeting, list=which)
    rows = papers.paper_rows(meeting, which, user=request.user)
    context = {
        "meeting": meeting,
        "round": meeting.round,
        "paper": papers.LISTS[which],
        "rows": rows,
        "sum": papers.total(rows),
        "checksum": decisions.checksum(meeting),
        "today": timezone.localdate(),
    }
    return render(request, "screening/meetings/paper_list.html", context)


@needs("meeting.view")
def meeting_minutes(request: HttpRequest, uuid) -> HttpResponse:
    """F3: figures, decisions, recusals, requirements; the households per township and the code."""
    meeting = get_meeting(request, uuid)
    items = AgendaItem.objects.for_user(request.user).filter(meeting=meeting)
    recusals = Recusal.objects.for_user(request.user).filter(item__meeting=meeting, outcome="confirmed")
    context = {
        "meeting": meeting,
        "round": meeting.round,
        "figures": papers.figures_of(meeting.round),
        "totals": decisions.totals(meeting),
        "releases": releases.totals(meeting),
        "townships": decisions.approved_by_township(meeting),
        "declined": papers.by_reason(items, "declined"),
        "deferred": papers.by_reason(items, "deferred"),
        "people": papers.people(meeting),
        "requirements": [line for line in meeting.requirements.splitlines() if line.strip()],
        "recusals": recusals.select_related("attendance", "item__candidate__household"),
        "checksum": decisions.checksum(meeting),
        **rights(request.user, meeting),
    }
    return render(request, "screening/meetings/paper_minutes.html", context)


@needs("meeting.view")
def meeting_sheet(request: HttpRequest, uuid) -> HttpResponse:
    """签到表: to be signed by hand."""
    meeting = get_meeting(request, uuid)
    people = [*meeting.attendances.exclude(part="absent")]
    context = {"meeting": meeting, "people": people, "blank": range(max(4, 20 - len(people)))}
    return render(request, "screening/meetings/paper_sheet.html", context)


@needs("candidate.view")
@never_cache
def candidate_form(request: HttpRequest, uuid) -> HttpResponse:
    """F1: the form of one household. GET masks the numbers; a POST with a purpose shows them, audited."""
    own = get_object_or_404(Candidate.objects.for_user(request.user), uuid=uuid)
    shown = dossier.dossier_of(own.pk)
    candidate = shown.shown.candidate
    may_reveal = request.user.may("number.reveal")
    form = PurposeForm(request.POST if request.method == "POST" and may_reveal else None)
    full = form.is_bound and form.is_valid()
    purpose = form.full_purpose if full else ""
    members, phone = _numbers(shown, purpose, by=request.user)
    if request.user.acting.role == Role.AUDITOR:
        audit.record(request.user, "household_view", candidate.household)
    context = {
        "dossier": shown,
        "row": shown.shown,
        "members": members,
        "head": next((row for row in members if row.member == shown.head), None),
        "phone": phone,
        "candidate": candidate,
        "round": candidate.round,
        "household": candidate.household,
        "item": papers.decided_item(candidate),
        "form": form,
        "full": full,
        "may_reveal": may_reveal,
        "subjects": papers.ticked_situations(shown.shown),
    }
    return render(
        request,
        "screening/meetings/paper_form.html",
        context,
        status=422 if form.is_bound and not full else 200,
    )


@dataclass(frozen=True)
class MemberRow:
    """A member with the ID number as the form shows it."""

    member: Member
    id_number: str


def _numbers(shown: Dossier, purpose: str, *, by: Actor) -> tuple[list[MemberRow], str]:
    """ID numbers of the members and the household's phone number: in full with a purpose, else masked."""
    home = shown.shown.candidate.household
    with transaction.atomic():
        members = [
            MemberRow(
                member,
                numbers.reveal(member, "id_number", purpose=purpose, by=by) if purpose else member.masked_id,
            )
            for member in shown.members
        ]
        if purpose and home.phone:
            return members, numbers.reveal(home, "phone", purpose=purpose, by=by)
    return members, numbers.masked_phone(home.phone)
