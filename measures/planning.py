"""拟定举措 (Art. 8): a department says way and amount; what the text forbids is refused, the rest is told and answered in words.
The same for one household and for a list of 120."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from fangpin.accounts.models import Division
from fangpin.common import audit
from fangpin.common.money import yuan
from fangpin.common.transitions import born, move
from households.models import Case, Household, Member, Risk, RiskState
from measures import caps, catalogue, rules, standing
from measures.caps import Room
from measures.models import (
    CapUse,
    Form,
    LineState,
    Measure,
    MeasureState,
    OrderLine,
    Project,
)
from measures.refusals import Refused

PLANNABLE = (LineState.ACCEPTED, LineState.PLANNED, LineState.FILED, LineState.IN_PROGRESS, LineState.DONE)
CHANGEABLE = (MeasureState.PLANNED, MeasureState.SENT_BACK)


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


@dataclass(frozen=True)
class Verdict:
    """What is to be said of a wanted measure. `needs` is what it counts against a cap that can refuse."""

    refusals: Sequence[str] = ()
    warnings: Sequence[str] = ()
    ceiling: int | None = None
    ceiling_words: str = ""
    room: Room = field(default_factory=Room)
    kind: str = ""
    need: caps.Need | None = None

    @property
    def faults(self) -> list[str]:
        return [*self.refusals, *self.warnings]


class NotPlanned(Refused):
    """Nothing was written. `faults`: (position of the wanted measure, what is wrong with it)."""

    def __init__(self, faults: list[tuple[int, list[str]]]):
        self.faults = faults
        lines = [
            f"第 {position + 1} 项：{'；'.join(words)}" if len(faults) > 1 else "；".join(words)
            for position, words in faults
        ]
        more = f"（共 {len(faults)} 项）" if len(faults) > 5 else ""
        super().__init__(f"{'。'.join(lines[:5])}。没有登记{more}。")


# ---- What is asked of the database, once for all that are wanted ----
@dataclass
class Surroundings:
    """Cases, risks, measures and cap uses of the households, and the catalogue of their county on a day."""

    day: datetime.date
    types: dict[str, catalogue.Standing]
    cases: dict[int, Case]
    risks: dict[int, list[str]]
    measures: dict[int, list[Measure]]
    uses: dict[caps.Key, CapUse]
    users: dict[int, list[tuple[str, int, str]]]
    two_years: int


def look_around(households: Iterable[int], county: Division, day: datetime.date) -> Surroundings:
    """Seven statements, whatever the number of households."""
    keys = list(households)
    types = catalogue.in_force(county, day)
    cases = {case.household_id: case for case in Case.objects.open().filter(household__in=keys)}
    risks: dict[int, list[str]] = defaultdict(list)
    open_risks = Risk.objects.filter(case__in=[case.pk for case in cases.values()], state=RiskState.OPEN)
    for household, code in open_risks.values_list("case__household", "subcriterion"):
        risks[household].append(code)
    measures: dict[int, list[Measure]] = defaultdict(list)
    having = Measure.objects.standing().filter(household__in=keys).select_related("department")
    for measure in having.order_by("planned_at"):
        measures[measure.household_id].append(measure)
    uses = {
        caps.Key(use.household_id, use.cap, use.period): use
        for use in CapUse.objects.filter(household__in=keys)
    }
    users: dict[int, list[tuple[str, int, str]]] = defaultdict(list)
    for each in (measure for found in measures.values() for measure in found if measure.counted > 0):
        users[each.cap_use_id].append((each.department.name, each.counted, each.get_state_display()))
    policy = next(iter(types.values())).policy if types else None
    return Surroundings(
        day, types, cases, risks, measures, uses, users, policy["help.two_years"] if policy else 24
    )


def assess(wanted: Sequence[Wanted], *, by, on: datetime.date | None = None) -> list[Verdict]:
    """What would be said of each, writing nothing. Two that want the same cap in one list are seen together."""
    around = look_around({each.household.pk for each in wanted}, _county(by), on or timezone.localdate())
    return _judge_all([_plain(each) for each in wanted], around, by)


def _county(by) -> Division:
    return Division.objects.get(code=by.acting.county_code)


def _judge_all(
    wanted: Sequence[Wanted], around: Surroundings, by, changing: Measure | None = None
) -> list[Verdict]:
    verdicts, before = [], defaultdict(int)
    for each in wanted:
        verdict = _judge(each, around, by, before, changing)
        if verdict.need is not None and not verdict.refusals:
            before[verdict.need.key] += verdict.need.amount
        verdicts.append(verdict)
    return verdicts


def _judge(
    each: Wanted, around: Surroundings, by, before: dict[caps.Key, int], changing: Measure | None
) -> Verdict:
    standing_type = around.types.get(each.code)
    home = each.household
    case = around.cases.get(home.pk)
    kind = rules.kind_of(home.status, case is not None)
    refusals = _out_of_place(each, standing_type, case, by)
    if kind is None:
        refusals.append(rules.why_no_kind(home.status))
    if refusals or standing_type is None:
        return Verdict(refusals=refusals, kind=kind or "")
    relief = _relief_ceiling(each, around) if each.code == rules.SPECIAL_RELIEF else None
    key = cap_key(each, standing_type, relief)
    having = [
        measure for measure in around.measures[home.pk] if changing is None or measure.pk != changing.pk
    ]
    used = _used(each, standing_type, key, around, having, changing) + (before[key] if key else 0)
    users = around.users.get(around.uses[key].pk, ()) if key and key in around.uses else ()
    judged = rules.judge(_facts(each, kind, standing_type, around, having, used, users))
    ceiling = judged.ceiling or _ceiling_of_lifted(kind, standing_type)
    limit = ceiling.amount if ceiling else standing_type.cap
    need = None
    if key is not None and limit is not None and each.amount:
        need = caps.Need(key, each.amount, limit)
    return Verdict(
        judged.refusals, judged.warnings, ceiling.amount if ceiling else None, ceiling.words if ceiling else "",
        Room(limit, used, users), kind, need,
    )  # fmt: skip


def _out_of_place(each: Wanted, standing_type, case: Case | None, by) -> list[str]:
    """What has nothing to do with money: type, department, county, order."""
    home, line, own = each.household, each.line, by.acting.department
    if home.county_id != by.acting.county_code or home.closed_on is not None:
        return ["这户不在本县的户册中，请核对"]
    if standing_type is None:
        return ["举措目录中没有这项举措，请在目录的举措中选择"]
    found = []
    if own is None or own.code not in standing_type.departments:
        found.append(f"{standing_type.name}不由本部门承办，请改选本部门的举措或退回交办事项")
    if each.planned_to < each.planned_from:
        found.append("计划完成日期不能早于计划开始日期")
    if each.member is not None and (each.member.household_id != home.pk or each.member.removed_on):
        found.append("受益人不是这户现在的成员")
    if line is not None:
        if line.household_id != home.pk or own is None or line.department_id != own.pk:
            found.append("交办事项不属于这户或不属于本部门")
        elif line.state not in PLANNABLE:
            found.append(f"交办事项{line.get_state_display()}，请先接收")
        elif case is None or case.pk != line.case_id:
            found.append("这户已不是防贫对象，不能再按交办单拟定举措")
    return found


def cap_key(
    each: Wanted, standing_type: catalogue.Standing, relief: tuple[str, rules.Ceiling | None] | None = None
) -> caps.Key | None:
    """The row that it counts against where the database refuses: the text's caps, and special relief's ceiling, over the
    time that this ceiling is for."""
    home = each.household.pk
    if relief is not None:
        area, ceiling = relief
        return caps.Key(home, f"{each.code}.{area}", _period(each, ceiling.period)) if ceiling else None
    if standing_type.row.cap_key:
        return caps.Key(home, each.code, _period(each, standing_type.row.period))
    return None


def _relief_ceiling(each: Wanted, around: Surroundings) -> tuple[str, rules.Ceiling | None]:
    """Of special relief: the criterion that it answers, and the most that may be given."""
    risk = each.line.risk.subcriterion if each.line else ""
    area = rules.relief_area(risk, around.risks[each.household.pk])
    own = around.types[each.code].cap
    return area, rules.ceiling(standards(area, around.types), each.bill, each.bill_number, own)


def _ceiling_of_lifted(kind: str, standing_type: catalogue.Standing) -> rules.Ceiling | None:
    """Art. 8(2)2: the county's standard for a lifted household bounds a marginal one in industry and employment."""
    row = standing_type.row
    if standing_type.cap is None or row.form == Form.POST or not rules.binds_marginal(kind, row.article):
        return None
    return rules.Ceiling(standing_type.cap, row.period, f"脱贫户{row.name}的标准")


