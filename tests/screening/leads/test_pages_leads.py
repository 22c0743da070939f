import io

import openpyxl
import pytest
from django.urls import reverse

from fangpin.accounts.roles import Role
from fangpin.common import exports, jobs
from fangpin.common.files import private_files
from households.models import HelperAssignment, Household
from households.panels import panels_for
from screening.models import Lead, LeadReason
from tests import factories
from tests.screening.rounds import pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def homes(round_2020q1, insurance_officer, office):
    """One household with a lead in each of: the village, its sister, another township."""
    places = (factories.VILLAGE, factories.SISTER_VILLAGE, factories.OTHER_TOWNSHIP_VILLAGE)
    made = [
        pages.ill_households(1, village=place, names=[name])[0]
        for place, name in zip(places, NAMES, strict=True)
    ]
    pages.swept(round_2020q1, insurance_officer, made, office)
    return made


NAMES = ("覃明德", "陆凤娇", "蒙桂兰")


def shown(client, user, **query) -> list[str]:
    response = pages.page(client, user, "screening:lead-list", **query)
    return [row.lead.household.head_name for row in response.context["page"]]


# ---- Who sees what ----
def test_office_sees_the_county(client, homes, office):
    assert sorted(shown(client, office)) == sorted(NAMES)


def test_township_sees_its_own(client, homes, township_officer):
    assert shown(client, township_officer) == ["覃明德", "陆凤娇"]


def test_village_sees_its_own(client, homes, village_cadre):
    assert shown(client, village_cadre) == ["覃明德"]


def test_helper_sees_the_named_households(client, homes):
    helper = factories.user("helper", Role.HELPER, factories.COUNTY, name="帮扶人")
    HelperAssignment.objects.create(household=homes[1], user=helper)
    assert shown(client, helper) == ["陆凤娇"]


def test_other_county_sees_nothing(client, homes):
    other = factories.user("other", Role.OFFICE, factories.OTHER_COUNTY)
    response = pages.page(client, other, "screening:lead-list")
    assert "覃明德" not in pages.words(response)
    assert "您的范围内没有风险线索" in pages.words(response)


def test_department_may_not_see_leads(client, homes, insurance_officer):
    assert pages.page(client, insurance_officer, "screening:lead-list").status_code == 403


def test_anonymous_is_sent_to_sign_in(client):
    assert reverse("accounts:login") in client.get(reverse("screening:lead-list"))["Location"]


# ---- What a row says ----
def test_row_tells_why_in_one_sentence(client, homes, village_cadre):
    words = pages.words(pages.page(client, village_cadre, "screening:lead-list"))
    sentence = "合规自付合计 30,000.00 元，达到本县标准 20,000.00 元（2020-01-19 起）"
    assert f'{sentence} · <span class="cite">第七条（一）2</span>' in words
    assert "亮灯预警" in words
    assert "边缘户" in words


def test_row_marks_income_above_the_line(client, homes, village_cadre):
    Lead.objects.update(above_line=True, per_head=600_000)
    words = pages.words(pages.page(client, village_cadre, "screening:lead-list"))
    assert "6,000.00 元" in words
    assert '<span class="sub">高于参考线</span>' in words


def test_list_costs_the_same_for_many_leads(client, homes, round_2020q1, insurance_officer, office):
    few = pages.queries(client, office, "screening:lead-list")
    more = pages.ill_households(6)
    pages.swept(round_2020q1, insurance_officer, homes + more, office)
    assert pages.queries(client, office, "screening:lead-list") == few <= 41


def test_list_turns_pages(client, round_2020q1, insurance_officer, office):
    pages.swept(round_2020q1, insurance_officer, pages.ill_households(55), office)
    first = pages.page(client, office, "screening:lead-list").context["page"]
    second = client.get(first.next_url).context["page"]
    assert (len(first), len(second)) == (50, 5)
    assert not {row.lead.pk for row in first} & {row.lead.pk for row in second}


