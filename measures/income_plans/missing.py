"""What is missing of the income plans (Art. 4): households without a plan or a helper, plans without a note
in this quarter."""

import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from fangpin.accounts.models import Duty
from fangpin.accounts.roles import Role
from fangpin.common.actor import Actor
from fangpin.policy.services import NoPolicy, in_force
from households.codelists import HouseholdStatus
from households.models import HelperAssignment, Household
from measures.models import IncomePlan, PlanItem, PlanNote, PlanState


def due_on(user: Actor, year: int) -> datetime.date | None:
    """Until when the plans of a year are made, by policy from its first day."""
    try:
        days = in_force(user.acting.division, timezone.localdate())["plan.due_days"]
    except NoPolicy:
        return None
    return datetime.date(year, 1, 1) + datetime.timedelta(days=days - 1)


def lifted_households(user: Actor) -> QuerySet[Household]:
    """Households that have a plan each year: lifted ones, exits of 2014 and 2015 and those in monitoring
    included."""
    return Household.objects.for_user(user).current().filter(status=HouseholdStatus.LIFTED)


def without_plan(user: Actor, year: int) -> QuerySet[Household]:
    own = IncomePlan.objects.filter(household=OuterRef("pk"), year=year)
    return lifted_households(user).filter(~Exists(own))


def without_helper(user: Actor) -> QuerySet[Household]:
    """Nobody is named, or whoever was has no post any more."""
    today = timezone.localdate()
    at_work = Duty.objects.in_force().filter(user=OuterRef("user"), role=Role.HELPER)
    named = HelperAssignment.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today),
        Exists(at_work),
        household=OuterRef("pk"),
        begins_on__lte=today,
    )
    return lifted_households(user).filter(~Exists(named))


def quarter_start(day: datetime.date) -> datetime.date:
    return datetime.date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def untracked(plans: QuerySet[IncomePlan], day: datetime.date | None = None) -> QuerySet[IncomePlan]:
    """Agreed ones without a note in this quarter."""
    since = quarter_start(day or timezone.localdate())
    notes = PlanNote.objects.filter(plan=OuterRef("pk"), on__gte=since)
    return plans.filter(~Exists(notes), state=PlanState.AGREED)


def plans_needing(need: str) -> list[int]:
    """Plans of which an undertaking needs it. JSON is read the same on both databases: the few undertakings
    that say so."""
    rows = PlanItem.objects.exclude(needs=[]).values_list("plan", "needs")
    return [plan for plan, needs in rows if need in needs]
