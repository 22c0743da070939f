"""Which duty may be given where, and by whom; from divisions that are never saved."""

import datetime
from types import SimpleNamespace

import pytest

from fangpin.accounts.models import Department, Division, Level, User
from fangpin.accounts.people import rules
from fangpin.accounts.roles import Role

REGION = Division(code="450000000000", level=Level.REGION, name="广西")
CITY = Division(code="451200000000", level=Level.CITY, name="河池市")
COUNTY = Division(code="451228000000", level=Level.COUNTY, name="都安县")
OTHER = Division(code="451229000000", level=Level.COUNTY, name="大化县")
TOWNSHIP = Division(code="451228100000", level=Level.TOWNSHIP, name="安阳镇")
VILLAGE = Division(code="451228100001", level=Level.VILLAGE, name="大村")
ENDS = datetime.date(2021, 1, 1)


def administrator(area: Division, pk: int = 1):
    return SimpleNamespace(pk=pk, duty=SimpleNamespace(division_id=area.code))


def fault(role, place, *, of=None, department=None, ends_on=None, document="", by=None) -> str:
    by = by or administrator(COUNTY)
    return rules.fault_of_duty(of or User(pk=2), role, place, department, ends_on, document, by=by)


@pytest.mark.parametrize(
    ("code", "area", "lies"),
    [
        (COUNTY.code, COUNTY.code, True),
        (VILLAGE.code, COUNTY.code, True),
        ("451228999999", COUNTY.code, True),
        (OTHER.code, COUNTY.code, False),
        ("451227999999", COUNTY.code, False),
        (CITY.code, COUNTY.code, False),
        (COUNTY.code, REGION.code, True),
    ],
)
def test_what_lies_in_an_area(code, area, lies):
    assert rules.lies_in(code, area) is lies


def test_a_county_gives_its_own_duties():
    none_of_its = {Role.CITY, Role.REGION}
    assert rules.roles_for(COUNTY) == [role for role in Role if role not in none_of_its]


def test_above_the_county_only_its_own_and_the_countys_duties_are_given():
    at_the_county = {role for role in Role if Level.COUNTY in rules.LEVELS[role]}
    assert set(rules.roles_for(CITY)) == at_the_county | {Role.CITY}
    assert set(rules.roles_for(REGION)) == at_the_county | {Role.CITY, Role.REGION}
    assert rules.roles_for(REGION) == [role for role in Role if role in rules.roles_for(REGION)]
    assert Role.VILLAGE_CADRE not in rules.roles_for(REGION)


@pytest.mark.parametrize(
    ("duty", "words"),
    [
        ({"role": Role.OFFICE, "place": COUNTY}, ""),
        ({"role": Role.VILLAGE_CADRE, "place": VILLAGE}, ""),
        ({"role": Role.OFFICE, "place": COUNTY, "of": User()}, ""),
        (
            {"role": Role.OFFICE, "place": COUNTY, "of": User(pk=1)},
            "不能给自己设置岗位，请由另一名系统管理员办理。",
        ),
        (
            {"role": Role.OFFICE, "place": OTHER},
            "大化县不在您管理的范围内，不能在那里设置岗位。",
        ),
        (
            {"role": Role.VILLAGE_CADRE, "place": COUNTY},
            "“村“两委”干部”的岗位设在村，请改选地方。",
        ),
        (
            {"role": Role.HELPER, "place": CITY, "by": administrator(REGION)},
            "“帮扶联系人”的岗位设在村、乡（镇）、县，请改选地方。",
        ),
        (
            {"role": Role.AUDITOR, "place": TOWNSHIP},
            "“审计”的岗位设在县、市、自治区，请改选地方。",
        ),
        ({"role": Role.DEPARTMENT, "place": COUNTY}, "部门经办人须选部门。"),
        ({"role": Role.DEPARTMENT, "place": COUNTY, "department": Department(county=COUNTY)}, ""),
        (
            {"role": Role.DEPARTMENT, "place": COUNTY, "department": Department(county=OTHER)},
            "这个部门不是所选县的，请重新选择。",
        ),
        (
            {"role": Role.OFFICE, "place": COUNTY, "department": Department(county=COUNTY)},
            "只有部门经办人选部门，其他岗位请留空。",
        ),
        ({"role": Role.AUDITOR, "place": COUNTY, "ends_on": ENDS, "document": "文"}, ""),
        (
            {"role": Role.AUDITOR, "place": COUNTY, "ends_on": ENDS},
            "审计岗位只在一段时间内有效，须填写止期和依据文号。",
        ),
        (
            {"role": Role.AUDITOR, "place": COUNTY, "document": "文"},
            "审计岗位只在一段时间内有效，须填写止期和依据文号。",
        ),
    ],
)
def test_why_a_duty_may_not_be_given(duty, words):
    assert fault(**duty) == words


def test_somebody_new_is_nobody_else():
    """Neither has a number yet: they are not the same person."""
    assert fault(Role.OFFICE, COUNTY, of=User(), by=administrator(COUNTY, pk=None)) == ""
