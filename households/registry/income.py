"""Takes an income workbook (收入) into the registry: one row a household and year."""

from functools import partial

from django.db import transaction

from fangpin.accounts.models import Division, code_range
from fangpin.common import audit, cells, database
from fangpin.common.cells import CellFault
from fangpin.common.merging import Merge
from fangpin.common.outcomes import Outcome, RowFault, parse_column
from fangpin.common.workbooks import Column, MissingHeadings, Table
from households.models import AnnualIncome, Household
from households.registry.taking_in import registry_changed

COLUMNS = [
    Column("户编号", required=True, kind="id", synonyms=("户编码", "户主编号", "户号")),
    Column("年度", required=True, kind="whole", synonyms=("年份", "收入年度")),
    Column("工资性收入", kind="amount", synonyms=("工资性收入(元)",)),
    Column("生产经营性收入", kind="amount", synonyms=("经营性收入",)),
    Column("财产性收入", kind="amount"),
    Column("转移性收入", kind="amount"),
    Column("生产经营性支出", kind="amount", synonyms=("经营支出", "生产经营支出")),
]
_AMOUNTS = {
    "wages": "工资性收入",
    "business": "生产经营性收入",
    "property_income": "财产性收入",
    "transfers": "转移性收入",
    "costs": "生产经营性支出",
}
_NO_AMOUNT = CellFault(
    "required", "各项收入和支出都没有填，不能当作没有收入：请至少填一项，确实没有收入的填 0。"
)
_STAGED = {
    "row_no": "int",
    "number": "text",
    "year": "int",
    **dict.fromkeys(_AMOUNTS, "int"),
    "household_id": "int",
    "income_id": "int",
}


def check_headings(table: Table) -> None:
    """Raises MissingHeadings where no column of amounts is recognised: every household would have no
    income."""
    if not set(_AMOUNTS.values()) & set(table.places):
        wanted = "、".join(_AMOUNTS.values())
        raise MissingHeadings(
            [f"收入各项（{wanted}，至少要有一列）"], [words for words in table.headings if words]
        )


def merge_income(table: Table, county: Division, outcome: Outcome, *, by, area: str) -> None:
    """Merges the workbook; households outside `area` (a division code) are refused. Runs in a transaction."""
    outcome.read = len(table.rows)
    rows = _parsed(table, outcome)
    # One import of a county at a time, as in `registry_import`: what is new and what changed is compared.
    Division.objects.select_for_update().get(pk=county.pk)
    with database.staged("stage_income", _STAGED, rows):
        database.run('CREATE INDEX "stage_income_number" ON "stage_income" (number)')
        _resolve(county, area)
        _refuse_unknown(outcome)
        headings = set(table.places)
        merge = Merge(
            AnnualIncome,
            "stage_income",
            match="t.id = s.income_id",
            columns=[column for column, heading in _AMOUNTS.items() if heading in headings],
            order="row_no",
        )
        changed = merge.update()
        total, created = database.rows("SELECT count(*), count(*) - count(income_id) FROM stage_income")[0]
        database.run(
            f"INSERT INTO households_annualincome (household_id, year, {', '.join(_AMOUNTS)}) "
            f"SELECT household_id, year, {', '.join(_AMOUNTS)} FROM stage_income WHERE income_id IS NULL "
            f"ORDER BY row_no"
        )
    outcome.created += created
    outcome.changed += len(changed)
    outcome.unchanged += total - created - len(changed)
    audit.record_each(by, "income_change", AnnualIncome, {change.pk: change.details for change in changed})
    transaction.on_commit(lambda: registry_changed.send(sender=AnnualIncome, county=county.pk))


def _parsed(table: Table, outcome: Outcome) -> list[tuple]:
    """Rows with sound cells, each household and year once; the rest goes to `outcome`."""
    faults: dict[int, CellFault] = {}

    def column(heading: str, parse, *, required: bool, default=None) -> list:
        values, column_faults = parse_column(
            table.column(heading), parse, heading=heading, required=required, default=default
        )
        for position, fault in column_faults.items():
            faults.setdefault(position, fault)
        return values

    numbers = column("户编号", cells.identifier, required=True, default="")
    years = column("年度", partial(cells.whole, low=2000, high=2100), required=True)
    amounts = [column(heading, cells.fen, required=False) for heading in _AMOUNTS.values()]
    for position, given in enumerate(zip(*amounts, strict=True)):
        if all(amount is None for amount in given):
            faults.setdefault(position, _NO_AMOUNT)
    first: dict[tuple, tuple[int, tuple]] = {}
    rows = []
    for position, row in enumerate(table.numbers):
        if fault := faults.get(position):
            outcome.refused.append(RowFault(row, fault.code, fault.message))
            continue
        key = (numbers[position], years[position])
        if key in first:
            outcome.set_aside.append(
                RowFault(
                    row,
                    "duplicate_row",
                    f"户编号 {key[0]} 的 {key[1]} 年收入在第 {first[key]} 行已有，请核对后保留一行。",
                )
            )
            continue
        first[key] = row
        rows.append((row, *key, *(values[position] or 0 for values in amounts), None, None))
    return rows


def _resolve(county: Division, area: str) -> None:
    low, high = code_range(area)
    database.run(
        f"UPDATE stage_income SET household_id = (SELECT h.id FROM {Household._meta.db_table} h "
        "WHERE h.county_id = %s AND h.number = stage_income.number AND h.village_id BETWEEN %s AND %s)",
        [county.pk, low, high],
    )
    database.run(
        "UPDATE stage_income SET income_id = (SELECT i.id FROM households_annualincome i "
        "WHERE i.household_id = stage_income.household_id AND i.year = stage_income.year)"
    )


def _refuse_unknown(outcome: Outcome) -> None:
    unknown = database.rows("SELECT row_no, number FROM stage_income WHERE household_id IS NULL")
    outcome.set_aside += [
        RowFault(
            row, "match_none", f"您管辖的户册中没有户编号 {_masked(number)}，请核对户编号，或先导入户册。"
        )
        for row, number in unknown
    ]
    database.run("DELETE FROM stage_income WHERE household_id IS NULL")


def _masked(number: str) -> str:
    """A number long enough to be a person's, in the wrong column, is masked."""
    return number if len(number) < 15 else cells.shown(number)
