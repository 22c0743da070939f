"""取消重点关注 (Art. 9): after the year, by village, township and county; nothing ends by silence."""

import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from fangpin.accounts.roles import Role
from fangpin.common.models import AuditRow
from fangpin.common.refusals import Refused
from fangpin.common.transitions import TransitionRefused
from households.models import Case, Follower, Risk
from measures.releases import releases
from screening.cases import attention
from screening.meetings import decisions, signers, signing
from screening.meetings import releases as county_releases
from screening.models import NationalItem, ReleaseItem
from tests import factories
from tests.measures import makers
from tests.measures.releases import endings
from tests.measures.releases.endings import evaluated, reviewed, ripe, today

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def ready(village_cadre, township_officer):
    """Reviewed by the township."""
    case = ripe()
    evaluated(case, by=village_cadre)
    reviewed(case, by=township_officer)
    case.refresh_from_db()
    return case


@pytest.fixture
def meeting(round_2020q1, office):
    return endings.sitting(round_2020q1, by=office)


def signed(meeting, *, office):
    county_releases.fill_releases(meeting, by=office)
    county_releases.decide_releases(ReleaseItem.objects.filter(meeting=meeting), "released", by=office)
    decisions.hold_meeting(meeting, by=office)
    signing.sign_meeting(meeting, by=endings.leader(), document="都扶领发〔2020〕8号")


# ---- The village ----
def test_year_is_over_on_its_last_day_and_not_before(village_cadre):
    late = makers.case("marginal", on=today() - datetime.timedelta(days=365))
    Case.objects.filter(pk=late.pk).update(follow_until=today() + DAY)
    late.refresh_from_db()
    with pytest.raises(Refused, match="满一年"):
        evaluated(late, by=village_cadre, on=today())
    Case.objects.filter(pk=late.pk).update(follow_until=today())
    late.refresh_from_db()
    evaluated(late, by=village_cadre, on=today())
    assert late.state == "evaluated" and late.evaluated_on == today()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"participants": ("甲", "乙")}, "至少 3 名"),
        ({"words": " "}, "依据"),
        ({"on": datetime.date.today() + DAY}, "不能晚于今天"),
        ({"risks": {}}, "没有回答"),
        ({"outcome": "maybe"}, "请选择"),
    ],
)
def test_evaluation_is_collective_and_complete(village_cadre, changed, words):
    case = ripe()
    with pytest.raises(Refused, match=words):
        evaluated(case, by=village_cadre, **changed)
    assert Case.objects.get(pk=case.pk).state == "active"


def test_one_risk_that_stands_is_enough_to_go_on(village_cadre):
    case = ripe("marginal", "housing.unsafe", "water.unsafe")
    first, second = case.risks.order_by("pk")
    with pytest.raises(Refused, match="没有消除"):
        evaluated(case, by=village_cadre, risks={first: (True, ""), second: (False, "")})
    evaluated(case, by=village_cadre, outcome="continues", risks={first: (True, ""), second: (False, "")})
    assert case.state == "active" and case.evaluation_due > today() + 60 * DAY
    assert not releases.cases_due(Case.objects.all()).exists()


def test_proposed_risk_stands_in_the_way(village_cadre):
    case = ripe()
    Risk.objects.create(case=case, subcriterion="water.unsafe", state="proposed")
    with pytest.raises(TransitionRefused, match="待核实"):
        evaluated(case, by=village_cadre)


@pytest.mark.parametrize("role", [Role.WORK_TEAM, Role.HELPER, Role.TOWNSHIP, Role.OFFICE])
def test_only_the_village_evaluates(role):
    place = factories.VILLAGE if role in (Role.WORK_TEAM, Role.HELPER) else factories.COUNTY
    place = factories.TOWNSHIP if role == Role.TOWNSHIP else place
    with pytest.raises(Refused):
        evaluated(ripe(), by=factories.user("x", role, place))


def test_another_villages_case_is_refused():
    with pytest.raises(Refused):
        evaluated(ripe(), by=factories.user("x", Role.VILLAGE_CADRE, factories.SISTER_VILLAGE))


# ---- The township ----
def test_township_reviews_many_at_one_meeting(village_cadre, township_officer):
    cases = [ripe(), ripe()]
    for case in cases:
        evaluated(case, by=village_cadre)
    made = reviewed(*cases, by=township_officer)
    assert made.cases.count() == 2
    assert set(Case.objects.values_list("state", flat=True)) == {"reviewed"}


