"""What a phone asks and is answered: password, token, pack, entry, photo, leaving."""

import hashlib
import json
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fangpin.accounts.models import Duty
from fangpin.accounts.roles import Role
from handheld import pack
from handheld.models import Phone, PhoneEntry
from households.models import Household
from screening.comparison import compare as comparison
from tests import factories
from tests.handheld.phones_makers import PASSWORD, content, damaged, digest, phone_of, picture
from tests.measures import makers
from tests.screening.rounds import quarter

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(hamlet):
    return factories.household(members=2, names=["覃明德", "蓝氏"], hamlet=hamlet)


def opened(client, **more):
    words = {"username": "village", "password": PASSWORD} | more
    return client.post("/handheld/open/", json.dumps(words), content_type="application/json")


@pytest.fixture
def token(client, cadre, round_2020q1) -> dict:
    return {"authorization": f"Phone {opened(client).json()['token']}"}


# ---- Opening ----
def test_password_gives_the_key_and_a_token_once(client, cadre):
    first, second = opened(client).json(), opened(client).json()
    assert first["token"] != second["token"]
    assert first["key"] != second["key"]
    assert Phone.objects.count() == 2


def test_store_that_is_there_gets_its_own_key_back(client, cadre):
    first = opened(client).json()
    again = opened(client, known=first["phone"]).json()
    assert (again["phone"], again["key"]) == (first["phone"], first["key"])
    assert (
        client.get("/handheld/pack/", headers={"authorization": f"Phone {first['token']}"}).status_code == 401
    )


def test_store_of_somebody_else_is_not_opened(client, cadre, office):
    other = factories.user("cadre2", Role.VILLAGE_CADRE, factories.VILLAGE)
    theirs = phone_of(other)
    answer = opened(client, known=str(theirs.uuid)).json()
    assert answer["phone"] != str(theirs.uuid)
    assert answer["key"] != theirs.key


@pytest.mark.parametrize("more", [{"password": "wrong"}, {"username": "nobody"}])
def test_wrong_password_opens_nothing(client, cadre, more):
    answer = opened(client, **more)
    assert answer.status_code == 403
    assert "用户名或密码不对" in answer.json()["detail"]
    assert not Phone.objects.exists()


def test_one_time_code_is_changed_first(client, cadre):
    type(cadre).objects.update(must_change_password=True)
    assert "一次性密码" in opened(client).json()["detail"]


def test_office_has_nothing_to_do_at_doors(client, office):
    office.set_password(PASSWORD)
    office.must_change_password = False
    office.save()
    answer = opened(client, username="office")
    assert answer.status_code == 403
    assert not Phone.objects.exists()


def test_with_two_duties_one_is_chosen(client, cadre):
    more = Duty.objects.create(
        user=cadre, role=Role.WORK_TEAM, division_id="451228100002", begins_on="2020-01-01"
    )
    choices = opened(client).json()["choose"]
    assert len(choices) == 2
    assert opened(client, duty=more.pk).json()["person"]["name"] == "蓝支书"
    assert Phone.objects.get().duty == more


def test_key_and_token_are_not_readable_in_the_database(client, cadre):
    answer = opened(client).json()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM handheld_phone")
        raw = b" ".join(
            bytes(value) if isinstance(value, memoryview | bytes) else str(value).encode()
            for value in cursor.fetchone()
        )
    assert answer["key"].encode() not in raw
    assert answer["token"].encode() not in raw


# ---- The pack ----
def test_pack_has_the_village_and_no_number(client, token, home):
    answer = client.get("/handheld/pack/", headers=token)
    text = answer.content.decode()
    packed = answer.json()
    assert packed["hamlets"] == [{"pk": home.hamlet_id, "name": "那朵屯", "head": "韦某", "signed": None}]
    (one,) = packed["households"]
    assert (one["head"], one["size"], len(one["members"])) == ("覃明德", 2, 2)
    assert one["members"][0][2] == home.members.first().birth_date.year
    for member in home.members.all():
        assert member.id_number not in text
        assert str(member.birth_date) not in text
    assert "459900" not in text


def test_pack_of_another_village_is_not_there(client, token, home):
    factories.household(names=["别村人"], village="451228100002")
    assert "别村人" not in client.get("/handheld/pack/", headers=token).content.decode()


