"""Makes what tests need: people with duties, households, numbers with a valid check character."""

import datetime
import itertools

from django.utils import timezone

from fangpin.accounts.models import Department, Duty, User
from fangpin.accounts.roles import Role
from fangpin.common import crypto
from fangpin.common.values import idnumbers
from households.models import AnnualIncome, Household, Member
from households.names import initials

_counter = itertools.count(1)

COUNTY = "451228000000"
OTHER_COUNTY = "451229000000"
TOWNSHIP = "451228100000"
VILLAGE = "451228100001"
SISTER_VILLAGE = "451228100002"
OTHER_TOWNSHIP_VILLAGE = "451228101201"
OTHER_COUNTY_VILLAGE = "451229100001"


def id_number(birth: datetime.date, *, sex: str = "male", serial: int | None = None) -> str:
    """A number under the unassigned prefix 459900 that nobody can hold."""
    serial = next(_counter) % 500 if serial is None else serial
    first = f"459900{birth:%Y%m%d}{(2 * serial + (sex == 'male')) % 1000:03d}"
    return first + idnumbers.check_character(first)


def user(username: str, role: Role, division: str, department: str | None = None, name: str = "") -> User:
    """A user acting in one duty."""
    person = User.objects.filter(username=username).first() or User.objects.create_user(
        username, "pass-word-1234", name=name or username, must_change_password=False
    )
    owner = Department.objects.get(county_id=division[:6] + "000000", code=department) if department else None
    duty = Duty.objects.create(
        user=person, role=role, division_id=division, department=owner, begins_on=datetime.date(2019, 1, 1)
    )
    return person.act_in(Duty.objects.select_related("division", "department", "user").get(pk=duty.pk))


def household(
    *,
    village: str = VILLAGE,
    status: str = "ordinary",
    members: int = 1,
    number: str | None = None,
    births: list[datetime.date] | None = None,
    names: list[str] | None = None,
    **fields,
) -> Household:
    """A household with its members; the first one is the head."""
    births = births or [datetime.date(1975, 5, 4)] * members
    lifted_year = fields.pop("lifted_year", 2018 if status == "lifted" else None)
    made = Household.objects.create(
        county_id=village[:6] + "000000",
        village_id=village,
        number=number or f"H{next(_counter):06d}",
        status=status,
        lifted_year=lifted_year,
        **fields,
    )
    for position, birth in enumerate(births):
        name = names[position] if names else f"韦测{'甲乙丙丁戊己庚辛'[position % 8]}{made.pk}"
        member(made, birth, name=name, relation="head" if position == 0 else "other")
    Household.objects.filter(pk=made.pk).update(
        head_name=made.members.get(relation="head").name, size=made.members.count()
    )
    made.refresh_from_db()
    return made


def member(
    home: Household,
    birth: datetime.date,
    *,
    name: str,
    relation: str = "other",
    number: str | None = None,
    **fields,
) -> Member:
    number = number or _free_number(birth)
    return Member.objects.create(
        household=home,
        name=name,
        initials=initials(name),
        id_number=number,
        id_index=crypto.keyed_index("id", number),
        birth_date=birth,
        sex=idnumbers.sex(number),
        relation=relation,
        added_on=datetime.date(2019, 1, 1),
        **fields,
    )


def _free_number(birth: datetime.date) -> str:
    while True:
        number = id_number(birth)
        if not Member.objects.filter(id_index=crypto.keyed_index("id", number)).exists():
            return number


def income(home: Household, net_yuan: str | int, year: int | None = None) -> AnnualIncome:
    from fangpin.common.cells import fen

    return AnnualIncome.objects.create(
        household=home,
        year=year or timezone.localdate().year - 1,
        wages=fen(net_yuan),
        business=0,
        property_income=0,
        transfers=0,
        costs=0,
    )


_ACTS = ("evaluated_on", "reviewed_on", "released_on")
_DONE = {"evaluated": 1, "reviewed": 2, "released": 3}


def stands(rows, state: str) -> None:
    """Cases (or other things) in a state, past the door; cases with the acts that the database asks for in
    it."""
    acts = {}
    if any(field.name == "follow_until" for field in rows.model._meta.fields):
        day = timezone.localdate()
        done = _DONE.get(state, 0)
        acts = {name: day if place < done else None for place, name in enumerate(_ACTS)}
        acts |= {"follow_until": day, "evaluation_due": day}
    rows.update(state=state, **acts)


def released(cases) -> None:
    """Cases as they stand after their follow-up year and three collective acts; past the door."""
    stands(cases, "released")
