"""Art. 7(1)2: illness not treated for want of money."""

from django.db.models import Count

from fangpin.common import cells
from fangpin.common.workbooks import Column
from fangpin.policy.services import PolicySet
from screening.criteria import left_out
from screening.criteria.base import (
    Cell,
    FeedKind,
    Figures,
    Finding,
    Rule,
    Subcriterion,
    by_household,
    once_each,
)
from screening.criteria.parsing import one_of, words
from screening.criteria.person import PERSON, person_cells
from screening.models import FeedRow, Round

UNTREATED = Subcriterion(
    code="medical.untreated",
    register_word="因病",
    label="患大病、重病或慢性病因家庭困难不能及时有效治疗",
    tag="有病未治",
    article="Art. 7(1)2",
    clause="第七条（一）2",
    department="health",
    measures=("treatment_arrangement", "medical_aid", "temporary_relief", "special_relief"),
)

SERIOUS = ("大病", "重病", "慢性病")
NOT_TREATED = ("未救治", "间断救治")


def illness_figures(severity: str, diagnosed_on, treatment: str, reason: str) -> Figures:
    """A serious, major or chronic illness, not treated or with breaks; whether the reason is money is
    policy's."""
    reasons = (
        (severity not in SERIOUS, f"病情类别是“{severity}”，不是大病、重病或慢性病"),
        (treatment not in NOT_TREATED, f"救治情况是“{treatment}”"),
    )
    lacking = next((words for applies, words in reasons if applies), "")
    return Figures(
        on_date=diagnosed_on,
        qualifies=not lacking,
        reason=lacking or f"{severity}，{treatment}",
        word=cells.fold(reason),
    )


UNTREATED_ILLNESS = FeedKind(
    code="untreated_illness",
    label="患病未救治人员名单",
    short="卫健名单",
    departments=("health",),
    cells=(
        *person_cells("患者姓名", "病人姓名", "人员姓名"),
        Cell(
            "illness",
            Column("病种", required=True, synonyms=("疾病名称", "所患疾病", "病名", "患病名称", "诊断")),
            words(80),
            "",
        ),
        Cell(
            "severity",
            Column(
                "病情类别",
                required=True,
                choices=(*SERIOUS, "其他"),
                synonyms=("疾病类别", "病情分类", "患病类别", "病种类别", "疾病类型"),
            ),
            one_of(
                {
                    "大病": "大病",
                    "重病": "重病",
                    "慢性病": "慢性病",
                    "其他": "其他",
                    "患有大病": "大病",
                    "重大疾病": "大病",
                    "患大病": "大病",
                    "重症": "重病",
                    "患重病": "重病",
                    "慢病": "慢性病",
                    "长期慢性病": "慢性病",
                    "患慢性病": "慢性病",
                    "一般疾病": "其他",
                    "其它": "其他",
                },
                named=(*SERIOUS, "其他"),
            ),
        ),
        Cell(
            "diagnosed_on",
            Column("确诊日期", required=True, kind="date", synonyms=("确诊时间", "诊断日期", "诊断时间")),
            cells.day,
        ),
        Cell(
            "treatment",
            Column(
                "救治情况",
                required=True,
                choices=("未救治", "救治中", "已救治", "间断救治"),
                synonyms=("救治状态", "治疗情况", "救治进展", "治疗状态"),
            ),
            one_of(
                {
                    "未救治": "未救治",
                    "救治中": "救治中",
                    "已救治": "已救治",
                    "间断救治": "间断救治",
                    "未治疗": "未救治",
                    "没有救治": "未救治",
                    "治疗中": "救治中",
                    "正在救治": "救治中",
                    "正在治疗": "救治中",
                    "已治疗": "已救治",
                    "已治愈": "已救治",
                    "治愈": "已救治",
                    "间断治疗": "间断救治",
                    "中断救治": "间断救治",
                    "中断治疗": "间断救治",
                },
                named=("未救治", "救治中", "已救治", "间断救治"),
            ),
        ),
        Cell(
            "reason",
            Column(
                "未救治原因",
                synonyms=("未治疗原因", "未及时救治原因", "没有救治的原因", "未救治的原因"),
                note="因为没钱的，填 经济困难、无力承担 或 家庭困难",
            ),
            words(60),
            "",
        ),
    ),
    identity=PERSON,
    figures=illness_figures,
    notes=(
        "一人一种病一行。未救治、间断救治的请填未救治原因，没有填的看不出是不是因为没钱。",
        "因为没钱：未救治原因写 经济困难、无力承担 或 家庭困难；其他原因照实填写。",
    ),
)


def find_untreated(round: Round, policy: PolicySet):
    """Rows whose reason the policy counts as want of money."""
    rows = FeedRow.objects.live(round, UNTREATED_ILLNESS.code).filter(
        qualifies=True, word__in=policy["medical.money_reasons"]
    )
    return by_household(rows, Count("pk"), word="word", state="reason")


def untreated_sentence(finding: Finding) -> str:
    """Rows that say the same are named once. Which illness it is stays in the list."""
    return once_each(f"{row['state']}，原因：{row['word']}" for row in finding.rows)


def why_not_untreated(_household, rows, _round: Round, policy: PolicySet) -> str:
    money = policy["medical.money_reasons"]

    def lacks(row: FeedRow) -> str:
        if not row.qualifies:
            return row.reason
        if row.word in money:
            return ""
        if not row.word:
            return f"{row.reason}，但没有填未救治原因，看不出是因为没钱"
        return f"{row.reason}，但原因是“{row.word}”，不属于{'、'.join(money)}"

    return left_out.row_by_row(UNTREATED_ILLNESS, rows, lacks)


UNTREATED_RULE = Rule(
    code="medical.untreated/untreated_illness",
    version=1,
    subcriterion=UNTREATED,
    kind=UNTREATED_ILLNESS,
    find=find_untreated,
    sentence=untreated_sentence,
    threshold="medical.money_reasons",
    why_not=why_not_untreated,
)
