"""Filters of the comparison and of verification."""

from django import forms
from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from fangpin.accounts.models import Division, Level
from fangpin.accounts.places.choices import places, within
from fangpin.common.actor import Actor
from households.codelists import Category
from households.models import AnnualIncome
from screening.comparison import board
from screening.models import (
    Candidate,
    CandidateState,
    Lead,
    Round,
    Side,
    VerificationState,
)


class PlaceFilter(forms.Form):
    """Township and village within one's own area; nothing to choose below."""

    township = forms.ChoiceField(label="乡（镇）", required=False)
    village = forms.ChoiceField(label="行政村", required=False)

    def __init__(self, data, *, user: Actor):
        super().__init__(data)
        level = user.acting.division.level
        below = Division.objects.for_user(user).order_by("code")
        if level == Level.COUNTY:
            self.fields["township"].choices = places(below.filter(level=Level.TOWNSHIP))
            villages = within(below, data.get("township", ""))
        else:
            del self.fields["township"]
            villages = below
        if level == Level.VILLAGE:
            del self.fields["village"]
        else:
            self.fields["village"].choices = places(villages.filter(level=Level.VILLAGE))

    def place(self) -> str:
        return self.cleaned_data.get("village") or self.cleaned_data.get("township") or ""


class CandidateFilter(PlaceFilter):
    side = forms.ChoiceField(label="对比结果", required=False, choices=[("", "全部"), *Side.choices])
    state = forms.ChoiceField(label="进展", required=False)
    risk = forms.ChoiceField(label="风险", required=False)
    category = forms.ChoiceField(
        label="拟认定类别", required=False, choices=[("", "全部"), *Category.choices]
    )
    above_line = forms.ChoiceField(
        label="收入", required=False, choices=[("", "全部"), ("yes", "高于参考线"), ("no", "不高于或未知")]
    )
    late = forms.BooleanField(label="只看超期", required=False)

    field_order = ("side", "state", "risk", "township", "village", "category", "above_line", "late")

    def __init__(self, data, *, user: Actor):
        super().__init__(data, user=user)
        self.fields["risk"].choices = board.criterion_choices()
        self.fields["state"].choices = [
            ("", "全部"),
            *((value, label) for value, label in CandidateState.choices if value != CandidateState.WITHDRAWN),
            ("listed", "已列入建议名单"),
            ("unlisted", "可列入，还没有列入"),
        ]

    def narrow(self, candidates: QuerySet[Candidate]) -> QuerySet[Candidate]:
        """Under the chosen filters, withdrawn ones left out; nothing where a choice is not one of those
        offered."""
        if not self.is_valid():
            return candidates.none()
        chosen = self.cleaned_data
        candidates = candidates.exclude(state=CandidateState.WITHDRAWN)
        if chosen["side"]:
            candidates = candidates.filter(side=chosen["side"])
        if chosen["state"] == "listed":
            candidates = candidates.exclude(listed_at=None)
        elif chosen["state"] == "unlisted":
            candidates = candidates.eligible().filter(listed_at=None)
        elif chosen["state"]:
            candidates = candidates.filter(state=chosen["state"])
        if place := self.place():
            candidates = candidates.in_area(place)
        if chosen["category"]:
            candidates = candidates.filter(category=chosen["category"])
        if chosen["risk"]:
            candidates = candidates.filter(has_lead(chosen["risk"]))
        if chosen["late"]:
            candidates = candidates.filter(
                ~Q(verification__state=VerificationState.SETTLED),
                verification__due_on__lt=timezone.localdate(),
            )
        return _by_income(candidates, chosen["above_line"])


def has_lead(criterion: str, candidate: str = "") -> Q:
    """Whether a lead of the criterion was raised, for candidates; `candidate` is the path to them, as
    "candidate__"."""
    leads = Lead.objects.filter(
        round=OuterRef(f"{candidate}round"),
        household=OuterRef(f"{candidate}household"),
        withdrawn_at=None,
        subcriterion__startswith=f"{criterion}.",
    )
    return Q(Exists(leads))


def _by_income(candidates: QuerySet[Candidate], wanted: str) -> QuerySet[Candidate]:
    """By registry income against the income line of the candidates' round; unknown never counts as above."""
    if not wanted:
        return candidates
    round = Round.objects.filter(candidates__in=candidates).first()
    line = round.parameters["income.line"] if round else 0
    latest = AnnualIncome.objects.filter(
        household=OuterRef("household"), year__lte=OuterRef("round__year")
    ).order_by("-year")
    net = Subquery(latest.values("net")[:1], output_field=BigIntegerField())
    candidates = candidates.annotate(net_twice=net * 2)
    # A head's income is rounded half up to the fen: above means 2·net ≥ (2·line + 1)·people.
    above = Q(net_twice__gte=F("household__size") * (2 * line + 1), household__size__gt=0)
    return (
        candidates.filter(above)
        if wanted == "yes"
        else candidates.exclude(Q(net_twice__isnull=False) & above)
    )


class TaskFilter(PlaceFilter):
    state = forms.ChoiceField(
        label="进展", required=False, choices=[("", "还没办完"), *VerificationState.choices, ("all", "全部")]
    )
    late = forms.BooleanField(label="只看超期", required=False)

    field_order = ("state", "township", "village", "late")

    def narrow(self, tasks: QuerySet) -> QuerySet:
        if not self.is_valid():
            return tasks.none()
        chosen = self.cleaned_data
        if not chosen["state"]:
            tasks = tasks.open()
        elif chosen["state"] != "all":
            tasks = tasks.filter(state=chosen["state"])
        if place := self.place():
            tasks = tasks.in_area(place)
        if chosen["late"]:
            tasks = tasks.open().filter(due_on__lt=timezone.localdate())
        return tasks
