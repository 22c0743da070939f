import datetime

import pytest
import time_machine
from django.urls import reverse

from fangpin.accounts.roles import Role
from fangpin.common.models import Job, JobState
from screening.feeds import deliveries
from screening.models import Round
from screening.quarters import Quarter
from screening.rounds.opening import open_round
from screening.sweep import jobs
from tests import factories
from tests.screening.rounds import pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def other_office(db):
    return factories.user("other-office", Role.OFFICE, factories.OTHER_COUNTY, name="外县")


@pytest.fixture
def region(db):
    return factories.user("region", Role.REGION, "450000000000", name="区办")


def detail(client, user, round):
    return pages.page(client, user, "screening:round-detail", round.uuid)


def sweep(client, user, round):
    client.force_login(user)
    return client.post(reverse("screening:round-sweep", args=[round.uuid]), follow=True)


def open_quarter(client, user, quarter):
    client.force_login(user)
    return client.post(reverse("screening:round-open"), {"quarter": quarter}, follow=True)


# ---- List ----
def test_list_shows_own_round_with_counts(client, round_2020q1, office, insurance_officer):
    pages.deliver(round_2020q1, insurance_officer, pages.medical_list())
    shown = pages.words(pages.page(client, office, "screening:round-list"))
    assert "2020 年第一季度" in shown
    assert f"1/{deliveries.count_owed(office)} 类" in shown


def test_list_hides_rounds_of_another_county(client, round_2020q1, other_office):
    assert "2020 年第一季度</a>" not in pages.words(pages.page(client, other_office, "screening:round-list"))


def test_list_of_region_names_the_counties(client, round_2020q1, region):
    assert "都安县" in pages.words(pages.page(client, region, "screening:round-list"))


def test_list_refuses_who_may_not_see_rounds(client, round_2020q1, administrator):
    assert pages.page(client, administrator, "screening:round-list").status_code == 403


def test_list_costs_the_same_for_many_rounds(client, office, county):
    open_round(county, Quarter(2020, 1), by=office)
    few = pages.queries(client, office, "screening:round-list")
    for number in (2, 3, 4):
        open_round(county, Quarter(2020, number), by=office)
    # The to-do badge looks at each round under way: 5 queries a round.
    assert pages.queries(client, office, "screening:round-list") <= few + 3 * 5
    assert few <= 41


def test_list_suggests_the_present_quarter(client, office):
    with time_machine.travel(datetime.datetime(2020, 5, 6, 4, tzinfo=datetime.UTC), tick=False):
        shown = pages.words(pages.page(client, office, "screening:round-list"))
    assert '<option value="2020Q2" selected>' in shown
    assert '<option value="2020Q1">' in shown
    assert "2020Q3" not in shown


def test_list_offers_no_opening_to_the_director(client, director):
    assert 'name="quarter"' not in pages.words(pages.page(client, director, "screening:round-list"))


# ---- Opening ----
def test_office_opens_a_past_quarter(client, office):
    response = open_quarter(client, office, "2020Q2")
    assert Round.objects.get().period == Quarter(2020, 2)
    assert "2020 年第二季度排查已开启" in pages.words(response)


@pytest.mark.parametrize("quarter", ["2999Q1", "2020Q5", "", "2019Q4"])
def test_quarter_that_cannot_be_opened_is_refused_with_words(client, office, quarter):
    response = open_quarter(client, office, quarter)
    assert not Round.objects.exists()
    assert "note-error" in pages.words(response)


def test_opening_twice_keeps_one_round(client, office):
    open_quarter(client, office, "2020Q2")
    assert "已经开启" in pages.words(open_quarter(client, office, "2020Q2"))
    assert Round.objects.count() == 1


def test_only_the_office_opens(client, director):
    assert open_quarter(client, director, "2020Q2").status_code == 403


def test_opening_is_a_post(client, office):
    assert pages.page(client, office, "screening:round-open").status_code == 405


# ---- Detail ----
def test_detail_says_who_has_not_delivered(client, round_2020q1, office, insurance_officer):
    pages.deliver(
        round_2020q1, insurance_officer, pages.medical_list(extra=[("李四", pages.STRANGER, *pages.SPENT)])
    )
    shown = pages.words(detail(client, office, round_2020q1))
    assert "已比中 0 行" in shown
    assert "未报送" in shown
    assert f"1/{deliveries.count_owed(office)} 类部门数据" in shown


def test_reminder_names_bodies_and_lists_only(client, round_2020q1, office, insurance_officer):
    pages.deliver(round_2020q1, insurance_officer, pages.medical_list())
    shown = pages.words(detail(client, office, round_2020q1))
    assert "@教育局：2020 年第一季度义务教育失学辍学名单、家庭困难学生名单还未报送" in shown
    assert "@医保局" not in shown


def test_detail_of_another_county_is_not_found(client, round_2020q1, other_office):
    assert detail(client, other_office, round_2020q1).status_code == 404


def test_detail_refuses_who_may_not_see_rounds(client, round_2020q1, administrator):
    assert detail(client, administrator, round_2020q1).status_code == 403


def test_anonymous_is_sent_to_sign_in(client, round_2020q1):
    response = client.get(reverse("screening:round-detail", args=[round_2020q1.uuid]))
    assert reverse("accounts:login") in response["Location"]


def test_officer_sees_his_own_list_alone(client, round_2020q1, education_officer, office):
    shown = pages.words(detail(client, education_officer, round_2020q1))
    assert "义务教育失学辍学名单" in shown
    assert "医疗费用结算清单" not in shown
    assert "数据比对</h2>" not in shown


