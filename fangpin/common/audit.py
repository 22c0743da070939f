"""Writes the audit log: who did or saw what, in the transaction of the act."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from django.db import models

from fangpin.common.actor import Actor
from fangpin.common.models import AuditRow

# Where the present request comes from; set by the middleware, empty in commands and tasks.
address: ContextVar[str | None] = ContextVar("address", default=None)


def record(by: Actor | None, act: str, subject: models.Model | None = None, **details: Any) -> AuditRow:
    """One audit row. `by` is a user acting in a duty, or None for the system itself."""
    return AuditRow.objects.create(**_common(by, act), **_subject(subject), details=details)


def record_each(
    by: Actor | None, act: str, model: type[models.Model], changes: Mapping[int, dict[str, Any]]
) -> None:
    """One audit row for each object of a bulk act: object id → what changed."""
    AuditRow.objects.bulk_create(
        [
            AuditRow(**_common(by, act), model=model._meta.label_lower, object_id=pk, details=details)
            for pk, details in changes.items()
        ],
        batch_size=2000,
    )


def _common(by: Actor | None, act: str) -> dict[str, Any]:
    return {
        "by": by,
        "acting_as": by.acting if by is not None else None,
        "address": address.get(),
        "act": act,
    }


def _subject(subject: models.Model | None) -> dict[str, Any]:
    if subject is None:
        return {}
    return {"model": subject._meta.label_lower, "object_id": subject.pk}
