"""审定会 (Art. 7(2)3): planned, and what every step of its preparation checks. Members, agenda and decisions
have their own modules; what the decisions bring about happens at signing (`signing`)."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import write_first_records
from screening.models import (
    AgendaItem,
    Meeting,
    MeetingState,
    Round,
    RoundState,
)

OPEN = (MeetingState.PLANNED, MeetingState.HELD)
TAKEN_UP = (RoundState.SUBMITTED, RoundState.DETERMINED)


def plan_meeting(
    round: Round,
    *,
    by: Actor,
    planned_for: datetime.datetime,
    place: str,
    chair: str,
    recorder: str = "",
    document: str = "",
    requirements: str = "",
) -> Meeting:
    """A meeting about a round that has been submitted, or about some of its households again. Raises
    Refused."""
    if not (by.may("meeting.prepare") and by.duty.county_code == round.county_id):
        raise Refused("您当前的岗位不能筹备这个县的审定会。")
    with transaction.atomic():
        current = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
        if current.state not in TAKEN_UP:
            raise Refused(f"{current}{current.get_state_display()}，提请审定之后才能筹备审定会。")
        meeting = Meeting.objects.create(
            round=current,
            planned_for=planned_for,
            place=place.strip(),
            chair=chair.strip(),
            recorder=recorder.strip(),
            document=document.strip(),
            requirements=requirements.strip(),
            prepared_by=by,
        )
        write_first_records([meeting], by=by, name="plan")
        audit.record(by, "meeting_plan", meeting, round=current.pk)
    return meeting


def change_plan(meeting: Meeting, *, by: Actor, **changed: Any) -> Meeting:
    """Time, place, chair, recorder, document number, requirements; until it is signed."""
    with transaction.atomic():
        current = locked(meeting.pk, by=by, states=OPEN)
        for name, value in changed.items():
            setattr(current, name, value.strip() if isinstance(value, str) else value)
        current.save(update_fields=list(changed))
        audit.record(by, "meeting_change", current, fields=sorted(changed))
    return current


def locked(pk: int, *, by: Actor, states: Iterable[str] = (MeetingState.PLANNED,)) -> Meeting:
    """The meeting, held until the end of the transaction, for somebody who prepares it. Raises Refused."""
    if not by.may("meeting.prepare") or not Meeting.objects.for_user(by).filter(pk=pk).exists():
        raise Refused("您当前的岗位不能筹备这次审定会。")
    current = Meeting.objects.select_for_update(of=("self",)).select_related("round").get(pk=pk)
    if current.state not in states:
        raise Refused(f"这次审定会{current.get_state_display()}，没有改动。{_what_now(current)}")
    return current


def _what_now(meeting: Meeting) -> str:
    if meeting.state == MeetingState.HELD:
        return "确需更改的，请先退回筹备。"
    if meeting.state == MeetingState.SIGNED:
        return "已签发的审定只能由以后的审定会更改。"
    return "请另行筹备一次审定会。"


def chosen_items(items: QuerySet[AgendaItem], *, by: Actor) -> tuple[Meeting, QuerySet[AgendaItem]]:
    """The meeting of the chosen items, locked, and the items by key. All are of one meeting in scope, or
    Refused."""
    keys = list(items.values_list("pk", flat=True))
    if not keys:
        raise Refused("没有选中任何一户。请先勾选。")
    chosen = AgendaItem.objects.filter(pk__in=keys)
    meetings = set(chosen.values_list("meeting", flat=True))
    if len(meetings) != 1:
        raise Refused("所选的户不在同一次审定会上，整批没有办理。")
    current = locked(meetings.pop(), by=by)
    if chosen.count() != len(keys):
        raise Refused("所选的户中有刚刚移出议程的，请刷新后再选，整批没有办理。")
    return current, chosen
