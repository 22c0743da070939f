"""Abstract models of what is handed in. Each stage adds whose it is, its states and its rows."""

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class HandedInWorkbook(models.Model):
    """A workbook that somebody handed in."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file_name = models.CharField("文件名", max_length=200)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.file_name


class CheckedWorkbook(HandedInWorkbook):
    """Kept unread; background work checks it, and what the check came to is shown before it is confirmed."""

    DIGEST = "file_digest"
    OPEN: tuple[str, ...]  # states in which it may be checked and carried out
    state: Any
    get_state_display: Callable[[], str]
    rows: Any  # of the model that refers to it

    file_digest = models.CharField("文件校验码", max_length=64)
    stored_name = models.CharField("存放名", max_length=40, blank=True)
    headings: Any = models.JSONField("表头", default=list)
    error = models.TextField("整份退回原因", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="经办人")
    created_at = models.DateTimeField("提交时间", default=timezone.now)

    class Meta:
        abstract = True


class ReadWorkbook(HandedInWorkbook):
    """Read while it is handed in: what it would do is shown, and done once it is confirmed. Its file is read
    again for each page and at the confirmation."""

    DIGEST = "digest"

    digest = models.CharField("校验码", max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    at = models.DateTimeField("上传时间", default=timezone.now)

    class Meta:
        abstract = True
