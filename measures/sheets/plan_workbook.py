"""拟定举措 by workbook: a department's lines go out; what comes back is read, judged and shown, and planned
together or not at all."""

import io
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from fangpin.accounts.models import Division
from fangpin.common import audit, cells, crypto
from fangpin.common.cells import CellFault
from fangpin.common.values import idnumbers
from fangpin.common.values.money import yuan
from fangpin.common.workbooks import Column
from fangpin.common.workbooks.writing import write_rows
from households.models import Household, Member
from measures import rules
from measures.catalogue import types as catalogue
from measures.models import Measure, OrderLine
from measures.orders import lists as order_lists
from measures.planning import judging, plan
from measures.planning.facts import Wanted
from measures.planning.forms import ALWAYS, fields_of
from measures.planning.judging import Verdict
from measures.sheets.rows import Fault, Faulty, Reading, Shown, money, read_rows, value, words

LINE, NUMBER, NAME = "事项编号", "证件号码", "举措名称"
WHY = "仍申报的理由"
GIVEN = ("文号", "户主", "乡（镇）", "行政村", "风险情形", "具体困难", "建议举措")
# Heading → the field of Wanted and how it is read.
MONEY = {"金额（元）": "amount", "月报酬（元）": "monthly_pay", "自付费用（元）": "bill"}
DAYS = {"计划开始": "planned_from", "计划完成": "planned_to"}
WORDS = {
    "标准及计算": "basis",
    "学期或月份": "term",
    "贷款银行": "lender",
    "用人单位、岗位": "employer",
    "票据号": "bill_number",
    "已用普惠政策": "universal",
    "仍不足的原因": "why_short",
    WHY: "warning_words",
}
MONTHS, MEMBER = "期限（月）", "受益人"

COLUMNS = [
    Column(LINE, kind="id"),
    Column(NUMBER, kind="id", synonyms=("身份证号码", "户主证件号码")),
    Column(NAME, required=True),
    *(Column(heading, kind="amount") for heading in MONEY),
    *(Column(heading, kind="date", required=True) for heading in DAYS),
    Column(MEMBER),
    Column(MONTHS),
    *(Column(heading) for heading in WORDS),
]
HEADINGS = (
    LINE, *GIVEN, NUMBER, NAME, "金额（元）", MEMBER, *DAYS, "标准及计算", "学期或月份", MONTHS, "贷款银行",
    "用人单位、岗位", "月报酬（元）", "自付费用（元）", "票据号", "已用普惠政策", "仍不足的原因", WHY,
)  # fmt: skip


def write(lines: QuerySet[OrderLine], *, by) -> bytes:
    """The department's lines as a workbook to fill in; numbers are not on it, the code column says which
    line it is."""
    rows = []
    listed = list(order_lists.with_all(lines).order_by(*order_lists.ORDER))
    for row in order_lists.line_rows(listed):
        line, home = row.line, row.line.household
        given = [
            line.sheet.number,
            home.head_name,
            home.village.parent.short_name,
            home.village.short_name,
            row.subject.tag,
            line.difficulty,
            "、".join(row.suggestions),
        ]
        rows.append([str(line.uuid), *given, "", *[""] * (len(HEADINGS) - len(given) - 2)])
    audit.record(by, "measure_sheet_out", lines=len(rows))
    stream = io.BytesIO()
    write_rows(stream, HEADINGS, rows, text_columns=(LINE, NUMBER))
    return stream.getvalue()


def read(file_name: str, content: bytes, *, by) -> Reading:
    """What the file would plan, writing nothing; a constant number of statements. Raises what `read_rows`
    raises."""
    table, rows = read_rows(file_name, content, COLUMNS)
    filled = [(number, row) for number, row in rows if not cells.is_blank(row[NAME])]
    reading = Reading(table, empty=len(rows) - len(filled), given=GIVEN)
    sorting = _Rows(filled, reading, by)
    _judge(reading, sorting.sort(), {code: name for name, code in sorting.types.items()}, by)
    reading.faults.sort(key=lambda fault: fault.row)
    return reading


def _judge(reading: Reading, numbers: Sequence[int], names: Mapping[str, str], by) -> None:
    """The rules' word on each row that could be read."""
    verdicts = judging.assess(reading.wanted, by=by)
    for number, each, verdict in zip(numbers, reading.wanted, verdicts, strict=True):
        faults = judging.faults_of(each, verdict)
        reading.faults += [Fault(number, "" if verdict.refusals else WHY, message) for message in faults]
        if not faults:
            sentences = _sentences(each, verdict)
            reading.shown.append(Shown(number, each.household, names[each.code], each.amount, sentences))


def _sentences(each: Wanted, verdict: Verdict) -> list[str]:
    sentences = [f"{warning}（理由：{each.warning_words}）" for warning in verdict.warnings]
    if verdict.room.limit is not None:
        left = max(0, verdict.room.left - (each.amount or 0))
        sentences.append(f"上限 {yuan(verdict.room.limit)} 元，登记后还可用 {yuan(left)} 元")
    return sentences


def carry_out(reading: Reading, *, by) -> int:
    """Plans all of it, or nothing. Raises what planning raises."""
    return len(plan.plan_measures(reading.wanted, by=by))


