"""Art. 7(1)5: labour without stable employment: who is out of work, and what all of a household work in a
year."""

from collections import Counter
from collections.abc import Sequence

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery, Sum, Window
from django.db.models.functions import Coalesce, JSONObject, RowNumber

from fangpin.common import cells
from fangpin.common.database import JsonList
from fangpin.common.workbooks import Column
from fangpin.policy.services import PolicySet
from households.codelists import NOT_IN_SCHOOL, UNABLE_TO_WORK
from households.models import Household, Member
from screening.criteria import labour, left_out
from screening.criteria.base import Cell, FeedKind, Figures, Finding, Rule, Subcriterion
from screening.criteria.parsing import one_of, within
from screening.criteria.person import PERSON, person_cells
from screening.models import FeedRow, Round

UNSTABLE_EMPLOYMENT = Subcriterion(
    code="livelihood.unstable_employment",
    register_word="务工就业不稳",
    label="劳动力无法稳定就业",
    tag="就业不稳",
    article="Art. 7(1)5",
    clause="第七条（一）5",
    department="labour",
    measures=("job_referral", "skill_training", "job_post"),
)

OUT_OF_WORK = ("失业", "返乡")


def job_figures(state: str, state_on, months: int) -> Figures:
    """Whether somebody was out of work on that day; which row of a person counts is decided over the whole
    list."""
    return Figures(
        on_date=state_on,
        months=months,
        qualifies=state in OUT_OF_WORK,
        reason="" if state in OUT_OF_WORK else state,
        word=state,
    )


JOB_LOSS = FeedKind(
    code="job_loss",
    label="劳动力务工情况清单",
    short="人社清单",
    departments=("labour",),
    cells=(
        *person_cells("人员姓名", "劳动力姓名"),
        Cell(
            "state",
            Column(
                "状态",
                required=True,
                choices=("失业", "返乡", "在岗", "灵活就业"),
                synonyms=("就业状态", "务工状态", "务工情况", "就业情况", "当前状态"),
            ),
            one_of(
                {
                    "失业": "失业",
                    "返乡": "返乡",
                    "在岗": "在岗",
                    "灵活就业": "灵活就业",
                    "已失业": "失业",
                    "待业": "失业",
                    "未就业": "失业",
                    "已返乡": "返乡",
                    "返乡回流": "返乡",
                    "已就业": "在岗",
                    "在岗就业": "在岗",
                    "务工": "在岗",
                    "在外务工": "在岗",
                    "外出务工": "在岗",
                    "零工": "灵活就业",
                    "打零工": "灵活就业",
                },
                named=("失业", "返乡", "在岗", "灵活就业"),
            ),
        ),
        Cell(
            "state_on",
            Column(
                "状态日期",
                required=True,
                kind="date",
                synonyms=(
                    "状态时间",
                    "失业日期",
                    "失业时间",
                    "返乡日期",
                    "返乡时间",
                    "失业（返乡）日期",
                    "失业返乡日期",
                    "失业返乡时间",
                ),
            ),
            cells.day,
        ),
        Cell(
            "months",
            Column(
                "近12个月务工月数",
                required=True,
                kind="whole",
                synonyms=(
                    "近十二个月务工月数",
                    "近一年务工月数",
                    "近12个月务工时间",
                    "务工月数",
                    "务工时间",
                    "务工月份数",
                ),
            ),
            within(0, 12),
            0,
        ),
    ),
    identity=PERSON,
    figures=job_figures,
    notes=(
        "一人一行；同一人有几行的，以状态日期最晚的一行为准，日期相同的以下面的一行为准。",
        "请把同户在岗、灵活就业的人也列入，以便计算全家务工月数；没有列入的按户册的务工时间计算。",
    ),
)


def _latest(rows: QuerySet[FeedRow]) -> QuerySet[FeedRow]:
    """Of each person who is still in the registry the row that counts; of two lists the later one."""
    latest_first = [F("on_date").desc(), F("row_no").desc(), F("feed_id").desc()]
    return (
        rows.filter(member__removed_on=None)
        .annotate(place=Window(RowNumber(), partition_by=F("member_id"), order_by=latest_first))
        .filter(place=1)
    )


