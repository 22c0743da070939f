"""全国系统标注录入 (Art. 7(2)3): what the national system must hear of each case, and in which order.

Items are made in the transaction of the change that they are about (`create_items`). They are given out
(`offer`) under one lock, which is where an item gets its cursor and its content, so a reader that asks for
what came after a cursor misses nothing, however late a slow transaction commits. What the system answers is
recorded in `acknowledgements`.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from fangpin.accounts.models import Division
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.transitions import NotAllowed, move, write_first_records
from households.codelists import Category
from households.models import Case
from screening.models import CursorCounter, ItemKind, ItemState, NationalItem
from screening.national import register

KIND_OF_CATEGORY = {Category.MONITORED: ItemKind.MARK, Category.MARGINAL: ItemKind.ENTRY}
FIRST = (ItemKind.MARK, ItemKind.ENTRY)
HELD = (*FIRST, ItemKind.CORRECTION)  # kinds whose acknowledged content is what the system holds
BATCH = 500  # items given out under one hold of the lock, answers in one request


# ---- Made with the change that they are about ----
@transaction.atomic
def create_items(
    case_ids: Iterable[int], kind: str | None = None, *, by: Actor | None, reason: str = ""
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
    known = NationalItem.objects.filter(case__in=list(wanted)).filter(
        Q(state__in=NationalItem.OPEN) | Q(state=ItemState.ACKNOWLEDGED, kind__in=FIRST)
    )
    waiting = set(known.values_list("case_id", "kind"))
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
def withdraw(case_ids: Iterable[int], *, by: Actor | None, reason: str) -> list[NationalItem]:
    """Cases that the national system shall no longer hold. What it never had is dropped without a
    word to it; an item that somebody holds already, or that it acknowledged, is followed by a withdrawal."""
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


def _held(county: str, case_ids: Collection[int] | None = None) -> dict[int, dict[str, Any]]:
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


# ---- Given out ----
def offer(items: QuerySet[NationalItem], *, by: Actor, limit: int = BATCH) -> int:
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


def offer_all(items: QuerySet[NationalItem], *, by: Actor) -> int:
    """The same for all of them, a batch at a time."""
    given = 0
    while done := offer(items, by=by):
        given += done
    return given


def reveal_item(item: NationalItem, *, by: Actor) -> NationalItem:
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


def correct_items(items: QuerySet[NationalItem], *, by: Actor, words: str = "") -> int:
    """Refused items that are mended go out again, with the content of that day."""
    return move(items, "correct", by=by, opinion=words)
