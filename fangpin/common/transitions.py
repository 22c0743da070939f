"""The one door: every change of state goes through `move`, for one object or for thousands.

`django_fsm` declares the transitions (source, target, permission, and in `custom` what must hold and what
is stamped); this module is the only caller. Permission on a transition is advice to the library; here it is
checked.
"""

import datetime
from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import models, transaction
from django.db.models import QuerySet
from django.utils import timezone

from fangpin.common.actor import Actor
from fangpin.common.models import StatusRecord
from fangpin.common.refusals import Refused


class TransitionRefused(Refused):
    """Nothing was changed. `message` is Chinese and says what to do."""

    code = "refused"

    def __init__(self, message: str, rows: Iterable[models.Model] = ()):
        super().__init__(message)
        self.rows = list(rows)


class NotAllowed(TransitionRefused):
    """The acting duty lacks the right."""

    code = "not_allowed"


class OutOfScope(TransitionRefused):
    """Some rows are not the acting duty's; which ones exist is not told."""

    code = "out_of_scope"


class Conflict(TransitionRefused):
    """Some rows are in another state, or do not fulfil what must hold; `rows` names them."""

    code = "conflict"


def move(
    queryset: QuerySet[Any],
    name: str,
    *,
    by: Actor | None,
    opinion: str = "",
    stamps: dict[str, Any] | None = None,
) -> int:
    """Moves every object of `queryset` through transition `name`; all of them or none.

    `by` is a user acting in a duty, or None for the system where the transition declares `system`. Returns
    how many objects moved. Raises NotAllowed, OutOfScope or Conflict. Writes one status record an object.
    `custom` of the transition may hold: `holds` (a Q, or a function that returns one), `unmet` (its Chinese
    message), `stamps` (columns set to the time of the act), `stamp_by` (columns set to the user), `system`
    (True where the system may act), `scope_permission` (whoever has it has the rows of his area in scope for
    this act, though he may not open them), `after` (called with the ids once the transaction is committed).
    """
    model = queryset.model
    field, transitions = _declared(model, name)
    custom = next(iter(transitions.values())).custom
    _check_permission(next(iter(transitions.values())), custom, by)
    now = timezone.now()
    with transaction.atomic():
        states = dict(queryset.select_for_update().order_by("pk").values_list("pk", field))
        locked = model._base_manager.filter(pk__in=list(states))
        if by is not None and _scope(model, custom, by).filter(pk__in=list(states)).count() != len(states):
            raise OutOfScope("所选内容中有不属于您管辖范围的，整批没有办理。")
        _check_sources(locked, states, transitions, field)
        _check_holds(locked, custom)
        values = dict.fromkeys(custom.get("stamps", ()), now) | dict.fromkeys(custom.get("stamp_by", ()), by)
        for source in set(states.values()):
            target = _transition_for(transitions, source).target
            # By key: where a target is a source too, rows that have just moved are not moved again.
            keys = [pk for pk, state in states.items() if state == source]
            rows = model._base_manager.filter(pk__in=keys, **{field: source})
            if rows.update(**{field: target}, **values, **(stamps or {})) != len(keys):
                raise Conflict("有内容刚刚被别人办理过，请刷新后再试，整批没有办理。")
        _write_records(model, name, states, transitions, by=by, opinion=opinion, now=now)
        if after := custom.get("after"):
            transaction.on_commit(partial(after, list(states)))
    return len(states)


def write_first_records(
    objects: Iterable[models.Model], *, by: Actor | None, field: str = "state", name: str = "create"
) -> None:
    """Writes the first status record of things just created in their initial state."""
    StatusRecord.objects.bulk_create(
        [
            StatusRecord(
                model=thing._meta.label_lower,
                object_id=thing.pk,
                transition=name,
                to_state=getattr(thing, field),
                by=by,
                acting_as=by.acting if by is not None else None,
            )
            for thing in objects
        ],
        batch_size=2000,
    )


def history(thing: models.Model) -> QuerySet[StatusRecord]:
    return StatusRecord.objects.filter(model=thing._meta.label_lower, object_id=thing.pk).order_by("id")


def _declared(model: type[models.Model], name: str) -> tuple[str, dict[str, Any]]:
    method: Any = getattr(model, name)
    declared = method._django_fsm
    return declared.field.name, declared.transitions


def _transition_for(transitions: dict[str, Any], source: str) -> Any:
    return transitions.get(source) or transitions.get("*")


def _check_permission(transition: Any, custom: dict[str, Any], by: Actor | None) -> None:
    if by is None:
        if not custom.get("system"):
            raise NotAllowed("这一步须由有权限的人办理，系统不能代办。")
    elif not by.may(transition.permission):
        raise NotAllowed("您当前的岗位没有办理这一步的权限。")


def _scope(model: Any, custom: dict[str, Any], by: Actor) -> QuerySet[Any]:
    if by.may(custom.get("scope_permission")):
        return model.objects.all().in_scope(by.acting)
    return model.objects.for_user(by)


def _check_sources(
    locked: QuerySet[Any], states: dict[str, Any], transitions: dict[str, Any], field: str
) -> None:
    wrong = {state for state in states.values() if _transition_for(transitions, state) is None}
    if wrong:
        rows = list(locked.filter(**{f"{field}__in": wrong})[:50])
        raise Conflict(
            f"有 {sum(s in wrong for s in states.values())} 项的状态已经变化，不能办理这一步，整批没有办理。",
            rows,
        )


def _check_holds(locked: QuerySet[Any], custom: dict[str, Any]) -> None:
    if (holds := custom.get("holds")) is None:
        return
    if callable(holds):
        holds = holds()
    unmet = list(locked.exclude(pk__in=locked.filter(holds).values("pk"))[:50])
    if unmet:
        raise Conflict(custom.get("unmet", "有内容不满足办理条件，整批没有办理。"), unmet)


def _write_records(
    model: type[models.Model],
    name: str,
    states: dict[Any, str],
    transitions: dict[str, Any],
    *,
    by: Actor | None,
    opinion: str,
    now: datetime.datetime,
) -> None:
    acting_as = by.acting if by is not None else None
    StatusRecord.objects.bulk_create(
        [
            StatusRecord(
                model=model._meta.label_lower,
                object_id=pk,
                transition=name,
                from_state=state,
                to_state=_transition_for(transitions, state).target,
                by=by,
                acting_as=acting_as,
                at=now,
                opinion=opinion,
            )
            for pk, state in states.items()
        ],
        batch_size=2000,
    )
