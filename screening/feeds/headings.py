"""列名对应: which of a file's headings is which of ours, where the words alone don't decide. Said on the page
once by the department (or the office for it), and remembered for its next list of the same kind."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from fangpin.accounts.models import Department
from fangpin.common import audit, cells, jobs
from fangpin.common.actor import Actor
from fangpin.common.cells import CellFault
from fangpin.common.transitions import move
from fangpin.common.values import idnumbers
from fangpin.common.workbooks import Column
from fangpin.common.workbooks.columns import bare_key, heading_key, is_content
from fangpin.common.workbooks.headings import understand
from screening import criteria
from screening.criteria.base import FeedKind
from screening.feeds import row_texts
from screening.models import Feed, FeedRow, HeadingMemory, RowSettlement

ALIKE = 0.34  # from here on a heading is offered as the likely one
EXAMPLES = 3
_name = re.compile("[\u4e00-\u9fff·]{2,4}")


def remembered(department: Department, kind: FeedKind) -> dict[str, str]:
    """Words of a file → our heading, "" for what is not to be used; the newest word counts."""
    memories = HeadingMemory.objects.filter(department=department, kind=kind.code).order_by("at", "pk")
    return dict(memories.values_list("words", "column"))


# ---- What the page offers ----
@dataclass
class Offer:
    """One of the file's columns: its place, its words, and what is in it, masked."""

    place: int
    words: str
    examples: list[str]
    is_amount: bool

    @property
    def label(self) -> str:
        shown = "、".join(self.examples)
        return f"{self.words}（如 {shown}）" if shown else f"{self.words}（前几行没有内容）"


@dataclass
class Line:
    """One of our columns: whether it is missing, what is chosen, and among what there is to choose."""

    column: Column
    position: int
    chosen: list[int]
    is_missing: bool = False
    is_guess: bool = False
    doubled: list[Offer] = field(default_factory=list)


@dataclass
class HeadingMap:
    offers: list[Offer]
    lines: list[Line]

    @property
    def open_lines(self) -> list[Line]:
        """What has to be answered."""
        return [line for line in self.lines if line.is_missing or line.doubled]

    @property
    def other_lines(self) -> list[Line]:
        return [line for line in self.lines if not (line.is_missing or line.doubled)]


def mapping_of(feed: Feed) -> HeadingMap:
    """The file's columns against ours, as the program reads them now; the likeliest are chosen beforehand."""
    kind = criteria.feed_kinds()[feed.kind]
    block = understand(feed.headings, kind.columns, remembered(feed.department, kind))
    offers = [
        Offer(place, words, *_examples(words, [_cell(row, place) for row in feed.sample or []]))
        for place, words in enumerate(feed.headings)
        if words and is_content(words) and len(words) <= HeadingMemory.LONGEST
    ]
    lines = []
    for position, column in enumerate(kind.columns):
        chosen = list(block.sums.get(column.heading, ()))
        if not chosen and column.heading in block.places:
            chosen = [block.places[column.heading]]
        words = block.doubled.get(column.heading, ())
        lines.append(
            Line(
                column,
                position,
                chosen,
                is_missing=column.required and not chosen,
                doubled=[offer for offer in offers if offer.words in words],
            )
        )
    _guess(feed, lines, offers)
    return HeadingMap(offers, lines)


def _cell(row: Sequence[Any], place: int) -> Any:
    return row[place] if place < len(row) else ""


def _examples(words: str, values: list[Any]) -> tuple[list[str], bool]:
    filled = [value for value in values if not cells.is_blank(value)]
    shown = [row_texts.masked_cell(words, value)[:20] for value in filled]
    return list(dict.fromkeys(shown))[:EXAMPLES], all(_is_amount(value) for value in filled)


def _is_amount(value: Any) -> bool:
    return _fits(cells.fen, value) and not cells.digits_lost(value) and not _fits(idnumbers.parse, value)


def _fits(parse: Callable[[Any], Any], value: Any) -> bool:
    try:
        parse(value)
    except CellFault:
        return False
    return True


def _guess(feed: Feed, lines: list[Line], offers: list[Offer]) -> None:
    """Chooses for what is missing the free column whose words and content are nearest; of equal ones the
    first."""
    free = {offer.place: offer for offer in offers}
    for line in lines:
        for place in line.chosen + [offer.place for offer in line.doubled]:
            free.pop(place, None)
    scored = sorted(
        (
            (_likeness(line.column, offer, feed), -line.position, -offer.place)
            for line in lines
            if not line.chosen
            for offer in free.values()
        ),
        reverse=True,
    )
    by_position = {line.position: line for line in lines}
    for score, position, place in scored:
        line = by_position[-position]
        if score >= ALIKE and not line.chosen and -place in free:
            line.chosen, line.is_guess = [-place], True
            del free[-place]


