"""Art. 7(1)1: out of compulsory education because of poverty; unable to go on studying because of hardship."""

from django.db.models import Max
from django.db.models.functions import JSONObject

from fangpin.common import cells, idnumbers
from fangpin.common.databases import JsonList
from fangpin.common.workbooks import Column
from fangpin.policy.services import PolicySet
from households.rules import years_before
from screening.criteria.base import (
    Ask,
    Cell,
    Choice,
    Criterion,
    FeedKind,
    Figures,
    Finding,
    Identity,
    Option,
    Question,
    Rule,
    Subcriterion,
    age_on,
    money_ask,
    person_ask,
)
from screening.criteria.parsing import words
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
HARDSHIP = Subcriterion(
    code="education.hardship",
    register_word="因学",
    label="因家庭困难难以继续公立学校全日制学历教育",
    tag="就学困难",
    article="Art. 7(1)1",
    clause="第七条（一）1",
    department="education",
    measures=("student_loan", "yulu", "special_relief"),
)

# What has been done to bring the child back, where it still counts as out of school; blank counts too.
NOT_RETURNED = ("", "未返校", "劝返中")


def optional_number(value) -> str | None:
    return None if cells.is_blank(value, cells.BLANK_MARKS) else idnumbers.parse(value)


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
        Cell("name", Column("姓名", required=True, synonyms=("学生姓名", "儿童姓名", "人员姓名", "应接受义务教育未接受适龄儿童少年姓名")), cells.name, ""),
        Cell("id_number", Column("身份证号码", kind="id", note="没有的可留空，凭姓名、出生年月和村（或户主）比对"), optional_number),
        Cell("birth_month", Column("出生年月", kind="date"), cells.day, on_fault="drop"),
        Cell("head_name", Column("户主姓名", synonyms=("监护人姓名", "家长姓名")), cells.name, "", "drop"),
        Cell("township", Column("乡(镇)"), cells.text, "", "drop"),
        Cell("village", Column("行政村"), cells.text, "", "drop"),
        Cell("hamlet", Column("自然村（屯）"), cells.text, "", "drop"),
        Cell("school", Column("学校", synonyms=("就读学校", "原就读学校", "学校名称")), words(80), "", "drop"),
        Cell("grade", Column("年级", synonyms=("就读年级", "辍学年级")), words(20), "", "drop"),
        Cell("left_on", Column("辍学日期", kind="date", synonyms=("辍学时间", "失学时间", "失学辍学日期"), note="从未入学（失学）的留空"), cells.day, None, "drop"),
        Cell("reason", Column("辍学原因", required=True, synonyms=("失学或辍学原因", "失学辍学原因", "失辍学原因", "失学原因")), words(60), ""),
        Cell("persuasion", Column("劝返情况", synonyms=("劝返结果", "劝返状态"), choices=("未返校", "劝返中", "已返校")), words(60), ""),
    ),
    identity=Identity(
        id_number="id_number", name="name", birth_month="birth_month", head_name="head_name",
        township="township", village="village", hamlet="hamlet",
    ),
    figures=dropout_figures,
    notes=(
        "一人一行。没有身份证号码的，请填姓名、出生年月和行政村（或户主姓名）。",
        "因贫：辍学原因写 因贫、家庭困难、经济困难 或 缺劳动力；其他原因照实填写。",
    ),
)  # fmt: skip


def find_dropouts(round: Round, policy: PolicySet):
    """Children of school age on the round's last day whose reason the policy counts as poverty."""
    day = round.last_day
    oldest = years_before(day, policy["education.school_age_to"] + 1)
    youngest = years_before(day, policy["education.school_age_from"])
    return (
        FeedRow.objects.live(round, SCHOOL_DROPOUT.code)
        .filter(
            qualifies=True,
            word__in=policy["education.poverty_reasons"],
            member__birth_date__gt=oldest,
            member__birth_date__lte=youngest,
        )
        .annotate(**age_on("member__birth_date", day))
        .values("household_id")
        .annotate(
            value=Max("age"),
            rows=JsonList(JSONObject(feed="feed_id", row="row_no", age="age", word="word", state="reason")),
        )
        .values_list("household_id", "value", "rows")
    )


def tell_dropouts(finding: Finding) -> str:
    """Rows that say the same, of two departments or of two children, are told once."""
    told = (
        "，".join(filter(None, (f"{row['age']} 岁", row["word"], row.get("state")))) for row in finding.rows
    )
    return "；".join(list(dict.fromkeys(told))[:3])


_NO_POVERTY = "不是因为穷，记下来，不亮灯"
WHY_OUT = (
    Choice("poverty", "家里困难、没钱"),
    Choice("work", "要帮家里干活、出去打工"),
    Choice("unwilling", "不想读", raises=False, note=_NO_POVERTY),
    Choice("health", "身体原因", raises=False, note=_NO_POVERTY),
    Choice("other", "其他", raises=False, note=_NO_POVERTY),
)

CRITERION = Criterion(
    code="education",
    label="教育",
    tag="教育",
    subcriteria=(DROPOUT, HARDSHIP),
    kinds=(SCHOOL_DROPOUT,),
    rules=(
        Rule(
            code="education.dropout/school_dropout",
            version=1,
            subcriterion=DROPOUT,
            kind=SCHOOL_DROPOUT,
            find=find_dropouts,
            tell=tell_dropouts,
            threshold="education.poverty_reasons",
        ),
    ),
    question=Question(
        title="上学",
        text="家里的孩子都在上学吗？有没有该上学没去上的，或者交学费吃力、怕念不下去的？",
        options=(
            Option(
                "education.out_of_school", "6到15岁的孩子没去上学", DROPOUT.code,
                asks=(person_ask("哪个孩子"), Ask("why", "为什么", "choice", WHY_OUT, decides=True)),
            ),
            Option(
                "education.never_enrolled", "一直没报过名（不是中途不读）", DROPOUT.code,
                asks=(person_ask("哪个孩子"),),
            ),
            Option(
                "education.hardship", "公办高中、中职、大学，家里困难怕念不下去（或已经停学）", HARDSHIP.code,
                asks=(person_ask("哪个孩子"), money_ask("一年要交")),
            ),
            Option(
                "education.private", "民办学校", asks=(person_ask("哪个孩子"),),
                note="民办学校不在这一项里，记下来，不亮灯",
            ),
        ),
    ),
)  # fmt: skip
