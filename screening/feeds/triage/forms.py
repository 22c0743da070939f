"""The filter of the triage page."""

from django import forms
from django.db.models import Count

from fangpin.common.actor import Actor
from screening import criteria
from screening.feeds.triage import rows


class TriageFilter(forms.Form):
    """Which open rows: of one list, of one cause, or those put off."""

    feed = forms.ChoiceField(label="部门数据", required=False)
    cause = forms.ChoiceField(label="原因", required=False, choices=[("", "全部"), *rows.CAUSES.items()])
    later = forms.BooleanField(label="只看留待以后的", required=False)

    def __init__(self, data, *, user: Actor):
        super().__init__(data)
        kinds = criteria.feed_kinds()
        triable = rows.of_live_lists(user).filter(rows.triable()).order_by("feed__round", "feed")
        counted = triable.values_list(
            "feed__uuid", "feed__department__name", "feed__kind", "feed__round__year", "feed__round__quarter"
        ).annotate(n=Count("pk"))
        self.fields["feed"].choices = [("", "全部")] + [
            (str(uuid), f"{department} {kinds[kind].label}（{year}年{quarter}季度，{n} 行）")
            for uuid, department, kind, year, quarter, n in counted
        ]

    def narrow(self, user: Actor):
        if not self.is_valid():
            return rows.open_rows(user).none()
        chosen = self.cleaned_data
        shown = rows.open_rows(user, later=chosen["later"])
        if chosen["feed"]:
            shown = shown.filter(feed__uuid=chosen["feed"])
        return rows.of_cause(shown, chosen["cause"]) if chosen["cause"] else shown
