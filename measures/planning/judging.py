"""Judges a wanted measure (Art. 4, 5, 6, 8): what the text forbids is refused; anything else is a warning
that the department answers in words."""

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from fangpin.accounts.acting import county_of
from fangpin.common.actor import Actor
from fangpin.common.values.money import yuan
from households.models import Case
from measures import caps, rules
from measures.caps import Room
from measures.catalogue import types as catalogue
from measures.models import Form, LineState, Measure, MeasureType
from measures.planning.facts import (
    Surroundings,
    Wanted,
    cap_key,
    fetch_surroundings,
    plain,
    relief_ceiling,
    standards,
    used_of,
)

PLANNABLE = (LineState.ACCEPTED, LineState.PLANNED, LineState.FILED, LineState.IN_PROGRESS, LineState.DONE)


@dataclass(frozen=True)
class Verdict:
    """On one wanted measure. `need` is what it counts against a cap that the database holds; money in fen."""

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


def assess(wanted: Sequence[Wanted], *, by: Actor, on: datetime.date | None = None) -> list[Verdict]:
    """A verdict on each, writing nothing. Two of one list that count against the same cap are added up."""
    around = fetch_surroundings(
        {each.household.pk for each in wanted}, county_of(by), on or timezone.localdate()
    )
    return judge_all([plain(each) for each in wanted], around, by)


def faults_of(each: Wanted, verdict: Verdict) -> list[str]:
    """Why it cannot be planned as it is: what the text forbids, else warnings without a word to them."""
    if verdict.refusals or each.warning_words.strip():
        return list(verdict.refusals)
    return [f"{warning}；仍要登记的请写明理由" for warning in verdict.warnings]


def judge_all(
    wanted: Sequence[Wanted], around: Surroundings, by: Actor, changing: Measure | None = None
) -> list[Verdict]:
    verdicts: list[Verdict] = []
    before: dict[caps.Key, int] = defaultdict(int)
    for each in wanted:
        verdict = _judge(each, around, by, before, changing)
        if verdict.need is not None and not verdict.refusals:
            before[verdict.need.key] += verdict.need.amount
        verdicts.append(verdict)
    return verdicts


def _judge(
    each: Wanted, around: Surroundings, by: Actor, before: dict[caps.Key, int], changing: Measure | None
) -> Verdict:
    current_type = around.types.get(each.code)
    home = each.household
    case = around.cases.get(home.pk)
    kind = rules.kind_of(home.status, case is not None)
    refusals = _out_of_place(each, current_type, case, by)
    if kind is None:
        refusals.append(rules.why_no_kind(home.status))
    if refusals or current_type is None or kind is None:
        return Verdict(refusals=refusals, kind=kind or "")
    relief = relief_ceiling(each, around) if each.code == rules.SPECIAL_RELIEF else None
    key = cap_key(each, current_type, relief)
    existing = [
        measure for measure in around.measures[home.pk] if changing is None or measure.pk != changing.pk
    ]
    used = used_of(each, current_type, key, around, existing, changing) + (before[key] if key else 0)
    users = around.users.get(around.uses[key].pk, ()) if key and key in around.uses else ()
    judged = rules.judge(_facts(each, kind, current_type, around, existing, used, users))
    ceiling = judged.ceiling or _ceiling_of_lifted(kind, current_type)
    limit = ceiling.amount if ceiling else current_type.cap
    need = None
    if key is not None and limit is not None and each.amount:
        need = caps.Need(key, each.amount, limit)
    return Verdict(
        judged.refusals,
        judged.warnings,
        ceiling.amount if ceiling else None,
        ceiling.words if ceiling else "",
        Room(limit, used, users),
        kind,
        need,
    )


