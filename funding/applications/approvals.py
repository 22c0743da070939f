"""审定 and 备案 (Art. 11): poverty office and finance bureau approve in either order, two persons, neither
the applicant; then the leading group files, in person or from the signed paper by two persons."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from fangpin.accounts.roles import Role
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move
from fangpin.common.values.money import yuan
from fangpin.common.values.words import plain
from funding import rules
from funding.applications import submitting
from funding.models import Application, ApplicationLine, ApplicationState, ChainStep, LineState

OFFICE, FINANCE = "office", "finance"
_PERMISSIONS = {OFFICE: "fund.approve_office", FINANCE: "fund.approve_finance"}
_WORDS = {OFFICE: "扶贫部门", FINANCE: "财政部门"}


def side_of(user: Actor) -> str:
    """For which body this duty approves; "" for neither."""
    return next((side for side, permission in _PERMISSIONS.items() if user.may(permission)), "")


def waiting(user: Actor) -> QuerySet[Application]:
    """Those on which this duty's body has still to say its word."""
    applications, side = Application.objects.for_user(user), side_of(user)
    if side == OFFICE:
        return applications.waiting_for_office()
    return applications.waiting_for_finance() if side == FINANCE else applications.none()


def approve(
    chosen: QuerySet[Application],
    *,
    by: Actor,
    seen: Mapping[int, str] | None = None,
    opinion: str = "同意",
    signer: str = "",
) -> int:
    """审定 of one or many; all or none. `seen`: application → digest that the page showed: what was changed
    since is refused. Raises Refused."""
    side = side_of(by)
    if not side:
        raise Refused("您当前的岗位不能审定资金申请。")
    with transaction.atomic():
        applications = _held(chosen, by=by)
        _check_state(applications, side)
        for application in applications:
            _check_persons(application, by)
            if seen is not None and seen.get(application.pk) != application.digest:
                raise Refused(
                    f"申请 {application.number} 在您看过之后改动过，请重新看过再审定。整批没有办理。"
                )
        check_contents(applications)
        keys = [application.pk for application in applications]
        count = move(
            Application.objects.filter(pk__in=keys),
            f"approve_{side}",
            by=by,
            opinion=opinion.strip(),
            stamps={f"{side}_signer": signer.strip()[:40]},
        )
        audit.record(
            by,
            f"fund_approve_{side}",
            applications=count,
            numbers=[application.number for application in applications][:50],
            amount=sum(application.amount for application in applications),
        )
    return count


def _held(chosen: QuerySet[Application], *, by: Actor) -> list[Application]:
    keys = list(chosen.values_list("pk", flat=True))
    if not keys:
        raise Refused("没有选中任何申请。请先勾选。")
    own = Application.objects.for_user(by).filter(pk__in=keys).select_related("source")
    applications = list(own.select_for_update(of=("self",)).order_by("pk"))
    if len(applications) != len(keys):
        raise Refused("所选申请中有不属于本县的，整批没有办理。")
    return applications


def _check_state(applications: Sequence[Application], side: str) -> None:
    own = ApplicationState.OFFICE_APPROVED if side == OFFICE else ApplicationState.FINANCE_APPROVED
    other = ApplicationState.FINANCE_APPROVED if side == OFFICE else ApplicationState.OFFICE_APPROVED
    for application in applications:
        if application.state in (own, ApplicationState.APPROVED):
            raise Refused(f"申请 {application.number}{_WORDS[side]}已审定过，整批没有办理。请刷新后再试。")
        if application.state not in (ApplicationState.SUBMITTED, other):
            raise Refused(
                f"申请 {application.number}{application.get_state_display()}，不能审定，整批没有办理。"
            )


def _check_persons(application: Application, by: Actor) -> None:
    if by.pk in (application.submitted_by_id, application.prepared_by_id):
        raise Refused(f"申请 {application.number} 是您经办的，须由他人审定（第十一条）。整批没有办理。")
    if by.pk in (application.office_by_id, application.finance_by_id):
        raise Refused(
            f"申请 {application.number} 您已为另一部门审定，须由他人审定（第十一条）。整批没有办理。"
        )


