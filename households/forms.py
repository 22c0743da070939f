"""Forms of the registry's pages: filters of lists, upload of a workbook, purpose of a reveal."""

import re
import unicodedata

from django import forms
from django.http import QueryDict

from fangpin.accounts.models import Division, Level, code_range
from fangpin.common.outcomes import CODE_WORDS
from fangpin.common.web.forms import WorkbookForm
from households.codelists import Category, HouseholdStatus
from households.models import Attachment, ImportKind, Lamp

# --- area ---------------------------------------------------------------------------------------------

_RANK = [Level.REGION, Level.CITY, Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE]
_LABELS = {Level.COUNTY: "县", Level.TOWNSHIP: "乡（镇）", Level.VILLAGE: "行政村"}


class AreaFilter(forms.Form):
    """Area fields (county, township, village) of a list's filter: those below the acting duty's own area,
    each offered once the one above it is chosen."""

    def __init__(self, params: QueryDict, *, user):
        super().__init__(params.dict())
        base = user.acting.division
        above, area_fields = base.pk, {}
        for level, label in _LABELS.items():
            if _RANK.index(level) <= _RANK.index(base.level):
                continue
            if not above:
                self.data.pop(level.value, None)
                continue
            area_fields[level.value] = _places(label, level, above)
            above = self._chosen(level.value, above, base.pk)
        self.fields = area_fields | self.fields

    def _chosen(self, name: str, above: str, base: str) -> str:
        """The code chosen. One that lies beside the level above it is left over from the choice before, and
        is dropped; one outside the duty's area stays, and makes the filter invalid."""
        code = self.data.get(name, "")
        if code and not _lies_in(code, above) and _lies_in(code, base):
            self.data.pop(name)
            return ""
        return code

    def area(self) -> str:
        """The narrowest division chosen, or nothing."""
        levels = (Level.VILLAGE, Level.TOWNSHIP, Level.COUNTY)
        return next((code for level in levels if (code := self.cleaned_data.get(level.value))), "")


def _places(label: str, level: Level, above: str) -> forms.ChoiceField:
    places = Division.objects.within(Division(code=above)).filter(level=level).order_by("code")
    choices = [("", "全部")] + [(place.code, place.short_name) for place in places]
    return forms.ChoiceField(label=label, choices=choices, required=False)


def _lies_in(code: str, area: str) -> bool:
    low, high = code_range(area)
    return low <= code <= high


class HouseholdFilter(AreaFilter):
    status = forms.ChoiceField(
        label="户类型", choices=[("", "全部"), *HouseholdStatus.choices], required=False
    )
    lamp = forms.ChoiceField(label="亮灯", choices=[("", "全部"), *Lamp.choices], required=False)
    subject = forms.ChoiceField(
        label="防贫对象", choices=[("", "全部"), ("any", "是防贫对象"), *Category.choices], required=False
    )
    q = forms.CharField(
        label="查找",
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "姓名、拼音首字母、户编号", "autocomplete": "off"}),
    )
    closed = forms.BooleanField(label="含已注销", required=False)


# --- imports ------------------------------------------------------------------------------------------


class UploadForm(WorkbookForm):
    kind = forms.ChoiceField(choices=ImportKind.choices, widget=forms.HiddenInput)


class FaultFilter(forms.Form):
    outcome = forms.ChoiceField(
        label="处理",
        choices=[("", "全部"), ("set_aside", "待核对"), ("refused", "退回"), ("warning", "提示")],
        required=False,
    )
    code = forms.ChoiceField(label="原因", choices=[("", "全部"), *CODE_WORDS.items()], required=False)


# --- reveal -------------------------------------------------------------------------------------------

PURPOSES = (
    "核实本人身份",
    "与部门数据核对",
    "入户或电话联系",
    "办理防贫举措",
    "全国系统标注录入",
    "审计检查",
)
OTHER = "其他"
_number_inside = re.compile(r"[0-9]{7,}")


class PurposeForm(forms.Form):
    """Why a full number is needed. The words go into the audit, so they must not hold a number themselves."""

    purpose = forms.ChoiceField(
        label="用途",
        choices=[("", "请选择"), *((words, words) for words in PURPOSES), (OTHER, OTHER)],
        widget=forms.Select(attrs={"autofocus": True}),
        error_messages={"required": "请选择用途。", "invalid_choice": "请从列表中选择用途。"},
    )
    words = forms.CharField(
        label="补充说明",
        max_length=100,
        required=False,
        help_text="选“其他”时必填；不要写号码",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_words(self) -> str:
        words = self.cleaned_data["words"]
        if _number_inside.search("".join(unicodedata.normalize("NFKC", words).split())):
            raise forms.ValidationError("说明里不要写证件号码或电话号码，请删去后再提交。")
        return words

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("purpose") == OTHER and not cleaned.get("words") and "words" not in self.errors:
            self.add_error("words", "选了“其他”，请写明用途。")
        return cleaned

    @property
    def full_purpose(self) -> str:
        purpose, words = self.cleaned_data["purpose"], self.cleaned_data["words"]
        return "：".join(part for part in (purpose, words) if part)


# --- papers -------------------------------------------------------------------------------------------


class AttachmentForm(forms.Form):
    kind = forms.ChoiceField(
        label="种类", choices=Attachment.Kind, error_messages={"required": "请选材料的种类。"}
    )
    title = forms.CharField(
        label="说明",
        max_length=60,
        error_messages={"required": "请写一句这是什么材料。"},
        widget=forms.TextInput(attrs={"placeholder": "例如：县医院出院小结", "autocomplete": "off"}),
    )
    file = forms.FileField(
        label="文件",
        error_messages={"required": "请选择要上传的文件。", "empty": "文件是空的，请重新选择。"},
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png", "data-max-mb": "20"}),
        help_text="PDF、JPG 或 PNG，不超过 20 MB；照片会缩小，并去掉拍摄地点",
    )
