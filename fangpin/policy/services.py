"""Which parameters hold where and when."""

import datetime
from dataclasses import dataclass
from typing import Any

from fangpin.accounts.models import Division, Level
from fangpin.policy.models import Policy
from fangpin.policy.parameters import FIRST_DAY, PARAMETERS


class NoPolicy(Exception):
    def __init__(self, day: datetime.date):
        self.message = (
            f"{day:%Y-%m-%d} 没有已发布的政策参数（最早 {FIRST_DAY:%Y-%m-%d} 起施行），不能按它排查。"
        )
        super().__init__(self.message)


@dataclass(frozen=True)
class PolicySet:
    """The parameters in force at one place and day: key → (value, since)."""

    values: dict[str, tuple[Any, datetime.date]]

    def __getitem__(self, key: str) -> Any:
        return self.values[key][0]

    def since(self, key: str) -> datetime.date:
        return self.values[key][1]

    def snapshot(self) -> dict:
        """JSON form, kept by what runs under it (Art. 14: an old round keeps its own)."""
        return {
            key: {"value": value, "since": since.isoformat()} for key, (value, since) in self.values.items()
        }

    @classmethod
    def restore(cls, snapshot: dict) -> "PolicySet":
        """What was kept. A parameter that the program learned of since has its first value."""
        first = {key: (parameter.default, FIRST_DAY) for key, parameter in PARAMETERS.items()}
        return cls(
            first
            | {
                key: (item["value"], datetime.date.fromisoformat(item["since"]))
                for key, item in snapshot.items()
            }
        )


def load_defaults() -> int:
    """The first values of every parameter, for the region, from the regulation's own day; existing rows stay."""
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
    (Art. 15), else the region's. Raises NoPolicy when some parameter has none."""
    region = county.code[:2] + "0" * 10
    found: dict[str, tuple[Any, datetime.date, bool]] = {}
    rows = (
        Policy.objects.released()
        .filter(division_id__in=[region, county.code], holds_from__lte=day, key__in=PARAMETERS)
        .order_by("holds_from")
        .values_list("key", "value", "holds_from", "division_id")
    )
    for key, value, since, division in rows:
        own = division == county.code
        if own and not PARAMETERS[key].by_county:
            continue
        if key in found and found[key][2] and not own:
            continue
        found[key] = (value, since, own)
    if any(key not in found for key in PARAMETERS):
        raise NoPolicy(day)
    return PolicySet({key: (value, since) for key, (value, since, _) in found.items()})
