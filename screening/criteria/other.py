"""Art. 7(1)6: large unavoidable spending; main labour lost or weakened by an accident."""

from screening.criteria.base import Ask, Criterion, Option, Question, Subcriterion, money_ask, person_ask

RIGID_EXPENSE = Subcriterion(
    code="other.rigid_expense",
    label="大额刚性支出",
    tag="刚性支出",
    article="Art. 7(1)6",
    clause="第七条（一）6",
    department="civil",
    measures=("temporary_relief", "prevention_insurance", "subsistence_allowance"),
)
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

CRITERION = Criterion(
    code="other",
    label="其他",
    tag="其他",
    subcriteria=(RIGID_EXPENSE, LABOUR_LOSS),
    question=Question(
        title="其他",
        text="这一年家里有没有出什么意外，花了大钱？有没有顶梁柱伤了、残了、不在了？",
        options=(
            Option(
                "other.expense", "遭灾、出意外，不得不花一大笔钱", RIGID_EXPENSE.code,
                asks=(money_ask("花了大约"), Ask("what", "什么事")),
            ),
            Option(
                "other.labour", "家里主要干活的人因事故去世 / 重伤、残疾，干不了重活", LABOUR_LOSS.code,
                asks=(person_ask("谁"), Ask("when", "哪天")),
            ),
        ),
    ),
)  # fmt: skip
