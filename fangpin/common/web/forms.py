"""The form with which a workbook is handed in."""

from pathlib import Path

from django import forms
from django.conf import settings

ACCEPTED = (".xlsx", ".xls", ".csv")


def _limit_mb() -> int:
    return settings.UPLOAD_MAX_BYTES // 2**20


class WorkbookForm(forms.Form):
    file = forms.FileField(
        label="工作簿",
        allow_empty_file=True,
        error_messages={"required": "还没有选文件。请把文件拖进来，或点击选择。"},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs.update(
            {"accept": ",".join(ACCEPTED), "data-max-mb": str(_limit_mb()), "aria-label": "选择文件"}
        )
        self.fields["file"].help_text = f"支持 {'、'.join(ACCEPTED)}，不超过 {_limit_mb()} MB"

    def clean_file(self):
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
