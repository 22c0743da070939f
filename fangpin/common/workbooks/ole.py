"""The old binary container (.xls): password, macros and the rectangle of filled cells, read before opening.

The parser says only that it does not know the format when a password is set, and ends the process when a
cell claims an impossible column; so the few records that matter are looked at here.
"""

import struct
from collections.abc import Iterator

from fangpin.common.workbooks.archives import LOCKED, MACROS
from fangpin.common.workbooks.faults import DAMAGED, UnreadableFile
from fangpin.common.workbooks.spread import check_spread

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST_REGULAR = 0xFFFFFFFA
_SMALL = 4096  # smaller streams lie elsewhere; no program writes so small a workbook
_BOF, _FILEPASS = 0x0809, 0x002F
# Records that put a value into one cell: row and column are their first two words.
_ONE_CELL = frozenset({0x0006, 0x0203, 0x0204, 0x0205, 0x027E, 0x00D6, 0x00FD})
_MANY_CELLS = 0x00BD  # the last word is the last column
_NOT_A_WORKBOOK = "这不是 Excel 表格文件（可能是 Word 等文件）。请上传 xlsx、xls 或 csv 文件。"


def check_ole(content: bytes) -> None:
    try:
        streams = _streams(content)
        if "EncryptedPackage" in streams:
            raise UnreadableFile(LOCKED)
        if "_VBA_PROJECT_CUR" in streams:
            raise UnreadableFile(MACROS)
        books = [streams[name] for name in ("Workbook", "Book") if name in streams]
        if not books or any(size < _SMALL for _, size in books):
            raise UnreadableFile(_NOT_A_WORKBOOK)
        for first, size in books:
            _check_records(_chain(content, first, size))
    except (struct.error, IndexError):
        raise UnreadableFile(DAMAGED) from None


def _streams(content: bytes) -> dict[str, tuple[int, int]]:
    """Name -> first sector and size, of everything in the directory."""
    (first,) = struct.unpack_from("<I", content, 48)
    directory = _chain(content, first, len(content))
    streams: dict[str, tuple[int, int]] = {}
    for offset in range(0, len(directory) - 127, 128):
        (length,) = struct.unpack_from("<H", directory, offset + 64)
        name = directory[offset : offset + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
        sector, size = struct.unpack_from("<II", directory, offset + 116)
        if name:
            streams.setdefault(name, (sector, size))
    return streams


def _chain(content: bytes, first: int, size: int) -> bytes:
    """The sectors that hang together."""
    shift = _sector_shift(content)
    table = _allocation_table(content, shift)
    parts: list[bytes] = []
    sector = first
    while sector < _LAST_REGULAR and len(parts) <= len(table):
        start = (sector + 1) << shift
        parts.append(content[start : start + (1 << shift)])
        sector = table[sector]
    if sector < _LAST_REGULAR:
        raise UnreadableFile(DAMAGED)  # runs in a circle
    return b"".join(parts)[:size]


def _sector_shift(content: bytes) -> int:
    (shift,) = struct.unpack_from("<H", content, 30)
    if shift not in (9, 12):
        raise UnreadableFile(DAMAGED)
    return shift


def _allocation_table(content: bytes, shift: int) -> list[int]:
    table: list[int] = []
    for sector in _table_sectors(content, shift):
        start = (sector + 1) << shift
        table.extend(struct.unpack_from(f"<{1 << shift >> 2}I", content, start))
    return table


def _table_sectors(content: bytes, shift: int) -> Iterator[int]:
    yield from (sector for sector in struct.unpack_from("<109I", content, 76) if sector < _LAST_REGULAR)
    sector, count = struct.unpack_from("<II", content, 68)
    for _ in range(min(count, len(content) >> shift)):
        if sector >= _LAST_REGULAR:
            return
        *listed, sector = struct.unpack_from(f"<{1 << shift >> 2}I", content, (sector + 1) << shift)
        yield from (each for each in listed if each < _LAST_REGULAR)


def _check_records(stream: bytes) -> None:
    if len(stream) < 4:
        raise UnreadableFile(_NOT_A_WORKBOOK)
    read, end = struct.Struct("<HHHH").unpack_from, len(stream) - 8
    position = rows = columns = 0
    while position <= end:
        record, length, row, column = read(stream, position)
        if record in _ONE_CELL:
            rows, columns = max(rows, row), max(columns, column)
        elif record == _MANY_CELLS and length >= 6:
            (column,) = struct.unpack_from("<H", stream, position + 2 + length)
            rows, columns = max(rows, row), max(columns, column)
        elif record == _FILEPASS:
            raise UnreadableFile(LOCKED)
        elif record == _BOF:
            check_spread(rows + 1, columns + 1)
            rows = columns = 0
        position += 4 + length
    check_spread(rows + 1, columns + 1)
