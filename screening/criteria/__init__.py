"""The six criteria of Art. 7(1), one file each. To change a rule open its file; to add a criterion add one.
`dropout`, `illness`, `work` and `lost_labour` hold the second matter of a criterion that is too long for one
file."""

from functools import cache

from screening.criteria import education, housing, livelihood, medical, other, water
from screening.criteria.base import Criterion, FeedKind, Rule, Subcriterion

CRITERIA: tuple[Criterion, ...] = (
    education.CRITERION,
    medical.CRITERION,
    housing.CRITERION,
    water.CRITERION,
    livelihood.CRITERION,
    other.CRITERION,
)


@cache
def subcriteria() -> dict[str, Subcriterion]:
    return {sub.code: sub for criterion in CRITERIA for sub in criterion.subcriteria}


@cache
def feed_kinds() -> dict[str, FeedKind]:
    return {kind.code: kind for criterion in CRITERIA for kind in criterion.kinds}


@cache
def rules() -> dict[str, Rule]:
    return {rule.code: rule for criterion in CRITERIA for rule in criterion.rules}


@cache
def criterion_of(subcriterion: str) -> Criterion:
    return next(c for c in CRITERIA if any(sub.code == subcriterion for sub in c.subcriteria))


__all__ = ["CRITERIA", "criterion_of", "feed_kinds", "rules", "subcriteria"]
