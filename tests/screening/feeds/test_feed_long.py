"""A list that comes in many chunks: what was known of it when it was read at once stays true."""

import io

import pytest
from openpyxl import load_workbook

from fangpin.common.workbooks import texts
from screening import criteria
from screening.feeds import receiving, staging
from screening.models import FeedRow, Round
from tests import books, factories
from tests.books import settlement
from tests.running import rows_of


@pytest.fixture(autouse=True)
def _in_chunks(round_2020q1, monkeypatch):
    monkeypatch.setattr(texts, "PIECE", 3)


@pytest.fixture
def who(db):
    return factories.household(status="lifted", number="H").members.get()


def sent(*rows) -> bytes:
    return books.text_file(books.FEEDS["medical_settlement"], rows, "utf-8")


def test_long_list_of_good_and_bad_rows(desk, who):
    rows = [settlement(who, n) for n in range(1, 12)]
    rows[4] |= {"身份证号码": "1"}
    rows[8] |= {"姓名": "某某", "身份证号码": books.number()}
    answer = desk.feed_file("medical_settlement", sent(*rows), ending="csv")
    assert (answer["read"], answer["good"]) == (11, 9)
    assert (rows_of(answer, "refused"), rows_of(answer, "set_aside")) == (
        {6: "id_length"},
        {10: "match_none"},
    )


def test_long_list_row_equal_to_one_of_an_earlier_chunk(desk, who):
    """Equal by what the cells come to; a fault of the row is told no more, and it has no figures."""
    rows = [settlement(who, n) for n in range(1, 8)]
    rows += [settlement(who, "3.00"), settlement(who, "x"), settlement(who, 9), settlement(who, "x")]
    answer = desk.feed_file("medical_settlement", sent(*rows), ending="csv")
    assert rows_of(answer, "set_aside") == {9: "duplicate_row", 12: "duplicate_row"}
    assert rows_of(answer, "refused") == {10: "amount"}
    assert "与第 4 行内容相同" in answer["set_aside"][0]["message"]
    row = FeedRow.objects.get(row_no=9)
    assert (row.amount, row.on_date, row.qualifies, row.member_id) == (None, None, False, None)
    assert row.person_index is not None


def test_long_list_damaged_further_down_is_refused_as_a_whole(desk, who, office):
    rows = [settlement(who, n) for n in range(1, 9)]
    feed = receiving.receive_feed(
        Round.objects.get(),
        criteria.feed_kinds()["medical_settlement"],
        file_name="x.csv",
        content=io.BytesIO(sent(*rows) + '"韦'.encode()),
        by=office,
    )
    with pytest.raises(receiving.FeedRefused, match="引号"):
        receiving.check_feed(feed, by=office)
    feed.refresh_from_db()
    assert (feed.state, feed.rows.count()) == ("refused", 0)
    assert "引号" in feed.error


def test_long_list_of_faults_is_counted_in_full_and_told_in_part(desk, who, office, monkeypatch):
    monkeypatch.setattr(staging, "WARNINGS_HELD", 2)
    rows = [settlement(who, n, 身份证号码="1") for n in range(1, 9)]
    round = Round.objects.get()
    kind = criteria.feed_kinds()["medical_settlement"]
    feed = receiving.receive_feed(round, kind, file_name="x.csv", content=sent(*rows), by=office)
    outcome = receiving.check_feed(feed, by=office, keep=3)
    assert ([fault.row for fault in outcome.refused], outcome.count_refused) == ([2, 3, 4], 8)
    feed.refresh_from_db()
    assert feed.rows_refused == 8
    sheet = load_workbook(io.BytesIO(receiving.returned_workbook(feed, by=office))).active
    assert sheet.max_row == 9
    assert "18 位" in sheet.cell(9, sheet.max_column).value


def test_long_list_tells_how_far_its_check_is(desk, who, office):
    round = Round.objects.get()
    kind = criteria.feed_kinds()["medical_settlement"]
    content = sent(*(settlement(who, n) for n in range(1, 9)))
    labels = []
    receiving.check_feed(
        receiving.receive_feed(round, kind, file_name="x.csv", content=content, by=office),
        by=office,
        progress=labels.append,
    )
    assert labels[:2] == ["正在读取文件", "正在检查各行"]
    assert "正在检查各行：已读 8 行" in labels
    assert labels[-1] == "正在与户册比对"
