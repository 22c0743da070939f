"""Where the heading is, how many rows it has, and which column it names.

A heading has one to three rows. Two rows belong together when a merged cell says so or, where the file form
knows no merged cells, when a group word stands over several words with blanks to its right.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from fangpin.common.cells import CellFault, fold, is_blank, text
from fangpin.common.workbooks.columns import Column, Vocabulary, heading_key, is_content
from fangpin.common.workbooks.faults import MissingHeadings
from fangpin.common.workbooks.files import Range, Sheet

SEARCHED_ROWS = 40
SAMPLE = 3  # rows that show what stands in a column
DEEPEST = 3
_info_line = re.compile(
    r"(?:填报|填表|制表|上报|报送|编制|审核|联系|金额)?(?:单位|日期|时间|人|部门|电话|年度)(?:\(.*\))?:"
)
_values = re.compile(r"[\d\s.,/:+%-]+|\d{15,}.*")


@dataclass
class Headings:
    top: int
    bottom: int
    paths: list[tuple[str, ...]]
    places: dict[str, int] = field(default_factory=dict)  # canonical heading → position of its column
    sums: dict[str, tuple[int, ...]] = field(default_factory=dict)  # amounts that several columns make up
    doubled: dict[str, list[str]] = field(
        default_factory=dict
    )  # amounts that several texts name: which is meant?
    by_memory: dict[str, list[str]] = field(default_factory=dict)  # "" has those that are not to be used
    unknown: list[str] = field(default_factory=list)

    @cached_property
    def texts(self) -> list[str]:
        """One a column, each text once: a second column of the same words says so."""
        seen: Counter[str] = Counter()
        texts = []
        for words in map("·".join, self.paths):
            count = seen[heading_key(words)] = seen[heading_key(words)] + 1
            texts.append(f"{words}（同名第{count}列）" if words and count > 1 else words)
        return texts

    def missing(self, vocabulary: Vocabulary) -> list[str]:
        return [heading for heading in vocabulary.required if heading not in self.places]

    def is_complete(self, vocabulary: Vocabulary) -> bool:
        return not self.missing(vocabulary) and len(self.places) >= min(2, len(vocabulary.headings))


def find_headings(sheet: Sheet, vocabulary: Vocabulary) -> Headings | None:
    """The block that names most of what is wanted; of equal ones the first, with the rows that belong to
    it."""
    scored = defaultdict(list)
    for candidate in _candidates(sheet):
        _recognise(candidate, vocabulary)
        if candidate.places:
            score = -len(candidate.missing(vocabulary)), len(candidate.places)
            scored[score].append(candidate)
    if not scored:
        return None
    best = scored[max(scored)]
    first = min(best, key=lambda block: block.bottom)
    touching = [block for block in best if block.top <= first.bottom and block.bottom >= first.top]
    return max(touching, key=lambda block: block.bottom - block.top)


def first_texts(sheet: Sheet) -> list[str]:
    """What a reader would take for the heading when none was recognised."""
    for row in _texts(sheet.rows[:SEARCHED_ROWS]):
        if len(words := [each for each in row if each]) > 1:
            return words
    return []


def _candidates(sheet: Sheet) -> Iterator[Headings]:
    rows = sheet.rows[:SEARCHED_ROWS]
    texts = _texts(rows)
    merged = [area for area in sheet.merged or () if area[0][0] < SEARCHED_ROWS and area[0] != area[1]]
    hangs = [_belong_together(texts, merged, upper) for upper in range(len(texts) - 1)]
    for top in range(len(texts)):
        for bottom in range(top, min(top + DEEPEST, len(texts))):
            if bottom > top and not hangs[bottom - 1]:
                break
            # Without its groups a heading may say something else: a name below "head" is the head's.
            cut = top > 0 and hangs[top - 1] and bottom - top + 1 < DEEPEST
            if any(texts[bottom]) and not cut:
                yield Headings(top, bottom, _paths(texts, merged, top, bottom))


def _texts(rows: Sequence[Sequence[Any]]) -> list[list[str]]:
    width = max(map(len, rows), default=0)
    return [[_text(cell) for cell in row] + [""] * (width - len(row)) for row in rows]


def _text(cell: Any) -> str:
    try:
        return text(cell)
    except CellFault:
        return fold(cell)


def _belong_together(texts: list[list[str]], merged: list[Range], upper: int) -> bool:
    above, below = texts[upper], texts[upper + 1]
    if any(_info_line.match(fold(words)) for words in above if words) or not _has_groups(above, below):
        return False
    here = [area for area in merged if area[0][0] <= upper <= area[1][0]]
    if any(area[1][0] > upper and above[area[0][1]] for area in here):
        return True
    if any(_values.fullmatch(words) for words in below if words):
        return False
    if here:
        return any(any(below[area[0][1] : area[1][1] + 1]) for area in here if area[1][1] > area[0][1])
    return _spread(above, below) != above


def _has_groups(above: list[str], below: list[str]) -> bool:
    words = [(place, each) for place, each in enumerate(above) if each]
    if len(words) != 1:
        return len(words) > 1
    place, only = words[0]
    return len(only) <= 12 and any(below[:place])  # else it is a title


def _spread(above: list[str], below: list[str]) -> list[str]:
    """Group words taken to the right, as far as there are words below them and blanks beside them."""
    filled, group = list(above), ""
    for place, words in enumerate(above):
        if not below[place]:
            group = ""
        elif words:
            group = words
        else:
            filled[place] = group
    return filled


def _paths(texts: list[list[str]], merged: list[Range], top: int, bottom: int) -> list[tuple[str, ...]]:
    block = [list(row) for row in texts[top : bottom + 1]]
    inside = [area for area in merged if area[0][0] >= top and area[0][0] <= bottom]
    for (first_row, first_column), (last_row, last_column) in inside:
        words = texts[first_row][first_column] if first_column < len(texts[first_row]) else ""
        for row in block[first_row - top : last_row - top + 1]:
            end = min(last_column + 1, len(row))
            row[first_column:end] = [words] * (end - first_column)
    if not inside:
        for place in range(len(block) - 1, 0, -1):
            block[place - 1] = _spread(block[place - 1], block[place])
    return [_path(column) for column in zip(*block, strict=True)]


def _path(words: Sequence[str]) -> tuple[str, ...]:
    path: list[str] = []
    for each in words:
        path += [part for part in each.split("·") if part and part not in path[-1:]]
    return tuple(path)


def _recognise(block: Headings, vocabulary: Vocabulary) -> None:
    """What is remembered goes first. Several columns of one amount are added up only where that is
    remembered; else one is taken, and `doubled` says that somebody has to choose."""
    remembered, claims = defaultdict(list), defaultdict(list)
    for column, (path, words) in enumerate(zip(block.paths, block.texts, strict=True)):
        recalled = vocabulary.recall(words) if path else None
        if recalled is not None:
            remembered[recalled].append(column)
        elif path and (claim := vocabulary.claim(path)):
            claims[claim[1]].append((claim[0], column))
    for heading in vocabulary.headings:
        own, likely = remembered.get(heading, []), sorted(claims.get(heading, []))
        if own or likely:
            block.places[heading] = own[0] if own else likely[0][1]
        if heading in vocabulary.amounts:
            sure = [column for rank, column in likely if rank < vocabulary.STAND_INS]
            if len(own) > 1:
                block.sums[heading] = tuple(own)
            if sure and len(own) + len(sure) > 1:
                block.doubled[heading] = [block.texts[column] for column in sorted([*own, *sure])]
    block.by_memory = {
        heading: [block.texts[column] for column in columns] for heading, columns in remembered.items()
    }
    used = {*block.places.values(), *remembered.get("", [])}.union(*block.sums.values())
    block.unknown = [
        words for column, words in enumerate(block.texts) if column not in used and is_content(words)
    ]


def understand(texts: Sequence[str], columns: Sequence[Column], remembered: Mapping[str, str]) -> Headings:
    """The same for headings that stand alone, as `Headings.texts` gave them."""
    block = Headings(0, 0, [tuple(words.split("·")) if words else () for words in texts])
    block.texts = list(texts)
    _recognise(block, Vocabulary(columns, remembered))
    return block


def what_is_missing(sheet: Sheet, headings: Headings | None, vocabulary: Vocabulary) -> MissingHeadings:
    """The fault of a sheet whose heading is not complete, with what somebody needs to say which column is
    which."""
    everything = vocabulary.required or vocabulary.headings
    block = headings or _likeliest(sheet)
    if headings is None:
        missing, texts = everything, first_texts(sheet)
    else:
        missing = headings.missing(vocabulary) or [each for each in everything if each not in headings.places]
        texts = [words for words in headings.texts if words]
    if block is None:
        return MissingHeadings(missing, texts)
    below = [row for row in sheet.rows[block.bottom + 1 : block.bottom + SEARCHED_ROWS] if not _is_empty(row)]
    return MissingHeadings(missing, texts, headings=block.texts, sample=below[:SAMPLE])


def _likeliest(sheet: Sheet) -> Headings | None:
    """Where no word is known: the first of the rows with most texts, values left out, that stand over
    something."""

    def width(block: Headings) -> int:
        words = [words for words in block.texts if words]
        has_values = any(_values.fullmatch(each) or _info_line.match(fold(each)) for each in words)
        return 0 if has_values else len(set(words))

    blocks = [block for block in _candidates(sheet) if block.bottom + 1 < len(sheet.rows)]
    best = max(blocks, key=lambda block: (width(block), -block.bottom), default=None)
    return best if best is not None and width(best) > 1 else None


def _is_empty(row: Sequence[Any]) -> bool:
    return all(is_blank(cell) for cell in row)
