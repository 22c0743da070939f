"""Every edge of the rules over the first three kinds of list: what is just in and what is just out."""

import datetime

import pytest

from households.models import Case, Household, Member
from tests import factories
from tests.books import dangerous_home, dropout, settlement
from tests.screening.criteria.edges import expect_leads

DAY = datetime.date
MEDICAL, DROPOUT, HOUSING = "medical.out_of_pocket", "education.dropout", "housing.unsafe"


@pytest.fixture(autouse=True)
def _round(round_2020q1):
    """The window is 2019-04-01 to 2020-03-31; the last day 2020-03-31."""


@pytest.fixture
def home(db) -> Household:
    return factories.household(status="lifted", number="H", members=2)


@pytest.fixture
def patient(home):
    return home.members.first()


def situations(desk) -> set[str]:
    return {subcriterion for _, subcriterion in desk.swept()}


def value_of(subcriterion: str) -> int:
    from screening.models import LeadReason

    return LeadReason.objects.get(lead__subcriterion=subcriterion).value


# --- medical: the threshold, the window, the sum -----------------------------------------------------------


def test_medical_threshold(desk):
    cases = [
        ("20000.00", True),
        ("19999.99", False),
        ("20000.01", True),
        ("19999.995", True),  # half a cent counts up
        ("19999.994", False),
        ("20,000元", True),
        (20000, True),
        (19999.99, False),
    ]
    expect_leads(desk, "medical_settlement", MEDICAL, cases, lambda who, own: settlement(who, own))


def test_medical_window(desk):
    cases = [
        ("2019-03-31", False),
        ("2019-04-01", True),
        ("2020-03-31", True),
        ("2020-04-01", False),
        ("2019.4", True),  # a month is its first day
        ("2020.4", False),
        ("202003", True),
        (DAY(2020, 3, 31), True),
        (datetime.datetime(2020, 3, 31, 23, 59), True),
        (43921, True),  # 2020-03-31
        (43922, False),
        ("2020年3月31日", True),
    ]
    expect_leads(desk, "medical_settlement", MEDICAL, cases, lambda who, on: settlement(who, on=on))


def test_medical_window_of_another_quarter(desk, patient, office, county):
    from screening.quarters import Quarter
    from screening.rounds.opening import open_round

    open_round(county, Quarter(2020, 2), by=office)
    rows = [settlement(patient, on="2019-07-01"), settlement(patient, on="2020-06-30", 就医类型="门诊")]
    early = [settlement(patient, on="2019-06-30"), settlement(patient, on="2020-07-01")]
    desk.feed("medical_settlement", *early, quarter="2020Q2")
    assert not desk.swept("2020Q2")
    desk.feed("medical_settlement", *rows, quarter="2020Q2")
    assert desk.swept("2020Q2")
    assert value_of(MEDICAL) == 4_000_000


def test_medical_own_share_is_compliant_less_everything_paid(desk, patient):
    paid = {"基本医保报销": 30000, "大病保险报销": 9000, "医疗救助": 700, "其他赔付": 60, "医疗总费用": 99999}
    desk.feed("medical_settlement", settlement(patient, 合规费用=59760, **paid))
    assert MEDICAL in situations(desk)
    assert value_of(MEDICAL) == 2_000_000


def test_medical_each_payout_counts(desk):
    cases = [(heading, False) for heading in ["基本医保报销", "大病保险报销", "医疗救助", "其他赔付"]]
    expect_leads(
        desk, "medical_settlement", MEDICAL, cases, lambda who, heading: settlement(who, **{heading: "0.01"})
    )


def test_medical_other_payouts_may_be_blank(desk, patient):
    desk.feed("medical_settlement", settlement(patient, 其他赔付=""))
    assert MEDICAL in situations(desk)


def test_medical_total_cost_decides_nothing(desk, patient):
    """What is not compliant does not count, and the sums need not agree."""
    desk.feed("medical_settlement", settlement(patient, "19999.99", 医疗总费用=500000))
    assert MEDICAL not in situations(desk)


def test_medical_own_share_of_a_row_is_never_below_zero(desk, patient):
    desk.feed(
        "medical_settlement", settlement(patient, "20000.00"), settlement(patient, 500, 基本医保报销=800)
    )
    assert MEDICAL in situations(desk)
    assert value_of(MEDICAL) == 2_000_000


def test_medical_sums_over_members_and_rows(desk, home):
    one, two = home.members.all()
    desk.feed(
        "medical_settlement",
        settlement(one, "9999.99"),
        settlement(one, "0.01", 就医类型="门诊"),
        settlement(two, "10000.00"),
    )
    assert MEDICAL in situations(desk)
    assert value_of(MEDICAL) == 2_000_000


