"""What each candidate must have before the meeting (Art. 7(2)2 and 3): income against the line, the answer
whether the household can bear it; and what is lacking for the submission."""

from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from households import rules
from households.models import AnnualIncome
from screening.feeds import deliveries
from screening.models import (
    Answer,
    Candidate,
    EntryRisk,
    EntryState,
    IncomeEstimate,
    Round,
    Verification,
    VerificationAnswer,
)


@dataclass(frozen=True)
class Income:
    """What a candidate's household lives on: of the registry, else the estimate made in this round
    (收入测算)."""

    per_head: int | None = None
    source: str = ""  # "2019 年台账" or "收入测算"
    above_line: bool = False


@dataclass
class RoundCheck:
    """What is missing before the list can be submitted. `lacking`: candidate → sentences."""

    open_tasks: int = 0
    unlisted: int = 0
    listed: int = 0
    lacking: dict[Candidate, list[str]] = field(default_factory=dict)
    not_delivered: list[str] = field(default_factory=list)

    @property
    def passes(self) -> bool:
        """Lists that are not delivered are no reason to wait: each household then carries that line."""
        return not (self.open_tasks or self.unlisted or self.lacking)


def with_income(candidates: QuerySet[Candidate]) -> QuerySet[Candidate]:
    """With what `income_of` reads: registry income of the latest year not after the round's, and the
    estimate."""
    registry = AnnualIncome.objects.filter(
        household=OuterRef("household"), year__lte=OuterRef("round__year")
    ).order_by("-year")
    estimate = IncomeEstimate.objects.filter(
        household=OuterRef("household"), round=OuterRef("round")
    ).order_by("-id")
    columns = ("wages", "business", "costs", "property_income", "transfers", "heads")
    return candidates.annotate(
        registry_net=Subquery(registry.values("net")[:1]),
        registry_year=Subquery(registry.values("year")[:1]),
        **{f"estimated_{name}": Subquery(estimate.values(name)[:1]) for name in columns},
    )


def income_of(candidate: Candidate, line: int) -> Income:
    """Of a candidate fetched `with_income` and its household; `line` in fen (Art. 2)."""
    if candidate.registry_net is not None and candidate.household.size:
        head = rules.per_head(candidate.registry_net, candidate.household.size)
        return Income(head, f"{candidate.registry_year} 年台账", head > line)
    if candidate.estimated_heads:
        net = rules.net_income(
            wages=candidate.estimated_wages,
            business=candidate.estimated_business,
            property_income=candidate.estimated_property_income,
            transfers=candidate.estimated_transfers,
            costs=candidate.estimated_costs,
        )
        head = rules.per_head(net, candidate.estimated_heads)
        return Income(head, "收入测算", head > line)
    return Income()


def check_round(round: Round) -> RoundCheck:
    """What is lacking before submission, in a constant number of statements."""
    eligible = Candidate.objects.filter(round=round).eligible()
    check = RoundCheck(
        open_tasks=Verification.objects.filter(round=round).open().count(),
        unlisted=eligible.filter(listed_at=None).count(),
        listed=eligible.exclude(listed_at=None).count(),
        not_delivered=[
            f"{line['department'].name}（{line['kind'].label}）"
            for line in deliveries.owed_lists(round)
            if line["feed"] is None
        ],
    )
    line = round.parameters["income.line"]
    for candidate in with_answers(with_income(eligible)).select_related("household__village__parent"):
        if lacks := lacks_of(candidate, line):
            check.lacking[candidate] = lacks
    return check


def with_answers(candidates: QuerySet[Candidate]) -> QuerySet[Candidate]:
    """With whether somebody at the door, or the village at verification, said that the household can't bear
    it."""
    at_the_door = EntryRisk.objects.filter(
        entry__round=OuterRef("round"), entry__household=OuterRef("household"), answer=Answer.CANNOT_BEAR
    ).exclude(entry__state=EntryState.ATTENTION)
    verified = VerificationAnswer.objects.filter(
        verification__candidate=OuterRef("pk"), answer=Answer.CANNOT_BEAR
    )
    return candidates.annotate(has_answer=Exists(at_the_door) | Exists(verified))


def lacks_of(candidate: Candidate, line: int) -> list[str]:
    income = income_of(candidate, line)
    lacks = []
    if income.per_head is None:
        lacks.append("没有收入（台账或测算）")
    elif income.above_line and not candidate.above_line_words:
        lacks.append("高于收入参考线，没有说明")
    if not candidate.has_answer:
        lacks.append("没有“扛不扛得住”的回答")
    return lacks
