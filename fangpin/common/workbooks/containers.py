"""Zip containers: parts inflated piece by piece, and new containers made of parts that stay packed."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from fangpin.common.workbooks.faults import DAMAGED, UnreadableFile

STEP = 2**20
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")

# Name, method, checksum, packed bytes, size.
Part = tuple[str, int, int, bytes, int]


def inflate(source: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part in pieces of a megabyte, never more than the directory declares: one that lies is refused, not
    believed."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnreadableFile(DAMAGED)
    inflater = zlib.decompressobj(-15) if entry.compress_type == zipfile.ZIP_DEFLATED else None
    left = entry.file_size
    for packed in _packed(source, entry):
        for piece in [packed] if inflater is None else _inflated(inflater, packed):
            left -= len(piece)
            if left < 0:
                raise UnreadableFile(DAMAGED)
            yield piece
    if left:
        raise UnreadableFile(DAMAGED)


def _inflated(inflater: Any, packed: bytes) -> Iterator[bytes]:
    try:
        while piece := inflater.decompress(packed, STEP):
            yield piece
            packed = inflater.unconsumed_tail
    except zlib.error:
        raise UnreadableFile(DAMAGED) from None


def _packed(source: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    source.seek(entry.header_offset)
    head = source.read(30)
    if len(head) < 30:
        raise UnreadableFile(DAMAGED)
    place = entry.header_offset + 30 + sum(struct.unpack_from("<2H", head, 26))
    left = entry.compress_size
    while left:
        source.seek(place)  # between two pieces somebody else may have read
        piece = source.read(min(left, STEP // 4))
        if not piece:
            raise UnreadableFile(DAMAGED)
        place, left = place + len(piece), left - len(piece)
        yield piece


def raw(source: BinaryIO, entry: zipfile.ZipInfo) -> Part:
    """The part as it lies there."""
    return (entry.filename, entry.compress_type, entry.CRC, b"".join(_packed(source, entry)), entry.file_size)


def pack(parts: Iterable[Part | tuple[str, bytes]]) -> BinaryIO:
    """A container of parts as `raw` gives them, or of name and content; nothing is compressed."""
    stream, directory = io.BytesIO(), []
    for part in parts:
        if len(part) == 2:
            part = (part[0], zipfile.ZIP_STORED, zlib.crc32(part[1]), part[1], len(part[1]))
        name, method, crc, packed, size = part
        encoded = name.encode()
        common = (20, 0x800, method, 0, 0x21, crc, len(packed), size, len(encoded), 0)
        directory.append(_CENTRAL.pack(b"PK\1\2", 20, *common, 0, 0, 0, 0, stream.tell()) + encoded)
        stream.write(_LOCAL.pack(b"PK\3\4", *common) + encoded)
        stream.write(packed)
    start, entries = stream.tell(), b"".join(directory)
    stream.write(entries)
    stream.write(_END.pack(b"PK\5\6", 0, 0, len(directory), len(directory), len(entries), start, 0))
    stream.seek(0)
    return stream
