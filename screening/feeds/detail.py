"""What the page of one list shows."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from fangpin.common.actor import Actor
from fangpin.common.web.paging import page
from fangpin.common.web.progress import polled
from screening import criteria
from screening.feeds import amending, deliveries, headings, receiving, row_texts
from screening.feeds.heading_forms import HeadingForm
from screening.models import Feed, FeedRow, FeedState, HeadingMemory, RowStatus


def shown_detail(request: HttpRequest, feed: Feed, *, form=None, status: int = 200) -> HttpResponse:
    """The page of one list; `form` is its mapping of headings where that was sent and has faults."""
    user = request.user
    address = reverse("screening:feed-detail", args=[feed.uuid])
    job = deliveries.check_run(feed) if feed.state == FeedState.RECEIVED else None
    earlier = deliveries.accepted_feed(feed, user) if feed.state == FeedState.CHECKED else None
    kind = criteria.feed_kinds()[feed.kind]
    may_deliver = user.may("feed.deliver") and feed.round.accepts_lists
    context = {
        "feed": feed,
        "kind": kind,
        "job": polled(job, address) if job and job.by_id == user.pk else None,
        "checking": job,
        "earlier": earlier,
        "loses_all": receiving.would_lose_all(feed, earlier),
        "shrinks": deliveries.shrinks(feed, earlier),
        "figures": _figures(feed, address),
        "may_deliver": may_deliver,
        "may_take_back": user.may("feed.deliver") and feed.rows_set_aside + feed.rows_refused > 0,
        "may_amend": may_deliver and amending.may_be_mended(feed),
        "may_discard": may_deliver and feed.state in Feed.PENDING,
        "form": form or (mapping_form(feed) if may_deliver else None),
        "form_sent": form is not None,
        "memories": _memories(feed, user),
        "ends": deliveries.how_it_ended(feed),
        "deliveries": deliveries.deliveries_of(feed, user),
        "warnings": [{**w, "message": row_texts.masked_text(w["message"])} for w in feed.warnings[:100]],
    }
    if feed.matched_at or feed.state == FeedState.CHECKED:
        context |= _rows(request, feed)
    return render(request, "screening/feeds/feed_detail.html", context, status=status)


def _memories(feed: Feed, user: Actor) -> list[HeadingMemory]:
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
    """Rows that were not used, as the department sent them, without anything of the registry."""
    status = request.GET.get("status", "")
    rows = FeedRow.objects.for_user(request.user).filter(feed=feed).exclude(status=RowStatus.MATCHED)
    if status in (RowStatus.SET_ASIDE, RowStatus.REFUSED):
        rows = rows.filter(status=status)
    shown = page(request, rows, ("row_no",), size=50)
    shown.rows = [_left_out_row(feed, row) for row in shown]
    return {"page": shown, "status": status}


@dataclass(frozen=True)
class LeftOutRow:
    """A row that was not used: why, and its cells (heading, text) with every number masked; `first_cells`
    are the texts by which a reader knows the row."""

    row: FeedRow
    code_label: str
    sentence: str
    cells: list[tuple[str, str]]
    first_cells: list[str]


def _left_out_row(feed: Feed, row: FeedRow) -> LeftOutRow:
    cells = row_texts.cells_of(feed.headings, row.data)
    return LeftOutRow(
        row=row,
        code_label=row_texts.code_label(row.code),
        sentence=row_texts.masked_text(row.message),
        cells=cells,
        first_cells=[words for _, words in sorted(cells, key=_rank)[:3]],
    )


def _rank(cell: tuple[str, str]) -> int:
    """Who it is comes first, a running number last; the others keep their order."""
    heading = "".join(cell[0].split())
    if "姓名" in heading:
        return 0
    if "证件" in heading or "身份证" in heading:
        return 1
    return 3 if heading in ("序号", "编号", "行号", "原行号") else 2


def mapping_form(feed: Feed, data=None) -> HeadingForm | None:
    """The form for a list that waits, as long as its file is there."""
    there = feed.state in (FeedState.ASKED, FeedState.CHECKED) and feed.stored_name and not feed.amends_id
    return HeadingForm(data, map=headings.mapping_of(feed)) if there else None
