"""列名对应: the department says which of its columns is which, once; its words are remembered (Art.
7(2)1)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.common.views import own_path
from fangpin.common.web.refusals import refusals_as_messages
from screening.feeds import headings
from screening.feeds.detail import mapping_form, shown_detail
from screening.models import Feed, HeadingMemory


@needs("feed.deliver")
@require_POST
def feed_map(request: HttpRequest, uuid) -> HttpResponse:
    """Reads the same file again with what was said."""
    own = Feed.objects.for_user(request.user).select_related("round__county", "department", "by", "amends")
    feed = get_object_or_404(own, uuid=uuid)
    form = mapping_form(feed, request.POST)
    if form is None:
        messages.error(request, "这份文件已经检查过或撤回了，不能再改列名对应；请重新上传。")
    elif form.is_valid():
        with refusals_as_messages(request):
            headings.map_headings(feed, form.chosen(), by=request.user)
            forget_badge(request.user)
    else:
        return shown_detail(request, feed, form=form, status=422)
    return redirect("screening:feed-detail", uuid=uuid)


@needs("feed.deliver")
@require_POST
def heading_forget(request: HttpRequest, pk: int) -> HttpResponse:
    memory = get_object_or_404(
        HeadingMemory.objects.for_user(request.user).select_related("department"), pk=pk
    )
    headings.forget_heading(memory, by=request.user)
    messages.success(request, f"“{memory.words}”的对应已忘掉；下次上传时按通常的叫法读取，读不出的会再问。")
    return redirect(own_path(request.POST.get("next", "")) or "screening:feed-list")
