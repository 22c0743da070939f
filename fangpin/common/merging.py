"""Merges a staging table into a model's table: only rows that differ are written, and each change is told."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import models

from fangpin.common import database


class Change(NamedTuple):
    """One row that was changed: the order column of the stage, the object, and before/after for the audit."""

    n: int
    pk: int
    details: dict[str, Any]


@dataclass(frozen=True)
class Merge:
    """`columns` of `model` compared with the same columns of `stage`; `match` joins t (model) and s (stage).

    `sealed`: encrypted column → its keyed index, which is compared in its place and hidden in the audit.
    `derived`: column → columns that follow it. Blank text arrives from a stage as NULL and is kept as ''.
    """

    model: type[models.Model]
    stage: str
    match: str
    columns: Sequence[str]
    order: str
    sealed: Mapping[str, str] = field(default_factory=dict)
    derived: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def update(self, where: str = "TRUE") -> list[Change]:
        """Writes what differs and returns it."""
        if not self.columns:
            return []
        table = self.model._meta.db_table
        condition = f"{self.match} AND {where} AND ({self._differs()})"
        differing = database.rows(
            f"SELECT s.{self.order}, t.id, {self._json('t')}, {self._json('s')} "
            f'FROM "{self.stage}" s JOIN "{table}" t ON {condition}'
        )
        if differing:
            targets = ", ".join(f'"{column}" = {self._value(column)}' for column in self._written())
            database.run(f'UPDATE "{table}" AS t SET {targets} FROM "{self.stage}" s WHERE {condition}')
        return [Change(n, pk, _difference(_load(before), _load(after))) for n, pk, before, after in differing]

    def _differs(self) -> str:
        return " OR ".join(
            database.is_different(f"t.{column}", self._value(column)) for column in self.columns
        )

    def _value(self, column: str) -> str:
        optional = self.model._meta.get_field(
            column.removesuffix("_id") if column.endswith("_id") else column
        )
        is_text = isinstance(optional, models.CharField) and not optional.null
        return f"COALESCE(s.{column}, '')" if is_text else f"s.{column}"

    def _written(self) -> list[str]:
        written = list(self.columns)
        for column, index in self.sealed.items():
            if index in written:
                written.append(column)
        for column, followers in self.derived.items():
            if column in written:
                written.extend(followers)
        return written

    def _json(self, alias: str) -> str:
        values = {c: (self._value(c) if alias == "s" else f"t.{c}") for c in self.columns}
        return database.json_object(values)


def _load(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else json.loads(value)


def _difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Only what differs; a keyed index says that the number changed, not what it was."""
    changed = {key: [before[key], after[key]] for key in before if str(before[key]) != str(after[key])}
    return {key: ["•", "•"] if key.endswith("_index") else pair for key, pair in changed.items()}
