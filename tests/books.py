"""Builders of registry, income and departments' workbooks, clean and with the dirt of real files.

The headings are those of the contract, written down here once more: nothing is taken from the code under
test. A row is a dict of heading → cell; what it lacks is left blank.
"""

import csv
import datetime
import io
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from tests import factories

Row = dict[str, Any]

REGISTRY = [
    "县(市、区、旗)",
    "乡(镇)",
    "行政村",
    "自然村",
    "户编号",
    "人编号",
    "姓名",
    "证件号码",
    "与户主关系",
    "民族",
    "文化程度",
    "在校生状况",
    "健康状况",
    "劳动技能",
    "务工时间（月）",
    "是否参加大病保险",
    "户类型",
    "脱贫年度",
    "户联系电话",
    "人联系电话",
    "住房等级",
    "是否解决安全饮用水",
    "监测对象类型",
    "风险识别时间",
    "致贫返贫风险",
]
INCOME = ["户编号", "年度", "工资性收入", "生产经营性收入", "财产性收入", "转移性收入", "生产经营性支出"]
FEEDS = {
    "school_dropout": [
        "姓名",
        "身份证号码",
        "出生年月",
        "户主姓名",
        "乡(镇)",
        "行政村",
        "自然村（屯）",
        "学校",
        "年级",
        "辍学日期",
        "辍学原因",
        "劝返情况",
    ],
    "medical_settlement": [
        "姓名",
        "身份证号码",
        "结算日期",
        "就医类型",
        "医疗总费用",
        "合规费用",
        "基本医保报销",
        "大病保险报销",
        "医疗救助",
        "其他赔付",
        "参保类型",
    ],
    "unsafe_housing": ["户主姓名", "户主身份证号码", "鉴定等级", "鉴定日期", "成因", "改造情况", "唯一住房"],
    "student_hardship": ["姓名", "身份证号码", "学校", "学段", "办学性质", "全日制", "学年费用", "已获资助"],
    "untreated_illness": ["姓名", "身份证号码", "病种", "病情类别", "确诊日期", "救治情况", "未救治原因"],
    "water_shortage": [
        "乡(镇)",
        "行政村",
        "自然村（屯）",
        "户主姓名",
        "户主身份证号码",
        "问题类型",
        "发现日期",
        "解决情况",
    ],
    "disaster_loss": ["户主姓名", "户主身份证号码", "受灾日期", "灾种", "估计损失", "已获赔付救助"],
    "job_loss": ["姓名", "身份证号码", "状态", "状态日期", "近12个月务工月数"],
    "rigid_expense": ["姓名", "身份证号码", "支出事由", "发生日期", "支出金额", "已获救助"],
    "disability": ["姓名", "残疾证号", "残疾类别", "残疾等级", "首次发证日期"],
    "traffic_accident": ["姓名", "身份证号码", "事故日期", "事故地点", "责任划分", "伤亡情况"],
    "assistance": ["姓名", "身份证号码", "待遇类型", "起始日期", "月标准或金额"],
}

TOWNSHIP, VILLAGE = "安阳镇", "镇南社区居委会"
SISTER_VILLAGE = "镇北社区居委会"
OTHER_TOWNSHIP, OTHER_VILLAGE = "高岭镇", "定福村委会"
CODE_OF_OTHER_VILLAGE = factories.OTHER_TOWNSHIP_VILLAGE

_KNOWN = {heading for headings in (REGISTRY, INCOME, *FEEDS.values()) for heading in headings}
_serials = itertools.count(1)
_names = itertools.count(1)
_GIVEN = "山水春秋明华英杰玉兰福寿安康"


def number(born: datetime.date = datetime.date(1970, 5, 4)) -> str:
    """A fresh number under the prefix that nobody can hold."""
    return factories.id_number(born, sex="female", serial=next(_serials) % 500)


