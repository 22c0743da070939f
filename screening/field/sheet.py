"""The questionnaire on pages and paper: its six questions as fields, drawn from the criteria."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any

from fangpin.common import cells
from fangpin.common.cells import CellFault
from fangpin.common.refusals import Refused, about
from screening.criteria import questionnaire
from screening.criteria.base import Ask, Option
from screening.models import Bear


@dataclass
class ShownAsk:
    """One thing asked further, with the name of its field and what was typed."""

    ask: Ask
    name: str
    value: str = ""

    @property
    def kind(self) -> str:
        return "choice" if self.ask.choices else self.ask.kind

    @property
    def columns(self) -> str:
        """How many fit beside each other on a phone."""
        if any(len(choice.label) > 7 for choice in self.ask.choices):
            return "choices-1"
        return "choices-3" if len(self.ask.choices) == 3 else ""


@dataclass
class ShownOption:
    option: Option
    name: str
    ticked: bool = False
    bear: str = ""
    words: str = ""
    asks: list[ShownAsk] = field(default_factory=list)
    letter: str = ""  # its letter on paper and on the page of typing; A again for each question


@dataclass
class ShownQuestion:
    number: int
    code: str
    title: str
    text: str
    given: str = ""
    options: list[ShownOption] = field(default_factory=list)
    asks: list[ShownAsk] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"q-{self.code}"


class Sheet:
    """The six questions as fields of a page: `questions` to draw, `payload` what was answered."""

    answers = questionnaire.ANSWERS
    bears = Bear.choices

    def __init__(self, data: Mapping[str, str] | None = None):
        self.data = data or {}
        self.questions = [
            self._question(number, criterion)
            for number, criterion in enumerate(questionnaire.asked(), start=1)
        ]

    def payload(self) -> dict[str, Any]:
        """For `questionnaire.read`; amounts in fen. Raises Refused where an amount is none."""
        payload: dict[str, Any] = {"answers": {}, "options": {}, "extras": {}}
        nothing = bool(self.data.get("nothing_found"))
        for question in self.questions:
            given = question.given or ("no" if nothing else "")
            if not given:
                continue
            payload["answers"][question.code] = given
            with about(question.code):
                if nothing and given != "no":
                    raise Refused("勾选了“以上都没有”，但上面有一项不是“没有”。请核对后改一处。")
                if given == "yes":
                    self._opened(question, payload)
        return payload

    def _opened(self, question: ShownQuestion, payload: dict[str, Any]) -> None:
        """What was filled in under a question that is answered with 有."""
        for shown in question.options:
            if shown.ticked:
                asked = {ask.ask.code: _sent(ask) for ask in shown.asks if ask.value}
                payload["options"][shown.option.code] = asked | {"bear": shown.bear, "words": shown.words}
        if beside := {ask.ask.code: _sent(ask) for ask in question.asks if ask.value}:
            payload["extras"][question.code] = beside

    def _question(self, number: int, criterion) -> ShownQuestion:
        question = criterion.question
        return ShownQuestion(
            number,
            criterion.code,
            question.title,
            question.text,
            self._text(f"q-{criterion.code}"),
            [
                self._option(option, letter)
                for option, letter in zip(question.options, ascii_uppercase, strict=False)
            ],
            [self._ask(ask, f"x-{criterion.code}") for ask in question.asks],
        )

    def _option(self, option: Option, letter: str) -> ShownOption:
        name = f"o-{option.code}"
        return ShownOption(
            option,
            name,
            bool(self._text(name)),
            self._text(f"{name}-bear"),
            self._text(f"{name}-words"),
            [self._ask(ask, name) for ask in option.asks],
            letter,
        )

    def _ask(self, ask: Ask, prefix: str) -> ShownAsk:
        name = f"{prefix}-{ask.code}"
        return ShownAsk(ask, name, self._text(name))

    def _text(self, name: str) -> str:
        return str(self.data.get(name, "")).strip()


def _sent(shown: ShownAsk) -> Any:
    """What was typed, as a payload has it."""
    if shown.kind == "tick":
        return True
    if shown.kind == "amount":
        return _fen(shown.value, shown.ask.label)
    return shown.value


def _fen(text: str, label: str) -> int:
    try:
        return cells.fen(text)
    except CellFault as fault:
        raise Refused(f"“{label}”：{fault.message}") from None
