import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from fangpin.accounts.scoping import ScopedQuerySet
from screening.models.field import FieldEntry
from screening.models.verifications import Verification


class PhotoQuerySet(ScopedQuerySet):
    scope_permission = "candidate.view"
    scope_path = "verification__household__village_id"

    def in_scope(self, duty):
        return self.filter(verification__in=Verification.objects.all().in_scope(duty))


class VerificationPhoto(models.Model):
    """照片 of what was seen at verification: a JPEG without EXIF, kept encrypted outside the web root."""

    MOST = 6  # of one household and round

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    verification = models.ForeignKey(Verification, models.PROTECT, related_name="photos", verbose_name="核实")
    stored_name = models.CharField("存放名", max_length=40)
    digest = models.CharField("校验码", max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    at = models.DateTimeField("时间", default=timezone.now)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        verbose_name = "核实照片"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["verification", "digest"],
                name="photo_once_a_verification",
                violation_error_message="这张照片已经传过。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.verification_id} {self.at:%Y-%m-%d}"


class EntryPhotoQuerySet(ScopedQuerySet):
    scope_permission = "field.view"
    scope_path = "entry__village_id"


class EntryPhoto(models.Model):
    """照片 of what was seen at the door: a JPEG without EXIF, kept encrypted outside the web root."""

    MOST = 6  # of one entry

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    entry = models.ForeignKey(FieldEntry, models.PROTECT, related_name="photos", verbose_name="入户排查记录")
    stored_name = models.CharField("存放名", max_length=40)
    digest = models.CharField("校验码", max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    at = models.DateTimeField("时间", default=timezone.now)

    objects = EntryPhotoQuerySet.as_manager()

    class Meta:
        verbose_name = "入户照片"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "digest"],
                name="photo_once_an_entry",
                violation_error_message="这张照片已经传过。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.at:%Y-%m-%d}"