def test_what_the_township_does_not_agree_to_goes_on(village_cadre, township_officer):
    case = ripe()
    evaluated(case, by=village_cadre)
    with pytest.raises(Refused, match="理由"):
        reviewed(case, by=township_officer, agreed=False)
    reviewed(case, by=township_officer, agreed=False, words="墙还没有加固")
    case.refresh_from_db()
    assert (case.state, case.evaluated_on) == ("active", None)


def test_review_is_not_before_the_evaluation_and_not_twice(village_cadre, township_officer):
    case = ripe()
    evaluated(case, by=village_cadre)
    with pytest.raises(Refused, match="不能更早"):
        reviewed(case, by=township_officer, on=today() - 7 * DAY)
    reviewed(case, by=township_officer)
    with pytest.raises(Refused):
        reviewed(case, by=township_officer)


def test_who_evaluated_does_not_review(village_cadre):
    case = ripe()
    evaluated(case, by=village_cadre)
    from fangpin.accounts.models import Duty

    duty = Duty.objects.create(user=village_cadre, role=Role.TOWNSHIP, division_id=factories.TOWNSHIP)
    with pytest.raises(Refused, match="他人审核"):
        reviewed(case, by=village_cadre.act_in(duty))


# ---- The county ----
def test_release_takes_effect_once_with_all_that_belongs_to_it(ready, meeting, office):
    Follower.objects.create(case=ready, user=office, begins_on=today() - 300 * DAY)
    signed(meeting, office=office)
    ready.refresh_from_db()
    assert ready.state == "released" and ready.released_on
    assert ready.risks.get().state == "removed"
    assert Follower.objects.get().ends_on == ready.released_on
    assert NationalItem.objects.get(case=ready).kind == "release"
    ready.household.refresh_from_db()
    assert ready.household.lamp == "green"


def test_what_the_meeting_keeps_goes_on_with_its_reason(ready, meeting, office):
    county_releases.fill_releases(meeting, by=office)
    with pytest.raises(Refused, match="理由"):
        county_releases.decide_releases(ReleaseItem.objects.all(), "continued", by=office)
    county_releases.decide_releases(ReleaseItem.objects.all(), "continued", by=office, reason="秋后再看")
    decisions.hold_meeting(meeting, by=office)
    signing.sign_meeting(meeting, by=endings.leader())
    ready.refresh_from_db()
    assert (ready.state, ready.reviewed_on) == ("active", None) and ready.evaluation_due > today()


def test_a_risk_that_comes_up_stops_the_release(ready, meeting, office):
    county_releases.fill_releases(meeting, by=office)
    county_releases.decide_releases(ReleaseItem.objects.all(), "released", by=office)
    Risk.objects.create(case=ready, subcriterion="water.unsafe", state="proposed")
    with pytest.raises(Refused, match="待核实的风险"):
        decisions.hold_meeting(meeting, by=office)
    attention.resume_attention([ready.pk], words="新的风险属实")
    ready.refresh_from_db()
    assert ready.state == "active"
    with pytest.raises(Refused, match="恢复重点关注"):
        decisions.hold_meeting(meeting, by=office)


def test_undecided_list_is_not_held(ready, meeting, office):
    county_releases.fill_releases(meeting, by=office)
    with pytest.raises(Refused, match="没有审定意见"):
        decisions.hold_meeting(meeting, by=office)


def test_code_of_the_paper_changes_with_the_list(ready, meeting, office):
    before = decisions.checksum(meeting)
    county_releases.fill_releases(meeting, by=office)
    filled = decisions.checksum(meeting)
    county_releases.decide_releases(ReleaseItem.objects.all(), "released", by=office)
    assert len({before, filled, decisions.checksum(meeting)}) == 3


def test_who_reviewed_does_not_sign(ready, meeting, office, township_officer):
    county_releases.fill_releases(meeting, by=office)
    assert "不能由您签发" in signers.why_not(meeting, township_officer)
    assert signers.why_not(meeting, endings.leader()) == ""


