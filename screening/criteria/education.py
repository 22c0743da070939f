"""Art. 7(1)1: unable to go on studying because of hardship; out of compulsory education because of poverty
(its list and rule: `dropout`)."""

from django.db.models import Sum

from fangpin.common import cells
from fangpin.common.cells import CellFault
from fangpin.common.values.money import yuan
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
    person_ask,
)
from screening.criteria.dropout import DROPOUT, DROPOUT_RULE, SCHOOL_DROPOUT
from screening.criteria.parsing import YES_NO_FULL_TIME, one_of, words
from screening.criteria.person import PERSON, person_cells
from screening.models import FeedRow, Round

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

# What schooling leads to a certificate (学历教育). The article names it without a stage, and leaves in what
# is compulsory; a nursery leads to none.
STAGES = {
    "小学": ("小学教育", "完小"),
    "初中": ("普通初中", "初级中学", "九年义务教育", "义务教育", "九年一贯制"),
    "普通高中": ("高中", "普高", "高级中学", "完全中学", "综合高中"),
    "中职": (
        "中等职业学校",
        "中等职业教育",
        "中职学校",
        "职高",
        "职业高中",
        "中专",
        "中等专业学校",
        "技校",
        "技工学校",
        "中技",
        "技工院校",
    ),
    "高职": (
        "高等职业学校",
        "高等职业教育",
        "高职院校",
        "高职高专",
        "高职（专科）",
        "大专",
        "专科",
        "高等专科学校",
        "高专",
    ),
    "本科": ("大学", "大学本科", "普通本科", "本专科", "普通高校", "高校", "高等学校", "高等教育"),
    "研究生": ("硕士", "博士", "硕士研究生", "博士研究生", "硕士生", "博士生"),
}
_STAGE_NAMED = tuple(STAGES)
_stage = one_of(
    {word: stage for stage, others in STAGES.items() for word in (stage, *others)}, named=_STAGE_NAMED
)
_NURSERY = ("学前", "幼儿", "托幼", "托儿")


def stage_of_schooling(value) -> str:
    if any(word in cells.fold(value) for word in _NURSERY):
        raise CellFault("code", f"{cells.shown(value)}属于学前教育，不是学历教育，这一行不用报送。")
    return _stage(value)


def hardship_figures(stage: str, ownership: str, full_time: bool, fees: int, aid: int) -> Figures:
    """Fees of a school year less the aid for it, fen; more aid than fees is taken off the household's sum."""
    reasons = ((ownership != "公办", "不是公办学校"), (not full_time, "不是全日制"))
    reason = next((words for applies, words in reasons if applies), "")
    return Figures(amount=fees - aid, qualifies=not reason, reason=reason, word=stage)


