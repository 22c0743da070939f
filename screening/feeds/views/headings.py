"""列名对应: the department says which of its columns is which, once; its words are remembered (Art.
7(2)1)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from fangpin.accounts.decorators import needs
from fangpin.common import jobs
from fangpin.common.transitions import TransitionRefused
from fangpin.common.views import own_path
from screening.feeds import headings
from screening.feeds.heading_forms import HeadingForm
from screening.models import Feed, FeedState, HeadingMemory
from screening.rounds.todo import forget_badge


def mapping_form(feed: Feed, data=None) -> HeadingForm | None:
    """The form for a list that waits, as long as its file is there."""
    there = feed.state in (FeedState.ASKED, FeedState.CHECKED) and feed.stored_name and not feed.amends_id
    return HeadingForm(data, map=headings.mapping_of(feed)) if there else None


@needs("feed.deliver")
@require_POST
def feed_map(request: HttpRequest, uuid) -> HttpResponse:
    """Reads the same file again with what was said."""
    from screening.feeds.views.feeds import shown_detail

    own = Feed.objects.for_user(request.user).select_related("round__county", "department", "by", "amends")
    feed = get_object_or_404(own, uuid=uuid)
    form = mapping_form(feed, request.POST)
    if form is None:
        messages.error(request, "这份文件已经检查过或撤回了，不能再改列名对应；请重新上传。")
    elif form.is_valid():
        try:
            headings.answer(feed, form.chosen(), by=request.user)
            forget_badge(request.user)
        except (TransitionRefused, jobs.AlreadyRunning) as error:
            messages.error(request, error.message)
    else:
        return shown_detail(request, feed, form=form, status=422)
    return redirect("screening:feed-detail", uuid=uuid)


@needs("feed.deliver")
@require_POST
def heading_forget(request: HttpRequest, pk: int) -> HttpResponse:
    memory = get_object_or_404(
        HeadingMemory.objects.for_user(request.user).select_related("department"), pk=pk
    )
    headings.forget(memory, by=request.user)
    messages.success(request, f"“{memory.words}”的对应已忘掉；下次上传时按通常的叫法读取，读不出的会再问。")
    return redirect(own_path(request.POST.get("next", "")) or "screening:feed-list")
