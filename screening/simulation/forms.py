"""Which round is simulated and under what, and which of the rows are shown."""

from django import forms
from django.db.models import QuerySet

from fangpin.accounts.models import Division, Level
from fangpin.accounts.places.choices import places
from fangpin.common.actor import Actor
from fangpin.policy.forms import ValuesForm
from fangpin.policy.models import Revision
from fangpin.policy.place_forms import DayField
from screening import criteria
from screening.models import Change, Round
from screening.simulation import requests

MOST_ROUNDS = 500


class SimulationForm(ValuesForm):
    """A round; a draft, a release or a day; single values over it."""

    round = forms.ChoiceField(label="哪个季度的排查", error_messages={"required": "请选择一个季度。"})
    revision = forms.ChoiceField(
        label="按哪份草稿或调整", required=False, help_text="放在本次排查所依的参数之上"
    )
    day = DayField("或按哪一天施行的全部参数")

    def __init__(self, *args, user: Actor, **kwargs):
        super().__init__(*args, parameters=requests.rule_parameters(), **kwargs)
        self.rounds = {
            str(round.uuid): round
            for round in Round.objects.for_user(user).select_related("county")[:MOST_ROUNDS]
        }
        above = user.acting.division.level != Level.COUNTY
        self.fields["round"].choices = [
            (key, f"{round.county.short_name} {round.period.label}" if above else round.period.label)
            for key, round in self.rounds.items()
        ]
        self.revisions = {
            str(revision.uuid): revision
            for revision in Revision.objects.for_user(user)
            .exclude(state="discarded")
            .select_related("division")
            .prefetch_related("values")
            .order_by("-holds_from", "-id")[:100]
        }
        self.fields["revision"].choices = [("", "不选")] + [
            (key, f"{revision.state_label}：{revision.document}（{revision.holds_from:%Y-%m-%d} 起）")
            for key, revision in self.revisions.items()
        ]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("revision") and cleaned.get("day"):
            self.add_error("day", "草稿（调整）和日期只选一样。")
        if not self.errors and not (cleaned.get("revision") or cleaned.get("day") or self.values):
            self.add_error(None, "还没有选按什么试算：请选一份草稿或一个日期，或在下面填一项。")
        return cleaned

    @property
    def head(self) -> list:
        return [self["round"], self["revision"], self["day"]]


class RowFilter(forms.Form):
    """Filters of the households of a simulation."""

    change = forms.ChoiceField(label="变化", required=False, choices=[("", "全部"), *Change.choices])
    risk = forms.ChoiceField(label="风险情形", required=False)
    township = forms.ChoiceField(label="乡（镇）", required=False)

    def __init__(self, data, *, user: Actor):
        super().__init__(data)
        self.fields["risk"].choices = [
            ("", "全部"),
            *(
                (code, f"{criteria.criterion_of(code).tag} · {sub.tag}")
                for code, sub in criteria.subcriteria().items()
            ),
        ]
        townships = Division.objects.for_user(user).filter(level=Level.TOWNSHIP).order_by("code")
        self.fields["township"].choices = places(townships)

    def narrow(self, rows: QuerySet) -> QuerySet:
        if not self.is_valid():
            return rows.none()
        chosen = self.cleaned_data
        if chosen["change"]:
            rows = rows.filter(change=chosen["change"])
        if chosen["risk"]:
            rows = rows.filter(subcriterion=chosen["risk"])
        if chosen["township"]:
            rows = rows.in_area(chosen["township"])
        return rows
