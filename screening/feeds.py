"""部门数据: received, checked and shown, then accepted; what is not taken goes back as a workbook (Art. 7(2)1)."""

import datetime
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import BinaryIO

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from fangpin.accounts.divisions import PlaceFinder
from fangpin.accounts.models import Department
from fangpin.common import audit, databases, private_files
from fangpin.common.outcomes import Outcome, RowFault
from fangpin.common.transitions import Conflict, born, move
from fangpin.common.workbooks import MissingHeadings, Table, UnreadableFile, read_chunks, read_table
from fangpin.common.workbooks.headings import SAMPLE
from fangpin.common.workbooks.writing import write_returned_rows, write_template
from screening import amending, auto_sweep, criteria, headings, matching, staging
from screening.criteria.base import FeedKind
from screening.models import Feed, FeedRow, FeedState, Round, RowSettlement, RowStatus
from screening.triage import settling

WARNINGS_KEPT = 500
DAYS_KEPT = 31
FAULTS_TOLD = 5000
NOTHING_MATCHED = (
    "这份文件没有一行比中，已报送的那份有比中的行，没有替换，仍按已报送的比对。请按各行的原因改正后重新报送；"
    "确实没有对象的，请报送只有表头的空表。"
)


class FeedRefused(Exception):
    """The list is given back as a whole; nothing was changed."""

    def __init__(self, message: str):
        self.message = message
        super().__init__(message)


class Overtaken(FeedRefused):
    """A newer one is there."""


def delivering_department(round: Round, kind: FeedKind, by, chosen: str = "") -> Department:
    """Whose list it is: the officer's own department, or for the office the one it names (else the kind's
    first). Raises FeedRefused where the kind is not that department's."""
    code = by.acting.department.code if by.acting.department_id else chosen or kind.departments[0]
    if code not in kind.departments:
        raise FeedRefused(f"“{kind.label}”不由{by.acting.department or code}报送。")
    return Department.objects.get(county_id=round.county_id, code=code)


def receive(
    round: Round,
    kind: FeedKind,
    *,
    file_name: str,
    content: bytes | BinaryIO,
    by,
    department: str = "",
    amends: Feed | None = None,
) -> Feed:
    """Keeps the file and returns the feed, not yet read. `amends` is the list of which it mends some rows. Raises
    FeedRefused where it may not be delivered."""
    if not by.may("feed.deliver") or by.acting.county_code != round.county_id:
        raise FeedRefused("您当前的岗位不能报送这个县的部门数据。")
    if not round.takes_lists:
        raise FeedRefused(f"{round}{round.get_state_display()}，不能再报送数据。")
    feed = Feed.objects.create(
        round=round,
        kind=kind.code,
        department=delivering_department(round, kind, by, department),
        file_name=file_name[:200],
        file_digest=private_files.digest(content),
        stored_name=private_files.store(content),
        by=by,
        on_behalf=not by.acting.department_id,
        amends=amends,
    )
    born([feed], by=by, name="receive")
    return feed


def amend(base: Feed, *, file_name: str, content: bytes, by) -> Feed:
    """Receives the mended rows of `base`, a list that waits or stands: once checked, a list of its own with the
    rest of `base` in it. Raises FeedRefused."""
    if not amending.may_be_mended(base):
        raise FeedRefused("这份数据没有要补改的行，或已被新的一份替换，请从现在的那份补改。")
    kind = criteria.feed_kinds()[base.kind]
    file = {"file_name": file_name, "content": content, "by": by}
    return receive(base.round, kind, department=base.department.code, amends=base, **file)


def check(
    feed: Feed,
    *,
    by,
    asking: bool = True,
    progress: Callable[[str], None] = lambda label: None,
    keep: int | None = FAULTS_TOLD,
) -> Outcome | None:
    """Reads and matches a received feed; it is then `checked` and shown, and no rule sees it yet. Others of its
    kind that wait make way for it. The outcome tells the first `keep` faults of each sort and counts all.

    With `asking`, headings that the words alone don't tell are asked: the feed is then `asked`, and None is
    returned. Raises FeedRefused (and leaves the feed `refused`, with the reason) where the file can't be read or
    lacks a required heading for good.
    """
    try:
        return _check(feed, asking, by=by, progress=progress, keep=keep)
    except Overtaken as error:
        waiting = Feed.objects.filter(pk=feed.pk, state__in=Feed.PENDING)
        discard(waiting, by=by, why=error.message)
        raise