def check_contents(applications: Sequence[Application]) -> None:
    """What is approved is what was submitted; one statement for all."""
    lines: dict[int, list[Any]] = {application.pk: [] for application in applications}
    own = ApplicationLine.objects.filter(application__in=list(lines)).exclude(state=LineState.GIVEN_UP)
    for line in own.order_by("application", "number"):
        lines[line.application_id].append(line)
    for application in applications:
        if submitting.digest(application, lines[application.pk]) != application.digest:
            raise Refused(f"申请 {application.number} 的内容与提交时不一致，不能办理。请退回部门重新提交。")


def decline(chosen: QuerySet[Application], *, by: Actor, words: str, final: bool = False) -> int:
    """退回补正, or 不同意 for good; by whoever it waits for. The money is free again."""
    if not by.may("fund.decide"):
        raise Refused("您当前的岗位不能退回资金申请。")
    if not words.strip():
        raise Refused("请写明退回或不同意的理由。")
    with transaction.atomic():
        applications = _held(chosen, by=by)
        for application in applications:
            _check_turn(application, by)
            submitting.let_go(application, "reject" if final else "give_back", by=by, words=words)
    return len(applications)


def _check_turn(application: Application, by: Actor) -> None:
    side = side_of(by)
    turns = {
        OFFICE: (ApplicationState.SUBMITTED, ApplicationState.FINANCE_APPROVED),
        FINANCE: (ApplicationState.SUBMITTED, ApplicationState.OFFICE_APPROVED),
        "": (ApplicationState.APPROVED,),
    }
    if application.state not in turns[side]:
        raise Refused(
            f"申请 {application.number}{application.get_state_display()}，现在不由您办理，整批没有办理。"
        )
    if by.pk in (application.submitted_by_id, application.prepared_by_id):
        raise Refused(f"申请 {application.number} 是您经办的，要改请用“撤回”。")


# ---- Filing by the leading group ----
def missing_steps(application: Application) -> list[str]:
    """Steps of the county's own chain that no paper was recorded for."""
    having = set(application.chain_steps.values_list("name", flat=True))
    return [step for step in rules.outside_steps(application.steps) if step not in having]


def record_step(
    application: Application,
    *,
    by: Actor,
    name: str,
    signer: str,
    signed_on: datetime.date,
    document: str = "",
) -> ChainStep:
    """登记 a step that happened on paper (R2), by the department that applied or by finance."""
    if not (by.may("fund.apply") or by.may("fund.approve_finance")):
        raise Refused("您当前的岗位不能登记审批环节。")
    if not signer.strip() or signed_on > timezone.localdate():
        raise Refused("请填写签字人和签字日期，日期不能晚于今天。")
    with transaction.atomic():
        held = _held(Application.objects.filter(pk=application.pk), by=by)[0]
        if held.state not in Application.IN_APPROVAL:
            raise Refused(f"这份申请{held.get_state_display()}，不能登记审批环节。")
        if name not in missing_steps(held):
            raise Refused("没有这个环节，或已经登记过。")
        made = held.chain_steps.create(
            name=name, signer=signer.strip()[:40], signed_on=signed_on, document=document.strip()[:80], by=by
        )
        audit.record(by, "fund_step", held, step=name)
    return made


def file(chosen: QuerySet[Application], *, by: Actor, number: str) -> int:
    """备案 in person by a member of the leading group, one or many under one number. Raises Refused."""
    if by.duty.role != Role.LEADING_GROUP:
        raise Refused("只有县扶贫开发领导小组成员能本人备案；凭签发件办理的，请用“登记”。")
    if not plain(number):
        raise Refused("请填写备案号（或备案文号）。")
    with transaction.atomic():
        applications = _held(chosen, by=by)
        for application in applications:
            _check_filing(application, by)
            if application.registered_by_id:
                raise Refused(f"申请 {application.number} 已凭签发件登记，请核对后办理“确认”。")
        check_contents(applications)
        stamps = {"filing_number": plain(number), "filing_signer": by.name, "filing_on": timezone.localdate()}
        count = move(
            Application.objects.filter(pk__in=[application.pk for application in applications]),
            "file",
            by=by,
            stamps=stamps,
        )
        audit.record(by, "fund_file", applications=count, number=plain(number))
    return count


