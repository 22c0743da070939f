"""Forms of follow-up: a visit at the door, filters of the lists."""

import datetime
import uuid

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from fangpin.accounts.models import Division, Level
from fangpin.accounts.roles import Role
from fangpin.common.actor import Actor
from fangpin.common.values.dates import months_after
from fangpin.common.web.forms import YuanField
from fangpin.common.web.photos import PhotosField, PhotosInput
from households.codelists import Category
from households.followers import without_follower
from households.forms import AreaFilter
from households.models import Case, Household
from measures.models import Arrived, Seen, Visit, VisitMeasure, VisitRisk
from measures.visits import follow_up, visits
from measures.words import names
from screening import criteria

PHRASES = (
    "家里一切都好",
    "药费减轻了，还在吃药",
    "房子修好了，住得踏实",
    "还没有找到活",
    "孩子已返校",
    "收成比去年好",
)
SECURED = (("yes", "有保障"), ("no", "没有保障"))


class VisitForm(forms.Form):
    """What a phone asks at the door: day, way, who; each open risk and measure; the rest may stay empty."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    on = forms.DateField(label="走访日期", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    way = forms.ChoiceField(label="方式", choices=Visit.Way.choices)
    visitors = forms.CharField(label="走访人", max_length=120, help_text="几个人用顿号隔开")
    spoke_with = forms.CharField(label="见到谁", max_length=40, required=False)
    words = forms.CharField(
        label="情况和问题",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "点话筒说话也可以"}),
    )
    wishes = forms.CharField(label="农户诉求", max_length=300, required=False)
    new_risk = forms.CharField(label="新的风险（没有就不填）", max_length=300, required=False)
    # What the household lives on in a year, roughly.
    wages = YuanField(label="务工收入（元/年）", required=False)
    business = YuanField(label="种养经营收入（元/年）", required=False)
    costs = YuanField(label="经营支出（元/年）", required=False)
    transfers = YuanField(label="补贴、低保、养老金（元/年）", required=False)
    property_income = YuanField(label="分红、租金（元/年）", required=False)
    heads = forms.IntegerField(label="一起生活的人", min_value=1, max_value=30, required=False)
    photos = PhotosField(
        label="照片（可不传）",
        required=False,
        widget=PhotosInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text="最多 6 张；照片里的位置信息会去掉。",
    )

    ESTIMATE = ("wages", "business", "costs", "transfers", "property_income", "heads")

    def __init__(
        self, data=None, files=None, *, household: Household, case: Case | None, user: Actor, subjects=None
    ):
        initial = {
            "key": uuid.uuid4(),
            "on": timezone.localdate(),
            "way": Visit.Way.DOOR,
            "visitors": user.name,
            "spoke_with": household.head_name,
            "heads": household.size,
        }
        super().__init__(data, files, initial=initial)
        self.risks, self.measures = visits.visit_subjects(case) if subjects is None else subjects
        for risk in self.risks:
            tag = criteria.subcriteria()[risk.subcriterion].tag
            self.fields[f"risk-{risk.pk}"] = forms.ChoiceField(
                label=f"{tag}现在怎样", choices=Seen.choices, widget=forms.RadioSelect
            )
            self.fields[f"riskwords-{risk.pk}"] = forms.CharField(
                label="说明", max_length=200, required=False
            )
        for measure in self.measures:
            self.fields[f"measure-{measure.pk}"] = forms.ChoiceField(
                label=f"{measure.type.name}到户没有", choices=Arrived.choices, widget=forms.RadioSelect
            )
            self.fields[f"measurewords-{measure.pk}"] = forms.CharField(
                label="说明", max_length=200, required=False
            )
        for code, label in visits.GUARANTEES.items():
            self.fields[f"secured-{code}"] = forms.ChoiceField(
                label=label, choices=SECURED, required=False, widget=forms.RadioSelect
            )

    def plain_fields(self) -> list:
        return [self[name] for name in ("on", "way", "visitors", "spoke_with")]

    def risk_fields(self) -> list[tuple]:
        return [(risk, self[f"risk-{risk.pk}"], self[f"riskwords-{risk.pk}"]) for risk in self.risks]

    def measure_fields(self) -> list[tuple]:
        return [
            (measure, self[f"measure-{measure.pk}"], self[f"measurewords-{measure.pk}"])
            for measure in self.measures
        ]

    def secured_fields(self) -> list:
        return [self[f"secured-{code}"] for code in visits.GUARANTEES]

    def estimate_fields(self) -> list:
        return [self[name] for name in self.ESTIMATE]

    def visit_values(self) -> dict:
        """The arguments of `visits.record_visit`."""
        given = self.cleaned_data
        estimate = {name: given[name] for name in self.ESTIMATE if given[name]}
        return {
            "key": given["key"],
            "on": given["on"],
            "way": given["way"],
            "visitors": names(given["visitors"]),
            "spoke_with": given["spoke_with"],
            "words": given["words"],
            "wishes": given["wishes"],
            "new_risk": given["new_risk"],
            "estimate": estimate if len(estimate) > 1 else {},
            "risks": {r: (given[f"risk-{r.pk}"], given[f"riskwords-{r.pk}"]) for r in self.risks},
            "measures": {m: (given[f"measure-{m.pk}"], given[f"measurewords-{m.pk}"]) for m in self.measures},
            "secured": {
                code: given[f"secured-{code}"] == "yes"
                for code in visits.GUARANTEES
                if given[f"secured-{code}"]
            },
            "photos": given["photos"],
        }


class FollowUpFilter(AreaFilter):
    """Open cases. A work-team member looks at his own unless he asks for the village's."""

    WHICH = {
        "": "全部在跟踪的",
        "mine": "我跟踪的",
        "late": "走访超期",
        "worse": "走访时风险加重",
        "gone": "走访时风险都已消除",
        "missing": "没有跟踪责任人",
        "unhelped": "脱贫监测户没有帮扶联系人",
        "teamless": "边缘户所在村没有工作队员",
    }
    OWN = {
        "": "我跟踪的",
        "all": "全部在跟踪的",
        "late": "走访超期",
        "worse": "走访时风险加重",
        "gone": "走访时风险都已消除",
    }

    category = forms.ChoiceField(label="类别", choices=[("", "全部"), *Category.choices], required=False)
    which = forms.ChoiceField(label="看", required=False)

    def __init__(self, params, *, user: Actor):
        super().__init__(params, user=user)
        self.user = user
        self.is_own = user.acting.role == Role.WORK_TEAM
        self.fields["which"].choices = list((self.OWN if self.is_own else self.WHICH).items())

    def narrow(self, cases: QuerySet[Case]) -> QuerySet[Case]:
        if not self.is_valid():
            return cases.none()
        chosen = self.cleaned_data
        if area := self.area():
            cases = cases.in_area(area)
        if chosen["category"]:
            cases = cases.filter(category=chosen["category"])
        narrowings = {
            "late": lambda: follow_up.overdue(cases, follow_up.interval(self.user)),
            "worse": lambda: follow_up.grown_worse(cases),
            "gone": lambda: follow_up.seen_gone(cases),
            "missing": lambda: without_follower(cases),
            "unhelped": lambda: follow_up.without_helper(cases),
            "teamless": lambda: follow_up.without_team(cases),
        }
        which = chosen["which"] or ("mine" if self.is_own else "all")
        if which == "mine":
            return cases.open().filter(followers__user=self.user.pk, followers__ends_on=None)
        return narrowings.get(which, cases.open)()


