"""The questionnaire of the door as the criteria declare it: its answers are checked when an entry comes in,
and put into words for the pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from fangpin.common import cells
from fangpin.common.cells import CellFault
from fangpin.common.refusals import Refused, about
from fangpin.common.values.money import yuan
from households.models import Member
from screening import criteria
from screening.criteria.base import WHOLE_HAMLET, Ask, Criterion, Option
from screening.models import Answer, Bear, EntryRisk, FieldEntry

YES, NO, UNCLEAR = "yes", "no", "unclear"
ANSWERS = {NO: "没有", YES: "有", UNCLEAR: "说不清"}
MOST_WORDS = 300


@dataclass
class CheckedAnswers:
    """What was answered at a door, checked: `answers` (criterion → yes, no, unclear), the boxes ticked as
    risks that are not saved yet, and `extras` (criterion → what was asked of the question as a whole)."""

    answers: dict[str, str] = field(default_factory=dict)
    risks: list[EntryRisk] = field(default_factory=list)
    extras: dict[str, dict] = field(default_factory=dict)

    @property
    def nothing_found(self) -> bool:
        return bool(self.answers) and set(self.answers.values()) == {NO}

    @property
    def situations(self) -> list[str]:
        """Codes that it raises: true, and the household can't bear it (both halves of Art. 7(1))."""
        raised = {risk.subcriterion for risk in self.risks if risk.answer == Answer.CANNOT_BEAR}
        return [code for code in criteria.subcriteria() if code in raised]


def asked() -> list[Criterion]:
    """The criteria in the order in which they are asked."""
    return [criterion for criterion in criteria.CRITERIA if criterion.question]


@cache
def options() -> dict[str, Option]:
    return {option.code: option for criterion in asked() for option in criterion.question.options}


def read(payload: Mapping[str, Any], members: Mapping[int, Member]) -> CheckedAnswers:
    """The answers of a payload: `answers` (criterion → yes, no, unclear), `options` (code → bear, words and
    what was asked further) and `extras` (criterion → what was asked beside). Boxes count only where the
    question is answered with 有. Raises Refused with what is missing."""
    checked, answers = CheckedAnswers(), _mapping(payload.get("answers"))
    ticked, beside = _mapping(payload.get("options")), _mapping(payload.get("extras"))
    if set(answers) - {criterion.code for criterion in asked()} or set(ticked) - set(options()):
        raise Refused("问卷已经更新，请刷新页面后再填。")
    for criterion in asked():
        given = answers.get(criterion.code)
        if given is None:
            continue
        if not isinstance(given, str) or given not in ANSWERS:
            raise Refused(f"“{criterion.question.title}”这一项请选：没有、有、说不清。")
        checked.answers[criterion.code] = given
        if given == YES:
            with about(criterion.code):
                checked.risks += _ticked(criterion, ticked, members)
                extras = _extras(criterion, _mapping(beside.get(criterion.code)))
            if extras:
                checked.extras[criterion.code] = extras
        elif given == UNCLEAR:
            checked.risks.append(EntryRisk(option=criterion.code, answer=Answer.UNCLEAR))
    if not checked.answers:
        raise Refused("六个方面还没有填。问过都没有的，请勾选“以上都没有（未发现风险）”。")
    return checked


def _mapping(given: Any) -> Mapping:
    return given if isinstance(given, Mapping) else {}


def _ticked(criterion: Criterion, given: Mapping, members: Mapping[int, Member]) -> list[EntryRisk]:
    ticked = [option for option in criterion.question.options if option.code in given]
    if not ticked:
        raise Refused(f"“{criterion.question.title}”选了“有”，请再勾选是哪一种情况。")
    return [_risk(option, _mapping(given[option.code]), members) for option in ticked]


def _risk(option: Option, given: Mapping[str, Any], members: Mapping[int, Member]) -> EntryRisk:
    if given.get("bear") not in Bear.values:
        raise Refused(f"“{option.words}”：请选家里自己扛得住吗。")
    details, member, amount = {}, None, None
    for ask in option.asks:
        value = given.get(ask.code)
        if value in (None, "", False):
            if ask.decides:
                raise Refused(f"“{option.words}”：请选“{ask.label}”。")
        elif ask.kind == "person" and members:
            member = members.get(_whole(value, ask))
            if member is None:
                raise Refused(f"“{option.words}”：选的人不在这一户，请重新选。")
            details[ask.code] = member.name
        else:
            details[ask.code] = _value(ask, value)
            if ask.code == "amount":
                amount = _amount(ask, details[ask.code])
    return EntryRisk(
        option=option.code,
        subcriterion=option.situation(details),
        answer=Bear(given["bear"]).answer,
        bear=given["bear"],
        amount=amount,
        member=member,
        details=details,
        words=line(given.get("words")),
    )


def _extras(criterion: Criterion, given: Mapping[str, Any]) -> dict:
    return {
        ask.code: _value(ask, given[ask.code])
        for ask in criterion.question.asks
        if given.get(ask.code) not in (None, "", False)
    }


