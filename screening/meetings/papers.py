"""What the printed forms of a meeting hold: rows of the lists, figures of the report, households by
reason."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, F, QuerySet

from fangpin.common.actor import Actor
from households.codelists import Category
from households.models import Member
from households.numbers import masked_id
from screening import criteria
from screening.comparison import compare as comparison
from screening.comparison.board import CandidateRow
from screening.feeds import deliveries as feed_deliveries
from screening.meetings import dossier
from screening.models import (
    AgendaItem,
    Attendance,
    Candidate,
    CandidateState,
    Decision,
    FieldEntry,
    HamletSignOff,
    Lead,
    Meeting,
    MeetingState,
    Round,
    Source,
)


@dataclass(frozen=True)
class Paper:
    """A list of form F2. `decision` of its rows; "" of all, None of households that never came on the
    agenda."""

    number: str
    title: str
    decision: str | None
    reason_heading: str = "备注"


LISTS = {
    "proposed": Paper("F2", "防贫对象建议名单", ""),
    "approved": Paper("F3 附件1", "同意纳入防贫对象名单", Decision.APPROVED),
    "declined": Paper("F3 附件2", "不予纳入名单", Decision.DECLINED, "理由"),
    "deferred": Paper("F3 附件3", "暂缓名单", Decision.DEFERRED, "补充要求"),
    "dismissed": Paper("F2 附表", "核实后不列入名单", None, "理由"),
}


@dataclass(frozen=True)
class PaperRow:
    """A household on a paper."""

    shown: CandidateRow
    reason: str
    head_id: str


@dataclass
class Total:
    households: int = 0
    people: int = 0
    by_category: dict[str, list[int]] = field(default_factory=dict)


def paper_rows(meeting: Meeting, which: str, *, user: Actor) -> list[PaperRow]:
    """By township and village; the head's number masked. A constant number of statements."""
    paper = LISTS[which]
    if paper.decision is None:
        dismissed = Candidate.objects.filter(round=meeting.round_id, state=CandidateState.DISMISSED)
        shown = dossier.candidate_rows(dismissed.values_list("pk", flat=True))
        reasons = {row.candidate.pk: _dismissal_sentence(row) for row in shown}
    else:
        items = AgendaItem.objects.for_user(user).filter(meeting=meeting)
        items = items.filter(decision=paper.decision) if paper.decision else items
        reasons = dict(items.values_list("candidate", "reason"))
        shown = dossier.candidate_rows(reasons)
    heads = dict(
        Member.objects.current()
        .filter(relation="head", household__in=[row.candidate.household_id for row in shown])
        .values_list("household", "id_number")
    )
    return [
        PaperRow(row, reasons[row.candidate.pk], masked_id(heads.get(row.candidate.household_id)))
        for row in shown
    ]


def _dismissal_sentence(row: CandidateRow) -> str:
    sentence = "属实，自己能解决" if row.candidate.self_coping else "不属实"
    answer = row.task.words if row.task else ""
    return f"{sentence}：{answer}" if answer else sentence


def total(rows: Iterable[PaperRow]) -> Total:
    sums = Total(by_category={category.label: [0, 0] for category in Category})
    for row in rows:
        candidate = row.shown.candidate
        sums.households += 1
        sums.people += candidate.household.size
        of_category = sums.by_category[candidate.get_category_display()]
        of_category[0] += 1
        of_category[1] += candidate.household.size
    return sums


# ---- Minutes ----
def figures_of(round: Round) -> dict:
    """听取汇报: what was collected, compared and verified."""
    deliveries = feed_deliveries.owed_lists(round)
    leads = Lead.objects.filter(round=round).current()
    candidates = Candidate.objects.filter(round=round)
    return {
        "lists": len(deliveries),
        "delivered": sum(line["feed"] is not None for line in deliveries),
        "online": leads.filter(source=Source.ONLINE).values("household").distinct().count(),
        "offline": leads.filter(source=Source.OFFLINE).values("household").distinct().count(),
        "entries": FieldEntry.objects.filter(round=round).count(),
        "hamlets": HamletSignOff.objects.filter(round=round).count(),
        "sides": comparison.count_sides(round),
        "confirmed": candidates.exclude(confirmed_by=None).exclude(state=CandidateState.DISMISSED).count(),
        "dismissed": candidates.filter(state=CandidateState.DISMISSED).count(),
        "listed": candidates.exclude(listed_at=None).count(),
    }


def by_reason(items: QuerySet[AgendaItem], decision: str) -> list[dict]:
    """Households by reason, the most frequent first."""
    reasons = items.filter(decision=decision).order_by().values("reason").annotate(n=Count("pk"))
    return list(reasons.order_by("-n", "reason"))


def people(meeting: Meeting) -> dict[str, list[Attendance]]:
    """Part → those who took it."""
    parts: dict[str, list[Attendance]] = {part: [] for part in Attendance.Part.values}
    for attendance in meeting.attendances.all():
        parts[attendance.part].append(attendance)
    return parts


# ---- F1 ----
def ticked_situations(row: CandidateRow) -> list[tuple]:
    """Every situation of Art. 7(1), and whether it is this household's."""
    return [(sub, sub.code in row.situations) for sub in criteria.subcriteria().values()]


def decided_item(candidate: Candidate) -> AgendaItem | None:
    """The latest signed meeting's word about the household."""
    items = AgendaItem.objects.filter(candidate=candidate, meeting__state=MeetingState.SIGNED)
    return items.select_related("meeting").order_by(F("meeting__signed_at").desc()).first()
