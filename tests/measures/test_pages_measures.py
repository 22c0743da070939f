"""Pages and workbook of measures."""

import datetime
import io
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fangpin.accounts.roles import Role
from households.models import Attachment
from measures import delivery, filing, plan_workbook, planning
from measures.models import CapUse, Measure, OrderLine
from tests import factories
from tests.measures import makers
from tests.measures.makers import DAY, officer, wanted

pytestmark = pytest.mark.django_db
YUAN = 100


@pytest.fixture
def line():
    return makers.line(makers.case("monitored", "livelihood.production_loss"), "agriculture")


def filled(**changed) -> dict:
    return {
        "code": "industry_award",
        "amount": "3000",
        "planned_from": "2026-03-02",
        "planned_to": "2026-04-30",
    } | changed


def test_room_is_shown_before_anything_is_typed(client, line):
    planning.plan(wanted(line.household, "industry_award", 4000 * YUAN), by=officer("poverty"), on=DAY)
    client.force_login(officer("agriculture"))
    shown = client.get(f"/measures/lines/{line.uuid}/measure/").content.decode()
    assert "产业奖补（建议）" in shown
    # The award of another year has all its room; that of the other department counts in its own year.
    shown = client.get(f"/measures/lines/{line.uuid}/measure/?code=industry_award").content.decode()
    assert "上限 5,000.00 元" in shown


def test_department_plans_for_its_line(client, line):
    client.force_login(officer("agriculture"))
    answer = client.post(f"/measures/lines/{line.uuid}/measure/", filled())
    measure = Measure.objects.get()
    assert answer.url == f"/measures/measures/{measure.uuid}/"
    assert (measure.amount, measure.line_id, measure.state) == (3000 * YUAN, line.pk, "planned")


def test_refusal_is_told_on_the_form_and_nothing_written(client, line):
    client.force_login(officer("agriculture"))
    answer = client.post(f"/measures/lines/{line.uuid}/measure/", filled(amount="5000.01"))
    assert answer.status_code == 422 and "第五条" in answer.content.decode()
    assert not Measure.objects.exists()


def test_line_of_another_department_is_not_found(client, line):
    client.force_login(officer("education"))
    assert client.get(f"/measures/lines/{line.uuid}/measure/").status_code == 404


def test_a_measure_goes_its_way_on_pages(client, line, office):
    by = officer("agriculture")
    measure = planning.plan(wanted(line.household, "industry_award", YUAN, line=line), by=by, on=DAY)
    client.force_login(office)
    assert line.household.head_name in client.get("/measures/filing/").content.decode()
    client.post("/measures/filing/send-back/", {"pick": [measure.uuid], "reason": "form", "words": "缺面积"})
    client.force_login(by)
    assert "缺面积" in client.get(f"/measures/measures/{measure.uuid}/").content.decode()
    client.post(f"/measures/measures/{measure.uuid}/change/", filled(basis="猪 2 头"))
    client.post("/measures/measures/again/", {"pick": [measure.uuid], "one": measure.uuid})
    client.force_login(office)
    client.post("/measures/filing/file/", {"pick": [measure.uuid]})
    client.force_login(by)
    today = datetime.date.today().isoformat()
    client.post("/measures/measures/begin/", {"pick": [measure.uuid], "on": today})
    client.post(
        "/measures/measures/deliver/",
        {"pick": [measure.uuid], "on": today, "amount": "2500", "proof": "一卡通"},
    )
    measure.refresh_from_db()
    assert (measure.state, measure.delivered, measure.basis) == ("delivered", 2500 * YUAN, "猪 2 头")


def test_proof_may_be_a_paper(client, line, office):
    by = officer("agriculture")
    measure = planning.plan(wanted(line.household, "industry_award", YUAN, line=line), by=by, on=DAY)
    filing.file(Measure.objects.all(), by=office, on=DAY)
    delivery.begin(Measure.objects.all(), by=by, on=DAY)
    paper = SimpleUploadedFile("x.pdf", b"%PDF-1.4\n%%EOF", content_type="application/pdf")
    client.force_login(by)
    client.post("/measures/measures/deliver/", {"pick": [measure.uuid], "on": "2026-03-02", "paper": paper})
    measure.refresh_from_db()
    assert measure.proof_paper is not None and measure.state == "delivered"