def find_unstable(round: Round, policy: PolicySet):
    """Households with somebody able to work and out of work, whose months of work of all members together lie
    below the policy's: the registry's months, with what the list says in place of them."""
    youngest, oldest = labour.births(policy, round.last_day)
    fits = Q(
        qualifies=True,
        member__birth_date__gt=oldest,
        member__birth_date__lte=youngest,
        member__student__in=NOT_IN_SCHOOL,
    ) & ~Q(member__labour__in=UNABLE_TO_WORK)
    registered = (
        Member.objects.current()
        .filter(household=OuterRef("household_id"))
        .order_by()
        .values("household")
        .annotate(months=Sum("work_months"))
        .values("months")
    )
    live = FeedRow.objects.live(round, JOB_LOSS.code)
    # Most rows are of people at work: only households with somebody who may fit are added up.
    concerned = live.filter(household_id__in=live.filter(fits).values("household_id"))
    return (
        FeedRow.objects.filter(pk__in=_latest(concerned).values("pk"), member__household_id=F("household_id"))
        .annotate(registered=Subquery(registered))
        .values("household_id")
        .annotate(
            fitting=Count("pk", filter=fits),
            more=Sum(F("months") - Coalesce("member__work_months", 0)),
            rows=JsonList(JSONObject(feed="feed_id", row="row_no", word="word"), filter=fits),
            # The same in all of a household's rows; as an aggregate it is added up once a row and not once a
            # mention.
            theirs=Max("registered"),
        )
        .filter(fitting__gt=0)
        .annotate(value=F("more") + Coalesce("theirs", 0))
        .filter(value__lt=policy["livelihood.work_months"])
        .values_list("household_id", "value", "rows")
    )


def unstable_sentence(finding: Finding) -> str:
    states = Counter(row["word"] for row in finding.rows)
    people = (
        "、".join(f"{count} 人{state}" for state, count in states.items())
        if len(finding.rows) > 1
        else next(iter(states))
    )
    return (
        f"{people}，全家近12个月务工合计 {finding.value} 个月，"
        f"低于本县标准 {finding.threshold} 个月（{finding.since} 起）"
    )


def why_not_unstable(household: Household, rows: Sequence[FeedRow], round: Round, policy: PolicySet) -> str:
    """人社清单第 12 行：韦某返乡，全家近12个月务工合计 9 个月，未低于本县标准 6 个月（2020-01-19 起）"""
    if not rows:
        return left_out.no_row(JOB_LOSS)
    members = {member.pk: member for member in household.members.current()}
    latest: dict[int, FeedRow] = {}
    for row in sorted(rows, key=lambda row: (row.on_date, row.row_no, row.feed_id)):
        if row.member_id in members:
            latest[row.member_id] = row
    if not latest:
        return f"{_lines(rows)}：所列的人已不在这户"

    def lacks(row: FeedRow) -> str:
        member = members[row.member_id]
        missing = [] if row.qualifies else ["不是失业或返乡"]
        missing += labour.lacking(member, policy, round.last_day)
        if member.labour in UNABLE_TO_WORK:
            missing.append(f"户册登记为{member.get_labour_display()}")
        return left_out.with_faults(f"{member.name}{row.word}", missing)

    fitting = [row for row in latest.values() if not lacks(row)]
    if not fitting:
        return left_out.row_by_row(JOB_LOSS, list(latest.values()), lacks)
    months = sum(
        latest[pk].months if pk in latest else member.work_months or 0 for pk, member in members.items()
    )
    if months < policy["livelihood.work_months"]:
        return ""
    people = "、".join(f"{members[row.member_id].name}{row.word}" for row in fitting)
    return (
        f"{_lines(fitting)}：{people}，全家近12个月务工合计 {months} 个月，"
        f"未低于本县标准 {policy['livelihood.work_months']} 个月（{policy.since('livelihood.work_months')} "
        f"起）"
    )


def _lines(rows: Sequence[FeedRow]) -> str:
    """人社清单第 12 行等 3 行, the way a lead's sentence begins."""
    first = min(rows, key=lambda row: (row.feed_id, row.row_no))
    return f"{JOB_LOSS.short}第 {first.row_no} 行" + (f"等 {len(rows)} 行" if len(rows) > 1 else "")


UNSTABLE = Rule(
    code="livelihood.unstable_employment/job_loss",
    version=1,
    subcriterion=UNSTABLE_EMPLOYMENT,
    kind=JOB_LOSS,
    find=find_unstable,
    sentence=unstable_sentence,
    threshold="livelihood.work_months",
    why_not=why_not_unstable,
)
