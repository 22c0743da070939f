"""举措目录: what there is, who may, up to how much; versions, drafts and county standards."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from fangpin.accounts import acting
from fangpin.accounts.decorators import needs
from fangpin.accounts.models import DEPARTMENTS, Level
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.web.refusals import refusals_as_messages
from fangpin.policy.parameters import clause
from measures.catalogue import drafts as catalogue_drafts
from measures.catalogue import types as catalogue
from measures.catalogue.forms import StandardForm
from measures.catalogue.types import CurrentType
from measures.models import MeasureType
from screening import criteria


@dataclass(frozen=True)
class TypeRow:
    """A type as it holds today; `also`: names of the other departments that may plan it."""

    type: CurrentType
    also: Sequence[str]
    clause: str
    tags: Sequence[str]


@dataclass(frozen=True)
class VersionRow:
    version: MeasureType
    department: str
    rate: str
    may_publish: bool


def _type_row(each: CurrentType) -> TypeRow:
    subcriteria = criteria.subcriteria()
    return TypeRow(
        each,
        [DEPARTMENTS.get(code, code) for code in each.departments[1:]],
        _clause(each.row),
        [subcriteria[code].tag for code in each.row.subcriteria if code in subcriteria],
    )


def _version_row(version: MeasureType, user: Actor) -> VersionRow:
    return VersionRow(
        version,
        DEPARTMENTS.get(version.department, version.department),
        f"{version.ceiling_rate / 100:g}%" if version.ceiling_rate else "",
        version.released_at is None
        and user.may("catalogue.release")
        and version.drafted_by_id != user.pk
        and version.division_id == user.acting.division_id,
    )


def _clause(row: MeasureType) -> str:
    return clause(row.article) if row.article else "一般政策"


def _by_department(types: Iterable[CurrentType]) -> list[tuple[str, list[TypeRow]]]:
    """(department in charge, its types), the departments in their fixed order, the types in that of the
    articles."""
    groups: dict[str, list[TypeRow]] = {code: [] for code in DEPARTMENTS}
    for each in types:
        groups.setdefault(each.department, []).append(_type_row(each))
    return [(DEPARTMENTS.get(code, code), rows) for code, rows in groups.items() if rows]


@needs("catalogue.view")
def catalogue_list(request: HttpRequest) -> HttpResponse:
    """By the department in charge, as it holds today where one acts."""
    user = request.user
    place = user.acting.division
    county = place if place.level in (Level.REGION, Level.CITY) else acting.county_of(user)
    types = catalogue.in_force(county)
    lacking = catalogue.areas_without_standard(county.pk) if county.level == Level.COUNTY else []
    drafts = (
        MeasureType.objects.for_user(user)
        .filter(released_at=None, division=place)
        .select_related("drafted_by")
    )
    context = {
        "groups": _by_department(types.values()),
        "county": county,
        "lacking": lacking,
        "drafts": drafts,
        "may_release": user.may("catalogue.release"),
        "may_draft": user.may("catalogue.draft"),
        "may_export": user.may("policy.view"),
    }
    return render(request, "measures/catalogue/catalogue_list.html", context)


@needs("catalogue.view")
@require_http_methods(["GET", "POST"])
def catalogue_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One type with all its versions; a new one is drafted here."""
    user = request.user
    versions = list(
        MeasureType.objects.for_user(user)
        .filter(code=code)
        .select_related("division", "released_by", "drafted_by")
        .order_by("division_id", "-holds_from", "-id")
    )
    row = catalogue_drafts.region_row(code, user.acting.division)
    if row is None:
        raise Http404
    may_draft = catalogue_drafts.may_draft(user, row)
    form = (
        StandardForm(
            request.POST if request.method == "POST" else None, row=row, user=user, versions=versions
        )
        if may_draft
        else None
    )
    if form is not None and form.is_bound and form.is_valid():
        try:
            catalogue_drafts.draft_version(
                code,
                by=user,
                holds_from=form.cleaned_data["holds_from"],
                document=form.cleaned_data["document"],
                changes=form.changes(),
            )
            messages.success(request, "草稿已保存，等另一人发布。")
            return redirect("measures:catalogue-detail", code)
        except Refused as error:
            form.add_error(None, error.message)
    context = {
        "row": row,
        "versions": [_version_row(version, user) for version in versions],
        "form": form,
        "clause": _clause(row),
    }
    return render(
        request,
        "measures/catalogue/catalogue_detail.html",
        context,
        status=422 if form and form.errors else 200,
    )


@needs("catalogue.release")
@require_POST
def catalogue_publish(request: HttpRequest, uuid) -> HttpResponse:
    draft = get_object_or_404(MeasureType.objects.for_user(request.user), uuid=uuid)
    with refusals_as_messages(request):
        catalogue_drafts.publish_version(draft, by=request.user)
        messages.success(request, f"{draft.name}的新版本已发布，{draft.holds_from} 起施行。")
    return redirect("measures:catalogue-detail", draft.code)


@needs("catalogue.draft")
@require_POST
def catalogue_discard(request: HttpRequest, uuid) -> HttpResponse:
    draft = get_object_or_404(MeasureType.objects.for_user(request.user), uuid=uuid)
    with refusals_as_messages(request):
        catalogue_drafts.discard_draft(draft, by=request.user)
        messages.success(request, "草稿已删除。")
    return redirect("measures:catalogue-list")
