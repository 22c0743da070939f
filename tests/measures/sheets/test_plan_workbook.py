"""拟定举措 by workbook: checked first, then confirmed; whole or not at all."""

import datetime
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fangpin.common import database
from fangpin.common.files import private_files
from fangpin.common.models import AuditRow
from fangpin.common.refusals import Refused
from measures.models import CapUse, FilledSheet, Measure, OrderLine
from measures.planning import plan
from measures.sheets import filled as filled_sheets
from measures.sheets import plan_workbook
from tests import factories
from tests.measures import makers
from tests.measures.makers import DAY, officer, wanted
from tests.measures.sheets.sheets import filled, handed, renamed, rows_of, uploaded

pytestmark = pytest.mark.django_db
YUAN = 100
IN = "/measures/measures/sheet/in/"


@pytest.fixture
def by():
    return officer("agriculture")


def lines(number: int) -> None:
    for _ in range(number):
        makers.line(makers.case("monitored", "livelihood.production_loss"), "agriculture")


def sheet_of(by, fill) -> bytes:
    waiting = OrderLine.objects.for_user(by).filter(state="accepted")
    return filled(plan_workbook.write(waiting, by=by), plan_workbook.LINE, fill)


def award(number: int, **changed) -> dict:
    return {
        "举措名称": "产业奖补",
        "金额（元）": 1000 + number,
        "计划开始": "2026-03-02",
        "计划完成": "2026-05-30",
    } | changed


def read(content: bytes, by):
    return plan_workbook.read("x.xlsx", content, by=by)


def told(reading) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.message) for fault in reading.faults]


# ---- Checked, confirmed ----
def test_upload_shows_what_it_would_do_and_plans_nothing(client, by):
    lines(3)
    client.force_login(by)
    page = uploaded(client, IN, sheet_of(by, lambda n: award(n) if n < 3 else {})).content.decode()
    assert "还没有登记" in page and "产业奖补" in page and "2,003.00" in page
    assert "登记后还可用 3,999.00 元" in page and "1 行" in page
    assert not Measure.objects.exists() and not CapUse.objects.exists()


def test_confirmed_plans_them_once(client, by, django_capture_on_commit_callbacks):
    lines(2)
    client.force_login(by)
    uploaded(client, IN, sheet_of(by, award))
    sheet = FilledSheet.objects.get()
    stored = sheet.stored_name
    address = f"/measures/sheets/{sheet.uuid}/confirm/"
    assert client.get(address).status_code == 405
    with django_capture_on_commit_callbacks(execute=True):
        assert "2 项举措已登记" in client.post(address, follow=True).content.decode()
    assert "没有重复登记" in client.post(address, follow=True).content.decode()
    sheet.refresh_from_db()
    assert (Measure.objects.count(), sheet.count, sheet.stored_name) == (2, 2, "")
    assert AuditRow.objects.filter(act="measure_sheet_plan").count() == 1
    assert not private_files._path(stored).exists()
    assert "这份表已登记" in client.get(f"/measures/sheets/{sheet.uuid}/").content.decode()


