"""What is to be said of a wanted measure (Art. 4, 5, 6, 8): what the text forbids is refused, the rest is
told and answered in words."""

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from fangpin.accounts.acting import county_of
from fangpin.common.money import yuan
from households.models import Case
from measures import caps, rules
from measures.caps import Room
from measures.catalogue import types as catalogue
from measures.models import Form, LineState, Measure
from measures.planning.facts import (
    Surroundings,
    Wanted,
    cap_key,
    look_around,
    plain,
    relief_ceiling,
    standards,
    used_of,
)

PLANNABLE = (LineState.ACCEPTED, LineState.PLANNED, LineState.FILED, LineState.IN_PROGRESS, LineState.DONE)


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


def assess(wanted: Sequence[Wanted], *, by, on: datetime.date | None = None) -> list[Verdict]:
    """What would be said of each, writing nothing. Two that want the same cap in one list are seen
    together."""
    around = look_around({each.household.pk for each in wanted}, county_of(by), on or timezone.localdate())
    return judge_all([plain(each) for each in wanted], around, by)


def faults_of(each: Wanted, verdict: Verdict) -> list[str]:
    """Why it cannot be planned as it is: what the text forbids, else warnings without a word to them."""
    if verdict.refusals or each.warning_words.strip():
        return list(verdict.refusals)
    return [f"{warning}；仍要登记的请写明理由" for warning in verdict.warnings]


def judge_all(
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
    relief = relief_ceiling(each, around) if each.code == rules.SPECIAL_RELIEF else None
    key = cap_key(each, standing_type, relief)
    having = [
        measure for measure in around.measures[home.pk] if changing is None or measure.pk != changing.pk
    ]
    used = used_of(each, standing_type, key, around, having, changing) + (before[key] if key else 0)
    users = around.users.get(around.uses[key].pk, ()) if key and key in around.uses else ()
    judged = rules.judge(_facts(each, kind, standing_type, around, having, used, users))
    ceiling = judged.ceiling or _ceiling_of_lifted(kind, standing_type)
    limit = ceiling.amount if ceiling else standing_type.cap
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


def _ceiling_of_lifted(kind: str, standing_type: catalogue.Standing) -> rules.Ceiling | None:
    """Art. 8(2)2: the county's standard for a lifted household bounds a marginal one in industry and
    employment."""
    row = standing_type.row
    if standing_type.cap is None or row.form == Form.POST or not rules.binds_marginal(kind, row.article):
        return None
    return rules.Ceiling(standing_type.cap, row.period, f"脱贫户{row.name}的标准")


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
            row.code,
            row.name,
            row.article,
            row.form,
            row.period,
            getattr(row, f"for_{kind}"),
            standing_type.cap,
            bool(row.cap_key),
            standing_type.most_months,
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
        users=caps.who(users),
        months=each.months,
        monthly_pay=each.monthly_pay,
        has_member=each.member is not None,
        term=each.term,
        universal=each.universal,
        why_short=each.why_short,
        bill=each.bill,
        bill_number=each.bill_number,
        standards=standards(area, around.types),
        own_standard=standing_type.cap,
        has_needed=not row.needs or any(measure.code == row.needs for measure in having),
        needed_name=needed.name if needed else "",
        duplicates=_duplicates(each, row, having),
        two_years=around.two_years,
        is_answering=bool(answered & ({risk} if risk else set(risks))) or not row.subcriteria,
    )


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
