"""提出申请: its money is committed, what was submitted is fixed by a digest; withdrawn or given back, the
money is free again."""

import hashlib
import json
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move
from funding import lines as fund_lines
from funding.applications.gathering import OPEN_STATES, held
from funding.models import Application, ApplicationLine, LineState
from measures.models import Measure


def digest(application: Application, lines: Sequence[ApplicationLine]) -> str:
    """Of what is approved: source, lines, amounts. Approvals and payment compare it."""
    content = [
        application.source_id,
        application.payee,
        application.payee_bank,
        application.payee_number or "",
    ]
    content += [[line.number, line.measure_id, line.kind, line.amount] for line in lines]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def live_lines(application: Application) -> list[ApplicationLine]:
    """Without those given up; with their measures."""
    lines = application.lines.exclude(state=LineState.GIVEN_UP).select_related(
        "measure__household", "measure__type"
    )
    return list(lines.order_by("number"))


def check_unchanged(application: Application) -> None:
    """Raises Refused where the lines are not what was submitted."""
    if digest(application, live_lines(application)) != application.digest:
        raise Refused(f"申请 {application.number} 的内容与提交时不一致，不能办理。请退回部门重新提交。")


def submit(application: Application, *, by: Actor) -> Application:
    """提出申请 or, after a return, once more: approvals begin anew. Raises Refused with what is missing."""
    with transaction.atomic():
        own = held(application, by=by, states=Application.EDITABLE)
        lines = live_lines(own)
        _check_submit(own, lines)
        stamps = {
            "digest": digest(own, lines),
            "office_by": None,
            "office_at": None,
            "office_signer": "",
            "finance_by": None,
            "finance_at": None,
            "finance_signer": "",
            "registered_by": None,
            "filing_number": "",
            "filing_signer": "",
            "filing_on": None,
        }
        move(Application.objects.filter(pk=own.pk), "submit", by=by, stamps=stamps)
        fund_lines.commit(own, lines, by=by, on=timezone.localdate(), source=own.source_id)
        audit.record(by, "fund_submit", own, amount=own.amount, lines=len(lines))
    application.refresh_from_db()
    return application


def _check_submit(application: Application, lines: Sequence[ApplicationLine]) -> None:
    if not lines:
        raise Refused("还没有明细，不能提交。请先勾选已备案的举措。")
    if application.source.closed_on:
        raise Refused(f"{application.source}已关闭，请另起草一份申请。")
    if application.route == "R2" and not (
        application.project_name.strip() and application.project_number.strip()
    ):
        raise Refused("扶贫资金须填写项目名称和项目库编号（第十条）。")
    # Held, so that no hand delivers or cancels them meanwhile: whoever comes second sees what the first has
    # done.
    own = Measure.objects.filter(pk__in=[line.measure_id for line in lines if line.measure_id])
    states = dict(own.order_by("pk").select_for_update(no_key=True).values_list("pk", "state"))
    gone = [line for line in lines if line.measure_id and states.get(line.measure_id) not in OPEN_STATES]
    if gone:
        named = "、".join(f"第 {line.number} 行{line.measure.household}" for line in gone[:5] if line.measure)
        raise Refused(f"{named}的举措已取消、退回或已由部门登记落实，请移出后再提交。")


def withdraw(application: Application, *, by: Actor, words: str) -> Application:
    """撤回, before anything was filed."""
    with transaction.atomic():
        own = held(application, by=by, states=Application.IN_APPROVAL)
        let_go(own, "withdraw", by=by, words=words or "撤回修改")
    application.refresh_from_db()
    return application


def let_go(application: Application, act: str, *, by: Actor, words: str) -> None:
    """One that is locked leaves approval by `act`; its money and its claims are free again."""
    lines = list(application.lines.filter(state=LineState.COMMITTED))
    stamps = {"registered_by": None, "filing_number": "", "filing_signer": "", "filing_on": None}
    move(Application.objects.filter(pk=application.pk), act, by=by, opinion=words.strip(), stamps=stamps)
    fund_lines.free(application, lines, to=LineState.DRAFT, by=by, on=timezone.localdate())
    audit.record(by, f"fund_{act}", application, amount=application.amount)


def discard(application: Application, *, by: Actor, words: str) -> None:
    """作废 of one that holds no money."""
    with transaction.atomic():
        own = held(application, by=by, states=Application.EDITABLE)
        move(Application.objects.filter(pk=own.pk), "discard", by=by, opinion=words.strip())
        own.lines.update(state=LineState.GIVEN_UP)
        audit.record(by, "fund_discard", own)
