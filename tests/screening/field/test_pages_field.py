"""Pages of the field work: the village by hamlets, an entry at the door, sign-off, progress, what waits."""

import datetime
import uuid

import pytest
from django.core.management import call_command
from django.urls import reverse

from fangpin.accounts import shell
from fangpin.accounts.roles import Role
from households.models import Hamlet
from households.panels import panels_for
from screening.criteria import questionnaire
from screening.field import entries as field
from screening.field import pages as fieldwork
from screening.models import FieldEntry, HamletSignOff, Lead, Round
from tests import factories
from tests.screening.field.doors import payload
from tests.screening.rounds import pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def hamlet(db):
    return Hamlet.objects.create(village_id=factories.VILLAGE, name="那朵屯", head_name="韦大山")


@pytest.fixture
def home(round_2020q1, hamlet):
    return factories.household(
        names=["覃明德", "韦小妹"], members=2, births=[datetime.date(1970, 1, 2)] * 2, hamlet=hamlet
    )


def typed(**fields) -> dict:
    """What a browser sends: a dangerous house, and the household can't bear it."""
    return {
        "uuid": str(uuid.uuid4()),
        "way": "visit",
        "visited_on": "2020-03-11",
        "spoken_with": "覃明德",
        "hamlet_head": "韦大山",
        "visitors": "蓝支书",
        "source": "cadre",
        "words": "",
        "q-housing": "yes",
        "o-housing.damaged": "on",
        "o-housing.damaged-how": "disaster",
        "o-housing.damaged-bear": "cannot",
    } | fields


def enter(client, user, round, home, **fields):
    client.force_login(user)
    return client.post(reverse("screening:entry-new", args=[round.uuid, home.uuid]), typed(**fields))


# ---- The village ----
def test_home_leads_a_village_to_its_hamlets(client, home, round_2020q1, village_cadre):
    answer = pages.page(client, village_cadre, "screening:field-home")
    assert answer["Location"] == reverse(
        "screening:field-village", args=[round_2020q1.uuid, factories.VILLAGE]
    )
    words = pages.words(client.get(answer["Location"]))
    assert "那朵屯" in words
    assert "1 个屯，已确认 0 个" in words


def test_village_costs_the_same_for_many_entries(client, home, round_2020q1, village_cadre, hamlet):
    address = ("screening:field-village", round_2020q1.uuid, factories.VILLAGE)
    field.receive_entry(payload(round_2020q1, home, "water.dirty"), by=village_cadre)
    few = pages.queries(client, village_cadre, *address)
    for _ in range(5):
        other = factories.household(hamlet=hamlet)
        field.receive_entry(payload(round_2020q1, other, "water.dirty", "housing.damaged"), by=village_cadre)
    assert pages.queries(client, village_cadre, *address) == few <= 28


def test_another_village_is_not_found(client, home, round_2020q1, village_cadre):
    address = [round_2020q1.uuid, factories.SISTER_VILLAGE]
    assert pages.page(client, village_cadre, "screening:field-village", *address).status_code == 404


def test_picker_finds_by_name_and_by_hamlet(client, home, round_2020q1, village_cadre, hamlet):
    client.force_login(village_cadre)
    address = reverse("screening:household-pick", args=[round_2020q1.uuid])
    factories.household(names=["蒙桂兰"])
    assert "蒙桂兰" in pages.words(client.get(address))
    assert "蒙桂兰" not in pages.words(client.get(address, {"hamlet": hamlet.pk}))
    answered = pages.words(client.post(address, {"q": "覃明"}))
    assert "覃明德" in answered
    assert "蒙桂兰" not in answered


# ---- The entry ----
def test_form_asks_in_the_words_of_the_questionnaire(client, home, round_2020q1, village_cadre):
    words = pages.words(
        pages.page(client, village_cadre, "screening:entry-new", round_2020q1.uuid, home.uuid)
    )
    for said in (
        "家里吃水有没有问题？水干不干净，够不够吃？",
        "治了一半停了",
        "6到15岁的孩子没去上学",
        "紧是紧，能扛",
        "以上都没有（未发现风险）",
        "与本人有亲属关系",
        "韦大山",
        "还没有入户排查记录",
        "韦小妹",
    ):
        assert said in words
    assert "贫困" not in words


def test_entry_is_stored_and_answered(client, home, round_2020q1, village_cadre):
    answer = enter(client, village_cadre, round_2020q1, home)
    assert answer.status_code == 302
    assert "这户亮灯（村级上报）：住房危险" in pages.words(client.get(answer["Location"]))
    assert Lead.objects.get().subcriterion == "housing.unsafe"


