"""How far the filled cells of a sheet reach, told from its XML without parsing it."""

import re
from collections.abc import Iterator

from fangpin.common.workbooks.faults import UnreadableFile

MAX_ROWS = 1_000_000
MAX_COLUMNS = 200
MAX_CELLS = 20_000_000
MAX_PIECE_CELLS = 4_000_000
_LOOKED_AT_CLOSER = 40_000  # a piece of a sheet that spans more rows
_SPREAD = "请删除表格下方和右侧多余的行、列，保存后重新上传。"

# Cells beyond column GR or row 99,999; nearer ones cannot span too much.
_far = re.compile(rb"""r\s*=\s*["'](?:([A-Z]{3,}|[H-Z][A-Z]|G[S-Z])(\d+)|([A-Z]{0,2})(\d{6,}))["']""")
_far_column = re.compile(rb"""r\s*=\s*["'](?:[A-Z]{3,}|[H-Z][A-Z]|G[S-Z])\d+["']""")
_any_place = re.compile(rb"""r\s*=\s*["'](?:([A-Z]+)(\d+)|([A-Z]{0})(\d+))["']""")
_row_of_place = re.compile(rb"""r\s*=\s*["'][A-Z]{0,3}(\d+)["']""")
_two_letters = re.compile(rb"""r\s*=\s*["']([A-Z]{2})\d+["']""")
_rest_of_empty = re.compile(rb"""(?:\s+[\w:.-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))*\s*/""")
_cell_without_place = re.compile(rb"<(?:\w+:)?c(?![^<>]*\sr\s*=)[\s>]")


def far_corner(xml: bytes) -> tuple[int, int]:
    """The farthest filled cell, or 0, 0 where none is far."""
    rows, columns = 0, 0
    for row, column in _filled(xml, _far):
        rows, columns = max(rows, row), max(columns, column)
    if rows:
        widest = max(map(_column_number, set(_two_letters.findall(xml))), default=26)
        columns = max(columns, min(widest, MAX_COLUMNS))
    return rows, columns


def check_piece(xml: bytes) -> None:
    """Some rows of a sheet that lie together: the parser allocates the rectangle around their cells."""
    numbers = [int(number[:9]) for number in set(_row_of_place.findall(xml))] or [0]
    lowest, highest = min(numbers), max(numbers)
    near = highest <= MAX_ROWS and highest - lowest <= _LOOKED_AT_CLOSER
    if near and not _far_column.search(xml):
        return
    places = list(_filled(xml, _any_place)) or [(0, 0)]
    lowest, highest = min(row for row, _ in places), max(row for row, _ in places)
    columns = max(column for _, column in places)
    check_spread(highest, 1)
    check_spread(1, columns)
    if (highest - lowest) * columns > MAX_PIECE_CELLS:
        raise UnreadableFile(
            f"表格第 {lowest} 行至第 {highest} 行之间有大片空行，超出系统一次能读的范围。{_SPREAD}"
        )


def _filled(xml: bytes, pattern: re.Pattern[bytes]) -> Iterator[tuple[int, int]]:
    """Row and column of what the pattern finds; a tag that ends at once is formatted, but empty. Linear
    whatever it is fed."""
    end, filled, unplaced = -1, False, None
    for cell in pattern.finditer(xml):
        if cell.end() > end:
            if (end := xml.find(b">", cell.end())) < 0:
                break
            filled = _rest_of_empty.fullmatch(xml, cell.end(), end) is None
        if not filled:
            continue
        letters, number = cell[1] or cell[3], cell[2] or cell[4]
        if not letters:  # a row: it counts only if cells leave their place to it
            if unplaced is None:
                unplaced = _cell_without_place.search(xml) is not None
            if not unplaced:
                continue
        yield int(number[:9]), _column_number(letters[:4])


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def check_spread(rows: int, columns: int) -> None:
    if columns > MAX_COLUMNS:
        raise UnreadableFile(f"表格超过 {MAX_COLUMNS} 列（第 {columns} 列还有内容）。{_SPREAD}")
    if rows > MAX_ROWS:
        raise UnreadableFile(f"表格超过 {MAX_ROWS} 行（第 {rows} 行还有内容）。{_SPREAD}")
    if rows * columns > MAX_CELLS:
        raise UnreadableFile(f"表格共 {rows} 行、{columns} 列，超出系统一次能读的范围。{_SPREAD}")
