"""交办事项 at the department: accepted or given back with a reason, put into a year's plan; closed by the
office."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Case as Choose
from django.db.models import DateField, F, QuerySet, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move
from measures.models import LineState, OrderLine, OrderSheet, ReturnReason, SheetState


def with_due(lines: QuerySet[OrderLine]) -> QuerySet[Any]:
    """`next_due`: until when the next step is due: accepting, planning, delivering."""
    return lines.annotate(
        next_due=Choose(
            When(state=LineState.ISSUED, then=F("sheet__accept_due")),
            When(state=LineState.ACCEPTED, then=Coalesce("due_on", "sheet__plan_due")),
            When(
                state__in=[LineState.PLANNED, LineState.FILED, LineState.IN_PROGRESS],
                then=Coalesce("due_on", "sheet__deliver_due"),
            ),
            default=None,
            output_field=DateField(),
        )
    )


def overdue(lines: QuerySet[OrderLine], day: datetime.date | None = None) -> QuerySet[OrderLine]:
    return with_due(lines).filter(next_due__lt=day or timezone.localdate())


def _lock_lines(
    lines: QuerySet[OrderLine], *, by: Actor, permission: str, states: Iterable[str]
) -> list[OrderLine]:
    keys = list(lines.values_list("pk", flat=True))
    if not keys:
        raise Refused("没有选中任何交办事项。请先勾选。")
    own = OrderLine.objects.for_user(by).filter(pk__in=keys)
    held = list(own.select_for_update(of=("self",)).select_related("sheet", "household").order_by("pk"))
    if not by.may(permission) or len(held) != len(keys):
        raise Refused("所选交办事项中有不属于您的，整批没有办理。")
    if wrong := [line for line in held if line.state not in states]:
        raise Refused(
            f"{wrong[0].household}的交办事项{wrong[0].get_state_display()}，不能办理这一步，整批没有办理。请刷新后再试。"
        )
    return held


def accept_lines(lines: QuerySet[OrderLine], *, by: Actor) -> int:
    """接收, one or many; returns how many. Raises Refused (Art. 8)."""
    with transaction.atomic():
        keys = [
            line.pk
            for line in _lock_lines(lines, by=by, permission="order.answer", states=[LineState.ISSUED])
        ]
        count = move(OrderLine.objects.filter(pk__in=keys), "accept", by=by)
        audit.record(by, "order_accept", lines=count)
    return count


def return_lines(lines: QuerySet[OrderLine], *, by: Actor, reason: str, words: str) -> int:
    """退回, one or many, for one of four reasons and in words; returns how many. Raises Refused."""
    if reason not in ReturnReason.values:
        raise Refused("请选择退回事项：不属本部门、不符合政策条件、已享受或已解决。")
    if not words.strip():
        raise Refused("请写明退回的理由。")
    with transaction.atomic():
        states = [LineState.ISSUED, LineState.ACCEPTED]
        held = _lock_lines(lines, by=by, permission="order.answer", states=states)
        keys = [line.pk for line in held]
        stamps = {"return_reason": reason, "return_words": words.strip()[:300]}
        opinion = f"{ReturnReason(reason).label}：{words.strip()}"
        count = move(
            OrderLine.objects.filter(pk__in=keys), "give_back", by=by, opinion=opinion, stamps=stamps
        )
        complete_sheets({line.sheet_id for line in held})
        audit.record(by, "order_give_back", lines=count, reason=reason)
    return count


def schedule_lines(lines: QuerySet[OrderLine], *, by: Actor, words: str, due_on: datetime.date) -> int:
    """列入 a department's yearly programme: its day replaces the sheet's own term. Returns how many. Raises
    Refused."""
    if not words.strip():
        raise Refused("请写明列入哪个计划，例如“2020 年第二批危房改造计划”。")
    if due_on < timezone.localdate():
        raise Refused("约定的日期不能早于今天。")
    with transaction.atomic():
        states = [LineState.ACCEPTED, LineState.PLANNED, LineState.FILED, LineState.IN_PROGRESS]
        keys = [line.pk for line in _lock_lines(lines, by=by, permission="order.answer", states=states)]
        count = OrderLine.objects.filter(pk__in=keys).update(plan_words=words.strip()[:80], due_on=due_on)
        audit.record(by, "order_plan", lines=count, due_on=due_on.isoformat())
        audit.record_each(
            by,
            "order_plan",
            OrderLine,
            {pk: {"plan": words.strip(), "due_on": due_on.isoformat()} for pk in keys},
        )
    return count


def close_lines(lines: QuerySet[OrderLine], *, by: Actor) -> int:
    """办结 by the office, of lines whose measures are all delivered; a sheet without open lines is closed
    with them."""
    with transaction.atomic():
        held = _lock_lines(lines, by=by, permission="order.prepare", states=[LineState.DONE])
        count = move(OrderLine.objects.filter(pk__in=[line.pk for line in held]), "complete", by=by)
        complete_sheets({line.sheet_id for line in held})
        audit.record(by, "order_close", lines=count)
    return count


def complete_sheets(sheets: set[int]) -> None:
    """A sheet is closed with its last line."""
    ended = (LineState.CLOSED, LineState.RETURNED)
    left = OrderLine.objects.filter(sheet__in=sheets).exclude(state__in=ended).values("sheet")
    issued = OrderSheet.objects.filter(pk__in=sheets, state=SheetState.ISSUED)
    done = list(issued.exclude(pk__in=left).values_list("pk", flat=True))
    if done:
        move(OrderSheet.objects.filter(pk__in=done), "complete", by=None, opinion="交办事项全部办结或退回")
