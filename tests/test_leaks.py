"""Scope leak matrix: every URL × every role × own, neighbouring and foreign objects."""

import pytest
from django.db import transaction
from django.test import override_settings

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
from tests.leaks import matrix


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker, tmp_path_factory):
    """One world for the whole file, in a transaction around those of its tests."""
    cheap = override_settings(
        PRIVATE_ROOT=tmp_path_factory.mktemp("private"),
        SESSION_ENGINE="django.contrib.sessions.backends.cache",
    )
    with django_db_blocker.unblock(), cheap, transaction.atomic():
        yield matrix.build()
        transaction.set_rollback(True)


@pytest.fixture
def world(built, db, caplog):
    caplog.set_level("CRITICAL", logger="django.request")  # some thousand refusals, each with its traceback
    return built


def test_every_url_is_walked():
    assert matrix.url_names() == set(matrix.ROUTES) | matrix.PUBLIC


@pytest.mark.parametrize("role", Role.values)
def test_no_role_sees_what_is_not_his(world, client, role):
    assert list(matrix.walk(client, world, role)) == []


@pytest.mark.once
@pytest.mark.parametrize(
    ("model", "role", "route"),
    [
        (HouseholdQuerySet, Role.VILLAGE_CADRE, "households:household-list"),
        (MemberQuerySet, Role.TOWNSHIP, "households:member-reveal"),
        (LeadQuerySet, Role.VILLAGE_CADRE, "screening:lead-list"),
        (FeedQuerySet, Role.DEPARTMENT, "screening:feed-list"),
        (RoundQuerySet, Role.OFFICE, "screening:round-detail"),
        (RegistryImportQuerySet, Role.TOWNSHIP, "households:import-list"),
        (JobQuerySet, Role.OFFICE, "common:job-progress"),
        (CandidateQuerySet, Role.TOWNSHIP, "screening:candidate-board"),
        (VerificationQuerySet, Role.VILLAGE_CADRE, "home"),
        (InquiryQuerySet, Role.DEPARTMENT, "screening:inquiry-list"),
        (PhotoQuerySet, Role.TOWNSHIP, "screening:verification-photo"),
        (NationalItemQuerySet, Role.CLIENT, "screening:national-item"),
        (MeetingQuerySet, Role.SECRETARY, "screening:meeting-list"),
        (AgendaQuerySet, Role.LEADING_GROUP, "screening:agenda-detail"),
        (RecusalQuerySet, Role.OFFICE, "screening:recusal-settle"),
        (CaseQuerySet, Role.TOWNSHIP, "screening:case-list"),
        (AnswerSheetQuerySet, Role.INFORMATION, "screening:national-answers"),
        (UserQuerySet, Role.ADMINISTRATOR, "accounts:user-list"),
        (UserListQuerySet, Role.ADMINISTRATOR, "accounts:list-list"),
        (HeadingQuerySet, Role.DEPARTMENT, "screening:heading-forget"),
        (PolicyQuerySet, Role.TOWNSHIP, "policy:parameter-history"),
        (RevisionQuerySet, Role.OFFICE, "policy:revision-list"),
        (SimulationQuerySet, Role.DIRECTOR, "screening:simulation-list"),
        (SimulationRowQuerySet, Role.OFFICE, "screening:simulation-detail"),
        (RegistryChangeQuerySet, Role.TOWNSHIP, "households:upkeep-list"),
        (PhoneQuerySet, Role.ADMINISTRATOR, "handheld:phone-stop"),
    ],
)
def test_taking_a_scope_away_is_noticed(world, client, monkeypatch, model, role, route):
    assert list(matrix.walk(client, world, role, [route])) == []
    monkeypatch.setattr(model, "for_user", lambda self, user: self.all())
    assert next(matrix.walk(client, world, role, [route]), None)


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
