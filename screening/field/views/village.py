"""线下排查 (Art. 7(2)1) of a village: its hamlets, which household next, the sign-off; progress above it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.accounts.models import Division, Level
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from households.models import Hamlet, Household
from screening.field import forms as field_forms
from screening.field import hamlets, progress
from screening.field import pages as fieldwork
from screening.field.forms import SignOffForm
from screening.field.receiving import FieldConflict
from screening.models import HamletSignOff, Round

PICKED = 40  # households listed at once


@needs("field.view")
def field_home(request: HttpRequest) -> HttpResponse:
    """The round's field work: a village sees its hamlets, whoever is above it how far they are."""
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


def may_enter(user: Actor, code: str) -> bool:
    return user.may("field.enter") and user.acting.division_id == code


@needs("field.view")
def field_progress(request: HttpRequest, uuid) -> HttpResponse:
    round, user = round_of(request, uuid), request.user
    if user.acting.division.level == Level.VILLAGE:
        return redirect("screening:field-village", uuid=uuid, code=user.acting.division_id)
    area = user.acting.division
    if code := request.GET.get("township", ""):
        area = get_object_or_404(Division.objects.for_user(user).filter(level=Level.TOWNSHIP), code=code)
    lines = progress.by_place(round, user, area=area)
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
        "reminder": progress.reminder(lines, round)
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
    """Which household: by hamlet, or by a word. Posted, so that no ID number gets into an address."""
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
    rows = list(households.order_by("hamlet_id", "head_name", "id")[: PICKED + 1])
    asked = fieldwork.asked_households(rows, round, request.user)
    context = {
        "round": round,
        "village": village,
        "hamlets": hamlets,
        "hamlet": hamlet,
        "text": text,
        "rows": [(home, home.pk in asked) for home in rows[:PICKED]],
        "more": len(rows) > PICKED,
    }
    return render(request, "screening/field/field_pick.html", context)


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
                hamlets.sign_off_hamlet(form.payload(round, hamlet), by=request.user)
            except Refused as refused:
                error, status = refused.message, 409 if isinstance(refused, FieldConflict) else 422
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
