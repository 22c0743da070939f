"""What a signed meeting brings about, who may sign it, and that it happens once (Art. 7(2)3)."""

import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fangpin.accounts.models import Duty
from fangpin.accounts.roles import Role
from fangpin.common.files import private_files
from fangpin.common.models import AuditRow, StatusRecord
from fangpin.common.refusals import Refused
from fangpin.common.transitions import NotAllowed
from households.models import Case, CaseState, Follower, HelperAssignment, Household, Risk, RiskState
from screening.comparison import answering, confirming, submission
from screening.meetings import agenda, decisions, signing
from screening.models import Candidate, Lead, Meeting, NationalItem, Round, Verification
from tests import factories
from tests.screening.meetings import sittings
from tests.screening.rounds import quarter


@pytest.fixture(autouse=True)
def _scans(settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path


@pytest.fixture
def homes(db):
    """Two ordinary households, one lifted."""
    return [*sittings.homes_of(2), *sittings.homes_of(1, status="lifted")]


@pytest.fixture
def listed(round_2020q1, homes, office, director, village_cadre):
    return sittings.submitted(round_2020q1, homes, office=office, director=director, village=village_cadre)


@pytest.fixture
def meeting(listed, office):
    return sittings.planned(listed, by=office)


@pytest.fixture
def leader(db):
    return sittings.leader()


@pytest.fixture
def secretary(db):
    return sittings.secretary()


def state_of(home) -> str:
    return Candidate.objects.get(household=home).state


# ---- Effects ----
def test_decisions_take_effect(meeting, homes, office, leader):
    sittings.held(meeting, by=office, declined=homes[:1], deferred=homes[1:2])
    signing.sign_meeting(meeting, by=leader)
    assert [state_of(home) for home in homes] == ["declined", "deferred", "approved"]
    assert (meeting.state, meeting.signed_by, meeting.way) == ("signed", leader, "in_person")
    assert Case.objects.get().household == homes[2]


def test_category_follows_the_registry_and_the_case_its_meeting(meeting, homes, office, leader):
    Candidate.objects.update(category="monitored")  # whatever stood there
    sittings.held(meeting, by=office)
    signing.sign_meeting(meeting, by=leader)
    assert [home.cases.get().category for home in homes] == ["marginal", "marginal", "monitored"]
    for item in meeting.items.all():
        assert item.case.household_id == item.candidate.household_id
        assert (item.case.origin, item.case.identified_on) == ("meeting", timezone.localdate())


def test_risks_are_the_leads_that_stand_without_what_the_village_denied(
    round_2020q1, homes, office, director, village_cadre, township_officer, leader
):
    home = homes[0]
    for code in (quarter.MEDICAL, quarter.HOUSING, quarter.DROPOUT):
        quarter.online(round_2020q1, home, code)
    quarter.comparison.compare_round(round_2020q1, by=office)
    gone = Lead.objects.filter(subcriterion=quarter.DROPOUT)
    answers = {
        quarter.MEDICAL: ("cannot_bear", "借了三万"),
        quarter.HOUSING: ("untrue", "房子是好的"),
        quarter.DROPOUT: ("cannot_bear", ""),
    }
    answering.answer_task(Verification.objects.get(), answers, by=village_cadre, words="看过")
    confirming.settle_tasks(Verification.objects.all(), by=township_officer)
    quarter.submitted(round_2020q1, office=office, director=director)
    gone.update(withdrawn_at=timezone.now())
    sittings.held(sitting := sittings.planned(round_2020q1, by=office), by=office)
    signing.sign_meeting(sitting, by=leader)
    assert list(Risk.objects.values_list("subcriterion", "state", "words")) == [
        (quarter.MEDICAL, "open", "借了三万")
    ]


def test_a_household_of_an_earlier_round_keeps_its_situations(
    round_2020q1, homes, office, director, village_cadre, county, leader
):
    from screening.quarters import Quarter
    from screening.rounds.opening import open_round

    first = sittings.submitted(
        round_2020q1, homes[:1], office=office, director=director, village=village_cadre
    )
    meeting = sittings.held(sittings.planned(first, by=office), by=office, deferred=homes[:1])
    signing.sign_meeting(meeting, by=leader)
    following = open_round(county, Quarter(2020, 2), by=office)
    quarter.comparison.compare_round(following, by=office)
    task = Verification.objects.get(round=following)
    answering.answer_task(task, {quarter.MEDICAL: ("cannot_bear", "没变")}, by=village_cadre)
    quarter.submitted(following, office=office, director=director)
    signing.sign_meeting(sittings.held(sittings.planned(following, by=office), by=office), by=leader)
    assert list(Risk.objects.values_list("subcriterion", flat=True)) == [quarter.MEDICAL]


def test_followers_are_proposed_by_category_where_there_is_exactly_one(meeting, homes, office, leader):
    helper = factories.user("helper", Role.HELPER, factories.COUNTY)
    HelperAssignment.objects.create(household=homes[2], user=helper, begins_on=datetime.date(2020, 1, 1))
    member = factories.user("team", Role.WORK_TEAM, factories.VILLAGE)
    signing.sign_meeting(sittings.held(meeting, by=office), by=leader)
    followers = dict(Follower.objects.values_list("case__household", "user"))
    assert followers == {homes[0].pk: member.pk, homes[1].pk: member.pk, homes[2].pk: helper.pk}


def test_of_two_work_team_members_none_is_proposed(meeting, homes, office, leader):
    for name in ("team1", "team2"):
        factories.user(name, Role.WORK_TEAM, factories.VILLAGE)
    signing.sign_meeting(sittings.held(meeting, by=office), by=leader)
    assert not Follower.objects.exists()


def test_one_whose_duty_has_ended_follows_nobody(meeting, office, leader):
    factories.user("team", Role.WORK_TEAM, factories.VILLAGE)
    Duty.objects.filter(user__username="team").update(ends_on="2020-01-01")
    signing.sign_meeting(sittings.held(meeting, by=office), by=leader)
    assert not Follower.objects.exists()


def test_the_national_system_hears_of_each_case_in_its_kind(meeting, homes, office, leader):
    signing.sign_meeting(sittings.held(meeting, by=office, declined=homes[:1]), by=leader)
    kinds = dict(NationalItem.objects.values_list("case__household", "kind"))
    assert kinds == {homes[1].pk: "entry", homes[2].pk: "mark"}


def test_lamps_follow_at_once(meeting, homes, office, leader):
    from screening.lamps.colours import recompute_lamps

    recompute_lamps(factories.COUNTY)
    assert set(Household.objects.values_list("lamp", flat=True)) == {"red"}
    signing.sign_meeting(sittings.held(meeting, by=office, declined=homes[:1]), by=leader)
    assert [Household.objects.get(pk=home.pk).lamp for home in homes] == ["none", "yellow", "yellow"]


def test_the_round_is_determined_with_the_last_household(listed, homes, office, leader):
    first = sittings.planned(listed, by=office, fill=False)
    agenda.fill_agenda(first, by=office, candidates=Candidate.objects.filter(household=homes[0]))
    signing.sign_meeting(sittings.held(first, by=office), by=leader)
    assert Round.objects.get().state == "submitted"
    second = sittings.held(sittings.planned(listed, by=office), by=office, deferred=homes[1:])
    signing.sign_meeting(second, by=leader)
    assert Round.objects.get().state == "determined"


def test_nothing_is_open_before_the_signature(meeting, office):
    sittings.held(meeting, by=office)
    assert not Case.objects.exists()
    assert not Candidate.objects.filter(state="approved").exists()


# ---- Once, and in a constant number of statements ----
def test_signed_twice_is_signed_once(meeting, homes, office, leader):
    sittings.held(meeting, by=office)
    signing.sign_meeting(meeting, by=leader)
    with pytest.raises(Refused, match="蓝志远刚刚已办理签发"):
        signing.sign_meeting(meeting, by=leader)
    approvals = StatusRecord.objects.filter(model="screening.candidate", transition="approve")
    assert approvals.count() == len(homes) == Case.objects.count() == NationalItem.objects.count()
    assert AuditRow.objects.filter(act="meeting_sign").count() == 1


def queries_to_sign(meeting, by) -> int:
    with CaptureQueriesContext(connection) as taken:
        signing.sign_meeting(meeting, by=by)
    return len(taken)


def test_any_number_is_signed_in_the_same_statements(
    round_2020q1, county, office, director, village_cadre, leader
):
    from screening.quarters import Quarter
    from screening.rounds.opening import open_round

    counts = []
    for number, size in ((1, 2), (2, 40)):
        round = round_2020q1 if number == 1 else open_round(county, Quarter(2020, number), by=office)
        sittings.submitted(
            round, sittings.homes_of(size), office=office, director=director, village=village_cadre
        )
        meeting = sittings.held(sittings.planned(round, by=office), by=office)
        counts.append(queries_to_sign(meeting, leader))
        assert Case.objects.filter(agenda_item__meeting=meeting).count() == size
    assert counts[0] == counts[1]


# ---- Who may ----
def test_the_preparer_does_not_sign(meeting, office):
    sittings.held(meeting, by=office)
    both = factories.user("office", Role.LEADING_GROUP, factories.COUNTY)
    with pytest.raises(Refused, match="您筹备了这次审定会"):
        signing.sign_meeting(meeting, by=both)


def test_nor_does_a_colleague_who_held_it(meeting, office):
    colleague = factories.user("office2", Role.OFFICE, factories.COUNTY)
    sittings.held(meeting, by=colleague)
    both = factories.user("office2", Role.LEADING_GROUP, factories.COUNTY)
    with pytest.raises(Refused, match="您筹备了这次审定会"):
        signing.sign_meeting(meeting, by=both)


@pytest.mark.parametrize("who", ["village", "township", "corrector"])
def test_who_verified_a_household_does_not_sign(
    round_2020q1, homes, office, director, village_cadre, township_officer, who
):
    quarter.online(round_2020q1, homes[0])
    quarter.comparison.compare_round(round_2020q1, by=office)
    quarter.confirmed(homes[0], village=village_cadre, township=township_officer)
    if who == "corrector":
        Verification.objects.update(corrected_by=factories.user(who, Role.TOWNSHIP, factories.TOWNSHIP))
    quarter.submitted(round_2020q1, office=office, director=director)
    meeting = sittings.held(sittings.planned(round_2020q1, by=office), by=office)
    promoted = factories.user(who, Role.LEADING_GROUP, factories.COUNTY)
    with pytest.raises(Refused, match="1 户是您核实或确认的"):
        signing.sign_meeting(meeting, by=promoted)


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.SECRETARY])
def test_only_the_leading_group_signs_in_person(meeting, office, role):
    sittings.held(meeting, by=office)
    with pytest.raises(Refused, match="领导小组成员"):
        signing.sign_meeting(meeting, by=factories.user("somebody", role, factories.COUNTY))


