"""Entries of the village: taken in once, behind the gate, never dropped (Art. 7(2)1)."""

import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fangpin.accounts.models import Duty
from fangpin.accounts.roles import Role
from fangpin.common.models import AuditRow, StatusRecord
from fangpin.common.refusals import Refused
from households.models import Case, Hamlet, Household
from screening.comparison import compare as comparison
from screening.field import entries as field
from screening.field import hamlets, settling
from screening.field.receiving import FieldConflict
from screening.leads import explanations
from screening.models import (
    Answer,
    EntryRisk,
    EntryState,
    FieldEntry,
    HamletNote,
    HamletSignOff,
    IncomeEstimate,
    Lead,
    Round,
)
from tests import factories
from tests.screening.field.doors import payload, ticked
from tests.screening.rounds import quarter

pytestmark = pytest.mark.django_db

INCOME = {"wages": 1_000_000, "business": 0, "costs": 0, "property_income": 0, "transfers": 0, "heads": 3}


@pytest.fixture
def home(round_2020q1):
    hamlet = Hamlet.objects.create(village_id=factories.VILLAGE, name="那朵屯", head_name="韦某")
    return factories.household(names=["覃明德"], hamlet=hamlet)


def lamp(home) -> tuple[str, str]:
    home.refresh_from_db()
    return home.lamp, home.lamp_source


def closed(round: Round) -> None:
    Round.objects.filter(pk=round.pk).update(state="submitted", submitted_at="2020-03-25T00:00Z")


# ---- What an entry does ----
def test_entry_raises_its_leads_and_lights_the_lamp_at_once(home, round_2020q1, village_cadre):
    received = field.receive_entry(
        payload(round_2020q1, home, "housing.damaged", "water.dirty"), by=village_cadre
    )
    leads = Lead.objects.order_by("subcriterion")
    assert [(lead.subcriterion, lead.source, lead.category) for lead in leads] == [
        ("housing.unsafe", "offline", "marginal"),
        ("water.unsafe", "offline", "marginal"),
    ]
    assert lamp(home) == ("red", "offline")
    assert "亮灯（村级上报）：住房危险、饮水" in received.reply
    assert received.entry.state == EntryState.RECEIVED


def test_explanation_says_who_was_at_the_door_and_what_was_said(home, round_2020q1, village_cadre):
    field.receive_entry(payload(round_2020q1, home, "housing.damaged"), by=village_cadre)
    lead = Lead.objects.prefetch_related(explanations.REASONS).get()
    assert explanations.sentences(lead) == [
        (
            "入户 3月11日 蓝支书（屯长 韦某）：房子坏了、成危房，没钱修（怎么坏的：洪水、滑坡、大风、"
            "火灾等），"
            "家里扛不住 · 第七条（一）3"
        )
    ]


def test_both_sources_are_named_on_the_lamp(home, round_2020q1, village_cadre):
    quarter.online(round_2020q1, home)
    field.receive_entry(payload(round_2020q1, home, "housing.damaged"), by=village_cadre)
    assert lamp(home) == ("red", "both")


def test_household_that_manages_is_noted_only(home, round_2020q1, village_cadre):
    options = ticked("housing.damaged", bear="tight")
    received = field.receive_entry(
        payload(round_2020q1, home, "housing.damaged", options=options), by=village_cadre
    )
    assert not Lead.objects.exists()
    assert EntryRisk.objects.get().answer == Answer.COPES
    assert "没有要亮灯" in received.reply
    assert lamp(home) == ("none", "")


def test_nothing_found_raises_nothing_and_settles_no_online_lead(home, round_2020q1, village_cadre):
    quarter.online(round_2020q1, home)
    received = field.receive_entry(payload(round_2020q1, home), by=village_cadre)
    assert received.entry.nothing_found
    assert Lead.objects.get().withdrawn_at is None


