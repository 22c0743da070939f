"""What the pages of 线下排查 show: hamlets of a village with their entries, progress by place, the last
visit."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, When
from django.db.models.functions import Substr

from fangpin.accounts.models import Division, Level, code_range
from households.models import Hamlet, Household
from screening import criteria
from screening.criteria import questionnaire
from screening.feeds.row_texts import masked_number
from screening.models import Answer, EntryState, FieldEntry, HamletNote, HamletSignOff, Round


def newest_round(user) -> Round | None:
    return Round.objects.for_user(user).order_by("-year", "-quarter", "county_id").first()


@dataclass
class HamletCard:
    """One hamlet on the village's page."""

    hamlet: Hamlet | None
    households: int = 0
    signed: HamletSignOff | None = None
    entries: list[FieldEntry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def found(self) -> int:
        return len({entry.household_id or entry.pk for entry in self.entries if not entry.nothing_found})


def hamlets_of(village: Division, round: Round, user) -> list[HamletCard]:
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
    entries = defaultdict(list)
    for entry in dress(_entries(round, village, user), user):
        entries[entry.household.hamlet_id if entry.household_id else None].append(entry)
    notes = _notes(round, village)
    cards = [
        HamletCard(
            hamlet,
            sizes.get(hamlet.pk, 0),
            signed.get(hamlet.pk),
            entries.pop(hamlet.pk, []),
            notes[hamlet.pk],
        )
        for hamlet in Hamlet.objects.filter(village=village).order_by("name", "pk")
    ]
    cards.sort(key=lambda card: card.signed is not None)
    left = [entry for group in entries.values() for entry in group]
    if left or sizes.get(None):
        cards.append(HamletCard(None, sizes.get(None, 0), None, left))
    return cards


def _entries(round: Round, village: Division, user) -> QuerySet[FieldEntry]:
    return shown(FieldEntry.objects.for_user(user).filter(round=round, village=village)).order_by("-id")


class EntryChoice:
    """Which entries a list shows: by state (those that settle see first what waits) and by round."""

    def __init__(self, params: Mapping[str, str], user):
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


def dress(entries: Iterable[FieldEntry], user) -> list[FieldEntry]:
    """Adds `name`, `told`, `tags` and `is_own`: whether the household lies in the reader's area. One that
    does not keeps its name to itself."""
    low, high = code_range(user.acting.division_id)
    found = list(entries)
    for entry in found:
        home = entry.household
        dress_one(entry, is_own=home is not None and low <= home.village_id <= high)
    return found


def dress_one(entry: FieldEntry, *, is_own: bool) -> None:
    entry.is_own = is_own
    entry.name = entry.household.head_name if is_own else _newcomer_name(entry)
    entry.told = questionnaire.summary(entry)
    codes = {risk.subcriterion for risk in entry.risks.all() if risk.answer == Answer.CANNOT_BEAR}
    entry.tags = [sub.tag for code, sub in criteria.subcriteria().items() if code in codes]


def of_reader(entries: QuerySet[FieldEntry], user) -> QuerySet[FieldEntry]:
    """With `in_area`: whether the household lies in the reader's area."""
    low, high = code_range(user.acting.division_id)
    own = Q(household__village_id__gte=low, household__village_id__lte=high)
    return entries.annotate(in_area=Case(When(own, then=True), default=False))


def _newcomer_name(entry: FieldEntry) -> str:
    if entry.newcomer:
        return f"{entry.newcomer['name']}（新发现）"
    return "（已不在本辖区的户）"


def _notes(round: Round, village: Division) -> dict[int, list[str]]:
    titles = {criterion.code: criterion.question.title for criterion in questionnaire.asked()}
    found = defaultdict(list)
    for note in HamletNote.objects.filter(round=round, hamlet__village=village).order_by("pk"):
        words = f"：{note.words}" if note.words else ""
        found[note.hamlet_id].append(f"全屯都这样 · {titles.get(note.criterion, '')}{words}")
    return found


def sheet_homes(hamlet: Hamlet, user) -> list[Household]:
    """Households of a hamlet in the order of its paper sheets, each with the number of its sheet,
    `sheet_no`."""
    homes = list(Household.objects.for_user(user).current().filter(hamlet=hamlet).order_by("head_name", "pk"))
    for number, home in enumerate(homes, start=1):
        home.sheet_no = number
    return homes


def mark_asked(homes: Iterable[Household], round: Round, user) -> None:
    """Sets `was_asked`: whether a household has an entry of the round."""
    found = list(homes)
    asked = set(
        FieldEntry.objects.for_user(user)
        .filter(round=round, household__in=found)
        .values_list("household", flat=True)
    )
    for home in found:
        home.was_asked = home.pk in asked


def sheet_rows(hamlet: Hamlet, round: Round, user) -> list[dict]:
    """Paper of a hamlet: a line a household with the six questions, as entries have answered them; else empty
    boxes."""
    found: dict[int, FieldEntry] = {}
    for entry in (
        FieldEntry.objects.for_user(user).filter(round=round, household__hamlet=hamlet).order_by("id")
    ):
        found[entry.household_id] = entry
    marks = {questionnaire.YES: "有", questionnaire.NO: "没有", questionnaire.UNCLEAR: "说不清"}
    return [
        {
            "household": household,
            "boxes": [
                marks.get(found[household.pk].answers.get(c.code, ""), "□") if household.pk in found else "□"
                for c in questionnaire.asked()
            ],
        }
        for household in sheet_homes(hamlet, user)
    ]


def last_entry(household: Household, user) -> FieldEntry | None:
    """上次谁、什么时候、答了什么: of any round."""
    entries = FieldEntry.objects.for_user(user).filter(household=household)
    rows = shown(entries).order_by("-visited_on", "-id")[:1]
    return next(iter(dress(rows, user)), None)


def same_name(entry: FieldEntry, user) -> Household | None:
    """The household that a newcomer has become, where exactly one of the village bears the name."""
    name = (entry.newcomer or {}).get("name", "")
    homes = Household.objects.for_user(user).filter(village=entry.village_id, head_name=name)[:2]
    return homes[0] if len(homes) == 1 else None


# ---- Progress ----
@dataclass
class PlaceLine:
    place: Division
    hamlets: int = 0
    signed: int = 0
    households: int = 0
    attention: int = 0

    @property
    def open(self) -> int:
        return self.hamlets - self.signed


def progress(round: Round, user, *, area: Division) -> list[PlaceLine]:
    """By township inside a county, by village inside a township: hamlets signed off, households with
    something."""
    digits, level = (9, Level.TOWNSHIP) if area.level == Level.COUNTY else (12, Level.VILLAGE)
    low, high = code_range(area.code)
    hamlets = (
        Hamlet.objects.filter(village_id__gte=low, village_id__lte=high)
        .annotate(place=Substr("village_id", 1, digits))
        .order_by()
        .values("place")
        .annotate(
            n=Count("pk", distinct=True),
            done=Count("sign_offs", filter=Q(sign_offs__round=round), distinct=True),
        )
    )
    entries = (
        FieldEntry.objects.for_user(user)
        .filter(round=round, village_id__gte=low, village_id__lte=high)
        .annotate(place=Substr("village_id", 1, digits))
        .order_by()
        .values("place")
        .annotate(
            homes=Count("household", filter=Q(nothing_found=False), distinct=True),
            waiting=Count("pk", filter=Q(state=EntryState.ATTENTION)),
        )
    )
    lines = {
        place.code[:digits]: PlaceLine(place)
        for place in Division.objects.for_user(user).within(area).filter(level=level).order_by("code")
    }
    for row in hamlets:
        if line := lines.get(row["place"]):
            line.hamlets, line.signed = row["n"], row["done"]
    for row in entries:
        if line := lines.get(row["place"]):
            line.households, line.attention = row["homes"], row["waiting"]
    return list(lines.values())


def open_hamlets(round: Round, village: str) -> list[Hamlet]:
    """Hamlets of a village that nobody has signed off yet."""
    signed = HamletSignOff.objects.filter(round=round).values("hamlet")
    return list(Hamlet.objects.filter(village=village).exclude(pk__in=signed).order_by("name", "pk"))


def reminder(lines: Iterable[PlaceLine], round: Round) -> str:
    """催办文字 for villages (or townships) with hamlets not signed off: places and counts only."""
    until = f"，请于{_day(round.field_due)}前确认" if round.field_due else "，请尽快确认"
    return "\n".join(
        f"@{line.place.short_name}：{round.period.label}线下排查还有{line.open}个屯没有确认{until}。"
        for line in lines
        if line.open
    )


def _day(day: datetime.date) -> str:
    return f"{day.month}月{day.day}日"


def entry_context(entry: FieldEntry, user) -> dict[str, Any]:
    """The whole entry for its own page."""
    dress([entry], user)
    entry.masked_number = masked_number((entry.newcomer or {}).get("id_number", ""))
    estimate = entry.estimates.order_by("-id").first()
    context = {"entry": entry, "lines": questionnaire.lines(entry), "estimate": estimate}
    if entry.beside_id and (
        beside := shown(FieldEntry.objects.for_user(user)).filter(pk=entry.beside_id).first()
    ):
        context |= {"beside": beside, "pairs": _pairs(context["lines"], questionnaire.lines(beside))}
    return context


def _pairs(own: list[questionnaire.Line], other: list[questionnaire.Line]) -> list[dict]:
    """Question by question what each of two entries says, and whether they differ."""
    return [
        {"title": ours.title, "own": ours, "other": theirs, "differ": _said(ours) != _said(theirs)}
        for ours, theirs in zip(own, other, strict=True)
    ]


def _said(line: questionnaire.Line) -> tuple:
    return line.code, {(risk.sentence, risk.bear_words) for risk in line.risks}
