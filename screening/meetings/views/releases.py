"""拟取消重点关注 on a meeting's agenda (Art. 9): taken up, decided, printed."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from fangpin.accounts.decorators import needs
from fangpin.common.web.paging import page
from fangpin.common.web.refusals import refusals_as_messages
from fangpin.common.web.selection import selected
from households.models import Case
from screening import criteria
from screening.meetings import decisions, releases
from screening.meetings.views.meetings import get_meeting, rights
from screening.models import ReleaseDecision, ReleaseItem

ORDER = ("case__household__village_id", "id")


def _with_all(items):
    return items.select_related(
        "case__household__village__parent", "case__household__hamlet"
    ).prefetch_related("case__risks")


@dataclass(frozen=True)
class ReleaseRow:
    """A case of the list with the tags of its risks."""

    item: ReleaseItem
    tags: list[str]


def _rows(items: Iterable[ReleaseItem]) -> list[ReleaseRow]:
    subjects = criteria.subcriteria()
    return [
        ReleaseRow(item, [subjects[risk.subcriterion].tag for risk in item.case.risks.all()])
        for item in items
    ]


@needs("meeting.view")
def meeting_releases(request: HttpRequest, uuid) -> HttpResponse:
    """The list beside that of the households taken in."""
    meeting = get_meeting(request, uuid)
    items = ReleaseItem.objects.for_user(request.user).filter(meeting=meeting)
    shown = page(request, _with_all(items), ORDER, counted=items)
    shown.rows = _rows(shown)
    context = {
        "meeting": meeting,
        "page": shown,
        "totals": releases.totals(meeting),
        "waiting": releases.available(meeting).count() if meeting.state == "planned" else 0,
        "decisions": ReleaseDecision.choices,
        "sees_household": request.user.may("household.view"),
        "nav": "releases",
        **rights(request.user, meeting),
    }
    return render(request, "screening/meetings/meeting_releases.html", context)


def _act(request: HttpRequest, uuid, sentence: str, service, **words) -> HttpResponse:
    meeting = get_meeting(request, uuid)
    with refusals_as_messages(request):
        own = ReleaseItem.objects.for_user(request.user).filter(meeting=meeting)
        messages.success(request, sentence.format(service(selected(request, own), by=request.user, **words)))
    return redirect("screening:meeting-releases", uuid=uuid)


@needs("meeting.prepare")
@require_POST
def meeting_release_fill(request: HttpRequest, uuid) -> HttpResponse:
    """All that village and township have found ready, or the ticked cases."""
    meeting = get_meeting(request, uuid)
    with refusals_as_messages(request):
        picked = (
            selected(request, Case.objects.for_user(request.user)) if request.POST.getlist("pick") else None
        )
        count = releases.fill_releases(meeting, by=request.user, cases=picked)
        messages.success(request, f"{count} 户已列入拟取消重点关注名单。")
    return redirect("screening:meeting-releases", uuid=uuid)


@needs("meeting.prepare")
@require_POST
def meeting_release_decide(request: HttpRequest, uuid) -> HttpResponse:
    decision, reason = request.POST.get("decision", ""), request.POST.get("reason", "")
    return _act(
        request, uuid, "{} 户的审定意见已记下。", releases.decide_releases, decision=decision, reason=reason
    )


@needs("meeting.prepare")
@require_POST
def meeting_release_remove(request: HttpRequest, uuid) -> HttpResponse:
    return _act(request, uuid, "{} 户已移出名单。", releases.remove_releases)


@needs("meeting.view")
def meeting_release_paper(request: HttpRequest, uuid) -> HttpResponse:
    """F2's second table: 拟取消重点关注名单."""
    meeting = get_meeting(request, uuid)
    items = ReleaseItem.objects.for_user(request.user).filter(meeting=meeting)
    context = {
        "meeting": meeting,
        "round": meeting.round,
        "rows": _rows(_with_all(items).order_by(*ORDER)),
        "totals": releases.totals(meeting),
        "checksum": decisions.checksum(meeting),
        "today": timezone.localdate(),
    }
    return render(request, "screening/meetings/paper_releases.html", context)