def test_second_entry_is_a_second_reason_of_the_same_lead(home, round_2020q1, village_cadre):
    for _ in range(2):
        field.receive_entry(payload(round_2020q1, home, "water.dirty"), by=village_cadre)
    assert Lead.objects.get().reasons.count() == 2


def test_entry_brings_a_withdrawn_lead_back(home, round_2020q1, village_cadre):
    lead = quarter.offline(round_2020q1, home, "water.unsafe", by=village_cadre)
    Lead.objects.filter(pk=lead.pk).update(withdrawn_at="2020-03-01T00:00Z")
    field.receive_entry(payload(round_2020q1, home, "water.dirty"), by=village_cadre)
    assert Lead.objects.get().withdrawn_at is None


def test_entry_joins_a_comparison_that_is_under_way(home, round_2020q1, village_cadre, office):
    comparison.compare_round(round_2020q1, by=office)
    field.receive_entry(payload(round_2020q1, home, "water.dirty"), by=village_cadre)
    assert home.candidates.get().side == "offline_only"


def test_estimate_is_kept_with_its_entry(home, round_2020q1, village_cadre):
    received = field.receive_entry(
        payload(round_2020q1, home, "water.dirty", income=INCOME), by=village_cadre
    )
    assert IncomeEstimate.objects.get().entry == received.entry
    assert field.per_head(INCOME) == 333_333


def test_who_typed_for_others_is_told(home, round_2020q1, village_cadre):
    received = field.receive_entry(payload(round_2020q1, home, visitors="农振宇"), by=village_cadre)
    assert received.entry.typed_for_others
    assert not field.receive_entry(payload(round_2020q1, home), by=village_cadre).entry.typed_for_others


def test_one_that_is_in_a_case_already_is_told_by_its_lead(home, round_2020q1, village_cadre):
    Case.objects.create(household=home, category="marginal", origin="look_back", identified_on="2019-11-25")
    field.receive_entry(payload(round_2020q1, home, "water.dirty"), by=village_cadre)
    assert Lead.objects.get().in_case


def test_whole_hamlet_makes_one_note(home, round_2020q1, village_cadre):
    neighbour = factories.household(hamlet=home.hamlet)
    for household in (home, neighbour):
        field.receive_entry(
            payload(round_2020q1, household, "water.dry", extras={"water": {"whole_hamlet": True}}),
            by=village_cadre,
        )
    assert HamletNote.objects.get().words.startswith("到旱季没水吃")


def test_every_entry_leaves_its_trail(home, round_2020q1, village_cadre):
    entry = field.receive_entry(payload(round_2020q1, home), by=village_cadre).entry
    assert StatusRecord.objects.get(model="screening.fieldentry", object_id=entry.pk).by == village_cadre
    assert AuditRow.objects.filter(act="entry_take", object_id=entry.pk).count() == 1


# ---- The gate ----
def test_registered_household_is_kept_and_answered_so(round_2020q1, village_cadre):
    home = factories.household(status="registered")
    received = field.receive_entry(payload(round_2020q1, home, "water.dirty"), by=village_cadre)
    assert not Lead.objects.exists()
    assert FieldEntry.objects.count() == 1
    assert "未脱贫户" in received.reply


def _with_gate(round: Round, gate: str) -> None:
    round.policy["income.gate"]["value"] = gate
    round.save(update_fields=["policy"])


def test_above_the_line_is_flagged_and_needs_words(home, round_2020q1, village_cadre):
    factories.income(home, "5000.01", year=2019)
    sent = payload(round_2020q1, home, "water.dirty")
    with pytest.raises(Refused, match="高于参考线"):
        field.receive_entry(sent, by=village_cadre)
    field.receive_entry(sent | {"words": "去年卖了牛"}, by=village_cadre)
    assert Lead.objects.get().above_line


def test_on_the_line_is_not_above_it(home, round_2020q1, village_cadre):
    factories.income(home, "5000.00", year=2019)
    field.receive_entry(payload(round_2020q1, home, "water.dirty"), by=village_cadre)
    assert not Lead.objects.get().above_line


