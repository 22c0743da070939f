"""Pages of comparison, verification and the proposed list, as each role uses them."""

import pytest
from django.urls import reverse

from fangpin.accounts.roles import Role
from screening.comparison import compare as comparison
from screening.comparison import readiness
from screening.models import Candidate, DepartmentInquiry, Verification
from tests import factories
from tests.screening.rounds import pages, quarter
from tests.screening.rounds.quarter import HOUSING, MEDICAL

pytestmark = pytest.mark.django_db
NAMES = ("覃明德", "陆凤娇", "蒙桂兰")


@pytest.fixture
def homes():
    made = [factories.household(names=[name]) for name in NAMES]
    for home in made:
        factories.income(home, "4000", year=2019)
    return made


@pytest.fixture
def compared(round_2020q1, homes, office, village_cadre):
    """Consistent, only online, only offline."""
    quarter.online(round_2020q1, homes[0]), quarter.offline(round_2020q1, homes[0], by=village_cadre)
    quarter.online(round_2020q1, homes[1])
    quarter.offline(round_2020q1, homes[2], HOUSING, by=village_cadre)
    comparison.compare_round(round_2020q1, by=office)
    return round_2020q1


def post(client, user, name, *args, **data):
    client.force_login(user)
    return client.post(reverse(f"screening:{name}", args=args), data, follow=True)


def task_of(home) -> Verification:
    return Verification.objects.get(household=home)


def test_the_board_has_a_column_a_side(client, compared, office):
    words = pages.words(pages.page(client, office, "screening:candidate-board", compared.uuid))
    for line in ("仅线上", "线上线下一致", "仅线下", *NAMES):
        assert line in words
    assert "户一致、风险不一致" not in words  # a column only where there is one


def test_the_board_says_both_sides(client, compared, office):
    words = pages.words(pages.page(client, office, "screening:candidate-board", compared.uuid))
    assert "合规自付合计" in words
    assert "村：未回复" in words


def test_the_board_costs_the_same_for_many(client, compared, office, village_cadre):
    few = pages.queries(client, office, "screening:candidate-board", compared.uuid)
    for _ in range(8):
        home = factories.household()
        quarter.online(compared, home), quarter.offline(compared, home, by=village_cadre)
    comparison.join_new_leads(compared)
    assert pages.queries(client, office, "screening:candidate-board", compared.uuid) == few


def test_the_list_costs_the_same_for_many(client, compared, office, village_cadre):
    few = pages.queries(client, office, "screening:candidate-list", compared.uuid)
    for _ in range(8):
        home = factories.household()
        quarter.online(compared, home), quarter.offline(compared, home, by=village_cadre)
    comparison.join_new_leads(compared)
    assert pages.queries(client, office, "screening:candidate-list", compared.uuid) == few


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"side": "online_only"}, ["陆凤娇"]),
        ({"state": "unlisted"}, ["覃明德"]),
        ({"risk": "housing"}, ["蒙桂兰"]),
        ({"above_line": "yes"}, []),
        ({"late": "on"}, []),
        ({"township": "451228100000"}, list(NAMES)),
    ],
)
def test_the_list_is_filtered(client, compared, office, query, names):
    client.force_login(office)
    response = client.get(reverse("screening:candidate-list", args=[compared.uuid]), query)
    assert [row.candidate.household.head_name for row in response.context["page"]] == names


def test_above_the_line_is_filtered_to_the_fen(client, compared, office, homes):
    homes[0].incomes.update(wages=500_000), homes[1].incomes.update(wages=500_001)
    client.force_login(office)
    response = client.get(reverse("screening:candidate-list", args=[compared.uuid]), {"above_line": "yes"})
    assert [row.candidate.household.head_name for row in response.context["page"]] == ["陆凤娇"]


def test_the_village_answers_and_the_township_confirms(
    client, compared, homes, village_cadre, township_officer
):
    task = task_of(homes[1])
    page = pages.page(client, village_cadre, "screening:verification-detail", task.uuid)
    assert "属实，家里扛不住" in pages.words(page)
    answer = {f"answer_{MEDICAL}": "cannot_bear", "words": "透析，借了钱", "visited_on": "2020-03-20"}
    post(client, village_cadre, "verification-detail", task.uuid, **answer)
    task.refresh_from_db()
    assert (task.state, task.words) == ("answered", "透析，借了钱")
    listed = pages.words(pages.page(client, township_officer, "screening:verification-list"))
    assert "透析，借了钱" in listed
    post(client, township_officer, "verification-settle", pick=[str(task.uuid)])
    assert Candidate.objects.get(household=homes[1]).state == "confirmed"


@pytest.mark.parametrize(("answered", "reader"), [(1, "village_cadre"), (2, "township_officer")])
def test_what_waits_for_the_reader_stands_first(
    client, compared, homes, village_cadre, request, answered, reader
):
    """The second household for the village, once the first is answered; the other way round at the
    township."""
    quarter.answered(homes[answered], by=village_cadre)
    listed = pages.page(client, request.getfixturevalue(reader), "screening:verification-list")
    assert [row.task.household for row in listed.context["page"]] == [homes[2], homes[1]]


def test_an_incomplete_answer_says_what_is_missing(client, compared, homes, village_cadre):
    task = task_of(homes[1])
    response = post(client, village_cadre, "verification-detail", task.uuid, visited_on="2020-03-20")
    assert response.status_code == 422
    assert "请选一个" in pages.words(response)
    task.refresh_from_db()
    assert task.state == "asked"


