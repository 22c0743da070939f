"""The one place that writes workbooks: exports, templates, and refused rows given back."""

import datetime
import io
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import IO, Any
from zoneinfo import ZoneInfo

import xlsxwriter
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from fangpin.common.workbooks.columns import MEND, REASON, ROW_NUMBER, Column, bare_key
from fangpin.common.workbooks.files import NOTES_SHEET

TEMPLATE_ROWS = 2000
LAST_ROW = 1_048_576
_CHINA = ZoneInfo("Asia/Shanghai")
_illegal = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Text that would become a formula once somebody edits the cell, also behind characters that are not seen.
_formula_like = re.compile("[\\s\u00ad\u200b-\u200f\u2060-\u2069\ufeff]*[=+\\-@＝＋－＠\t\r]")
_FILLS = {"required": "FCE8D5", "optional": "E8EEF4"}


def clean(words: str) -> str:
    """Without the characters that XML cannot hold."""
    return _illegal.sub("", words)


# --- exports ------------------------------------------------------------------------------------------


class _Sheet:
    """One sheet in constant memory: rows from top to bottom, each written once."""

    def __init__(self, stream: IO[bytes], name: str, *, as_sent: bool = False) -> None:
        self.as_sent = as_sent
        self.book = xlsxwriter.Workbook(
            stream,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self.sheet = self.book.add_worksheet(name)
        make = self.book.add_format
        self.title = make({"bold": True, "font_size": 14, "align": "center", "valign": "vcenter"})
        heading = {"bold": True, "bg_color": "#E8EEF4", "border": 1, "text_wrap": True, "valign": "vcenter"}
        self.heading, self.guarded_heading = make(heading), make(heading | {"quote_prefix": True})
        self.text = make({"num_format": "@"})
        self.guarded = make({"num_format": "@", "quote_prefix": True})
        self.date = make({"num_format": "yyyy-mm-dd"})
        self.moment = make({"num_format": "yyyy-mm-dd hh:mm"})
        self.money = make({"num_format": "0.00"})
        self.next_row = 0

    def __enter__(self) -> "_Sheet":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.book.filename = io.BytesIO()  # the temporary file goes away only with a whole book
        elif self.next_row > self.first_data_row:
            self.sheet.autofilter(self.first_data_row - 1, 0, self.next_row - 1, self.width - 1)
        self.book.close()

    def add_title(self, title: str, width: int) -> None:
        if width > 1:
            self.sheet.merge_range(0, 0, 0, width - 1, clean(title), self.title)
        else:
            self.sheet.write_string(0, 0, clean(title), self.title)
        self.next_row = 1

    def add_headings(self, headings: Sequence[str], widths: Sequence[float]) -> None:
        for place, (heading, width) in enumerate(zip(headings, widths, strict=True)):
            self.sheet.set_column(place, place, width)
            words = clean(heading)
            kind = self.guarded_heading if _formula_like.match(words) else self.heading
            self.sheet.write_string(self.next_row, place, words, kind)
        self.next_row += 1
        self.width = len(headings)
        self.sheet.freeze_panes(self.next_row, 0)
        self.first_data_row = self.next_row

    def add_row(self, cells: Iterable[Any], as_text: Collection[int] = ()) -> None:
        if self.next_row >= LAST_ROW:
            raise ValueError("超出一张工作表能容纳的行数，请缩小导出范围")
        for place, cell in enumerate(cells):
            self._write(self.next_row, place, cell, place in as_text)
        self.next_row += 1

    def _write(self, row: int, place: int, cell: Any, as_text: bool) -> None:
        if isinstance(cell, str):
            words = clean(cell)
            plain = self.text if as_text else None
            self.sheet.write_string(row, place, words, self.guarded if _formula_like.match(words) else plain)
        elif cell is None:
            if as_text:
                self.sheet.write_blank(row, place, None, self.text)
        elif isinstance(cell, bool):
            self.sheet.write_string(row, place, "是" if cell else "否", self.text)
        elif isinstance(cell, (int, float, Decimal)):
            self._write_number(row, place, cell, as_text)
        elif isinstance(cell, datetime.date):
            self._write_date(row, place, cell)
        else:
            self.sheet.write_string(row, place, clean(str(cell)), self.text)

    def _write_number(self, row: int, place: int, cell: int | float | Decimal, as_text: bool) -> None:
        size: Any = abs(cell)
        if self.as_sent:
            self.sheet.write_number(row, place, cell, self.text)
        elif as_text or size >= 10**15:  # a workbook keeps 15 digits of a number
            whole = isinstance(cell, float) and cell.is_integer()
            self.sheet.write_string(row, place, str(int(cell) if whole else cell), self.text)
        else:
            self.sheet.write_number(row, place, cell, self.money if isinstance(cell, Decimal) else None)

    def _write_date(self, row: int, place: int, cell: datetime.date) -> None:
        if cell.year < 1900:
            self.sheet.write_string(row, place, cell.isoformat(), self.text)
        elif isinstance(cell, datetime.datetime):
            local = cell.astimezone(_CHINA).replace(tzinfo=None) if cell.tzinfo else cell
            self.sheet.write_datetime(row, place, local, self.moment)
        else:
            self.sheet.write_datetime(row, place, cell, self.date)


def write_rows(
    stream: IO[bytes],
    headings: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    title: str = "",
    sheet: str = "数据",
    text_columns: Collection[str] = (),
) -> None:
    """Strings stay strings, whatever they look like. Money comes as Decimal; `text_columns` are headings."""
    as_text = {place for place, heading in enumerate(headings) if heading in text_columns}
    with _Sheet(stream, sheet) as out:
        if title:
            out.add_title(title, len(headings))
        out.add_headings(
            headings, [22 if place in as_text else _width(each) for place, each in enumerate(headings)]
        )
        for row in rows:
            out.add_row(row, as_text)


def write_returned(
    stream: IO[bytes],
    table_headings: Sequence[str],
    rows: Iterable[tuple[int, Sequence[Any]]],
    faults: Mapping[int, str],
    sheet: str = "退回的行",
) -> None:
    """`write_returned_rows` where the reasons stand apart, by row number."""
    with_reasons = ((number, cells, faults.get(number, "")) for number, cells in rows)
    write_returned_rows(stream, table_headings, with_reasons, sheet)


def write_returned_rows(
    stream: IO[bytes],
    table_headings: Sequence[str],
    rows: Iterable[tuple[int, Sequence[Any], str]],
    sheet: str = "退回的行",
) -> None:
    """Refused rows to be mended and sent again: `rows` are row number, cells and reason.

    Values stay as they were sent; the text format makes a number that is typed again keep all its digits.
    """
    width = len(table_headings)
    with _Sheet(stream, sheet, as_sent=True) as out:
        out.add_headings([ROW_NUMBER, *table_headings, REASON], [8, *map(_width, table_headings), 60])
        for number, cells, reason in rows:
            sent = [None if cell == "" else cell for cell in cells]
            sent += [None] * (width - len(sent))
            out.add_row([number, *sent, reason], range(1, width + 2))


def write_marked(
    stream: IO[bytes],
    table_headings: Sequence[str],
    rows: Iterable[tuple[int, Sequence[Any]]],
    faults: Mapping[int, str],
    sheet: str = "数据",
) -> None:
    """A workbook that is taken whole or not at all: every row as it was sent, and in a last column what is to
    be mended, by row number. What such a column said before is left out."""
    kept = [place for place, heading in enumerate(table_headings) if bare_key(heading) != MEND]
    headings = [table_headings[place] for place in kept]
    with _Sheet(stream, sheet, as_sent=True) as out:
        out.add_headings([*headings, MEND], [*map(_width, headings), 60])
        for number, cells in rows:
            sent = [cells[place] if place < len(cells) else None for place in kept]
            sent = [None if cell == "" else cell for cell in sent]
            out.add_row([*sent, faults.get(number, "")], range(len(kept) + 1))


def _width(heading: str) -> float:
    return min(40, max(10, 2 * len(heading) + 4))


# --- templates ----------------------------------------------------------------------------------------

_FORMATS = {"text": "@", "id": "@", "date": "yyyy-mm-dd", "amount": "0.00", "whole": "0"}


def write_template(stream: IO[bytes], columns: Sequence[Column], *, title: str, notes: Sequence[str]) -> None:
    book = Workbook()
    table = book.active
    table.title = "数据"
    first = _write_template_heading(table, columns, title)
    lists = _Lists(book)
    for place, column in enumerate(columns, start=1):
        letter = get_column_letter(place)
        for row in range(first, first + TEMPLATE_ROWS):
            table.cell(row, place).number_format = _FORMATS[column.kind]
        if column.choices:
            area = f"{letter}{first}:{letter}{first + TEMPLATE_ROWS - 1}"
            table.add_data_validation(_validation(lists.source(column.choices), area))
    _write_notes(book.create_sheet(NOTES_SHEET, 1), columns, notes)
    book.save(stream)


def _write_template_heading(table: Worksheet, columns: Sequence[Column], title: str) -> int:
    """The title and the headings; gives the first row to be filled in."""
    row = 1
    if title:
        _put(table, 1, 1, title).font = Font(bold=True, size=14)
        if len(columns) > 1:
            table.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(columns))
        table["A1"].alignment = Alignment(horizontal="center")
        row = 2
    for place, column in enumerate(columns, start=1):
        cell = _put(table, row, place, f"{column.heading}*" if column.required else column.heading)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", start_color=_FILLS["required" if column.required else "optional"])
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        if column.note:
            cell.comment = Comment(clean(column.note), "填写说明", height=90, width=260)
        width = 22 if column.kind == "id" else _width(column.heading)
        table.column_dimensions[get_column_letter(place)].width = width
    table.freeze_panes = table.cell(row + 1, 1)
    return row + 1


