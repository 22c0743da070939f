"""Pages of follow-up: the list, a visit from a phone, places, what has not come, papers, to-do lines."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fangpin.accounts import shell
from fangpin.accounts.roles import Role
from households.models import Follower, HelperAssignment
from measures.delivery import delivery, filing
from measures.models import Measure, Visit
from measures.planning import plan
from tests import factories
from tests.measures import makers
from tests.measures.makers import officer, wanted
from tests.measures.releases.endings import today
from tests.measures.visits.visits_makers import DAY, picture, record

pytestmark = pytest.mark.django_db
FOLLOW_UP, VISITS, PAPERS = "/measures/follow/", "/measures/visits/", "/measures/visits/papers/"


@pytest.fixture
def team(db):
    return factories.user("team", Role.WORK_TEAM, factories.VILLAGE, name="农队员")


def shown(client, user, address: str) -> str:
    client.force_login(user)
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def lines(user) -> list[tuple[str, str]]:
    return [(line.what, line.about) for line in shell.todo_for(user)]


def sent(case, **changed) -> dict:
    risks = {f"risk-{risk.pk}": "gone" for risk in case.risks.all()}
    given = {"key": uuid.uuid4(), "on": today().isoformat(), "way": "door", "visitors": "农队员、蓝支书"}
    return given | risks | changed


def address_of(case) -> str:
    return f"/measures/households/{case.household.uuid}/visit/"


def delivered(case, office) -> Measure:
    by = officer("agriculture")
    measure = plan.plan_measure(wanted(case.household, "industry_award", 100), by=by, on=makers.DAY)
    filing.file_measures(Measure.objects.all(), by=office, on=makers.DAY)
    delivery.begin_measures(Measure.objects.all(), by=by, on=makers.DAY)
    delivery.deliver_measures(Measure.objects.all(), by=by, on=makers.DAY, proof="转账回单")
    return measure


def test_a_visit_from_the_phone(client, team):
    case = makers.case("marginal", "housing.unsafe")
    client.force_login(team)
    given = sent(case, words="墙加固了", **{"secured-housing": "yes", "secured-water": "no"})
    answer = client.post(address_of(case), given)
    assert answer.status_code == 302
    visit = Visit.objects.get()
    assert visit.visitors == ["农队员", "蓝支书"] and visit.secured == {"housing": True, "water": False}
    page = client.get(answer.url).content.decode()
    assert "住房有保障；饮水没有保障" in page and "代录" not in page
    assert client.post(address_of(case), given).url == answer.url
    assert "墙加固了" in client.get(address_of(case)).content.decode()


def test_what_is_left_out_of_a_visit_is_said_where_it_is(client, team):
    case = makers.case("marginal", "housing.unsafe")
    client.force_login(team)
    given = sent(case, on="2099-01-01")
    answer = client.post(address_of(case), given)
    assert answer.status_code == 422 and "不能晚于今天" in answer.content.decode()
    given.pop(f"risk-{case.risks.get().pk}")
    assert client.post(address_of(case), given).status_code == 422
    assert not Visit.objects.exists()


def test_both_names_stand_where_somebody_typed_for_another(client, team):
    case = makers.case("marginal")
    client.force_login(team)
    answer = client.post(address_of(case), sent(case, visitors="蓝支书"))
    assert "蓝支书（农队员代录）" in client.get(answer.url).content.decode()


@pytest.mark.parametrize(
    ("wages", "words"), [("20000", "不高于收入参考线"), ("20000.04", "，高于收入参考线")]
)
def test_income_is_read_against_the_line(client, team, wages, words):
    case = makers.case("marginal")
    client.force_login(team)
    answer = client.post(address_of(case), sent(case, wages=wages, heads="4"))
    assert words in client.get(answer.url).content.decode()


def test_photos_are_opened_by_whoever_may_see_the_visit(client, team, village_cadre):
    case = makers.case("marginal")
    client.force_login(team)
    files = [SimpleUploadedFile(f"{n}.jpg", picture(), "image/jpeg") for n in range(2)]
    client.post(address_of(case), sent(case, photos=files))
    photo = f"/measures/visits/photos/{Visit.objects.get().photos.get().uuid}/"
    client.force_login(village_cadre)
    assert client.get(photo).status_code == 200
    client.force_login(factories.user("other", Role.WORK_TEAM, factories.SISTER_VILLAGE))
    assert client.get(photo).status_code == 404


def test_a_stranger_is_told_that_the_household_is_not_his(client):
    case = makers.case("monitored")
    follower = factories.user("helper", Role.HELPER, factories.VILLAGE)
    other = factories.user("other", Role.HELPER, factories.VILLAGE)
    HelperAssignment.objects.create(household=case.household, user=follower)
    client.force_login(other)
    assert client.get(address_of(case)).status_code == 404
    assert client.post(address_of(case), sent(case)).status_code == 404


@pytest.mark.parametrize("role", [Role.OFFICE, Role.DIRECTOR, Role.AUDITOR])
def test_who_follows_nobody_records_no_visit(client, role):
    case = makers.case("marginal")
    client.force_login(factories.user("someone", role, factories.COUNTY))
    assert client.post(address_of(case), sent(case)).status_code == 403


def test_the_work_team_begins_with_its_own(client, team):
    own, other = makers.case("marginal"), makers.case("marginal")
    Follower.objects.create(case=own, user=team)
    page = shown(client, team, FOLLOW_UP)
    assert own.household.head_name in page and other.household.head_name not in page
    assert other.household.head_name in shown(client, team, f"{FOLLOW_UP}?which=all")


def test_who_waits_longest_stands_first(client, office, team):
    late, fresh = makers.case("marginal"), makers.case("marginal")
    record(fresh, by=team)
    record(late, by=team, on=today() - 90 * DAY)
    page = shown(client, office, FOLLOW_UP)
    assert page.index(late.household.head_name) < page.index(fresh.household.head_name)
    assert fresh.household.head_name not in shown(client, office, f"{FOLLOW_UP}?which=late")


def test_helper_sees_his_households_alone(client):
    helper = factories.user("helper", Role.HELPER, factories.VILLAGE)
    own, other = makers.case("monitored"), makers.case("monitored")
    lifted = factories.household(status="lifted", names=["覃无案"])
    for home in (own.household, lifted):
        HelperAssignment.objects.create(household=home, user=helper)
    page = shown(client, helper, FOLLOW_UP)
    assert own.household.head_name in page and other.household.head_name not in page
    assert "覃无案" in page


def test_places_open_their_lists(client, office, township_officer):
    case = makers.case("marginal")
    county = shown(client, office, "/measures/follow/places/")
    assert f"?place={factories.VILLAGE[:9]}000" in county
    township = shown(client, township_officer, "/measures/follow/places/")
    assert f"village={factories.VILLAGE}&amp;which=missing" in township
    assert case.household.head_name in shown(client, township_officer, f"{FOLLOW_UP}?which=teamless")
    client.force_login(township_officer)
    assert client.get(f"/measures/follow/places/?place={factories.COUNTY}").status_code == 404


def test_what_has_not_come_is_listed_for_its_department(client, office, team):
    case = makers.case("monitored", "livelihood.production_loss")
    measure = delivered(case, office)
    record(case, by=team, measures={measure: ("no", "卡上没有钱")})
    for user in (officer("agriculture"), office):
        assert ("没有到户", "走访反映没有到户：1 条，请核对") in lines(user)
        assert "卡上没有钱" in shown(client, user, "/measures/unarrived/")
    assert "卡上没有钱" not in shown(client, officer("education"), "/measures/unarrived/")
    assert "户里说没有到" in shown(client, office, FOLLOW_UP)


def test_lines_of_who_follows(team):
    for days in (10, 60):
        case = makers.case("marginal", on=today() - days * DAY)
        Follower.objects.create(case=case, user=team, begins_on=today() - days * DAY)
    assert ("走访", f"边缘户{case.household}，还没有走访过") in lines(team)
    assert ("走访", "我跟踪的边缘户 2 户，本月还有 2 户没走访") in lines(team)
    record(case, by=team)
    assert ("走访", "我跟踪的边缘户 2 户，本月还有 1 户没走访") in lines(team)


def test_line_of_a_year_that_ends(team):
    case = makers.case("marginal", on=today() - 350 * DAY)
    Follower.objects.create(case=case, user=team)
    assert ("满1年", "1 户 30 天内跟踪满一年，准备村评定材料") in lines(team)


def test_lines_of_the_township(township_officer, team):
    case = makers.case("monitored", "housing.unsafe")
    makers.case("marginal")
    record(case, by=team, risks={case.risks.get(): ("worse", "")}, new_risk="丈夫摔伤")
    todo = lines(township_officer)
    assert ("补人", "1 户脱贫监测户没有帮扶联系人") in todo
    assert ("风险加重", "1 户最近一次走访风险加重，请了解情况") in todo
    assert ("新的风险", "走访发现 1 户有新的风险，还没有按入户排查问卷上报") in lines(team)


def test_papers_of_a_month(client, office, team):
    record(makers.case("marginal", "housing.unsafe"), by=team, words="墙加固了")
    record(makers.case("marginal"), by=team, words="都好")
    page = shown(client, team, PAPERS)
    assert page.count("<h1>走访记录</h1>") == 2 and "墙加固了" in page
    diary = shown(client, team, f"{PAPERS}?sheet=diary")
    assert "驻村日志" in diary and "墙加固了" in diary
    assert "还没有走访记录" in shown(client, team, f"{PAPERS}?month=2019-01")
    assert "请先选择行政村" in shown(client, office, PAPERS)
    assert "月份写成" in shown(client, team, f"{PAPERS}?month=x")


def test_withdrawn_visits_are_marked_and_left_out(client, team):
    visit = record(makers.case("marginal"), by=team, words="记错的")
    client.force_login(team)
    client.post(f"/measures/visits/{visit.uuid}/withdraw/", {"reason": "记错户"})
    assert "已作废" in client.get(f"/measures/visits/{visit.uuid}/").content.decode()
    assert "记错的" not in shown(client, team, VISITS)


def test_panel_of_the_household_page(client, team):
    case = makers.case("marginal")
    record(case, by=team, words="都好")
    page = shown(client, team, f"/households/{case.household.uuid}/")
    assert "都好" in page and address_of(case) in page


def test_lists_take_as_many_statements_for_forty_as_for_two(client, office, team):
    addresses = (
        FOLLOW_UP,
        f"{FOLLOW_UP}?which=late",
        "/measures/follow/places/",
        VISITS,
        f"{PAPERS}?township={factories.VILLAGE[:9]}000&village={factories.VILLAGE}",
    )
    counts = []
    for number in (2, 38):
        for _ in range(number):
            record(makers.case("marginal", "housing.unsafe"), by=team)
        client.force_login(office)
        seen = []
        for address in addresses:
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            seen.append(len(queries))
        counts.append(seen)
    assert counts[0] == counts[1]


def test_lines_take_as_many_statements_for_forty_as_for_two(team):
    counts = []
    for number in (2, 38):
        for _ in range(number):
            Follower.objects.create(case=makers.case("marginal", on=today() - 60 * DAY), user=team)
        with CaptureQueriesContext(connection) as queries:
            lines(team)
        counts.append(len(queries))
    assert counts[0] == counts[1]
