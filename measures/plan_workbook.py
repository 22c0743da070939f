"""拟定举措 by workbook: a department's lines go out, come back filled in, and are planned together or not at all."""

import io
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from fangpin.accounts.models import Division
from fangpin.common import audit, cells, crypto, idnumbers
from fangpin.common.cells import CellFault
from fangpin.common.workbooks import Column, read_table
from fangpin.common.workbooks.writing import write_rows
from households.models import Household, Member
from measures import catalogue, order_lists, planning, rules
from measures.models import Measure, OrderLine
from measures.planning import NotPlanned, Wanted
from measures.refusals import Refused

LINE, NUMBER, NAME = "事项编号", "证件号码", "举措名称"
TOLD = ("文号", "户主", "乡（镇）", "行政村", "风险情形", "具体困难", "建议举措")
# Heading → the field of Wanted and how it is read.
MONEY = {"金额（元）": "amount", "月报酬（元）": "monthly_pay", "自付费用（元）": "bill"}
DAYS = {"计划开始": "planned_from", "计划完成": "planned_to"}
WORDS = {
    "标准及计算": "basis", "学期或月份": "term", "贷款银行": "lender", "用人单位、岗位": "employer", "票据号": "bill_number",
    "已用普惠政策": "universal", "仍不足的原因": "why_short", "仍申报的理由": "warning_words",
}  # fmt: skip
MONTHS, MEMBER = "期限（月）", "受益人"
MOST = 2000

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
    LINE, *TOLD, NUMBER, NAME, "金额（元）", MEMBER, *DAYS, "标准及计算", "学期或月份", MONTHS, "贷款银行",
    "用人单位、岗位", "月报酬（元）", "自付费用（元）", "票据号", "已用普惠政策", "仍不足的原因", "仍申报的理由",
)  # fmt: skip


@dataclass(frozen=True)
class Fault:
    row: int
    message: str


class SheetRefused(Refused):
    """Nothing was planned. `faults` name row, column and remedy."""

    def __init__(self, faults: Sequence[Fault]):
        self.faults = list(faults)
        super().__init__(
            f"有 {len({fault.row for fault in faults})} 行需要改正，整份没有登记。请改好后重新上传。"
        )


def write(lines: QuerySet[OrderLine], *, by) -> bytes:
    """The department's lines as a workbook to fill in; numbers are not on it, the code column tells the line."""
    rows = []
    found = list(order_lists.with_all(lines).order_by(*order_lists.ORDER))
    order_lists.dress(found)
    for line in found:
        home = line.household
        told = [
            line.sheet.number, home.head_name, home.village.parent.short_name, home.village.short_name, line.subject.tag,
            line.difficulty, "、".join(line.suggestions),
        ]  # fmt: skip
        rows.append([str(line.uuid), *told, "", *[""] * (len(HEADINGS) - len(told) - 2)])
    audit.record(by, "measure_sheet_out", lines=len(rows))
    stream = io.BytesIO()
    write_rows(stream, HEADINGS, rows, text_columns=(LINE, NUMBER))
    return stream.getvalue()


def take(*, file_name: str, content: bytes, by) -> list[Measure]:
    """Plans every filled row, or none. Raises SheetRefused with each fault, UnreadableFile for the file as a whole."""
    table = read_table(content, file_name, COLUMNS)
    if len(table.rows) > MOST:
        raise Refused(f"一次最多 {MOST} 行，请分成几个文件上传。")
    columns = {column.heading: table.column(column.heading) for column in COLUMNS}
    rows = [
        (number, {heading: values[place] for heading, values in columns.items()})
        for place, number in enumerate(table.numbers)
    ]
    filled = [(number, cells_of) for number, cells_of in rows if not cells.is_blank(cells_of[NAME])]
    if not filled:
        raise Refused("表中没有一行填了“举措名称”。请填好后再上传。")
    reading = _Reading(filled, by)
    wanted = reading.all()
    if reading.faults:
        raise SheetRefused(reading.faults)
    try:
        made = planning.plan_many(wanted, by=by)
    except NotPlanned as refused:
        numbers = [number for number, _ in filled]
        raise SheetRefused(
            [Fault(numbers[place], "；".join(words)) for place, words in refused.faults]
        ) from refused
    audit.record(by, "measure_sheet_in", measures=len(made))
    return made


