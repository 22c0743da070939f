"""Pages of the national system: list, entry aid, workbooks out and answers in, panel, lines of the to-do."""

import datetime
import io

import openpyxl
import pytest
import time_machine
from django.utils import timezone

from fangpin.accounts import shell
from fangpin.accounts.roles import Role
from fangpin.common import exports, jobs
from fangpin.common.files import private_files
from fangpin.common.models import AuditRow, Job
from households.models import Member
from households.panels import panels_for
from screening.models import AnswerSheet, Candidate, ItemState, NationalItem
from screening.national import acknowledgements, register
from screening.national import items as national
from screening.national.acknowledgements import Answer
from tests import factories
from tests.screening.national import national_cases as cases
from tests.screening.rounds import pages

pytestmark = pytest.mark.django_db
NUMBER = "451228000777"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path


@pytest.fixture
def officer():
    return factories.user("info", Role.INFORMATION, factories.COUNTY, name="卢秋月")


def shown(client, user, **query) -> list[str]:
    rows = pages.page(client, user, "screening:national-list", **query).context["page"]
    return [row.item.case.household.head_name for row in rows]


def post(client, user, item, act: str, **data):
    client.force_login(user)
    return client.post(f"/screening/national/{item.uuid}/{act}/", data)


def item_page(client, user, item) -> str:
    return pages.words(pages.page(client, user, "screening:national-item", item.uuid))


def full_number(item) -> str:
    return item.case.household.members.get(relation="head").id_number


# --- list -------------------------------------------------------------------------------------------


def test_the_list_shows_one_kind_and_what_waits(client, officer):
    (entry,) = cases.items(1, by=officer, names=["覃明德"])
    cases.items(1, by=officer, status="lifted", names=["陆凤娇"])
    cases.acknowledged(by=officer, names=["蒙桂兰"])
    assert shown(client, officer) == ["陆凤娇"]
    assert shown(client, officer, kind="entry") == ["覃明德"]
    assert shown(client, officer, kind="entry", state="acknowledged") == ["蒙桂兰"]


def test_the_list_is_narrowed_by_township_name_and_what_is_lacking(client, officer):
    cases.items(1, by=officer, names=["覃明德"])
    cases.items(1, by=officer, names=["陆凤娇"], village=factories.OTHER_TOWNSHIP_VILLAGE)
    assert shown(client, officer, kind="entry", township="451228101000") == ["陆凤娇"]
    assert shown(client, officer, kind="entry", q="明德") == ["覃明德"]
    assert len(shown(client, officer, kind="entry", lacking="yes")) == 2
    assert shown(client, officer, kind="entry", lacking="no") == []
    assert shown(client, officer, kind="entry", township="451229100000") == []


def test_the_queries_of_the_list_do_not_grow(client, officer):
    cases.items(2, by=officer)
    few = pages.queries(client, officer, "screening:national-list", kind="entry")
    cases.items(20, by=officer)
    assert pages.queries(client, officer, "screening:national-list", kind="entry") == few


def test_an_empty_list_says_what_comes_here(client, officer):
    text = pages.words(pages.page(client, officer, "screening:national-list"))
    assert "没有等待标注录入的户" in text


# --- entry aid --------------------------------------------------------------------------------------


def test_before_it_is_taken_the_page_shows_no_number(client, officer):
    (item,) = cases.items(1, by=officer)
    text = item_page(client, officer, item)
    assert full_number(item) not in text and "data-copy" not in text
    assert "取走并显示完整号码" in text
    item.refresh_from_db()
    assert item.state == ItemState.PENDING


def test_taking_shows_the_numbers_and_is_audited(client, officer):
    (item,) = cases.items(1, by=officer)
    post(client, officer, item, "take")
    text = item_page(client, officer, item)
    assert f'data-copy="{full_number(item)}"' in text
    item.refresh_from_db()
    assert (item.state, item.cursor) == (ItemState.OFFERED, 1)
    row = AuditRow.objects.get(act="number_reveal")
    assert (row.object_id, row.details["purpose"]) == (item.case.household_id, "全国系统标注录入")