@pytest.mark.skipif(not database.is_postgres(), reason="concurrent transactions need PostgreSQL")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("sheets", "others"),
    [(1, "已经登记过了，没有重复登记"), (8, "有内容在检查后变化了")],
    ids=["one sheet", "the same sheet eight times"],
)
def test_of_eight_who_confirm_at_once_one_plans(sheets, others):
    by = officer("agriculture")
    lines(3)
    content = sheet_of(by, award)
    handed_in = [handed("plan", content, by) for _ in range(sheets)]
    ready, answers = threading.Barrier(8), []

    def ask(sheet: FilledSheet) -> None:
        try:
            ready.wait()
            answers.append(filled_sheets.confirm(sheet, by=by))
        except Refused as refused:
            answers.append(refused.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(handed_in[n % sheets],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(3) == 1
    assert len([words for words in map(str, answers) if others in words]) == 7
    assert Measure.objects.count() == 3


def test_content_lies_sealed_until_it_is_confirmed(by):
    lines(1)
    content = sheet_of(by, award)
    sheet = handed("plan", content, by)
    assert content[:200] not in private_files._path(sheet.stored_name).read_bytes()


def test_somebody_elses_sheet_is_not_found(client, by):
    lines(1)
    sheet = handed("plan", sheet_of(by, award), by)
    colleague = factories.user("colleague", "department", factories.COUNTY, "agriculture")
    for stranger in (colleague, officer("housing")):
        client.force_login(stranger)
        for end in ("", "returned/"):
            assert client.get(f"/measures/sheets/{sheet.uuid}/{end}").status_code == 404
        assert client.post(f"/measures/sheets/{sheet.uuid}/confirm/").status_code == 404
        with pytest.raises(Refused):
            filled_sheets.confirm(sheet, by=stranger)
    assert not Measure.objects.exists()


def test_looking_households_up_by_their_numbers_is_recorded_before_anything_is_confirmed(by):
    home = factories.household(status="lifted")
    numbers = {1: home.members.get().id_number, 2: "459900197505040018"}
    lines(2)
    sheet = handed("plan", sheet_of(by, lambda n: award(n, 事项编号=None, 证件号码=numbers[n])), by)
    looked = AuditRow.objects.get(act="household_find")
    assert (looked.object_id, looked.by, looked.details["sheet"]) == (home.pk, by, sheet.pk)
    told_of = AuditRow.objects.get(act="measure_sheet_in").details
    assert (told_of["numbers"], told_of["missed"], told_of["digest"]) == (2, 1, sheet.digest)


def test_columns_that_nothing_is_taken_from_are_named(client, by):
    lines(1)
    client.force_login(by)
    page = uploaded(client, IN, renamed(sheet_of(by, award), "标准及计算", "怎么算的")).content.decode()
    assert "没有读的列：怎么算的" in page
    assert "没有读的列" not in uploaded(client, IN, sheet_of(by, award)).content.decode()


def test_content_that_has_gone_meanwhile_is_said_to_be_gone(client, by):
    lines(1)
    sheet = handed("plan", sheet_of(by, award), by)
    private_files.remove(sheet.stored_name)
    client.force_login(by)
    assert "没有登记" in client.get(f"/measures/sheets/{sheet.uuid}/").content.decode()
    assert client.get(f"/measures/sheets/{sheet.uuid}/returned/").status_code == 302


def test_what_changed_since_the_check_is_judged_again(client, by):
    lines(1)
    sheet = handed("plan", sheet_of(by, award), by)
    home = OrderLine.objects.get().household
    plan.plan_measure(wanted(home, "industry_award", 4500 * YUAN, year=2026), by=officer("poverty"), on=DAY)
    client.force_login(by)
    page = client.post(f"/measures/sheets/{sheet.uuid}/confirm/", follow=True).content.decode()
    assert "检查后变化了" in page and "第五条" in page
    assert Measure.objects.count() == 1 and FilledSheet.objects.get().confirmed_at is None


def test_a_sheet_that_nobody_confirmed_goes_after_a_day(client, by):
    lines(1)
    sheet = handed("plan", sheet_of(by, award), by)
    assert filled_sheets.drop_old() == 0
    FilledSheet.objects.update(at=timezone.now() - datetime.timedelta(hours=25))
    assert (filled_sheets.drop_old(), filled_sheets.drop_old()) == (1, 0)
    assert FilledSheet.objects.get().stored_name == ""
    client.force_login(by)
    for end in ("", "returned/"):
        assert "超过一天" in client.get(f"/measures/sheets/{sheet.uuid}/{end}", follow=True).content.decode()
    page = client.post(f"/measures/sheets/{sheet.uuid}/confirm/", follow=True).content.decode()
    assert "请重新上传" in page and not Measure.objects.exists()


def test_a_sheet_of_120_lines_comes_back_whole(by):
    lines(120)
    content = sheet_of(by, award)
    assert filled_sheets.confirm(handed("plan", content, by), by=by) == 120
    assert sorted(m.amount for m in Measure.objects.all()) == [(1000 + n) * YUAN for n in range(1, 121)]
    assert not OrderLine.objects.exclude(state="planned").exists()


def test_check_and_confirmation_take_as_many_statements_for_twelve_as_for_two(by):
    def statements() -> tuple[int, int]:
        content = sheet_of(by, award)
        with CaptureQueriesContext(connection) as checked:
            sheet = handed("plan", content, by)
        with CaptureQueriesContext(connection) as confirmed:
            filled_sheets.confirm(sheet, by=by)
        return len(checked), len(confirmed)

    lines(2)
    few = statements()
    lines(12)
    assert statements() == few


# ---- Sent twice ----
def test_what_stands_already_is_told_and_not_doubled(client, by):
    lines(3)
    content = sheet_of(by, lambda n: award(n) if n < 3 else {})
    filled_sheets.confirm(handed("plan", content, by), by=by)
    client.force_login(by)
    page = uploaded(client, IN, content).content.decode()
    assert "已登记 2 项" in page and "都已经登记过了" in page and "确认登记" not in page
    sheet = FilledSheet.objects.filter(confirmed_at=None).get()
    with pytest.raises(Refused):
        filled_sheets.confirm(sheet, by=by)
    assert Measure.objects.count() == 2


def test_the_rest_of_a_sheet_is_planned_beside_what_stands(by):
    lines(2)
    content = plan_workbook.write(OrderLine.objects.for_user(by).order_by("pk"), by=by)
    first = filled(content, plan_workbook.LINE, lambda n: award(n) if n == 1 else {})
    filled_sheets.confirm(handed("plan", first, by), by=by)
    whole = filled(content, plan_workbook.LINE, award)
    reading = read(whole, by)
    assert (reading.known, len(reading.wanted), reading.faults) == (1, 1, [])
    assert filled_sheets.confirm(handed("plan", whole, by), by=by) == 1


def test_another_amount_for_what_stands_is_a_fault(by):
    lines(1)
    content = plan_workbook.write(OrderLine.objects.for_user(by), by=by)
    filled_sheets.confirm(handed("plan", filled(content, plan_workbook.LINE, award), by), by=by)
    other = filled(content, plan_workbook.LINE, lambda n: award(n, **{"金额（元）": 999}))
    ((row, column, message),) = told(read(other, by))
    assert (row, column) == (2, "举措名称") and "1,001.00 元" in message and "在页面上修改" in message


def test_a_sheet_by_number_sent_twice_counts_once(by):
    home = factories.household(status="lifted")
    lines(1)
    number = home.members.get().id_number
    content = sheet_of(by, lambda n: award(n, 事项编号=None, 证件号码=number))
    filled_sheets.confirm(handed("plan", content, by), by=by)
    assert read(content, by).known == 1 and not read(content, by).wanted


def test_two_equal_rows_of_one_sheet_are_told_by_both_numbers(by):
    home = factories.household(status="lifted")
    lines(2)
    number = home.members.get().id_number
    content = sheet_of(by, lambda n: award(n, 事项编号=None, 证件号码=number))
    ((row, _, message),) = told(read(content, by))
    assert f"第 {row - 1} 行" in message


# ---- Faults ----
def test_bad_rows_name_row_column_and_remedy(by):
    lines(3)
    bad = {1: {"金额（元）": "一千"}, 2: {"举措名称": "发牛"}, 3: {"金额（元）": 5000.01}}
    first, second, third = told(read(sheet_of(by, lambda n: award(n, **bad[n])), by))
    assert first[:2] == (2, "金额（元）")
    assert second[:2] == (3, "举措名称") and "没有“发牛”" in second[2]
    assert third[0] == 4 and "第五条" in third[2]


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"计划开始": None}, "计划开始"),
        ({"金额（元）": "-5"}, "金额（元）"),
        ({"月报酬（元）": 900}, "月报酬（元）"),
        ({"受益人": "无名"}, "受益人"),
        ({"期限（月）": "九百"}, "期限（月）"),
        ({"标准及计算": "算" * 301}, "标准及计算"),
        ({"学期或月份": "2026春"}, "学期或月份"),
        ({"事项编号": "改过"}, "事项编号"),
        ({"事项编号": None, "证件号码": "459900197505040018"}, "证件号码"),
    ],
)
def test_a_fault_names_its_column(by, changed, column):
    lines(1)
    found = told(read(sheet_of(by, lambda n: award(n, **changed)), by))
    assert [each[1] for each in found] == [column]