def test_entry_sent_twice_is_one(client, home, round_2020q1, village_cadre):
    number = str(uuid.uuid4())
    for _ in range(2):
        answer = enter(client, village_cadre, round_2020q1, home, uuid=number)
    assert "没有重复记" in pages.words(client.get(answer["Location"]))
    assert FieldEntry.objects.count() == 1


def test_changed_content_under_the_same_number_is_a_conflict(client, home, round_2020q1, village_cadre):
    number = str(uuid.uuid4())
    enter(client, village_cadre, round_2020q1, home, uuid=number)
    answer = enter(client, village_cadre, round_2020q1, home, uuid=number, words="改过")
    assert answer.status_code == 409
    assert "已经收到过" in pages.words(answer)
    assert "改过" in pages.words(answer)  # what was typed is still there


def test_what_is_missing_keeps_what_was_typed(client, home, round_2020q1, village_cadre):
    answer = enter(
        client, village_cadre, round_2020q1, home, **{"o-housing.damaged-bear": "", "words": "漏雨"}
    )
    assert answer.status_code == 422
    words = pages.words(answer)
    assert "请选家里自己扛得住吗" in words
    assert "漏雨" in words
    assert 'id="o-housing.damaged" checked' in words
    assert not FieldEntry.objects.exists()


def test_amounts_of_money_are_read_as_people_write_them(client, home, round_2020q1, village_cadre):
    enter(client, village_cadre, round_2020q1, home, wages="1.2万", costs="3,000", heads="2")
    entry = FieldEntry.objects.get()
    assert (entry.estimates.get().wages, entry.estimates.get().costs) == (1_200_000, 300_000)
    words = pages.words(pages.page(client, village_cadre, "screening:entry-detail", entry.uuid))
    assert "人均 4,500.00 元" in words


def test_nothing_found_needs_one_tick(client, home, round_2020q1, village_cadre):
    nothing = {"q-housing": "", "o-housing.damaged": "", "nothing_found": "on"}
    enter(client, village_cadre, round_2020q1, home, **nothing)
    assert FieldEntry.objects.get().nothing_found
    contradicting = enter(client, village_cadre, round_2020q1, home, nothing_found="on")
    assert contradicting.status_code == 422


def test_last_visit_is_shown_first(client, home, round_2020q1, village_cadre):
    enter(client, village_cadre, round_2020q1, home)
    words = pages.words(
        pages.page(client, village_cadre, "screening:entry-new", round_2020q1.uuid, home.uuid)
    )
    assert "2020年3月11日 蓝支书 入户：房子坏了、成危房，没钱修" in words


def test_newcomer_is_kept_for_the_township(client, round_2020q1, village_cadre, township_officer):
    client.force_login(village_cadre)
    sent = typed(**{"new-name": "蒙新来", "new-heads": "3", "new-id_number": "450000199001011234"})
    answer = client.post(reverse("screening:entry-newcomer", args=[round_2020q1.uuid]), sent)
    assert "转给乡镇处理" in pages.words(client.get(answer["Location"]))
    entry = FieldEntry.objects.get()
    words = pages.words(pages.page(client, township_officer, "screening:entry-detail", entry.uuid))
    assert "户主 蒙新来 · 3 人 · 身份证号码 4500**********1234" in words


def test_only_the_village_enters(client, home, round_2020q1, township_officer, office):
    for user in (township_officer, office):
        assert enter(client, user, round_2020q1, home).status_code == 403
    neighbour = factories.user("n", Role.VILLAGE_CADRE, factories.SISTER_VILLAGE)
    assert enter(client, neighbour, round_2020q1, home).status_code == 404
    assert not FieldEntry.objects.exists()


# ---- Sign-off ----
def sign(client, user, round, hamlet, **fields):
    client.force_login(user)
    sent = {
        "uuid": str(uuid.uuid4()),
        "on": "2020-03-12",
        "hamlet_head": "韦大山",
        "participants": "蓝支书",
        "agreed": "on",
    } | fields
    return client.post(reverse("screening:hamlet-sign-off", args=[round.uuid, hamlet.pk]), sent)


def test_hamlet_is_signed_off(client, home, round_2020q1, village_cadre, hamlet):
    assert sign(client, village_cadre, round_2020q1, hamlet).status_code == 302
    assert HamletSignOff.objects.get().hamlet_head == "韦大山"
    again = sign(client, village_cadre, round_2020q1, hamlet)
    assert again.status_code == 409
    assert "已由蓝支书确认" in pages.words(again)


