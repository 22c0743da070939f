"""Why a household is on the online list of a round, and why it is not: rule by rule, in words (Art. 7(1),
7(2)1).

The sweep keeps only what a rule finds; why a rule leaves a household out is worked out from the rows of
today, by the rule itself."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models

from fangpin.accounts.models import Department
from fangpin.common.values.money import yuan
from fangpin.policy.services import PolicySet
from households import rules
from households.codelists import HouseholdStatus
from households.models import Household
from screening import criteria
from screening.criteria import questionnaire
from screening.criteria.base import Criterion, Rule
from screening.leads import explanations
from screening.models import (
    Feed,
    FeedRow,
    FeedState,
    FieldEntry,
    HamletSignOff,
    Lead,
    Round,
    RowStatus,
    Source,
)


class Verdict(models.TextChoices):
    LISTED = "listed", "已列入"
    WAITING = "waiting", "等待比对"
    KEPT_OUT = "kept_out", "不列入"
    NOT_MET = "not_met", "未达到"
    NO_ROWS = "no_rows", "没有记录"
    NOT_DELIVERED = "not_delivered", "还没有报送"


@dataclass(frozen=True)
class Line:
    """What one rule says of the household."""

    rule: Rule
    verdict: Verdict
    words: str

    @property
    def is_listed(self) -> bool:
        return self.verdict == Verdict.LISTED


@dataclass(frozen=True)
class Section:
    criterion: Criterion
    lines: list[Line]


@dataclass(frozen=True)
class Explanation:
    """In words: `gate` is what category the household can be of and where its income lies, `door` what the
    village said."""

    gate: str
    sections: list[Section]
    door: list[str]

    @property
    def listed(self) -> int:
        return sum(line.is_listed for section in self.sections for line in section.lines)


@dataclass
class _Material:
    """All that the rules read, fetched once."""

    round: Round
    household: Household
    policy: PolicySet
    live: models.QuerySet
    rows: dict[str, list[FeedRow]]
    delivered: dict[str, set[str]]
    names: dict[str, str]
    leads: dict[str, Lead]
    kept_out: str


def explain(round: Round, household: Household) -> Explanation:
    """Every rule of the round over one household; both must be in the reader's scope already."""
    material = _material(round, household)
    sections = [
        Section(criterion, [_line(rule, material) for rule in criterion.rules])
        for criterion in criteria.CRITERIA
        if criterion.rules
    ]
    return Explanation(_gate_words(round, household, material), sections, _door(round, household))


def _material(round: Round, household: Household) -> _Material:
    policy = round.parameters
    accepted = list(Feed.objects.filter(round=round, state=FeedState.MATCHED).select_related("department"))
    live = (
        FeedRow.objects.filter(feed__in=[feed.pk for feed in accepted], status=RowStatus.MATCHED)
        .select_related("member", "feed")
        .order_by("feed_id", "row_no")
    )
    kind_of = {feed.pk: feed.kind for feed in accepted}
    rows: dict[str, list[FeedRow]] = {}
    for row in live.filter(household=household):
        rows.setdefault(kind_of[row.feed_id], []).append(row)
    delivered: dict[str, set[str]] = {}
    for feed in accepted:
        delivered.setdefault(feed.kind, set()).add(feed.department.code)
    leads = Lead.objects.filter(round=round, household=household, source=Source.ONLINE).current()
    return _Material(
        round=round,
        household=household,
        policy=policy,
        live=live,
        rows=rows,
        delivered=delivered,
        names=dict(
            Department.objects.filter(county_id=round.county_id).order_by().values_list("code", "name")
        ),
        leads={lead.subcriterion: lead for lead in leads.prefetch_related(explanations.REASONS)},
        kept_out=_kept_out(household, round, policy),
    )


