"""Why a rule leaves a household out, in words, from rows that are never saved; no database."""

import datetime
from types import SimpleNamespace

import pytest

from fangpin.policy.services import PolicySet
from households.models import Member
from screening.criteria import feed_kinds, labour, left_out, rules
from screening.models import FeedRow

D = datetime.date
ROUND = SimpleNamespace(last_day=D(2020, 3, 31))
POLICY = PolicySet.restore({})
HOME = 1
GROWN = D(1980, 5, 4)


def member(pk: int = 1, birth: datetime.date = GROWN, **fields) -> Member:
    told = {"student": "", "labour": ""} | fields
    return Member(pk=pk, household_id=HOME, name=f"韦{pk}", birth_date=birth, **told)


def row(number: int = 5, *, feed: int = 1, whose: Member | None = None, **fields) -> FeedRow:
    told = {"qualifies": True, "household_id": HOME, "on_date": D(2020, 1, 1), "reason": "", "word": ""}
    return FeedRow(feed_id=feed, row_no=number, member=whose, **told | fields)


def why(code: str, *rows: FeedRow, members: list[Member] = (), policy: PolicySet = POLICY) -> str:
    household = SimpleNamespace(pk=HOME, members=SimpleNamespace(current=lambda: members))
    return rules()[code].why_not(household, rows, ROUND, policy)


NO_ROW = {
    "education.dropout/school_dropout": "教育名单",
    "education.hardship/student_hardship": None,
    "medical.out_of_pocket/medical_settlement": "医保清单",
    "medical.untreated/untreated_illness": "卫健名单",
    "housing.unsafe/unsafe_housing": "住建名单",
    "water.unsafe/water_shortage": "水利名单",
    "livelihood.production_loss/disaster_loss": None,
    "livelihood.unstable_employment/job_loss": "人社清单",
    "other.rigid_expense/rigid_expense": "民政支出清单",
    "other.labour_loss/disability": "残联名单",
    "other.labour_loss/traffic_accident": "公安名单",
}


@pytest.mark.parametrize("code", NO_ROW)
def test_household_without_a_row(code):
    assert set(NO_ROW) == set(rules())
    short = NO_ROW[code] or rules()[code].kind.short
    assert why(code) == f"{short}里没有这户的记录"


# --- row by row -------------------------------------------------------------------------------------------

KIND = feed_kinds()["unsafe_housing"]


def told(*lacking: str) -> str:
    """Rows with a word each for what they lack."""
    rows = [row(number, word=words) for number, words in enumerate(lacking, start=5)]
    return left_out.row_by_row(KIND, rows, lambda one: one.word)


def test_row_by_row():
    assert told() == "住建名单里没有这户的记录"
    assert told("甲") == "住建名单第 5 行：甲"
    assert told("甲", "乙") == "住建名单有 2 行，都不符合：第 5 行甲；第 6 行乙"
    assert told("甲", "乙", "丙") == "住建名单有 3 行，都不符合：第 5 行甲；第 6 行乙；第 7 行丙"
    assert told("甲", "乙", "丙", "丁") == (
        "住建名单有 4 行，都不符合：第 5 行甲；第 6 行乙；第 7 行丙；其余 1 行也不符合"
    )
    assert told("甲", "乙", "丙", "丁", "戊").endswith("；其余 2 行也不符合")


def test_nothing_is_said_where_some_row_lacks_nothing():
    assert [told(""), told("甲", ""), told("", "甲", "乙", "丙")] == ["", "", ""]


def test_rows_stand_in_the_order_of_their_lists():
    rows = [row(3, feed=2, word="丙"), row(9, feed=1, word="乙"), row(4, feed=1, word="甲")]
    assert left_out.row_by_row(KIND, rows, lambda one: one.word) == (
        "住建名单有 3 行，都不符合：第 4 行甲；第 9 行乙；第 3 行丙"
    )


# --- sums ---------------------------------------------------------------------------------------------------

