"""Headings that the words alone don't tell: asked on the page once, remembered for the department's next
list."""

import datetime

import pytest
from django.urls import reverse

from fangpin.common.files import private_files
from fangpin.common.models import AuditRow
from screening import criteria
from screening.feeds import discarding, headings, receiving
from screening.models import Feed, FeedRow, FeedState, HeadingMemory
from screening.quarters import Quarter
from screening.rounds.opening import open_round
from tests import books, factories
from tests.books import settlement
from tests.running import QUARTER
from tests.screening.rounds import pages

KIND = criteria.feed_kinds()["medical_settlement"]
OWN = {"身份证号码": "参保编号", "合规费用": "纳入范围", "参保类型": "属于哪种"}  # nobody's synonyms


@pytest.fixture(autouse=True)
def _private(settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path / "private"


@pytest.fixture
def files(settings):
    def kept() -> int:
        return sum(path.is_file() for path in settings.PRIVATE_ROOT.rglob("*"))

    return kept


@pytest.fixture
def who(db):
    return factories.household(status="lifted", number="H", births=[datetime.date(1980, 1, 1)]).members.get()


def own_list(*rows: dict, renamed=OWN, extra=()) -> bytes:
    """`extra` are (heading, amount) beside the columns of the contract."""
    lines = books.grid(books.FEEDS["medical_settlement"], rows, renamed)
    lines[0] += [heading for heading, _ in extra]
    for line in lines[1:]:
        line += [cell for _, cell in extra]
    return books.workbook(lines)


def two_amounts(who, other="1000", second="500", **cells) -> bytes:
    """兜底 and 二次报销, neither of them called 其他赔付."""
    return own_list(
        settlement(who, "20000.00", **cells), renamed={"其他赔付": "兜底"}, extra=[("二次报销", second)]
    )


@pytest.fixture
def send(client, insurance_officer, django_capture_on_commit_callbacks):
    def sent(round, content: bytes, by=insurance_officer) -> Feed:
        client.force_login(by)
        address = reverse("screening:feed-upload", args=[round.uuid, KIND.code])
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post(address, {"file": pages.upload(content, "本局.xlsx")}).status_code == 302
        return Feed.objects.latest("pk")

    return sent


@pytest.fixture
def answer(client, insurance_officer, django_capture_on_commit_callbacks):
    """Sends the form of the page as it stands, with changes: our heading → the file's words (several: added
    up)."""

    def map_headings(feed: Feed, by=insurance_officer, **changes):
        client.force_login(by)
        form = client.get(reverse("screening:feed-detail", args=[feed.uuid])).context["form"]
        data = {}
        for line in form.map.lines:
            words = changes.get(line.column.heading)
            places = line.chosen if words is None else [feed.headings.index(each) for each in words]
            if line.doubled:
                data[f"d{line.position}"] = "sum" if len(places) > 1 else str(places[0]) if places else "none"
            else:
                data[f"c{line.position}"] = str(places[0]) if places else ""
                if len(places) > 1:
                    data[f"m{line.position}"] = [str(place) for place in places[1:]]
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(reverse("screening:feed-map", args=[feed.uuid]), data)
        feed.refresh_from_db()
        return response

    return map_headings


# ---- Asked ----
def test_missing_heading_is_asked_and_the_file_kept(send, round_2020q1, who, files):
    feed = send(round_2020q1, own_list(settlement(who)))
    assert (feed.state, feed.ask["missing"]) == (FeedState.ASKED, ["身份证号码", "合规费用", "参保类型"])
    assert files() == 1
    assert not FeedRow.objects.exists()


def test_page_offers_the_columns_masked_and_guesses_by_content(send, round_2020q1, who, client):
    feed = send(round_2020q1, own_list(settlement(who)))
    shown = client.get(reverse("screening:feed-detail", args=[feed.uuid]))
    assert who.id_number not in pages.words(shown)
    assert f"{who.id_number[:4]}**********{who.id_number[-4:]}" in pages.words(shown)
    assert "没有认出" in pages.words(shown)
    lines = {line.column.heading: line for line in shown.context["form"].map.lines}
    assert lines["身份证号码"].is_missing
    assert not lines["医疗救助"].is_missing


def test_likely_heading_is_chosen_beforehand(send, round_2020q1, who, client):
    feed = send(
        round_2020q1, own_list(settlement(who), renamed={"合规费用": "合规部分费用金额", "参保类型": "类型"})
    )
    shown = client.get(reverse("screening:feed-detail", args=[feed.uuid]))
    lines = {line.column.heading: line for line in shown.context["form"].map.lines}
    assert [feed.headings[place] for place in lines["合规费用"].chosen] == ["合规部分费用金额"]
    assert [feed.headings[place] for place in lines["参保类型"].chosen] == ["类型"]
    assert lines["合规费用"].is_guess


def test_answer_reads_the_same_file_again(send, answer, round_2020q1, insurance_officer, who):
    feed = send(round_2020q1, own_list(settlement(who)))
    answer(feed, **{heading: [words] for heading, words in OWN.items()})
    assert (feed.state, feed.rows_read, feed.rows_matched) == (FeedState.CHECKED, 1, 1)
    receiving.accept_feed(feed, by=insurance_officer)


def test_next_quarter_needs_no_answer(send, answer, round_2020q1, county, office, who, client):
    feed = send(round_2020q1, own_list(settlement(who)))
    answer(feed, **{heading: [words] for heading, words in OWN.items()})
    later = send(open_round(county, Quarter(2020, 2), by=office), own_list(settlement(who)))
    assert (later.state, later.rows_matched) == (FeedState.CHECKED, 1)
    shown = client.get(reverse("screening:feed-detail", args=[later.uuid]))
    assert "3 列按以前定的读取" in pages.words(shown)
    assert {memory.words for memory in shown.context["memories"]} == set(OWN.values())


def test_command_reads_by_memory_too(desk, send, answer, round_2020q1, who):
    content = own_list(settlement(who))
    desk.imported("import_feed", KIND.code, desk.file(content), quarter=QUARTER, code=1)
    answer(send(round_2020q1, content), **{heading: [words] for heading, words in OWN.items()})
    assert desk.feed_file(KIND.code, content)["good"] == 1


def test_memory_is_of_the_department_and_the_kind(send, answer, round_2020q1, who):
    answer(send(round_2020q1, own_list(settlement(who))), **{h: [w] for h, w in OWN.items()})
    other = factories.user("other", "department", factories.OTHER_COUNTY, "insurance")
    assert set(headings.remembered(other.acting.department, KIND)) == set()
    assert set(HeadingMemory.objects.values_list("department__county", "kind")) == {
        (factories.COUNTY, "medical_settlement")
    }


def test_answer_of_the_office_is_remembered_for_the_department(send, answer, round_2020q1, office, who):
    feed = send(round_2020q1, own_list(settlement(who)), by=office)
    answer(feed, by=office, **{heading: [words] for heading, words in OWN.items()})
    assert feed.state == FeedState.CHECKED
    assert HeadingMemory.objects.filter(department__code="insurance", by=office).count() == 3


def test_answer_without_a_required_column_is_told(send, answer, round_2020q1, who):
    feed = send(round_2020q1, own_list(settlement(who)))
    response = answer(feed, 身份证号码=[])
    assert response.status_code == 422
    assert "“身份证号码”必填" in pages.words(response)
    assert (feed.state, HeadingMemory.objects.count()) == (FeedState.ASKED, 0)


def test_one_column_for_two_of_ours_is_told(send, answer, round_2020q1, who):
    feed = send(round_2020q1, own_list(settlement(who)))
    changes = {heading: [words] for heading, words in OWN.items()} | {"大病保险报销": ["纳入范围"]}
    assert "一列只能用一次" in pages.words(answer(feed, **changes))


def test_file_with_too_few_columns_is_refused_and_goes(send, round_2020q1, files):
    feed = send(round_2020q1, pages.workbook(["姓名"], [["李四"]]))
    assert (feed.state, feed.stored_name, files()) == (FeedState.REFUSED, "", 0)


def test_unreadable_file_goes(send, round_2020q1, files):
    assert (send(round_2020q1, b"PK broken").state, files()) == (FeedState.REFUSED, 0)


# ---- Several columns of one amount ----
def test_two_words_for_one_amount_are_asked(send, round_2020q1, who, client):
    feed = send(round_2020q1, two_amounts(who))
    assert (feed.state, feed.ask) == (FeedState.ASKED, {"doubled": {"其他赔付": ["兜底", "二次报销"]}})
    assert "相加：兜底 + 二次报销" in pages.words(
        client.get(reverse("screening:feed-detail", args=[feed.uuid]))
    )


@pytest.mark.parametrize(
    ("chosen", "share"),
    [(["兜底", "二次报销"], 1_850_000), (["兜底"], 1_900_000), (["二次报销"], 1_950_000), ([], 2_000_000)],
)
def test_answer_decides_what_is_added_up(send, answer, round_2020q1, county, office, who, chosen, share):
    content = two_amounts(who, 其他赔付="1000")
    feed = send(round_2020q1, content)
    answer(feed, 其他赔付=chosen)
    assert feed.rows.get().amount == share
    later = send(open_round(county, Quarter(2020, 2), by=office), content)
    assert (later.state, later.rows.get().amount) == (FeedState.CHECKED, share), "remembered"


def test_command_takes_one_of_two_and_says_so(desk, round_2020q1, who):
    ran = desk.imported(
        "import_feed", KIND.code, desk.file(two_amounts(who, 其他赔付="1000")), quarter=QUARTER
    )
    assert ran.json["good"] == 1
    assert "都像是“其他赔付”" in ran.json["notes"][0]
    assert FeedRow.objects.get().amount == 1_900_000


def test_any_columns_of_amounts_may_be_added_up(send, answer, round_2020q1, who):
    content = own_list(
        settlement(who, "20000.00", 其他赔付="1"), renamed={}, extra=[("慈善捐助", "2"), ("单位补助", "3")]
    )
    feed = send(round_2020q1, content)
    assert feed.state == FeedState.CHECKED
    assert feed.unknown_headings == ["慈善捐助", "单位补助"]
    answer(feed, 其他赔付=["其他赔付", "慈善捐助", "单位补助"])
    assert (feed.state, feed.unknown_headings) == (FeedState.CHECKED, [])
    assert feed.rows.get().amount == 1_999_400


def test_bad_amount_among_those_added_up_refuses_the_row(send, answer, round_2020q1, who):
    feed = send(round_2020q1, two_amounts(who, second="不详", 其他赔付="1000"))
    answer(feed, 其他赔付=["兜底", "二次报销"])
    assert (feed.rows_refused, feed.rows.get().code) == (1, "amount")


# ---- Changed and forgotten ----
def test_checked_list_is_mapped_anew(send, answer, round_2020q1, who):
    content = own_list(
        settlement(who, "20000.00", 其他赔付="1000"), renamed={}, extra=[("个人外其他", "7000")]
    )
    feed = send(round_2020q1, content)
    assert feed.rows.get().amount == 1_900_000
    answer(feed, 其他赔付=["个人外其他"])
    assert feed.rows.get().amount == 1_300_000
    assert dict(HeadingMemory.objects.values_list("words", "column")) == {
        "个人外其他": "其他赔付",
        "其他赔付": "",
    }
    answer(feed, 其他赔付=["其他赔付"])
    assert feed.rows.get().amount == 1_900_000
    assert not HeadingMemory.objects.exists(), "what the words say themselves is not kept"


def test_forgotten_word_is_asked_again(client, send, answer, round_2020q1, who, insurance_officer):
    answer(send(round_2020q1, own_list(settlement(who))), **{h: [w] for h, w in OWN.items()})
    memory = HeadingMemory.objects.get(column="身份证号码")
    answered = client.post(
        reverse("screening:heading-forget", args=[memory.pk]), {"next": "https://x.example/"}
    )
    assert answered["Location"] == reverse("screening:feed-list")
    feed = send(round_2020q1, own_list(settlement(who)))
    assert (feed.state, feed.ask["missing"]) == (FeedState.ASKED, ["身份证号码"])
    assert AuditRow.objects.filter(act="heading_forget").count() == 1


def test_memory_of_another_department_is_not_found(
    client, send, answer, round_2020q1, who, education_officer
):
    answer(send(round_2020q1, own_list(settlement(who))), **{h: [w] for h, w in OWN.items()})
    client.force_login(education_officer)
    address = reverse("screening:heading-forget", args=[HeadingMemory.objects.first().pk])
    assert client.post(address).status_code == 404


def test_later_word_of_two_counts(round_2020q1, insurance_officer, office):
    department = insurance_officer.acting.department
    headings.remember_headings(department, KIND, {"编号": "身份证号码"}, by=office)
    headings.remember_headings(department, KIND, {"编 号": "姓名"}, by=insurance_officer)
    assert headings.remembered(department, KIND) == {"编 号": "姓名"}


@pytest.mark.parametrize("state", ["matched", "superseded", "discarded", "refused"])
def test_list_that_waits_no_more_takes_no_answer(client, send, round_2020q1, who, state):
    feed = send(round_2020q1, own_list(settlement(who)))
    Feed.objects.filter(pk=feed.pk).update(state=state)
    client.post(reverse("screening:feed-map", args=[feed.pk and feed.uuid]), {})
    assert (Feed.objects.get().state, HeadingMemory.objects.count()) == (state, 0)


# ---- Files ----
def test_file_is_kept_until_the_list_is_delivered(
    send, round_2020q1, who, files, insurance_officer, django_capture_on_commit_callbacks
):
    feed = send(round_2020q1, own_list(settlement(who), renamed={}))
    assert files() == 1
    with django_capture_on_commit_callbacks(execute=True):
        receiving.accept_feed(feed, by=insurance_officer)
    feed.refresh_from_db()
    assert (feed.stored_name, feed.sample, files()) == ("", None, 0)


def test_forgotten_files_are_dropped(send, round_2020q1, who, files, django_capture_on_commit_callbacks):
    send(round_2020q1, own_list(settlement(who)))
    assert (discarding.drop_forgotten_files(), files()) == (0, 1)
    round_2020q1.feeds.update(created_at="2020-01-01T00:00Z")
    with django_capture_on_commit_callbacks(execute=True):
        assert discarding.drop_forgotten_files() == 1
    assert (Feed.objects.get().sample, files()) == (None, 0)


def test_sample_is_encrypted(send, round_2020q1, who):
    from django.db import connection

    send(round_2020q1, own_list(settlement(who)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT sample FROM screening_feed")
        assert who.name.encode() not in bytes(cursor.fetchone()[0])
    assert private_files.load(Feed.objects.get().stored_name)
