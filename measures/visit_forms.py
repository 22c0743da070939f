"""Forms of follow-up: a visit at the door, filters of the lists."""

import uuid

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from households.codelists import Category
from households.followers import without_follower
from households.forms import AreaFilter
from households.models import Case, Household
from measures import visits
from measures.measure_forms import YuanField
from measures.models import Arrived, Seen, Visit
from measures.release_forms import names
from screening import criteria


class VisitForm(forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput)
    on = forms.DateField(label="走访日期", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    way = forms.ChoiceField(label="方式", choices=Visit.Way.choices)
    visitors = forms.CharField(label="走访人", max_length=120, help_text="几个人用顿号隔开")
    spoke_with = forms.CharField(label="见到谁", max_length=40, required=False)
    words = forms.CharField(
        label="情况和问题",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "list": "phrases"}),
    )
    wishes = forms.CharField(label="农户诉求", max_length=300, required=False)
    new_risk = forms.CharField(label="新的风险（没有就不填）", max_length=300, required=False)
    wages = YuanField(label="务工收入（元/年）", required=False)
    business = YuanField(label="种养经营收入（元/年）", required=False)
    costs = YuanField(label="经营支出（元/年）", required=False)
    transfers = YuanField(label="补贴、低保、养老金（元/年）", required=False)
    property_income = YuanField(label="分红、租金（元/年）", required=False)
    heads = forms.IntegerField(label="一起生活的人", min_value=1, max_value=30, required=False)
    photos = forms.FileField(label="照片", required=False)

    ESTIMATE = ("wages", "business", "costs", "transfers", "property_income", "heads")

    def __init__(self, data=None, files=None, *, household: Household, case: Case | None, user):
        initial = {
            "key": uuid.uuid4(),
            "on": timezone.localdate(),
            "way": Visit.Way.DOOR,
            "visitors": user.name,
            "spoke_with": household.head_name,
            "heads": household.size,
        }
        super().__init__(data, files, initial=initial)
        self.risks, self.measures = visits.to_tell(case)
        for risk in self.risks:
            risk.subject = criteria.subcriteria()[risk.subcriterion]
            self.fields[f"risk-{risk.pk}"] = forms.ChoiceField(
                label=f"{risk.subject.tag}现在怎样", choices=Seen.choices, widget=forms.RadioSelect
            )
            self.fields[f"riskwords-{risk.pk}"] = forms.CharField(
                label="说明", max_length=200, required=False
            )
        for measure in self.measures:
            self.fields[f"measure-{measure.pk}"] = forms.ChoiceField(
                label=f"{measure.type.name}到户没有", choices=Arrived.choices, widget=forms.RadioSelect
            )
        for code, label in visits.GUARANTEES.items():
            self.fields[f"secured-{code}"] = forms.BooleanField(
                label=f"{label}有保障", required=False, initial=True
            )

    def plain_fields(self) -> list:
        return [self[name] for name in ("on", "way", "visitors", "spoke_with")]

    def risk_fields(self) -> list[tuple]:
        return [(self[f"risk-{risk.pk}"], self[f"riskwords-{risk.pk}"]) for risk in self.risks]

    def measure_fields(self) -> list:
        return [self[f"measure-{measure.pk}"] for measure in self.measures]

    def secured_fields(self) -> list:
        return [self[f"secured-{code}"] for code in visits.GUARANTEES]

    def estimate_fields(self) -> list:
        return [self[name] for name in self.ESTIMATE]

    def told(self) -> dict:
        """What `visits.record` takes."""
        given = self.cleaned_data
        estimate = {name: given[name] for name in self.ESTIMATE if given[name]}
        return {
            "key": given["key"], "on": given["on"], "way": given["way"], "visitors": names(given["visitors"]),
            "spoke_with": given["spoke_with"], "words": given["words"], "wishes": given["wishes"],
            "new_risk": given["new_risk"], "estimate": estimate if len(estimate) > 1 else {},
            "risks": {r: (given[f"risk-{r.pk}"], given[f"riskwords-{r.pk}"]) for r in self.risks},
            "measures": {m: (given[f"measure-{m.pk}"], "") for m in self.measures},
            "secured": {code: given[f"secured-{code}"] for code in visits.GUARANTEES},
        }  # fmt: skip


class FollowFilter(AreaFilter):
    category = forms.ChoiceField(label="类别", choices=[("", "全部"), *Category.choices], required=False)
    which = forms.ChoiceField(
        label="看",
        required=False,
        choices=[
            ("", "全部在跟踪的"),
            ("mine", "我跟踪的"),
            ("late", "走访超期"),
            ("missing", "没有跟踪责任人"),
        ],
    )

    def __init__(self, params, *, user):
        super().__init__(params, user=user)
        self.user = user

    def narrow(self, cases: QuerySet[Case]) -> QuerySet[Case]:
        if not self.is_valid():
            return cases.none()
        chosen = self.cleaned_data
        cases = cases.open()
        if area := self.area():
            cases = cases.in_area(area)
        if chosen["category"]:
            cases = cases.filter(category=chosen["category"])
        if chosen["which"] == "mine":
            cases = cases.filter(followers__user=self.user.pk, followers__ends_on=None)
        elif chosen["which"] == "late":
            cases = visits.overdue(cases, visits.interval(self.user))
        elif chosen["which"] == "missing":
            cases = without_follower(cases)
        return cases


class VisitFilter(AreaFilter):
    since = forms.DateField(
        label="从", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    until = forms.DateField(
        label="到", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def narrow(self, found: QuerySet[Visit]) -> QuerySet[Visit]:
        if not self.is_valid():
            return found.none()
        chosen = self.cleaned_data
        if area := self.area():
            found = found.in_area(area)
        if chosen["since"]:
            found = found.filter(on__gte=chosen["since"])
        if chosen["until"]:
            found = found.filter(on__lte=chosen["until"])
        return found
