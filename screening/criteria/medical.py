"""Art. 7(1)2: high compliant out-of-pocket cost after insurance; illness not treated for want of money (its
list and rule: `illness`)."""

from django.db.models import Sum

from fangpin.common import cells
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
    in_window,
    money_ask,
    person_ask,
)
from screening.criteria.illness import UNTREATED, UNTREATED_ILLNESS, UNTREATED_RULE
from screening.criteria.parsing import one_of, starting_with
from screening.criteria.person import PERSON, person_cells
from screening.models import FeedRow, Round

OUT_OF_POCKET = Subcriterion(
    code="medical.out_of_pocket",
    register_word="因病",
    label="合规自付医疗费用较高",
    tag="自付较高",
    article="Art. 7(1)2",
    clause="第七条（一）2",
    department="insurance",
    measures=("medical_insurance", "medical_aid", "temporary_relief", "special_relief"),
)


def own_share(*, total: int, compliant: int, paid: int) -> int:
    """Compliant out-of-pocket cost of one settlement, fen: compliant − everything paid by others, never below
    zero. A negative total is a reversal (冲正): the mirror image, never above zero, so that a settlement and
    its reversal come to nothing (Art. 7(1)2)."""
    share = compliant - paid
    if total >= 0:
        return max(share, 0)
    # Some offices turn the sign of the total alone.
    is_mirrored = compliant < 0 or (compliant == 0 and paid < 0)
    return -max(-share if is_mirrored else share, 0)


def settlement_figures(settled_on, total, compliant, basic, major, aid, other_paid, scheme) -> Figures:
    """Only the resident scheme counts."""
    return Figures(
        on_date=settled_on,
        amount=own_share(total=total, compliant=compliant, paid=basic + major + aid + other_paid),
        qualifies=scheme == "resident",
        reason="" if scheme == "resident" else "参加职工医保",
    )


MEDICAL_SETTLEMENT = FeedKind(
    code="medical_settlement",
    label="医疗费用结算清单",
    short="医保清单",
    departments=("insurance",),
    cells=(
        *person_cells("患者姓名", "参保人姓名", "人员姓名"),
        Cell(
            "settled_on",
            Column(
                "结算日期",
                required=True,
                kind="date",
                synonyms=("结算时间", "费用结算日期", "就医时间"),
                stand_ins=("出院日期",),
            ),
            cells.day,
        ),
        Cell(
            "visit",
            Column(
                "就医类型",
                required=True,
                choices=("住院", "门诊"),
                synonyms=("医疗类别", "就诊类型", "就医类别"),
            ),
            starting_with("住院", "门诊"),
        ),
        Cell(
            "total",
            Column(
                "医疗总费用",
                required=True,
                kind="amount",
                synonyms=("总费用", "医疗费总额", "医疗费用总额", "费用总额"),
            ),
            cells.fen,
            0,
        ),
        Cell(
            "compliant",
            Column(
                "合规费用",
                required=True,
                kind="amount",
                synonyms=("合规医疗费用", "政策范围内费用", "合规总费用"),
            ),
            cells.fen,
            0,
        ),
        Cell(
            "basic",
            Column(
                "基本医保报销",
                required=True,
                kind="amount",
                synonyms=(
                    "基本医保支付",
                    "基本医疗保险支付",
                    "基本医疗保险报销金额",
                    "基本医保报销金额",
                    "医保报销",
                    "基本医保",
                ),
            ),
            cells.fen,
            0,
        ),
        Cell(
            "major",
            Column(
                "大病保险报销",
                required=True,
                kind="amount",
                synonyms=("大病报销金额", "大病保险支付", "大病报销", "大病保险", "大病救助"),
            ),
            cells.fen,
            0,
        ),
        Cell(
            "aid",
            Column("医疗救助", required=True, kind="amount", synonyms=("医疗救助金额", "医疗救助支付")),
            cells.fen,
            0,
        ),
        Cell(
            "other_paid",
            Column(
                "其他赔付", kind="amount", synonyms=("其他报销", "财政兜底", "兜底", "二次报销", "其他支付")
            ),
            cells.fen,
            0,
        ),
        Cell(
            "scheme",
            Column(
                "参保类型",
                required=True,
                choices=("城乡居民", "职工"),
                synonyms=("险种类型", "参保险种", "险种", "医保类型"),
                stand_ins=("人员类别",),
            ),
            one_of(
                {
                    "城乡居民": "resident",
                    "职工": "employee",
                    "城乡居民基本医疗保险": "resident",
                    "城乡居民医保": "resident",
                    "居民医保": "resident",
                    "居民": "resident",
                    "新农合": "resident",
                    "城镇职工": "employee",
                    "职工医保": "employee",
                    "职工基本医疗保险": "employee",
                    "城镇职工基本医疗保险": "employee",
                }
            ),
        ),
    ),
    identity=PERSON,
    figures=settlement_figures,
    notes=(
        "一次结算一行；冲正（退费）的行，医疗总费用等金额填负数。",
        "合规自付 = 合规费用 − 基本医保 − 大病保险 − 医疗救助 − 其他赔付；总费用与各项之和不必相等。",
    ),
)


