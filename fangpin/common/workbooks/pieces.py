"""A large sheet cut between its rows, so that a parser never holds more than a few thousand of them."""

import re
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from fangpin.common.workbooks.containers import inflate
from fangpin.common.workbooks.faults import DAMAGED, UnreadableFile
from fangpin.common.workbooks.spread import check_piece

PIECE = 4 * 2**20  # bytes of XML: some 10,000 rows of a dozen cells
_LONGEST_ROW = 64 * 2**20
_SEARCHED_BYTES = 4096
_LONGEST_HEAD = 4 * 2**20
_LONGEST_TAIL = 32 * 2**20

_sheet = re.compile(rb"<(?:\w+:)?worksheet[\s>]")
_row = re.compile(rb"<((?:\w+:)?)row(?=[\s/>])")
_row_number = re.compile(rb"""\sr\s*=\s*["'](\d{1,9})["']""")


class LargeSheet:
    """`head` is what stands before the first row and `tail` what stands after the last one."""

    def __init__(self, source: BinaryIO, entry: zipfile.ZipInfo, head: bytes, prefix: bytes) -> None:
        self._source, self._entry = source, entry
        self.head, self.prefix = head, prefix
        self.tail = self._find_tail()

    @classmethod
    def of(cls, source: BinaryIO, entry: zipfile.ZipInfo) -> "LargeSheet | None":
        """None where the part is no sheet."""
        start = b""
        for piece in inflate(source, entry):
            start += piece
            if _sheet.search(start, 0, _SEARCHED_BYTES) is None:
                if len(start) >= _SEARCHED_BYTES:
                    return None
            elif row := _row.search(start):
                return cls(source, entry, start[: row.start()], row[1])
            if len(start) > _LONGEST_HEAD:
                raise UnreadableFile(DAMAGED)
        return None

    def _find_tail(self) -> bytes:
        end = re.compile(rb"</%bsheetData\s*>" % re.escape(self.prefix))
        carried, tail = b"", None
        for piece in inflate(self._source, self._entry):
            if tail is not None:
                tail += piece
                if len(tail) > _LONGEST_TAIL:
                    raise UnreadableFile(DAMAGED)
            elif match := end.search(carried + piece):
                tail = bytearray((carried + piece)[match.start() :])
            else:
                carried = piece[-64:]
        if tail is None:
            raise UnreadableFile(DAMAGED)
        return bytes(tail)

    def pieces(self) -> Iterator[bytes]:
        """Rows as XML, some megabytes at a time; the first row of each has a number."""
        number = 1
        for rows in self._cut():
            check_piece(rows)
            first = _row.match(rows)
            tag = rows[: rows.index(b">") + 1]
            if first is not None and not _row_number.search(tag):
                rows = rows[: first.end()] + b' r="%d"' % number + rows[first.end() :]
            yield rows
            number = self._number_after(rows)

    def _cut(self) -> Iterator[bytes]:
        start = b"<%brow" % self.prefix
        left = self._entry.file_size - len(self.head) - len(self.tail)
        skip, parts, held = len(self.head), [], 0
        for piece in inflate(self._source, self._entry):
            piece, skip = piece[skip:], max(0, skip - len(piece))
            piece = piece[:left]
            left -= len(piece)
            parts.append(piece)
            held += len(piece)
            if held < PIECE or not left:
                continue
            rows = b"".join(parts)
            end = rows.rfind(start)
            while end > 0 and rows[end + len(start) : end + len(start) + 1] not in b" \t\r\n/>":
                end = rows.rfind(start, 0, end)
            if end > 0:
                yield rows[:end]
                rows = rows[end:]
            elif held > _LONGEST_ROW:
                raise UnreadableFile(DAMAGED)
            parts, held = [rows], len(rows)
        if held:
            yield b"".join(parts)

    def _number_after(self, rows: bytes) -> int:
        """What the row after these has for a number when it does not say so."""
        start, end, unnumbered = b"<%brow" % self.prefix, len(rows), 0
        while (end := rows.rfind(start, 0, end)) >= 0:
            if _row.match(rows, end):
                if match := _row_number.search(rows, end, rows.find(b">", end)):
                    return int(match[1]) + unnumbered + 1
                unnumbered += 1
        return unnumbered + 1

    def whole(self, rows: bytes) -> bytes:
        """A sheet of the first rows, with all that stands below the rows: merged cells among it."""
        return self.head + rows + self.tail

    def bare(self, rows: bytes) -> bytes:
        prefix = self.prefix
        return self.head + rows + b"</%bsheetData></%bworksheet>" % (prefix, prefix)
