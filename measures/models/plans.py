"""增收计划 (Art. 4): one a lifted household a year."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django_fsm import FSMModelMixin, transition

from fangpin.accounts.models import Duty
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common import database
from fangpin.common.fields import StateField
from households.models import Attachment, Household, Member


class PlanState(models.TextChoices):
    DRAFT = "draft", "未签字"
    AGREED = "agreed", "已签字"
    CLOSED = "closed", "已填实际收入"


class IncomePlanQuerySet(ScopedQuerySet):
    scope_permission = "plan.view"
    scope_path = "household__village_id"

    def in_scope(self, duty: Duty) -> Self:
        return self.filter(household__in=Household.objects.all().in_scope(duty))


class IncomePlan(FSMModelMixin, models.Model):
    """增收计划 of a lifted household: agreed at the year's beginning, tracked, closed with what came in."""

    uuid = models.UUIDField(default=uuid.uuid4, db_default=database.GenUUID(), unique=True, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="income_plans", verbose_name="农户")
    year = models.PositiveSmallIntegerField("年度")
    state = StateField("状态", default=PlanState.DRAFT, choices=PlanState)
    last_per_head = models.BigIntegerField("上年人均纯收入（分）", null=True)
    target_per_head = models.BigIntegerField("今年人均目标（分）", null=True)
    training = models.CharField("培训需求", max_length=200, blank=True, db_default="")
    other_income = models.CharField("其他收入", max_length=200, blank=True, db_default="")
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="填写人"
    )
    begun_at = models.DateTimeField("填写时间", default=timezone.now)
    # Signed by the household (or for it), the helper and the village: the day and the photo of the sheet.
    agreed_on = models.DateField("协商日期", null=True)
    signers = models.CharField("签字人", max_length=120, blank=True, db_default="")
    paper = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+", verbose_name="签字页")
    closed_on = models.DateField("填报实际收入日期", null=True)
    next_year = models.CharField("明年打算", max_length=300, blank=True, db_default="")

    objects = IncomePlanQuerySet.as_manager()

    class Meta:
        verbose_name = "增收计划"
        constraints = [
            models.UniqueConstraint(
                fields=["household", "year"],
                name="plan_once_a_year",
                violation_error_message="这户今年已有增收计划。",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | (Q(agreed_on__isnull=False) & ~Q(signers="")),
                name="plan_agreed_by_signers",
                violation_error_message="签字须有日期和签字人。",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_on__isnull=False)
                | (~Q(state="closed") & Q(closed_on=None)),
                name="plan_closed_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.year}"

    @transition(state, PlanState.DRAFT, PlanState.AGREED, permission="plan.make")
    def agree(self) -> None:
        """签字: with the household, helper and village cadre."""

    @transition(state, PlanState.AGREED, PlanState.DRAFT, permission="plan.make")
    def reopen(self) -> None:
        """To be changed and signed again, with a reason."""

    @transition(state, PlanState.AGREED, PlanState.CLOSED, permission="plan.make")
    def conclude(self) -> None:
        """Year's end: every item has its actual income."""


class ItemKind(models.TextChoices):
    INDUSTRY = "industry", "产业"
    EMPLOYMENT = "employment", "就业"


class PlanItem(models.Model):
    """One undertaking of a plan, with who guides it. Incomes in fen for the year."""

    uuid = models.UUIDField(default=uuid.uuid4, db_default=database.GenUUID(), unique=True, editable=False)
    plan = models.ForeignKey(IncomePlan, models.CASCADE, related_name="items", verbose_name="增收计划")
    kind = models.CharField("类别", max_length=12, choices=ItemKind)
    name = models.CharField("项目或去向", max_length=60)
    scale = models.CharField("规模", max_length=40, blank=True, db_default="", help_text="亩、头、羽")
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", verbose_name="谁去")
    months = models.PositiveSmallIntegerField("月数", null=True)
    monthly_pay = models.BigIntegerField("预计月工资（分）", null=True)
    target = models.BigIntegerField("预计收入（分）")
    needs = models.JSONField(
        "需要", default=list, db_default=models.Value([], models.JSONField()), help_text="codes of `Need`"
    )
    guide_name = models.CharField("指导员", max_length=40, blank=True, db_default="")
    guide_phone = models.CharField("指导员电话", max_length=20, blank=True, db_default="")
    due_on = models.DateField("完成时间", null=True)
    actual = models.BigIntegerField("实际收入（分）", null=True)
    actual_words = models.CharField("未完成原因", max_length=200, blank=True, db_default="")

    class Meta:
        verbose_name = "增收项目"
        ordering = ["kind", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(target__gte=0) & (Q(actual=None) | Q(actual__gte=0)),
                name="plan_item_incomes_not_negative",
                violation_error_message="收入不能小于零。",
            ),
            models.CheckConstraint(
                condition=Q(months=None) | Q(months__gte=0, months__lte=12),
                name="plan_item_months_in_a_year",
                violation_error_message="月数须在 0 到 12 之间。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Need(models.TextChoices):
    """需要: what the departments are asked for."""

    AWARD = "award", "产业奖补"
    LOAN = "loan", "小额信贷"
    TECHNIQUE = "technique", "技术指导"
    SALES = "sales", "销路"
    TRAINING = "training", "技能培训"
    REFERRAL = "referral", "推荐就业"
    POST = "post", "公益性岗位"


class PlanNote(models.Model):
    """跟踪记录: how it goes, at the door or by phone; by helper, cadre or work team."""

    class Way(models.TextChoices):
        DOOR = "door", "入户"
        PHONE = "phone", "电话"
        VIDEO = "video", "视频"
        RELATIVE = "relative", "向亲属邻居了解"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(IncomePlan, models.CASCADE, related_name="notes", verbose_name="增收计划")
    item = models.ForeignKey(PlanItem, models.CASCADE, null=True, related_name="notes", verbose_name="项目")
    on = models.DateField("日期", default=timezone.localdate)
    way = models.CharField("方式", max_length=10, choices=Way)
    progress = models.CharField("进展", max_length=200)
    problem = models.CharField("问题", max_length=200, blank=True, db_default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="记录人")
    at = models.DateTimeField("记录时间", default=timezone.now)

    class Meta:
        verbose_name = "跟踪记录"
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.on}"
