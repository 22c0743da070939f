"""实施、落实、取消 of filed measures (Art. 8): nothing starts before its filing."""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Case as Choice
from django.db.models import F, QuerySet, Value, When
from django.db.models.functions import Cast
from django.utils import timezone

from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move
from fangpin.common.values.money import yuan
from households.models import Attachment
from measures import caps, effects
from measures.models import Measure, MeasureState
from measures.planning.plan import CHANGEABLE, lock_own_measures

# Later stages add what they have against a delivery (measure's key → sentence) or a cancellation (sentence,
# or "").
DELIVERING: list[Callable[[Sequence[Measure]], dict[int, str]]] = []
CANCELLING: list[Callable[[Sequence[Measure]], str]] = []


@dataclass(frozen=True)
class Progress:
    """How far a department has come with one measure. `begun` None: it had begun before; `on` (delivered on)
    None: it goes on; `amount` in fen, None: what was planned."""

    begun: datetime.date | None = None
    on: datetime.date | None = None
    amount: int | None = None
    proof: str = ""


# ---- Rules of one measure: a sentence, or "" ----
def why_not_begin(measure: Measure, on: datetime.date) -> str:
    """Of a measure fetched with its case."""
    if on > timezone.localdate():
        return "日期不能晚于今天。"
    if measure.filed_on is None or measure.filed_on > on:
        return (
            f"{measure.household}的举措 {measure.filed_on} 才备案，备案后才能实施（第八条）。整批没有办理。"
        )
    if measure.case is not None and measure.case.state not in measure.case.OPEN:
        return f"{measure.household}已不是防贫对象，请取消这项举措并写明原因。整批没有办理。"
    return ""


def why_not_deliver(measure: Measure, on: datetime.date, *, begun: datetime.date | None = None) -> str:
    """`begun`: the day, where the measure begins together with its delivery."""
    if on > timezone.localdate():
        return "日期不能晚于今天。"
    start = begun or measure.started_on
    if start is None or start > on:
        return f"{measure.household}的举措 {start} 才开始实施，落实日期不能更早。"
    return ""


def why_not_amount(measure: Measure, amount: int) -> str:
    planned = measure.amount
    if planned is None and amount:
        return "这项举措没有拟定金额，不填落实金额。"
    if amount < 0 or (planned is not None and amount > planned):
        return f"落实金额须在 0 到拟定的 {yuan(planned)} 元之间；要多发的，请另拟一项举措报备案。"
    return ""


def why_not_by_others(measures: Sequence[Measure]) -> dict[int, str]:
    """What later stages have against a delivery: measure's key → sentence."""
    sentences: dict[int, str] = {}
    for guard in DELIVERING:
        sentences = guard(measures) | sentences
    return sentences


def _refuse_first(said: Iterable[str]) -> None:
    if words := next(filter(None, said), ""):
        raise Refused(words)


def _check_others(measures: Sequence[Measure]) -> None:
    _refuse_first(f"{words}整批没有办理。" for words in why_not_by_others(measures).values())


# ---- Acts ----
def begin_measures(measures: QuerySet[Measure], *, by: Actor, on: datetime.date) -> int:
    """开始实施, one or many, on or after the day of the filing; returns how many. Raises Refused (Art. 8)."""
    with transaction.atomic():
        held = lock_own_measures(measures, by=by, states=[MeasureState.FILED])
        _refuse_first(why_not_begin(measure, on) for measure in held)
        keys = [measure.pk for measure in held]
        count = move(Measure.objects.filter(pk__in=keys), "begin", by=by, stamps={"started_on": on})
        audit.record(by, "measure_begin", measures=count, on=on.isoformat())
        effects.update_dependents(Measure.objects.filter(pk__in=keys))
    return count


def deliver_measures(
    measures: QuerySet[Measure],
    *,
    by: Actor,
    on: datetime.date,
    proof: str = "",
    amount: int | None = None,
    paper: Attachment | None = None,
) -> int:
    """已落实: day, amount in fen (of a single measure; else what was planned) and proof. What was planned and
    not given is free again in its cap. Returns how many. Raises Refused (Art. 8)."""
    if not proof.strip() and paper is None:
        raise Refused("请填写落实凭据（发放凭证号、签收单等），或上传佐证材料。")
    with transaction.atomic():
        held = lock_own_measures(measures, by=by, states=[MeasureState.STARTED])
        _check_others(held)
        _refuse_first(why_not_deliver(measure, on) for measure in held)
        if amount is not None and len(held) != 1:
            raise Refused("一次只能填一项举措的落实金额；成批落实的按拟定金额登记。")
        if amount is not None:
            _refuse_first([why_not_amount(held[0], amount)])
        keys = [measure.pk for measure in held]
        given = {"delivered": amount} if amount is not None else {"delivered": F("amount")}
        stamps = {"delivered_on": on, "delivered_by": by, "proof": proof.strip()[:120], "proof_paper": paper}
        count = move(Measure.objects.filter(pk__in=keys), "deliver", by=by, stamps=stamps | given)
        _give_back({held[0]: amount} if amount is not None else {})
        audit.record(by, "measure_deliver", measures=count, on=on.isoformat(), amount=amount)
        effects.update_dependents(Measure.objects.filter(pk__in=keys))
    return count