def name() -> str:
    count = next(_names)
    return "韦" + _GIVEN[count % 14] + _GIVEN[count // 14 % 14]


# --- registry and income -------------------------------------------------------------------------------


def person(relation: str = "之子", *, born: datetime.date = datetime.date(1990, 1, 2), **cells) -> Row:
    return {"姓名": name(), "证件号码": number(born), "与户主关系": relation} | cells


def head(*, born: datetime.date = datetime.date(1970, 5, 4), **cells) -> Row:
    return person("户主", born=born, **cells)


def family(
    household_no: Any,
    *persons: Row,
    status: str = "一般农户",
    township: str = TOWNSHIP,
    village: str = VILLAGE,
    **shared,
) -> list[Row]:
    """The rows of one household; what a person's own row says wins over the household's cells."""
    cells = {"乡(镇)": township, "行政村": village, "户编号": household_no, "户类型": status} | shared
    if status == "脱贫户":
        cells.setdefault("脱贫年度", 2018)
    return [cells | row for row in persons or (head(),)]


def income(household_no: str, year: int = 2019, **cells) -> Row:
    return {"户编号": household_no, "年度": year} | (cells or {"工资性收入": 0})


# --- departments' lists --------------------------------------------------------------------------------


def settlement(who, own: Any = "20000.00", on: Any = "2020-01-15", **cells) -> Row:
    """One settlement whose own share is `own`: compliant cost with nothing paid by others."""
    return {
        "姓名": who.name,
        "身份证号码": who.id_number,
        "结算日期": on,
        "就医类型": "住院",
        "医疗总费用": own,
        "合规费用": own,
        "基本医保报销": 0,
        "大病保险报销": 0,
        "医疗救助": 0,
        "其他赔付": 0,
        "参保类型": "城乡居民",
    } | cells


def dropout(who, **cells) -> Row:
    return {"姓名": who.name, "身份证号码": who.id_number, "辍学原因": "因贫", "劝返情况": "未返校"} | cells


def dangerous_home(who, **cells) -> Row:
    return {
        "户主姓名": who.name,
        "户主身份证号码": who.id_number,
        "鉴定等级": "D",
        "鉴定日期": "2020-02-01",
        "成因": "自然灾害",
        "改造情况": "未改造",
        "唯一住房": "是",
    } | cells


def student(who, fees: Any = "8000.00", aid: Any = 0, **cells) -> Row:
    return {
        "姓名": who.name,
        "身份证号码": who.id_number,
        "学校": "都安高中",
        "学段": "普通高中",
        "办学性质": "公办",
        "全日制": "是",
        "学年费用": fees,
        "已获资助": aid,
    } | cells


def illness(who, **cells) -> Row:
    return {
        "姓名": who.name,
        "身份证号码": who.id_number,
        "病种": "肾衰竭",
        "病情类别": "大病",
        "确诊日期": "2019-11-05",
        "救治情况": "未救治",
        "未救治原因": "经济困难",
    } | cells


def dry_home(who, **cells) -> Row:
    """A row that names a household by its head's number."""
    return dry_place() | {"户主姓名": who.name, "户主身份证号码": who.id_number} | cells


def dry_place(hamlet: str = "", **cells) -> Row:
    """A row that names no household: the whole hamlet, or without one the whole village."""
    return {
        "乡(镇)": TOWNSHIP,
        "行政村": VILLAGE,
        "自然村（屯）": hamlet,
        "问题类型": "水源污染",
        "发现日期": "2020-02-20",
        "解决情况": "未解决",
    } | cells


def loss(who, net: Any = "10000.00", on: Any = "2020-01-15", **cells) -> Row:
    """A loss of `net` for which nothing was paid yet."""
    return {
        "户主姓名": who.name,
        "户主身份证号码": who.id_number,
        "受灾日期": on,
        "灾种": "洪涝",
        "估计损失": net,
        "已获赔付救助": 0,
    } | cells


def job(who, state: str = "返乡", on: Any = "2020-01-15", months: Any = 0, **cells) -> Row:
    return {
        "姓名": who.name,
        "身份证号码": who.id_number,
        "状态": state,
        "状态日期": on,
        "近12个月务工月数": months,
    } | cells


def expense(who, net: Any = "15000.00", on: Any = "2020-01-15", **cells) -> Row:
    """A spending of `net` to which nothing was given yet."""
    return {
        "姓名": who.name,
        "身份证号码": who.id_number,
        "支出事由": "意外变故",
        "发生日期": on,
        "支出金额": net,
        "已获救助": 0,
    } | cells


def disability(who, grade: Any = "一级", on: Any = "2020-01-15", **cells) -> Row:
    """The certificate's number is the person's own with the kind and the grade behind it."""
    return {
        "姓名": who.name,
        "残疾证号": f"{who.id_number}41",
        "残疾类别": "肢体",
        "残疾等级": grade,
        "首次发证日期": on,
    } | cells


def accident(who, outcome: str = "致残", on: Any = "2020-01-15", **cells) -> Row:
    return {
        "姓名": who.name,
        "身份证号码": who.id_number,
        "事故日期": on,
        "事故地点": "国道210线",
        "责任划分": "无责任",
        "伤亡情况": outcome,
    } | cells


def assistance(who, kind: str = "低保", since: Any = "2019-07-01", amount: Any = 350, **cells) -> Row:
    return {
        "姓名": who.name,
        "身份证号码": who.id_number,
        "待遇类型": kind,
        "起始日期": since,
        "月标准或金额": amount,
    } | cells


# --- files ---------------------------------------------------------------------------------------------


def grid(
    headings: Sequence[str], rows: Sequence[Row], renamed: Mapping[str, str] | None = None
) -> list[list]:
    """Heading line and cells; `renamed` gives canonical → the word that the file has instead."""
    unknown = {heading for row in rows for heading in row} - set(headings) - _KNOWN
    assert not unknown, f"no such heading: {unknown}"
    return [
        [(renamed or {}).get(heading, heading) for heading in headings],
        *[[row.get(heading) for heading in headings] for row in rows],
    ]


def workbook(lines: Sequence[Sequence[Any]], merged: Sequence[str] = ()) -> bytes:
    book = Workbook(write_only=False)
    sheet = book.active
    for number_of_line, line in enumerate(lines, start=1):
        for place, cell in enumerate(line, start=1):
            if cell not in (None, ""):
                sheet.cell(number_of_line, place, cell)
    for area in merged:
        sheet.merge_cells(area)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def plain(headings: Sequence[str], rows: Sequence[Row], **options) -> bytes:
    return workbook(grid(headings, rows, **options))


def dirty(
    headings: Sequence[str], rows: Sequence[Row], *, renamed: Mapping[str, str] | None = None
) -> tuple[bytes, int]:
    """As offices send it: a merged title, a line of who filled it in, two heading rows with merged groups, a
    blank line, a sum and signatures. Gives the number of the first row of data too."""
    lines = grid(headings, rows, renamed)
    width, half = len(headings), len(headings) // 2
    last, middle = get_column_letter(width), get_column_letter(half)
    groups = ["家庭基本信息", *[""] * (half - 1), "其他信息", *[""] * (width - half - 1)]
    content = workbook(
        [
            ["都安瑶族自治县信息表（2020 年第一季度）"],
            ["填报单位：某某局", "", "", "填报日期：2020年4月1日"],
            groups,
            lines[0],
            *lines[1:],
            [],
            ["合计", len(rows)],
            ["填报人：某某", "", "审核人：某某"],
            ["联系电话：0778-0000000"],
        ],
        merged=[f"A1:{last}1", f"A3:{middle}3", f"{get_column_letter(half + 1)}3:{last}3"],
    )
    return content, 5


def text_file(headings: Sequence[str], rows: Sequence[Row], encoding: str = "utf-8", **options) -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerows(grid(headings, rows, **options))
    return stream.getvalue().encode(encoding)
