"""逐条说明: why a household is on the online list and why not, each rule in words, on a page."""

import pytest

from households.models import Household
from screening.leads import why_not
from screening.leads.why_not import Verdict
from screening.models import Round
from tests import factories
from tests.books import dangerous_home, dry_place, loss, settlement, student
from tests.screening.rounds import pages

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _round(round_2020q1):
    pass


@pytest.fixture
def home() -> Household:
    return factories.household(status="lifted", number="H", members=2)


def lines_of(home: Household) -> dict[str, why_not.Line]:
    """Rule's code → what is said of the household."""
    round = Round.objects.get(year=2020, quarter=1)
    home.refresh_from_db()
    explanation = why_not.explain(round, home)
    return {line.rule.code: line for section in explanation.sections for line in section.lines}


MEDICAL = "medical.out_of_pocket/medical_settlement"
HOUSING = "housing.unsafe/unsafe_housing"


def test_every_rule_has_a_word_for_a_household_of_which_nothing_is_known(home):
    lines = lines_of(home)
    assert len(lines) == 11
    assert {line.verdict for line in lines.values()} == {Verdict.NOT_DELIVERED}
    assert "医保局还没有报送" in lines[MEDICAL].words or "还没有报送" in lines[MEDICAL].words


def test_delivered_list_without_the_household_says_so(desk, home):
    other = factories.household(status="lifted").members.get()
    desk.feed("medical_settlement", settlement(other))
    line = lines_of(home)[MEDICAL]
    assert line.verdict == Verdict.NO_ROWS
    assert line.words.startswith("医保清单里没有这户的记录")


def test_sum_below_the_standard_is_named_with_the_standard(desk, home):
    desk.feed("medical_settlement", settlement(home.members.first(), "8200.00"))
    line = lines_of(home)[MEDICAL]
    assert line.verdict == Verdict.NOT_MET
    assert "8,200.00 元" in line.words and "20,000.00 元" in line.words


def test_found_and_swept_is_the_leads_own_sentence(desk, home):
    desk.feed("unsafe_housing", dangerous_home(home.members.first()))
    assert lines_of(home)[HOUSING].verdict == Verdict.WAITING
    desk.sweep()
    line = lines_of(home)[HOUSING]
    assert line.verdict == Verdict.LISTED
    assert "住建名单第 2 行" in line.words and "第七条（一）3" in line.words


def test_not_yet_lifted_is_told_as_the_reason(desk):
    home = factories.household(status="registered")
    desk.feed("unsafe_housing", dangerous_home(home.members.get()))
    desk.sweep()
    line = lines_of(home)[HOUSING]
    assert line.verdict == Verdict.KEPT_OUT
    assert "建档立卡未脱贫户" in line.words


def test_income_above_the_line_keeps_out_where_the_gate_says_so(desk, home):
    factories.income(home, "10000.02", 2019)
    round = Round.objects.get(year=2020, quarter=1)
    round.policy["income.gate"]["value"] = "require"
    round.save(update_fields=["policy"])
    desk.feed("unsafe_housing", dangerous_home(home.members.first()))
    desk.sweep()
    line = lines_of(home)[HOUSING]
    assert line.verdict == Verdict.KEPT_OUT
    assert "5,000.01 元" in line.words and "5,000.00 元" in line.words


def test_area_row_reaches_the_household_of_its_village(desk, home):
    desk.feed("water_shortage", dry_place())
    desk.sweep()
    assert lines_of(home)["water.unsafe/water_shortage"].verdict == Verdict.LISTED


def test_one_of_two_departments_missing_is_told(desk, home):
    desk.feed("disaster_loss", loss(home.members.first(), "1.00"))
    line = lines_of(home)["livelihood.production_loss/disaster_loss"]
    assert line.verdict == Verdict.NOT_MET
    assert "还没有报送）" in line.words


def test_page_tells_all_and_costs_the_same_for_many_rows(client, office, desk, home):
    round = Round.objects.get(year=2020, quarter=1)
    pupil = home.members.last()
    desk.feed("student_hardship", student(pupil, "100.00"))
    few = pages.queries(client, office, "screening:household-why", round.uuid, home.uuid)
    desk.feed("student_hardship", *(student(pupil, f"{n}.00") for n in range(1, 30)))
    shown = pages.page(client, office, "screening:household-why", round.uuid, home.uuid)
    assert pages.queries(client, office, "screening:household-why", round.uuid, home.uuid) <= few + 2 <= 52
    words = pages.words(shown)
    assert "为什么列入、为什么不列入" in words and "没有列入" in words
    assert "本季度村里还没有上报这户" in words


def test_household_page_leads_there(client, office, home):
    shown = pages.page(client, office, "households:household-detail", home.uuid)
    assert "逐条看为什么列入、为什么不列入" in pages.words(shown)


def test_household_of_another_village_is_not_found(client, home):
    cadre = factories.user("elsewhere", "village_cadre", factories.OTHER_TOWNSHIP_VILLAGE)
    round = Round.objects.get(year=2020, quarter=1)
    client.force_login(cadre)
    assert client.get(f"/screening/rounds/{round.uuid}/why/{home.uuid}/").status_code == 404
