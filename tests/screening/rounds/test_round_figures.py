"""From rows to leads on the page of a round: numbers, where they lead, the chart's table, the text for the
director."""

import datetime

import pytest
from django.urls import reverse

from fangpin.common.models import Job, JobState
from screening.comparison import compare as comparison
from screening.feeds import deliveries
from screening.leads import chart as lead_chart
from screening.leads import figures
from screening.models import Lead, Source
from screening.rounds import briefing
from screening.rounds import opening as rounds
from screening.sweep import funnel, jobs, progress
from tests import factories
from tests.screening.rounds import pages
from tests.screening.rounds.test_rounds import release

pytestmark = pytest.mark.django_db
RULE = "medical.out_of_pocket/medical_settlement"
EMPLOYEE = (*pages.SPENT[:-1], "职工")
WHEN = datetime.date(2020, 1, 20)


@pytest.fixture
def swept(round_2020q1, insurance_officer, office):
    """Of seven rows one is refused, two are set aside; one of those matched is of the other scheme; one
    household is registered as poor, of the rest one is reported by the village too."""
    good, poor, employed = (
        pages.ill_households(2),
        pages.ill_households(1, status="registered"),
        factories.household(),
    )
    twin = factories.household()
    people = pages.heads(good + poor)
    employee, bad = pages.heads([employed])[0], pages.heads([twin])[0]
    extra = [
        (employee.name, employee.id_number, *EMPLOYEE),
        ("李四", pages.STRANGER, *pages.SPENT),
        (people[0].name, people[0].id_number, *pages.SPENT),  # once more
        (bad.name, "123", *pages.SPENT),
    ]
    pages.deliver(round_2020q1, insurance_officer, pages.medical_list(*people, extra=extra))
    jobs.sweep_now(round_2020q1, by=office)
    Lead.objects.create(
        round=round_2020q1,
        household=good[0],
        source=Source.OFFLINE,
        subcriterion="housing.unsafe",
        category="marginal",
        above_line=False,
        in_case=False,
    )
    round_2020q1.refresh_from_db()
    return round_2020q1


def line_of(round, user):
    lines = funnel.lines(round, user, progress.last_whole_sweep(round))
    return next(line for line in lines if line.kind.code == "medical_settlement")


def test_funnel_counts_each_step(swept, office):
    line = line_of(swept, office)
    numbers = {
        name: getattr(line, name).n
        for name in (
            "read",
            "refused",
            "set_aside",
            "matched",
            "qualifying",
            "households",
            "registered",
            "above_line",
            "leads",
            "both",
        )
    }
    assert numbers == {
        "read": 7,
        "refused": 1,
        "set_aside": 2,
        "matched": 4,
        "qualifying": 3,
        "households": 3,
        "registered": 1,
        "above_line": 0,
        "leads": 2,
        "both": 1,
    }
    assert line.read.n == line.refused.n + line.set_aside.n + line.matched.n


def test_funnel_totals_count_a_household_once(swept, office):
    lines = funnel.lines(swept, office, progress.last_whole_sweep(swept))
    assert funnel.totals(swept, office, lines) == {
        "read": 7,
        "refused": 1,
        "set_aside": 2,
        "matched": 4,
        "leads": 2,
        "both": 1,
    }


def test_every_number_that_leads_somewhere_leads_to_as_many(client, swept, office):
    line = line_of(swept, office)
    client.force_login(office)
    for name in ("households", "registered", "leads"):
        number = getattr(line, name)
        assert client.get(number.url).context["page"].count == number.n, name
    for name in ("refused", "set_aside"):
        number = getattr(line, name)
        assert client.get(number.url.partition("#")[0]).context["page"].count == number.n, name


def test_who_may_not_open_lists_gets_no_link_to_them(swept):
    leader = factories.user("leader", "leading_group", factories.COUNTY)
    line = line_of(swept, leader)
    assert (line.set_aside.n, line.set_aside.url, line.matched.url) == (2, "", "")
    assert line.leads.url


def test_lists_not_delivered_are_told(client, swept, office):
    shown = pages.words(pages.page(client, office, "screening:round-detail", swept.uuid))
    assert '<td class="muted" colspan="5">未报送</td>' in shown