class _Rows:
    """Rows to what is wanted: lines, households and types are fetched once for all of them."""

    def __init__(self, rows: Sequence[tuple[int, dict[str, Any]]], reading: Reading, by) -> None:
        self.rows, self.reading, self.by = rows, reading, by
        county = Division.objects.get(code=by.acting.county_code)
        self.catalogue = catalogue.in_force(county)
        self.types = {each.name: code for code, each in self.catalogue.items()}
        self.lines = self._lines()
        self.homes = self._homes(county)
        self.members = self._members()
        self.registered = self._registered()
        self.seen: dict[tuple, int] = {}

    def _lines(self) -> dict[str, OrderLine]:
        keys = []
        for _, row in self.rows:
            try:
                keys.append(uuid.UUID(cells.text(row[LINE] or "")))
            except (ValueError, CellFault):
                continue
        lines = OrderLine.objects.for_user(self.by).filter(uuid__in=keys)
        return {str(line.uuid): line for line in lines.select_related("household", "risk")}

    def _homes(self, county: Division) -> dict[uuid.UUID, Household]:
        """Keyed index of a member's number → household, for rows without a line."""
        keys = {self._index(row[NUMBER]) for _, row in self.rows if cells.is_blank(row[LINE])}
        members = Member.objects.current().filter(id_index__in=keys - {None}, household__county=county)
        return {member.id_index: member.household for member in members.select_related("household")}

    @staticmethod
    def _index(value) -> uuid.UUID | None:
        try:
            return crypto.keyed_index("id", idnumbers.parse(value))
        except CellFault:
            return None

    def _members(self) -> dict[tuple[int, str], Member]:
        homes = {line.household_id for line in self.lines.values()} | {
            home.pk for home in self.homes.values()
        }
        members = Member.objects.current().filter(household__in=homes)
        return {(member.household_id, member.name): member for member in members}

    def _registered(self) -> dict[tuple, list[Measure]]:
        """What is registered already, by line and by household without one: a sheet sent twice does not
        double it."""
        registered: dict[tuple, list[Measure]] = {}
        measures = Measure.objects.not_cancelled().filter(department=self.by.acting.department)
        by_line = measures.filter(line__in=[line.pk for line in self.lines.values()])
        loose = measures.filter(line=None, household__in=[home.pk for home in self.homes.values()])
        for each in [*by_line, *loose]:
            key = (each.line_id, each.household_id, each.code, each.term, each.member_id, each.bill_number)
            registered.setdefault(key, []).append(each)
        return registered

    def sort(self) -> list[int]:
        """Fills the reading; the row numbers of what is wanted."""
        numbers = []
        for number, row in self.rows:
            try:
                each = self._one(row)
                if self._is_registered(each, number):
                    self.reading.known += 1
                else:
                    self.reading.wanted.append(each)
                    numbers.append(number)
            except Faulty as fault:
                self.reading.faults.append(Fault(number, fault.column, fault.message))
        return numbers

    def _is_registered(self, each: Wanted, number: int) -> bool:
        """Registered already with the same amount and days. Raises Faulty where they differ, or twice in the
        file."""
        line, person = each.line.pk if each.line else None, each.member.pk if each.member else None
        bill = rules.plain_number(each.bill_number)[:40]
        own = (line, each.household.pk, each.code, rules.plain_term(each.term), person, bill)
        if (first := self.seen.setdefault(own, number)) != number:
            raise Faulty("", f"与第 {first} 行是同一户的同一项举措，请删去其中一行。")
        same = self.registered.get(own, [])
        wanted = (each.amount, each.planned_from, each.planned_to)
        if any((m.amount, m.planned_from, m.planned_to) == wanted for m in same):
            return True
        if other := next((m for m in same if line or m.planned_from == each.planned_from), None):
            raise Faulty(
                NAME,
                f"已登记过这项举措（{yuan(other.amount)} 元，{other.planned_from}至{other.planned_to}），"
                f"与表中不同，"
                "没有重复登记；请删去这一行，或在页面上修改。",
            )
        return False

    def _one(self, row: dict[str, Any]) -> Wanted:
        line, home = self._whose(row)
        code = self.types.get(words(row, NAME))
        if code is None:
            raise Faulty(NAME, f"举措目录中没有“{words(row, NAME)}”，请从目录中照抄名称。")
        given: dict[str, Any] = {}
        for heading, name in DAYS.items():
            given[name] = value(row, heading, cells.day)
            if given[name] is None:
                raise Faulty(heading, "没有填。")
        given |= {name: money(row, heading) for heading, name in MONEY.items()}
        for heading, name in WORDS.items():
            given[name] = words(row, heading, Measure._meta.get_field(name).max_length)
        given["months"] = value(row, MONTHS, lambda cell: cells.whole(cell, 1, 600))
        if name := words(row, MEMBER):
            given["member"] = self.members.get((home.pk, name))
            if given["member"] is None:
                raise Faulty(MEMBER, f"这户没有叫“{name}”的成员，请核对姓名。")
        self._check_asked(code, given)
        return Wanted(home, code, line=line, **given)

    def _check_asked(self, code: str, given: dict[str, Any]) -> None:
        """What the type does not ask for on the page is not taken from a sheet."""
        asked = {*ALWAYS, *fields_of(self.catalogue[code])}
        for heading, name in {**MONEY, **WORDS, MEMBER: "member", MONTHS: "months"}.items():
            if name not in asked and given.get(name) not in (None, ""):
                raise Faulty(heading, f"{self.catalogue[code].name}不填这一列，请清空这一格。")

    def _whose(self, row: dict[str, Any]) -> tuple[OrderLine | None, Household]:
        if not cells.is_blank(row[LINE]):
            line = self.lines.get(words(row, LINE).lower())
            if line is None:
                raise Faulty(LINE, "不是本部门交办事项的编号，请不要改动这一列。")
            return line, line.household
        index = self._index(row[NUMBER])
        home = self.homes.get(index) if index else None
        if home is None:
            self.reading.missed += 1
            raise Faulty(NUMBER, f"本县户册中没有这个号码，请核对；有交办单的请填“{LINE}”。")
        self.reading.looked_up.add(home.pk)
        return None, home
