"""Art. 7(2)2: both lists compared by household and situation."""

import pytest

from fangpin.common.models import StatusRecord
from fangpin.common.refusals import Refused
from fangpin.common.transitions import Conflict, NotAllowed
from households.models import Case, Risk
from screening.comparison import answering, confirming, proposal, readiness, submission
from screening.comparison import compare as comparison
from screening.lamps import colours as lamps
from screening.models import Answer, Candidate, DepartmentInquiry, Lead, Round, Verification
from screening.quarters import Quarter
from screening.rounds.opening import open_round
from tests import factories
from tests.screening.rounds import quarter
from tests.screening.rounds.quarter import DROPOUT, HOUSING, MEDICAL


@pytest.fixture
def homes(db):
    return [factories.household(members=2) for _ in range(5)]


@pytest.fixture
def compared(round_2020q1, homes, office, village_cadre):
    """Consistent, mismatch, only online, only offline, and one without a lead."""
    quarter.online(round_2020q1, homes[0]), quarter.offline(round_2020q1, homes[0], by=village_cadre)
    quarter.online(round_2020q1, homes[1]), quarter.offline(round_2020q1, homes[1], HOUSING, by=village_cadre)
    quarter.online(round_2020q1, homes[2])
    quarter.offline(round_2020q1, homes[3], HOUSING, by=village_cadre)
    comparison.compare_round(round_2020q1, by=office)
    return round_2020q1


def state_of(home) -> tuple[str, str]:
    candidate = Candidate.objects.get(household=home)
    return candidate.side, candidate.state


def test_sides_and_states(compared, homes):
    assert [state_of(home) for home in homes[:4]] == [
        ("consistent", "consistent"),
        ("mismatch", "to_verify"),
        ("online_only", "to_verify"),
        ("offline_only", "to_verify"),
    ]
    assert not Candidate.objects.filter(household=homes[4]).exists()


def test_two_situations_of_one_criterion_are_consistent(round_2020q1, homes, office, village_cadre):
    quarter.online(round_2020q1, homes[0], MEDICAL)
    quarter.offline(round_2020q1, homes[0], "medical.untreated", by=village_cadre)
    comparison.compare_round(round_2020q1, by=office)
    assert state_of(homes[0]) == ("consistent", "consistent")


def test_only_what_is_not_consistent_gets_a_task_with_a_deadline(compared, homes):
    tasks = Verification.objects.filter(round=compared)
    assert set(tasks.values_list("household", flat=True)) == {home.pk for home in homes[1:4]}
    assert {task.due_on for task in tasks} == {compared.verification_due} != {None}


def test_departments_are_asked_about_what_only_the_village_reported(compared, homes):
    asked = DepartmentInquiry.objects.values_list("candidate__household", "department__code")
    assert set(asked) == {(homes[1].pk, "housing"), (homes[3].pk, "housing")}


def test_every_candidate_and_task_has_its_first_record(compared):
    records = StatusRecord.objects.filter(model="screening.candidate")
    assert set(records.values_list("object_id", flat=True)) == set(
        Candidate.objects.values_list("pk", flat=True)
    )


def test_comparing_again_changes_nothing(compared, office):
    before = list(Candidate.objects.order_by("pk").values())
    comparison.compare_round(compared, by=office)
    assert list(Candidate.objects.order_by("pk").values()) == before


def test_a_lead_that_comes_later_joins_at_once(compared, homes):
    quarter.online(compared, homes[4])
    comparison.join_new_leads(compared)
    assert Candidate.objects.get(household=homes[4]).is_late
    assert Verification.objects.filter(household=homes[4]).exists()


def test_the_other_side_coming_later_makes_it_consistent_and_ends_the_task(compared, homes, village_cadre):
    quarter.offline(compared, homes[2], by=village_cadre)
    comparison.join_new_leads(compared)
    assert state_of(homes[2]) == ("consistent", "consistent")
    assert Verification.objects.get(household=homes[2]).state == "settled"


def test_a_lead_gone_withdraws_the_candidate_and_brings_it_back(compared, homes):
    Lead.objects.filter(household=homes[2]).update(withdrawn_at="2020-03-20T00:00Z")
    comparison.join_new_leads(compared)
    assert state_of(homes[2])[1] == "withdrawn"
    Lead.objects.filter(household=homes[2]).update(withdrawn_at=None)
    comparison.join_new_leads(compared)
    assert state_of(homes[2])[1] == "to_verify"
    assert Verification.objects.get(household=homes[2]).state == "asked"


def test_leads_before_the_comparison_wait_for_it(round_2020q1, homes):
    quarter.online(round_2020q1, homes[0])
    comparison.join_new_leads(round_2020q1)
    assert not Candidate.objects.exists()


def test_back_to_collecting_needs_a_reason(compared, office):
    with pytest.raises(Refused, match="原因"):
        comparison.collect_again(compared, by=office, reason=" ")
    comparison.collect_again(compared, by=office, reason="医保局要重报")
    assert compared.state == "open"


