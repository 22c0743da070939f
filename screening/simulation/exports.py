"""What the list of households of a simulation exports: the rows of its filter; no number of a person."""

import uuid

from fangpin.common import exports
from fangpin.common.actor import Actor
from screening.models import SimulationRow
from screening.simulation import requests
from screening.simulation.forms import RowFilter

HEADINGS = (
    "乡（镇）",
    "行政村",
    "自然屯",
    "户主",
    "人口",
    "户编号",
    "变化",
    "风险",
    "风险情形",
    "依据",
    "拟认定类别",
    "收入年度",
    "人均纯收入（元）",
    "高于收入参考线",
    "已是防贫对象",
    "季度",
    "按什么试算",
)


def with_places(rows):
    """Rows with all that a line of the list names."""
    return rows.select_related("household__village__parent", "household__hamlet", "simulation__round")


def _queryset(user: Actor, params):
    rows = RowFilter(params, user=user).narrow(SimulationRow.objects.for_user(user))
    try:
        chosen = uuid.UUID(params.get("simulation", ""))
    except ValueError:
        return rows.none()
    if not user.may("policy.simulate"):
        return rows.none()
    return with_places(rows.filter(simulation__uuid=chosen)).order_by(
        "household__village_id", "household_id", "id"
    )


def _row(row: SimulationRow) -> tuple:
    [explained] = requests.explained_rows([row])
    home = row.household
    return (
        home.village.parent.short_name,
        home.village.short_name,
        home.hamlet.name if home.hamlet else "",
        home.head_name,
        home.size,
        home.number,
        row.get_change_display(),
        explained.criterion.label,
        explained.subject.label,
        "；".join(explained.sentences),
        row.get_category_display(),
        row.income_year,
        exports.yuan_cell(row.per_head),
        "是" if row.above_line else "否",
        "是" if row.in_case else "否",
        row.simulation.round.period.label,
        row.simulation.about,
    )


exports.register(
    exports.Export(
        name="simulation",
        title="试算名单",
        permission="lead.export",
        headings=HEADINGS,
        queryset=_queryset,
        row=_row,
        text_columns=("户编号",),
    )
)
