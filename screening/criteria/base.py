"""What a criterion's file declares. The engine (feeds, sweep) knows these shapes and no criterion by name."""

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Aggregate, Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import ExtractDay, ExtractMonth, ExtractYear, JSONObject

from fangpin.common.database import JsonList
from fangpin.common.workbooks import Column
from fangpin.policy.services import PolicySet
from households.models import Household
from screening.models import FeedRow, Round
from screening.quarters import window


@dataclass(frozen=True)
class Subcriterion:
    """One of the situations of Art. 7(1). `tag` is the short word on a list, `department` the code of the one
    that helps by default."""

    code: str
    label: str
    tag: str
    article: str  # "Art. 7(1)2"
    clause: str  # "第七条（一）2"
    department: str
    measures: tuple[str, ...] = ()
    register_word: str = "其他"  # what the national register's column of risks calls it


@dataclass(frozen=True)
class Choice:
    """One answer of several. `raises` is False where it makes a ticked option a note instead of a situation;
    `note` then says why, in the words of the page. `amount` in fen for a step of money."""

    code: str
    label: str
    raises: bool = True
    note: str = ""
    amount: int | None = None


@dataclass(frozen=True)
class Ask:
    """What is asked further: a choice, an amount of money (in steps or as a figure), a person of the
    household, a whole number, a tick or a line of words. One with `decides` has to be answered: a situation
    hangs on it."""

    code: str
    label: str
    kind: str = "text"  # text, choice, amount, person, whole, tick
    choices: tuple[Choice, ...] = ()
    decides: bool = False

    def choice(self, code: str) -> Choice | None:
        return next((choice for choice in self.choices if choice.code == code), None)


@dataclass(frozen=True)
class Option:
    """A box under a question. Ticked, and with a household that can't bear it, it raises `subcriterion`; one
    without a subcriterion is noted only. `hint` is shown beside "扛不住" where that has a meaning of its
    own."""

    code: str  # "housing.damaged"
    words: str
    subcriterion: str = ""
    asks: tuple[Ask, ...] = ()
    note: str = ""
    hint: str = ""

    def ask(self, code: str) -> Ask | None:
        return next((ask for ask in self.asks if ask.code == code), None)

    def chosen(self, details: Mapping[str, Any]) -> list[Choice]:
        """The choices among the answers in `details` (code of the ask → answer)."""
        chosen = (ask.choice(details[ask.code]) for ask in self.asks if ask.choices and ask.code in details)
        return [choice for choice in chosen if choice is not None]

    def situation(self, details: Mapping[str, Any]) -> str:
        """Code of the situation that it raises with these details; "" where it is only noted (Art. 7(1))."""
        return self.subcriterion if all(choice.raises for choice in self.chosen(details)) else ""

    def remark(self, details: Mapping[str, Any]) -> str:
        """Why it is only noted, where it is."""
        if self.situation(details):
            return ""
        return next((choice.note for choice in self.chosen(details) if choice.note), self.note)


@dataclass(frozen=True)
class Question:
    """What a cadre asks at the door, in a villager's words: read aloud, answered 没有, 有 or 说不清. `asks`
    are of the question as a whole."""

    text: str
    title: str  # 上学
    options: tuple[Option, ...]
    asks: tuple[Ask, ...] = ()


# A tick under a question that is true of the whole hamlet: it makes one note of the hamlet, not an entry a
# household.
WHOLE_HAMLET = "whole_hamlet"


def money_ask(label: str, code: str = "amount") -> Ask:
    return Ask(code, label, "amount")


def person_ask(label: str) -> Ask:
    return Ask("who", label, "person")


@dataclass(frozen=True)
class Cell:
    """A column of a list, its parser and what a bad value does: refuse the row, or drop the value with a
    word."""

    name: str
    column: Column
    parse: Callable[[Any], Any]
    default: Any = None
    on_fault: str = "refuse"


@dataclass(frozen=True)
class Identity:
    """Which cells say who the row is about: the ID, or else name, birth month and village or head. Where
    `is_place`, the rows are about a place: without an ID the name of a head finds his household, and without
    both a row is about everybody of the hamlet or village."""

    id_number: str
    name: str = ""
    birth_month: str = ""
    head_name: str = ""
    township: str = ""
    village: str = ""
    hamlet: str = ""
    is_place: bool = False
    by_day: bool = False  # matched with who was a member on the row's day, removed since or not


