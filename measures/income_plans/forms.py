"""Forms of income plans: undertakings as rows, the signature, a note, the year's end; filters."""

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from fangpin.common.actor import Actor
from fangpin.common.values.money import typed_yuan
from fangpin.common.web.forms import YuanField, day_field
from households.forms import AreaFilter
from households.models import Household, Member
from measures.income_plans import missing, plans
from measures.models import IncomePlan, ItemKind, Need, PlanNote, PlanState


class ItemForm(forms.Form):
    kind = forms.ChoiceField(label="类别", choices=ItemKind.choices)
    name = forms.CharField(label="项目或去向", max_length=60, required=False)
    scale = forms.CharField(label="规模（亩、头、羽）", max_length=40, required=False)
    member = forms.ModelChoiceField(
        label="谁去（就业）", queryset=Member.objects.none(), required=False, empty_label="—"
    )
    months = forms.IntegerField(label="月数", min_value=0, max_value=12, required=False)
    monthly_pay = YuanField(label="月工资（元）", required=False)
    target = YuanField(label="预计收入（元/年）", required=False)
    needs = forms.MultipleChoiceField(
        label="需要", choices=Need.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    guide_name = forms.CharField(label="指导员", max_length=40, required=False)
    guide_phone = forms.CharField(label="指导员电话", max_length=20, required=False)
    due_on = forms.DateField(
        label="完成时间", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def __init__(self, *args, household: Household, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["member"].queryset = household.members.current().order_by("id")

    def clean(self):
        given = super().clean()
        if not given.get("name"):
            return given
        if given.get("target") is None:
            pay, months = given.get("monthly_pay"), given.get("months")
            if pay is None or months is None:
                self.add_error("target", "请填预计收入；就业的也可以只填月数和月工资。")
            else:
                given["target"] = pay * months
        return given

    def item(self) -> plans.Item | None:
        given = self.cleaned_data
        if not given.get("name"):
            return None
        return plans.Item(
            **{name: given[name] for name in self.fields if name != "member"}, member=given["member"]
        )


class PlanForm(forms.Form):
    """The head of a plan, and its undertakings; empty rows fall away."""

    target_per_head = YuanField(label="今年人均纯收入目标（元）", required=False)
    training = forms.CharField(label="培训需求", max_length=200, required=False)
    other_income = forms.CharField(label="其他收入（低保、养老金、分红）", max_length=200, required=False)
    MORE = 2

    def __init__(self, data=None, *, plan: IncomePlan):
        initial = {
            "target_per_head": typed_yuan(plan.target_per_head),
            "training": plan.training,
            "other_income": plan.other_income,
        }
        super().__init__(data, initial=initial)
        rows = [_initial(item) for item in plan.items.all()]
        number = len([key for key in data or {} if key.endswith("-kind")]) if data else len(rows) + self.MORE
        self.rows = [
            ItemForm(
                data,
                prefix=f"item{place}",
                household=plan.household,
                initial=rows[place] if place < len(rows) else None,
            )
            for place in range(max(number, 1))
        ]

    def is_valid(self) -> bool:
        return all([super().is_valid(), *[row.is_valid() for row in self.rows]])

    def items(self) -> list[plans.Item]:
        return [item for row in self.rows if (item := row.item())]


def _initial(item) -> dict:
    kept = {
        name: getattr(item, name)
        for name in (
            "kind",
            "name",
            "scale",
            "member",
            "months",
            "needs",
            "guide_name",
            "guide_phone",
            "due_on",
        )
    }
    for name in ("monthly_pay", "target"):
        kept[name] = typed_yuan(getattr(item, name))
    return kept


class AgreeForm(forms.Form):
    on = day_field("协商日期")
    signers = forms.CharField(
        label="签字人", max_length=120, help_text="户主、帮扶联系人、村干部等；代签的写明原因"
    )
    paper = forms.FileField(label="签字页照片", required=False)


class NoteForm(forms.Form):
    on = day_field("日期")
    way = forms.ChoiceField(label="方式", choices=PlanNote.Way.choices)
    progress = forms.CharField(label="进展", max_length=200)
    problem = forms.CharField(label="问题", max_length=200, required=False)


class YearEndForm(forms.Form):
    """What came in of each undertaking."""

    next_year = forms.CharField(label="明年打算", max_length=300, required=False)

    def __init__(self, data=None, *, plan: IncomePlan):
        super().__init__(data)
        self.items = list(plan.items.all())
        for item in self.items:
            self.fields[f"actual-{item.pk}"] = YuanField(label=f"{item.name}实际收入（元）")
            self.fields[f"why-{item.pk}"] = forms.CharField(
                label="没有达到的原因", max_length=200, required=False
            )

    def pairs(self) -> list[tuple]:
        return [(item, self[f"actual-{item.pk}"], self[f"why-{item.pk}"]) for item in self.items]

    def actuals(self) -> dict:
        given = self.cleaned_data
        return {item: (given[f"actual-{item.pk}"], given[f"why-{item.pk}"]) for item in self.items}


class PlanFilter(AreaFilter):
    year = forms.TypedChoiceField(label="年度", coerce=int, required=False)
    state = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[("", "全部"), *PlanState.choices, ("untracked", "本季度没有跟踪")],
    )
    need = forms.ChoiceField(label="需要", required=False, choices=[("", "全部"), *Need.choices])

    def __init__(self, params, *, user: Actor):
        super().__init__(params, user=user)
        now = timezone.localdate().year
        self.fields["year"].choices = [
            ("", f"{now} 年"),
            *((y, f"{y} 年") for y in (now + 1, now - 1, now - 2)),
        ]

    def chosen_year(self) -> int:
        return (self.cleaned_data.get("year") if self.is_valid() else None) or timezone.localdate().year

    def narrow(self, income_plans: QuerySet[IncomePlan]) -> QuerySet[IncomePlan]:
        if not self.is_valid():
            return income_plans.none()
        income_plans = income_plans.filter(year=self.chosen_year())
        if area := self.area():
            income_plans = income_plans.in_area(area)
        state = self.cleaned_data["state"]
        if state == "untracked":
            income_plans = missing.untracked(income_plans)
        elif state:
            income_plans = income_plans.filter(state=state)
        if need := self.cleaned_data["need"]:
            wanting = missing.plans_needing(need)
            income_plans = income_plans.filter(pk__in=wanting)
        return income_plans


class MissingFilter(AreaFilter):
    which = forms.ChoiceField(
        label="看", required=False, choices=[("", "今年还没有计划"), ("helper", "没有帮扶联系人")]
    )

    def find(self, user: Actor) -> QuerySet[Household]:
        if not self.is_valid():
            return Household.objects.none()
        which = self.cleaned_data["which"]
        households = (
            missing.without_helper(user) if which else missing.without_plan(user, timezone.localdate().year)
        )
        return households.in_area(area) if (area := self.area()) else households
