"""Pure rules of Art. 10 and 11: which money is for whom, which numbers can be an account. No database."""

import unicodedata

from stdnum import luhn

# Steps of the county's own chain (R2) that are acts of this system; any other is recorded from paper.
OFFICE_STEP, FINANCE_STEP, FILING_STEP = "扶贫部门审定", "财政部门审定", "领导小组备案"
MARGINAL_STEPS = [OFFICE_STEP, FINANCE_STEP, FILING_STEP]


def money_for(source_kind: str, kind: str) -> str:
    """Why money of this kind can't go to this kind of household; "" where it can. Poverty-alleviation funds
    are for lifted and monitored households (Art. 10), the prevention money of Art. 11 for marginal ones; a
    donation goes where its donor says."""
    if source_kind == "poverty" and kind == "marginal":
        return "扶贫资金不能用于边缘户（第十条）"
    if source_kind == "fiscal" and kind != "marginal":
        return "边缘户防贫财政资金只用于边缘户（第十一条）"
    return ""


def route_of(source_kind: str, kind: str) -> str:
    """The way that money takes: R1 for marginal households (Art. 11), R2 for the others (Art. 10)."""
    return "R1" if kind == "marginal" or source_kind == "fiscal" else "R2"


def allowed(types: list[str], kinds: list[str], code: str, kind: str) -> str:
    """Why the document or the donor does not allow it; "" where he does. An empty list allows all."""
    if types and code not in types:
        return "不在这笔资金限用的举措之内"
    if kinds and kind not in kinds:
        return "不在这笔资金限用的对象之内"
    return ""


def outside_steps(steps: list[str]) -> list[str]:
    """Steps that happen on paper alone."""
    return [step for step in steps if step not in (OFFICE_STEP, FINANCE_STEP, FILING_STEP)]


def plain_number(text: str) -> str:
    """An account number without blanks and dashes, digits in their plain form."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in folded if sign not in " -　\t")


def account_fault(number: str) -> str:
    """What is wrong with an account number of 8 to 30 digits; a card (16 or 19 digits, beginning with 62) has
    a check digit (ISO/IEC 7812). "" where nothing is."""
    if not number.isascii() or not number.isdigit():
        return "账号只能是数字，请对照存折或卡面改正"
    if not 8 <= len(number) <= 30:
        return f"账号应为 8 至 30 位数字，读到 {len(number)} 位，请对照存折或卡面改正"
    if number.startswith("62") and len(number) in (16, 19) and not luhn.is_valid(number):
        return "卡号的校验位不对，多半抄错了一位，请对照卡面改正"
    return ""


def masked(number: str | None) -> str:
    """6217****1234; of a short number the last four digits alone."""
    if not number:
        return ""
    head = number[:4] if len(number) >= 12 else ""
    return f"{head}****{number[-4:]}"


_DIGITS, _UNITS, _GROUPS = "零壹贰叁肆伍陆柒捌玖", ("", "拾", "佰", "仟"), ("", "万", "亿", "万亿")


def in_capitals(fen: int) -> str:
    """An amount as papers write it: 43200.50 → 肆万叁仟贰佰元伍角整."""
    whole, cents = divmod(fen, 100)
    jiao, odd = divmod(cents, 10)
    words = f"{_whole(whole)}元" if whole else ""
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif odd and whole:
        words += "零"
    if odd:
        return f"{words}{_DIGITS[odd]}分"
    return f"{words or '零元'}整"


def _whole(number: int) -> str:
    parts, place = [], 0
    while number:
        number, group = divmod(number, 10_000)
        words = _group(group)
        if words:
            # A group that does not fill its thousands leaves a gap, which is read.
            gap = "零" if number and group < 1000 else ""
            parts.append(gap + words + _GROUPS[place])
        elif parts and not parts[-1].startswith("零"):
            parts[-1] = "零" + parts[-1]
        place += 1
    return "".join(reversed(parts))


def _group(group: int) -> str:
    words, gap = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if digit:
            words += ("零" if gap and words else "") + _DIGITS[digit] + _UNITS[place]
            gap = False
        else:
            gap = True
    return words
