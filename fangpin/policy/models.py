from django.db import models
from django.db.models import Q
from django.utils import timezone

from fangpin.accounts.models import Division
from fangpin.policy.parameters import PARAMETERS


class PolicyQuerySet(models.QuerySet):
    def released(self):
        return self.exclude(released_at=None)


class Policy(models.Model):
    """政策参数: one value of one parameter, for the region or for a county, from a day on.

    Drafted, then released; never edited after. A later row replaces it from its own day on.
    """

    key = models.CharField("参数", max_length=60)
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="适用范围")
    value = models.JSONField("值", help_text="money in fen")
    holds_from = models.DateField("施行日期")
    document = models.CharField("依据文号", max_length=80, blank=True)
    released_at = models.DateTimeField("发布时间", null=True, default=timezone.now)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name = "政策参数"
        constraints = [
            models.UniqueConstraint(
                fields=["key", "division", "holds_from"],
                condition=Q(released_at__isnull=False),
                name="policy_once_a_day",
                violation_error_message="同一参数同一天只能发布一个值。",
            )
        ]

    def __str__(self) -> str:
        return f"{PARAMETERS[self.key].label}（{self.holds_from} 起）"
