"""Files that people hand in: encrypted, under random names, outside the web root."""

import hashlib
import uuid
from pathlib import Path

from django.conf import settings

from fangpin.common import crypto

CONTEXT = b"private-file"


def store(content: bytes) -> str:
    """Keeps `content` and returns its name."""
    name = uuid.uuid4().hex
    path = _path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(crypto.seal(content, CONTEXT + name.encode()))
    path.chmod(0o600)
    return name


def load(name: str) -> bytes:
    return crypto.unseal(_path(name).read_bytes(), CONTEXT + name.encode())


def remove(name: str) -> None:
    """Removes a file that may be gone already; no name is no file."""
    if name:
        _path(name).unlink(missing_ok=True)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _path(name: str) -> Path:
    return Path(settings.PRIVATE_ROOT) / name[:2] / name