def test_lists_take_as_many_statements_for_forty_as_for_two(client, office):
    by, counts = officer("agriculture"), []
    for number in (2, 38):
        for _ in range(number):
            planning.plan(wanted(factories.household(status="lifted"), "industry_award", YUAN), by=by, on=DAY)
        seen = []
        for user, address in (
            (by, "/measures/measures/"),
            (office, "/measures/filing/"),
            (office, "/measures/measures/paper/"),
        ):
            client.force_login(user)
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            seen.append(len(queries))
        counts.append(seen)
    assert counts[0] == counts[1]


# ---- Lifted households without an order ----
def test_household_is_found_by_the_full_number_alone(client):
    home = factories.household(status="lifted", lifted_year=2014)
    number = home.members.get().id_number
    client.force_login(officer("agriculture"))
    assert client.get(f"/measures/measures/register/{home.uuid}/").status_code == 302
    assert (
        client.post(
            "/measures/measures/find/", {"number": number[:-1] + ("1" if number[-1] == "0" else "0")}
        ).status_code
        == 422
    )
    answer = client.post("/measures/measures/find/", {"number": number})
    client.post(answer.url, filled())
    assert Measure.objects.get().kind == "lifted"


def test_household_of_another_county_is_not_found(client):
    home = factories.household(status="lifted", village=factories.OTHER_COUNTY_VILLAGE)
    client.force_login(officer("agriculture"))
    answer = client.post("/measures/measures/find/", {"number": home.members.get().id_number})
    assert answer.status_code == 422 and home.head_name not in answer.content.decode()


# ---- Workbook ----
def sheet_of(by, fill) -> bytes:
    """The downloaded workbook, `fill(row as dict, number)` written into it."""
    content = plan_workbook.write(OrderLine.objects.for_user(by).order_by("pk"), by=by)
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.active
    top = next(n for n in range(1, 6) if sheet.cell(n, 1).value == plan_workbook.LINE)
    places = {sheet.cell(top, column).value: column for column in range(1, sheet.max_column + 1)}
    for number in range(top + 1, sheet.max_row + 1):
        for heading, value in fill(number - top).items():
            sheet.cell(number, places[heading]).value = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def award(number: int, **changed) -> dict:
    return {
        "举措名称": "产业奖补",
        "金额（元）": 1000 + number,
        "计划开始": "2026-03-02",
        "计划完成": "2026-05-30",
    } | changed


def test_a_sheet_of_120_lines_comes_back_whole():
    by = officer("agriculture")
    for _ in range(120):
        makers.line(makers.case("monitored", "livelihood.production_loss"), "agriculture")
    content = sheet_of(by, award)
    made = plan_workbook.take(file_name="x.xlsx", content=content, by=by)
    assert len(made) == 120
    assert sorted(m.amount for m in made) == [(1000 + n) * YUAN for n in range(1, 121)]
    assert not OrderLine.objects.exclude(state="planned").exists()
    with pytest.raises(plan_workbook.SheetRefused) as again:
        plan_workbook.take(file_name="x.xlsx", content=content, by=by)
    assert "已登记过" in again.value.faults[0].message and Measure.objects.count() == 120


def test_one_bad_row_names_its_column_and_nothing_is_written():
    by = officer("agriculture")
    for _ in range(3):
        makers.line(makers.case("monitored", "livelihood.production_loss"), "agriculture")
    bad = {1: {"金额（元）": "一千"}, 2: {"举措名称": "发牛"}, 3: {"金额（元）": 5000.01}}
    with pytest.raises(plan_workbook.SheetRefused) as refused:
        plan_workbook.take(file_name="x.xlsx", content=sheet_of(by, lambda n: award(n, **bad[n])), by=by)
    assert len(refused.value.faults) == 2 and "金额（元）" in refused.value.faults[0].message
    with pytest.raises(plan_workbook.SheetRefused) as refused:
        plan_workbook.take(
            file_name="x.xlsx", content=sheet_of(by, lambda n: award(n, **(bad[3] if n == 3 else {}))), by=by
        )
    assert "第五条" in refused.value.faults[0].message
    assert not Measure.objects.exists() and not CapUse.objects.exists()


def test_another_departments_code_is_refused():
    own, other = officer("agriculture"), officer("housing")
    makers.line(makers.case("monitored", "livelihood.production_loss"), "agriculture")
    content = sheet_of(own, award)
    with pytest.raises(plan_workbook.SheetRefused, match="1 行"):
        plan_workbook.take(file_name="x.xlsx", content=content, by=other)


def test_household_without_an_order_stands_on_the_sheet_by_its_number():
    by, home = officer("agriculture"), factories.household(status="lifted", lifted_year=2015)
    makers.line(makers.case("monitored", "livelihood.production_loss"), "agriculture")
    number = home.members.get().id_number
    fill = lambda n: award(n, 事项编号=None, 证件号码=number)  # noqa: E731
    (made,) = plan_workbook.take(file_name="x.xlsx", content=sheet_of(by, fill), by=by)
    assert (made.household_id, made.line_id, made.kind) == (home.pk, None, "lifted")


