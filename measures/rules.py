"""Who may get what, and up to how much (Art. 5, 6, 8). Pure functions of plain values: nothing of Django,
money in fen.

Only what the regulation's text forbids is refused. What a general policy forbids is a warning; whoever goes
on gives a reason."""

import datetime
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from fangpin.common.values.dates import months_after
from fangpin.common.values.money import yuan

LIFTED, MONITORED, MARGINAL = "lifted", "monitored", "marginal"
FORBIDDEN = "forbidden"
SPECIAL_RELIEF = "special_relief"
# Art. 8(2)1: special relief answers these criteria alone; each is measured by what a lifted household gets
# from these types.
COMPARATORS = {
    "education": ("yulu", "two_exempt_one_subsidy", "school_aid"),
    "medical": ("medical_aid",),
    "housing": ("housing_renovation",),
}
AREAS = {"education": "教育", "medical": "医疗", "housing": "住房"}
KINDS = {LIFTED: "脱贫户", MONITORED: "脱贫监测户", MARGINAL: "边缘户"}


def kind_of(status: str, has_open_case: bool) -> str | None:
    """As what a household gets measures: it follows from registry status and case (Art. 2). None: by other
    rules."""
    if status == "lifted":
        return MONITORED if has_open_case else LIFTED
    return MARGINAL if status == "ordinary" and has_open_case else None


def why_no_kind(status: str) -> str:
    if status == "registered":
        return "这户是建档立卡未脱贫户，按未脱贫户的扶贫政策帮扶，不在本办法登记举措"
    return "这户是一般农户，还没有认定为边缘户，不能登记举措；有困难的请先在季度排查中上报"


@dataclass(frozen=True)
class Type:
    """What the rules need of a measure type as it holds in a county."""

    code: str
    name: str
    article: str
    form: str
    period: str
    eligibility: str  # for the kind in question
    cap: int | None
    is_text_cap: bool  # the regulation names it
    most_months: int | None
    needs: str
    is_two_years: bool
    subcriteria: Sequence[str]


@dataclass(frozen=True)
class Standard:
    """What a lifted household gets from a type: an amount for a year or a term, or a rate of its own bill in
    1/10,000."""

    name: str
    kind: str  # fixed | term | rate
    amount: int = 0
    period: str = "year"  # over what it is added up: year | once | term | rate (one bill)


@dataclass(frozen=True)
class Facts:
    """One measure that somebody wants, and the household it is for."""

    kind: str
    type: Type
    day: datetime.date
    amount: int | None = None
    lifted_year: int | None = None
    risks: Sequence[str] = ()  # codes of the open situations of Art. 7(1)
    risk: str = ""  # the one it answers, where it comes by an order
    used: int = 0  # what counts already against the type's cap in its period
    users: str = ""  # who used it, in words
    months: int | None = None
    monthly_pay: int | None = None
    has_member: bool = False
    term: str = ""
    universal: str = ""
    why_short: str = ""
    bill: int | None = None
    bill_number: str = ""
    standards: Sequence[Standard] = ()  # of the matching types, those that the county has set
    own_standard: int | None = None  # the county's own standard of special relief
    has_needed: bool = True
    needed_name: str = ""
    duplicates: Sequence[str] = ()  # who else has the same, in words
    two_years: int = 24
    is_answering: bool = True


@dataclass(frozen=True)
class Ceiling:
    """The most that a marginal household may get (Art. 8(2)1), and over what it is added up."""

    amount: int
    period: str
    words: str


@dataclass
class Judgement:
    refusals: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    ceiling: Ceiling | None = None


def judge(facts: Facts) -> Judgement:
    """Refusals, warnings and the marginal household's ceiling of one measure."""
    judgement = Judgement()
    if facts.type.eligibility == FORBIDDEN:
        judgement.refusals.append(_forbidden(facts))
        return judgement
    judgement.refusals += missing(facts)
    if facts.type.code == SPECIAL_RELIEF:
        _special_relief(facts, judgement)
    elif facts.type.is_text_cap:
        judgement.refusals += over_text_cap(facts)
    judgement.refusals += over_months(facts)
    if _is_county_cap(facts) and binds_marginal(facts.kind, facts.type.article):
        judgement.refusals += [
            f"{words}，边缘户不高于脱贫户（第八条（二）2）" for words in over_county_cap(facts)
        ]
    _pay(facts, judgement)
    judgement.warnings += warnings(facts)
    return judgement


