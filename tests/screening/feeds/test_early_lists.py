"""提前报送: lists that come before the round begins. Kept, not swept; they count and are matched anew when it
begins."""

import datetime

import pytest
import time_machine
from django.urls import reverse

from fangpin.common import crypto
from fangpin.common.models import Job, StatusRecord
from households.models import Member
from screening.feeds import deliveries, early
from screening.feeds.triage import rows as triage_rows
from screening.feeds.triage import settling
from screening.models import FeedRow, Lead, Round, RoundState
from screening.quarters import Quarter
from screening.rounds.opening import open_due_rounds, open_round
from screening.sweep import jobs, schedule
from tests import factories
from tests.running import COUNTY, run
from tests.screening.rounds import pages

pytestmark = pytest.mark.django_db
Q2 = Quarter(2020, 2)
DAY = datetime.date


@pytest.fixture
def march():
    with time_machine.travel(datetime.datetime(2020, 3, 10, 4, tzinfo=datetime.UTC)):
        yield


@pytest.fixture
def announced(county, round_2020q1, insurance_officer, march):
    return early.announce_round(county, Q2, by=insurance_officer)


def press(client, user, quarter="2020Q2"):
    client.force_login(user)
    return client.post(reverse("screening:feed-early"), {"quarter": quarter}, follow=True)


def test_department_brings_a_list_for_the_coming_quarter(client, round_2020q1, insurance_officer, march):
    shown = pages.words(pages.page(client, insurance_officer, "screening:feed-list"))
    assert "提前报送 2020 年第二季度" in shown
    assert "提前报送 2020 年第一季度" not in shown
    shown = pages.words(press(client, insurance_officer))
    assert "2020 年第二季度排查还没有开启" in shown
    round = Round.objects.get(quarter=2)
    assert (round.state, round.opened_at, round.feeds_due) == ("announced", None, None)
    upload = reverse("screening:feed-upload", args=[round.uuid, "medical_settlement"])
    assert upload in shown
    sent = client.post(upload, {"file": pages.upload(pages.medical_list())}, follow=True)
    assert sent.status_code == 200
    assert Job.objects.filter(kind="check_feed").count() == 1


def test_pressing_twice_makes_one(client, round_2020q1, insurance_officer, office, march):
    press(client, insurance_officer)
    press(client, office)
    assert Round.objects.filter(quarter=2).count() == 1
    assert StatusRecord.objects.filter(transition="announce").count() == 1


@pytest.mark.parametrize("quarter", ["2020Q1", "2020Q3", "2019Q4", "soon"])
def test_other_quarters_take_no_early_list(client, round_2020q1, insurance_officer, march, quarter):
    assert "note-error" in pages.words(press(client, insurance_officer, quarter))
    assert Round.objects.count() == 1


def test_present_quarter_before_its_opening_day(client, county, office, march):
    assert early.early_quarters(office) == [Quarter(2020, 1), Q2]
    assert "提前报送 2020 年第一季度" in pages.words(pages.page(client, office, "screening:feed-list"))


def test_only_who_delivers_may(client, round_2020q1, director, march):
    assert press(client, director).status_code == 403


def test_it_is_not_the_present_round(client, announced, office, village_cadre, insurance_officer):
    assert list(Round.objects.for_user(office)) == [Round.objects.get(quarter=1)]
    for user, name in (
        (office, "round-list"),
        (office, "lead-list"),
        (village_cadre, "field-home"),
        (office, "feed-list"),
    ):
        response = pages.page(client, user, f"screening:{name}")
        assert response.status_code in (200, 302)
        assert "2020 年第二季度排查 ·" not in pages.words(response)
    form = pages.page(client, office, "screening:feed-list").context["form"]
    assert form["round"].value() == str(Round.objects.get(quarter=1).uuid)
    assert [label for _, label in form.fields["round"].choices] == [
        "2020 年第一季度",
        "2020 年第二季度（待开启）",
    ]
    assert "2020 年第一季度" in pages.words(pages.page(client, office, "home"))


def test_its_page_is_its_lists(client, announced, insurance_officer, village_cadre):
    response = pages.page(client, insurance_officer, "screening:round-detail", announced.uuid)
    assert response["Location"] == f"{reverse('screening:feed-list')}?round={announced.uuid}"
    assert pages.page(client, village_cadre, "screening:round-detail", announced.uuid).status_code == 404


def test_command_needs_a_round_that_has_begun(announced, tmp_path):
    file = tmp_path / "list.xlsx"
    file.write_bytes(pages.medical_list())
    given = ["--county", COUNTY, "--quarter", "2020Q2", "--as", "office"]
    for words in (["import_feed", "medical_settlement", str(file)], ["sweep"], ["compare"]):
        ran = run(*words, *given, "--json")
        assert (ran.code, ran.out) == (1, ""), words
        assert "还没有开启" in ran.err
    assert not Job.objects.exists()


