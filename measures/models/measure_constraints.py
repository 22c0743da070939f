"""What the database holds of every measure (Art. 8, 10, 11)."""

from django.db import models
from django.db.models import F, Q

MEASURE_CONSTRAINTS = [
    models.UniqueConstraint(
        fields=["department", "filing_number"],
        condition=~Q(filing_number=""),
        name="measure_filing_number_once",
        violation_error_message="这个备案号已经用过。",
    ),
    models.CheckConstraint(
        condition=Q(amount=None) | Q(amount__gte=0),
        name="measure_amount_not_negative",
        violation_error_message="金额不能小于零。",
    ),
    models.CheckConstraint(
        condition=Q(planned_to__gte=F("planned_from")),
        name="measure_ends_after_beginning",
        violation_error_message="计划完成不能早于计划开始。",
    ),
    models.CheckConstraint(
        condition=Q(ceiling=None) | Q(amount=None) | Q(amount__lte=F("ceiling")),
        name="measure_within_ceiling",
        violation_error_message="超过脱贫户对应政策的标准（第八条（二））。",
    ),
    models.CheckConstraint(
        condition=~Q(code="special_relief")
        | (Q(kind="marginal") & ~Q(universal="") & ~Q(why_short="") & Q(ceiling__isnull=False)),
        name="measure_special_relief_after_universal",
        violation_error_message="特殊救助只给边缘户，须写明已用的普惠政策和仍不足的原因（第八条（二）1）。",
    ),
    models.CheckConstraint(
        condition=~Q(code="subsistence_raise") | Q(kind="monitored"),
        name="measure_raise_for_monitored",
        violation_error_message="低保提档只给脱贫监测户（第八条（一）1）。",
    ),
    models.CheckConstraint(
        condition=~Q(kind="marginal") | ~Q(route="R2"),
        name="measure_poverty_funds_not_for_marginal",
        violation_error_message="扶贫资金不能用于边缘户（第十条）。",
    ),
    models.CheckConstraint(
        condition=Q(kind="marginal") | ~Q(route="R1"),
        name="measure_marginal_funds_for_marginal",
        violation_error_message="边缘户防贫资金只用于边缘户（第十一条）。",
    ),
    # No measure starts before its filing (Art. 8).
    models.CheckConstraint(
        condition=Q(started_on=None)
        | (Q(filed_on__isnull=False, filed_by__isnull=False) & Q(started_on__gte=F("filed_on"))),
        name="measure_started_after_filing",
        violation_error_message="举措备案后才能实施，实施日期不能早于备案日期（第八条）。",
    ),
    models.CheckConstraint(
        condition=Q(delivered_on=None) | Q(started_on__isnull=False, delivered_on__gte=F("started_on")),
        name="measure_delivered_after_start",
        violation_error_message="落实日期不能早于实施日期。",
    ),
    models.CheckConstraint(
        condition=(Q(state__in=["planned", "sent_back"]) & Q(filed_on=None, started_on=None))
        | (Q(state="filed") & Q(filed_on__isnull=False, started_on=None, delivered_on=None))
        | (Q(state="started") & Q(started_on__isnull=False, delivered_on=None))
        | (Q(state="delivered") & Q(delivered_on__isnull=False))
        | (Q(state="cancelled") & Q(delivered_on=None) & ~Q(cancel_words="")),
        name="measure_dates_as_its_state",
    ),
]
