import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from fangpin.accounts.models import Department, Duty
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common import database
from screening.models.candidates import Candidate


class InquiryQuerySet(ScopedQuerySet):
    scope_permission = "inquiry.view"
    scope_path = "candidate__round__county_id"

    def in_scope(self, duty: Duty) -> Self:
        own = self.filter(candidate__round__county_id=duty.county_code)
        return own.filter(department_id=duty.department_id) if duty.department_id else own


class DepartmentInquiry(models.Model):
    """Asks a department about a household that only the village reported: has it a record?"""

    class Reply(models.TextChoices):
        RECORD = "record", "有记录"
        NONE = "none", "没有记录"

    uuid = models.UUIDField(default=uuid.uuid4, db_default=database.GenUUID(), unique=True, editable=False)
    candidate = models.ForeignKey(
        Candidate, models.CASCADE, related_name="inquiries", verbose_name="拟认定户"
    )
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name="部门")
    subcriterion = models.CharField("风险情形", max_length=40)
    asked_at = models.DateTimeField("询问时间", default=timezone.now, db_default=models.functions.Now())
    due_on = models.DateField("期限", null=True)
    reply = models.CharField("答复", max_length=8, choices=Reply, blank=True, db_default="")
    words = models.CharField("说明", max_length=300, blank=True, db_default="")
    replied_at = models.DateTimeField("答复时间", null=True)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="答复人"
    )

    objects = InquiryQuerySet.as_manager()

    class Meta:
        verbose_name = "部门查询"
        constraints = [
            models.UniqueConstraint(
                fields=["candidate", "department", "subcriterion"], name="inquiry_once_a_situation"
            )
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.candidate_id}"