def test_who_may_not_compare(round_2020q1, village_cadre, county):
    with pytest.raises(NotAllowed):
        comparison.compare_round(round_2020q1, by=village_cadre)
    assert Round.objects.get(pk=round_2020q1.pk).state == "open"


def test_a_lead_on_an_open_case_becomes_a_proposed_risk(
    round_2020q1, office, village_cadre, township_officer
):
    home = factories.household(status="lifted")
    case = Case.objects.create(
        household=home, category="monitored", origin="look_back", identified_on="2019-11-25"
    )
    quarter.online(round_2020q1, home)
    comparison.compare_round(round_2020q1, by=office)
    assert not Candidate.objects.exists()
    risk = Risk.objects.get(case=case)
    assert (risk.subcriterion, risk.state) == (MEDICAL, "proposed")
    quarter.answered(home, by=village_cadre)
    confirming.settle_tasks(Verification.objects.filter(household=home), by=township_officer)
    risk.refresh_from_db()
    assert risk.state == "open"


def test_the_number_of_statements_does_not_grow(
    round_2020q1, office, village_cadre, django_assert_max_num_queries
):
    for position in range(12):
        home = factories.household()
        quarter.online(round_2020q1, home)
        if position % 2:
            quarter.offline(round_2020q1, home, by=village_cadre)
    with django_assert_max_num_queries(45):
        comparison.compare_round(round_2020q1, by=office)


# ---- Verification ----
@pytest.mark.parametrize(
    ("given", "state", "self_coping"),
    [("cannot_bear", "confirmed", False), ("copes", "dismissed", True), ("untrue", "dismissed", False)],
)
def test_only_true_and_cannot_bear_confirms(
    compared, homes, village_cadre, township_officer, given, state, self_coping
):
    quarter.answered(homes[2], given, by=village_cadre)
    confirming.settle_tasks(Verification.objects.filter(household=homes[2]), by=township_officer)
    candidate = Candidate.objects.get(household=homes[2])
    assert (candidate.state, candidate.self_coping) == (state, self_coping)
    assert candidate.confirmed_by == township_officer


def test_cannot_tell_is_not_confirmed(compared, homes, village_cadre, township_officer):
    quarter.answered(homes[2], "unclear", by=village_cadre)
    with pytest.raises(Refused, match="查不清"):
        confirming.settle_tasks(Verification.objects.filter(household=homes[2]), by=township_officer)


def test_every_situation_wants_its_answer(compared, homes, village_cadre):
    task = Verification.objects.get(household=homes[1])
    with pytest.raises(Refused, match="住房危险"):
        answering.answer_task(task, {MEDICAL: (Answer.CANNOT_BEAR, "")}, by=village_cadre)


def test_untrue_wants_words(compared, homes, village_cadre):
    with pytest.raises(Refused, match="看到了什么"):
        quarter.answered(homes[2], "untrue", by=village_cadre, words="")


def test_kin_do_not_verify(round_2020q1, homes, office, village_cadre):
    quarter.online(round_2020q1, homes[0], DROPOUT)
    quarter.offline(round_2020q1, homes[0], HOUSING, by=village_cadre, is_kin=True)
    comparison.compare_round(round_2020q1, by=office)
    with pytest.raises(Refused, match="亲属"):
        quarter.answered(homes[0], by=village_cadre)


def test_one_unanswered_household_refuses_the_whole_batch(compared, homes, village_cadre, township_officer):
    quarter.answered(homes[2], by=village_cadre)
    with pytest.raises(Refused, match="整批没有确认"):
        confirming.settle_tasks(Verification.objects.filter(round=compared), by=township_officer)
    assert not Candidate.objects.filter(state="confirmed").exists()


def test_asked_again_the_household_is_open_again(compared, homes, village_cadre, township_officer):
    quarter.confirmed(homes[2], village=village_cadre, township=township_officer)
    confirming.ask_again(
        Verification.objects.filter(household=homes[2]), by=township_officer, reason="请补照片"
    )
    task = Verification.objects.get(household=homes[2])
    assert (task.state, task.ask_words, state_of(homes[2])[1]) == ("asked", "请补照片", "to_verify")


def test_dismissed_by_the_township_with_a_reason(compared, homes, village_cadre, township_officer):
    quarter.answered(homes[2], by=village_cadre)
    tasks = Verification.objects.filter(household=homes[2])
    with pytest.raises(Refused, match="理由"):
        confirming.dismiss_tasks(tasks, by=township_officer, reason="")
    confirming.dismiss_tasks(tasks, by=township_officer, reason="已有商业保险赔付")
    assert state_of(homes[2])[1] == "dismissed"


def test_a_dismissed_household_loses_its_red_lamp(compared, homes, village_cadre, township_officer):
    quarter.answered(homes[2], "copes", by=village_cadre)
    confirming.settle_tasks(Verification.objects.filter(household=homes[2]), by=township_officer)
    for home in homes:
        home.refresh_from_db()
    assert [home.lamp for home in homes] == ["red", "red", "none", "red", "none"]


