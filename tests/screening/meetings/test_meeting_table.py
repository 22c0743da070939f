"""Each transition of Meeting, and each decision about a Candidate, × each state × each role."""

import pytest
from django.utils import timezone

from fangpin.accounts.roles import Role
from households.models import Case, Risk
from screening.models import Candidate, CandidateState, Meeting, MeetingState
from tests import factories
from tests.screening.meetings import sittings
from tests.screening.rounds.tables import everybody, outcome

SIGNERS = {Role.LEADING_GROUP, Role.SECRETARY, Role.DIRECTOR}
MEETING = {
    "hold": ({"planned"}, "held", {Role.OFFICE}),
    "correct": ({"held"}, "planned", {Role.OFFICE}),
    "cancel": ({"planned"}, "cancelled", {Role.OFFICE}),
    "sign": ({"held"}, "signed", SIGNERS),
}
CANDIDATE = {
    "approve": ({"consistent", "confirmed", "declined", "deferred"}, "approved"),
    "decline": ({"consistent", "confirmed", "approved", "deferred"}, "declined"),
    "defer": ({"consistent", "confirmed", "declined"}, "deferred"),
}


@pytest.fixture
def actors(db):
    return everybody()


@pytest.fixture
def meeting(round_2020q1, office, director, village_cadre):
    homes = sittings.homes_of(1)
    sittings.submitted(round_2020q1, homes, office=office, director=director, village=village_cadre)
    return sittings.planned(round_2020q1, by=office)


@pytest.mark.parametrize("name", MEETING)
def test_meeting(meeting, actors, secretary_of_the_past, name):
    sources, target, roles = MEETING[name]
    rows = Meeting.objects.filter(pk=meeting.pk)
    for state in MeetingState.values:
        signed = {"signed_by": secretary_of_the_past, "signed_at": timezone.now()}
        rows.update(state=state, **(signed if state == "signed" else {"signed_by": None, "signed_at": None}))
        for role, actor in actors.items():
            expected = target if state in sources and role in roles else None
            assert outcome(rows, name, actor) == expected, (name, state, role)


@pytest.fixture
def secretary_of_the_past(db):
    return sittings.secretary(username="gone")


@pytest.mark.parametrize("name", CANDIDATE)
def test_candidate(meeting, actors, name):
    sources, target = CANDIDATE[name]
    rows = Candidate.objects.all()
    for state in CandidateState.values:
        listed = timezone.now() if state in ("consistent", "confirmed", *Candidate.DECIDED) else None
        rows.update(state=state, listed_at=listed)
        for role, actor in actors.items():
            expected = target if state in sources and role in SIGNERS else None
            assert outcome(rows, name, actor) == expected, (name, state, role)


@pytest.mark.parametrize(
    ("model", "name", "sources", "target"),
    [
        (Case, "revoke", {"active", "evaluated", "reviewed"}, "revoked"),
        (Risk, "void", {"proposed", "open"}, "dismissed"),
    ],
)
def test_what_a_later_meeting_does_to_a_case(actors, model, name, sources, target):
    case = Case.objects.create(
        household=factories.household(), category="marginal", origin="look_back", identified_on="2019-11-25"
    )
    Risk.objects.create(case=case, subcriterion="medical.out_of_pocket")
    rows = model.objects.all()
    for state in dict(model._meta.get_field("state").choices):
        factories.stands(rows, state)
        for role, actor in actors.items():
            expected = target if state in sources and role in SIGNERS else None
            assert outcome(rows, name, actor) == expected, (state, role)
