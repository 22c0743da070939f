"""What the leak matrix is made of: places, things with their canaries, routes."""

from collections.abc import Callable
from dataclasses import dataclass, field

from fangpin.accounts.roles import Role

# Areas: (label, village). The actors act in 都安, its first township and first village.
PLACES = {
    "own village": "451228100001",
    "village beside it": "451228100002",
    "other township": "451228101201",
    "other county": "451229100001",
    "other city": "450102001003",
}

COUNTIES = ("451228000000", "451229000000", "450102000000")

CITY_OF_ACTORS = "4512"

COUNTY_WIDE = {Role.OFFICE, Role.DIRECTOR, Role.INFORMATION, Role.LEADING_GROUP, Role.AUDITOR}


@dataclass
class Thing:
    """An object of the world: how it is addressed, where it lies, its canaries."""

    kind: str
    label: str
    address: dict
    village: str = ""
    county: str = ""
    department: str = ""
    owner: object = None
    canaries: list[str] = field(default_factory=list)


@dataclass
class World:
    actors: dict[str, object]
    things: list[Thing]
    helped: str

    def of(self, kind: str) -> list[Thing]:
        return [thing for thing in self.things if thing.kind == kind]


@dataclass(frozen=True)
class Route:
    """How a URL is walked: what its object is, the right it asks, how it is called and with what."""

    kind: str | None = None
    permission: str | None = None
    method: str = "get"
    data: tuple = ()
    fixed: tuple = ()
    own_area_only: bool = False  # seen from above, but acted on only by a duty of the same division
    api: bool = False  # called with the token of the role, which has every scope
    json: Callable | None = None  # (thing) → body
