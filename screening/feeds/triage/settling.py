"""What the office decides on a row: who it is, nobody of the county, back to the department, or later. Once a
row, with what it was before, so that it can be taken back; remembered for the department's next list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from fangpin.accounts.places.divisions import PlaceFinder
from fangpin.common import audit, cells
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.workbooks import Table
from fangpin.common.workbooks.headings import understand
from households.models import Member
from screening import criteria
from screening.feeds import headings, matching, reading
from screening.feeds.triage.rows import Said, triable, what_is_said
from screening.models import Feed, FeedRow, FeedState, MatchMemory, Round, RowSettlement, RowStatus

Outcome = RowSettlement.Outcome
_FIGURES = ("on_date", "until_date", "amount", "months", "qualifies", "reason", "word", "hamlet")
_KEPT = ("status", "code", "message", "member_id", "household_id", "division_id", *_FIGURES[1:])
_AT_ONCE = 2000


@dataclass(frozen=True)
class Word:
    """What is said of one row; `member` with Outcome.PERSON alone."""

    outcome: str
    member: Member | None = None
    words: str = ""


def settle_rows(said: Mapping[int, Word], *, by: Actor) -> list[RowSettlement]:
    """Row's key → the word on it; all or none, all of one round. Raises Refused where a row was settled by
    somebody else in the meantime, its list was replaced, or its other cells have a fault."""
    with transaction.atomic():
        rows = _locked(said, by=by)
        identities = what_is_said(rows)
        made = [_settle(row, said[row.pk], identities[row.pk], by=by) for row in rows]
        matching.recount(Feed.objects.filter(pk__in={row.feed_id for row in rows}))
        if any(word.outcome == Outcome.PERSON for word in said.values()):
            Round.objects.filter(pk=rows[0].feed.round_id).call_for_sweep()
        for word in {word.outcome for word in said.values()}:
            numbers = [row.row_no for row in rows if said[row.pk].outcome == word]
            audit.record(by, "triage_settle", rows[0].feed.round, outcome=word, rows=numbers[:500])
    return made


def undo_settlement(settlement: RowSettlement, *, by: Actor) -> None:
    """The row is what it was; what was remembered of it is forgotten. Raises Refused once the round is
    submitted."""
    with transaction.atomic():
        round = _open_round(settlement.feed.round_id)
        current = RowSettlement.objects.select_related("feed__department").filter(pk=settlement.pk).first()
        if current is None:
            raise Refused("这一行的核对刚刚已撤回，请刷新页面。")
        if current.feed.state != FeedState.MATCHED:
            raise Refused("这份数据已被新报送的替换，请到新的一份里核对。")
        row = FeedRow.objects.select_related("feed__round", "feed__department").get(
            feed=current.feed_id, row_no=current.row_no
        )
        digest = what_is_said([row])[row.pk].digest
        FeedRow.objects.filter(pk=row.pk).update(**current.before)
        MatchMemory.objects.filter(department=current.feed.department, digest=digest).delete()
        current.delete()
        matching.recount(Feed.objects.filter(pk=row.feed_id))
        if current.outcome == Outcome.PERSON:
            Round.objects.filter(pk=round.pk).call_for_sweep()
        audit.record(by, "triage_take_back", round, feed=row.feed_id, row=row.row_no)


def apply_memory(feed: Feed) -> int:
    """Settles the rows of a list just read as they were settled before; how many. A member who has left, or
    is in another county now, is asked about again."""
    known = MatchMemory.objects.filter(department=feed.department_id)
    if not known.exists():
        return 0
    settled = RowSettlement.objects.filter(feed=OuterRef("feed"), row_no=OuterRef("row_no"))
    rows = FeedRow.objects.filter(triable(), ~Exists(settled), feed=feed)
    rows = rows.select_related("feed__round", "feed__department")
    done, keys = 0, list(rows.order_by("row_no").values_list("pk", flat=True))
    for start in range(0, len(keys), _AT_ONCE):
        lot = list(rows.filter(pk__in=keys[start : start + _AT_ONCE]))
        for row in lot:
            row.feed = feed  # its headings are not saved yet
        identities = what_is_said(lot)
        digests = {row.pk: identities[row.pk].digest for row in lot}
        memories = {
            memory.digest.hex: memory
            for memory in known.filter(digest__in=set(digests.values())).select_related(
                "member__household", "by"
            )
        }
        for row in lot:
            memory = memories.get(digests[row.pk])
            if memory is not None and _still_holds(memory, feed):
                done += _repeat(row, memory, identities[row.pk])
    if done:
        matching.recount(Feed.objects.filter(pk=feed.pk))
    return done


def count_settled_since_sweep(round: Round) -> int:
    """Rows of the round that were settled as somebody after its last sweep: no rule has read them yet."""
    later = Q(at__gt=round.swept_at) if round.swept_at else Q()
    return RowSettlement.objects.filter(
        later, feed__round=round, feed__state=FeedState.MATCHED, outcome=Outcome.PERSON
    ).count()


def _repeat(row: FeedRow, memory: MatchMemory, said: Said) -> int:
    word = Word(Outcome.PERSON, memory.member) if memory.member_id else Word(Outcome.NOBODY)
    try:
        with transaction.atomic():
            _settle(row, word, said, by=memory.by, from_memory=memory)
    except Refused:
        return 0  # another cell of the row has a fault: a person looks at it
    return 1


def _still_holds(memory: MatchMemory, feed: Feed) -> bool:
    member = memory.member
    return member is None or (
        member.removed_on is None and member.household.county_id == feed.round.county_id
    )


def _settle(
    row: FeedRow, word: Word, said: Said, *, by: Actor, from_memory: MatchMemory | None = None
) -> RowSettlement:
    before = {name: cells.as_json(getattr(row, name)) for name in (*_KEPT, "on_date")}
    settlement = RowSettlement(
        feed=row.feed,
        row_no=row.row_no,
        outcome=word.outcome,
        member=word.member,
        words=word.words.strip()[:100],
        before=before,
        by=by,
        from_memory=from_memory is not None,
    )
    try:
        with transaction.atomic():
            settlement.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(f"第 {row.row_no} 行刚刚已由别人核对，请刷新页面。") from error
    if changes := _changes(row, word, settlement, from_memory):
        FeedRow.objects.filter(pk=row.pk).update(**changes)
    if from_memory is None and word.outcome in (Outcome.PERSON, Outcome.NOBODY):
        MatchMemory.objects.update_or_create(
            department=row.feed.department,
            digest=said.digest,
            defaults={"member": word.member, "by": by, "at": settlement.at},
        )
    return settlement


def _changes(
    row: FeedRow, word: Word, settlement: RowSettlement, memory: MatchMemory | None
) -> dict[str, Any]:
    who = memory or settlement
    day_and_name = f"{timezone.localtime(who.at):%Y-%m-%d} {who.by.name}"
    if word.outcome == Outcome.PERSON and word.member is not None:
        home = word.member.household
        return {
            "status": RowStatus.MATCHED,
            "code": "",
            "message": f"按 {day_and_name} 的核对比中。",
            "member_id": word.member.pk,
            "household_id": home.pk,
            "division_id": home.village_id,
            **_figures(row, word.member),
        }
    if word.outcome == Outcome.NOBODY:
        return {"message": f"{day_and_name} 核对：本县户册没有这个人。确为本县农户的，请先补进户册。"}
    if word.outcome == Outcome.RETURNED:
        return {
            "status": RowStatus.REFUSED,
            "message": f"县办公室退回（{day_and_name}）：{word.words.strip() or '请核对后补填证件号码'}",
        }
    return {}


def _figures(row: FeedRow, member: Member) -> dict[str, Any]:
    """What a row comes to that was refused for its number: read again with the number of the person."""
    if row.status != RowStatus.REFUSED:
        return {}
    feed = row.feed
    kind = criteria.feed_kinds()[feed.kind]
    block = understand(feed.headings, kind.columns, headings.remembered(feed.department, kind))
    column = next(c.column.heading for c in kind.cells if c.name == kind.identity.id_number)
    sent = list(row.data)
    sent[block.places[column]] = member.id_number
    table = Table(
        sheet="",
        headings=feed.headings,
        places=block.places,
        unknown=[],
        numbers=[row.row_no],
        rows=[tuple(sent)],
        sums=block.sums,
    )
    read = reading.read(table, kind)
    if 0 in read.faults:
        raise Refused(f"第 {row.row_no} 行还有别的错，请退回部门：{read.faults[0][2]}")
    staged = next(iter(reading.staged_rows(read, PlaceFinder(feed.round.county))))
    values = dict(zip(matching.STAGE, staged, strict=True))
    return {name: _or_default(name, values[name]) for name in _FIGURES}


def _or_default(name: str, value: Any) -> Any:
    if name in ("reason", "word", "hamlet"):
        return value or ""
    return bool(value) if name == "qualifies" else value


def _locked(said: Mapping[int, Word], *, by: Actor) -> list[FeedRow]:
    rows = list(
        FeedRow.objects.for_user(by)
        .filter(triable(), pk__in=list(said))
        .select_related("feed__round__county", "feed__department")
        .order_by("feed_id", "row_no")
    )
    if not rows or len(rows) != len(said):
        raise Refused("有的行刚刚已经变了，请刷新页面再核对。")
    if len({row.feed.round_id for row in rows}) != 1:
        raise Refused("请一次只核对一个季度的行。")
    _open_round(rows[0].feed.round_id)
    live = set(
        Feed.objects.filter(pk__in={row.feed_id for row in rows}, state=FeedState.MATCHED).values_list(
            "pk", flat=True
        )
    )
    if any(row.feed_id not in live for row in rows):
        raise Refused("这份数据已被新报送的替换，请到新的一份里核对。")
    county = rows[0].feed.round.county_id
    for word in said.values():
        if word.outcome not in Outcome.values or (word.member is None) == (word.outcome == Outcome.PERSON):
            raise Refused("请选一个人，或说明不是本县户册的人。")
        if word.member is not None and word.member.household.county_id != county:
            raise Refused("这个人不在本县户册里。")
    _forget_later(rows)
    return rows


def _forget_later(rows: Sequence[FeedRow]) -> None:
    """What was put off may be settled now."""
    for row in rows:
        RowSettlement.objects.filter(feed=row.feed_id, row_no=row.row_no, outcome=Outcome.LATER).delete()


def _open_round(pk: int) -> Round:
    round = Round.objects.select_for_update(no_key=True).get(pk=pk)
    if not round.is_sweepable:
        raise Refused(f"{round}{round.get_state_display()}，不能再核对；请留到下一季度。")
    return round
