"""Art. 7(1)6: main labour lost or weakened: who was certified as severely disabled, who was hurt in traffic.
Two lists and two rules, one situation."""

from collections.abc import Sequence

from django.db.models import Count, Q, QuerySet

from fangpin.common import cells
from fangpin.common.values import idnumbers
from fangpin.common.workbooks import Column
from fangpin.policy.services import PolicySet
from households.codelists import NOT_IN_SCHOOL
from households.models import Household
from screening.criteria import labour, left_out
from screening.criteria.base import (
    Cell,
    FeedKind,
    Figures,
    Finding,
    Identity,
    Rule,
    Subcriterion,
    age_at,
    age_on,
    by_household,
    in_window,
    once_each,
)
from screening.criteria.parsing import one_of, words
from screening.criteria.person import PERSON, name_cell, person_cells
from screening.models import FeedRow, Round

LABOUR_LOSS = Subcriterion(
    code="other.labour_loss",
    register_word="缺劳动力",
    label="主要劳动力缺失或变成弱劳动力",
    tag="劳动力缺失",
    article="Art. 7(1)6",
    clause="第七条（一）6",
    department="civil",
    measures=("subsistence_allowance", "job_post", "temporary_relief"),
)

SEVERE = (1, 2)
_GRADES = {1: "一", 2: "二", 3: "三", 4: "四"}
_GRADE_WORDS = {
    f"{word}{behind}": grade
    for grade, words_of in {1: "一1壹Ⅰ", 2: "二2贰Ⅱ", 3: "三3叁Ⅲ", 4: "四4肆Ⅳ"}.items()
    for word in words_of
    for behind in ("级", "")
}


def disability_figures(sort: str, grade: int, certified_on) -> Figures:
    sort = sort.removesuffix("残疾").removesuffix("残")
    severity = f"{sort}残疾{_GRADES[grade]}级"
    return Figures(
        on_date=certified_on,
        qualifies=grade in SEVERE,
        reason="" if grade in SEVERE else severity,
        word=severity,
    )


DISABILITY = FeedKind(
    code="disability",
    label="残疾人证办理名单",
    short="残联名单",
    departments=("disabled",),
    cells=(
        name_cell("残疾人姓名", "人员姓名"),
        Cell(
            "id_number",
            Column(
                "残疾证号",
                required=True,
                kind="id",
                note="18 位身份证号码，或连同类别、等级的 20 位、22 位",
                synonyms=("残疾证号码", "残疾人证号", "残疾人证号码", "残疾证编号", "残疾人证编号"),
                stand_ins=("身份证号码", "身份证号", "身份证", "证件号码", "证件号", "公民身份号码"),
            ),
            idnumbers.parse,
        ),
        Cell("sort", Column("残疾类别", required=True, synonyms=("残疾类型", "残疾种类")), words(20), ""),
        Cell(
            "grade",
            Column(
                "残疾等级",
                required=True,
                choices=("一级", "二级", "三级", "四级"),
                synonyms=("残疾级别", "残疾程度"),
            ),
            one_of(_GRADE_WORDS, named=("一级", "二级", "三级", "四级")),
        ),
        Cell(
            "certified_on",
            Column(
                "首次发证日期",
                required=True,
                kind="date",
                synonyms=(
                    "首次发证时间",
                    "初次发证日期",
                    "首次办证日期",
                    "初次领证日期",
                    "首次领证日期",
                    "初次申领日期",
                ),
                stand_ins=("发证日期", "发证时间", "办证日期"),
            ),
            cells.day,
        ),
    ),
    identity=PERSON,
    figures=disability_figures,
    notes=("一人一行。填首次发证日期，不填换证日期。",),
)


def find_disabled(round: Round, policy: PolicySet):
    """Severe disability first certified in the window, of somebody who was labour."""
    youngest, oldest = labour.births(policy, round.last_day)
    rows = (
        FeedRow.objects.live(round, DISABILITY.code)
        .filter(
            in_window(round, policy),
            qualifies=True,
            member__birth_date__gt=oldest,
            member__birth_date__lte=youngest,
            member__student__in=NOT_IN_SCHOOL,
        )
        .annotate(**age_on("member__birth_date", round.last_day))
    )
    return by_household(rows, Count("pk"), age="age", word="word", on="on_date")


def disabled_sentence(finding: Finding) -> str:
    return once_each(f"{row['age']} 岁，{row['word']}，{row['on']} 首次发证" for row in finding.rows)


