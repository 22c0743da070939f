"""政策参数: what holds at a place and day, two versions side by side, the history of one parameter."""

import datetime
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from fangpin.accounts.decorators import needs
from fangpin.accounts.models import Division, Level
from fangpin.policy import revisions
from fangpin.policy.models import Policy, Revision
from fangpin.policy.parameters import PARAMETERS, Parameter, by_article, clause
from fangpin.policy.place_forms import CompareForm, PlaceForm
from fangpin.policy.services import CurrentRows, rows_at
from fangpin.policy.values import in_words


@needs("policy.view")
def parameter_list(request: HttpRequest) -> HttpResponse:
    user = request.user
    form = PlaceForm(request.GET, user=user)
    place, day = form.chosen()
    current = rows_at([place], day)[place.code]
    coming = Policy.objects.for_user(user).filter(
        division_id__in=[place.code, place.code[:2] + "0" * 10], holds_from__gt=day, key__in=PARAMETERS
    )
    context = {
        "form": form,
        "clear_url": reverse("policy:parameter-list"),
        "place": place,
        "is_county": place.level == Level.COUNTY,
        "day": day,
        "is_today": day == timezone.localdate(),
        "groups": _groups(current, list(coming.order_by("holds_from"))),
        "missing": any(current.row(key) is None for key in PARAMETERS),
        "may_draft": revisions.may_draft(user),
        "drafts": Revision.objects.for_user(user).drafts().count(),
    }
    return render(request, "policy/parameter_list.html", context)


def _groups(current: CurrentRows, coming: list[Policy]) -> list[dict]:
    return [
        {"title": title, "lines": [_line(current, coming, parameter) for parameter in parameters]}
        for title, parameters in by_article(PARAMETERS.values())
    ]


def _line(current: CurrentRows, coming: list[Policy], parameter) -> dict:
    row = current.row(parameter.key)
    own = current.own.get(parameter.key)
    is_own = own is not None and own.value is not None
    region = current.region.get(parameter.key)
    later = next((r for r in coming if r.key == parameter.key and _reaches(r, parameter, is_own)), None)
    return {
        "parameter": parameter,
        "clause": clause(parameter.article),
        "row": row,
        "words": in_words(parameter, row.value) if row else "没有规定",
        "is_own": is_own,
        "region_words": in_words(parameter, region.value) if is_own and region else "",
        "coming": later,
        "coming_words": in_words(parameter, later.value) if later else "",
    }


def _reaches(row: Policy, parameter, is_own: bool) -> bool:
    """Whether a row to come will change what holds: one of the region does not where the county has its
    own."""
    of_region = row.division_id[2:] == "0" * 10
    return not is_own if of_region else parameter.by_county


@needs("policy.view")
def parameter_compare(request: HttpRequest) -> HttpResponse:
    form = CompareForm(request.GET, user=request.user)
    context = {"form": form, "clear_url": reverse("policy:parameter-compare"), "may": form.is_valid()}
    if form.is_valid():
        chosen = form.cleaned_data
        left = _version(form.places[chosen["place"]], chosen["day"])
        right = _version(form.places[chosen["other_place"]], chosen["other_day"])
        lines = [
            _pair(left["rows"], right["rows"], PARAMETERS[key])
            for key in ([chosen["key"]] if chosen["key"] else PARAMETERS)
        ]
        context |= {
            "left": left,
            "right": right,
            "different": sum(line["differs"] for line in lines),
            "lines": [line for line in lines if line["differs"]] if chosen["differing"] else lines,
        }
    return render(request, "policy/parameter_compare.html", context)


def _version(place: Division, day: datetime.date) -> dict:
    return {"place": place, "day": day, "rows": rows_at([place], day)[place.code]}


def _pair(left: CurrentRows, right: CurrentRows, parameter) -> dict:
    rows = [left.row(parameter.key), right.row(parameter.key)]
    words = [in_words(parameter, row.value) if row else "没有规定" for row in rows]
    return {
        "parameter": parameter,
        "clause": clause(parameter.article),
        "sides": [{"row": row, "words": sentence} for row, sentence in zip(rows, words, strict=True)],
        "differs": words[0] != words[1],
    }


@needs("policy.view")
def parameter_history(request: HttpRequest, key: str) -> HttpResponse:
    if key not in PARAMETERS:
        raise Http404
    parameter = PARAMETERS[key]
    rows = list(
        Policy.objects.for_user(request.user)
        .filter(key=key)
        .select_related("division", "revision__released_by")
        .order_by("division_id", "-holds_from")
    )
    context = {
        "parameter": parameter,
        "clause": clause(parameter.article),
        "rows": _history_rows(rows, parameter),
    }
    return render(request, "policy/parameter_history.html", context)


@dataclass(frozen=True)
class HistoryRow:
    """A released value, in words, and whether it holds today."""

    policy: Policy
    words: str
    state: str


def _history_rows(rows: list[Policy], parameter: Parameter) -> list[HistoryRow]:
    """`rows` come place by place, the latest day first."""
    today, seen, history = timezone.localdate(), set(), []
    for row in rows:
        state = "待施行" if row.holds_from > today else "已被替代" if row.division_id in seen else "施行中"
        if row.holds_from <= today:
            seen.add(row.division_id)
        history.append(HistoryRow(row, in_words(parameter, row.value), state))
    return history
