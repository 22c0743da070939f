import datetime

from django import forms

from fangpin.common import working_days


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
