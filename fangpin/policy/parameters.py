"""The parameters of the regulation: what each means, who sets it, its first value and the article.

A parameter's values are rows with a date from which they hold; this table only says what parameters there
are. Money is integer fen. `regulation` marks figures that the regulation itself names.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

FIRST_DAY = datetime.date(2020, 1, 19)  # Art. 16: in force from the day it was issued


@dataclass(frozen=True)
class Parameter:
    key: str
    label: str
    kind: str  # money | whole | words | choice | object
    default: Any
    article: str
    unit: str = ""
    by_county: bool = False
    regulation: bool = False
    choices: tuple[tuple[str, str], ...] = ()  # of a choice: value and words
    least: int = 1  # of a whole number
    most: int | None = None  # of a whole number; by its unit otherwise

    @property
    def name(self) -> str:
        """The label without its explanation."""
        return self.label.split("：")[0]

    @property
    def upper(self) -> int:
        return self.most or MOST.get(self.unit, 1000)


# Above these a whole number is a slip of the keyboard.
MOST = {"个月": 120, "个工作日": 60, "周岁": 120, "天": 366}

GATES = (("flag", "仍列入，标明并须说明"), ("require", "不列入"))

_ALL = [
    Parameter(
        "income.line", "收入参考线（家庭年人均纯收入）", "money", 500_000, "Art. 2", "元", regulation=True
    ),
    Parameter(
        "income.gate",
        "高于参考线的户：flag 标明并说明，require 不列入",
        "choice",
        "flag",
        "Art. 2",
        choices=GATES,
    ),
    Parameter("round.opening", "排查开启日：季度第几月、几日", "object", {"month": 3, "day": 1}, "Art. 7"),
    Parameter("round.feeds_due", "部门数据报送期限", "whole", 10, "Art. 7(2)1", "个工作日"),
    Parameter("round.field_due", "线下排查期限", "whole", 10, "Art. 7(2)1", "个工作日"),
    Parameter("round.verification_due", "乡村核实期限", "whole", 5, "Art. 7(2)2", "个工作日"),
    Parameter(
        "phone.keep_days", "手机数据包保留天数", "whole", 7, "Art. 7(2)1", "天", by_county=True, most=30
    ),
    Parameter(
        "phone.idle_minutes",
        "手机多少分钟不用自动锁定",
        "whole",
        10,
        "Art. 7(2)1",
        "分钟",
        by_county=True,
        most=60,
    ),
    Parameter("screening.window_months", "数据回看月数（截至季末）", "whole", 12, "Art. 7", "个月"),
    Parameter("education.school_age_from", "义务教育年龄起", "whole", 6, "Art. 7(1)1", "周岁"),
    Parameter("education.school_age_to", "义务教育年龄止", "whole", 15, "Art. 7(1)1", "周岁"),
    Parameter(
        "education.poverty_reasons",
        "视为因贫的辍学原因",
        "words",
        ["因贫", "家庭困难", "经济困难", "缺劳动力"],
        "Art. 7(1)1",
    ),
    Parameter(
        "education.hardship_threshold",
        "学年自付费用标准",
        "money",
        800_000,
        "Art. 7(1)1",
        "元",
        by_county=True,
    ),
    Parameter(
        "medical.threshold", "合规自付医疗费用标准", "money", 2_000_000, "Art. 7(1)2", "元", by_county=True
    ),
    Parameter(
        "medical.money_reasons",
        "视为没钱治的未救治原因",
        "words",
        ["经济困难", "无力承担", "家庭困难"],
        "Art. 7(1)2",
    ),
    Parameter(
        "livelihood.loss_threshold", "产业净损失标准", "money", 1_000_000, "Art. 7(1)5", "元", by_county=True
    ),
    Parameter("livelihood.work_months", "全家务工月数低于", "whole", 6, "Art. 7(1)5", "个月", by_county=True),
    Parameter("labour.age_from", "劳动年龄起", "whole", 16, "Art. 7(1)5", "周岁"),
    Parameter("labour.age_to", "劳动年龄止", "whole", 59, "Art. 7(1)5", "周岁"),
    Parameter(
        "other.expense_threshold", "大额刚性支出标准", "money", 1_500_000, "Art. 7(1)6", "元", by_county=True
    ),
    Parameter(
        "cap.industry_award", "产业奖补上限（户·年）", "money", 500_000, "Art. 5", "元", regulation=True
    ),
    Parameter(
        "cap.micro_credit", "扶贫小额信贷上限（户）", "money", 5_000_000, "Art. 5", "元", regulation=True
    ),
    Parameter(
        "cap.micro_credit_months", "扶贫小额信贷期限上限", "whole", 36, "Art. 5", "个月", regulation=True
    ),
    Parameter("plan.due_days", "增收计划制定期限：从1月1日起", "whole", 90, "Art. 4", "天"),
    Parameter("order.accept_due", "交办单接收期限", "whole", 3, "Art. 8", "个工作日", by_county=True),
    Parameter("order.plan_due", "举措报备案期限", "whole", 10, "Art. 8", "个工作日", by_county=True),
    Parameter("order.deliver_due", "举措落实期限", "whole", 30, "Art. 8", "个工作日", by_county=True),
    Parameter("order.climb_days", "超期多少个工作日报主任", "whole", 3, "Art. 8", "个工作日", by_county=True),
    Parameter("order.gap_days", "认定后多久须有举措", "whole", 30, "Art. 8", "天", by_county=True),
    Parameter("help.two_years", "脱贫后扶持期", "whole", 24, "Art. 8(1)2", "个月", regulation=True),
    Parameter("followup.months", "跟踪管理期", "whole", 12, "Art. 9", "个月", regulation=True),
    Parameter("followup.visit_days", "走访间隔", "whole", 30, "Art. 9", "天"),
    Parameter("followup.again_months", "未消除的，多久再评定", "whole", 3, "Art. 9", "个月"),
    Parameter(
        "fund.poverty_steps",
        "扶贫资金审批环节",
        "words",
        ["扶贫部门审定", "财政部门审定", "领导小组备案"],
        "Art. 10",
        by_county=True,
    ),
    Parameter("fund.pay_days", "审定备案后多久须发放", "whole", 10, "Art. 11", "个工作日", by_county=True),
    Parameter("followup.evaluate_due", "期满后村评定期限", "whole", 10, "Art. 9", "个工作日"),
]

PARAMETERS: dict[str, Parameter] = {parameter.key: parameter for parameter in _ALL}

# The first may not be above the second.
PAIRS = (("education.school_age_from", "education.school_age_to"), ("labour.age_from", "labour.age_to"))

TITLES = {
    "2": "第二条 对象和收入",
    "4": "第四条 增收计划",
    "5": "第五条 产业和信贷",
    "7": "第七条 排查和认定",
    "8": "第八条 防贫举措",
    "9": "第九条 跟踪管理",
    "10": "第十条 扶贫资金",
    "11": "第十一条 边缘户防贫资金",
}


def clause(article: str) -> str:
    """Art. 7(1)2 → 第七条（一）2"""
    number, *parts = article.removeprefix("Art. ").split("(")
    words = f"第{_CHINESE.get(number, number)}条"
    for part in parts:
        inner, _, rest = part.partition(")")
        words += f"（{_CHINESE.get(inner, inner)}）{rest}"
    return words


_CHINESE = (
    dict(zip("123456789", "一二三四五六七八九", strict=True))
    | {str(n): f"十{c}" for n, c in zip(range(11, 17), "一二三四五六", strict=True)}
    | {"10": "十"}
)


def by_article(parameters: Iterable[Parameter]) -> list[tuple[str, list[Parameter]]]:
    """Heading of each article and its parameters, in the order of the regulation."""
    groups: dict[str, list[Parameter]] = {}
    for parameter in parameters:
        number = parameter.article.removeprefix("Art. ").split("(")[0]
        groups.setdefault(number, []).append(parameter)
    return [
        (TITLES.get(number, clause(f"Art. {number}")), groups[number])
        for number in sorted(groups, key=lambda text: int(text) if text.isdigit() else 99)
    ]
