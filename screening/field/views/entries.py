"""线下排查 (Art. 7(2)1): the village by hamlets, entries at the door, sign-off; progress above; what needs a
person."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.accounts.models import Division, Level
from fangpin.accounts.roles import Role
from fangpin.common import audit
from fangpin.common.files import private_files
from fangpin.common.refusals import Refused
from fangpin.common.transitions import history
from fangpin.common.web.downloads import attachment
from fangpin.common.web.paging import page
from households.models import Hamlet, Household
from screening.field import entries as field
from screening.field import forms as field_forms
from screening.field import leads as offline
from screening.field import pages as fieldwork
from screening.field.forms import HeadForm, IncomeForm, NewcomerForm, SettleForm, Sheet, SignOffForm
from screening.models import EntryPhoto, EntryState, FieldEntry, HamletSignOff, Round

FOUND = 40


@needs("field.view")
def field_home(request: HttpRequest) -> HttpResponse:
    """The round's field work: a village sees its hamlets, whoever stands above sees how far they are."""
    user = request.user
    round = fieldwork.newest_round(user)
    if round is None:
        return render(request, "screening/field/field_progress.html", {"round": None, "lines": []})
    if user.acting.division.level == Level.VILLAGE:
        return redirect("screening:field-village", uuid=round.uuid, code=user.acting.division_id)
    return redirect("screening:field-progress", uuid=round.uuid)


def round_of(request: HttpRequest, uuid) -> Round:
    return get_object_or_404(Round.objects.for_user(request.user).select_related("county"), uuid=uuid)


def village_of(request: HttpRequest, round: Round, code: str) -> Division:
    """A village of the round's county, in the reader's own area."""
    villages = Division.objects.for_user(request.user).within(round.county).filter(level=Level.VILLAGE)
    return get_object_or_404(villages.select_related("parent"), code=code)


def own_village(request: HttpRequest, round: Round) -> Division:
    """Where the cadre enters: the village of his duty."""
    village = request.user.acting.division
    if village.level != Level.VILLAGE or round.county_id != village.county_code:
        raise PermissionDenied
    return village


def may_enter(user, code: str) -> bool:
    return user.may("field.enter") and user.acting.division_id == code


@needs("field.view")
def field_progress(request: HttpRequest, uuid) -> HttpResponse:
    round, user = round_of(request, uuid), request.user
    if user.acting.division.level == Level.VILLAGE:
        return redirect("screening:field-village", uuid=uuid, code=user.acting.division_id)
    area = user.acting.division
    if code := request.GET.get("township", ""):
        area = get_object_or_404(Division.objects.for_user(user).filter(level=Level.TOWNSHIP), code=code)
    lines = fieldwork.progress(round, user, area=area)
    context = {
        "round": round,
        "rounds": Round.objects.for_user(user).order_by("-year", "-quarter")[:12],
        "lines": lines,
        "area": area,
        "by_township": area.level == Level.COUNTY,
        "is_part": area != user.acting.division,
        "total": {
            name: sum(getattr(line, name) for line in lines)
            for name in ("hamlets", "signed", "open", "households", "attention")
        },
        "reminder": fieldwork.reminder(lines, round)
        if user.may("field.settle") and round.is_sweepable
        else "",
    }
    return render(request, "screening/field/field_progress.html", context)


@needs("field.view")
def field_village(request: HttpRequest, uuid, code: str) -> HttpResponse:
    """One village by hamlets: which are signed off, which households have something."""
    round = round_of(request, uuid)
    village = village_of(request, round, code)
    cards = fieldwork.hamlets_of(village, round, request.user)
    hamlets = [card for card in cards if card.hamlet]
    context = {
        "round": round,
        "village": village,
        "cards": cards,
        "hamlets": len(hamlets),
        "signed": sum(card.signed is not None for card in hamlets),
        "may_enter": may_enter(request.user, code),
    }
    return render(request, "screening/field/field_village.html", context)


