"""增收计划 (Art. 4): a lifted household's plan of a year, begun from the last one, agreed, tracked, closed
with what came in."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from fangpin.accounts.models import Division, Duty
from fangpin.accounts.roles import Role
from fangpin.common import audit, database
from fangpin.common.refusals import Refused
from fangpin.common.transitions import born, move
from fangpin.policy.services import NoPolicy, in_force
from households.codelists import HouseholdStatus
from households.models import AnnualIncome, Attachment, HelperAssignment, Household, Member
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


def due(user, year: int) -> datetime.date | None:
    """Until when the plans of a year are made, by policy from its first day."""
    try:
        days = in_force(user.acting.division, timezone.localdate())["plan.due_days"]
    except NoPolicy:
        return None
    return datetime.date(year, 1, 1) + datetime.timedelta(days=days - 1)


def lifted(user) -> QuerySet[Household]:
    """Households that have a plan each year: lifted ones, exits of 2014 and 2015 and those in monitoring
    included."""
    return Household.objects.for_user(user).standing().filter(status=HouseholdStatus.LIFTED)


def without_plan(user, year: int) -> QuerySet[Household]:
    own = IncomePlan.objects.filter(household=OuterRef("pk"), year=year)
    return lifted(user).filter(~Exists(own))


def without_helper(user) -> QuerySet[Household]:
    """Nobody is named, or whoever was has no post any more."""
    today = timezone.localdate()
    at_work = Duty.objects.in_force().filter(user=OuterRef("user"), role=Role.HELPER)
    named = HelperAssignment.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today),
        Exists(at_work),
        household=OuterRef("pk"),
        begins_on__lte=today,
    )
    return lifted(user).filter(~Exists(named))


# ---- Beginning ----
def begin(
    household: Household, year: int, *, by, on: datetime.date | None = None, from_last: bool = True
) -> IncomePlan:
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
            born([plan], by=by, name="begin")
            last = (
                IncomePlan.objects.filter(household=household, year=year - 1).first() if from_last else None
            )
            if last is not None:
                _copy_items(last, plan)
            audit.record(by, "plan_begin", household, year=year, from_last=last is not None)
    except IntegrityError as error:
        raise Refused(f"这户 {year} 年已有增收计划。") from error
    return plan


def _check_right(by, permission: str) -> None:
    if not by.may(permission):
        raise Refused("您当前的岗位不能办理增收计划。")


def _copy_items(last: IncomePlan, plan: IncomePlan) -> None:
    """Last year's undertakings; the target is what came in, where that is known."""
    PlanItem.objects.bulk_create(
        [
            PlanItem(
                plan=plan,
                kind=item.kind,
                name=item.name,
                scale=item.scale,
                member=item.member,
                months=item.months,
                monthly_pay=item.monthly_pay,
                target=item.target if item.actual is None else item.actual,
                needs=item.needs,
                guide_name=item.guide_name,
                guide_phone=item.guide_phone,
            )
            for item in last.items.filter(Q(member=None) | Q(member__removed_on=None)).select_related(
                "member"
            )
        ]
    )


_PLANS = """
INSERT INTO measures_incomeplan (household_id, year, state, begun_by_id, begun_at)
SELECT p.household_id, %s, 'draft', %s, {now} FROM measures_incomeplan p JOIN households_household h ON
  h.id = p.household_id
WHERE p.year = %s AND h.village_id = %s AND h.status = 'lifted' AND h.closed_on IS NULL
ON CONFLICT (household_id, year) DO NOTHING RETURNING id
"""
_ITEMS = """
INSERT INTO measures_planitem (plan_id, kind, name, scale, member_id, months, monthly_pay, target, needs,
  guide_name, guide_phone)
SELECT n.id, i.kind, i.name, i.scale, i.member_id, i.months, i.monthly_pay, COALESCE(i.actual, i.target),
  i.needs,
  i.guide_name, i.guide_phone
FROM measures_incomeplan n JOIN measures_incomeplan p ON p.household_id = n.household_id AND p.year =
  n.year - 1
JOIN measures_planitem i ON i.plan_id = p.id LEFT JOIN households_member m ON m.id = i.member_id
WHERE n.id IN ({ids}) AND m.removed_on IS NULL
"""


