import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django_fsm import FSMModelMixin, transition

from fangpin.accounts.models import Division, code_range
from fangpin.accounts.roles import PERMISSIONS
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common.fields import StateField
from fangpin.policy.parameters import PARAMETERS


class RevisionState(models.TextChoices):
    DRAFT = "draft", "草稿"
    RELEASED = "released", "已发布"
    DISCARDED = "discarded", "已作废"


def concerns(path: str, division: str) -> Q:
    """Values of a place: what the area below it has set, and what those above it have."""
    above = {division[:digits].ljust(12, "0") for digits in (2, 4, 6)}
    low, high = code_range(division)
    return Q(**{f"{path}__in": above}) | Q(**{f"{path}__gte": low, f"{path}__lte": high})


class RevisionQuerySet(ScopedQuerySet):
    scope_permission = "policy.view"
    scope_path = "division_id"

    def in_scope(self, duty):
        """What is released is for the whole area; a draft for those who prepare or release it at the same
        place."""
        released = Q(state=RevisionState.RELEASED) & concerns("division_id", duty.division_id)
        if duty.role in PERMISSIONS["policy.draft"] | PERMISSIONS["policy.release"]:
            return self.filter(released | Q(division_id=duty.division_id))
        return self.filter(released)

    def drafts(self):
        return self.filter(state=RevisionState.DRAFT)

    def released(self) -> Self:
        return self.filter(state=RevisionState.RELEASED)


class Revision(FSMModelMixin, models.Model):
    """政策调整: what one document changes, by the region, or by a county for the values left to it. Drafted,
    then released; the database refuses any change after (Art. 15)."""

    frozen_when = "released_at IS NOT NULL"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="适用范围")
    holds_from = models.DateField("施行日期")
    document = models.CharField("依据文号", max_length=80)
    reason = models.CharField("调整原因", max_length=200)
    state = StateField("状态", default=RevisionState.DRAFT, choices=RevisionState)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="起草人"
    )
    drafted_at = models.DateTimeField("起草时间", default=timezone.now)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="发布人"
    )
    released_at = models.DateTimeField("发布时间", null=True)

    objects = RevisionQuerySet.as_manager()

    class Meta:
        verbose_name = "政策调整"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="released", released_at__isnull=False, released_by__isnull=False)
                | Q(~Q(state="released"), released_at__isnull=True, released_by__isnull=True),
                name="revision_released_by_somebody",
                violation_error_message="已发布的调整须有发布人和发布时间。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.document}（{self.holds_from:%Y-%m-%d} 起施行）"

    @property
    def state_label(self) -> str:
        return self.get_state_display()

    @property
    def is_draft(self) -> bool:
        return self.state == RevisionState.DRAFT

    @transition(
        state,
        RevisionState.DRAFT,
        RevisionState.RELEASED,
        permission="policy.release",
        custom={"stamps": ["released_at"], "stamp_by": ["released_by"]},
    )
    def release(self):
        """From now on nothing of it can be changed."""

    @transition(state, RevisionState.DRAFT, RevisionState.DISCARDED, permission="policy.draft")
    def discard(self):
        """Kept, and never in force."""


class PolicyQuerySet(ScopedQuerySet):
    scope_permission = "policy.view"
    scope_path = "division_id"

    def in_scope(self, duty):
        """Released values alone; those of a draft are read through it."""
        return self.released().filter(concerns("division_id", duty.division_id))

    def released(self) -> Self:
        return self.exclude(released_at=None)


class Policy(models.Model):
    """政策参数: one value of one parameter, for the region or for a county, from a day on.

    Drafted, then released; never edited after. A later row replaces it from its own day on. A county's row
    without a value says that the county follows the region again.
    """

    frozen_when = "released_at IS NOT NULL"

    key = models.CharField("参数", max_length=60)
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="适用范围")
    value = models.JSONField("值", null=True, help_text="money in fen; none: follows the region")
    holds_from = models.DateField("施行日期")
    document = models.CharField("依据文号", max_length=80, blank=True)
    released_at = models.DateTimeField("发布时间", null=True, default=timezone.now)
    # None for the values that the regulation itself brought.
    revision = models.ForeignKey(
        Revision, models.CASCADE, null=True, related_name="values", verbose_name="政策调整"
    )

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name = "政策参数"
        constraints = [
            models.UniqueConstraint(
                fields=["key", "division", "holds_from"],
                condition=Q(released_at__isnull=False),
                name="policy_once_a_day",
                violation_error_message="同一参数同一天只能发布一个值。",
            ),
            models.UniqueConstraint(
                fields=["revision", "key"],
                name="policy_once_a_revision",
                violation_error_message="一次调整中同一参数只能有一个值。",
            ),
        ]

    def __str__(self) -> str:
        return f"{PARAMETERS[self.key].label}（{self.holds_from} 起）"


class Acknowledgement(models.Model):
    """知悉: a county has seen what a release of the region changes for it."""

    revision = models.ForeignKey(
        Revision, models.PROTECT, related_name="acknowledgements", verbose_name="政策调整"
    )
    county = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="县")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="知悉人")
    at = models.DateTimeField("知悉时间", default=timezone.now)

    class Meta:
        verbose_name = "政策调整知悉"
        constraints = [
            models.UniqueConstraint(fields=["revision", "county"], name="acknowledgement_once_a_county")
        ]

    def __str__(self) -> str:
        return f"{self.county_id} {self.revision_id}"
