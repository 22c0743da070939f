"""What lists and papers of measures show, and their export."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils import timezone

from fangpin.common import exports
from fangpin.common.money import yuan
from measures import caps
from measures.models import Measure
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


def dress(measures: Sequence[Measure]) -> None:
    """Adds the situation's tag, what counts against its cap, whether it is late."""
    today = timezone.localdate()
    users = caps.users_of({m.cap_use_id for m in measures if m.cap_use_id})
    for measure in measures:
        measure.tag = criteria.subcriteria()[measure.risk.subcriterion].tag if measure.risk else ""
        measure.is_late = measure.state in Measure.OUTSTANDING and measure.planned_to < today
        use = measure.cap_use
        measure.room = caps.Room(use.limit, use.used, users.get(use.pk, ())) if use else None


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


def _queryset(user, params):
    found = MeasureFilter(params, user=user).narrow(Measure.objects.for_user(user))
    return with_all(found).order_by(*ORDER)


def _row(measure: Measure) -> tuple:
    home = measure.household
    tag = criteria.subcriteria()[measure.risk.subcriterion].tag if measure.risk else ""
    return (
        home.head_name,
        home.village.parent.short_name,
        home.village.short_name,
        home.hamlet.name if home.hamlet else "",
        home.number,
        measure.get_kind_display(),
        tag,
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


def room_words(measure: Measure) -> str:
    """Of one dressed: 上限 5,000.00 元，已用 …"""
    if measure.room is not None:
        return measure.room.words
    return f"上限 {yuan(measure.type.cap)} 元" if measure.type.cap else ""
