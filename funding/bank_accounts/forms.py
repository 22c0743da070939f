"""Forms and filter of bank accounts."""

from django import forms

from households.forms import AreaFilter


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