def _period(each: Wanted, period: str) -> str:
    person = each.member.pk if each.member else 0
    return {
        "year": str(each.counts_in),
        "term": f"{each.term or each.counts_in}:{person}",
        "month": f"{each.term or format(each.planned_from, '%Y-%m')}:{person}",
        "rate": each.bill_number,
    }.get(period, "")


def _used(each: Wanted, standing_type, key, around: Surroundings, having: list[Measure], changing) -> int:
    """What counts already, fen: by the cap's own row, or summed from the standing measures of the same period."""
    if key is not None:
        use = around.uses.get(key)
        mine = changing.counted if changing and use and changing.cap_use_id == use.pk else 0
        return (use.used if use else 0) - mine
    period = standing_type.row.period
    if period in ("", "time", "month"):
        return 0
    same = [measure for measure in having if measure.code == each.code]
    if period == "year":
        same = [measure for measure in same if measure.year == each.counts_in]
    if period == "term":
        person = each.member.pk if each.member else None
        same = [measure for measure in same if (measure.term, measure.member_id) == (each.term, person)]
    return sum(measure.amount or 0 for measure in same)


def _facts(
    each: Wanted, kind: str, standing_type, around: Surroundings, having: list[Measure], used: int, users
) -> rules.Facts:
    row = standing_type.row
    risk = each.line.risk.subcriterion if each.line else ""
    risks = around.risks[each.household.pk]
    area = rules.relief_area(risk, risks)
    needed = around.types.get(row.needs)
    answered = set(row.subcriteria)
    return rules.Facts(
        kind=kind,
        type=rules.Type(
            row.code, row.name, row.article, row.form, row.period, getattr(row, f"for_{kind}"), standing_type.cap,
            bool(row.cap_key), standing_type.most_months, row.needs, row.is_two_years, row.subcriteria,
        ),
        day=around.day, amount=each.amount, lifted_year=each.household.lifted_year, risks=risks, risk=risk, used=used,
        users=caps.who(users), months=each.months, monthly_pay=each.monthly_pay, has_member=each.member is not None, term=each.term,
        universal=each.universal, why_short=each.why_short, bill=each.bill, bill_number=each.bill_number,
        standards=standards(area, around.types), own_standard=standing_type.cap,
        has_needed=not row.needs or any(measure.code == row.needs for measure in having),
        needed_name=needed.name if needed else "", duplicates=_duplicates(each, row, having),
        two_years=around.two_years,
        is_answering=bool(answered & ({risk} if risk else set(risks))) or not row.subcriteria,
    )  # fmt: skip


