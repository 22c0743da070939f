"""Filters and forms of payments and bank accounts."""

from django import forms
from django.db.models import QuerySet

from fangpin.common.actor import Actor
from fangpin.common.web.forms import day_field
from funding.models import Batch, BatchState, FundSource


class BatchFilter(forms.Form):
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "没作废的"), *BatchState.choices])
    source = forms.ChoiceField(label="资金来源", required=False)

    def __init__(self, params, *, user: Actor):
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