STUDENT_HARDSHIP = FeedKind(
    code="student_hardship",
    label="家庭困难学生名单",
    short="困难学生名单",
    departments=("education",),
    cells=(
        *person_cells("学生姓名", "人员姓名", numbers=("学生身份证号", "学生身份证号码")),
        Cell(
            "school",
            Column(
                "学校", required=True, synonyms=("就读学校", "学校名称", "就读院校", "院校名称", "所在学校")
            ),
            words(80),
            "",
        ),
        Cell(
            "stage",
            Column(
                "学段",
                required=True,
                choices=_STAGE_NAMED,
                synonyms=("就读学段", "学历层次", "教育阶段", "培养层次", "学制层次"),
                note="学前教育不是学历教育，不用报送",
            ),
            stage_of_schooling,
        ),
        Cell(
            "ownership",
            Column(
                "办学性质",
                required=True,
                choices=("公办", "民办"),
                synonyms=("学校性质", "办学类型", "学校办学性质", "公办民办"),
            ),
            one_of(
                {
                    "公办": "公办",
                    "公立": "公办",
                    "公办学校": "公办",
                    "公立学校": "公办",
                    "公办院校": "公办",
                    "民办": "民办",
                    "私立": "民办",
                    "民办学校": "民办",
                    "私立学校": "民办",
                    "民办院校": "民办",
                },
                named=("公办", "民办"),
            ),
        ),
        Cell(
            "full_time",
            Column(
                "全日制", required=True, choices=("是", "否"), synonyms=("是否全日制", "学习形式", "学习方式")
            ),
            YES_NO_FULL_TIME,
        ),
        Cell(
            "fees",
            Column(
                "学年费用",
                required=True,
                kind="amount",
                synonyms=(
                    "学年总费用",
                    "学年应缴费用",
                    "一学年费用",
                    "每学年费用",
                    "学年缴费",
                    "学年费用合计",
                ),
                note="一学年学费、住宿费等，单位为元",
            ),
            cells.fen,
            0,
        ),
        Cell(
            "aid",
            Column(
                "已获资助",
                required=True,
                kind="amount",
                synonyms=("已获资助金额", "资助金额", "已获得资助", "学年资助金额", "已享受资助金额"),
                note="一学年各项资助之和，单位为元；没有的填 0",
            ),
            cells.fen,
            0,
        ),
    ),
    identity=PERSON,
    figures=hardship_figures,
    notes=(
        "一人一行，填一个学年的费用和资助；没有资助的填 0。",
        "公办学校、全日制的才计入：全家的学年费用减去已获资助，合计达到本县标准的为风险线索。",
        "学前教育不是学历教育，不用报送。",
    ),
)


def find_hardship(round: Round, policy: PolicySet):
    """Fees less aid of a household's students at public schools, full-time, summed, at or above the
    threshold."""
    rows = FeedRow.objects.live(round, STUDENT_HARDSHIP.code).filter(qualifies=True)
    return by_household(
        rows, Sum("amount"), at_least=policy["education.hardship_threshold"], amount="amount", word="word"
    )


_NET_FEES = "学年费用减去已获资助，全家合计"


def hardship_sentence(finding: Finding) -> str:
    stages = "、".join(dict.fromkeys(row["word"] for row in finding.rows))
    return (
        f"{_NET_FEES} {yuan(finding.value)} 元，达到本县标准 {yuan(finding.threshold)} 元"
        f"（{finding.since} 起）；{stages}"
    )


def why_no_hardship(_household, rows, _round: Round, policy: PolicySet) -> str:
    return left_out.sum_below(HARDSHIP_RULE, rows, policy, lambda row: row.reason, what=_NET_FEES)


HARDSHIP_RULE = Rule(
    code="education.hardship/student_hardship",
    version=1,
    subcriterion=HARDSHIP,
    kind=STUDENT_HARDSHIP,
    find=find_hardship,
    sentence=hardship_sentence,
    threshold="education.hardship_threshold",
    why_not=why_no_hardship,
)

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
    kinds=(SCHOOL_DROPOUT, STUDENT_HARDSHIP),
    rules=(
        DROPOUT_RULE,
        HARDSHIP_RULE,
    ),
    question=Question(
        title="上学",
        text="家里的孩子都在上学吗？有没有该上学没去上的，或者交学费吃力、怕念不下去的？",
        options=(
            Option(
                "education.out_of_school",
                "6到15岁的孩子没去上学",
                DROPOUT.code,
                asks=(person_ask("哪个孩子"), Ask("why", "为什么", "choice", WHY_OUT, decides=True)),
            ),
            Option(
                "education.never_enrolled",
                "一直没报过名（不是中途不读）",
                DROPOUT.code,
                asks=(person_ask("哪个孩子"),),
            ),
            Option(
                "education.hardship",
                "公办高中、中职、大学，家里困难怕念不下去（或已经停学）",
                HARDSHIP.code,
                asks=(person_ask("哪个孩子"), money_ask("一年要交")),
            ),
            Option(
                "education.private",
                "民办学校",
                asks=(person_ask("哪个孩子"),),
                note="民办学校不在这一项里，记下来，不亮灯",
            ),
        ),
    ),
)
