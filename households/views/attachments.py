"""佐证材料 on the household page: added, opened, withdrawn."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fangpin.accounts.decorators import needs
from fangpin.common.files import scans
from fangpin.common.web.downloads import attachment as download
from fangpin.common.web.refusals import refusals_as_messages
from households import attachments
from households.forms import AttachmentForm
from households.models import Attachment, Household


@needs("attachment.add")
@require_POST
def attachment_add(request: HttpRequest, uuid) -> HttpResponse:
    household = get_object_or_404(Household.objects.for_user(request.user), uuid=uuid)
    form = AttachmentForm(request.POST, request.FILES)
    if form.is_valid():
        given = form.cleaned_data
        with refusals_as_messages(request):
            kept = attachments.attach(
                household,
                kind=given["kind"],
                title=given["title"],
                content=given["file"].read(),
                by=request.user,
            )
            messages.success(request, f"已保存“{kept.title}”。")
    else:
        messages.error(request, " ".join(words for errors in form.errors.values() for words in errors))
    return _back(household)


@needs("household.view")
@never_cache
def attachment_open(request: HttpRequest, uuid) -> HttpResponse:
    kept = _attachment(request, uuid)
    if not kept.stored_name:
        raise Http404
    content = attachments.opened(kept, by=request.user)
    return download(content, f"{kept.title}.{kept.form}", scans.CONTENT_TYPES[kept.form])


@needs("attachment.add")
@require_POST
def attachment_withdraw(request: HttpRequest, uuid) -> HttpResponse:
    kept = _attachment(request, uuid)
    with refusals_as_messages(request):
        attachments.withdraw(kept, reason=request.POST.get("reason", ""), by=request.user)
        messages.success(request, f"“{kept.title}”已作废。")
    return _back(kept.household)


def _attachment(request: HttpRequest, uuid) -> Attachment:
    return get_object_or_404(Attachment.objects.for_user(request.user).select_related("household"), uuid=uuid)


def _back(household: Household) -> HttpResponse:
    answer = redirect("households:household-detail", household.uuid)
    answer["Location"] += "#attachments"
    return answer
