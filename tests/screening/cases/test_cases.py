"""防贫对象: list, page, who follows, handing over; lamps by place (Art. 7, 9)."""

import datetime
import io

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from fangpin.accounts.models import Duty
from fangpin.accounts.roles import Role
from fangpin.common import exports, jobs
from fangpin.common.files import private_files
from fangpin.common.models import AuditRow
from households import followers
from households.followers import NotHandedOver
from households.models import Case, Follower, HelperAssignment, Household, Risk
from screening.lamps import board as lampboard
from screening.meetings import signing
from tests import factories
from tests.screening.meetings import sittings
from tests.screening.rounds import pages

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _scans(settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path


def case(status: str = "ordinary", risk: str = "medical.out_of_pocket", **fields) -> Case:
    home = factories.household(status=status, **fields)
    made = Case.objects.create(
        household=home, category=home.category, origin="look_back", identified_on=datetime.date(2019, 11, 25)
    )
    Risk.objects.create(case=made, subcriterion=risk)
    return made


@pytest.fixture
def helper(db):
    return factories.user("helper", Role.HELPER, factories.COUNTY, name="罗敏")


@pytest.fixture
def member(db):
    return factories.user("team", Role.WORK_TEAM, factories.VILLAGE, name="农振宇")


def all_cases():
    return Case.objects.all()


def follower_of(subject) -> str:
    follower = Follower.objects.filter(case=subject, ends_on=None).select_related("user").first()
    return follower.user.name if follower else ""


# ---- Handing over ----
def test_handed_over_from_today(office, member):
    subject = case()
    old = factories.user("old", Role.WORK_TEAM, factories.VILLAGE, name="旧队员")
    Follower.objects.create(case=subject, user=old, begins_on=datetime.date(2020, 1, 1))
    assert followers.hand_over(all_cases(), member, by=office, reason="轮换") == 1
    assert follower_of(subject) == "农振宇"
    assert Follower.objects.get(user=old).ends_on == timezone.localdate()
    assert AuditRow.objects.get(act="follower_hand_over").details["cases"] == 1


def test_the_old_helper_sees_the_household_no_more_and_the_new_one_does(office, helper):
    subject = case("lifted")
    other = factories.household(status="lifted")
    old = factories.user("old", Role.HELPER, factories.COUNTY, name="旧联系人")
    for home in (subject.household, other):
        HelperAssignment.objects.create(household=home, user=old, begins_on=datetime.date(2020, 1, 1))
    Follower.objects.create(case=subject, user=old, begins_on=datetime.date(2020, 1, 1))
    followers.hand_over(all_cases(), helper, by=office, reason="调离")
    assert set(Household.objects.for_user(old)) == {other}
    assert set(Household.objects.for_user(helper)) == {subject.household}


def test_of_one_who_leaves_the_other_households_go_too(office, helper):
    subject = case("lifted")
    other = factories.household(status="lifted")
    old = factories.user("old", Role.HELPER, factories.COUNTY)
    for home in (subject.household, other):
        HelperAssignment.objects.create(household=home, user=old, begins_on=datetime.date(2020, 1, 1))
    Follower.objects.create(case=subject, user=old, begins_on=datetime.date(2020, 1, 1))
    followers.hand_over(all_cases(), helper, by=office, reason="调离", leaving=True)
    assert not Household.objects.for_user(old).exists()
    assert Household.objects.for_user(helper).count() == 2


def test_a_team_member_who_leaves_loses_his_post_in_the_village(office, member):
    old = factories.user("old", Role.WORK_TEAM, factories.VILLAGE)
    Follower.objects.create(case=case(), user=old, begins_on=datetime.date(2020, 1, 1))
    followers.hand_over(all_cases(), member, by=office, reason="轮换", leaving=True)
    assert not Duty.objects.in_force().filter(user=old).exists()
    assert Duty.objects.in_force().filter(user=member).exists()


def test_a_monitored_household_goes_to_a_helper_alone(office, member):
    case("lifted")
    with pytest.raises(NotHandedOver, match="帮扶联系人跟踪"):
        followers.hand_over(all_cases(), member, by=office, reason="轮换")


def test_a_marginal_household_goes_to_the_work_team_where_there_is_one(office, member, village_cadre):
    case()
    with pytest.raises(NotHandedOver, match="驻村工作队员跟踪"):
        followers.hand_over(all_cases(), village_cadre, by=office, reason="轮换")


def test_without_a_work_team_a_cadre_steps_in(office, village_cadre):
    subject = case()
    followers.hand_over(all_cases(), village_cadre, by=office, reason="本村没有工作队")
    assert follower_of(subject) == "蓝支书"


def test_cases_of_two_villages_are_not_handed_over_at_once(office, member):
    case()
    case(village=factories.SISTER_VILLAGE)
    with pytest.raises(NotHandedOver, match="不在同一个村"):
        followers.hand_over(all_cases(), member, by=office, reason="轮换")


def test_a_township_hands_over_its_own_alone(member):
    stranger = factories.user("stranger", Role.TOWNSHIP, "451228101000")
    case()
    with pytest.raises(NotHandedOver, match="管辖范围"):
        followers.hand_over(all_cases(), member, by=stranger, reason="轮换")


def test_a_reason_and_a_right_are_needed(office, director, member):
    case()
    with pytest.raises(NotHandedOver, match="写明移交的原因"):
        followers.hand_over(all_cases(), member, by=office, reason=" ")
    with pytest.raises(NotHandedOver, match="当前的岗位"):
        followers.hand_over(all_cases(), member, by=director, reason="轮换")


@pytest.mark.parametrize("count", [1, 15])
def test_any_number_is_handed_over_in_the_same_queries(office, member, django_assert_num_queries, count):
    for _ in range(count):
        case()
    with django_assert_num_queries(13):
        followers.hand_over(all_cases(), member, by=office, reason="轮换")


def test_nobody_follows_where_the_follower_has_no_post(office, member):
    subject = case()
    followers.hand_over(all_cases(), member, by=office, reason="指定")
    assert not followers.without_follower(all_cases()).exists()
    Duty.objects.filter(user=member).update(ends_on=datetime.date(2020, 1, 1))
    assert list(followers.without_follower(all_cases())) == [subject]


# ---- Pages ----
def shown(client, user, **query) -> list[str]:
    response = pages.page(client, user, "screening:case-list", **query)
    return [row.case.household.head_name for row in response.context["page"]]


@pytest.fixture
def several(member, office):
    """A marginal one that is followed, a monitored one, a released one, and one of another township."""
    first = case(names=["覃明德"])
    followers.hand_over(all_cases(), member, by=office, reason="指定")
    case("lifted", risk="housing.unsafe", names=["陆凤娇"])
    gone = case(names=["蒙桂兰"])
    factories.released(Case.objects.filter(pk=gone.pk))
    case(village=factories.OTHER_TOWNSHIP_VILLAGE, names=["罗永强"])
    return first


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, {"覃明德", "陆凤娇", "罗永强"}),
        ({"state": "all"}, {"覃明德", "陆凤娇", "蒙桂兰", "罗永强"}),
        ({"state": "released"}, {"蒙桂兰"}),
        ({"category": "monitored"}, {"陆凤娇"}),
        ({"risk": "housing"}, {"陆凤娇"}),
        ({"follower": "missing"}, {"陆凤娇", "罗永强"}),
        ({"township": factories.TOWNSHIP}, {"覃明德", "陆凤娇"}),
        ({"lamp": "red"}, set()),
        ({"origin": "meeting"}, set()),
    ],
)
def test_the_list_is_filtered(client, several, office, query, names):
    assert set(shown(client, office, **query)) == names


