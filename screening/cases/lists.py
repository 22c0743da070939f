"""防贫对象 listed: what the filter of the list means, what a row needs, and the time line of a case."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from fangpin.common import exports
from fangpin.common.models import StatusRecord
from households.codelists import Category
from households.followers import without_follower
from households.forms import AreaFilter
from households.models import Case, CaseState, Follower, Lamp, Risk, RiskState
from screening import criteria
from screening.models import NationalItem

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

    def __init__(self, params, *, user):
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
    """With place, current risks and who follows."""
    followers = Follower.objects.filter(ends_on=None).select_related("user")
    risks = Risk.objects.filter(state__in=Risk.CURRENT).order_by("subcriterion")
    return cases.select_related(
        "household__village__parent", "household__hamlet", "agenda_item__meeting"
    ).prefetch_related(
        Prefetch("followers", followers, to_attr="standing_followers"),
        Prefetch("risks", risks, to_attr="standing_risks"),
    )


def dress(case: Case) -> Case:
    """Adds `tags` (risk words) and `follower` of a case fetched `with_all`."""
    case.tags = [
        criteria.subcriteria()[risk.subcriterion].tag
        + ("（待核实）" if risk.state == RiskState.PROPOSED else "")
        for risk in case.standing_risks
    ]
    case.follower = case.standing_followers[0] if case.standing_followers else None
    item = getattr(case, "agenda_item", None)
    case.document = item.meeting.document if item else ""
    return case


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


def _queryset(user, params):
    found = CaseFilter(params, user=user).narrow(Case.objects.for_user(user))
    return with_all(found).order_by("household__village_id", "household_id", "id")


def _row(case: Case) -> tuple:
    dress(case)
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
        "、".join(case.tags) or case.risk_words,
        case.get_origin_display(),
        case.identified_on,
        case.document,
        case.follower.user.name if case.follower else "",
        case.follower.begins_on if case.follower else None,
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


# ---- Time line ----
@dataclass(frozen=True)
class Step:
    at: datetime
    words: str
    by: str = ""
    opinion: str = ""


_ACTS = {
    ("households.case", "take_over"): "随 2019 年“回头看”和动态管理名单接收",
    ("households.case", "determine"): "县级审定，列为防贫对象",
    ("households.case", "revoke"): "认定作废",
    ("households.risk", "determine"): "审定时的风险",
    ("households.risk", "propose"): "新发现的风险，待核实",
    ("households.risk", "confirm"): "风险核实属实",
    ("households.risk", "dismiss"): "风险不属实或自己能解决",
    ("households.risk", "void"): "风险随认定作废",
}


def timeline(case: Case) -> list[Step]:
    """The latest first: states of the case, of its risks and of its items for the national system, and who
    followed."""
    risks = {risk.pk: criteria.subcriteria()[risk.subcriterion].tag for risk in case.risks.all()}
    items = {item.pk: item.get_kind_display() for item in NationalItem.objects.filter(case=case)}
    about = {"households.case": {case.pk: ""}, "households.risk": risks, "screening.nationalitem": items}
    steps = []
    for model, names in about.items():
        records = StatusRecord.objects.filter(model=model, object_id__in=names).select_related("by")
        steps += [_step(record, names[record.object_id]) for record in records]
    steps.sort(key=lambda step: step.at, reverse=True)
    return steps


def _step(record: StatusRecord, name: str) -> Step:
    if record.model == "screening.nationalitem":
        states = dict(NationalItem._meta.get_field("state").choices)
        words = f"全国系统{name}：{states.get(record.to_state, '')}"
    else:
        states = dict(CaseState.choices) | dict(RiskState.choices)
        told = _ACTS.get((record.model, record.transition)) or states.get(record.to_state, "")
        words = f"{told}：{name}" if name else told
    return Step(record.at, words, record.by.name if record.by else "", record.opinion)
