"""One-time codes: kept as passwords are, shown once, gone after some days."""

import datetime

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.urls import reverse
from django.utils import timezone

from fangpin.accounts import codes
from fangpin.accounts.models import User
from tests.accounts.people import newcomer

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(administrator):
    return newcomer(administrator)


def sign_in(client, password, username="lanxiu"):
    return client.post(reverse("accounts:login"), {"username": username, "password": password})


def test_code_is_kept_hashed(made):
    user, code = made
    assert code not in user.password
    assert user.check_password(code)


@pytest.mark.parametrize("change", [str, codes.grouped, str.upper, lambda code: f" {code[:4]} {code[4:]} "])
def test_code_is_taken_as_it_is_typed_from_paper(client, made, change):
    assert sign_in(client, change(made[1])).status_code == 302


def test_password_of_ones_own_is_taken_as_it_is(client, office):
    office.set_password("Ab-Cd ef-12")
    office.save()
    assert authenticate(username="office", password="abcdef12") is None
    assert authenticate(username="office", password="Ab-Cd ef-12") == office


def test_code_that_has_expired_looks_like_a_wrong_password(client, made, settings):
    late = timezone.now() + datetime.timedelta(days=settings.ONE_TIME_CODE_DAYS, minutes=1)
    with time_machine.travel(late):
        late_words = sign_in(client, made[1]).content.decode()
        wrong_words = sign_in(client, "wrong").content.decode()
    assert "用户名或密码不对" in late_words
    assert ("用户名或密码不对" in wrong_words) and "过期" not in late_words


def test_code_holds_until_its_last_minute(client, made, settings):
    late = timezone.now() + datetime.timedelta(days=settings.ONE_TIME_CODE_DAYS, minutes=-1)
    with time_machine.travel(late):
        assert sign_in(client, made[1]).status_code == 302


def test_first_sign_in_wants_a_password_of_ones_own(client, made):
    user, code = made
    sign_in(client, code)
    change = reverse("accounts:password-change")
    assert client.get("/").url == change
    new = {
        "old_password": codes.grouped(code).upper(),
        "new_password1": "瓦器-lamp-77x",
        "new_password2": "瓦器-lamp-77x",
    }
    assert client.post(change, new).url == "/"
    user.refresh_from_db()
    assert (user.must_change_password, user.code_expires_at) == (False, None)
    assert authenticate(username="lanxiu", password=code) is None


def test_own_password_outlives_the_codes_term(client, made, settings):
    User.objects.filter(pk=made[0].pk).update(must_change_password=False, code_expires_at=None)
    with time_machine.travel(timezone.now() + datetime.timedelta(days=400)):
        assert sign_in(client, made[1]).status_code == 302


def test_codes_differ_and_avoid_what_looks_alike():
    made = {codes.new_code().text for _ in range(50)}
    assert len(made) == 50
    assert not set("".join(made)) & set("0o1liI")
