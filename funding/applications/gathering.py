"""资金使用申请 of a department: gathered from filed measures, submitted (its money committed), withdrawn,
discarded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from fangpin.accounts.models import Division
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import write_first_records
from fangpin.common.values.money import yuan
from fangpin.policy.services import NoPolicy, in_force
from funding import rules
from funding.models import Application, ApplicationLine, FundSource, LineState, Purpose, SourceKind
from measures.models import Form, Measure, MeasureState

# What is paid out of a fund; services cost nothing here, a loan's principal is no help money (R4).
PAID_FORMS = (Form.MONEY, Form.POST, Form.BENEFIT, Form.GOODS, Form.WORKS)
OPEN_STATES = (MeasureState.FILED, MeasureState.STARTED)


def payable(user: Actor) -> QuerySet[Measure]:
    """Filed measures of the department with money of R1 or R2 that is not applied for yet; `left`: what
    remains, fen."""
    own = Measure.objects.for_user(user).filter(
        state__in=OPEN_STATES, route__in=["R1", "R2"], form__in=PAID_FORMS, amount__gt=0
    )
    return own.filter(Q(claim=None) | Q(claim__claimed__lt=F("amount")))


def left_of(measure: Measure) -> int:
    """Of one fetched with its claim."""
    claim = getattr(measure, "claim", None)
    return (measure.amount or 0) - (claim.claimed if claim else 0)


@dataclass(frozen=True)
class Fit:
    """Whether a source may pay a measure; `why` says why not."""

    measure: Measure
    left: int
    why: str


def fits(measures: Sequence[Measure], source: FundSource) -> list[Fit]:
    return [Fit(measure, left_of(measure), why_not(measure, source)) for measure in measures]


def why_not(measure: Measure, source: FundSource) -> str:
    if words := rules.money_for(source.kind, measure.kind):
        return words
    if source.kind == SourceKind.POVERTY and measure.route != "R2":
        return f"这项举措走{measure.get_route_display()}"
    if words := rules.allowed(source.allowed_types, source.allowed_kinds, measure.code, measure.kind):
        return words
    if source.department and source.department_id != measure.department_id:
        return f"这笔资金限{source.department.name}使用"
    return ""


NO_LINES: Mapping[int | None, int | None] = MappingProxyType({})


def begin(
    source: FundSource,
    *,
    by: Actor,
    title: str,
    lines: Mapping[int | None, int | None] = NO_LINES,
    **fields: Any,
) -> Application:
    """起草: on one source, with the measures chosen (measure → fen; None: what is left). Raises Refused."""
    if not by.may("fund.apply"):
        raise Refused("只有部门经办人能提出资金申请。")
    if not title.strip():
        raise Refused("请填写资金用途。")
    with transaction.atomic():
        county = Division.objects.select_for_update(no_key=True).get(pk=by.duty.county_code)
        own = FundSource.objects.for_user(by).open().filter(pk=source.pk).first()
        if own is None:
            raise Refused("这笔资金已关闭，或不归本部门使用，请另选一个来源。")
        purpose = fields.pop("purpose", Purpose.HOUSEHOLDS)
        if purpose == Purpose.PREMIUM:
            _check_premium(own, fields)
        application = Application(
            county=county,
            department=by.duty.department,
            source=own,
            purpose=purpose,
            prepared_by=by,
            number=_number(county),
            title=title.strip()[:120],
            **_way(own, county),
            **fields,
        )
        application.save()
        write_first_records([application], by=by)
        if purpose == Purpose.PREMIUM:
            _set_premium(application, lines)
        elif lines:
            _add(application, {key: fen for key, fen in lines.items() if key is not None}, by=by)
        audit.record(by, "fund_application", application, amount=application.amount, lines=application.count)
    application.refresh_from_db()
    return application


def _way(source: FundSource, county: Division) -> dict[str, Any]:
    """Route and steps: Art. 11 for marginal money, the county's own steps (policy) for poverty funds."""
    if source.kind != SourceKind.POVERTY:
        return {"route": "R1", "steps": rules.MARGINAL_STEPS, "needs_filing": True}
    try:
        steps = in_force(county, timezone.localdate())["fund.poverty_steps"]
    except (NoPolicy, KeyError):
        steps = rules.MARGINAL_STEPS
    return {"route": "R2", "steps": list(steps), "needs_filing": rules.FILING_STEP in steps}


def _number(county: Division) -> str:
    """资申 and the county's code, year and a running number: 资申451228-2020-0007."""
    first = f"资申{county.pk[:6]}-{timezone.localdate().year}-"
    last = (
        Application.objects.filter(county=county, number__startswith=first)
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
    )
    return f"{first}{int(last.rsplit('-', 1)[1]) + 1 if last else 1:04d}"