def test_medical_sum_of_41_rows_is_exact(desk, patient):
    rows = [settlement(patient, "487.80", on=f"2020-01-{1 + i % 28:02d}", 医疗总费用=i) for i in range(40)]
    desk.feed("medical_settlement", *rows, settlement(patient, "488.00"))
    assert MEDICAL in situations(desk)
    assert value_of(MEDICAL) == 2_000_000


def test_medical_each_amount_is_rounded_half_up_before_the_sum(desk, patient):
    desk.feed("medical_settlement", settlement(patient, "19999.99"), settlement(patient, "0.005"))
    assert MEDICAL in situations(desk)
    assert value_of(MEDICAL) == 2_000_000


def test_medical_rows_of_two_households_do_not_add_up(desk, patient):
    neighbour = factories.household(status="lifted").members.get()
    desk.feed("medical_settlement", settlement(patient, "10000.00"), settlement(neighbour, "10000.00"))
    assert MEDICAL not in situations(desk)


def reversal(who, own: str, **cells) -> dict:
    return settlement(who, f"-{own}", **cells)


def test_medical_reversal_is_subtracted(desk, patient):
    desk.feed("medical_settlement", settlement(patient, "20000.00"), reversal(patient, "0.01"))
    assert MEDICAL not in situations(desk)


def test_medical_reversed_settlement_comes_to_nothing(desk, patient):
    paid = {"基本医保报销": 5000, "大病保险报销": 100}
    back = {heading: -amount for heading, amount in paid.items()}
    desk.feed(
        "medical_settlement",
        settlement(patient, "20000.00"),
        settlement(patient, 26000, **paid),
        reversal(patient, "26000", **back),
    )
    assert MEDICAL in situations(desk)
    assert value_of(MEDICAL) == 2_000_000


def test_medical_reversal_of_a_settlement_without_own_share(desk, patient):
    """More was paid than was compliant: nothing was counted, nothing is taken back."""
    desk.feed(
        "medical_settlement",
        settlement(patient, "20000.00"),
        settlement(patient, 500, 基本医保报销=800),
        reversal(patient, "500", 基本医保报销=-800),
    )
    assert value_of_after(desk) == 2_000_000


def test_medical_reversal_with_the_total_alone_below_zero(desk, patient):
    desk.feed(
        "medical_settlement",
        settlement(patient, "25000.00"),
        settlement(patient, "5000.00", 医疗总费用="-5000"),
    )
    assert value_of_after(desk) == 2_000_000


def test_medical_reversal_of_what_was_not_compliant(desk, patient):
    desk.feed(
        "medical_settlement",
        settlement(patient, "20000.00"),
        settlement(patient, 0, 医疗总费用=-300, 其他赔付=300),
    )
    assert value_of_after(desk) == 2_000_000


def value_of_after(desk) -> int:
    desk.sweep()
    return value_of(MEDICAL)


def test_medical_reversal_outside_the_window_is_not_subtracted(desk, patient):
    desk.feed(
        "medical_settlement", settlement(patient, "20000.00"), reversal(patient, "5.00", on="2020-04-01")
    )
    assert MEDICAL in situations(desk)


def test_medical_scheme(desk):
    cases = [("城乡居民", True), ("职工", False)]
    expect_leads(
        desk, "medical_settlement", MEDICAL, cases, lambda who, scheme: settlement(who, 参保类型=scheme)
    )


# --- dropouts: age, reason, what has been done
# ---------------------------------------------------------------


def test_dropout_age_on_the_last_day(desk):
    cases = [
        (DAY(2014, 4, 1), False),  # six on the day after
        (DAY(2014, 3, 31), True),  # six on the round's last day
        (DAY(2014, 3, 30), True),
        (DAY(2004, 4, 1), True),  # still fifteen
        (DAY(2004, 3, 31), False),  # sixteen on the round's last day
        (DAY(2004, 3, 30), False),
        (DAY(2008, 2, 29), True),
    ]
    expect_leads(
        desk,
        "school_dropout",
        DROPOUT,
        cases,
        lambda who, birth: dropout(who),
        person=lambda birth, *_: factories.household(births=[DAY(1980, 1, 1), birth]).members.last(),
    )


def test_dropout_age_is_by_the_registrys_birth_date(desk):
    home = factories.household(births=[DAY(1980, 1, 1), DAY(2004, 3, 31)])
    desk.feed("school_dropout", dropout(home.members.last(), 出生年月="2010-01"))
    assert DROPOUT not in situations(desk)


def a_child(*case) -> Member:
    return factories.household(status="lifted", births=[DAY(1980, 1, 1), DAY(2009, 5, 6)]).members.last()


def test_dropout_reason(desk):
    cases = [
        ("因贫", True),
        ("家庭困难", True),
        ("经济困难", True),
        ("缺劳动力", True),
        (" 因 贫", True),
        ("厌学", False),
        ("残疾", False),
        ("随父母外出", False),
        ("其他", False),
    ]
    expect_leads(
        desk,
        "school_dropout",
        DROPOUT,
        cases,
        lambda who, reason: dropout(who, 辍学原因=reason),
        person=a_child,
    )