def test_faults_are_shown_on_the_page(client):
    by = officer("agriculture")
    makers.line(makers.case("monitored", "livelihood.production_loss"), "agriculture")
    client.force_login(by)
    assert client.get("/measures/measures/sheet/").status_code == 200
    file = SimpleUploadedFile("x.xlsx", sheet_of(by, lambda n: award(n, 举措名称="发牛")))
    answer = client.post("/measures/measures/sheet/in/", {"file": file})
    assert answer.status_code == 422 and "没有“发牛”" in answer.content.decode()


def test_village_sees_the_help_of_its_households_alone(client, line, village_cadre):
    planning.plan(
        wanted(line.household, "industry_award", YUAN, line=line), by=officer("agriculture"), on=DAY
    )
    client.force_login(village_cadre)
    address = f"/measures/measures/{Measure.objects.get().uuid}/"
    assert client.get(address).status_code == 200
    assert "享受帮扶" in client.get(f"/households/{line.household.uuid}/").content.decode()
    client.force_login(factories.user("else", Role.VILLAGE_CADRE, factories.SISTER_VILLAGE))
    assert client.get(address).status_code == 404


def test_a_sheet_by_number_sent_twice_counts_once():
    by, home = officer("agriculture"), factories.household(status="lifted")
    makers.line(makers.case("monitored", "livelihood.production_loss"), "agriculture")
    number = home.members.get().id_number
    content = sheet_of(by, lambda n: award(n, 事项编号=None, 证件号码=number))
    plan_workbook.take(file_name="x.xlsx", content=content, by=by)
    with pytest.raises(plan_workbook.SheetRefused) as again:
        plan_workbook.take(file_name="x.xlsx", content=content, by=by)
    assert "这户已登记过" in again.value.faults[0].message and Measure.objects.count() == 1


def test_two_equal_rows_of_one_sheet_are_told_by_both_numbers():
    by, home = officer("agriculture"), factories.household(status="lifted")
    for _ in range(2):
        makers.line(makers.case("monitored", "livelihood.production_loss"), "agriculture")
    number = home.members.get().id_number
    content = sheet_of(by, lambda n: award(n, 事项编号=None, 证件号码=number))
    with pytest.raises(plan_workbook.SheetRefused) as refused:
        plan_workbook.take(file_name="x.xlsx", content=content, by=by)
    (fault,) = refused.value.faults
    assert f"第 {fault.row - 1} 行" in fault.message and not Measure.objects.exists()


# ---- The paper of a delivery ----
PDF = b"%PDF-1.4 x"


def begun(by) -> Measure:
    home = factories.household(status="lifted")
    measure = planning.plan(wanted(home, "industry_award", 3000 * YUAN), by=by, on=DAY)
    filing.file(
        Measure.objects.filter(pk=measure.pk),
        by=factories.user(f"f{home.pk}", Role.OFFICE, factories.COUNTY),
        on=DAY,
    )
    delivery.begin(Measure.objects.filter(pk=measure.pk), by=by, on=DAY)
    return measure


def kept_files() -> set[str]:
    return {path.name for path in Path(settings.PRIVATE_ROOT).glob("*/*")}


@pytest.mark.parametrize("ticked", [0, 2])
def test_a_paper_is_for_one_measure(client, ticked):
    by = officer("agriculture")
    made = [begun(by).uuid for _ in range(2)][:ticked]
    client.force_login(by)
    paper = SimpleUploadedFile("x.pdf", PDF, "application/pdf")
    answer = client.post(
        "/measures/measures/deliver/", {"pick": made, "on": "2026-03-02", "paper": paper}, follow=True
    )
    assert "请只勾选一项举措" in answer.content.decode()
    assert not Measure.objects.filter(state="delivered").exists() and not Attachment.objects.exists()


def test_a_refused_delivery_keeps_no_paper(client):
    by = officer("agriculture")
    measure, before = begun(by), kept_files()
    client.force_login(by)
    paper = SimpleUploadedFile("x.pdf", PDF, "application/pdf")
    answer = client.post(
        "/measures/measures/deliver/",
        {"pick": [measure.uuid], "on": "2026-03-01", "paper": paper},
        follow=True,
    )
    assert "落实日期不能更早" in answer.content.decode()
    assert not Attachment.objects.exists() and kept_files() == before
