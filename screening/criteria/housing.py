"""Art. 7(1)3: the home made dangerous by disaster, a dangerous site or force majeure."""

from django.db.models import Count

from fangpin.common import cells
from fangpin.common.workbooks import Column
from fangpin.policy.services import PolicySet
from screening.criteria import left_out
from screening.criteria.base import (
    Ask,
    Cell,
    Choice,
    Criterion,
    FeedKind,
    Figures,
    Finding,
    Option,
    Question,
    Rule,
    Subcriterion,
    by_household,
    money_ask,
)
from screening.criteria.parsing import YES_NO, one_of
from screening.criteria.person import PERSON, person_cells
from screening.models import FeedRow, Round

UNSAFE = Subcriterion(
    code="housing.unsafe",
    register_word="因安全住房",
    label="住房因灾、因危险场地或不可抗力成为危房，无力重建修缮",
    tag="住房危险",
    article="Art. 7(1)3",
    clause="第七条（一）3",
    department="housing",
    measures=("housing_appraisal", "housing_renovation", "special_relief"),
)
UNSAFE_GRADES = ("C", "D")
CAUSES = ("自然灾害", "危险场地", "不可抗力")
NAMED_CAUSES = "自然灾害、危险场地或不可抗力"


def housing_figures(grade: str, appraised_on, cause: str, renovation: str, only_home: bool) -> Figures:
    """Grade C or D, the only home, not renovated, and a cause that the article names."""
    reasons = (
        (grade not in UNSAFE_GRADES, f"鉴定为 {grade} 级，不是 C 级或 D 级"),
        (not only_home, "另有住房，不是唯一住房"),
        (renovation == "已改造", "已改造"),
        (cause not in CAUSES, f"成因是{cause}，不是{NAMED_CAUSES}"),
    )
    reason = next((words for applies, words in reasons if applies), "")
    return Figures(
        on_date=appraised_on,
        qualifies=not reason,
        reason=reason,
        word=f"{grade} 级，{cause}，唯一住房，{renovation}",
    )


UNSAFE_HOUSING = FeedKind(
    code="unsafe_housing",
    label="危房鉴定名单",
    short="住建名单",
    departments=("housing",),
    cells=(
        *person_cells("户主名称", "姓名", of_head=True),
        Cell(
            "grade",
            Column(
                "鉴定等级",
                required=True,
                choices=("A", "B", "C", "D"),
                synonyms=("危房鉴定级别", "危房等级", "鉴定级别", "房屋等级"),
            ),
            one_of(
                {
                    letter + tail: letter
                    for letter in "ABCD"
                    for tail in (
                        "",
                        "级",
                        "级（局部危险）",
                        "级（整幢危险）",
                        "级危房",
                        "级(局部危险)",
                        "级(整幢危险)",
                    )
                },
                named="ABCD",
            ),
        ),
        Cell(
            "appraised_on", Column("鉴定日期", required=True, kind="date", synonyms=("鉴定时间",)), cells.day
        ),
        Cell(
            "cause",
            Column(
                "成因",
                required=True,
                choices=(*CAUSES, "年久失修", "其他"),
                synonyms=("危房成因", "致危原因", "危险原因"),
            ),
            one_of({word: word for word in (*CAUSES, "年久失修", "其他")}),
        ),
        Cell(
            "renovation",
            Column(
                "改造情况",
                required=True,
                choices=("未改造", "改造中", "已改造"),
                synonyms=("改造状态", "改造进展"),
            ),
            one_of({word: word for word in ("未改造", "改造中", "已改造")}),
        ),
        Cell(
            "only_home",
            Column("唯一住房", required=True, choices=("是", "否"), synonyms=("是否唯一住房", "是否唯一")),
            YES_NO,
        ),
    ),
    identity=PERSON,
    figures=housing_figures,
    notes=("一户一行，填户主的身份证号码。", "待鉴定的户先不填，鉴定后再报。"),
)


def find_unsafe(round: Round, _policy: PolicySet):
    rows = FeedRow.objects.live(round, UNSAFE_HOUSING.code).filter(qualifies=True)
    return by_household(rows, Count("pk"), word="word")


def unsafe_sentence(finding: Finding) -> str:
    return finding.rows[0]["word"]


def why_not_unsafe(_household, rows, _round: Round, _policy: PolicySet) -> str:
    return left_out.row_by_row(UNSAFE_HOUSING, rows, lambda row: "" if row.qualifies else row.reason)


HOW_DAMAGED = (
    Choice("disaster", "洪水、滑坡、大风、火灾等"),
    Choice("site", "房子在危险的地方"),
    Choice("age", "多年老旧", raises=False, note="多年老旧的按危房改造，记下来，不亮灯"),
)

CRITERION = Criterion(
    code="housing",
    label="住房",
    tag="住房",
    subcriteria=(UNSAFE,),
    kinds=(UNSAFE_HOUSING,),
    rules=(
        Rule(
            code="housing.unsafe/unsafe_housing",
            version=1,
            subcriterion=UNSAFE,
            kind=UNSAFE_HOUSING,
            find=find_unsafe,
            sentence=unsafe_sentence,
            why_not=why_not_unsafe,
        ),
    ),
    question=Question(
        title="房子",
        text="住的房子安全吗？有没有被水冲、滑坡、大风弄坏的，或者住的地方有危险？",
        options=(
            Option(
                "housing.damaged",
                "房子坏了、成危房，没钱修",
                UNSAFE.code,
                asks=(Ask("how", "怎么坏的", "choice", HOW_DAMAGED, decides=True),),
            ),
            Option(
                "housing.rebuilt",
                "房子修了、重建了，钱花得太多，欠了债",
                UNSAFE.code,
                asks=(money_ask("花了大约"),),
            ),
        ),
        asks=(
            Ask("elsewhere", "别处还有房子住", "tick"),
            Ask(
                "appraised",
                "鉴定过吗",
                "choice",
                (Choice("C", "C"), Choice("D", "D"), Choice("none", "没鉴定")),
            ),
        ),
    ),
)