def _forbidden(facts: Facts) -> str:
    name, kind = facts.type.name, KINDS[facts.kind]
    if facts.type.code == SPECIAL_RELIEF:
        return f"特殊救助只给边缘户，{kind}请用普惠政策和扶贫政策（第八条（二）1）"
    if facts.type.code == "subsistence_raise":
        return f"低保提高一档或按A档发放只给脱贫监测户，{kind}可以享受低保（第八条（一）1）"
    return f"{name}不给{kind}（第八条）"


def missing(facts: Facts) -> list[str]:
    """What has to be filled in for a measure of this form."""
    needed = (
        "请填金额" * (facts.type.form in ("money", "loan") and not facts.amount),
        "请填贷款期限（月）"
        * (facts.type.form == "loan" and facts.type.most_months is not None and not facts.months),
        "请填月报酬" * (facts.type.form == "post" and not facts.monthly_pay),
        "请选受益人" * (facts.type.period in ("term", "month") and not facts.has_member),
        "请填学期或月份" * (facts.type.period == "term" and not facts.term),
    )
    return [words for words in needed if words]


def over_text_cap(facts: Facts) -> list[str]:
    """Art. 5: 不超过 includes the figure itself."""
    if facts.type.cap is None or facts.amount is None or facts.used + facts.amount <= facts.type.cap:
        return []
    return [f"{facts.type.name}上限 {yuan(facts.type.cap)} 元，{_used(facts, facts.type.cap)}（第五条）"]


def _used(facts: Facts, limit: int) -> str:
    """How much is used, by whom, and what is left."""
    who = f"（{facts.users}）" if facts.users else ""
    return f"已用 {yuan(facts.used)} 元{who}，还可用 {yuan(max(0, limit - facts.used))} 元"


def over_months(facts: Facts) -> list[str]:
    """Art. 5: 3 年期（含）以内."""
    most = facts.type.most_months
    if most is None or facts.months is None or facts.months <= most:
        return []
    return [f"{facts.type.name}期限不超过 {most} 个月，填的是 {facts.months} 个月（第五条）"]


def binds_marginal(kind: str, article: str) -> bool:
    """Art. 8(2)2: what Art. 5 and 6 give a lifted household is the most for a marginal one."""
    return kind == MARGINAL and article in ("Art. 5", "Art. 6")


def _is_county_cap(facts: Facts) -> bool:
    """A standard that the text does not name; of posts the pay is compared instead."""
    return facts.type.code != SPECIAL_RELIEF and not facts.type.is_text_cap and facts.type.form != "post"


def _pay(facts: Facts, judgement: Judgement) -> None:
    """Art. 8(2)2: the industry and employment help of marginal households is not above that of the lifted."""
    pay = facts.monthly_pay or 0
    if facts.type.form != "post" or facts.type.cap is None or pay <= facts.type.cap:
        return
    words = f"月报酬 {yuan(pay)} 元，高于本县脱贫户的标准 {yuan(facts.type.cap)} 元"
    if facts.kind == MARGINAL:
        judgement.refusals.append(f"{words}（第八条（二）2）")
    else:
        judgement.warnings.append(words)


# ---- Special relief (Art. 8(2)1) ----
def area_of(risk: str) -> str:
    """education.hardship → education; "" where special relief does not answer it."""
    area = risk.split(".")[0]
    return area if area in COMPARATORS else ""


def relief_area(risk: str, risks: Sequence[str]) -> str:
    """The criterion that special relief answers: of the risk that it is for, or else of the household's first
    that fits."""
    if risk:
        return area_of(risk)
    return next((area for each in risks if (area := area_of(each))), "")


def _special_relief(facts: Facts, judgement: Judgement) -> None:
    area = relief_area(facts.risk, facts.risks)
    if not area:
        judgement.refusals.append(
            "特殊救助只解决教育、医疗、住房风险，这户没有这三方面属实的风险（第八条（二）1）"
        )
        return
    if not facts.universal.strip():
        judgement.refusals.append("请写明已用的普惠政策（第八条（二）1）")
    if not facts.why_short.strip():
        judgement.refusals.append("请写明普惠政策为什么仍不能解决（第八条（二）1）")
    judgement.ceiling = ceiling(facts.standards, facts.bill, facts.bill_number, facts.own_standard)
    if judgement.ceiling is None:
        judgement.refusals.append(_no_ceiling(area, facts))
        return
    if judgement.ceiling.period == "term" and not (facts.term and facts.has_member):
        judgement.refusals.append("上限按每人每学期计算，请选受益人并填学期，如 2020春（第八条（二）1）")
    most = judgement.ceiling
    if facts.amount is None or facts.used + facts.amount <= most.amount:
        return
    judgement.refusals.append(
        f"特殊救助（{AREAS[area]}）最多 {yuan(most.amount)} 元（{most.words}），"
        f"{_used(facts, most.amount)}（第八条（二）1）"
    )


