"""Filters and forms of order sheets."""

from django import forms
from django.db.models import QuerySet

from fangpin.accounts.models import Department
from fangpin.accounts.roles import Role
from fangpin.common.actor import Actor
from households.forms import AreaFilter
from measures.models import LineState, OrderLine, OrderSheet, SheetState
from measures.orders import lines as order_lines
from screening import criteria


class SheetFilter(forms.Form):
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *SheetState.choices])
    department = forms.ChoiceField(label="部门", required=False)
    late = forms.BooleanField(label="只看超期", required=False)

    def __init__(self, data, *, user: Actor):
        super().__init__(data)
        if user.acting.role == Role.DEPARTMENT:
            del self.fields["department"]
            self.fields["state"].choices = [("", "全部"), ("issued", "已签发"), ("closed", "已办结")]
        else:
            self.fields["department"].choices = departments(user.acting.county_code)

    def narrow(self, sheets: QuerySet[OrderSheet]) -> QuerySet[OrderSheet]:
        if not self.is_valid():
            return sheets.none()
        chosen = self.cleaned_data
        if chosen["state"]:
            sheets = sheets.filter(state=chosen["state"])
        else:
            sheets = sheets.exclude(state=SheetState.DISCARDED)
        if chosen.get("department"):
            sheets = sheets.filter(department__code=chosen["department"])
        if chosen["late"]:
            late = order_lines.overdue(OrderLine.objects.all()).values("sheet")
            sheets = sheets.filter(pk__in=late)
        return sheets


def departments(county: str) -> list[tuple[str, str]]:
    own = Department.objects.filter(county_id=county).order_by("code")
    return [("", "全部"), *((each.code, each.name) for each in own)]


class LineFilter(AreaFilter):
    state = forms.ChoiceField(
        label="进展",
        required=False,
        choices=[("", "没办结的"), *[c for c in LineState.choices if c[0] != "draft"], ("all", "全部")],
    )
    department = forms.ChoiceField(label="部门", required=False)
    risk = forms.ChoiceField(label="风险", required=False)
    sheet = forms.CharField(required=False, widget=forms.HiddenInput)
    late = forms.BooleanField(label="只看超期", required=False)

    def __init__(self, params, *, user: Actor):
        super().__init__(params, user=user)
        if user.acting.role == Role.DEPARTMENT:
            del self.fields["department"]
        else:
            self.fields["department"].choices = departments(user.acting.county_code)
        self.fields["risk"].choices = [("", "全部"), *((c.code, c.label) for c in criteria.CRITERIA)]

    def narrow(self, lines: QuerySet[OrderLine]) -> QuerySet[OrderLine]:
        if not self.is_valid():
            return lines.none()
        chosen = self.cleaned_data
        if area := self.area():
            lines = lines.in_area(area)
        if not chosen["state"]:
            lines = lines.open()
        elif chosen["state"] != "all":
            lines = lines.filter(state=chosen["state"])
        if chosen.get("department"):
            lines = lines.filter(department__code=chosen["department"])
        if chosen["risk"]:
            lines = lines.filter(risk__subcriterion__startswith=f"{chosen['risk']}.")
        if chosen["sheet"]:
            lines = lines.filter(sheet__number=chosen["sheet"])
        if chosen["late"]:
            lines = order_lines.overdue(lines)
        return lines.exclude(state=LineState.DRAFT)


class SheetForm(forms.Form):
    number = forms.CharField(
        label="文号", max_length=60, help_text="例如 都扶领办〔2020〕5号；主任签发前须填写"
    )
    basis = forms.CharField(label="依据（会议纪要文号）", max_length=120, required=False)
    words = forms.CharField(
        label="要求", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class RiskForm(forms.Form):
    """Situations of Art. 7(1), each with a word on what it is."""

    def __init__(self, data=None):
        super().__init__(data)
        for code, subject in criteria.subcriteria().items():
            self.fields[f"on-{code}"] = forms.BooleanField(label=subject.label, required=False)
            self.fields[f"words-{code}"] = forms.CharField(
                label=f"{subject.tag}：具体情况", max_length=300, required=False
            )

    def pairs(self) -> list[tuple]:
        return [
            (self[f"on-{code}"], self[f"words-{code}"], subject)
            for code, subject in criteria.subcriteria().items()
        ]

    def clean(self):
        given = super().clean()
        if not any(given.get(f"on-{code}") for code in criteria.subcriteria()):
            raise forms.ValidationError("请至少选择一种风险情形。")
        return given

    def situations(self) -> dict[str, str]:
        return {
            code: self.cleaned_data[f"words-{code}"]
            for code in criteria.subcriteria()
            if self.cleaned_data[f"on-{code}"]
        }
