"""手机来件: what phones sent and could not take effect by itself, seen by the village, settled by a
person."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.accounts.roles import Role
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.files import private_files
from fangpin.common.refusals import Refused
from fangpin.common.transitions import history
from fangpin.common.web.downloads import attachment
from fangpin.common.web.paging import page
from handheld import correcting, entry_words, intake
from handheld.models import PhoneEntry, PhoneEntryState, PhonePhoto
from households.models import Household

STATES = (("", "全部"), *PhoneEntryState.choices)
SETTLING = "settle_%s"  # beside the form of the entry's kind on the same page


class SettleForm(forms.Form):
    outcome = forms.ChoiceField(
        label="怎么处理",
        widget=forms.RadioSelect,
        choices=[("apply", "按这一份办理（以填报人的名义生效）"), ("close", "不办理，只留记录")],
    )
    words = forms.CharField(
        label="处理说明",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明怎么处理的，例如已和填报人核对、以先收到的为准。"},
    )


class CorrectForm(forms.Form):
    """Beside the corrected form of the entry's kind."""

    prefix = "correct"
    words = forms.CharField(
        label="改正说明",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="为什么改、和谁核对的，填报人看得到。",
        error_messages={"required": "请写明为什么改，例如日期填错，已打电话和填报人核对。"},
    )


def _shown(user: Actor):
    return PhoneEntry.objects.for_user(user).select_related(
        "by",
        "village__parent",
        "household__hamlet",
        "entry",
        "visit",
        "verification",
        "sign_off__hamlet",
        "correction__by",
    )


@needs("field.view")
def received_list(request: HttpRequest) -> HttpResponse:
    """Waiting ones first to whoever settles; else everything of the area."""
    user = request.user
    state = request.GET.get("state", PhoneEntryState.ATTENTION)
    entries = _shown(user)
    if state in PhoneEntryState.values:
        entries = entries.filter(state=state)
    shown = page(request, entries, ("-id",), counted=entries)
    own = set(
        Household.objects.for_user(user)
        .filter(pk__in=[row.household_id for row in shown.rows if row.household_id])
        .values_list("pk", flat=True)
    )
    shown.rows = [(row, _name(row, is_own=row.household_id in own)) for row in shown.rows]
    return render(request, "handheld/received_list.html", {"page": shown, "state": state, "states": STATES})


def _name(row: PhoneEntry, *, is_own: bool) -> str:
    if row.household_id:
        return str(row.household) if is_own else "（已不在本辖区的户）"
    if row.sign_off_id:
        return str(row.sign_off.hamlet)
    return row.village.short_name


def _one(request: HttpRequest, uuid) -> PhoneEntry:
    return get_object_or_404(_shown(request.user), uuid=uuid)


@needs("field.view")
def received_detail(request: HttpRequest, uuid) -> HttpResponse:
    return _detail(request, _one(request, uuid))


def _detail(request: HttpRequest, row: PhoneEntry, form=None, *, error: str = "", status: int = 200, **shown):
    if request.user.acting.role == Role.AUDITOR:
        audit.record(request.user, "phone_entry_view", row)
    may_settle = row.state == PhoneEntryState.ATTENTION and request.user.may("field.settle")
    homes = Household.objects.for_user(request.user)
    is_own = row.household_id is not None and homes.filter(pk=row.household_id).exists()
    context = {
        "row": row,
        "name": _name(row, is_own=is_own),
        "is_own": is_own,
        "sent": entry_words.entry_words(row, request.user),
        "error": error,
        "form": (form or SettleForm(auto_id=SETTLING)) if may_settle else None,
        "records": history(row).select_related("by"),
        "photos": PhonePhoto.objects.for_user(request.user).filter(entry=row).exclude(stored_name=""),
    }
    if may_settle:
        context |= _correcting(request, row) | shown
    return render(request, "handheld/received_detail.html", context, status=status)


def _correcting(request: HttpRequest, row: PhoneEntry) -> dict:
    """The form of the entry's kind as the phone sent it, its faults shown; or why it can't be put right."""
    try:
        return {"asked": correcting.ask(row, request.user), "correct": CorrectForm()}
    except Refused as refused:
        return {"cannot_correct": refused.message.rstrip("。")}


@needs("field.settle")
@require_POST
def received_settle(request: HttpRequest, uuid) -> HttpResponse:
    row, form = _one(request, uuid), SettleForm(request.POST, auto_id=SETTLING)
    if row.state != PhoneEntryState.ATTENTION:
        messages.info(request, "这一件已经处理过了。")
        return redirect("handheld:received-detail", uuid=uuid)
    if not form.is_valid():
        return _detail(request, row, form, status=422)
    given = form.cleaned_data
    try:
        sentence = intake.settle_entry(
            row, by=request.user, applies=given["outcome"] == "apply", words=given["words"]
        )
    except Refused as refused:
        return _detail(request, _one(request, uuid), form, error=refused.message, status=422)
    forget_badge(request.user)
    messages.success(request, sentence)
    return redirect("handheld:received-detail", uuid=uuid)


@needs("field.settle")
@require_POST
def received_correct(request: HttpRequest, uuid) -> HttpResponse:
    """改正后采用: the corrected form of the entry's kind, through the same service as what the phone
    sends."""
    row, form = _one(request, uuid), CorrectForm(request.POST)
    if row.state != PhoneEntryState.ATTENTION:
        messages.info(request, "这一件已经处理过了。")
        return redirect("handheld:received-detail", uuid=uuid)
    asked, refused = None, None
    try:
        asked = correcting.ask(row, request.user, request.POST)
        if all([asked.is_valid(), form.is_valid()]):
            words = form.cleaned_data["words"]
            sentence = correcting.adopt_corrected(row, asked, by=request.user, words=words)
            forget_badge(request.user)
            messages.success(request, f"已改正后采用。{sentence}")
            return redirect("handheld:received-detail", uuid=uuid)
    except Refused as error:
        refused = error
    shown = {"correct": form, "refused": refused, "is_correcting": True}
    if asked is not None:
        asked.context["refused"] = refused  # at the question that it is about
        shown["asked"] = asked
    return _detail(request, _one(request, uuid), status=422, **shown)


@needs("field.view")
def received_photo(request: HttpRequest, uuid) -> HttpResponse:
    """One photo, to whoever may see the entry that it came with."""
    photos = PhonePhoto.objects.for_user(request.user).exclude(stored_name="").select_related("entry")
    photo = get_object_or_404(photos, uuid=uuid)
    if request.user.acting.role == Role.AUDITOR:
        audit.record(request.user, "phone_entry_view", photo.entry, photo=photo.pk)
    return attachment(private_files.load(photo.stored_name), f"手机照片{photo.pk}.jpg", "image/jpeg")
