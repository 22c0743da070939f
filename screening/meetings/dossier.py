"""All that a meeting asks about a household, read for many at once: agenda items with their candidates
dressed."""

from collections.abc import Iterable

from django.db.models import Prefetch

from households.models import AnnualIncome, Member
from screening import criteria
from screening.comparison import board
from screening.models import AgendaItem, Candidate, FieldEntry


def of_items(items: Iterable[AgendaItem], *, full: bool = False) -> list[AgendaItem]:
    """Items whose `candidate` is dressed as on the board; `full` adds members, incomes, departments' lines,
    the village's answers and the entries at the door. A constant number of statements."""
    shown = list(items)
    candidates = {c.pk: c for c in of_candidates([item.candidate_id for item in shown], full=full)}
    for item in shown:
        item.candidate = candidates[item.candidate_id]
    return shown


def of_candidates(keys: Iterable[int], *, full: bool = False) -> list[Candidate]:
    found = board.with_what_is_shown(Candidate.objects.filter(pk__in=list(keys)))
    if full:
        found = found.select_related("household__county").prefetch_related(
            Prefetch("household__members", Member.objects.current().order_by("id"), to_attr="present"),
            Prefetch("household__incomes", AnnualIncome.objects.order_by("-year"), to_attr="years"),
            "verification__answers",
        )
    dressed = board.dress(found.order_by("household__village_id", "pk"), boxes=full)
    return _with_entries(dressed) if full else dressed


def _with_entries(candidates: list[Candidate]) -> list[Candidate]:
    """Adds `entries` (at the door, of the round), `answers` (of the village) and the head first among
    members."""
    entries: dict[tuple[int, int], list[FieldEntry]] = {}
    told = FieldEntry.objects.filter(
        household__in=[c.household_id for c in candidates], round__in={c.round_id for c in candidates}
    )
    told = told.select_related("by", "corrected_by").prefetch_related("risks")
    for entry in told.order_by("visited_on", "id"):
        entries.setdefault((entry.round_id, entry.household_id), []).append(entry)
    for candidate in candidates:
        home = candidate.household
        home.present.sort(key=lambda member: not member.is_head)
        candidate.head = next((member for member in home.present if member.is_head), None)
        candidate.entries = entries.get((candidate.round_id, candidate.household_id), [])
        candidate.answers = list(candidate.task.answers.all()) if candidate.task else []
        for answer in candidate.answers:
            answer.subject = criteria.subcriteria()[answer.subcriterion]
        candidate.subjects = [criteria.subcriteria()[code] for code in candidate.situations]
        candidate.line = candidate.round.parameters["income.line"]
    return candidates
