"""Whose values and of which day: one place and day, or two side by side."""

import datetime

from django import forms
from django.utils import timezone

from fangpin.accounts.models import Division, Level
from fangpin.policy.parameters import FIRST_DAY, PARAMETERS


class DayField(forms.DateField):
    def __init__(self, label: str):
        super().__init__(
            label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        )


class PlaceForm(forms.Form):
    """Whose values, and on which day; today's of one's own place unless something else is chosen."""

    place = forms.ChoiceField(label="适用范围", required=False)
    day = DayField("哪一天")

    def __init__(self, data, *, user):
        self.places = places_of(user)
        chosen = data.copy()
        chosen.setdefault("place", default_place(user).code)
        chosen.setdefault("day", str(timezone.localdate()))
        super().__init__(chosen, initial={"place": default_place(user).code, "day": timezone.localdate()})
        self.fields["place"].choices = [(code, place.short_name) for code, place in self.places.items()]

    def chosen(self) -> tuple[Division, datetime.date]:
        """Place and day; those shown first where the choice does not fit."""
        self.is_valid()
        cleaned = getattr(self, "cleaned_data", {})
        place = self.places.get(cleaned.get("place") or self.initial["place"]) or next(
            iter(self.places.values())
        )
        return place, cleaned.get("day") or self.initial["day"]


class CompareForm(forms.Form):
    """Two places and days, side by side."""

    place = forms.ChoiceField(label="左：适用范围", required=False)
    day = DayField("左：哪一天")
    other_place = forms.ChoiceField(label="右：适用范围", required=False)
    other_day = DayField("右：哪一天")
    key = forms.ChoiceField(label="参数", required=False)
    differing = forms.BooleanField(label="只看不同的", required=False)

    def __init__(self, data, *, user):
        self.places = places_of(user)
        own, today = default_place(user).code, str(timezone.localdate())
        chosen = data.copy()
        for name, value in (
            ("place", own),
            ("day", str(FIRST_DAY)),
            ("other_place", own),
            ("other_day", today),
        ):
            if not chosen.get(name):
                chosen[name] = value
        super().__init__(chosen)
        offered = [(code, place.short_name) for code, place in self.places.items()]
        self.fields["place"].choices = self.fields["other_place"].choices = offered
        keys = [(key, parameter.name) for key, parameter in PARAMETERS.items()]
        self.fields["key"].choices = [("", "全部"), *keys]


def default_place(user) -> Division:
    """The region for whoever serves above the county, else the county."""
    duty = user.acting
    code = duty.county_code if duty.division.level not in (Level.REGION, Level.CITY) else None
    return Division.objects.get(code=code or duty.division_id[:2] + "0" * 10)


def places_of(user) -> dict[str, Division]:
    """Code → the region, and the counties whose values the person may see."""
    duty = user.acting
    region = duty.division_id[:2] + "0" * 10
    counties = Division.objects.filter(level=Level.COUNTY)
    if duty.division.level in (Level.REGION, Level.CITY):
        counties = counties.within(duty.division)
    else:
        counties = counties.filter(code=duty.county_code)
    divisions = [Division.objects.get(code=region), *counties]
    return {division.code: division for division in divisions}