def _check(feed: Feed, asking: bool, *, by, progress, keep: int | None) -> Outcome | None:
    kind = criteria.feed_kinds()[feed.kind]
    progress("正在读取文件")
    try:
        memory = headings.remembered(feed.department, kind)
        with private_files.open_file(feed.stored_name) as file:
            tables = read_chunks(file, feed.file_name, kind.columns, memory)
            first = next(tables)
            base = feed.amends or (amending.base_of(feed, first) if asking else None)
            if asking and base is None and first.doubled:
                return _ask(feed, first, by=by)
            laid, stand = None, []
            if base is not None:
                whole = read_table(private_files.load(feed.stored_name), feed.file_name, kind.columns, memory)
                laid, stand = amending.laid_out(whole, base), amending.already_matched(whole, base)
            sample, told = _sample(laid or first), laid or first
            notes = _notes(first)
            with _staged(feed, kind, chain([first], tables), laid, base, progress) as read:
                read.warnings += stand
                del first
                progress("正在与户册比对")
                with transaction.atomic():
                    return _checked(
                        feed, read, base, told.by_memory, sample, notes, by=by, progress=progress, keep=keep
                    )
    except UnreadableFile as error:
        if asking and feed.amends_id is None and _may_be_mapped(error, kind):
            return _ask(feed, error, by=by)
        raise _refused(feed, error.message, by=by) from error


@contextmanager
def _staged(feed: Feed, kind: FeedKind, tables, laid: Table | None, base: Feed | None, progress) -> Iterator:
    """The whole file chunk by chunk, or the mended rows of `base`, in a stage."""
    places = PlaceFinder(feed.round.county)
    if base is None:
        with staging.staged_file(tables, kind, places, progress) as read:
            yield read
        return
    progress("正在检查各行")
    mended = amending.read(laid, kind, base)
    rows = amending.staged_rows(mended, places, laid)
    with databases.staged("stage_feed", matching.STAGE, rows) as stage:
        warnings = amending.warnings_of(mended, laid, base)
        yield staging.Staged(stage, len(laid.rows), laid.headings, laid.unknown, warnings)


def _checked(
    feed: Feed, read: staging.Staged, base: Feed | None, recalled: dict, sample: list, notes: list[str], *, by,
    progress, keep: int | None,
) -> Outcome:  # fmt: skip
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
        Feed.objects.filter(pk=feed.pk), "check_file", by=by,
        stamps={
            "headings": read.headings, "unknown_headings": read.unknown, "rows_read": outcome.read,
            "rows_matched": outcome.good, "rows_set_aside": outcome.count_set_aside,
            "rows_refused": outcome.count_refused, "ask": {}, "recalled": recalled, "sample": sample,
            "amends": base, "warnings": [fault.as_json() for fault in outcome.warnings[:WARNINGS_KEPT]],
        },
    )  # fmt: skip
    audit.record(
        by, "feed_check", feed, digest=feed.file_digest, kind=feed.kind, read=outcome.read, good=outcome.good,
        set_aside=outcome.count_set_aside, refused=outcome.count_refused, amends=base and base.pk,
    )  # fmt: skip
    progress("正在与户册比对")  # whoever has lost the work to somebody else stops here
    return outcome


def _may_be_mapped(error: UnreadableFile, kind: FeedKind) -> bool:
    """A file with fewer columns than are required lacks some for good."""
    required = sum(column.required for column in kind.columns)
    return isinstance(error, MissingHeadings) and len([w for w in error.headings if w]) >= max(required, 2)


def _ask(feed: Feed, found: MissingHeadings | Table, *, by) -> None:
    asked = {"missing": found.missing} if isinstance(found, MissingHeadings) else {"doubled": found.doubled}
    with transaction.atomic():
        _make_way(feed, None, by=by)
        move(
            Feed.objects.filter(pk=feed.pk), "ask_headings", by=by,
            stamps={"ask": asked, "headings": found.headings, "sample": _sample(found)},
        )  # fmt: skip


def _sample(found: MissingHeadings | Table) -> list[list]:
    rows = found.sample if isinstance(found, MissingHeadings) else found.rows[:SAMPLE]
    return [list(row) for row in rows] or [[]]


def _notes(table: Table) -> list[str]:
    return [
        f"“{'”和“'.join(words)}”都像是“{heading}”，只采用了“{table.headings[table.found[heading]]}”，没有合计；"
        "请在页面上传一次，选好对应的列，以后就按它读取。"
        for heading, words in table.doubled.items()
    ]


