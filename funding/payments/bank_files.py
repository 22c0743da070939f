"""报盘: one workbook a bank with the full numbers, made once, sealed; the screen shows masks alone."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from fangpin.common import audit, exports
from fangpin.common.actor import Actor
from fangpin.common.files import private_files
from fangpin.common.refusals import Refused
from fangpin.common.workbooks.writing import write_rows
from funding.models import BankFile, Batch, BatchLine, BatchState

HEADINGS = ("序号", "户名", "账号", "开户行", "金额（元）", "摘要")


@dataclass(frozen=True)
class ForBank:
    """The lines of one bank: what its list holds and what it adds up to. `check`: 校验码 over number, account
    and amount."""

    bank: str
    lines: Sequence[BatchLine]

    @property
    def count(self) -> int:
        return len(self.lines)

    @property
    def amount(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def check(self) -> str:
        content = ";".join(f"{line.number}|{number_of(line)}|{line.amount}" for line in self.lines)
        return hashlib.sha256(content.encode()).hexdigest()[:12]


def number_of(line: BatchLine) -> str:
    return line.account.number if line.account else line.line.application.payee_number or ""


def holder_of(line: BatchLine) -> str:
    return line.account.holder if line.account else line.line.application.payee


def bank_of(line: BatchLine) -> str:
    return line.account.bank if line.account else line.line.application.payee_bank


def by_bank(batch: Batch) -> list[ForBank]:
    """Two statements; banks in the order of their names."""
    groups: dict[str, list[BatchLine]] = {}
    lines = batch.lines.exclude(outcome="taken_off").select_related(
        "account", "line__application", "line__measure__household", "line__measure__type"
    )
    for line in lines.order_by("number"):
        groups.setdefault(bank_of(line), []).append(line)
    return [ForBank(bank, groups[bank]) for bank in sorted(groups)]


def fetch(batch: Batch, bank: str, *, by: Actor, purpose: str) -> tuple[BankFile, bytes]:
    """The list of one bank, made at the first call and the same ever after; who took it and what for is
    audited with count, sum and digest. Raises Refused."""
    if not by.may("payment.make"):
        raise Refused("只有财政局经办人能下载报盘文件。")
    if not purpose.strip():
        raise Refused("请写明下载的用途。")
    with transaction.atomic():
        held = Batch.objects.for_user(by).filter(pk=batch.pk).select_for_update(of=("self",)).first()
        if held is None or held.state == BatchState.CANCELLED:
            raise Refused("这个批次不在您的县，或已作废。")
        kept = BankFile.objects.filter(batch=held, bank=bank).first() or _make(held, bank, by)
        audit.record(
            by,
            "bank_file",
            held,
            bank=bank,
            lines=kept.count,
            amount=kept.amount,
            digest=kept.digest,
            purpose=purpose.strip(),
        )
    return kept, private_files.load(kept.stored_name)


def _make(batch: Batch, bank: str, by: Actor) -> BankFile:
    own = next((each for each in by_bank(batch) if each.bank == bank), None)
    if own is None:
        raise Refused("这一批里没有这家银行的明细。")
    content = _workbook(batch, own)
    with private_files.stored(content) as stored:
        return BankFile.objects.create(
            batch=batch,
            bank=bank,
            stored_name=stored,
            digest=private_files.digest(content),
            count=own.count,
            amount=own.amount,
            made_by=by,
        )


def _workbook(batch: Batch, own: ForBank) -> bytes:
    rows = [
        (
            line.number,
            holder_of(line),
            number_of(line),
            own.bank,
            exports.yuan_cell(line.amount),
            _words(line),
        )
        for line in own.lines
    ]
    foot = ("", f"合计 {own.count} 笔", f"校验码 {own.check}", "", exports.yuan_cell(own.amount), "")
    stream = io.BytesIO()
    write_rows(
        stream,
        HEADINGS,
        [*rows, foot],
        title=f"{batch.number} {own.bank} 发放清单",
        sheet="报盘",
        text_columns=("账号",),
    )
    return stream.getvalue()


def _words(line: BatchLine) -> str:
    measure = line.line.measure
    return measure.type.name if measure is not None else line.line.application.title
