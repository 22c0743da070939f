"""Filters and forms of payments and bank accounts."""

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from funding.models import Batch, BatchState, FundSource
from households.forms import AreaFilter


def day_field(label: str, **kwargs) -> forms.DateField:
    return forms.DateField(
        label=label,
        initial=timezone.localdate,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        **kwargs,
    )


class BatchFilter(forms.Form):
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "没作废的"), *BatchState.choices])
    source = forms.ChoiceField(label="资金来源", required=False)

    def __init__(self, params, *, user):
        super().__init__(params)
        own = FundSource.objects.for_user(user).order_by("-year", "name")
        self.fields["source"].choices = [("", "全部"), *((str(s.uuid), f"{s.year} {s.name}") for s in own)]

    def narrow(self, batches: QuerySet[Batch]) -> QuerySet[Batch]:
        if not self.is_valid():
            return batches.none()
        chosen = self.cleaned_data
        if chosen["state"]:
            batches = batches.filter(state=chosen["state"])
        else:
            batches = batches.exclude(state=BatchState.CANCELLED)
        if chosen["source"]:
            batches = batches.filter(source__uuid=chosen["source"])
        return batches


class SendForm(forms.Form):
    voucher = forms.CharField(
        label="凭证号", max_length=60, help_text="国库集中支付（预算一体化）系统中的凭证号"
    )
    on = day_field("拨付日期")


class AccountForm(forms.Form):
    holder = forms.CharField(label="户名", max_length=60)
    bank = forms.CharField(label="开户行", max_length=60, help_text="例如：都安农商行安阳支行")
    number = forms.CharField(
        label="账号",
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    again = forms.CharField(
        label="再填一次账号",
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "data-no-paste": "on"}),
    )


class AccountFilter(AreaFilter):
    show = forms.ChoiceField(
        label="只看",
        required=False,
        choices=[
            ("failed", "被退回的"),
            ("missing", "待发放还没有账户的"),
            ("shared", "几户共用的"),
            ("all", "全部账户"),
        ],
    )