@pytest.mark.parametrize("role", [Role.OFFICE, Role.TOWNSHIP, Role.AUDITOR, Role.INFORMATION])
def test_no_other_role_signs(meeting, office, role):
    place = factories.TOWNSHIP if role == Role.TOWNSHIP else factories.COUNTY
    sittings.held(meeting, by=office)
    with pytest.raises(Refused, match="您当前的岗位"):
        signing.sign_meeting(meeting, by=factories.user("somebody", role, place))


def test_another_countys_leading_group_does_not_sign(meeting, office):
    sittings.held(meeting, by=office)
    with pytest.raises(Refused, match="您当前的岗位"):
        signing.sign_meeting(meeting, by=factories.user("x", Role.LEADING_GROUP, factories.OTHER_COUNTY))


def test_the_database_keeps_the_three_apart(meeting, office, secretary):
    sittings.held(meeting, by=office)
    rows = Meeting.objects.filter(pk=meeting.pk)
    for fields in (
        {"state": "signed", "signed_by": office, "signed_at": timezone.now()},
        {"registered_by": office},
        {"state": "signed", "signed_by": secretary, "registered_by": secretary, "signed_at": timezone.now()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**fields)


# ---- From the paper ----
def test_registered_by_one_and_confirmed_by_a_second(meeting, homes, office, secretary, director):
    sittings.held(meeting, by=office, declined=homes[:1])
    sittings.registered(meeting, by=director)
    assert private_files.load(meeting.scan_name) == sittings.PDF
    assert not Case.objects.exists()
    sittings.confirmed(meeting, by=secretary)
    assert (meeting.state, meeting.way, meeting.signed_by) == ("signed", "registered", secretary)
    assert Case.objects.count() == 2


def test_who_registered_does_not_confirm(meeting, office, secretary):
    sittings.registered(sittings.held(meeting, by=office), by=secretary)
    with pytest.raises(Refused, match="须由两个人办理"):
        sittings.confirmed(meeting, by=secretary)


def test_the_office_does_not_register(meeting, office):
    sittings.held(meeting, by=office)
    with pytest.raises(Refused, match="您当前的岗位"):
        sittings.registered(meeting, by=office)


def test_brackets_and_blanks_of_the_number_do_not_matter(meeting, office, secretary, director):
    sittings.registered(sittings.held(meeting, by=office), by=secretary)
    signing.confirm_minutes(
        meeting,
        by=director,
        document="都扶领发[2020] ５号",
        signer="蓝 志远",
        approved=sittings.typed_back(meeting),
    )
    assert meeting.state == "signed"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"document": "都扶领发〔2020〕6号"}, "文号"),
        ({"signer": "黄建华"}, "签发人"),
        ({"approved": {}}, "的户数"),
        ({"approved": {"451228101000": 1}}, "乡镇"),
    ],
)
def test_what_is_typed_back_must_agree(meeting, office, secretary, director, changed, words):
    sittings.registered(sittings.held(meeting, by=office), by=secretary)
    typed = {
        "document": sittings.NUMBER,
        "signer": "蓝志远",
        "approved": sittings.typed_back(meeting),
    } | changed
    with pytest.raises(Refused, match=f"与系统不一致：.*{words}"):
        signing.confirm_minutes(meeting, by=director, **typed)
    assert Meeting.objects.get().state == "held"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"document": " "}, "文号和签发人"),
        ({"signed_on": datetime.date(2999, 1, 1)}, "晚于今天"),
        ({"signed_on": datetime.date(2020, 1, 1)}, "早于会议日期"),
        ({"scan": b"MZ"}, "PDF、JPG 或 PNG"),
    ],
)
def test_what_is_registered_must_make_sense(meeting, office, secretary, changed, words):
    sittings.held(meeting, by=office)
    given = {
        "document": sittings.NUMBER,
        "signer": "蓝志远",
        "signed_on": timezone.localdate(),
        "scan": sittings.PDF,
    } | changed
    with pytest.raises(Refused, match=words):
        signing.register_minutes(meeting, by=secretary, **given)