def test_the_numbers_are_hidden_again_after_half_an_hour_and_in_another_session(client, officer, director):
    (item,) = cases.items(1, by=officer)
    post(client, officer, item, "take")
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=31), tick=False):
        assert full_number(item) not in item_page(client, officer, item)
    assert full_number(item) not in item_page(client, director, item)


def test_fields_come_in_the_order_of_the_national_screen(client, officer):
    (item,) = cases.items(1, by=officer, members=2)
    sections = pages.page(client, officer, "screening:national-item", item.uuid).context["sections"]
    assert [name for name, _ in sections[0]["fields"]][:4] == ["县(市、区、旗)", "乡(镇)", "行政村", "自然村"]
    assert len(sections) == 3
    assert [name for name, _ in sections[1]["fields"]][:3] == ["姓名", "证件号码", "与户主关系"]


def test_an_answer_leads_to_the_next_one_and_takes_it(client, officer):
    first, second = cases.items(2, by=officer)
    post(client, officer, first, "take")
    answer = post(client, officer, first, "answer", outcome="done", national_number=NUMBER)
    assert answer.url == f"/screening/national/{second.uuid}/"
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.national_number) == (ItemState.ACKNOWLEDGED, NUMBER)
    assert second.state == ItemState.OFFERED


def test_a_refusal_needs_a_reason(client, officer):
    (item,) = cases.offered(1, by=officer)
    answer = post(client, officer, item, "answer", outcome="refused")
    assert answer.status_code == 422 and "请写明原因" in pages.words(answer)
    post(client, officer, item, "answer", outcome="refused", error="证件号码与系统不一致")
    item.refresh_from_db()
    assert (item.state, item.refused_reason) == (ItemState.REFUSED, "证件号码与系统不一致")


@pytest.mark.parametrize("number", ["", "户编号", "1" * 41])
def test_a_number_that_can_not_be_one_is_told_beside_the_field(client, officer, number):
    (item,) = cases.offered(1, by=officer, own_number=True)
    answer = post(client, officer, item, "answer", outcome="done", national_number=number)
    assert answer.status_code == 422
    assert answer.context["form"].errors["national_number"]


def test_a_number_of_another_household_is_told_beside_the_field(client, officer):
    other = cases.acknowledged(by=officer)
    (item,) = cases.offered(1, by=officer)
    answer = post(client, officer, item, "answer", outcome="done", national_number=other.national_number)
    assert answer.status_code == 422 and "已经登记给另一户" in pages.words(answer)


def test_answered_by_somebody_else_in_the_meantime_is_told(client, officer):
    (item,) = cases.offered(1, by=officer)
    acknowledgements.record_answers([Answer(str(item.uuid), "451228000001")], by=officer)
    answer = post(client, officer, item, "answer", outcome="done", national_number=NUMBER)
    assert answer.status_code == 302 and "已经登记了别的回执" in item_page(client, officer, item)
    item.refresh_from_db()
    assert item.national_number == "451228000001"


def test_a_refused_item_is_corrected_and_taken_with_its_new_content(client, officer, office):
    (item,) = cases.offered(1, by=officer)
    acknowledgements.record_answers([Answer(str(item.uuid), error="健康状况有误")], by=officer)
    assert "健康状况有误" in item_page(client, office, item)
    item.case.household.members.update(health="残疾")
    post(client, office, item, "correct", words="已改健康状况")
    post(client, officer, item, "take")
    item.refresh_from_db()
    assert (item.state, item.cursor) == (ItemState.OFFERED, 2)
    assert item.payload["members"][0]["健康状况"] == "残疾"


def test_a_correction_shows_old_and_new(client, officer):
    item = cases.acknowledged(by=officer)
    Member.objects.filter(household=item.case.household).update(health="残疾")
    national.propose_corrections(factories.COUNTY)
    made = NationalItem.objects.get(kind="correction")
    post(client, officer, made, "take")
    text = item_page(client, officer, made)
    assert "要更正的内容" in text and 'data-copy="残疾"' in text


