"""Makes households: who lives in them, of which status, with what income. Deterministic by the random
source."""

import datetime
import random
from dataclasses import dataclass
from typing import NamedTuple

from demo.county import names, persons
from demo.county.registrar import Registrar
from households.codelists import CATEGORY_OF_STATUS, HouseholdStatus, Relation
from households.registry.file import Group, Person

_RISKS = ("因病", "因学", "因残", "缺劳动力", "因灾", "缺技术")
_YUAN = 100


class Seat(NamedTuple):
    """A place in a household: relation, sex, age, and whether the head's surname comes with it."""

    relation: str
    sex: str
    age: int
    of_the_blood: bool


@dataclass(frozen=True, slots=True)
class Family:
    group: Group
    incomes: dict[int, dict[str, int]]  # year → components in fen; empty where nobody asked


@dataclass(frozen=True, slots=True)
class Wish:
    """What the story asks of a household; None leaves it to chance."""

    status: HouseholdStatus | None = None
    in_case: bool | None = None


class Maker:
    """Makes households as the registry of `day` has them, one after the other."""

    def __init__(self, rng: random.Random, registrar: Registrar, day: datetime.date) -> None:
        self.rng = rng
        self.registrar = registrar
        self.day = day
        self._numbers = 0

    def family(self, village: str, hamlet: str, wish: Wish) -> Family:
        rng = self.rng
        status = wish.status or _status(rng.random())
        in_case = _in_case(rng.random(), status) if wish.in_case is None else wish.in_case
        number = "" if status == HouseholdStatus.ORDINARY else self._national_number(village)
        people = self._people(number)
        group = Group(
            number, people, self._household(village, hamlet, status, in_case, wished=wish.in_case is True)
        )
        years = (self.day.year - 2, self.day.year - 1)
        per_head = _per_head(rng, status)
        known = rng.random() > 0.01
        heads = (int(per_head * rng.uniform(0.82, 1.02)), per_head) if known else ()
        incomes = {year: _income(rng, head, len(people)) for year, head in zip(years, heads, strict=False)}
        return Family(group, incomes)

    def _national_number(self, village: str) -> str:
        self._numbers += 1
        return f"{village[:9]}{self._numbers:06d}"

    def _people(self, number: str) -> list[Person]:
        rng = self.rng
        blood = names.surname(rng)
        group = rng.choices(("壮族", "瑶族", "汉族"), (72, 24, 4))[0]
        people = []
        for position, seat in enumerate(_seats(rng)):
            birth = self.day - datetime.timedelta(days=1 + int((seat.age + rng.random()) * 365.24))
            surname = blood if seat.of_the_blood else names.surname(rng)
            same = seat.of_the_blood or rng.random() < 0.8
            values = persons.describe(rng, birth, self.day) | {
                "number": f"{number}{position + 1:02d}" if number else "",
                "name": surname + names.given_name(rng, seat.sex, birth.year),
                "id_number": self.registrar.id_number(birth, seat.sex),
                "relation": seat.relation,
                "ethnic_group": group if same else rng.choice(("壮族", "瑶族", "汉族")),
                "phone": self.registrar.phone() if seat.age > 15 and rng.random() < 0.4 else "",
            }
            people.append(Person(row=0, position=position, values=values))
        return people

    def _household(self, village: str, hamlet: str, status: str, in_case: bool, *, wished: bool) -> dict:
        rng = self.rng
        lifted = rng.choices(range(2014, 2021), (6, 10, 18, 20, 18, 18, 10))[0]
        return {
            "village": village,
            "hamlet": hamlet,
            "status": status,
            "lifted_year": lifted if status == HouseholdStatus.LIFTED else None,
            "phone": self.registrar.phone() if rng.random() < 0.9 else "",
            "housing_grade": rng.choices(("", "A", "B"), (30, 50, 20))[0],
            "water_secured": rng.random() < 0.985,
            "category": CATEGORY_OF_STATUS[status] if in_case else None,
            # The list taken over: those wished for have been followed for a year when the quarter begins, of
            # the rest some.
            "identified_on": self.day - datetime.timedelta(days=395 - (0 if wished else rng.randrange(75))),
            "risk_words": rng.choice(_RISKS) if in_case else "",
        }


