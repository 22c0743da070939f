import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from fangpin.accounts.scoping import ScopedQuerySet
from households.models.registry import Household


class AttachmentQuerySet(ScopedQuerySet):
    scope_permission = "household.view"
    scope_path = "household__village_id"

    def in_scope(self, duty):
        return self.filter(household__in=Household.objects.all().in_scope(duty))

    def current(self) -> Self:
        """Without those that were withdrawn."""
        return self.filter(withdrawn_at=None)


class Attachment(models.Model):
    """佐证材料: a paper or picture about a household, kept encrypted outside the web root. Never deleted by
    hand: one that was handed in by mistake is withdrawn with a reason, and its file goes."""

    MOST = 30  # not withdrawn, a household

    class Kind(models.TextChoices):
        ILLNESS = "illness", "诊断和费用单据"
        DISABILITY = "disability", "残疾证明"
        HOUSING = "housing", "房屋鉴定和照片"
        SCHOOL = "school", "就学证明"
        LOSS = "loss", "受灾和事故证明"
        CONSENT = "consent", "授权和签字材料"
        OTHER = "other", "其他材料"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="attachments", verbose_name="农户")
    kind = models.CharField("种类", max_length=12, choices=Kind)
    title = models.CharField("说明", max_length=60)
    stored_name = models.CharField("存放名", max_length=40, blank=True)
    form = models.CharField("文件形式", max_length=4)
    size = models.PositiveIntegerField("大小（字节）")
    digest = models.CharField("校验码", max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    at = models.DateTimeField("上传时间", default=timezone.now)
    withdrawn_at = models.DateTimeField("作废时间", null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="作废人"
    )
    withdrawn_reason = models.CharField("作废原因", max_length=100, blank=True, db_default="")

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = "佐证材料"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "digest"],
                condition=Q(withdrawn_at=None),
                name="attachment_once_a_household",
                violation_error_message="这份材料已经传过。",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="attachment_withdrawn_by_and_at",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def form_label(self) -> str:
        return "PDF 文件" if self.form == "pdf" else "照片"