def _check_filing(application: Application, by: Actor) -> None:
    if application.state != ApplicationState.APPROVED:
        raise Refused(
            f"申请 {application.number}{application.get_state_display()}，"
            f"须两部门都审定后才能备案（第十一条）。"
        )
    if not application.needs_filing:
        raise Refused(f"申请 {application.number} 按本县扶贫资金的审批环节不需备案，可直接发放。")
    if by.pk in (
        application.submitted_by_id,
        application.prepared_by_id,
        application.office_by_id,
        application.finance_by_id,
    ):
        raise Refused(f"申请 {application.number} 是您申请或审定的，须由他人备案（第十一条）。")
    if lacking := missing_steps(application):
        raise Refused(f"申请 {application.number} 还缺审批环节：{'、'.join(lacking)}。请先登记。")


def register_filing(
    application: Application, *, by: Actor, number: str, signer: str, signed_on: datetime.date
) -> Application:
    """登记 from the signed paper by one person; nothing takes effect before a second one has confirmed it."""
    if not by.may("fund.register"):
        raise Refused("只有领导小组会务能凭签发件登记备案。")
    if not plain(number) or not plain(signer):
        raise Refused("请填写备案号和签发人。")
    with transaction.atomic():
        held = _held(Application.objects.filter(pk=application.pk), by=by)[0]
        _check_filing(held, by)
        if held.registered_by and held.registered_by != by:
            raise Refused(f"{held.registered_by.name}已经登记，请核对后办理“确认”。")
        if signed_on < timezone.localdate(max(filter(None, (held.office_at, held.finance_at)))):
            raise Refused("备案日期不能早于两部门审定。")
        if signed_on > timezone.localdate():
            raise Refused("备案日期不能晚于今天。")
        Application.objects.filter(pk=held.pk).update(
            registered_by=by, filing_number=plain(number), filing_signer=plain(signer), filing_on=signed_on
        )
        audit.record(by, "fund_register_filing", held, number=plain(number))
    application.refresh_from_db()
    return application


def confirm_filing(
    application: Application, *, by: Actor, number: str, amount: int, count: int
) -> Application:
    """确认 by a second person, who types back from the paper its number, the sum (fen) and how many lines."""
    if not by.may("fund.file"):
        raise Refused("您当前的岗位不能确认备案。")
    with transaction.atomic():
        held = _held(Application.objects.filter(pk=application.pk), by=by)[0]
        _check_filing(held, by)
        if held.registered_by_id is None:
            raise Refused("还没有人凭签发件登记，不能确认。")
        if held.registered_by_id == by.pk:
            raise Refused("登记和确认须由两个人办理，请由另一人确认。")
        differing = [
            label
            for label, typed, kept in (
                ("备案号", plain(number), held.filing_number),
                ("金额", amount, held.amount),
                ("笔数", count, held.count),
            )
            if typed != kept
        ]
        if differing:
            raise Refused(
                f"与系统不一致：{'、'.join(differing)}。请与签发件逐项核对，登记有误的请登记人更正。"
            )
        submitting.check_unchanged(held)
        move(
            Application.objects.filter(pk=held.pk),
            "file",
            by=by,
            stamps={"filing_on": held.filing_on},
        )
        audit.record(by, "fund_confirm_filing", held, number=held.filing_number)
    application.refresh_from_db()
    return application


def what_it_does(chosen: QuerySet[Application]) -> str:
    """For the confirmation of a bulk approval: 3 份申请、41 笔、82,000.00 元."""
    rows = list(chosen.values_list("count", "amount"))
    return f"{len(rows)} 份申请、{sum(c for c, _ in rows)} 笔、{yuan(sum(a for _, a in rows))} 元"


def separate(by: Actor) -> Q:
    """Of applications: this person had no part in them."""
    named = Q(submitted_by=by.pk) | Q(prepared_by=by.pk) | Q(office_by=by.pk) | Q(finance_by=by.pk)
    return ~(named | Q(registered_by=by.pk))