def standards(area: str, types: dict[str, catalogue.Standing]) -> list[rules.Standard]:
    """What a lifted household gets from the types that match special relief in an area, where the county has said so."""
    found = []
    for code in rules.COMPARATORS.get(area, ()):
        each = types.get(code)
        if each is None:
            continue
        if each.ceiling_kind == "rate" and each.ceiling_rate:
            found.append(rules.Standard(each.name, "rate", each.ceiling_rate, "rate"))
            continue
        kind, amount = each.ceiling_kind, each.ceiling
        if not kind or not amount:
            kind, amount = "term" if each.row.period == "term" else "fixed", each.cap
        if amount:
            once = each.row.period == "once"
            period = "term" if kind == "term" else "once" if once else "year"
            found.append(rules.Standard(each.name, kind, amount, period))
    return found


def _duplicates(each: Wanted, row, having: list[Measure]) -> list[str]:
    """The same type for the same person in the same period, whoever planned it."""
    if row.period in ("open", "year") and row.cap_key:
        return []  # parts of one cap are no repetition
    person = each.member.pk if each.member else None
    same = [
        measure
        for measure in having
        if (measure.code, measure.year, measure.term, measure.member_id)
        == (each.code, each.counts_in, each.term, person)
    ]
    return [f"{measure.department.name}已有一项（{_told(measure)}）" for measure in same[:2]]


