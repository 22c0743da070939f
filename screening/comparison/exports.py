"""What the list of candidates exports, in the order of form F2: the rows of its filter; numbers stay out."""

import uuid

from fangpin.common import exports
from fangpin.common.actor import Actor
from screening.comparison import board
from screening.comparison.forms import CandidateFilter
from screening.models import Candidate

HEADINGS = (
    "乡（镇）",
    "行政村",
    "自然屯",
    "户主姓名",
    "人口",
    "户编号",
    "户类型",
    "拟认定类别",
    "人均纯收入（元）",
    "收入来源",
    "高于收入参考线",
    "高于参考线的说明",
    "风险情形",
    "线上（部门数据）",
    "线下（入户排查）",
    "对比结果",
    "进展",
    "核实确认人",
)


def _queryset(user: Actor, params):
    form = CandidateFilter(params, user=user)
    candidates = form.narrow(Candidate.objects.for_user(user))
    if round := params.get("round"):
        try:
            candidates = candidates.filter(round__uuid=uuid.UUID(round))
        except ValueError:
            return candidates.none()
    return board.with_leads(board.with_what_is_shown(candidates)).order_by(
        "household__village_id", "household_id", "id"
    )


def _row(candidate: Candidate) -> tuple:
    (row,) = board.candidate_rows([candidate], fetched=board.own_leads(candidate))
    home = candidate.household
    return (
        home.village.parent.short_name,
        home.village.short_name,
        home.hamlet.name if home.hamlet else "",
        home.head_name,
        home.size,
        home.number,
        home.status_label,
        candidate.get_category_display(),
        exports.yuan_cell(row.income.per_head),
        row.income.source,
        "是" if row.income.above_line else "否",
        candidate.above_line_words,
        "、".join(row.tags),
        "；".join(row.online),
        "；".join(row.offline),
        candidate.get_side_display(),
        row.state_sentence,
        candidate.confirmed_by.name if candidate.confirmed_by else "",
    )


exports.register(
    exports.Export(
        name="candidates",
        title="建议名单",
        permission="candidate.export",
        headings=HEADINGS,
        queryset=_queryset,
        row=_row,
        text_columns=("户编号",),
        words=lambda user, params: exports.words_of(CandidateFilter(params, user=user)),
    )
)