def _no_ceiling(area: str, facts: Facts) -> str:
    if any(standard.kind == "rate" for standard in facts.standards):
        return "请填自付费用和票据号，才能按脱贫户的比例算出上限（第八条（二）1）"
    return (
        f"本县还没有公布{AREAS[area]}方面脱贫户对应政策的标准，请县办公室先在举措目录中公布（第八条（二）1）"
    )


def ceiling(
    standards: Sequence[Standard], bill: int | None, bill_number: str, own: int | None
) -> Ceiling | None:
    """The best that a lifted household gets from the matching types, and never more than the county's own
    standard; None where none is known. A rate wants the bill and its number, so that no bill counts twice."""
    known = []
    for standard in standards:
        is_rate = standard.kind == "rate"
        if is_rate and not (bill and bill_number):
            continue
        amount = standard.amount * (bill or 0) // 10_000 if is_rate else standard.amount
        known.append(Ceiling(amount, standard.period, _standard_words(standard, bill)))
    if not known:
        return None
    best = max(known, key=lambda each: each.amount)
    if own is not None and own < best.amount:
        return Ceiling(own, best.period, f"本县特殊救助标准；{best.words}")
    return best


def _standard_words(standard: Standard, bill: int | None) -> str:
    if standard.kind == "rate":
        percent = f"{standard.amount / 100:g}%"
        return f"脱贫户{standard.name}为自付费用 {yuan(bill or 0)} 元的 {percent}"
    return f"脱贫户{standard.name}{'每学期' if standard.kind == 'term' else ''} {yuan(standard.amount)} 元"


# ---- Warnings: the text does not forbid it ----
def warnings(facts: Facts) -> list[str]:
    """What a general policy says otherwise, or what looks like a slip."""
    sentences = []
    if not within_two_years(facts):
        sentences.append(f"已过脱贫后2年扶持期，{facts.type.name}只能按一般政策享受（第八条（一）2）")
    if facts.type.needs and not facts.has_needed:
        sentences.append(f"还没有登记{facts.needed_name}，{facts.type.name}须先享受{facts.needed_name}")
    if _is_county_cap(facts) and not binds_marginal(facts.kind, facts.type.article):
        sentences += over_county_cap(facts)
    sentences += [f"可能重复：{words}" for words in facts.duplicates]
    if facts.risks and not facts.is_answering:
        sentences.append(f"{facts.type.name}一般不用于这户现有的风险，请核对")
    return sentences


def within_two_years(facts: Facts) -> bool:
    """The two-year limit after lifting binds a lifted household without a case, for the types of Art. 8(1)2
    alone; never Art. 5 and 6. The text lifts it for monitored households without saying what holds after it
    for the others: so it is no refusal."""
    if facts.kind != LIFTED or not facts.type.is_two_years or facts.lifted_year is None:
        return True
    return facts.day <= months_after(datetime.date(facts.lifted_year, 12, 31), facts.two_years)


def over_county_cap(facts: Facts) -> list[str]:
    if facts.type.cap is None or facts.amount is None or facts.used + facts.amount <= facts.type.cap:
        return []
    used = f"，已有 {yuan(facts.used)} 元" if facts.used else ""
    return [f"{facts.type.name}超过本县标准 {yuan(facts.type.cap)} 元{used}"]


_TERM = re.compile(r"(20\d\d)\s*年?\s*(春|秋)(?:季学期|学期|季)?")


def plain_term(text: str) -> str:
    """The same term is the same word, however it is typed: 2020年春季学期 is 2020春; months and others stay
    as typed."""
    plain = unicodedata.normalize("NFKC", text).strip()
    match = _TERM.fullmatch(plain)
    return f"{match[1]}{match[2]}" if match else plain


def plain_number(text: str) -> str:
    """A bill's number without what typing adds."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())
