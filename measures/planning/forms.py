"""The form of a measure: only what its type needs; filters of lists."""

import datetime

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from fangpin.accounts.roles import Role
from fangpin.common.actor import Actor
from fangpin.common.web.forms import YuanField, day_field
from households.forms import AreaFilter
from households.models import Household, Member
from measures import rules
from measures.catalogue import types as catalogue
from measures.models import Form, Measure, MeasureState, Period, SendBackReason
from measures.orders.forms import departments
from measures.planning.facts import Wanted

# Which of the optional fields a type asks for, beside those of every measure.
ALWAYS = ("planned_from", "planned_to", "basis", "words", "warning_words")


class MeasureForm(forms.Form):
    """`current_type` is the type chosen; the fields that it does not need are not there."""

    amount = YuanField(label="金额（元）", required=False)
    member = forms.ModelChoiceField(
        label="受益人", queryset=Member.objects.none(), required=False, empty_label="全户"
    )
    term = forms.CharField(
        label="学期或月份", max_length=10, required=False, help_text="如 2020春、2020秋；按月的写 2020-03"
    )
    months = forms.IntegerField(label="期限（月）", min_value=1, max_value=600, required=False)
    lender = forms.CharField(label="贷款银行", max_length=60, required=False)
    employer = forms.CharField(label="用人单位、岗位", max_length=80, required=False)
    monthly_pay = YuanField(label="月报酬（元）", required=False)
    universal = forms.CharField(label="已用普惠政策", max_length=120, required=False)
    why_short = forms.CharField(
        label="普惠政策仍不足的原因", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    bill = YuanField(label="自付费用（元）", required=False)
    bill_number = forms.CharField(label="票据号", max_length=40, required=False)
    planned_from = day_field("计划开始")
    planned_to = day_field("计划完成")
    basis = forms.CharField(label="标准及计算", max_length=300, required=False)
    words = forms.CharField(label="说明", max_length=300, required=False)
    warning_words = forms.CharField(label="仍要申报的理由", max_length=300, required=False)

    def __init__(self, data=None, *, household: Household, current_type: catalogue.CurrentType, initial=None):
        today = timezone.localdate()
        dates = {"planned_from": today, "planned_to": today + datetime.timedelta(days=30)}
        super().__init__(data, initial=dates | (initial or {}))
        self.household, self.current_type = household, current_type
        self.fields["member"].queryset = household.members.current().order_by("id")
        wanted = {*ALWAYS, *fields_of(current_type)}
        for name in [name for name in self.fields if name not in wanted]:
            del self.fields[name]

    def wanted(self, **more) -> Wanted:
        given = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        return Wanted(household=self.household, code=self.current_type.row.code, **given, **more)


def fields_of(current_type: catalogue.CurrentType) -> list[str]:
    """The optional fields that a type asks for."""
    row = current_type.row
    names = []
    if row.form in (Form.MONEY, Form.LOAN, Form.GOODS, Form.BENEFIT):
        names.append("amount")
    if row.form == Form.LOAN:
        names += ["months", "lender"]
    if row.form == Form.POST:
        names += ["employer", "monthly_pay", "months"]
    if row.unit.startswith("person"):
        names.append("member")
    if row.period in (Period.TERM, Period.MONTH):
        names.append("term")
    if row.code == rules.SPECIAL_RELIEF:
        names += ["universal", "why_short", "bill", "bill_number", "member", "term"]
    return names


class MeasureFilter(AreaFilter):
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "没有落实的"), *MeasureState.choices, ("all", "全部")]
    )
    code = forms.ChoiceField(label="举措", required=False)
    department = forms.ChoiceField(label="部门", required=False)
    late = forms.BooleanField(label="只看超期", required=False)

    def __init__(self, params, *, user: Actor):
        super().__init__(params, user=user)
        if user.acting.role == Role.DEPARTMENT:
            del self.fields["department"]
        else:
            self.fields["department"].choices = departments(user.acting.county_code)
        own = Measure.objects.for_user(user).order_by().values_list("code", "type__name").distinct()
        self.fields["code"].choices = [("", "全部"), *sorted(dict(own).items())]

    def narrow(self, measures: QuerySet[Measure]) -> QuerySet[Measure]:
        if not self.is_valid():
            return measures.none()
        chosen = self.cleaned_data
        if area := self.area():
            measures = measures.in_area(area)
        if not chosen["state"]:
            measures = measures.outstanding()
        elif chosen["state"] != "all":
            measures = measures.filter(state=chosen["state"])
        if chosen["code"]:
            measures = measures.filter(code=chosen["code"])
        if chosen.get("department"):
            measures = measures.filter(department__code=chosen["department"])
        if chosen["late"]:
            measures = late(measures)
        return measures


def late(measures: QuerySet[Measure]) -> QuerySet[Measure]:
    """Not delivered though its planned day has passed."""
    return measures.outstanding().filter(planned_to__lt=timezone.localdate())


class FindForm(forms.Form):
    """A household without an order, by the full number of a member."""

    number = forms.CharField(
        label="户主或成员的证件号码", max_length=24, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class DeliverForm(forms.Form):
    on = day_field("落实日期")
    amount = YuanField(label="落实金额（元）", required=False, help_text="不填的按拟定金额")
    proof = forms.CharField(
        label="落实凭据", max_length=120, required=False, help_text="发放凭证号、签收单、验收单等"
    )
    paper = forms.FileField(label="佐证材料（PDF 或照片）", required=False)


class SendBackForm(forms.Form):
    reason = forms.ChoiceField(label="退回事项", choices=[("", "请选择"), *SendBackReason.choices])
    words = forms.CharField(label="要补正什么", max_length=300)
