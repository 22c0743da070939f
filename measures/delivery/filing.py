"""备案 (Art. 8): the office takes note of measures; it is no approval. Sent back only for form, cap,
category, proof or duplicate."""

import datetime
from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from fangpin.accounts.models import Division
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move
from households.models import Case
from measures import effects, rules
from measures.models import Kind, Measure, MeasureState, SendBackReason


def file_measures(measures: QuerySet[Measure], *, by: Actor, on: datetime.date | None = None) -> int:
    """备案, one or many: each gets its number. Refused where a household is no longer what it was planned
    as."""
    day = on or timezone.localdate()
    if day > timezone.localdate():
        raise Refused("备案日期不能晚于今天。")
    with transaction.atomic():
        # One after the other in a county, so that numbers run on.
        Division.objects.select_for_update(no_key=True).get(pk=by.duty.county_code)
        held = lock_measures(measures, by=by, states=[MeasureState.PLANNED])
        _check_kinds(held)
        numbers = _numbers(held, day)
        count = move(
            Measure.objects.filter(pk__in=[m.pk for m in held]), "file", by=by, stamps={"filed_on": day}
        )
        for measure in held:
            measure.filing_number = numbers[measure.pk]
        Measure.objects.bulk_update(held, ["filing_number"], batch_size=1000)
        audit.record(by, "measure_file", measures=count, on=day.isoformat())
        effects.update_dependents(Measure.objects.filter(pk__in=[m.pk for m in held]))
    return count


def lock_measures(measures: QuerySet[Measure], *, by: Actor, states: Iterable[str]) -> list[Measure]:
    """Those chosen, locked, for the office of their county. Raises Refused."""
    keys = list(measures.values_list("pk", flat=True))
    if not keys:
        raise Refused("没有选中任何举措。请先勾选。")
    locked = list(
        Measure.objects.for_user(by)
        .filter(pk__in=keys)
        .select_related("household", "case")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    if not by.may("measure.file") or len(locked) != len(keys):
        raise Refused("所选举措中有不属于您管辖范围的，整批没有办理。")
    if wrong := [measure for measure in locked if measure.state not in states]:
        raise Refused(
            f"有 {len(wrong)} 项举措{wrong[0].get_state_display()}，不能办理这一步，整批没有办理。"
            f"请刷新后再试。"
        )
    return locked


def _check_kinds(measures: list[Measure]) -> None:
    """As what a household was to be helped may have changed since the plan."""
    opened = set(
        Case.objects.open()
        .filter(household__in={m.household_id for m in measures})
        .values_list("household", flat=True)
    )
    for measure in measures:
        kind = rules.kind_of(measure.household.status, measure.household_id in opened)
        if kind != measure.kind:
            now = Kind(kind).label if kind else "不在本办法帮扶范围"
            raise Refused(
                f"{measure.household}拟定时是{measure.get_kind_display()}，现在{now}，请以“与户的类别不符”退回。"
                "整批没有备案。"
            )


def _numbers(measures: list[Measure], day: datetime.date) -> dict[int, str]:
    """备案号: county, year and a running number: 451228-2020-00017. One that was filed before keeps its
    own."""
    first = f"{measures[0].household.county_id[:6]}-{day.year}-"
    last = (
        Measure.objects.filter(filing_number__startswith=first)
        .order_by("-filing_number")
        .values_list("filing_number", flat=True)
        .first()
    )
    number = int(last.rsplit("-", 1)[1]) if last else 0
    numbers = {}
    for measure in measures:
        if measure.filing_number:
            numbers[measure.pk] = measure.filing_number
            continue
        number += 1
        numbers[measure.pk] = f"{first}{number:05d}"
    return numbers


def send_back_measures(measures: QuerySet[Measure], *, by: Actor, reason: str, words: str) -> int:
    """退回补正, for one of the five reasons and in words."""
    if reason not in SendBackReason.values:
        raise Refused("请选择退回事项：填写、上限、类别、佐证材料或重复。备案不是审批，其他理由不能退回。")
    if not words.strip():
        raise Refused("请写明要补正什么。")
    with transaction.atomic():
        held = lock_measures(measures, by=by, states=[MeasureState.PLANNED])
        keys = [measure.pk for measure in held]
        stamps = {"send_back_reason": reason, "send_back_words": words.strip()[:300]}
        opinion = f"{SendBackReason(reason).label}：{words.strip()}"
        count = move(Measure.objects.filter(pk__in=keys), "send_back", by=by, opinion=opinion, stamps=stamps)
        audit.record(by, "measure_send_back", measures=count, reason=reason)
        effects.update_dependents(Measure.objects.filter(pk__in=keys))
    return count
