"""What lists and papers of follow-up show, and their exports: cases with their last visit, visits."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from fangpin.common import exports
from fangpin.common.actor import Actor
from households.models import Case
from measures.models import Visit
from measures.visits import follow_up
from measures.visits.forms import FollowUpFilter, VisitFilter
from measures.visits.visits import GUARANTEES
from screening import criteria
from screening.cases import lists as cases

CASE_HEADINGS = (
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


@dataclass(frozen=True)
class VisitRow:
    """A visit in words. `seen` and `arrived`: (tag of a risk or name of a measure, what was said, words)."""

    visit: Visit
    secured: Sequence[str]
    is_typed_for: bool  # by somebody who was not there
    seen: Sequence[tuple[str, str, str]]
    arrived: Sequence[tuple[str, str, str]]


def with_all(visits: QuerySet[Visit]) -> QuerySet[Visit]:
    return visits.select_related(
        "household__village__parent__parent", "household__hamlet", "case", "by", "withdrawn_by"
    ).prefetch_related("risks__risk", "measures__measure__type", "photos")


def visit_row(visit: Visit) -> VisitRow:
    """Of a visit fetched `with_all`; no statement of its own."""
    return VisitRow(
        visit,
        [
            f"{label}{'有' if visit.secured.get(code) else '没有'}保障"
            for code, label in GUARANTEES.items()
            if code in visit.secured
        ],
        visit.by.name not in visit.visitors,
        [
            (criteria.subcriteria()[each.risk.subcriterion].tag, each.get_seen_display(), each.words)
            for each in visit.risks.all()
        ],
        [(each.measure.type.name, each.get_arrived_display(), each.words) for each in visit.measures.all()],
    )


# ---- Exports ----
def _cases(user: Actor, params):
    chosen = FollowUpFilter(params, user=user).narrow(Case.objects.for_user(user))
    return cases.with_all(follow_up.with_last(chosen)).order_by("household__village_id", "household_id", "id")


def _case_row(case: Case) -> tuple:
    row = cases.case_row(case)
    home = case.household
    return (
        home.head_name,
        home.village.parent.short_name,
        home.village.short_name,
        case.get_category_display(),
        "、".join(row.tags) or case.risk_words,
        home.get_lamp_display(),
        row.follower.user.name if row.follower else "",
        row.follower.begins_on if row.follower else None,
        case.last_visit,
        case.follow_until,
    )


def _visits(user: Actor, params):
    chosen = VisitFilter(params, user=user).narrow(Visit.objects.for_user(user).not_withdrawn())
    return chosen.select_related("household__village__parent", "by").order_by(
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
        headings=CASE_HEADINGS,
        queryset=_cases,
        row=_case_row,
        words=lambda user, params: exports.words_of(FollowUpFilter(params, user=user)),
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
