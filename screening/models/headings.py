from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from fangpin.accounts.models import Department, Duty
from fangpin.accounts.scoping import ScopedQuerySet


class HeadingQuerySet(ScopedQuerySet):
    scope_permission = "feed.view"
    scope_path = "department__county_id"

    def in_scope(self, duty: Duty) -> Self:
        """The county's; a department officer's own department's."""
        found = self.filter(department__county_id=duty.county_code)
        return found.filter(department_id=duty.department_id) if duty.department_id else found


class HeadingMemory(models.Model):
    """记住的列名: what a department's own word for a column of one kind of list stands for, said on the page
    once.

    `key` is the folded word, `column` our heading, or empty for a column that is not to be used. Several
    words for one column of amounts are added up.
    """

    LONGEST = 120

    department = models.ForeignKey(
        Department, models.CASCADE, related_name="heading_memories", verbose_name="部门"
    )
    kind = models.CharField("种类", max_length=30)
    key = models.CharField("列名（规范）", max_length=LONGEST)
    words = models.CharField("文件中的列名", max_length=LONGEST)
    column = models.CharField("对应的列", max_length=60, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("记住时间", default=timezone.now)

    objects = HeadingQuerySet.as_manager()

    class Meta:
        verbose_name = "记住的列名"
        ordering = ["column", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["department", "kind", "key"],
                name="heading_once_a_department",
                violation_error_message="这个列名刚刚已有对应，请刷新后再试。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.words} → {self.column or '不采用'}"