def _refused(feed: Feed, message: str, *, by) -> FeedRefused:
    move(
        Feed.objects.filter(pk=feed.pk), "refuse", by=by,
        stamps={"error": message, "stored_name": "", "sample": None},
    )  # fmt: skip
    transaction.on_commit(lambda: private_files.remove(feed.stored_name))
    return FeedRefused(message)


def _make_way(feed: Feed, base: Feed | None, *, by) -> None:
    """One list of a kind waits at a time, the newest. Raises Overtaken where `feed` is not it, or what it mends
    stands no more."""
    Round.objects.select_for_update(no_key=True).get(pk=feed.round_id)
    same = Feed.objects.filter(round=feed.round_id, kind=feed.kind, department=feed.department_id)
    there = (FeedState.ASKED, FeedState.CHECKED, FeedState.MATCHED)
    if same.filter(pk__gt=feed.pk, state__in=there).exists():
        raise Overtaken("后来又上传了一份，这一份不再检查。")
    if base is not None and not same.filter(pk=base.pk, state__in=amending.LIVE).exists():
        raise Overtaken("要补改的那份数据刚刚变了，请从现在的那份重新下载退回的行。")
    earlier = same.filter(pk__lt=feed.pk, state__in=Feed.PENDING)
    if keys := list(earlier.values_list("pk", flat=True)):
        discard(Feed.objects.filter(pk__in=keys), by=by, why="又上传了新的一份")


def discard(feeds: QuerySet[Feed], *, by, why: str = "") -> None:
    """Takes lists back that are not delivered: their rows and files go, who brought what stays on record. Raises
    what the door raises."""
    with transaction.atomic():
        kept = dict(feeds.values_list("pk", "stored_name"))
        found = Feed.objects.filter(pk__in=list(kept))
        move(found, "discard", by=by, opinion=why, stamps={"stored_name": "", "sample": None, "warnings": []})
        FeedRow.objects.filter(feed__in=list(kept)).delete()
        RowSettlement.objects.filter(feed__in=list(kept)).delete()
        for pk in kept:
            audit.record(by, "feed_discard", Feed(pk=pk), why=why)
        transaction.on_commit(lambda: _remove(kept.values()))


def _remove(names: Iterable[str]) -> None:
    for name in names:
        private_files.remove(name)


def drop_forgotten_files() -> int:
    """Files of lists that nobody confirmed: gone once their round takes no more lists, or after a month."""
    old = timezone.now() - datetime.timedelta(days=DAYS_KEPT)
    over = ~Q(state__in=Feed.PENDING) | ~Q(round__state__in=Round.TAKES_LISTS) | Q(created_at__lt=old)
    found = dict(Feed.objects.exclude(stored_name="").filter(over).values_list("pk", "stored_name"))
    with transaction.atomic():
        Feed.objects.filter(pk__in=list(found)).update(stored_name="", sample=None)
        transaction.on_commit(lambda: _remove(found.values()))
    return len(found)


def outcome_of(feed: Feed, warnings: list[RowFault], *, read: int, keep: int | None = None) -> Outcome:
    """What became of the rows, from the database: what is counted is what stands there. With `keep` no more than so
    many faults of each sort are told, and all are counted."""
    rows = feed.rows.order_by("row_no")
    faults = {
        status: [
            RowFault(*fault)
            for fault in rows.filter(status=status).values_list("row_no", "code", "message")[:keep]
        ]
        for status in (RowStatus.SET_ASIDE, RowStatus.REFUSED)
    }
    counts = dict(feed.rows.order_by().values_list("status").annotate(Count("pk")))
    told = rows.filter(status=RowStatus.MATCHED).exclude(code="").values_list("row_no", "code", "message")
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
        warnings=warnings + [RowFault(*fault) for fault in told[:keep]],
    ).settle()


def _warnings_of_cells(feed: Feed) -> list[RowFault]:
    """Those of its warnings that its rows do not hold themselves."""
    return [RowFault(**fault) for fault in feed.warnings if fault["code"] != "name_differs"]


def accept(feed: Feed, *, by) -> None:
    """Delivers a checked feed; the earlier one of the same round, kind and department is superseded with it.

    Raises Conflict where another one was accepted at the same moment, and where a list of which nothing was
    matched would take the place of one that has rows.
    """
    try:
        with transaction.atomic():
            auto_sweep.call(feed.round)
            earlier = _standing(feed)
            if standing := earlier.first():
                feed.refresh_from_db(fields=["rows_read", "rows_matched"])
                if would_lose_all(feed, standing):
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


