"""Filters and forms of sources. Each act's form carries a key: a form sent twice books once."""

import uuid

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from fangpin.common.actor import Actor
from fangpin.common.web.forms import AmountField, day_field
from funding.models import FundSource, Movement, MovementKind, SourceKind, SourceLevel
from measures.models import Kind, MeasureType
from measures.orders.forms import departments


class SourceFilter(forms.Form):
    year = forms.ChoiceField(label="年度", required=False)
    kind = forms.ChoiceField(label="资金种类", required=False, choices=[("", "全部"), *SourceKind.choices])
    closed = forms.BooleanField(label="包括已关闭的", required=False)

    def __init__(self, params, *, user: Actor):
        super().__init__(params)
        years = FundSource.objects.for_user(user).order_by("-year").values_list("year", flat=True).distinct()
        self.fields["year"].choices = [("", "全部"), *((str(year), f"{year} 年") for year in years)]

    def narrow(self, sources: QuerySet[FundSource]) -> QuerySet[FundSource]:
        if not self.is_valid():
            return sources.none()
        chosen = self.cleaned_data
        if chosen["year"]:
            sources = sources.filter(year=chosen["year"])
        if chosen["kind"]:
            sources = sources.filter(kind=chosen["kind"])
        return sources if chosen["closed"] else sources.open()


class MovementFilter(forms.Form):
    kind = forms.ChoiceField(label="变动", required=False, choices=[("", "全部"), *MovementKind.choices])
    month = forms.CharField(label="月份", required=False, widget=forms.TextInput(attrs={"type": "month"}))

    def narrow(self, movements: QuerySet[Movement]) -> QuerySet[Movement]:
        if not self.is_valid():
            return movements.none()
        chosen = self.cleaned_data
        if chosen["kind"]:
            movements = movements.filter(kind=chosen["kind"])
        year, _, month = chosen["month"].partition("-")
        if year.isdigit() and month.isdigit():
            movements = movements.filter(on__year=int(year), on__month=int(month))
        return movements


class Keyed(forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean_key(self) -> str:
        return str(self.cleaned_data["key"])


class SourceForm(Keyed):
    year = forms.IntegerField(label="年度", min_value=2020, max_value=2100)
    kind = forms.ChoiceField(label="资金种类", choices=SourceKind.choices)
    level = forms.ChoiceField(label="级次", choices=SourceLevel.choices)
    name = forms.CharField(label="名称", max_length=80, help_text="例如：2020年县级防贫资金")
    document = forms.CharField(label="指标文号（捐赠填协议号）", max_length=80)
    amount = AmountField(label="金额（元）")
    on = day_field("下达日期")
    department = forms.ChoiceField(label="限用部门", required=False)
    purpose = forms.CharField(
        label="用途", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    donor = forms.CharField(label="捐赠人（社会捐赠填写）", max_length=80, required=False)
    allowed_types = forms.MultipleChoiceField(
        label="限用举措（不选为不限）", required=False, widget=forms.CheckboxSelectMultiple
    )
    allowed_kinds = forms.MultipleChoiceField(
        label="限用对象（不选为不限）",
        required=False,
        choices=Kind.choices,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data=None, *, county: str):
        super().__init__(data)
        self.initial["year"] = timezone.localdate().year
        self.fields["department"].choices = [("", "不限"), *departments(county)[1:]]
        region = MeasureType.objects.filter(division__code=county[:2] + "0" * 10, released_at__isnull=False)
        names = dict(region.order_by("order", "holds_from").values_list("code", "name"))
        self.fields["allowed_types"].choices = list(names.items())


class IncreaseForm(Keyed):
    amount = AmountField(label="追加金额（元）")
    document = forms.CharField(label="指标文号", max_length=80)
    on = day_field("下达日期")
    words = forms.CharField(label="说明", max_length=200, required=False)


class GiveBackForm(Keyed):
    amount = AmountField(label="收回金额（元）")
    document = forms.CharField(label="文号", max_length=80, required=False)
    on = day_field("收回日期")
    words = forms.CharField(label="收回的原因", max_length=200)


class CarryForm(Keyed):
    target = forms.ChoiceField(label="结转到")
    amount = AmountField(label="结转金额（元）")
    on = day_field("结转日期")

    def __init__(self, data=None, *, source: FundSource, user: Actor):
        super().__init__(data)
        later = FundSource.objects.for_user(user).open().filter(kind=source.kind, year__gt=source.year)
        self.targets = {str(each.uuid): each for each in later.order_by("year", "name")}
        self.fields["target"].choices = [(key, str(each)) for key, each in self.targets.items()]
