"""Scope leak matrix: every URL × every role × own, neighbouring and foreign objects."""

import pytest

from fangpin.accounts.models.imports import UserListQuerySet
from fangpin.accounts.models.users import UserQuerySet
from fangpin.accounts.roles import Role
from fangpin.common.models import JobQuerySet
from fangpin.policy.models import PolicyQuerySet, RevisionQuerySet
from handheld.models import PhoneQuerySet
from households.models.cases import CaseQuerySet
from households.models.imports import RegistryImportQuerySet
from households.models.registry import HouseholdQuerySet, MemberQuerySet
from households.models.upkeep import RegistryChangeQuerySet
from screening.models.agenda import AgendaQuerySet, RecusalQuerySet
from screening.models.candidates import CandidateQuerySet
from screening.models.feeds import FeedQuerySet
from screening.models.headings import HeadingQuerySet
from screening.models.inquiries import InquiryQuerySet
from screening.models.leads import LeadQuerySet
from screening.models.meetings import MeetingQuerySet
from screening.models.national import AnswerSheetQuerySet, NationalItemQuerySet
from screening.models.photos import PhotoQuerySet
from screening.models.rounds import RoundQuerySet
from screening.models.simulations import SimulationQuerySet, SimulationRowQuerySet
from screening.models.verifications import VerificationQuerySet
from tests import leaks


@pytest.fixture
def world(db, settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path
    return leaks.build()


def test_every_url_is_walked():
    assert leaks.url_names() == set(leaks.ROUTES) | leaks.PUBLIC


@pytest.mark.parametrize("role", Role.values)
def test_no_role_sees_what_is_not_his(world, client, role):
    assert list(leaks.walk(client, world, role)) == []


@pytest.mark.parametrize(
    ("model", "role"),
    [
        (HouseholdQuerySet, Role.VILLAGE_CADRE),
        (MemberQuerySet, Role.TOWNSHIP),
        (LeadQuerySet, Role.VILLAGE_CADRE),
        (FeedQuerySet, Role.DEPARTMENT),
        (RoundQuerySet, Role.OFFICE),
        (RegistryImportQuerySet, Role.TOWNSHIP),
        (JobQuerySet, Role.OFFICE),
        (CandidateQuerySet, Role.TOWNSHIP),
        (VerificationQuerySet, Role.VILLAGE_CADRE),
        (InquiryQuerySet, Role.DEPARTMENT),
        (PhotoQuerySet, Role.TOWNSHIP),
        (NationalItemQuerySet, Role.CLIENT),
        (MeetingQuerySet, Role.SECRETARY),
        (AgendaQuerySet, Role.LEADING_GROUP),
        (RecusalQuerySet, Role.OFFICE),
        (CaseQuerySet, Role.TOWNSHIP),
        (AnswerSheetQuerySet, Role.INFORMATION),
        (UserQuerySet, Role.ADMINISTRATOR),
        (UserListQuerySet, Role.ADMINISTRATOR),
        (HeadingQuerySet, Role.DEPARTMENT),
        (PolicyQuerySet, Role.TOWNSHIP),
        (RevisionQuerySet, Role.OFFICE),
        (SimulationQuerySet, Role.DIRECTOR),
        (SimulationRowQuerySet, Role.OFFICE),
        (RegistryChangeQuerySet, Role.TOWNSHIP),
        (PhoneQuerySet, Role.ADMINISTRATOR),
    ],
)
def test_taking_a_scope_away_is_noticed(world, client, monkeypatch, model, role):
    monkeypatch.setattr(model, "for_user", lambda self, user: self.all())
    assert next(leaks.walk(client, world, role), None)


def test_counts_are_of_ones_own_area(world, client):
    client.force_login(world.actors[Role.VILLAGE_CADRE])
    for url in ("/households/", "/screening/leads/"):
        assert client.get(url).context["page"].count == 1


def test_without_a_duty_there_is_nothing(world, client):
    actor = world.actors[Role.OFFICE]
    actor.duties.update(ends_on="2020-01-01")
    client.force_login(actor)
    assert client.get("/households/").status_code == 403
    assert client.get("/").status_code == 200
