"""改正后采用: what a phone sent is put right by a person before it takes effect; what was sent stays as it
came."""

import datetime
import json
import re
import uuid

import pytest
from django.utils import timezone

from fangpin.accounts.models import Duty
from fangpin.accounts.roles import Role
from fangpin.common.models import AuditRow, StatusRecord
from fangpin.common.refusals import Refused
from handheld import pack
from handheld.models import PhoneCorrection
from measures.models import Visit
from screening.comparison import answering, confirming
from screening.comparison import compare as comparison
from screening.models import FieldEntry, HamletSignOff, IncomeEstimate, Lead, Round, Verification
from tests import factories
from tests.handheld.phones_makers import content, damaged, door, send
from tests.measures import makers
from tests.screening.rounds import quarter

pytestmark = pytest.mark.django_db


@pytest.fixture
def office_page(client, township_officer):
    client.force_login(township_officer)
    return client


WRONG_DAY = damaged(visited_on="2099-01-01")


@pytest.fixture
def row(home, round_2020q1, phone):
    """An entry with a wrong day, waiting."""
    return send(phone, entry(round_2020q1, home, WRONG_DAY)).row


def entry(round, home, fields) -> str:
    return content("entry", fields, round=str(round.uuid), household=str(home.uuid), seen="")


def correct(client, row, fields: dict, words: str = "打电话核对过"):
    return client.post(f"/handheld/received/{row.uuid}/correct/", fields | {"correct-words": words})


def drawn(client, row) -> str:
    return client.get(f"/handheld/received/{row.uuid}/").content.decode()


# ---- An entry ----
def test_form_shows_what_the_phone_sent_and_its_faults(office_page, row):
    page = drawn(office_page, row)
    form = page[page.index('id="correct"') :]
    assert 'value="2099-01-01"' in form
    assert "日期不能晚于今天" in form
    assert re.search(r'name="o-housing.damaged"[^>]*checked', form)


def test_corrected_entry_takes_effect_in_its_writers_name(office_page, row, village_cadre):
    answer = correct(office_page, row, damaged())
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.state, row.entry.visited_on, row.entry.by) == (
        "settled",
        datetime.date(2020, 3, 11),
        village_cadre,
    )
    assert Lead.objects.get().subcriterion == "housing.unsafe"


def test_what_was_sent_stays_beside_what_was_put_right(office_page, row, township_officer):
    before = json.dumps(row.content, ensure_ascii=False)
    correct(office_page, row, damaged(hamlet_head="蒙某"))
    row.refresh_from_db()
    assert json.dumps(row.content, ensure_ascii=False) == before
    made = PhoneCorrection.objects.get()
    assert (made.entry, made.by, made.acting_as) == (row, township_officer, township_officer.acting)
    assert made.changes == [["哪天", "2099-01-01", "2020-03-11"], ["一起去的屯长", "韦某", "蒙某"]]
    assert made.fields["hamlet_head"] == ["蒙某"]
    audited = AuditRow.objects.get(act="phone_correct", object_id=row.pk)
    assert audited.details["fields"] == ["哪天", "一起去的屯长"]
    record = StatusRecord.objects.get(model="handheld.phoneentry", object_id=row.pk, to_state="settled")
    assert (record.transition, record.by) == ("put_right", township_officer)


def test_correction_is_shown_and_told_to_the_phone(office_page, row, phone):
    correct(office_page, row, damaged())
    page = drawn(office_page, row)
    assert "改正后采用：打电话核对过" in page
    assert "2099-01-01" in page
    assert 'action="/handheld/received' not in page
    (mine,) = pack.build_pack(phone)["mine"]
    assert (mine["state"], mine["words"]) == ("received", "已由乡镇改正后采用")
    assert "（哪天）：打电话核对过" in mine["reply"]


def test_office_is_told_as_the_office(client, row, phone, office):
    client.force_login(office)
    correct(client, row, damaged())
    assert pack.build_pack(phone)["mine"][0]["words"] == "已由县办公室改正后采用"


