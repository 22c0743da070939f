import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from fangpin.common.actor import Actor


class StatusRecord(models.Model):
    """办理记录: one change of state of one thing. Part of the service; written by the door alone."""

    append_only = True

    model = models.CharField("对象类型", max_length=60)
    object_id = models.BigIntegerField("对象")
    transition = models.CharField("办理", max_length=40)
    from_state = models.CharField("原状态", max_length=30, blank=True)
    to_state = models.CharField("新状态", max_length=30)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="办理人"
    )
    acting_as = models.ForeignKey(
        "accounts.Duty", models.PROTECT, null=True, related_name="+", verbose_name="岗位"
    )
    at = models.DateTimeField("时间", default=timezone.now)
    opinion = models.TextField("意见", blank=True)

    class Meta:
        verbose_name = "办理记录"
        indexes = [models.Index(fields=["model", "object_id", "id"], name="status_object")]

    def __str__(self) -> str:
        return f"{self.model} {self.object_id}: {self.from_state} → {self.to_state}"


class AuditRow(models.Model):
    """操作日志: who did or saw what. No feature reads it; it is never changed."""

    append_only = True

    at = models.DateTimeField("时间", default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="操作人"
    )
    acting_as = models.ForeignKey(
        "accounts.Duty", models.PROTECT, null=True, related_name="+", verbose_name="岗位"
    )
    address = models.GenericIPAddressField("来源地址", null=True)
    act = models.CharField("操作", max_length=40)
    model = models.CharField("对象类型", max_length=60, blank=True)
    object_id = models.BigIntegerField("对象", null=True)
    details = models.JSONField("内容", default=dict)

    class Meta:
        verbose_name = "操作日志"
        indexes = [models.Index(fields=["model", "object_id", "id"], name="audit_object")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.act}"


class WorkingDay(models.Model):
    """One day of the office's calendar. Seeded from the published holidays, corrected by the office."""

    day = models.DateField("日期", primary_key=True)
    is_working = models.BooleanField("上班")
    note = models.CharField("说明", max_length=60, blank=True)

    class Meta:
        verbose_name = "工作日历"

    def __str__(self) -> str:
        return f"{self.day} {'上班' if self.is_working else '休息'}"


class JobState(models.TextChoices):
    QUEUED = "queued", "排队中"
    RUNNING = "running", "进行中"
    DONE = "done", "已完成"
    FAILED = "failed", "没有完成"
    CANCELLED = "cancelled", "已取消"


class JobQuerySet(models.QuerySet["Job"]):
    def active(self) -> Self:
        return self.filter(state__in=Job.ACTIVE)

    def for_user(self, user: Actor) -> Self:
        """A person follows his own runs; what they made is scoped where it lives."""
        return self.filter(by=user) if user.acting else self.none()


class Job(models.Model):
    """One run of background work. The database is the queue of record; Celery only wakes workers.

    `attempt` counts who took it over: a worker that lost its lease can write nothing more.
    """

    ACTIVE = (JobState.QUEUED, JobState.RUNNING)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField("工作", max_length=40)
    key = models.CharField("对象键", max_length=80, help_text="only one active job a key")
    payload = models.JSONField("参数", default=dict)
    result = models.JSONField("结果", default=dict)
    state = models.CharField("状态", max_length=10, choices=JobState, default=JobState.QUEUED)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="发起人"
    )
    acting_as = models.ForeignKey(
        "accounts.Duty", models.PROTECT, null=True, related_name="+", verbose_name="岗位"
    )
    attempt = models.PositiveSmallIntegerField("第几次", default=0)
    steps_done = models.PositiveIntegerField("已完成步数", default=0)
    steps_total = models.PositiveIntegerField("总步数", default=0)
    label = models.CharField("进展", max_length=120, blank=True)
    error = models.TextField("原因", blank=True)
    created_at = models.DateTimeField("提交时间", default=timezone.now)
    heartbeat_at = models.DateTimeField("心跳", null=True)
    ended_at = models.DateTimeField("结束时间", null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = "后台工作"
        indexes = [models.Index(fields=["state", "heartbeat_at"], name="job_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(state__in=["queued", "running"]),
                name="job_one_active_a_key",
                violation_error_message="同一工作正在进行，请等它完成。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} {self.state}"

    @property
    def is_active(self) -> bool:
        return self.state in self.ACTIVE

    @property
    def percent(self) -> int:
        if self.state == JobState.DONE:
            return 100
        return min(99, 100 * self.steps_done // self.steps_total) if self.steps_total else 0

    @property
    def state_label(self) -> str:
        return self.get_state_display()


class Photo(models.Model):
    """照片 that somebody handed in: a JPEG without EXIF, kept encrypted outside the web root. Each kind adds
    what it is of."""

    MOST = 6  # of one thing

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    stored_name = models.CharField("存放名", max_length=40)
    digest = models.CharField("校验码", max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        abstract = True
        ordering = ["id"]
