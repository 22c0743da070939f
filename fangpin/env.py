"""Reads settings from the environment and says plainly what is missing or wrong."""

import base64
import json
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"environment variable {name} is not set")
    return default


def flag(name: str, default: bool = False) -> bool:
    """Yes or no. Anything else stops the start: a slip of the pen must not switch a safeguard off."""
    value = text(name, "1" if default else "0").lower()
    if value not in ("0", "1", "true", "false", "yes", "no"):
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}")
    return value in ("1", "true", "yes")


def key_ring(raw: str) -> list[tuple[int, bytes]]:
    """`1:BASE64,2:BASE64`: number and 32-byte key; the first encrypts, all decrypt."""
    ring = []
    for item in raw.split(","):
        number, _, encoded = item.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise ImproperlyConfigured("FANGPIN_FIELD_KEYS: a key is not base64") from error
        if not number.isdigit() or not 0 < int(number) < 256 or len(key) != 32:
            raise ImproperlyConfigured("FANGPIN_FIELD_KEYS: want NUMBER:BASE64 of 32 bytes, numbers 1 to 255")
        ring.append((int(number), key))
    return ring


def index_key(raw: str) -> bytes:
    try:
        key = base64.b64decode(raw, validate=True)
    except ValueError as error:
        raise ImproperlyConfigured("FANGPIN_INDEX_KEY is not base64") from error
    if len(key) < 32:
        raise ImproperlyConfigured("FANGPIN_INDEX_KEY must hold at least 32 bytes")
    return key


def local_secrets(path: Path) -> dict[str, str]:
    """Secrets of one checkout, made at its first use; never used in production."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = {
            "FANGPIN_SECRET_KEY": secrets.token_urlsafe(48),
            "FANGPIN_FIELD_KEYS": "1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
            "FANGPIN_INDEX_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        }
        # Written aside and linked into place: of two first starts at once, one wins and both read the same.
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.write_text(json.dumps(made))
        draft.chmod(0o600)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return json.loads(path.read_text())


def refuse_well_known_password(url: str) -> None:
    """A password that everybody tries first is none."""
    if (urlsplit(url).password or "x").lower() in (
        "postgres",
        "password",
        "fangpin",
        "changeme",
        "secret",
        "123456",
    ):
        raise ImproperlyConfigured("DATABASE_URL holds a password that everybody knows; choose another")


def database(url: str) -> dict[str, Any]:
    """A Django database entry from `sqlite:///path` or `postgres://user:password@host:port/name`; what
    follows a `?` goes to the driver (`?sslmode=require`), `?host=` names the folder of a socket."""
    scheme = urlsplit(url).scheme
    if scheme not in ("sqlite", "postgres", "postgresql"):
        raise ImproperlyConfigured(f"DATABASE_URL must start with sqlite:// or postgres://, not {scheme!r}")
    entry = environ.Env.db_url_config(url)
    if scheme == "sqlite":
        # A writer waits for its turn instead of failing with "database is locked".
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;"
        options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": pragmas}
        return {"ENGINE": entry["ENGINE"], "NAME": entry["NAME"], "OPTIONS": options}
    options = entry.get("OPTIONS", {})
    host = options.pop("host", entry["HOST"])
    return {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True} | entry | {"HOST": host, "OPTIONS": options}
