import datetime

import pytest
from django.core.cache import cache
from django.urls import reverse

from fangpin.accounts.roles import Role
from households.models import Case
from tests import factories

LIST = reverse("households:household-list")


@pytest.fixture
def as_office(client, office):
    client.force_login(office)
    return client


def heads(response) -> list[str]:
    return [row.household.head_name for row in response.context["page"]]


def test_list_shows_place_income_and_number(as_office):
    home = factories.household(
        names=["韦秀英"], members=2, births=[datetime.date(1970, 1, 2)] * 1, number="N-1"
    )
    factories.income(home, 4180, year=2018)
    factories.income(home, "4180.55", year=2019)
    response = as_office.get(LIST)
    assert heads(response) == ["韦秀英"]
    for words in ("镇南社区", "一般农户", "4,180.55", "2019 年", "N-1", "未亮灯"):
        assert words in response.content.decode()


def test_list_of_anonymous_leads_to_sign_in(client, db):
    response = client.get(LIST)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("accounts:login"))


def test_list_without_the_right_is_forbidden(client, administrator):
    client.force_login(administrator)
    assert client.get(LIST).status_code == 403


def test_list_holds_own_area_only(client, village_cadre):
    factories.household(names=["本村户"])
    factories.household(names=["邻村户"], village=factories.SISTER_VILLAGE)
    factories.household(names=["外县户"], village=factories.OTHER_COUNTY_VILLAGE)
    client.force_login(village_cadre)
    response = client.get(LIST)
    assert heads(response) == ["本村户"]
    assert "共 1 条" in response.content.decode()


def test_helper_sees_named_households_only(client, db):
    helper = factories.user("helper", Role.HELPER, factories.COUNTY)
    mine = factories.household(names=["我联系的户"])
    factories.household(names=["别人的户"])
    mine.helpers.create(user=helper, begins_on=datetime.date(2020, 1, 1))
    client.force_login(helper)
    assert heads(client.get(LIST)) == ["我联系的户"]


def test_list_filters_by_township_then_village(as_office):
    factories.household(names=["甲户"])
    factories.household(names=["乙户"], village=factories.SISTER_VILLAGE)
    factories.household(names=["丙户"], village=factories.OTHER_TOWNSHIP_VILLAGE)
    response = as_office.get(LIST, {"township": factories.TOWNSHIP})
    assert heads(response) == ["甲户", "乙户"]
    response = as_office.get(LIST, {"township": factories.TOWNSHIP, "village": factories.SISTER_VILLAGE})
    assert heads(response) == ["乙户"]


def test_list_drops_a_village_left_over_from_another_township(as_office):
    factories.household(names=["丙户"], village=factories.OTHER_TOWNSHIP_VILLAGE)
    chosen = {"township": "451228101000", "village": factories.VILLAGE}
    assert heads(as_office.get(LIST, chosen)) == ["丙户"]


def test_list_offers_villages_only_once_a_township_is_chosen(as_office):
    assert "village" not in as_office.get(LIST).context["form"].fields
    form = as_office.get(LIST, {"township": factories.TOWNSHIP}).context["form"]
    codes = [code for code, _ in form.fields["village"].choices if code]
    assert codes
    assert all(code.startswith(factories.TOWNSHIP[:9]) for code in codes)


@pytest.mark.parametrize("code", [factories.OTHER_COUNTY_VILLAGE, "451229100000", "x"])
def test_list_of_a_foreign_area_is_empty(as_office, code):
    factories.household()
    factories.household(village=factories.OTHER_COUNTY_VILLAGE)
    response = as_office.get(LIST, {"township": code})
    assert heads(response) == []
    assert "筛选条件有误" in response.content.decode()


def test_village_duty_has_no_area_to_choose(client, village_cadre):
    client.force_login(village_cadre)
    assert not {"county", "township", "village"} & set(client.get(LIST).context["form"].fields)


def test_auditor_of_a_city_chooses_a_county_first(client, db):
    auditor = factories.user("auditor", Role.AUDITOR, "451200000000")
    factories.household(names=["都安户"])
    factories.household(names=["大化户"], village=factories.OTHER_COUNTY_VILLAGE)
    client.force_login(auditor)
    response = client.get(LIST)
    assert len(heads(response)) == 2
    assert "township" not in response.context["form"].fields
    assert heads(client.get(LIST, {"county": factories.OTHER_COUNTY})) == ["大化户"]


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ({"status": "lifted"}, ["脱贫户甲"]),
        ({"lamp": "red"}, ["亮灯户乙"]),
        ({"subject": "any"}, ["对象户丙"]),
        ({"subject": "marginal"}, ["对象户丙"]),
        ({"subject": "monitored"}, []),
        ({"q": "脱贫户甲"}, ["脱贫户甲"]),
        ({"q": "ldh"}, ["亮灯户乙"]),
        ({"q": "N-77"}, ["对象户丙"]),
        ({"status": "nonsense"}, []),
    ],
)
def test_list_filter(as_office, chosen, names):
    factories.household(names=["脱贫户甲"], status="lifted")
    factories.household(names=["亮灯户乙"], lamp="red")
    subject = factories.household(names=["对象户丙"], number="N-77")
    Case.objects.create(
        household=subject, category="marginal", origin="look_back", identified_on=datetime.date(2019, 11, 1)
    )
    assert heads(as_office.get(LIST, chosen)) == names