def _out_of_place(
    each: Wanted, current_type: catalogue.CurrentType | None, case: Case | None, by: Actor
) -> list[str]:
    """What has nothing to do with money: type, department, county, order."""
    home, line, own = each.household, each.line, by.duty.department
    if home.county_id != by.duty.county_code or home.closed_on is not None:
        return ["这户不在本县的户册中，请核对"]
    if current_type is None:
        return ["举措目录中没有这项举措，请在目录的举措中选择"]
    faults = []
    if own is None or own.code not in current_type.departments:
        faults.append(f"{current_type.name}不由本部门承办，请改选本部门的举措或退回交办事项")
    if each.planned_to < each.planned_from:
        faults.append("计划完成日期不能早于计划开始日期")
    if each.member is not None and (each.member.household_id != home.pk or each.member.removed_on):
        faults.append("受益人不是这户现在的成员")
    if line is not None:
        if line.household_id != home.pk or own is None or line.department_id != own.pk:
            faults.append("交办事项不属于这户或不属于本部门")
        elif line.state not in PLANNABLE:
            faults.append(f"交办事项{line.get_state_display()}，请先接收")
        elif case is None or case.pk != line.case_id:
            faults.append("这户已不是防贫对象，不能再按交办单拟定举措")
    return faults


def _ceiling_of_lifted(kind: str, current_type: catalogue.CurrentType) -> rules.Ceiling | None:
    """Art. 8(2)2: the county's standard for a lifted household bounds a marginal one in industry and
    employment."""
    row = current_type.row
    if current_type.cap is None or row.form == Form.POST or not rules.binds_marginal(kind, row.article):
        return None
    return rules.Ceiling(current_type.cap, row.period, f"脱贫户{row.name}的标准")


def _facts(
    each: Wanted,
    kind: str,
    current_type: catalogue.CurrentType,
    around: Surroundings,
    existing: Sequence[Measure],
    used: int,
    users: Sequence[tuple[str, int, str]],
) -> rules.Facts:
    row = current_type.row
    risk = each.line.risk.subcriterion if each.line else ""
    risks = around.risks[each.household.pk]
    area = rules.relief_area(risk, risks)
    needed = around.types.get(row.needs)
    answered = set(row.subcriteria)
    return rules.Facts(
        kind=kind,
        type=rules.Type(
            row.code,
            row.name,
            row.article,
            row.form,
            row.period,
            getattr(row, f"for_{kind}"),
            current_type.cap,
            bool(row.cap_key),
            current_type.most_months,
            row.needs,
            row.is_two_years,
            row.subcriteria,
        ),
        day=around.day,
        amount=each.amount,
        lifted_year=each.household.lifted_year,
        risks=risks,
        risk=risk,
        used=used,
        users=caps.users_sentence(users),
        months=each.months,
        monthly_pay=each.monthly_pay,
        has_member=each.member is not None,
        term=each.term,
        universal=each.universal,
        why_short=each.why_short,
        bill=each.bill,
        bill_number=each.bill_number,
        standards=standards(area, around.types),
        own_standard=current_type.cap,
        has_needed=not row.needs or any(measure.code == row.needs for measure in existing),
        needed_name=needed.name if needed else "",
        duplicates=_duplicates(each, row, existing),
        two_years=around.two_years,
        is_answering=bool(answered & ({risk} if risk else set(risks))) or not row.subcriteria,
    )


def _duplicates(each: Wanted, row: MeasureType, existing: Sequence[Measure]) -> list[str]:
    """The same type for the same person in the same period, whoever planned it."""
    if row.period in ("open", "year") and row.cap_key:
        return []  # parts of one cap are no repetition
    person = each.member.pk if each.member else None
    same = [
        measure
        for measure in existing
        if (measure.code, measure.year, measure.term, measure.member_id)
        == (each.code, each.counts_in, each.term, person)
    ]
    return [f"{measure.department.name}已有一项（{_measure_sentence(measure)}）" for measure in same[:2]]


def _measure_sentence(measure: Measure) -> str:
    amount = f"{yuan(measure.amount)} 元，" if measure.amount else ""
    return f"{amount}{measure.get_state_display()}"
