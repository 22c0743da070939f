"""Sheets to take along: 排查确认单 of a hamlet (F10), 入户排查表 of each household with the questions of the
door (F9)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from fangpin.accounts.decorators import needs
from households.models import Hamlet
from screening.criteria import questionnaire
from screening.field import pages as fieldwork
from screening.field.sheet import Sheet
from screening.field.views.village import may_enter, round_of, village_of
from screening.models import FieldEntry, HamletSignOff

AT_THE_DOOR = (FieldEntry.Source.CADRE, FieldEntry.Source.HOUSEHOLD)
BLANK = 2  # sheets without a name, for whoever is not in the registry


@needs("field.view")
def hamlet_sheet(request: HttpRequest, uuid, pk: int) -> HttpResponse:
    """排查确认单: to take along, or to sign once the hamlet has been gone through."""
    round = round_of(request, uuid)
    hamlet = get_object_or_404(Hamlet.objects.select_related("village__parent"), pk=pk)
    village_of(request, round, hamlet.village_id)
    done = HamletSignOff.objects.for_user(request.user).filter(round=round, hamlet=hamlet).first()
    context = {
        "round": round,
        "hamlet": hamlet,
        "village": hamlet.village,
        "done": done,
        "titles": [criterion.question.title for criterion in questionnaire.asked()],
        "rows": fieldwork.sheet_rows(hamlet, round, request.user),
        "may_enter": may_enter(request.user, hamlet.village_id),
    }
    return render(request, "screening/field/hamlet_sheet.html", context)


@needs("field.view")
def door_sheets(request: HttpRequest, uuid, pk: int) -> HttpResponse:
    """入户排查表, A5, one a household of the hamlet and some without a name: filled in at the door, typed in
    afterwards. Names alone, no number."""
    round = round_of(request, uuid)
    hamlet = get_object_or_404(Hamlet.objects.select_related("village__parent"), pk=pk)
    village_of(request, round, hamlet.village_id)
    homes = fieldwork.sheet_homes(hamlet, request.user)
    context = {
        "round": round,
        "hamlet": hamlet,
        "village": hamlet.village,
        "sheet": Sheet(),
        "ways": FieldEntry.Way.labels,
        "sources": [source.label for source in AT_THE_DOOR],
        "may_enter": may_enter(request.user, hamlet.village_id),
        "sheets": [*enumerate(homes, start=1), *[(0, None)] * BLANK],
    }
    return render(request, "screening/field/door_sheets.html", context)
