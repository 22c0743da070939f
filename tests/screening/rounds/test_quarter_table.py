"""Each transition of Round, Candidate (before the meeting), Verification and Risk × each state × each
role."""

import pytest
from django.utils import timezone

from fangpin.accounts.roles import Role
from households.models import Case, Risk, RiskState
from screening.comparison import compare as comparison
from screening.models import Candidate, CandidateState, Round, RoundState, Verification, VerificationState
from tests import factories
from tests.screening.rounds import quarter
from tests.screening.rounds.tables import everybody, outcome

VILLAGE, TOWNSHIP, SYSTEM = {Role.VILLAGE_CADRE, Role.WORK_TEAM}, {Role.TOWNSHIP}, {None}
# transition → (source → target, who)
ROUND = {
    "begin": ({"announced": "open"}, {Role.OFFICE} | SYSTEM),
    "compare": ({"open": "compared", "compared": "compared"}, {Role.OFFICE}),
    "collect_again": ({"compared": "open"}, {Role.OFFICE}),
    "submit": ({"compared": "submitted"}, {Role.DIRECTOR}),
    "take_back": ({"submitted": "compared"}, {Role.DIRECTOR}),
    "determine": ({"submitted": "determined"}, {Role.LEADING_GROUP, Role.DIRECTOR} | SYSTEM),
}
CANDIDATE = {
    "find_consistent": ({"to_verify": "consistent", "withdrawn": "consistent"}, {Role.OFFICE} | SYSTEM),
    "find_inconsistent": ({"consistent": "to_verify", "withdrawn": "to_verify"}, {Role.OFFICE} | SYSTEM),
    "withdraw": ({"consistent": "withdrawn", "to_verify": "withdrawn"}, {Role.OFFICE} | SYSTEM),
    "confirm": ({"to_verify": "confirmed"}, TOWNSHIP | SYSTEM),
    "dismiss": ({"to_verify": "dismissed", "consistent": "dismissed"}, TOWNSHIP),
    "verify_again": ({"confirmed": "to_verify", "dismissed": "to_verify"}, TOWNSHIP),
    "carry_over": ({"to_verify": "carried"}, {Role.OFFICE}),
    "put_on_list": ({"consistent": "consistent", "confirmed": "confirmed"}, {Role.OFFICE}),
    "take_off_list": ({"consistent": "consistent", "confirmed": "confirmed"}, {Role.OFFICE}),
}
VERIFICATION = {
    "answer": ({"asked": "answered", "answered": "answered"}, VILLAGE),
    "ask_again": ({"answered": "asked", "settled": "asked"}, TOWNSHIP | SYSTEM),
    "conclude": ({"asked": "settled", "answered": "settled"}, TOWNSHIP | SYSTEM),
}
RISK = {
    "confirm": ({"proposed": "open"}, TOWNSHIP | SYSTEM),
    "dismiss": ({"proposed": "dismissed"}, TOWNSHIP | SYSTEM),
}


@pytest.fixture
def actors(db):
    return everybody()


@pytest.fixture
def compared(round_2020q1, office):
    quarter.online(round_2020q1, factories.household())
    comparison.compare_round(round_2020q1, by=office)
    return round_2020q1


def check(rows, states, table, name, actors):
    targets, roles = table[name]
    for state in states:
        rows.update(state=state)
        for role, actor in actors.items():
            expected = targets.get(state) if role in roles else None
            assert outcome(rows, name, actor) == expected, (name, state, role)


@pytest.mark.parametrize("name", ROUND)
def test_round(compared, actors, name):
    check(Round.objects.filter(pk=compared.pk), RoundState.values, ROUND, name, actors)


@pytest.mark.parametrize("name", CANDIDATE)
def test_candidate(compared, actors, name):
    check(Candidate.objects.all(), CandidateState.values, CANDIDATE, name, actors)


@pytest.mark.parametrize("name", VERIFICATION)
def test_verification(compared, actors, name):
    Verification.objects.update(answered_by=actors[Role.VILLAGE_CADRE], answered_at=timezone.now())
    check(Verification.objects.all(), VerificationState.values, VERIFICATION, name, actors)


@pytest.mark.parametrize("name", RISK)
def test_risk(compared, actors, name):
    case = Case.objects.create(
        household=factories.household(), category="marginal", origin="look_back", identified_on="2019-11-25"
    )
    Risk.objects.create(case=case, subcriterion=quarter.MEDICAL)
    check(Risk.objects.all(), RiskState.values, RISK, name, actors)


@pytest.mark.parametrize("name", ["dismiss", "withdraw", "find_inconsistent", "verify_again"])
def test_what_is_on_the_list_leaves_it_only_by_the_office(compared, actors, name):
    for state in ("consistent", "confirmed"):
        Candidate.objects.update(state=state, listed_at=timezone.now())
        for actor in actors.values():
            assert outcome(Candidate.objects.all(), name, actor) is None


@pytest.mark.parametrize("state", ["submitted", "determined"])
@pytest.mark.parametrize("name", ["put_on_list", "take_off_list", "carry_over", "verify_again"])
def test_after_the_submission_nothing_of_the_list_changes(compared, actors, name, state):
    Round.objects.update(state=state)
    for own in CandidateState.values:
        Candidate.objects.update(state=own, listed_at=None)
        for actor in actors.values():
            assert outcome(Candidate.objects.all(), name, actor) is None
