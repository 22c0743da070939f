"""入户排查记录 listed: which ones a list shows, what a row says of one, and the page of a single entry."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Q, QuerySet, When

from fangpin.accounts.models import code_range
from fangpin.common.actor import Actor
from households.models import Household
from screening import criteria
from screening.criteria import questionnaire
from screening.feeds.row_texts import masked_number
from screening.models import Answer, EntryState, FieldEntry, Round


@dataclass(frozen=True)
class EntryRow:
    """An entry as lists show it. `is_own`: its household lies in the reader's area; of one that does not,
    `name` is not the household's. `sentence` is what was said, `tags` what raises leads."""

    entry: FieldEntry
    name: str
    sentence: str
    tags: list[str]
    is_own: bool


class EntryChoice:
    """Which entries a list shows: by state (those that settle see first what waits) and by round."""

    def __init__(self, params: Mapping[str, str], user: Actor):
        waiting = EntryState.ATTENTION if user.may("field.settle") else ""
        self.state = params.get("state", waiting)
        self.rounds = list(Round.objects.for_user(user).order_by("-year", "-quarter")[:12])
        self.round = next((r for r in self.rounds if str(r.uuid) == params.get("round", "")), None)

    def narrow(self, entries: QuerySet[FieldEntry]) -> QuerySet[FieldEntry]:
        if self.state in EntryState.values:
            entries = entries.filter(state=self.state)
        return entries.filter(round=self.round) if self.round else entries


def shown(entries: QuerySet[FieldEntry]) -> QuerySet[FieldEntry]:
    """With all that a line of a list names."""
    return entries.select_related(
        "household__hamlet", "village__parent", "by", "corrected_by", "round"
    ).prefetch_related("risks")


def entry_rows(entries: Iterable[FieldEntry], user: Actor) -> list[EntryRow]:
    """Rows of entries fetched `shown`, for the reader `user`."""
    low, high = code_range(user.acting.division_id)
    return [
        entry_row(entry, is_own=entry.household is not None and low <= entry.household.village_id <= high)
        for entry in entries
    ]


def entry_row(entry: FieldEntry, *, is_own: bool) -> EntryRow:
    codes = {risk.subcriterion for risk in entry.risks.all() if risk.answer == Answer.CANNOT_BEAR}
    return EntryRow(
        entry,
        entry.household.head_name if is_own else _newcomer_name(entry),
        questionnaire.summary(entry),
        [sub.tag for code, sub in criteria.subcriteria().items() if code in codes],
        is_own,
    )


def of_reader(entries: QuerySet[FieldEntry], user: Actor) -> QuerySet[FieldEntry]:
    """With `in_area`: whether the household lies in the reader's area."""
    low, high = code_range(user.acting.division_id)
    own = Q(household__village_id__gte=low, household__village_id__lte=high)
    return entries.annotate(in_area=Case(When(own, then=True), default=False))


def _newcomer_name(entry: FieldEntry) -> str:
    if entry.newcomer:
        return f"{entry.newcomer['name']}（新发现）"
    return "（已不在本辖区的户）"


def last_entry(household: Household, user: Actor) -> EntryRow | None:
    """上次谁、什么时候、答了什么: of any round."""
    entries = FieldEntry.objects.for_user(user).filter(household=household)
    rows = shown(entries).order_by("-visited_on", "-id")[:1]
    return next(iter(entry_rows(rows, user)), None)


def same_name(entry: FieldEntry, user: Actor) -> Household | None:
    """The household that a newcomer has become, where exactly one of the village bears the name."""
    name = (entry.newcomer or {}).get("name", "")
    homes = Household.objects.for_user(user).filter(village=entry.village_id, head_name=name)[:2]
    return homes[0] if len(homes) == 1 else None


def entry_context(entry: FieldEntry, user: Actor) -> dict[str, Any]:
    """The whole entry for its own page."""
    context = {
        "row": entry_rows([entry], user)[0],
        "entry": entry,
        "masked_number": masked_number((entry.newcomer or {}).get("id_number", "")),
        "lines": questionnaire.lines(entry),
        "estimate": entry.estimates.order_by("-id").first(),
    }
    if entry.beside_id and (
        beside := shown(FieldEntry.objects.for_user(user)).filter(pk=entry.beside_id).first()
    ):
        context |= {"beside": beside, "pairs": _pairs(context["lines"], questionnaire.lines(beside))}
    return context


def _pairs(own: list[questionnaire.Line], other: list[questionnaire.Line]) -> list[dict]:
    """Question by question what each of two entries says, and whether they differ."""
    return [
        {"title": ours.title, "own": ours, "other": theirs, "differ": _compared(ours) != _compared(theirs)}
        for ours, theirs in zip(own, other, strict=True)
    ]


def _compared(line: questionnaire.Line) -> tuple:
    """What of a line decides whether two entries say the same."""
    return line.code, {(risk.sentence, risk.bear_words) for risk in line.risks}
