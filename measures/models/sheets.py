"""Workbooks that a department fills in (Art. 8): kept sealed between their check and their confirmation."""

from typing import Self

from django.db import models
from django.db.models import Q

from fangpin.accounts.models import Department
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common.actor import Actor
from fangpin.common.handing_in.models import ReadWorkbook


class SheetKind(models.TextChoices):
    PLAN = "plan", "拟定举措"
    DELIVERY = "delivery", "登记落实"


class FilledSheetQuerySet(ScopedQuerySet):
    scope_permission = "measure.plan"
    scope_path = "department__county_id"

    def for_user(self, user: Actor) -> Self:
        """Whoever handed it in sees it, while he acts for that department."""
        if user.acting is None or not user.may(self.scope_permission):
            return self.none()
        return self.filter(by=user.pk, department=user.acting.department_id)


class FilledSheet(ReadWorkbook):
    """Shown first, carried out once it is confirmed. Its content goes then, or after a day; who sent what
    stays."""

    kind = models.CharField("内容", max_length=10, choices=SheetKind)
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name="部门")
    stored_name = models.CharField("存放名", max_length=40, blank=True)
    confirmed_at = models.DateTimeField("登记时间", null=True)
    count = models.PositiveIntegerField("登记项数", null=True)

    objects = FilledSheetQuerySet.as_manager()

    class Meta:
        verbose_name = "填好的举措表"
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_at=None, count=None)
                | Q(confirmed_at__isnull=False, count__isnull=False, stored_name=""),
                name="filled_sheet_goes_once_confirmed",
            )
        ]
