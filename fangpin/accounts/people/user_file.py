"""Reads the administrator's workbooks: users with their duties, and people who have left. Cells to values;
what the rows mean for users is decided in `workbooks`."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from fangpin.accounts.models import DEPARTMENTS, Department, Division, ListKind
from fangpin.accounts.people.services import USERNAME_RULE, _username
from fangpin.accounts.places.divisions import PlaceFinder
from fangpin.accounts.roles import Role
from fangpin.common import cells
from fangpin.common.cells import CellFault
from fangpin.common.outcomes import parse_column
from fangpin.common.workbooks import Column, Table

USERNAME = Column("用户名", required=True, synonyms=("登录名", "账号", "帐号"), note=USERNAME_RULE)
NAME = Column("姓名", required=True, synonyms=("人员姓名", "名字"))
COLUMNS = {
    ListKind.USERS: [
        USERNAME,
        NAME,
        Column("手机号", synonyms=("手机号码", "手机", "联系电话", "电话"), kind="id"),
        Column(
            "角色",
            required=True,
            synonyms=("岗位", "岗位名称"),
            choices=tuple(Role.labels),
            note="从下拉列表中选择",
        ),
        Column("乡(镇)", note="县级岗位留空"),
        Column("行政村", note="村级岗位填写；乡镇、县级岗位留空"),
        Column("部门", choices=tuple(DEPARTMENTS.values()), note="只有部门经办人填写"),
        Column("起", synonyms=("起始日期", "开始日期", "起期"), kind="date", note="留空为导入当天"),
        Column("止", synonyms=("截止日期", "结束日期", "止期"), kind="date", note="留空为长期；审计必填"),
        Column("依据文号", synonyms=("文号", "依据"), note="例如任职文件的文号；审计必填"),
    ],
    ListKind.LEAVERS: [
        Column(USERNAME.heading, synonyms=USERNAME.synonyms, note="知道的请填写；同名的人靠它区分"),
        NAME,
        Column("单位", synonyms=("部门", "工作单位", "单位名称"), note="只作核对"),
        Column("原因", synonyms=("调离原因", "说明"), note="例如调离、退休、轮换期满"),
    ],
}
NOTES = {
    ListKind.USERS: [
        "一行是一个人的一个岗位；一个人有几个岗位的，写几行，用户名和姓名相同。",
        "已经有的用户和岗位不会重复建立，可以放心再次导入整份名单。",
    ],
    ListKind.LEAVERS: ["写调离、退休、轮换期满的人。没有用户名的按姓名查找，同名的不停用，须补用户名。"],
}


@dataclass(slots=True)
class Posting:
    """One row of the users' workbook; `fault` is the first thing wrong with its cells."""

    row: int
    username: str
    name: str
    phone: str
    role: str
    division: Division | None
    department: Department | None
    begins_on: datetime.date | None
    ends_on: datetime.date | None
    document: str
    fault: CellFault | None


@dataclass(slots=True)
class Leaver:
    row: int
    username: str
    name: str
    reason: str
    fault: CellFault | None


def postings(table: Table, county: Division) -> Iterator[Posting]:
    departments = {}
    for department in Department.objects.filter(county=county):
        departments[cells.fold(department.name)] = department
    values, faults = _parsed(
        table,
        [
            ("用户名", _username_cell, True, ""),
            ("姓名", _name, True, ""),
            ("手机号", cells.phone, False, ""),
            ("角色", _role, True, ""),
            ("乡(镇)", cells.text, False, ""),
            ("行政村", cells.text, False, ""),
            ("部门", lambda value: _department(value, departments), False, None),
            ("起", cells.day, False, None),
            ("止", cells.day, False, None),
            ("依据文号", lambda value: _short(value, 60), False, ""),
        ],
    )
    places = PlaceFinder(county)
    known = {place.pk: place for place in Division.objects.within(county).select_related("parent")}
    for index, row in enumerate(table.numbers):
        username, name, phone, role, township, village, department, begins, ends, document = values[index]
        code, fault = _place(places, township, village, county)
        yield Posting(
            row,
            username,
            name,
            phone,
            role,
            known.get(code),
            department,
            begins,
            ends,
            document,
            faults.get(index) or fault,
        )


def leavers(table: Table) -> Iterator[Leaver]:
    values, faults = _parsed(
        table,
        [
            ("用户名", cells.text, False, ""),
            ("姓名", _name, False, ""),
            ("原因", lambda value: _short(value, 60), False, ""),
        ],
    )
    for index, row in enumerate(table.numbers):
        fault = faults.get(index)
        if not fault and not any(values[index][:2]):
            fault = CellFault("required", "用户名和姓名都没有填，请至少填一项。")
        yield Leaver(row, *values[index], fault)


def _parsed(table: Table, parsers: list[tuple]) -> tuple[list[tuple], dict[int, CellFault]]:
    """Values by row, and the first fault of a row."""
    columns, faults = [], {}
    for heading, parse, required, default in parsers:
        values, column_faults = parse_column(
            table.column(heading), parse, heading=heading, required=required, default=default
        )
        columns.append(values)
        for index, fault in column_faults.items():
            faults.setdefault(index, fault)
    return list(zip(*columns, strict=True)), faults


def _username_cell(value) -> str:
    words = cells.identifier(value)
    if not _username.fullmatch(words):
        raise CellFault("code", f"{cells.shown(value)}不能用。{USERNAME_RULE}")
    return words


def _name(value) -> str:
    return _short(cells.name(value), 40)


def _short(value, length: int) -> str:
    words = cells.text(value)
    if len(words) > length:
        raise CellFault("code", f"超过 {length} 个字，请缩短。")
    return words


def _bare(words) -> str:
    return cells.fold(words).translate(dict.fromkeys(map(ord, "“”\"‘’'")))


_ROLES = {_bare(role.label): role.value for role in Role} | {
    "村干部": Role.VILLAGE_CADRE.value,
    "村两委": Role.VILLAGE_CADRE.value,
    "驻村工作队": Role.WORK_TEAM.value,
    "第一书记": Role.WORK_TEAM.value,
    "帮扶人": Role.HELPER.value,
    "乡镇干部": Role.TOWNSHIP.value,
    "县扶贫办": Role.OFFICE.value,
    "县扶贫办业务员": Role.OFFICE.value,
    "县扶贫办主任": Role.DIRECTOR.value,
    "财政局": Role.FINANCE.value,
    "县领导小组": Role.LEADING_GROUP.value,
}


def _role(value) -> str:
    try:
        return _ROLES[_bare(value)]
    except KeyError:
        raise CellFault("code", f"{cells.shown(value)}不是规定的角色，请按模板的下拉选项填写。") from None


def _department(value, known: dict[str, Department]) -> Department:
    words = cells.fold(value)
    department = known.get(words) or known.get(words.removeprefix("县"))
    if department is None:
        raise CellFault("code", f"本县没有部门{cells.shown(value)}，请按模板的下拉选项填写。")
    return department


def _place(
    places: PlaceFinder, township: str, village: str, county: Division
) -> tuple[str, CellFault | None]:
    """Code of the place that the two cells name; the county where both are blank or name it."""
    if not village and (not township or places.is_county(township)):
        return county.pk, None
    if not township:
        return "", CellFault("division_unknown", "填了行政村，没有填乡（镇）；村名会重复，请补填乡（镇）。")
    code = places.village(township, village) if village else places.township(township)
    if code is None:
        wrong = f"{township}没有{village}" if village and places.township(township) else f"本县没有{township}"
        return "", CellFault("division_unknown", f"{wrong}，请改成区划名录中的名称。")
    return code, None
