"""What phones send: once in effect, or kept for a person; nothing dropped, nothing silently overwritten."""

import datetime
import json
import uuid

import pytest
from django.utils import timezone

from fangpin.accounts.models import Duty
from fangpin.accounts.roles import Role
from fangpin.common.models import AuditRow, StatusRecord
from fangpin.common.refusals import Refused
from handheld import entry_words, intake, phones
from handheld.models import PhoneEntry
from measures.models import Visit
from screening.comparison import answering
from screening.models import EntryState, FieldEntry, HamletSignOff, Lead, Round, Verification
from tests import factories
from tests.handheld.phones_makers import content, damaged, digest, door, phone_of, send
from tests.measures import makers
from tests.screening.rounds import quarter

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(village_cadre):
    return phone_of(factories.user("cadre2", Role.VILLAGE_CADRE, factories.VILLAGE, name="韦干部"))


def entry(round, home, fields=None, **more) -> str:
    return content(
        "entry", fields or damaged(), round=str(round.uuid), household=str(home.uuid), seen="", **more
    )


# ---- Once ----
def test_entry_takes_effect_as_on_the_page(home, round_2020q1, phone):
    taken = send(phone, entry(round_2020q1, home))
    assert taken.row.state == "taken"
    assert taken.row.entry.uuid == taken.row.uuid
    assert taken.row.content is None
    assert Lead.objects.get().subcriterion == "housing.unsafe"
    assert "亮灯" in taken.row.reply


def test_sent_again_it_changes_nothing_and_is_told_the_same(home, round_2020q1, phone):
    key, text = uuid.uuid4(), entry(round_2020q1, home)
    first = send(phone, text, key)
    again = [send(phone, text, key) for _ in range(20)]
    assert [taken.is_new for taken in again] == [False] * 20
    assert {taken.row.reply for taken in again} == {first.row.reply}
    assert (PhoneEntry.objects.count(), FieldEntry.objects.count(), Lead.objects.count()) == (1, 1, 1)


def test_same_uuid_with_another_content_is_refused_and_changes_nothing(home, round_2020q1, phone):
    key = uuid.uuid4()
    send(phone, entry(round_2020q1, home), key)
    with pytest.raises(intake.Differs):
        send(phone, entry(round_2020q1, home, door()), key)
    assert Lead.objects.count() == 1


def test_uuid_of_somebody_else_is_refused(home, round_2020q1, phone, other):
    key, text = uuid.uuid4(), entry(round_2020q1, home)
    send(phone, text, key)
    with pytest.raises(intake.Differs):
        send(other, text, key)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{}", None),
        ("nonsense", None),
        ('{"kind":"other"}', None),
        ('{"kind":"entry","fields":{}}', "0" * 64),
    ],
)
def test_what_was_broken_on_the_way_is_not_taken(phone, text, code):
    with pytest.raises(Refused):
        intake.receive_entry(str(uuid.uuid4()), text, code or digest(text), phone=phone)
    assert not PhoneEntry.objects.exists()


def test_row_has_its_record_and_its_audit(home, round_2020q1, phone):
    row = send(phone, entry(round_2020q1, home)).row
    assert StatusRecord.objects.get(model="handheld.phoneentry", object_id=row.pk).to_state == "taken"
    assert AuditRow.objects.filter(act="phone_take", object_id=row.pk).exists()


# ---- Kept for a person ----
def test_another_cadres_entry_stands_and_the_second_waits_beside_it(home, round_2020q1, phone, other):
    send(phone, entry(round_2020q1, home))
    second = send(other, entry(round_2020q1, home, door())).row.entry
    assert second.state == EntryState.ATTENTION
    assert second.beside.by == phone.user
    assert "两份不一样" in second.reply
    assert Lead.objects.get().reasons.count() == 1


def test_entry_that_says_the_same_does_not_wait(home, round_2020q1, phone, other):
    send(phone, entry(round_2020q1, home))
    assert send(other, entry(round_2020q1, home)).row.entry.state == EntryState.RECEIVED


def test_entry_whose_writer_had_seen_the_other_takes_effect(home, round_2020q1, phone, other):
    first = send(phone, entry(round_2020q1, home)).row.entry
    text = content(
        "entry", door(), round=str(round_2020q1.uuid), household=str(home.uuid), seen=str(first.uuid)
    )
    assert send(other, text).row.entry.state == EntryState.RECEIVED


def test_both_entries_are_shown_to_who_settles(client, home, round_2020q1, phone, other, township_officer):
    send(phone, entry(round_2020q1, home))
    second = send(other, entry(round_2020q1, home, door())).row.entry
    client.force_login(township_officer)
    page = client.get(f"/screening/entries/{second.uuid}/").content.decode()
    assert "同一户的两份记录" in page
    assert page.count("不一样") >= 1
    assert "家里扛不住" in page


