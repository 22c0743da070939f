"""What a zip container claims and really holds, checked before any parser opens it.

The parser allocates the rectangle from the first to the last filled cell, and a failed allocation ends the
whole process. So the rectangle is measured here first.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from fangpin.common.cells import NOT_CALCULATED
from fangpin.common.workbooks.faults import UnreadableFile

MAX_SUM = 200 * 2**20
MAX_RATIO = 100
RATIO_FROM = 2**20
MAX_ENTRIES = 1000
MAX_ROWS = 1_000_000
MAX_COLUMNS = 200
MAX_CELLS = 20_000_000

DAMAGED = "文件已损坏或不完整，无法打开。请用 WPS 或 Excel 打开原文件，另存为 xlsx 后重新上传。"
LOCKED = "文件设有打开密码，系统无法读取。请在 WPS 或 Excel 中取消密码，保存后重新上传。"
MACROS = "文件中带有宏，为安全起见不予接收。请另存为不含宏的 xlsx 后重新上传。"
_SPREAD = "请删除表格下方和右侧多余的行、列，保存后重新上传。"


# A parser gives a cell as blank whose formula failed or was never worked out (a program wrote it), and a blank
# amount counts as nothing. Text that a formula left empty is a result.
_failed_cell = re.compile(rb"""(<(?:\w+:)?c\s[^<>]*?\bt\s*=\s*)["']e["']""")
_formula_cell = re.compile(
    rb"""<((?:\w+:)?)c((?:\s[^<>]*)?)>(\s*<(?:\w+:)?f(?:\s[^<>]*)?(?:/>|>[^<]*</(?:\w+:)?f>))\s*"""
    rb"""(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v\s*>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"""
)
_kind_of_cell = re.compile(rb"""\st\s*=\s*["'](\w+)["']""")


def _not_calculated(cell: re.Match[bytes]) -> bytes:
    prefix, attributes, formula = cell.groups()
    kind = _kind_of_cell.search(attributes)
    if kind and kind[1] == b"str":
        return cell[0]
    attributes = _kind_of_cell.sub(b"", attributes)
    words = NOT_CALCULATED.encode()
    return b'<%bc%b t="str">%b<%bv>%b</%bv></%bc>' % (
        prefix,
        attributes,
        formula,
        prefix,
        words,
        prefix,
        prefix,
    )


def check_archive(content: bytes) -> dict[str, bytes]:
    """Gives the parts in which a formula failed or has no result, with words for it as text: see `with_parts`."""
    failed = {}
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        raise UnreadableFile(DAMAGED) from None
    _check_directory(entries)
    for entry in entries:
        xml = _inflate(content, entry)  # any part may be named as a sheet, whatever it is called
        check_spread(*_far_corner(xml))
        if entry.filename == "content.xml":
            _check_ods(xml)
        elif "worksheets/" in entry.filename:
            told = _failed_cell.sub(rb'\1"str"', xml) if _failed_cell.search(xml) else xml
            if b"f>" in xml:  # the end of some formula; most sheets have none
                told = _formula_cell.sub(_not_calculated, told)
            if told is not xml:
                failed[entry.filename] = told
    return failed


def with_parts(content: bytes, parts: dict[str, bytes]) -> bytes:
    """The archive with `parts` in place of its own."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, parts.get(entry.filename) or _inflate(content, entry))
    return stream.getvalue()


def _check_directory(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename.lower() for entry in entries]
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableFile(LOCKED)
    if any(name.endswith(("vbaproject.bin", "vbadata.xml")) or name.startswith("basic/") for name in names):
        raise UnreadableFile(MACROS)
    is_table = any(name == "content.xml" or name.endswith("workbook.xml") for name in names)
    if not is_table or any(name.endswith("workbook.bin") for name in names):
        raise UnreadableFile("这不是表格文件（可能是压缩包或 Word 文档）。请上传 xlsx、xls 或 csv 文件。")
    if len(entries) > MAX_ENTRIES:
        raise UnreadableFile(
            f"文件内部的部件超过 {MAX_ENTRIES} 个，不予接收。请把数据复制到新建的 xlsx 后重新上传。"
        )
    if sum(entry.file_size for entry in entries) > MAX_SUM:
        raise UnreadableFile("文件解压后超过 200 MB，不予接收。请删除图片和多余的行，或分成几个文件上传。")
    for entry in entries:
        if entry.file_size > RATIO_FROM and entry.file_size > MAX_RATIO * entry.compress_size:
            raise UnreadableFile(
                "文件的压缩比异常，可能会拖垮系统，不予接收。请把数据复制到新建的 xlsx 后重新上传。"
            )


def _inflate(content: bytes, entry: zipfile.ZipInfo) -> bytes:
    """Never more than the directory declares: a directory that lies is refused, not believed."""
    head = content[entry.header_offset : entry.header_offset + 30]
    if len(head) < 30 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnreadableFile(DAMAGED)
    start = (
        entry.header_offset
        + 30
        + int.from_bytes(head[26:28], "little")
        + int.from_bytes(head[28:30], "little")
    )
    packed = content[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        data = packed
    else:
        try:
            data = zlib.decompressobj(-15).decompress(packed, entry.file_size + 1)
        except zlib.error:
            raise UnreadableFile(DAMAGED) from None
    if len(data) != entry.file_size:
        raise UnreadableFile(DAMAGED)
    return data


# Cells beyond column GR or row 99,999; nearer ones cannot span too much.
_far = re.compile(rb"""r\s*=\s*["'](?:([A-Z]{3,}|[H-Z][A-Z]|G[S-Z])(\d+)|([A-Z]{0,2})(\d{6,}))["']""")
_two_letters = re.compile(rb"""r\s*=\s*["']([A-Z]{2})\d+["']""")
_rest_of_empty = re.compile(rb"""(?:\s+[\w:.-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))*\s*/""")
_cell_without_place = re.compile(rb"<(?:\w+:)?c(?![^<>]*\sr\s*=)[\s>]")


def _far_corner(xml: bytes) -> tuple[int, int]:
    """The farthest filled cell; a tag that ends at once is formatted, but empty. Linear whatever it is fed."""
    rows, columns, end, filled, unplaced = 0, 0, -1, False, None
    for cell in _far.finditer(xml):
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
        rows = max(rows, int(number[:9]))
        columns = max(columns, _column_number(letters[:4]))
    if rows:
        widest = max(map(_column_number, set(_two_letters.findall(xml))), default=26)
        columns = max(columns, min(widest, MAX_COLUMNS))
    return rows, columns


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


_ods_token = re.compile(
    rb"""<(/?)table:(table|table-row|(?:covered-)?table-cell)(?![\w-])((?:[^<>"']|"[^"<]*"|'[^'<]*')*)>"""
)
_ods_repeat = re.compile(rb"""number-(?:columns|rows)-repeated\s*=\s*["'](\d+)""")
_ods_spaces = re.compile(rb"""text:c\s*=\s*["']\d{5,}""")


def _check_ods(xml: bytes) -> None:
    if _ods_spaces.search(xml):
        raise UnreadableFile(DAMAGED)
    for rows, columns in _ods_sheets(xml):
        check_spread(rows, columns)


def _ods_sheets(xml: bytes) -> Iterator[tuple[int, int]]:
    """Rows and columns up to the last filled cell of each sheet, repetitions counted."""
    rows = columns = seen_rows = width = filled = 0
    for closing, what, attributes in _ods_token.findall(xml):
        if what == b"table":
            if closing:
                yield rows, columns
            rows = columns = seen_rows = 0
        elif closing:
            continue
        else:
            repeat = _repeat(attributes)
            if what == b"table-row":
                seen_rows += repeat
                width = filled = 0
            else:
                width += repeat
                if b"value-type" in attributes or not attributes.endswith(b"/"):
                    filled = width
        if filled:
            rows, columns = seen_rows, max(columns, filled)


def _repeat(attributes: bytes) -> int:
    found = _ods_repeat.search(attributes)
    return int(found[1][:9]) if found else 1
