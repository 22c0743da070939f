"""The village's field work on pages and paper: its hamlets with their entries, and the sheets of a hamlet."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, QuerySet

from fangpin.accounts.models import Division
from fangpin.common.actor import Actor
from households.models import Hamlet, Household
from screening.criteria import questionnaire
from screening.field.entry_rows import EntryRow, entry_rows, shown
from screening.models import FieldEntry, HamletNote, HamletSignOff, Round


def newest_round(user: Actor) -> Round | None:
    return Round.objects.for_user(user).order_by("-year", "-quarter", "county_id").first()


@dataclass
class HamletCard:
    """One hamlet on the village's page."""

    hamlet: Hamlet | None
    households: int = 0
    signed: HamletSignOff | None = None
    rows: list[EntryRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def with_risk(self) -> int:
        """Households of which an entry says something."""
        entries = [row.entry for row in self.rows if not row.entry.nothing_found]
        return len({entry.household_id or entry.pk for entry in entries})


def hamlets_of(village: Division, round: Round, user: Actor) -> list[HamletCard]:
    """Hamlets in the order of work: not signed off first; then what belongs to none. A constant number of
    queries."""
    sizes = dict(
        Household.objects.for_user(user)
        .current()
        .filter(village=village)
        .order_by()
        .values_list("hamlet")
        .annotate(Count("pk"))
    )
    signed = {
        done.hamlet_id: done
        for done in HamletSignOff.objects.for_user(user)
        .filter(round=round, hamlet__village=village)
        .select_related("by")
    }
    rows = defaultdict(list)
    for row in entry_rows(_entries(round, village, user), user):
        rows[row.entry.household.hamlet_id if row.entry.household_id else None].append(row)
    notes = _notes(round, village)
    cards = [
        HamletCard(
            hamlet,
            sizes.get(hamlet.pk, 0),
            signed.get(hamlet.pk),
            rows.pop(hamlet.pk, []),
            notes[hamlet.pk],
        )
        for hamlet in Hamlet.objects.filter(village=village).order_by("name", "pk")
    ]
    cards.sort(key=lambda card: card.signed is not None)
    left = [row for group in rows.values() for row in group]
    if left or sizes.get(None):
        cards.append(HamletCard(None, sizes.get(None, 0), None, left))
    return cards


def _entries(round: Round, village: Division, user: Actor) -> QuerySet[FieldEntry]:
    return shown(FieldEntry.objects.for_user(user).filter(round=round, village=village)).order_by("-id")


def _notes(round: Round, village: Division) -> dict[int, list[str]]:
    titles = {criterion.code: criterion.question.title for criterion in questionnaire.asked()}
    notes = defaultdict(list)
    for note in HamletNote.objects.filter(round=round, hamlet__village=village).order_by("pk"):
        words = f"：{note.words}" if note.words else ""
        notes[note.hamlet_id].append(f"全屯都这样 · {titles.get(note.criterion, '')}{words}")
    return notes


@dataclass(frozen=True)
class SheetRow:
    """A household of a hamlet with the number of its paper sheet; `was_asked`: it has an entry of the
    round."""

    number: int
    household: Household
    was_asked: bool


def sheet_homes(hamlet: Hamlet, user: Actor) -> list[Household]:
    """Households of a hamlet in the order of its paper sheets."""
    homes = Household.objects.for_user(user).current().filter(hamlet=hamlet)
    return list(homes.order_by("head_name", "pk"))


def numbered_sheets(hamlet: Hamlet, round: Round, user: Actor) -> list[SheetRow]:
    homes = sheet_homes(hamlet, user)
    asked = asked_households(homes, round, user)
    return [SheetRow(number, home, home.pk in asked) for number, home in enumerate(homes, start=1)]


def asked_households(homes: Iterable[Household], round: Round, user: Actor) -> set[int]:
    """Keys of those that have an entry of the round."""
    entries = FieldEntry.objects.for_user(user).filter(round=round, household__in=list(homes))
    return set(entries.values_list("household", flat=True))


def sheet_rows(hamlet: Hamlet, round: Round, user: Actor) -> list[dict]:
    """Paper of a hamlet: a line a household with the six questions, as entries have answered them; else empty
    boxes."""
    entries = FieldEntry.objects.for_user(user).filter(round=round, household__hamlet=hamlet)
    latest = {entry.household_id: entry for entry in entries.order_by("id")}
    marks = {questionnaire.YES: "有", questionnaire.NO: "没有", questionnaire.UNCLEAR: "说不清"}
    return [
        {
            "household": household,
            "boxes": [
                marks.get(latest[household.pk].answers.get(c.code, ""), "□")
                if household.pk in latest
                else "□"
                for c in questionnaire.asked()
            ],
        }
        for household in sheet_homes(hamlet, user)
    ]
