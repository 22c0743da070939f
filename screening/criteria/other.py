"""Art. 7(1)6: large unavoidable spending; main labour lost or weakened by an accident (lists and rules of
that: `lost_labour`)."""

from collections.abc import Sequence

from django.db.models import Sum

from fangpin.common import cells
from fangpin.common.values.money import yuan
from fangpin.common.workbooks import Column
from fangpin.policy.services import PolicySet
from households.models import Household
from screening.criteria import left_out
from screening.criteria.assistance import ASSISTANCE
from screening.criteria.base import (
    Ask,
    Cell,
    Criterion,
    FeedKind,
    Figures,
    Finding,
    Option,
    Question,
    Rule,
    Subcriterion,
    by_household,
    in_window,
    money_ask,
    person_ask,
)
from screening.criteria.lost_labour import ACCIDENTS, DISABILITY, DISABLED, LABOUR_LOSS, TRAFFIC_ACCIDENT
from screening.criteria.parsing import one_of
from screening.criteria.person import PERSON, person_cells
from screening.models import FeedRow, Round

RIGID_EXPENSE = Subcriterion(
    code="other.rigid_expense",
    label="大额刚性支出",
    tag="刚性支出",
    article="Art. 7(1)6",
    clause="第七条（一）6",
    department="civil",
    measures=("temporary_relief", "prevention_insurance", "subsistence_allowance"),
)
CAUSES = ("自然灾害", "意外变故")


def expense_figures(cause: str, spent_on, spent: int, given: int) -> Figures:
    """What the household bore itself, of a disaster or an accident."""
    return Figures(
        on_date=spent_on,
        amount=spent - given,
        qualifies=cause in CAUSES,
        reason="" if cause in CAUSES else f"事由：{cause}",
        word=cause,
    )


RIGID_EXPENSES = FeedKind(
    code="rigid_expense",
    label="大额刚性支出清单",
    short="民政支出清单",
    departments=("civil",),
    cells=(
        *person_cells("户主姓名", "申请人姓名", "人员姓名", numbers=("户主身份证号码", "申请人身份证号码")),
        Cell(
            "cause",
            Column(
                "支出事由",
                required=True,
                choices=(*CAUSES, "其他"),
                synonyms=("支出原因", "刚性支出事由", "刚性支出原因", "事由", "困难原因"),
            ),
            one_of(
                {
                    "自然灾害": "自然灾害",
                    "意外变故": "意外变故",
                    "其他": "其他",
                    "因灾": "自然灾害",
                    "灾害": "自然灾害",
                    "意外": "意外变故",
                    "意外事故": "意外变故",
                    "突发意外": "意外变故",
                    "家庭变故": "意外变故",
                    "重大变故": "意外变故",
                    "其它": "其他",
                },
                named=(*CAUSES, "其他"),
            ),
        ),
        Cell(
            "spent_on",
            Column("发生日期", required=True, kind="date", synonyms=("发生时间", "支出日期", "支出时间")),
            cells.day,
        ),
        Cell(
            "spent",
            Column(
                "支出金额",
                required=True,
                kind="amount",
                synonyms=("刚性支出金额", "支出总额", "刚性支出", "支出合计"),
            ),
            cells.fen,
            0,
        ),
        Cell(
            "given",
            Column(
                "已获救助",
                required=True,
                kind="amount",
                note="没有的填 0",
                synonyms=("已获救助金额", "已救助金额", "已获赔付救助", "救助金额", "赔付救助金额"),
            ),
            cells.fen,
            0,
        ),
    ),
    identity=PERSON,
    figures=expense_figures,
    notes=(
        "一人一次支出一行。看病、上学的支出由医保、教育部门报送，这里不填。",
        "没有获得救助的，已获救助填 0。",
    ),
)


def find_expenses(round: Round, policy: PolicySet):
    """What a household bore in the window of disasters and accidents, at or above the county's threshold."""
    rows = FeedRow.objects.live(round, RIGID_EXPENSES.code).filter(in_window(round, policy), qualifies=True)
    return by_household(rows, Sum("amount"), at_least=policy["other.expense_threshold"], word="word")


def expenses_sentence(finding: Finding) -> str:
    causes = "、".join(dict.fromkeys(row["word"] for row in finding.rows))
    return (
        f"{causes}，扣除救助后支出合计 {yuan(finding.value)} 元，"
        f"达到本县标准 {yuan(finding.threshold)} 元（{finding.since} 起）"
    )


def why_not_expenses(_household: Household, rows: Sequence[FeedRow], round: Round, policy: PolicySet) -> str:
    def lacks(row: FeedRow) -> str:
        outside = left_out.outside_window(row, round, policy)
        return row.reason or (outside and f"发生日期{outside}")

    return left_out.sum_below(EXPENSES, rows, policy, lacks, what="扣除救助后支出合计")


EXPENSES = Rule(
    code="other.rigid_expense/rigid_expense",
    version=1,
    subcriterion=RIGID_EXPENSE,
    kind=RIGID_EXPENSES,
    find=find_expenses,
    sentence=expenses_sentence,
    threshold="other.expense_threshold",
    why_not=why_not_expenses,
)


CRITERION = Criterion(
    code="other",
    label="其他",
    tag="其他",
    subcriteria=(RIGID_EXPENSE, LABOUR_LOSS),
    kinds=(RIGID_EXPENSES, DISABILITY, TRAFFIC_ACCIDENT, ASSISTANCE),
    rules=(EXPENSES, DISABLED, ACCIDENTS),
    question=Question(
        title="其他",
        text="这一年家里有没有出什么意外，花了大钱？有没有顶梁柱伤了、残了、不在了？",
        options=(
            Option(
                "other.expense",
                "遭灾、出意外，不得不花一大笔钱",
                RIGID_EXPENSE.code,
                asks=(money_ask("花了大约"), Ask("what", "什么事")),
            ),
            Option(
                "other.labour",
                "家里主要干活的人因事故去世 / 重伤、残疾，干不了重活",
                LABOUR_LOSS.code,
                asks=(person_ask("谁"), Ask("when", "哪天")),
            ),
        ),
    ),
)