def test_a_foreign_township_settles_nothing(compared, homes, village_cadre):
    from fangpin.accounts.roles import Role
    from fangpin.common.transitions import OutOfScope

    stranger = factories.user("other-town", Role.TOWNSHIP, "451228101000")
    quarter.answered(homes[2], by=village_cadre)
    with pytest.raises(OutOfScope):
        confirming.settle_tasks(Verification.objects.filter(household=homes[2]), by=stranger)


# ---- The list and its submission ----
def test_only_consistent_or_confirmed_go_on_the_list(compared, homes, office):
    with pytest.raises(Conflict):
        proposal.put_on_list(Candidate.objects.filter(household=homes[2]), by=office)
    proposal.put_on_list(Candidate.objects.filter(household=homes[0]), by=office)
    assert Candidate.objects.get(household=homes[0]).listed_by == office


def test_submission_says_what_is_lacking(compared, homes, office, director):
    with pytest.raises(Refused, match="3 户核实没有办完，1 户一致或核实属实的没有列入建议名单，1 户资料不全"):
        submission.submit_round(compared, by=director)


def settled(compared, homes, office, village, township):
    for home in homes[:4]:
        factories.income(home, "6000", year=2019)
    for home in homes[1:4]:
        quarter.confirmed(home, village=village, township=township)
    proposal.put_on_list(Candidate.objects.filter(round=compared).eligible(), by=office)


def test_submitted_by_the_director_alone(compared, homes, office, director, village_cadre, township_officer):
    settled(compared, homes, office, village_cadre, township_officer)
    with pytest.raises(NotAllowed):
        submission.submit_round(compared, by=office)
    submission.submit_round(compared, by=director)
    assert (compared.state, compared.submitted_by) == ("submitted", director)


def test_above_the_line_words_are_needed(compared, homes, office, director, village_cadre, township_officer):
    settled(compared, homes, office, village_cadre, township_officer)
    factories.income(homes[0], "90000", year=2020)
    with pytest.raises(Refused, match="1 户资料不全"):
        submission.submit_round(compared, by=director)
    candidates = readiness.with_answers(readiness.with_income(Candidate.objects.filter(household=homes[0])))
    proposal.ask_for_what_lacks(candidates.select_related("household"), compared, by=office)
    task = Verification.objects.get(household=homes[0])
    assert "高于收入参考线" in task.ask_words
    answering.answer_task(
        task, {MEDICAL: (Answer.CANNOT_BEAR, "")}, by=village_cadre, above_line_words="主要劳动力住院半年"
    )
    submission.submit_round(compared, by=director)
    assert compared.state == "submitted"


def test_carried_over_with_a_reason_comes_back_next_quarter(compared, homes, office, county):
    unanswered = Candidate.objects.filter(household=homes[2])
    proposal.carry_over(unanswered, by=office, reason="全家外出，春节回来")
    assert state_of(homes[2])[1] == "carried"
    following = open_round(county, Quarter(2020, 2), by=office)
    comparison.compare_round(following, by=office)
    again = Candidate.objects.get(round=following, household=homes[2])
    assert (again.state, again.previous.household_id) == ("to_verify", homes[2].pk)
    task = Verification.objects.get(round=following, household=homes[2])
    assert answering.situations(task) == [MEDICAL]


def test_a_deferred_household_that_says_nothing_changed_is_confirmed(
    compared, homes, office, county, village_cadre
):
    Candidate.objects.filter(household=homes[2]).update(state="deferred")
    following = open_round(county, Quarter(2020, 2), by=office)
    comparison.compare_round(following, by=office)
    task = Verification.objects.get(round=following, household=homes[2])
    assert task.kind == "recheck"
    answering.answer_task(task, {MEDICAL: (Answer.CANNOT_BEAR, "没有变化")}, by=village_cadre)
    assert Candidate.objects.get(round=following, household=homes[2]).state == "confirmed"


def test_a_deferred_household_stays_lit_until_a_later_round_settles_it(
    compared, homes, office, county, village_cadre, township_officer
):
    Candidate.objects.filter(household=homes[2]).update(state="deferred")
    Round.objects.filter(pk=compared.pk).update(state="determined")
    lamps.recompute_lamps(county.code)
    homes[2].refresh_from_db()
    assert homes[2].lamp == "red"
    following = open_round(county, Quarter(2020, 2), by=office)
    comparison.compare_round(following, by=office)
    tasks = Verification.objects.filter(round=following, household=homes[2])
    answering.answer_task(tasks.get(), {MEDICAL: (Answer.COPES, "")}, by=village_cadre, words="已经出院")
    confirming.settle_tasks(tasks, by=township_officer)
    homes[2].refresh_from_db()
    assert homes[2].lamp == "none"


def test_nothing_found_is_determined_at_once(round_2020q1, office, director):
    comparison.compare_round(round_2020q1, by=office)
    submission.submit_round(round_2020q1, by=director)
    assert round_2020q1.state == "determined"
