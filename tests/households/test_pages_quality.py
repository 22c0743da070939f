import datetime

import pytest
from django.urls import reverse

from fangpin.common.models import Job
from households import quality
from households.models import KnownDoubt
from households.quality import reports
from tests import factories
from tests.screening.rounds.pages import page, queries, words

LIST, DETAIL = "households:quality-list", "households:quality-detail"


@pytest.fixture
def doubtful(county):
    """Two of the township, one of another township, one of another county; counted."""
    homes = [
        factories.household(names=["韦无屯"], number="N1"),
        factories.household(names=["覃无屯"], number="N2"),
        factories.household(names=["外镇户"], village=factories.OTHER_TOWNSHIP_VILLAGE),
        factories.household(names=["外县户"], village=factories.OTHER_COUNTY_VILLAGE),
    ]
    reports.make_report(county)
    return homes


def number_of(response, code: str) -> int:
    lines = [line for _, lines in response.context["groups"] for line in lines]
    return next((line["number"] for line in lines if line["check"].code == code), 0)


def test_list_counts_ones_own_area(client, doubtful, office, township_officer):
    assert number_of(page(client, township_officer, LIST), "hamlet_blank") == 2
    assert number_of(page(client, office, LIST), "hamlet_blank") == 3


def test_list_before_the_first_check_says_so(client, township_officer):
    assert "还没有检查过" in words(page(client, township_officer, LIST))


def test_list_takes_few_queries(client, doubtful, office):
    assert queries(client, office, LIST) <= 33


def test_check_runs_in_the_background(client, county, office, django_capture_on_commit_callbacks):
    factories.household()
    client.force_login(office)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(reverse("households:quality-run")).status_code == 302
    assert Job.objects.get(kind=reports.KIND).state == "done"
    assert number_of(client.get(reverse(LIST)), "hamlet_blank") == 1


def test_detail_shows_rows_of_the_area_and_what_to_do(client, doubtful, township_officer):
    shown = words(page(client, township_officer, DETAIL, "hamlet_blank"))
    assert "韦无屯" in shown and "覃无屯" in shown
    assert "外镇户" not in shown and "外县户" not in shown
    assert quality.find("hamlet_blank").remedy in shown


def test_detail_narrowed_to_another_township_finds_nothing_there(client, doubtful, township_officer):
    shown = words(
        page(client, township_officer, DETAIL, "hamlet_blank", village=factories.OTHER_TOWNSHIP_VILLAGE)
    )
    assert "外镇户" not in shown


def test_detail_of_persons_takes_as_many_queries_for_two_as_for_forty(client, office):
    def some(count):
        for _ in range(count):
            factories.household(births=[datetime.date(1975, 1, 1)])

    some(2)
    few = queries(client, office, DETAIL, "ethnic_blank")
    some(38)
    assert queries(client, office, DETAIL, "ethnic_blank") == few <= 33


def test_list_folds_what_found_nothing(client, doubtful, township_officer):
    answer = page(client, township_officer, LIST)
    assert "very_old" in [check.code for check in answer.context["clean"]]
    assert "hamlet_blank" not in [check.code for check in answer.context["clean"]]


def test_unknown_check_is_not_found(client, office):
    assert page(client, office, DETAIL, "nothing").status_code == 404


def test_mark_and_back(client, doubtful, township_officer):
    home = doubtful[0]
    client.force_login(township_officer)
    address = reverse("households:quality-mark", args=["hamlet_blank"])
    client.post(address, {"pick": [home.pk], "words": ""})
    assert not KnownDoubt.objects.exists()
    client.post(address, {"pick": [home.pk], "words": "这个村没有分屯"})
    assert KnownDoubt.objects.get().by == township_officer
    shown = words(page(client, township_officer, DETAIL, "hamlet_blank"))
    assert "韦无屯" not in shown and "覃无屯" in shown
    shown = words(page(client, township_officer, DETAIL, "hamlet_blank", known="on"))
    assert "韦无屯" in shown and "这个村没有分屯" in shown
    client.post(address, {"pick": [home.pk], "back": "1"})
    assert not KnownDoubt.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("director", 403), ("village_cadre", 403)])
def test_mark_needs_the_right(client, doubtful, request, who, status):
    client.force_login(request.getfixturevalue(who))
    address = reverse("households:quality-mark", args=["hamlet_blank"])
    assert client.post(address, {"pick": [doubtful[0].pk], "words": "是"}).status_code == status


def test_todo_line_tells_how_many(client, doubtful, township_officer, director):
    client.force_login(township_officer)
    assert "户册疑点" in words(client.get("/"))
    client.force_login(director)
    assert "户册疑点：" not in words(client.get("/"))


def test_export_holds_the_rows_of_the_check(
    client, doubtful, township_officer, django_capture_on_commit_callbacks
):
    client.force_login(township_officer)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            reverse("common:export-start", args=["registry-doubts"]), {"filter": "check=hamlet_blank"}
        )
    job = Job.objects.order_by("-id").first()
    assert (job.state, job.result["rows"]) == ("done", 2)
