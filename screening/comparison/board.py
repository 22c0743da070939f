"""What the pages of a comparison show of a candidate: both sides' sentences, income, the task, departments'
lines."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Prefetch, QuerySet
from django.utils import timezone

from screening import criteria
from screening.comparison import inquiries, readiness
from screening.comparison.inquiries import DepartmentLine, InquiryRow
from screening.leads import explanations
from screening.leads.explanations import LeadRow
from screening.models import Candidate, CandidateState, Lead, Side, Source, Verification, VerificationState

COLUMNS = (Side.ONLINE_ONLY, Side.CONSISTENT, Side.OFFLINE_ONLY, Side.MISMATCH)


@dataclass(frozen=True)
class LeadTexts:
    """What the leads of one household say. `online` and `offline` are sentences, `gone` is what the lists no
    longer bear out, `tags` and `situations` are its situations in words and in codes."""

    online: list[str]
    offline: list[str]
    gone: list[str]
    tags: list[str]
    situations: list[str]


@dataclass(frozen=True)
class CandidateRow(LeadTexts):
    """A candidate as pages, papers and exports show it. `box` (a line for each department) and `asked` are
    empty unless they were asked for."""

    candidate: Candidate
    income: readiness.Income
    lacks: list[str]
    task: Verification | None
    state_sentence: str
    is_overdue: bool
    box: list[DepartmentLine] = field(default_factory=list)
    asked: list[InquiryRow] = field(default_factory=list)


def with_what_is_shown(candidates: QuerySet[Candidate]) -> QuerySet[Candidate]:
    return readiness.with_answers(readiness.with_income(candidates)).select_related(
        "household__village__parent",
        "household__hamlet",
        "round",
        "verification__answered_by",
        "verification__corrected_by",
        "verification__settled_by",
        "previous",
        "confirmed_by",
        "listed_by",
    )


def candidate_rows(
    candidates: Iterable[Candidate], *, boxes: bool = False, fetched: dict | None = None
) -> list[CandidateRow]:
    """Rows of candidates fetched `with_what_is_shown`; with `boxes` also departments' lines and answers. A
    constant number of statements; `fetched` are leads that the caller has already, as (round, household) →
    rows."""
    shown = list(candidates)
    leads = _leads(shown) if fetched is None else fetched
    lines: dict[int, list[DepartmentLine]] = {}
    asked: dict[int, list[InquiryRow]] = {}
    if boxes:
        for round in {candidate.round for candidate in shown}:
            own = [candidate for candidate in shown if candidate.round_id == round.pk]
            lines |= inquiries.department_boxes(own, round)
        asked = inquiries.asked_of(shown)
    return [
        _row(candidate, leads, lines.get(candidate.pk, []), asked.get(candidate.pk, []))
        for candidate in shown
    ]


def _row(
    candidate: Candidate,
    leads: dict[tuple[int, int], list[LeadRow]],
    box: list[DepartmentLine],
    asked: list[InquiryRow],
) -> CandidateRow:
    own = leads.get((candidate.round_id, candidate.household_id), [])
    if not own and candidate.previous_id:
        own = leads.get((candidate.previous.round_id, candidate.household_id), [])
    line = candidate.round.parameters["income.line"]
    task = getattr(candidate, "verification", None)
    sentence, is_overdue = _state_sentence(candidate, task)
    return CandidateRow(
        **vars(lead_texts(own)),
        candidate=candidate,
        income=readiness.income_of(candidate, line),
        lacks=readiness.lacks_of(candidate, line) if candidate.state in Candidate.ELIGIBLE else [],
        task=task,
        state_sentence=sentence,
        is_overdue=is_overdue,
        box=box,
        asked=asked,
    )


def lead_texts(leads: list[LeadRow]) -> LeadTexts:
    """Of leads of one household; two entries that say the same are shown once."""
    online, offline = (
        list(dict.fromkeys(words for row in leads if row.lead.source == source for words in row.sentences))
        for source in (Source.ONLINE, Source.OFFLINE)
    )
    return LeadTexts(
        online=online,
        offline=offline,
        gone=[row.gone_sentence for row in leads if row.gone_sentence],
        tags=list(dict.fromkeys(row.subject.tag for row in leads)),
        situations=list(dict.fromkeys(row.lead.subcriterion for row in leads)),
    )


def _leads(candidates: list[Candidate]) -> dict[tuple[int, int], list[LeadRow]]:
    rounds = {c.round_id for c in candidates} | {c.previous.round_id for c in candidates if c.previous_id}
    return _lead_rows(rounds, [c.household_id for c in candidates])


def with_leads(candidates: QuerySet[Candidate]) -> QuerySet[Candidate]:
    """With all leads of the household prefetched, for exports; `own_leads` reads them."""
    leads = (
        Lead.objects.filter(withdrawn_at=None)
        .prefetch_related("reasons__entry__risks")
        .order_by("subcriterion", "source", "id")
    )
    return candidates.prefetch_related(Prefetch("household__leads", leads, to_attr="current_leads"))


def own_leads(candidate: Candidate) -> dict[tuple[int, int], list[LeadRow]]:
    by_round: dict[tuple[int, int], list[LeadRow]] = {}
    for row in explanations.lead_rows(candidate.household.current_leads):
        by_round.setdefault((row.lead.round_id, row.lead.household_id), []).append(row)
    return by_round


def leads_by_household(tasks: Iterable[Verification]) -> dict[tuple[int, int], list[LeadRow]]:
    """(round, household) → rows of its leads, also those of an earlier round that is followed up."""
    shown = list(tasks)
    previous = {
        (task.round_id, task.household_id): task.candidate.previous.round_id
        for task in shown
        if task.candidate_id and task.candidate.previous_id
    }
    rounds = {task.round_id for task in shown} | set(previous.values())
    leads = _lead_rows(rounds, [task.household_id for task in shown])
    for (round, household), earlier in previous.items():
        leads.setdefault((round, household), leads.get((earlier, household), []))
    return leads


def _lead_rows(rounds: set[int], households: list[int]) -> dict[tuple[int, int], list[LeadRow]]:
    leads = (
        Lead.objects.filter(round__in=rounds, household__in=households)
        .current()
        .prefetch_related("reasons__entry__risks")
        .order_by("subcriterion", "source", "id")
    )
    by_household: dict[tuple[int, int], list[LeadRow]] = {}
    for row in explanations.lead_rows(leads):
        by_household.setdefault((row.lead.round_id, row.lead.household_id), []).append(row)
    return by_household


def _state_sentence(candidate: Candidate, task: Verification | None) -> tuple[str, bool]:
    """How far the household has come, in one line, and whether somebody is late."""
    if candidate.state != CandidateState.TO_VERIFY or task is None:
        words = candidate.get_state_display()
        if candidate.state == CandidateState.DISMISSED and candidate.self_coping:
            words = "属实，自己能解决，不列入"
        if candidate.listed_at and candidate.state in Candidate.ELIGIBLE:
            words = f"{words} · 已列入建议名单"
        return words, False
    return task_sentence(task)


@dataclass(frozen=True)
class TaskRow(LeadTexts):
    """A task as its pages show it: both sides' sentences, what the village answered, how far it has come."""

    task: Verification
    answers: list[str]
    state_sentence: str
    is_overdue: bool


