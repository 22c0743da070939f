"""Which parameters hold where and when."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fangpin.accounts.models import Division, Level
from fangpin.common.refusals import Refused
from fangpin.policy.models import Policy
from fangpin.policy.parameters import FIRST_DAY, PARAMETERS


class NoPolicy(Refused):
    def __init__(self, day: datetime.date):
        super().__init__(
            f"{day:%Y-%m-%d} 没有已发布的政策参数（最早 {FIRST_DAY:%Y-%m-%d} 起施行），不能按它排查。"
        )


@dataclass(frozen=True)
class PolicySet:
    """The parameters in force at one place and day: key → (value, since)."""

    values: dict[str, tuple[Any, datetime.date]]

    def __getitem__(self, key: str) -> Any:
        return self.values[key][0]

    def since(self, key: str) -> datetime.date:
        return self.values[key][1]

    def snapshot(self) -> dict[str, Any]:
        """JSON form, kept by what runs under it (Art. 14: an old round keeps its own)."""
        return {
            key: {"value": value, "since": since.isoformat()} for key, (value, since) in self.values.items()
        }

    @classmethod
    def restore(cls, snapshot: dict[str, Any]) -> "PolicySet":
        """A parameter that came after the snapshot was taken has its first value there: no older rule asked
        for it."""
        first = {key: (parameter.default, FIRST_DAY) for key, parameter in PARAMETERS.items()}
        kept = {
            key: (item["value"], datetime.date.fromisoformat(item["since"])) for key, item in snapshot.items()
        }
        return cls(first | kept)

    def with_values(self, values: dict[str, Any], since: datetime.date) -> "PolicySet":
        """The same with some other values, which hold from `since`."""
        return PolicySet(self.values | {key: (value, since) for key, value in values.items()})

    def differing(self, other: "PolicySet") -> list[str]:
        """Keys whose values differ, in the order of the regulation."""
        return [key for key in PARAMETERS if self[key] != other[key]]


def load_defaults() -> int:
    """The first values of every parameter, for the region, from the regulation's own day; existing rows
    stay."""
    region = Division.objects.get(level=Level.REGION)
    known = set(Policy.objects.filter(division=region, holds_from=FIRST_DAY).values_list("key", flat=True))
    made = Policy.objects.bulk_create(
        [
            Policy(
                key=parameter.key,
                division=region,
                value=parameter.default,
                holds_from=FIRST_DAY,
                document="桂扶领发〔2020〕2号" if parameter.regulation else "",
            )
            for parameter in PARAMETERS.values()
            if parameter.key not in known
        ]
    )
    return len(made)


def in_force(county: Division, day: datetime.date) -> PolicySet:
    """Parameters that hold in `county` on `day`: the county's own row where the text leaves it to counties
    (Art. 15), else the region's; those of the region where `county` is the region. Raises NoPolicy when some
    parameter has none."""
    return settle(rows_at([county], day)[county.code], day)


@dataclass(frozen=True)
class CurrentRows:
    """The rows that hold at one place and day: key → row, the region's and the place's own where it has
    one."""

    region: dict[str, Policy]
    own: dict[str, Policy]

    def row(self, key: str) -> Policy | None:
        own = self.own.get(key)
        return own if own is not None and own.value is not None else self.region.get(key)


def rows_at(places: Iterable[Division], day: datetime.date) -> dict[str, CurrentRows]:
    """Code of each place → the released rows that hold there on `day`."""
    codes = [place.code for place in places]
    above = {code: code[:2] + "0" * 10 for code in codes}
    latest: dict[str, dict[str, Policy]] = {}
    rows = (
        Policy.objects.released()
        .filter(division_id__in={*codes, *above.values()}, holds_from__lte=day, key__in=PARAMETERS)
        .select_related("revision")
        .order_by("holds_from")
    )
    for row in rows:
        latest.setdefault(row.division_id, {})[row.key] = row
    return {
        code: CurrentRows(
            region=latest.get(above[code], {}),
            own={
                key: row
                for key, row in latest.get(code, {}).items()
                if code != above[code] and PARAMETERS[key].by_county
            },
        )
        for code in codes
    }


def settle(current: CurrentRows, day: datetime.date) -> PolicySet:
    """The values of these rows. Raises NoPolicy."""
    rows = {key: row for key in PARAMETERS if (row := current.row(key)) is not None}
    if len(rows) < len(PARAMETERS):
        raise NoPolicy(day)
    return PolicySet({key: (row.value, row.holds_from) for key, row in rows.items()})
