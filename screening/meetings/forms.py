"""Forms of a meeting: its plan, its members, the filter of its agenda, and what is typed from the signed
paper."""

import re

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from fangpin.accounts.models import Division
from fangpin.common.actor import Actor
from households.codelists import Category
from screening.comparison import board
from screening.comparison.forms import PlaceFilter, has_lead
from screening.meetings.members import Person
from screening.models import Attendance, Decision, Meeting, Round, Side


class PlanForm(forms.Form):
    round = forms.ChoiceField(label="审定哪个季度")
    planned_for = forms.DateTimeField(
        label="会议时间",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        error_messages={"required": "请填会议时间。", "invalid": "时间写成 2020-03-30 09:00 的样子。"},
    )
    place = forms.CharField(label="地点", max_length=80, error_messages={"required": "请填地点。"})
    chair = forms.CharField(label="主持人", max_length=40, error_messages={"required": "请填主持人。"})
    recorder = forms.CharField(label="记录人", max_length=40, required=False)
    document = forms.CharField(
        label="纪要文号",
        max_length=60,
        required=False,
        help_text="还没有编号的，签发时再填。",
        widget=forms.TextInput(attrs={"placeholder": "都扶领发〔2020〕5号"}),
    )
    requirements = forms.CharField(
        label="工作要求",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写进会议纪要第四部分：标注录入、开单的时限和责任单位。",
    )

    def __init__(self, data=None, *, rounds: list[Round], **kwargs):
        super().__init__(data, **kwargs)
        self.fields["round"].choices = [(str(round.uuid), round.period.label) for round in rounds]

    @classmethod
    def changing(cls, meeting: Meeting, data=None) -> "PlanForm":
        names = ("place", "chair", "recorder", "document", "requirements")
        initial = {name: getattr(meeting, name) for name in names}
        initial["planned_for"] = timezone.localtime(meeting.planned_for)
        form = cls(data, rounds=[], initial=initial)
        del form.fields["round"]
        return form


class MembersForm(forms.Form):
    """Who takes part, sits in or is absent: one person a line, name, body and post apart by blanks, commas or
    tabs, as they come out of a worksheet."""

    member = forms.CharField(label="参加", required=False, widget=forms.Textarea(attrs={"rows": 8}))
    guest = forms.CharField(label="列席", required=False, widget=forms.Textarea(attrs={"rows": 4}))
    absent = forms.CharField(label="缺席", required=False, widget=forms.Textarea(attrs={"rows": 4}))

    @classmethod
    def filled(cls, people: list[Person]) -> "MembersForm":
        lines: dict[str, list[str]] = {part: [] for part in Attendance.Part.values}
        for person in people:
            lines[person.part].append(
                " ".join(word for word in (person.name, person.body, person.post) if word)
            )
        return cls(initial={part: "\n".join(words) for part, words in lines.items()})

    def clean(self):
        cleaned = super().clean()
        self.people = []
        for part in Attendance.Part.values:
            for number, line in enumerate(cleaned.get(part, "").splitlines(), 1):
                if line.strip():
                    self._add(part, number, line)
        return cleaned

    def _add(self, part: str, number: int, line: str) -> None:
        words = [word for word in re.split(r"[\s,，、;；]+", line.strip(), maxsplit=2) if word]
        name, body, post = [*words, "", ""][:3]
        if len(name) > 40 or len(body) > 60 or len(post) > 60:
            self.add_error(part, f"第 {number} 行太长，请一人一行：姓名 单位 职务。")
        elif (name, body) in {(person.name, person.body) for person in self.people}:
            self.add_error(part, f"第 {number} 行的{name}已经填过。")
        else:
            self.people.append(Person(name, body, post, part))


class AgendaFilter(PlaceFilter):
    decision = forms.ChoiceField(
        label="审定意见", required=False, choices=[("", "全部"), ("none", "还没有"), *Decision.choices]
    )
    category = forms.ChoiceField(
        label="拟认定类别", required=False, choices=[("", "全部"), *Category.choices]
    )
    side = forms.ChoiceField(label="对比结果", required=False, choices=[("", "全部"), *Side.choices])
    risk = forms.ChoiceField(label="风险", required=False)
    contested = forms.BooleanField(label="只看有争议", required=False)

    field_order = ("decision", "category", "side", "risk", "township", "village", "contested")

    def __init__(self, data, *, user: Actor):
        super().__init__(data, user=user)
        self.fields["risk"].choices = board.criterion_choices()

    def narrow(self, items: QuerySet) -> QuerySet:
        """Nothing where a choice is not one of those offered."""
        if not self.is_valid():
            return items.none()
        chosen = self.cleaned_data
        if chosen["decision"]:
            items = items.filter(decision="" if chosen["decision"] == "none" else chosen["decision"])
        for name in ("category", "side"):
            if chosen[name]:
                items = items.filter(**{f"candidate__{name}": chosen[name]})
        if chosen["risk"]:
            items = items.filter(has_lead(chosen["risk"], "candidate__"))
        if chosen["contested"]:
            items = items.filter(contested=True)
        return items.in_place(self.place()) if self.place() else items


class RegisterForm(forms.Form):
    document = forms.CharField(
        label="纪要文号", max_length=60, error_messages={"required": "请照纸质纪要填文号。"}
    )
    signer = forms.CharField(
        label="签发人", max_length=40, error_messages={"required": "请照纸质纪要填签发人。"}
    )
    signed_on = forms.DateField(
        label="签发日期",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "请填签发日期。", "invalid": "日期写成 2020-03-30 的样子。"},
    )
    scan = forms.FileField(
        label="签发的纪要扫描件",
        error_messages={"required": "请上传签发的纪要扫描件。"},
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png", "data-max-mb": "20"}),
        help_text="PDF、JPG 或 PNG，不超过 20 MB",
    )

    def clean_scan(self):
        scan = self.cleaned_data["scan"]
        if scan.size > min(20 << 20, settings.UPLOAD_MAX_BYTES):
            raise forms.ValidationError("文件超过 20 MB，请降低扫描分辨率后再上传。")
        return scan


class ConfirmForm(forms.Form):
    """Typed back from the paper: nothing of it is shown beforehand."""

    document = forms.CharField(
        label="纪要文号", max_length=60, error_messages={"required": "请照纸质纪要填文号。"}
    )
    signer = forms.CharField(
        label="签发人", max_length=40, error_messages={"required": "请照纸质纪要填签发人。"}
    )

    def __init__(self, data=None, *, townships: list[Division]):
        super().__init__(data)
        self.townships = townships
        for place in townships:
            self.fields[f"n{place.code}"] = forms.IntegerField(
                label=place.short_name,
                min_value=0,
                max_value=99999,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
                error_messages={"required": "请填户数，没有的填 0。", "invalid": "请填整数。"},
            )

    def count_fields(self):
        return [self[f"n{place.code}"] for place in self.townships]

    def approved(self) -> dict[str, int]:
        return {place.code: self.cleaned_data[f"n{place.code}"] for place in self.townships}
