"""What a zip container claims and really holds, checked before any parser opens it.

The parser allocates the rectangle from the first to the last filled cell, and a failed allocation ends the
whole process. So the rectangle is measured here first; of a sheet that is read in pieces, piece by piece.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from fangpin.common.cells import NOT_CALCULATED
from fangpin.common.workbooks.containers import inflate, pack, raw
from fangpin.common.workbooks.faults import DAMAGED, UnreadableFile
from fangpin.common.workbooks.pieces import LargeSheet
from fangpin.common.workbooks.spread import check_spread
from fangpin.common.workbooks.spread import far_corner as _far_corner

MAX_SUM = 200 * 2**20
MAX_SHEETS = 1000 * 2**20  # of sheets that are read in pieces
CUT_FROM = 16 * 2**20  # a sheet of more bytes is read in pieces
MAX_RATIO = 100
RATIO_FROM = 2**20
MAX_ENTRIES = 1000
LOCKED = "文件设有打开密码，系统无法读取。请在 WPS 或 Excel 中取消密码，保存后重新上传。"
MACROS = "文件中带有宏，为安全起见不予接收。请另存为不含宏的 xlsx 后重新上传。"


# A parser gives a cell as blank whose formula failed or was never worked out (a program wrote it), and a
# blank amount counts as nothing. Text that a formula left empty is a result.
_quoted_e = re.compile(rb"""["']e["']""")  # soon seen not to be there
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


def mark_failed_formulas(xml: bytes) -> bytes:
    """The sheet with words where a formula failed or has no result; itself where there is none."""
    if _quoted_e.search(xml) and _failed_cell.search(xml):
        xml = _failed_cell.sub(rb'\1"str"', xml)
    if b"f>" in xml:  # the end of some formula; most sheets have none
        xml = _formula_cell.sub(_not_calculated, xml)
    return xml


@dataclass
class Archive:
    """A checked container: `marked` are parts with words for their failed formulas, `large` the sheets that
    are to be read in pieces, both by the name of the part."""

    source: BinaryIO
    entries: list[zipfile.ZipInfo]
    marked: dict[str, bytes]
    large: dict[str, LargeSheet]

    def part(self, name: str) -> bytes:
        return b"".join(inflate(self.source, next(entry for entry in self.entries if entry.filename == name)))

    def opened(self, large: dict[str, bytes]) -> BinaryIO:
        """The archive for a parser, of large sheets only what is given, and without what no parser of cells
        reads."""
        changed = self.marked | large
        return pack(
            (entry.filename, changed[entry.filename])
            if entry.filename in changed
            else raw(self.source, entry)
            for entry in self.entries
            if (entry.filename in changed or entry.filename not in self.large)
            and "/media/" not in entry.filename
        )

    def alone(self, name: str, xml: bytes) -> BinaryIO:
        """An archive with a piece of one sheet as its only sheet."""
        kept = (
            entry
            for entry in self.entries
            if entry.filename not in self.large and _is_for_all_sheets(entry.filename)
        )
        return pack([*(raw(self.source, entry) for entry in kept), (name, xml)])


def _is_for_all_sheets(name: str) -> bool:
    return name.endswith((".xml", ".rels")) and not any(
        f"/{folder}/" in name
        for folder in ("worksheets", "media", "drawings", "theme", "comments", "tables", "externalLinks")
    )


def check_archive(content: bytes | BinaryIO, *, in_pieces: bool = False) -> Archive:
    """With `in_pieces` sheets may be larger than what is opened at once."""
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    marked, large = {}, {}
    try:
        entries = zipfile.ZipFile(source).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        raise UnreadableFile(DAMAGED) from None
    _check_directory(entries, in_pieces=in_pieces)
    for entry in entries:
        if entry.file_size > CUT_FROM and in_pieces and (sheet := LargeSheet.of(source, entry)):
            large[entry.filename] = sheet
            continue
        if entry.file_size > MAX_SUM:
            raise UnreadableFile(DAMAGED)
        xml = b"".join(inflate(source, entry))  # any part may be named as a sheet, whatever it is called
        check_spread(*_far_corner(xml))
        if entry.filename == "content.xml":
            _check_ods(xml)
        elif "worksheets/" in entry.filename and (words := mark_failed_formulas(xml)) is not xml:
            marked[entry.filename] = words
    return Archive(source, entries, marked, large)


def _check_directory(entries: list[zipfile.ZipInfo], *, in_pieces: bool) -> None:
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
    sheets = sum(entry.file_size for entry in entries if "worksheets/" in entry.filename) if in_pieces else 0
    if sheets > MAX_SHEETS:
        raise UnreadableFile("表格解压后超过 1000 MB，不予接收。请分成几个文件上传。")
    if sum(entry.file_size for entry in entries) - sheets > MAX_SUM:
        raise UnreadableFile("文件解压后超过 200 MB，不予接收。请删除图片和多余的行，或分成几个文件上传。")
    for entry in entries:
        if entry.file_size > RATIO_FROM and entry.file_size > MAX_RATIO * entry.compress_size:
            raise UnreadableFile(
                "文件的压缩比异常，可能会拖垮系统，不予接收。请把数据复制到新建的 xlsx 后重新上传。"
            )


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
    match = _ods_repeat.search(attributes)
    return int(match[1][:9]) if match else 1
