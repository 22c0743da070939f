"""The demo's users and what each of them is."""

import datetime

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from demo.county.registrar import Registrar
from fangpin.accounts.models import Department, Division, Duty, HelpLine, Level, User
from fangpin.accounts.roles import Role
from fangpin.common import audit
from fangpin.policy.parameters import FIRST_DAY
from households.codelists import HouseholdStatus
from households.models import HelperAssignment, Household

COUNTY = "451228000000"
PASSWORD = "fangpin-demo-2020"  # noqa: S105  a demo's, printed at its start
HELPED = 6

# User name → name, role, place (of `_places`).
PEOPLE = {
    "region": ("陆文彬", Role.REGION, "region"),
    "city": ("梁海燕", Role.CITY, "city"),
    "office": ("韦晓宁", Role.OFFICE, "county"),
    "director": ("黄建华", Role.DIRECTOR, "county"),
    "leader": ("蓝志远", Role.LEADING_GROUP, "county"),
    "finance": ("潘丽萍", Role.FINANCE, "county"),
    "info": ("卢秋月", Role.INFORMATION, "county"),
    "township": ("覃立新", Role.TOWNSHIP, "township"),
    "village": ("蓝桂芳", Role.VILLAGE_CADRE, "village"),
    "workteam": ("农振宇", Role.WORK_TEAM, "village"),
    "helper": ("罗敏", Role.HELPER, "village"),
    "auditor": ("岑正刚", Role.AUDITOR, "county"),
    "admin": ("何伟", Role.ADMINISTRATOR, "county"),
    "client": ("县级数据接口", Role.CLIENT, "county"),
    "secretary": ("苏会民", Role.SECRETARY, "county"),
    "secretary2": ("覃丽花", Role.SECRETARY, "county"),
    # Neighbours whom the story needs: the second village of the first township, and the second township.
    "village2": ("韦光明", Role.VILLAGE_CADRE, "second_village"),
    "township2": ("莫家兴", Role.TOWNSHIP, "second_township"),
    "village3": ("黄秀珍", Role.VILLAGE_CADRE, "other_village"),
}
OFFICERS = {
    "poverty": "陈东",
    "education": "李春燕",
    "health": "莫小兰",
    "insurance": "韦丽娟",
    "housing": "黄永强",
    "water": "覃水生",
    "civil": "梁玉梅",
    "disabled": "陆安平",
    "labour": "蒙家旺",
    "agriculture": "卢丰年",
    "emergency": "潘国勇",
    "police": "农卫民",
}
# Who has a second duty, to show how one switches: the information officer is posted to a village as well.
SECOND_DUTIES = {"info": (Role.WORK_TEAM, "other_village")}


def create_users(county: Division, registrar: Registrar) -> dict[str, User]:
    """Every user with the duties named above; user name → user, acting in the first duty."""
    places, password = _places(county), make_password(PASSWORD)
    made = {}
    for username, (name, role, place) in PEOPLE.items():
        made[username] = _user(username, name, password, registrar)
        _give(made[username], role, places[place])
    for username, (role, place) in SECOND_DUTIES.items():
        _give(made[username], role, places[place])
    for department in Department.objects.filter(county=county, code__in=OFFICERS):
        officer = _user(f"dept-{department.code}", OFFICERS[department.code], password, registrar)
        _give(officer, Role.DEPARTMENT, county, department)
        made[officer.username] = officer
        department.contact, department.contact_phone = officer.name, officer.phone
        department.save(update_fields=["contact", "contact_phone"])
    _leave(county, password, registrar)
    HelpLine.objects.create(county=county, words=f"系统管理员{PEOPLE['admin'][0]}，办公电话 0778-0000000")
    return {name: user.act_in(user.duties.order_by("id").first()) for name, user in made.items()}


def name_helper(helper: User) -> int:
    """Names the helper for lifted households of his village (Art. 4); returns how many."""
    homes = Household.objects.in_area(helper.acting.division_id).filter(status=HouseholdStatus.LIFTED)
    assignments = [HelperAssignment(household=home, user=helper) for home in homes.order_by("pk")[:HELPED]]
    HelperAssignment.objects.bulk_create(assignments)
    return len(assignments)


def _places(county: Division) -> dict[str, Division]:
    townships = Division.objects.within(county).filter(level=Level.TOWNSHIP).order_by("code")
    first, second = townships[:2]
    return {
        "region": Division.objects.get(level=Level.REGION),
        "city": county.parent,
        "county": county,
        "township": first,
        "village": _villages(first)[0],
        "second_village": _villages(first)[1],
        "second_township": second,
        "other_village": _villages(second)[0],
    }


def _villages(township: Division) -> list[Division]:
    return list(Division.objects.within(township).filter(level=Level.VILLAGE).order_by("code")[:2])


def _user(username: str, name: str, password: str, registrar: Registrar) -> User:
    user = User.objects.create(
        username=username, name=name, password=password, phone=registrar.phone(), must_change_password=False
    )
    audit.record(None, "user_create", user)
    return user


def _leave(county: Division, password: str, registrar: Registrar) -> None:
    """Somebody who has left and whose account waits for the administrator to disable it."""
    user = _user("former", "王婷", password, registrar)
    Duty.objects.create(
        user=user,
        role=Role.FINANCE,
        division=county,
        begins_on=FIRST_DAY,
        ends_on=datetime.date(2020, 12, 31),
    )


def _give(user: User, role: Role, division: Division, department: Department | None = None) -> None:
    term = {}
    if role == Role.AUDITOR:  # read-only, for a time, by a document
        year = timezone.localdate().year
        term = {"ends_on": datetime.date(year + 1, 12, 31), "document": f"都审通〔{year}〕7号"}
    Duty.objects.create(
        user=user, role=role, division=division, department=department, begins_on=FIRST_DAY, **term
    )
