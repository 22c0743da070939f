"""Forms of the departments' lists."""

from django import forms
from django.conf import settings

from screening.criteria.base import FeedKind
from screening.models import Round

ACCEPTED = ".xlsx,.xls,.csv"


class AmendForm(forms.Form):
    """One file of rows."""

    file = forms.FileField(
        label="数据文件",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ACCEPTED, "data-max-mb": settings.UPLOAD_MAX_BYTES >> 20}),
        error_messages={"required": "请选择要上传的文件。"},
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if not file.name.lower().endswith(tuple(ACCEPTED.split(","))):
            raise forms.ValidationError(
                "这个文件不是表格。请上传 .xlsx、.xls 或 .csv 文件；WPS 文件请先另存为 .xlsx。"
            )
        if file.size > settings.UPLOAD_MAX_BYTES:
            limit = settings.UPLOAD_MAX_BYTES >> 20
            raise forms.ValidationError(f"文件超过 {limit} MB，请分成几个文件，或删去用不上的列后再上传。")
        return file


class FeedForm(AmendForm):
    """A department's list; the office names the department where several bring the kind."""

    department = forms.ChoiceField(label="代哪个部门报送", help_text="数据由该部门提供，页面上注明代传。")
    field_order = ["department", "file"]

    def __init__(self, *args, kind: FeedKind, departments: dict[str, str], on_behalf: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if on_behalf and len(kind.departments) > 1:
            self.fields["department"].choices = [(c, departments.get(c, c)) for c in kind.departments]
        else:
            del self.fields["department"]


class RoundChoice(forms.Form):
    round = forms.ChoiceField(label="季度", required=False)

    def __init__(self, data, rounds: list[Round]):
        chosen = data.copy()
        if rounds:
            chosen.setdefault("round", str(rounds[0].uuid))
        super().__init__(chosen)
        self.fields["round"].choices = [
            (str(round.uuid), round.period.label + "（待开启）" * round.is_announced) for round in rounds
        ]