def _check_premium(source: FundSource, fields: dict[str, Any]) -> None:
    if source.kind == SourceKind.POVERTY:
        raise Refused("防贫保险保费从边缘户防贫资金或捐赠中支出，请另选来源（第十一条）。")
    if not (fields.get("payee", "").strip() and fields.get("payee_bank", "").strip()):
        raise Refused("请填写收款的保险公司和开户行。")
    fields["payee_number"] = rules.plain_number(fields.get("payee_number", ""))
    if words := rules.account_fault(fields["payee_number"]):
        raise Refused(words)


def _set_premium(application: Application, lines: Mapping[int | None, int | None]) -> None:
    amount = lines.get(None) or 0
    if amount <= 0:
        raise Refused("请填写保费金额。")
    ApplicationLine.objects.create(
        application=application, number=1, amount=amount, source_kind=application.source.kind
    )
    _count(application)


def held(application: Application, *, by: Actor, states: Sequence[str]) -> Application:
    """Locked, of the department of this duty, in one of these states. Raises Refused."""
    own = Application.objects.for_user(by).filter(pk=application.pk).select_related("source", "department")
    locked = own.select_for_update(of=("self",)).first()
    if locked is None or not by.may("fund.apply"):
        raise Refused("这份申请不是本部门的，或您当前的岗位不能办理。")
    if locked.state not in states:
        raise Refused(f"这份申请{locked.get_state_display()}，不能再改。要改的，请先撤回，改后重新提交审定。")
    return locked


def add(application: Application, lines: Mapping[int, int | None], *, by: Actor) -> Application:
    """More measures for one that can still be changed."""
    with transaction.atomic():
        own = held(application, by=by, states=Application.EDITABLE)
        _add(own, lines, by=by)
    application.refresh_from_db()
    return application


def _add(application: Application, lines: Mapping[int, int | None], *, by: Actor) -> None:
    measures = list(
        payable(by)
        .filter(pk__in=lines)
        .select_related("claim", "household", "type", "department")
        .order_by("household__village_id", "household_id", "pk")
    )
    if len(measures) != len(lines):
        raise Refused("所选举措中有的没有备案、已申请过，或不属于本部门，请刷新后再选。")
    source = application.source
    if wrong := [fit for fit in fits(measures, source) if fit.why]:
        faults = "；".join(f"{fit.measure.household}{fit.measure.type.name}：{fit.why}" for fit in wrong[:5])
        raise Refused(f"{source}不能用于：{faults}。请把这些行移出，或另选资金来源。")
    having = {line.measure_id for line in application.lines.all()}
    number = application.lines.count()
    rows = []
    for measure in measures:
        if measure.pk in having:
            continue
        wanted = lines[measure.pk]
        amount = left_of(measure) if wanted is None else wanted
        if not 0 < amount <= left_of(measure):
            raise Refused(
                f"{measure.household}{measure.type.name}还可申请 {yuan(left_of(measure))} 元，填的是 "
                f"{yuan(amount)} 元。"
            )
        number += 1
        rows.append(
            ApplicationLine(
                application=application,
                number=number,
                measure=measure,
                kind=measure.kind,
                source_kind=source.kind,
                amount=amount,
            )
        )
    ApplicationLine.objects.bulk_create(rows, batch_size=2000)
    _count(application)


def remove_lines(application: Application, lines: QuerySet[ApplicationLine], *, by: Actor) -> int:
    """移出 lines of one that can still be changed."""
    with transaction.atomic():
        own = held(application, by=by, states=Application.EDITABLE)
        if own.purpose == Purpose.PREMIUM:
            raise Refused("保费申请没有明细可以移出。")
        gone = own.lines.filter(pk__in=lines.values("pk"))
        if used := gone.exclude(movements=None).count():
            # They took money once: their bookings name them, so they stay, out of the sum.
            gone.exclude(movements=None).update(state=LineState.GIVEN_UP)
        deleted = gone.filter(movements=None).delete()[0]
        _count(own)
    return used + deleted


def _count(application: Application) -> None:
    rows = list(application.lines.exclude(state=LineState.GIVEN_UP).values_list("amount", flat=True))
    Application.objects.filter(pk=application.pk).update(amount=sum(rows), count=len(rows))
    application.amount, application.count = sum(rows), len(rows)


def change(application: Application, *, by: Actor, **fields: Any) -> Application:
    """用途、说明, project and publicity of one that can still be changed."""
    with transaction.atomic():
        own = held(application, by=by, states=Application.EDITABLE)
        Application.objects.filter(pk=own.pk).update(**fields)
        audit.record(by, "fund_application_change", own, fields=sorted(fields))
    application.refresh_from_db()
    return application
