"""A slow reading of the contract in plain Python, one household after the other: what the sweep must find.

Nothing of the program is used here. Amounts are integer fen, dates are `datetime.date`; cells are the strings
that stand in the file.
"""

import calendar
import datetime
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

Row = dict[str, str]


@dataclass
class Person:
    name: str
    number: str
    born: datetime.date
    has_left: bool = False


@dataclass
class Home:
    number: str
    township: str
    village: str
    status: str  # 一般农户, 建档立卡未脱贫户 or 脱贫户
    persons: list[Person]  # the first is the head, who never leaves
    incomes: dict[int, int] = field(default_factory=dict)
    case: str = ""  # its state, "" where there was never one

    @property
    def in_case(self) -> bool:
        return self.case in ("active", "evaluated", "reviewed")

    @property
    def members(self) -> list[Person]:
        return [person for person in self.persons if not person.has_left]


@dataclass
class Rules:
    """The figures of a policy."""

    last_day: datetime.date
    gate: str = "flag"
    line: int = 5000_00
    medical: int = 20000_00
    poverty: tuple[str, ...] = ("因贫", "家庭困难", "经济困难", "缺劳动力")


Found = tuple[str, str, str, bool, bool, int]


def leads(homes: list[Home], lists: dict[str, list[Row]], rules: Rules) -> set[Found]:
    """Household number, subcriterion, category, above the line, in a case, value compared."""
    found: set[Found] = set()
    for home in homes:
        category = {"脱贫户": "monitored", "一般农户": "marginal"}.get(home.status)
        above = is_above_line(home, rules)
        if category is None or (above and rules.gate == "require"):
            continue
        for subcriterion, value in (
            ("education.dropout", oldest_dropout(home, homes, lists["school_dropout"], rules)),
            ("medical.out_of_pocket", own_costs(home, homes, lists["medical_settlement"], rules)),
            ("housing.unsafe", dangerous_homes(home, homes, lists["unsafe_housing"])),
        ):
            if value is not None:
                found.add((home.number, subcriterion, category, above, home.in_case, value))
    return found


def matched_rows(homes: list[Home], rows: list[Row], heading: str = "身份证号码") -> int:
    return sum(whose(row, homes, heading) is not None for row in distinct(rows))


# --- the three rules -----------------------------------------------------------------------------------


def oldest_dropout(home: Home, homes: list[Home], rows: list[Row], rules: Rules) -> int | None:
    ages = []
    for row in distinct(rows):
        who = whose(row, homes, "身份证号码")
        if who is None or who[0] is not home:
            continue
        age = full_years(who[1].born, rules.last_day)
        is_out = row["劝返情况"] in ("", "未返校", "劝返中")
        if 6 <= age <= 15 and row["辍学原因"] in rules.poverty and is_out:
            ages.append(age)
    return max(ages, default=None)


def own_costs(home: Home, homes: list[Home], rows: list[Row], rules: Rules) -> int | None:
    total = own_total(home, homes, rows, rules)
    return total if total >= rules.medical else None


def own_total(home: Home, homes: list[Home], rows: list[Row], rules: Rules) -> int:
    total = 0
    first = first_day_of_window(rules.last_day)
    for row in distinct(rows):
        who = whose(row, homes, "身份证号码")
        if who is None or who[0] is not home or row["参保类型"] != "城乡居民":
            continue
        if first <= datetime.date.fromisoformat(row["结算日期"]) <= rules.last_day:
            total += own_share(row)
    return total


def own_share(row: Row) -> int:
    paid = sum(
        cents(row[heading] or "0") for heading in ("基本医保报销", "大病保险报销", "医疗救助", "其他赔付")
    )
    share = cents(row["合规费用"]) - paid
    if cents(row["医疗总费用"]) >= 0:
        return share if share > 0 else 0
    # A reversal: what the reversed settlement counted is taken off again.
    reversed_share = -share if row["合规费用"].startswith("-") else share
    return -reversed_share if reversed_share > 0 else 0


def dangerous_homes(home: Home, homes: list[Home], rows: list[Row]) -> int | None:
    count = 0
    for row in distinct(rows):
        who = whose(row, homes, "户主身份证号码")
        if who is None or who[0] is not home:
            continue
        count += (
            row["鉴定等级"] in ("C", "D")
            and row["唯一住房"] == "是"
            and row["改造情况"] != "已改造"
            and row["成因"] in ("自然灾害", "危险场地", "不可抗力")
        )
    return count or None


# --- who, how old, how much ------------------------------------------------------------------------------


AMOUNTS = ("医疗总费用", "合规费用", "基本医保报销", "大病保险报销", "医疗救助", "其他赔付")


def distinct(rows: list[Row]) -> list[Row]:
    """Rows are equal when their cells say the same: an amount to the cent, nothing as zero."""
    kept: list[Row] = []
    told: list[dict] = []
    for row in rows:
        says = {heading: cents(cell or "0") if heading in AMOUNTS else cell for heading, cell in row.items()}
        if says not in told:
            told.append(says)
            kept.append(row)
    return kept


def whose(row: Row, homes: list[Home], heading: str) -> tuple[Home, Person] | None:
    """By the number; without one by name, birth month and village or head, where one person alone fits."""
    everybody = [(home, person) for home in homes for person in home.members]
    if row[heading]:
        return next((pair for pair in everybody if pair[1].number == row[heading]), None)
    head, township, village = (row.get(heading, "") for heading in ("户主姓名", "乡(镇)", "行政村"))
    if not head and not village:
        return None
    fitting = [
        (home, person)
        for home, person in everybody
        if person.name == row["姓名"]
        and person.born.strftime("%Y-%m") == row["出生年月"]
        and (not township or home.township == township)
        and (not village or home.village == village)
        and (not head or home.persons[0].name == head)
    ]
    return fitting[0] if len(fitting) == 1 else None


def is_above_line(home: Home, rules: Rules) -> bool:
    years = [year for year in home.incomes if year <= rules.last_day.year]
    if not years:
        return False
    a_head = Decimal(home.incomes[max(years)]) / len(home.members)
    return a_head.quantize(Decimal(1), ROUND_HALF_UP) > rules.line


def full_years(born: datetime.date, day: datetime.date) -> int:
    years = 0
    while birthday(born, born.year + years + 1) <= day:
        years += 1
    return years


def birthday(born: datetime.date, year: int) -> datetime.date:
    """Who was born on 29 February is a year older on 1 March of other years."""
    if (born.month, born.day) == (2, 29) and not calendar.isleap(year):
        return datetime.date(year, 3, 1)
    return born.replace(year=year)


def first_day_of_window(last: datetime.date) -> datetime.date:
    following = last + datetime.timedelta(days=1)
    return following.replace(year=following.year - 1)


def cents(words: str) -> int:
    return int((Decimal(words) * 100).quantize(Decimal(1), ROUND_HALF_UP))
