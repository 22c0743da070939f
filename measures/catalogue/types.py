"""Which measure types hold where and when: the region's rows, with a county's standard over them (Art.
15)."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone

from fangpin.accounts.models import Division, Level
from fangpin.common import reference
from fangpin.policy.parameters import FIRST_DAY
from fangpin.policy.services import PolicySet
from fangpin.policy.services import in_force as policy_in_force
from measures import rules
from measures.catalogue.first_rows import ROWS
from measures.models import MeasureType

# What a county's own row may change; the rest is the region's.
BY_COUNTY = ("department", "cap", "ceiling_kind", "ceiling", "ceiling_rate")


def load_defaults() -> int:
    """The first rows, for the region, from the regulation's own day; existing ones stay."""
    region = Division.objects.get(level=Level.REGION)
    known = set(MeasureType.objects.filter(division=region).values_list("code", flat=True))
    made = MeasureType.objects.bulk_create(
        [
            MeasureType(
                code=row.code,
                division=region,
                holds_from=FIRST_DAY,
                name=row.name,
                order=position,
                department=row.department,
                also=list(row.also),
                article=row.article,
                form=row.form,
                unit=row.unit,
                period=row.period,
                cap_key=row.cap_key,
                months_key=row.months_key,
                cap_by_county=row.cap_by_county,
                for_lifted=row.who[0],
                for_monitored=row.who[1],
                for_marginal=row.who[2],
                subcriteria=list(row.subcriteria),
                is_universal=row.is_universal,
                ceiling_kind=row.ceiling_kind,
                comparators=list(row.comparators),
                needs=row.needs,
                is_two_years=row.is_two_years,
                is_on_application=row.is_on_application,
                route=row.route,
                route_marginal=row.route_marginal,
                document="桂扶领发〔2020〕2号" if row.article else "",
            )
            for position, row in enumerate(ROWS)
            if row.code not in known
        ]
    )
    return len(made)


reference.register("举措目录", load_defaults)


@dataclass(frozen=True)
class CurrentType:
    """A type as it holds in a county on a day: the region's row, and the county's own where it has one."""

    row: MeasureType
    own: MeasureType | None
    policy: PolicySet

    def __getattr__(self, name: str) -> Any:
        """A column: the county's where a county may change it and has, else the region's."""
        if name in BY_COUNTY and self.own is not None and getattr(self.own, name) not in (None, ""):
            return getattr(self.own, name)
        return getattr(self.row, name)

    @property
    def cap(self) -> int | None:
        """Fen; None where nothing bounds it."""
        if self.row.cap_key:
            return self.policy[self.row.cap_key]
        if self.own is not None and self.own.cap is not None:
            return self.own.cap
        return self.row.cap

    @property
    def most_months(self) -> int | None:
        return self.policy[self.row.months_key] if self.row.months_key else self.row.most_months

    @property
    def departments(self) -> list[str]:
        """Codes of the departments that may plan it, the one in charge first."""
        return list(dict.fromkeys([self.department, self.row.department, *self.row.also]))


def in_force(county: Division, day: datetime.date | None = None) -> dict[str, CurrentType]:
    """Code → the type as it holds in `county` on `day`, in the order of the catalogue. Two queries beside the
    policy's."""
    day = day or timezone.localdate()
    region = county.code[:2] + "0" * 10
    rows = MeasureType.objects.published().filter(division_id__in=[region, county.code], holds_from__lte=day)
    latest: dict[tuple[str, str], MeasureType] = {}
    for row in rows.order_by("holds_from"):
        latest[row.division_id, row.code] = row
    policy = policy_in_force(county, day)
    current = [
        CurrentType(row, latest.get((county.code, code)) if county.code != region else None, policy)
        for (division, code), row in latest.items()
        if division == region and (row.ends_on is None or row.ends_on >= day)
    ]
    return {each.row.code: each for each in sorted(current, key=lambda each: (each.row.order, each.row.code))}


def areas_without_standard(county: str, day: datetime.date | None = None) -> list[str]:
    """教育, 医疗, 住房: the areas without a published standard for lifted households; special relief has no
    ceiling there (Art. 8(2)1). One query."""
    has_standard = Q(cap__isnull=False) | Q(ceiling__isnull=False) | Q(ceiling_rate__isnull=False)
    rows = MeasureType.objects.published().filter(
        has_standard,
        division_id__in=[county[:2] + "0" * 10, county],
        holds_from__lte=day or timezone.localdate(),
    )
    having = set(rows.values_list("code", flat=True))
    return [rules.AREAS[area] for area, codes in rules.COMPARATORS.items() if not having.intersection(codes)]
