import datetime
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone

from fangpin.common import working_days
from fangpin.policy.parameters import PARAMETERS, Parameter, by_article, clause
from fangpin.policy.services import CurrentRows
from fangpin.policy.values import AS_REGION, Unfit, parse, typed


class CalendarForm(forms.Form):
    """The working days of a year, as ticked, and what the changes are for."""

    working = forms.MultipleChoiceField(
        error_messages={"required": "没有收到任何上班日，没有保存。请刷新页面后重试。"}
    )
    note = forms.CharField(
        label="改动说明",
        max_length=60,
        required=False,
        help_text="写在这次改动的日子上，例如：壮族三月三、调休上班",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args, year: int, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["working"].choices = [(day.isoformat(), day) for day in working_days.days_of(year)]

    def clean_working(self) -> set[datetime.date]:
        return {datetime.date.fromisoformat(day) for day in self.cleaned_data["working"]}


EMPTY = "不改"
QUARTER_DAYS = [
    (f"{month}-{day}", f"第 {month} 个月 {day} 日") for month in (1, 2, 3) for day in range(1, 29)
]


class ValuesForm(forms.Form):
    """A field for each parameter that may be set; blank is no change. `values` gives key → typed value."""

    def __init__(self, *args, parameters: list[Parameter], clearable: set[str] = frozenset(), **kwargs):
        super().__init__(*args, **kwargs)
        self.parameters = parameters
        self.values: dict[str, Any] = {}
        for parameter in parameters:
            self.fields[field_name(parameter.key)] = _field(parameter)
            if parameter.key in clearable:
                self.fields[clear_name(parameter.key)] = forms.BooleanField(label=AS_REGION, required=False)

    def clean(self):
        cleaned = super().clean()
        for parameter in self.parameters:
            name = field_name(parameter.key)
            text = (cleaned.get(name) or "").strip()
            if cleaned.get(clear_name(parameter.key)):
                if text:
                    self.add_error(name, "已选“按自治区的规定”，请不要再填值。")
                self.values[parameter.key] = None
            elif text:
                try:
                    self.values[parameter.key] = parse(parameter, text)
                except Unfit as error:
                    self.add_error(name, error.message)
        return cleaned

    def refuse(self, message: str, faults: Mapping[str, str]) -> None:
        """Adds what a service refused."""
        self.is_valid()
        for key, fault in faults.items():
            self.add_error(field_name(key) if field_name(key) in self.fields else None, fault)
        if not faults:
            self.add_error(None, message)

    @property
    def groups(self) -> list[dict]:
        """The fields by article: parameter, field, its tick to follow the region."""
        return [
            {"title": title, "lines": [self._line(parameter) for parameter in parameters]}
            for title, parameters in by_article(self.parameters)
        ]

    def _line(self, parameter: Parameter) -> dict:
        clear = clear_name(parameter.key)
        return {
            "parameter": parameter,
            "clause": clause(parameter.article),
            "field": self[field_name(parameter.key)],
            "clear": self[clear] if clear in self.fields else None,
        }


class RevisionForm(ValuesForm):
    """A draft: the document, from when, why, and the values that change."""

    document = forms.CharField(
        label="依据文号",
        max_length=80,
        help_text="如 桂扶领发〔2021〕1号",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "请填依据的文号，如 桂扶领发〔2021〕1号。"},
    )
    holds_from = forms.DateField(
        label="施行日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="从这一天起的排查按新的值；已经开启的排查不变",
        error_messages={"required": "请填施行日期。", "invalid": "日期要写成 2021-01-01 的样子。"},
    )
    reason = forms.CharField(
        label="调整原因",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "请写明调整的原因。"},
    )
    backdated = forms.BooleanField(label="文件已经施行，现在补登记（施行日期早于今天）", required=False)

    def __init__(self, *args, current: CurrentRows, **kwargs):
        super().__init__(*args, **kwargs)
        self.current = current  # what holds today, shown beside each field

    def clean(self):
        cleaned = super().clean()
        day = cleaned.get("holds_from")
        if day and day < timezone.localdate() and not cleaned.get("backdated"):
            self.add_error(
                "holds_from", "施行日期早于今天。文件确实已经施行的，请勾选“补登记”；否则请改日期。"
            )
        return cleaned

    @property
    def head(self) -> list:
        return [self[name] for name in ("document", "holds_from", "reason", "backdated")]


def initial_of(revision) -> dict:
    """What a draft says, as its form shows it."""
    shown: dict[str, Any] = {
        "document": revision.document,
        "holds_from": revision.holds_from,
        "reason": revision.reason,
        "backdated": revision.holds_from < timezone.localdate(),
    }
    for row in revision.values.all():
        if row.value is None:
            shown[clear_name(row.key)] = True
        elif row.key in PARAMETERS:
            shown[field_name(row.key)] = typed(PARAMETERS[row.key], row.value)
    return shown


def field_name(key: str) -> str:
    return f"v-{key}"


def clear_name(key: str) -> str:
    return f"follow-{key}"


def _field(parameter: Parameter) -> forms.Field:
    if parameter.kind == "choice":
        return forms.ChoiceField(
            label=parameter.name, required=False, choices=[("", EMPTY), *parameter.choices]
        )
    if parameter.kind == "object":
        return forms.ChoiceField(label=parameter.name, required=False, choices=[("", EMPTY), *QUARTER_DAYS])
    mode = {"money": "decimal", "whole": "numeric"}.get(parameter.kind, "text")
    attributes = {"autocomplete": "off", "inputmode": mode, "placeholder": EMPTY}
    return forms.CharField(
        label=parameter.name, required=False, max_length=900, widget=forms.TextInput(attrs=attributes)
    )
