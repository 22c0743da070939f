"""Area leads are verified hamlet by hamlet: three hamlets of forty households are three answers."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fangpin.common.models import StatusRecord
from fangpin.common.refusals import Refused
from households.models import Case, Hamlet, Household
from screening.comparison import compare as comparison
from screening.comparison import confirming, hamlet_answers
from screening.models import Answer, Candidate, FieldEntry, Lead, Verification, VerificationAnswer
from screening.sweep import jobs
from tests import factories
from tests.books import dry_place
from tests.screening.rounds import pages, quarter

pytestmark = pytest.mark.django_db
WATER = "water.unsafe"
HAMLETS = ("弄怀屯", "弄池屯", "弄拉屯")


def homes_of(name: str | None, count: int, **fields) -> list[Household]:
    place = Hamlet.objects.create(village_id=factories.VILLAGE, name=name) if name else None
    return [factories.household(hamlet=place, **fields) for _ in range(count)]


@pytest.fixture
def compared(round_2020q1, office):
    def compare(*homes: Household, code: str = WATER):
        for home in homes:
            quarter.online(round_2020q1, home, code)
        comparison.compare_round(round_2020q1, by=office)
        return Verification.objects.filter(household__in=homes)

    return compare


def groups(user) -> list[tuple[str, str, int]]:
    groups = hamlet_answers.groups(Verification.objects.for_user(user))
    return [(group.place, group.subject.code, len(group.tasks)) for group in groups]


def statements(work) -> int:
    with CaptureQueriesContext(connection) as taken:
        work()
    return len(taken)


# --- three answers
# ------------------------------------------------------------------------------------------------


def test_three_hamlets_of_forty_are_three_answers(desk, client, round_2020q1, office, village_cadre):
    """From the department's list to the last answer, as the cadre does it on the page."""
    for name in HAMLETS:
        homes_of(name, 40)
    desk.feed("water_shortage", *(dry_place(name) for name in HAMLETS))
    jobs.sweep_now(round_2020q1, by=office)
    assert Lead.objects.filter(subcriterion=WATER).count() == 120
    comparison.compare_round(round_2020q1, by=office)
    shown = pages.page(client, village_cadre, "screening:verification-list")
    assert [(group.place, len(group.tasks)) for group in shown.context["together"]] == [
        (name, 40) for name in sorted(HAMLETS)
    ]
    words = pages.words(shown)
    assert "弄怀屯：饮水 40 户" in words
    assert "弄怀屯全屯水源污染" in words
    for group in shown.context["together"]:
        data = {
            "pick": [str(task.uuid) for task in group.tasks],
            "answer": "cannot_bear",
            "words": "水池裂了",
        }
        client.post(reverse("screening:verification-answer-together"), data)
    assert Verification.objects.filter(state="answered", words="水池裂了").count() == 120
    assert VerificationAnswer.objects.filter(subcriterion=WATER, answer="cannot_bear").count() == 120
    assert groups(village_cadre) == []


def test_one_answer_costs_the_same_for_many(compared, village_cadre):
    few, many = homes_of("弄怀屯", 2), homes_of("弄池屯", 40)
    compared(*few, *many)
    taken = [
        statements(
            lambda homes=homes: hamlet_answers.answer_together(
                Verification.objects.filter(household__in=homes), "copes", by=village_cadre, words="修好了"
            )
        )
        for homes in (few, many)
    ]
    assert taken[0] == taken[1] <= 17


def test_groups_cost_the_same_for_many(client, compared, village_cadre):
    compared(*homes_of("弄怀屯", 2), *homes_of("弄顶屯", 1), *homes_of(None, 50))  # more than a page
    few = pages.queries(client, village_cadre, "screening:verification-list")
    compared(*homes_of("弄池屯", 60), *homes_of("弄拉屯", 2))
    assert pages.queries(client, village_cadre, "screening:verification-list") == few


# --- what belongs together
# -------------------------------------------------------------------------------------------


def test_group_is_of_one_hamlet_and_one_situation(compared, round_2020q1, village_cadre):
    one, two, three, four = homes_of("弄怀屯", 4)
    quarter.online(round_2020q1, four, quarter.MEDICAL)
    compared(one, two, three, four, *homes_of("弄池屯", 1))
    assert groups(village_cadre) == [("弄怀屯", WATER, 3)]


def test_group_of_households_without_a_hamlet(compared, village_cadre):
    compared(*homes_of(None, 3))
    assert groups(village_cadre) == [("镇南社区居委会没有登记屯的户", WATER, 3)]


def test_group_is_of_what_is_asked_alike(compared, village_cadre, township_officer):
    """Sent back together, answered together; apart from those that were only now asked."""
    tasks = compared(*homes_of("弄怀屯", 5))
    back = Verification.objects.filter(pk__in=[task.pk for task in tasks.order_by("pk")[:2]])
    hamlet_answers.answer_together(back, "cannot_bear", by=village_cadre, words="没水")
    confirming.ask_again(back, by=township_officer, reason="请写清楚哪个水池")
    assert sorted(groups(village_cadre)) == [("弄怀屯", WATER, 2), ("弄怀屯", WATER, 3)]


