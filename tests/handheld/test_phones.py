"""Which phones are open for whom, and stopping one of them."""

import datetime
import json
import uuid

import pytest
from django.db import connection
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fangpin.accounts.models import Duty
from fangpin.accounts.roles import Role
from fangpin.common.models import AuditRow
from handheld import phones
from handheld.models import Phone
from handheld.views.phones import PhoneRow
from tests import factories
from tests.handheld.phones_makers import PASSWORD, content, damaged, phone_of, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(db):
    return factories.user("admin", Role.ADMINISTRATOR, factories.COUNTY, name="何伟")


@pytest.fixture
def phone(cadre):
    return phone_of(cadre)


def waiting_entry(phone, round, home, **fields):
    sent = damaged(**({"visited_on": "2099-01-01"} | fields))
    return send(phone, content("entry", sent, round=str(round.uuid), household=str(home.uuid), seen="")).row


def listed(client, user, which: str = "", **ask) -> list[PhoneRow]:
    client.force_login(user)
    return client.get(f"/handheld/phones/{which}", ask).context["page"].rows


def disable(client, phone):
    return client.post(f"/handheld/phones/{phone.uuid}/stop/")


# ---- The list ----
def test_administrator_sees_those_of_his_area_and_no_household(
    client, administrator, phone, round_2020q1, home
):
    waiting_entry(phone, round_2020q1, home)
    phone_of(factories.user("abroad", Role.VILLAGE_CADRE, "451229100001", name="外县干部"))
    (row,) = listed(client, administrator)
    assert (row.phone, row.waiting) == (phone, 1)
    page = client.get("/handheld/phones/").content.decode()
    assert "蓝支书" in page
    assert "外县干部" not in page
    assert "覃明德" not in page


def test_cadre_sees_his_own(client, cadre, phone):
    phone_of(factories.user("cadre2", Role.VILLAGE_CADRE, factories.VILLAGE, name="韦干部"))
    assert [row.phone for row in listed(client, cadre, "mine/")] == [phone]
    assert client.get("/handheld/phones/").status_code == 403
    assert "我的手机" in client.get("/").content.decode()


def test_what_waits_among_the_entries_of_the_round_counts_too(client, cadre, phone, round_2020q1, home):
    type(round_2020q1).objects.update(state="submitted", submitted_at="2020-03-25T00:00Z")
    row = waiting_entry(phone, round_2020q1, home, visited_on="2020-03-11")
    assert (row.state, row.entry.state) == ("taken", "attention")
    assert listed(client, cadre, "mine/")[0].waiting == 1


@pytest.mark.parametrize("case", ["left", "expired"])
def test_what_is_open_no_more_is_listed_on_demand(client, cadre, phone, case):
    past = timezone.now() - Phone.SENDS_FOR
    Phone.objects.update(**({"left_at": timezone.now()} if case == "left" else {"opened_at": past}))
    assert listed(client, cadre, "mine/") == []
    (row,) = listed(client, cadre, "mine/", state="all")
    assert not row.phone.is_open


def test_ended_duty_and_changed_password_are_told(client, cadre, phone, administrator):
    Duty.objects.filter(user=cadre).update(ends_on=timezone.localdate() - datetime.timedelta(days=1))
    cadre.set_password("another-password-2020")
    cadre.save()
    client.force_login(administrator)
    page = client.get("/handheld/phones/").content.decode()
    assert "岗位已结束" in page
    assert "密码改过" in page


def test_list_costs_the_same_for_any_number(client, administrator, phone, round_2020q1, home):
    client.force_login(administrator)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/handheld/phones/")
        return len(queries)

    count()
    few = count()
    for number in range(5):
        other = phone_of(factories.user(f"more{number}", Role.VILLAGE_CADRE, factories.VILLAGE))
        waiting_entry(other, round_2020q1, home)
    assert count() == few


