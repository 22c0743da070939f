"""部门数据: templates, upload, what became of the rows, delivery (Art. 7(2)1)."""

from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.accounts.models import Department, Division
from fangpin.common import jobs
from fangpin.common.actor import Actor
from fangpin.common.web.export_views import attachment
from fangpin.common.web.paging import Page, page
from fangpin.common.web.refusals import refusals_as_messages
from screening import criteria
from screening.feeds import amending, deliveries, discarding, early, receiving
from screening.feeds.detail import shown_detail
from screening.feeds.forms import AmendForm, FeedForm, RoundChoice
from screening.models import Feed, HeadingMemory, Round
from screening.quarters import Quarter


@needs("feed.view")
def feed_list(request: HttpRequest) -> HttpResponse:
    user = request.user
    rounds = list(early.rounds_for_lists(user)[:60])
    form = RoundChoice(request.GET, rounds)
    if not form.is_valid():
        raise Http404
    round = next((r for r in rounds if str(r.uuid) == form.cleaned_data["round"]), None)
    lines = deliveries.deliveries(round, user) if round else []
    missing = [line for line in lines if line.accepted is None]
    context = {
        "form": form,
        "round": round,
        "lines": lines,
        "missing": missing,
        "delivered": len(lines) - len(missing),
        "may_deliver": user.may("feed.deliver") and round is not None and round.accepts_lists,
        "early_quarters": early.early_quarters(user),
        "page": _history_page(request, round) if round else None,
    }
    return render(request, "screening/feeds/feed_list.html", context)


@dataclass(frozen=True)
class FeedLine:
    """A list of the history, with the name of its kind."""

    feed: Feed
    kind_label: str


def _history_page(request: HttpRequest, round: Round) -> Page:
    """What was brought for the round, the newest first."""
    feeds = Feed.objects.for_user(request.user).filter(round=round).select_related("department", "by")
    shown = page(request, feeds, ("-id",), size=20)
    kinds = criteria.feed_kinds()
    shown.rows = [
        FeedLine(feed, kinds[feed.kind].label if feed.kind in kinds else feed.kind) for feed in shown
    ]
    return shown


def _kind(code: str, user: Actor):
    """A kind of list; to an officer only those of his department exist."""
    kind = criteria.feed_kinds().get(code)
    own = user.acting.department
    if kind is None or (own is not None and own.code not in kind.departments):
        raise Http404
    return kind


@needs("feed.deliver")
def feed_template(request: HttpRequest, kind: str) -> HttpResponse:
    wanted = _kind(kind, request.user)
    return attachment(receiving.template_workbook(wanted), f"{wanted.label}模板.xlsx")


@needs("feed.deliver")
def feed_upload(request: HttpRequest, uuid, kind: str) -> HttpResponse:
    user = request.user
    round = get_object_or_404(early.rounds_for_lists(user).select_related("county"), uuid=uuid)
    wanted = _kind(kind, user)
    names = dict(Department.objects.filter(county=round.county_id).values_list("code", "name"))
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = FeedForm(
        *sent,
        kind=wanted,
        departments=names,
        on_behalf=not user.acting.department_id,
        initial={"department": request.GET.get("department", "")},
    )
    if request.method == "POST" and form.is_valid():
        try:
            return _received(form, round, wanted, user)
        except receiving.FeedRefused as error:
            form.add_error(None, error.message)
    memories = HeadingMemory.objects.for_user(user).filter(department__county=round.county_id, kind=kind)
    context = {
        "form": form,
        "round": round,
        "kind": wanted,
        "owner": _owner(wanted, user, names),
        "memories": memories.select_related("by", "department"),
    }
    status = 422 if form.is_bound else 200
    return render(request, "screening/feeds/feed_upload.html", context, status=status)


def _received(form: FeedForm, round: Round, kind, user: Actor) -> HttpResponse:
    """Keeps the file and queues its check, both or neither."""
    file = form.cleaned_data["file"]
    with transaction.atomic():
        feed = receiving.receive_feed(
            round,
            kind,
            file_name=file.name,
            content=file,
            by=user,
            department=form.cleaned_data.get("department", ""),
        )
        jobs.enqueue("check_feed", str(feed.pk), by=user, feed=feed.pk)
    forget_badge(user)
    return redirect("screening:feed-detail", uuid=feed.uuid)