def test_a_warning_wants_its_reason_and_shows_it(by):
    home = factories.household(status="lifted", lifted_year=2016)
    housing = officer("housing")
    makers.line(makers.case("monitored", "housing.unsafe"), "housing")
    number = home.members.get().id_number
    given = {"事项编号": None, "证件号码": number, "举措名称": "危房改造"}
    ((_, column, _),) = told(read(sheet_of(housing, lambda n: award(n, **given)), housing))
    assert column == "仍申报的理由"
    (shown,) = read(sheet_of(housing, lambda n: award(n, 仍申报的理由="按一般农户", **given)), housing).shown
    assert any("2年扶持期" in words and "理由：按一般农户" in words for words in shown.words)


def test_faulty_rows_come_back_in_the_same_workbook_and_are_mended_there(client, by):
    lines(2)
    client.force_login(by)
    page = uploaded(client, IN, sheet_of(by, lambda n: award(n, **({"举措名称": "发牛"} if n == 2 else {}))))
    assert "没有“发牛”" in page.content.decode() and "确认登记" not in page.content.decode()
    sheet = FilledSheet.objects.get()
    content = client.get(f"/measures/sheets/{sheet.uuid}/returned/").content
    good, bad = rows_of(content)
    assert not good["需要改正"] and "举措目录中没有“发牛”" in bad["需要改正"]
    with pytest.raises(Refused):
        filled_sheets.confirm(sheet, by=by)
    mended = filled(content, plan_workbook.LINE, lambda n: {"举措名称": "产业奖补"})
    again = handed("plan", mended, by)
    assert list(rows_of(filled_sheets.returned(again, by=by))[0]) == list(good)  # one such column, not two
    assert filled_sheets.confirm(again, by=by) == 2


