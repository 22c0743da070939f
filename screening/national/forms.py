"""Forms of the pages of the national system."""

from django import forms

from fangpin.accounts.models import Division, Level
from fangpin.common import cells, database
from fangpin.common.actor import Actor
from screening.models import ItemKind, ItemState
from screening.national import acknowledgements, missing
from screening.national.acknowledgements import Answer

WAITING = "waiting"
STATES = [
    (WAITING, "待标注录入"),
    (ItemState.REFUSED, "系统退回"),
    (ItemState.ACKNOWLEDGED, "系统已接收"),
    (ItemState.LAPSED, "不必再办"),
    ("", "全部"),
]


class NationalFilter(forms.Form):
    """Filters of the list: one kind at a time, those that wait unless another state is chosen."""

    kind = forms.ChoiceField(label="内容", choices=ItemKind.choices, required=False)
    state = forms.ChoiceField(label="状态", choices=STATES, required=False)
    township = forms.ChoiceField(label="乡（镇）", required=False)
    lacking = forms.ChoiceField(
        label="资料", required=False, choices=[("", "全部"), ("yes", "缺项"), ("no", "齐全")]
    )
    q = forms.CharField(
        label="户主",
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "姓名", "autocomplete": "off"}),
    )

    def __init__(self, data, *, user: Actor):
        first = {"kind": ItemKind.MARK.value, "state": WAITING}
        chosen = data.copy()
        for name, value in first.items():
            chosen.setdefault(name, value)
        super().__init__(chosen, initial=first)
        below = Division.objects.for_user(user).filter(level=Level.TOWNSHIP).order_by("code")
        if user.acting.division.level == Level.COUNTY:
            self.fields["township"].choices = [("", "全部"), *((d.code, d.short_name) for d in below)]
        else:
            del self.fields["township"]

    @property
    def kind_chosen(self) -> str:
        return self.cleaned_data["kind"] if self.is_valid() else ItemKind.MARK

    def narrow(self, items):
        """`items` under the chosen filters; nothing where a choice is not one of those offered."""
        if not self.is_valid():
            return items.none()
        chosen = self.cleaned_data
        items = items.filter(kind=chosen["kind"] or ItemKind.MARK)
        if chosen["state"] == WAITING:
            items = items.filter(state__in=[ItemState.PENDING, ItemState.OFFERED])
        elif chosen["state"]:
            items = items.filter(state=chosen["state"])
        if place := chosen.get("township"):
            items = items.in_area(place)
        if chosen["q"]:
            items = items.filter(database.name_contains("case__household__head_name", chosen["q"]))
        if chosen["lacking"]:
            lacking = missing.lacking_households(items)
            items = (
                items.filter(case__household__in=lacking)
                if chosen["lacking"] == "yes"
                else items.exclude(case__household__in=lacking)
            )
        return items


class AnswerForm(forms.Form):
    """What the national system answered to one item: its number, or why it refused."""

    outcome = forms.ChoiceField(choices=[("done", "系统已接收"), ("refused", "系统退回")])
    national_number = forms.CharField(
        label="国家系统户编号",
        max_length=acknowledgements.NUMBER_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric", "spellcheck": "false"}),
    )
    error = forms.CharField(
        label="退回原因",
        max_length=acknowledgements.REASON_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "refusals"}),
        help_text="照系统提示的原话写，例如：证件号码与系统不一致",
    )

    def clean_national_number(self) -> str:
        number = "".join(cells.identifier(self.cleaned_data["national_number"]).split())
        if number and not acknowledgements.is_number(number):
            raise forms.ValidationError("户编号只有数字和字母，请核对。")
        return number

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("outcome") == "refused" and not cleaned.get("error"):
            self.add_error("error", "系统退回的，请写明原因。")
        return cleaned

    def answer(self, item) -> Answer:
        data, uuid = self.cleaned_data, str(item.uuid)
        if data["outcome"] == "refused":
            return Answer(uuid, error=data["error"])
        return Answer(uuid, national_number=data["national_number"])


class CorrectForm(forms.Form):
    words = forms.CharField(
        label="更正说明",
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="改了什么，例如：已在户册中改正证件号码",
    )


class SheetForm(forms.Form):
    file = forms.FileField(
        label="填好回执的表格",
        allow_empty_file=True,
        error_messages={"required": "请选择要上传的文件。"},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv", "data-max-mb": 20}),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if not file.name.lower().endswith((".xlsx", ".xls", ".csv")):
            raise forms.ValidationError("这个文件不是表格。请上传 .xlsx、.xls 或 .csv 文件。")
        if file.size > 20 << 20:
            raise forms.ValidationError("文件超过 20 MB，请按乡镇分成几个文件上传。")
        return file
