from django.db import models

from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common.models import Photo
from screening.models.field import FieldEntry
from screening.models.verifications import Verification


class PhotoQuerySet(ScopedQuerySet):
    scope_permission = "candidate.view"
    scope_path = "verification__household__village_id"

    def in_scope(self, duty):
        return self.filter(verification__in=Verification.objects.all().in_scope(duty))


class VerificationPhoto(Photo):
    """照片 of what was seen at verification; MOST are kept of one household and round."""

    verification = models.ForeignKey(Verification, models.PROTECT, related_name="photos", verbose_name="核实")

    objects = PhotoQuerySet.as_manager()

    class Meta(Photo.Meta):
        verbose_name = "核实照片"
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


class EntryPhoto(Photo):
    """照片 of what was seen at the door."""

    entry = models.ForeignKey(FieldEntry, models.PROTECT, related_name="photos", verbose_name="入户排查记录")

    objects = EntryPhotoQuerySet.as_manager()

    class Meta(Photo.Meta):
        verbose_name = "入户照片"
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "digest"],
                name="photo_once_an_entry",
                violation_error_message="这张照片已经传过。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.at:%Y-%m-%d}"
