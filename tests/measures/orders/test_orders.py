"""Order sheets (Art. 8): prepared by the office, signed by its director, answered by the department."""

import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from fangpin.accounts.models import Department
from fangpin.accounts.roles import Role
from fangpin.common.refusals import Refused
from fangpin.common.transitions import TransitionRefused
from households.models import Case, Risk
from measures.models import OrderLine, OrderSheet
from measures.orders import lines as order_lines
from measures.orders import lists as order_lists
from measures.orders import risks as order_risks
from measures.orders import sheets as orders
from screening import criteria
from tests import factories
from tests.measures import makers
from tests.measures.makers import officer

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 3, 2)  # a Monday


def everything():
    return Risk.objects.all()


@pytest.fixture
def issued(office, director):
    """One sheet of the housing bureau, signed."""
    makers.case("monitored", "housing.unsafe")
    (sheet,) = orders.prepare_sheets(everything(), by=office)
    orders.change_sheet(sheet, by=office, number="都扶领办〔2026〕1号", basis="", words="")
    orders.issue_sheets(OrderSheet.objects.all(), by=director, on=DAY)
    sheet.refresh_from_db()
    return sheet


def test_one_sheet_a_department_with_its_households(office):
    makers.case("monitored", "housing.unsafe", "medical.out_of_pocket")
    makers.case("marginal", "housing.unsafe")
    sheets = {sheet.department.code: sheet for sheet in orders.prepare_sheets(everything(), by=office)}
    assert set(sheets) == {"housing", "insurance"}
    assert (sheets["housing"].lines.count(), sheets["insurance"].lines.count()) == (2, 1)
    assert sheets["housing"].lines.first().suggested[0] == "housing_appraisal"


@pytest.mark.parametrize("code", sorted(criteria.subcriteria()))
def test_every_situation_has_a_department_of_the_county(office, code):
    made = makers.case("marginal", code)
    (sheet,) = orders.prepare_sheets(made.risks.all(), by=office)
    assert sheet.department.code == criteria.subcriteria()[code].department


def test_a_risk_is_ordered_once_and_a_new_one_later(office):
    made = makers.case("monitored", "housing.unsafe")
    orders.prepare_sheets(everything(), by=office)
    assert not order_risks.risks_waiting(office).exists()
    with pytest.raises(Refused):
        orders.prepare_sheets(everything(), by=office)
    Risk.objects.create(case=made, subcriterion="water.unsafe")
    assert [risk.subcriterion for risk in order_risks.risks_waiting(office)] == ["water.unsafe"]


def test_proposed_risk_raises_no_order(office):
    made = makers.case("monitored")
    Risk.objects.create(case=made, subcriterion="water.unsafe", state="proposed")
    assert not order_risks.risks_waiting(office).exists()


def test_preparing_takes_as_many_statements_for_forty_as_for_two(office):
    counts = []
    for number in (2, 40):
        keys = [makers.case("monitored", "housing.unsafe").pk for _ in range(number)]
        with CaptureQueriesContext(connection) as seen:
            orders.prepare_sheets(Risk.objects.filter(case__in=keys), by=office)
        counts.append(len(seen))
        OrderSheet.objects.filter(state="draft").delete()
    assert counts[0] == counts[1]


def test_days_run_from_the_day_of_issue(issued):
    assert (issued.state, issued.accept_due) == ("issued", datetime.date(2026, 3, 5))
    assert issued.plan_due == datetime.date(2026, 3, 16)
    assert issued.lines.get().state == "issued"


def test_sheet_without_number_is_not_signed(office, director):
    makers.case("monitored", "housing.unsafe")
    orders.prepare_sheets(everything(), by=office)
    with pytest.raises(Refused, match="还没有文号"):
        orders.issue_sheets(OrderSheet.objects.all(), by=director)


def test_order_sheet_not_issued_by_preparer(issued):
    with pytest.raises(IntegrityError, match="order_sheet_not_issued_by_preparer"), transaction.atomic():
        OrderSheet.objects.update(issued_by=issued.prepared_by)


