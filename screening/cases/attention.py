"""Attention to a case goes on: a risk that was confirmed meanwhile ends its way to a release."""

from collections.abc import Iterable

from fangpin.common.transitions import move
from households.models import Case, CaseState


def resume_attention(cases: Iterable[int], *, words: str) -> int:
    """A risk has come up (Art. 9): cases on their way to a release go on, by the system, with a record."""
    own = list(cases)
    Case.objects.filter(pk__in=own).exclude(helped_since=None).open().update(helped_since=None)
    underway = Case.objects.filter(pk__in=own, state__in=[CaseState.EVALUATED, CaseState.REVIEWED])
    keys = list(underway.values_list("pk", flat=True))
    if not keys:
        return 0
    stamps = {"evaluated_on": None, "reviewed_on": None}
    return move(Case.objects.filter(pk__in=keys), "go_on", by=None, opinion=words, stamps=stamps)
