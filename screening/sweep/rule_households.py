"""Households that a rule finds, also those that are no lead: the list behind a number of the funnel."""

from collections.abc import Mapping

from django.db.models import QuerySet

from fangpin.common import exports
from fangpin.common.actor import Actor
from households.models import Household
from screening import criteria
from screening.models import Round
from screening.sweep import run

GROUPS = {
    "all": "符合条件的农户",
    "registered": "其中建档立卡未脱贫户，已在帮扶之中，不列为风险线索",
    "above_line": "其中高于收入参考线，按本次参数不列为风险线索",
}
HEADINGS = ("户主", "人口", "乡（镇）", "行政村", "自然屯", "户编号", "户类型")


class Choice:
    """`rule` is None where the address names none."""

    def __init__(self, params: Mapping[str, str]):
        self.rule = criteria.rules().get(params.get("rule", ""))
        self.group = params.get("group", "all")
        if self.group not in GROUPS:
            self.rule = None

    @property
    def words(self) -> str:
        return GROUPS[self.group]


def households(round: Round, choice: Choice, user: Actor) -> QuerySet[Household]:
    """In the scope of `user`, with what a row shows."""
    ids = run.households_of_rule(choice.rule, round, choice.group)
    return Household.objects.for_user(user).filter(pk__in=ids).select_related("village__parent", "hamlet")


def _queryset(user: Actor, params):
    choice = Choice(params)
    round = Round.objects.for_user(user).filter(uuid=params.get("round")).first()
    if round is None or choice.rule is None:
        return Household.objects.none()
    return households(round, choice, user).order_by("village_id", "id")


def _words(_user: Actor, params) -> str:
    choice = Choice(params)
    return f"{choice.rule.subcriterion.tag}：{choice.words}" if choice.rule else ""


def _row(household: Household) -> tuple:
    return (
        household.head_name,
        household.size,
        household.village.parent.short_name,
        household.village.short_name,
        household.hamlet.name if household.hamlet else "",
        household.number,
        household.get_status_display(),
    )


exports.register(
    exports.Export(
        name="found",
        title="比对符合条件的农户",
        permission="lead.export",
        headings=HEADINGS,
        queryset=_queryset,
        row=_row,
        text_columns=("户编号",),
        words=_words,
    )
)