SPENT = "other.rigid_expense/rigid_expense"
STANDARD = "未达到本县标准 15,000.00 元（2020-01-19 起）"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"amount": 15_000_00}], ""),
        ([{"amount": 15_000_01}], ""),
        ([{"amount": 9_000_00}, {"amount": 6_000_00}, {"amount": 1, "reason": "事由：其他"}], ""),
        ([{"amount": 14_999_99}], f"民政支出清单有 1 行：扣除救助后支出合计 14,999.99 元，{STANDARD}"),
        (
            [{"amount": 1_00}, {"amount": 2_00}],
            f"民政支出清单有 2 行：扣除救助后支出合计 3.00 元，{STANDARD}",
        ),
        (
            [{"amount": 1_00}, {"amount": 99_000_00, "reason": "事由：其他"}],
            f"民政支出清单有 1 行：扣除救助后支出合计 1.00 元，{STANDARD}；另有 1 行事由：其他，未计入",
        ),
        (
            [{"amount": 1, "reason": "事由：其他"}, {"amount": 1, "on_date": D(2019, 3, 31)}] * 1
            + [{"amount": 1, "on_date": D(2020, 4, 1)}],
            "民政支出清单有 3 行，都不计入：2 行发生日期不在 2019-04-01 至 2020-03-31 之内、1 行事由：其他",
        ),
    ],
)
def test_sum_below_the_standard(rows, words):
    """Art. 7(1)6: what is counted, what is not and why, the most frequent reason first."""
    assert why(SPENT, *(row(number, **fields) for number, fields in enumerate(rows))) == words


def test_nothing_counted_is_no_sum_even_where_the_standard_is_nothing():
    nothing = POLICY.with_values({"other.expense_threshold": 0}, D(2020, 2, 1))
    assert why(SPENT, row(amount=1, reason="事由：其他"), policy=nothing) == (
        "民政支出清单有 1 行，都不计入：1 行事由：其他"
    )
    assert why(SPENT, row(amount=0), policy=nothing) == ""


def test_row_without_an_amount_counts_as_nothing():
    assert why(SPENT, row(amount=None), row(amount=14_999_99)) == (
        f"民政支出清单有 2 行：扣除救助后支出合计 14,999.99 元，{STANDARD}"
    )


@pytest.mark.parametrize(
    ("on", "is_outside"),
    [
        (D(2019, 3, 31), True),
        (D(2019, 4, 1), False),
        (D(2020, 3, 31), False),
        (D(2020, 4, 1), True),
        (None, True),
    ],
)
def test_window_holds_both_its_days(on, is_outside):
    """Art. 7."""
    words = "不在 2019-04-01 至 2020-03-31 之内"
    assert left_out.outside_window(row(on_date=on), ROUND, POLICY) == (words if is_outside else "")


# --- labour -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("birth", "student", "then", "lacking"),
    [
        (D(2004, 3, 31), "", "", []),
        (D(2004, 4, 1), "", "", ["2020-03-31 时 15 岁，不在 16 至 59 岁"]),
        (D(1960, 4, 1), "", "", []),
        (D(1960, 3, 31), "", "", ["2020-03-31 时 60 岁，不在 16 至 59 岁"]),
        (D(1960, 3, 31), "", "当时", ["当时 60 岁，不在 16 至 59 岁"]),
        (D(1990, 1, 1), "preschool_age", "", []),
        (D(1990, 1, 1), "master", "", ["在校（硕士研究生及以上）"]),
        (D(2010, 1, 1), "master", "", ["2020-03-31 时 10 岁，不在 16 至 59 岁", "在校（硕士研究生及以上）"]),
    ],
)
def test_who_is_labour(birth, student, then, lacking):
    """Art. 7(1)5, 7(1)6."""
    found = labour.lacking(member(birth=birth, student=student), POLICY, ROUND.last_day, then)
    assert found == lacking


def test_births_of_the_working_age():
    assert labour.births(POLICY, D(2020, 3, 31)) == (D(2004, 3, 31), D(1960, 3, 31))


# --- rule by rule -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("birth", "fields", "words"),
    [
        (D(2010, 1, 1), {"word": "因贫"}, ""),
        (D(2014, 3, 31), {"word": "因贫"}, ""),
        (D(2004, 4, 1), {"word": "因贫"}, ""),
        (D(2014, 4, 1), {"word": "因贫"}, "在 2020-03-31 是 5 岁，不在 6 至 15 岁之内"),
        (D(2004, 3, 31), {"word": "因贫"}, "在 2020-03-31 是 16 岁，不在 6 至 15 岁之内"),
        (
            D(2010, 1, 1),
            {"word": "厌学"},
            "辍学原因是“厌学”，不属于因贫、家庭困难、经济困难、缺劳动力",
        ),
        (
            D(2010, 1, 1),
            {"word": "因贫", "qualifies": False, "reason": "劝返情况：已返校"},
            "劝返情况：已返校，不再是失学辍学",
        ),
    ],
)
def test_why_no_dropout(birth, fields, words):
    """Art. 7(1)1."""
    found = why("education.dropout/school_dropout", row(whose=member(birth=birth), **fields))
    assert found == (f"教育名单第 5 行：{words}" if words else "")