def test_registered_papers_are_not_signed_in_person_besides(meeting, office, secretary, leader):
    sittings.registered(sittings.held(meeting, by=office), by=secretary)
    with pytest.raises(Refused, match="苏会务已凭签发的纪要登记"):
        signing.sign_meeting(meeting, by=leader)
    sittings.confirmed(meeting, by=leader)
    assert meeting.way == "registered"


def test_a_second_registration_by_somebody_else_is_told(meeting, office, secretary, director):
    sittings.registered(sittings.held(meeting, by=office), by=secretary)
    with pytest.raises(Refused, match="苏会务已经登记"):
        sittings.registered(meeting, by=director)


# ---- A later meeting ----
@pytest.fixture
def again(meeting, listed, homes, office, leader):
    """One taken in, one declined, one deferred; all three before a second meeting."""
    sittings.held(meeting, by=office, declined=homes[1:2], deferred=homes[2:])
    signing.sign_meeting(meeting, by=leader)
    second = sittings.planned(listed, by=office)
    assert second.items.count() == 0
    agenda.fill_agenda(second, by=office, candidates=Candidate.objects.filter(round=listed))
    return second


def decide(meeting, home, decision):
    decisions.decide_items(
        sittings.items(meeting, home),
        decision,
        by=sittings_office(),
        reason="" if decision == "approved" else "再议",
    )