def copy_last_year(village: Division, year: int, *, by) -> int:
    """从上年计划复制 for a village: drafts for every lifted household that had one last year and has none
    yet. Five statements for any number."""
    _check_right(by, "plan.make")
    if by.acting.role != Role.VILLAGE_CADRE or by.acting.division_id != village.pk:
        raise Refused("只能复制本村的计划。")
    now = "now()" if database.is_postgres() else "CURRENT_TIMESTAMP"
    with transaction.atomic():
        made = [pk for (pk,) in database.rows(_PLANS.format(now=now), [year, by.pk, year - 1, village.pk])]
        if made:
            database.run(_ITEMS.format(ids=", ".join(map(str, made))))
            born(IncomePlan.objects.filter(pk__in=made), by=by, name="begin")
        audit.record(by, "plan_copy", village=village.pk, year=year, plans=len(made))
    return len(made)


def _held(plan: IncomePlan, *, by, permission: str, states: Sequence[str]) -> IncomePlan:
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
    by,
    target_per_head: int | None = None,
    training: str = "",
    other_income: str = "",
) -> IncomePlan:
    """The undertakings as they are now, all of them; while it is not signed."""
    with transaction.atomic():
        held = _held(plan, by=by, permission="plan.make", states=[PlanState.DRAFT])
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


def agree(
    plan: IncomePlan, *, by, on: datetime.date, signers: str, paper: Attachment | None = None
) -> IncomePlan:
    """签字: the day, who signed (a proxy with the reason) and the photo of the sheet."""
    with transaction.atomic():
        held = _held(plan, by=by, permission="plan.make", states=[PlanState.DRAFT])
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


def reopen(plan: IncomePlan, *, by, reason: str) -> IncomePlan:
    """To be changed and signed again."""
    if not reason.strip():
        raise Refused("请写明为什么要改。")
    with transaction.atomic():
        held = _held(plan, by=by, permission="plan.make", states=[PlanState.AGREED])
        stamps = {"agreed_on": None, "signers": "", "paper": None}
        move(IncomePlan.objects.filter(pk=held.pk), "reopen", by=by, opinion=reason.strip(), stamps=stamps)
        audit.record(by, "plan_reopen", held.household, year=held.year, reason=reason.strip())
    plan.refresh_from_db()
    return plan


def note(
    plan: IncomePlan,
    *,
    by,
    on: datetime.date,
    way: str,
    progress: str,
    problem: str = "",
    item: PlanItem | None = None,
) -> PlanNote:
    """跟踪记录 by helper, cadre or work team, also by phone."""
    with transaction.atomic():
        held = _held(plan, by=by, permission="plan.track", states=[PlanState.DRAFT, PlanState.AGREED])
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


def conclude(
    plan: IncomePlan,
    *,
    by,
    on: datetime.date,
    actuals: Mapping[PlanItem, tuple[int, str]],
    next_year: str = "",
) -> IncomePlan:
    """年底对账: what came in of each undertaking, and why not where less did."""
    with transaction.atomic():
        held = _held(plan, by=by, permission="plan.make", states=[PlanState.AGREED])
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


# ---- Lists ----
def quarter_start(day: datetime.date) -> datetime.date:
    return datetime.date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def with_all(plans: QuerySet[IncomePlan]) -> QuerySet[IncomePlan]:
    """Sums of targets and actuals, number of undertakings, the last note."""
    notes = PlanNote.objects.filter(plan=OuterRef("pk")).order_by("-on").values("on")[:1]
    return plans.select_related("household__village__parent", "household__hamlet").annotate(
        items_number=Count("items", distinct=True),
        target_sum=Sum("items__target"),
        actual_sum=Sum("items__actual"),
        last_note=Subquery(notes),
    )


def untracked(plans: QuerySet[IncomePlan], day: datetime.date | None = None) -> QuerySet[IncomePlan]:
    """Agreed ones without a note in this quarter."""
    since = quarter_start(day or timezone.localdate())
    notes = PlanNote.objects.filter(plan=OuterRef("pk"), on__gte=since)
    return plans.filter(~Exists(notes), state=PlanState.AGREED)


def wanting(need: str) -> list[int]:
    """Plans of which an undertaking needs it. JSON is read the same on both databases: the few undertakings
    that say so."""
    found = PlanItem.objects.exclude(needs=[]).values_list("plan", "needs")
    return [plan for plan, needs in found if need in needs]