@needs("field.enter")
@require_http_methods(["GET", "POST"])
def household_pick(request: HttpRequest, uuid) -> HttpResponse:
    """Which household: by hamlet, or by a word. Posted, so that an ID number stands in no address."""
    round = round_of(request, uuid)
    village = own_village(request, round)
    hamlets = list(Hamlet.objects.filter(village=village).order_by("name", "pk"))
    hamlet = next((h for h in hamlets if str(h.pk) == request.GET.get("hamlet")), None)
    households = Household.objects.for_user(request.user).current().filter(village=village)
    households = households.select_related("hamlet")
    text = request.POST.get("q", "").strip()[:60]
    if text:
        households = households.search(text)
    elif hamlet:
        households = households.filter(hamlet=hamlet)
    rows = list(households.order_by("hamlet_id", "head_name", "id")[: FOUND + 1])
    fieldwork.mark_asked(rows, round, request.user)
    context = {
        "round": round,
        "village": village,
        "hamlets": hamlets,
        "hamlet": hamlet,
        "text": text,
        "households": rows[:FOUND],
        "more": len(rows) > FOUND,
    }
    return render(request, "screening/field/field_pick.html", context)


@needs("field.enter")
@require_http_methods(["GET", "POST"])
def entry_new(request: HttpRequest, uuid, household) -> HttpResponse:
    """入户排查 of one household."""
    round = round_of(request, uuid)
    village = own_village(request, round)
    homes = Household.objects.for_user(request.user).select_related("hamlet")
    home = get_object_or_404(homes, uuid=household)
    context = told_of(home, round, request.user)
    return _entry_page(request, round, village, context, {"household": str(home.uuid)})


def told_of(home: Household, round: Round, user) -> dict:
    """What a form of an entry shows of its household."""
    per_head, year = offline.income_of(home, round)
    return {
        "household": home,
        "last": fieldwork.last_entry(home, user),
        "members": field_forms.people(home),
        "per_head": per_head,
        "income_year": year,
        "line": round.parameters["income.line"],
    }


@needs("field.enter")
@require_http_methods(["GET", "POST"])
def entry_newcomer(request: HttpRequest, uuid) -> HttpResponse:
    """A household found at the door that the registry has not."""
    round = round_of(request, uuid)
    village = own_village(request, round)
    form = NewcomerForm(request.POST if request.method == "POST" else None, prefix="new")
    context = {"newcomer": form, "line": round.parameters["income.line"]}
    if request.method == "POST" and not form.is_valid():
        return _entry_page(request, round, village, context, None)
    return _entry_page(
        request, round, village, context, {"newcomer": form.payload()} if form.is_bound else {}
    )


def _entry_page(request: HttpRequest, round: Round, village: Division, context: dict, whose: dict | None):
    """The form, or what became of it. `whose` names the household in the payload; None where it is not
    known."""
    posted = request.POST if request.method == "POST" else None
    home = context.get("household")
    head = HeadForm(posted, initial=field_forms.blank_head(request.user, home))
    income, sheet = IncomeForm(posted, initial={"heads": home.size if home else None}), Sheet(posted)
    error, status = "", 200
    if posted is not None:
        status = 422
        if all([head.is_valid(), income.is_valid(), whose is not None]):
            try:
                received = take(request, round, village, head, income, sheet, whose)
            except field.FieldConflict as conflict:
                error, status = conflict.message, 409
            except Refused as refused:
                error = refused.message
            else:
                return _after(request, round, village, received)
    context |= {
        "round": round,
        "village": village,
        "head": head,
        "income": income,
        "sheet": sheet,
        "error": error,
        "form_errors": status == 422 and not error,
        "phrases": field_forms.PHRASES,
        "writer": f"{request.user.name}（{request.user.acting.role_label}）",
    }
    return render(request, "screening/field/field_entry.html", context, status=status)


def take(request, round: Round, village: Division, head, income, sheet, whose: dict) -> field.Received:
    payload = {
        "round": str(round.uuid),
        "village": village.code,
        **whose,
        **head.payload(),
        **sheet.payload(),
        "income": income.payload(),
    }
    return field.take_entry(payload, by=request.user)


