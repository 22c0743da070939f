"""未比中人员核对: the rows that match nobody in the registry, settled one by one with the keyboard or many at
once."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.common import audit
from fangpin.common.refusals import Refused
from fangpin.common.web.paging import page
from fangpin.common.web.refusals import refusals_as_messages
from households.models import Household, Member
from screening.feeds.triage import persons, rows, settling
from screening.feeds.triage.forms import TriageFilter
from screening.feeds.triage.lines import triage_lines
from screening.feeds.triage.settling import Outcome, Word
from screening.models import FeedRow, FeedState, MatchMemory, Round, RowSettlement

ORDER = ("feed_id", "row_no")
SHOWN = 8  # persons of a search


@needs("triage.settle")
def triage_list(request: HttpRequest) -> HttpResponse:
    form = TriageFilter(request.GET, user=request.user)
    narrowed = form.narrow(request.user)
    shown = page(request, _with_lists(narrowed), ORDER, counted=narrowed)
    shown.rows = triage_lines(shown.rows)
    settled = RowSettlement.objects.for_user(request.user).filter(
        feed__state=FeedState.MATCHED, feed__round__state__in=Round.SWEEPABLE
    )
    context = {
        "page": shown,
        "form": form,
        "clear_url": reverse("screening:triage-list"),
        "sure": [line for line in shown if line.is_sure],
        "settled": settled.exclude(outcome=Outcome.LATER).count(),
        "open_count": rows.open_rows(request.user).count(),
        "may_export": bool(shown.rows),
    }
    return render(request, "screening/feeds/triage/triage_list.html", context)


def _with_lists(rows):
    return rows.select_related("feed__round", "feed__department")


@needs("triage.settle")
@require_POST
def triage_settle(request: HttpRequest) -> HttpResponse:
    """One row: `row`, `outcome` and, of a person, `member`."""
    row = get_object_or_404(_with_lists(FeedRow.objects.for_user(request.user)), pk=_whole(request, "row"))
    outcome = request.POST.get("outcome", Outcome.PERSON)
    try:
        member = _member(request) if outcome == Outcome.PERSON else None
        word = Word(outcome, member, request.POST.get("words", ""))
        made = settling.settle_rows({row.pk: word}, by=request.user)[0]
    except Refused as error:
        return _refused(request, row, error.message)
    forget_badge(request.user)
    if request.htmx:
        return render(request, "screening/feeds/triage/_triage_done.html", {"row": row, "settlement": made})
    messages.success(request, f"第 {row.row_no} 行：{made.get_outcome_display()}。")
    return _back(request)


@needs("triage.settle")
@require_POST
def triage_settle_many(request: HttpRequest) -> HttpResponse:
    """The ticked rows with the person that each value names: "row:member"."""
    picked = (pick.partition(":") for pick in request.POST.getlist("pick"))
    pairs = {_number(row): _number(member) for row, _, member in picked}
    people = {
        member.pk: member
        for member in Member.objects.for_user(request.user)
        .current()
        .select_related("household")
        .filter(pk__in=set(pairs.values()))
    }
    if not pairs:
        messages.error(request, "没有勾选任何一行。")
        return _back(request)
    with refusals_as_messages(request):
        if len(people) != len(set(pairs.values())):
            raise Refused("有的人刚刚已离开户册，请刷新页面再核对。")
        settling.settle_rows(
            {row: Word(Outcome.PERSON, people[member]) for row, member in pairs.items()}, by=request.user
        )
        messages.success(request, f"已确认 {len(pairs)} 行，下一次数据比对时计入。")
    forget_badge(request.user)
    return _back(request)


@needs("triage.settle")
@require_POST
def triage_search(request: HttpRequest, pk: int) -> HttpResponse:
    """Another person for the row, by full number or name; posted, so that no number gets into an address."""
    row = get_object_or_404(_with_lists(FeedRow.objects.for_user(request.user)), pk=pk)
    text = request.POST.get("q", "").strip()[:40]
    homes = Household.objects.for_user(request.user)
    people = (
        Member.objects.for_user(request.user)
        .current()
        .select_related("household__village", "household__hamlet")
    )
    fitting = (
        people.filter(name=text) | people.filter(household__in=homes.search(text)) if text else people.none()
    )
    shown = sorted(fitting[: 10 * SHOWN], key=lambda member: member.name != text)[:SHOWN]
    said = rows.what_is_said([row])[row.pk]
    context = {"likely": [persons.judged(member, said) for member in shown], "searched": text}
    return render(request, "screening/feeds/triage/_triage_persons.html", context)


@needs("triage.settle")
@require_POST
def triage_undo(request: HttpRequest, pk: int) -> HttpResponse:
    settlements = RowSettlement.objects.for_user(request.user).select_related("feed")
    settlement = get_object_or_404(settlements, pk=pk)
    where = {"feed": settlement.feed_id, "row_no": settlement.row_no}
    try:
        settling.undo_settlement(settlement, by=request.user)
    except Refused as error:
        messages.error(request, error.message)
        return _back(request)
    forget_badge(request.user)
    if request.htmx:
        row = _with_lists(FeedRow.objects.for_user(request.user)).get(**where)
        return render(request, "screening/feeds/triage/_triage_row.html", {"line": triage_lines([row])[0]})
    messages.success(request, f"第 {settlement.row_no} 行的核对已撤回。")
    return _back(request)


@needs("triage.settle")
def memory_list(request: HttpRequest) -> HttpResponse:
    """What is remembered of each department, the newest first."""
    memories = MatchMemory.objects.for_user(request.user)
    shown = memories.select_related("department", "by", "member__household__village")
    context = {"page": page(request, shown, ("-id",), counted=memories)}
    return render(request, "screening/feeds/triage/triage_memory.html", context)


@needs("triage.settle")
@require_POST
def memory_forget(request: HttpRequest, pk: int) -> HttpResponse:
    memory = get_object_or_404(MatchMemory.objects.for_user(request.user), pk=pk)
    audit.record(request.user, "triage_forget", memory.department, memory=memory.pk)
    memory.delete()
    messages.success(request, "已忘掉这条核对，下一次报送时重新核对。")
    return redirect("screening:triage-memory")


def _member(request: HttpRequest) -> Member:
    people = Member.objects.for_user(request.user).current().select_related("household")
    member = people.filter(pk=_whole(request, "member")).first()
    if member is None:
        raise Refused("请选一个人。")
    return member


def _whole(request: HttpRequest, name: str) -> int:
    return _number(request.POST.get(name, ""))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 15 else 0


def _refused(request: HttpRequest, row: FeedRow, message: str) -> HttpResponse:
    if not request.htmx:
        messages.error(request, message)
        return _back(request)
    row.refresh_from_db()
    if not _with_lists(rows.of_live_lists(request.user)).filter(rows.triable(), pk=row.pk).exists():
        return render(request, "screening/feeds/triage/_triage_done.html", {"row": row, "refused": message})
    return render(
        request,
        "screening/feeds/triage/_triage_row.html",
        {"line": triage_lines([row])[0], "refused": message},
    )


def _back(request: HttpRequest) -> HttpResponse:
    """To the list as it was filtered."""
    kept = {name: request.POST[name] for name in ("feed", "cause", "later") if request.POST.get(name)}
    address = reverse("screening:triage-list")
    return redirect(f"{address}?{urlencode(kept)}" if kept else address)
