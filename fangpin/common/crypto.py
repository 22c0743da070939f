"""Encryption at rest (AES-GCM) and keyed indexes (HMAC-SHA256) for numbers of persons.

Stored form: version (1), key number, 12 bytes of nonce, ciphertext with tag. Keys come from the
settings, never from the database; the first of the ring encrypts, every one of it decrypts.
"""

import hmac
import os
import uuid
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

VERSION = b"\x01"
NONCE = 12
OVERHEAD = 2 + NONCE + 16  # bytes that sealing adds


class Undecipherable(Exception):
    """The stored bytes were changed, or their key is not in the ring."""


@cache
def _ring() -> dict[int, AESGCM]:
    return {number: AESGCM(key) for number, key in settings.FIELD_KEYS}


@cache
def _current() -> tuple[bytes, AESGCM]:
    number = settings.FIELD_KEYS[0][0]
    return VERSION + bytes([number]), _ring()[number]


def seal(plain: bytes, context: bytes) -> bytes:
    """Encrypts; `context` (the field's name) is bound in, so a value can't be moved to another column."""
    head, cipher = _current()
    nonce = os.urandom(NONCE)
    return b"".join((head, nonce, cipher.encrypt(nonce, plain, context)))


def unseal(stored: bytes, context: bytes) -> bytes:
    stored = bytes(stored)
    cipher = _ring().get(stored[1]) if stored[:1] == VERSION and len(stored) > 2 + NONCE else None
    if cipher is None:
        raise Undecipherable("unknown key or format")
    try:
        return cipher.decrypt(stored[2 : 2 + NONCE], stored[2 + NONCE :], context)
    except InvalidTag as error:
        raise Undecipherable("the stored bytes do not fit their key") from error


def keyed_index(domain: str, value: str) -> uuid.UUID:
    """16 bytes of HMAC-SHA256 under the index key: equal values meet, and nobody without the key can list
    the numbers of a county. `domain` keeps an ID and a phone with equal digits apart."""
    return uuid.UUID(bytes=hmac.digest(settings.INDEX_KEY, f"{domain}:{value}".encode(), "sha256")[:16])


def keyed_index_hex(domain: str, value: str) -> str:
    """The same as 32 hex digits, for staging tables."""
    return hmac.digest(settings.INDEX_KEY, f"{domain}:{value}".encode(), "sha256").hex()[:32]