def record_progress(progress: Mapping[int, Progress], *, by: Actor) -> int:
    """Begins measures, delivers them, or both, each with its own days, amount and proof. All of them or none,
    in a constant number of statements. `progress`: measure's key → its progress. Returns how many. Raises
    Refused."""
    with transaction.atomic():
        states = [MeasureState.FILED, MeasureState.STARTED]
        held = lock_own_measures(Measure.objects.filter(pk__in=progress), by=by, states=states)
        ended = [measure for measure in held if progress[measure.pk].on]
        _check_others(ended)
        _refuse_first(progress_fault(measure, progress[measure.pk])[1] for measure in held)
        begun = {m.pk: progress[m.pk].begun for m in held if m.state == MeasureState.FILED}
        if begun:
            own = Measure.objects.filter(pk__in=begun)
            move(own, "begin", by=by, stamps={"started_on": _value_by_key(begun, "started_on")})
        if ended:
            _deliver_each(ended, progress, by=by)
        audit.record(by, "measure_tell", begun=len(begun), delivered=len(ended))
        audit.record_each(
            by, "measure_tell", Measure, {pk: _audit_details(each) for pk, each in progress.items()}
        )
        effects.update_dependents(Measure.objects.filter(pk__in=progress))
    return len(held)


def progress_fault(measure: Measure, each: Progress) -> tuple[str, str]:
    """What is wrong with the progress of one filed or started measure: the field of Progress and a sentence;
    "", "" where nothing is."""
    begun = each.begun if measure.state == MeasureState.FILED else None
    if measure.state == MeasureState.FILED:
        if begun is None:
            return "begun", f"{measure.household}的举措还没有开始实施，请填写开始实施日期。"
        if words := why_not_begin(measure, begun):
            return "begun", words
    if each.on is None:
        return "", ""
    if not each.proof.strip():
        return "proof", "请填写落实凭据（发放凭证号、签收单等）。"
    if words := why_not_deliver(measure, each.on, begun=begun):
        return "on", words
    if each.amount is not None and (words := why_not_amount(measure, each.amount)):
        return "amount", words
    return "", ""


def _deliver_each(ended: Sequence[Measure], progress: Mapping[int, Progress], *, by: Actor) -> None:
    amounts = {m: m.amount if (given := progress[m.pk].amount) is None else given for m in ended}
    columns: dict[str, Mapping[int, Any]] = {
        "delivered_on": {m.pk: progress[m.pk].on for m in ended},
        "delivered": {m.pk: amount for m, amount in amounts.items()},
        "proof": {m.pk: progress[m.pk].proof.strip()[:120] for m in ended},
    }
    stamps = {name: _value_by_key(values, name) for name, values in columns.items()} | {"delivered_by": by}
    move(Measure.objects.filter(pk__in=[m.pk for m in ended]), "deliver", by=by, stamps=stamps)
    _give_back({m: amount for m, amount in amounts.items() if amount is not None})


def _give_back(amounts: Mapping[Measure, int]) -> None:
    """What was counted against a cap and not given is free again."""
    less = [(m, m.cap_use_id, m.counted - given) for m, given in amounts.items() if given < m.counted]
    back = [(measure.pk, use, amount) for measure, use, amount in less if use]
    if not back:
        return
    caps.give_back_amounts([(use, amount) for _, use, amount in back])
    Measure.objects.filter(pk__in=[pk for pk, _, _ in back]).update(counted=F("delivered"))


def _value_by_key(values: Mapping[int, Any], column: str) -> Cast:
    """An expression with a value for each key; keys of the same value share a branch."""
    same: dict[Any, list[int]] = defaultdict(list)
    for pk, each in values.items():
        same[each].append(pk)
    kind: Any = Measure._meta.get_field(column)
    whens = [When(pk__in=keys, then=Value(each, output_field=kind)) for each, keys in same.items()]
    return Cast(Choice(*whens, output_field=kind), output_field=kind)  # PostgreSQL takes bare NULLs for text


def _audit_details(each: Progress) -> dict[str, Any]:
    days = {"begun": each.begun, "on": each.on}
    return {name: day.isoformat() for name, day in days.items() if day} | {"amount": each.amount}


def cancel_measures(measures: QuerySet[Measure], *, by: Actor, words: str) -> int:
    """取消 with the reason; what counted against a cap is free again. Returns how many. Raises Refused."""
    if not words.strip():
        raise Refused("请写明取消的原因。")
    with transaction.atomic():
        held = lock_own_measures(
            measures, by=by, states=[*CHANGEABLE, MeasureState.FILED, MeasureState.STARTED]
        )
        _refuse_first(f"{said}整批没有办理。" for guard in CANCELLING if (said := guard(held)))
        keys = [measure.pk for measure in held]
        caps.give_back_amounts([(m.cap_use_id, m.counted) for m in held if m.cap_use_id])
        stamps = {"cancel_words": words.strip()[:300], "counted": 0}
        count = move(
            Measure.objects.filter(pk__in=keys), "cancel", by=by, opinion=words.strip(), stamps=stamps
        )
        audit.record(by, "measure_cancel", measures=count)
        effects.update_dependents(Measure.objects.filter(pk__in=keys))
    return count


def record_repayment(measure: Measure, *, by: Actor, amount: int) -> Measure:
    """还款 of a loan, fen: the principal paid back no longer counts against the open sum (Art. 5)."""
    with transaction.atomic():
        held = lock_own_measures(
            Measure.objects.filter(pk=measure.pk), by=by, states=[MeasureState.DELIVERED]
        )[0]
        owed = (held.delivered or 0) - held.repaid
        if held.form != "loan" or not 0 < amount <= owed:
            raise Refused(f"还款金额须大于零，且不超过未还的本金 {yuan(owed)} 元。")
        Measure.objects.filter(pk=held.pk).update(repaid=F("repaid") + amount)
        if held.cap_use_id:
            back = min(amount, held.counted)
            caps.give_back_amounts([(held.cap_use_id, back)])
            Measure.objects.filter(pk=held.pk).update(counted=F("counted") - back)
        audit.record(by, "measure_repay", held, amount=amount)
    measure.refresh_from_db()
    return measure
