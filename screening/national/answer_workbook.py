"""Answers that come back in the workbook that went out: a row an item, each recorded or given back with its
reason."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from fangpin.common import audit, cells
from fangpin.common.actor import Actor
from fangpin.common.files import private_files
from fangpin.common.handing_in import services as handing_in
from fangpin.common.outcomes import Outcome, RowFault
from fangpin.common.workbooks import Column, Table, read_table
from screening.models import AnswerSheet
from screening.national import acknowledgements
from screening.national.acknowledgements import Answer
from screening.national.lists import ANSWER_COLUMNS, ITEM

COLUMNS = [
    Column(ITEM, required=True, kind="id"),
    Column(ANSWER_COLUMNS[0], kind="id", synonyms=("系统户编号", "国家系统编号")),
    Column(ANSWER_COLUMNS[1], synonyms=("退回说明", "系统提示")),
]
CODE_WORDS = {
    "code": "填写有误",
    "id_numeric_cell": "号码被存成数字",
    "duplicate_row": "同一事项前后不同",
    "match_none": "没有采用",
}
ROWS_KEPT = 5000


@dataclass(frozen=True)
class _Row:
    number: int
    item: str
    answer: Answer | None  # None: nothing was filled in


def record_answers(*, file_name: str, content: bytes, by: Actor) -> AnswerSheet:
    """Reads a workbook of answers and records what fits; the sheet keeps what did not. Raises UnreadableFile
    for the file as a whole, NotAllowed without the right."""
    table = read_table(content, file_name, COLUMNS)
    outcome = Outcome(read=len(table.rows))
    rows = _without_contradictions(list(_rows(table, outcome)), outcome)
    answers = {row.item: row.answer for row in rows if row.answer}
    with transaction.atomic():
        recorded, words = acknowledgements.record_fitting_answers(answers.values(), by=by)
        _settle(rows, words, outcome)
        return _keep(table, outcome, recorded, file_name=file_name, content=content, by=by)


def _rows(table: Table, outcome: Outcome) -> Iterator[_Row]:
    columns = (table.column(column.heading) for column in COLUMNS)
    for line, item, number, reason in zip(table.numbers, *columns, strict=True):
        try:
            yield _Row(line, *_parsed(item, number, reason))
        except cells.CellFault as fault:
            outcome.refused.append(RowFault(line, fault.code, fault.message))


def _parsed(item: Any, number: Any, reason: Any) -> tuple[str, Answer | None]:
    try:
        key = str(uuid.UUID(cells.text(item)))
    except ValueError:
        raise cells.CellFault("code", "“事项编号”不是本系统导出的编号，请不要改动这一列。") from None
    number = "".join(cells.identifier(number or "").split())
    reason = cells.text(reason or "")
    if number and reason:
        raise cells.CellFault("code", "户编号和退回原因只能填一个。")
    if number and not acknowledgements.is_number(number):
        raise cells.CellFault("code", "“国家系统户编号”只有数字和字母，请核对。")
    if len(reason) > acknowledgements.REASON_LENGTH:
        raise cells.CellFault("code", f"“系统退回原因”不要超过 {acknowledgements.REASON_LENGTH} 字。")
    return key, Answer(key, number, reason) if number or reason else None


def _without_contradictions(rows: list[_Row], outcome: Outcome) -> list[_Row]:
    """An item has a row a person; its answer stands beside one of them, or beside all, but only one."""
    answers: dict[str, set[Answer]] = {}
    for row in rows:
        if row.answer:
            answers.setdefault(row.item, set()).add(row.answer)
    torn = {item for item, given in answers.items() if len(given) > 1}
    words = "同一事项在表中有不同的回执，请核对后只留一个。"
    outcome.refused += [RowFault(row.number, "duplicate_row", words) for row in rows if row.item in torn]
    return [row for row in rows if row.item not in torn]


def _settle(rows: list[_Row], words: dict[str, str], outcome: Outcome) -> None:
    """Every row ends somewhere: without an answer it is left as it is."""
    outcome.refused += [
        RowFault(row.number, "match_none", words[row.item])
        for row in rows
        if row.answer and row.item in words
    ]
    outcome.unchanged = sum(row.answer is None for row in rows)
    outcome.changed = sum(row.answer is not None and row.item not in words for row in rows)
    outcome.settle()


def _keep(
    table: Table,
    outcome: Outcome,
    recorded: acknowledgements.Recorded,
    *,
    file_name: str,
    content: bytes,
    by: Actor,
) -> AnswerSheet:
    returned = outcome.refused[:ROWS_KEPT]
    cells_of = handing_in.cells_of(table, [fault.row for fault in returned])
    sheet = AnswerSheet.objects.create(
        division_id=by.duty.division_id,
        file_name=file_name[:200],
        file_digest=private_files.digest(content),
        headings=table.headings,
        result={
            "read": outcome.read,
            "acknowledged": recorded.acknowledged,
            "refused": recorded.refused,
            "unchanged": recorded.unchanged,
            "empty": outcome.unchanged,
            "returned": len(outcome.refused),
        },
        faults=[[fault.row, fault.code, fault.message, cells_of[fault.row]] for fault in returned],
        by=by,
    )
    audit.record(by, "national_answers", sheet, digest=sheet.file_digest, **sheet.result)
    return sheet


def returned_workbook(sheet: AnswerSheet, *, by: Actor) -> bytes:
    """The rows that were not used, as they came, with the reason; audited."""
    rows = [(number, row, message) for number, _, message, row in sheet.faults or []]
    return handing_in.returned_workbook(sheet, "national_returned", sheet.headings, rows, by=by)