def test_sign_off_needs_the_tick(client, home, round_2020q1, village_cadre, hamlet):
    assert sign(client, village_cadre, round_2020q1, hamlet, agreed="").status_code == 422
    assert not HamletSignOff.objects.exists()


def test_sheet_of_a_hamlet_has_a_line_a_household(client, home, round_2020q1, village_cadre, hamlet):
    factories.household(names=["蒙桂兰"], hamlet=hamlet)
    field.receive_entry(payload(round_2020q1, home, "water.dirty"), by=village_cadre)
    answer = pages.page(client, village_cadre, "screening:hamlet-sheet", round_2020q1.uuid, hamlet.pk)
    boxes = {row["household"].head_name: row["boxes"] for row in answer.context["rows"]}
    assert boxes == {"覃明德": ["□", "□", "□", "有", "□", "□"], "蒙桂兰": ["□"] * 6}
    neighbour = factories.user("n", Role.VILLAGE_CADRE, factories.SISTER_VILLAGE)
    other = pages.page(client, neighbour, "screening:hamlet-sheet", round_2020q1.uuid, hamlet.pk)
    assert other.status_code == 404


# ---- Above the village ----
def test_progress_by_village_and_by_township(
    client, home, round_2020q1, village_cadre, township_officer, office
):
    field.receive_entry(payload(round_2020q1, home, "water.dirty"), by=village_cadre)
    for user in (township_officer, office):
        answer = pages.page(client, user, "screening:field-progress", round_2020q1.uuid)
        line = next(line for line in answer.context["lines"] if line.hamlets)
        assert (line.hamlets, line.signed, line.households, line.attention) == (1, 0, 1, 0)
        assert "复制催办文字" in pages.words(answer)
        assert "覃明德" not in answer.context["reminder"]


def test_progress_costs_the_same_for_many_hamlets(client, home, round_2020q1, township_officer):
    address = ("screening:field-progress", round_2020q1.uuid)
    few = pages.queries(client, township_officer, *address)
    for number in range(6):
        Hamlet.objects.create(village_id=factories.SISTER_VILLAGE, name=f"屯{number}")
    assert pages.queries(client, township_officer, *address) == few <= 28


def test_list_costs_the_same_for_many_entries(client, home, round_2020q1, village_cadre, office):
    field.receive_entry(payload(round_2020q1, home, "water.dirty"), by=village_cadre)
    few = pages.queries(client, office, "screening:entry-list", state="")
    for _ in range(5):
        field.receive_entry(payload(round_2020q1, home, "water.dirty", "housing.damaged"), by=village_cadre)
    assert pages.queries(client, office, "screening:entry-list", state="") == few <= 39


@pytest.fixture
def waiting(home, round_2020q1, village_cadre):
    Round.objects.update(state="submitted", submitted_at="2020-03-25T00:00Z")
    entry = field.receive_entry(payload(round_2020q1, home, "water.dirty"), by=village_cadre).entry
    Round.objects.update(state="compared")
    return entry


def test_township_settles_what_waits(client, waiting, township_officer):
    assert "覃明德" in pages.words(pages.page(client, township_officer, "screening:entry-list"))
    address = reverse("screening:entry-settle", args=[waiting.uuid])
    assert client.post(address, {"outcome": "apply"}).status_code == 422
    client.post(address, {"outcome": "apply", "words": "列入"})
    assert Lead.objects.get().subcriterion == "water.unsafe"
    again = client.post(address, {"outcome": "close", "words": "再来"})
    assert again.status_code == 302
    assert Lead.objects.exists()


def test_village_may_not_settle(client, waiting, village_cadre):
    client.force_login(village_cadre)
    address = reverse("screening:entry-settle", args=[waiting.uuid])
    assert client.post(address, {"outcome": "close", "words": "x"}).status_code == 403


def test_household_that_moved_away_keeps_its_name(client, waiting, village_cadre, home):
    type(home).objects.filter(pk=home.pk).update(village=factories.OTHER_TOWNSHIP_VILLAGE)
    for address in (("screening:entry-detail", waiting.uuid), ("screening:entry-list",)):
        words = pages.words(pages.page(client, village_cadre, *address))
        assert "已不在本辖区的户" in words
        assert "覃明德" not in words


# ---- To do, panel, command ----
def test_to_do_lines(home, round_2020q1, village_cadre, township_officer, office):
    sent = payload(round_2020q1, None, "water.dirty", village=factories.VILLAGE, newcomer={"name": "蒙新来"})
    field.receive_entry(sent, by=village_cadre)

    def lines(user):
        return {line.what: line for line in shell.todo_for(user)}

    assert "那朵屯还没有确认" in lines(village_cadre)["本屯排查确认"].about
    assert "还有 1 个村没有完成" in lines(township_officer)["排查确认进度"].about
    assert "1 条村里报来的记录" in lines(office)["入户排查记录"].about
    assert "入户排查记录" not in lines(village_cadre)


