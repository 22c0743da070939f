"""The form that a village answers a task of verification with."""

from django import forms
from django.utils import timezone

from fangpin.common import cells
from fangpin.common.cells import CellFault
from fangpin.common.web.photos import PhotosField, PhotosInput
from screening import criteria
from screening.comparison import readiness
from screening.comparison.answering import Estimate
from screening.models import Answer, Verification

ESTIMATE = (
    ("wages", "打工工资"),
    ("business", "种养和做生意收入"),
    ("costs", "种养和做生意成本"),
    ("property_income", "租金、分红"),
    ("transfers", "低保、养老金、补贴"),
)


class AnswerForm(forms.Form):
    """The village's answers: each situation in one of four, with a line of words; income where none is on
    record."""

    visited_on = forms.DateField(
        label="哪天核实的",
        initial=timezone.localdate,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": "请填哪天核实的。", "invalid": "日期写成 2020-03-05 的样子。"},
    )
    words = forms.CharField(
        label="看到了什么、家里怎么说",
        required=False,
        max_length=500,
        widget=forms.Textarea(
            attrs={"rows": 3, "placeholder": "例如：丈夫透析，每月自己出 2,000 元，借了亲戚 3 万元"}
        ),
        help_text="不属实的、查不清的必须写一句。",
    )

    photos = PhotosField(
        label="照片（可不传）",
        required=False,
        widget=PhotosInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text="房子、票据等，最多 6 张；照片里的位置信息会去掉。",
    )

    def __init__(
        self,
        data=None,
        files=None,
        *,
        situations: list[str],
        needs_income: bool,
        needs_line_words: bool,
        task=None,
    ):
        super().__init__(data, files)
        self.situations = situations
        known = {given.subcriterion: given for given in task.answers.all()} if task else {}
        for code in situations:
            subject, given = criteria.subcriteria()[code], known.get(code)
            self.fields[f"answer_{code}"] = forms.ChoiceField(
                label=subject.label,
                choices=Answer.choices,
                widget=forms.RadioSelect,
                initial=given.answer if given else None,
                error_messages={"required": "请选一个。", "invalid_choice": "请选一个。"},
            )
            self.fields[f"words_{code}"] = forms.CharField(
                label="具体情况", required=False, max_length=300, initial=given.words if given else ""
            )
        if task and task.words:
            self.fields["words"].initial = task.words
        if task and task.visited_on:
            self.fields["visited_on"].initial = task.visited_on
        if needs_line_words:
            self.fields["above_line_words"] = forms.CharField(
                label="收入高于参考线，为什么还要列入",
                required=False,
                max_length=300,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
        self.has_estimate = needs_income
        if needs_income:
            for name, label in ESTIMATE:
                self.fields[f"income_{name}"] = forms.CharField(
                    label=f"{label}（元）",
                    required=False,
                    widget=forms.TextInput(attrs={"inputmode": "decimal"}),
                )
            self.fields["income_heads"] = forms.IntegerField(
                label="一起生活几口人",
                required=False,
                min_value=1,
                max_value=30,
                error_messages={"min_value": "至少 1 人。", "max_value": "最多 30 人。"},
            )

    def situation_fields(self):
        return [
            (criteria.subcriteria()[code], self[f"answer_{code}"], self[f"words_{code}"])
            for code in self.situations
        ]

    def estimate_fields(self):
        return (
            [self[f"income_{name}"] for name, _ in ESTIMATE] + [self["income_heads"]]
            if self.has_estimate
            else []
        )

    def clean(self):
        cleaned = super().clean()
        if self.has_estimate:
            for name, _ in ESTIMATE:
                self._amount(f"income_{name}", cleaned)
            has_income = any(cleaned.get(f"income_{name}") for name, _ in ESTIMATE)
            if has_income and not cleaned.get("income_heads"):
                self.add_error("income_heads", "填了收入，请填一起生活几口人。")
        return cleaned

    def _amount(self, name: str, cleaned: dict) -> None:
        raw = (cleaned.get(name) or "").strip()
        try:
            cleaned[name] = cells.fen(raw) if raw else 0
        except CellFault as fault:
            self.add_error(name, fault.message)

    def answers(self) -> dict[str, tuple[str, str]]:
        return {
            code: (self.cleaned_data[f"answer_{code}"], self.cleaned_data[f"words_{code}"])
            for code in self.situations
        }

    def estimate(self) -> Estimate | None:
        if not self.has_estimate or not self.cleaned_data.get("income_heads"):
            return None
        amounts = {name: self.cleaned_data[f"income_{name}"] for name, _ in ESTIMATE}
        return Estimate(heads=self.cleaned_data["income_heads"], **amounts)


def answer_form(
    task: Verification, income: readiness.Income | None, *payload, situations: list[str]
) -> AnswerForm:
    """The form of a task; `income` is that of its candidate (None where it is about a case), `payload` what
    came back (fields, files)."""
    income = income or readiness.Income(per_head=0)
    return AnswerForm(
        *payload,
        situations=situations,
        needs_income=income.per_head is None or income.source == "收入测算",
        needs_line_words=income.above_line,
        task=task,
    )