def sittings_office():
    from fangpin.accounts.models import User

    user = User.objects.get(username="office")
    return user.act_in(user.duties.select_related("division", "department", "user").get(role=Role.OFFICE))


def test_a_later_meeting_takes_back_and_takes_in(again, homes, office, leader):
    decide(again, homes[0], "declined")
    decide(again, homes[1], "approved")
    decide(again, homes[2], "approved")
    signing.sign_meeting(decisions.hold_meeting(again, by=office), by=leader)
    assert [home.cases.get().state for home in homes] == [CaseState.REVOKED, "active", "active"]
    (item,) = NationalItem.objects.filter(case__household=homes[0])
    assert (item.kind, item.state) == ("entry", "lapsed")  # the national system never had it
    assert Risk.objects.get(case__household=homes[0]).state == RiskState.DISMISSED
    assert [Household.objects.get(pk=home.pk).lamp for home in homes] == ["none", "yellow", "yellow"]


def test_what_a_later_meeting_leaves_as_it_was_gets_no_second_record(again, homes, office, leader):
    decide(again, homes[0], "approved")
    decide(again, homes[1], "declined")
    decide(again, homes[2], "deferred")
    before = StatusRecord.objects.filter(model="screening.candidate").count()
    signing.sign_meeting(decisions.hold_meeting(again, by=office), by=leader)
    assert StatusRecord.objects.filter(model="screening.candidate").count() == before
    assert Case.objects.count() == 1


