"""上限使用: what a household has used of a cap (Art. 5, 8(2))."""

from django.db import models
from django.db.models import F, Q

from households.models import Household


class CapUse(models.Model):
    """上限使用: what a household has used of one cap in one period, fen. The database refuses more than the
    limit, whatever the department and however many ask at once."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="cap_uses", verbose_name="农户")
    cap = models.CharField("上限", max_length=40, help_text="code of the measure type it belongs to")
    # 2020 · "" for an open sum or once · 2020-1:<member> for a term · 2020-03:<member> for a month · the
    # bill's number
    period = models.CharField("期间", max_length=60, blank=True, db_default="")
    limit = models.BigIntegerField("上限（分）")
    used = models.BigIntegerField("已用（分）", default=0, db_default=0)

    class Meta:
        verbose_name = "上限使用"
        constraints = [
            models.UniqueConstraint(fields=["household", "cap", "period"], name="cap_use_once_a_period"),
            models.CheckConstraint(
                condition=Q(used__lte=F("limit")),
                name="cap_use_within_limit",
                violation_error_message="超过上限。",
            ),
            models.CheckConstraint(condition=Q(used__gte=0), name="cap_use_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.cap} {self.period}: {self.used}/{self.limit}"