def test_above_the_line_is_no_lead_where_the_county_requires_it(home, round_2020q1, village_cadre):
    _with_gate(round_2020q1, "require")
    factories.income(home, "5000.01", year=2019)
    received = field.receive_entry(payload(round_2020q1, home, "water.dirty"), by=village_cadre)
    assert not Lead.objects.exists()
    assert "高于参考线" in received.reply
    assert FieldEntry.objects.count() == 1


# ---- Twice ----
@given(times=st.integers(1, 20))
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_entry_sent_any_number_of_times_has_one_effect(times, home, round_2020q1, village_cadre):
    sent = payload(round_2020q1, home, "housing.damaged", income=INCOME)
    before = FieldEntry.objects.count(), IncomeEstimate.objects.count()
    answers = [field.receive_entry(sent, by=village_cadre) for _ in range(times)]
    assert {answer.reply for answer in answers} == {answers[0].reply}
    assert [answer.is_new for answer in answers] == [True] + [False] * (times - 1)
    assert (FieldEntry.objects.count(), IncomeEstimate.objects.count()) == (before[0] + 1, before[1] + 1)
    assert Lead.objects.get().reasons.filter(entry=answers[0].entry).count() == 1


def test_sent_again_after_the_round_is_closed_is_answered_as_before(home, round_2020q1, village_cadre):
    sent = payload(round_2020q1, home, "housing.damaged")
    first = field.receive_entry(sent, by=village_cadre)
    closed(round_2020q1)
    again = field.receive_entry(sent, by=village_cadre)
    assert (again.is_new, again.reply, again.leads) == (False, first.reply, first.leads)


def test_same_number_with_another_content_is_refused(home, round_2020q1, village_cadre):
    sent = payload(round_2020q1, home, "housing.damaged")
    field.receive_entry(sent, by=village_cadre)
    with pytest.raises(FieldConflict):
        field.receive_entry(sent | {"words": "改过"}, by=village_cadre)
    assert FieldEntry.objects.get().words == ""


def test_same_number_of_somebody_else_is_refused(home, round_2020q1, village_cadre):
    sent = payload(round_2020q1, home)
    field.receive_entry(sent, by=village_cadre)
    other = factories.user("team", Role.WORK_TEAM, factories.VILLAGE)
    with pytest.raises(FieldConflict):
        field.receive_entry(sent, by=other)


# ---- Not by itself ----
def test_entry_of_a_closed_round_waits_for_a_person(home, round_2020q1, village_cadre):
    closed(round_2020q1)
    received = field.receive_entry(
        payload(round_2020q1, home, "water.dirty", income=INCOME), by=village_cadre
    )
    assert received.entry.state == EntryState.ATTENTION
    assert "已提请审定" in received.reply
    assert not Lead.objects.exists()
    assert not IncomeEstimate.objects.exists()
    assert received.entry.risks.count() == 1


def test_entry_of_a_household_that_has_moved_waits(home, round_2020q1, village_cadre):
    Household.objects.filter(pk=home.pk).update(village=factories.SISTER_VILLAGE)
    received = field.receive_entry(payload(round_2020q1, home, "water.dirty"), by=village_cadre)
    assert received.entry.attention == "这一户已经不在本村"
    assert not Lead.objects.exists()


def test_entry_of_somebody_whose_duty_has_ended_waits(home, round_2020q1, village_cadre):
    Duty.objects.filter(user=village_cadre).update(ends_on=datetime.date(2020, 3, 31))
    village_cadre.act_in(None)
    received = field.receive_entry(payload(round_2020q1, home, "water.dirty"), by=village_cadre)
    assert received.entry.attention == "录入人在这个村的岗位已经结束"
    assert not Lead.objects.exists()