@pytest.mark.parametrize("act", ["take", "answer", "correct"])
def test_acts_are_posted(client, officer, act):
    (item,) = cases.items(1, by=officer)
    client.force_login(officer)
    assert client.get(f"/screening/national/{item.uuid}/{act}/").status_code == 405


# --- workbooks --------------------------------------------------------------------------------------


def exported(client, user, kind: str, **query) -> list[list]:
    client.force_login(user)
    words = "&".join(f"{name}={value}" for name, value in {"kind": kind, **query}.items())
    client.post(f"/jobs/exports/national-{kind}/start/", {"filter": words})
    job = Job.objects.filter(kind="export").latest("pk")
    jobs.execute(job.pk)
    job.refresh_from_db()
    assert job.error == ""
    book = openpyxl.load_workbook(io.BytesIO(private_files.load(job.result["stored"])))
    return [list(row) for row in book.active.iter_rows(min_row=2, values_only=True)]


def test_a_marks_workbook_has_a_row_a_household_with_full_numbers(client, officer):
    (item,) = cases.items(1, by=officer, status="lifted", members=2)
    headings, row = exported(client, officer, "mark")
    assert (headings[0], headings[-2:]) == ("事项编号", ["国家系统户编号", "系统退回原因"])
    assert row[0] == str(item.uuid) and full_number(item) in row
    item.refresh_from_db()
    assert item.state == ItemState.OFFERED
    assert AuditRow.objects.get(act="export").details["full_numbers"] is True


def test_an_entries_workbook_has_the_registers_columns_and_a_row_a_person(client, officer):
    (item,) = cases.items(1, by=officer, members=3)
    headings, *rows = exported(client, officer, "entry")
    assert tuple(headings[1:-2]) == register.COLUMNS
    assert [row[0] for row in rows] == [str(item.uuid)] * 3
    assert [row[1] for row in rows] == ["1", "2", "3"]


def test_a_corrections_workbook_has_a_row_a_field(client, officer):
    item = cases.acknowledged(by=officer)
    Member.objects.filter(household=item.case.household).update(health="残疾", ethnic_group="瑶族")
    national.propose_corrections(factories.COUNTY)
    headings, *rows = exported(client, officer, "correction")
    assert {row[headings.index("项目")] for row in rows} == {"健康状况", "民族"}


def test_who_may_not_take_exports_nothing(office):
    assert not exports.find("national-mark").allowed(office)


def answers(client, user, *rows, headings=("事项编号", "国家系统户编号", "系统退回原因")):
    client.force_login(user)
    return client.post(
        "/screening/national/answers/", {"file": pages.upload(pages.workbook(headings, rows), "回执.xlsx")}
    )


def test_answers_come_back_in_a_workbook_row_by_row(client, officer):
    one, two, three = cases.offered(3, by=officer)
    (foreign,) = cases.items(1, by=officer, village=factories.OTHER_COUNTY_VILLAGE)
    answer = answers(
        client,
        officer,
        (str(one.uuid), NUMBER, ""),
        (str(two.uuid), "", "号码不符"),
        (str(three.uuid), "", ""),
        (str(foreign.uuid), "451228000778", ""),
        ("不是编号", "1", ""),
        (str(three.uuid), "2", "也退回"),
    )
    sheet = AnswerSheet.objects.get()
    assert answer.url == f"/screening/national/answers/{sheet.uuid}/"
    assert sheet.result == {
        "read": 6,
        "acknowledged": 1,
        "refused": 1,
        "unchanged": 0,
        "empty": 1,
        "returned": 3,
    }
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.national_number, two.refused_reason) == (NUMBER, "号码不符")
    assert [fault[0] for fault in sheet.faults] == [5, 6, 7]


