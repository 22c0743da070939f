"""Art. 7(1)5: production damaged or harvest lost; labour without stable employment (its list and rule:
`work`)."""

from collections.abc import Sequence

from django.db.models import Sum

from fangpin.common import cells
from fangpin.common.values.money import yuan
from fangpin.common.workbooks import Column
from fangpin.policy.services import PolicySet
from households.models import Household
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
    in_window,
    money_ask,
)
from screening.criteria.parsing import one_of
from screening.criteria.person import PERSON, person_cells
from screening.criteria.work import JOB_LOSS, UNSTABLE, UNSTABLE_EMPLOYMENT
from screening.models import FeedRow, Round

PRODUCTION_LOSS = Subcriterion(
    code="livelihood.production_loss",
    register_word="因产业项目失败",
    label="产业受损或失收",
    tag="产业受损",
    article="Art. 7(1)5",
    clause="第七条（一）5",
    department="agriculture",
    measures=("industry_award", "micro_credit", "farm_training", "temporary_relief"),
)


def loss_figures(damaged_on, disaster: str, loss: int, paid: int) -> Figures:
    """What the household bore itself; below zero where more was paid than was lost."""
    return Figures(on_date=damaged_on, amount=loss - paid, word=disaster)


DISASTER_LOSS = FeedKind(
    code="disaster_loss",
    label="农户受灾损失清单",
    short="受灾清单",
    departments=("emergency", "agriculture"),
    cells=(
        *person_cells(of_head=True),
        Cell(
            "damaged_on",
            Column(
                "受灾日期",
                required=True,
                kind="date",
                synonyms=("受灾时间", "灾害发生时间", "发生日期", "损失日期"),
            ),
            cells.day,
        ),
        Cell(
            "disaster",
            Column(
                "灾种",
                required=True,
                choices=("洪涝", "干旱", "台风", "冰雹", "疫情", "市场", "病虫害", "其他"),
                synonyms=("灾害种类", "灾害类型", "受灾类型", "受损原因"),
            ),
            one_of(
                {
                    "洪涝": "洪涝",
                    "干旱": "干旱",
                    "台风": "台风",
                    "冰雹": "冰雹",
                    "疫情": "疫情",
                    "市场": "市场",
                    "病虫害": "病虫害",
                    "其他": "其他",
                    "洪水": "洪涝",
                    "洪灾": "洪涝",
                    "水灾": "洪涝",
                    "旱灾": "干旱",
                    "雹灾": "冰雹",
                    "风雹": "冰雹",
                    "动物疫病": "疫情",
                    "动物疫情": "疫情",
                    "瘟疫": "疫情",
                    "市场滞销": "市场",
                    "滞销": "市场",
                    "市场风险": "市场",
                    "虫灾": "病虫害",
                    "虫害": "病虫害",
                    "其它": "其他",
                },
                named=("洪涝", "干旱", "台风", "冰雹", "疫情", "市场", "病虫害", "其他"),
            ),
        ),
        Cell(
            "loss",
            Column(
                "估计损失",
                required=True,
                kind="amount",
                synonyms=("估计损失金额", "损失金额", "经济损失", "直接经济损失"),
            ),
            cells.fen,
            0,
        ),
        Cell(
            "paid",
            Column(
                "已获赔付救助",
                required=True,
                kind="amount",
                note="没有的填 0",
                synonyms=(
                    "已救助金额",
                    "已赔付金额",
                    "已获赔付",
                    "已获救助",
                    "赔付救助金额",
                    "已获赔付救助金额",
                ),
            ),
            cells.fen,
            0,
        ),
    ),
    identity=PERSON,
    figures=loss_figures,
    notes=(
        "一户一次受灾一行，填户主的身份证号码。应急、农业农村部门各报各的，两家合并计算；同一损失请不要两家重复报送。",
        "净损失 = 估计损失 − 已获赔付救助；没有赔付救助的填 0。",
    ),
)


def find_losses(round: Round, policy: PolicySet):
    """Net losses of a household in the window, of all departments' lists, at or above the county's
    threshold."""
    rows = FeedRow.objects.live(round, DISASTER_LOSS.code).filter(in_window(round, policy))
    return by_household(rows, Sum("amount"), at_least=policy["livelihood.loss_threshold"], word="word")


def losses_sentence(finding: Finding) -> str:
    disasters = "、".join(dict.fromkeys(row["word"] for row in finding.rows))
    return (
        f"{disasters}，扣除赔付救助后损失合计 {yuan(finding.value)} 元，"
        f"达到本县标准 {yuan(finding.threshold)} 元（{finding.since} 起）"
    )


def why_not_losses(_household: Household, rows: Sequence[FeedRow], round: Round, policy: PolicySet) -> str:
    def lacks(row: FeedRow) -> str:
        outside = left_out.outside_window(row, round, policy)
        return outside and f"受灾日期{outside}"

    return left_out.sum_below(LOSSES, rows, policy, lacks, what="扣除赔付救助后损失合计")


LOSSES = Rule(
    code="livelihood.production_loss/disaster_loss",
    version=1,
    subcriterion=PRODUCTION_LOSS,
    kind=DISASTER_LOSS,
    find=find_losses,
    sentence=losses_sentence,
    threshold="livelihood.loss_threshold",
    why_not=why_not_losses,
)


WHY_LOST = (
    Choice("weather", "水灾旱灾"),
    Choice("disease", "猪鸡瘟病、病虫害"),
    Choice("market", "价钱跌、卖不掉"),
    Choice("other", "其他"),
)

CRITERION = Criterion(
    code="livelihood",
    label="产业就业",
    tag="产业就业",
    subcriteria=(PRODUCTION_LOSS, UNSTABLE_EMPLOYMENT),
    kinds=(DISASTER_LOSS, JOB_LOSS),
    rules=(LOSSES, UNSTABLE),
    question=Question(
        title="干活挣钱",
        text="今年种的养的怎么样？家里能干活的人都有活干吗？",
        options=(
            Option(
                "livelihood.loss",
                "受灾、生病、卖不出去，亏了、绝收",
                PRODUCTION_LOSS.code,
                asks=(
                    Ask("why", "原因", "choice", WHY_LOST),
                    money_ask("损失"),
                    money_ask("已赔", "compensated"),
                ),
            ),
            Option(
                "livelihood.no_work",
                "能干活的人没活干，或打工断断续续",
                UNSTABLE_EMPLOYMENT.code,
                asks=(Ask("people", "几个人", "whole"), Ask("months", "这一年做了几个月", "whole")),
            ),
        ),
    ),
)
