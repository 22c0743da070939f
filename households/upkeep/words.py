"""A change by hand in the words of the pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models

from fangpin.accounts.models import code_range
from fangpin.common.actor import Actor
from households.models import ChangedValue, Hamlet, Household, Member, RegistryChange
from households.trail import word


@dataclass(frozen=True)
class ChangeRow:
    """A change with what changed, a line each; the other household only where it lies in the reader's
    area."""

    change: RegistryChange
    lines: list[str]
    other_name: str
    other_uuid: UUID | None


def change_rows(changes: list[RegistryChange], user: Actor) -> list[ChangeRow]:
    """Two queries for any number of changes."""
    values: dict[int, list[ChangedValue]] = {change.pk: [] for change in changes}
    for value in ChangedValue.objects.filter(change__in=changes).select_related("member").order_by("id"):
        values[value.change_id].append(value)
    hamlets = _hamlets(value for of_change in values.values() for value in of_change)
    low, high = code_range(user.duty.division_id)
    rows = []
    for change in changes:
        other = change.other if change.other and low <= change.other.village_id <= high else None
        rows.append(
            ChangeRow(
                change=change,
                lines=[words for value in values[change.pk] if (words := line_of(value, hamlets))],
                other_name=f"{other.head_name}户" if other and other.head_name else "",
                other_uuid=other.uuid if other else None,
            )
        )
    return rows


def _hamlets(values: Iterable[ChangedValue]) -> dict[str, str]:
    keys = {
        text for value in values if value.item == "hamlet_id" for text in (value.before, value.after) if text
    }
    if not keys:
        return {}
    return {str(pk): name for pk, name in Hamlet.objects.filter(pk__in=keys).values_list("pk", "name")}


def line_of(value: ChangedValue, hamlets: dict[str, str] | None = None) -> str:
    """One value in words; without the names of the hamlets only that it changed."""
    name = value.member.name if value.member else ""
    if not value.item:
        return f"{name}{'离开' if value.after == '离开' else '加入'}"
    model = Member if value.member else Household
    label, before, after = _label_and_values(model, value, hamlets)
    return f"{name}{label}{before} → {after}" if before else f"{name}{label}"


def _label_and_values(
    model: type[models.Model], value: ChangedValue, hamlets: dict[str, str] | None
) -> tuple[str, str, str]:
    item = value.item.removesuffix("_index").removesuffix("_id")
    field: Any = model._meta.get_field("id_number" if value.item == "id_index" else item)
    if value.item.endswith("_index") or (hamlets is None and item == "hamlet"):
        return f"{field.verbose_name}已变更", "", ""
    if value.item == "hamlet_id" and hamlets is not None:
        return f"{field.verbose_name}：", hamlets.get(value.before, "空"), hamlets.get(value.after, "空")
    return f"{field.verbose_name}：", word(field, value.before), word(field, value.after)