class VisitFilter(AreaFilter):
    which = forms.ChoiceField(
        label="看",
        required=False,
        choices=[("", "全部"), ("worse", "风险加重"), ("new", "发现新的风险"), ("no", "举措没有到户")],
    )
    since = forms.DateField(
        label="从", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    until = forms.DateField(
        label="到", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def narrow(self, own: QuerySet[Visit]) -> QuerySet[Visit]:
        if not self.is_valid():
            return own.none()
        chosen = self.cleaned_data
        if area := self.area():
            own = own.in_area(area)
        if chosen["since"]:
            own = own.filter(on__gte=chosen["since"])
        if chosen["until"]:
            own = own.filter(on__lte=chosen["until"])
        if chosen["which"] == "worse":
            own = own.filter(pk__in=VisitRisk.objects.filter(seen=Seen.WORSE).values("visit"))
        elif chosen["which"] == "new":
            own = own.filter(has_new_risk=True)
        elif chosen["which"] == "no":
            own = own.filter(pk__in=VisitMeasure.objects.filter(arrived=Arrived.NO).values("visit"))
        return own


class PapersFilter(AreaFilter):
    """Visits of a village and a month, to be printed."""

    MOST = 100

    month = forms.CharField(label="月份", required=False, widget=forms.TextInput(attrs={"type": "month"}))
    sheet = forms.ChoiceField(
        label="表式",
        required=False,
        choices=[("", "走访记录（一户一页）"), ("diary", "驻村日志（一月一表）")],
    )

    def __init__(self, params, *, user: Actor):
        super().__init__(params, user=user)
        self.data.setdefault("month", f"{timezone.localdate():%Y-%m}")

    def clean_month(self) -> datetime.date:
        try:
            return datetime.date.fromisoformat(f"{self.cleaned_data['month'][:7]}-01")
        except ValueError as error:
            raise forms.ValidationError("月份写成 2020-03 的样子。") from error

    def village(self, user: Actor) -> Division | None:
        """The one chosen, or the acting duty's own."""
        code = self.area() if self.is_valid() else ""
        villages = (
            Division.objects.for_user(user).filter(level=Level.VILLAGE).select_related("parent__parent")
        )
        return villages.filter(code=code or user.acting.division_id).first()

    def narrow(self, own: QuerySet[Visit], village: Division | None) -> QuerySet[Visit]:
        if village is None or not self.is_valid():
            return own.none()
        first = self.cleaned_data["month"]
        return own.in_area(village.code).filter(on__gte=first, on__lt=months_after(first, 1))