def test_officer_who_owes_no_list_is_told_so(client, round_2020q1):
    poverty = factories.user("dept-poverty", Role.DEPARTMENT, factories.COUNTY, "poverty")
    assert "不需要本部门报送" in pages.words(detail(client, poverty, round_2020q1))


def test_officer_who_owes_no_list_gets_no_empty_table(client, round_2020q1):
    poverty = factories.user("dept-poverty", Role.DEPARTMENT, factories.COUNTY, "poverty")
    shown = pages.words(detail(client, poverty, round_2020q1))
    assert "本季度没有要由您部门报送的数据" in shown
    assert "0/0" not in shown + pages.words(pages.page(client, poverty, "screening:round-list"))


def test_city_sees_which_departments_are_late(client, round_2020q1, insurance_officer):
    pages.deliver(round_2020q1, insurance_officer, pages.medical_list())
    city = factories.user("city", Role.CITY, "451200000000")
    shown = pages.words(detail(client, city, round_2020q1))
    assert "教育局（义务教育失学辍学名单、家庭困难学生名单）" in shown
    assert "医保局" not in shown


def test_results_lead_to_the_filtered_list(client, round_2020q1, office, insurance_officer):
    pages.swept(round_2020q1, insurance_officer, pages.ill_households(2), office)
    shown = pages.words(detail(client, office, round_2020q1))
    expected = f"?round={round_2020q1.uuid}&amp;risk=medical.out_of_pocket&amp;township={factories.TOWNSHIP}"
    assert f'{expected}">2</a>' in shown
    assert "线上 2 户" in shown


def test_village_sees_its_own_results_alone(client, round_2020q1, office, insurance_officer, village_cadre):
    homes = pages.ill_households(1) + pages.ill_households(2, village=factories.SISTER_VILLAGE)
    pages.swept(round_2020q1, insurance_officer, homes, office)
    shown = pages.words(detail(client, village_cadre, round_2020q1))
    assert "1 户 · 1 条风险线索" in shown
    assert factories.SISTER_VILLAGE not in shown
    assert "医疗费用结算清单" not in shown


def test_sweep_result_counts_households_not_yet_lifted(client, round_2020q1, office, insurance_officer):
    homes = pages.ill_households(1) + pages.ill_households(1, status="registered")
    pages.swept(round_2020q1, insurance_officer, homes, office)
    (line,) = [line for line in detail(client, office, round_2020q1).context["funnel"] if line.households.n]
    assert (line.households.n, line.registered.n, line.leads.n) == (2, 1, 1)


def test_policy_of_the_round_is_told_with_its_day(client, round_2020q1, office):
    shown = pages.words(detail(client, office, round_2020q1))
    assert "20,000.00 元" in shown
    assert "2020年1月19日起" in shown


def test_detail_costs_the_same_for_many_households(client, round_2020q1, office, insurance_officer):
    pages.swept(round_2020q1, insurance_officer, pages.ill_households(1), office)
    few = pages.queries(client, office, "screening:round-detail", round_2020q1.uuid)
    homes = pages.ill_households(3) + pages.ill_households(3, village=factories.OTHER_TOWNSHIP_VILLAGE)
    pages.swept(round_2020q1, insurance_officer, homes, office)
    assert pages.queries(client, office, "screening:round-detail", round_2020q1.uuid) == few <= 63


# ---- Sweep ----
def test_sweep_is_queued_and_its_progress_shown(client, round_2020q1, office):
    shown = pages.words(sweep(client, office, round_2020q1))
    job = Job.objects.get(kind="sweep")
    assert job.payload == {"round": round_2020q1.pk}
    assert f'hx-get="{reverse("screening:round-progress", args=[round_2020q1.uuid])}"' in shown


def test_sweep_twice_is_one_run(client, round_2020q1, office):
    sweep(client, office, round_2020q1)
    assert "不用再次开始" in pages.words(sweep(client, office, round_2020q1))
    assert Job.objects.filter(kind="sweep").count() == 1


def test_sweep_of_a_colleague_is_told_in_a_sentence(client, round_2020q1, office):
    jobs.start_sweep(round_2020q1, by=office)
    colleague = factories.user("office-2", Role.OFFICE, factories.COUNTY, name="覃同事")
    shown = pages.words(sweep(client, colleague, round_2020q1))
    assert "韦晓宁正在对本季度做数据比对" in shown
    assert f'hx-get="{reverse("screening:round-progress", args=[round_2020q1.uuid])}"' in shown


def test_failed_sweep_is_told(client, round_2020q1, office):
    job = jobs.start_sweep(round_2020q1, by=office)
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, error="没有完成，请重试。")
    assert "最近一次比对没有完成：没有完成，请重试。" in pages.words(detail(client, office, round_2020q1))


def test_lists_after_the_sweep_are_told(client, round_2020q1, office, insurance_officer):
    pages.swept(round_2020q1, insurance_officer, pages.ill_households(1), office)
    pages.deliver(round_2020q1, insurance_officer, pages.medical_list())
    assert "又报送了 1 份数据" in pages.words(detail(client, office, round_2020q1))


def test_only_the_office_sweeps(client, round_2020q1, director):
    assert sweep(client, director, round_2020q1).status_code == 403


def test_sweep_of_another_county_is_not_found(client, round_2020q1, other_office):
    assert sweep(client, other_office, round_2020q1).status_code == 404
    assert not Job.objects.exists()


def test_submitted_round_takes_no_sweep(client, round_2020q1, office):
    Round.objects.filter(pk=round_2020q1.pk).update(state="submitted")
    assert "不能再做数据比对" in pages.words(sweep(client, office, round_2020q1))
    assert not Job.objects.exists()
