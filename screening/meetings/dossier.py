"""All that a meeting asks about a household, read for many at once."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from households.models import AnnualIncome, Member
from screening import criteria
from screening.comparison import board
from screening.comparison.board import CandidateRow
from screening.criteria.base import Subcriterion
from screening.meetings.agenda import contest_sentences
from screening.models import AgendaItem, Candidate, FieldEntry, VerificationAnswer


@dataclass(frozen=True)
class AgendaRow:
    """A household of an agenda, as on the board. `contested_for` says why the members will want to talk."""

    item: AgendaItem
    shown: CandidateRow
    contested_for: list[str]


@dataclass(frozen=True)
class Dossier:
    """One household before the meeting: members (the head first) with incomes (the latest first), entries at
    the door in this round, answers of the village with their situations; `line` is the income line in fen."""

    shown: CandidateRow
    head: Member | None
    members: list[Member]
    incomes: list[AnnualIncome]
    entries: list[FieldEntry]
    answers: list[tuple[Subcriterion, VerificationAnswer]]
    subjects: list[Subcriterion]
    line: int


def agenda_rows(items: Iterable[AgendaItem]) -> list[AgendaRow]:
    """Rows of items fetched `with_contest` or without it. A constant number of statements."""
    shown = list(items)
    rows = {row.candidate.pk: row for row in candidate_rows([item.candidate_id for item in shown])}
    return [AgendaRow(item, rows[item.candidate_id], contest_sentences(item)) for item in shown]


def candidate_rows(keys: Iterable[int]) -> list[CandidateRow]:
    """By village; `keys` of candidates."""
    return board.candidate_rows(_candidates(keys).order_by("household__village_id", "pk"))


def dossier_of(candidate: int) -> Dossier:
    """Of the candidate with that key; a constant number of statements."""
    candidates = (
        _candidates([candidate])
        .select_related("household__county")
        .prefetch_related(
            Prefetch("household__members", Member.objects.current().order_by("id"), to_attr="present"),
            Prefetch("household__incomes", AnnualIncome.objects.order_by("-year"), to_attr="by_year"),
            "verification__answers",
        )
    )
    (shown,) = board.candidate_rows(candidates, boxes=True)
    home, known = shown.candidate.household, criteria.subcriteria()
    members = sorted(home.present, key=lambda member: not member.is_head)
    answers = list(shown.task.answers.all()) if shown.task else []
    return Dossier(
        shown=shown,
        head=next((member for member in members if member.is_head), None),
        members=members,
        incomes=home.by_year,
        entries=_entries(shown.candidate),
        answers=[(known[answer.subcriterion], answer) for answer in answers],
        subjects=[known[code] for code in shown.situations],
        line=shown.candidate.round.parameters["income.line"],
    )


def _candidates(keys: Iterable[int]) -> QuerySet[Candidate]:
    return board.with_what_is_shown(Candidate.objects.filter(pk__in=list(keys)))


def _entries(candidate: Candidate) -> list[FieldEntry]:
    entries = FieldEntry.objects.filter(household=candidate.household_id, round=candidate.round_id)
    entries = entries.select_related("by", "corrected_by").prefetch_related("risks")
    return list(entries.order_by("visited_on", "id"))