def _standing(feed: Feed):
    return Feed.objects.filter(
        round=feed.round_id, kind=feed.kind, department=feed.department_id, state=FeedState.MATCHED
    )


def would_lose_all(feed: Feed, standing: Feed | None) -> bool:
    """Whether `feed` has rows of which none was matched, and `standing` has some: a wrong file, more likely than
    a department that has nobody any more. A list without rows says just that."""
    return bool(standing and feed.rows_read and not feed.rows_matched and standing.rows_matched)


@transaction.atomic
def deliver(
    round: Round, kind: FeedKind, *, file_name: str, content: bytes, by, department: str = ""
) -> Outcome:
    """Receives, checks and accepts in one go, for the command; refused as a whole, it leaves no trace. The same
    file again changes nothing: what was newly matched since counts as created, the rest as unchanged."""
    # One delivery to a round at a time, so that of two equal files at once the second finds the first.
    Round.objects.select_for_update(no_key=True).get(pk=round.pk)
    owner = delivering_department(round, kind, by, department)
    file = {"file_name": file_name, "content": content, "by": by, "department": department}
    standing = Feed.objects.filter(
        round=round, kind=kind.code, department=owner, state=FeedState.MATCHED,
        file_digest=private_files.digest(content),
    ).first()  # fmt: skip
    if standing is None or not _takes(round, by):
        return _deliver_anew(round, kind, **file)
    before = standing.rows.filter(status=RowStatus.MATCHED).count()
    matching.match_again(round)
    outcome = _matching_more(standing, kind, file) or outcome_of(
        standing, [RowFault(**fault) for fault in standing.warnings], read=standing.rows_read
    )
    outcome.unknown_headings = standing.unknown_headings
    outcome.created, outcome.unchanged = max(outcome.good - before, 0), min(outcome.good, before)
    return outcome.settle()


def _takes(round: Round, by) -> bool:
    return by.may("feed.deliver") and by.acting.county_code == round.county_id and round.is_sweepable


def _deliver_anew(round: Round, kind: FeedKind, **file) -> Outcome:
    feed = None
    try:
        with transaction.atomic():
            feed = receive(round, kind, **file)
            outcome = check(feed, by=file["by"], asking=False, keep=None)
            feed.refresh_from_db(fields=["rows_read", "rows_matched"])
            if would_lose_all(feed, _standing(feed).first()):
                outcome.notes.append(NOTHING_MATCHED)
                Feed.objects.filter(pk=feed.pk).update(stored_name="", sample=None)
            else:
                accept(feed, by=file["by"])
    finally:
        if feed is not None:
            private_files.remove(feed.stored_name)
    return outcome


def _matching_more(standing: Feed, kind: FeedKind, file: dict) -> Outcome | None:
    """Rows without a number keep no name to look for again: the file itself is read once more, and replaces the
    standing list where it matches more than that does now."""
    unplaced = Q(code__startswith="match_") | Q(code="division_unknown")
    if not standing.rows.filter(unplaced, status=RowStatus.SET_ASIDE, person_index=None).exists():
        return None
    matched = standing.rows.filter(status=RowStatus.MATCHED).count()
    try:
        with transaction.atomic():
            outcome = _deliver_anew(standing.round, kind, **file)
            if outcome.good <= matched:
                raise _TriedOut
    except _TriedOut:
        return None
    return outcome


class _TriedOut(Exception):
    """Rolls a dry run back."""


def try_out(
    round: Round, kind: FeedKind, *, file_name: str, content: bytes, by, department: str = ""
) -> Outcome:
    """`deliver`, all the way and rolled back: tells exactly what a delivery would do."""
    outcome = None
    try:
        with transaction.atomic():
            outcome = deliver(round, kind, file_name=file_name, content=content, by=by, department=department)
            raise _TriedOut
    except _TriedOut:
        return outcome


def returned_workbook(feed: Feed, *, by) -> bytes:
    """Rows set aside and refused, as they came, with the reason; the export is audited."""
    rows = feed.rows.exclude(status=RowStatus.MATCHED).order_by("row_no")
    audit.record(by, "feed_returned", feed, rows=rows.count())
    stream = io.BytesIO()
    told = ((row.row_no, row.data, row.message) for row in rows.iterator(chunk_size=2000))
    write_returned_rows(stream, feed.headings, told, sheet=amending.sheet_name(feed))
    return stream.getvalue()


def template(kind: FeedKind) -> bytes:
    stream = io.BytesIO()
    write_template(stream, kind.columns, title=kind.label, notes=kind.notes)
    return stream.getvalue()