def test_another_departments_code_is_refused(by):
    lines(1)
    ((_, column, _),) = told(read(sheet_of(by, award), officer("housing")))
    assert column == "事项编号"


def test_household_without_an_order_stands_on_the_sheet_by_its_number(by):
    home = factories.household(status="lifted", lifted_year=2015)
    lines(1)
    number = home.members.get().id_number
    content = sheet_of(by, lambda n: award(n, 事项编号=None, 证件号码=number))
    filled_sheets.confirm(handed("plan", content, by), by=by)
    made = Measure.objects.get()
    assert (made.household_id, made.line_id, made.kind) == (home.pk, None, "lifted")


def test_an_empty_sheet_is_refused_at_once(client, by):
    lines(1)
    client.force_login(by)
    answer = uploaded(client, IN, sheet_of(by, lambda n: {}))
    assert answer.status_code == 422 and "没有填要登记的内容" in answer.content.decode()
    assert not FilledSheet.objects.exists()


def test_filled_sheet_goes_once_confirmed(by):
    lines(1)
    sheet = handed("plan", sheet_of(by, award), by)
    with pytest.raises(IntegrityError, match="filled_sheet_goes_once_confirmed"), transaction.atomic():
        FilledSheet.objects.filter(pk=sheet.pk).update(confirmed_at=timezone.now(), count=1)
