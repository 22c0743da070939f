"""全国系统标注录入 (Art. 7(2)3): what the national system must hear of each case, in which order, and what it
answers.

Items are born with the change that makes them (`create_items`). They are given out (`offer`) under one lock,
which is where an item gets its cursor and its content, so a reader that asks for what came after a cursor
misses nothing, however late a slow transaction commits. Answers (`take_answers`) are all taken or none, and
once.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Case as Choice
from django.db.models import CharField, F, Q, QuerySet, Value, When

from fangpin.accounts.models import Division
from fangpin.common import audit
from fangpin.common.transitions import (
    Conflict,
    NotAllowed,
    OutOfScope,
    TransitionRefused,
    move,
    write_first_records,
)
from households.codelists import Category
from households.models import Case, Household
from screening.models import CursorCounter, ItemKind, ItemState, NationalItem
from screening.national import register
from screening.national.register import missing_fields, missing_of

__all__ = ["create_items", "missing_fields", "missing_of", "offer", "take", "take_answers", "withdraw"]

KIND_OF_CATEGORY = {Category.MONITORED: ItemKind.MARK, Category.MARGINAL: ItemKind.ENTRY}
FIRST = (ItemKind.MARK, ItemKind.ENTRY)
HELD = (*FIRST, ItemKind.CORRECTION)  # kinds whose acknowledged content is what the system holds
BATCH = 500  # items given out under one hold of the lock, answers in one request
NUMBER_LENGTH, REASON_LENGTH = 40, 300
PURPOSE = "全国系统标注录入"
_number_form = re.compile(rf"[0-9A-Za-z-]{{1,{NUMBER_LENGTH}}}")


# --- born -----------------------------------------------------------------------------------------------


@transaction.atomic
def create_items(
    case_ids: Iterable[int], kind: str | None = None, *, by, reason: str = ""
) -> list[NationalItem]:
    """An item for each case, with its first status record; without `kind` the one of its category: a
    monitored household is marked, a marginal one entered (Art. 7(2)3). A case whose item of that kind is not
    done yet gets no second one, and a case is marked or entered once. For the service that has just changed
    the cases: asks for no right of its own."""
    cases = Case.objects.filter(pk__in=list(case_ids)).order_by("pk")
    wanted = {
        pk: (kind or KIND_OF_CATEGORY[category], county)
        for pk, category, county in cases.values_list("pk", "category", "household__county_id")
    }
    told = NationalItem.objects.filter(case__in=list(wanted)).filter(
        Q(state__in=NationalItem.OPEN) | Q(state=ItemState.ACKNOWLEDGED, kind__in=FIRST)
    )
    waiting = set(told.values_list("case_id", "kind"))
    items = NationalItem.objects.bulk_create(
        [
            NationalItem(case_id=pk, kind=own, county_id=county, reason=reason)
            for pk, (own, county) in wanted.items()
            if (pk, own) not in waiting
        ],
        batch_size=2000,
    )
    write_first_records(items, by=by)
    return items


@transaction.atomic
def withdraw(case_ids: Iterable[int], *, by, reason: str) -> list[NationalItem]:
    """Cases that the national system shall no longer hold. What it never had is dropped, nothing is told; an
    item that somebody holds already, or that it acknowledged, is followed by a withdrawal."""
    items = NationalItem.objects.filter(case__in=list(case_ids)).exclude(kind=ItemKind.WITHDRAWAL)
    known = set(
        items.filter(state__in=[ItemState.OFFERED, ItemState.ACKNOWLEDGED]).values_list("case_id", flat=True)
    )
    move(items.filter(state__in=[ItemState.PENDING, ItemState.REFUSED]), "lapse", by=None, opinion=reason)
    return create_items(known, ItemKind.WITHDRAWAL, by=by, reason=reason)


def propose_corrections(county: str) -> int:
    """Makes a correction for each case whose household is not as the national system acknowledged it; drops
    one that waits and is no longer needed. Safe to run at any time, twice is once. Returns how many were
    made."""
    with transaction.atomic():
        Division.objects.select_for_update(no_key=True).get(pk=county)
        held = _held(county)
        now = register.snapshots(held)
        changed = {pk for pk, content in held.items() if register.differences(content, now[pk])}
        pending = NationalItem.objects.filter(
            county=county, kind=ItemKind.CORRECTION, state=ItemState.PENDING
        )
        move(pending.exclude(case__in=changed), "lapse", by=None, opinion="户册已与全国系统一致")
        return len(create_items(changed, ItemKind.CORRECTION, by=None))


def counties_with_content() -> list[str]:
    """Counties of whose households the national system holds something."""
    held = NationalItem.objects.filter(state=ItemState.ACKNOWLEDGED, kind__in=HELD)
    return list(held.order_by("county").values_list("county", flat=True).distinct())


def _held(county: str, case_ids: Collection[int] | None = None) -> dict[int, dict]:
    """Case → the content that the system acknowledged last, of cases that it still holds."""
    items = NationalItem.objects.filter(county=county, state=ItemState.ACKNOWLEDGED, kind__in=HELD)
    items = items.filter(case__state__in=Case.OPEN).exclude(
        case__in=NationalItem.objects.filter(county=county, kind=ItemKind.WITHDRAWAL)
        .exclude(state=ItemState.LAPSED)
        .values("case")
    )
    if case_ids is not None:
        items = items.filter(case__in=case_ids)
    return dict(items.order_by("cursor").values_list("case_id", "payload"))  # the last of a case stays


# --- given out ------------------------------------------------------------------------------------------


def offer(items: QuerySet[NationalItem], *, by, limit: int = BATCH) -> int:
    """Gives out the oldest pending of `items` (in scope of `by`): cursor and content. Returns how many.

    Whoever gives cursors holds the counter's lock until he commits: when a cursor can be seen, every smaller
    one can. Raises NotAllowed.
    """
    if not by.may("national.pull"):
        raise NotAllowed("您当前的岗位不能取走标注录入的内容。")
    CursorCounter.objects.get_or_create(pk=1)
    with transaction.atomic():
        counter = CursorCounter.objects.select_for_update().get(pk=1)
        pending = items.filter(state=ItemState.PENDING).order_by("pk")
        chosen = list(pending.select_for_update(of=("self",))[:limit])
        if not chosen:
            return 0
        move(NationalItem.objects.filter(pk__in=[item.pk for item in chosen]), "offer", by=by)
        _give_content(chosen)
        for cursor, item in enumerate(chosen, start=counter.last + 1):
            item.cursor = cursor
        NationalItem.objects.bulk_update(chosen, ["cursor", "payload"], batch_size=BATCH)
        counter.last += len(chosen)
        counter.save(update_fields=["last"])
    return len(chosen)


def offer_all(items: QuerySet[NationalItem], *, by) -> int:
    """The same for all of them, a batch at a time."""
    given = 0
    while done := offer(items, by=by):
        given += done
    return given


def take(item: NationalItem, *, by) -> NationalItem:
    """One item for the entry-aid page: given out if it is pending, full numbers shown from now on;
    audited."""
    with transaction.atomic():
        offer(NationalItem.objects.for_user(by).filter(pk=item.pk), by=by)
        item.refresh_from_db()
        audit.record(
            by,
            "number_reveal",
            item.case.household,
            field="national",
            purpose="全国系统标注录入",
            item=item.pk,
        )
    return item


def _give_content(items: list[NationalItem]) -> None:
    """The content of the day; a correction also says what has changed since the system acknowledged it."""
    now = register.snapshots({item.case_id for item in items})
    corrected = [item.case_id for item in items if item.kind == ItemKind.CORRECTION]
    counties = {item.county_id for item in items if item.kind == ItemKind.CORRECTION}
    held = {pk: content for county in counties for pk, content in _held(county, corrected).items()}
    for item in items:
        item.payload = dict(now[item.case_id])
        if item.kind == ItemKind.CORRECTION:
            item.payload["changes"] = register.differences(held.get(item.case_id, item.payload), item.payload)


def lacking_households(items: QuerySet[NationalItem]) -> list[int]:
    """Households of `items` that lack something that the national system demands."""
    return list(missing_of(Household.objects.filter(pk__in=items.order_by().values("case__household"))))


# --- answered -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What the national system said of an item: its number, or why it refused. `cursor` says which offer of
    the item is answered; None stands for the one that stands."""

    item: str  # UUID of the item
    national_number: str = ""
    error: str = ""
    cursor: int | None = None