def test_search_by_full_id_opens_the_household(as_office):
    home = factories.household(members=2, births=[datetime.date(1970, 1, 2), datetime.date(2010, 1, 2)])
    number = home.members.last().id_number
    response = as_office.get(LIST, {"q": f" {number.lower()} "})
    assert response["Location"] == reverse("households:household-detail", args=[home.uuid])


def test_search_by_full_id_of_a_foreign_household_finds_nothing(as_office):
    number = factories.household(village=factories.OTHER_COUNTY_VILLAGE).members.get().id_number
    response = as_office.get(LIST, {"q": number})
    assert response.status_code == 200
    assert heads(response) == []


def test_search_by_a_piece_of_an_id_finds_nothing(as_office):
    number = factories.household().members.get().id_number
    assert heads(as_office.get(LIST, {"q": number[:17]})) == []


def test_empty_registry_leads_to_the_import(as_office):
    assert reverse("households:import-list") in as_office.get(LIST).content.decode()


def test_list_turns_pages(as_office):
    for _ in range(51):
        factories.household()
    first = as_office.get(LIST, {"status": "ordinary"})
    assert len(heads(first)) == 50
    second = as_office.get(first.context["page"].next_url)
    assert len(heads(second)) == 1
    assert not set(heads(first)) & set(heads(second))


def test_list_costs_the_same_for_any_number_of_rows(as_office, django_assert_max_num_queries):
    chosen = {"township": factories.TOWNSHIP}
    factories.income(factories.household(), 3000)
    as_office.get(LIST)
    cache.clear()
    with django_assert_max_num_queries(34) as few:
        as_office.get(LIST, chosen)
    for _ in range(20):
        factories.income(factories.household(village=factories.SISTER_VILLAGE, lamp="red"), 3000)
    cache.clear()
    with django_assert_max_num_queries(len(few)):
        assert len(heads(as_office.get(LIST, chosen))) == 21


def test_search_box_finds_a_full_number_without_naming_it_in_the_address(client, office):
    home = factories.household()
    client.force_login(office)
    answer = client.post(reverse("households:household-search"), {"q": home.members.get().id_number})
    assert answer.url == reverse("households:household-detail", args=[home.uuid])


def test_search_box_says_when_nobody_has_the_number(client, office):
    client.force_login(office)
    number = factories.id_number(datetime.date(1990, 1, 1))
    answer = client.post(reverse("households:household-search"), {"q": number}, follow=True)
    assert number not in answer.redirect_chain[0][0]
    assert "没有这个证件号码的人" in answer.content.decode()


def test_search_box_turns_a_name_into_a_filtered_list(client, office):
    client.force_login(office)
    answer = client.post(reverse("households:household-search"), {"q": "韦 明"})
    assert answer.url == reverse("households:household-list") + "?q=%E9%9F%A6+%E6%98%8E"


@pytest.mark.parametrize("number", ["N-77", "450102900101001"])
def test_search_box_opens_the_household_of_a_number(client, office, number):
    home = factories.household(number=number)
    factories.household()
    client.force_login(office)
    answer = client.post(reverse("households:household-search"), {"q": f" {number} "})
    assert answer.url == reverse("households:household-detail", args=[home.uuid])


def test_search_box_by_the_number_of_a_foreign_household_finds_nothing(client, office):
    factories.household(number="N-77", village=factories.OTHER_COUNTY_VILLAGE)
    client.force_login(office)
    assert client.post(reverse("households:household-search"), {"q": "N-77"}).url.endswith("?q=N-77")


@pytest.mark.parametrize("wrong", ["459900199001010011", "45990019900101O01X"])
def test_search_box_names_no_mistyped_number_in_the_address(client, office, wrong):
    client.force_login(office)
    answer = client.post(reverse("households:household-search"), {"q": wrong}, follow=True)
    assert wrong not in answer.redirect_chain[0][0]
    assert "没有查找：证件号码" in answer.content.decode()