def test_panel_of_the_household(home, round_2020q1, village_cadre, office):
    field.receive_entry(payload(round_2020q1, home, "water.dirty"), by=village_cadre)
    for user, may_enter in ((village_cadre, True), (office, False)):
        panel = next(p for p in panels_for(home, user) if p.title == "入户排查记录")
        assert "水脏、有味，家里扛不住" in panel.html
        assert ("more" in panel.data) is may_enter


def test_lamp_says_where_it_comes_from(client, home, round_2020q1, village_cadre):
    field.receive_entry(payload(round_2020q1, home, "water.dirty"), by=village_cadre)
    for address in (("households:household-detail", home.uuid), ("households:household-list",), ("home",)):
        assert "村级上报" in pages.words(pages.page(client, village_cadre, *address))


def test_leads_command_serves_the_village_reports(home, round_2020q1, village_cadre, capsys):
    import json

    field.receive_entry(payload(round_2020q1, home, "water.dirty"), by=village_cadre)
    call_command("leads", "--county", "451228", "--quarter", "2020Q1", "--source", "offline", "--json")
    line = json.loads(capsys.readouterr().out)
    assert (line["household_no"], line["source"], line["subcriterion"]) == (
        home.number,
        "offline",
        "water.unsafe",
    )
    assert line["explanation"].startswith("入户 3月11日 蓝支书（屯长 韦某）：水脏、有味，家里扛不住")


def test_auditor_looking_at_an_entry_is_recorded(client, home, round_2020q1, village_cadre):
    from fangpin.common.models import AuditRow

    entry = field.receive_entry(payload(round_2020q1, home), by=village_cadre).entry
    auditor = factories.user("auditor", Role.AUDITOR, factories.COUNTY)
    pages.page(client, auditor, "screening:entry-detail", entry.uuid)
    assert AuditRow.objects.filter(act="entry_view", by=auditor, object_id=entry.pk).exists()


def test_export_holds_the_rows_of_the_filter_without_numbers(
    waiting, home, round_2020q1, village_cadre, office
):
    import io

    import openpyxl

    from fangpin.common import exports, jobs
    from fangpin.common.files import private_files

    field.receive_entry(payload(round_2020q1, home, "housing.damaged"), by=village_cadre)
    job = exports.start(exports.find("entries"), "state=attention", by=office)
    jobs.execute(job.pk)
    job.refresh_from_db()
    sheet = openpyxl.load_workbook(io.BytesIO(private_files.load(job.result["stored"]))).active
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    assert job.result["rows"] == 1
    assert "覃明德" in cells
    assert any("水脏、有味" in cell for cell in cells)
    assert not any("房子坏了" in cell for cell in cells)
    assert home.members.first().id_number not in cells


def test_export_is_offered_to_who_may(client, waiting, office, village_cadre):
    start = reverse("common:export-start", args=["entries"])
    assert start in pages.words(pages.page(client, office, "screening:entry-list"))
    assert start not in pages.words(pages.page(client, village_cadre, "screening:entry-list"))
    assert client.post(start).status_code == 403


def test_door_sheets_hold_a_sheet_a_household_and_no_number(client, home, round_2020q1, village_cadre):
    answer = pages.page(client, village_cadre, "screening:door-sheets", round_2020q1.uuid, home.hamlet_id)
    shown = answer.content.decode()
    assert shown.count('class="paper paper-door"') == 3 and home.head_name in shown
    assert home.members.get(relation="head").masked_id not in shown
    assert all(criterion.question.title in shown for criterion in questionnaire.asked())


def test_door_sheets_are_numbered_in_the_order_of_the_hamlet_sheet(
    client, home, round_2020q1, village_cadre, hamlet
):
    other = factories.household(names=["蒙桂兰"], hamlet=hamlet)
    shown = pages.words(
        pages.page(client, village_cadre, "screening:door-sheets", round_2020q1.uuid, hamlet.pk)
    )
    rows = fieldwork.sheet_rows(hamlet, round_2020q1, village_cadre)
    for number, row in enumerate(rows, start=1):
        sheet = shown.split(f"第 {number} 张")[1]
        assert sheet.index(f"户主：{row['household'].head_name}") < sheet.index("</article>")
    assert {row["household"] for row in rows} == {home, other}
    assert "□ A 房子坏了、成危房，没钱修" in shown
    assert "第 3 张" not in shown