# ---- Stopping ----
def test_stopped_phone_sends_and_fetches_no_more(client, cadre):
    opened = phones.open_phone(cadre)
    token = {"authorization": f"Phone {opened.token}"}
    client.force_login(cadre)
    assert disable(client, opened.phone).status_code == 302
    assert phones.find_phone(opened.token) is None
    answer = client.get("/handheld/pack/", headers=token)
    assert answer.status_code == 401
    assert "重新输密码" in answer.json()["detail"]
    phone = Phone.objects.get()
    assert (phone.stopped_by, phone.left_at is None) == (cadre, False)
    assert AuditRow.objects.filter(act="phone_stop", object_id=phone.pk).count() == 1


def test_password_opens_what_was_sealed_on_a_stopped_phone(client, cadre, administrator):
    opened = phones.open_phone(cadre)
    client.force_login(administrator)
    disable(client, opened.phone)
    words = {"username": "village", "password": PASSWORD, "known": str(opened.phone.uuid)}
    again = client.post("/handheld/open/", json.dumps(words), content_type="application/json").json()
    assert again["key"] == opened.phone.key
    phone = Phone.objects.get()
    assert phone.is_open
    assert phone.stopped_by is None


def test_stopped_twice_is_stopped_once(client, cadre, administrator, phone):
    for user in (cadre, administrator):
        client.force_login(user)
        disable(client, phone)
    assert Phone.objects.get().stopped_by == cadre
    assert AuditRow.objects.filter(act="phone_stop").count() == 1


def test_phone_of_somebody_else_is_not_there(client, phone, office, township_officer):
    others = [
        factories.user("cadre2", Role.VILLAGE_CADRE, factories.VILLAGE),
        office,
        township_officer,
        factories.user("abroad", Role.ADMINISTRATOR, "451229000000"),
    ]
    for other in others:
        client.force_login(other)
        assert disable(client, phone).status_code == 404
    assert Phone.objects.get().is_open


@pytest.mark.parametrize("left", ["another post", "no post"])
def test_former_cadre_stops_what_is_still_his(client, cadre, phone, administrator, left):
    others = phone_of(factories.user("cadre2", Role.VILLAGE_CADRE, factories.VILLAGE, name="韦干部"))
    Duty.objects.filter(user=cadre).update(ends_on=timezone.localdate() - datetime.timedelta(days=1))
    if left == "another post":
        cadre = factories.user("village", Role.TOWNSHIP, factories.TOWNSHIP)
    assert [row.phone for row in listed(client, cadre, "mine/")] == [phone]
    answer = client.post(f"/handheld/phones/{phone.uuid}/stop/", follow=True)
    assert answer.status_code == 200
    assert "已停用" in answer.content.decode()
    assert Phone.objects.get(pk=phone.pk).stopped_by == cadre
    assert disable(client, others).status_code == 404
    assert "我的手机" not in client.get("/").content.decode()


def test_administrators_own_are_his_own_alone(client, administrator, phone):
    assert listed(client, administrator, "mine/") == []
    own = phone_of(factories.user("admin", Role.VILLAGE_CADRE, "451229100001"))
    Duty.objects.filter(user=administrator, role=Role.VILLAGE_CADRE).update(
        ends_on=timezone.localdate() - datetime.timedelta(days=1)
    )
    assert [row.phone for row in listed(client, administrator, "mine/")] == [own]
    assert disable(client, own).status_code == 302
    assert Phone.objects.get(pk=own.pk).stopped_by == administrator


def test_stopping_is_posted(client, cadre, phone):
    client.force_login(cadre)
    assert client.get(f"/handheld/phones/{phone.uuid}/stop/").status_code == 405
    assert client.post(f"/handheld/phones/{uuid.uuid4()}/stop/").status_code == 404


def test_phone_stopped_sends_no_more(cadre, phone):
    with pytest.raises(IntegrityError):
        Phone.objects.update(stopped_by=cadre, left_at=None)