def _value(ask: Ask, value: Any) -> Any:
    if ask.choices:
        if not isinstance(value, str) or ask.choice(value) is None:
            raise Refused(f"“{ask.label}”请选一个列出的答案。")
        return value
    if ask.kind == "tick":
        return True
    if ask.kind in ("amount", "whole"):
        return _whole(value, ask)
    return line(value)


def _whole(value: Any, ask: Ask) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise Refused(f"“{ask.label}”请填数字。") from None
    if not 0 <= number <= cells.MAX_FEN:
        raise Refused(f"“{ask.label}”的数字不对，请核对。")
    return number


def _amount(ask: Ask, value: Any) -> int | None:
    return ask.choice(value).amount if ask.choices else value


def line(value: Any) -> str:
    """One line of words; control characters are refused, as in every file."""
    try:
        words = cells.text(value or "")
    except CellFault as fault:
        raise Refused(f"说明{fault.message}") from None
    if len(words) > MOST_WORDS:
        raise Refused(f"说明超过 {MOST_WORDS} 个字，请写短一点。")
    return words


# ---- In words ----
def option_words(risk: EntryRisk) -> str:
    """房子坏了、成危房，没钱修（怎么坏的：洪水、滑坡、大风、火灾等）: the box with what was asked further."""
    option = options().get(risk.option)
    if option is None:
        return _unlisted(risk)
    asks = [words for ask in option.asks if (words := _ask_words(ask, risk.details.get(ask.code)))]
    if risk.words:
        asks.append(risk.words)
    return f"{option.words}（{'，'.join(asks)}）" if asks else option.words


def _unlisted(risk: EntryRisk) -> str:
    """An unclear question, or a box that the questionnaire had once."""
    named = next((criterion for criterion in asked() if criterion.code == risk.option), None)
    if named:
        return named.question.title
    subject = criteria.subcriteria().get(risk.subcriterion)
    return subject.tag if subject else "其他情况"


def _ask_words(ask: Ask, value: Any) -> str:
    if value in (None, ""):
        return ""
    if ask.kind == "tick":
        return ask.label
    if ask.choices:
        choice = ask.choice(value)
        return f"{ask.label}：{choice.label}" if choice else ""
    if ask.kind == "amount":
        return f"{ask.label} {yuan(value)} 元"
    return str(value) if ask.kind == "person" else f"{ask.label}：{value}"


def bear_words(risk: EntryRisk) -> str:
    if risk.answer == Answer.UNCLEAR:
        return "说不清"
    if risk.bear == Bear.CANNOT or (not risk.bear and risk.answer == Answer.CANNOT_BEAR):
        return "家里扛不住"
    return Bear(risk.bear).label if risk.bear else risk.get_answer_display()


def remark(risk: EntryRisk) -> str:
    """Why a ticked box is only noted; "" where it may raise a situation."""
    option = options().get(risk.option)
    return option.remark(risk.details) if option else ""


def extras_words(criterion: Criterion, extras: Mapping[str, Any]) -> str:
    answers = [_ask_words(ask, extras.get(ask.code)) for ask in criterion.question.asks]
    return "，".join(words for words in answers if words)


@dataclass(frozen=True)
class RiskRow:
    """A ticked box for a page: what it says, whether the household can bear it, and why it is only noted ("",
    where it may raise a situation)."""

    risk: EntryRisk
    sentence: str
    bear_words: str
    remark: str


@dataclass(frozen=True)
class Line:
    """What one question was answered with, for a page."""

    title: str
    answer: str
    code: str
    risks: list[RiskRow] = field(default_factory=list)
    extras: str = ""


def lines(entry: FieldEntry) -> list[Line]:
    """Every question with its answer, 没问到 where nobody asked; needs `risks` prefetched."""
    rows = []
    for criterion in asked():
        given = entry.answers.get(criterion.code, "")
        risks = [
            RiskRow(risk, option_words(risk), bear_words(risk), remark(risk))
            for risk in entry.risks.all()
            if risk.option.split(".")[0] == criterion.code and risk.option in options()
        ]
        extras = extras_words(criterion, entry.extras.get(criterion.code, {}))
        rows.append(Line(criterion.question.title, ANSWERS.get(given, "没问到"), given, risks, extras))
    return rows


def summary(entry: FieldEntry) -> str:
    """房子坏了、成危房，没钱修，家里扛不住；看病说不清: all that was ticked, in one line."""
    if entry.nothing_found:
        return "未发现风险"
    return "；".join(f"{option_words(risk)}，{bear_words(risk)}" for risk in ordered(entry.risks.all()))


def ordered(risks: Iterable[EntryRisk]) -> list[EntryRisk]:
    """In the order of the questionnaire."""
    places = {code: place for place, code in enumerate(options())}
    return sorted(risks, key=lambda risk: (places.get(risk.option, len(places)), risk.option))


def is_whole_hamlet(extras: Mapping[str, Mapping]) -> list[str]:
    """Criteria of which it was said that the whole hamlet is so."""
    return [code for code, asks in extras.items() if asks.get(WHOLE_HAMLET)]