def test_dropout_of_nobody_has_no_age():
    assert why("education.dropout/school_dropout", row(word="因贫")) == (
        "教育名单第 5 行：没有对应到人，算不出年龄"
    )


def test_why_no_hardship():
    """Art. 7(1)1: no window, the school year's own."""
    rows = [row(amount=7999_99, on_date=None), row(amount=1, on_date=None, reason="不是全日制")]
    code = "education.hardship/student_hardship"
    assert why(code, *rows) == (
        f"{rules()[code].kind.short}有 1 行：学年费用减去已获资助，全家合计 7,999.99 元，未达到本县标准 "
        "8,000.00 元（2020-01-19 起）；另有 1 行不是全日制，未计入"
    )
    assert why(code, row(amount=8000_00)) == ""


def test_why_no_own_costs():
    """Art. 7(1)2."""
    rows = [
        row(amount=19_999_99),
        row(amount=1, reason="参加职工医保"),
        row(amount=1, on_date=D(2020, 4, 1)),
        row(amount=1, on_date=D(2020, 4, 1), reason="参加职工医保"),
    ]
    code = "medical.out_of_pocket/medical_settlement"
    assert why(code, *rows) == (
        "医保清单有 1 行：合规自付合计 19,999.99 元，未达到本县标准 20,000.00 元（2020-01-19 起）；"
        "另有 2 行参加职工医保、1 行不在 2019-04-01 至 2020-03-31 之内，未计入"
    )
    assert why(code, row(amount=20_000_00)) == ""


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"word": "经济困难", "reason": "大病，未救治"}, ""),
        ({"word": "经济困难", "qualifies": False, "reason": "救治情况是“救治中”"}, "救治情况是“救治中”"),
        (
            {"word": "", "reason": "大病，未救治"},
            "大病，未救治，但没有填未救治原因，看不出是因为没钱",
        ),
        (
            {"word": "怕疼", "reason": "大病，未救治"},
            "大病，未救治，但原因是“怕疼”，不属于经济困难、无力承担、家庭困难",
        ),
    ],
)
def test_why_not_untreated(fields, words):
    """Art. 7(1)2."""
    found = why("medical.untreated/untreated_illness", row(**fields))
    assert found == (f"卫健名单第 5 行：{words}" if words else "")


def test_why_not_unsafe_housing():
    """Art. 7(1)3."""
    assert why("housing.unsafe/unsafe_housing", row(reason="x")) == ""
    assert why("housing.unsafe/unsafe_housing", row(qualifies=False, reason="已改造")) == (
        "住建名单第 5 行：已改造"
    )


@pytest.mark.parametrize(
    ("fields", "reach"),
    [
        ({"household_id": HOME, "hamlet": "那朵屯"}, ""),
        ({"household_id": None, "hamlet": "那朵屯"}, "那朵屯全屯"),
        ({"household_id": None, "hamlet": ""}, "全村"),
    ],
)
def test_why_not_unsafe_water(fields, reach):
    """Art. 7(1)4."""
    fields = {"word": "水源污染", "reason": "已解决"} | fields
    code = "water.unsafe/water_shortage"
    assert why(code, row(**fields)) == ""
    assert why(code, row(qualifies=False, **fields)) == f"水利名单第 5 行：{reach}水源污染，已解决"


def test_why_no_losses():
    """Art. 7(1)5."""
    code = "livelihood.production_loss/disaster_loss"
    short = rules()[code].kind.short
    rows = [row(amount=9_999_99), row(amount=1, on_date=D(2019, 3, 31))]
    assert why(code, *rows) == (
        f"{short}有 1 行：扣除赔付救助后损失合计 9,999.99 元，未达到本县标准 10,000.00 元（2020-01-19 起）；"
        "另有 1 行受灾日期不在 2019-04-01 至 2020-03-31 之内，未计入"
    )
    assert why(code, row(amount=10_000_00)) == ""


# --- out of work (Art. 7(1)5) -------------------------------------------------------------------------------

WORK = "livelihood.unstable_employment/job_loss"


def job(number: int, whose: Member, months: int = 0, word: str = "失业", **fields) -> FeedRow:
    qualifies = word in ("失业", "返乡")
    return row(number, whose=whose, months=months, word=word, qualifies=qualifies, **fields)