def test_closed_round_is_received_and_waits(home, round_2020q1, phone):
    Round.objects.update(state="submitted", submitted_at="2020-03-25T00:00Z")
    made = send(phone, entry(round_2020q1, home)).row.entry
    assert made.state == EntryState.ATTENTION
    assert not Lead.objects.exists()


def test_moved_household_is_received_and_waits(home, round_2020q1, phone):
    type(home).objects.filter(pk=home.pk).update(village_id="451228100002", hamlet=None)
    assert send(phone, entry(round_2020q1, home)).row.entry.attention == "这一户已经不在本村"


def test_ended_duty_is_received_and_told_to_the_successor(client, home, round_2020q1, phone, other):
    Duty.objects.filter(pk=phone.duty_id).update(ends_on=timezone.localdate() - datetime.timedelta(days=1))
    late = phones.find_phone(_token(phone))
    made = send(late, entry(round_2020q1, home)).row.entry
    assert made.attention == "录入人在这个村的岗位已经结束"
    assert not Lead.objects.exists()


def _token(phone) -> str:
    from handheld.models import Phone

    token = "token-of-a-test"
    Phone.objects.filter(pk=phone.pk).update(token_digest=phones.digest_of(token))
    return token


def test_disabled_person_can_still_send_what_he_left(home, round_2020q1, phone):
    type(phone.user).objects.filter(pk=phone.user_id).update(is_active=False)
    late = phones.find_phone(_token(phone))
    assert late.user.acting is None
    assert send(late, entry(round_2020q1, home)).row.entry.state == EntryState.ATTENTION


def test_changed_questionnaire_waits_with_its_content(home, round_2020q1, phone, township_officer):
    fields = door(
        nothing_found="", **{"q-housing": "yes", "o-housing.gone": "on", "o-housing.gone-bear": "cannot"}
    )
    row = send(phone, entry(round_2020q1, home, fields)).row
    assert row.state == "attention"
    assert row.content["fields"]["o-housing.gone"] == "on"
    words = entry_words.entry_words(row, township_officer)
    assert ("3 房子", "有") in words.lines
    assert ("已不在问卷里的项", "1 项") in words.lines


def test_day_of_a_fast_clock_becomes_the_day_it_was(home, round_2020q1, phone):
    ahead = timezone.now() + datetime.timedelta(days=3, minutes=1)
    day = timezone.localtime(ahead).date()
    row = send(
        phone, entry(round_2020q1, home, damaged(visited_on=day.isoformat())), sent_at=ahead.isoformat()
    ).row
    assert row.entry.visited_on <= timezone.localdate()
    assert row.clock_off > 250_000


def test_day_ahead_without_a_reason_waits(home, round_2020q1, phone):
    row = send(phone, entry(round_2020q1, home, damaged(visited_on="2099-01-01"))).row
    assert row.state == "attention"
    assert "不能晚于今天" in row.reason


