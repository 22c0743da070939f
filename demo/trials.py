"""Workbooks to try the imports with: new households, changes to known ones, and a fault of each kind."""

import datetime
import random
from typing import Any

from demo.county.families import Family, Maker, Wish
from demo.lists.dirt import Dirt
from demo.lists.picking import members
from demo.lists.sheets import Sheet
from fangpin.accounts.models import Division
from households.codelists import Category, Education, HouseholdStatus, Labour, Relation, Student
from households.models import AnnualIncome, Household, Member

_REGISTRY = [
    ("", words)
    for words in (
        "县",
        "乡镇",
        "村",
        "自然屯",
        "户编码",
        "姓名",
        "身份证号",
        "家庭关系",
        "民族",
        "文化程度",
        "在校状况",
        "身体状况",
        "劳动能力",
        "务工月数",
        "户类型",
        "脱贫年份",
        "户联系电话",
        "联系电话",
        "监测对象类型",
        "风险识别时间",
        "致贫返贫风险",
    )
]
_TOWNSHIP, _NUMBER, _NAME, _ID, _RELATION, _ETHNIC, _PHONE = 1, 4, 5, 6, 7, 8, 17
_INCOME = [("", "户编码"), ("", "户主姓名"), ("", "年度")] + [
    ("收支情况（元）", words)
    for words in ("工资性收入(元)", "经营性收入", "财产性收入", "转移性收入", "经营支出")
]


def registry(county: Division, village: Division, maker: Maker, dirt: Dirt) -> Sheet:
    """Twelve households that the registry has not yet, five that it has, and faults."""
    hamlets = ["弄怀屯", "那良屯"]
    new = [maker.family(village.code, hamlets[n % 2], Wish(HouseholdStatus.ORDINARY)) for n in range(10)]
    new += [maker.family(village.code, hamlets[0], Wish(HouseholdStatus.LIFTED)) for _ in range(2)]
    households = [_new_rows(county, village, family) for family in new]
    known = list(Household.objects.in_area(village.code).order_by("pk").values_list("pk", flat=True)[:5])
    for family in members(known).values():
        rows = [_known_row(county, member) for member in family]
        rows[0][_PHONE] = dirt.registrar.phone()
        households.append(rows)
    _spoil(households, known_id=households[-1][0][_ID])
    rows = [row for household in households for row in household]
    rows.append(list(rows[0]))
    return Sheet(
        title=f"{county.name}农户基本信息采集表",
        below_title=f"填报单位：{village.parent.name}　　　　填报日期：",
        headings=_REGISTRY,
        rows=rows,
        footer=[["填报人：覃立新", "", "", "审核人："]],
    )


def _spoil(households: list[list[list]], *, known_id: str) -> None:
    """One fault in each of some households; the last of the new ones have a number, the others have none."""
    households[10][0][_RELATION] = "之兄弟姐妹"  # nobody is the head
    for row in households[3]:
        row[_TOWNSHIP] = "不知镇"
    for position, number in ((2, "{}?"), (4, known_id), (5, None)):
        head = households[position][0]
        more = list(head)
        more[_ID] = float(head[_ID][:17] + "0") if number is None else number.format(head[_ID][:17])
        more[_RELATION] = "其他"
        households[position].append(more)
    households[6][0][_PHONE] = "没有"
    households[7][0][_ETHNIC] = "瑶"


def _new_rows(county: Division, village: Division, family: Family) -> list[list[Any]]:
    home = family.group.values
    shared = (home["status"], home["lifted_year"], home["phone"], None, None, "")
    place = [county.short_name, village.parent.name, village.name, home["hamlet"], family.group.number]
    return [_row(place, person.values, shared) for person in family.group.persons]


def _known_row(county: Division, member: Member) -> list[Any]:
    home = member.household
    village = home.village
    number = "" if home.own_number else home.number
    hamlet = home.hamlet.name if home.hamlet else ""
    case = home.cases.first()
    watched = (case.category, case.identified_on, case.risk_words) if case else (None, None, "")
    place = [county.short_name, village.parent.name, village.name, hamlet, number]
    return _row(place, vars(member), (home.status, home.lifted_year, home.phone or "", *watched))


def _row(place: list, person: dict, shared: tuple) -> list[Any]:
    status, lifted_year, home_phone, category, identified_on, risk = shared
    return [
        *place,
        person["name"],
        person["id_number"],
        Relation(person["relation"]).label,
        person["ethnic_group"],
        _label(Education, person["education"]),
        _label(Student, person["student"]),
        person["health"],
        _label(Labour, person["labour"]),
        person["work_months"],
        HouseholdStatus(status).label,
        lifted_year,
        home_phone,
        person["phone"] or "",
        _label(Category, category),
        identified_on,
        risk,
    ]


def _label(choices, value: str | None) -> str:
    return choices(value).label if value else ""


def income(county: Division, rng: random.Random, dirt: Dirt, *, year: int) -> Sheet:
    """Forty households' income of `year`: most as known, some changed, and faults."""
    known = list(
        AnnualIncome.objects.filter(household__county=county, year=year)
        .select_related("household")
        .order_by("household_id")[:40]
    )
    rows = [_income_row(item, dirt) for item in known]
    for row in rng.sample(rows, len(rows) // 4):
        row[3] = dirt.yuan(rng.randrange(800_000, 4_000_000))
    unknown, twice, amount = (list(row) for row in rng.choices(rows, k=3))
    unknown[0] = "999999999000001"
    amount[2], amount[4] = year - 1, "约两万"
    return Sheet(
        title=f"{county.name}农户{year}年收入统计表",
        headings=_INCOME,
        rows=[*rows, unknown, twice, amount],
        footer=[["制表人：覃立新", "", f"制表日期：{datetime.date(year + 1, 1, 10):%Y年%m月%d日}"]],
    )


def _income_row(item: AnnualIncome, dirt: Dirt) -> list[Any]:
    amounts = (item.wages, item.business, item.property_income, item.transfers, item.costs)
    home = item.household
    return [home.number, home.head_name, item.year, *(dirt.yuan(fen) for fen in amounts)]
