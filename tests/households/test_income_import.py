"""The income workbook (收入): net income, a head, and what the gate makes of it, told through the
commands."""

import pytest

from fangpin.common.models import AuditRow
from households.models import AnnualIncome, Household
from screening.models import Lead
from tests import books, factories
from tests.books import dangerous_home, family, head, income, person
from tests.running import rows_of


@pytest.fixture
def registry(desk):
    """Households A1 with one person, A2 with two, A3 with three; A4 in another township."""
    one, two, three = ([head(), *(person() for _ in range(more))] for more in range(3))
    elsewhere = {"township": books.OTHER_TOWNSHIP, "village": books.OTHER_VILLAGE}
    desk.registry(family("A1", *one), family("A2", *two), family("A3", *three), family("A4", **elsewhere))


def of(number: str, year: int = 2019) -> AnnualIncome:
    return AnnualIncome.objects.get(household__number=number, year=year)


# --- what is taken in ----------------------------------------------------------------------------------


def test_income_net_is_earnings_less_business_costs(desk, registry):
    cells = {
        "工资性收入": "10,000.50元",
        "生产经营性收入": 2000.25,
        "财产性收入": "100",
        "转移性收入": 30,
        "生产经营性支出": "500.05",
    }
    answer = desk.income(income("A1", **cells))
    assert answer["created"] == 1
    assert of("A1").net == 1_163_070


def test_income_may_be_negative(desk, registry):
    desk.income(income("A1", 生产经营性收入=1000, 生产经营性支出="4000.01"), income("A2", 工资性收入="-5"))
    assert (of("A1").net, of("A2").net) == (-300_001, -500)


def test_income_items_may_be_blank_or_absent(desk, registry):
    answer = desk.income(
        income("A1", 转移性收入=0),
        income("A2", 工资性收入=7),
        headings=["户编号", "年度", "工资性收入", "转移性收入"],
    )
    assert answer["created"] == 2
    assert (of("A1").net, of("A2").net) == (0, 700)


@pytest.mark.parametrize("cell", ["", "/", " "])
def test_income_row_without_any_amount_is_refused(desk, registry, cell):
    """A blank row is not an income of nothing."""
    answer = desk.income(income("A1", 工资性收入=cell, 转移性收入=cell), income("A2"))
    assert rows_of(answer, "refused") == {2: "required"}
    assert answer["created"] == 1


def test_income_file_without_any_column_of_amounts_is_refused(desk, registry):
    content = books.workbook([["户编号", "年度", "收入"], ["A1", 2019, 9]])
    ran = desk.imported("import_income", desk.file(content), code=1)
    assert all(heading in ran.err for heading in books.INCOME[2:])
    assert not AnnualIncome.objects.exists()


def test_income_amounts_are_rounded_half_up_to_the_cent(desk, registry):
    desk.income(income("A1", 工资性收入="0.005", 转移性收入="0.004"))
    assert of("A1").net == 1


def test_income_of_several_years(desk, registry):
    answer = desk.income(income("A1", 2018, 工资性收入=1), income("A1", "2019年", 工资性收入=2))
    assert answer["created"] == 2
    assert (of("A1", 2018).net, of("A1", 2019).net) == (100, 200)


def test_income_household_number_in_a_numeric_cell(desk):
    desk.registry(family("4512280001"))
    assert desk.income(income(4512280001, 工资性收入=1))["created"] == 1


def test_income_dirty_workbook(desk, registry):
    rows = [income("A1", 工资性收入="1,000.00元"), income("A2", 工资性收入=2000)]
    content, first = books.dirty(books.INCOME, [*rows, income("A9")], renamed={"年度": "年份"})
    answer = desk.imported("import_income", desk.file(content)).json
    assert answer["created"] == 2
    assert rows_of(answer, "set_aside") == {first + 2: "match_none"}


def test_income_text_file(desk, registry):
    content = books.text_file(books.INCOME, [income("A1", 工资性收入="12")], "gb18030")
    assert desk.imported("import_income", desk.file(content, "csv")).json["created"] == 1


# --- what is not ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"户编号": ""}, "required"),
        ({"年度": ""}, "required"),
        ({"年度": "去年"}, "code"),
        ({"工资性收入": "很多"}, "amount"),
        ({"生产经营性支出": "1.2.3"}, "amount"),
        ({"户编号": 1234567890123456}, "id_numeric_cell"),
    ],
)
def test_income_wrong_cell_refuses_the_row(desk, registry, cells, code):
    answer = desk.income(income("A1") | cells, income("A2"))
    assert rows_of(answer, "refused") == {2: code}
    assert answer["created"] == 1


def test_income_of_an_unknown_household_is_set_aside(desk, registry):
    assert rows_of(desk.income(income("A9"), income("A1")), "set_aside") == {2: "match_none"}


def test_income_of_another_county_is_set_aside(desk, registry):
    factories.household(village=factories.OTHER_COUNTY_VILLAGE, number="B1")
    assert rows_of(desk.income(income("B1")), "set_aside") == {2: "match_none"}