def _told(measure: Measure) -> str:
    amount = f"{yuan(measure.amount)} 元，" if measure.amount else ""
    return f"{amount}{measure.get_state_display()}"


# ---- Planning ----
def plan(wanted: Wanted, *, by, on: datetime.date | None = None) -> Measure:
    """One measure. Raises NotPlanned with its refusals, or with warnings that its `warning_words` do not answer."""
    return plan_many([wanted], by=by, on=on)[0]


def plan_many(wanted: Sequence[Wanted], *, by, on: datetime.date | None = None) -> list[Measure]:
    """All of them or none, in a constant number of statements. `on`: the day whose catalogue and policy hold. Raises
    NotPlanned, or CapExceeded where somebody else was faster."""
    if not by.may("measure.plan"):
        raise Refused("您当前的岗位不能拟定举措。")
    with transaction.atomic():
        wanted = _locked(wanted)
        day = on or timezone.localdate()
        around = look_around({each.household.pk for each in wanted}, _county(by), day)
        verdicts = _judge_all(wanted, around, by)
        _check(wanted, verdicts)
        uses = _take(verdicts, around)
        made = Measure.objects.bulk_create(
            [
                _measure(each, verdict, around, uses, by)
                for each, verdict in zip(wanted, verdicts, strict=True)
            ],
            batch_size=1000,
        )
        born(made, by=by, name="plan")
        audit.record(by, "measure_plan", measures=len(made), households=len({m.household_id for m in made}))
        audit.record_each(
            by, "measure_plan", Measure, {m.pk: {"code": m.code, "amount": m.amount} for m in made}
        )
        standing.follow(Measure.objects.filter(pk__in=[measure.pk for measure in made]), by=by)
    return made


def _locked(wanted: Sequence[Wanted]) -> list[Wanted]:
    """The same with households and lines as they are now, the lines held."""
    lines = OrderLine.objects.select_for_update(of=("self",)).select_related("risk").order_by("pk")
    lines = {line.pk: line for line in lines.filter(pk__in=[w.line.pk for w in wanted if w.line])}
    homes = Household.objects.in_bulk({each.household.pk for each in wanted})
    return [
        replace(
            _plain(each),
            household=homes[each.household.pk],
            line=lines.get(each.line.pk) if each.line else None,
        )
        for each in wanted
    ]


def _plain(each: Wanted) -> Wanted:
    """One way of writing a term and a bill's number, so that none counts twice."""
    return replace(
        each, term=rules.plain_term(each.term), bill_number=rules.plain_number(each.bill_number)[:40]
    )


def _check(wanted: Sequence[Wanted], verdicts: Sequence[Verdict]) -> None:
    faults = []
    for position, (each, verdict) in enumerate(zip(wanted, verdicts, strict=True)):
        if words := faults_of(each, verdict):
            faults.append((position, words))
    if faults:
        raise NotPlanned(faults)


def faults_of(each: Wanted, verdict: Verdict) -> list[str]:
    """Why it cannot be planned as it is: what the text forbids, else warnings without a word to them."""
    if verdict.refusals or each.warning_words.strip():
        return list(verdict.refusals)
    return [f"{warning}；仍要登记的请写明理由" for warning in verdict.warnings]


def _take(verdicts: Iterable[Verdict], around: Surroundings) -> dict[caps.Key, int]:
    needs = [verdict.need for verdict in verdicts if verdict.need is not None]
    return caps.take(needs, {code: each.name for code, each in around.types.items()}) if needs else {}


def _measure(each: Wanted, verdict: Verdict, around: Surroundings, uses: dict[caps.Key, int], by) -> Measure:
    made = Measure(
        household=each.household, department=by.acting.department, planned_by=by, line=each.line,
        risk=each.line.risk if each.line else None, project=each.project,
    )  # fmt: skip
    _fill(made, each, verdict, around, uses)
    return made


