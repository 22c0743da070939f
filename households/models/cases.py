import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django_fsm import FSMField, FSMModelMixin

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
