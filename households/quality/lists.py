"""The rows of one check as its page and its export show them."""

from dataclasses import dataclass

from django import forms
from django.db.models import CharField, QuerySet, Value
from django.http import QueryDict
from django.utils import timezone

from fangpin.common import exports
from households import quality
from households.forms import AreaFilter
from households.models import Household, KnownDoubt, Member
from households.quality import Check

ORDER = {True: ("household__village_id", "id"), False: ("village_id", "id")}


class DoubtFilter(AreaFilter):
    known = forms.BooleanField(label="看已核实无误的", required=False)


@dataclass(frozen=True)
class Doubt:
    """One row: who, what is recorded of him, and, of those marked as known, by whom."""

    row: Household | Member
    household: Household
    person: str
    words: str
    mark: KnownDoubt | None = None


def rows(check: Check, form: DoubtFilter, user) -> QuerySet:
    """What the filter lets through, in the reader's scope."""
    households = Household.objects.for_user(user)
    if not form.is_valid():
        return quality.doubts(check, quality.base(check, households.none()), timezone.localdate())
    if area := form.area():
        households = households.in_area(area)
    in_doubt = quality.doubts(
        check, quality.base(check, households), timezone.localdate(), known=form.cleaned_data["known"]
    )
    home = "household__" if check.is_of_member else ""
    return in_doubt.select_related(f"{home}village__parent", f"{home}hamlet")


def doubt_rows(check: Check, in_doubt: list, *, known: bool) -> list[Doubt]:
    marks = {}
    if known:
        subject = "member" if check.is_of_member else "household"
        marked = KnownDoubt.objects.filter(
            check_code=check.code, **{f"{subject}__in": [row.pk for row in in_doubt]}
        )
        marks = {getattr(mark, f"{subject}_id"): mark for mark in marked.select_related("by")}
    return [_doubt_row(check, row, marks.get(row.pk)) for row in in_doubt]


def _doubt_row(check: Check, row, mark: KnownDoubt | None) -> Doubt:
    household = row.household if check.is_of_member else row
    person = row.name if check.is_of_member else ""
    return Doubt(row, household, person, check.words(row.value), mark)


HEADINGS = (
    "疑点",
    "乡（镇）",
    "行政村",
    "自然屯",
    "户主",
    "户编号",
    "姓名",
    "登记的内容",
    "怎么办",
    "由谁更正",
)


def _check_of(params: QueryDict) -> Check:
    return quality.find(params.get("check", "")) or quality.checks()[0]


def _queryset(user, params: QueryDict) -> QuerySet:
    check = _check_of(params)
    in_doubt = rows(check, DoubtFilter(params, user=user), user)
    return in_doubt.annotate(check_code=Value(check.code, output_field=CharField())).order_by(
        *ORDER[check.is_of_member]
    )


def _row(row) -> tuple:
    check = quality.find(row.check_code)
    doubt = _doubt_row(check, row, None)
    household = doubt.household
    return (
        check.title,
        household.village.parent.short_name,
        household.village.short_name,
        household.hamlet.name if household.hamlet else "",
        household.head_name,
        household.number,
        doubt.person,
        doubt.words,
        check.remedy,
        check.mender.label,
    )


exports.register(
    exports.Export(
        name="registry-doubts",
        title="户册疑点",
        permission="registry.quality",
        headings=HEADINGS,
        queryset=_queryset,
        row=_row,
        text_columns=("户编号",),
    )
)