def test_order_sheet_number_once(issued, office):
    makers.case("monitored", "water.unsafe")
    (other,) = orders.prepare_sheets(Risk.objects.filter(subcriterion="water.unsafe"), by=office)
    with pytest.raises(Refused, match="已有文号"):
        orders.change_sheet(other, by=office, number=issued.number, basis="", words="")


def test_order_line_returned_with_reason(issued):
    with pytest.raises(IntegrityError, match="order_line_returned_with_reason"), transaction.atomic():
        OrderLine.objects.update(state="returned")


def test_order_line_once_a_risk(issued):
    line = issued.lines.get()
    with pytest.raises(IntegrityError, match="order_line_once_a_risk|UNIQUE"), transaction.atomic():
        OrderLine.objects.create(
            sheet=issued, household=line.household, case=line.case, risk=line.risk, department=line.department
        )


def test_signing_twice_is_told(issued, director):
    with pytest.raises(Refused, match="已签发"):
        orders.issue_sheets(OrderSheet.objects.all(), by=director)


def test_numbers_go_on_from_the_last(issued, county):
    assert orders.next_number(county, 2026) == "都扶领办〔2026〕2号"


# ---- The department ----
def test_department_accepts_its_own_lines_alone(issued):
    with pytest.raises((Refused, TransitionRefused)):
        order_lines.accept_lines(OrderLine.objects.all(), by=officer("education"))
    assert order_lines.accept_lines(OrderLine.objects.all(), by=officer("housing")) == 1
    with pytest.raises(Refused, match="待拟定举措"):
        order_lines.accept_lines(OrderLine.objects.all(), by=officer("housing"))


def test_department_of_another_county_sees_nothing(issued):
    other = officer("housing", factories.OTHER_COUNTY)
    assert not OrderSheet.objects.for_user(other).exists()
    assert not OrderLine.objects.for_user(other).exists()


def test_drafts_are_the_countys_alone(office):
    makers.case("monitored", "housing.unsafe")
    orders.prepare_sheets(everything(), by=office)
    assert not OrderSheet.objects.for_user(officer("housing")).exists()


@pytest.mark.parametrize(("reason", "words"), [("", "不归我们"), ("not_ours", " ")])
def test_returning_wants_reason_and_words(issued, reason, words):
    with pytest.raises(Refused):
        order_lines.return_lines(OrderLine.objects.all(), by=officer("housing"), reason=reason, words=words)


def test_a_returned_line_goes_to_another_department_or_is_left_out(issued, office):
    by = officer("housing")
    order_lines.return_lines(OrderLine.objects.all(), by=by, reason="not_ours", words="属地质灾害搬迁")
    issued.refresh_from_db()
    assert issued.state == "closed"
    (row,) = order_risks.returned_rows(office)
    assert (row.risk.returned_words, row.risk.returned_by) == ("属地质灾害搬迁", "住建局")
    with pytest.raises(Refused, match="改选别的部门"):
        orders.prepare_sheets(
            everything(), by=office, department=Department.objects.get(pk=issued.department_id)
        )
    elsewhere = Department.objects.get(county_id=factories.COUNTY, code="emergency")
    orders.prepare_sheets(everything(), by=office, department=elsewhere)
    assert not order_risks.risks_waiting(office).exists()


def test_left_out_with_words_waits_no_more(issued, office):
    order_lines.return_lines(
        OrderLine.objects.all(), by=officer("housing"), reason="solved", words="已建新房"
    )
    risk = Risk.objects.get()
    with pytest.raises(Refused):
        orders.leave_out_risk(risk, by=office, words="")
    orders.leave_out_risk(risk, by=office, words="到户看过，已搬新房")
    assert not order_risks.risks_waiting(office).exists()