def test_the_result_names_each_row_and_gives_it_back(client, officer):
    (item,) = cases.items(1, by=officer)  # not taken
    answers(client, officer, (str(item.uuid), NUMBER, ""))
    sheet = AnswerSheet.objects.get()
    text = pages.words(pages.page(client, officer, "screening:national-sheet", sheet.uuid))
    assert "还没有取走" in text
    back = pages.page(client, officer, "screening:national-sheet-returned", sheet.uuid)
    rows = list(openpyxl.load_workbook(io.BytesIO(back.content)).active.iter_rows(values_only=True))
    assert rows[1][1] == str(item.uuid) and "还没有取走" in rows[1][-1]


def test_the_same_workbook_again_changes_nothing(client, officer):
    (item,) = cases.offered(1, by=officer)
    for _ in range(2):
        answers(client, officer, (str(item.uuid), NUMBER, ""))
    results = AnswerSheet.objects.order_by("pk").values_list("result", flat=True)
    assert [(r["acknowledged"], r["unchanged"]) for r in results] == [(1, 0), (0, 1)]


def test_a_household_of_several_rows_is_answered_by_one_and_not_by_two_ways(client, officer):
    one, two = cases.offered(2, by=officer)
    answers(
        client,
        officer,
        (str(one.uuid), NUMBER, ""),
        (str(one.uuid), "", ""),
        (str(two.uuid), "451228000001", ""),
        (str(two.uuid), "451228000002", ""),
    )
    result = AnswerSheet.objects.get().result
    assert (result["acknowledged"], result["empty"], result["returned"]) == (1, 1, 2)


def test_a_file_without_the_columns_is_refused_as_a_whole(client, officer):
    answer = answers(client, officer, ("x",), headings=("姓名",))
    assert answer.status_code == 422 and "缺少必需的列" in pages.words(answer)
    assert not AnswerSheet.objects.exists()


def test_the_exported_workbook_can_be_filled_and_given_back(client, officer):
    items = cases.items(2, by=officer, members=2)
    headings, *rows = exported(client, officer, "entry")
    number = headings.index("国家系统户编号")
    for place, row in enumerate(rows):
        if row[1] == "1":
            row[number] = f"45122800099{place}"
    answers(client, officer, *rows, headings=headings)
    assert AnswerSheet.objects.get().result["acknowledged"] == len(items)


# --- panel, to-do, missing --------------------------------------------------------------------------


def test_the_household_page_tells_what_the_system_knows(officer, township_officer):
    item = cases.acknowledged(by=officer)
    titles = {panel.title: panel for panel in panels_for(item.case.household, officer)}
    assert item.national_number in titles["全国系统"].html
    assert "全国系统" not in {p.title for p in panels_for(item.case.household, township_officer)}


def about(user) -> dict[str, str]:
    return {line.what: line.about for line in shell.todo_for(user)}


def test_the_officer_is_told_what_waits_and_what_came_back(officer):
    cases.items(1, by=officer, status="lifted", phone="19900000001")
    cases.items(2, by=officer, members=2)
    (item,) = cases.offered(1, by=officer)
    acknowledgements.record_answers([Answer(str(item.uuid), error="号码不符")], by=officer)
    lines = about(officer)
    assert lines["标注"] == "脱贫监测户 1 户待标注"
    assert lines["录入"] == "边缘户 2 户 4 人待录入"
    assert lines["缺项"].startswith("2 户")
    assert lines["国家系统退回"] == "1 户：号码不符"


def test_the_office_is_told_what_came_back(officer, office):
    (item,) = cases.offered(1, by=officer)
    assert "国家系统退回" not in about(office)
    acknowledgements.record_answers([Answer(str(item.uuid), error="号码不符")], by=officer)
    assert about(office)["国家系统退回"] == "1 户：号码不符"


def test_the_township_is_told_what_is_lacking_before_the_meeting(client, round_2020q1, township_officer):
    home = factories.household(names=["覃明德"])
    candidate = Candidate(round=round_2020q1, household=home, side="consistent", category="marginal")
    Candidate.objects.bulk_create([candidate])
    Candidate.objects.update(state="consistent")
    assert "1 户" in about(township_officer)["资料不全"]
    text = pages.words(pages.page(client, township_officer, "screening:national-missing"))
    assert "覃明德" in text and "文化程度或在校生状况" in text
