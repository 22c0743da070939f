"""Scope: every list and every object comes from `.for_user(user)`; no duty, nothing."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models

from fangpin.accounts.places.codes import code_range
from fangpin.common.actor import Actor

if TYPE_CHECKING:
    from fangpin.accounts.models import Duty


class ScopedQuerySet(models.QuerySet[Any]):
    """Rows that the acting duty may see: the right first, then the area as one range over `scope_path`.

    `scope_path` leads to a 12-digit division code on a plain indexed column; a model whose scope is more than
    an area overrides `in_scope`.
    """

    scope_permission: str
    scope_path: str

    def for_user(self, user: Actor) -> Self:
        duty = user.acting
        if duty is None or not user.may(self.scope_permission):
            return self.none()
        return self.in_scope(duty)

    def in_scope(self, duty: "Duty") -> Self:
        return self.in_area(duty.division_id)

    def in_area(self, code: str) -> Self:
        """Rows of a division and of everything below it."""
        low, high = code_range(code)
        if low == high:
            return self.filter(**{self.scope_path: low})
        return self.filter(**{f"{self.scope_path}__gte": low, f"{self.scope_path}__lte": high})
