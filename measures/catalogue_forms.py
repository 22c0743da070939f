"""A new version of a type: only what its maker may change."""

from decimal import Decimal

from django import forms
from django.utils import timezone

from fangpin.accounts.models import DEPARTMENTS, Level
from measures.measure_forms import YuanField
from measures.models import CeilingKind, MeasureType


class StandardForm(forms.Form):
    holds_from = forms.DateField(
        label="施行日期", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    document = forms.CharField(label="依据文号", max_length=80)
    department = forms.ChoiceField(label="承办部门", choices=list(DEPARTMENTS.items()))
    cap = YuanField(label="标准（元）", required=False)
    ceiling_kind = forms.ChoiceField(
        label="脱贫户标准的口径（边缘户特殊救助按它封顶）", choices=CeilingKind.choices, required=False
    )
    ceiling = YuanField(label="脱贫户标准金额（元）", required=False)
    ceiling_rate = forms.DecimalField(
        label="脱贫户标准比例（%）",
        required=False,
        min_value=Decimal("0.01"),
        max_value=Decimal(100),
        decimal_places=2,
    )

    def __init__(self, data=None, *, row: MeasureType, user):
        initial = {"holds_from": timezone.localdate(), "department": row.department}
        super().__init__(data, initial=initial)
        self.is_region = user.acting.division.level == Level.REGION
        if row.cap_key:
            del self.fields["cap"]
            self.cap_note = "上限由办法规定，在政策参数中调整"

    def changes(self) -> dict:
        given = self.cleaned_data
        rate = given.get("ceiling_rate")
        return {
            "department": given["department"],
            "ceiling_kind": given["ceiling_kind"],
            "ceiling": given["ceiling"],
            "ceiling_rate": int(rate * 100) if rate is not None else None,
        } | ({"cap": given["cap"]} if "cap" in given else {})