def _line(rule: Rule, material: _Material) -> Line:
    delivered = material.delivered.get(rule.kind.code, set())
    missing = [material.names.get(code, "") for code in rule.kind.departments if code not in delivered]
    rows = (
        list(rule.rows_of(material.household, material.live.filter(feed__kind=rule.kind.code)))
        if rule.rows_of is not None
        else material.rows.get(rule.kind.code, [])
    )
    if not delivered:
        return Line(
            rule, Verdict.NOT_DELIVERED, f"{_names(missing)}还没有报送{rule.kind.label}，没有数据可比对"
        )
    words = rule.why_not(material.household, rows, material.round, material.policy)
    if words:
        also = f"（{_names(missing)}还没有报送）" if missing else ""
        return Line(rule, Verdict.NOT_MET if rows else Verdict.NO_ROWS, words + also)
    if material.kept_out:
        return Line(rule, Verdict.KEPT_OUT, material.kept_out)
    if sentence := _sentence(rule, material.leads.get(rule.subcriterion.code)):
        return Line(rule, Verdict.LISTED, sentence)
    return Line(rule, Verdict.WAITING, f"{rule.kind.short}中有这户，符合条件，下一次数据比对时列入")


def _sentence(rule: Rule, lead: Lead | None) -> str:
    reasons = lead.reasons.all() if lead is not None else ()
    return next(
        (explanations.sentence(r, lead) for r in reasons if r.rule == rule.code and r.closed_at is None), ""
    )


def _kept_out(household: Household, round: Round, policy: PolicySet) -> str:
    """Why the gate leaves out whatever a rule finds; "" where it does not (Art. 2)."""
    if household.category is None:
        return "部门数据中有这户，但这户是建档立卡未脱贫户，已按贫困户帮扶，不再列入防贫对象"
    income = _income(household, round)
    if policy["income.gate"] == "require" and income is not None:
        line = policy["income.line"]
        if rules.is_above_line(income.net, household.size, line):
            per_head = yuan(income.per_head(household.size))
            return (
                f"部门数据中有这户，但 {income.year} 年家庭年人均纯收入 {per_head} 元，"
                f"高于收入参考线 {yuan(line)} 元，按本季度的规定不列入"
            )
    return ""


def _income(household: Household, round: Round):
    return household.incomes.filter(year__lte=round.year).order_by("-year").first()


def _gate_words(round: Round, household: Household, material: _Material) -> str:
    line, since = material.policy["income.line"], material.policy.since("income.line")
    income = _income(household, round)
    per_head = None if income is None else income.per_head(household.size)
    if household.status == HouseholdStatus.REGISTERED:
        who = "建档立卡未脱贫户，已按贫困户帮扶，不列入防贫对象"
    else:
        who = f"{household.status_label}，列入时拟认定为{household.category.label}"
    if per_head is None:
        return f"{who}；没有 {round.year} 年及以前的收入记录，收入不作为不列入的理由"
    side = (
        "高于参考线，列入时标明并须说明"
        if rules.is_above_line(income.net, household.size, line)
        else "在参考线以内"
    )
    if side.startswith("高于") and material.policy["income.gate"] == "require":
        side = "高于参考线，按本季度的规定不列入"
    return (
        f"{who}；{income.year} 年家庭年人均纯收入 {yuan(per_head)} 元，"
        f"收入参考线 {yuan(line)} 元（{since} 起），{side}"
    )


def _names(names: Iterable[str]) -> str:
    return "、".join(name for name in names if name)


def _door(round: Round, household: Household) -> list[str]:
    """What the village has said of it in this round: its entries, else the sign-off of its hamlet."""
    entries = FieldEntry.objects.filter(round=round, household=household).order_by("visited_on", "pk")
    sentences = [
        f"{entry.visit_words}：{questionnaire.summary(entry)}" for entry in entries.prefetch_related("risks")
    ]
    if sentences:
        return sentences
    sign_off = HamletSignOff.objects.filter(round=round, hamlet=household.hamlet_id).first()
    if sign_off is not None:
        return [f"{sign_off.on.month}月{sign_off.on.day}日本屯排查确认，没有上报这户有风险"]
    return ["本季度村里还没有上报这户，本屯也还没有排查确认"]
