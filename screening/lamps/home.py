"""亮灯农户 on the page 待办: households in scope whose lamp is lit, each with why and what a head lives
on."""

from django.db.models import Q, QuerySet
from django.urls import reverse

from fangpin.accounts import shell
from fangpin.accounts.roles import Role
from households import lists
from households.models import Case, Household, Lamp
from screening.leads import explanations
from screening.models import Lead, RoundState

SHOWN = 10
STANDING = (Lamp.RED, Lamp.YELLOW, Lamp.BLUE)  # green has been released and waits for nothing


@shell.home_panel("screening/lamps/_lit_households.html")
def lit_households(user) -> dict | None:
    """Red ones first, the newest before the older; not for the auditor, whose every look at a household
    counts."""
    if not user.may("lead.view") or user.acting.role == Role.AUDITOR:
        return None
    scope = Household.objects.for_user(user)
    shown: list[Household] = []
    for lamp in STANDING:
        if len(shown) < SHOWN:
            shown += _newest(scope.filter(lamp=lamp))[: SHOWN - len(shown)]
    if not shown:
        return None
    red = scope.filter(lamp=Lamp.RED).count()
    url = f"{reverse('households:household-list')}?lamp={Lamp.RED}" if red else ""
    tone = "red" if red else ""
    return {
        "households": _explained(shown, user),
        "red": red,
        "url": url,
        "figure": {"number": red, "unit": "户", "label": Lamp.RED.label, "url": url, "tone": tone},
    }


def _newest(households: QuerySet[Household]) -> list[Household]:
    return list(lists.with_figures(households).order_by("-lamp_since", "village_id", "id")[:SHOWN])


def _explained(households: list[Household], user) -> list[Household]:
    """Adds the risks and the sentences of leads that stand; for a household without one, its case in
    words."""
    leads = _leads(households, user)
    cases = {
        case.household_id: case
        for case in Case.objects.for_user(user).open().filter(household__in=households)
    }
    for household in households:
        lists.dress(household)
        own = leads.get(household.pk, [])
        household.risks = list(dict.fromkeys(lead.criterion.tag for lead in own))
        household.why = [words for lead in own for words in lead.sentences]
        if not household.why and (case := cases.get(household.pk)):
            household.why = [_case_words(case)]
    return households


def _leads(households: list[Household], user) -> dict[int, list[Lead]]:
    found = (
        Lead.objects.for_user(user)
        .standing()
        .filter(~Q(round__state=RoundState.DETERMINED), household__in=households)
        .prefetch_related(explanations.REASONS)
        .order_by("subcriterion", "id")
    )
    by_household: dict[int, list[Lead]] = {}
    for lead in explanations.with_sentences(found):
        by_household.setdefault(lead.household_id, []).append(lead)
    return by_household


def _case_words(case: Case) -> str:
    """脱贫监测户，2019年11月25日识别：缺技术"""
    day = case.identified_on
    words = f"{case.get_category_display()}，{day.year}年{day.month}月{day.day}日识别"
    return f"{words}：{case.risk_words}" if case.risk_words else words
