"""The list of those who receive social assistance. No rule reads it: it is shown with the household and set
against measures. It belongs to no criterion, so it has a file of its own; `other` declares it with its
lists."""

from fangpin.common import cells
from fangpin.common.workbooks import Column
from screening.criteria.base import Cell, FeedKind, Figures
from screening.criteria.parsing import one_of
from screening.criteria.person import PERSON, person_cells

DIBAO, TEKUN, TEMPORARY = "低保", "特困", "临时救助"


def assistance_figures(benefit: str, since, amount: int) -> Figures:
    """`word` is the kind of assistance, `on_date` its first day, `amount` a month's standard or, of temporary
    relief, the sum that was paid."""
    return Figures(on_date=since, amount=amount, word=benefit)


ASSISTANCE = FeedKind(
    code="assistance",
    label="社会救助待遇名单",
    short="民政待遇名单",
    departments=("civil",),
    cells=(
        *person_cells(
            "户主姓名",
            "申请人姓名",
            "保障对象姓名",
            "人员姓名",
            numbers=("户主身份证号码", "户主身份证号", "申请人身份证号码"),
        ),
        Cell(
            "benefit",
            Column(
                "待遇类型",
                required=True,
                choices=(DIBAO, TEKUN, TEMPORARY),
                synonyms=("待遇类别", "救助类型", "救助类别", "保障类型", "保障类别"),
            ),
            one_of(
                {
                    DIBAO: DIBAO,
                    TEKUN: TEKUN,
                    TEMPORARY: TEMPORARY,
                    "农村低保": DIBAO,
                    "城市低保": DIBAO,
                    "城乡低保": DIBAO,
                    "最低生活保障": DIBAO,
                    "农村最低生活保障": DIBAO,
                    "特困供养": TEKUN,
                    "特困人员": TEKUN,
                    "特困人员供养": TEKUN,
                    "特困人员救助供养": TEKUN,
                    "五保": TEKUN,
                    "临时救济": TEMPORARY,
                },
                named=(DIBAO, TEKUN, TEMPORARY),
            ),
        ),
        Cell(
            "since",
            Column(
                "起始日期",
                required=True,
                kind="date",
                synonyms=(
                    "起始保障年月",
                    "起始时间",
                    "保障起始日期",
                    "享受起始日期",
                    "享受起始时间",
                    "救助日期",
                    "救助时间",
                ),
                stand_ins=("批准日期", "审批日期"),
            ),
            cells.day,
        ),
        Cell(
            "amount",
            Column(
                "月标准或金额",
                required=True,
                kind="amount",
                synonyms=(
                    "月标准",
                    "月保障标准",
                    "月保障金额",
                    "月供养金",
                    "家庭补差",
                    "月补差金额",
                    "救助金额",
                ),
                stand_ins=("金额",),
            ),
            cells.fen,
            0,
        ),
    ),
    identity=PERSON,
    figures=assistance_figures,
    notes=(
        "一人一项待遇一行，填正在享受的待遇；按户发放的低保填户主。不产生风险线索，供帮扶时对照。",
        "低保、特困填月标准，临时救助填救助金额和救助日期。",
    ),
)
