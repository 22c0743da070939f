"""Caps are the database's business: one row for a household, a cap and a period, never used above its limit,
whatever the department and however many ask at once (Art. 5, 8(2))."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction

from fangpin.common import database
from fangpin.common.refusals import Refused
from fangpin.common.values.money import yuan
from measures.models import CapUse, Measure

NAME = "cap_use_within_limit"
_CHUNK = 2000


@dataclass(frozen=True, order=True)
class Key:
    household: int
    cap: str
    period: str


@dataclass(frozen=True)
class Need:
    """What is to be counted against a cap, fen, and the limit that holds today."""

    key: Key
    amount: int
    limit: int


@dataclass(frozen=True)
class Room:
    """What is left of a cap: limit None where nothing bounds it. `users`: (department, amount, state) of what
    counts."""

    limit: int | None = None
    used: int = 0
    users: Sequence[tuple[str, int, str]] = field(default_factory=tuple)

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.used)

    @property
    def sentence(self) -> str:
        if self.limit is None:
            return ""
        sentence = f"上限 {yuan(self.limit)} 元，已用 {yuan(self.used)} 元，还可用 {yuan(self.left)} 元"
        used = users_sentence(self.users)
        return f"{sentence}；已用的有{used}" if used else sentence


def users_sentence(users: Sequence[tuple[str, int, str]]) -> str:
    """Departments, amounts and states of what counts already."""
    return "、".join(f"{name} {yuan(amount)} 元（{state}）" for name, amount, state in users)


class CapExceeded(Refused):
    """Nothing was counted; the message says which cap, how much is left and who used it."""


def reserve_amounts(needs: Iterable[Need], names: dict[str, str]) -> dict[Key, int]:
    """Counts every need against its cap, or none: one statement for any number. Returns key → id of its row.
    `names`: code of a cap → its name. Raises CapExceeded (Art. 5, 8(2))."""
    summed: dict[Key, list[int]] = {}
    for need in needs:
        row = summed.setdefault(need.key, [0, need.limit])
        row[0] += need.amount
        row[1] = need.limit
    ordered = sorted(summed.items())  # two who count the same households wait for each other in one order
    use_ids: dict[Key, int] = {}
    try:
        with transaction.atomic():
            for start in range(0, len(ordered), _CHUNK):
                use_ids |= _upsert(ordered[start : start + _CHUNK])
    except IntegrityError as error:
        if NAME not in str(error):
            raise
        raise CapExceeded(_exceeded_sentence(ordered, names)) from error
    return use_ids


def _upsert(rows: Sequence[tuple[Key, list[int]]]) -> dict[Key, int]:
    marks = ", ".join(["(%s, %s, %s, %s, %s)"] * len(rows))
    params = [
        value
        for key, (amount, limit) in rows
        for value in (key.household, key.cap, key.period, limit, amount)
    ]
    answers = database.rows(
        f'INSERT INTO measures_capuse (household_id, cap, period, "limit", used) VALUES {marks} '
        "ON CONFLICT (household_id, cap, period) DO UPDATE "
        'SET used = measures_capuse.used + excluded.used, "limit" = excluded."limit" '
        "RETURNING household_id, cap, period, id",
        params,
    )
    return {Key(household, cap, period): pk for household, cap, period, pk in answers}


def give_back_amounts(uses: Iterable[tuple[int, int]]) -> None:
    """(id of a CapUse, fen): these amounts are free again. The limit is not touched, so a policy that was
    lowered meanwhile does not get in the way. Rows are locked in the order of `reserve_amounts`."""
    summed: dict[int, int] = defaultdict(int)
    for pk, amount in uses:
        summed[pk] += amount
    rows = sorted((pk, amount) for pk, amount in summed.items() if amount)
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        held = CapUse.objects.filter(pk__in=[pk for pk, _ in part]).order_by("household", "cap", "period")
        list(held.select_for_update(of=("self",)).values_list("pk", flat=True))
        database.run(
            f"WITH free(id, amount) AS (VALUES {', '.join(['(%s, %s)'] * len(part))}) "
            "UPDATE measures_capuse SET used = used - free.amount FROM free WHERE free.id = "
            "measures_capuse.id",
            [value for row in part for value in row],
        )


def _exceeded_sentence(rows: Sequence[tuple[Key, list[int]]], names: dict[str, str]) -> str:
    """Which of the needs do not fit, by what the database holds now."""
    uses = {
        Key(use.household_id, use.cap, use.period): use
        for use in CapUse.objects.filter(household__in={key.household for key, _ in rows}).select_related(
            "household"
        )
    }
    sentences = []
    for key, (amount, limit) in rows:
        use = uses.get(key)
        used = use.used if use else 0
        if used + amount <= limit:
            continue
        room = Room(limit, used, users_of([use.pk]).get(use.pk, ()) if use else ())
        home = f"{use.household}" if use else "这户"
        sentences.append(f"{home}{names.get(key.cap.split('.')[0], '')}{room.sentence}")
    return (
        "；".join(sentences[:5]) + "。没有登记，请改金额后再报。" if sentences else "超过上限，请刷新后再试。"
    )


def users_of(uses: Iterable[int]) -> dict[int, list[tuple[str, int, str]]]:
    """Id of a CapUse → who counts against it."""
    users: dict[int, list[tuple[str, int, str]]] = defaultdict(list)
    counted = Measure.objects.not_cancelled().filter(cap_use__in=list(uses), counted__gt=0)
    for measure in counted.select_related("department").order_by("planned_at"):
        users[measure.cap_use_id].append(
            (measure.department.name, measure.counted, measure.get_state_display())
        )
    return users
