"""Forms of a release: the village's evaluation, the township's review; filter of the list."""

import datetime

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from fangpin.common.web.forms import YuanField, day_field
from households.forms import AreaFilter
from households.models import Case, CaseState, Risk
from measures.models import Outcome
from measures.releases import releases
from measures.visits.visits import GUARANTEES
from screening import criteria


class EvaluationForm(forms.Form):
    on = day_field("评定日期")
    participants = forms.CharField(
        label="参加人", max_length=200, help_text="村“两委”干部、工作队员、群众代表等，用顿号隔开，至少三人"
    )
    words = forms.CharField(label="依据", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    per_head = YuanField(label="现在人均纯收入（元）", required=False)
    follower_words = forms.CharField(label="跟踪责任人意见", max_length=300, required=False)
    household_words = forms.CharField(label="户主意见", max_length=200, required=False)
    outcome = forms.ChoiceField(label="评定结果", choices=Outcome.choices, widget=forms.RadioSelect)
    paper = forms.FileField(label="签字评定表的照片", required=False)

    def __init__(self, data=None, files=None, *, case: Case):
        super().__init__(data, files)
        self.risks = list(case.risks.filter(state="open").order_by("subcriterion"))
        for risk in self.risks:
            subject = criteria.subcriteria()[risk.subcriterion]
            choices = [("gone", "已消除"), ("not", "没有消除")]
            self.fields[f"risk-{risk.pk}"] = forms.ChoiceField(
                label=subject.label, choices=choices, widget=forms.RadioSelect
            )
            self.fields[f"words-{risk.pk}"] = forms.CharField(
                label=f"{subject.tag}：现在情况", max_length=200, required=False
            )
        for code, label in GUARANTEES.items():
            self.fields[f"secured-{code}"] = forms.BooleanField(
                label=f"{label}有保障", required=False, initial=True
            )

    def pairs(self) -> list[tuple]:
        return [(risk, self[f"risk-{risk.pk}"], self[f"words-{risk.pk}"]) for risk in self.risks]

    def secured_fields(self) -> list:
        return [self[f"secured-{code}"] for code in GUARANTEES]

    def plain_fields(self) -> list:
        return [
            self[name] for name in ("on", "participants", "per_head", "follower_words", "household_words")
        ]

    def said(self) -> dict[Risk, tuple[bool, str]]:
        given = self.cleaned_data
        return {risk: (given[f"risk-{risk.pk}"] == "gone", given[f"words-{risk.pk}"]) for risk in self.risks}

    def secured(self) -> dict[str, bool]:
        return {code: self.cleaned_data[f"secured-{code}"] for code in GUARANTEES}


class ReviewForm(forms.Form):
    on = day_field("审核日期")
    way = forms.CharField(label="审核会议", max_length=60, initial="党政班子会")
    participants = forms.CharField(label="参加人", max_length=200)
    words = forms.CharField(label="意见", max_length=300, required=False)
    scan = forms.FileField(label="会议记录照片", required=False)


class ReleaseFilter(AreaFilter):
    stage = forms.ChoiceField(
        label="进展",
        required=False,
        choices=[
            ("", "全部在办的"),
            ("due", "期满待村评定"),
            ("evaluated", "村已评定"),
            ("reviewed", "乡已审核"),
            ("soon", "三个月内期满"),
            ("released", "已取消重点关注"),
        ],
    )

    def narrow(self, cases: QuerySet[Case]) -> QuerySet[Case]:
        if not self.is_valid():
            return cases.none()
        if area := self.area():
            cases = cases.in_area(area)
        stage, today = self.cleaned_data["stage"], timezone.localdate()
        if stage == "soon":
            soon = today + datetime.timedelta(days=92)
            return cases.filter(state=CaseState.ACTIVE, follow_until__gt=today, follow_until__lte=soon)
        if stage in ("evaluated", "reviewed", "released"):
            return cases.filter(state=stage)
        due = releases.cases_due(cases)
        if stage == "due":
            return due
        under_way = cases.filter(state__in=[CaseState.EVALUATED, CaseState.REVIEWED])
        return cases.filter(pk__in=due.values("pk")) | under_way