class Figures(NamedTuple):
    """What a row comes to; amounts in fen. `reason` says why it does not qualify, or how
    things are with a row that does; `word` is what a rule's sentence says of it."""

    on_date: datetime.date | None = None
    until_date: datetime.date | None = None
    amount: int | None = None
    months: int | None = None
    qualifies: bool = True
    reason: str = ""
    word: str = ""


@dataclass(frozen=True)
class FeedKind:
    """A kind of list. `figures` is a pure function whose parameters are names of cells."""

    code: str
    label: str  # 义务教育辍学学生名单
    short: str  # 教育名单, as a sentence names it
    departments: tuple[str, ...]
    cells: tuple[Cell, ...]
    identity: Identity
    figures: Callable[..., Figures]
    notes: tuple[str, ...] = ()

    @property
    def columns(self) -> list[Column]:
        return [cell.column for cell in self.cells]


@dataclass(frozen=True)
class Finding:
    """What a rule says of one household, for its sentence."""

    value: int | None
    threshold: int | None
    since: datetime.date | None
    rows: Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Rule:
    """A rule over one kind of list. `find(round, policy)` returns a QuerySet of household_id, value, rows;
    `sentence(finding)` the middle of the sentence that explains a lead.

    `why_not(household, rows, round, policy)` says in words why `find` leaves a household out, and "" exactly
    where it does not: `rows` are the matched rows of the kind that concern it, those of `rows_of(household,
    feeds)` where the rule has one (area rows, somebody who has left), else the household's own.
    """

    code: str
    version: int
    subcriterion: Subcriterion
    kind: FeedKind
    find: Callable[[Round, PolicySet], QuerySet[Any]]
    sentence: Callable[[Finding], str]
    threshold: str = ""  # key of the policy parameter
    why_not: "Callable[[Household, Sequence[FeedRow], Round, PolicySet], str] | None" = None
    rows_of: "Callable[[Household, QuerySet[FeedRow]], QuerySet[FeedRow]] | None" = None


@dataclass(frozen=True)
class Criterion:
    code: str
    label: str
    tag: str
    subcriteria: tuple[Subcriterion, ...]
    kinds: tuple[FeedKind, ...] = ()
    rules: tuple[Rule, ...] = ()
    question: Question | None = field(default=None)


def by_household(
    rows: QuerySet[Any], value: Aggregate, *, at_least: int | None = None, **columns: str
) -> QuerySet[Any]:
    """household_id, value, rows: what `find` of a rule returns. `value` is added up over a household's rows
    and, with `at_least`, has to reach it; `columns` (name in the evidence → column of FeedRow) are what its
    sentence says of each row."""
    evidence = JsonList(JSONObject(feed="feed_id", row="row_no", **columns))
    households = rows.values("household_id").annotate(value=value, rows=evidence)
    if at_least is not None:
        households = households.filter(value__gte=at_least)
    return households.values_list("household_id", "value", "rows")


def once_each(sentences: Iterable[str]) -> str:
    """Rows that say the same are named once, three at most."""
    return "；".join(list(dict.fromkeys(sentences))[:3])


def in_window(round: Round, policy: PolicySet) -> Q:
    """The months that end on the round's last day, both days in."""
    return Q(on_date__range=window(round.last_day, policy["screening.window_months"]))


def age_on(birth: str, day: datetime.date) -> dict[str, Any]:
    """Full years from the date column `birth` to `day`, worked out by the database."""
    later = Q(birth_month__gt=day.month) | Q(birth_month=day.month, birth_day__gt=day.day)
    return {
        "birth_month": ExtractMonth(birth),
        "birth_day": ExtractDay(birth),
        "age": Value(day.year)
        - ExtractYear(F(birth))
        - Case(When(later, then=Value(1)), default=Value(0), output_field=IntegerField()),
    }


def age_at(birth: str, day: str) -> dict[str, Any]:
    """The same, to the day of each row: both are date columns."""
    of_year: dict[str, Any] = {
        name: ExtractMonth(column) * 100 + ExtractDay(column)
        for name, column in (("birthday", birth), ("row_day", day))
    }
    return of_year | {
        "age": ExtractYear(F(day))
        - ExtractYear(F(birth))
        - Case(When(row_day__lt=F("birthday"), then=Value(1)), default=Value(0), output_field=IntegerField())
    }