def test_households_kept_out_by_the_gate_are_listed(client, county, office, insurance_officer):
    release("income.gate", "require", WHEN)
    from screening.quarters import Quarter

    round = rounds.open_round(county, Quarter(2020, 1), by=office)
    rich, poor = pages.ill_households(2)
    factories.income(rich, "9000.00", year=2019)
    factories.income(poor, "3000.00", year=2019)
    pages.deliver(round, insurance_officer, pages.medical_list(*pages.heads([rich, poor])))
    jobs.sweep_now(round, by=office)
    line = line_of(round, office)
    assert (line.households.n, line.above_line.n, line.leads.n) == (2, 1, 1)
    client.force_login(office)
    assert [home.pk for home in client.get(line.above_line.url).context["page"]] == [rich.pk]


def test_found_households_are_those_of_ones_own_area(client, swept, insurance_officer, office, village_cadre):
    response = pages.page(client, village_cadre, "screening:round-found", swept.uuid, rule=RULE, group="all")
    assert response.context["page"].count == 3
    elsewhere = factories.user("v2", "village_cadre", factories.SISTER_VILLAGE)
    response = pages.page(client, elsewhere, "screening:round-found", swept.uuid, rule=RULE, group="all")
    assert response.context["page"].count == 0


@pytest.mark.parametrize("query", [{}, {"rule": "nothing"}, {"rule": RULE, "group": "nobody"}])
def test_found_without_a_rule_is_not_found(client, swept, office, query):
    assert pages.page(client, office, "screening:round-found", swept.uuid, **query).status_code == 404


def test_chart_and_table_have_the_figures_of_the_leads(client, swept, office):
    table = figures.lead_table(swept, office)
    shown = lead_chart.by_criterion(table)
    assert [total for _, total in shown["columns"]] == [
        sum(series["values"]) for series in shown["chart"]["series"]
    ]
    assert sum(total for _, total in shown["columns"]) == table["total"] == 3
    words = pages.words(pages.page(client, office, "screening:round-detail", swept.uuid))
    assert 'id="leads-chart"' in words
    assert "echarts.simple.min.js" in words


def test_chart_of_too_many_places_is_left_to_the_table(swept, office):
    table = figures.lead_table(swept, office)
    table["rows"] *= lead_chart.PLACES_DRAWN + 1
    assert lead_chart.by_criterion(table)["chart"] is None


def test_briefing_has_bodies_and_figures_and_nobody(swept, office):
    lines = deliveries.deliveries(swept, office)
    missing = [line for line in lines if line.accepted is None]
    text = briefing.of_round(swept, office, owed=len(lines), missing=missing)
    assert f"部门数据应报{len(lines)}类、已报1类，未报的有" in text
    assert "风险线索2户，其中线上2户、线下1户" in text
    assert "医疗2户" in text
    assert "住房1户" in text
    assert "韦测" not in text
    comparison.compare_round(swept, by=office)
    swept.refresh_from_db()
    assert "线上线下对比2户" in briefing.of_round(swept, office, owed=len(lines), missing=missing)


def test_progress_tells_each_rule(client, round_2020q1, office):
    job = jobs.start_sweep(round_2020q1, by=office)
    result = {"rules": [{"rule": "education.dropout/school_dropout", "found": 4}]}
    from screening import criteria

    first = next(iter(criteria.rules()))
    result["rules"][0]["rule"] = first
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, steps_done=2, steps_total=9, result=result)
    shown = pages.page(client, office, "screening:round-progress", round_2020q1.uuid)
    states = [rule.state for rule in shown.context["progress"].rules]
    assert states[:2] == ["done", "on"]
    assert set(states[2:]) <= {"todo"}
    assert "符合 4 户" in pages.words(shown)
    assert "取消比对" in pages.words(pages.page(client, office, "screening:round-detail", round_2020q1.uuid))


def test_progress_of_an_ended_sweep_loads_the_page_anew(client, swept, office):
    shown = pages.page(client, office, "screening:round-progress", swept.uuid)
    assert shown["HX-Refresh"] == "true"


def test_office_cancels_a_sweep(client, round_2020q1, office, director):
    job = jobs.start_sweep(round_2020q1, by=office)
    address = reverse("screening:round-sweep-cancel", args=[round_2020q1.uuid])
    client.force_login(director)
    assert client.post(address).status_code == 403
    client.force_login(office)
    assert client.get(address).status_code == 405
    shown = pages.words(client.post(address, follow=True))
    assert "数据比对已取消" in shown
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert "已由韦晓宁取消" in shown
    assert "没有要取消的" in pages.words(client.post(address, follow=True))
