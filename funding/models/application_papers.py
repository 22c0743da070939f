"""What comes to an application on paper: steps of the county's own chain, signed pages."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from fangpin.accounts.models import Duty
from fangpin.accounts.scoping import ScopedQuerySet
from funding.models.applications import Application


class ChainStep(models.Model):
    """A step of the county's own (R2) that happened on paper: who signed, when, under which document."""

    application = models.ForeignKey(
        Application, models.CASCADE, related_name="chain_steps", verbose_name="资金使用申请"
    )
    name = models.CharField("环节", max_length=40)
    signer = models.CharField("签字人", max_length=40)
    signed_on = models.DateField("签字日期")
    document = models.CharField("文号", max_length=80, blank=True, db_default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间", default=timezone.now)

    class Meta:
        verbose_name = "审批环节"
        constraints = [models.UniqueConstraint(fields=["application", "name"], name="chain_step_once")]

    def __str__(self) -> str:
        return self.name


class PaperQuerySet(ScopedQuerySet):
    scope_permission = "fund.view"
    scope_path = "application__county_id"

    def in_scope(self, duty: Duty) -> Self:
        return self.filter(application__in=Application.objects.all().in_scope(duty))


class ApplicationPaper(models.Model):
    """附件 of an application, sealed: what the department hands in, signed opinions, the filing."""

    class Kind(models.TextChoices):
        BASIS = "basis", "申请附件"
        OFFICE = "office", "扶贫部门审定签字页"
        FINANCE = "finance", "财政部门审定签字页"
        FILING = "filing", "领导小组备案签字页"
        STEP = "step", "其他环节签字页"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(
        Application, models.CASCADE, related_name="papers", verbose_name="资金使用申请"
    )
    kind = models.CharField("种类", max_length=8, choices=Kind)
    title = models.CharField("说明", max_length=80)
    stored_name = models.CharField("存放名", max_length=40)
    form = models.CharField("文件形式", max_length=4)
    digest = models.CharField("校验码", max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    at = models.DateTimeField("上传时间", default=timezone.now)

    objects = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = "申请附件"

    def __str__(self) -> str:
        return self.title
