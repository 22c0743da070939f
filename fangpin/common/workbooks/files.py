"""From the bytes of a file to its sheets. What a file is, is told by its content, never by its name."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from fangpin.common.cells import fold
from fangpin.common.workbooks.archives import DAMAGED, check_archive, check_spread, with_parts
from fangpin.common.workbooks.faults import UnreadableFile
from fangpin.common.workbooks.ole import SIGNATURE, check_ole
from fangpin.common.workbooks.texts import read_records

MAX_FILE = 100 * 2**20
NOTES_SHEET = "填写说明"
_NOTES = ("填写说明", "填表说明", "填报说明", "说明", "使用说明")
_OTHER_KINDS = {
    b"%PDF": "PDF 文件", b"\x89PNG": "图片", b"\xff\xd8\xff": "图片", b"Rar!": "压缩包", b"7z\xbc\xaf": "压缩包",
    b"\x1f\x8b": "压缩包", b"{\\rtf": "文档",
}  # fmt: skip

Range = tuple[tuple[int, int], tuple[int, int]]


@dataclass
class Sheet:
    """`rows` begin at row 1 and column A. `merged` is None where the file form does not tell."""

    name: str
    rows: Sequence[Sequence[Any]]
    merged: list[Range] | None = None


def open_sheets(content: bytes, filename: str) -> list[Iterator[Sheet]]:
    """Two lots, each read only when asked for: what is meant to be seen, then notes and hidden sheets."""
    if not content.strip():
        raise UnreadableFile("文件是空的，没有任何内容。请确认选对了文件后重新上传。")
    if len(content) > MAX_FILE:
        raise UnreadableFile(f"文件超过 {MAX_FILE >> 20} MB，请分成几个文件上传。")
    for start, kind in _OTHER_KINDS.items():
        if content.startswith(start):
            raise UnreadableFile(f"这是{kind}，不是表格。请上传 xlsx、xls 或 csv 文件。")
    if content.startswith(b"PK"):
        if failed := check_archive(content):
            content = with_parts(content, failed)
    elif content.startswith(SIGNATURE):
        check_ole(content)
    else:
        return [iter([Sheet(filename, read_records(content))])]
    return _lots(_parsed(CalamineWorkbook.from_filelike, io.BytesIO(content)))


def _parsed(call: Any, *arguments: Any) -> Any:
    try:
        return call(*arguments)
    except BaseException as fault:
        # A panic of the Rust side is no Exception, yet it is only a broken file.
        if isinstance(fault, Exception) or type(fault).__name__ == "PanicException":
            raise UnreadableFile(DAMAGED) from fault
        raise


def _lots(workbook: CalamineWorkbook) -> list[Iterator[Sheet]]:
    first, second = [], []
    for about in workbook.sheets_metadata:
        if about.typ == SheetTypeEnum.WorkSheet:
            shown = about.visible == SheetVisibleEnum.Visible and fold(about.name) not in _NOTES
            (first if shown else second).append(about.name)
    return [(_load(workbook, name) for name in names) for names in (first, second)]


def _load(workbook: CalamineWorkbook, name: str) -> Sheet:
    sheet = _parsed(workbook.get_sheet_by_name, name)
    if sheet.end:
        check_spread(sheet.end[0] + 1, sheet.end[1] + 1)
    return Sheet(name, _parsed(lambda: sheet.to_python(skip_empty_area=False)), sheet.merged_cell_ranges)
