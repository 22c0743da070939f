"""跟踪责任人 (Art. 9): the helper follows a monitored household, the work team a marginal one; handed over in
bulk when somebody changes post."""

import datetime
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from fangpin.accounts.models import Duty, User, code_range
from fangpin.accounts.roles import Role
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from households.codelists import Category
from households.models import Case, Follower, HelperAssignment, Household
from households.models.cases import CaseQuerySet

ROLE_OF_CATEGORY = {Category.MONITORED: Role.HELPER, Category.MARGINAL: Role.WORK_TEAM}
# Who may step in for a marginal household where its village has no work team.
SUBSTITUTES = (Role.VILLAGE_CADRE, Role.TOWNSHIP)


class NotHandedOver(Refused):
    """Nothing was changed. `message` is Chinese and says what to do."""


def without_follower(cases: CaseQuerySet) -> QuerySet[Case]:
    """Open cases that nobody follows, or whose follower has no post any more."""
    at_work = Duty.objects.in_force().filter(user=OuterRef("user"))
    current = Follower.objects.filter(Exists(at_work), case=OuterRef("pk"), ends_on=None)
    return cases.open().filter(~Exists(current))


def eligible(village: str, *, day: datetime.date | None = None) -> QuerySet[Duty]:
    """Duties over a village whose holders may follow a case there."""
    roles = [*ROLE_OF_CATEGORY.values(), *SUBSTITUTES]
    duties = Duty.objects.in_force(day).filter(role__in=roles, division__in=_over(village))
    return duties.select_related("user", "division").order_by("role", "id")


def _over(village: str) -> list[str]:
    """The village, its township and its county."""
    return [village, f"{village[:9]}000", f"{village[:6]}000000"]


def hand_over(cases: QuerySet[Case], to: User, *, by: Actor, reason: str, leaving: bool = False) -> int:
    """Open cases of one village go to `to` from today, whoever followed them before; his access to them ends.
    `leaving`: the helper's other households of the village and the work-team member's post there go with
    them. Constant in the number of statements. Raises NotHandedOver; returns how many cases."""
    if not (reason := reason.strip()):
        raise NotHandedOver("请写明移交的原因，例如“轮换”“调离”。")
    with transaction.atomic():
        chosen = _checked(cases, to, by=by)
        keys = [case.pk for case in chosen]
        old = Follower.objects.select_for_update().filter(case__in=keys, ends_on=None).exclude(user=to)
        before = set(old.values_list("user", flat=True))
        kept = set(
            Follower.objects.filter(case__in=keys, ends_on=None, user=to).values_list("case", flat=True)
        )
        today = timezone.localdate()
        old.update(ends_on=today, reason=reason[:60])
        Follower.objects.bulk_create(
            [
                Follower(case_id=pk, user=to, begins_on=today, reason=reason[:60])
                for pk in keys
                if pk not in kept
            ],
            batch_size=2000,
        )
        village = chosen[0].household.village_id
        _hand_over_access(chosen, before, to, village=village, leaving=leaving)
        changed = [pk for pk in keys if pk not in kept]
        audit.record(
            by,
            "follower_hand_over",
            cases=len(changed),
            village=village,
            to=to.pk,
            reason=reason,
            leaving=leaving,
        )
        audit.record_each(
            by, "follower_change", Case, {pk: {"to": to.pk, "reason": reason} for pk in changed}
        )
    return len(changed)


def _checked(cases: QuerySet[Case], to: User, *, by: Actor) -> list[Case]:
    keys = list(cases.values_list("pk", flat=True))
    own = Case.objects.for_user(by).filter(pk__in=keys).open().select_related("household")
    chosen = list(own.select_for_update(of=("self",)).order_by("pk"))
    if not by.may("follower.assign"):
        raise NotHandedOver("您当前的岗位不能指定跟踪责任人。")
    if not keys:
        raise NotHandedOver("没有选中要移交的户。请先勾选。")
    if len(chosen) != len(keys):
        raise NotHandedOver("所选的户中有不属于您管辖范围、或已不在跟踪的，整批没有移交。请刷新后再选。")
    if len({case.household.village_id for case in chosen}) != 1:
        raise NotHandedOver("请按村移交：所选的户不在同一个村。")
    _check_post({case.category for case in chosen}, to, chosen[0].household)
    return chosen


def _check_post(categories: Iterable[str], to: User, household: Household) -> None:
    duties = list(eligible(household.village_id))
    roles = {duty.role for duty in duties if duty.user_id == to.pk}
    has_team = any(duty.role == Role.WORK_TEAM for duty in duties)
    place = household.village.short_name
    for category in categories:
        if ROLE_OF_CATEGORY[Category(category)] in roles:
            continue
        if category == Category.MONITORED:
            raise NotHandedOver(f"{to.name}不是{place}的帮扶联系人；脱贫监测户由帮扶联系人跟踪（第九条）。")
        if has_team or not roles & set(SUBSTITUTES):
            raise NotHandedOver(f"{to.name}不是{place}的驻村工作队员；边缘户由驻村工作队员跟踪（第九条）。")


def _hand_over_access(chosen: list[Case], before: set[int], to: User, *, village: str, leaving: bool) -> None:
    """A helper reaches a household by being named for it, a work-team member by his post in the village."""
    today = timezone.localdate()
    yesterday = today - datetime.timedelta(days=1)
    monitored = [case.household_id for case in chosen if case.category == Category.MONITORED]
    named = HelperAssignment.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today), user__in=before)
    low, high = code_range(village)
    of_village = named.filter(household__village_id__gte=low, household__village_id__lte=high)
    ending = of_village if leaving else of_village.filter(household__in=monitored)
    households = set(ending.values_list("household", flat=True)) | set(monitored)
    ending.update(ends_on=yesterday)
    having = set(
        HelperAssignment.objects.filter(
            Q(ends_on=None) | Q(ends_on__gte=today), user=to, household__in=households
        ).values_list("household", flat=True)
    )
    if Duty.objects.in_force().filter(user=to, role=Role.HELPER).exists():
        HelperAssignment.objects.bulk_create(
            [
                HelperAssignment(household_id=pk, user=to, begins_on=today)
                for pk in sorted(households - having)
            ],
            batch_size=2000,
            ignore_conflicts=True,
        )
    if leaving:
        posts = Duty.objects.in_force().filter(user__in=before, role=Role.WORK_TEAM, division=village)
        posts.filter(begins_on__lte=yesterday).update(ends_on=yesterday)
