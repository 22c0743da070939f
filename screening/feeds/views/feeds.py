"""部门数据: templates, upload, what became of the rows, delivery (Art. 7(2)1)."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from fangpin.accounts.decorators import needs
from fangpin.accounts.models import Department, Division
from fangpin.common import jobs
from fangpin.common.transitions import TransitionRefused
from fangpin.common.views import with_poll_url
from fangpin.common.web.export_views import attachment
from fangpin.common.web.paging import page
from screening import criteria
from screening.feeds import amending, discarding, early, receiving, row_texts
from screening.feeds.views.headings import mapping_form
from screening.leads import figures as overview
from screening.leads.forms import AmendForm, FeedForm, RoundChoice
from screening.models import Feed, FeedRow, FeedState, HeadingMemory, Round, RowStatus
from screening.quarters import Quarter
from screening.rounds.todo import forget_badge


@needs("feed.view")
def feed_list(request: HttpRequest) -> HttpResponse:
    user = request.user
    rounds = list(early.taking_lists(user)[:60])
    form = RoundChoice(request.GET, rounds)
    if not form.is_valid():
        raise Http404
    round = next((r for r in rounds if str(r.uuid) == form.cleaned_data["round"]), None)
    lines = overview.deliveries(round, user) if round else []
    missing = [line for line in lines if line.accepted is None]
    history = Feed.objects.for_user(user).filter(round=round).select_related("department", "by")
    context = {
        "form": form,
        "round": round,
        "lines": lines,
        "missing": missing,
        "delivered": len(lines) - len(missing),
        "may_deliver": user.may("feed.deliver") and round is not None and round.takes_lists,
        "early_quarters": early.quarters(user),
        "page": page(request, history, ("-id",), size=20) if round else None,
        "kinds": {code: kind.label for code, kind in criteria.feed_kinds().items()},
    }
    for feed in context["page"] or []:
        feed.kind_label = context["kinds"].get(feed.kind, feed.kind)
    return render(request, "screening/feed_list.html", context)


def _kind(code: str, user):
    """A kind of list; to an officer only those of his department exist."""
    kind = criteria.feed_kinds().get(code)
    own = user.acting.department
    if kind is None or (own is not None and own.code not in kind.departments):
        raise Http404
    return kind


@needs("feed.deliver")
def feed_template(request: HttpRequest, kind: str) -> HttpResponse:
    wanted = _kind(kind, request.user)
    return attachment(receiving.template(wanted), f"{wanted.label}模板.xlsx")


@needs("feed.deliver")
def feed_upload(request: HttpRequest, uuid, kind: str) -> HttpResponse:
    user = request.user
    round = get_object_or_404(early.taking_lists(user).select_related("county"), uuid=uuid)
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
    return render(request, "screening/feed_upload.html", context, status=status)


def _received(form: FeedForm, round: Round, kind, user) -> HttpResponse:
    """Keeps the file and queues its check, both or neither."""
    file = form.cleaned_data["file"]
    with transaction.atomic():
        feed = receiving.receive(
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


def _owner(kind, user, names: dict[str, str]) -> str:
    """Whose list it will be, as long as there is nothing to choose."""
    if user.acting.department_id:
        return user.acting.department.name
    return names.get(kind.departments[0], "") if len(kind.departments) == 1 else ""


def _feed(request: HttpRequest, uuid) -> Feed:
    found = Feed.objects.for_user(request.user).select_related("round__county", "department", "by", "amends")
    return get_object_or_404(found, uuid=uuid)


@needs("feed.view")
def feed_detail(request: HttpRequest, uuid) -> HttpResponse:
    return shown_detail(request, _feed(request, uuid))


def shown_detail(request: HttpRequest, feed: Feed, *, form=None, status: int = 200) -> HttpResponse:
    """The page of one list; `form` is its mapping of headings where that was sent and has faults."""
    user = request.user
    address = reverse("screening:feed-detail", args=[feed.uuid])
    job = overview.check_run(feed) if feed.state == FeedState.RECEIVED else None
    earlier = overview.standing_feed(feed, user) if feed.state == FeedState.CHECKED else None
    kind = criteria.feed_kinds()[feed.kind]
    may_deliver = user.may("feed.deliver") and feed.round.takes_lists
    context = {
        "feed": feed,
        "kind": kind,
        "job": with_poll_url(job, address) if job and job.by_id == user.pk else None,
        "checking": job,
        "earlier": earlier,
        "loses_all": receiving.would_lose_all(feed, earlier),
        "shrinks": overview.shrinks(feed, earlier),
        "figures": _figures(feed, address),
        "may_deliver": may_deliver,
        "may_take_back": user.may("feed.deliver") and feed.rows_set_aside + feed.rows_refused > 0,
        "may_amend": may_deliver and amending.may_be_mended(feed),
        "may_discard": may_deliver and feed.state in Feed.PENDING,
        "form": form or (mapping_form(feed) if may_deliver else None),
        "form_sent": form is not None,
        "memories": _memories(feed, user),
        "ends": overview.how_it_ended(feed),
        "deliveries": overview.deliveries_of(feed, user),
        "warnings": [{**w, "message": row_texts.masked_text(w["message"])} for w in feed.warnings[:100]],
    }
    if feed.matched_at or feed.state == FeedState.CHECKED:
        context |= _rows(request, feed)
    return render(request, "screening/feed_detail.html", context, status=status)


def _memories(feed: Feed, user) -> list[HeadingMemory]:
    """Words of this file that were read by memory."""
    words = {word for listed in feed.recalled.values() for word in listed}
    if not words:
        return []
    own = HeadingMemory.objects.for_user(user).filter(department=feed.department, kind=feed.kind)
    return [memory for memory in own.select_related("by") if memory.words in words]


def _figures(feed: Feed, address: str) -> list[dict]:
    return [
        {"number": feed.rows_read, "unit": "行", "label": "读到"},
        {"number": feed.rows_matched, "unit": "行", "label": "已比中"},
        {
            "number": feed.rows_set_aside,
            "unit": "行",
            "label": "待核对",
            "url": _shown(address, "set_aside", feed.rows_set_aside),
        },
        {
            "number": feed.rows_refused,
            "unit": "行",
            "label": "退回",
            "url": _shown(address, "refused", feed.rows_refused),
        },
    ]


def _shown(address: str, status: str, count: int) -> str:
    return f"{address}?status={status}#rows" if count else ""


def _rows(request: HttpRequest, feed: Feed) -> dict:
    """Rows that were not taken in, as the department sent them; of the registry nothing."""
    status = request.GET.get("status", "")
    rows = FeedRow.objects.for_user(request.user).filter(feed=feed).exclude(status=RowStatus.MATCHED)
    if status in (RowStatus.SET_ASIDE, RowStatus.REFUSED):
        rows = rows.filter(status=status)
    shown = page(request, rows, ("row_no",), size=50)
    for row in shown:
        row.code_label = row_texts.code_label(row.code)
        row.words = row_texts.masked_text(row.message)
        row.cells = row_texts.cells_of(feed.headings, row.data)
        row.first_cells = [words for _, words in sorted(row.cells, key=_rank)[:3]]
    return {"page": shown, "status": status}


def _rank(cell: tuple[str, str]) -> int:
    """Who it is comes first, a running number last; the others keep their order."""
    heading = "".join(cell[0].split())
    if "姓名" in heading:
        return 0
    if "证件" in heading or "身份证" in heading:
        return 1
    return 3 if heading in ("序号", "编号", "行号", "原行号") else 2


@needs("feed.deliver")
@require_POST
def feed_accept(request: HttpRequest, uuid) -> HttpResponse:
    feed = _feed(request, uuid)
    try:
        receiving.accept(feed, by=request.user)
        forget_badge(request.user)
        when = "排查开启后参加数据比对" if feed.round.is_announced else "参加数据比对"
        messages.success(request, f"{feed.department}的数据已报送，{feed.rows_matched} 行{when}。")
    except TransitionRefused as error:
        messages.error(request, error.message)
    return redirect("screening:feed-detail", uuid=uuid)


@needs("feed.deliver")
def feed_amend(request: HttpRequest, uuid) -> HttpResponse:
    """只补这几行: the mended rows alone; the rest of the list stands."""
    base = _feed(request, uuid)
    form = AmendForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            with transaction.atomic():
                feed = receiving.amend(base, file_name=file.name, content=file.read(), by=request.user)
                jobs.enqueue("check_feed", str(feed.pk), by=request.user, feed=feed.pk)
            forget_badge(request.user)
            return redirect("screening:feed-detail", uuid=feed.uuid)
        except receiving.FeedRefused as error:
            form.add_error(None, error.message)
    context = {
        "form": form,
        "feed": base,
        "kind": criteria.feed_kinds()[base.kind],
        "may_amend": amending.may_be_mended(base) and base.round.takes_lists,
    }
    return render(request, "screening/feed_amend.html", context, status=422 if form.is_bound else 200)


@needs("feed.deliver")
@require_POST
def feed_discard(request: HttpRequest, uuid) -> HttpResponse:
    """撤回, before it was delivered."""
    feed = _feed(request, uuid)
    try:
        discarding.discard(
            Feed.objects.for_user(request.user).filter(pk=feed.pk), by=request.user, why="经办人撤回"
        )
        forget_badge(request.user)
        messages.success(request, f"“{feed.file_name}”已撤回，没有报送；以前报送的不受影响。")
    except TransitionRefused as error:
        messages.error(request, error.message)
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
        round = early.announce(Division.objects.get(code=user.acting.county_code), quarter, by=user)
    except ValueError:
        messages.error(request, "请先选择要提前报送的季度。")
        return redirect("screening:feed-list")
    except early.EarlyRefused as error:
        messages.error(request, error.message)
        return redirect("screening:feed-list")
    return redirect(f"{reverse('screening:feed-list')}?round={round.uuid}")
