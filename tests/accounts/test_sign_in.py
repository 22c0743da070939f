import pytest
from django.urls import reverse

from fangpin.accounts.models import User
from fangpin.accounts.roles import Role
from fangpin.common.models import AuditRow
from tests import factories

LOGIN = {"username": "office", "password": "pass-word-1234"}


def sign_in(client, **fields):
    return client.post(reverse("accounts:login"), LOGIN | fields)


def test_sign_in_leads_home_and_is_audited(client, office):
    assert sign_in(client).url == "/"
    assert AuditRow.objects.get(act="sign_in").by == office


@pytest.mark.parametrize("fields", [{"password": "wrong"}, {"username": "nobody"}])
def test_wrong_name_and_wrong_password_look_alike(client, office, fields):
    answer = sign_in(client, **fields)
    assert "用户名或密码不对" in answer.content.decode()


def test_disabled_user_looks_alike_too(client, office):
    User.objects.update(is_active=False)
    assert "用户名或密码不对" in sign_in(client).content.decode()


def test_anonymous_is_sent_to_sign_in(client, db):
    assert client.get("/").url.startswith(reverse("accounts:login"))


def test_first_sign_in_goes_to_the_password_page_and_nowhere_else(client, office):
    User.objects.update(must_change_password=True)
    sign_in(client)
    assert client.get("/").url == reverse("accounts:password-change")
    assert client.get(reverse("accounts:password-change")).status_code == 200


def test_password_change_frees_the_way(client, office):
    User.objects.update(must_change_password=True)
    sign_in(client)
    new = {
        "old_password": LOGIN["password"],
        "new_password1": "瓦器-lamp-77x",
        "new_password2": "瓦器-lamp-77x",
    }
    assert client.post(reverse("accounts:password-change"), new).url == "/"
    assert client.get("/").status_code == 200


def test_weak_password_is_refused_in_chinese(client, office):
    sign_in(client)
    new = {"old_password": LOGIN["password"], "new_password1": "12345678", "new_password2": "12345678"}
    answer = client.post(reverse("accounts:password-change"), new).content.decode()
    assert "密码" in answer
    assert User.objects.get(pk=office.pk).check_password(LOGIN["password"])


def test_passwords_are_hashed_with_argon2():
    from fangpin import settings

    assert settings.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


def test_sign_out_is_a_post(client, office):
    sign_in(client)
    assert client.get(reverse("accounts:logout")).status_code == 405
    client.post(reverse("accounts:logout"))
    assert client.get("/").status_code == 302


def test_pages_forbid_inline_script_and_foreign_sources(client, office):
    policy = client.get(reverse("accounts:login")).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.fixture
def two_duties(office):
    factories.user("office", Role.VILLAGE_CADRE, factories.VILLAGE)
    return list(office.duties.order_by("id"))


def test_duty_is_switched_and_audited(client, office, two_duties):
    sign_in(client)
    assert "县扶贫开发领导小组办公室" in client.get("/").content.decode()
    client.post(reverse("accounts:duty-switch"), {"duty": two_duties[1].pk})
    assert AuditRow.objects.get(act="duty_switch").acting_as == two_duties[1]
    assert client.get("/").wsgi_request.user.acting == two_duties[1]


def test_duty_of_somebody_else_is_not_taken_up(client, office, director):
    sign_in(client)
    client.post(reverse("accounts:duty-switch"), {"duty": director.acting.pk})
    assert client.get("/").wsgi_request.user.acting == office.acting


def test_duty_that_ended_holds_no_longer_on_the_next_request(client, office):
    sign_in(client)
    office.duties.update(ends_on="2020-01-01")
    assert client.get("/").wsgi_request.user.acting is None
