"""A slow reading of the contract in plain Python, one household after the other: what the sweep must find.

Nothing of the program is used here. A rule is a function of one household that gives the value it compares,
or None where the household is not found.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.screening.criteria.plain_facts import (
    Home,
    Person,
    Row,
    Rules,
    cents,
    day_of,
    distinct,
    full_years,
    in_window,
    is_above_line,
    names_nobody,
    of_place,
    whose,
)

ExpectedLead = tuple[str, str, str, str, bool, bool, int]
Files = dict[str, list[list[Row]]]  # kind → the accepted file of each department


@dataclass
class Reading:
    """Rows of one kind that concern one household, each with its person."""

    home: Home
    homes: list[Home]
    rows: list[Row]
    own: list[tuple[Row, Person]]
    rules: Rules


def leads(homes: list[Home], files: Files, rules: Rules) -> set[ExpectedLead]:
    """Household number, subcriterion, rule, category, above the line, in a case, value compared."""
    expected: set[ExpectedLead] = set()
    for home in homes:
        category = {"脱贫户": "monitored", "一般农户": "marginal"}.get(home.status)
        above = is_above_line(home, rules)
        if category is None or (above and rules.gate == "require"):
            continue
        for code in RULES:
            value = compared(code, home, homes, files, rules)
            if value is not None:
                subcriterion = code.split("/")[0]
                expected.add((home.number, subcriterion, code, category, above, home.in_case, value))
    return expected


def compared(code: str, home: Home, homes: list[Home], files: Files, rules: Rules) -> int | None:
    """What a rule finds of a household, whoever it is."""
    kind = code.split("/")[1]
    rows = [row for file in files.get(kind, []) for row in distinct(file)]
    return RULES[code](_reading(kind, rows, home, homes, rules))


def _reading(kind: str, rows: list[Row], home: Home, homes: list[Home], rules: Rules) -> Reading:
    pairs = [(row, whose(kind, row, homes)) for row in rows]
    own = [(row, who[1]) for row, who in pairs if who is not None and who[0] is home]
    return Reading(home, homes, rows, own, rules)


# --- education ---------------------------------------------------------------------------------------------


def oldest_dropout(of: Reading) -> int | None:
    ages = []
    for row, person in of.own:
        age = full_years(person.birth_date, of.rules.last_day)
        is_out = row["劝返情况"] in ("", "未返校", "劝返中")
        if 6 <= age <= 15 and row["辍学原因"] in of.rules.poverty and is_out:
            ages.append(age)
    return max(ages, default=None)


def cost_of_school(of: Reading) -> int | None:
    costs = [
        cents(row["学年费用"]) - cents(row["已获资助"])
        for row, _ in of.own
        if row["办学性质"] == "公办" and row["全日制"] == "是"
    ]
    return _at_least(sum(costs), of.rules.hardship)


# --- medical -----------------------------------------------------------------------------------------------


def own_costs(of: Reading) -> int | None:
    total = sum(
        own_share(row)
        for row, _ in of.own
        if row["参保类型"] == "城乡居民" and in_window(row["结算日期"], of.rules)
    )
    return _at_least(total, of.rules.medical)


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


def untreated(of: Reading) -> int | None:
    count = sum(
        row["病情类别"] in ("大病", "重病", "慢性病")
        and row["救治情况"] in ("未救治", "间断救治")
        and row["未救治原因"] in of.rules.no_money
        for row, _ in of.own
    )
    return count or None


# --- housing and water -------------------------------------------------------------------------------------


def dangerous_homes(of: Reading) -> int | None:
    count = sum(
        row["鉴定等级"] in ("C", "D")
        and row["唯一住房"] == "是"
        and row["改造情况"] != "已改造"
        and row["成因"] in ("自然灾害", "危险场地", "不可抗力")
        for row, _ in of.own
    )
    return count or None


def unsolved_water(of: Reading) -> int | None:
    """Rows that name the household, and those of its hamlet or village that name none."""
    of_its_place = [row for row in of.rows if names_nobody(row) and of.home in of_place(row, of.homes)]
    rows = [*(row for row, _ in of.own), *of_its_place]
    return sum(row["解决情况"] == "未解决" for row in rows) or None


# --- livelihood --------------------------------------------------------------------------------------------


def net_losses(of: Reading) -> int | None:
    losses = [
        cents(row["估计损失"]) - cents(row["已获赔付救助"])
        for row, _ in of.own
        if in_window(row["受灾日期"], of.rules)
    ]
    return _at_least(sum(losses), of.rules.loss)


def months_of_all(of: Reading) -> int | None:
    """The latest row of each: the date decides, then the row further down."""
    latest: dict[str, Row] = {}
    for row, person in of.own:
        before = latest.get(person.number)
        if before is None or day_of(row["状态日期"]) >= day_of(before["状态日期"]):
            latest[person.number] = row
    is_out = any(
        latest[person.number]["状态"] in ("失业", "返乡")
        and of_working_age(person, of.rules.last_day, of.rules)
        and not person.in_school
        and person.labour not in ("丧失劳动力", "无劳动力")
        for person in of.home.members
        if person.number in latest
    )
    months = 0
    for person in of.home.members:
        row = latest.get(person.number)
        months += int(row["近12个月务工月数"]) if row else person.months or 0
    return months if is_out and months < of.rules.months else None


# --- other -------------------------------------------------------------------------------------------------


def forced_spending(of: Reading) -> int | None:
    spent = [
        cents(row["支出金额"]) - cents(row["已获救助"])
        for row, _ in of.own
        if row["支出事由"] in ("自然灾害", "意外变故") and in_window(row["发生日期"], of.rules)
    ]
    return _at_least(sum(spent), of.rules.expense)


def disabled(of: Reading) -> int | None:
    count = sum(
        row["残疾等级"] in ("一级", "壹级", "1", "二级", "贰级", "2级")
        and in_window(row["首次发证日期"], of.rules)
        and of_working_age(person, of.rules.last_day, of.rules)
        and not person.in_school
        for row, person in of.own
    )
    return count or None


def hurt_in_traffic(of: Reading) -> int | None:
    count = sum(
        row["伤亡情况"] in ("致残", "致亡")
        and in_window(row["事故日期"], of.rules)
        and of_working_age(person, day_of(row["事故日期"]), of.rules)
        and not person.in_school
        for row, person in of.own
    )
    return count or None


def of_working_age(person: Person, day, rules: Rules) -> bool:
    low, high = rules.working_age
    return low <= full_years(person.birth_date, day) <= high


def _at_least(total: int, threshold: int) -> int | None:
    return total if total >= threshold else None


RULES: dict[str, Callable[[Reading], int | None]] = {
    "education.dropout/school_dropout": oldest_dropout,
    "education.hardship/student_hardship": cost_of_school,
    "medical.out_of_pocket/medical_settlement": own_costs,
    "medical.untreated/untreated_illness": untreated,
    "housing.unsafe/unsafe_housing": dangerous_homes,
    "water.unsafe/water_shortage": unsolved_water,
    "livelihood.production_loss/disaster_loss": net_losses,
    "livelihood.unstable_employment/job_loss": months_of_all,
    "other.rigid_expense/rigid_expense": forced_spending,
    "other.labour_loss/disability": disabled,
    "other.labour_loss/traffic_accident": hurt_in_traffic,
}
