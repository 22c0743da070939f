"""代录: the paper sheets of a hamlet (F9) typed in one household after another at a desk, with the keys
alone. Whoever was at the door (入户人) and whoever types (录入人) are both kept."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from fangpin.accounts.decorators import needs
from fangpin.common.refusals import Refused
from households.models import Hamlet, Household
from screening.field import forms as field_forms
from screening.field import pages as fieldwork
from screening.field.forms import HeadForm, IncomeForm
from screening.field.pages import SheetRow
from screening.field.receiving import FieldConflict
from screening.field.sheet import Sheet
from screening.field.views.village import own_village, round_of
from screening.field.views.writing import household_facts, receive, show_receipt
from screening.models import Round

# Typed once a hamlet. The session keeps them: names must not get into an address.
KEPT = ("visitors", "visited_on", "hamlet_head", "way")
SESSION_KEY = "typing"


@needs("field.enter")
@require_http_methods(["GET", "POST"])
def field_typing(request: HttpRequest, uuid, pk: int) -> HttpResponse:
    """The sheet of one household, numbered as printed: the one asked for, or the next without an entry."""
    round = round_of(request, uuid)
    village = own_village(request, round)
    hamlet = get_object_or_404(Hamlet.objects.select_related("village__parent"), village=village, pk=pk)
    rows = fieldwork.numbered_sheets(hamlet, round, request.user)
    context = {"round": round, "village": village, "hamlet": hamlet, "rows": rows}
    if request.method == "POST":
        return _save(request, context, _posted(request, rows))
    number = request.GET.get("n", "").strip()[:6]
    row = next((row for row in rows if str(row.number) == number), None)
    context["no_such"] = number if number and row is None else ""
    row = row or _next(rows)
    return _show(request, context, row.household if row else None)


def _posted(request: HttpRequest, rows: list[SheetRow]) -> Household:
    """By its key: numbers move where the registry changes meanwhile."""
    try:
        key = UUID(request.POST.get("household", ""))
    except ValueError:
        raise Http404 from None
    home = next((row.household for row in rows if row.household.uuid == key), None)
    return home or get_object_or_404(Household.objects.for_user(request.user), uuid=key)


def _next(rows: list[SheetRow], after: int = 0, *, done: Household | None = None) -> SheetRow | None:
    """The next sheet without an entry, `done` left out; at the end those that were passed over."""
    left = [row for row in rows if not row.was_asked and row.household != done]
    return next((row for row in left if row.number > after), left[0] if left else None)


def _row_of(home: Household | None, rows: list[SheetRow]) -> SheetRow | None:
    """None for a household that has left the hamlet meanwhile."""
    return next((row for row in rows if row.household == home), None)


def _save(request: HttpRequest, context: dict, home: Household) -> HttpResponse:
    round, village, hamlet = context["round"], context["village"], context["hamlet"]
    head, income, sheet = HeadForm(request.POST), IncomeForm(request.POST), Sheet(request.POST)
    context |= {"head": head, "income": income, "sheet": sheet}
    if not all([head.is_valid(), income.is_valid()]):
        return _show(request, context | {"form_errors": True}, home, status=422)
    try:
        received = receive(request, round, village, head, income, sheet, {"household": str(home.uuid)})
    except Refused as refused:
        status = 409 if isinstance(refused, FieldConflict) else 422
        return _show(request, context | {"refused": refused}, home, status=status)
    entry = received.entry
    request.session[SESSION_KEY] = {
        "of": _key(round, hamlet),
        **{name: head.payload()[name] for name in KEPT},
    }
    show_receipt(request, received, f"入户人 {entry.visitors}，录入人 {request.user.name}。")
    address = reverse("screening:field-typing", args=[round.uuid, hamlet.pk])
    row = _row_of(home, context["rows"])
    following = _next(context["rows"], row.number if row else 0, done=home)
    return redirect(f"{address}?n={following.number}" if following else address)


def _show(request: HttpRequest, context: dict, home: Household | None, *, status: int = 200) -> HttpResponse:
    rows = context["rows"]
    context |= {"done": sum(row.was_asked for row in rows), "keys": True}
    if home is not None:
        forms = {
            "head": HeadForm(initial=_initial(request, context["round"], context["hamlet"], home)),
            "income": IncomeForm(initial={"heads": home.size}),
            "sheet": Sheet(),
            "row": _row_of(home, rows),
        }
        context = household_facts(home, context["round"], request.user) | forms | context
    return render(request, "screening/field/field_typing.html", context, status=status)


def _key(round: Round, hamlet: Hamlet) -> str:
    return f"{round.uuid} {hamlet.pk}"


def _initial(request: HttpRequest, round: Round, hamlet: Hamlet, home: Household) -> dict:
    """Who was there and when is on the sheet: not proposed for the first, then as on the one before."""
    kept = request.session.get(SESSION_KEY, {})
    head = field_forms.blank_head(request.user, hamlet=hamlet)
    head |= {"spoken_with": home.head_name, "visitors": "", "visited_on": None}
    return head | ({name: kept[name] for name in KEPT} if kept.get("of") == _key(round, hamlet) else {})
