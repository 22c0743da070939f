"""A small county in plain Python, and what is read off it: who somebody is, how old, how much. Nothing of the
program is used here. Amounts are integer fen, dates are `datetime.date`; cells are the strings that stand in
the file.
"""

import calendar
import datetime
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

Row = dict[str, str]


@dataclass
class Person:
    """One record of somebody: who moved has two, of which the older one has ended."""

    name: str
    number: str
    birth_date: datetime.date
    left_on: datetime.date | None = None
    student: str = ""  # 在校生状况
    labour: str = ""  # 劳动技能
    months: int | None = None  # 务工时间（月）

    @property
    def in_school(self) -> bool:
        return self.student not in ("", "学龄前儿童")


@dataclass
class Home:
    number: str
    township: str
    village: str
    status: str  # 一般农户, 建档立卡未脱贫户 or 脱贫户
    persons: list[Person]  # the first is the head, who never leaves
    incomes: dict[int, int] = field(default_factory=dict)
    case: str = ""  # its state, "" where there was never one
    hamlet: str = ""

    @property
    def in_case(self) -> bool:
        return self.case in ("active", "evaluated", "reviewed")

    @property
    def members(self) -> list[Person]:
        return [person for person in self.persons if person.left_on is None]


@dataclass
class Rules:
    """The figures of a policy."""

    last_day: datetime.date
    gate: str = "flag"
    line: int = 5000_00
    hardship: int = 8000_00
    medical: int = 20000_00
    loss: int = 10000_00
    expense: int = 15000_00
    months: int = 6
    working_age: tuple[int, int] = (16, 59)
    poverty: tuple[str, ...] = ("因贫", "家庭困难", "经济困难", "缺劳动力")
    no_money: tuple[str, ...] = ("经济困难", "无力承担", "家庭困难")


# --- rows that say the same --------------------------------------------------------------------------------

AMOUNTS = (
    "医疗总费用",
    "合规费用",
    "基本医保报销",
    "大病保险报销",
    "医疗救助",
    "其他赔付",
    "估计损失",
    "已获赔付救助",
    "支出金额",
    "已获救助",
    "学年费用",
    "已获资助",
)
GRADES = {"一级": 1, "壹级": 1, "1": 1, "二级": 2, "贰级": 2, "2级": 2, "三级": 3, "四级": 4}


def distinct(rows: list[Row]) -> list[Row]:
    """Rows are equal when their cells say the same: an amount to the cent, nothing as zero, a person by his
    number."""
    kept: list[Row] = []
    seen: list[dict] = []
    for row in rows:
        says = {heading: _says(heading, cell) for heading, cell in row.items()}
        if says not in seen:
            seen.append(says)
            kept.append(row)
    return kept


def _says(heading: str, cell: str):
    if heading in AMOUNTS:
        return cents(cell or "0")
    return {"残疾等级": GRADES.get(cell, cell), "残疾证号": cell[:18]}.get(heading, cell)


# --- who ---------------------------------------------------------------------------------------------------

# Where a kind's number stands; only the first 18 characters of it are the person's.
NUMBER_OF = {
    "school_dropout": "身份证号码",
    "student_hardship": "身份证号码",
    "medical_settlement": "身份证号码",
    "untreated_illness": "身份证号码",
    "unsafe_housing": "户主身份证号码",
    "water_shortage": "户主身份证号码",
    "disaster_loss": "户主身份证号码",
    "job_loss": "身份证号码",
    "rigid_expense": "身份证号码",
    "disability": "残疾证号",
    "traffic_accident": "身份证号码",
    "assistance": "身份证号码",
}


def whose(kind: str, row: Row, homes: list[Home]) -> tuple[Home, Person] | None:
    """By the number; without one by name, birth month and village or head, where one person alone fits."""
    if kind == "student_hardship" and row["学段"] == "学前":
        return None  # given back: no education that counts
    number = row[NUMBER_OF[kind]][:18]
    if kind == "traffic_accident":
        return on_that_day(number, day_of(row["事故日期"]), homes)
    everybody = [(home, person) for home in homes for person in home.members]
    if number:
        return next((pair for pair in everybody if pair[1].number == number), None)
    if kind == "water_shortage":
        return head_of_place(row, homes)
    head, township, village = (row.get(heading, "") for heading in ("户主姓名", "乡(镇)", "行政村"))
    if not head and not village:
        return None
    fitting = [
        (home, person)
        for home, person in everybody
        if person.name == row["姓名"]
        and person.birth_date.strftime("%Y-%m") == row["出生年月"]
        and (not township or home.township == township)
        and (not village or home.village == village)
        and (not head or home.persons[0].name == head)
    ]
    return fitting[0] if len(fitting) == 1 else None


def on_that_day(number: str, day: datetime.date, homes: list[Home]) -> tuple[Home, Person] | None:
    """The record that ended first of those that had not ended before that day; else the one that stands."""
    his = [(home, person) for home in homes for person in home.persons if person.number == number]
    ended = [pair for pair in his if pair[1].left_on is not None and pair[1].left_on >= day]
    if ended:
        return min(ended, key=lambda pair: pair[1].left_on)
    return next((pair for pair in his if pair[1].left_on is None), None)


def head_of_place(row: Row, homes: list[Home]) -> tuple[Home, Person] | None:
    fitting = [home for home in of_place(row, homes) if home.persons[0].name == row["户主姓名"]]
    return (fitting[0], fitting[0].persons[0]) if len(fitting) == 1 else None


def of_place(row: Row, homes: list[Home]) -> list[Home]:
    """Homes of the row's hamlet, or of its village where it names none."""
    return [
        home
        for home in homes
        if (home.township, home.village) == (row["乡(镇)"], row["行政村"])
        and row["自然村（屯）"] in ("", home.hamlet)
    ]


def names_nobody(row: Row) -> bool:
    return not row["户主姓名"] and not row["户主身份证号码"]


def matched_rows(kind: str, rows: list[Row], homes: list[Home], hamlets: set[tuple[str, str]]) -> int:
    """How many rows of a file are taken in; a row about a place when its hamlet or village is known."""
    count = 0
    for row in distinct(rows):
        if kind == "water_shortage" and names_nobody(row):
            count += not row["自然村（屯）"] or (row["行政村"], row["自然村（屯）"]) in hamlets
        else:
            count += whose(kind, row, homes) is not None
    return count


# --- how old, when, how much -------------------------------------------------------------------------------


def is_above_line(home: Home, rules: Rules) -> bool:
    years = [year for year in home.incomes if year <= rules.last_day.year]
    if not years:
        return False
    a_head = Decimal(home.incomes[max(years)]) / len(home.members)
    return a_head.quantize(Decimal(1), ROUND_HALF_UP) > rules.line


def full_years(birth_date: datetime.date, day: datetime.date) -> int:
    years = 0
    while birthday(birth_date, birth_date.year + years + 1) <= day:
        years += 1
    return years


def birthday(birth_date: datetime.date, year: int) -> datetime.date:
    """Who was born on 29 February is a year older on 1 March of other years."""
    if (birth_date.month, birth_date.day) == (2, 29) and not calendar.isleap(year):
        return datetime.date(year, 3, 1)
    return birth_date.replace(year=year)


def in_window(cell: str, rules: Rules) -> bool:
    following = rules.last_day + datetime.timedelta(days=1)
    return following.replace(year=following.year - 1) <= day_of(cell) <= rules.last_day


def day_of(cell: str) -> datetime.date:
    return datetime.date.fromisoformat(cell)


def cents(words: str) -> int:
    return int((Decimal(words) * 100).quantize(Decimal(1), ROUND_HALF_UP))
