"""系统回执: what the national system answered, recorded all or none, and once (Art. 7(2)3)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Case as Choice
from django.db.models import CharField, F, Value, When

from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.transitions import Conflict, NotAllowed, OutOfScope, TransitionRefused, move
from households.models import Household
from screening.models import ItemState, NationalItem

NUMBER_LENGTH, REASON_LENGTH = 40, 300
_number_form = re.compile(rf"[0-9A-Za-z-]{{1,{NUMBER_LENGTH}}}")


@dataclass(frozen=True)
class Answer:
    """What the national system said of an item: its number, or why it refused. `cursor` says which offer of
    the item is answered; None is the current one."""

    item: str  # UUID of the item
    national_number: str = ""
    error: str = ""
    cursor: int | None = None


@dataclass
class Recorded:
    """How many answers of each kind were recorded; `unchanged` were recorded before."""

    acknowledged: int = 0
    refused: int = 0
    unchanged: int = 0


def is_number(words: str) -> bool:
    """Whether it can be a household's number in the national system."""
    return _number_form.fullmatch(words) is not None


class UnknownItems(OutOfScope):
    """Some items do not exist or lie outside the scope; which of both is not said. `ids` are as they were
    sent."""

    def __init__(self, ids: list[str]):
        super().__init__("回执中有不存在或不属于您管辖范围的事项，整批没有登记。")
        self.ids = ids


class NumberMissing(TransitionRefused):
    """An entry is answered without number and without error; `rows` names it."""

    code = "number_missing"


class Contradiction(TransitionRefused):
    """The same item is answered twice in one lot, and differently."""

    code = "contradiction"

    def __init__(self, ids: list[str]):
        super().__init__("同一事项有两个不同的回执，整批没有登记。请核对后只留一个。")
        self.ids = ids


def record_answers(answers: Iterable[Answer], *, by: Actor) -> Recorded:
    """Records the answers of the national system: all or none; one that is recorded already changes nothing.

    Raises NotAllowed, UnknownItems, Contradiction, or Conflict with the `rows` that were answered otherwise,
    were never given out, or have been given out anew since.
    """
    wanted = _once_each(answers)
    with transaction.atomic():
        items = _locked(wanted, by)
        known = {str(item.uuid) for item in items}
        if unknown := [uuid for uuid in wanted if uuid not in known]:
            raise UnknownItems(unknown)
        if faults := _faults(items, wanted):
            fault = next(iter(faults.values()))
            same = [each.rows[0] for each in faults.values() if each.code == fault.code]
            raise type(fault)(f"{fault.message}整批没有登记。", same)
        return _record(items, wanted, by)


def record_fitting_answers(answers: Iterable[Answer], *, by: Actor) -> tuple[Recorded, dict[str, str]]:
    """The same for a workbook, row by row: what fits is recorded; of the rest it says why not, item →
    sentence."""
    wanted = _once_each(answers)
    with transaction.atomic():
        items = _locked(wanted, by)
        known = {str(item.uuid) for item in items}
        unknown = "没有这个事项，或不属于您管辖的范围。请核对事项编号。"
        sentences = {uuid: unknown for uuid in wanted if uuid not in known}
        sentences |= {uuid: fault.message for uuid, fault in _faults(items, wanted).items()}
        fitting = {item: number for item, number in items.items() if str(item.uuid) not in sentences}
        recorded = _record(fitting, wanted, by)
    return recorded, sentences


def _record(items: dict[NationalItem, str], wanted: dict[str, Answer], by: Actor) -> Recorded:
    waiting = [item for item in items if item.state == ItemState.OFFERED]
    answers = {item.pk: wanted[str(item.uuid)] for item in waiting}
    numbers = {
        item.pk: answers[item.pk].national_number or items[item]
        for item in waiting
        if not answers[item.pk].error
    }
    reasons = {pk: answer.error for pk, answer in answers.items() if answer.error}
    _move_each(numbers, "acknowledge", "national_number", by=by)
    _adopt(waiting, numbers, by=by)
    _move_each(reasons, "refuse", "refused_reason", by=by)
    return Recorded(len(numbers), len(reasons), len(items) - len(waiting))