def test_nothing_is_swept_before_it_begins(announced, insurance_officer, office):
    pages.deliver(announced, insurance_officer, pages.medical_list(*pages.heads(pages.ill_households(1))))
    assert schedule.queue_due_sweeps(datetime.datetime(2020, 3, 31, tzinfo=datetime.UTC)) == []
    assert open_due_rounds(DAY(2020, 3, 31)) == []
    with pytest.raises(jobs.JobFailed):
        jobs.sweep_now(announced, by=office)
    assert not Lead.objects.exists()


def test_early_lists_count_when_the_scheduler_opens_it(announced, insurance_officer, office):
    pages.deliver(announced, insurance_officer, pages.medical_list(*pages.heads(pages.ill_households(1))))
    with time_machine.travel(datetime.datetime(2020, 6, 1, 2, tzinfo=datetime.UTC)):
        assert open_due_rounds() == [announced]
        announced.refresh_from_db()
        assert (announced.state, announced.opened_by) == (RoundState.OPEN, None)
        assert announced.feeds_due == DAY(2020, 6, 15)
        assert deliveries.delivered_counts([announced], office) == {announced.pk: 1}
        assert open_due_rounds() == []
    with time_machine.travel(datetime.datetime(2020, 6, 1, 3, tzinfo=datetime.UTC)):
        assert len(schedule.queue_due_sweeps()) == 1
    assert list(
        StatusRecord.objects.filter(model="screening.round", object_id=announced.pk).values_list(
            "transition", flat=True
        )
    ) == ["announce", "begin"]


def test_policy_is_that_of_the_opening(announced, county, office):
    from tests.screening.rounds.test_rounds import release

    release("medical.threshold", 3_000_000, DAY(2020, 4, 1))
    assert announced.parameters["medical.threshold"] == 2_000_000
    with time_machine.travel(DAY(2020, 6, 2)):
        assert open_round(county, Q2, by=office).parameters["medical.threshold"] == 3_000_000


def test_early_lists_are_matched_with_the_registry_of_the_opening(
    announced, county, insurance_officer, office
):
    """One has come into the registry, one has left it, one stands in another household."""
    stays, goes, moves = homes = pages.ill_households(3)
    newcomer = (pages.STRANGER, *pages.SPENT)
    feed = pages.deliver(
        announced, insurance_officer, pages.medical_list(*pages.heads(homes), extra=[("李四", *newcomer)])
    )
    assert (feed.rows_matched, feed.rows_set_aside) == (3, 1)
    came = factories.household(births=[DAY(1970, 1, 2)])
    Member.objects.filter(pk=came.members.get().pk).update(
        id_index=crypto.keyed_index("id", pages.STRANGER), name="李四"
    )
    Member.objects.filter(household=goes).update(removed_on=DAY(2020, 5, 1))
    Member.objects.filter(household=moves).update(household=stays, relation="spouse")
    with time_machine.travel(DAY(2020, 6, 2)):
        round = open_round(county, Q2, by=office)
    feed.refresh_from_db()
    assert (feed.rows_matched, feed.rows_set_aside) == (3, 1)
    rows = FeedRow.objects.filter(feed=feed).order_by("row_no").values_list("status", "household")
    assert list(rows) == [
        ("matched", stays.pk),
        ("set_aside", None),
        ("matched", stays.pk),
        ("matched", came.pk),
    ]
    assert jobs.sweep_now(round, by=office)["households"] == 2


def test_opened_by_two_at_once_begins_once(announced, county, office):
    from screening.rounds.opening import RoundRefused

    with time_machine.travel(DAY(2020, 6, 2)):
        open_round(county, Q2, by=office)
        with pytest.raises(RoundRefused):
            open_round(county, Q2, by=office)
    assert StatusRecord.objects.filter(transition="begin").count() == 1


def test_somebody_told_by_memory_who_has_left_is_asked_about_again(
    county, round_2020q1, announced, office, insurance_officer
):
    (home,) = pages.ill_households(1)
    member = home.members.get()
    wrong = member.id_number[:14] + str((int(member.id_number[14]) + 1) % 10) + member.id_number[15:]
    content = pages.workbook(pages.MEDICAL, [(member.name, wrong, *pages.SPENT)])
    first = pages.deliver(round_2020q1, insurance_officer, content)
    row = FeedRow.objects.select_related("feed__round", "feed__department").get(feed=first)
    settling.settle_rows({row.pk: settling.Word("person", member)}, by=office)
    feed = pages.deliver(announced, insurance_officer, content)
    assert FeedRow.objects.get(feed=feed).member_id == member.pk
    Member.objects.filter(pk=member.pk).update(removed_on=DAY(2020, 5, 1))
    with time_machine.travel(DAY(2020, 6, 2)):
        open_round(county, Q2, by=office)
    assert FeedRow.objects.get(feed=feed).status == "set_aside"
    assert triage_rows.open_rows(office).filter(feed=feed).count() == 1