def test_newcomer_waits_until_the_registry_has_him(round_2020q1, village_cadre, township_officer):
    sent = payload(
        round_2020q1,
        None,
        "water.dirty",
        village=factories.VILLAGE,
        newcomer={"name": "蒙新来"},
        income=INCOME,
    )
    entry = field.receive_entry(sent, by=village_cadre).entry
    assert (entry.state, entry.newcomer["name"]) == (EntryState.ATTENTION, "蒙新来")
    home = factories.household(names=["蒙新来"])
    words = "已补进户册"
    sentence = settling.settle_entry(entry, by=township_officer, words=words, applies=True, household=home)
    assert "亮灯（村级上报）：饮水" in sentence
    assert Lead.objects.get().household == home
    assert IncomeEstimate.objects.get().household == home
    assert lamp(home) == ("red", "offline")


# ---- Whose ----
@pytest.mark.parametrize("role", [Role.TOWNSHIP, Role.OFFICE, Role.HELPER, Role.AUDITOR])
def test_others_do_not_enter(home, round_2020q1, role):
    place = factories.TOWNSHIP if role == Role.TOWNSHIP else factories.COUNTY
    with pytest.raises(Refused):
        field.receive_entry(payload(round_2020q1, home), by=factories.user("x", role, place))
    assert not FieldEntry.objects.exists()


def test_neighbouring_village_is_refused(home, round_2020q1):
    neighbour = factories.user("n", Role.VILLAGE_CADRE, factories.SISTER_VILLAGE)
    with pytest.raises(Refused):
        field.receive_entry(payload(round_2020q1, home), by=neighbour)
    assert not FieldEntry.objects.exists()


def test_household_of_another_county_is_refused(home, round_2020q1, village_cadre):
    other = factories.household(village=factories.OTHER_COUNTY_VILLAGE)
    with pytest.raises(Refused):
        field.receive_entry(payload(round_2020q1, other, village=factories.VILLAGE), by=village_cadre)


