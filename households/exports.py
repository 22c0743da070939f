"""What the household list exports: the rows of its filter, numbers masked."""

from fangpin.common import exports
from households.forms import HouseholdFilter
from households.lists import filtered, heads, household_row, with_figures
from households.models import Household
from households.numbers import masked_id

HEADINGS = (
    "户主",
    "人口",
    "乡（镇）",
    "行政村",
    "自然屯",
    "户编号",
    "户类型",
    "脱贫年度",
    "灯",
    "亮灯日期",
    "防贫对象",
    "收入年度",
    "人均纯收入（元）",
    "户主证件号码",
)


def _queryset(user, params):
    chosen = filtered(HouseholdFilter(params, user=user), Household.objects.for_user(user))
    return with_figures(chosen).prefetch_related(heads(user)).order_by("village_id", "id")


def _row(household: Household) -> tuple:
    row = household_row(household)
    return (
        household.head_name,
        household.size,
        household.village.parent.short_name,
        household.village.short_name,
        household.hamlet.name if household.hamlet else "",
        household.number,
        household.get_status_display(),
        household.lifted_year,
        household.get_lamp_display(),
        household.lamp_since,
        row.subject_label,
        row.latest_year,
        exports.yuan_cell(row.per_head),
        masked_id(household.heads[0].id_number) if household.heads else "",
    )


exports.register(
    exports.Export(
        name="households",
        title="农户清单",
        permission="household.export",
        headings=HEADINGS,
        queryset=_queryset,
        row=_row,
        text_columns=("户编号", "户主证件号码"),
        words=lambda user, params: exports.words_of(HouseholdFilter(params, user=user)),
    )
)
