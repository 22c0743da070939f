"""Which duty may be given where, and by whom."""

import datetime

from fangpin.accounts.models import Department, Division, Level, User, code_range
from fangpin.accounts.roles import Role
from fangpin.common.actor import Actor

_COUNTY, _CITY, _REGION = (Level.COUNTY,), (Level.CITY,), (Level.REGION,)
LEVELS: dict[Role, tuple[Level, ...]] = {
    Role.VILLAGE_CADRE: (Level.VILLAGE,),
    Role.WORK_TEAM: (Level.VILLAGE,),
    Role.HELPER: (Level.VILLAGE, Level.TOWNSHIP, Level.COUNTY),
    Role.TOWNSHIP: (Level.TOWNSHIP,),
    Role.OFFICE: _COUNTY,
    Role.DIRECTOR: _COUNTY,
    Role.INFORMATION: (Level.COUNTY, Level.TOWNSHIP),
    Role.LEADING_GROUP: _COUNTY,
    Role.SECRETARY: _COUNTY,
    Role.DEPARTMENT: _COUNTY,
    Role.FINANCE: _COUNTY,
    Role.CITY: _CITY,
    Role.REGION: _REGION,
    Role.AUDITOR: (Level.COUNTY, Level.CITY, Level.REGION),
    Role.ADMINISTRATOR: (Level.COUNTY, Level.CITY, Level.REGION),
    Role.CLIENT: (Level.COUNTY, Level.REGION),
}
_WORDS = {
    Level.REGION: "自治区",
    Level.CITY: "市",
    Level.COUNTY: "县",
    Level.TOWNSHIP: "乡（镇）",
    Level.VILLAGE: "村",
}


def lies_in(code: str, area: str) -> bool:
    low, high = code_range(area)
    return low <= code <= high


def roles_for(area: Division) -> list[Role]:
    """Roles that an administrator of `area` may give: none above it, and in a county's work only the
    county."""
    order = list(Level)
    offered = order[order.index(Level(area.level)) :]
    if area.level != Level.COUNTY:
        offered = [level for level in offered if order.index(level) <= order.index(Level.COUNTY)]
    return [role for role in Role if set(LEVELS[role]) & set(offered)]


def fault_of_duty(
    user: User,
    role: str,
    division: Division,
    department: Department | None,
    ends_on: datetime.date | None,
    document: str,
    *,
    by: Actor,
) -> str:
    """Why `by` may not give this duty, in Chinese; "" where he may."""
    label = Role(role).label
    if user.pk is not None and user.pk == by.pk:
        return "不能给自己设置岗位，请由另一名系统管理员办理。"
    if not lies_in(division.pk, by.duty.division_id):
        return f"{division.name}不在您管理的范围内，不能在那里设置岗位。"
    if division.level not in LEVELS[Role(role)]:
        levels = "、".join(_WORDS[level] for level in LEVELS[Role(role)])
        return f"“{label}”的岗位设在{levels}，请改选地方。"
    if role == Role.DEPARTMENT and department is None:
        return "部门经办人须选部门。"
    if role != Role.DEPARTMENT and department is not None:
        return "只有部门经办人选部门，其他岗位请留空。"
    if department is not None and department.county_id != division.pk:
        return "这个部门不是所选县的，请重新选择。"
    if role == Role.AUDITOR and not (ends_on and document):
        return "审计岗位只在一段时间内有效，须填写止期和依据文号。"
    return ""
