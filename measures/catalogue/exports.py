"""What the catalogue exports: every released version that one may see, with its document and its day."""

from django.utils import timezone

from fangpin.accounts.models import DEPARTMENTS
from fangpin.common import exports
from fangpin.common.actor import Actor
from fangpin.common.exports import yuan_cell
from fangpin.policy.parameters import clause
from measures.models import MeasureType

HEADINGS = (
    "举措",
    "条款",
    "适用范围",
    "施行日期",
    "停止施行",
    "承办部门",
    "帮扶方式",
    "计量",
    "脱贫户",
    "脱贫监测户",
    "边缘户",
    "上限口径",
    "上限或标准（元）",
    "边缘户限额口径",
    "边缘户限额（元）",
    "边缘户限额比例",
    "资金渠道",
    "资金渠道（边缘户）",
    "依据文号",
    "发布人",
    "发布日期",
)


def _queryset(user: Actor, _params):
    versions = MeasureType.objects.for_user(user).published().select_related("division", "released_by")
    return versions.order_by("order", "code", "division_id", "holds_from")


def _row(row: MeasureType) -> tuple:
    return (
        row.name,
        clause(row.article) if row.article else "一般政策",
        row.division.name,
        row.holds_from,
        row.ends_on,
        DEPARTMENTS.get(row.department, row.department),
        row.get_form_display(),
        row.get_unit_display(),
        row.get_for_lifted_display(),
        row.get_for_monitored_display(),
        row.get_for_marginal_display(),
        row.get_period_display(),
        "见政策参数" if row.cap_key else yuan_cell(row.cap),
        row.get_ceiling_kind_display(),
        yuan_cell(row.ceiling),
        f"{row.ceiling_rate / 100:g}%" if row.ceiling_rate else "",
        row.get_route_display(),
        row.get_route_marginal_display(),
        row.document,
        row.released_by.name if row.released_by else "",
        timezone.localdate(row.released_at),
    )


exports.register(
    exports.Export(
        name="catalogue",
        title="举措目录",
        permission="policy.view",
        headings=HEADINGS,
        queryset=_queryset,
        row=_row,
    )
)
