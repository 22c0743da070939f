"""What the list of leads exports: the rows of its filter, with the sentences; no number of a person."""

from django.utils import timezone

from fangpin.common import exports
from fangpin.common.actor import Actor
from screening.leads import explanations
from screening.leads.forms import LeadFilter
from screening.models import Lead

HEADINGS = (
    "户主", "人口", "乡（镇）", "行政村", "自然屯", "户编号", "季度", "来源", "风险", "风险情形", "预警依据",
    "拟认定类别", "收入年度", "人均纯收入（元）", "高于收入参考线", "已是防贫对象", "发现时间", "撤回时间",
)  # fmt: skip


def filtered(user: Actor, params):
    """The rows that the page shows under the same parameters."""
    form = LeadFilter(params, user=user)
    return form.narrow(Lead.objects.for_user(user))


def with_places(leads):
    """Leads with all that a row of the list names."""
    return leads.select_related("household__village__parent", "household__hamlet", "round").prefetch_related(
        explanations.REASONS
    )


def _queryset(user: Actor, params):
    return with_places(filtered(user, params)).order_by("household__village_id", "household_id", "id")


def _row(lead: Lead) -> tuple:
    row, household = explanations.lead_row(lead), lead.household
    return (
        household.head_name,
        household.size,
        household.village.parent.short_name,
        household.village.short_name,
        household.hamlet.name if household.hamlet else "",
        household.number,
        lead.round.period.label,
        lead.get_source_display(),
        row.criterion.label,
        row.subject.label,
        "；".join(row.sentences),
        lead.get_category_display(),
        lead.income_year,
        exports.yuan_cell(lead.per_head),
        "是" if lead.above_line else "否",
        "是" if lead.in_case else "否",
        timezone.localdate(lead.raised_at),
        timezone.localdate(lead.withdrawn_at) if lead.withdrawn_at else None,
    )


exports.register(
    exports.Export(
        name="leads",
        title="风险线索",
        permission="lead.export",
        headings=HEADINGS,
        queryset=_queryset,
        row=_row,
        text_columns=("户编号",),
        words=lambda user, params: exports.words_of(LeadFilter(params, user=user)),
    )
)
