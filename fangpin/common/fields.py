"""Model fields for what must not be readable in the database, and for states."""

import json
from typing import Any

from django.db import models
from django_fsm import FSMField

from fangpin.common import crypto

_encode = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), default=str, check_circular=False
).encode


class EncryptedTextField(models.BinaryField):  # type: ignore[type-arg]
    """Text, encrypted at rest. Can't be searched: pair it with a KeyedIndexField."""

    description = "encrypted text"

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        self.context = f"{cls._meta.label_lower}.{name}".encode()

    def seal(self, value: Any) -> bytes | None:
        """The stored bytes of `value`; for staging tables. Empty text is stored as NULL."""
        return crypto.seal(self.encode(value), self.context) if value else None

    def encode(self, value: Any) -> bytes:
        return value.encode()

    def decode(self, raw: bytes) -> Any:
        return raw.decode()

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return super().get_db_prep_value(self.seal(value), connection, prepared)

    def from_db_value(self, value: bytes | None, _expression: Any, _connection: Any) -> Any:
        return None if value is None else self.decode(crypto.unseal(value, self.context))

    def value_to_string(self, _obj: Any) -> str:
        raise TypeError(f"{self.name} is encrypted and is not serialised")


class EncryptedJSONField(EncryptedTextField):
    """A JSON value, encrypted at rest; dates are kept as their ISO text."""

    description = "encrypted JSON"

    def encode(self, value: Any) -> bytes:
        return _encode(value).encode()

    def decode(self, raw: bytes) -> Any:
        return json.loads(raw)


class KeyedIndexField(models.UUIDField):  # type: ignore[type-arg]
    """16 bytes of a keyed HMAC, held as a UUID: a native type on PostgreSQL, joins like any key."""

    description = "keyed index of an encrypted value"


class StateField(FSMField):
    """A state that only a transition changes. Migrations know it as the text that it is: as a machine, each
    of their many copies of a model would listen for every later one, and setting a database up would take
    twice as long."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"protected": True, **kwargs})

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        kwargs.pop("protected", None)
        return name, "django.db.models.CharField", args, kwargs