def test_pack_that_the_phone_has_costs_next_to_nothing(client, token, home):
    first = client.get("/handheld/pack/", headers=token | {"accept-encoding": "gzip"})
    assert first["Content-Encoding"] == "gzip"
    again = client.get("/handheld/pack/", headers=token | {"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_pack_ends_with_the_duty(client, token, cadre):
    Duty.objects.filter(user=cadre).update(ends_on=timezone.localdate() - timezone.timedelta(days=1))
    answer = client.get("/handheld/pack/", headers=token)
    assert answer.status_code == 410
    assert "households" not in answer.json()


def test_pack_costs_the_same_for_any_village(cadre, round_2020q1, home, office):
    def count() -> int:
        phone = phone_of(cadre)
        with CaptureQueriesContext(connection) as queries:
            pack.build_pack(phone)
        return len(queries)

    def more(number: int) -> None:
        for _ in range(number):
            one = factories.household(hamlet=home.hamlet)
            quarter.online(round_2020q1, one)
            makers.case("marginal", "medical.out_of_pocket")
        comparison.compare_round(round_2020q1, by=office)

    more(1)
    few = count()
    more(5)
    assert count() == few
    assert few <= 40


def test_tasks_and_cases_bring_their_forms(cadre, round_2020q1, home, office):
    quarter.online(round_2020q1, home)
    comparison.compare_round(round_2020q1, by=office)
    case = makers.case("marginal", "medical.out_of_pocket")
    packed = pack.build_pack(phone_of(cadre))
    assert 'name="answer_' in packed["tasks"][0]["html"]
    assert f'name="risk-{case.risks.get().pk}"' in packed["cases"][0]["html"]
    assert "csrf" not in json.dumps(packed)


# ---- Sending ----
def entry(round, home) -> dict:
    text = content(
        "entry",
        damaged(),
        round=str(round.uuid),
        household=str(home.uuid),
        seen="",
        village=factories.VILLAGE,
    )
    return {
        "uuid": str(uuid.uuid4()),
        "content": text,
        "digest": digest(text),
        "sent_at": timezone.now().isoformat(),
    }


def sent(client, token, body):
    return client.post("/handheld/entries/", json.dumps(body), content_type="application/json", headers=token)


def test_entry_is_received_and_said_again(client, token, round_2020q1, home):
    body = entry(round_2020q1, home)
    first, again = sent(client, token, body), sent(client, token, body)
    assert first.json()["state"] == again.json()["state"] == "received"
    assert (first.json()["is_new"], again.json()["is_new"]) == (True, False)
    mine = client.get("/handheld/pack/", headers=token).json()["mine"]
    assert [one["uuid"] for one in mine] == [body["uuid"]]


def test_other_content_is_409_and_nonsense_400(client, token, round_2020q1, home):
    body = entry(round_2020q1, home)
    sent(client, token, body)
    text = body["content"].replace("cannot", "tight")
    assert sent(client, token, body | {"content": text, "digest": digest(text)}).status_code == 409
    assert sent(client, token, body | {"digest": "0" * 64}).status_code == 400
    assert (
        client.post("/handheld/entries/", b"x", content_type="application/json", headers=token).status_code
        == 400
    )


def test_without_a_token_nothing_is_taken(client, cadre, round_2020q1, home):
    client.force_login(cadre)  # a cookie opens nothing here
    assert sent(client, {}, entry(round_2020q1, home)).status_code == 401
    assert sent(client, {"authorization": "Phone nonsense"}, entry(round_2020q1, home)).status_code == 401
    assert not PhoneEntry.objects.exists()


def test_who_has_left_sends_no_more(client, token, round_2020q1, home):
    assert client.post("/handheld/leave/", headers=token).status_code == 200
    assert sent(client, token, entry(round_2020q1, home)).status_code == 401


def test_changed_password_ends_the_token_of_a_lost_phone(client, token, cadre, round_2020q1, home):
    cadre.set_password("another-password-2020")
    cadre.save()
    assert sent(client, token, entry(round_2020q1, home)).status_code == 401
    assert client.get("/handheld/pack/", headers=token).status_code == 401
    assert opened(client, password="another-password-2020").status_code == 200


def test_after_the_term_the_password_is_asked(client, token, round_2020q1, home):
    Phone.objects.update(opened_at=timezone.now() - Phone.SENDS_FOR)
    assert sent(client, token, entry(round_2020q1, home)).status_code == 401


def test_entry_is_of_the_village_in_which_it_was_made(client, cadre, round_2020q1, home):
    """He has moved on to another village; what he left unsent is of the old one, and waits there."""
    first = opened(client).json()
    Duty.objects.filter(user=cadre).update(ends_on=timezone.localdate() - timezone.timedelta(days=1))
    Duty.objects.create(
        user=cadre, role=Role.VILLAGE_CADRE, division_id="451228100002", begins_on="2020-01-01"
    )
    again = opened(client, known=first["phone"]).json()
    assert again["key"] == first["key"]
    answer = sent(client, {"authorization": f"Phone {again['token']}"}, entry(round_2020q1, home)).json()
    assert answer["state"] == "attention"
    assert PhoneEntry.objects.get().village_id == factories.VILLAGE


def test_whose_duty_has_ended_opens_and_sends_what_he_left_sealed(client, cadre, round_2020q1, home):
    first = opened(client).json()
    Duty.objects.filter(user=cadre).update(ends_on=timezone.localdate() - timezone.timedelta(days=1))
    assert opened(client).status_code == 403
    again = opened(client, known=first["phone"]).json()
    assert again["key"] == first["key"]
    token = {"authorization": f"Phone {again['token']}"}
    assert client.get("/handheld/pack/", headers=token).status_code == 410
    assert sent(client, token, entry(round_2020q1, home)).json()["state"] == "attention"


def test_photo_piece_by_piece(client, token, round_2020q1, home, settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path
    body = entry(round_2020q1, home)
    sent(client, token, body)
    whole, key = picture(), uuid.uuid4()
    place = (
        f"/handheld/photos/{key}/?entry={body['uuid']}"
        f"&digest={hashlib.sha256(whole).hexdigest()}&size={len(whole)}&offset="
    )

    def put(offset: int):
        return client.put(
            f"{place}{offset}",
            whole[offset : offset + 49152],
            content_type="application/octet-stream",
            headers=token,
        )

    assert put(49152 * 2).json()["have"] == 0
    have = 0
    while not (answer := put(have).json()).get("done"):
        have = answer["have"]
    assert answer["have"] == len(whole)


# ---- The page that opens without a network ----
def test_page_and_worker_are_the_same_for_everybody(client, cadre):
    before = client.get("/handheld/").content, client.get("/handheld/worker.js").content
    client.force_login(cadre)
    assert (client.get("/handheld/").content, client.get("/handheld/worker.js").content) == before
    assert "蓝支书" not in before[0].decode()


def test_worker_keeps_every_file_of_the_page(client):
    page, worker = (
        client.get("/handheld/").content.decode(),
        client.get("/handheld/worker.js").content.decode(),
    )
    import re

    for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', page):
        assert address in worker
    assert "no-cache" in client.get("/handheld/worker.js")["Cache-Control"]


def test_what_waits_is_listed_settled_and_told(client, token, cadre, round_2020q1, home, township_officer):
    body = entry(round_2020q1, home)
    text = body["content"].replace('2020-03-11"', '2099-03-11"', 1)
    sent(client, token, body | {"content": text, "digest": digest(text)})
    client.force_login(township_officer)
    assert "手机来件" in client.get("/").content.decode()
    assert "覃明德" in client.get("/handheld/received/").content.decode()
    page = client.get(f"/handheld/received/{body['uuid']}/").content.decode()
    assert "不能晚于今天" in page
    assert "房子坏了" in page
    answer = client.post(
        f"/handheld/received/{body['uuid']}/settle/", {"outcome": "close", "words": "请重填"}
    )
    assert answer.status_code == 302
    assert PhoneEntry.objects.get().state == "settled"


def test_neighbouring_village_sees_nothing_of_it(client, token, round_2020q1, home):
    body = entry(round_2020q1, home)
    sent(client, token, body)
    client.force_login(factories.user("cadre2", Role.VILLAGE_CADRE, "451228100002"))
    assert client.get(f"/handheld/received/{body['uuid']}/").status_code == 404
    assert Household.objects.count() == 1
