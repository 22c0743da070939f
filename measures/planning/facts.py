"""What a measure is judged by: the wish of the department, the household's case, risks and measures, and what
its cap has left. Read from the database once for all that are wanted."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils import timezone

from fangpin.accounts.models import Division
from households.models import Case, Household, Member, Risk, RiskState
from measures import caps, rules
from measures.caps import Room
from measures.catalogue import types as catalogue
from measures.models import CapUse, Measure, OrderLine, Project


@dataclass(frozen=True)
class Wanted:
    """One measure as a department wants it. Money in fen."""

    household: Household
    code: str
    planned_from: datetime.date
    planned_to: datetime.date
    amount: int | None = None
    line: OrderLine | None = None
    member: Member | None = None
    year: int | None = None
    term: str = ""
    basis: str = ""
    words: str = ""
    universal: str = ""
    why_short: str = ""
    bill: int | None = None
    bill_number: str = ""
    months: int | None = None
    lender: str = ""
    employer: str = ""
    monthly_pay: int | None = None
    project: Project | None = None
    warning_words: str = ""

    @property
    def counts_in(self) -> int:
        return self.year or self.planned_from.year


@dataclass
class Surroundings:
    """Cases, risks, measures and cap uses of the households, and the catalogue of their county on a day."""

    day: datetime.date
    types: dict[str, catalogue.CurrentType]
    cases: dict[int, Case]
    risks: dict[int, list[str]]
    measures: dict[int, list[Measure]]
    uses: dict[caps.Key, CapUse]
    users: dict[int, list[tuple[str, int, str]]]
    two_years: int


def fetch_surroundings(households: Iterable[int], county: Division, day: datetime.date) -> Surroundings:
    """Seven statements, whatever the number of households."""
    keys = list(households)
    types = catalogue.in_force(county, day)
    cases = {case.household_id: case for case in Case.objects.open().filter(household__in=keys)}
    risks: dict[int, list[str]] = defaultdict(list)
    open_risks = Risk.objects.filter(case__in=[case.pk for case in cases.values()], state=RiskState.OPEN)
    for household, code in open_risks.values_list("case__household", "subcriterion"):
        risks[household].append(code)
    measures: dict[int, list[Measure]] = defaultdict(list)
    existing = Measure.objects.not_cancelled().filter(household__in=keys).select_related("department")
    for measure in existing.order_by("planned_at"):
        measures[measure.household_id].append(measure)
    uses = {
        caps.Key(use.household_id, use.cap, use.period): use
        for use in CapUse.objects.filter(household__in=keys)
    }
    users: dict[int, list[tuple[str, int, str]]] = defaultdict(list)
    for each in (measure for own in measures.values() for measure in own):
        if each.cap_use_id is not None and each.counted > 0:
            users[each.cap_use_id].append((each.department.name, each.counted, each.get_state_display()))
    policy = next(iter(types.values())).policy if types else None
    return Surroundings(
        day, types, cases, risks, measures, uses, users, policy["help.two_years"] if policy else 24
    )


def plain(each: Wanted) -> Wanted:
    """One way of writing a term and a bill's number, so that none counts twice."""
    return replace(
        each, term=rules.plain_term(each.term), bill_number=rules.plain_number(each.bill_number)[:40]
    )


# ---- The cap that it counts against ----
def cap_key(
    each: Wanted, current_type: catalogue.CurrentType, relief: tuple[str, rules.Ceiling | None] | None = None
) -> caps.Key | None:
    """The row that it counts against where the database refuses: the text's caps, and special relief's
    ceiling, over the time that this ceiling is for."""
    home = each.household.pk
    if relief is not None:
        area, ceiling = relief
        return caps.Key(home, f"{each.code}.{area}", _period(each, ceiling.period)) if ceiling else None
    if current_type.row.cap_key:
        return caps.Key(home, each.code, _period(each, current_type.row.period))
    return None


