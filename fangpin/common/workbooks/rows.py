"""Which rows below the heading are data. In doubt a row is data: it is then refused with a reason, not lost.

Not data, anywhere in the table:
- blank rows, and rows that hold nothing but a serial number or formulas that failed, as where one was drawn
  down too far;
- rows that repeat the heading or a title above it, as printed pages do;
- the numbers of the columns (1 2 3 …, also 甲 乙 1 2 …) right under a heading;
- sums: the first filled cell (serial numbers apart) or the one right beside it is a word such as 合计 or
  共3户9人, and no cell holds a person's number.

Not data, only from the end of the table (or of a printed page) upwards until the first row that is data:
- rows whose first filled cell is a signature word, alone or with a colon or bracket after it, a stamp or a
  page mark;
- rows with a single cell that is a date (of a column that wants dates only where it is spelled out with 年
  and 月), a numbered note, or a sentence at the left edge;
- the name of an office above such a row, or beside a date.
A row that begins with anything else, such as a name without a number, stays, and so does every row that
holds a person's number.
"""

import datetime
import re
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from fangpin.common.cells import FAILED_FORMULAS, digits_lost, fold, is_blank
from fangpin.common.workbooks.columns import Column, bare_key
from fangpin.common.workbooks.headings import Headings

Row = tuple[Any, ...]

_SERIAL = {"序号", "序", "编号", "no", "no."}
_SUMS = ("合计", "小计", "总计", "共计", "累计", "合 计", "小 计", "总 计")
# Cells that look blank without being empty; other widths do not occur in every key cell of a row.
_SPACES = {space * width for space in " \u3000\xa0" for width in range(1, 9)}
_serial_number = re.compile(r"\(?\d{1,7}\)?[.、]?")
_sum = re.compile(r"(?:本页|本表|全[县市乡镇村]|分)?(?:合计|小计|总计|共计|累计)(?:\(.*\)|:.*|\d.*)?")
_counted = re.compile(
    r"(?:本页|本表|全[县市乡镇村])?共有?:?\d+[户人条笔行名个](?:[,、;]?共?\d+[户人条笔行名个次])*"
)
_column_number = re.compile(r"\(?(\d{1,3})\)?")
_LETTERS = "甲乙丙丁戊己庚辛壬癸"
_signature = re.compile(
    r"(?:(?:填报|填表|制表|报送|上报|编制|审核|复核|审批|核实|核对|经办|负责|联系|单位负责|主要负责|分管负责|部门负责)人"
    r"|制表|审核|复核|审批|分管领导|主要领导|领导|联系电话|联系方式|电话"
    r"|(?:填报|填表|制表|报送|上报|编制)?(?:单位|部门|日期|时间)"
    r"|(?:单位)?(?:盖章|公章|签章|签字|签名)|附?注|备注|说明|(?:填[表报]|编制)说明|注意(?:事项)?)"
    r"(?:\(.*?\))?(?::.*)?"
)
_stamp = re.compile(r".*\((?:加?盖章|公章|签章|签字|签名|盖公章)\):?.*|第\d+页.*")
_numbered = re.compile(r"\(?[\d一二三四五六七八九十]{1,2}[).、:]\D.+")
_sentence = re.compile(r"(?=.*[,;。]).{15,}")
_spelled_day = re.compile(
    r"[\d〇零○一二三四五六七八九十_x]*年[\d一二三四五六七八九十_x]*月(?:[\d一二三四五六七八九十_x]*日)?"
)
_plain_day = re.compile(r"\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?")
_office = re.compile(r".{2,}(?:局|委员会|委|办公室|办|政府|中心|联合会|残联|大队)")
_long_number = re.compile(r"\d{14,}[\dx]")


class DataRows:
    """Picks the data rows of a table that comes in pieces. What may belong to its footer is held back until
    it is seen what follows."""

    def __init__(self, headings: Headings, above: Sequence[Row], columns: Sequence[Column]) -> None:
        """`above` are the rows down to the heading's last."""
        self._judge = _Judge(headings, above, columns)
        self._only_blank = True  # since the heading, or since it was repeated
        self._held: list[tuple[int, Row]] = []

    def pick_rows(
        self, numbers: Sequence[int], rows: Sequence[Row], *, last: bool
    ) -> tuple[list[int], list[Row]]:
        """Numbers and rows of the data in what was held back and in `rows`."""
        dropped = self._verdicts(rows)
        ends = [place for place, verdict in dropped.items() if verdict == "heading"]
        held, self._held = self._held, []
        for end in [*ends, len(rows)] if last else ends:
            top, footer = self._footer(rows, end, dropped, seen=False)
            dropped.update(dict.fromkeys(footer, "footer"))
            if top < 0:
                held = self._without_footer(held, seen=bool(footer))
        if not last:
            top, footer = self._footer(rows, len(rows), dropped, seen=True)
            dropped.update(dict.fromkeys(footer, "held"))
            self._held = [(numbers[place], rows[place]) for place in reversed(footer)]
            if top < 0:
                held, self._held = [], held + self._held
        kept = [place for place in range(len(rows)) if place not in dropped]
        return (
            [number for number, _ in held] + [numbers[place] for place in kept],
            [row for _, row in held] + [rows[place] for place in kept],
        )

    def _verdicts(self, rows: Sequence[Row]) -> dict[int, str]:
        judge = self._judge
        dropped = {
            place: verdict for place in judge.suspects(rows) if (verdict := judge.verdict(rows[place]))
        }
        starts = [0] if self._only_blank else []
        starts += [place + 1 for place, verdict in dropped.items() if verdict == "heading"]
        for start in starts:
            first = next((place for place in range(start, len(rows)) if dropped.get(place) != "blank"), None)
            self._only_blank = first is None
            if first is not None and first not in dropped and _numbers_columns(rows[first]):
                dropped[first] = "numbers"
        return dropped

    def _footer(
        self, rows: Sequence[Row], end: int, dropped: dict[int, str], *, seen: bool
    ) -> tuple[int, list[int]]:
        """From `end` upwards: where something else stands, a heading or data (-1: nowhere), and the footer's
        rows below it, the last first. With `seen` all that may belong to a footer does."""
        footer: list[int] = []
        for place in range(end - 1, -1, -1):
            if dropped.get(place) == "heading":
                return place, footer  # the page above has its own end
            if place in dropped:
                continue
            if not self._judge.is_footer(rows[place], seen):
                return place, footer
            footer.append(place)
            seen = True
        return -1, footer

    def _without_footer(self, held: list[tuple[int, Row]], *, seen: bool) -> list[tuple[int, Row]]:
        end = len(held)
        while end and self._judge.is_footer(held[end - 1][1], seen):
            end, seen = end - 1, True
        return held[:end]


