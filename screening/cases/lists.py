"""防贫对象 listed: what the filter of the list means, what a row needs, and the time line of a case."""

from dataclasses import dataclass

from django import forms
from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from fangpin.common import exports
from fangpin.common.actor import Actor
from households.codelists import Category
from households.followers import without_follower
from households.forms import AreaFilter
from households.models import Case, CaseState, Follower, Lamp, Risk, RiskState
from screening import criteria

OPEN = "open"


class CaseFilter(AreaFilter):
    """Open cases unless another state is chosen."""

    category = forms.ChoiceField(label="类别", choices=[("", "全部"), *Category.choices], required=False)
    state = forms.ChoiceField(
        label="状态", choices=[("", "正在跟踪"), *CaseState.choices, ("all", "全部")], required=False
    )
    risk = forms.ChoiceField(label="风险", required=False)
    lamp = forms.ChoiceField(label="亮灯", choices=[("", "全部"), *Lamp.choices], required=False)
    follower = forms.ChoiceField(
        label="跟踪责任人",
        choices=[("", "全部"), ("missing", "没有或已离岗"), ("mine", "我跟踪的")],
        required=False,
    )
    origin = forms.ChoiceField(label="来源", choices=[("", "全部"), *Case.Origin.choices], required=False)

    def __init__(self, params, *, user: Actor):
        super().__init__(params, user=user)
        self.user = user
        self.fields["risk"].choices = [
            ("", "全部"),
            *((criterion.code, criterion.label) for criterion in criteria.CRITERIA),
        ]

    def narrow(self, cases: QuerySet[Case]) -> QuerySet[Case]:
        if not self.is_valid():
            return cases.none()
        chosen = self.cleaned_data
        if area := self.area():
            cases = cases.in_area(area)
        if not chosen["state"]:
            cases = cases.open()
        elif chosen["state"] != "all":
            cases = cases.filter(state=chosen["state"])
        for name in ("category", "origin"):
            if chosen[name]:
                cases = cases.filter(**{name: chosen[name]})
        if chosen["lamp"]:
            cases = cases.filter(household__lamp=chosen["lamp"])
        if chosen["risk"]:
            risks = Risk.objects.filter(case=OuterRef("pk"), state__in=Risk.CURRENT)
            cases = cases.filter(Exists(risks.filter(subcriterion__startswith=f"{chosen['risk']}.")))
        if chosen["follower"] == "missing":
            cases = without_follower(cases)
        elif chosen["follower"] == "mine":
            cases = cases.filter(followers__user=self.user.pk, followers__ends_on=None)
        return cases


def with_all(cases: QuerySet[Case]) -> QuerySet[Case]:
    """With what `case_row` reads: place, open and proposed risks, and the current follower."""
    followers = Follower.objects.filter(ends_on=None).select_related("user")
    risks = Risk.objects.filter(state__in=Risk.CURRENT).order_by("subcriterion")
    return cases.select_related(
        "household__village__parent", "household__hamlet", "agenda_item__meeting"
    ).prefetch_related(
        Prefetch("followers", followers, to_attr="current_followers"),
        Prefetch("risks", risks, to_attr="current_risks"),
    )


@dataclass(frozen=True)
class CaseRow:
    """A case as lists show it: its risks in words, who follows it now, the number of the minutes."""

    case: Case
    tags: list[str]
    follower: Follower | None
    document: str


def case_row(case: Case) -> CaseRow:
    """Of a case fetched `with_all`."""
    subjects = criteria.subcriteria()
    item = getattr(case, "agenda_item", None)
    return CaseRow(
        case,
        [
            subjects[risk.subcriterion].tag + ("（待核实）" if risk.state == RiskState.PROPOSED else "")
            for risk in case.current_risks
        ],
        next(iter(case.current_followers), None),
        item.meeting.document if item else "",
    )


# ---- Export ----
HEADINGS = (
    "户主",
    "人口",
    "乡（镇）",
    "行政村",
    "自然屯",
    "户编号",
    "类别",
    "状态",
    "灯",
    "风险",
    "来源",
    "认定日期",
    "纪要文号",
    "跟踪责任人",
    "跟踪起始",
)


def _queryset(user: Actor, params):
    cases = CaseFilter(params, user=user).narrow(Case.objects.for_user(user))
    return with_all(cases).order_by("household__village_id", "household_id", "id")


def _row(case: Case) -> tuple:
    row = case_row(case)
    home = case.household
    return (
        home.head_name,
        home.size,
        home.village.parent.short_name,
        home.village.short_name,
        home.hamlet.name if home.hamlet else "",
        home.number,
        case.get_category_display(),
        case.get_state_display(),
        home.get_lamp_display(),
        "、".join(row.tags) or case.risk_words,
        case.get_origin_display(),
        case.identified_on,
        row.document,
        row.follower.user.name if row.follower else "",
        row.follower.begins_on if row.follower else None,
    )


exports.register(
    exports.Export(
        name="cases",
        title="防贫对象",
        permission="case.export",
        headings=HEADINGS,
        queryset=_queryset,
        row=_row,
        text_columns=("户编号",),
        words=lambda user, params: exports.words_of(CaseFilter(params, user=user)),
    )
)
