import pytest

from households.models import Hamlet
from tests import factories
from tests.handheld.phones_makers import PASSWORD, phone_of


@pytest.fixture
def hamlet(round_2020q1):
    return Hamlet.objects.create(village_id=factories.VILLAGE, name="那朵屯", head_name="韦某")


@pytest.fixture
def home(hamlet):
    return factories.household(names=["覃明德"], hamlet=hamlet)


@pytest.fixture
def cadre(village_cadre):
    """The cadre with a password that the tests know."""
    village_cadre.set_password(PASSWORD)
    village_cadre.must_change_password = False
    village_cadre.save()
    return village_cadre


@pytest.fixture
def phone(village_cadre):
    return phone_of(village_cadre)
