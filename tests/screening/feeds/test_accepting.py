"""Accepting a checked list leaves a trace: who delivered which file (Art. 7(2)1)."""

import pytest

from fangpin.common.models import AuditRow
from fangpin.common.transitions import Conflict
from screening.criteria import feed_kinds
from screening.feeds import checking, receiving
from screening.models import Feed
from tests import books


def test_accepted_list_stands_in_the_audit_log(round_2020q1, insurance_officer):
    kind = feed_kinds()["medical_settlement"]
    content = books.plain(books.FEEDS[kind.code], [])
    feed = receiving.receive_feed(
        round_2020q1, kind, file_name="住院结算.xlsx", content=content, by=insurance_officer
    )
    checking.check_feed(feed, by=insurance_officer)
    assert not AuditRow.objects.filter(act="feed_accept").exists()
    receiving.accept_feed(Feed.objects.get(pk=feed.pk), by=insurance_officer)
    row = AuditRow.objects.get(act="feed_accept")
    assert (row.by, row.acting_as) == (insurance_officer, insurance_officer.acting)
    assert (row.model, row.object_id) == ("screening.feed", feed.pk)
    assert row.details == {"kind": "medical_settlement", "digest": feed.file_digest}


def test_list_that_was_not_accepted_leaves_no_such_trace(round_2020q1, insurance_officer):
    kind = feed_kinds()["medical_settlement"]
    content = books.plain(books.FEEDS[kind.code], [])
    feed = receiving.receive_feed(
        round_2020q1, kind, file_name="a.xlsx", content=content, by=insurance_officer
    )
    checking.check_feed(feed, by=insurance_officer)
    Feed.objects.filter(pk=feed.pk).update(state="discarded")
    with pytest.raises(Conflict):
        receiving.accept_feed(feed, by=insurance_officer)
    assert not AuditRow.objects.filter(act="feed_accept").exists()
