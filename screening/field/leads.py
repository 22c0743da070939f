"""Leads of a village report (Art. 7(2)1): what an entry raises, behind the same gate as a department's
list."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from households import rules
from households.models import AnnualIncome, Case, Household
from screening import criteria
from screening.comparison import compare as comparison
from screening.lamps import colours as lamps
from screening.models import Answer, FieldEntry, Lead, LeadReason, Round, Source

VERSION = 1


def raise_leads(entry: FieldEntry, round: Round) -> tuple[list[Lead], str]:
    """Raises the leads of an entry and sets the lamp at once; returns them, and why there are none where the
    gate keeps the household out (Art. 2)."""
    household, codes = entry.household, _situations(entry)
    if household is None or not codes:
        return [], ""
    per_head, year = income_of(household, round)
    policy = round.parameters
    above = per_head is not None and per_head > policy["income.line"]
    if household.category is None:
        return [], "这户是建档立卡未脱贫户，由脱贫帮扶管，不列入防贫排查"
    if above and policy["income.gate"] == "require":
        return [], "这户人均收入高于参考线，按本县规定不列入"
    values = {
        "category": household.category,
        "above_line": above,
        "per_head": per_head,
        "income_year": year,
        "in_case": Case.objects.filter(household=household, state__in=Case.OPEN).exists(),
    }
    leads = [_lead(entry, round, code, values) for code in codes]
    comparison.join_new_leads(round)
    lamps.recompute_lamps(round.county_id)
    return leads, ""


def income_of(household: Household, round: Round) -> tuple[int | None, int | None]:
    """Net income a head (fen) and its year, of the registry: the largest year not after the round's own."""
    latest = AnnualIncome.objects.filter(household=household, year__lte=round.year).order_by("-year").first()
    if latest is None:
        return None, None
    return rules.per_head(latest.net, household.size), latest.year


def leads_of(entry: FieldEntry) -> list[Lead]:
    return list(Lead.objects.filter(reasons__entry=entry).order_by("pk"))


def tags_of(leads: Iterable[Lead]) -> str:
    """Their situations in words: 危房、饮水."""
    return "、".join(criteria.subcriteria()[lead.subcriterion].tag for lead in leads)


def _situations(entry: FieldEntry) -> list[str]:
    risks = entry.risks.filter(answer=Answer.CANNOT_BEAR).exclude(subcriterion="")
    codes = set(risks.values_list("subcriterion", flat=True))
    return [code for code in criteria.subcriteria() if code in codes]


def _lead(entry: FieldEntry, round: Round, code: str, values: dict[str, Any]) -> Lead:
    """One lead a round, household, source and situation; a second entry is a second reason of it."""
    lead, made = Lead.objects.get_or_create(
        round=round, household=entry.household, source=Source.OFFLINE, subcriterion=code, defaults=values
    )
    if not made:
        Lead.objects.filter(pk=lead.pk).update(withdrawn_at=None, flagged_at=None, **values)
        lead.refresh_from_db()
    LeadReason.objects.get_or_create(
        lead=lead,
        rule=f"entry/{entry.pk}",
        defaults={
            "version": VERSION,
            "article": criteria.subcriteria()[code].article,
            "entry": entry,
            "rows": [],
            "found_at": timezone.now(),
        },
    )
    return lead
