"""从上年计划复制: this year's drafts from last year's plans (Art. 4)."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from fangpin.accounts.models import Division
from fangpin.accounts.roles import Role
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import write_first_records
from households.codelists import HouseholdStatus
from measures.models import IncomePlan, PlanItem


def copy_items(plans: Mapping[int, IncomePlan]) -> None:
    """Key of last year's plan → the new one. The target is what came in, where that is known; undertakings of
    people who have left fall away. Two statements for any number."""
    items = PlanItem.objects.filter(Q(member=None) | Q(member__removed_on=None), plan__in=list(plans))
    PlanItem.objects.bulk_create(
        [
            PlanItem(
                plan=plans[item.plan_id],
                kind=item.kind,
                name=item.name,
                scale=item.scale,
                member_id=item.member_id,
                months=item.months,
                monthly_pay=item.monthly_pay,
                target=item.target if item.actual is None else item.actual,
                needs=item.needs,
                guide_name=item.guide_name,
                guide_phone=item.guide_phone,
            )
            for item in items.order_by("pk")
        ],
        batch_size=1000,
    )


def copy_last_year(village: Division, year: int, *, by: Actor) -> int:
    """Drafts for every lifted household of the village that had a plan last year and has none yet; how many.
    A constant number of statements. Raises Refused."""
    if not by.may("plan.make"):
        raise Refused("您当前的岗位不能办理增收计划。")
    if by.duty.role != Role.VILLAGE_CADRE or by.duty.division_id != village.pk:
        raise Refused("只能复制本村的计划。")
    with transaction.atomic():
        made = _new_drafts(village, year, by)
        copy_items(made)
        write_first_records(made.values(), by=by, name="begin")
        audit.record(by, "plan_copy", village=village.pk, year=year, plans=len(made))
    return len(made)


def _new_drafts(village: Division, year: int, by: Actor) -> dict[int, IncomePlan]:
    """Key of last year's plan → this year's draft. Of two who copy at the same time each household gets one
    plan: the rows that the other has written are left out."""
    this_year = IncomePlan.objects.filter(household=OuterRef("household"), year=year)
    last_year = IncomePlan.objects.filter(
        ~Exists(this_year),
        year=year - 1,
        household__village=village,
        household__status=HouseholdStatus.LIFTED,
        household__closed_on=None,
    )
    drafts = {
        pk: IncomePlan(household_id=home, year=year, begun_by=by)
        for pk, home in last_year.order_by("pk").values_list("pk", "household")
    }
    IncomePlan.objects.bulk_create(drafts.values(), ignore_conflicts=True)
    written = {
        plan.uuid: plan for plan in IncomePlan.objects.filter(uuid__in=[d.uuid for d in drafts.values()])
    }
    return {pk: written[draft.uuid] for pk, draft in drafts.items() if draft.uuid in written}
