"""Pages and workbook of measures."""

import datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fangpin.accounts.roles import Role
from households.models import Attachment
from measures.delivery import delivery, filing
from measures.models import Measure
from measures.planning import plan
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
    plan.plan_measure(wanted(line.household, "industry_award", 4000 * YUAN), by=officer("poverty"), on=DAY)
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
    measure = plan.plan_measure(wanted(line.household, "industry_award", YUAN, line=line), by=by, on=DAY)
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
    measure = plan.plan_measure(wanted(line.household, "industry_award", YUAN, line=line), by=by, on=DAY)
    filing.file_measures(Measure.objects.all(), by=office, on=DAY)
    delivery.begin_measures(Measure.objects.all(), by=by, on=DAY)
    paper = SimpleUploadedFile("x.pdf", b"%PDF-1.4\n%%EOF", content_type="application/pdf")
    client.force_login(by)
    client.post("/measures/measures/deliver/", {"pick": [measure.uuid], "on": "2026-03-02", "paper": paper})
    measure.refresh_from_db()
    assert measure.proof_paper is not None and measure.state == "delivered"


def test_lists_take_as_many_statements_for_forty_as_for_two(client, office):
    by, counts = officer("agriculture"), []
    for number in (2, 38):
        for _ in range(number):
            plan.plan_measure(
                wanted(factories.household(status="lifted"), "industry_award", YUAN), by=by, on=DAY
            )
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


def test_village_sees_the_help_of_its_households_alone(client, line, village_cadre):
    plan.plan_measure(
        wanted(line.household, "industry_award", YUAN, line=line), by=officer("agriculture"), on=DAY
    )
    client.force_login(village_cadre)
    address = f"/measures/measures/{Measure.objects.get().uuid}/"
    assert client.get(address).status_code == 200
    assert "享受帮扶" in client.get(f"/households/{line.household.uuid}/").content.decode()
    client.force_login(factories.user("else", Role.VILLAGE_CADRE, factories.SISTER_VILLAGE))
    assert client.get(address).status_code == 404


# ---- The paper of a delivery ----
PDF = b"%PDF-1.4 x"


def begun(by) -> Measure:
    home = factories.household(status="lifted")
    measure = plan.plan_measure(wanted(home, "industry_award", 3000 * YUAN), by=by, on=DAY)
    filing.file_measures(
        Measure.objects.filter(pk=measure.pk),
        by=factories.user(f"f{home.pk}", Role.OFFICE, factories.COUNTY),
        on=DAY,
    )
    delivery.begin_measures(Measure.objects.filter(pk=measure.pk), by=by, on=DAY)
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