def _put(sheet: Worksheet, row: int, column: int, words: str) -> Cell:
    cell = sheet.cell(row, column, clean(words))
    cell.data_type = "s"  # a text that begins with "=" is no formula
    return cell


class _Lists:
    """Choices that do not fit into the 255 characters of a validation stand on a hidden sheet."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.sheet: Worksheet | None = None

    def source(self, choices: Sequence[str]) -> str:
        joined = ",".join(choices)
        if len(joined) <= 250 and not any(mark in choice for choice in choices for mark in ',"'):
            return f'"{joined}"'
        if self.sheet is None:
            self.sheet = self.book.create_sheet("选项")
            self.sheet.sheet_state = "hidden"
            self.next_column = 1
        letter = get_column_letter(self.next_column)
        for row, choice in enumerate(choices, start=1):
            _put(self.sheet, row, self.next_column, choice)
        self.next_column += 1
        return f"选项!${letter}$1:${letter}${len(choices)}"


def _validation(source: str, area: str) -> DataValidation:
    validation = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=True)
    validation.errorTitle, validation.error = "不在可选值内", "请从下拉列表中选择"
    validation.add(area)
    return validation


def _write_notes(sheet: Worksheet, columns: Sequence[Column], notes: Sequence[str]) -> None:
    for note in notes:
        _put(sheet, sheet.max_row + (sheet["A1"].value is not None), 1, note)
    row = sheet.max_row + 2
    lines = [("列名", "是否必填", "说明", "可选值")]
    lines += [(c.heading, "必填" if c.required else "选填", c.note, "、".join(c.choices)) for c in columns]
    for offset, line in enumerate(lines):
        for place, words in enumerate(line, start=1):
            _put(sheet, row + offset, place, words)
    for letter, width in zip("ABCD", (24, 10, 48, 60), strict=True):
        sheet.column_dimensions[letter].width = width