def _fill(measure: Measure, each: Wanted, verdict: Verdict, around: Surroundings, uses) -> None:
    """Columns that a change may alter too."""
    row = around.types[each.code].row
    measure.type, measure.code, measure.form, measure.kind = row, row.code, row.form, verdict.kind
    measure.case = around.cases.get(each.household.pk)
    measure.route = row.route_for(verdict.kind)
    measure.year = each.counts_in
    for name in (
        "member", "amount", "term", "basis", "words", "planned_from", "planned_to", "universal", "why_short", "bill",
        "bill_number", "months", "lender", "employer", "monthly_pay",
    ):  # fmt: skip
        setattr(measure, name, getattr(each, name))
    measure.ceiling, measure.ceiling_words = verdict.ceiling, verdict.ceiling_words[:200]
    measure.warnings = list(verdict.warnings)
    measure.warning_words = each.warning_words.strip()[:300] if verdict.warnings else ""
    need = verdict.need
    measure.cap_use_id = uses[need.key] if need else None
    measure.counted = need.amount if need else 0


# ---- Changing ----
def change(measure: Measure, wanted: Wanted, *, by, on: datetime.date | None = None) -> Measure:
    """Another amount, type or term, until it is filed. What it counted before is free for it."""
    with transaction.atomic():
        held = _own(Measure.objects.filter(pk=measure.pk), by=by, states=CHANGEABLE)[0]
        wanted = _locked([replace(wanted, household=held.household, line=held.line)])
        around = look_around({held.household_id}, _county(by), on or timezone.localdate())
        verdicts = _judge_all(wanted, around, by, changing=held)
        _check(wanted, verdicts)
        caps.give_back([(held.cap_use_id, held.counted)] if held.cap_use_id else [])
        before = {"code": held.code, "amount": held.amount}
        _fill(held, wanted[0], verdicts[0], around, _take(verdicts, around))
        held.save()
        audit.record(
            by, "measure_change", held, before=before, after={"code": held.code, "amount": held.amount}
        )
    measure.refresh_from_db()
    return measure


def _own(measures: QuerySet[Measure], *, by, states: Iterable[str]) -> list[Measure]:
    """The department's own, held until the end of the transaction. Raises Refused."""
    keys = list(measures.values_list("pk", flat=True))
    if not keys:
        raise Refused("没有选中任何举措。请先勾选。")
    found = list(
        Measure.objects.for_user(by)
        .filter(pk__in=keys)
        .select_related("household", "line__risk", "department", "case", "type")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    if not by.may("measure.plan") or len(found) != len(keys):
        raise Refused("所选举措中有不属于本部门的，整批没有办理。")
    if wrong := [measure for measure in found if measure.state not in states]:
        raise Refused(
            f"有 {len(wrong)} 项举措{wrong[0].get_state_display()}，不能办理这一步，整批没有办理。请刷新后再试。"
        )
    return found


def hand_in_again(measures: QuerySet[Measure], *, by) -> int:
    """补正后重新报备案."""
    with transaction.atomic():
        found = _own(measures, by=by, states=[MeasureState.SENT_BACK])
        keys = [measure.pk for measure in found]
        stamps = {"send_back_reason": "", "send_back_words": ""}
        count = move(Measure.objects.filter(pk__in=keys), "hand_in_again", by=by, stamps=stamps)
        audit.record(by, "measure_hand_in_again", measures=count)
        standing.follow(Measure.objects.filter(pk__in=keys), by=by)
    return count


# ---- Room, before anything is typed ----
def room(
    household: Household, code: str, *, by=None, on: datetime.date | None = None, member=None, term: str = ""
) -> Room:
    """What is left of the type's cap for a household: of the text's cap, or of the county's standard."""
    return rooms([household], [code], on=on, member=member, term=term).get((household.pk, code), Room())


def rooms(
    households: Sequence[Household], codes: Iterable[str] | None = None, *, on: datetime.date | None = None,
    member=None, term: str = "",
) -> dict[tuple[int, str], Room]:  # fmt: skip
    """(household, code) → room, of households of one county; only types that have a cap."""
    if not households:
        return {}
    day = on or timezone.localdate()
    around = look_around([home.pk for home in households], households[0].county, day)
    found = {}
    for code in codes or around.types:
        each = around.types.get(code)
        if each is None or each.cap is None or code == rules.SPECIAL_RELIEF:
            continue
        for home in households:
            wanted = Wanted(home, code, day, day, member=member, term=term)
            key = cap_key(wanted, each)
            having = around.measures[home.pk]
            used = _used(wanted, each, key, around, having, None)
            users = around.users.get(around.uses[key].pk, ()) if key and key in around.uses else ()
            found[home.pk, code] = Room(each.cap, used, tuple(users))
    return found