def test_a_case_is_on_one_open_agenda(ready, meeting, office, round_2020q1):
    county_releases.fill_releases(meeting, by=office)
    other = endings.sitting(round_2020q1, by=office)
    assert county_releases.fill_releases(other, by=office) == 0
    with pytest.raises(Refused):
        county_releases.fill_releases(other, by=office, cases=Case.objects.filter(pk=ready.pk))


def test_as_many_statements_for_twenty_releases_as_for_two(
    village_cadre, township_officer, meeting, office, round_2020q1
):
    counts = []
    for number in (1, 2, 20):  # the first one also closes its round
        sitting = endings.sitting(round_2020q1, by=office)
        cases = [ripe() for _ in range(number)]
        for case in cases:
            evaluated(case, by=village_cadre)
        reviewed(*cases, by=township_officer)
        county_releases.fill_releases(sitting, by=office)
        county_releases.decide_releases(ReleaseItem.objects.filter(meeting=sitting), "released", by=office)
        decisions.hold_meeting(sitting, by=office)
        who = endings.leader()
        with CaptureQueriesContext(connection) as seen:
            signing.sign_meeting(sitting, by=who)
        counts.append(len(seen))
    assert counts[1] == counts[2]


def test_household_comes_back_as_a_new_case(ready, meeting, office):
    signed(meeting, office=office)
    again = Case.objects.create(
        household=ready.household, category="marginal", origin="meeting", identified_on=today()
    )
    assert Case.objects.filter(household=ready.household).count() == 2 and again.state == "active"


# ---- What the database itself refuses ----
@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"state": "evaluated"}, "case_evaluated_after_its_year"),
        ({"state": "evaluated", "evaluated_on": datetime.date(2020, 1, 1)}, "case_evaluated_after_its_year"),
        ({"state": "reviewed", "evaluated_on": datetime.date.today()}, "case_reviewed_after_evaluation"),
        (
            {
                "state": "released",
                "evaluated_on": datetime.date.today(),
                "reviewed_on": datetime.date.today(),
            },
            "case_released_after_review",
        ),
        ({"released_on": datetime.date.today()}, "case_released_after_review"),
    ],
)
def test_no_release_before_the_year_or_without_its_three_acts(values, name):
    case = ripe()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(**values)


def test_release_continued_with_reason(ready, meeting, office):
    county_releases.fill_releases(meeting, by=office)
    with pytest.raises(IntegrityError, match="release_continued_with_reason"), transaction.atomic():
        ReleaseItem.objects.update(
            decision="continued", decided_by=office, decided_at=datetime.datetime.now(datetime.UTC)
        )


def test_time_alone_ends_nothing():
    """Every regular task runs; a case long over its year is as it was."""
    from fangpin.celery import app

    case = ripe()
    Case.objects.filter(pk=case.pk).update(
        follow_until=datetime.date(2020, 1, 1), evaluation_due=datetime.date(2020, 1, 1)
    )
    for entry in app.conf.beat_schedule.values():
        if entry["task"] in app.tasks:
            app.tasks[entry["task"]].apply()
    case.refresh_from_db()
    assert case.state == "active"


# ---- Pages ----
def test_village_evaluates_on_its_page(client, village_cadre):
    case = ripe()
    client.force_login(village_cadre)
    assert case.household.head_name in client.get("/measures/releases/?stage=due").content.decode()
    address, risk = f"/measures/releases/{case.uuid}/evaluate/", case.risks.get()
    assert client.get(address).status_code == 200
    given = {
        "on": today().isoformat(),
        "participants": "甲、乙，丙",
        "words": "修好了",
        "outcome": "gone",
        f"risk-{risk.pk}": "gone",
        "secured-housing": "on",
    }
    assert client.post(address, given | {"participants": "甲"}).status_code == 422
    assert client.post(address, given).status_code == 302
    case.refresh_from_db()
    assert case.state == "evaluated" and case.evaluations.get().participants == ["甲", "乙", "丙"]


