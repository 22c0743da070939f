"""入户排查记录: listed, one at a time, and settled where it could not take effect by itself."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.accounts.roles import Role
from fangpin.common import audit
from fangpin.common.files import private_files
from fangpin.common.refusals import Refused
from fangpin.common.transitions import history
from fangpin.common.web.downloads import attachment
from fangpin.common.web.paging import page
from screening.field import entries as field
from screening.field import entry_rows as fieldrows
from screening.field import settling
from screening.field.forms import SettleForm
from screening.models import EntryPhoto, EntryState, FieldEntry

STATES = (("", "全部"), *EntryState.choices)


@needs("field.view")
def entry_list(request: HttpRequest) -> HttpResponse:
    """入户排查记录; whoever settles them sees first what needs a person."""
    user = request.user
    chosen = fieldrows.EntryChoice(request.GET, user)
    entries = chosen.narrow(FieldEntry.objects.for_user(user))
    shown = page(request, fieldrows.shown(entries), ("-id",), counted=entries)
    shown.rows = fieldrows.entry_rows(shown, user)
    context = {
        "page": shown,
        "state": chosen.state,
        "states": STATES,
        "rounds": chosen.rounds,
        "chosen": chosen.round,
        "may_export": user.may("lead.export") and bool(shown.rows),
    }
    return render(request, "screening/field/entry_list.html", context)


def _entry(request: HttpRequest, uuid) -> FieldEntry:
    return get_object_or_404(fieldrows.shown(FieldEntry.objects.for_user(request.user)), uuid=uuid)


@needs("field.view")
def entry_detail(request: HttpRequest, uuid) -> HttpResponse:
    """The whole entry; every view by an auditor is audited."""
    entry = _entry(request, uuid)
    if request.user.acting.role == Role.AUDITOR:
        audit.record(request.user, "entry_view", entry)
    return _entry_detail(request, entry, _settle_form(request, entry))


def _settle_form(request: HttpRequest, entry: FieldEntry, data=None) -> SettleForm | None:
    if entry.state != EntryState.ATTENTION or not request.user.may("field.settle"):
        return None
    needs_household = entry.household_id is None
    proposed = fieldrows.same_name(entry, request.user) if needs_household else None
    initial = {"household": proposed.number} if proposed else None
    return SettleForm(data, user=request.user, needs_household=needs_household, initial=initial)


def _entry_detail(request: HttpRequest, entry: FieldEntry, form, *, error: str = "", status: int = 200):
    context = fieldrows.entry_context(entry, request.user) | {
        "form": form,
        "error": error,
        "photos": EntryPhoto.objects.for_user(request.user).filter(entry=entry).select_related("by"),
        "records": history(entry).select_related("by"),
        "per_head": field.per_head(entry.extras.get("income")),
    }
    if context["estimate"]:
        context["per_head"] = field.per_head(
            {n: getattr(context["estimate"], n) for n in (*field.MONEY, "heads")}
        )
    return render(request, "screening/field/entry_detail.html", context, status=status)


@needs("field.view")
def entry_photo(request: HttpRequest, uuid) -> HttpResponse:
    """One photo, to whoever may see the entry."""
    photos = EntryPhoto.objects.for_user(request.user).select_related("entry")
    photo = get_object_or_404(photos, uuid=uuid)
    if request.user.acting.role == Role.AUDITOR:
        audit.record(request.user, "entry_view", photo.entry, photo=photo.pk)
    return attachment(private_files.load(photo.stored_name), f"入户照片{photo.pk}.jpg", "image/jpeg")


@needs("field.settle")
@require_POST
def entry_settle(request: HttpRequest, uuid) -> HttpResponse:
    entry = _entry(request, uuid)
    form = _settle_form(request, entry, request.POST)
    if form is None:
        messages.info(request, "这条记录已经处理过了。")
        return redirect("screening:entry-detail", uuid=uuid)
    if not form.is_valid():
        return _entry_detail(request, entry, form, status=422)
    given = form.cleaned_data
    try:
        sentence = settling.settle_entry(
            entry,
            by=request.user,
            words=given["words"],
            applies=given["outcome"] == "apply",
            household=given.get("household"),
        )
    except Refused as refused:
        return _entry_detail(request, entry, form, error=refused.message, status=422)
    forget_badge(request.user)
    messages.success(request, sentence)
    return redirect("screening:entry-detail", uuid=uuid)