def test_each_sees_the_cases_of_his_area(client, several, township_officer, village_cadre, helper):
    assert set(shown(client, township_officer)) == {"覃明德", "陆凤娇"}
    assert shown(client, helper) == []
    other = factories.user("other", Role.OFFICE, factories.OTHER_COUNTY)
    assert shown(client, other) == []


def test_the_list_costs_the_same_for_many_cases(client, office):
    case()
    few = pages.queries(client, office, "screening:case-list")
    for _ in range(10):
        case()
    assert pages.queries(client, office, "screening:case-list") == few <= 38


def test_the_page_of_a_case_of_a_meeting_names_it(
    client, round_2020q1, office, director, village_cadre, member
):
    homes = sittings.homes_of(1)
    sittings.submitted(round_2020q1, homes, office=office, director=director, village=village_cadre)
    meeting = sittings.held(sittings.planned(round_2020q1, by=office), by=office)
    signing.sign_meeting(meeting, by=sittings.leader(), document=sittings.NUMBER)
    subject = Case.objects.get()
    words = pages.words(pages.page(client, office, "screening:case-detail", subject.uuid))
    for line in (
        sittings.NUMBER,
        "农振宇",
        "县级审定，列为防贫对象 · 蓝志远",
        "全国系统录入",
        "第七条（一）2",
    ):
        assert line in words, line


def test_a_look_back_case_stands_on_the_list_with_its_take_over(client, office):
    subject = case()
    words = pages.words(pages.page(client, office, "screening:case-list"))
    assert "2019年“回头看”" in words
    assert reverse("households:import-list") + "#take-over" in words
    assert subject.household.head_name in words


def test_a_follower_is_named_on_the_page(client, township_officer, member):
    subject = case()
    client.force_login(township_officer)
    client.post(reverse("screening:case-follower", args=[subject.uuid]), {"to": member.uuid, "reason": ""})
    assert follower_of(subject) == "农振宇"


