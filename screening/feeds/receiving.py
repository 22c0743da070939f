"""部门数据: received, checked and shown, then accepted; what is not taken goes back as a workbook (Art.
7(2)1)."""

import io
from typing import Any, BinaryIO

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from fangpin.accounts.models import Department
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.files import private_files
from fangpin.common.handing_in import services as handing_in
from fangpin.common.outcomes import Outcome, RowFault
from fangpin.common.transitions import Conflict, move, write_first_records
from fangpin.common.workbooks.writing import write_returned_rows
from screening import criteria
from screening.criteria.base import FeedKind
from screening.feeds import amending, matching
from screening.feeds.checking import FeedRefused, check_feed, outcome_of
from screening.feeds.triage import settling
from screening.models import Feed, FeedState, Round, RowStatus

NOTHING_MATCHED = (
    "这份文件没有一行比中，已报送的那份有比中的行，没有替换，仍按已报送的比对。请按各行的原因改正后重新报送；"
    "确实没有对象的，请报送只有表头的空表。"
)


def delivering_department(round: Round, kind: FeedKind, by: Actor, chosen: str = "") -> Department:
    """Whose list it is: the officer's own department, or for the office the one it names (else the kind's
    first). Raises FeedRefused where the kind is not that department's."""
    own = by.duty.department
    code = own.code if own is not None else chosen or kind.departments[0]
    if code not in kind.departments:
        raise FeedRefused(f"“{kind.label}”不由{own or code}报送。")
    return Department.objects.get(county_id=round.county_id, code=code)


def receive_feed(
    round: Round,
    kind: FeedKind,
    *,
    file_name: str,
    content: bytes | BinaryIO,
    by: Actor,
    department: str = "",
    amends: Feed | None = None,
) -> Feed:
    """Keeps the file and returns the feed, not yet read. `amends` is the list of which it mends some rows.
    Raises FeedRefused where it may not be delivered."""
    if not by.may("feed.deliver") or by.duty.county_code != round.county_id:
        raise FeedRefused("您当前的岗位不能报送这个县的部门数据。")
    if not round.accepts_lists:
        raise FeedRefused(f"{round}{round.get_state_display()}，不能再报送数据。")
    with handing_in.kept(
        Feed,
        round=round,
        kind=kind.code,
        department=delivering_department(round, kind, by, department),
        file_name=file_name,
        content=content,
        by=by,
        on_behalf=not by.duty.department_id,
        amends=amends,
    ) as feed:
        write_first_records([feed], by=by, name="receive")
    return feed


def receive_mended_rows(base: Feed, *, file_name: str, content: bytes, by: Actor) -> Feed:
    """Receives the mended rows of `base`, a list that waits or was accepted: once checked, a list of its own
    with the rest of `base` in it. Raises FeedRefused."""
    if not amending.may_be_mended(base):
        raise FeedRefused("这份数据没有要补改的行，或已被新的一份替换，请从现在的那份补改。")
    kind = criteria.feed_kinds()[base.kind]
    return receive_feed(
        base.round,
        kind,
        file_name=file_name,
        content=content,
        by=by,
        department=base.department.code,
        amends=base,
    )


def accept_feed(feed: Feed, *, by: Actor) -> None:
    """Delivers a checked feed; the earlier one of the same round, kind and department is superseded with it.

    Raises Conflict where another one was accepted at the same moment, and where a list of which nothing was
    matched would take the place of one that has rows.
    """
    try:
        with transaction.atomic():
            Round.objects.filter(pk=feed.round_id).call_for_sweep()
            earlier = _accepted(feed)
            if accepted := earlier.first():
                feed.refresh_from_db(fields=["rows_read", "rows_matched"])
                if would_lose_all(feed, accepted):
                    raise Conflict(NOTHING_MATCHED, [feed])
                move(earlier, "supersede", by=by)
            kept = Feed.objects.values_list("stored_name", flat=True).get(pk=feed.pk)
            move(Feed.objects.filter(pk=feed.pk), "accept", by=by, stamps={"stored_name": "", "sample": None})
            settling.apply_memory(Feed.objects.select_related("round", "department").get(pk=feed.pk))
            # Every row, as it was, is in the database then.
            transaction.on_commit(lambda: private_files.remove(kept))
            audit.record(by, "feed_accept", feed, digest=feed.file_digest, kind=feed.kind)
    except IntegrityError as error:
        raise Conflict("这个部门的这份数据刚刚已报送，请刷新后再试。", [feed]) from error


