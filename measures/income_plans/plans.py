"""增收计划 (Art. 4): a lifted household's plan of a year, begun from the last one, agreed, tracked, closed
with what came in."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils import timezone

from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move, write_first_records
from households.codelists import HouseholdStatus
from households.models import AnnualIncome, Attachment, Household, Member
from measures.income_plans.copying import copy_items
from measures.models import IncomePlan, ItemKind, Need, PlanItem, PlanNote, PlanState

YEAR_END = (12, 20)  # 年底对账


@dataclass(frozen=True)
class Item:
    """One undertaking as it is typed; money in fen."""

    kind: str
    name: str
    target: int
    scale: str = ""
    member: Member | None = None
    months: int | None = None
    monthly_pay: int | None = None
    needs: Sequence[str] = field(default_factory=tuple)
    guide_name: str = ""
    guide_phone: str = ""
    due_on: datetime.date | None = None


def begin_plan(household: Household, year: int, *, by: Actor, from_last: bool = True) -> IncomePlan:
    """The plan of a year, from last year's where there is one. Raises Refused."""
    _check_right(by, "plan.make")
    if not Household.objects.for_user(by).filter(pk=household.pk).exists():
        raise Refused("这户不在您的范围，不能制定计划。")
    if household.status != HouseholdStatus.LIFTED or household.closed_on is not None:
        raise Refused("增收计划为脱贫户制定（第四条），这户不是脱贫户。")
    last_income = AnnualIncome.objects.filter(household=household, year=year - 1).first()
    try:
        with transaction.atomic():
            plan = IncomePlan.objects.create(
                household=household,
                year=year,
                begun_by=by,
                last_per_head=last_income.per_head(household.size) if last_income else None,
            )
            write_first_records([plan], by=by, name="begin")
            last = (
                IncomePlan.objects.filter(household=household, year=year - 1).first() if from_last else None
            )
            if last is not None:
                copy_items({last.pk: plan})
            audit.record(by, "plan_begin", household, year=year, from_last=last is not None)
    except IntegrityError as error:
        raise Refused(f"这户 {year} 年已有增收计划。") from error
    return plan


def _check_right(by: Actor, permission: str) -> None:
    if not by.may(permission):
        raise Refused("您当前的岗位不能办理增收计划。")


def _lock_plan(plan: IncomePlan, *, by: Actor, permission: str, states: Sequence[str]) -> IncomePlan:
    own = IncomePlan.objects.for_user(by).filter(pk=plan.pk)
    held = own.select_for_update(of=("self",)).select_related("household").first()
    _check_right(by, permission)
    if held is None:
        raise Refused("这户不在您的范围，没有办理。")
    if held.state not in states:
        raise Refused(f"这份计划{held.get_state_display()}，不能办理这一步。")
    return held


def set_items(
    plan: IncomePlan,
    items: Sequence[Item],
    *,
    by: Actor,
    target_per_head: int | None = None,
    training: str = "",
    other_income: str = "",
) -> IncomePlan:
    """The undertakings as they are now, all of them; while it is not signed."""
    with transaction.atomic():
        held = _lock_plan(plan, by=by, permission="plan.make", states=[PlanState.DRAFT])
        _check_items(held, items)
        held.items.all().delete()
        PlanItem.objects.bulk_create(
            [
                PlanItem(
                    plan=held,
                    kind=item.kind,
                    name=item.name.strip()[:60],
                    scale=item.scale.strip()[:40],
                    member=item.member,
                    months=item.months,
                    monthly_pay=item.monthly_pay,
                    target=item.target,
                    needs=list(item.needs),
                    guide_name=item.guide_name.strip()[:40],
                    guide_phone=item.guide_phone.strip()[:20],
                    due_on=item.due_on,
                )
                for item in items
            ]
        )
        held.target_per_head, held.training = target_per_head, training.strip()[:200]
        held.other_income = other_income.strip()[:200]
        held.save(update_fields=["target_per_head", "training", "other_income"])
        audit.record(by, "plan_change", held.household, year=held.year, items=len(items))
    plan.refresh_from_db()
    return held


