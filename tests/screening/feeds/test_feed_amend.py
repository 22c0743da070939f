"""只补这几行: mended rows put into their list; lists taken back; one list a kind waits at a time."""

import datetime
import io

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from openpyxl import load_workbook

from fangpin.accounts.roles import Role
from fangpin.common.files import private_files
from fangpin.common.models import AuditRow, StatusRecord
from fangpin.common.transitions import Conflict, NotAllowed, OutOfScope
from screening import criteria
from screening.feeds import checking, discarding, receiving
from screening.models import Feed, FeedRow, FeedState
from tests import books, factories
from tests.books import dropout, settlement
from tests.screening.rounds import pages

MEDICAL = "medical_settlement"


@pytest.fixture(autouse=True)
def _private(settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path / "private"


@pytest.fixture
def people(round_2020q1):
    homes = [
        factories.household(status="lifted", number=f"H{n}", births=[datetime.date(1980, 1, n + 1)])
        for n in range(4)
    ]
    return [home.members.get() for home in homes]


@pytest.fixture
def officer(insurance_officer):
    return insurance_officer


def check(
    round, by, content: bytes, kind: str = MEDICAL, amends: Feed | None = None, name="本局.xlsx"
) -> Feed:
    if amends is None:
        feed = receiving.receive_feed(
            round, criteria.feed_kinds()[kind], file_name=name, content=content, by=by
        )
    else:
        feed = receiving.receive_mended_rows(amends, file_name=name, content=content, by=by)
    receiving.check_feed(feed, by=by)
    feed.refresh_from_db()
    return feed


def faulty(people) -> bytes:
    """Rows 2 and 3 are good, 4 has a broken number, 5 lacks an amount, 6 is of a stranger, 7 equals 2."""
    good = settlement(people[0], "15000.00")
    rows = [
        good,
        settlement(people[1]),
        settlement(people[2], 身份证号码="4599"),
        settlement(people[3], 合规费用=""),
        settlement(people[3], 姓名="某某", 身份证号码=books.number()),
        good,
    ]
    return books.plain(books.FEEDS[MEDICAL], rows)


def returned(feed, by, changes: dict[int, dict], *, only: bool = True, rename: str = "") -> bytes:
    """The returned workbook with cells changed, by row number and heading; `only` leaves the others out."""
    book = load_workbook(io.BytesIO(receiving.returned_workbook(feed, by=by)))
    sheet = book.active
    if rename:
        sheet.title = rename
    headings = [cell.value for cell in sheet[1]]
    for line in range(sheet.max_row, 1, -1):
        number = sheet.cell(line, 1).value
        if number in changes:
            for heading, value in changes[number].items():
                sheet.cell(line, headings.index(heading) + 1, value)
        elif only:
            sheet.delete_rows(line)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def counts(feed) -> tuple[int, int, int, int]:
    assert feed.rows_read == feed.rows_matched + feed.rows_set_aside + feed.rows_refused == feed.rows.count()
    return feed.rows_read, feed.rows_matched, feed.rows_set_aside, feed.rows_refused


def content_of(feed) -> list[tuple]:
    """Everything that a rule or a page reads of its rows."""
    fields = ["row_no", "status", "code", "member", "household", "division", "amount", "on_date", "qualifies"]
    return list(feed.rows.order_by("row_no").values_list(*fields))


# ---- Merging ----
def test_mended_rows_replace_theirs_and_the_rest_stands(round_2020q1, officer, people):
    first = check(round_2020q1, officer, faulty(people))
    assert counts(first) == (6, 2, 2, 2)
    mended = returned(first, officer, {4: {"身份证号码": people[2].id_number}, 5: {"合规费用": "300"}})
    second = check(round_2020q1, officer, mended, amends=first)
    assert counts(second) == (6, 4, 2, 0)
    assert second.rows.get(row_no=5).amount == 30_000
    assert second.rows.get(row_no=2).data[0] == people[0].name
    assert (second.amends, second.state) == (first, FeedState.CHECKED)


def test_merged_list_is_what_the_whole_list_would_be(round_2020q1, officer, people):
    first = check(round_2020q1, officer, faulty(people))
    mended = returned(
        first, officer, {4: {"身份证号码": people[2].id_number}, 6: {"身份证号码": "1"}}, only=False
    )
    merged = content_of(check(round_2020q1, officer, mended, amends=first))
    book = load_workbook(io.BytesIO(faulty(people)))
    book.active["B4"], book.active["B6"] = people[2].id_number, "1"
    stream = io.BytesIO()
    book.save(stream)
    assert merged == content_of(check(round_2020q1, officer, stream.getvalue()))


def test_amended_list_supersedes_the_one_that_stood(round_2020q1, officer, people, desk):
    first = pages.deliver(round_2020q1, officer, faulty(people))
    second = check(
        round_2020q1,
        officer,
        returned(first, officer, {4: {"身份证号码": people[2].id_number}}),
        amends=first,
    )
    receiving.accept_feed(second, by=officer)
    first.refresh_from_db()
    assert (first.state, first.rows.count()) == (FeedState.SUPERSEDED, 6)
    assert desk.swept() == {("H1", "medical.out_of_pocket"), ("H2", "medical.out_of_pocket")}


def test_mended_row_that_equals_another_is_set_aside(round_2020q1, officer, people):
    first = check(round_2020q1, officer, faulty(people))
    same = {"姓名": people[1].name, "身份证号码": people[1].id_number}
    second = check(round_2020q1, officer, returned(first, officer, {4: same}), amends=first)
    row = second.rows.get(row_no=4)
    assert (row.status, row.code) == ("set_aside", "duplicate_row")
    assert "第 3 行" in row.message


def test_equal_row_told_apart_by_a_column_of_its_own_counts(round_2020q1, officer, people):
    first = check(round_2020q1, officer, faulty(people))
    book = load_workbook(io.BytesIO(returned(first, officer, {7: {}})))
    book.active.insert_cols(2)
    book.active["B1"], book.active["B2"] = "备注", "第二次住院"
    stream = io.BytesIO()
    book.save(stream)
    second = check(round_2020q1, officer, stream.getvalue(), amends=first)
    assert second.rows.get(row_no=7).status == "matched"
    assert second.headings[-1] == "备注"
    assert second.rows.get(row_no=7).data[-1] == "第二次住院"
    third = check(
        round_2020q1,
        officer,
        returned(second, officer, {4: {"身份证号码": people[2].id_number}}),
        amends=second,
    )
    assert counts(third) == (6, 4, 1, 1)


def test_row_without_a_number_is_added_at_the_end(round_2020q1, officer, people):
    first = check(round_2020q1, officer, faulty(people))
    book = load_workbook(io.BytesIO(returned(first, officer, {5: {"合规费用": "300"}})))
    lines = [cell.value for cell in book.active[2]]
    book.active.append([None, people[3].name, people[3].id_number, "2020-03-03", *lines[4:]])
    book.active.append([5, people[3].name, people[3].id_number, "2020-03-04", *lines[4:]])
    stream = io.BytesIO()
    book.save(stream)
    second = check(round_2020q1, officer, stream.getvalue(), amends=first)
    assert counts(second) == (8, 5, 2, 1)
    assert list(second.rows.order_by("row_no").values_list("row_no", flat=True)) == [2, 3, 4, 5, 6, 7, 8, 9]


def test_row_that_was_matched_since_stands(round_2020q1, officer, people):
    first = check(round_2020q1, officer, faulty(people))
    mended = returned(first, officer, {6: {"姓名": "乱写"}, 5: {"合规费用": "300"}})
    FeedRow.objects.filter(feed=first, row_no=6).update(
        status="matched", code="", household=people[3].household
    )
    second = check(round_2020q1, officer, mended, amends=first)
    assert second.rows.get(row_no=6).data[0] == "某某"


@pytest.mark.parametrize("number", [99, "甲"])
def test_workbook_of_another_list_is_refused(round_2020q1, officer, people, number):
    first = check(round_2020q1, officer, faulty(people))
    book = load_workbook(io.BytesIO(returned(first, officer, {5: {"合规费用": "300"}})))
    book.active["A2"] = number
    stream = io.BytesIO()
    book.save(stream)
    with pytest.raises(receiving.FeedRefused, match="不在这份数据里"):
        check(round_2020q1, officer, stream.getvalue(), amends=first)
    assert list(Feed.objects.order_by("pk").values_list("state", flat=True)) == ["checked", "refused"]


def test_whole_list_sent_as_mended_rows_is_refused(round_2020q1, officer, people):
    first = check(round_2020q1, officer, faulty(people))
    with pytest.raises(receiving.FeedRefused, match="没有“原行号”列"):
        check(round_2020q1, officer, faulty(people), amends=first)


def test_rows_without_an_id_are_mended_too(round_2020q1, education_officer, people):
    child = factories.household(births=[datetime.date(2010, 3, 4)]).members.get()
    row = dropout(child, 身份证号码="", 出生年月="2010-03")
    content = books.plain(
        books.FEEDS["school_dropout"], [row | {"户主姓名": child.name}, row | {"户主姓名": "某某"}]
    )
    first = check(round_2020q1, education_officer, content, "school_dropout")
    mended = returned(first, education_officer, {3: {"户主姓名": child.name, "学校": "中学"}})
    second = check(round_2020q1, education_officer, mended, amends=first)
    assert counts(second) == (2, 2, 0, 0)
    again = check(round_2020q1, education_officer, content, "school_dropout")
    equal = returned(again, education_officer, {3: {"户主姓名": child.name}})
    third = check(round_2020q1, education_officer, equal, amends=again)
    assert third.rows.get(row_no=3).code == "duplicate_row"


# ---- However it was sent ----
def test_returned_workbook_sent_as_a_whole_list_is_known(round_2020q1, officer, people):
    first = pages.deliver(round_2020q1, officer, faulty(people))
    second = check(round_2020q1, officer, returned(first, officer, {4: {"身份证号码": people[2].id_number}}))
    assert (second.amends, counts(second)) == (first, (6, 3, 2, 1))


def test_returned_workbook_of_an_older_amendment_is_still_of_this_list(round_2020q1, officer, people):
    first = check(round_2020q1, officer, faulty(people))
    later = returned(first, officer, {5: {"合规费用": "300"}})
    second = check(round_2020q1, officer, returned(first, officer, {4: {"身份证号码": people[2].id_number}}))
    third = check(round_2020q1, officer, later)
    assert (third.amends, counts(third)) == (second, (6, 4, 2, 0))


def test_returned_rows_in_another_workbook_are_a_list_of_their_own(round_2020q1, officer, people):
    first = pages.deliver(round_2020q1, officer, faulty(people))
    second = check(round_2020q1, officer, returned(first, officer, {5: {"合规费用": "3"}}, rename="Sheet1"))
    assert (second.amends, second.rows_read) == (None, 1)


def test_command_replaces_by_what_the_file_holds(round_2020q1, officer, people, desk):
    first = pages.deliver(round_2020q1, officer, faulty(people))
    answer = desk.feed_file(MEDICAL, returned(first, officer, {5: {"合规费用": "300"}}))
    assert (answer["read"], answer["good"]) == (1, 1)


# ---- One that waits ----
def test_newer_upload_makes_the_waiting_one_go(round_2020q1, officer, people):
    first, second = (check(round_2020q1, officer, faulty(people), name=f"{n}.xlsx") for n in "ab")
    first.refresh_from_db()
    assert (first.state, second.state, first.rows.count()) == (FeedState.DISCARDED, FeedState.CHECKED, 0)
    assert (
        StatusRecord.objects.filter(object_id=first.pk, transition="discard").get().opinion
        == "又上传了新的一份"
    )


def test_refused_upload_leaves_the_waiting_one(client, round_2020q1, officer, people):
    first = check(round_2020q1, officer, faulty(people))
    with pytest.raises(receiving.FeedRefused):
        check(round_2020q1, officer, b"PK broken")
    first.refresh_from_db()
    assert first.state == FeedState.CHECKED
    lines = pages.page(client, officer, "screening:feed-list").context["lines"]
    assert [line.pending for line in lines if line.kind.code == MEDICAL] == [first]


def test_check_that_ends_late_gives_way(round_2020q1, officer, people):
    kind = criteria.feed_kinds()[MEDICAL]
    slow = receiving.receive_feed(round_2020q1, kind, file_name="a.xlsx", content=faulty(people), by=officer)
    newer = pages.deliver(round_2020q1, officer, pages.medical_list(people[0]))
    Feed.objects.filter(pk=slow.pk).update(
        state=FeedState.RECEIVED, stored_name=private_files.store(faulty(people))
    )
    slow.refresh_from_db()
    with pytest.raises(checking.Overtaken):
        receiving.check_feed(slow, by=officer)
    slow.refresh_from_db()
    newer.refresh_from_db()
    assert (slow.state, newer.state, slow.rows.count()) == (FeedState.DISCARDED, FeedState.MATCHED, 0)


def test_amendment_of_a_list_that_was_replaced_is_refused(round_2020q1, officer, people):
    first = check(round_2020q1, officer, faulty(people))
    mended = returned(first, officer, {5: {"合规费用": "300"}})
    waiting = receiving.receive_mended_rows(first, file_name="x.xlsx", content=mended, by=officer)
    pages.deliver(round_2020q1, officer, pages.medical_list(people[0]))
    waiting.refresh_from_db()
    assert waiting.state == FeedState.DISCARDED
    first.refresh_from_db()
    with pytest.raises(receiving.FeedRefused):
        receiving.receive_mended_rows(first, file_name="x.xlsx", content=mended, by=officer)


def test_feed_one_waiting_a_department(round_2020q1, officer, people):
    first = check(round_2020q1, officer, faulty(people))
    with pytest.raises(IntegrityError), transaction.atomic():
        Feed.objects.create(
            round=first.round,
            kind=first.kind,
            department=first.department,
            by=officer,
            file_name="x",
            file_digest="x",
            state=FeedState.ASKED,
        )


# ---- Taken back ----
def test_waiting_list_is_taken_back(
    client, round_2020q1, officer, people, settings, django_capture_on_commit_callbacks
):
    accepted = pages.deliver(round_2020q1, officer, pages.medical_list(people[0]))
    feed = check(round_2020q1, officer, faulty(people))
    client.force_login(officer)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(reverse("screening:feed-discard", args=[feed.uuid]), follow=True)
    assert "已撤回，没有报送" in pages.words(response)
    feed.refresh_from_db()
    accepted.refresh_from_db()
    assert (feed.state, feed.rows.count(), feed.sample) == (FeedState.DISCARDED, 0, None)
    assert accepted.state == FeedState.MATCHED
    assert [path for path in settings.PRIVATE_ROOT.rglob("*") if path.is_file()] == []
    assert AuditRow.objects.filter(act="feed_discard", object_id=feed.pk).count() == 1
    assert "确认报送</button>" not in pages.words(response)


@pytest.mark.parametrize("state", ["matched", "superseded", "refused", "discarded"])
def test_list_that_waits_no_more_is_not_taken_back(round_2020q1, officer, people, state):
    feed = check(round_2020q1, officer, faulty(people))
    Feed.objects.filter(pk=feed.pk).update(state=state)
    with pytest.raises(Conflict):
        discarding.discard_feeds(Feed.objects.filter(pk=feed.pk), by=officer)
    assert feed.rows.count() == 6


def test_office_takes_back_for_a_department(round_2020q1, officer, office, people):
    feed = check(round_2020q1, officer, faulty(people))
    discarding.discard_feeds(Feed.objects.filter(pk=feed.pk), by=office)
    feed.refresh_from_db()
    assert feed.state == FeedState.DISCARDED


def test_nobody_else_takes_back(round_2020q1, officer, education_officer, director, people):
    feed = check(round_2020q1, officer, faulty(people))
    stranger = factories.user("x", Role.OFFICE, factories.OTHER_COUNTY)
    for by, error in ((education_officer, OutOfScope), (stranger, OutOfScope), (director, NotAllowed)):
        with pytest.raises(error):
            discarding.discard_feeds(Feed.objects.filter(pk=feed.pk), by=by)


# ---- Pages ----
def test_page_offers_to_mend_and_does(
    client, round_2020q1, officer, people, django_capture_on_commit_callbacks
):
    feed = pages.deliver(round_2020q1, officer, faulty(people))
    address = reverse("screening:feed-amend", args=[feed.uuid])
    assert address in pages.words(pages.page(client, officer, "screening:feed-detail", feed.uuid))
    mended = returned(feed, officer, {5: {"合规费用": "300"}})
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address, {"file": pages.upload(mended)})
    newer = Feed.objects.latest("pk")
    assert (newer.amends, newer.rows_matched) == (feed, 3)
    shown = pages.words(pages.page(client, officer, "screening:feed-detail", newer.uuid))
    assert "其余的行照旧" in shown
    assert "这份只有" not in shown


def test_page_of_a_list_without_faults_offers_no_mending(client, round_2020q1, officer, people):
    feed = pages.deliver(round_2020q1, officer, pages.medical_list(people[0]))
    shown = pages.words(pages.page(client, officer, "screening:feed-detail", feed.uuid))
    assert "只补这几行</a>" not in shown
    client.force_login(officer)
    answer = client.post(reverse("screening:feed-amend", args=[feed.uuid]), {"file": pages.upload(b"x")})
    assert answer.status_code == 422


def test_page_tells_the_history_of_the_kind(client, round_2020q1, officer, people):
    pages.deliver(round_2020q1, officer, pages.medical_list(people[0]))
    pages.deliver(round_2020q1, officer, pages.medical_list(*people[:2]))
    feed = check(round_2020q1, officer, faulty(people))
    shown = pages.page(client, officer, "screening:feed-detail", feed.uuid)
    assert [one.state for one in shown.context["deliveries"]] == ["checked", "matched", "superseded"]