def _owner(kind, user: Actor, names: dict[str, str]) -> str:
    """Whose list it will be, as long as there is nothing to choose."""
    if user.acting.department_id:
        return user.acting.department.name
    return names.get(kind.departments[0], "") if len(kind.departments) == 1 else ""


def _feed(request: HttpRequest, uuid) -> Feed:
    feeds = Feed.objects.for_user(request.user).select_related("round__county", "department", "by", "amends")
    return get_object_or_404(feeds, uuid=uuid)


@needs("feed.view")
def feed_detail(request: HttpRequest, uuid) -> HttpResponse:
    return shown_detail(request, _feed(request, uuid))


@needs("feed.deliver")
@require_POST
def feed_accept(request: HttpRequest, uuid) -> HttpResponse:
    feed = _feed(request, uuid)
    with refusals_as_messages(request):
        receiving.accept_feed(feed, by=request.user)
        forget_badge(request.user)
        when = "排查开启后参加数据比对" if feed.round.is_announced else "参加数据比对"
        messages.success(request, f"{feed.department}的数据已报送，{feed.rows_matched} 行{when}。")
    return redirect("screening:feed-detail", uuid=uuid)


@needs("feed.deliver")
def feed_amend(request: HttpRequest, uuid) -> HttpResponse:
    """只补这几行: the mended rows alone; the rest of the list stays."""
    base = _feed(request, uuid)
    form = AmendForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            with transaction.atomic():
                feed = receiving.receive_mended_rows(
                    base, file_name=file.name, content=file.read(), by=request.user
                )
                jobs.enqueue("check_feed", str(feed.pk), by=request.user, feed=feed.pk)
            forget_badge(request.user)
            return redirect("screening:feed-detail", uuid=feed.uuid)
        except receiving.FeedRefused as error:
            form.add_error(None, error.message)
    context = {
        "form": form,
        "feed": base,
        "kind": criteria.feed_kinds()[base.kind],
        "may_amend": amending.may_be_mended(base) and base.round.accepts_lists,
    }
    return render(request, "screening/feeds/feed_amend.html", context, status=422 if form.is_bound else 200)


@needs("feed.deliver")
@require_POST
def feed_discard(request: HttpRequest, uuid) -> HttpResponse:
    """撤回, before it was delivered."""
    feed = _feed(request, uuid)
    with refusals_as_messages(request):
        discarding.discard_feeds(
            Feed.objects.for_user(request.user).filter(pk=feed.pk), by=request.user, why="经办人撤回"
        )
        forget_badge(request.user)
        messages.success(request, f"“{feed.file_name}”已撤回，没有报送；以前报送的不受影响。")
    return redirect("screening:feed-detail", uuid=uuid)


@needs("feed.deliver")
def feed_returned(request: HttpRequest, uuid) -> HttpResponse:
    """The rows set aside and refused, as they came, with the reason; audited."""
    feed = _feed(request, uuid)
    if not feed.headings:
        raise Http404  # not read yet, or refused as a whole: there are no rows to give back
    label = criteria.feed_kinds()[feed.kind].label
    return attachment(receiving.returned_workbook(feed, by=request.user), f"{label}-退回和待核对.xlsx")


@needs("feed.deliver")
@require_POST
def feed_early(request: HttpRequest) -> HttpResponse:
    """提前报送: opens the page of a quarter whose round has not begun."""
    user = request.user
    try:
        quarter = Quarter.parse(request.POST.get("quarter", ""))
        round = early.announce_round(Division.objects.get(code=user.acting.county_code), quarter, by=user)
    except ValueError:
        messages.error(request, "请先选择要提前报送的季度。")
        return redirect("screening:feed-list")
    except early.EarlyRefused as error:
        messages.error(request, error.message)
        return redirect("screening:feed-list")
    return redirect(f"{reverse('screening:feed-list')}?round={round.uuid}")
