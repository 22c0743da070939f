"""Locks for a change by hand, and the record of it."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from fangpin.accounts.models import Division
from fangpin.common import audit
from fangpin.common.actor import Actor
from households.models import ChangedValue, ChangeKind, Household, Member, RegistryChange
from households.registry.hand_changes import as_text
from households.registry.taking_in import refresh_summaries, registry_changed
from households.upkeep import NotChanged

STALE = "这户刚刚有别的变动，没有办理。请回到农户页面看过以后再办。"


_NOT_RECORDED = ("initials", "id_number")  # follow another column, or are sealed


Value = tuple[Member | None, str, str, str]  # whose (none: the household's), column, before, after


@dataclass
class Change:
    """What one act does; nothing of it is written before `save`."""

    kind: ChangeKind
    on: datetime.date
    reason: str
    by: Actor
    values: dict[int, list[Value]] = field(default_factory=lambda: defaultdict(list))  # household → values
    others: dict[int, int] = field(default_factory=dict)  # household → the other one
    # (model, pk) → column → [before, after]
    trail: dict[tuple[type[models.Model], int], dict[str, Any]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def set(self, thing: Member | Household, **values: Any) -> bool:
        """Writes the columns of a member or household that differ; True where any did. A number that is
        kept sealed comes with its index, and only the index is recorded."""
        changed = {name: value for name, value in values.items() if getattr(thing, name) != value}
        for name, value in changed.items():
            before = getattr(thing, name)
            setattr(thing, name, value)
            if name not in _NOT_RECORDED and f"{name}_index" not in values:
                self.note(thing, name, before, value)
        if changed:
            thing.save(update_fields=list(changed))
        return bool(changed)

    def note(self, thing: Member | Household, column: str, before: Any, after: Any) -> None:
        member = thing if isinstance(thing, Member) else None
        home = member.household_id if member else thing.pk
        self.values[home].append((member, column, as_text(before), as_text(after)))
        pair = ["•", "•"] if column.endswith("_index") else [_plain(before), _plain(after)]
        self.trail[type(thing), thing.pk][column] = pair

    def joined(self, member: Member, words: str = "") -> None:
        self.values[member.household_id].append((member, "", "", words or "加入"))
        self.trail[Member, member.pk]["added_on"] = [None, member.added_on.isoformat()]

    def let_go(self, member: Member, reason: str) -> None:
        if self.on < member.added_on:
            # An import knows no earlier day than its own: who came with one was there before.
            if member.changed_values.filter(item="").exists():
                day = f"{member.added_on:%Y-%m-%d}"
                raise NotChanged(f"{member.name}{day} 才加入这户，变动日期不能比这更早。", "happened_on")
            member.added_on = self.on
        member.removed_on, member.removed_reason = self.on, reason
        member.save(update_fields=["added_on", "removed_on", "removed_reason"])
        self.values[member.household_id].append((member, "", "在户", "离开"))
        self.trail[Member, member.pk] |= {
            "removed_on": [None, self.on.isoformat()],
            "removed_reason": ["", reason],
        }

    def save(self, *also: Household) -> RegistryChange:
        """The record of each household, the audit, the figures kept on the household; the signal once
        committed."""
        homes = [*dict.fromkeys([*self.values, *(home.pk for home in also)])]
        changes = {
            pk: RegistryChange(
                kind=self.kind,
                household_id=pk,
                other_id=self.others.get(pk),
                happened_on=self.on,
                reason=self.reason,
                by=self.by,
                acting_as=self.by.acting,
            )
            for pk in homes
        }
        RegistryChange.objects.bulk_create(changes.values())
        ChangedValue.objects.bulk_create(
            ChangedValue(change=changes[pk], member=member, item=item, before=before[:80], after=after[:80])
            for pk, values in self.values.items()
            for member, item, before, after in values
        )
        for model in (Household, Member):
            details = {pk: changed for (kind, pk), changed in self.trail.items() if kind is model}
            audit.record_each(self.by, "registry_change", model, details)
        refresh_summaries(", ".join(map(str, homes)))
        county = self.by.duty.county_code
        transaction.on_commit(lambda: registry_changed.send(sender=RegistryChange, county=county))
        return changes[homes[0]]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date) else value


@contextmanager
def change(kind: ChangeKind, *, on: datetime.date, reason: str, by: Actor) -> Iterator[Change]:
    """A transaction under the county's lock. Raises NotChanged: no right, no reason, a day to come, or
    somebody else was quicker."""
    if not by.may("registry.upkeep"):
        raise NotChanged("您当前的岗位不能办理户册变动。")
    if not (reason := reason.strip()):
        raise NotChanged("请写明原因或依据，例如“户口本已变更”。", "reason")
    if on > timezone.localdate():
        raise NotChanged("变动日期不能晚于今天。", "happened_on")
    try:
        with transaction.atomic():
            # An import of the county takes it for update; so does whoever hands out numbers.
            Division.objects.select_for_update(no_key=True).get(pk=by.duty.county_code)
            yield Change(ChangeKind(kind), on, reason[:100], by)
    except IntegrityError as error:
        raise NotChanged(STALE) from error


def locked(by: Actor, *homes: Household) -> list[Household]:
    """The households as they are now, for update, in scope and not closed."""
    own = Household.objects.for_user(by).filter(pk__in=[home.pk for home in homes]).current()
    by_key = {home.pk: home for home in own.select_for_update().order_by("pk")}
    if len(by_key) != len({home.pk for home in homes}):
        raise NotChanged("这户已经注销，或不在您管辖的范围内，没有办理。请刷新页面。")
    return [by_key[home.pk] for home in homes]


def people_of(home: Household) -> list[Member]:
    """Who is there now, the head first, for update."""
    members = list(home.members.filter(removed_on=None).select_for_update().order_by("pk"))
    return sorted(members, key=lambda member: not member.is_head)


def among(members: Iterable[Member], keys: Iterable[int]) -> list[Member]:
    by_key = {member.pk: member for member in members}
    try:
        return [by_key[key] for key in keys]
    except KeyError:
        raise NotChanged(STALE) from None