def _accepted(feed: Feed) -> QuerySet[Feed]:
    return Feed.objects.filter(
        round=feed.round_id, kind=feed.kind, department=feed.department_id, state=FeedState.MATCHED
    )


def would_lose_all(feed: Feed, accepted: Feed | None) -> bool:
    """Whether `feed` has rows of which none was matched, and `accepted` has some: a wrong file, more likely
    than a department that has nobody any more. A list without rows says just that."""
    return bool(accepted and feed.rows_read and not feed.rows_matched and accepted.rows_matched)


@transaction.atomic
def deliver_feed(
    round: Round, kind: FeedKind, *, file_name: str, content: bytes, by: Actor, department: str = ""
) -> Outcome:
    """Receives, checks and accepts in one go, for the command; refused as a whole, it leaves no trace. The
    same file again changes nothing: what was newly matched since counts as created, the rest as unchanged."""
    # One delivery to a round at a time, so that of two equal files at once the second finds the first.
    Round.objects.select_for_update(no_key=True).get(pk=round.pk)
    owner = delivering_department(round, kind, by, department)
    file: dict[str, Any] = {
        "file_name": file_name,
        "content": content,
        "by": by,
        "department": department,
    }
    accepted = Feed.objects.filter(
        round=round,
        kind=kind.code,
        department=owner,
        state=FeedState.MATCHED,
        file_digest=private_files.digest(content),
    ).first()
    if accepted is None or not _may_deliver(round, by):
        return _deliver_anew(round, kind, **file)
    before = accepted.rows.filter(status=RowStatus.MATCHED).count()
    matching.match_again(round)
    outcome = _deliver_where_more_match(accepted, kind, file) or outcome_of(
        accepted, [RowFault(**fault) for fault in accepted.warnings], read=accepted.rows_read
    )
    outcome.unknown_headings = accepted.unknown_headings
    outcome.created, outcome.unchanged = max(outcome.good - before, 0), min(outcome.good, before)
    return outcome.settle()


def _may_deliver(round: Round, by: Actor) -> bool:
    return by.may("feed.deliver") and by.duty.county_code == round.county_id and round.is_sweepable


def _deliver_anew(round: Round, kind: FeedKind, **file: Any) -> Outcome:
    feed = None
    try:
        with transaction.atomic():
            feed = receive_feed(round, kind, **file)
            outcome = check_feed(feed, by=file["by"], asking=False, keep=None)
            assert outcome is not None  # a command is asked nothing
            feed.refresh_from_db(fields=["rows_read", "rows_matched"])
            if would_lose_all(feed, _accepted(feed).first()):
                outcome.notes.append(NOTHING_MATCHED)
                Feed.objects.filter(pk=feed.pk).update(stored_name="", sample=None)
            else:
                accept_feed(feed, by=file["by"])
    finally:
        if feed is not None:
            private_files.remove(feed.stored_name)
    return outcome


def _deliver_where_more_match(accepted: Feed, kind: FeedKind, file: dict[str, Any]) -> Outcome | None:
    """Rows without a number keep no name to look for again: the file itself is read once more, and replaces
    the accepted list where it matches more than that does now."""
    unplaced = Q(code__startswith="match_") | Q(code="division_unknown")
    if not accepted.rows.filter(unplaced, status=RowStatus.SET_ASIDE, person_index=None).exists():
        return None
    matched = accepted.rows.filter(status=RowStatus.MATCHED).count()
    with transaction.atomic():
        outcome = _deliver_anew(accepted.round, kind, **file)
        if outcome.good > matched:
            return outcome
        transaction.set_rollback(True)
    return None


def try_delivery(
    round: Round, kind: FeedKind, *, file_name: str, content: bytes, by: Actor, department: str = ""
) -> Outcome:
    """`deliver_feed`, all the way and rolled back: shows exactly what a delivery would do."""
    with handing_in.trial(keep=False):
        return deliver_feed(round, kind, file_name=file_name, content=content, by=by, department=department)


def returned_workbook(feed: Feed, *, by: Actor) -> bytes:
    """Rows set aside and refused, as they came, with the reason; the export is audited."""
    rows = feed.rows.exclude(status=RowStatus.MATCHED).order_by("row_no")
    audit.record(by, "feed_returned", feed, rows=rows.count())
    stream = io.BytesIO()
    returned = ((row.row_no, row.data, row.message) for row in rows.iterator(chunk_size=2000))
    write_returned_rows(stream, feed.headings, returned, sheet=amending.sheet_name(feed))
    return stream.getvalue()


def template_workbook(kind: FeedKind) -> bytes:
    return handing_in.template(kind.columns, title=kind.label, notes=kind.notes)
