"""What lists and papers of order sheets show: rows dressed with words, figures by department, exports."""

import datetime
from collections.abc import Iterable, Sequence

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from fangpin.common import exports, working_days
from fangpin.common.working_days import YearNotConfirmed
from fangpin.policy.services import NoPolicy, in_force
from households.models import Case, Follower, Member
from measures.catalogue import first_rows
from measures.models import LineState, Measure, OrderLine, OrderSheet
from measures.orders import lines as order_lines
from measures.orders.forms import LineFilter
from screening import criteria

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


def dress(lines: Sequence[OrderLine]) -> None:
    """Adds the situation, suggested measures in words, the head's masked number, the follower, whether it is
    late."""
    today = timezone.localdate()
    heads = heads_of(lines)
    following = {
        follower.case_id: follower.user
        for follower in Follower.objects.filter(
            case__in=[line.case_id for line in lines], ends_on=None
        ).select_related("user")
    }
    for line in lines:
        line.subject = criteria.subcriteria()[line.risk.subcriterion]
        line.suggestions = [first_rows.BY_CODE[c].name for c in line.suggested if c in first_rows.BY_CODE]
        head = heads.get(line.household_id)
        line.masked_id = head.masked_id if head else ""
        line.follower = following.get(line.case_id)
        due = getattr(line, "next_due", None)
        line.is_late = due is not None and due < today


def heads_of(lines: Iterable[OrderLine]) -> dict[int, Member]:
    """Household → its head today."""
    homes = {line.household_id for line in lines}
    found = Member.objects.current().filter(household__in=homes, relation="head")
    return {member.household_id: member for member in found}


def tabs(lines: QuerySet[OrderLine]) -> list[dict]:
    """State, words, number: for the department's board."""
    counts = dict(lines.order_by().values_list("state").annotate(n=Count("pk")))
    shown = [state for state in LineState if state not in (LineState.DRAFT,)]
    return [
        {"state": state.value, "label": state.label, "number": counts.get(state.value, 0)} for state in shown
    ]


def late_by_department(user) -> list[dict]:
    """Department → lines over time, households, the earliest day: for the director and the text to send
    on."""
    late = order_lines.overdue(OrderLine.objects.for_user(user)).order_by()
    rows = late.values("department__name", "department__code").annotate(
        lines=Count("pk"), households=Count("household", distinct=True), since=Min("next_due")
    )
    return sorted(rows, key=lambda row: row["since"])


def climbed(user) -> list[dict]:
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


def without_measure(user) -> QuerySet[Case]:
    """Open cases that have waited longer than the policy's days for their first measure."""
    today = timezone.localdate()
    try:
        days = in_force(user.acting.division, today)["order.gap_days"]
    except NoPolicy:
        return Case.objects.none()
    helped = Measure.objects.standing().values("case")
    return (
        Case.objects.for_user(user)
        .open()
        .filter(identified_on__lt=today - datetime.timedelta(days=days))
        .exclude(pk__in=helped.filter(case__isnull=False))
    )


def chase_words(sheet: OrderSheet, lines: Iterable[OrderLine]) -> str:
    """A text to send on, with counts alone."""
    late = [line for line in lines if line.is_late]
    waiting = {
        "待接收": sum(line.state == LineState.ISSUED for line in late),
        "待拟定举措": sum(line.state == LineState.ACCEPTED for line in late),
        "待落实": sum(
            line.state in (LineState.PLANNED, LineState.FILED, LineState.IN_PROGRESS) for line in late
        ),
    }
    told = "、".join(f"{words} {count} 项" for words, count in waiting.items() if count)
    return f"@{sheet.department.name}：{sheet.number}交办单已超期，{told}，请尽快办理。"


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


def _queryset(user, params):
    found = LineFilter(params, user=user).narrow(OrderLine.objects.for_user(user))
    return with_all(found).order_by(*ORDER)


def _row(line: OrderLine) -> tuple:
    home = line.household
    suggested = [first_rows.BY_CODE[c].name for c in line.suggested if c in first_rows.BY_CODE]
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
        "、".join(suggested),
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
