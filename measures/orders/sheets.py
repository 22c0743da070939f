"""开单 (Art. 8): open risks go to their departments, one sheet a department with its households; the office
prepares, its director signs."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from fangpin.accounts.models import Department, Division
from fangpin.common import audit, working_days
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move, write_first_records
from fangpin.common.working_days import YearNotConfirmed
from fangpin.policy.services import in_force
from households.models import Risk
from measures.models import LineState, OrderLine, OrderSheet, Reminder, SheetState
from measures.orders.risks import departments_by_code, risks_waiting
from screening import criteria

DUES = {"accept_due": "order.accept_due", "plan_due": "order.plan_due", "deliver_due": "order.deliver_due"}


# ---- Preparing ----
def prepare_sheets(
    risks: QuerySet[Risk], *, by: Actor, department: Department | None = None
) -> list[OrderSheet]:
    """Drafts, one a department, with a line for each risk: by situation, or all to `department`. A
    department's draft is added to where it has one. A constant number of statements. Raises Refused."""
    if not by.may("order.prepare"):
        raise Refused("您当前的岗位不能开单。")
    with transaction.atomic():
        Division.objects.select_for_update().get(pk=by.duty.county_code)
        keys = list(risks.values_list("pk", flat=True))
        chosen = list(risks_waiting(by).filter(pk__in=keys).select_related("case__agenda_item__meeting"))
        if not keys or len(chosen) != len(keys):
            raise Refused("没有选中待开单的风险，或其中有的刚刚已开单，整批没有办理。请刷新后再选。")
        departments = departments_by_code(by.duty.county_code)
        by_department: dict[int, list[Risk]] = defaultdict(list)
        for risk in chosen:
            to = department or departments[criteria.subcriteria()[risk.subcriterion].department]
            by_department[to.pk].append(risk)
        _check_not_back_again(chosen, by_department)
        sheets = _drafts(by_department, by)
        lines = OrderLine.objects.bulk_create(
            [_line(sheets[owner], risk) for owner, own in by_department.items() for risk in own],
            batch_size=1000,
        )
        write_first_records(lines, by=by, name="prepare")
        audit.record(by, "order_prepare", lines=len(lines), sheets=[sheet.pk for sheet in sheets.values()])
    return list(sheets.values())


def _check_not_back_again(chosen: Sequence[Risk], by_department: dict[int, list[Risk]]) -> None:
    given_back = set(
        OrderLine.objects.filter(
            risk__in=chosen, state=LineState.RETURNED, return_reason="not_ours"
        ).values_list("risk", "department")
    )
    if any((risk.pk, owner) in given_back for owner, own in by_department.items() for risk in own):
        raise Refused("有的风险被这个部门以“不属本部门”退回过，请改选别的部门。")


def _drafts(by_department: dict[int, list[Risk]], by: Actor) -> dict[int, OrderSheet]:
    """Department → its draft."""
    county = by.duty.county_code
    drafts = OrderSheet.objects.filter(county_id=county, state=SheetState.DRAFT, department__in=by_department)
    existing = {sheet.department_id: sheet for sheet in drafts}
    made = [
        OrderSheet(county_id=county, department_id=owner, prepared_by=by, basis=_basis(risks))
        for owner, risks in by_department.items()
        if owner not in existing
    ]
    made = OrderSheet.objects.bulk_create(made)
    write_first_records(made, by=by, name="prepare")
    return existing | {sheet.department_id: sheet for sheet in made}


def _basis(risks: Iterable[Risk]) -> str:
    """The minutes that the households' determination rests on."""
    items = [getattr(risk.case, "agenda_item", None) for risk in risks]
    numbers = sorted({item.meeting.document for item in items if item and item.meeting.document})
    return "、".join(numbers)[:120]


def _line(sheet: OrderSheet, risk: Risk) -> OrderLine:
    return OrderLine(
        sheet=sheet,
        household_id=risk.case.household_id,
        case_id=risk.case_id,
        risk=risk,
        department_id=sheet.department_id,
        difficulty=risk.words,
        suggested=list(criteria.subcriteria()[risk.subcriterion].measures),
    )


def leave_out_risk(risk: Risk, *, by: Actor, words: str) -> None:
    """No department is needed for a risk that came back: the office's word, kept with the line."""
    if not words.strip():
        raise Refused("请写明为什么不再交办。")
    with transaction.atomic():
        line = (
            OrderLine.objects.for_user(by)
            .filter(risk=risk.pk, state=LineState.RETURNED)
            .select_for_update(of=("self",))
            .order_by("-pk")
            .first()
        )
        if not by.may("order.prepare") or line is None or not risks_waiting(by).filter(pk=risk.pk).exists():
            raise Refused("这项风险没有被退回，或已另行交办。请刷新后再看。")
        line.left_out_words = words.strip()[:300]
        line.save(update_fields=["left_out_words"])
        audit.record(by, "order_leave_out", risk.case.household, risk=risk.pk, words=words.strip())


def lock_draft(sheet: OrderSheet, *, by: Actor) -> OrderSheet:
    """The draft, held, for the office. Raises Refused."""
    own = OrderSheet.objects.for_user(by).filter(pk=sheet.pk)
    held = own.select_for_update(of=("self",)).select_related("department", "county").first()
    if not by.may("order.prepare") or held is None:
        raise Refused("您当前的岗位不能改这份交办单。")
    if held.state != SheetState.DRAFT:
        raise Refused(f"这份交办单{held.get_state_display()}，不能再改。")
    return held