def test_fault_stands_at_its_field_and_nothing_is_written(office_page, row):
    answer = correct(office_page, row, damaged(visited_on="2098-01-01"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "日期不能晚于今天" in page[page.index('id="correct"') :]
    assert 'value="2098-01-01"' in page
    untouched(row)


def test_fault_of_the_questionnaire_stands_at_its_question(office_page, row):
    fields = damaged()
    del fields["o-housing.damaged"]
    answer = correct(office_page, row, fields)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "field-error" in page[page.index('id="q-housing"') :]
    untouched(row)


def untouched(row) -> None:
    row.refresh_from_db()
    assert row.state == "attention"
    assert not PhoneCorrection.objects.exists()
    assert not FieldEntry.objects.exists()
    assert not Lead.objects.exists()


def test_fault_of_the_program_writes_nothing(office_page, row, monkeypatch):
    def broken(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("handheld.correcting.audit.record", broken)
    with pytest.raises(ZeroDivisionError):
        correct(office_page, row, damaged())
    untouched(row)


def test_words_are_asked(office_page, row):
    answer = correct(office_page, row, damaged(), words=" ")
    assert answer.status_code == 422
    assert "请写明为什么改" in answer.content.decode()
    untouched(row)


def test_nothing_changed_is_no_correction(office_page, home, round_2020q1, phone):
    row = send(phone, entry(round_2020q1, home, WRONG_DAY)).row
    row.content["fields"]["visited_on"] = "2020-03-11"
    type(row).objects.filter(pk=row.pk).update(content=row.content)
    answer = correct(office_page, row, damaged())
    assert answer.status_code == 422
    assert "没有改动" in answer.content.decode()


def test_code_that_is_asked_no_more_is_replaced(office_page, home, round_2020q1, phone):
    gone = door(
        nothing_found="", **{"q-housing": "yes", "o-housing.gone": "on", "o-housing.gone-bear": "cannot"}
    )
    row = send(phone, entry(round_2020q1, home, gone)).row
    assert correct(office_page, row, damaged()).status_code == 302
    changes = {label: (before, after) for label, before, after in PhoneCorrection.objects.get().changes}
    assert changes["已不在问卷里的项"] == ("1 项", "没有填")
    assert "房子坏了" in changes["3 房子"][1]
    assert Lead.objects.exists()


def test_newcomers_number_goes_along_unseen(office_page, round_2020q1, hamlet, phone):
    number = factories.id_number(datetime.date(1980, 1, 2))
    fields = WRONG_DAY | {
        "new-name": "罗新户",
        "new-hamlet": "那朵屯",
        "new-heads": "3",
        "new-id_number": number,
    }
    row = send(phone, content("entry", fields, round=str(round_2020q1.uuid))).row
    assert row.state == "attention"
    assert number not in drawn(office_page, row)
    fields = damaged(
        **{"new-name": "罗新户", "new-hamlet": "那朵屯", "new-heads": "4", "new-id_number": "另一个"}
    )
    correct(office_page, row, fields)
    newcomer = FieldEntry.objects.get().newcomer
    assert (newcomer["heads"], newcomer["id_number"]) == ("4", number)


def test_corrected_entry_whose_round_is_closed_still_waits(office_page, row, phone):
    Round.objects.update(state="submitted", submitted_at="2020-03-25T00:00Z")
    correct(office_page, row, damaged())
    (mine,) = pack.build_pack(phone)["mine"]
    assert mine["state"] == "attention"
    assert "words" not in mine


def test_settled_meanwhile_it_is_not_corrected(office_page, row):
    office_page.post(f"/handheld/received/{row.uuid}/settle/", {"outcome": "close", "words": "请重填"})
    assert correct(office_page, row, damaged()).status_code == 302
    assert not PhoneCorrection.objects.exists()


def test_ended_duty_is_told_instead_of_the_form(office_page, row, phone):
    Duty.objects.filter(pk=phone.duty_id).update(ends_on=timezone.localdate() - datetime.timedelta(days=1))
    page = drawn(office_page, row)
    assert "不能改正后采用：填报人的岗位已经结束" in page
    assert correct(office_page, row, damaged()).status_code == 422
    untouched(row)


def test_household_that_has_left_the_area_is_not_shown(office_page, row, home):
    type(home).objects.filter(pk=home.pk).update(village_id="451228101201", hamlet=None)
    page = drawn(office_page, row)
    assert "已不在您的辖区" in page
    assert correct(office_page, row, damaged()).status_code == 422
    untouched(row)


def test_village_corrects_nothing(client, row, village_cadre):
    client.force_login(village_cadre)
    assert correct(client, row, damaged()).status_code == 403
    assert "改正后采用" not in drawn(client, row)
    untouched(row)


def test_neighbouring_township_finds_nothing(client, row):
    client.force_login(factories.user("township2", Role.TOWNSHIP, "451228101000"))
    assert correct(client, row, damaged()).status_code == 404


def test_income_is_read_as_on_the_page(office_page, row):
    above = damaged(wages="2.5万", heads="3")
    assert "高于参考线" in correct(office_page, row, above).content.decode()
    untouched(row)
    correct(office_page, row, above | {"words": "房子塌了一半，没钱修"})
    estimate = IncomeEstimate.objects.get()
    assert (estimate.wages, estimate.heads) == (2_500_000, 3)


# ---- The other kinds ----
def test_sign_off_is_corrected(office_page, round_2020q1, hamlet, phone):
    signed = {
        "on": "2099-03-12",
        "hamlet_head": "韦某",
        "participants": "蓝支书",
        "words": "",
        "agreed": "on",
    }
    row = send(phone, content("signoff", signed, round=str(round_2020q1.uuid), hamlet=hamlet.pk)).row
    assert row.state == "attention"
    assert correct(office_page, row, signed | {"on": "2020-03-12"}).status_code == 302
    assert HamletSignOff.objects.get().on == datetime.date(2020, 3, 12)
    assert PhoneCorrection.objects.get().changes == [["哪天排查的", "2099-03-12", "2020-03-12"]]


@pytest.fixture
def task(home, round_2020q1, office):
    quarter.online(round_2020q1, home)
    comparison.compare_round(round_2020q1, by=office)
    return Verification.objects.get()


def test_answer_to_another_situation_is_corrected(office_page, task, home, phone, village_cadre):
    (code,) = answering.situations(task)
    sent = {
        "answer_water.unsafe": "cannot_bear",
        "words_water.unsafe": "",
        "words": "看了票据",
        "visited_on": "2020-03-12",
    }
    row = send(phone, content("verification", sent, task=str(task.uuid), household=str(home.uuid))).row
    assert row.state == "attention"
    page = drawn(office_page, row)
    assert f'name="answer_{code}"' in page
    assert "请选一个" in page
    fields = {
        f"answer_{code}": "cannot_bear",
        f"words_{code}": "",
        "words": "看了票据",
        "visited_on": "2020-03-12",
    }
    assert correct(office_page, row, fields).status_code == 302
    task.refresh_from_db()
    assert (task.state, task.answered_by) == ("answered", village_cadre)
    assert len(PhoneCorrection.objects.get().changes) == 2


def test_who_corrected_an_answer_does_not_confirm_it(office_page, task, home, phone, township_officer):
    (code,) = answering.situations(task)
    sent = {f"answer_{code}": "untrue", "words": "没有这事", "visited_on": "2099-03-12"}
    row = send(phone, content("verification", sent, task=str(task.uuid), household=str(home.uuid))).row
    correct(office_page, row, sent | {f"answer_{code}": "cannot_bear", "visited_on": "2020-03-12"})
    tasks = Verification.objects.all()
    assert tasks.get().corrected_by == township_officer
    with pytest.raises(Refused, match="由您改正过"):
        confirming.settle_tasks(tasks, by=township_officer)
    other = factories.user("township2", Role.TOWNSHIP, factories.TOWNSHIP)
    assert confirming.settle_tasks(tasks, by=other).confirmed == 1


def test_answered_anew_by_the_village_it_is_its_own_again(
    office_page, task, home, phone, village_cadre, township_officer
):
    (code,) = answering.situations(task)
    sent = {f"answer_{code}": "untrue", "words": "没有这事", "visited_on": "2099-03-12"}
    row = send(phone, content("verification", sent, task=str(task.uuid), household=str(home.uuid))).row
    correct(office_page, row, sent | {"visited_on": "2020-03-12"})
    answering.answer_task(task, {code: ("cannot_bear", "")}, by=village_cadre)
    assert confirming.settle_tasks(Verification.objects.all(), by=township_officer).confirmed == 1


def test_visit_is_corrected(office_page, village_cadre, phone, round_2020q1):
    case = makers.case("marginal", "medical.out_of_pocket")
    risk = case.risks.get()
    fields = {
        "on": timezone.localdate().isoformat(),
        "way": "door",
        "visitors": "蓝支书",
        "words": "好些了",
        f"risk-{risk.pk}": "same",
        f"riskwords-{risk.pk}": "",
    }
    sent = content("visit", fields | {"risk-999999": "gone"}, household=str(case.household.uuid))
    row = send(phone, sent, uuid.uuid4()).row
    assert row.state == "attention"
    answer = correct(office_page, row, fields | {f"riskwords-{risk.pk}": "药费少了"})
    assert answer.status_code == 302
    visit = Visit.objects.get()
    assert (visit.by, visit.risks.get().words) == (village_cadre, "药费少了")
    changes = PhoneCorrection.objects.get().changes
    assert ["现在已不问的风险、举措", "1 项", "没有填"] in changes
    assert any(label.endswith("：说明") and after == "药费少了" for label, _, after in changes)
