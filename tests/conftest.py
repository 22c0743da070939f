import socket

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import TransactionTestCase

from fangpin.accounts.models import Division
from fangpin.accounts.roles import Role
from fangpin.common.models import WorkingDay
from tests import factories, sites, template
from tests.running import Desk

pytest_plugins = ["tests.where"]
OVER_A_COPY = {
    "site",
    "served",
    "village_served",
}  # fixtures that copy the test database for processes of their own


def pytest_collection_modifyitems(items):
    """pytest-django makes a test database only where a test of the run asks for one. Without it these
    fixtures would copy the database that DATABASE_URL names."""
    for item in items:
        if OVER_A_COPY & set(item.fixturenames):
            item.add_marker(pytest.mark.django_db)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, django_db_modify_db_settings):
    """Tables and reference data: divisions, departments, policy, calendar."""
    before = settings.DATABASES["default"]["NAME"]
    with django_db_blocker.unblock():
        template.create()
    yield
    with django_db_blocker.unblock():
        template.destroy(before)


@pytest.fixture
def unconfirmed(db):
    """No year after 2026 is confirmed."""
    WorkingDay.objects.filter(day__year__gt=2026).delete()


@pytest.fixture(autouse=True)
def _fresh_cache():
    cache.clear()


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    """Only this machine may be talked to."""
    connect = socket.socket.connect

    def guarded(self, address):
        host = address[0] if isinstance(address, tuple) else ""
        if host not in ("127.0.0.1", "localhost", "::1", ""):
            raise AssertionError(f"a test talks to {address}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


# In place of Django's flush, which empties every table and leaves no reference data.
TransactionTestCase._fixture_teardown = lambda self: template.restore()


@pytest.fixture
def county(db) -> Division:
    return Division.objects.get(code=factories.COUNTY)


@pytest.fixture
def office(db):
    return factories.user("office", Role.OFFICE, factories.COUNTY, name="韦晓宁")


@pytest.fixture
def director(db):
    return factories.user("director", Role.DIRECTOR, factories.COUNTY, name="黄主任")


@pytest.fixture
def township_officer(db):
    return factories.user("township", Role.TOWNSHIP, factories.TOWNSHIP, name="覃干事")


@pytest.fixture
def village_cadre(db):
    return factories.user("village", Role.VILLAGE_CADRE, factories.VILLAGE, name="蓝支书")


@pytest.fixture
def insurance_officer(db):
    return factories.user("dept-insurance", Role.DEPARTMENT, factories.COUNTY, "insurance", name="莫科员")


@pytest.fixture
def education_officer(db):
    return factories.user("dept-education", Role.DEPARTMENT, factories.COUNTY, "education", name="陆科员")


@pytest.fixture
def administrator(db):
    return factories.user("admin", Role.ADMINISTRATOR, factories.COUNTY, name="系统员")


@pytest.fixture
def round_2020q1(county, office):
    from screening.quarters import Quarter
    from screening.rounds.opening import open_round

    return open_round(county, Quarter(2020, 1), by=office)


@pytest.fixture
def desk(office, tmp_path) -> Desk:
    """Hands files in through the commands."""
    return Desk(tmp_path)


@pytest.fixture(scope="session")
def site(django_db_setup, django_db_blocker, tmp_path_factory):
    """An installation for real processes: reference data, and users of the county. Not for tests that use
    `db`."""
    with django_db_blocker.unblock():
        made = sites.of_reference_data(tmp_path_factory.mktemp("site"))
    place = ["--name", "x", "--division", "451228", "--role"]
    made.run_all(
        ["add_user", "office", *place, "office"],
        ["add_user", "dept-insurance", *place, "department", "--department", "insurance"],
    )
    yield made
    made.drop()
