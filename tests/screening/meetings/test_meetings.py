"""A meeting before it is signed: plan, members, agenda, recusals, decisions (Art. 7(2)3)."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from fangpin.accounts.roles import Role
from fangpin.common.models import AuditRow
from fangpin.common.refusals import Refused
from fangpin.common.transitions import history
from screening.meetings import agenda, decisions, members, planning
from screening.models import AgendaItem, Candidate, Decision, DepartmentInquiry, Meeting, Recusal
from tests import factories
from tests.screening.meetings import sittings
from tests.screening.rounds import quarter


@pytest.fixture
def homes(db):
    return sittings.homes_of(4)


@pytest.fixture
def listed(round_2020q1, homes, office, director, village_cadre):
    return sittings.submitted(round_2020q1, homes, office=office, director=director, village=village_cadre)


@pytest.fixture
def meeting(listed, office):
    return sittings.planned(listed, by=office)


def plan(round, by):
    return planning.plan_meeting(round, by=by, planned_for=timezone.now(), place="会议室", chair="蓝志远")


# ---- Planning ----
def test_a_meeting_is_planned_for_a_submitted_round(listed, office):
    meeting = plan(listed, office)
    assert (meeting.state, meeting.prepared_by) == ("planned", office)
    assert [record.transition for record in history(meeting)] == ["plan"]


def test_no_meeting_before_the_list_is_submitted(round_2020q1, office):
    with pytest.raises(Refused, match="提请审定之后"):
        plan(round_2020q1, office)


def test_who_may_not_prepare_plans_nothing(listed, director):
    with pytest.raises(Refused, match="不能筹备"):
        plan(listed, director)


def test_another_countys_office_plans_nothing(listed):
    with pytest.raises(Refused, match="不能筹备"):
        plan(listed, factories.user("stranger", Role.OFFICE, factories.OTHER_COUNTY))


# ---- Members ----
def test_members_are_taken_from_the_last_meeting(meeting, listed, office):
    later = plan(listed, office)
    assert [person.name for person in members.members_of_last(later)] == ["蓝志远", "黄建华"]


def test_members_set_again_keep_their_recusals(meeting, office):
    item = meeting.items.first()
    who = meeting.attendances.get(name="黄建华")
    members.add_recusal(item, who, by=office, reason="户主是表弟")
    people = [members.Person("黄建华", "县政府", "主任"), members.Person("覃新", part="absent")]
    members.set_members(meeting, people, by=office)
    assert set(meeting.attendances.values_list("name", "part")) == {("黄建华", "member"), ("覃新", "absent")}
    assert Recusal.objects.get(item=item).attendance_id == who.pk


# ---- Agenda ----
def test_the_agenda_is_filled_from_the_list_once(meeting, office, homes):
    assert meeting.items.count() == 4
    assert agenda.fill_agenda(meeting, by=office) == 0


@pytest.mark.parametrize("count", [2, 12])
def test_any_number_is_taken_up_in_the_same_queries(
    round_2020q1, office, director, village_cadre, count, django_assert_num_queries
):
    homes = sittings.homes_of(count)
    sittings.submitted(round_2020q1, homes, office=office, director=director, village=village_cadre)
    meeting = sittings.planned(round_2020q1, by=office, fill=False)
    with django_assert_num_queries(12):
        assert agenda.fill_agenda(meeting, by=office) == count


def test_what_another_open_meeting_has_is_not_taken_up(meeting, listed, office):
    other = sittings.planned(listed, by=office)
    assert other.items.count() == 0
    with pytest.raises(Refused, match="别的审定会议程"):
        agenda.fill_agenda(other, by=office, candidates=Candidate.objects.filter(round=listed))


def test_a_cancelled_meeting_gives_its_households_back(meeting, listed, office):
    decisions.cancel_meeting(meeting, by=office, reason="改期")
    assert sittings.planned(listed, by=office).items.count() == 4


def test_several_meetings_share_the_list(listed, office, homes):
    first = sittings.planned(listed, by=office, fill=False)
    agenda.fill_agenda(first, by=office, candidates=Candidate.objects.filter(household__in=homes[:1]))
    assert sittings.planned(listed, by=office).items.count() == 3


def test_what_is_taken_off_is_free_again(meeting, listed, office, homes):
    assert agenda.remove_from_agenda(sittings.items(meeting, homes[0]), by=office) == 1
    assert [c.household for c in agenda.available(meeting)] == [homes[0]]


def test_what_members_will_ask_about_is_marked(listed, office, homes):
    Candidate.objects.filter(household=homes[0]).update(above_line_words="住院半年")
    department = listed.county.departments.get(code="insurance")
    asked = Candidate.objects.get(household=homes[1])
    DepartmentInquiry.objects.create(
        candidate=asked, department=department, subcriterion=quarter.MEDICAL, reply="none"
    )
    meeting = sittings.planned(listed, by=office)
    contested = agenda.with_contest(AgendaItem.objects.filter(meeting=meeting, contested=True))
    assert {item.candidate.household: agenda.contest_sentences(item) for item in contested} == {
        homes[0]: ["收入高于参考线"],
        homes[1]: ["部门答没有记录"],
    }


# ---- Recusal ----
def test_a_member_named_like_somebody_of_the_household_is_proposed_to_stay_out(listed, office, homes):
    factories.member(homes[1], datetime.date(1980, 1, 1), name="黄建华")
    meeting = sittings.planned(listed, by=office)
    proposed = Recusal.objects.get()
    assert (proposed.item.candidate.household, proposed.attendance.name) == (homes[1], "黄建华")
    assert proposed.outcome == "proposed"
    members.settle_recusal(proposed, "not_kin", by=office)
    members.propose_recusals(meeting)
    assert Recusal.objects.get().outcome == "not_kin"


def test_one_who_has_left_the_household_is_no_reason(listed, office, homes):
    gone = factories.member(homes[1], datetime.date(1980, 1, 1), name="黄建华")
    gone.removed_on = datetime.date(2019, 5, 1)
    gone.save()
    sittings.planned(listed, by=office)
    assert not Recusal.objects.exists()


def test_kinship_ticked_at_the_door_proposes_a_recusal(round_2020q1, office, director, homes, village_cadre):
    quarter.offline(round_2020q1, homes[0], quarter.HOUSING, by=village_cadre, is_kin=True)
    sittings.submitted(round_2020q1, homes, office=office, director=director, village=village_cadre)
    sittings.planned(round_2020q1, by=office, members=("蓝志远", "蓝桂芳"))  # she was at the door
    proposed = Recusal.objects.get()
    assert (proposed.item.candidate.household, proposed.attendance.name) == (homes[0], "蓝桂芳")


def test_an_open_recusal_stops_the_meeting(listed, office, homes):
    factories.member(homes[1], datetime.date(1980, 1, 1), name="黄建华")
    meeting = sittings.planned(listed, by=office)
    with pytest.raises(Refused, match="1 项回避没有核对"):
        sittings.held(meeting, by=office)


# ---- Decisions ----
def test_decided_in_bulk_with_one_audit_row_each(meeting, office):
    assert decisions.decide_items(sittings.items(meeting), Decision.APPROVED, by=office) == 4
    assert AuditRow.objects.filter(act="agenda_decide").count() == 4
    assert AuditRow.objects.get(act="meeting_decide").details["households"] == 4


@pytest.mark.parametrize("decision", ["declined", "deferred"])
def test_a_reason_is_needed_unless_taken_in(meeting, office, decision):
    with pytest.raises(Refused, match="须写明理由"):
        decisions.decide_items(sittings.items(meeting), decision, by=office, reason=" ")


def test_the_database_refuses_a_decision_without_reason_or_person(meeting, office):
    for fields in (
        {"decision": "declined", "decided_by": office, "decided_at": timezone.now()},
        {"decision": "approved"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            meeting.items.update(**fields)


def test_a_decision_is_taken_back(meeting, office):
    decisions.decide_items(sittings.items(meeting), "declined", by=office, reason="能解决")
    decisions.decide_items(sittings.items(meeting), "", by=office)
    assert set(meeting.items.values_list("decision", "reason", "decided_by")) == {("", "", None)}


def test_what_somebody_else_has_just_decided_is_not_overwritten(meeting, office, homes):
    colleague = factories.user("office2", Role.OFFICE, factories.COUNTY, name="莫小红")
    seen = Meeting.objects.get(pk=meeting.pk).revision
    decisions.decide_items(sittings.items(meeting, homes[0]), "approved", by=colleague, seen=seen)
    decisions.decide_items(sittings.items(meeting, homes[1]), "approved", by=office, seen=seen)
    with pytest.raises(Refused, match=f"莫小红刚刚把{homes[0]}记为“同意纳入”"):
        decisions.decide_items(sittings.items(meeting), "declined", by=office, reason="能解决", seen=seen)
    assert meeting.items.filter(decision="declined").count() == 0


def test_ones_own_earlier_word_may_be_changed_from_the_same_page(meeting, office, homes):
    seen = meeting.revision
    decisions.decide_items(sittings.items(meeting, homes[0]), "approved", by=office, seen=seen)
    decisions.decide_items(
        sittings.items(meeting, homes[0]), "declined", by=office, reason="能解决", seen=seen
    )
    assert meeting.items.get(candidate__household=homes[0]).decision == "declined"


def test_households_of_two_meetings_are_not_decided_at_once(listed, office, homes):
    for home in homes[:2]:
        meeting = sittings.planned(listed, by=office, fill=False)
        agenda.fill_agenda(meeting, by=office, candidates=Candidate.objects.filter(household=home))
    with pytest.raises(Refused, match="不在同一次审定会"):
        decisions.decide_items(AgendaItem.objects.all(), "approved", by=office)


def test_only_who_prepares_decides(meeting, director):
    with pytest.raises(Refused, match="不能筹备"):
        decisions.decide_items(sittings.items(meeting), "approved", by=director)


# ---- Held, corrected ----
def test_held_only_with_every_decision(meeting, office, homes):
    decisions.decide_items(sittings.items(meeting, homes[0]), "approved", by=office)
    with pytest.raises(Refused, match="还有 3 户没有审定意见"):
        decisions.hold_meeting(meeting, by=office)


def test_not_held_before_its_day(meeting, office):
    planning.change_plan(meeting, by=office, planned_for=timezone.now() + datetime.timedelta(days=2))
    with pytest.raises(Refused, match="日期还没有到"):
        sittings.held(meeting, by=office)


def test_a_household_no_longer_lifted_cannot_be_taken_in(meeting, office, homes):
    type(homes[0]).objects.filter(pk=homes[0].pk).update(status="registered")
    with pytest.raises(Refused, match="1 户现在是建档立卡未脱贫户"):
        sittings.held(meeting, by=office)


def test_once_held_the_decisions_stand_still(meeting, office):
    sittings.held(meeting, by=office)
    with pytest.raises(Refused, match="请先退回筹备"):
        decisions.decide_items(sittings.items(meeting), "approved", by=office)


def test_corrected_with_a_reason_and_without_what_was_registered(meeting, office):
    sittings.held(meeting, by=office)
    sittings.registered(meeting, by=sittings.secretary())
    with pytest.raises(Refused, match="写明退回"):
        decisions.correct_meeting(meeting, by=office, reason="")
    decisions.correct_meeting(meeting, by=office, reason="漏了一户")
    assert (meeting.state, meeting.registered_by, meeting.scan_name, meeting.signed_on) == (
        "planned",
        None,
        "",
        None,
    )
    assert history(meeting).last().opinion == "漏了一户"


def test_the_code_changes_with_the_list(meeting, office, homes):
    decisions.decide_items(sittings.items(meeting), "approved", by=office)
    before = decisions.checksum(meeting)
    decisions.decide_items(sittings.items(meeting, homes[0]), "declined", by=office, reason="能解决")
    assert decisions.checksum(meeting) != before
