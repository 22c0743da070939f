import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django_fsm import FSMField, FSMModelMixin, transition

from fangpin.accounts.models import Division
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common import databases
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

    def open(self):
        return self.filter(state__in=Case.OPEN)


class Case(FSMModelMixin, models.Model):
    """防贫对象: a household in monitoring (Art. 7, 9)."""

    OPEN = (CaseState.ACTIVE, CaseState.EVALUATED, CaseState.REVIEWED)

    class Origin(models.TextChoices):
        LOOK_BACK = "look_back", "2019年“回头看”和动态管理认定"
        MEETING = "meeting", "县级审定"

    uuid = models.UUIDField(default=uuid.uuid4, db_default=databases.GenUUID(), unique=True, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="cases", verbose_name="农户")
    category = models.CharField("类别", max_length=12, choices=Category)
    state = FSMField("状态", default=CaseState.ACTIVE, choices=CaseState, protected=True)
    origin = models.CharField("来源", max_length=12, choices=Origin)
    identified_on = models.DateField("风险识别时间", help_text="starts the follow-up year")
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
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_category_display()} {self.household_id}"

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

    def standing(self):
        return self.filter(state__in=Risk.STANDING)


class Risk(FSMModelMixin, models.Model):
    """返贫致贫风险 of a case: one situation of Art. 7(1). `subcriterion` is a code of the criteria."""

    STANDING = (RiskState.PROPOSED, RiskState.OPEN)

    uuid = models.UUIDField(default=uuid.uuid4, db_default=databases.GenUUID(), unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="risks", verbose_name="防贫对象")
    subcriterion = models.CharField("风险情形", max_length=40)
    state = FSMField("状态", default=RiskState.OPEN, choices=RiskState, protected=True)
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


class FollowerQuerySet(ScopedQuerySet):
    scope_permission = "household.view"
    scope_path = "case__household__village_id"

    def in_scope(self, duty):
        return self.filter(case__in=Case.objects.all().in_scope(duty))

    def in_force(self, day=None):
        day = day or timezone.localdate()
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), begins_on__lte=day)


class Follower(models.Model):
    """跟踪责任人 of a case (Art. 9): the helper of a monitored household, a work-team member of a marginal one."""

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
