import datetime
import io

import openpyxl
import pytest
from django.core.cache import cache
from django.urls import reverse

from fangpin.accounts.roles import Role
from fangpin.common import exports, jobs
from fangpin.common.files import private_files
from fangpin.common.models import Job
from fangpin.policy import revisions
from screening.models import Change, Simulation
from screening.simulation import tables as simulation_tables
from screening.simulation.run import Outcome
from tests import factories
from tests.books import settlement
from tests.screening.rounds.pages import page, queries, words

pytestmark = pytest.mark.django_db
MEDICAL = "medical.threshold"
DAY = datetime.date(2099, 1, 1)


@pytest.fixture
def region(db):
    return factories.user("region", Role.REGION, "450000000000", name="区办")


@pytest.fixture
def homes(desk, round_2020q1):
    """Two with 15,000.00 of their own, in two townships, and one with 30,000.00."""
    places = (factories.VILLAGE, factories.OTHER_TOWNSHIP_VILLAGE, factories.VILLAGE)
    made = [
        factories.household(status="lifted", village=place, names=[name])
        for place, name in zip(places, NAMES, strict=True)
    ]
    spent = ("15000.00", "15000.00", "30000.00")
    rows = [settlement(home.members.get(), own) for home, own in zip(made, spent, strict=True)]
    desk.feed("medical_settlement", *rows)
    desk.sweep()
    return made


NAMES = ("覃明德", "陆凤娇", "蒙桂兰")


def asked(client, user, round, **data):
    client.force_login(user)
    cache.clear()
    return client.post(reverse("screening:simulation-new"), {"round": str(round.uuid)} | data)


def done(client, user, round, **data) -> Simulation:
    assert asked(client, user, round, **({f"v-{MEDICAL}": "15000"} | data)).status_code == 302
    made = Simulation.objects.latest("pk")
    jobs.execute(Job.objects.get(key=f"simulate:{made.pk}").pk)
    return made


def test_asked_for_followed_and_shown(client, homes, round_2020q1, office):
    answer = asked(client, office, round_2020q1, **{f"v-{MEDICAL}": "15000"})
    made = Simulation.objects.get()
    assert answer.url == reverse("screening:simulation-detail", args=[made.uuid])
    if made.done_at is None:
        assert "正在试算" in words(page(client, office, "screening:simulation-detail", made.uuid))
        jobs.execute(Job.objects.get(key=f"simulate:{made.pk}").pk)
    shown = words(page(client, office, "screening:simulation-detail", made.uuid))
    assert "增加 2 户、减少 0 户，合计多 2 户，相当于现有风险线索（1 户）的 200.0%" in shown
    assert "20,000.00 元" in shown and "15,000.00 元" in shown and "没有改动任何数据" in shown
    assert "覃明德" in shown and "蒙桂兰" not in shown
    assert "2 户" in words(page(client, office, "screening:simulation-list"))


def test_region_sees_counts_and_no_household(client, homes, round_2020q1, region):
    made = done(client, region, round_2020q1)
    shown = page(client, region, "screening:simulation-detail", made.uuid)
    assert "增加 2 户" in words(shown) and "覃明德" not in words(shown)
    assert "page" not in shown.context


def test_households_are_filtered(client, homes, round_2020q1, office):
    made = done(client, office, round_2020q1)
    shown = page(client, office, "screening:simulation-detail", made.uuid, township="451228101000")
    assert [line.row.household.head_name for line in shown.context["page"]] == ["陆凤娇"]
    none = page(client, office, "screening:simulation-detail", made.uuid, change="dropped")
    assert "没有符合条件的户" in words(none)


def test_list_takes_the_same_number_of_queries_whatever_there_is(client, homes, desk, round_2020q1, office):
    made = done(client, office, round_2020q1)
    one = queries(client, office, "screening:simulation-detail", made.uuid, township="451228101000")
    two = queries(client, office, "screening:simulation-detail", made.uuid)
    assert two <= one


def test_draft_is_simulated_from_its_page(client, homes, round_2020q1, region):
    draft = revisions.draft(
        {MEDICAL: 1_500_000}, holds_from=DAY, document="桂〔2099〕1号", reason="试", by=region
    )
    shown = page(client, region, "screening:simulation-new", revision=str(draft.uuid))
    assert shown.context["form"]["revision"].value() == str(draft.uuid)
    made = done(client, region, round_2020q1, revision=str(draft.uuid), **{f"v-{MEDICAL}": ""})
    assert made.revision == draft
    shown = words(page(client, region, "policy:revision-detail", draft.uuid))
    assert reverse("screening:simulation-detail", args=[made.uuid]) in shown


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ({}, "还没有选按什么试算"),
        ({f"v-{MEDICAL}": "20000"}, "完全相同"),
        ({f"v-{MEDICAL}": "-1"}, "金额要大于 0"),
        ({"day": "2019-01-01"}, "没有已发布的政策参数"),
        ({"v-labour.age_from": "70"}, "不能大于"),
    ],
)
def test_form_says_what_is_wrong(client, homes, round_2020q1, office, data, shown):
    answer = asked(client, office, round_2020q1, **data)
    assert answer.status_code == 422 and shown in words(answer)
    assert not Simulation.objects.exists()


def test_round_of_another_county_is_not_offered(client, round_2020q1):
    other = factories.user("other", Role.OFFICE, factories.OTHER_COUNTY)
    assert asked(client, other, round_2020q1, **{f"v-{MEDICAL}": "15000"}).status_code == 422
    assert not Simulation.objects.exists()


def test_nothing_to_simulate_yet(client, office):
    assert "还没有开启过排查" in words(page(client, office, "screening:simulation-new"))
    assert "还没有试算" in words(page(client, office, "screening:simulation-list"))


def test_export_has_the_rows_of_the_filter(client, homes, round_2020q1, office, settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path
    made = done(client, office, round_2020q1)
    job = exports.start(
        exports.find("simulation"), f"simulation={made.uuid}&township=451228101000", by=office
    )
    jobs.execute(job.pk)
    job.refresh_from_db()
    sheet = openpyxl.load_workbook(io.BytesIO(private_files.load(job.result["stored"]))).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert job.result["rows"] == 1 and any("陆凤娇" in row for row in cells)


def test_export_of_another_place_is_empty(client, homes, round_2020q1, office):
    made = done(client, office, round_2020q1)
    other = factories.user("other", Role.OFFICE, factories.OTHER_COUNTY)
    export = exports.find("simulation")
    from django.http import QueryDict

    assert export.queryset(office, QueryDict(f"simulation={made.uuid}")).count() == 2
    assert export.queryset(other, QueryDict(f"simulation={made.uuid}")).count() == 0


@pytest.mark.parametrize(
    ("added", "dropped", "present", "shown"),
    [
        (2, 0, 80, "合计多 2 户，相当于现有风险线索（80 户）的 2.5%"),
        (0, 1, 3, "合计少 1 户，相当于现有风险线索（3 户）的 33.3%"),
        (1, 1, 3, "合计不变，相当于现有风险线索（3 户）的 0.0%"),
        (1, 0, 0, "还没有风险线索，不能算占比"),
    ],
)
def test_cost_in_words(added, dropped, present, shown):
    outcome = Outcome([], present=present)
    outcome.households[Change.ADDED, "marginal", False] = added
    outcome.households[Change.DROPPED, "marginal", False] = dropped
    assert shown in simulation_tables.cost(outcome)