def relief_ceiling(each: Wanted, around: Surroundings) -> tuple[str, rules.Ceiling | None]:
    """Of special relief: the criterion that it answers, and the most that may be given."""
    risk = each.line.risk.subcriterion if each.line else ""
    area = rules.relief_area(risk, around.risks[each.household.pk])
    own = around.types[each.code].cap
    return area, rules.ceiling(standards(area, around.types), each.bill, each.bill_number, own)


def _period(each: Wanted, period: str) -> str:
    person = each.member.pk if each.member else 0
    return {
        "year": str(each.counts_in),
        "term": f"{each.term or each.counts_in}:{person}",
        "month": f"{each.term or format(each.planned_from, '%Y-%m')}:{person}",
        "rate": each.bill_number,
    }.get(period, "")


def used_of(
    each: Wanted,
    current_type: catalogue.CurrentType,
    key: caps.Key | None,
    around: Surroundings,
    existing: Sequence[Measure],
    changing: Measure | None,
) -> int:
    """What counts already, fen: by the cap's own row, or summed from the measures of the same
    period."""
    if key is not None:
        use = around.uses.get(key)
        mine = changing.counted if changing and use and changing.cap_use_id == use.pk else 0
        return (use.used if use else 0) - mine
    period = current_type.row.period
    if period in ("", "time", "month"):
        return 0
    same = [measure for measure in existing if measure.code == each.code]
    if period == "year":
        same = [measure for measure in same if measure.year == each.counts_in]
    if period == "term":
        person = each.member.pk if each.member else None
        same = [measure for measure in same if (measure.term, measure.member_id) == (each.term, person)]
    return sum(measure.amount or 0 for measure in same)


def standards(area: str, types: dict[str, catalogue.CurrentType]) -> list[rules.Standard]:
    """What a lifted household gets from the types that match special relief in an area, where the county has
    said so."""
    known = []
    for code in rules.COMPARATORS.get(area, ()):
        each = types.get(code)
        if each is None:
            continue
        if each.ceiling_kind == "rate" and each.ceiling_rate:
            known.append(rules.Standard(each.name, "rate", each.ceiling_rate, "rate"))
            continue
        kind, amount = each.ceiling_kind, each.ceiling
        if not kind or not amount:
            kind, amount = "term" if each.row.period == "term" else "fixed", each.cap
        if amount:
            once = each.row.period == "once"
            period = "term" if kind == "term" else "once" if once else "year"
            known.append(rules.Standard(each.name, kind, amount, period))
    return known


# ---- Room, before anything is typed ----
def room(
    household: Household,
    code: str,
    *,
    on: datetime.date | None = None,
    member: Member | None = None,
    term: str = "",
) -> Room:
    """What is left of the type's cap for a household: of the text's cap, or of the county's standard."""
    return rooms([household], [code], on=on, member=member, term=term).get((household.pk, code), Room())


def rooms(
    households: Sequence[Household],
    codes: Iterable[str] | None = None,
    *,
    on: datetime.date | None = None,
    member: Member | None = None,
    term: str = "",
) -> dict[tuple[int, str], Room]:
    """(household, code) → room, of households of one county; only types that have a cap."""
    if not households:
        return {}
    day = on or timezone.localdate()
    around = fetch_surroundings([home.pk for home in households], households[0].county, day)
    known = {}
    for code in codes or around.types:
        each = around.types.get(code)
        if each is None or each.cap is None or code == rules.SPECIAL_RELIEF:
            continue
        for home in households:
            wanted = Wanted(home, code, day, day, member=member, term=term)
            key = cap_key(wanted, each)
            existing = around.measures[home.pk]
            used = used_of(wanted, each, key, around, existing, None)
            users = around.users.get(around.uses[key].pk, ()) if key and key in around.uses else ()
            known[home.pk, code] = Room(each.cap, used, tuple(users))
    return known
