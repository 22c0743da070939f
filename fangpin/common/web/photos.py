"""A field for several photos."""

from typing import Any

from django import forms

from fangpin.common.models import Photo

MOST_BYTES = 15 * 1024 * 1024


class PhotosInput(forms.FileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several photos at once; what they are is looked at where they are kept."""

    def clean(self, data: Any, _initial: Any = None) -> Any:
        files = [file for file in (data or []) if file]
        if len(files) > Photo.MOST:
            raise forms.ValidationError(f"一次最多 {Photo.MOST} 张照片。")
        if any(file.size > MOST_BYTES for file in files):
            raise forms.ValidationError("有照片超过 15 MB，请缩小后再传。")
        return [file.read() for file in files]
