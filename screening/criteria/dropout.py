"""Art. 7(1)1: children out of compulsory education because of poverty."""

from django.db.models import Max

from fangpin.common import cells
from fangpin.common.workbooks import Column
from fangpin.policy.services import PolicySet
from households.rules import age_on as full_years
from households.rules import years_before
from screening.criteria import left_out
from screening.criteria.base import (
    Cell,
    FeedKind,
    Figures,
    Finding,
    Identity,
    Rule,
    Subcriterion,
    age_on,
    by_household,
    once_each,
)
from screening.criteria.parsing import optional_number, words
from screening.criteria.person import name_cell
from screening.models import FeedRow, Round

DROPOUT = Subcriterion(
    code="education.dropout",
    register_word="因学",
    label="义务教育阶段适龄儿童少年因贫失学辍学",
    tag="失学辍学",
    article="Art. 7(1)1",
    clause="第七条（一）1",
    department="education",
    measures=("dropout_return", "two_exempt_one_subsidy", "temporary_relief", "special_relief"),
)

# What has been done to bring the child back, where it still counts as out of school; blank counts too.
NOT_RETURNED = ("", "未返校", "劝返中")


def dropout_figures(reason: str, persuasion: str, left_on) -> Figures:
    """Out of school as long as nobody brought the child back; whether the reason is poverty is policy's."""
    out = cells.fold(persuasion) in NOT_RETURNED
    return Figures(
        on_date=left_on,
        qualifies=out,
        reason=(cells.fold(persuasion) or "未填劝返情况") if out else f"劝返情况：{persuasion}",
        word=cells.fold(reason),
    )


SCHOOL_DROPOUT = FeedKind(
    code="school_dropout",
    label="义务教育失学辍学名单",
    short="教育名单",
    departments=("education",),
    cells=(
        name_cell("学生姓名", "儿童姓名", "人员姓名", "应接受义务教育未接受适龄儿童少年姓名"),
        Cell(
            "id_number",
            Column("身份证号码", kind="id", note="没有的可留空，凭姓名、出生年月和村（或户主）比对"),
            optional_number,
        ),
        Cell("birth_month", Column("出生年月", kind="date"), cells.day, on_fault="drop"),
        Cell("head_name", Column("户主姓名", synonyms=("监护人姓名", "家长姓名")), cells.name, "", "drop"),
        Cell("township", Column("乡(镇)"), cells.text, "", "drop"),
        Cell("village", Column("行政村"), cells.text, "", "drop"),
        Cell("hamlet", Column("自然村（屯）"), words(60), "", "drop"),
        Cell(
            "school", Column("学校", synonyms=("就读学校", "原就读学校", "学校名称")), words(80), "", "drop"
        ),
        Cell("grade", Column("年级", synonyms=("就读年级", "辍学年级")), words(20), "", "drop"),
        Cell(
            "left_on",
            Column(
                "辍学日期",
                kind="date",
                synonyms=("辍学时间", "失学时间", "失学辍学日期"),
                note="从未入学（失学）的留空",
            ),
            cells.day,
            None,
            "drop",
        ),
        Cell(
            "reason",
            Column(
                "辍学原因",
                required=True,
                synonyms=("失学或辍学原因", "失学辍学原因", "失辍学原因", "失学原因"),
            ),
            words(60),
            "",
        ),
        Cell(
            "persuasion",
            Column("劝返情况", synonyms=("劝返结果", "劝返状态"), choices=("未返校", "劝返中", "已返校")),
            words(60),
            "",
        ),
    ),
    identity=Identity(
        id_number="id_number",
        name="name",
        birth_month="birth_month",
        head_name="head_name",
        township="township",
        village="village",
        hamlet="hamlet",
    ),
    figures=dropout_figures,
    notes=(
        "一人一行。没有身份证号码的，请填姓名、出生年月和行政村（或户主姓名）。",
        "因贫：辍学原因写 因贫、家庭困难、经济困难 或 缺劳动力；其他原因照实填写。",
    ),
)


def find_dropouts(round: Round, policy: PolicySet):
    """Children of school age on the round's last day whose reason the policy counts as poverty."""
    day = round.last_day
    oldest = years_before(day, policy["education.school_age_to"] + 1)
    youngest = years_before(day, policy["education.school_age_from"])
    rows = (
        FeedRow.objects.live(round, SCHOOL_DROPOUT.code)
        .filter(
            qualifies=True,
            word__in=policy["education.poverty_reasons"],
            member__birth_date__gt=oldest,
            member__birth_date__lte=youngest,
        )
        .annotate(**age_on("member__birth_date", day))
    )
    return by_household(rows, Max("age"), age="age", word="word", state="reason")


def dropouts_sentence(finding: Finding) -> str:
    """Rows that say the same, of two departments or of two children, are named once."""
    return once_each(
        "，".join(filter(None, (f"{row['age']} 岁", row["word"], row.get("state")))) for row in finding.rows
    )


def why_no_dropout(_household, rows, round: Round, policy: PolicySet) -> str:
    first, last = policy["education.school_age_from"], policy["education.school_age_to"]
    reasons = policy["education.poverty_reasons"]

    def lacks(row: FeedRow) -> str:
        if row.member is None:
            return "没有对应到人，算不出年龄"
        age = full_years(row.member.birth_date, round.last_day)
        if not first <= age <= last:
            return f"在 {round.last_day} 是 {age} 岁，不在 {first} 至 {last} 岁之内"
        if row.word not in reasons:
            return f"辍学原因是“{row.word}”，不属于{'、'.join(reasons)}"
        return "" if row.qualifies else f"{row.reason}，不再是失学辍学"

    return left_out.row_by_row(SCHOOL_DROPOUT, rows, lacks)


DROPOUT_RULE = Rule(
    code="education.dropout/school_dropout",
    version=1,
    subcriterion=DROPOUT,
    kind=SCHOOL_DROPOUT,
    find=find_dropouts,
    sentence=dropouts_sentence,
    threshold="education.poverty_reasons",
    why_not=why_no_dropout,
)
