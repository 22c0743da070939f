"""Forms of the administrator's pages."""

import datetime

from django import forms
from django.utils import timezone

from fangpin.accounts.models import Department, Division, HelpLine, Level, ListKind, RowOutcome, User
from fangpin.accounts.people import rules, services
from fangpin.common import cells
from fangpin.common.cells import CellFault
from fangpin.common.web.forms import WorkbookForm

ENDING_SOON = 30  # days


def _date(**more) -> forms.DateField:
    return forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "日期有误，请按年-月-日填写，例如 2020-03-05。"},
        **more,
    )


class PersonForm(forms.Form):
    name = forms.CharField(label="姓名", max_length=40, error_messages={"required": "请填写姓名。"})
    phone = forms.CharField(
        label="手机号",
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )

    def clean_phone(self) -> str:
        if not self.cleaned_data["phone"]:
            return ""
        try:
            return cells.phone(self.cleaned_data["phone"])
        except CellFault as fault:
            raise forms.ValidationError(f"{fault.message}。") from fault


class DutyForm(forms.Form):
    """A duty to give: roles and places that the administrator may give, in his own area."""

    role = forms.ChoiceField(label="岗位", error_messages={"required": "请选择岗位。"})
    place = forms.ChoiceField(
        label="地方",
        help_text="村干部、驻村工作队员选到村，乡镇干部选到乡（镇），其余选县",
        error_messages={"required": "请选择地方。"},
    )
    department = forms.ModelChoiceField(
        Department.objects.none(),
        label="部门",
        required=False,
        empty_label="不选",
        help_text="只有部门经办人要选",
    )
    begins_on = _date(label="起", initial=timezone.localdate, help_text="当天起可以办理业务")
    ends_on = _date(label="止", required=False, help_text="留空为长期；到期次日起不能再用")
    document = forms.CharField(label="依据文号", max_length=60, required=False, help_text="审计岗位必填")

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        area = by.acting.division
        self.by = by
        self.fields["role"].choices = [
            ("", "请选择"),
            *((role, role.label) for role in rules.roles_for(area)),
        ]
        self.fields["place"].choices = [("", "请选择"), *places(area)]
        self.fields["department"].queryset = Department.objects.filter(county=area).order_by("pk")
        if area.level != Level.COUNTY:
            del self.fields["department"]

    def clean(self):
        cleaned = super().clean()
        begins, ends = cleaned.get("begins_on"), cleaned.get("ends_on")
        if begins and ends and ends < begins:
            self.add_error("ends_on", "止期不能早于起期。")
        return cleaned

    @property
    def duty(self) -> dict:
        """Keywords of `services.give_duty`."""
        data = self.cleaned_data
        return {
            "role": data["role"],
            "division": Division.objects.get(pk=data["place"]),
            "department": data.get("department"),
            "begins_on": data["begins_on"],
            "ends_on": data["ends_on"],
            "document": data["document"],
        }


class UserForm(PersonForm, DutyForm):
    """A new user with the first duty."""

    field_order = ["username", "name", "phone"]
    username = forms.CharField(
        label="用户名",
        max_length=30,
        help_text="字母、数字，可加点、横线、下划线，建好后不能改",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={"required": "请填写用户名。"},
    )

    def clean_username(self) -> str:
        if fault := services.username_fault(self.cleaned_data["username"]):
            raise forms.ValidationError(fault)
        return self.cleaned_data["username"]


class EndForm(forms.Form):
    ends_on = _date(label="止", required=False)


class HelpLineForm(forms.ModelForm):
    class Meta:
        model = HelpLine
        fields = ["words"]
        widgets = {
            "words": forms.TextInput(attrs={"placeholder": "例如：系统管理员何伟，办公电话 0778-5212345"})
        }
        help_texts = {"words": "登录页上人人可见，请写办公电话，不写个人手机号"}


class ListForm(WorkbookForm):
    kind = forms.ChoiceField(choices=ListKind.choices, widget=forms.HiddenInput)


class RowFilter(forms.Form):
    outcome = forms.ChoiceField(label="处理", choices=[("", "全部"), *RowOutcome.choices], required=False)


class UserFilter(forms.Form):
    STATES = (
        ("on", "在用"),
        ("off", "已停用"),
        ("ending", f"{ENDING_SOON} 天内到期"),
        ("never", "从未登录"),
        ("idle", "没有在用岗位"),
    )
    role = forms.ChoiceField(label="岗位", required=False)
    place = forms.ChoiceField(label="地方", required=False)
    state = forms.ChoiceField(label="状态", choices=[("", "全部"), *STATES], required=False)
    q = forms.CharField(
        label="查找",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "姓名、用户名", "autocomplete": "off"}),
    )

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        area = by.acting.division
        self.fields["role"].choices = [("", "全部"), *((role, role.label) for role in rules.roles_for(area))]
        own = [(f"={area.pk}", f"{area.short_name}（{area.get_level_display()}级）")]
        below = [(place.pk, place.short_name) for place in _children(area)]
        self.fields["place"].choices = [("", "全部"), *own, *below]


def places(area: Division) -> list:
    """Choices of places in `area`, grouped by what lies next below it. Above a county only down to counties:
    the work inside one is its own administrator's."""
    groups = [(area.pk, area.short_name)]
    below = Division.objects.within(area).order_by("code")
    if area.level == Level.COUNTY:
        inside: dict[str, list[Division]] = {}
        for village in below.filter(level=Level.VILLAGE):
            inside.setdefault(village.parent_id, []).append(village)
        for township in below.filter(level=Level.TOWNSHIP):
            lines = [(township.pk, township.short_name)]
            lines += [
                (village.pk, f"{township.short_name} {village.short_name}")
                for village in inside.get(township.pk, ())
            ]
            groups.append((township.short_name, lines))
        return groups
    return groups + [
        (place.pk, place.short_name) for place in below.filter(level__in=[Level.CITY, Level.COUNTY])[1:]
    ]


def _children(area: Division) -> list[Division]:
    return list(Division.objects.filter(parent=area).order_by("code"))


def soon() -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=ENDING_SOON)