def task_rows(tasks: Iterable[Verification]) -> list[TaskRow]:
    """Rows of tasks with their answers prefetched."""
    shown = list(tasks)
    leads = leads_by_household(shown)
    return [_task_row(task, leads.get((task.round_id, task.household_id), [])) for task in shown]


def _task_row(task: Verification, leads: list[LeadRow]) -> TaskRow:
    sentence, is_overdue = task_sentence(task)
    return TaskRow(
        **vars(lead_texts(leads)),
        task=task,
        answers=[
            f"{criteria.subcriteria()[given.subcriterion].tag}：{given.get_answer_display()}"
            + (f"（{given.words}）" if given.words else "")
            for given in task.answers.all()
        ],
        state_sentence=sentence,
        is_overdue=is_overdue,
    )


def task_sentence(task: Verification) -> tuple[str, bool]:
    """How far the task has come, in one line, and whether the village is late."""
    today = timezone.localdate()
    late = task.state != VerificationState.SETTLED and task.due_on is not None and task.due_on < today
    if task.state == VerificationState.ANSWERED:
        return "村：已回复，待乡镇确认", late
    if task.state == VerificationState.SETTLED:
        return "已确认", False
    if late:
        return f"村：未回复 · 超期 {(today - task.due_on).days} 天", True
    if task.due_on is None:
        return "村：未回复", False
    left = (task.due_on - today).days
    return f"村：未回复 · {'今天到期' if left == 0 else f'剩 {left} 天'}", False


def columns(candidates: QuerySet[Candidate], *, most: int) -> list[dict]:
    """The board: a column a side with its count and the first households of it."""
    counts = dict(candidates.order_by().values_list("side").annotate(Count("pk")))
    shown = []
    for side in COLUMNS:
        rows = with_what_is_shown(candidates.filter(side=side)).order_by(
            "household__village_id", "household_id"
        )
        first = candidate_rows(rows[:most])
        count = counts.get(side, 0)
        shown.append({"side": side, "rows": first, "count": count, "more": count - len(first)})
    return shown


def criterion_choices() -> list[tuple[str, str]]:
    return [("", "全部"), *((criterion.code, criterion.label) for criterion in criteria.CRITERIA)]