@dataclass
class Taken:
    acknowledged: int = 0
    refused: int = 0
    unchanged: int = 0


def is_number(words: str) -> bool:
    """Whether it can be a household's number in the national system."""
    return _number_form.fullmatch(words) is not None


class UnknownItems(OutOfScope):
    """Some items do not exist, or lie outside the scope: not told apart. `ids` are as they were sent."""

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


def take_answers(answers: Iterable[Answer], *, by) -> Taken:
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


def take_fitting(answers: Iterable[Answer], *, by) -> tuple[Taken, dict[str, str]]:
    """The same for a workbook, where each row stands for itself: what fits is recorded, of the rest one is
    told why, item → words."""
    wanted = _once_each(answers)
    with transaction.atomic():
        items = _locked(wanted, by)
        words = dict.fromkeys(wanted, "没有这个事项，或不属于您管辖的范围。请核对事项编号。")
        words = {uuid: told for uuid, told in words.items() if uuid not in {str(i.uuid) for i in items}}
        words |= {uuid: fault.message for uuid, fault in _faults(items, wanted).items()}
        taken = _record([item for item in items if str(item.uuid) not in words], wanted, by)
    return taken, words


def _record(items: list[NationalItem], wanted: dict[str, Answer], by) -> Taken:
    waiting = [item for item in items if item.state == ItemState.OFFERED]
    answers = {item.pk: wanted[str(item.uuid)] for item in waiting}
    numbers = {item.pk: _number(item, answers[item.pk]) for item in waiting if not answers[item.pk].error}
    reasons = {pk: answer.error for pk, answer in answers.items() if answer.error}
    _move_each(numbers, "acknowledge", "national_number", by=by)
    _adopt(waiting, numbers, by=by)
    _move_each(reasons, "refuse", "refused_reason", by=by)
    return Taken(len(numbers), len(reasons), len(items) - len(waiting))