def _check_items(plan: IncomePlan, items: Sequence[Item]) -> None:
    for item in items:
        if item.kind not in ItemKind.values or not item.name.strip():
            raise Refused("每个项目都要写明是产业还是就业，以及做什么。")
        if item.target < 0 or (item.months is not None and not 0 <= item.months <= 12):
            raise Refused(f"“{item.name}”的预计收入不能小于零，月数须在 0 到 12 之间。")
        if item.member is not None and item.member.household_id != plan.household_id:
            raise Refused(f"“{item.name}”的人不是这户的成员。")
        if set(item.needs) - set(Need.values):
            raise Refused(f"“{item.name}”的需要请从列表中选择。")


def agree_plan(
    plan: IncomePlan, *, by: Actor, on: datetime.date, signers: str, paper: Attachment | None = None
) -> IncomePlan:
    """签字: the day, who signed (a proxy with the reason) and the photo of the sheet."""
    with transaction.atomic():
        held = _lock_plan(plan, by=by, permission="plan.make", states=[PlanState.DRAFT])
        if not held.items.exists():
            raise Refused("计划还没有项目，请先填至少一项产业或就业。")
        if not signers.strip():
            raise Refused("请写明签字人；代签的写明原因。")
        if on > timezone.localdate():
            raise Refused("协商日期不能晚于今天。")
        stamps = {"agreed_on": on, "signers": signers.strip()[:120], "paper": paper}
        move(IncomePlan.objects.filter(pk=held.pk), "agree", by=by, stamps=stamps)
        audit.record(by, "plan_agree", held.household, year=held.year, on=on.isoformat())
    plan.refresh_from_db()
    return plan


def reopen_plan(plan: IncomePlan, *, by: Actor, reason: str) -> IncomePlan:
    """To be changed and signed again."""
    if not reason.strip():
        raise Refused("请写明为什么要改。")
    with transaction.atomic():
        held = _lock_plan(plan, by=by, permission="plan.make", states=[PlanState.AGREED])
        stamps = {"agreed_on": None, "signers": "", "paper": None}
        move(IncomePlan.objects.filter(pk=held.pk), "reopen", by=by, opinion=reason.strip(), stamps=stamps)
        audit.record(by, "plan_reopen", held.household, year=held.year, reason=reason.strip())
    plan.refresh_from_db()
    return plan


def add_note(
    plan: IncomePlan,
    *,
    by: Actor,
    on: datetime.date,
    way: str,
    progress: str,
    problem: str = "",
    item: PlanItem | None = None,
) -> PlanNote:
    """跟踪记录 by helper, cadre or work team, also by phone."""
    with transaction.atomic():
        held = _lock_plan(plan, by=by, permission="plan.track", states=[PlanState.DRAFT, PlanState.AGREED])
        if way not in PlanNote.Way.values or not progress.strip():
            raise Refused("请选择方式，写一句进展。")
        if on > timezone.localdate():
            raise Refused("日期不能晚于今天。")
        if item is not None and item.plan_id != held.pk:
            raise Refused("所选项目不在这份计划中。")
        made = PlanNote.objects.create(
            plan=held,
            item=item,
            on=on,
            way=way,
            progress=progress.strip()[:200],
            problem=problem.strip()[:200],
            by=by,
        )
        audit.record(by, "plan_note", held.household, year=held.year)
    return made


def conclude_plan(
    plan: IncomePlan,
    *,
    by: Actor,
    on: datetime.date,
    actuals: Mapping[PlanItem, tuple[int, str]],
    next_year: str = "",
) -> IncomePlan:
    """年底对账: what came in of each undertaking, and why not where less did."""
    with transaction.atomic():
        held = _lock_plan(plan, by=by, permission="plan.make", states=[PlanState.AGREED])
        items = list(held.items.all())
        given = {item.pk: said for item, said in actuals.items()}
        if missing := [item for item in items if item.pk not in given]:
            raise Refused(f"“{missing[0].name}”还没有填实际收入；没有收入的填 0。")
        for item in items:
            item.actual, item.actual_words = given[item.pk][0], given[item.pk][1].strip()[:200]
            if item.actual < 0:
                raise Refused(f"“{item.name}”的实际收入不能小于零。")
            if item.actual < item.target and not item.actual_words:
                raise Refused(f"“{item.name}”没有达到预计，请写明原因。")
        PlanItem.objects.bulk_update(items, ["actual", "actual_words"])
        stamps = {"closed_on": on, "next_year": next_year.strip()[:300]}
        move(IncomePlan.objects.filter(pk=held.pk), "conclude", by=by, stamps=stamps)
        audit.record(by, "plan_conclude", held.household, year=held.year)
    plan.refresh_from_db()
    return plan
