from django import forms
from django.db.models import QuerySet

from fangpin.accounts.models import Division, Level
from fangpin.accounts.places.choices import places, within
from fangpin.common.actor import Actor
from households.codelists import Category
from screening import criteria
from screening.leads import explanations, figures


class LeadFilter(forms.Form):
    """Filters of the list of leads: the newest round unless another is chosen, withdrawn ones hidden."""

    round = forms.ChoiceField(label="季度", required=False)
    risk = forms.ChoiceField(label="风险", required=False)
    township = forms.ChoiceField(label="乡（镇）", required=False)
    village = forms.ChoiceField(label="行政村", required=False)
    category = forms.ChoiceField(
        label="拟认定类别", required=False, choices=[("", "全部"), *Category.choices]
    )
    above_line = forms.ChoiceField(
        label="收入", required=False, choices=[("", "全部"), ("yes", "高于参考线"), ("no", "不高于或未知")]
    )
    in_case = forms.ChoiceField(
        label="防贫对象", required=False, choices=[("", "全部"), ("yes", "已是"), ("no", "还不是")]
    )
    withdrawn = forms.BooleanField(label="含已撤回", required=False)
    gone = forms.BooleanField(label="依据已消失，待处理", required=False)

    def __init__(self, data, *, user: Actor):
        rounds = list(figures.rounds_with_leads(user)[:60])
        newest = str(rounds[0].uuid) if rounds else ""
        chosen = data.copy()
        chosen.setdefault("round", newest)
        super().__init__(chosen, initial={"round": newest})
        self.fields["round"].choices = [("", "全部季度")] + [(str(r.uuid), r.period.label) for r in rounds]
        self.fields["risk"].choices = _risks()
        self._offer_places(user, chosen.get("township", ""))

    def _offer_places(self, user: Actor, township: str) -> None:
        """Townships for a county, the villages of the chosen one or of one's own; nothing to choose below."""
        level = user.acting.division.level
        below = Division.objects.for_user(user).order_by("code")
        if level == Level.COUNTY and user.may("round.view"):
            self.fields["township"].choices = places(below.filter(level=Level.TOWNSHIP))
            villages = within(below, township)
        else:
            del self.fields["township"]
            villages = below
        if level == Level.VILLAGE or not user.may("round.view"):
            del self.fields["village"]
        else:
            self.fields["village"].choices = places(villages.filter(level=Level.VILLAGE))

    def narrow(self, leads: QuerySet) -> QuerySet:
        """`leads` under the chosen filters; nothing where a choice is not one of those offered."""
        if not self.is_valid():
            return leads.none()
        chosen = self.cleaned_data
        if not chosen["withdrawn"]:
            leads = leads.current()
        if chosen["gone"]:
            leads = explanations.gone_but_acted(leads)
        if chosen["round"]:
            leads = leads.filter(round__uuid=chosen["round"])
        if chosen["risk"]:
            leads = leads.filter(subcriterion__in=_subcriteria(chosen["risk"]))
        if place := chosen.get("village") or chosen.get("township"):
            leads = leads.in_area(place)
        if chosen["category"]:
            leads = leads.filter(category=chosen["category"])
        for name in ("above_line", "in_case"):
            if chosen[name]:
                leads = leads.filter(**{name: chosen[name] == "yes"})
        return leads


def _risks() -> list[tuple]:
    """A criterion as a whole, and under it its situations."""
    groups = [
        (c.label, [(c.code, f"{c.label}：全部"), *((sub.code, sub.tag) for sub in c.subcriteria)])
        for c in criteria.CRITERIA
    ]
    return [("", "全部"), *groups]


def _subcriteria(chosen: str) -> list[str]:
    return [code for code in criteria.subcriteria() if code == chosen or code.startswith(f"{chosen}.")]