def _adopt(items: list[NationalItem], numbers: dict[int, str], *, by) -> None:
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


def _locked(wanted: dict[str, Answer], by) -> list[NationalItem]:
    """The items in scope, each with the number that its household has in the national system as far as is
    known."""
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
    for item in items:
        home = item.case.household
        item.known_number = numbers.get(item.case_id) or ("" if home.own_number else home.number)
    return items


def _faults(items: list[NationalItem], wanted: dict[str, Answer]) -> dict[str, TransitionRefused]:
    """Why an answer can't be recorded, item → the refusal."""
    taken = _numbers_taken(items, wanted)
    given: dict[tuple[str, str], int] = {}
    faults: dict[str, TransitionRefused] = {}
    for item in items:
        uuid, answer = str(item.uuid), wanted[str(item.uuid)]
        if not _fits(item, answer):
            words = "这一项已经登记了别的回执、还没有取走，或退回更正后又重新取走。"
            faults[uuid] = Conflict(words, [item])
        elif not answer.error and not _number(item, answer):
            faults[uuid] = NumberMissing("系统已接收的，须填国家系统户编号。", [item])
        elif number := answer.national_number:
            home = item.case.household_id
            key = (item.county_id, number)
            if taken.get(key, home) != home or given.setdefault(key, home) != home:
                faults[uuid] = Conflict(f"户编号 {number} 已经登记给另一户，请核对。", [item])
    return faults


def _numbers_taken(items: list[NationalItem], wanted: dict[str, Answer]) -> dict[tuple[str, str], int]:
    """Numbers of the lot that some household has already, in the registry or by an earlier answer: county and
    number → household."""
    numbers = {answer.national_number for answer in wanted.values() if answer.national_number}
    counties = {item.county_id for item in items}
    own = Household.objects.filter(county__in=counties, number__in=numbers)
    told = NationalItem.objects.filter(
        county__in=counties, national_number__in=numbers, state=ItemState.ACKNOWLEDGED
    )
    rows = [*own.values_list("county_id", "number", "pk")]
    rows += told.values_list("county_id", "national_number", "case__household_id")
    return {(county, number): home for county, number, home in rows}


def _fits(item: NationalItem, answer: Answer) -> bool:
    """The offer that stands is open, or was answered just so."""
    if answer.cursor not in (None, item.cursor):
        return False
    if item.state == ItemState.OFFERED:
        return True
    if item.state == ItemState.ACKNOWLEDGED:
        return not answer.error and item.national_number == _number(item, answer)
    return item.state == ItemState.REFUSED and bool(answer.error) and item.refused_reason == answer.error


def _number(item: NationalItem, answer: Answer) -> str:
    """A household that the system had before keeps its number; only an entry must bring one."""
    return answer.national_number or item.known_number


def _move_each(values: dict[int, str], name: str, column: str, *, by) -> None:
    """One move for all, with a value of its own for each; the words of a refusal stand in the records'
    items."""
    if not values:
        return
    choice = Choice(
        *(When(pk=pk, then=Value(value)) for pk, value in values.items()),
        default=F(column),
        output_field=CharField(),
    )
    move(NationalItem.objects.filter(pk__in=list(values)), name, by=by, stamps={column: choice})


def correct(items: QuerySet[NationalItem], *, by, words: str = "") -> int:
    """Refused items that are mended go out again, with the content of that day."""
    return move(items, "correct", by=by, opinion=words)
