"""What a revision changes: each value before and after, until when, and whose own values stand against it."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from fangpin.accounts.models import Division, Level
from fangpin.policy.models import Policy, Revision
from fangpin.policy.parameters import PARAMETERS, Parameter
from fangpin.policy.services import CurrentRows, PolicySet, rows_at
from fangpin.policy.values import in_words


@dataclass(frozen=True)
class CountyValue:
    """A county's own value, which a change of the region leaves as it is."""

    policy: Policy
    words: str


@dataclass
class Change:
    """One parameter of a revision."""

    parameter: Parameter
    value: Any
    before: Policy | None
    region_row: Policy | None = None  # the region's row that a county goes back to
    next: Policy | None = None  # a value released already that will take its place
    exceptions: list[CountyValue] = field(default_factory=list)

    @property
    def new_words(self) -> str:
        if self.value is None and self.region_row is not None:
            return f"{in_words(self.parameter, None)}：{in_words(self.parameter, self.region_row.value)}"
        return in_words(self.parameter, self.value)

    @property
    def old_words(self) -> str:
        return in_words(self.parameter, self.before.value) if self.before else "没有规定"

    @property
    def is_first_own(self) -> bool:
        """A county sets a value of its own for the first time, or again."""
        return self.before is not None and self.before.division_id[2:] == "0" * 10

    @property
    def until(self) -> datetime.date | None:
        return self.next.holds_from - datetime.timedelta(days=1) if self.next else None

    @property
    def next_words(self) -> str:
        return in_words(self.parameter, self.next.value) if self.next else ""

    def summary(self) -> str:
        return f"{self.parameter.name}：{self.old_words} → {self.new_words}"


def changes(revision: Revision) -> list[Change]:
    """In the order of the regulation; of a released one as it was when it came into force."""
    place, day = revision.division, revision.holds_from
    rows = {row.key: row for row in revision.values.all() if row.key in PARAMETERS}
    eve = day - datetime.timedelta(days=1) if revision.released_at else day
    before = rows_at([place], eve)[place.code]
    region = rows_at([place], day)[place.code].region
    later = _later(place, day, rows)
    changed = [
        Change(
            PARAMETERS[key],
            rows[key].value,
            before.row(key),
            region_row=region.get(key) if rows[key].value is None else None,
            next=later.get(key),
        )
        for key in PARAMETERS
        if key in rows
    ]
    if place.level == Level.REGION:
        _add_exceptions(changed, day)
    return changed


def _later(place: Division, day: datetime.date, keys: Iterable[str]) -> dict[str, Policy]:
    rows = Policy.objects.released().filter(division=place, holds_from__gt=day, key__in=list(keys))
    first: dict[str, Policy] = {}
    for row in rows.order_by("holds_from"):
        first.setdefault(row.key, row)
    return first


def _add_exceptions(changed: list[Change], day: datetime.date) -> None:
    keys = [change.parameter.key for change in changed if change.parameter.by_county]
    latest: dict[tuple[str, str], Policy] = {}
    rows = Policy.objects.released().filter(key__in=keys, holds_from__lte=day, division__level=Level.COUNTY)
    for row in rows.select_related("division").order_by("holds_from"):
        latest[row.key, row.division_id] = row
    for change in changed:
        own = [
            row for (key, _), row in latest.items() if key == change.parameter.key and row.value is not None
        ]
        change.exceptions = [
            CountyValue(row, in_words(change.parameter, row.value))
            for row in sorted(own, key=lambda row: row.division_id)
        ]


def replaced_for(county: Division, revisions: Iterable[Revision]) -> dict[int, list[str]]:
    """Revision of the region → keys that it changes in `county`: those for which it has no value of its
    own."""
    own: dict[str, list[Policy]] = {}
    for row in Policy.objects.released().filter(division=county).order_by("holds_from"):
        own.setdefault(row.key, []).append(row)
    return {
        revision.pk: [
            key
            for key in revision_keys(revision)
            if not _has_own_value(own.get(key, []), key, revision.holds_from)
        ]
        for revision in revisions
    }


def _has_own_value(rows: list[Policy], key: str, day: datetime.date) -> bool:
    latest = next((row for row in reversed(rows) if row.holds_from <= day), None)
    return PARAMETERS[key].by_county and latest is not None and latest.value is not None


def revision_keys(revision: Revision) -> list[str]:
    """In the order of the regulation; needs `values` prefetched."""
    present = {row.key for row in revision.values.all()}
    return [key for key in PARAMETERS if key in present]


def has_own(current: CurrentRows, key: str) -> bool:
    return key in current.own and current.own[key].value is not None


def applied(base: PolicySet, county: Division, revision: Revision) -> PolicySet:
    """`base`, the values of a county, with what `revision` changes there."""
    rows = {row.key: row.value for row in revision.values.all() if row.key in PARAMETERS}
    current = rows_at([county], revision.holds_from)[county.code]
    if revision.division_id == county.code:
        region = {key: row.value for key, row in current.region.items()}
        rows = {key: region[key] if value is None else value for key, value in rows.items()}
    else:
        rows = {key: value for key, value in rows.items() if not has_own(current, key)}
    return base.with_values(rows, revision.holds_from)
