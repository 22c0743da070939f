"""Text files: the encoding, the delimiter, the records."""

import csv
import io
import re

from fangpin.common.workbooks.archives import MAX_COLUMNS, MAX_ROWS
from fangpin.common.workbooks.faults import UnreadableFile

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_SAMPLE = 64 * 1024
_quoted = re.compile(r'"[^"]*"')
_SAVE_AS = "请用 WPS 或 Excel 打开后另存为 xlsx，再重新上传。"


def read_records(content: bytes) -> list[list[str]]:
    words = decode(content)
    if (place := words.find("\0")) >= 0:
        raise UnreadableFile(f"文件第 {place + 1} 个字符是空字符，不是正常的文本文件。{_SAVE_AS}")
    if words[:200].lstrip().startswith("<"):
        raise UnreadableFile(f"文件内容是网页或 XML，只是改了扩展名。{_SAVE_AS}")
    records = []
    reader = csv.reader(io.StringIO(words, newline=""), delimiter=_delimiter(words[:_SAMPLE]), strict=True)
    try:
        for record in reader:
            records.append(record)
            if len(record) > MAX_COLUMNS:
                raise UnreadableFile(
                    f"第 {len(records)} 条记录超过 {MAX_COLUMNS} 列，请检查分隔符或引号后重新上传。"
                )
            if len(records) > MAX_ROWS:
                raise UnreadableFile(f"文件超过 {MAX_ROWS} 行，请分成几个文件上传。")
    except csv.Error:
        raise UnreadableFile(
            f"第 {reader.line_num} 行附近的引号不成对或内容过长，无法分列。请检查后重新上传，或{_SAVE_AS[1:]}"
        ) from None
    return records


def decode(content: bytes) -> str:
    if content.startswith(_UTF16_MARKS):
        return _strictly(content, "utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        if content.startswith(b"\xef\xbb\xbf") or _is_utf8_before(content, fault.start):
            raise _undecodable(fault.start) from None
    return _strictly(content, "gb18030")


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as fault:
        raise _undecodable(fault.start) from None


def _is_utf8_before(content: bytes, place: int) -> bool:
    """Ten Chinese characters in a row of valid UTF-8 do not come about by chance in another encoding."""
    before = content[:place].decode("utf-8", "replace")
    return sum(character > "\u2e80" for character in before) >= 10


def _undecodable(place: int) -> UnreadableFile:
    return UnreadableFile(
        f"文件第 {place + 1} 个字节无法识别，既不是 UTF-8 也不是 GB18030 编码，可能已损坏或不是表格文件。{_SAVE_AS}"
    )


def _delimiter(sample: str) -> str:
    bare = _quoted.sub("", sample)
    return max(",\t;", key=bare.count)