def why_not_disabled(_household: Household, rows: Sequence[FeedRow], round: Round, policy: PolicySet) -> str:
    def lacks(row: FeedRow) -> str:
        outside = left_out.outside_window(row, round, policy)
        missing = [
            "" if row.qualifies else "不是一级或二级",
            outside and f"首次发证日期 {row.on_date}，{outside}",
            *labour.lacking(row.member, policy, round.last_day),
        ]
        return left_out.with_faults(f"{row.member.name}{row.word}", missing)

    return left_out.row_by_row(DISABILITY, rows, lacks)


CRIPPLING = ("致残", "致亡")


def accident_figures(happened_on, outcome: str) -> Figures:
    return Figures(
        on_date=happened_on,
        qualifies=outcome in CRIPPLING,
        reason="" if outcome in CRIPPLING else outcome,
        word=outcome,
    )


TRAFFIC_ACCIDENT = FeedKind(
    code="traffic_accident",
    label="交通事故伤亡名单",
    short="公安名单",
    departments=("police",),
    cells=(
        *person_cells("伤亡人员姓名", "当事人姓名", "人员姓名"),
        Cell(
            "happened_on",
            Column(
                "事故日期",
                required=True,
                kind="date",
                synonyms=("事故时间", "事故发生时间", "事故发生日期", "发生时间", "发生日期"),
            ),
            cells.day,
        ),
        Cell("place", Column("事故地点", synonyms=("事故发生地点", "发生地点")), words(80), "", "drop"),
        Cell("fault", Column("责任划分", synonyms=("事故责任", "责任认定", "责任")), words(40), "", "drop"),
        Cell(
            "outcome",
            Column(
                "伤亡情况",
                required=True,
                choices=("致伤", *CRIPPLING),
                synonyms=("伤亡程度", "伤亡后果", "伤亡"),
            ),
            one_of(
                {
                    "致伤": "致伤",
                    "致残": "致残",
                    "致亡": "致亡",
                    "受伤": "致伤",
                    "轻伤": "致伤",
                    "伤残": "致残",
                    "残疾": "致残",
                    "死亡": "致亡",
                    "致死": "致亡",
                },
                named=("致伤", *CRIPPLING),
            ),
        ),
    ),
    identity=Identity(id_number="id_number", name="name", by_day=True),
    figures=accident_figures,
    notes=("一人一行。已去世、已注销户口的也照填，系统按事故当天所在的户比对。",),
)


def find_accidents(round: Round, policy: PolicySet):
    """Who was crippled or killed in the window and was labour on that day. The row's member is the person's
    record in the registry of that day."""
    rows = (
        FeedRow.objects.live(round, TRAFFIC_ACCIDENT.code)
        .filter(in_window(round, policy), qualifies=True, member__student__in=NOT_IN_SCHOOL)
        .annotate(**age_at("member__birth_date", "on_date"))
        .filter(age__range=(policy["labour.age_from"], policy["labour.age_to"]))
    )
    return by_household(rows, Count("pk"), age="age", word="word", on="on_date")


def accidents_sentence(finding: Finding) -> str:
    return once_each(f"{row['age']} 岁，{row['on']} 发生交通事故{row['word']}" for row in finding.rows)


def rows_of_accidents(household: Household, rows: QuerySet[FeedRow]) -> QuerySet[FeedRow]:
    """Those of the household, and those of a member that belong to where he lived then."""
    here = household.members.current().values("id_index")
    return rows.filter(Q(household=household) | Q(member__id_index__in=here))


def why_not_accidents(household: Household, rows: Sequence[FeedRow], round: Round, policy: PolicySet) -> str:
    def lacks(row: FeedRow) -> str:
        accident = f"{row.member.name} {row.on_date} 交通事故{row.word}"
        if row.household_id != household.pk:
            return f"{accident}，当天是另一户的成员"
        outside = left_out.outside_window(row, round, policy)
        missing = [
            "" if row.qualifies else "不是致残或致亡",
            outside and f"事故日期{outside}",
            *labour.lacking(row.member, policy, row.on_date, "当时"),
        ]
        return left_out.with_faults(accident, missing)

    return left_out.row_by_row(TRAFFIC_ACCIDENT, rows, lacks)


DISABLED = Rule(
    code="other.labour_loss/disability",
    version=1,
    subcriterion=LABOUR_LOSS,
    kind=DISABILITY,
    find=find_disabled,
    sentence=disabled_sentence,
    why_not=why_not_disabled,
)
ACCIDENTS = Rule(
    code="other.labour_loss/traffic_accident",
    version=1,
    subcriterion=LABOUR_LOSS,
    kind=TRAFFIC_ACCIDENT,
    find=find_accidents,
    sentence=accidents_sentence,
    why_not=why_not_accidents,
    rows_of=rows_of_accidents,
)
