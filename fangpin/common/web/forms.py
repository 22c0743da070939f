"""Fields and forms that several apps share: a workbook handed in, yuan, days; the first fault in words."""

from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone

from fangpin.common import cells
from fangpin.common.cells import CellFault

ACCEPTED = (".xlsx", ".xls", ".csv")


def _limit_mb() -> int:
    return settings.UPLOAD_MAX_BYTES // 2**20


class WorkbookForm(forms.Form):
    file = forms.FileField(
        label="工作簿",
        allow_empty_file=True,
        error_messages={"required": "还没有选文件。请把文件拖进来，或点击选择。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs.update(
            {"accept": ",".join(ACCEPTED), "data-max-mb": str(_limit_mb()), "aria-label": "选择文件"}
        )
        self.fields["file"].help_text = f"支持 {'、'.join(ACCEPTED)}，不超过 {_limit_mb()} MB"

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if Path(file.name).suffix.lower() not in ACCEPTED:
            raise forms.ValidationError(
                f"这个文件不是表格。请上传 {'、'.join(ACCEPTED)} 文件；WPS 文件请先另存为 .xlsx。"
            )
        if not file.size:
            raise forms.ValidationError("文件是空的。请确认选对了文件后重新上传。")
        if file.size > settings.UPLOAD_MAX_BYTES:
            raise forms.ValidationError(f"文件超过 {_limit_mb()} MB。请按乡镇分成几个文件上传。")
        return file


class YuanField(forms.CharField):
    """Yuan as they are typed; fen inside."""

    def __init__(self, **kwargs: Any):
        super().__init__(
            max_length=20,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            **kwargs,
        )

    def clean(self, value: Any) -> int | None:
        text: str = super().clean(value)
        if not text:
            return None
        try:
            amount = cells.fen(text.removesuffix("元").strip()) or 0
        except CellFault as fault:
            raise forms.ValidationError(fault.message) from fault
        if amount < 0:
            raise forms.ValidationError("金额不能小于 0。")
        return amount


class AmountField(YuanField):
    """Yuan as they are typed, above zero; fen inside."""

    def clean(self, value: Any) -> int | None:
        amount = super().clean(value.replace(",", "") if value else value)
        if amount is not None and amount <= 0:
            raise forms.ValidationError("金额须大于零，单位为元，如 1200.00。")
        return amount


def day_field(label: str, **kwargs: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        initial=timezone.localdate,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        **kwargs,
    )


def first_error(form: forms.Form) -> str:
    """The first fault of a form whose page is not shown again, with its field's name."""
    for name, errors in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        return f"{label}：{errors[0]}" if label else str(errors[0])
    return ""
