"""落实 by workbook: many measures begun and delivered together, each with its own days, amount and proof."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fangpin.accounts.roles import Role
from fangpin.common.refusals import Refused
from measures.delivery import delivery, filing
from measures.delivery.delivery import Progress
from measures.models import CapUse, FilledSheet, Measure
from measures.planning import plan
from measures.sheets import delivery_workbook
from measures.sheets import filled as filled_sheets
from tests import factories
from tests.measures import makers
from tests.measures.makers import DAY, officer, wanted
from tests.measures.sheets.sheets import filled, handed, renamed, rows_of, uploaded

pytestmark = pytest.mark.django_db
YUAN = 100
IN = "/measures/measures/delivery-sheet/in/"
GIVEN = {"落实日期": "2026-03-05", "落实凭据": "惠农一卡通 3 月"}
PLANNED = 3000


@pytest.fixture
def by():
    return officer("agriculture")


def filed(
    number: int,
    by,
    office,
    begun: bool = True,
    amount: int | None = PLANNED * YUAN,
    code: str = "industry_award",
) -> list[Measure]:
    made = []
    for _ in range(number):
        home = makers.case("monitored", "livelihood.production_loss").household
        made.append(plan.plan_measure(wanted(home, code, amount), by=by, on=DAY))
    own = Measure.objects.filter(pk__in=[m.pk for m in made])
    filing.file_measures(own, by=office, on=DAY)
    if begun:
        delivery.begin_measures(own, by=by, on=DAY)
    return list(own.order_by("household__village_id", "household_id", "id"))


def sheet_of(by, fill) -> bytes:
    content = delivery_workbook.write(Measure.objects.for_user(by), by=by)
    return filled(content, delivery_workbook.MEASURE, fill)


def read(content: bytes, by):
    return delivery_workbook.read("x.xlsx", content, by=by)


def told(reading) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.message) for fault in reading.faults]


def confirmed(content: bytes, by) -> int:
    return filled_sheets.confirm(handed("delivery", content, by), by=by)


# ---- Columns ----
def test_an_amount_under_another_heading_is_not_taken_for_the_planned_one(client, by, office):
    filed(1, by, office)
    client.force_login(by)
    content = renamed(
        sheet_of(by, lambda n: GIVEN | {"落实金额（元）": 200}), "落实金额（元）", "实发金额（元）"
    )
    assert "落实金额（元）" in uploaded(client, IN, content).content.decode()
    assert not FilledSheet.objects.exists()


def test_a_heading_that_stands_twice_is_refused(by, office):
    filed(1, by, office)
    content = renamed(sheet_of(by, lambda n: GIVEN), "拟定金额（元）", "落实金额（元）")
    with pytest.raises(Refused, match="“落实金额（元）”有 2 列"):
        read(content, by)


# ---- Out ----
def test_filed_and_started_measures_go_out_and_no_others(by, office):
    begun, waits = filed(1, by, office), filed(1, by, office, begun=False)
    plan.plan_measure(wanted(factories.household(status="lifted"), "industry_award", YUAN), by=by, on=DAY)
    rows = rows_of(delivery_workbook.write(Measure.objects.for_user(by), by=by))
    assert [row["举措编号"] for row in rows] == [str(m.uuid) for m in [*begun, *waits]]
    assert [bool(row["开始实施日期"]) for row in rows] == [True, False]
    assert (rows[0]["户主"], rows[0]["举措名称"], rows[0]["拟定金额（元）"]) == (
        begun[0].household.head_name,
        "产业奖补",
        PLANNED,
    )


# ---- Checked, confirmed ----
def test_upload_shows_what_it_would_record_and_delivers_nothing(client, by, office):
    filed(2, by, office)
    filed(1, by, office, begun=False)
    client.force_login(by)
    cells = {1: GIVEN | {"落实金额（元）": 2500}, 2: {}, 3: {"开始实施日期": "2026-03-04"}}
    page = uploaded(client, IN, sheet_of(by, cells.get)).content.decode()
    assert "2,500.00" in page and "比拟定的少 500.00 元" in page and "2026-03-04 开始实施" in page
    assert "还没有登记" in page and not Measure.objects.exclude(delivered_on=None).exists()
    sheet = FilledSheet.objects.get()
    answer = client.post(f"/measures/sheets/{sheet.uuid}/confirm/", follow=True)
    assert "2 项举措的实施和落实已登记" in answer.content.decode()
    assert list(Measure.objects.order_by("pk").values_list("state", "delivered")) == [
        ("delivered", 2500 * YUAN),
        ("started", None),
        ("started", None),
    ]


def test_120_measures_each_with_its_own_amount(by, office):
    made = filed(120, by, office)
    assert confirmed(sheet_of(by, lambda n: GIVEN | {"落实金额（元）": 1000 + n}), by) == 120
    found = Measure.objects.filter(state="delivered").in_bulk()
    given = [found[m.pk].delivered for m in made]
    assert given == [(1000 + n) * YUAN for n in range(1, 121)]
    assert [found[m.pk].counted for m in made] == given
    assert [use.used for use in CapUse.objects.order_by("household__village_id", "household_id")] == given
    assert {(m.proof, m.delivered_on, m.delivered_by_id) for m in found.values()} == {
        ("惠农一卡通 3 月", datetime.date(2026, 3, 5), by.pk)
    }


def test_filed_measure_is_begun_and_delivered_in_one_row(by, office):
    filed(1, by, office, begun=False)
    confirmed(sheet_of(by, lambda n: GIVEN | {"开始实施日期": "2026-03-04"}), by)
    made = Measure.objects.get()
    assert (made.state, made.started_on, made.delivered) == (
        "delivered",
        datetime.date(2026, 3, 4),
        PLANNED * YUAN,
    )


def test_services_have_no_amount(by, office):
    filed(2, by, office, amount=None, code="farm_training")
    confirmed(sheet_of(by, lambda n: GIVEN), by)
    assert set(Measure.objects.values_list("state", "delivered")) == {("delivered", None)}


def test_check_and_confirmation_take_as_many_statements_for_twenty_as_for_two(by, office):
    def statements() -> tuple[int, int]:
        same = GIVEN | {"开始实施日期": "2026-03-04"}
        content = sheet_of(by, lambda n: same | {"落实金额（元）": 1000 + n})
        with CaptureQueriesContext(connection) as checked:
            sheet = handed("delivery", content, by)
        with CaptureQueriesContext(connection) as recorded:
            filled_sheets.confirm(sheet, by=by)
        return len(checked), len(recorded)

    filed(2, by, office, begun=False)
    few = statements()
    filed(20, by, office, begun=False)
    assert statements() == few


def test_what_is_delivered_already_is_told_and_left(by, office):
    filed(2, by, office)
    content = delivery_workbook.write(Measure.objects.for_user(by), by=by)
    first = filled(content, delivery_workbook.MEASURE, lambda n: GIVEN if n == 1 else {})
    confirmed(first, by)
    whole = filled(content, delivery_workbook.MEASURE, lambda n: GIVEN)
    reading = read(whole, by)
    assert (reading.known, len(reading.wanted), reading.faults) == (1, 1, [])
    assert confirmed(whole, by) == 1
    assert read(whole, by).known == 2
    ((_, _, message),) = told(
        read(filled(first, "举措编号", lambda n: {"落实金额（元）": 1} if n == 1 else {}), by)
    )
    assert "与表中不同" in message


# ---- Refused ----
@pytest.mark.parametrize(
    ("begun", "given", "column", "words"),
    [
        (True, GIVEN | {"落实金额（元）": PLANNED + 0.01}, "落实金额（元）", "拟定的 3,000.00 元"),
        (True, GIVEN | {"落实日期": "2026-03-01"}, "落实日期", "落实日期不能更早"),
        (True, GIVEN | {"落实日期": "2100-01-01"}, "落实日期", "晚于今天"),
        (True, GIVEN | {"落实凭据": None}, "落实凭据", "请填写落实凭据"),
        (True, GIVEN | {"落实日期": None}, "落实日期", "没有填"),
        (True, GIVEN | {"开始实施日期": "2026-03-03"}, "开始实施日期", "2026-03-02 开始实施"),
        (False, GIVEN, "开始实施日期", "开始实施日期"),
        (False, {"开始实施日期": "2026-03-01"}, "开始实施日期", "第八条"),
        (True, GIVEN | {"举措编号": "改过"}, "举措编号", "不要改动"),
    ],
)
def test_a_fault_names_its_column_and_nothing_is_recorded(by, office, begun, given, column, words):
    filed(1, by, office)
    filed(1, by, office, begun=begun)
    content = sheet_of(by, lambda n: given if n == 2 else GIVEN)
    ((row, named, message),) = told(read(content, by))
    assert (row, named) == (3, column) and words in message
    with pytest.raises(Refused):
        confirmed(content, by)
    assert not Measure.objects.filter(state="delivered").exists()


def test_a_row_twice_names_the_first(by, office):
    (one, _) = filed(2, by, office)
    ((row, _, message),) = told(read(sheet_of(by, lambda n: GIVEN | {"举措编号": str(one.uuid)}), by))
    assert row == 3 and "第 2 行" in message


def test_another_departments_measure_is_unknown(by, office):
    filed(1, by, office)
    content, other = sheet_of(by, lambda n: GIVEN), officer("housing")
    ((_, column, _),) = told(read(content, other))
    assert column == "举措编号"
    with pytest.raises(Refused):
        delivery.record_progress({Measure.objects.get().pk: Progress(on=DAY, proof="x")}, by=other)


def test_what_is_not_filed_is_not_begun(by, office):
    (made,) = filed(1, by, office)
    home = factories.household(status="lifted")
    waits = plan.plan_measure(wanted(home, "industry_award", YUAN), by=by, on=DAY)
    ((_, column, message),) = told(read(sheet_of(by, lambda n: GIVEN | {"举措编号": str(waits.uuid)}), by))
    assert column == "举措编号" and "待备案" in message


def test_money_that_a_fund_pays_is_delivered_by_no_hand(by, office):
    """Rows and not only the file are named: the guards of later stages are asked of each."""
    home = makers.case("marginal", "livelihood.production_loss").household
    made = plan.plan_measure(wanted(home, "industry_award", 1000 * YUAN), by=by, on=DAY)
    own = Measure.objects.filter(pk=made.pk)
    filing.file_measures(own, by=office, on=DAY)
    delivery.begin_measures(own, by=by, on=DAY)
    ((row, _, message),) = told(read(sheet_of(by, lambda n: GIVEN), by))
    assert row == 2 and "资金申请" in message and "整批" not in message
    with pytest.raises(Refused, match="资金申请"):
        delivery.record_progress({made.pk: Progress(on=DAY, proof="x")}, by=by)


def test_what_was_done_by_hand_since_the_check_leaves_nothing_to_confirm(client, by, office):
    filed(1, by, office, begun=False)
    sheet = handed("delivery", sheet_of(by, lambda n: {"开始实施日期": "2026-03-04"}), by)
    delivery.begin_measures(Measure.objects.all(), by=by, on=datetime.date(2026, 3, 4))
    client.force_login(by)
    assert "没有要登记的内容" in client.get(f"/measures/sheets/{sheet.uuid}/").content.decode()
    with pytest.raises(Refused):
        filled_sheets.confirm(sheet, by=by)


def test_a_village_cadre_has_no_sheet(client):
    client.force_login(factories.user("v", Role.VILLAGE_CADRE, factories.VILLAGE))
    assert client.get(IN).status_code == 403


def test_a_sheet_without_anything_new_is_refused_at_once(client, by, office):
    filed(1, by, office)
    client.force_login(by)
    answer = uploaded(client, IN, sheet_of(by, lambda n: {}))
    assert answer.status_code == 422 and "没有填要登记的内容" in answer.content.decode()
