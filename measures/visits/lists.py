"""Exports of follow-up: cases with their last visit, visits."""

from fangpin.common import exports
from households.models import Case
from measures.models import Visit
from measures.visits import following
from measures.visits.forms import FollowFilter, VisitFilter
from screening.cases import lists as cases

FOLLOW_HEADINGS = (
    "户主",
    "乡（镇）",
    "行政村",
    "类别",
    "风险",
    "灯",
    "跟踪责任人",
    "跟踪起始",
    "最近走访",
    "跟踪期满",
)
VISIT_HEADINGS = (
    "走访日期",
    "户主",
    "乡（镇）",
    "行政村",
    "方式",
    "走访人",
    "录入人",
    "见到谁",
    "情况和问题",
    "农户诉求",
    "新的风险",
    "现在人均纯收入（元）",
)


def _cases(user, params):
    found = FollowFilter(params, user=user).narrow(Case.objects.for_user(user))
    return cases.with_all(following.with_last(found)).order_by("household__village_id", "household_id", "id")


def _case_row(case: Case) -> tuple:
    cases.dress(case)
    home = case.household
    return (
        home.head_name,
        home.village.parent.short_name,
        home.village.short_name,
        case.get_category_display(),
        "、".join(case.tags) or case.risk_words,
        home.get_lamp_display(),
        case.follower.user.name if case.follower else "",
        case.follower.begins_on if case.follower else None,
        case.last_visit,
        case.follow_until,
    )


def _visits(user, params):
    found = VisitFilter(params, user=user).narrow(Visit.objects.for_user(user).standing())
    return found.select_related("household__village__parent", "by").order_by(
        "household__village_id", "-on", "id"
    )


def _visit_row(visit: Visit) -> tuple:
    home = visit.household
    return (
        visit.on,
        home.head_name,
        home.village.parent.short_name,
        home.village.short_name,
        visit.get_way_display(),
        "、".join(visit.visitors),
        visit.by.name,
        visit.spoke_with,
        visit.words,
        visit.wishes,
        visit.new_risk_words,
        exports.yuan_cell(visit.per_head),
    )


exports.register(
    exports.Export(
        name="follow-up",
        title="跟踪管理",
        permission="visit.export",
        headings=FOLLOW_HEADINGS,
        queryset=_cases,
        row=_case_row,
        words=lambda user, params: exports.words_of(FollowFilter(params, user=user)),
    )
)
exports.register(
    exports.Export(
        name="visits",
        title="走访记录",
        permission="visit.export",
        headings=VISIT_HEADINGS,
        queryset=_visits,
        row=_visit_row,
        words=lambda user, params: exports.words_of(VisitFilter(params, user=user)),
    )
)