class _Judge:
    def __init__(self, headings: Headings, above: Sequence[Row], columns: Sequence[Column]) -> None:
        places = headings.places
        serials = {place for place, words in enumerate(headings.texts) if bare_key(words) in _SERIAL}
        self.serials = serials - set(places.values())
        self.dates = {places.get(column.heading) for column in columns if column.kind == "date"}
        self.repeated = {_filled(row) for row in above} - {()}
        self.keys = _key_columns(headings, columns)
        self.first_key_words = {row[self.keys[0]] for row in above[headings.top :]}.union(
            _SUMS, _SPACES, FAILED_FORMULAS
        )

    def suspects(self, rows: Sequence[Row]) -> list[int]:
        """A row with all its key cells filled is looked at only if it starts like a heading or a sum."""
        first, words = self.keys[0], self.first_key_words
        if len(self.keys) == 1:
            return [place for place, row in enumerate(rows) if not row[first] or row[first] in words]
        keys = itemgetter(*self.keys)
        return [place for place, row in enumerate(rows) if "" in keys(row) or row[first] in words]

    def verdict(self, row: Row) -> str:
        filled = [place for place, cell in enumerate(row) if not is_blank(cell)]
        if not filled:
            return "blank"
        words = [place for place in filled if not self._is_serial(row, place)]
        if all(row[place] in FAILED_FORMULAS for place in words):
            return "serial"
        if _filled(row) in self.repeated:
            return "heading"
        beside = [place for place in words if place <= words[0] + 1]
        if any(_is_sum(fold(row[place])) for place in beside) and not _names_a_person(row):
            return "sum"
        return ""

    def _is_serial(self, row: Row, place: int) -> bool:
        return place in self.serials and _serial_number.fullmatch(fold(row[place])) is not None

    def is_footer(self, row: Row, seen_below: bool) -> bool:
        filled = [place for place, cell in enumerate(row) if not is_blank(cell)]
        words = [fold(row[place]) for place in filled]
        if not words:
            return True
        if _names_a_person(row):
            return False
        if _signature.fullmatch(words[0]) or _stamp.fullmatch(words[0]):
            return True
        if len(filled) == 1 and self._is_lone_footer(filled[0], row[filled[0]], words[0]):
            return True
        offices = all(_office.fullmatch(each) or _spelled_day.fullmatch(each) for each in words)
        return offices and (seen_below or len(words) > 1)

    def _is_lone_footer(self, place: int, cell: Any, words: str) -> bool:
        if _spelled_day.fullmatch(words) or _numbered.fullmatch(words):
            return True
        if isinstance(cell, datetime.date) or _plain_day.fullmatch(words):
            return place not in self.dates
        return place <= 1 and _sentence.fullmatch(words) is not None


def _key_columns(headings: Headings, columns: Sequence[Column]) -> list[int]:
    wanted = [column.heading for column in columns if column.required or column.kind == "id"]
    keys = [headings.places[heading] for heading in wanted if heading in headings.places]
    others = [place for place in headings.places.values() if place not in keys]
    return keys + others[: max(0, 2 - len(keys))]


def _is_sum(words: str) -> bool:
    return _sum.fullmatch(words) is not None or _counted.fullmatch(words) is not None


def _numbers_columns(row: Row) -> bool:
    words = [fold(cell) for cell in row if not is_blank(cell)]
    if words[:1] == ["栏次"]:
        words = words[1:]
    lettered = next(
        (place for place, each in enumerate(words) if each != _LETTERS[place : place + 1]), len(words)
    )
    numbers = [_column_number.fullmatch(each) for each in words[lettered:]]
    counted = [int(match[1]) for match in numbers if match]
    return (
        len(words) >= 3 and len(counted) == len(numbers) > 0 and counted == list(range(1, len(counted) + 1))
    )


def _filled(row: Row) -> tuple[tuple[int, str], ...]:
    return tuple((place, fold(cell)) for place, cell in enumerate(row) if not is_blank(cell))


def _names_a_person(row: Row) -> bool:
    return any(digits_lost(cell) or _long_number.search(fold(cell)) for cell in row if not is_blank(cell))
