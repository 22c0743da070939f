"""What lists, the page and the paper of an application show, and their export."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.utils import timezone

from fangpin.common import exports
from fangpin.common.actor import Actor
from fangpin.common.transitions import history
from funding import rules
from funding.applications import approvals
from funding.applications.forms import ApplicationFilter, mine
from funding.bank_accounts import accounts as bank_accounts
from funding.history import HistoryRow, rows_of_history
from funding.models import (
    Application,
    ApplicationLine,
    ApplicationState,
    BankAccount,
    LineState,
    Purpose,
)
from households.models import Household, Member

_ACTS = {
    "create": "起草",
    "submit": "提出申请",
    "approve_office": "扶贫部门审定",
    "approve_finance": "财政部门审定",
    "file": "领导小组备案",
    "give_back": "退回补正",
    "reject": "不同意",
    "withdraw": "撤回",
    "discard": "作废",
    "finish": "全部发放",
    "reopen": "发放退回",
    "release_without_filing": "按本县环节转发放",
}


def with_all(applications: QuerySet[Application]) -> QuerySet[Application]:
    return applications.select_related(
        "department",
        "source",
        "prepared_by",
        "submitted_by",
        "office_by",
        "finance_by",
        "filed_by",
        "registered_by",
        "county",
    )


def lines_of(application: Application) -> QuerySet[ApplicationLine]:
    return application.lines.exclude(state=LineState.GIVEN_UP).select_related(
        "measure__household__village__parent", "measure__type", "measure__department"
    )


@dataclass(frozen=True)
class LineRow:
    """A line with its household, the account in use and the head of today; numbers are masked. `days` are
    those
    since its filing."""

    line: ApplicationLine
    household: Household | None
    account: BankAccount | None
    head: Member | None
    masked_id: str
    masked_account: str
    days: int | None


def line_rows(lines: Iterable[ApplicationLine]) -> list[LineRow]:
    """What pages and papers show of lines; two statements."""
    lines = list(lines)
    homes = {line.measure.household_id for line in lines if line.measure_id}
    accounts = bank_accounts.current_accounts(homes)
    heads = {m.household_id: m for m in Member.objects.current().filter(household__in=homes, relation="head")}
    return [_line_row(line, accounts, heads) for line in lines]


def _line_row(
    line: ApplicationLine, accounts: Mapping[int, BankAccount], heads: Mapping[int, Member]
) -> LineRow:
    home = line.measure.household if line.measure_id else None
    account, head = (accounts.get(home.pk), heads.get(home.pk)) if home else (None, None)
    filed = line.application.filing_on
    return LineRow(
        line=line,
        household=home,
        account=account,
        head=head,
        masked_id=head.masked_id if head else "",
        masked_account=rules.masked(account.number) if account else "",
        days=(timezone.localdate() - filed).days if filed else None,
    )


def way(application: Application) -> list[dict]:
    """Steps of the application for `components/steps.html`: 申请 → 扶贫部门审定 · 财政部门审定 → others →
    备案 → 发放."""
    on_paper = {step.name: step for step in application.chain_steps.all()}
    under_way = not application.is_editable
    notes = {
        rules.OFFICE_STEP: _note(application.office_by, application.office_at),
        rules.FINANCE_STEP: _note(application.finance_by, application.finance_at),
        rules.FILING_STEP: f"{application.filing_number}" if application.filed_by_id else "",
    }
    steps = [("部门申请", _note(application.submitted_by, application.submitted_at) if under_way else "")]
    for name in application.steps:
        paper = on_paper.get(name)
        steps.append(
            (name, notes.get(name, f"{paper.signer} {paper.signed_on}" if paper else "") if under_way else "")
        )
    steps.append(("发放", "全部发放" if application.state == ApplicationState.PAID else ""))
    first = next((place for place, (_, note) in enumerate(steps) if not note), len(steps))
    return [
        {"label": label, "note": note, "state": "done" if note else "on" if place == first else "todo"}
        for place, (label, note) in enumerate(steps)
    ]


def _note(person, at) -> str:
    return f"{person.name} {timezone.localdate(at):%m-%d}" if person and at else ""


def history_rows(application: Application) -> list[HistoryRow]:
    """办理记录: its status records with the acts in words; one statement."""
    return rows_of_history(history(application), _ACTS)


def tabs(own: QuerySet[Application], user: Actor) -> list[dict]:
    """Counts by state for the tabs of the list; one statement, one more where something waits for this
    duty."""
    counts = dict(own.order_by().values_list("state").annotate(n=Count("pk")))
    shown_tabs = [
        {"state": "", "label": "全部", "number": sum(n for s, n in counts.items() if s != "discarded")}
    ]
    if approvals.side_of(user) or user.may("fund.file"):
        shown_tabs.append({"state": "mine", "label": "等我办理", "number": mine(user).count()})
    shown = (
        ("draft", "草稿"),
        ("submitted", "待审定"),
        ("office_approved", "待财政"),
        ("finance_approved", "待扶贫"),
        ("approved", "待备案"),
        ("filed", "待发放"),
        ("paid", "已发放"),
        ("returned", "退回"),
    )
    shown_tabs += [{"state": s, "label": label, "number": counts[s]} for s, label in shown if counts.get(s)]
    return shown_tabs


HEADINGS = (
    "编号",
    "申请部门",
    "资金用途",
    "资金来源",
    "指标文号",
    "渠道",
    "状态",
    "序号",
    "户主",
    "乡（镇）",
    "行政村",
    "按什么户",
    "举措",
    "举措备案号",
    "金额（元）",
    "明细状态",
    "发放日期",
    "扶贫部门审定",
    "财政部门审定",
    "备案号",
)


def _queryset(user: Actor, params):
    chosen = ApplicationFilter(params, user=user).narrow(Application.objects.for_user(user))
    lines = ApplicationLine.objects.filter(application__in=chosen.values("pk"))
    return lines.select_related(
        "application__department",
        "application__source",
        "application__office_by",
        "application__finance_by",
        "measure__household__village__parent",
        "measure__type",
    ).order_by("application_id", "number")


def _row(line: ApplicationLine) -> tuple:
    own, measure = line.application, line.measure
    home = measure.household if measure else None
    return (
        own.number,
        own.department.name,
        own.title,
        own.source.name,
        own.source.document,
        own.get_route_display(),
        own.get_state_display(),
        line.number,
        home.head_name if home else own.payee,
        home.village.parent.short_name if home else "",
        home.village.short_name if home else "",
        line.get_kind_display(),
        measure.type.name if measure else Purpose(own.purpose).label,
        measure.filing_number if measure else "",
        exports.yuan_cell(line.amount),
        line.get_state_display(),
        line.paid_on,
        own.office_by.name if own.office_by else "",
        own.finance_by.name if own.finance_by else "",
        own.filing_number,
    )


exports.register(
    exports.Export(
        name="fund-applications",
        title="资金使用申请",
        permission="fund.export",
        headings=HEADINGS,
        queryset=_queryset,
        row=_row,
        text_columns=("编号", "举措备案号", "备案号"),
        words=lambda user, params: exports.words_of(ApplicationFilter(params, user=user)),
    )
)