def test_handed_over_on_the_page(client, office, member):
    subjects = [case(), case()]
    address = (
        reverse("screening:case-hand-over") + f"?township={factories.TOWNSHIP}&village={factories.VILLAGE}"
    )
    client.force_login(office)
    assert "没有或已离岗（2 户）" in pages.words(client.get(address))
    given = {"pick": [subject.uuid for subject in subjects], "to": member.uuid, "reason": "新认定"}
    assert "2 户已移交给农振宇" in pages.words(client.post(address, given, follow=True))
    assert client.get(address + f"&old={member.uuid}").context["shown"]


def test_a_foreign_case_among_the_ticked_refuses_all(client, office, member):
    own, foreign = case(), case(village=factories.OTHER_COUNTY_VILLAGE)
    address = (
        reverse("screening:case-hand-over") + f"?township={factories.TOWNSHIP}&village={factories.VILLAGE}"
    )
    client.force_login(office)
    given = {"pick": [own.uuid, foreign.uuid], "to": member.uuid, "reason": "轮换"}
    assert "整批没有办理" in pages.words(client.post(address, given, follow=True))
    assert not Follower.objects.exists()


def test_the_export_holds_the_rows_of_the_filter(office, several):
    export = exports.find("cases")
    job = exports.start(export, "category=monitored", by=office)
    jobs.execute(job.pk)
    job.refresh_from_db()
    sheet = openpyxl.load_workbook(io.BytesIO(private_files.load(job.result["stored"]))).active
    cells = [cell.value for row in sheet.iter_rows() for cell in row]
    assert job.result["rows"] == 1
    assert "陆凤娇" in cells


def test_the_household_page_shows_risks_and_follower(client, office, several):
    words = pages.words(pages.page(client, office, "households:household-detail", several.household.uuid))
    assert "风险和跟踪" in words
    assert "农振宇" in words


# ---- To do ----
def test_missing_followers_are_told_to_the_township_and_new_ones_to_the_follower(
    client, township_officer, office, member
):
    case(), case("lifted")
    words = pages.words(pages.page(client, township_officer, "home"))
    assert "1 户脱贫监测户没有帮扶联系人跟踪，1 户边缘户没有驻村工作队员跟踪" in words
    followers.hand_over(all_cases().filter(category="marginal"), member, by=office, reason="指定")
    assert "1 户防贫对象从近日起由您跟踪" in pages.words(pages.page(client, member, "home"))


# ---- Lamps ----
@pytest.fixture
def lit(db):
    for village, lamp in (
        (factories.VILLAGE, "red"),
        (factories.VILLAGE, "none"),
        (factories.SISTER_VILLAGE, "yellow"),
        (factories.OTHER_TOWNSHIP_VILLAGE, "green"),
        (factories.OTHER_COUNTY_VILLAGE, "red"),
    ):
        factories.household(village=village, lamp=lamp, lamp_since=timezone.localdate())


def test_lamps_are_counted_by_township_and_village(lit, county, office, township_officer):
    rows = lampboard.rows(office, county)
    assert [(row.place.code, row.counts, row.lamp) for row in rows] == [
        ("451228100000", {"red": 1, "none": 1, "yellow": 1}, "red"),
        ("451228101000", {"green": 1}, "green"),
    ]
    assert lampboard.total(county, rows).total == 4
    below = lampboard.rows(township_officer, township_officer.acting.division)
    assert [row.place.code for row in below] == [factories.VILLAGE, factories.SISTER_VILLAGE]


def test_each_count_opens_its_list(client, lit, office):
    words = pages.words(pages.page(client, office, "screening:lamp-board"))
    address = f"{reverse('households:household-list')}?township={factories.TOWNSHIP}&amp;lamp=red"
    assert address in words
    answer = pages.page(client, office, "households:household-list", township=factories.TOWNSHIP, lamp="red")
    assert answer.context["page"].count == 1


def test_city_and_region_see_counts_and_no_household(client, lit):
    city = factories.user("city", Role.CITY, "451200000000")
    words = pages.words(pages.page(client, city, "screening:lamp-board"))
    assert reverse("households:household-list") not in words
    assert "都安县" in words
    assert lampboard.rows(city, city.acting.division)[0].total == 4


def test_a_place_outside_ones_area_is_not_shown(client, lit, township_officer):
    page = pages.page(client, township_officer, "screening:lamp-board", place="451228101000")
    assert page.status_code == 404


def test_a_helper_counts_the_households_he_is_named_for(lit, helper, county):
    HelperAssignment.objects.create(household=Household.objects.filter(lamp="red").first(), user=helper)
    assert [row.counts for row in lampboard.rows(helper, county)] == [{"red": 1}]