def change_sheet(sheet: OrderSheet, *, by: Actor, number: str, basis: str, words: str) -> OrderSheet:
    """Document number, basis, what is asked; while it is a draft."""
    with transaction.atomic():
        held = lock_draft(sheet, by=by)
        held.number, held.basis, held.words = number.strip(), basis.strip(), words.strip()
        try:
            with transaction.atomic():
                held.save(update_fields=["number", "basis", "words"])
        except IntegrityError as error:
            raise Refused(f"本县已有文号为 {number.strip()} 的交办单，请核对文号。") from error
        audit.record(by, "order_change", held, number=held.number)
    return held


def remove_lines(lines: QuerySet[OrderLine], *, by: Actor) -> int:
    """Lines off a draft: their risks wait for an order again. An empty draft goes with its last line."""
    with transaction.atomic():
        keys = list(lines.values_list("pk", "sheet"))
        sheets = {sheet for _, sheet in keys}
        if len(sheets) != 1:
            raise Refused("没有选中交办事项，或所选事项不在同一份交办单上。")
        held = lock_draft(OrderSheet.objects.get(pk=sheets.pop()), by=by)
        OrderLine.objects.filter(pk__in=[pk for pk, _ in keys]).delete()
        if not held.lines.exists():
            move(OrderSheet.objects.filter(pk=held.pk), "discard", by=by, opinion="已没有交办事项")
        audit.record(by, "order_take_off", held, lines=len(keys))
    return len(keys)


def discard_sheet(sheet: OrderSheet, *, by: Actor, words: str) -> None:
    if not words.strip():
        raise Refused("请写明作废的原因。")
    with transaction.atomic():
        held = lock_draft(sheet, by=by)
        held.lines.all().delete()
        move(OrderSheet.objects.filter(pk=held.pk), "discard", by=by, opinion=words.strip())
        audit.record(by, "order_discard", held, words=words.strip())


def next_number(county: Division, year: int) -> str:
    """The next number after the county's last of the year, to be confirmed by hand: 都扶领办〔2026〕6号."""
    used = OrderSheet.objects.filter(county=county, number__contains=f"〔{year}〕").exclude(
        state=SheetState.DISCARDED
    )
    last, first = 0, f"{county.short_name[:1]}扶领办"
    for number in used.values_list("number", flat=True):
        head, _, tail = number.partition(f"〔{year}〕")
        digits = "".join(c for c in tail if c.isdigit())
        if digits and int(digits) > last:
            last, first = int(digits), head
    return f"{first}〔{year}〕{last + 1}号"


# ---- Signing ----
def issue_sheets(sheets: QuerySet[OrderSheet], *, by: Actor, on: datetime.date | None = None) -> int:
    """签发 by the director, one or many; the days run from the day of issue. Raises Refused."""
    day = on or timezone.localdate()
    with transaction.atomic():
        keys = list(sheets.values_list("pk", flat=True))
        own = OrderSheet.objects.for_user(by).filter(pk__in=keys)
        held = list(own.select_for_update(of=("self",)).select_related("department", "county").order_by("pk"))
        if not keys or len(held) != len(keys) or not by.may("order.sign"):
            raise Refused("没有选中交办单，或其中有不属于您管辖范围的，整批没有办理。")
        _check_ready(held, by)
        dues = _dues(held[0].county, day)
        count = move(OrderSheet.objects.filter(pk__in=keys), "issue", by=by, stamps=dues)
        move(OrderLine.objects.filter(sheet__in=keys), "issue", by=by)
        audit.record(by, "order_issue", sheets=keys, on=day.isoformat())
    return count


def _check_ready(held: Sequence[OrderSheet], by: Actor) -> None:
    for sheet in held:
        if sheet.state != SheetState.DRAFT:
            raise Refused(
                f"{sheet.department}的交办单{sheet.get_state_display()}，整批没有签发。请刷新后再试。"
            )
        if not sheet.number:
            raise Refused(f"{sheet.department}的交办单还没有文号，请办公室填写后再签发。")
        if sheet.prepared_by_id == by.pk:
            raise Refused("开单的人不能签发，请由另一人签发。")
    filled = set(
        OrderLine.objects.filter(sheet__in=[sheet.pk for sheet in held]).values_list("sheet", flat=True)
    )
    if empty := [sheet for sheet in held if sheet.pk not in filled]:
        raise Refused(f"{empty[0].department}的交办单没有交办事项，不能签发。")


def _dues(county: Division, day: datetime.date) -> dict[str, datetime.date | None]:
    policy = in_force(county, day)
    return {name: _add(day, policy[key]) for name, key in DUES.items()}


def _add(day: datetime.date, days: int) -> datetime.date | None:
    try:
        return working_days.add(day, days)
    except YearNotConfirmed:
        return None


def fill_dues(**_kwargs: Any) -> None:
    """Due dates left open because a year's calendar was not confirmed."""
    open_dues = Q(accept_due=None) | Q(plan_due=None) | Q(deliver_due=None)
    sheets = OrderSheet.objects.filter(open_dues, state=SheetState.ISSUED).select_related("county")
    for sheet in sheets:
        dues = _dues(sheet.county, timezone.localdate(sheet.issued_at))
        fresh = {name: due for name, due in dues.items() if due and getattr(sheet, name) is None}
        if fresh:
            OrderSheet.objects.filter(pk=sheet.pk).update(**fresh)


working_days.year_settled.connect(fill_dues, dispatch_uid="order_dues")


def record_reminder(sheet: OrderSheet, *, by: Actor, words: str) -> Reminder:
    """催办: kept with the sheet."""
    own = OrderSheet.objects.for_user(by).filter(pk=sheet.pk, state=SheetState.ISSUED)
    if not (by.may("order.prepare") or by.may("order.sign")) or not own.exists():
        raise Refused("只能催办已签发、没有办结的交办单。")
    made = Reminder.objects.create(sheet=sheet, words=words.strip()[:300], by=by)
    audit.record(by, "order_remind", sheet)
    return made