def test_dropout_persuasion(desk):
    cases = [
        ("", True),
        ("未返校", True),
        ("劝返中", True),
        ("已返校", False),
        ("已劝返", False),
        ("/", True),
    ]
    expect_leads(
        desk,
        "school_dropout",
        DROPOUT,
        cases,
        lambda who, persuasion: dropout(who, 劝返情况=persuasion),
        person=a_child,
    )


def test_dropout_has_no_window(desk):
    cases = [(left_on, True) for left_on in ["", "2015-09-01", "2020-06-30"]]
    expect_leads(
        desk,
        "school_dropout",
        DROPOUT,
        cases,
        lambda who, left_on: dropout(who, 辍学日期=left_on),
        person=a_child,
    )


# --- housing: grade, home, renovation, cause
# -------------------------------------------------------------------


def test_housing_edges(desk):
    cases = [
        ({"鉴定等级": "A"}, False),
        ({"鉴定等级": "B"}, False),
        ({"鉴定等级": "C"}, True),
        ({"鉴定等级": "D"}, True),
        ({"鉴定等级": "d"}, True),
        ({"唯一住房": "否"}, False),
        ({"改造情况": "改造中"}, True),
        ({"改造情况": "已改造"}, False),
        ({"成因": "危险场地"}, True),
        ({"成因": "不可抗力"}, True),
        ({"成因": "年久失修"}, False),
        ({"成因": "其他"}, False),
        ({"鉴定日期": "2016-01-01"}, True),
    ]
    expect_leads(desk, "unsafe_housing", HOUSING, cases, lambda who, cells: dangerous_home(who, **cells))


def test_housing_row_is_matched_by_any_member(desk, home):
    assert desk.feed("unsafe_housing", dangerous_home(home.members.last()))["good"] == 1
    assert HOUSING in situations(desk)


# --- gate and category
# -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "category"), [("lifted", "monitored"), ("ordinary", "marginal")])
def test_gate_category_follows_the_registry(desk, status, category):
    home = factories.household(status=status)
    desk.feed("unsafe_housing", dangerous_home(home.members.get()))
    desk.sweep()
    assert [lead["category"] for lead in desk.leads()] == [category]


def test_gate_not_yet_lifted_is_no_lead_but_counted(desk):
    home = factories.household(status="registered")
    assert desk.feed("unsafe_housing", dangerous_home(home.members.get()))["good"] == 1
    result = desk.sweep()
    assert desk.leads() == []
    counted = {rule["rule"].split("/")[0]: (rule["found"], rule["registered"]) for rule in result["rules"]}
    assert counted[HOUSING] == (1, 1)


def test_gate_lifted_in_any_year_is_monitored(desk):
    cases = [(year, True) for year in [2014, 2015, 2020]]
    expect_leads(
        desk,
        "unsafe_housing",
        HOUSING,
        cases,
        lambda who, year: dangerous_home(who),
        person=lambda year: factories.household(status="lifted", lifted_year=year).members.get(),
    )


def test_gate_flag_keeps_a_household_above_the_line(desk, home, patient):
    factories.income(home, "10000.01", 2019)
    desk.feed("unsafe_housing", dangerous_home(patient))
    desk.sweep()
    assert [lead["above_line"] for lead in desk.leads()] == [True]


@pytest.mark.parametrize(
    ("net", "is_lead"), [("10000.00", True), ("10000.01", False), ("10000.0", True), ("-1", True)]
)
def test_gate_require_leaves_out_a_household_above_the_line(desk, home, patient, round_2020q1, net, is_lead):
    require(round_2020q1)
    factories.income(home, net, 2019)
    desk.feed("unsafe_housing", dangerous_home(patient))
    assert (HOUSING in situations(desk)) is is_lead


def test_gate_require_keeps_a_household_of_unknown_income(desk, patient, round_2020q1):
    require(round_2020q1)
    desk.feed("unsafe_housing", dangerous_home(patient))
    assert HOUSING in situations(desk)


def require(round) -> None:
    """As if the region had released the other gate before the round was opened."""
    round.policy["income.gate"]["value"] = "require"
    round.save(update_fields=["policy"])


@pytest.mark.parametrize(
    ("state", "in_case"),
    [("active", True), ("evaluated", True), ("reviewed", True), ("released", False), (None, False)],
)
def test_lead_says_whether_the_household_has_an_open_case(desk, home, patient, state, in_case):
    if state:
        case = Case.objects.create(
            household=home, category="monitored", origin="look_back", identified_on=DAY(2019, 11, 1)
        )
        factories.stands(Case.objects.filter(pk=case.pk), state)
    desk.feed("unsafe_housing", dangerous_home(patient))
    desk.sweep()
    assert [lead["in_case"] for lead in desk.leads()] == [in_case]
