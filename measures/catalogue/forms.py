"""A new version of a type: only what its maker may change."""

from collections.abc import Sequence
from decimal import Decimal

from django import forms
from django.utils import timezone

from fangpin.accounts.models import DEPARTMENTS, Level
from fangpin.common.actor import Actor
from fangpin.common.values.money import typed_yuan
from fangpin.common.web.forms import YuanField
from measures.models import CeilingKind, MeasureType


class StandardForm(forms.Form):
    name = forms.CharField(label="名称", max_length=60)
    holds_from = forms.DateField(
        label="施行日期", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    ends_on = forms.DateField(
        label="停止施行",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="继续施行的不填",
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

    def __init__(self, data=None, *, row: MeasureType, user: Actor, versions: Sequence[MeasureType] = ()):
        """Begins from what the place has released last, so that a new version loses nothing by silence."""
        self.is_region = user.acting.division.level == Level.REGION
        own = [v for v in versions if v.released_at and v.division_id == user.acting.division_id]
        latest = max(own, key=lambda version: version.holds_from, default=None)
        initial = {"holds_from": timezone.localdate(), "department": row.department, "name": row.name}
        if latest is not None:
            initial |= {
                "name": latest.name,
                "department": latest.department,
                "cap": typed_yuan(latest.cap),
                "ceiling_kind": latest.ceiling_kind,
                "ceiling": typed_yuan(latest.ceiling),
                "ceiling_rate": Decimal(latest.ceiling_rate) / 100 if latest.ceiling_rate else None,
            }
        super().__init__(data, initial=initial)
        if not self.is_region:
            del self.fields["name"], self.fields["ends_on"]
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
        } | {name: given[name] for name in ("cap", "name", "ends_on") if name in given}