def _likeness(column: Column, offer: Offer, feed: Feed) -> float:
    """0 to 1 by the words; content that does not fit the column makes it 0."""
    if not _content_fits(column, [_cell(row, offer.place) for row in feed.sample or []]):
        return 0
    names = (column.heading, *column.synonyms, *column.stand_ins)
    alike = max(_common(bare_key(name), bare_key(offer.words)) for name in names)
    return max(alike, ALIKE) if _content_decides(column, offer, feed) else alike


def _content_decides(column: Column, offer: Offer, feed: Feed) -> bool:
    """Whether the content alone says what the column is: ID numbers, or names under a word for a person."""
    filled = [value for row in feed.sample or [] if not cells.is_blank(value := _cell(row, offer.place))]
    if column.kind == "id":
        return bool(filled) and all(_fits(idnumbers.parse, value) for value in filled)
    if column.heading.endswith("姓名"):
        names_person = set("人者名户") & set(offer.words)
        return bool(names_person and filled) and all(_name.fullmatch(str(value)) for value in filled)
    return False


def _content_fits(column: Column, values: list[Any]) -> bool:
    parsers: dict[str, Callable[[Any], Any]] = {"id": idnumbers.parse, "date": cells.day, "amount": cells.fen}
    filled = [value for value in values if not cells.is_blank(value, cells.BLANK_MARKS)]
    if column.kind in parsers:
        return not filled or any(_fits(parsers[column.kind], value) for value in filled)
    if column.choices:
        return not filled or any(
            choice in cells.fold(v) or cells.fold(v) in choice for v in filled for choice in column.choices
        )
    return not any(_fits(idnumbers.parse, value) for value in filled)


def _common(one: str, other: str) -> float:
    """Share of the characters that two words have in common (Dice)."""
    if not one or not other:
        return 0
    shared = (Counter(one) & Counter(other)).total()
    return 2 * shared / (len(one) + len(other))


# ---- What the department says ----
def map_headings(feed: Feed, chosen: Mapping[str, Sequence[int]], *, by: Actor) -> None:
    """Remembers `chosen` (our heading → places of the file's columns, none where the file has no such column)
    and queues the same file to be read again. Raises what the door raises, and jobs.AlreadyRunning."""
    kind = criteria.feed_kinds()[feed.kind]
    with transaction.atomic():
        move(Feed.objects.filter(pk=feed.pk), "map_headings", by=by)
        _remember(feed, kind, chosen, by=by)
        FeedRow.objects.filter(feed=feed).delete()
        RowSettlement.objects.filter(feed=feed).delete()  # what memory said of rows that are read anew
        jobs.enqueue("check_feed", str(feed.pk), by=by, feed=feed.pk)


def _remember(feed: Feed, kind: FeedKind, chosen: Mapping[str, Sequence[int]], *, by: Actor) -> None:
    """Only what the words alone don't say; what they do say is forgotten where it was remembered."""
    plain = understand(feed.headings, kind.columns, {})
    chosen_heading = {place: heading for heading, places in chosen.items() for place in places}
    claimed = set(plain.places.values())
    claimed |= {feed.headings.index(words) for listed in plain.doubled.values() for words in listed}
    remembered_words, plainly = {}, []
    for place, words in enumerate(feed.headings):
        if not words or not is_content(words) or len(words) > HeadingMemory.LONGEST:
            continue
        heading = chosen_heading.get(place, "")
        alone = plain.places.get(heading) == place and heading not in plain.doubled
        if heading and not (alone and len(chosen[heading]) == 1):
            remembered_words[words] = heading
        elif not heading and place in claimed:
            remembered_words[words] = ""
        else:
            plainly.append(heading_key(words))
    HeadingMemory.objects.filter(department=feed.department, kind=kind.code, key__in=plainly).delete()
    remember_headings(feed.department, kind, remembered_words, by=by)
    audit.record(by, "feed_headings", feed, kind=kind.code, mapping=remembered_words)


def remember_headings(
    department: Department, kind: FeedKind, columns: Mapping[str, str], *, by: Actor
) -> None:
    """Keeps what a department's words mean: `columns` is words → our heading. Two at once are safe: the later
    one counts."""
    now = timezone.now()
    HeadingMemory.objects.bulk_create(
        [
            HeadingMemory(
                department=department,
                kind=kind.code,
                key=heading_key(words),
                words=words,
                column=column,
                by=by,
                at=now,
            )
            for words, column in columns.items()
        ],
        update_conflicts=True,
        unique_fields=["department", "kind", "key"],
        update_fields=["words", "column", "by", "at"],
    )


def forget_heading(memory: HeadingMemory, *, by: Actor) -> None:
    """The word is read again as everybody's; lists that are there already stay as they are."""
    with transaction.atomic():
        audit.record(
            by,
            "heading_forget",
            memory.department,
            kind=memory.kind,
            words=memory.words,
            column=memory.column,
        )
        HeadingMemory.objects.filter(pk=memory.pk).delete()
