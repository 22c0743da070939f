"""Text files: the encoding, the delimiter, the records."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from fangpin.common.workbooks.faults import UnreadableFile
from fangpin.common.workbooks.spread import MAX_COLUMNS, MAX_ROWS

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"
_SAMPLE = 64 * 1024
_STEP = 2**20
PIECE = 10_000  # records given at a time
_quoted = re.compile(r'"[^"]*"')
_SAVE_AS = "请用 WPS 或 Excel 打开后另存为 xlsx，再重新上传。"


def read_records(source: BinaryIO) -> Iterator[tuple[int, list[list[str]]]]:
    """The records, some thousands at a time, each lot with the index of its first. The encoding is proved
    over the whole file before the first is given."""
    encoding = _encoding(source)
    sample = _words(source, encoding).read(_SAMPLE)
    if sample[:200].lstrip().startswith("<"):
        raise UnreadableFile(f"文件内容是网页或 XML，只是改了扩展名。{_SAVE_AS}")
    words = _words(source, encoding)
    return _records(csv.reader(words, delimiter=_delimiter(sample), strict=True))


def _words(source: BinaryIO, encoding: str) -> io.TextIOWrapper:
    source.seek(0)
    return io.TextIOWrapper(io.BufferedReader(_Kept(source), _STEP), encoding=encoding, newline="")


def _records(reader: Any) -> Iterator[tuple[int, list[list[str]]]]:
    first, records = 0, []
    try:
        for record in reader:
            records.append(record)
            number = first + len(records)
            if len(record) > MAX_COLUMNS:
                raise UnreadableFile(
                    f"第 {number} 条记录超过 {MAX_COLUMNS} 列，请检查分隔符或引号后重新上传。"
                )
            if number > MAX_ROWS:
                raise UnreadableFile(f"文件超过 {MAX_ROWS} 行，请分成几个文件上传。")
            if len(records) == PIECE:
                yield first, records
                first, records = number, []
    except csv.Error:
        raise UnreadableFile(
            f"第 {reader.line_num} 行附近的引号不成对或内容过长，无法分列。请检查后重新上传，或{_SAVE_AS[1:]}"
        ) from None
    if records:
        yield first, records


class _Kept(io.RawIOBase):
    """The source for a wrapper that would close it."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._source.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)


def _encoding(source: BinaryIO) -> str:
    """UTF-16 with its mark, UTF-8 where all of it is, else GB18030. Raises UnreadableFile with the place
    where the file is none of them."""
    source.seek(0)
    start = source.read(4)
    if start.startswith(_UTF16_MARKS):
        _prove(source, "utf-16")
        return "utf-16"
    try:
        _prove(source, "utf-8", as_refusal=False)
    except _Undecodable as fault:
        # Ten Chinese characters in a row of valid UTF-8 do not come about by chance in another encoding.
        if start.startswith(_UTF8_MARK) or fault.chinese_before >= 10:
            raise fault.as_refusal() from None
        _prove(source, "gb18030")
        return "gb18030"
    return "utf-8-sig"


class _Undecodable(Exception):
    def __init__(self, place: int, chinese_before: int) -> None:
        super().__init__(place)
        self.place, self.chinese_before = place, chinese_before

    def as_refusal(self) -> UnreadableFile:
        return UnreadableFile(
            f"文件第 {self.place + 1} 个字节无法识别，既不是 UTF-8 也不是 GB18030 编码，"
            f"可能已损坏或不是表格文件。{_SAVE_AS}"
        )


def _prove(source: BinaryIO, encoding: str, *, as_refusal: bool = True) -> None:
    """Decodes all of it, and holds little of it at a time."""
    decoder = codecs.getincrementaldecoder(encoding)()
    source.seek(0)
    place = characters = chinese = marks = 0
    while True:
        piece = source.read(_STEP)
        waiting = len(decoder.getstate()[0])
        try:
            words = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as fault:
            before = fault.object[: fault.start].decode(encoding, "replace")
            chinese += sum(character > "\u2e80" for character in before)
            undecodable = _Undecodable(place - waiting + fault.start, chinese)
            raise (undecodable.as_refusal() if as_refusal else undecodable) from None
        if (nul := words.find("\0")) >= 0:
            raise UnreadableFile(
                f"文件第 {characters + nul + 1 - marks} 个字符是空字符，不是正常的文本文件。{_SAVE_AS}"
            )
        if not piece:
            return
        if not place:
            marks = words.startswith("\ufeff")
        if chinese < 10:
            chinese += sum(character > "\u2e80" for character in words)
        place, characters = place + len(piece), characters + len(words)


def _delimiter(sample: str) -> str:
    bare = _quoted.sub("", sample)
    return max(",\t;", key=bare.count)
