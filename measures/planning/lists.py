"""What lists and papers of measures show, and their export."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from fangpin.common import exports
from fangpin.common.actor import Actor
from measures import caps
from measures.models import CapUse, Measure
from measures.planning.forms import MeasureFilter
from screening import criteria

ORDER = ("household__village_id", "household_id", "id")


def with_all(measures: QuerySet[Measure]) -> QuerySet[Measure]:
    return measures.select_related(
        "household__village__parent",
        "household__hamlet",
        "department",
        "type",
        "risk",
        "line__sheet",
        "member",
        "cap_use",
        "planned_by",
        "filed_by",
        "project",
    )


@dataclass(frozen=True)
class MeasureRow:
    """A measure with the tag of its situation and what is left of its cap; "" and None without one."""

    measure: Measure
    tag: str
    room: caps.Room | None


def measure_rows(measures: Sequence[Measure]) -> list[MeasureRow]:
    """Of measures fetched `with_all`; one statement for any number."""
    users = caps.users_of({m.cap_use_id for m in measures if m.cap_use_id})
    return [MeasureRow(measure, tag_of(measure), _room(measure.cap_use, users)) for measure in measures]


def tag_of(measure: Measure) -> str:
    return criteria.subcriteria()[measure.risk.subcriterion].tag if measure.risk else ""


def _room(use: CapUse | None, users: dict[int, list[tuple[str, int, str]]]) -> caps.Room | None:
    return caps.Room(use.limit, use.used, users.get(use.pk, ())) if use else None


HEADINGS = (
    "户主",
    "乡（镇）",
    "行政村",
    "自然屯",
    "户编号",
    "按什么户",
    "风险情形",
    "举措",
    "帮扶方式",
    "受益人",
    "金额（元）",
    "标准及计算",
    "部门",
    "资金渠道",
    "状态",
    "计划开始",
    "计划完成",
    "备案号",
    "备案日期",
    "实施日期",
    "落实日期",
    "落实金额（元）",
    "落实凭据",
    "交办单",
)


def _queryset(user: Actor, params):
    measures = MeasureFilter(params, user=user).narrow(Measure.objects.for_user(user))
    return with_all(measures).order_by(*ORDER)


def _row(measure: Measure) -> tuple:
    home = measure.household
    return (
        home.head_name,
        home.village.parent.short_name,
        home.village.short_name,
        home.hamlet.name if home.hamlet else "",
        home.number,
        measure.get_kind_display(),
        tag_of(measure),
        measure.type.name,
        measure.get_form_display(),
        measure.member.name if measure.member else "全户",
        exports.yuan_cell(measure.amount),
        measure.basis,
        measure.department.name,
        measure.get_route_display(),
        measure.get_state_display(),
        measure.planned_from,
        measure.planned_to,
        measure.filing_number,
        measure.filed_on,
        measure.started_on,
        measure.delivered_on,
        exports.yuan_cell(measure.delivered),
        measure.proof,
        measure.line.sheet.number if measure.line else "",
    )


exports.register(
    exports.Export(
        name="measures",
        title="防贫举措",
        permission="measure.export",
        headings=HEADINGS,
        queryset=_queryset,
        row=_row,
        text_columns=("户编号", "备案号"),
        words=lambda user, params: exports.words_of(MeasureFilter(params, user=user)),
    )
)
