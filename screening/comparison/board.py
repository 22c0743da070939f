"""What the pages of a comparison show of a candidate: both sides' words, income, the task, departments'
lines."""

from collections.abc import Iterable

from django.db.models import Count, Prefetch, QuerySet
from django.utils import timezone

from screening import criteria
from screening.comparison import inquiries, proposal
from screening.leads import explanations
from screening.models import Candidate, CandidateState, Lead, Side, Source, Verification, VerificationState

COLUMNS = (Side.ONLINE_ONLY, Side.CONSISTENT, Side.OFFLINE_ONLY, Side.MISMATCH)


def with_what_is_shown(candidates: QuerySet[Candidate]) -> QuerySet[Candidate]:
    return proposal.with_answers(proposal.with_income(candidates)).select_related(
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


def dress(
    candidates: Iterable[Candidate], *, boxes: bool = False, fetched: dict | None = None
) -> list[Candidate]:
    """Adds `online` and `offline` (sentences), `tags`, `income`, `lacks`, `task`, `state_words` and, with
    `boxes`, `box` (a line for each department) and `asked`. A constant number of statements; `fetched` are
    leads that the caller has already, as (round, household) → leads with sentences."""
    shown = list(candidates)
    leads = _leads(shown) if fetched is None else fetched
    for candidate in shown:
        own = leads.get((candidate.round_id, candidate.household_id), [])
        if not own and candidate.previous_id:
            own = leads.get((candidate.previous.round_id, candidate.household_id), [])
        candidate.online, candidate.offline = both_sides(own)
        candidate.gone = [lead.gone_words for lead in own if lead.gone_words]
        candidate.tags = list(dict.fromkeys(lead.subject.tag for lead in own))
        candidate.situations = list(dict.fromkeys(lead.subcriterion for lead in own))
        line = candidate.round.parameters["income.line"]
        candidate.income = proposal.income_of(candidate, line)
        candidate.lacks = proposal.lacks_of(candidate, line) if candidate.state in Candidate.ELIGIBLE else []
        candidate.task = getattr(candidate, "verification", None)
        candidate.state_words, candidate.is_overdue = _state_words(candidate)
    if boxes:
        for round in {candidate.round for candidate in shown}:
            mine = [candidate for candidate in shown if candidate.round_id == round.pk]
            lines, asked = inquiries.department_boxes(mine, round), inquiries.asked_of(mine)
            for candidate in mine:
                candidate.box, candidate.asked = lines[candidate.pk], asked.get(candidate.pk, [])
    return shown


def both_sides(leads: list[Lead]) -> tuple[list[str], list[str]]:
    """Sentences of the online and of the offline leads; two entries that say the same are told once."""
    sides = ([lead for lead in leads if lead.source == source] for source in (Source.ONLINE, Source.OFFLINE))
    online, offline = (
        list(dict.fromkeys(words for lead in side for words in lead.sentences)) for side in sides
    )
    return online, offline


def _leads(candidates: list[Candidate]) -> dict[tuple[int, int], list[Lead]]:
    rounds = {c.round_id for c in candidates} | {c.previous.round_id for c in candidates if c.previous_id}
    return _with_sentences(rounds, [c.household_id for c in candidates])


def with_leads(candidates: QuerySet[Candidate]) -> QuerySet[Candidate]:
    """With all leads of the household prefetched, for exports; `own_leads` reads them."""
    leads = (
        Lead.objects.filter(withdrawn_at=None)
        .prefetch_related("reasons__entry__risks")
        .order_by("subcriterion", "source", "id")
    )
    return candidates.prefetch_related(Prefetch("household__leads", leads, to_attr="standing_leads"))


def own_leads(candidate: Candidate) -> dict[tuple[int, int], list[Lead]]:
    by_round: dict[tuple[int, int], list[Lead]] = {}
    for lead in explanations.with_sentences(candidate.household.standing_leads):
        by_round.setdefault((lead.round_id, lead.household_id), []).append(lead)
    return by_round


def leads_by_household(tasks: Iterable[Verification]) -> dict[tuple[int, int], list[Lead]]:
    """(round, household) → its standing leads with sentences, also those of an earlier round that is followed
    up."""
    shown = list(tasks)
    previous = {
        (task.round_id, task.household_id): task.candidate.previous.round_id
        for task in shown
        if task.candidate_id and task.candidate.previous_id
    }
    rounds = {task.round_id for task in shown} | set(previous.values())
    found = _with_sentences(rounds, [task.household_id for task in shown])
    for (round, household), earlier in previous.items():
        found.setdefault((round, household), found.get((earlier, household), []))
    return found


def _with_sentences(rounds: set[int], households: list[int]) -> dict[tuple[int, int], list[Lead]]:
    leads = (
        Lead.objects.filter(round__in=rounds, household__in=households)
        .current()
        .prefetch_related("reasons__entry__risks")
        .order_by("subcriterion", "source", "id")
    )
    by_household: dict[tuple[int, int], list[Lead]] = {}
    for lead in explanations.with_sentences(leads):
        by_household.setdefault((lead.round_id, lead.household_id), []).append(lead)
    return by_household


def _state_words(candidate: Candidate) -> tuple[str, bool]:
    """Where the household stands, in one line, and whether somebody is late."""
    task = candidate.task
    if candidate.state != CandidateState.TO_VERIFY or task is None:
        words = candidate.get_state_display()
        if candidate.state == CandidateState.DISMISSED and candidate.self_coping:
            words = "属实，自己能解决，不列入"
        if candidate.listed_at and candidate.state in Candidate.ELIGIBLE:
            words = f"{words} · 已列入建议名单"
        return words, False
    return task_words(task)


def task_words(task: Verification) -> tuple[str, bool]:
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
        found = dress(rows[:most])
        shown.append(
            {
                "side": side,
                "rows": found,
                "count": counts.get(side, 0),
                "more": counts.get(side, 0) - len(found),
            }
        )
    return shown


def criterion_choices() -> list[tuple[str, str]]:
    return [("", "全部"), *((criterion.code, criterion.label) for criterion in criteria.CRITERIA)]
