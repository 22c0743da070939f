"""回盘: the bank's answer read, held against the batch and shown; written only once a person has confirmed
it."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from fangpin.common import audit, cells
from fangpin.common.actor import Actor
from fangpin.common.cells import CellFault
from fangpin.common.files import private_files
from fangpin.common.handing_in import services as handing_in
from fangpin.common.refusals import Refused
from fangpin.common.workbooks import Column, read_table
from funding import rules
from funding.models import Batch, BatchLine, BatchState, HandedIn, Outcome
from funding.payments import batches
from funding.payments.bank_files import number_of

NUMBER, ACCOUNT, AMOUNT, RESULT, REASON = "序号", "账号", "金额（元）", "结果", "失败原因"
COLUMNS = [
    Column(NUMBER, required=True, synonyms=("批次序号", "报盘序号", "编号")),
    Column(ACCOUNT, kind="id", synonyms=("收款账号", "银行账号", "卡号", "一卡通账号")),
    Column(AMOUNT, kind="amount", synonyms=("金额", "发放金额", "交易金额")),
    Column(RESULT, required=True, synonyms=("状态", "交易状态", "处理结果", "发放结果")),
    Column(REASON, synonyms=("备注", "原因", "失败说明", "返回信息")),
]
PAID = {"成功", "已发放", "发放成功", "交易成功", "已到账", "到账", "入账成功", "处理成功"}
FAILED = {"失败", "发放失败", "交易失败", "退回", "退汇", "入账失败", "处理失败", "未到账"}
MOST = 20_000


@dataclass
class Answer:
    """What a file comes to: numbers paid, number → reason of those failed, row → fault. `silent`: lines that
    it does not name, `known`: numbers that were answered the same way before."""

    paid: list[BatchLine] = field(default_factory=list)
    failed: list[tuple[BatchLine, str]] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)
    silent: list[BatchLine] = field(default_factory=list)
    known: list[BatchLine] = field(default_factory=list)

    @property
    def paid_amount(self) -> int:
        return sum(line.amount for line in self.paid)

    @property
    def failed_amount(self) -> int:
        return sum(line.amount for line, _ in self.failed)


def hand_in(batch: Batch, *, file_name: str, content: bytes, by: Actor) -> HandedIn:
    """Keeps the file, sealed, after it could be read. Raises Refused or UnreadableFile."""
    if not by.may("payment.make") or not Batch.objects.for_user(by).filter(pk=batch.pk).exists():
        raise Refused("只有本县财政局经办人能上传回盘。")
    if batch.state not in (BatchState.SENT, BatchState.RECONCILED):
        raise Refused(f"批次 {batch.number}{batch.get_state_display()}，登记拨付后才能上传回盘。")
    read(batch, file_name, content)
    with handing_in.kept(
        HandedIn,
        kind=HandedIn.Kind.ANSWER,
        batch=batch,
        county_id=batch.county_id,
        file_name=file_name,
        content=content,
        by=by,
    ) as sheet:
        return sheet


def again(sheet: HandedIn) -> Answer:
    """The kept file held against the batch as it is now."""
    assert sheet.batch is not None  # the database holds it
    return read(sheet.batch, sheet.file_name, private_files.load(sheet.stored_name))


def read(batch: Batch, file_name: str, content: bytes) -> Answer:
    table = read_table(content, file_name, COLUMNS)
    if len(table.rows) > MOST:
        raise Refused(f"一次最多 {MOST} 行。")
    columns = {column.heading: table.column(column.heading) for column in COLUMNS}
    lines = {
        line.number: line
        for line in batch.lines.exclude(outcome=Outcome.TAKEN_OFF).select_related(
            "account", "line__application"
        )
    }
    answer = Answer()
    seen: dict[int, int] = {}
    for place, row_number in enumerate(table.numbers):
        row = {heading: values[place] for heading, values in columns.items()}
        if cells.is_blank(row[NUMBER]) or cells.is_blank(row[RESULT]):
            continue  # foot and blank rows
        try:
            line, is_paid, reason = _one(row, lines)
            if (first := seen.setdefault(line.number, row_number)) != row_number:
                raise CellFault("twice", f"第 {line.number} 号在第 {first} 行已有结果，请核对。")
            _sort(answer, line, is_paid, reason)
        except CellFault as fault:
            answer.faults.append((row_number, fault.message))
    answer.silent = [line for n, line in lines.items() if n not in seen and line.outcome == Outcome.LISTED]
    return answer


def _one(row: Mapping[str, Any], lines: Mapping[int, BatchLine]) -> tuple[BatchLine, bool, str]:
    number = cells.whole(row[NUMBER], 1, 10**6)
    line = lines.get(number)
    if line is None:
        raise CellFault("number", f"“{NUMBER}”：这一批没有第 {number} 号，请核对是不是另一批的回盘。")
    if not cells.is_blank(row[ACCOUNT]):
        account_number = rules.plain_number(cells.identifier(row[ACCOUNT]))
        if not _same(account_number, number_of(line)):
            raise CellFault("account", f"“{ACCOUNT}”：第 {number} 号的账号与报盘不同，请核对。")
    if not cells.is_blank(row[AMOUNT]) and cells.fen(row[AMOUNT]) != line.amount:
        raise CellFault("amount", f"“{AMOUNT}”：第 {number} 号的金额与报盘不同，请核对。")
    result = cells.text(row[RESULT])
    reason = "" if cells.is_blank(row[REASON]) else cells.text(row[REASON])
    if result in PAID:
        return line, True, ""
    if result in FAILED:
        return line, False, reason or "银行未说明原因"
    raise CellFault("result", f"“{RESULT}”：看不懂“{result}”，请改为“成功”或“失败”。")


def _same(number: str, kept: str) -> bool:
    """Equal, or masked by the bank with the same last four digits and the same length."""
    if "*" in number:
        return len(number) == len(kept) and number[-4:] == kept[-4:]
    return number == kept


def _sort(answer: Answer, line: BatchLine, is_paid: bool, reason: str) -> None:
    if line.outcome == Outcome.LISTED:
        answer.paid.append(line) if is_paid else answer.failed.append((line, reason))
    elif line.outcome == (Outcome.PAID if is_paid else Outcome.FAILED):
        answer.known.append(line)
    else:
        raise CellFault(
            "known", f"第 {line.number} 号已登记为{line.get_outcome_display()}，与这份回盘不同，请核对。"
        )


def confirm(sheet: HandedIn, *, by: Actor, on: datetime.date) -> Batch:
    """确认: what the file says is written, once. Raises Refused where a row does not fit."""
    with transaction.atomic():
        held = HandedIn.objects.select_for_update(of=("self",)).select_related("batch").get(pk=sheet.pk)
        if held.confirmed_at:
            return held.batch
        answer = again(held)
        if answer.faults:
            raise Refused(f"还有 {len(answer.faults)} 行对不上，没有写入。请核对回盘后重新上传。")
        if not answer.paid and not answer.failed and not answer.known:
            raise Refused("这份回盘里没有结果，没有写入。")
        if answer.paid or answer.failed:
            failed = {line.number: reason for line, reason in answer.failed}
            numbers = [line.number for line in answer.paid]
            batches.settle(held.batch, by=by, on=on, failed=failed, paid_numbers=numbers)
        held.confirmed_at = timezone.now()
        held.save(update_fields=["confirmed_at"])
        audit.record(
            by,
            "bank_answer",
            held.batch,
            digest=held.digest,
            paid=len(answer.paid),
            failed=len(answer.failed),
        )
    return held.batch