def test_one_taken_in_is_not_deferred_later(again, homes, office):
    with pytest.raises(Refused, match="不能暂缓"):
        decide(again, homes[0], "deferred")


def test_a_revoked_household_may_be_taken_in_anew(again, listed, homes, office, leader):
    decide(again, homes[0], "declined")
    decide(again, homes[1], "declined")
    decide(again, homes[2], "declined")
    signing.sign_meeting(decisions.hold_meeting(again, by=office), by=leader)
    third = sittings.planned(listed, by=office)
    agenda.fill_agenda(third, by=office, candidates=Candidate.objects.filter(household=homes[0]))
    signing.sign_meeting(sittings.held(third, by=office), by=leader)
    assert list(homes[0].cases.order_by("pk").values_list("state", flat=True)) == ["revoked", "active"]


def test_what_has_gone_into_the_next_round_is_decided_there(again, listed, homes, county, office):
    from screening.quarters import Quarter
    from screening.rounds.opening import open_round

    following = open_round(county, Quarter(2020, 2), by=office)
    quarter.comparison.compare_round(following, by=office)
    agenda.remove_from_agenda(sittings.items(again), by=office)
    assert {c.household for c in agenda.available_again(again)} == set(homes[:2])


def test_only_the_leading_group_may_move_a_candidate_to_approved(listed, office):
    from fangpin.common.transitions import move

    with pytest.raises(NotAllowed):
        move(Candidate.objects.filter(round=listed), "approve", by=office)


def test_the_list_is_not_taken_back_once_a_meeting_has_it(meeting, listed, director):
    with pytest.raises(Refused, match="审定会议程"):
        submission.withdraw_submission(listed, by=director, reason="补一户")