class _Reading:
    """Rows to what is wanted: lines, households and types are fetched once for all of them."""

    def __init__(self, rows: Sequence[tuple[int, dict[str, Any]]], by) -> None:
        self.rows, self.by = rows, by
        self.faults: list[Fault] = []
        county = Division.objects.get(code=by.acting.county_code)
        self.types = {each.name: code for code, each in catalogue.in_force(county).items()}
        self.lines = self._lines()
        self.homes = self._homes(county)
        self.members = self._members()
        self.planned = self._planned()
        self.seen: dict[tuple, int] = {}

    def _lines(self) -> dict[str, OrderLine]:
        keys = []
        for _, row in self.rows:
            try:
                keys.append(uuid.UUID(cells.text(row[LINE] or "")))
            except ValueError:
                continue
        found = OrderLine.objects.for_user(self.by).filter(uuid__in=keys)
        return {str(line.uuid): line for line in found.select_related("household", "risk")}

    def _homes(self, county: Division) -> dict[uuid.UUID, Household]:
        """Keyed index of a member's number → household, for rows without a line."""
        keys = {self._index(row[NUMBER]) for _, row in self.rows if cells.is_blank(row[LINE])}
        found = Member.objects.current().filter(id_index__in=keys - {None}, household__county=county)
        return {member.id_index: member.household for member in found.select_related("household")}

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
        found = Member.objects.current().filter(household__in=homes)
        return {(member.household_id, member.name): member for member in found}

    def _planned(self) -> set[tuple]:
        """What stands already, by line and by household without one: a sheet sent twice does not double it."""
        standing = Measure.objects.standing()
        keys = [line.pk for line in self.lines.values()]
        found = set(standing.filter(line__in=keys).values_list("line", "code"))
        loose = standing.filter(
            line=None,
            household__in=[home.pk for home in self.homes.values()],
            department=self.by.acting.department,
        )
        return found | set(loose.values_list("household", "code", "term", "member", "planned_from"))

    def all(self) -> list[Wanted]:
        wanted = []
        for number, row in self.rows:
            try:
                each = self._one(row)
                self._check_once(each, number)
                wanted.append(each)
            except CellFault as fault:
                self.faults.append(Fault(number, fault.message))
        return wanted

    def _check_once(self, each: Wanted, number: int) -> None:
        """Neither registered already nor twice in the file."""
        person, term = each.member.pk if each.member else None, rules.plain_term(each.term)
        loose = (each.household.pk, each.code, term, person, each.planned_from)
        if each.line is None and loose in self.planned:
            raise CellFault("code", "这户已登记过这项举措，没有重复登记；请删去这一行，或在页面上修改。")
        own = (each.line.pk if each.line else None, *loose[:4], rules.plain_number(each.bill_number))
        if (first := self.seen.setdefault(own, number)) != number:
            raise CellFault("code", f"与第 {first} 行是同一户的同一项举措，请删去其中一行。")

    def _one(self, row: dict[str, Any]) -> Wanted:
        line, home = self._whose(row)
        code = self.types.get(cells.text(row[NAME]))
        if code is None:
            raise CellFault(
                "code", f"“{NAME}”：举措目录中没有“{cells.text(row[NAME])}”，请从目录中照抄名称。"
            )
        if line is not None and (line.pk, code) in self.planned:
            raise CellFault("code", "这一事项已登记过这项举措，没有重复登记；请删去这一行，或在页面上修改。")
        given: dict[str, Any] = {}
        for heading, name in DAYS.items():
            given[name] = _read(heading, row[heading], cells.day)
            if given[name] is None:
                raise CellFault("required", f"“{heading}”没有填。")
        for heading, name in MONEY.items():
            given[name] = _read(heading, row[heading], cells.fen)
        for heading, name in WORDS.items():
            given[name] = "" if cells.is_blank(row[heading]) else cells.text(row[heading])
        if not cells.is_blank(row[MONTHS]):
            given["months"] = _read(MONTHS, row[MONTHS], lambda value: cells.whole(value, 1, 600))
        if not cells.is_blank(row[MEMBER]):
            name = cells.text(row[MEMBER])
            given["member"] = self.members.get((home.pk, name))
            if given["member"] is None:
                raise CellFault("code", f"“{MEMBER}”：这户没有叫“{name}”的成员，请核对姓名。")
        return Wanted(home, code, line=line, **given)

    def _whose(self, row: dict[str, Any]) -> tuple[OrderLine | None, Household]:
        if not cells.is_blank(row[LINE]):
            line = self.lines.get(cells.text(row[LINE]).lower())
            if line is None:
                raise CellFault("code", f"“{LINE}”不是本部门交办事项的编号，请不要改动这一列。")
            return line, line.household
        index = self._index(row[NUMBER])
        home = self.homes.get(index) if index else None
        if home is None:
            raise CellFault(
                "match_none", f"“{NUMBER}”：本县户册中没有这个号码，请核对；有交办单的请填“{LINE}”。"
            )
        return None, home


def _read(heading: str, value, parse):
    if cells.is_blank(value):
        return None
    try:
        return parse(value)
    except CellFault as fault:
        raise CellFault(fault.code, f"“{heading}”：{fault.message}") from fault
