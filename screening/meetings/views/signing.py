"""签发 of a meeting: in person, or registered from the signed paper and confirmed by a second person."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.common import audit
from fangpin.common.files import private_files, scans
from fangpin.common.refusals import Refused
from fangpin.common.web.downloads import attachment
from screening.meetings import decisions, dossier, signers, signing
from screening.meetings import figures as meeting_figures
from screening.meetings.forms import ConfirmForm, RegisterForm
from screening.meetings.views.meetings import get_meeting, rights
from screening.models import AgendaItem, Decision, Meeting, MeetingState


def _page(request: HttpRequest, meeting: Meeting, template: str, **more) -> HttpResponse:
    refused = more.pop("refused", "")
    why_not = signers.why_not(meeting, request.user) if meeting.state == MeetingState.HELD else ""
    context = {
        "meeting": meeting,
        "refused": refused,
        "why_not": why_not,
        **rights(request.user, meeting),
        **more,
    }
    failed = refused or (more.get("form") is not None and more["form"].errors)
    return render(request, template, context, status=422 if failed else 200)


def _done(request: HttpRequest, meeting: Meeting, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    forget_badge(request.user)
    return redirect("screening:meeting-detail", uuid=meeting.uuid)


@needs("meeting.sign")
def meeting_sign(request: HttpRequest, uuid) -> HttpResponse:
    """The list in front of him: totals by township, who is not taken in and why, the contested ones."""
    meeting, refused = get_meeting(request, uuid), ""
    if request.method == "POST":
        try:
            signing.sign_meeting(meeting, by=request.user, document=request.POST.get("document", "")[:60])
            return _done(request, meeting, "已签发，审定意见已经生效。")
        except Refused as error:
            refused = error.message
            meeting.refresh_from_db()
    items = AgendaItem.objects.for_user(request.user).filter(meeting=meeting)
    others = items.exclude(decision=Decision.APPROVED).order_by("decision", "id")
    return _page(
        request,
        meeting,
        "screening/meetings/meeting_sign.html",
        refused=refused,
        totals=decisions.totals(meeting),
        townships=meeting_figures.by_township(meeting),
        checksum=decisions.checksum(meeting),
        others=dossier.agenda_rows(others[:200]),
        contested=dossier.agenda_rows(
            items.filter(contested=True, decision=Decision.APPROVED).order_by("id")[:50]
        ),
    )


@needs("meeting.register")
def meeting_register(request: HttpRequest, uuid) -> HttpResponse:
    meeting, refused = get_meeting(request, uuid), ""
    initial = {name: getattr(meeting, f) for name, f in (("document", "document"), ("signer", "signer_name"))}
    form = RegisterForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            signing.register_minutes(
                meeting,
                by=request.user,
                document=given["document"],
                signer=given["signer"],
                signed_on=given["signed_on"],
                scan=given["scan"].read(),
            )
            return _done(request, meeting, "已登记，等第二个人照纸质纪要确认后生效。")
        except Refused as error:
            refused = error.message
            meeting.refresh_from_db()
    return _page(request, meeting, "screening/meetings/meeting_register.html", form=form, refused=refused)


@needs("meeting.sign")
def meeting_confirm(request: HttpRequest, uuid) -> HttpResponse:
    """The page shows nothing of what must be typed back; the scan opens beside it."""
    meeting, refused = get_meeting(request, uuid), ""
    form = ConfirmForm(request.POST or None, townships=list(decisions.approved_by_township(meeting)))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            signing.confirm_minutes(
                meeting,
                by=request.user,
                document=given["document"],
                signer=given["signer"],
                approved=form.approved(),
            )
            return _done(request, meeting, "已确认，审定意见已经生效。")
        except Refused as error:
            refused = error.message
            meeting.refresh_from_db()
    return _page(request, meeting, "screening/meetings/meeting_confirm.html", form=form, refused=refused)


@needs("meeting.view")
def meeting_scan(request: HttpRequest, uuid) -> HttpResponse:
    meeting = get_meeting(request, uuid)
    if not meeting.scan_name:
        raise Http404
    audit.record(request.user, "meeting_scan", meeting)
    content = private_files.load(meeting.scan_name)
    return attachment(content, f"会议纪要扫描件.{meeting.scan_kind}", scans.CONTENT_TYPES[meeting.scan_kind])