def _adopt(items: list[NationalItem], numbers: dict[int, str], *, by: Actor) -> None:
    """A household that had a number of ours takes that of the national system: the register's next export
    names it so."""
    new = {
        item.case.household_id: (item.case.household.number, numbers[item.pk])
        for item in items
        if item.pk in numbers and item.case.household.own_number
    }
    if not new:
        return
    choice = Choice(
        *(When(pk=pk, then=Value(number)) for pk, (_, number) in new.items()), output_field=CharField()
    )
    Household.objects.filter(pk__in=new).update(number=choice, own_number=False)
    audit.record_each(
        by, "registry_change", Household, {pk: {"number": list(pair)} for pk, pair in new.items()}
    )


def _once_each(answers: Iterable[Answer]) -> dict[str, Answer]:
    wanted: dict[str, Answer] = {}
    twice = []
    for answer in answers:
        if wanted.setdefault(answer.item, answer) != answer:
            twice.append(answer.item)
    if twice:
        raise Contradiction(list(dict.fromkeys(twice)))
    return wanted


def _locked(wanted: dict[str, Answer], by: Actor) -> dict[NationalItem, str]:
    """The items in scope, each → the number that its household has in the national system as far as is known.
    A household that the system had before keeps its number; only an entry must bring one."""
    if not by.may("national.answer"):
        raise NotAllowed("您当前的岗位不能登记全国系统的回执。")
    items = list(
        NationalItem.objects.for_user(by)
        .filter(uuid__in=list(wanted))
        .select_related("case__household")
        .defer("payload")
        .order_by("pk")
        .select_for_update(of=("self",))
    )
    earlier = NationalItem.objects.filter(
        case__in=[item.case_id for item in items], state=ItemState.ACKNOWLEDGED
    )
    numbers = dict(earlier.order_by("cursor").values_list("case_id", "national_number"))
    return {item: numbers.get(item.case_id) or _registry_number(item.case.household) for item in items}


def _registry_number(home: Household) -> str:
    """ "" where the registry's number is one of ours."""
    return "" if home.own_number else home.number


def _faults(items: dict[NationalItem, str], wanted: dict[str, Answer]) -> dict[str, TransitionRefused]:
    """Why an answer can't be recorded, item → the refusal."""
    taken = _numbers_taken(items, wanted)
    given: dict[tuple[str, str], int] = {}
    faults: dict[str, TransitionRefused] = {}
    for item, known in items.items():
        uuid, answer = str(item.uuid), wanted[str(item.uuid)]
        if not _fits(item, answer, known):
            words = "这一项已经登记了别的回执、还没有取走，或退回更正后又重新取走。"
            faults[uuid] = Conflict(words, [item])
        elif not answer.error and not (answer.national_number or known):
            faults[uuid] = NumberMissing("系统已接收的，须填国家系统户编号。", [item])
        elif number := answer.national_number:
            home = item.case.household_id
            key = (item.county_id, number)
            if taken.get(key, home) != home or given.setdefault(key, home) != home:
                faults[uuid] = Conflict(f"户编号 {number} 已经登记给另一户，请核对。", [item])
    return faults


def _numbers_taken(items: Iterable[NationalItem], wanted: dict[str, Answer]) -> dict[tuple[str, str], int]:
    """Numbers of the lot that some household has already, in the registry or by an earlier answer: county and
    number → household."""
    numbers = {answer.national_number for answer in wanted.values() if answer.national_number}
    counties = {item.county_id for item in items}
    own = Household.objects.filter(county__in=counties, number__in=numbers)
    answered = NationalItem.objects.filter(
        county__in=counties, national_number__in=numbers, state=ItemState.ACKNOWLEDGED
    )
    rows = [*own.values_list("county_id", "number", "pk")]
    rows += answered.values_list("county_id", "national_number", "case__household_id")
    return {(county, number): home for county, number, home in rows}


def _fits(item: NationalItem, answer: Answer, known: str) -> bool:
    """Whether the current offer is open, or was answered just so."""
    if answer.cursor not in (None, item.cursor):
        return False
    if item.state == ItemState.OFFERED:
        return True
    if item.state == ItemState.ACKNOWLEDGED:
        return not answer.error and item.national_number == (answer.national_number or known)
    return item.state == ItemState.REFUSED and bool(answer.error) and item.refused_reason == answer.error


def _move_each(values: dict[int, str], name: str, column: str, *, by: Actor) -> None:
    """One move for all, with a value of its own for each; the words of a refusal are kept in the items."""
    if not values:
        return
    choice = Choice(
        *(When(pk=pk, then=Value(value)) for pk, value in values.items()),
        default=F(column),
        output_field=CharField(),
    )
    move(NationalItem.objects.filter(pk__in=list(values)), name, by=by, stamps={column: choice})