def test_township_reviews_and_county_decides_on_pages(
    client, village_cadre, township_officer, meeting, office
):
    case = ripe()
    evaluated(case, by=village_cadre)
    client.force_login(township_officer)
    given = {"on": today().isoformat(), "way": "党政班子会", "participants": "镇长", "agreed": "yes"}
    client.post("/measures/releases/review/", given | {"pick": [case.uuid]})
    client.force_login(office)
    base = f"/screening/meetings/{meeting.uuid}/releases/"
    client.post(f"{base}fill/")
    item = ReleaseItem.objects.get()
    client.post(f"{base}decide/", {"pick": [item.uuid], "decision": "released"})
    assert "同意取消重点关注" in client.get(base).content.decode()
    minutes = client.get(f"/screening/meetings/{meeting.uuid}/papers/minutes/").content.decode()
    assert "同意取消重点关注 1 户" in minutes
    paper = client.get(f"/screening/meetings/{meeting.uuid}/papers/releases/").content.decode()
    assert case.household.head_name in paper
    assert client.get(f"/measures/releases/{case.uuid}/paper/").status_code == 200
    shown = client.get(f"/screening/cases/{case.uuid}/").content.decode()
    assert "还没有交办" in shown and "跟踪期" in shown


def test_information_officer_hears_of_the_release(client, ready, meeting, office):
    signed(meeting, office=office)
    info = factories.user("info", Role.INFORMATION, factories.COUNTY)
    client.force_login(info)
    assert "1 户待在系统更新" in client.get("/").content.decode()
    shown = client.get("/screening/national/?kind=release").content.decode()
    assert ready.household.head_name in shown and "取消关注" in shown
    item = NationalItem.objects.get()
    client.post(f"/screening/national/{item.uuid}/take/")
    assert "风险已消除" in client.get(f"/screening/national/{item.uuid}/").content.decode()
    client.post(
        f"/screening/national/{item.uuid}/answer/", {"outcome": "done", "national_number": "451228001"}
    )
    item.refresh_from_db()
    assert item.state == "acknowledged"


# ---- F7 of many ----
def test_papers_of_ticked_households_one_a_page(client, village_cadre):
    first, second, other = ripe("marginal", "housing.unsafe"), ripe(), ripe()
    evaluated(second, by=village_cadre)
    client.force_login(village_cadre)
    page = client.post("/measures/releases/papers/", {"pick": [first.uuid, second.uuid]}).content.decode()
    assert page.count("<article") == 2 and page.count("data-print") == 1
    assert first.household.head_name in page and second.household.head_name in page
    assert other.household.head_name not in page


def test_papers_of_all_of_the_filter(client, village_cadre):
    first, second = ripe(), ripe()
    evaluated(second, by=village_cadre)
    client.force_login(village_cadre)
    assert "打印全部评定表" in client.get("/measures/releases/?stage=due").content.decode()
    page = client.get("/measures/releases/papers/?stage=due").content.decode()
    assert page.count("<article") == 1 and first.household.head_name in page
    assert client.get("/measures/releases/papers/").content.decode().count("<article") == 2


def test_papers_tell_of_each_household_its_own(client, village_cadre):
    cases = [ripe(), ripe()]
    evaluated(cases[0], by=village_cadre, follower_words="第一户的话")
    client.force_login(village_cadre)
    many = client.get("/measures/releases/papers/").content.decode()
    assert many.count("第一户的话") == 1
    for case in cases:
        one = client.get(f"/measures/releases/{case.uuid}/paper/").content.decode()
        assert one[one.index("<article") : one.index("</article>")] in many


def test_papers_of_a_foreign_household_are_refused_whole(client, village_cadre):
    mine, foreign = ripe(), ripe(village=factories.SISTER_VILLAGE)
    client.force_login(village_cadre)
    answer = client.post("/measures/releases/papers/", {"pick": [mine.uuid, foreign.uuid]}, follow=True)
    assert "<article" not in answer.content.decode() and "管辖范围" in answer.content.decode()


def test_papers_take_as_many_statements_for_twelve_as_for_two(client, village_cadre):
    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get("/measures/releases/papers/")
        return len(asked)

    client.force_login(village_cadre)
    for _ in range(2):
        evaluated(ripe(), by=village_cadre)
    statements()  # what is asked once
    few = statements()
    for _ in range(10):
        evaluated(ripe(), by=village_cadre)
    assert statements() == few


def test_every_paper_that_an_auditor_sees_is_kept(client, village_cadre):
    case = ripe()
    client.force_login(factories.user("auditor", Role.AUDITOR, factories.COUNTY))
    client.get("/measures/releases/papers/")
    assert AuditRow.objects.filter(act="household_view", object_id=case.household_id).count() == 1