def test_person_of_another_household_is_refused(home, round_2020q1, village_cadre):
    stranger = factories.household().members.get()
    options = ticked("medical.untreated", who=stranger.pk)
    with pytest.raises(Refused, match="不在这一户"):
        field.receive_entry(
            payload(round_2020q1, home, "medical.untreated", options=options), by=village_cadre
        )


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"visited_on": "2099-01-01"}, "晚于今天"),
        ({"visited_on": ""}, "排查日期"),
        ({"visitors": " "}, "入户人"),
        ({"way": "drone"}, "请选是入户"),
        ({"source": "x"}, "干部发现"),
        ({"uuid": "x"}, "编号不对"),
        ({"income": INCOME | {"heads": 0}}, "至少 1 人"),
        ({"words": "长" * 301}, "超过 300 个字"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_kept(home, round_2020q1, village_cadre, wrong, words):
    with pytest.raises(Refused, match=words):
        field.receive_entry(payload(round_2020q1, home) | wrong, by=village_cadre)
    assert not FieldEntry.objects.exists()


# ---- Settling ----
@pytest.fixture
def waiting(home, round_2020q1, village_cadre):
    closed(round_2020q1)
    return field.receive_entry(payload(round_2020q1, home, "water.dirty"), by=village_cadre).entry


def test_settled_entry_takes_effect_in_the_round_under_way(waiting, county, office, township_officer, home):
    from screening.quarters import Quarter
    from screening.rounds.opening import open_round

    later = open_round(county, Quarter(2020, 2), by=office)
    settling.settle_entry(waiting, by=township_officer, words="列入二季度", applies=True)
    assert Lead.objects.get().round == later
    waiting.refresh_from_db()
    assert (waiting.state, waiting.round) == (EntryState.SETTLED, later)


def test_entry_can_be_laid_aside_with_words(waiting, township_officer):
    with pytest.raises(Refused, match="怎么处理"):
        settling.settle_entry(waiting, by=township_officer, words=" ", applies=False)
    settling.settle_entry(waiting, by=township_officer, words="上季度已认定", applies=False)
    assert FieldEntry.objects.get().state == EntryState.SETTLED
    assert not Lead.objects.exists()


def test_without_a_round_under_way_nothing_is_settled(waiting, township_officer):
    with pytest.raises(Refused, match="正在进行"):
        settling.settle_entry(waiting, by=township_officer, words="列入", applies=True)
    assert FieldEntry.objects.get().state == EntryState.ATTENTION


# ---- Hamlets ----
def signing(round: Round, hamlet: Hamlet, **fields) -> dict:
    return {
        "uuid": "7a0c0f51-6a6e-4a6a-9b6e-1f2f3a4b5c6d",
        "round": str(round.uuid),
        "hamlet": hamlet.pk,
        "on": "2020-03-12",
        "hamlet_head": "韦某",
        "participants": "蓝支书、农振宇",
        "words": "",
    } | fields


def test_hamlet_is_signed_off_once(home, round_2020q1, village_cadre):
    sent = signing(round_2020q1, home.hamlet)
    assert hamlets.sign_off_hamlet(sent, by=village_cadre) == hamlets.sign_off_hamlet(sent, by=village_cadre)
    assert HamletSignOff.objects.count() == 1


@pytest.mark.parametrize(
    "other", [{"participants": "别人"}, {"uuid": "11111111-6a6e-4a6a-9b6e-1f2f3a4b5c6d"}]
)
def test_signed_off_hamlet_is_not_signed_otherwise(home, round_2020q1, village_cadre, other):
    hamlets.sign_off_hamlet(signing(round_2020q1, home.hamlet), by=village_cadre)
    with pytest.raises(FieldConflict, match="蓝支书确认"):
        hamlets.sign_off_hamlet(signing(round_2020q1, home.hamlet, **other), by=village_cadre)
    assert HamletSignOff.objects.get().participants == "蓝支书、农振宇"


def test_hamlet_of_another_village_is_refused(round_2020q1, village_cadre):
    foreign = Hamlet.objects.create(village_id=factories.SISTER_VILLAGE, name="别屯")
    with pytest.raises(Refused):
        hamlets.sign_off_hamlet(signing(round_2020q1, foreign), by=village_cadre)


def test_closed_round_takes_no_sign_off(home, round_2020q1, village_cadre):
    closed(round_2020q1)
    with pytest.raises(Refused, match="不能再确认"):
        hamlets.sign_off_hamlet(signing(round_2020q1, home.hamlet), by=village_cadre)


@pytest.mark.parametrize("wrong", [{"hamlet_head": ""}, {"participants": ""}, {"on": "2099-01-01"}])
def test_sign_off_names_who_and_when(home, round_2020q1, village_cadre, wrong):
    with pytest.raises(Refused):
        hamlets.sign_off_hamlet(signing(round_2020q1, home.hamlet, **wrong), by=village_cadre)
    assert not HamletSignOff.objects.exists()


# ---- States: who may settle from where ----
@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("state", EntryState.values)
def test_settle_by_role_and_state(home, round_2020q1, village_cadre, state, role):
    from fangpin.common.transitions import TransitionRefused, move

    entry = field.receive_entry(payload(round_2020q1, home), by=village_cadre).entry
    FieldEntry.objects.filter(pk=entry.pk).update(state=state)
    places = {Role.VILLAGE_CADRE: factories.VILLAGE, Role.WORK_TEAM: factories.VILLAGE}
    department = "civil" if role == Role.DEPARTMENT else None
    by = factories.user(f"r-{role}", role, places.get(role, factories.COUNTY), department)
    allowed = role in (Role.TOWNSHIP, Role.OFFICE) and state == EntryState.ATTENTION
    try:
        move(FieldEntry.objects.filter(pk=entry.pk), "deal_with", by=by, opinion="x")
    except TransitionRefused:
        assert not allowed
    else:
        assert allowed