def test_a_years_plan_moves_the_day(issued):
    order_lines.accept_lines(OrderLine.objects.all(), by=officer("housing"))
    assert order_lines.overdue(OrderLine.objects.all()).count() == 1
    later = datetime.date.today() + datetime.timedelta(days=60)
    order_lines.schedule_lines(
        OrderLine.objects.all(), by=officer("housing"), words="2026 年第二批计划", due_on=later
    )
    assert not order_lines.overdue(OrderLine.objects.all()).exists()


def test_late_lines_are_told_by_department_and_climb(issued, director):
    (row,) = order_lists.departments_to_escalate(director)
    assert (row["department__name"], row["lines"], row["since"]) == ("住建局", 1, datetime.date(2026, 3, 5))


def test_cases_long_without_a_measure_are_listed(director):
    makers.case("monitored", "housing.unsafe", on=datetime.date(2026, 1, 5))
    makers.case("monitored", "housing.unsafe", on=datetime.date.today())
    assert order_lists.without_measure(director).count() == 1


def test_case_of_the_look_back_gets_its_risks_first(office):
    made = makers.case("monitored")
    Case.objects.update(risk_words="因病")
    assert order_risks.without_risk(office).get() == made
    order_risks.register_risks(made, {"medical.untreated": "慢性病断药"}, by=office)
    assert order_risks.risks_waiting(office).get().words == "慢性病断药"
    with pytest.raises(Refused):
        order_risks.register_risks(made, {"no.such": ""}, by=office)


# ---- Pages ----
def test_pages_of_an_order_for_each_who_has_to_do_with_it(client, issued, office, director):
    address = f"/measures/orders/{issued.uuid}/"
    for user in (office, director, officer("housing")):
        client.force_login(user)
        assert client.get("/measures/orders/").status_code == 200
        assert issued.number in client.get(address).content.decode()
        paper = client.get(f"{address}paper/").content.decode()
        assert "防贫任务交办单" in paper and "回　执" in paper
    client.force_login(officer("education"))
    assert client.get(address).status_code == 404


def test_full_numbers_on_the_paper_want_a_purpose_and_are_kept(client, issued):
    from fangpin.common.models import AuditRow

    number = issued.lines.get().household.members.get(relation="head").id_number
    client.force_login(officer("housing"))
    address = f"/measures/orders/{issued.uuid}/paper/"
    assert number not in client.get(address).content.decode()
    assert client.post(address, {"purpose": ""}).status_code == 422
    shown = client.post(address, {"purpose": "核实本人身份"}).content.decode()
    assert number in shown
    assert AuditRow.objects.filter(act__startswith="number").exists()


def test_department_answers_on_its_board(client, issued):
    client.force_login(officer("housing"))
    line = OrderLine.objects.get()
    assert "待接收" in client.get("/measures/lines/").content.decode()
    client.post("/measures/lines/accept/", {"pick": [line.uuid]})
    line.refresh_from_db()
    assert line.state == "accepted"
    client.post("/measures/lines/return/", {"pick": [line.uuid], "reason": "solved", "words": "已建"})
    line.refresh_from_db()
    assert line.state == "returned"


def test_office_prepares_and_director_signs_on_pages(client, office, director):
    made = makers.case("monitored", "housing.unsafe")
    client.force_login(office)
    assert made.household.head_name in client.get("/measures/orders/waiting/").content.decode()
    client.post("/measures/orders/prepare/", {"pick": [made.risks.get().uuid]})
    sheet = OrderSheet.objects.get()
    client.post(f"/measures/orders/{sheet.uuid}/change/", {"number": "都扶领办〔2026〕9号"})
    client.force_login(director)
    client.post("/measures/orders/issue/", {"pick": [sheet.uuid]})
    sheet.refresh_from_db()
    assert (sheet.state, sheet.number) == ("issued", "都扶领办〔2026〕9号")


def test_wrong_role_is_refused(client, issued):
    client.force_login(factories.user("cadre", Role.VILLAGE_CADRE, factories.VILLAGE))
    assert client.get("/measures/orders/").status_code == 403
    client.force_login(officer("housing"))
    assert client.post("/measures/orders/issue/", {"pick": [issued.uuid]}).status_code == 403