def _after(request: HttpRequest, round: Round, village: Division, received: field.Received) -> HttpResponse:
    tell(request, received)
    return redirect("screening:field-village", uuid=round.uuid, code=village.code)


def tell(request: HttpRequest, received: field.Received, more: str = "") -> None:
    """The message of an entry that was taken in."""
    forget_badge(request.user)
    told = received.reply if received.is_new else f"这条记录已经收到过，没有重复记。{received.reply}"
    name = received.entry.household or received.entry.newcomer["name"]
    level = messages.warning if received.entry.attention else messages.success
    level(request, f"{name}：{told}{more}")


@needs("field.enter")
@require_http_methods(["GET", "POST"])
def hamlet_sign_off(request: HttpRequest, uuid, pk: int) -> HttpResponse:
    """本屯排查确认."""
    round = round_of(request, uuid)
    village = own_village(request, round)
    hamlet = get_object_or_404(Hamlet, village=village, pk=pk)
    initial = field_forms.blank_head(request.user, hamlet=hamlet)
    form = SignOffForm(
        request.POST if request.method == "POST" else None,
        initial=initial | {"on": initial["visited_on"], "participants": request.user.name},
    )
    error, status = "", 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                field.sign_off(form.payload(round, hamlet), by=request.user)
            except Refused as refused:
                error, status = refused.message, 409 if isinstance(refused, field.FieldConflict) else 422
            else:
                forget_badge(request.user)
                messages.success(request, f"{hamlet}已确认。")
                return redirect("screening:field-village", uuid=uuid, code=village.code)
    cards = fieldwork.hamlets_of(village, round, request.user)
    card = next(card for card in cards if card.hamlet == hamlet)
    done = HamletSignOff.objects.for_user(request.user).filter(round=round, hamlet=hamlet).first()
    context = {
        "round": round,
        "village": village,
        "hamlet": hamlet,
        "card": card,
        "form": form,
        "error": error,
        "done": done,
    }
    return render(request, "screening/field/field_sign_off.html", context, status=status)


# ---- Entries ----
STATES = (("", "全部"), *EntryState.choices)


@needs("field.view")
def entry_list(request: HttpRequest) -> HttpResponse:
    """入户排查记录; whoever settles them sees first what needs a person."""
    user = request.user
    chosen = fieldwork.EntryChoice(request.GET, user)
    entries = chosen.narrow(FieldEntry.objects.for_user(user))
    rows = page(request, fieldwork.shown(entries), ("-id",), counted=entries)
    rows.rows = fieldwork.dress(rows.rows, user)
    context = {
        "page": rows,
        "state": chosen.state,
        "states": STATES,
        "rounds": chosen.rounds,
        "chosen": chosen.round,
        "may_export": user.may("lead.export") and bool(rows.rows),
    }
    return render(request, "screening/field/entry_list.html", context)


def _entry(request: HttpRequest, uuid) -> FieldEntry:
    return get_object_or_404(fieldwork.shown(FieldEntry.objects.for_user(request.user)), uuid=uuid)


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
    proposed = fieldwork.same_name(entry, request.user) if needs_household else None
    initial = {"household": proposed.number} if proposed else None
    return SettleForm(data, user=request.user, needs_household=needs_household, initial=initial)


def _entry_detail(request: HttpRequest, entry: FieldEntry, form, *, error: str = "", status: int = 200):
    context = fieldwork.entry_context(entry, request.user) | {
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
    found = EntryPhoto.objects.for_user(request.user).select_related("entry")
    photo = get_object_or_404(found, uuid=uuid)
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
    told = form.cleaned_data
    try:
        words = field.settle_entry(
            entry,
            by=request.user,
            words=told["words"],
            applies=told["outcome"] == "apply",
            household=told.get("household"),
        )
    except Refused as refused:
        return _entry_detail(request, entry, form, error=refused.message, status=422)
    forget_badge(request.user)
    messages.success(request, words)
    return redirect("screening:entry-detail", uuid=uuid)