def test_group_leaves_out_what_is_answered(compared, village_cadre):
    homes = homes_of("弄怀屯", 3)
    compared(*homes)
    quarter.answered(homes[0], by=village_cadre)
    assert groups(village_cadre) == [("弄怀屯", WATER, 2)]


def test_groups_stand_on_the_first_page_alone(client, compared, village_cadre):
    compared(*homes_of("弄怀屯", 55))
    first = pages.page(client, village_cadre, "screening:verification-list")
    assert [len(group.tasks) for group in first.context["together"]] == [55]
    assert client.get(first.context["page"].next_url).context["together"] == []


def test_township_sees_no_group(client, compared, township_officer):
    compared(*homes_of("弄怀屯", 3))
    assert pages.page(client, township_officer, "screening:verification-list").context["together"] == []


# --- the answer
# ----------------------------------------------------------------------------------------------------


def test_answer_does_what_one_answer_does(compared, office, round_2020q1, village_cadre, township_officer):
    """Row for row what the village's answer to each of them would have left."""
    alone, *others = homes_of("弄怀屯", 3)
    compared(alone, *others)
    quarter.answered(alone, Answer.CANNOT_BEAR, by=village_cadre, words="水池裂了")
    tasks = Verification.objects.filter(household__in=others)
    assert hamlet_answers.answer_together(tasks, "cannot_bear", by=village_cadre, words=" 水池裂了 ") == 2
    left = {
        (
            task.state,
            task.words,
            task.answered_by_id,
            task.visited_on,
            tuple(task.answers.values_list("subcriterion", "answer", "words")),
            tuple(
                StatusRecord.objects.filter(model="screening.verification", object_id=task.pk).values_list(
                    "transition", "opinion"
                )
            ),
            Lead.objects.get(household=task.household_id).acted_at is not None,
            task.candidate.state,
        )
        for task in Verification.objects.all()
    }
    assert len(left) == 1
    confirming.settle_tasks(Verification.objects.all(), by=township_officer)
    assert set(Candidate.objects.values_list("state", flat=True)) == {"confirmed"}


def test_answer_on_an_open_case(compared, village_cadre):
    homes = homes_of("弄怀屯", 2, status="lifted")
    Case.objects.create(
        household=homes[0], category="monitored", origin="look_back", identified_on="2019-11-01"
    )
    tasks = compared(*homes)
    assert hamlet_answers.answer_together(tasks, "cannot_bear", by=village_cadre, words="没水") == 2
    assert set(tasks.values_list("state", flat=True)) == {"answered"}


def test_answer_of_a_deferred_household_needs_no_township(compared, round_2020q1, village_cadre):
    tasks = compared(*homes_of("弄怀屯", 2))
    tasks.update(kind=Verification.Kind.RECHECK)
    hamlet_answers.answer_together(tasks, "cannot_bear", by=village_cadre, words="还是没水")
    assert set(tasks.values_list("state", flat=True)) == {"settled"}
    assert set(Candidate.objects.values_list("state", flat=True)) == {"confirmed"}


@pytest.mark.parametrize("words", ["", "  "])
def test_answer_needs_words(compared, village_cadre, words):
    with pytest.raises(Refused, match="请写一句"):
        hamlet_answers.answer_together(
            compared(*homes_of("弄怀屯", 2)), "untrue", by=village_cadre, words=words
        )


@pytest.mark.parametrize("given", ["", "perhaps"])
def test_answer_is_one_of_four(compared, village_cadre, given):
    with pytest.raises(Refused, match="四个答案"):
        hamlet_answers.answer_together(
            compared(*homes_of("弄怀屯", 2)), given, by=village_cadre, words="看过"
        )


def test_answer_of_two_hamlets_is_refused(compared, village_cadre):
    tasks = compared(*homes_of("弄怀屯", 1), *homes_of("弄池屯", 1))
    with pytest.raises(Refused, match="同一个屯"):
        hamlet_answers.answer_together(tasks, "untrue", by=village_cadre, words="看过")
    assert set(tasks.values_list("state", flat=True)) == {"asked"}


def test_answer_of_two_situations_is_refused(compared, round_2020q1, village_cadre):
    homes = homes_of("弄怀屯", 2)
    quarter.online(round_2020q1, homes[0], quarter.MEDICAL)
    with pytest.raises(Refused, match="同一种情形"):
        hamlet_answers.answer_together(compared(*homes), "untrue", by=village_cadre, words="看过")


def test_answer_about_kin_is_refused_by_name(compared, round_2020q1, village_cadre):
    homes = homes_of("弄怀屯", 3)
    tasks = compared(*homes)
    FieldEntry.objects.create(
        digest="x",
        round=round_2020q1,
        village_id=homes[1].village_id,
        household=homes[1],
        visited_on="2020-03-11",
        way="visit",
        visitors="蓝桂芳",
        source="cadre",
        is_kin=True,
        by=village_cadre,
    )
    with pytest.raises(Refused, match=homes[1].head_name):
        hamlet_answers.answer_together(tasks, "untrue", by=village_cadre, words="看过")
    assert set(tasks.values_list("state", flat=True)) == {"asked"}


def test_answer_of_nothing_is_refused(village_cadre):
    with pytest.raises(Refused, match="请先勾选"):
        hamlet_answers.answer_together(Verification.objects.none(), "untrue", by=village_cadre, words="看过")
