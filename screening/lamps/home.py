"""亮灯农户 on the page 待办: households in scope whose lamp is lit, each with why, and its income a head."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.urls import reverse

from fangpin.accounts import shell
from fangpin.accounts.roles import Role
from fangpin.common.actor import Actor
from households import lists, rules
from households.models import Case, Household, Lamp
from screening.leads import explanations
from screening.models import Lead, RoundState

SHOWN = 10
LIT = (Lamp.RED, Lamp.YELLOW, Lamp.BLUE)  # green has been released and waits for nothing


@shell.home_panel("screening/lamps/_lit_households.html")
def lit_households(user: Actor) -> dict | None:
    """Red ones first, the newest before the older; not for the auditor, whose every view of a household
    is recorded."""
    if not user.may("lead.view") or user.acting.role == Role.AUDITOR:
        return None
    scope = Household.objects.for_user(user)
    shown: list[Household] = []
    for lamp in LIT:
        if len(shown) < SHOWN:
            shown += _newest(scope.filter(lamp=lamp))[: SHOWN - len(shown)]
    if not shown:
        return None
    red = scope.filter(lamp=Lamp.RED).count()
    url = f"{reverse('households:household-list')}?lamp={Lamp.RED}" if red else ""
    tone = "red" if red else ""
    return {
        "rows": _rows(shown, user),
        "red": red,
        "url": url,
        "figure": {"number": red, "unit": "户", "label": Lamp.RED.label, "url": url, "tone": tone},
    }


def _newest(households: QuerySet[Household]) -> list[Household]:
    return list(lists.with_figures(households).order_by("-lamp_since", "village_id", "id")[:SHOWN])


@dataclass(frozen=True)
class LitRow:
    """A lit household: its risks in a word each, why it is lit, and its net income a head in fen in
    `latest_year`, both None where none is known."""

    household: Household
    risks: list[str]
    sentences: list[str]
    per_head: int | None
    latest_year: int | None


def _rows(households: list[Household], user: Actor) -> list[LitRow]:
    """With the risks and sentences of leads; of a household without one, its case in words."""
    leads = _lead_rows(households, user)
    cases = {
        case.household_id: case
        for case in Case.objects.for_user(user).open().filter(household__in=households)
    }
    return [_row(household, leads.get(household.pk, []), cases.get(household.pk)) for household in households]


def _row(household: Household, leads: list[explanations.LeadRow], case: Case | None) -> LitRow:
    known = household.latest_net is not None
    sentences = [words for lead in leads for words in lead.sentences]
    return LitRow(
        household=household,
        risks=list(dict.fromkeys(lead.criterion.tag for lead in leads)),
        sentences=sentences or ([_case_sentence(case)] if case else []),
        per_head=rules.per_head(household.latest_net, household.size) if known else None,
        latest_year=household.latest_year,
    )


def _lead_rows(households: list[Household], user: Actor) -> dict[int, list[explanations.LeadRow]]:
    leads = (
        Lead.objects.for_user(user)
        .current()
        .filter(~Q(round__state=RoundState.DETERMINED), household__in=households)
        .prefetch_related(explanations.REASONS)
        .order_by("subcriterion", "id")
    )
    by_household: dict[int, list[explanations.LeadRow]] = {}
    for row in explanations.lead_rows(leads):
        by_household.setdefault(row.lead.household_id, []).append(row)
    return by_household


def _case_sentence(case: Case) -> str:
    """脱贫监测户，2019年11月25日识别：缺技术"""
    day = case.identified_on
    words = f"{case.get_category_display()}，{day.year}年{day.month}月{day.day}日识别"
    return f"{words}：{case.risk_words}" if case.risk_words else words
