from django import forms
from django.conf import settings
from django.db.models import QuerySet

from fangpin.accounts.models import Division, Level, code_range
from households.codelists import Category
from screening import criteria
from screening.criteria.base import FeedKind
from screening.leads import explanations, figures
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

    def __init__(self, data, *, user):
        rounds = list(figures.rounds_with_leads(user)[:60])
        newest = str(rounds[0].uuid) if rounds else ""
        chosen = data.copy()
        chosen.setdefault("round", newest)
        super().__init__(chosen, initial={"round": newest})
        self.fields["round"].choices = [("", "全部季度")] + [(str(r.uuid), r.period.label) for r in rounds]
        self.fields["risk"].choices = _risks()
        self._offer_places(user, chosen.get("township", ""))

    def _offer_places(self, user, township: str) -> None:
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
            leads = leads.standing()
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


def within(divisions: QuerySet, code: str) -> QuerySet:
    if not code:
        return divisions.none()
    low, high = code_range(code)
    return divisions.filter(code__gte=low, code__lte=high)


def places(divisions: QuerySet) -> list[tuple[str, str]]:
    return [("", "全部"), *((division.code, division.short_name) for division in divisions)]


def _risks() -> list[tuple]:
    """A criterion as a whole, and under it its situations."""
    groups = [
        (c.label, [(c.code, f"{c.label}：全部"), *((sub.code, sub.tag) for sub in c.subcriteria)])
        for c in criteria.CRITERIA
    ]
    return [("", "全部"), *groups]


def _subcriteria(chosen: str) -> list[str]:
    return [code for code in criteria.subcriteria() if code == chosen or code.startswith(f"{chosen}.")]