def _status(chance: float) -> HouseholdStatus:
    if chance < 0.015:
        return HouseholdStatus.REGISTERED
    return HouseholdStatus.LIFTED if chance < 0.185 else HouseholdStatus.ORDINARY


def _in_case(chance: float, status: str) -> bool:
    """2 to 2.5 % of all, more of them among the lifted."""
    return chance < {HouseholdStatus.LIFTED: 0.072, HouseholdStatus.ORDINARY: 0.0125}.get(status, 0)


def _seats(rng: random.Random) -> list[Seat]:
    age = int(rng.triangular(26, 82, 50))
    is_man = rng.random() < 0.87
    seats = [Seat(Relation.HEAD, "male" if is_man else "female", age, True)]
    if rng.random() < ((0.92 if age < 60 else 0.65) if is_man else 0.35):
        other = max(21, age + int(rng.triangular(-7, 4, -2)))
        seats.append(Seat(Relation.SPOUSE, "female" if is_man else "male", other, False))
    if age < 50:
        seats += _children(rng, age, (14, 36, 38, 12))
    else:
        seats += _grown_children(rng, age)
    if is_man and age < 60 and rng.random() < 0.34:
        mother = min(96, age + rng.randint(20, 28))
        seats.append(Seat(Relation.MOTHER, "female", mother, False))
        if rng.random() < 0.55:
            seats.append(Seat(Relation.FATHER, "male", min(97, mother + rng.randint(0, 5)), True))
    return seats


def _children(rng: random.Random, parent: int, weights: tuple[int, ...]) -> list[Seat]:
    age, children = rng.randint(max(0, parent - 33), max(0, parent - 22)), []
    for _ in range(rng.choices(range(4), weights)[0]):
        if age < 0:
            break
        children.append(_child(rng, age, Relation.SON, Relation.DAUGHTER))
        age -= rng.randint(1, 5)
    return children


def _grown_children(rng: random.Random, head: int) -> list[Seat]:
    """A son who stayed, perhaps with a wife and children, and perhaps somebody younger."""
    seats = []
    if rng.random() < 0.6:
        son = head - rng.randint(22, 30)
        seats.append(Seat(Relation.SON, "male", son, True))
        if son > 23 and rng.random() < 0.62:
            seats.append(Seat(Relation.DAUGHTER_IN_LAW, "female", son - rng.randint(0, 4), False))
            for _ in range(rng.choices(range(4), (22, 42, 30, 6))[0]):
                grandchild = rng.randint(0, max(0, min(son - 22, 22)))
                seats.append(_child(rng, grandchild, Relation.GRANDSON, Relation.GRANDDAUGHTER))
    if rng.random() < 0.3:
        seats.append(_child(rng, max(0, head - rng.randint(27, 40)), Relation.SON, Relation.DAUGHTER))
    return seats


def _child(rng: random.Random, age: int, boy: str, girl: str) -> Seat:
    return Seat(boy, "male", age, True) if rng.random() < 0.53 else Seat(girl, "female", age, True)


def _per_head(rng: random.Random, status: str) -> int:
    """Net income a head in yuan: some near the line of 5,000, some exactly on it."""
    chance = rng.random()
    if chance < 0.008:
        return 5_000
    if chance < 0.07 or status == HouseholdStatus.REGISTERED:
        return rng.randint(3_600, 5_600)
    if chance < 0.073:
        return -rng.randint(200, 3_000)  # a bad year in business
    return int(rng.lognormvariate(9.0 if status == HouseholdStatus.LIFTED else 9.25, 0.38))


def _income(rng: random.Random, per_head: int, members: int) -> dict[str, int]:
    """Components in fen whose net comes to `per_head` yuan for each member."""
    net = per_head * members * _YUAN
    share = abs(net) // _YUAN
    business = int(share * rng.uniform(0.1, 0.5)) * _YUAN
    transfers = int(share * rng.uniform(0.02, 0.12)) * _YUAN
    costs = int(business * 0.4)
    wages = net - business - transfers + costs
    if wages < 0:
        wages, costs = 0, business + transfers - net
    return {
        "wages": wages,
        "business": business,
        "property_income": 0,
        "transfers": transfers,
        "costs": costs,
    }