def test_fault_of_the_program_is_kept_for_a_person(monkeypatch, caplog, home, round_2020q1, phone):
    def broken(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("handheld.effects.field.receive_entry", broken)
    row = send(phone, entry(round_2020q1, home)).row
    assert row.state == "attention"
    assert "could not be carried out" in caplog.text


def test_newcomer_waits_for_the_registry(round_2020q1, hamlet, phone):
    fields = damaged(**{"new-name": "罗新户", "new-hamlet": "那朵屯", "new-heads": "3", "new-id_number": ""})
    made = send(phone, content("entry", fields, round=str(round_2020q1.uuid))).row.entry
    assert made.newcomer["name"] == "罗新户"
    assert made.state == EntryState.ATTENTION


# ---- Sign-offs ----
SIGNED = {"on": "2020-03-12", "hamlet_head": "韦某", "participants": "蓝支书", "words": "", "agreed": "on"}


def test_sign_off_once_and_the_second_waits_with_both(round_2020q1, hamlet, phone, other, township_officer):
    text = content("signoff", SIGNED, round=str(round_2020q1.uuid), hamlet=hamlet.pk)
    assert send(phone, text).row.sign_off == HamletSignOff.objects.get()
    later = content(
        "signoff", SIGNED | {"hamlet_head": "另一人"}, round=str(round_2020q1.uuid), hamlet=hamlet.pk
    )
    row = send(other, later).row
    assert row.state == "attention"
    words = entry_words.entry_words(row, township_officer)
    assert ("一起排查的屯（组）长", "另一人") in words.lines
    assert ("一起排查的屯（组）长", "韦某") in words.current


# ---- Verification ----
@pytest.fixture
def task(home, round_2020q1, office):
    from screening.comparison import compare as comparison

    quarter.online(round_2020q1, home)
    comparison.compare_round(round_2020q1, by=office)
    return Verification.objects.get()


def answers(task, code="medical.out_of_pocket", given="cannot_bear", answered="") -> str:
    fields = {f"answer_{code}": given, f"words_{code}": "", "words": "看了票据", "visited_on": "2020-03-12"}
    return content(
        "verification", fields, task=str(task.uuid), household=str(task.household.uuid), answered=answered
    )


def codes(task) -> str:
    return answering.situations(task)[0]


def test_verification_is_answered_from_the_phone(task, phone):
    row = send(phone, answers(task, codes(task))).row
    task.refresh_from_db()
    assert (row.state, task.state, task.answered_by) == ("taken", "answered", phone.user)


def test_answer_of_somebody_else_that_was_not_seen_stands(task, phone, other, township_officer):
    send(phone, answers(task, codes(task)))
    row = send(other, answers(task, codes(task), given="untrue")).row
    task.refresh_from_db()
    assert row.state == "attention"
    assert task.answered_by == phone.user
    words = entry_words.entry_words(row, township_officer)
    assert any(value == "不属实" for _, value in words.lines)
    assert any(value.startswith("属实，家里扛不住") for _, value in words.current)


def test_person_puts_the_second_answer_in_effect(task, phone, other, township_officer):
    send(phone, answers(task, codes(task)))
    row = send(other, answers(task, codes(task), given="untrue")).row
    intake.settle_entry(row, by=township_officer, applies=True, words="和两人核对过")
    task.refresh_from_db()
    row.refresh_from_db()
    assert task.answered_by == other.user
    assert (row.state, row.verification) == ("settled", task)


def test_verification_of_another_village_is_received_and_waits(task, home, phone):
    """The cadre serves in one village alone; the household was moved to another after the phone had it."""
    type(home).objects.filter(pk=home.pk).update(village_id=factories.SISTER_VILLAGE, hamlet=None)
    row = send(phone, answers(task, codes(task))).row
    task.refresh_from_db()
    assert (row.state, row.reason) == ("attention", "这一户已经不在本村")
    assert (task.state, task.answered_by, row.verification) == ("asked", None, None)


def test_who_serves_in_both_villages_answers_from_that_of_the_household(task, home, phone):
    """Told from the one village about a household of the other, though the writer serves in both."""
    type(home).objects.filter(pk=home.pk).update(village_id=factories.SISTER_VILLAGE, hamlet=None)
    factories.user(phone.user.username, Role.VILLAGE_CADRE, factories.SISTER_VILLAGE)
    fields = json.loads(answers(task, codes(task)))
    here = json.dumps(fields | {"village": factories.VILLAGE}, ensure_ascii=False)
    assert send(phone, here).row.reason == "这一户已经不在本村"
    there = json.dumps(fields | {"village": factories.SISTER_VILLAGE}, ensure_ascii=False)
    assert send(phone, there).row.state == "taken"


def test_situation_no_longer_asked_waits(task, phone):
    row = send(phone, answers(task, "water.unsafe")).row
    assert row.state == "attention"


# ---- Visits ----
def test_visit_of_a_case_once(village_cadre, phone, round_2020q1):
    case = makers.case("marginal", "medical.out_of_pocket")
    risk = case.risks.filter(state="open").first()
    fields = {"on": timezone.localdate().isoformat(), "way": "door", "visitors": "蓝支书", "words": "好些了"}
    if risk:
        fields[f"risk-{risk.pk}"] = "same"
    text, key = content("visit", fields, household=str(case.household.uuid)), uuid.uuid4()
    rows = [send(phone, text, key).row for _ in range(3)]
    assert Visit.objects.get().uuid == rows[0].visit.uuid
    gone = content("visit", fields | {"risk-999999": "gone"}, household=str(case.household.uuid))
    row = send(phone, gone).row
    assert row.state == "attention"
    assert "对不上" in row.reason


# ---- Settling ----
def test_laid_aside_it_stays_as_a_record(home, round_2020q1, phone, township_officer):
    row = send(phone, entry(round_2020q1, home, damaged(visited_on="2099-01-01"))).row
    assert (
        intake.settle_entry(row, by=township_officer, applies=False, words="日期不对，已请重填")
        == "已处理，只留记录。"
    )
    row.refresh_from_db()
    assert row.state == "settled"
    assert row.content
    assert "township" not in row.reply


def test_settling_asks_for_words(home, round_2020q1, phone, township_officer):
    row = send(phone, entry(round_2020q1, home, damaged(visited_on="2099-01-01"))).row
    with pytest.raises(Refused):
        intake.settle_entry(row, by=township_officer, applies=False, words=" ")


def test_what_still_cannot_take_effect_stays_waiting(home, round_2020q1, phone, township_officer):
    row = send(phone, entry(round_2020q1, home, damaged(visited_on="2099-01-01"))).row
    with pytest.raises(Refused):
        intake.settle_entry(row, by=township_officer, applies=True, words="列入")
    row.refresh_from_db()
    assert row.state == "attention"
