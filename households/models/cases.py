import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django_fsm import FSMModelMixin, transition

from fangpin.accounts.models import Division
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common import database
from fangpin.common.fields import StateField
from households.codelists import Category
from households.models.registry import Household


class CaseState(models.TextChoices):
    ACTIVE = "active", "重点关注"
    EVALUATED = "evaluated", "村已评定"
    REVIEWED = "reviewed", "乡已审核"
    RELEASED = "released", "已取消重点关注"
    REVOKED = "revoked", "认定已作废"


class CaseQuerySet(ScopedQuerySet):
    scope_permission = "household.view"
    scope_path = "household__village_id"

    def in_scope(self, duty):
        return self.filter(household__in=Household.objects.all().in_scope(duty))

    def open(self) -> Self:
        return self.filter(state__in=Case.OPEN)


def _may_be_evaluated() -> Q:
    """The follow-up year is over, and no risk waits for its verification (Art. 9)."""
    waiting = Risk.objects.filter(case=OuterRef("pk"), state=RiskState.PROPOSED)
    return Q(follow_until__lte=timezone.localdate()) & ~Exists(waiting)


class Case(FSMModelMixin, models.Model):
    """防贫对象: a household in monitoring (Art. 7, 9)."""

    OPEN = (CaseState.ACTIVE, CaseState.EVALUATED, CaseState.REVIEWED)

    class Origin(models.TextChoices):
        LOOK_BACK = "look_back", "2019年“回头看”和动态管理认定"
        MEETING = "meeting", "县级审定"

    uuid = models.UUIDField(default=uuid.uuid4, db_default=database.GenUUID(), unique=True, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="cases", verbose_name="农户")
    category = models.CharField("类别", max_length=12, choices=Category)
    state = StateField("状态", default=CaseState.ACTIVE, choices=CaseState)
    origin = models.CharField("来源", max_length=12, choices=Origin)
    identified_on = models.DateField("风险识别时间", help_text="starts the follow-up year")
    # The follow-up year (Art. 9): by policy from the day of identification; where the risk is not gone after
    # it, the next evaluation is due by policy.
    follow_until = models.DateField("跟踪期满日", null=True)
    evaluation_due = models.DateField("下次评定起始日", null=True)
    # The three collective acts of a release, in their order; a step that says "not gone yet" clears them.
    evaluated_on = models.DateField("村评定日期", null=True)
    reviewed_on = models.DateField("乡审核日期", null=True)
    released_on = models.DateField("县审定日期", null=True)
    # All measures for all open risks delivered, since when: the lamp turns blue.
    helped_since = models.DateField("举措全部落实日期", null=True)
    risk_words = models.CharField("致贫返贫风险", max_length=120, blank=True, db_default="")

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = "防贫对象"
        constraints = [
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(state__in=["active", "evaluated", "reviewed"]),
                name="case_one_open_a_household",
                violation_error_message="这户已是防贫对象。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["active", "revoked"])
                | Q(
                    follow_until__isnull=False,
                    evaluated_on__isnull=False,
                    evaluated_on__gte=F("follow_until"),
                ),
                name="case_evaluated_after_its_year",
                violation_error_message="跟踪期满后才能进行村评定（第九条）。",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["reviewed", "released"])
                | Q(reviewed_on__isnull=False, reviewed_on__gte=F("evaluated_on")),
                name="case_reviewed_after_evaluation",
                violation_error_message="村评定后才能乡审核（第九条）。",
            ),
            models.CheckConstraint(
                condition=(~Q(state="released") & Q(released_on=None))
                | Q(state="released", released_on__isnull=False, released_on__gte=F("reviewed_on")),
                name="case_released_after_review",
                violation_error_message="乡审核后才能县审定取消重点关注（第九条）。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_category_display()} {self.household_id}"

    @transition(
        state,
        CaseState.ACTIVE,
        CaseState.EVALUATED,
        permission="release.evaluate",
        custom={
            "holds": _may_be_evaluated,
            "unmet": "跟踪期没有满，或还有待核实的风险，不能评定为风险已消除（第九条）。整批没有办理。",
        },
    )
    def evaluate(self):
        """村评定: the risk is gone."""

    @transition(state, CaseState.EVALUATED, CaseState.REVIEWED, permission="release.review")
    def review(self):
        """乡审核: agreed."""

    @transition(
        state,
        CaseState.REVIEWED,
        CaseState.RELEASED,
        permission="meeting.sign",
        custom={
            "scope_permission": "meeting.view",
            "holds": _may_be_evaluated,
            "unmet": "跟踪期没有满，或还有待核实的风险，不能取消重点关注（第九条）。",
        },
    )
    def release(self):
        """取消重点关注 by the county's meeting: ended."""

    @transition(
        state,
        [CaseState.ACTIVE, CaseState.EVALUATED, CaseState.REVIEWED],
        CaseState.ACTIVE,
        permission="release.evaluate",
        custom={"system": True},
    )
    def go_on(self):
        """继续重点关注, said by the village; or a risk that came up after its evaluation."""

    @transition(state, CaseState.EVALUATED, CaseState.ACTIVE, permission="release.review")
    def give_back(self):
        """乡审核: not agreed, the attention goes on."""

    @transition(
        state,
        CaseState.REVIEWED,
        CaseState.ACTIVE,
        permission="meeting.sign",
        custom={"scope_permission": "meeting.view"},
    )
    def keep(self):
        """继续重点关注 by the county's meeting."""

    @transition(
        state,
        [CaseState.ACTIVE, CaseState.EVALUATED, CaseState.REVIEWED],
        CaseState.REVOKED,
        permission="meeting.sign",
        custom={"scope_permission": "meeting.view"},
    )
    def revoke(self):
        """A later meeting has taken the determination back: not released, but never rightly taken in."""


class RiskState(models.TextChoices):
    PROPOSED = "proposed", "待核实"
    OPEN = "open", "属实"
    REMOVED = "removed", "已消除"
    DISMISSED = "dismissed", "不属实或自己能解决"


class RiskQuerySet(ScopedQuerySet):
    scope_permission = "household.view"
    scope_path = "case__household__village_id"

    def in_scope(self, duty):
        return self.filter(case__in=Case.objects.all().in_scope(duty))

    def current(self) -> Self:
        """Proposed or confirmed: neither removed nor dismissed."""
        return self.filter(state__in=Risk.CURRENT)


class Risk(FSMModelMixin, models.Model):
    """返贫致贫风险 of a case: one situation of Art. 7(1). `subcriterion` is a code of the criteria."""

    CURRENT = (RiskState.PROPOSED, RiskState.OPEN)

    uuid = models.UUIDField(default=uuid.uuid4, db_default=database.GenUUID(), unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="risks", verbose_name="防贫对象")
    subcriterion = models.CharField("风险情形", max_length=40)
    state = StateField("状态", default=RiskState.OPEN, choices=RiskState)
    words = models.CharField("具体情况", max_length=300, blank=True, db_default="")
    found_on = models.DateField("发现日期", default=timezone.localdate)
    closed_on = models.DateField("消除日期", null=True)

    objects = RiskQuerySet.as_manager()

    class Meta:
        verbose_name = "返贫致贫风险"
        constraints = [
            models.UniqueConstraint(
                fields=["case", "subcriterion"],
                condition=Q(state__in=["proposed", "open"]),
                name="risk_standing_once_a_case",
                violation_error_message="这户的这项风险已经登记。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.subcriterion}"

    @transition(
        state, RiskState.PROPOSED, RiskState.OPEN, permission="verification.confirm", custom={"system": True}
    )
    def confirm(self):
        """Verified and confirmed by the township: only now it raises an order and stands against release."""

    @transition(
        state,
        RiskState.PROPOSED,
        RiskState.DISMISSED,
        permission="verification.confirm",
        custom={"system": True},
    )
    def dismiss(self):
        """Not true, or the household manages."""

    @transition(
        state,
        [RiskState.PROPOSED, RiskState.OPEN],
        RiskState.DISMISSED,
        permission="meeting.sign",
        custom={"scope_permission": "meeting.view"},
    )
    def void(self):
        """Its case has been revoked."""

    @transition(
        state,
        RiskState.OPEN,
        RiskState.REMOVED,
        permission="meeting.sign",
        custom={"scope_permission": "meeting.view"},
    )
    def remove(self):
        """Gone, as the county's meeting has determined with the release of its case."""


class FollowerQuerySet(ScopedQuerySet):
    scope_permission = "household.view"
    scope_path = "case__household__village_id"

    def in_scope(self, duty):
        return self.filter(case__in=Case.objects.all().in_scope(duty))

    def in_force(self, day=None):
        day = day or timezone.localdate()
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), begins_on__lte=day)


class Follower(models.Model):
    """跟踪责任人 of a case (Art. 9): the helper of a monitored household, a work-team member of a marginal
    one."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="followers", verbose_name="防贫对象")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="跟踪责任人"
    )
    begins_on = models.DateField("起", default=timezone.localdate)
    ends_on = models.DateField("止", null=True)
    reason = models.CharField("移交原因", max_length=60, blank=True, db_default="")

    objects = FollowerQuerySet.as_manager()

    class Meta:
        verbose_name = "跟踪责任人"
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(ends_on=None),
                name="follower_one_a_case",
                violation_error_message="这户已有跟踪责任人，请先移交。",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("begins_on")),
                name="follower_ends_after_beginning",
                violation_error_message="跟踪的止期不能早于起期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} → {self.case_id}"


class TakeOver(models.Model):
    """Closing of the take-over of the initial list (Art. 7): afterwards 监测对象类型 opens no case."""

    county = models.OneToOneField(Division, models.PROTECT, verbose_name="县")
    closed_at = models.DateTimeField("结束时间", default=timezone.now)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="经办人"
    )

    class Meta:
        verbose_name = "初始名单接收"

    def __str__(self) -> str:
        return str(self.county)
