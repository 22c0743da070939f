"""入户排查 written at the door: of a household of the registry, or of one that it has not yet."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from fangpin.accounts.badge import forget_badge
from fangpin.accounts.decorators import needs
from fangpin.accounts.models import Division
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from households.models import Household
from screening.field import entries as field
from screening.field import entry_rows as fieldrows
from screening.field import forms as field_forms
from screening.field import leads as offline
from screening.field.forms import HeadForm, IncomeForm, NewcomerForm
from screening.field.receiving import FieldConflict
from screening.field.sheet import Sheet
from screening.field.views.village import own_village, round_of
from screening.models import Round


@needs("field.enter")
@require_http_methods(["GET", "POST"])
def entry_new(request: HttpRequest, uuid, household) -> HttpResponse:
    """入户排查 of one household."""
    round = round_of(request, uuid)
    village = own_village(request, round)
    homes = Household.objects.for_user(request.user).select_related("hamlet")
    home = get_object_or_404(homes, uuid=household)
    context = household_facts(home, round, request.user)
    return _entry_page(request, round, village, context, {"household": str(home.uuid)})


def household_facts(home: Household, round: Round, user: Actor) -> dict:
    """What a form of an entry shows of its household."""
    per_head, year = offline.income_of(home, round)
    return {
        "household": home,
        "last": fieldrows.last_entry(home, user),
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
                received = receive(request, round, village, head, income, sheet, whose)
            except FieldConflict as conflict:
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


def receive(request, round: Round, village: Division, head, income, sheet, whose: dict) -> field.Received:
    payload = {
        "round": str(round.uuid),
        "village": village.code,
        **whose,
        **head.payload(),
        **sheet.payload(),
        "income": income.payload(),
    }
    return field.receive_entry(payload, by=request.user)


def _after(request: HttpRequest, round: Round, village: Division, received: field.Received) -> HttpResponse:
    show_receipt(request, received)
    return redirect("screening:field-village", uuid=round.uuid, code=village.code)


def show_receipt(request: HttpRequest, received: field.Received, more: str = "") -> None:
    """The message of an entry that was received."""
    forget_badge(request.user)
    sentence = received.reply if received.is_new else f"这条记录已经收到过，没有重复记。{received.reply}"
    name = received.entry.household or received.entry.newcomer["name"]
    level = messages.warning if received.entry.attention else messages.success
    level(request, f"{name}：{sentence}{more}")