def test_months_of_all_together():
    """Those of the list in place of the registry's."""
    one, two, three = member(1, work_months=9), member(2, work_months=2), member(3, work_months=None)
    everybody = [one, two, three]
    assert why(WORK, job(5, one, 3), members=everybody) == ""
    assert why(WORK, job(5, one, 4), members=everybody) == (
        "人社清单第 5 行：韦1失业，全家近12个月务工合计 6 个月，未低于本县标准 6 个月（2020-01-19 起）"
    )
    assert why(WORK, job(5, one, 3), job(6, two, 2, "返乡"), job(7, three, 1, "在岗"), members=everybody) == (
        "人社清单第 5 行等 2 行：韦1失业、韦2返乡，全家近12个月务工合计 6 个月，未低于本县标准 6 个月"
        "（2020-01-19 起）"
    )


def test_latest_row_of_a_person_counts():
    """The later day, then the row further down, then the later list."""
    one = member(1)
    new = {"on_date": D(2020, 2, 1)}
    assert why(WORK, job(5, one, 9), job(4, one, 1, **new), members=[one]) == ""
    assert why(WORK, job(4, one, 9, **new), job(5, one, 1), members=[one]).startswith("人社清单第 4 行：韦1")
    assert why(WORK, job(5, one, 1), job(4, one, 9), members=[one]) == ""
    assert why(WORK, job(4, one, 1, feed=2), job(4, one, 9, feed=1), members=[one]) == ""
    assert why(WORK, job(4, one, 1, feed=1), job(4, one, 9, feed=2), members=[one]) != ""


def test_who_left_the_household_does_not_count():
    gone, here = member(7), member(1)
    assert why(WORK, job(5, gone), members=[here]) == "人社清单第 5 行：所列的人已不在这户"
    assert why(WORK, job(6, gone, feed=2), job(9, gone), members=[here]) == (
        "人社清单第 9 行等 2 行：所列的人已不在这户"
    )
    assert why(WORK, job(5, gone, 99), job(6, here, 1), members=[here]) == ""


@pytest.mark.parametrize(
    ("person", "word", "words"),
    [
        (member(), "在岗", "韦1在岗，不是失业或返乡"),
        (member(birth=D(1950, 1, 1)), "失业", "韦1失业，2020-03-31 时 70 岁，不在 16 至 59 岁"),
        (member(student="master"), "返乡", "韦1返乡，在校（硕士研究生及以上）"),
        (member(labour="lost"), "失业", "韦1失业，户册登记为丧失劳动力"),
        (
            member(labour="none", student="master"),
            "在岗",
            "韦1在岗，不是失业或返乡，在校（硕士研究生及以上），户册登记为无劳动力",
        ),
        (member(labour="weak"), "失业", ""),
    ],
)
def test_who_is_not_out_of_work(person, word, words):
    found = why(WORK, job(5, person, word=word), members=[person])
    assert found == (f"人社清单第 5 行：{words}" if words else "")


# --- lost labour (Art. 7(1)6) -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "fields", "words"),
    [
        (member(), {}, ""),
        (member(), {"qualifies": False}, "不是一级或二级"),
        (
            member(),
            {"on_date": D(2019, 3, 31)},
            "首次发证日期 2019-03-31，不在 2019-04-01 至 2020-03-31 之内",
        ),
        (member(student="master"), {}, "在校（硕士研究生及以上）"),
        (
            member(birth=D(1950, 1, 1)),
            {"qualifies": False},
            "不是一级或二级，2020-03-31 时 70 岁，不在 16 至 59 岁",
        ),
    ],
)
def test_why_not_disabled(person, fields, words):
    found = why("other.labour_loss/disability", row(whose=person, word="肢体残疾一级", **fields))
    assert found == (f"残联名单第 5 行：韦1肢体残疾一级，{words}" if words else "")


@pytest.mark.parametrize(
    ("person", "fields", "words"),
    [
        (member(), {}, ""),
        (member(), {"qualifies": False}, "不是致残或致亡"),
        (member(), {"household_id": 2, "qualifies": False}, "当天是另一户的成员"),
        (member(birth=D(2004, 1, 2)), {}, "当时 15 岁，不在 16 至 59 岁"),
        (member(birth=D(2004, 1, 1)), {}, ""),
        (member(student="master"), {"qualifies": False}, "不是致残或致亡，在校（硕士研究生及以上）"),
    ],
)
def test_why_not_hurt(person, fields, words):
    found = why("other.labour_loss/traffic_accident", row(whose=person, word="致残", **fields))
    assert found == (f"公安名单第 5 行：韦1 2020-01-01 交通事故致残，{words}" if words else "")


def test_accident_outside_the_window():
    late = row(whose=member(), word="致残", on_date=D(2020, 4, 1))
    assert why("other.labour_loss/traffic_accident", late) == (
        "公安名单第 5 行：韦1 2020-04-01 交通事故致残，事故日期不在 2019-04-01 至 2020-03-31 之内"
    )
