"""Forms of the village's pages around the questionnaire (`sheet`), and what is sent of them all together."""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone

from fangpin.common import cells
from fangpin.common.actor import Actor
from fangpin.common.cells import CellFault
from fangpin.common.refusals import Refused
from households.models import Hamlet, Household, Member
from screening.field.entries import MONEY
from screening.field.sheet import Sheet
from screening.models import FieldEntry, Round

INCOME_LABELS = dict(
    zip(MONEY, ("打工工资", "种养和做生意收入", "成本", "租金分红", "低保养老金补贴"), strict=True)
)
PHRASES = ("家里一切都好", "全家外出务工，打电话问的", "药费还没报销完", "已经和屯长核对过", "等着部门来鉴定")


class HeadForm(forms.Form):
    """When, how, with whom, who was there, where it comes from."""

    uuid = forms.UUIDField(widget=forms.HiddenInput)
    way = forms.ChoiceField(
        label="怎么问的", choices=FieldEntry.Way.choices, widget=forms.RadioSelect, initial="visit"
    )
    visited_on = forms.DateField(
        label="哪天", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    spoken_with = forms.CharField(label="和谁谈的", max_length=60, required=False)
    hamlet_head = forms.CharField(label="一起去的屯长", max_length=40, required=False)
    visitors = forms.CharField(
        label="入户人", max_length=120, help_text="去到家里的人，几个人用顿号隔开；替别人录入的，填去的人。"
    )
    source = forms.ChoiceField(
        label="怎么发现的", choices=FieldEntry.Source.choices, widget=forms.RadioSelect, initial="cadre"
    )
    is_kin = forms.BooleanField(label="这户与本人有亲属关系", required=False)
    words = forms.CharField(
        label="说明",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="可以不填；点输入法的话筒能说话输入。",
    )

    def clean_visited_on(self) -> datetime.date:
        if (day := self.cleaned_data["visited_on"]) > timezone.localdate():
            raise forms.ValidationError("日期不能晚于今天。")
        return day

    def payload(self) -> dict[str, Any]:
        return {
            name: value.isoformat() if isinstance(value, datetime.date) else value
            for name, value in self.cleaned_data.items()
        } | {"uuid": str(self.cleaned_data["uuid"])}


class IncomeForm(forms.Form):
    """收入测算, yuan a year; nothing typed, nothing estimated."""

    heads = forms.IntegerField(
        label="一起生活几口人",
        min_value=1,
        max_value=30,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        heads = self.fields.pop("heads")
        for name in MONEY:
            self.fields[name] = forms.CharField(
                label=INCOME_LABELS[name],
                required=False,
                max_length=16,
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
            )
        self.fields["heads"] = heads

    def clean(self) -> dict:
        cleaned = super().clean()
        for name in MONEY:
            if typed := cleaned.get(name):
                try:
                    cleaned[name] = cells.fen(typed)
                    if cleaned[name] < 0:
                        self.add_error(name, "金额不能小于 0。")
                except CellFault as fault:
                    self.add_error(name, fault.message)
            else:
                cleaned[name] = 0
        has_money = any(isinstance(cleaned[name], int) and cleaned[name] for name in MONEY)
        if has_money and not cleaned.get("heads"):
            self.add_error("heads", "请填一起生活几口人。")
        return cleaned

    def payload(self) -> dict[str, int] | None:
        given = self.cleaned_data
        if not given.get("heads") or not any(given[name] for name in MONEY):
            return None
        return {name: given[name] for name in MONEY} | {"heads": given["heads"]}


def entry_payload(data: Mapping[str, str], whose: dict[str, Any]) -> dict[str, Any]:
    """What `field.receive_entry` takes, of the fields that the page of an entry sends; round and village come
    with `whose`. Raises Refused with every fault that the page would have shown."""
    head, income, sheet = HeadForm(data), IncomeForm(data), Sheet(data)
    checked = [head, income]
    if "household" not in whose:
        newcomer = NewcomerForm(data, prefix="new")
        checked.append(newcomer)
    faults = [fault for form in checked for fault in faults_of(form)]
    if faults:
        raise Refused("；".join(faults))
    if "household" not in whose:
        whose = whose | {"newcomer": newcomer.payload()}
    return {**whose, **head.payload(), **sheet.payload(), "income": income.payload()}


def faults_of(form: forms.Form) -> list[str]:
    """哪天：日期不能晚于今天。 one line each."""
    return [
        f"{form.fields[name].label}：{error}" if name in form.fields else str(error)
        for name, errors in form.errors.items()
        for error in errors
    ]


class NewcomerForm(forms.Form):
    """A household that the registry has not yet."""

    name = forms.CharField(label="户主姓名", max_length=40)
    hamlet = forms.CharField(label="哪个屯", max_length=60, required=False)
    heads = forms.IntegerField(
        label="家里几口人",
        min_value=1,
        max_value=30,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    id_number = forms.CharField(
        label="户主身份证号码",
        max_length=20,
        required=False,
        help_text="有就填，方便镇里补进户册；没有可不填。",
    )

    def payload(self) -> dict[str, str]:
        return {name: str(value if value is not None else "") for name, value in self.cleaned_data.items()}


class SignOffForm(forms.Form):
    """本屯排查确认."""

    uuid = forms.UUIDField(widget=forms.HiddenInput)
    on = forms.DateField(
        label="哪天排查的", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    hamlet_head = forms.CharField(label="一起排查的屯（组）长", max_length=40)
    participants = forms.CharField(label="参加人", max_length=200, help_text="几个人用顿号隔开。")
    words = forms.CharField(
        label="说明", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    agreed = forms.BooleanField(label="和屯长一户一户过了一遍，除上面列出的户，没有发现风险")

    def payload(self, round: Round, hamlet: Hamlet) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "uuid": str(given["uuid"]),
            "round": str(round.uuid),
            "hamlet": hamlet.pk,
            "on": given["on"].isoformat(),
            "hamlet_head": given["hamlet_head"],
            "participants": given["participants"],
            "words": given["words"],
        }


class SettleForm(forms.Form):
    """How a person settles an entry that could not take effect by itself."""

    outcome = forms.ChoiceField(
        label="怎么处理",
        widget=forms.RadioSelect,
        choices=[("apply", "列入本季度排查（按记录亮灯）"), ("close", "不列入，只留记录")],
    )
    household = forms.CharField(
        label="户册里是哪一户",
        max_length=40,
        required=False,
        help_text="填户编号。先把这一户补进户册，再回来填。",
    )
    words = forms.CharField(
        label="处理说明",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明怎么处理的，例如已补进户册、已转告某村。"},
    )

    def __init__(self, *args, user: Actor, needs_household: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        if not needs_household:
            del self.fields["household"]

    def clean_household(self) -> Household | None:
        if not (number := self.cleaned_data["household"].strip()):
            return None
        households = list(Household.objects.for_user(self.user).filter(number=number)[:2])
        if len(households) != 1:
            raise forms.ValidationError("您范围内的户册里没有这个户编号，请核对。")
        return households[0]


def blank_head(
    user: Actor, household: Household | None = None, hamlet: Hamlet | None = None
) -> dict[str, Any]:
    """What the page proposes: today, the person himself, the hamlet's head."""
    home = household.hamlet if household else hamlet
    return {
        "uuid": uuid.uuid4(),
        "visited_on": timezone.localdate(),
        "visitors": user.name,
        "hamlet_head": home.head_name if home else "",
        "spoken_with": household.head_name if household else "",
        "way": "visit",
        "source": "cadre",
    }


def people(household: Household | None) -> list[Member]:
    if household is None:
        return []
    members = household.members.filter(removed_on=None).order_by("id")
    return sorted(members, key=lambda member: not member.is_head)
