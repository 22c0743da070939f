"""What lists and papers of order sheets show: rows, figures by department, exports."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from fangpin.accounts.models import User
from fangpin.common import exports, working_days
from fangpin.common.actor import Actor
from fangpin.common.working_days import YearNotConfirmed
from fangpin.policy.services import NoPolicy, in_force
from households.models import Case, Follower, Member
from measures.catalogue import first_rows
from measures.models import LineState, Measure, OrderLine, OrderSheet
from measures.orders import lines as order_lines
from measures.orders.forms import LineFilter
from screening import criteria
from screening.criteria.base import Subcriterion

ORDER = ("household__village_id", "household_id", "id")


def with_counts(sheets: QuerySet[OrderSheet]) -> QuerySet[OrderSheet]:
    """Households and lines of each sheet, and how far they are."""
    ended = [LineState.CLOSED, LineState.RETURNED]
    return sheets.select_related("department", "prepared_by", "issued_by", "county").annotate(
        households=Count("lines__household", distinct=True),
        all=Count("lines", distinct=True),
        ended=Count("lines", filter=Q(lines__state__in=ended), distinct=True),
        done=Count("lines", filter=Q(lines__state=LineState.DONE), distinct=True),
        unaccepted=Count("lines", filter=Q(lines__state=LineState.ISSUED), distinct=True),
    )


def with_all(lines: QuerySet[OrderLine]) -> QuerySet[OrderLine]:
    return order_lines.with_due(lines).select_related(
        "household__village__parent", "household__hamlet", "risk", "case", "department", "sheet"
    )


@dataclass(frozen=True)
class LineRow:
    """An order line with its situation, the names of the suggested measures, the head's masked number, who
    follows the household, and whether its next step is overdue."""

    line: OrderLine
    subject: Subcriterion
    suggestions: Sequence[str]
    masked_id: str
    follower: User | None
    is_late: bool


def line_rows(lines: Sequence[OrderLine]) -> list[LineRow]:
    """Of lines fetched `with_all`; two statements for any number."""
    today = timezone.localdate()
    heads = heads_of(lines)
    followers = {
        follower.case_id: follower.user
        for follower in Follower.objects.filter(
            case__in=[line.case_id for line in lines], ends_on=None
        ).select_related("user")
    }
    return [
        LineRow(
            line,
            criteria.subcriteria()[line.risk.subcriterion],
            suggestions_of(line),
            head.masked_id if (head := heads.get(line.household_id)) else "",
            followers.get(line.case_id),
            line.next_due is not None and line.next_due < today,
        )
        for line in lines
    ]


def suggestions_of(line: OrderLine) -> list[str]:
    """Names of the suggested measures that the catalogue knows."""
    return [first_rows.BY_CODE[code].name for code in line.suggested if code in first_rows.BY_CODE]


def heads_of(lines: Iterable[OrderLine]) -> dict[int, Member]:
    """Household → its head today."""
    homes = {line.household_id for line in lines}
    heads = Member.objects.current().filter(household__in=homes, relation="head")
    return {member.household_id: member for member in heads}


def tabs(lines: QuerySet[OrderLine]) -> list[dict]:
    """State, words, number: for the department's board."""
    counts = dict(lines.order_by().values_list("state").annotate(n=Count("pk")))
    shown = [state for state in LineState if state not in (LineState.DRAFT,)]
    return [
        {"state": state.value, "label": state.label, "number": counts.get(state.value, 0)} for state in shown
    ]


def late_by_department(user: Actor) -> list[dict]:
    """Department → lines over time, households, the earliest day: for the director and the text to send
    on."""
    late = order_lines.overdue(OrderLine.objects.for_user(user)).order_by()
    rows = late.values("department__name", "department__code").annotate(
        lines=Count("pk"), households=Count("household", distinct=True), since=Min("next_due")
    )
    return sorted(rows, key=lambda row: row["since"])


def departments_to_escalate(user: Actor) -> list[dict]:
    """Those late for so many working days that the director hears of it."""
    today = timezone.localdate()
    rows = late_by_department(user)
    if not rows:
        return []
    try:
        days = in_force(user.acting.division, today)["order.climb_days"]
    except NoPolicy:
        return []
    return [row for row in rows if _late_days(row["since"], today) >= days]


def _late_days(since: datetime.date, today: datetime.date) -> int:
    try:
        return working_days.between(since, today)
    except YearNotConfirmed:
        return (today - since).days


def without_measure(user: Actor) -> QuerySet[Case]:
    """Open cases that have waited longer than the policy's days for their first measure."""
    today = timezone.localdate()
    try:
        days = in_force(user.acting.division, today)["order.gap_days"]
    except NoPolicy:
        return Case.objects.none()
    helped = Measure.objects.not_cancelled().values("case")
    return (
        Case.objects.for_user(user)
        .open()
        .filter(identified_on__lt=today - datetime.timedelta(days=days))
        .exclude(pk__in=helped.filter(case__isnull=False))
    )


def reminder_sentence(sheet: OrderSheet, rows: Iterable[LineRow]) -> str:
    """A text to send on, with counts alone."""
    late = [row.line for row in rows if row.is_late]
    waiting = {
        "待接收": sum(line.state == LineState.ISSUED for line in late),
        "待拟定举措": sum(line.state == LineState.ACCEPTED for line in late),
        "待落实": sum(
            line.state in (LineState.PLANNED, LineState.FILED, LineState.IN_PROGRESS) for line in late
        ),
    }
    late_sentence = "、".join(f"{words} {count} 项" for words, count in waiting.items() if count)
    return f"@{sheet.department.name}：{sheet.number}交办单已超期，{late_sentence}，请尽快办理。"


# ---- Export ----
HEADINGS = (
    "文号",
    "承办部门",
    "户主",
    "乡（镇）",
    "行政村",
    "自然屯",
    "户编号",
    "类别",
    "风险情形",
    "具体困难",
    "建议举措",
    "进展",
    "期限",
    "列入计划",
    "退回事项",
    "退回理由",
)


def _queryset(user: Actor, params):
    lines = LineFilter(params, user=user).narrow(OrderLine.objects.for_user(user))
    return with_all(lines).order_by(*ORDER)


def _row(line: OrderLine) -> tuple:
    home = line.household
    return (
        line.sheet.number,
        line.department.name,
        home.head_name,
        home.village.parent.short_name,
        home.village.short_name,
        home.hamlet.name if home.hamlet else "",
        home.number,
        line.case.get_category_display(),
        criteria.subcriteria()[line.risk.subcriterion].tag,
        line.difficulty,
        "、".join(suggestions_of(line)),
        line.get_state_display(),
        line.next_due,
        line.plan_words,
        line.get_return_reason_display(),
        line.return_words,
    )


exports.register(
    exports.Export(
        name="order-lines",
        title="交办事项",
        permission="order.view",
        headings=HEADINGS,
        queryset=_queryset,
        row=_row,
        text_columns=("户编号",),
        words=lambda user, params: exports.words_of(LineFilter(params, user=user)),
    )
)
