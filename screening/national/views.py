"""全国系统标注录入: the list, the entry-aid page of one household, workbooks of answers (Art. 7(2)3)."""

import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.common import transitions
from fangpin.common.handing_in.pages import receive_posted
from fangpin.common.transitions import TransitionRefused
from fangpin.common.web.downloads import attachment
from fangpin.common.web.paging import page
from fangpin.common.web.refusals import refusals_as_messages
from screening.models import AnswerSheet, ItemKind, ItemState, NationalItem
from screening.national import acknowledgements, answer_workbook, lists, missing, register
from screening.national import items as national
from screening.national.forms import AnswerForm, CorrectForm, NationalFilter, SheetForm

SHOWN_FOR = datetime.timedelta(minutes=30)  # after it was taken, an item's full numbers stay on the page
SESSION_KEY = "national_taken"
SHOWN_AT_ONCE = 500
WAITING = (ItemState.PENDING, ItemState.OFFERED)


@needs("national.view")
def national_list(request: HttpRequest) -> HttpResponse:
    user = request.user
    form = NationalFilter(request.GET, user=user)
    items = form.narrow(NationalItem.objects.for_user(user))
    shown = page(request, lists.with_places(items), ("case__household__village_id", "pk"), counted=items)
    shown.rows = lists.item_rows(shown)
    context = {
        "page": shown,
        "form": form,
        "kind": ItemKind(form.kind_chosen),
        "figures": lists.figures(user),
        "clear_url": lists.address(kind=form.kind_chosen),
        "export_name": f"national-{form.kind_chosen}",
        "may_take": user.may("national.pull") and user.may("number.reveal"),
        "may_answer": user.may("national.answer"),
    }
    return render(request, "screening/national/national_list.html", context)


@needs("candidate.view")
def national_missing(request: HttpRequest) -> HttpResponse:
    """缺项: what the national system will ask of households on their way to the meeting, while the village
    still has the paper in hand."""
    rows = lists.lacking_rows(request.user)
    return render(
        request,
        "screening/national/national_missing.html",
        {"rows": rows[:SHOWN_AT_ONCE], "count": len(rows), "shown": SHOWN_AT_ONCE},
    )


def _item(request: HttpRequest, uuid) -> NationalItem:
    items = NationalItem.objects.for_user(request.user).select_related(
        "case__household__village__parent", "answered_by"
    )
    return get_object_or_404(items, uuid=uuid)


@needs("national.view")
@never_cache
def national_item(request: HttpRequest, uuid) -> HttpResponse:
    """One household, its fields in the order of the national screen. Full numbers only once it was taken."""
    return _item_page(request, _item(request, uuid), AnswerForm())


def _item_page(request: HttpRequest, item: NationalItem, form: AnswerForm) -> HttpResponse:
    user = request.user
    full = user.may("number.reveal") and _was_taken(request, item)
    payload = item.payload or register.snapshots([item.case_id])[item.case_id]
    context = {
        "item": item,
        "household": item.case.household,
        "sections": _sections(item, payload, full=full),
        "changes": _changes(item, payload, full=full),
        "full": full,
        "form": form,
        "correct_form": CorrectForm(),
        "lacking": missing.missing_fields(item.case.household) if item.is_open else [],
        "records": _records(item),
        "place": _place(request, item),
        "may_take": user.may("national.pull") and item.is_open,
        "may_answer": user.may("national.answer") and item.state == ItemState.OFFERED,
        "may_correct": user.may("national.correct") and item.state == ItemState.REFUSED,
        "list_url": lists.address(kind=item.kind),
    }
    return render(
        request, "screening/national/national_item.html", context, status=422 if form.errors else 200
    )


def _sections(item: NationalItem, payload: dict, *, full: bool) -> list[dict]:
    return [
        {
            "title": section.title,
            "fields": [(name, _shown(name, words, full)) for name, words in section.fields.items()],
        }
        for section in register.sections(item.kind, payload)
    ]


def _changes(item: NationalItem, payload: dict, *, full: bool) -> list[dict]:
    """Nothing before it is given out: only then it is known what differs."""
    if item.kind != ItemKind.CORRECTION:
        return []
    return [
        change
        | {key: _shown(change["field"], change[key], full) for key in ("old", "new")}
        | {"id_number": _shown("证件号码", change["id_number"], full)}
        for change in payload.get("changes", [])
    ]


def _shown(name: str, words: str, full: bool) -> str:
    return words if full else register.masked(name, words)


def _records(item: NationalItem) -> list[dict]:
    states = dict(ItemState.choices)
    return [
        {"at": record.at, "state": states[record.to_state], "by": record.by, "opinion": record.opinion}
        for record in transitions.history(item).select_related("by").order_by("-id")
    ]


def _waiting_like(request: HttpRequest, item: NationalItem):
    return NationalItem.objects.for_user(request.user).filter(kind=item.kind, state__in=WAITING)


def _place(request: HttpRequest, item: NationalItem) -> dict:
    """Which of those that wait it is, and its neighbours."""
    waiting = _waiting_like(request, item)
    before = waiting.filter(pk__lt=item.pk).order_by("-pk").only("uuid").first()
    after = waiting.filter(pk__gt=item.pk).order_by("pk").only("uuid").first()
    return {"left": waiting.count(), "before": before, "after": after}