# ---- Filters ----
def test_filter_by_place(client, homes, office):
    assert shown(client, office, township=factories.TOWNSHIP) == ["覃明德", "陆凤娇"]
    assert shown(client, office, township=factories.TOWNSHIP, village=factories.VILLAGE) == ["覃明德"]


def test_filter_by_a_place_out_of_scope_finds_nothing(client, homes, township_officer):
    response = pages.page(
        client, township_officer, "screening:lead-list", village=factories.OTHER_TOWNSHIP_VILLAGE
    )
    assert not response.context["page"].rows
    assert "筛选条件已不适用" in pages.words(response)


def test_filter_by_risk(client, homes, office):
    assert len(shown(client, office, risk="medical")) == 3
    assert len(shown(client, office, risk="medical.out_of_pocket")) == 3
    assert shown(client, office, risk="medical.untreated") == []


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"category": "marginal"}, 3),
        ({"category": "monitored"}, 0),
        ({"above_line": "yes"}, 0),
        ({"above_line": "no"}, 3),
        ({"in_case": "yes"}, 0),
        ({"in_case": "no"}, 3),
    ],
)
def test_filter_by_what_the_household_is(client, homes, office, filters, count):
    assert len(shown(client, office, **filters)) == count


def test_withdrawn_leads_are_hidden_unless_asked_for(client, homes, round_2020q1, insurance_officer, office):
    pages.swept(round_2020q1, insurance_officer, homes[:1], office)
    assert shown(client, office) == ["覃明德"]
    assert len(shown(client, office, withdrawn="on")) == 3


def test_newest_round_is_chosen_unless_another_is(client, homes, county, office):
    from screening.quarters import Quarter
    from screening.rounds.opening import open_round

    open_round(county, Quarter(2020, 2), by=office)
    assert shown(client, office) == []
    assert len(shown(client, office, round="")) == 3


# ---- Export ----
def test_export_holds_the_rows_of_the_filter_without_numbers(homes, office):
    export = exports.find("leads")
    job = exports.start(export, f"township={factories.TOWNSHIP}", by=office)
    jobs.execute(job.pk)
    job.refresh_from_db()
    sheet = openpyxl.load_workbook(io.BytesIO(private_files.load(job.result["stored"]))).active
    cells = [cell.value for row in sheet.iter_rows() for cell in row]
    assert job.result["rows"] == 2
    assert "覃明德" in cells
    assert "蒙桂兰" not in cells
    assert any("合规自付合计 30,000.00 元" in str(cell) for cell in cells)
    assert homes[0].members.get().id_number not in cells


def test_export_is_offered_to_who_may(client, homes, office, village_cadre):
    start = reverse("common:export-start", args=["leads"])
    assert start in pages.words(pages.page(client, office, "screening:lead-list"))
    assert start not in pages.words(pages.page(client, village_cadre, "screening:lead-list"))
    assert client.post(start).status_code == 403


# ---- Panel of the household page ----
def panel(household, user) -> str:
    panels = [p for p in panels_for(household, user) if p.title == "风险线索"]
    return panels[0].html if panels else ""


def test_panel_tells_the_leads_of_the_household(homes, village_cadre):
    html = panel(homes[0], village_cadre)
    assert "2020 年第一季度" in html
    assert "合规自付合计 30,000.00 元" in html


def test_panel_greys_what_is_gone_with_its_day(homes, round_2020q1, insurance_officer, office, village_cadre):
    pages.swept(round_2020q1, insurance_officer, homes[1:], office)
    assert LeadReason.objects.filter(closed_at=None).count() == 2
    html = panel(homes[0], village_cadre)
    assert "比对时已不符合" in html
    assert "撤回" in html
    assert 'class="why"' not in html


def test_panel_is_not_for_departments(homes, insurance_officer):
    assert panel(homes[0], insurance_officer) == ""


def test_panel_stands_on_the_household_page(client, homes, office):
    home = Household.objects.get(head_name="覃明德")
    assert "合规自付合计 30,000.00 元" in pages.words(
        pages.page(client, office, "households:household-detail", home.uuid)
    )
