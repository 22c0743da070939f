"""实施、落实、取消 of filed measures (Art. 8): nothing starts before its filing."""

import datetime
from collections.abc import Callable, Sequence

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from fangpin.common import audit
from fangpin.common.money import yuan
from fangpin.common.transitions import move
from households.models import Attachment
from measures import caps, standing
from measures.models import Measure, MeasureState
from measures.planning import CHANGEABLE, _own
from measures.refusals import Refused

# Stages after this one say what stands in the way of a delivery or a cancellation: measures → Chinese words, or "".
DELIVERING: list[Callable[[Sequence[Measure]], str]] = []
CANCELLING: list[Callable[[Sequence[Measure]], str]] = []


def _check_others(guards: Sequence[Callable], found: Sequence[Measure]) -> None:
    if words := next((words for guard in guards if (words := guard(found))), ""):
        raise Refused(f"{words}整批没有办理。")


def begin(measures: QuerySet[Measure], *, by, on: datetime.date) -> int:
    """开始实施, one or many, on or after the day of the filing."""
    with transaction.atomic():
        found = _own(measures, by=by, states=[MeasureState.FILED])
        _check_day(on)
        if early := [measure for measure in found if measure.filed_on > on]:
            raise Refused(
                f"{early[0].household}的举措 {early[0].filed_on} 才备案，备案后才能实施（第八条）。整批没有办理。"
            )
        if ended := [m for m in found if m.case is not None and m.case.state not in m.case.OPEN]:
            raise Refused(f"{ended[0].household}已不是防贫对象，请取消这项举措并写明原因。整批没有办理。")
        keys = [measure.pk for measure in found]
        count = move(Measure.objects.filter(pk__in=keys), "begin", by=by, stamps={"started_on": on})
        audit.record(by, "measure_begin", measures=count, on=on.isoformat())
        standing.follow(Measure.objects.filter(pk__in=keys), by=by)
    return count


def deliver(
    measures: QuerySet[Measure],
    *,
    by,
    on: datetime.date,
    proof: str = "",
    amount: int | None = None,
    paper: Attachment | None = None,
) -> int:
    """已落实: date, amount (of one alone; else what was planned) and proof. What was planned and not given is free again
    in its cap."""
    if not proof.strip() and paper is None:
        raise Refused("请填写落实凭据（发放凭证号、签收单等），或上传佐证材料。")
    with transaction.atomic():
        found = _own(measures, by=by, states=[MeasureState.STARTED])
        _check_day(on)
        _check_others(DELIVERING, found)
        if early := [measure for measure in found if measure.started_on > on]:
            raise Refused(f"{early[0].household}的举措 {early[0].started_on} 才开始实施，落实日期不能更早。")
        if amount is not None:
            _check_amount(found, amount)
        keys = [measure.pk for measure in found]
        given = {"delivered": amount} if amount is not None else {"delivered": F("amount")}
        stamps = {"delivered_on": on, "delivered_by": by, "proof": proof.strip()[:120], "proof_paper": paper}
        count = move(Measure.objects.filter(pk__in=keys), "deliver", by=by, stamps=stamps | given)
        if amount is not None and found[0].cap_use_id and amount < found[0].counted:
            caps.give_back([(found[0].cap_use_id, found[0].counted - amount)])
            Measure.objects.filter(pk__in=keys).update(counted=amount)
        audit.record(by, "measure_deliver", measures=count, on=on.isoformat(), amount=amount)
        standing.follow(Measure.objects.filter(pk__in=keys), by=by)
    return count


def _check_day(on: datetime.date) -> None:
    if on > timezone.localdate():
        raise Refused("日期不能晚于今天。")


def _check_amount(found: list[Measure], amount: int) -> None:
    if len(found) != 1:
        raise Refused("一次只能填一项举措的落实金额；成批落实的按拟定金额登记。")
    planned = found[0].amount
    if planned is None and amount:
        raise Refused("这项举措没有拟定金额，不填落实金额。")
    if amount < 0 or (planned is not None and amount > planned):
        raise Refused(f"落实金额须在 0 到拟定的 {yuan(planned)} 元之间；要多发的，请另拟一项举措报备案。")


def cancel(measures: QuerySet[Measure], *, by, words: str) -> int:
    """取消 with the reason; what it counted against a cap is free again."""
    if not words.strip():
        raise Refused("请写明取消的原因。")
    with transaction.atomic():
        found = _own(measures, by=by, states=[*CHANGEABLE, MeasureState.FILED, MeasureState.STARTED])
        _check_others(CANCELLING, found)
        keys = [measure.pk for measure in found]
        caps.give_back([(m.cap_use_id, m.counted) for m in found if m.cap_use_id])
        stamps = {"cancel_words": words.strip()[:300], "counted": 0}
        count = move(
            Measure.objects.filter(pk__in=keys), "cancel", by=by, opinion=words.strip(), stamps=stamps
        )
        audit.record(by, "measure_cancel", measures=count)
        standing.follow(Measure.objects.filter(pk__in=keys), by=by)
    return count


def repay(measure: Measure, *, by, amount: int) -> Measure:
    """还款 of a loan, fen: the principal paid back no longer counts against the open sum (Art. 5)."""
    with transaction.atomic():
        held = _own(Measure.objects.filter(pk=measure.pk), by=by, states=[MeasureState.DELIVERED])[0]
        owed = (held.delivered or 0) - held.repaid
        if held.form != "loan" or not 0 < amount <= owed:
            raise Refused(f"还款金额须大于零，且不超过未还的本金 {yuan(owed)} 元。")
        Measure.objects.filter(pk=held.pk).update(repaid=F("repaid") + amount)
        if held.cap_use_id:
            back = min(amount, held.counted)
            caps.give_back([(held.cap_use_id, back)])
            Measure.objects.filter(pk=held.pk).update(counted=F("counted") - back)
        audit.record(by, "measure_repay", held, amount=amount)
    measure.refresh_from_db()
    return measure