def find_out_of_pocket(round: Round, policy: PolicySet):
    """Own shares of a household's members in the window, summed, at or above the county's threshold."""
    rows = FeedRow.objects.live(round, MEDICAL_SETTLEMENT.code).filter(
        in_window(round, policy), qualifies=True
    )
    return by_household(rows, Sum("amount"), at_least=policy["medical.threshold"], amount="amount")


_OWN = "合规自付合计"


def out_of_pocket_sentence(finding: Finding) -> str:
    return f"{_OWN} {yuan(finding.value)} 元，达到本县标准 {yuan(finding.threshold)} 元（{finding.since} 起）"


def why_no_out_of_pocket(_household, rows, round: Round, policy: PolicySet) -> str:
    def lacks(row: FeedRow) -> str:
        return row.reason or left_out.outside_window(row, round, policy)

    return left_out.sum_below(OUT_OF_POCKET_RULE, rows, policy, lacks, what=_OWN)


OUT_OF_POCKET_RULE = Rule(
    code="medical.out_of_pocket/medical_settlement",
    version=1,
    subcriterion=OUT_OF_POCKET,
    kind=MEDICAL_SETTLEMENT,
    find=find_out_of_pocket,
    sentence=out_of_pocket_sentence,
    threshold="medical.threshold",
    why_not=why_no_out_of_pocket,
)


SPENT = (
    Choice("1", "约1万", amount=1_000_000),
    Choice("2", "2万", amount=2_000_000),
    Choice("3", "3万以上", amount=3_000_000),
    Choice("unknown", "不知道"),
)
_OTHER_SCHEME = "不是居民医保，记下来，不亮灯；花得太多的，看看第 6 项“其他”"
# Only the resident scheme counts, at the door as in the list.
SCHEME = Ask(
    "scheme",
    "参加的是居民医保吗",
    "choice",
    (
        Choice("resident", "是"),
        Choice("employee", "职工", raises=False, note=_OTHER_SCHEME),
        Choice("none", "没参加", raises=False, note=_OTHER_SCHEME),
    ),
    decides=True,
)

CRITERION = Criterion(
    code="medical",
    label="医疗",
    tag="医疗",
    subcriteria=(UNTREATED, OUT_OF_POCKET),
    kinds=(UNTREATED_ILLNESS, MEDICAL_SETTLEMENT),
    rules=(
        UNTREATED_RULE,
        OUT_OF_POCKET_RULE,
    ),
    question=Question(
        title="看病",
        text="家里有没有人得了大病、慢性病？有没有因为没钱没去看、断了药的？这一年报销以后自己还花了多少？",
        options=(
            Option(
                "medical.untreated",
                "没钱，没去治 / 治了一半停了 / 药断了",
                UNTREATED.code,
                asks=(person_ask("谁"), Ask("illness", "什么病")),
            ),
            Option(
                "medical.out_of_pocket",
                "报销完自己还花了很多",
                OUT_OF_POCKET.code,
                asks=(person_ask("谁"), Ask("amount", "花了大约", "amount", SPENT), SCHEME),
            ),
            Option(
                "medical.borrowed",
                "现在能治，但钱是借的",
                OUT_OF_POCKET.code,
                asks=(person_ask("谁"), money_ask("借了大约"), SCHEME),
            ),
        ),
    ),
)
