"""Files that people hand in: encrypted, under random names, outside the web root.

A file is kept in segments, each sealed for its place and the last one for being the last: neither keeping nor
reading holds more than one of them. A file that was sealed as a whole, as earlier ones were, is read as well.
"""

import hashlib
import io
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings

from fangpin.common import crypto

CONTEXT = b"private-file"
SEGMENT = 2**20
_SEGMENTED = b"\x02"  # where a file sealed as a whole has crypto.VERSION


def store(content: bytes | BinaryIO) -> str:
    """Keeps the bytes, or what a file holds from its beginning, and returns the name."""
    name = uuid.uuid4().hex
    path = _path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        path.chmod(0o600)
        stream.write(_SEGMENTED)
        parts = _parts(content)
        index, part = 0, next(parts, b"")
        for following in parts:
            stream.write(crypto.seal(part, _context(name, index, last=False)))
            index, part = index + 1, following
        stream.write(crypto.seal(part, _context(name, index, last=True)))
    return name


@contextmanager
def stored(content: bytes | BinaryIO) -> Iterator[str]:
    """Keeps the file while its row is written: what is raised inside takes it away again."""
    name = store(content)
    with kept_while_written(name):
        yield name


@contextmanager
def kept_while_written(name: str) -> Iterator[None]:
    """The same for a file that is stored already."""
    try:
        yield
    except BaseException:
        remove(name)
        raise


def load(name: str) -> bytes:
    with open_file(name) as stream:
        return stream.read()


def open_file(name: str) -> BinaryIO:
    """The file, to be read piece by piece; it can seek."""
    stream = _path(name).open("rb")
    if stream.read(1) == _SEGMENTED:
        return io.BufferedReader(_Segments(name, stream), SEGMENT)
    stream.seek(0)
    with stream:
        return io.BytesIO(crypto.unseal(stream.read(), CONTEXT + name.encode()))


def remove(name: str) -> None:
    """Removes a file that may be gone already; no name is no file."""
    if name:
        _path(name).unlink(missing_ok=True)


def digest(content: bytes | BinaryIO) -> str:
    checksum = hashlib.sha256()
    for part in _parts(content):
        checksum.update(part)
    return checksum.hexdigest()


class _Segments(io.RawIOBase):
    """Decrypts the segment that is asked for. Raises Undecipherable where one was changed, moved or cut
    off."""

    def __init__(self, name: str, stream: BinaryIO):
        self._name, self._stream = name, stream
        sealed = SEGMENT + crypto.OVERHEAD
        length = stream.seek(0, io.SEEK_END) - len(_SEGMENTED)
        self._count = max(1, -(-length // sealed))
        self._size = length - self._count * crypto.OVERHEAD
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(0, start + offset)
        return self._place

    def readinto(self, buffer: Any) -> int:
        index, skipped = divmod(self._place, SEGMENT)
        if self._place >= self._size and not (self._size <= 0 and self._place == 0):
            return 0
        self._stream.seek(len(_SEGMENTED) + index * (SEGMENT + crypto.OVERHEAD))
        sealed = self._stream.read(SEGMENT + crypto.OVERHEAD)
        plain = crypto.unseal(sealed, _context(self._name, index, last=index == self._count - 1))
        part = memoryview(plain)[skipped : skipped + len(buffer)]
        buffer[: len(part)] = part
        self._place += len(part)
        return len(part)

    def close(self) -> None:
        self._stream.close()
        super().close()


def _parts(content: bytes | BinaryIO) -> Iterator[bytes]:
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    stream.seek(0)
    while part := stream.read(SEGMENT):
        yield part


def _context(name: str, index: int, *, last: bool) -> bytes:
    return CONTEXT + f"{name}:{index}:{'last' if last else 'more'}".encode()


def _path(name: str) -> Path:
    return Path(settings.PRIVATE_ROOT) / name[:2] / name