def test_an_answered_task_is_confirmed_once(client, compared, homes, village_cadre, township_officer):
    quarter.answered(homes[1], by=village_cadre)
    pick = {"pick": [str(task_of(homes[1]).uuid)]}
    post(client, township_officer, "verification-settle", **pick)
    again = post(client, township_officer, "verification-settle", **pick)
    assert "刚刚已办理" in pages.words(again)


def test_a_foreign_task_among_the_ticked_refuses_all(
    client, compared, homes, office, township_officer, village_cadre
):
    far = factories.household(village=factories.OTHER_TOWNSHIP_VILLAGE)
    quarter.online(compared, far)
    comparison.join_new_leads(compared)
    quarter.answered(homes[1], by=village_cadre)
    pick = [str(task_of(homes[1]).uuid), str(task_of(far).uuid)]
    response = post(client, township_officer, "verification-settle", pick=pick)
    assert "不属于您管辖范围" in pages.words(response)
    assert Candidate.objects.get(household=homes[1]).state == "to_verify"


def test_a_household_without_income_is_asked_for_an_estimate(client, compared, homes, village_cadre):
    homes[1].incomes.all().delete()
    task = task_of(homes[1])
    answer = {
        f"answer_{MEDICAL}": "cannot_bear",
        "visited_on": "2020-03-20",
        "income_wages": "12,000",
        "income_heads": "3",
    }
    post(client, village_cadre, "verification-detail", task.uuid, **answer)
    with_income = (
        readiness.with_income(Candidate.objects.filter(household=homes[1])).select_related("household").get()
    )
    income = readiness.income_of(with_income, 500_000)
    assert (income.per_head, income.source) == (400_000, "收入测算")


def test_the_office_lists_and_the_director_submits(
    client, compared, homes, office, director, village_cadre, township_officer
):
    for home in homes[1:]:
        quarter.confirmed(home, village=village_cadre, township=township_officer)
    post(client, office, "candidate-put-on-list", compared.uuid, all="1")
    assert Candidate.objects.listed().count() == 3
    refused = post(client, office, "round-submit", compared.uuid)
    assert refused.status_code == 403
    post(client, director, "round-submit", compared.uuid)
    compared.refresh_from_db()
    assert compared.state == "submitted"


def test_taking_off_the_list_needs_a_reason(client, compared, homes, office):
    pick = {"pick": [str(Candidate.objects.get(household=homes[0]).uuid)]}
    post(client, office, "candidate-put-on-list", compared.uuid, **pick)
    assert "原因" in pages.words(post(client, office, "candidate-take-off-list", compared.uuid, **pick))
    post(client, office, "candidate-take-off-list", compared.uuid, reason="材料要补", **pick)
    assert not Candidate.objects.listed().exists()


def test_a_department_replies_to_its_own_inquiry(client, compared, homes):
    housing = factories.user("dept-housing", Role.DEPARTMENT, factories.COUNTY, "housing")
    inquiry = DepartmentInquiry.objects.get(candidate__household=homes[2])
    assert "蒙桂兰" in pages.words(pages.page(client, housing, "screening:inquiry-list"))
    post(client, housing, "inquiry-reply", inquiry.uuid, reply="none")
    inquiry.refresh_from_db()
    assert (inquiry.reply, inquiry.replied_by) == ("none", housing)


def test_a_record_wants_words(client, compared, homes):
    housing = factories.user("dept-housing", Role.DEPARTMENT, factories.COUNTY, "housing")
    inquiry = DepartmentInquiry.objects.get(candidate__household=homes[2])
    post(client, housing, "inquiry-reply", inquiry.uuid, reply="record")
    inquiry.refresh_from_db()
    assert inquiry.reply == ""


def test_one_answer_for_a_hamlet_that_shares_its_water(client, round_2020q1, office, village_cadre):
    from households.models import Hamlet

    hamlet = Hamlet.objects.create(village_id=factories.VILLAGE, name="那朵屯")
    homes = [factories.household(hamlet=hamlet) for _ in range(3)]
    for home in homes:
        quarter.offline(round_2020q1, home, "water.unsafe", by=village_cadre)
    comparison.compare_round(round_2020q1, by=office)
    assert "一起回复" in pages.words(pages.page(client, village_cadre, "screening:verification-list"))
    picks = [str(task_of(home).uuid) for home in homes]
    post(
        client,
        village_cadre,
        "verification-answer-together",
        pick=picks,
        answer="cannot_bear",
        words="水池裂了",
    )
    assert set(Verification.objects.values_list("state", flat=True)) == {"answered"}


def test_collecting_again_and_comparing_again(client, compared, office):
    post(client, office, "round-collect", compared.uuid, reason="医保局重报")
    compared.refresh_from_db()
    assert compared.state == "open"
    post(client, office, "round-compare", compared.uuid)
    compared.refresh_from_db()
    assert compared.state == "compared"


def test_home_tells_each_role_its_next_step(client, compared, office, village_cadre, township_officer, homes):
    assert "去核实" in pages.words(pages.page(client, village_cadre, "home"))
    quarter.answered(homes[1], by=village_cadre)
    assert "村里已回复 1 户" in pages.words(pages.page(client, township_officer, "home"))
    assert "一致和核实属实的 1 户待列入" in pages.words(pages.page(client, office, "home"))


def test_a_reminder_names_no_household(client, compared, township_officer, homes):
    Verification.objects.update(due_on="2020-01-02")
    response = pages.page(client, township_officer, "home")
    texts = [line.copy for line in response.context["lines"] if line.copy]
    assert texts
    assert not any(name in text for text in texts for name in NAMES)
