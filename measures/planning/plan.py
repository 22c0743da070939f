"""拟定举措 (Art. 8): a department says way and amount, of one household or of a list of 120; all of it is
planned or nothing."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from fangpin.accounts.acting import county_of
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move, write_first_records
from households.models import Household
from measures import caps, effects
from measures.models import Measure, MeasureState, OrderLine
from measures.planning.facts import Surroundings, Wanted, fetch_surroundings, plain
from measures.planning.judging import Verdict, faults_of, judge_all

CHANGEABLE = (MeasureState.PLANNED, MeasureState.SENT_BACK)


class NotPlanned(Refused):
    """Nothing was written. `faults`: (position of the wanted measure, what is wrong with it)."""

    def __init__(self, faults: list[tuple[int, list[str]]]):
        self.faults = faults
        lines = [
            f"第 {position + 1} 项：{'；'.join(words)}" if len(faults) > 1 else "；".join(words)
            for position, words in faults
        ]
        more = f"（共 {len(faults)} 项）" if len(faults) > 5 else ""
        super().__init__(f"{'。'.join(lines[:5])}。没有登记{more}。")


def plan_measure(wanted: Wanted, *, by: Actor, on: datetime.date | None = None) -> Measure:
    """One measure. Raises NotPlanned with its refusals, or with warnings that its `warning_words` do not
    answer."""
    return plan_measures([wanted], by=by, on=on)[0]


def plan_measures(wanted: Sequence[Wanted], *, by: Actor, on: datetime.date | None = None) -> list[Measure]:
    """All of them or none, in a constant number of statements. `on`: the day whose catalogue and policy hold.
    Raises NotPlanned, or CapExceeded where somebody else was faster."""
    if not by.may("measure.plan"):
        raise Refused("您当前的岗位不能拟定举措。")
    with transaction.atomic():
        wanted = _locked(wanted)
        day = on or timezone.localdate()
        around = fetch_surroundings({each.household.pk for each in wanted}, county_of(by), day)
        verdicts = judge_all(wanted, around, by)
        _check(wanted, verdicts)
        uses = _reserve(verdicts, around)
        made = Measure.objects.bulk_create(
            [
                _measure(each, verdict, around, uses, by)
                for each, verdict in zip(wanted, verdicts, strict=True)
            ],
            batch_size=1000,
        )
        write_first_records(made, by=by, name="plan")
        audit.record(by, "measure_plan", measures=len(made), households=len({m.household_id for m in made}))
        audit.record_each(
            by, "measure_plan", Measure, {m.pk: {"code": m.code, "amount": m.amount} for m in made}
        )
        effects.update_dependents(Measure.objects.filter(pk__in=[measure.pk for measure in made]))
    return made


def _locked(wanted: Sequence[Wanted]) -> list[Wanted]:
    """The same with households and lines as they are now, the lines held."""
    own = OrderLine.objects.filter(pk__in=[each.line.pk for each in wanted if each.line])
    locked = own.select_for_update(of=("self",)).select_related("risk").order_by("pk")
    lines = {line.pk: line for line in locked}
    homes = Household.objects.in_bulk({each.household.pk for each in wanted})
    return [
        replace(
            plain(each),
            household=homes[each.household.pk],
            line=lines.get(each.line.pk) if each.line else None,
        )
        for each in wanted
    ]


def _check(wanted: Sequence[Wanted], verdicts: Sequence[Verdict]) -> None:
    faults = []
    for position, (each, verdict) in enumerate(zip(wanted, verdicts, strict=True)):
        if words := faults_of(each, verdict):
            faults.append((position, words))
    if faults:
        raise NotPlanned(faults)


def _reserve(verdicts: Iterable[Verdict], around: Surroundings) -> dict[caps.Key, int]:
    needs = [verdict.need for verdict in verdicts if verdict.need is not None]
    return (
        caps.reserve_amounts(needs, {code: each.name for code, each in around.types.items()}) if needs else {}
    )


def _measure(
    each: Wanted, verdict: Verdict, around: Surroundings, uses: dict[caps.Key, int], by: Actor
) -> Measure:
    department = by.duty.department
    assert department is not None  # judged: the type is one of the department's
    made = Measure(
        household=each.household,
        department=department,
        planned_by=by,
        line=each.line,
        risk=each.line.risk if each.line else None,
        project=each.project,
    )
    _fill(made, each, verdict, around, uses)
    return made


def _fill(
    measure: Measure, each: Wanted, verdict: Verdict, around: Surroundings, uses: dict[caps.Key, int]
) -> None:
    """Columns that a change may alter too."""
    row = around.types[each.code].row
    measure.type, measure.code, measure.form, measure.kind = row, row.code, row.form, verdict.kind
    measure.case = around.cases.get(each.household.pk)
    measure.route = row.route_for(verdict.kind)
    measure.year = each.counts_in
    for name in (
        "member",
        "amount",
        "term",
        "basis",
        "words",
        "planned_from",
        "planned_to",
        "universal",
        "why_short",
        "bill",
        "bill_number",
        "months",
        "lender",
        "employer",
        "monthly_pay",
    ):
        setattr(measure, name, getattr(each, name))
    measure.ceiling, measure.ceiling_words = verdict.ceiling, verdict.ceiling_words[:200]
    measure.warnings = list(verdict.warnings)
    measure.warning_words = each.warning_words.strip()[:300] if verdict.warnings else ""
    need = verdict.need
    measure.cap_use_id = uses[need.key] if need else None
    measure.counted = need.amount if need else 0


# ---- Changing ----
def change_measure(
    measure: Measure, wanted: Wanted, *, by: Actor, on: datetime.date | None = None
) -> Measure:
    """Another amount, type or term, until it is filed. What it counted before is free for it."""
    with transaction.atomic():
        held = lock_own_measures(Measure.objects.filter(pk=measure.pk), by=by, states=CHANGEABLE)[0]
        now = _locked([replace(wanted, household=held.household, line=held.line)])
        around = fetch_surroundings({held.household_id}, county_of(by), on or timezone.localdate())
        verdicts = judge_all(now, around, by, changing=held)
        _check(now, verdicts)
        caps.give_back_amounts([(held.cap_use_id, held.counted)] if held.cap_use_id else [])
        before = {"code": held.code, "amount": held.amount}
        _fill(held, now[0], verdicts[0], around, _reserve(verdicts, around))
        held.save()
        audit.record(
            by, "measure_change", held, before=before, after={"code": held.code, "amount": held.amount}
        )
    measure.refresh_from_db()
    return measure


def lock_own_measures(measures: QuerySet[Measure], *, by: Actor, states: Iterable[str]) -> list[Measure]:
    """The department's own, held until the end of the transaction. Raises Refused."""
    keys = list(measures.values_list("pk", flat=True))
    if not keys:
        raise Refused("没有选中任何举措。请先勾选。")
    held = list(
        Measure.objects.for_user(by)
        .filter(pk__in=keys)
        .select_related("household", "line__risk", "department", "case", "type")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    if not by.may("measure.plan") or len(held) != len(keys):
        raise Refused("所选举措中有不属于本部门的，整批没有办理。")
    if wrong := [measure for measure in held if measure.state not in states]:
        raise Refused(
            f"有 {len(wrong)} 项举措{wrong[0].get_state_display()}，不能办理这一步，整批没有办理。"
            f"请刷新后再试。"
        )
    return held


def hand_in_measures_again(measures: QuerySet[Measure], *, by: Actor) -> int:
    """补正后重新报备案."""
    with transaction.atomic():
        held = lock_own_measures(measures, by=by, states=[MeasureState.SENT_BACK])
        keys = [measure.pk for measure in held]
        stamps = {"send_back_reason": "", "send_back_words": ""}
        count = move(Measure.objects.filter(pk__in=keys), "hand_in_again", by=by, stamps=stamps)
        audit.record(by, "measure_hand_in_again", measures=count)
        effects.update_dependents(Measure.objects.filter(pk__in=keys))
    return count