def _was_taken(request: HttpRequest, item: NationalItem) -> bool:
    """Within the half hour, in this session and this duty."""
    mark = request.session.get(SESSION_KEY, {}).get(str(item.uuid))
    if mark is None or mark["duty"] != request.user.acting.pk:
        return False
    return timezone.now() - datetime.datetime.fromisoformat(mark["at"]) < SHOWN_FOR


def _take(request: HttpRequest, item: NationalItem) -> None:
    national.reveal_item(item, by=request.user)
    taken = dict(list(request.session.get(SESSION_KEY, {}).items())[-20:])
    taken[str(item.uuid)] = {"at": timezone.now().isoformat(), "duty": request.user.acting.pk}
    request.session[SESSION_KEY] = taken


@needs("national.pull")
@require_POST
def national_take(request: HttpRequest, uuid) -> HttpResponse:
    """Gives the item out to this person, and shows its numbers in full."""
    item = _item(request, uuid)
    with refusals_as_messages(request):
        _take(request, item)
    return redirect("screening:national-item", uuid)


@needs("national.answer")
@require_POST
def national_answer(request: HttpRequest, uuid) -> HttpResponse:
    """已标注/已录入 with the number, or refused with the reason; then the next one that waits."""
    item = _item(request, uuid)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _item_page(request, item, form)
    try:
        acknowledgements.record_answers([form.answer(item)], by=request.user)
    except TransitionRefused as error:
        return _not_taken(request, item, form, error.message)
    forget_badge(request.user)
    done = "系统退回，已登记" if form.cleaned_data["outcome"] == "refused" else "已登记"
    messages.success(request, f"{item.case.household}{item.get_kind_display()}{done}。")
    return _next(request, item)


def _not_taken(request: HttpRequest, item: NationalItem, form: AnswerForm, message: str) -> HttpResponse:
    """Beside the field while it can be mended; where somebody else has answered, the page of today."""
    item.refresh_from_db()
    if item.state != ItemState.OFFERED:
        messages.error(request, message)
        return redirect("screening:national-item", item.uuid)
    form.add_error("national_number" if form.cleaned_data["outcome"] == "done" else "error", message)
    return _item_page(request, item, form)


def _next(request: HttpRequest, item: NationalItem) -> HttpResponse:
    waiting = _waiting_like(request, item).select_related("case__household").order_by("pk")
    following = waiting.filter(pk__gt=item.pk).first() or waiting.first()
    if following is None or not request.user.may("national.pull"):
        return redirect(lists.address(kind=item.kind))
    _take(request, following)
    return redirect("screening:national-item", following.uuid)


@needs("national.correct")
@require_POST
def national_correct(request: HttpRequest, uuid) -> HttpResponse:
    """A refused item is mended and goes out again."""
    item = _item(request, uuid)
    form = CorrectForm(request.POST)
    words = form.cleaned_data["words"] if form.is_valid() else ""
    with refusals_as_messages(request):
        national.correct_items(
            NationalItem.objects.for_user(request.user).filter(pk=item.pk), by=request.user, words=words
        )
        forget_badge(request.user)
        messages.success(request, "已重新列入待办，将以户册现在的内容标注录入。")
    return redirect("screening:national-item", uuid)


# --- workbooks of answers -------------------------------------------------------------------------------


@needs("national.answer")
def national_answers_in(request: HttpRequest) -> HttpResponse:
    """Uploads the workbook that went out, filled with numbers and reasons."""
    form = SheetForm(request.POST, request.FILES) if request.method == "POST" else SheetForm()
    if sheet := receive_posted(form, answer_workbook.record_answers, by=request.user):
        forget_badge(request.user)
        return redirect("screening:national-sheet", sheet.uuid)
    sheets = AnswerSheet.objects.for_user(request.user).defer("faults")
    shown = page(request, sheets.select_related("by"), ("-id",), size=20, counted=sheets)
    context = {"form": form, "page": shown, "list_url": reverse("screening:national-list")}
    return render(
        request, "screening/national/national_answers.html", context, status=422 if form.errors else 200
    )


def _sheet(request: HttpRequest, uuid) -> AnswerSheet:
    return get_object_or_404(AnswerSheet.objects.for_user(request.user).select_related("by"), uuid=uuid)


@needs("national.answer")
def national_sheet(request: HttpRequest, uuid) -> HttpResponse:
    sheet = _sheet(request, uuid)
    result = sheet.result
    words = answer_workbook.CODE_WORDS
    context = {
        "sheet": sheet,
        "figures": [
            {"number": result["acknowledged"], "unit": "户", "label": "系统已接收"},
            {"number": result["refused"], "unit": "户", "label": "系统退回"},
            {"number": result["unchanged"], "unit": "户", "label": "早已登记过"},
            {"number": result["empty"], "unit": "行", "label": "没有填回执"},
            {"number": result["returned"], "unit": "行", "label": "没有采用"},
        ],
        "faults": [
            {"row": row, "code": words.get(code, "填写有误"), "message": message}
            for row, code, message, _ in (sheet.faults or [])[:500]
        ],
    }
    return render(request, "screening/national/national_sheet.html", context)


@needs("national.answer")
def national_sheet_returned(request: HttpRequest, uuid) -> HttpResponse:
    sheet = _sheet(request, uuid)
    if not sheet.faults:
        raise Http404
    content = answer_workbook.returned_workbook(sheet, by=request.user)
    return attachment(content, f"没有采用的回执_{timezone.localdate():%Y%m%d}.xlsx")
