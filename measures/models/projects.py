"""工程: works that serve a whole hamlet."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from fangpin.accounts.models import Department, Division, Duty
from fangpin.accounts.roles import Role
from fangpin.accounts.scoping import ScopedQuerySet
from households.models import Hamlet, Household
from measures.models.catalogue import MeasureType


class ProjectQuerySet(ScopedQuerySet):
    scope_permission = "measure.view"
    scope_path = "village_id"

    def in_scope(self, duty: Duty) -> Self:
        """A department sees its own, a helper those of the villages where he has households."""
        if duty.role == Role.DEPARTMENT:
            return self.filter(department=duty.department_id)
        if duty.role == Role.HELPER:
            return self.filter(village__in=Household.objects.all().in_scope(duty).values("village"))
        return super().in_scope(duty)


class Project(models.Model):
    """工程 that serves a hamlet or a village (water): one line for the works, a measure for each of its
    households."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name="承办部门")
    village = models.ForeignKey(
        Division, models.PROTECT, related_name="+", verbose_name="行政村", db_index=False
    )
    hamlet = models.ForeignKey(Hamlet, models.PROTECT, null=True, related_name="+", verbose_name="自然屯")
    type = models.ForeignKey(MeasureType, models.PROTECT, related_name="+", verbose_name="举措类型")
    name = models.CharField("工程名称", max_length=80)
    cost = models.BigIntegerField("投资（分）", null=True)
    planned_from = models.DateField("计划开工", null=True)
    planned_to = models.DateField("计划完工", null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间", default=timezone.now)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = "工程"
        indexes = [models.Index(fields=["village", "id"], name="project_village")]
        constraints = [
            models.CheckConstraint(
                condition=Q(cost=None) | Q(cost__gte=0),
                name="project_cost_not_negative",
                violation_error_message="投资不能小于零。",
            )
        ]

    def __str__(self) -> str:
        return self.name
