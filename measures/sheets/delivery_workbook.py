"""落实 by workbook: a department's filed and started measures go out; what comes back is read, judged and
shown, and recorded together or not at all."""

import io
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from fangpin.common import audit, cells, exports
from fangpin.common.values.money import yuan
from fangpin.common.workbooks import Column
from fangpin.common.workbooks.writing import write_rows
from measures.delivery import delivery
from measures.delivery.delivery import Progress
from measures.models import Measure, MeasureState
from measures.planning import lists as measure_lists
from measures.sheets.rows import Fault, Faulty, Reading, Shown, read_rows, value, words

MEASURE, BEGUN, ON, AMOUNT, PROOF = "举措编号", "开始实施日期", "落实日期", "落实金额（元）", "落实凭据"
GIVEN = ("户主", "乡（镇）", "行政村", "受益人", "举措名称", "状态", "拟定金额（元）")
COLUMNS = [
    Column(MEASURE, required=True, kind="id"),
    Column(BEGUN, kind="date"),
    Column(ON, kind="date", required=True),
    Column(AMOUNT, kind="amount", required=True),
    Column(PROOF),
]
_HEADINGS = {"begun": BEGUN, "on": ON, "amount": AMOUNT, "proof": PROOF}
UNDER_WAY = (MeasureState.FILED, MeasureState.STARTED)


def write(measures: QuerySet[Measure], *, by) -> bytes:
    """What is filed or under way, as a workbook to fill in."""
    listed = measure_lists.with_all(measures.filter(state__in=UNDER_WAY)).order_by(*measure_lists.ORDER)
    rows = [_row_of(measure) for measure in listed]
    audit.record(by, "measure_delivery_out", measures=len(rows))
    stream = io.BytesIO()
    write_rows(stream, (MEASURE, *GIVEN, BEGUN, ON, AMOUNT, PROOF), rows, text_columns=(MEASURE,))
    return stream.getvalue()


def _row_of(measure: Measure) -> tuple:
    home = measure.household
    return (
        str(measure.uuid),
        home.head_name,
        home.village.parent.short_name,
        home.village.short_name,
        measure.member.name if measure.member else "全户",
        measure.type.name,
        measure.get_state_display(),
        exports.yuan_cell(measure.amount),
        measure.started_on,
        None,
        None,
        "",
    )


def read(file_name: str, content: bytes, *, by) -> Reading:
    """What the file would record, writing nothing; a constant number of statements. Raises what `read_rows`
    raises."""
    table, rows = read_rows(file_name, content, COLUMNS)
    reading = Reading(table, given=GIVEN)
    own = _own(rows, by)
    wanted: list[tuple[int, Measure, Progress]] = []
    seen: dict[int, int] = {}
    for number, row in rows:
        if all(cells.is_blank(row[heading]) for heading in _HEADINGS.values()):
            reading.empty += 1
            continue
        try:
            measure = own.get(words(row, MEASURE).lower())
            if measure is None:
                raise Faulty(MEASURE, "不是本部门举措的编号，请不要改动这一列。")
            if (first := seen.setdefault(measure.pk, number)) != number:
                raise Faulty("", f"与第 {first} 行是同一项举措，请删去其中一行。")
            progress = _progress_of(row, measure, reading)
            if progress is not None:
                wanted.append((number, measure, progress))
        except Faulty as fault:
            reading.faults.append(Fault(number, fault.column, fault.message))
    _judge(reading, wanted)
    reading.faults.sort(key=lambda fault: fault.row)
    return reading


def _own(rows: Sequence[tuple[int, dict[str, Any]]], by) -> dict[str, Measure]:
    """The department's measures that the rows name."""
    keys = []
    for _, row in rows:
        try:
            keys.append(uuid.UUID(words(row, MEASURE)))
        except (ValueError, Faulty):
            continue
    own = Measure.objects.for_user(by).filter(uuid__in=keys, department=by.acting.department)
    return {str(each.uuid): each for each in own.select_related("household", "type", "case")}


def _progress_of(row: dict[str, Any], measure: Measure, reading: Reading) -> Progress | None:
    """The progress that the row reports; None where it says nothing new. Raises Faulty."""
    begun, on = value(row, BEGUN, cells.day), value(row, ON, cells.day)
    amount, proof = value(row, AMOUNT, cells.fen), words(row, PROOF, 120)
    if measure.state == MeasureState.DELIVERED:
        _check_same(measure, begun, on, amount, proof)
        reading.known += 1
        return None
    if measure.state not in UNDER_WAY:
        raise Faulty(MEASURE, f"这项举措{measure.get_state_display()}，不能登记实施或落实，请删去这一行。")
    if measure.state == MeasureState.STARTED:
        if begun not in (None, measure.started_on):
            raise Faulty(BEGUN, f"这项举措已登记 {measure.started_on} 开始实施，请改回这一天或不填。")
        begun = None
    if on is None and (amount is not None or proof):
        raise Faulty(ON, f"没有填。没有落实的，“{AMOUNT}”和“{PROOF}”也不要填。")
    if begun is None and on is None:
        reading.empty += 1
        return None
    return Progress(begun, on, amount, proof)


def _check_same(measure: Measure, begun, on, amount, proof) -> None:
    written = (begun or measure.started_on, on or measure.delivered_on, proof or measure.proof)
    given = measure.delivered if amount is None else amount
    if (*written, given) != (measure.started_on, measure.delivered_on, measure.proof, measure.delivered):
        raise Faulty(
            "",
            f"这项举措已于 {measure.delivered_on} 落实 {yuan(measure.delivered)} 元，与表中不同；"
            "请删去这一行，或在举措页面核对。",
        )


def _judge(reading: Reading, wanted: Sequence[tuple[int, Measure, Progress]]) -> None:
    """The rules' word on each row that could be read."""
    others = delivery.why_not_by_others([measure for _, measure, progress in wanted if progress.on])
    for number, measure, progress in wanted:
        part, message = delivery.progress_fault(measure, progress)
        if message := message or others.get(measure.pk, ""):
            column = _HEADINGS.get(part, "")
            reading.faults.append(Fault(number, column, message.removesuffix("整批没有办理。")))
        else:
            amount = measure.amount if progress.amount is None else progress.amount
            given, sentences = amount if progress.on else None, _sentences(measure, progress)
            reading.shown.append(Shown(number, measure.household, measure.type.name, given, sentences))
        reading.wanted.append((measure.pk, progress))


def _sentences(measure: Measure, progress: Progress) -> list[str]:
    sentences = [f"{progress.begun} 开始实施"] if progress.begun else []
    if progress.on is None:
        return sentences
    sentences.append(f"{progress.on} 落实，{progress.proof}")
    if progress.amount is not None and measure.amount is not None and progress.amount < measure.amount:
        sentences.append(f"比拟定的少 {yuan(measure.amount - progress.amount)} 元")
    return sentences


def carry_out(reading: Reading, *, by) -> int:
    """Records all of it, or nothing. Raises Refused."""
    return delivery.record_progress(dict(reading.wanted), by=by)
