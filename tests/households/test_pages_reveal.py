import json

import pytest
from django.urls import reverse

from fangpin.accounts.roles import Role
from fangpin.common import audit
from fangpin.common.models import AuditRow
from tests import factories

PHONE = "13877801234"
GIVEN = {"purpose": "与部门数据核对", "words": "医保清单第 3 行"}


@pytest.fixture
def member(db):
    made = factories.household(names=["韦秀英"]).members.get()
    made.phone = PHONE
    made.save()
    made.household.phone = PHONE
    made.household.save()
    return made


def address(member, field="id_number") -> str:
    return reverse("households:member-reveal", args=[member.household.uuid, member.pk, field])


def reveals():
    return AuditRow.objects.filter(act="number_reveal")


def test_reveal_shows_the_number_once_a_purpose_is_given(client, office, member):
    client.force_login(office)
    response = client.post(address(member), GIVEN, headers={"HX-Request": "true"})
    words = response.content.decode()
    assert f'data-copy="{member.id_number}"' in words
    assert "<html" not in words
    assert "no-store" in response["Cache-Control"]


def test_reveal_is_audited_without_the_number(client, office, member):
    client.force_login(office)
    client.post(address(member), GIVEN)
    row = reveals().get()
    assert (row.by, row.acting_as, row.model, row.object_id) == (
        office,
        office.acting,
        "households.member",
        member.pk,
    )
    assert row.details == {"field": "id_number", "purpose": "与部门数据核对：医保清单第 3 行"}
    assert member.id_number not in json.dumps(row.details)


def test_reveal_that_cannot_be_audited_shows_nothing(client, office, member, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError

    client.force_login(office)
    monkeypatch.setattr(audit, "record", broken)
    with pytest.raises(RuntimeError):
        client.post(address(member), GIVEN)


@pytest.mark.parametrize("field", ["id_number", "phone"])
def test_get_never_reveals(client, office, member, field):
    client.force_login(office)
    for headers in ({}, {"HX-Request": "true"}):
        words = client.get(address(member, field), GIVEN, headers=headers).content.decode()
        assert "用途" in words
        assert member.id_number not in words
        assert PHONE not in words
    assert not reveals().exists()


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"purpose": ""},
        {"purpose": "随便看看"},
        {"purpose": "其他", "words": "  "},
        {"purpose": "审计检查", "words": "459900197001020011"},
        {"purpose": "审计检查", "words": "１３８ ７７８０ １２３４"},
    ],
)
def test_reveal_without_a_fit_purpose_shows_nothing(client, office, member, given):
    client.force_login(office)
    response = client.post(address(member), given, headers={"HX-Request": "true"})
    assert response.status_code == 422
    assert member.id_number not in response.content.decode()
    assert not reveals().exists()


def test_other_purpose_in_words_is_enough(client, office, member):
    client.force_login(office)
    assert client.post(address(member), {"purpose": "其他", "words": "补办证件"}).status_code == 200
    assert reveals().get().details["purpose"] == "其他：补办证件"


def test_phone_of_member_and_of_household(client, office, member):
    client.force_login(office)
    household = reverse("households:household-reveal", args=[member.household.uuid])
    for url in (address(member, "phone"), household):
        assert PHONE in client.post(url, GIVEN).content.decode()
    assert [row.model for row in reveals().order_by("id")] == ["households.member", "households.household"]


def test_number_that_is_not_recorded_is_told(client, office):
    bare = factories.household().members.get()
    client.force_login(office)
    assert "没有登记" in client.post(address(bare, "phone"), GIVEN).content.decode()


def test_reveal_without_the_right_is_forbidden(client, director, administrator, member):
    for user in (director, administrator):
        client.force_login(user)
        assert client.post(address(member), GIVEN).status_code == 403
        assert client.get(address(member)).status_code == 403
    assert not reveals().exists()


@pytest.mark.parametrize(
    "village", [factories.SISTER_VILLAGE, factories.OTHER_TOWNSHIP_VILLAGE, factories.OTHER_COUNTY_VILLAGE]
)
def test_reveal_of_another_area_is_not_found(client, village_cadre, village):
    foreign = factories.household(village=village).members.get()
    client.force_login(village_cadre)
    assert client.post(address(foreign), GIVEN).status_code == 404
    assert (
        client.post(reverse("households:household-reveal", args=[foreign.household.uuid]), GIVEN).status_code
        == 404
    )
    assert not reveals().exists()


def test_reveal_of_a_member_of_another_household_is_not_found(client, office, member):
    stranger = factories.household().members.get()
    client.force_login(office)
    url = reverse("households:member-reveal", args=[member.household.uuid, stranger.pk, "id_number"])
    assert client.post(url, GIVEN).status_code == 404


def test_reveal_of_another_field_does_not_exist(client, office, member):
    client.force_login(office)
    assert client.post(address(member).replace("id_number", "id_index"), GIVEN).status_code == 404


def test_helper_reveals_in_named_households_only(client, member):
    helper = factories.user("helper", Role.HELPER, factories.COUNTY)
    client.force_login(helper)
    assert client.post(address(member), GIVEN).status_code == 404
    member.household.helpers.create(user=helper)
    assert client.post(address(member), GIVEN).status_code == 200


def test_reveal_of_anonymous_leads_to_sign_in(client, member):
    assert client.post(address(member), GIVEN)["Location"].startswith(reverse("accounts:login"))
