import datetime
import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from fangpin.accounts.models import Division, Duty
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.policy.models import Revision
from households.codelists import Category
from households.models import Household
from screening.models.rounds import Round

KEPT_DAYS = 14


class SimulationQuerySet(ScopedQuerySet):
    scope_permission = "policy.simulate"
    scope_path = "division_id"

    def in_scope(self, duty: Duty) -> Self:
        """Those made at the same place: a draft of the region is not the county's to see, nor the reverse."""
        return self.filter(division_id=duty.division_id)

    def kept(self) -> Self:
        return self.filter(made_at__gte=timezone.now() - datetime.timedelta(days=KEPT_DAYS))


class Simulation(models.Model):
    """试算: the rules over the lists of a round under another policy, compared with the round's own (Art.
    14). It changes nothing of the round, and goes after KEPT_DAYS."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="+", verbose_name="季度排查")
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="试算单位")
    revision = models.ForeignKey(
        Revision, models.PROTECT, null=True, related_name="+", verbose_name="所依的调整"
    )
    about = models.CharField("按什么试算", max_length=160)
    policy = models.JSONField("试算的参数")
    result = models.JSONField("结果", default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="试算人")
    made_at = models.DateTimeField("试算时间", default=timezone.now)
    done_at = models.DateTimeField("完成时间", null=True)

    objects = SimulationQuerySet.as_manager()

    class Meta:
        verbose_name = "试算"

    def __str__(self) -> str:
        return f"{self.round} {self.about}"


class Change(models.TextChoices):
    ADDED = "added", "增加"
    DROPPED = "dropped", "减少"
    CHANGED = "changed", "收入标注改变"


class SimulationRowQuerySet(ScopedQuerySet):
    scope_permission = "lead.view"
    scope_path = "household__village_id"

    def in_scope(self, duty: Duty) -> Self:
        return self.filter(
            household__in=Household.objects.all().in_scope(duty),
            simulation__in=Simulation.objects.all().in_scope(duty).kept(),
        )


class SimulationRow(models.Model):
    """A household and a situation that the other policy would add, drop or mark otherwise. `found` is a list
    of objects (rule, value, rows), under the policy that finds the household."""

    simulation = models.ForeignKey(
        Simulation, models.CASCADE, db_index=False, related_name="rows", verbose_name="试算"
    )
    household = models.ForeignKey(Household, models.CASCADE, related_name="+", verbose_name="农户")
    subcriterion = models.CharField("风险情形", max_length=40)
    change = models.CharField("变化", max_length=8, choices=Change)
    category = models.CharField("拟认定类别", max_length=12, choices=Category)
    above_line = models.BooleanField("高于收入参考线")
    per_head = models.BigIntegerField("家庭年人均纯收入（分）", null=True)
    income_year = models.PositiveSmallIntegerField("收入年度", null=True)
    in_case = models.BooleanField("已是防贫对象")
    found = models.JSONField("依据", default=list)

    objects = SimulationRowQuerySet.as_manager()

    class Meta:
        verbose_name = "试算结果"
        constraints = [
            models.UniqueConstraint(
                fields=["simulation", "household", "subcriterion"], name="simulation_row_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.subcriterion} {self.change}"
