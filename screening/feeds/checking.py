"""A received list read, matched and shown, or its headings asked; a list of any length in pieces, mended rows
merged into the list that they came from."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

from django.db import transaction
from django.db.models import Count

from fangpin.accounts.places.divisions import PlaceFinder
from fangpin.common import audit, database
from fangpin.common.actor import Actor
from fangpin.common.files import private_files
from fangpin.common.outcomes import Outcome, RowFault
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move
from fangpin.common.workbooks import MissingHeadings, Table, UnreadableFile, read_chunks, read_table
from fangpin.common.workbooks.headings import SAMPLE
from screening import criteria
from screening.criteria.base import FeedKind
from screening.feeds import amending, headings, matching, staging
from screening.feeds.discarding import discard_feeds
from screening.feeds.triage import settling
from screening.models import Feed, FeedState, Round, RowStatus

Progress = Callable[[str], None]
WARNINGS_KEPT = 500
FAULTS_SHOWN = 5000


class FeedRefused(Refused):
    """A list is given back as a whole; nothing was changed."""


class Overtaken(FeedRefused):
    """A newer one is there."""


def check_feed(
    feed: Feed,
    *,
    by: Actor,
    asking: bool = True,
    progress: Progress = lambda _label: None,
    keep: int | None = FAULTS_SHOWN,
) -> Outcome | None:
    """Reads and matches a received feed; it is then `checked` and shown, and no rule sees it yet. Others of
    its kind that wait make way for it. The outcome holds the first `keep` faults of each sort and counts all.

    With `asking`, headings that the words alone don't decide are asked: the feed is then `asked`, and None is
    returned. Raises FeedRefused (and leaves the feed `refused`, with the reason) where the file can't be read
    or lacks a required heading for good.
    """
    try:
        return _check(feed, asking, by=by, progress=progress, keep=keep)
    except Overtaken as error:
        waiting = Feed.objects.filter(pk=feed.pk, state__in=Feed.PENDING)
        discard_feeds(waiting, by=by, why=error.message)
        raise


def _check(feed: Feed, asking: bool, *, by: Actor, progress: Progress, keep: int | None) -> Outcome | None:
    kind = criteria.feed_kinds()[feed.kind]
    progress("正在读取文件")
    try:
        memory = headings.remembered(feed.department, kind)
        with private_files.open_file(feed.stored_name) as file:
            tables = read_chunks(file, feed.file_name, kind.columns, memory)
            first = next(tables)
            base = feed.amends or (amending.base_of(feed, first) if asking else None)
            if asking and base is None and first.doubled:
                _ask(feed, first, by=by)
                return None
            laid: Table | None = None
            already: list[RowFault] = []
            if base is not None:
                whole = read_table(private_files.load(feed.stored_name), feed.file_name, kind.columns, memory)
                laid, already = amending.laid_out(whole, base), amending.already_matched(whole, base)
            sample, by_memory = _sample(laid or first), (laid or first).by_memory
            notes = _notes(first)
            mended = (laid, base) if laid is not None and base is not None else None
            with _staged(feed, kind, chain([first], tables), mended, progress) as read:
                read.warnings += already
                del first
                progress("正在与户册比对")
                with transaction.atomic():
                    return _checked(
                        feed, read, base, by_memory, sample, notes, by=by, progress=progress, keep=keep
                    )
    except UnreadableFile as error:
        if (
            asking
            and feed.amends_id is None
            and isinstance(error, MissingHeadings)
            and _may_be_mapped(error, kind)
        ):
            _ask(feed, error, by=by)
            return None
        raise _refused(feed, error.message, by=by) from error


@contextmanager
def _staged(
    feed: Feed,
    kind: FeedKind,
    tables: Iterator[Table],
    mended: tuple[Table, Feed] | None,
    progress: Progress,
) -> Iterator[staging.Staged]:
    """The whole file chunk by chunk in a stage, or the `mended` rows of a list."""
    places = PlaceFinder(feed.round.county)
    if mended is None:
        with staging.staged_file(tables, kind, places, progress) as read:
            yield read
        return
    progress("正在检查各行")
    laid, base = mended
    parsed = amending.read(laid, kind, base)
    rows = amending.staged_rows(parsed, places, laid)
    with database.staged("stage_feed", matching.STAGE, rows) as stage:
        warnings = amending.warnings_of(parsed, laid, base)
        yield staging.Staged(stage, len(laid.rows), laid.headings, laid.unknown, warnings)


def _checked(
    feed: Feed,
    read: staging.Staged,
    base: Feed | None,
    recalled: dict[str, list[str]],
    sample: list[list[Any]],
    notes: list[str],
    *,
    by: Actor,
    progress: Progress,
    keep: int | None,
) -> Outcome:
    count = read.rows
    if base is not None:
        count += amending.copy_the_rest(feed, base, read.stage)
    matching.insert_matched(feed, read.stage)
    feed.headings = read.headings
    settling.apply_memory(feed)
    outcome = outcome_of(feed, read.warnings, read=count, keep=keep)
    outcome.unknown_headings, outcome.notes = read.unknown, notes
    _make_way(feed, base, by=by)
    move(
        Feed.objects.filter(pk=feed.pk),
        "check_file",
        by=by,
        stamps={
            "headings": read.headings,
            "unknown_headings": read.unknown,
            "rows_read": outcome.read,
            "rows_matched": outcome.good,
            "rows_set_aside": outcome.count_set_aside,
            "rows_refused": outcome.count_refused,
            "ask": {},
            "recalled": recalled,
            "sample": sample,
            "amends": base,
            "warnings": [fault.as_json() for fault in outcome.warnings[:WARNINGS_KEPT]],
        },
    )
    audit.record(
        by,
        "feed_check",
        feed,
        digest=feed.file_digest,
        kind=feed.kind,
        read=outcome.read,
        good=outcome.good,
        set_aside=outcome.count_set_aside,
        refused=outcome.count_refused,
        amends=base and base.pk,
    )
    progress("正在与户册比对")  # raises where another worker has taken the job over
    return outcome


def _may_be_mapped(error: MissingHeadings, kind: FeedKind) -> bool:
    """A file with fewer columns than are required lacks some for good."""
    required = sum(column.required for column in kind.columns)
    return len([words for words in error.headings if words]) >= max(required, 2)


def _ask(feed: Feed, read: MissingHeadings | Table, *, by: Actor) -> None:
    asked = {"missing": read.missing} if isinstance(read, MissingHeadings) else {"doubled": read.doubled}
    with transaction.atomic():
        _make_way(feed, None, by=by)
        move(
            Feed.objects.filter(pk=feed.pk),
            "ask_headings",
            by=by,
            stamps={"ask": asked, "headings": read.headings, "sample": _sample(read)},
        )


def _sample(read: MissingHeadings | Table) -> list[list[Any]]:
    rows = read.sample if isinstance(read, MissingHeadings) else read.rows[:SAMPLE]
    return [list(row) for row in rows] or [[]]


def _notes(table: Table) -> list[str]:
    return [
        f"“{'”和“'.join(words)}”都像是“{heading}”，只采用了“{table.headings[table.places[heading]]}”，没有合计；"
        "请在页面上传一次，选好对应的列，以后就按它读取。"
        for heading, words in table.doubled.items()
    ]


def _refused(feed: Feed, message: str, *, by: Actor) -> FeedRefused:
    move(
        Feed.objects.filter(pk=feed.pk),
        "refuse",
        by=by,
        stamps={"error": message, "stored_name": "", "sample": None},
    )
    transaction.on_commit(lambda: private_files.remove(feed.stored_name))
    return FeedRefused(message)


def _make_way(feed: Feed, base: Feed | None, *, by: Actor) -> None:
    """One list of a kind waits at a time, the newest. Raises Overtaken where `feed` is not it, or the
    list that it mends is there no more."""
    Round.objects.select_for_update(no_key=True).get(pk=feed.round_id)
    same = Feed.objects.filter(round=feed.round_id, kind=feed.kind, department=feed.department_id)
    there = (FeedState.ASKED, FeedState.CHECKED, FeedState.MATCHED)
    if same.filter(pk__gt=feed.pk, state__in=there).exists():
        raise Overtaken("后来又上传了一份，这一份不再检查。")
    if base is not None and not same.filter(pk=base.pk, state__in=amending.LIVE).exists():
        raise Overtaken("要补改的那份数据刚刚变了，请从现在的那份重新下载退回的行。")
    earlier = same.filter(pk__lt=feed.pk, state__in=Feed.PENDING)
    if keys := list(earlier.values_list("pk", flat=True)):
        discard_feeds(Feed.objects.filter(pk__in=keys), by=by, why="又上传了新的一份")


def outcome_of(feed: Feed, warnings: list[RowFault], *, read: int, keep: int | None = None) -> Outcome:
    """What became of the rows, from the database: what is counted is what is stored. With `keep` no more
    than so many faults of each sort are listed, and all are counted."""
    rows = feed.rows.order_by("row_no")
    faults = {
        status: [
            RowFault(*fault)
            for fault in rows.filter(status=status).values_list("row_no", "code", "message")[:keep]
        ]
        for status in (RowStatus.SET_ASIDE, RowStatus.REFUSED)
    }
    counts = dict(feed.rows.order_by().values_list("status").annotate(Count("pk")))
    hints = rows.filter(status=RowStatus.MATCHED).exclude(code="").values_list("row_no", "code", "message")
    return Outcome(
        read=read,
        created=counts.get(RowStatus.MATCHED, 0),
        set_aside=faults[RowStatus.SET_ASIDE],
        refused=faults[RowStatus.REFUSED],
        untold={
            status.value: counts.get(status, 0) - len(listed)
            for status, listed in faults.items()
            if counts.get(status, 0) > len(listed)
        },
        warnings=warnings + [RowFault(*fault) for fault in hints[:keep]],
    ).settle()