@pytest.mark.parametrize("second", [{}, {"工资性收入": 9}])
def test_income_household_and_year_twice(desk, registry, second):
    first = income("A1", 工资性收入=8)
    answer = desk.income(first, first | second)
    assert rows_of(answer, "set_aside") == {3: "duplicate_row"}
    assert of("A1").net == 800


@pytest.mark.parametrize("heading", ["户编号", "年度"])
def test_income_required_heading(desk, registry, heading):
    headings = [each for each in books.INCOME if each != heading]
    ran = desk.imported("import_income", desk.file(books.plain(headings, [income("A1")])), code=1)
    assert heading in ran.err


def test_income_township_has_its_own_area(desk, registry, township_officer):
    answer = desk.income(income("A1"), income("A4"), by="township")
    assert rows_of(answer, "set_aside") == {3: "match_none"}


# --- a second time ---------------------------------------------------------------------------------------


def test_income_again_changes_nothing(desk, registry):
    rows = [income("A1", 工资性收入="12.34"), income("A2", 生产经营性支出=5)]
    desk.income(*rows)
    assert desk.income(*rows)["unchanged"] == 2
    assert not AuditRow.objects.filter(act="income_change").exists()


def test_income_changed_row_updates_and_is_recorded(desk, registry):
    desk.income(income("A1", 工资性收入=1), income("A2", 工资性收入=1))
    answer = desk.income(income("A1", 工资性收入=2), income("A2", 工资性收入=1))
    assert (answer["changed"], answer["unchanged"]) == (1, 1)
    assert AuditRow.objects.get(act="income_change").details == {"wages": [100, 200]}


def test_income_columns_that_the_file_lacks_are_left_alone(desk, registry):
    desk.income(income("A1", 工资性收入=1, 转移性收入=2))
    desk.income(income("A1", 工资性收入=3), headings=["户编号", "年度", "工资性收入"])
    assert (of("A1").wages, of("A1").transfers) == (300, 200)


def test_income_dry_run_changes_nothing_and_tells_the_same(desk, registry):
    desk.income(income("A1", 工资性收入=1))
    rows = [income("A1", 工资性收入=2), income("A2"), income("A9"), income("A3", 年度="?")]
    tried = desk.income(*rows, dry_run=True)
    assert of("A1").net == 100
    assert AnnualIncome.objects.count() == 1
    assert tried == desk.income(*rows)


# --- a head, and the line (Art. 2) -----------------------------------------------------------------------


@pytest.fixture
def judged(desk, registry, round_2020q1):
    """Sweeps with every household's home dangerous: household number → its lead."""

    def judge() -> dict[str, Lead]:
        heads = [home.members.get(relation="head") for home in Household.objects.all()]
        desk.feed("unsafe_housing", *map(dangerous_home, heads))
        desk.sweep()
        return {lead.household.number: lead for lead in Lead.objects.current().select_related("household")}

    return judge


@pytest.mark.parametrize(
    ("number", "net", "a_head", "above"),
    [
        ("A1", "5000.00", 500_000, False),
        ("A1", "5000.01", 500_001, True),
        ("A1", "-0.01", -1, False),
        ("A2", "10000.00", 500_000, False),
        ("A2", "10000.01", 500_001, True),  # 5000.005, half up
        ("A3", "15000.01", 500_000, False),  # 5000.0033
        ("A3", "15000.02", 500_001, True),  # 5000.0067
        ("A3", "0.05", 2, False),  # 0.0167
    ],
)
def test_income_a_head_and_the_line(desk, judged, number, net, a_head, above):
    desk.income(income(number, 工资性收入=net))
    lead = judged()[number]
    assert (lead.per_head, lead.above_line) == (a_head, above)


def test_income_unknown_is_never_above_the_line(judged):
    lead = judged()["A1"]
    assert (lead.per_head, lead.income_year, lead.above_line) == (None, None, False)


def test_income_of_the_largest_year_not_after_the_rounds(desk, judged):
    years = {2018: 90_000, 2019: 80_000, 2020: 100, 2021: 70_000}
    desk.income(*(income("A1", year, 工资性收入=net) for year, net in years.items()))
    lead = judged()["A1"]
    assert (lead.income_year, lead.above_line) == (2020, False)


def test_income_of_later_years_alone_is_unknown(desk, judged):
    desk.income(income("A1", 2021, 工资性收入=90_000))
    lead = judged()["A1"]
    assert (lead.income_year, lead.above_line) == (None, False)


def test_income_counts_persons_added_since(desk, judged):
    """Per head is by the members of the day of the sweep."""
    desk.income(income("A1", 工资性收入=9000))
    assert judged()["A1"].above_line
    home = Household.objects.get(number="A1")
    first = home.members.get()
    rows = family("A1", head(姓名=first.name, 证件号码=first.id_number), person())
    assert desk.registry(rows)["created"] == 1
    desk.sweep()
    assert not Lead.objects.get(household=home).above_line


def test_income_gate_is_told_by_the_command(desk, judged):
    desk.income(income("A1", 工资性收入="5000.01"))
    judged()
    above_line = {lead["household_no"]: lead["above_line"] for lead in desk.leads()}
    assert above_line == {"A1": True, "A2": False, "A3": False, "A4": False}
