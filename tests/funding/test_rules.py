"""Whose money, which way, which account number: Art. 10 and 11 from tables; no database."""

import pytest

from funding import ledger, rules

FIGURES = ("free", "committed", "sent", "paid")


@pytest.mark.parametrize("name", FIGURES)
def test_allocated_counts_what_lies_at_each_stage(name):
    """Money under way, committed or sent to the bank, was allocated as much as what is free or paid."""
    has = ledger.Figures(**{each: 7_00 if each == name else 0 for each in FIGURES})
    assert has.allocated == 7_00


def test_allocated_is_the_sum_of_the_four():
    assert ledger.Figures(free=1, committed=20, sent=300, paid=4000).allocated == 4321


@pytest.mark.parametrize(
    ("figures", "rate"),
    [
        ((0, 0, 0, 0), 0),
        ((100, 0, 0, 0), 0),
        ((0, 0, 0, 1), 100),
        ((0, 50, 0, 50), 50),
        ((0, 0, 50, 50), 50),
        ((1, 0, 0, 199), 99),  # rounded down
        ((2, 0, 0, 1), 33),
    ],
)
def test_rate_is_paid_of_allocated(figures, rate):
    assert ledger.Figures(*figures).rate == rate


# --- whose money, which way -------------------------------------------------------------------------------

POVERTY_NOT = "扶贫资金不能用于边缘户（第十条）"
FISCAL_NOT = "边缘户防贫财政资金只用于边缘户（第十一条）"


@pytest.mark.parametrize(
    ("source", "kind", "words"),
    [
        ("poverty", "lifted", ""),
        ("poverty", "monitored", ""),
        ("poverty", "marginal", POVERTY_NOT),
        ("fiscal", "lifted", FISCAL_NOT),
        ("fiscal", "monitored", FISCAL_NOT),
        ("fiscal", "marginal", ""),
        ("donation", "lifted", ""),
        ("donation", "monitored", ""),
        ("donation", "marginal", ""),
    ],
)
def test_money_for_a_kind_of_household(source, kind, words):
    """Art. 10, 11."""
    assert rules.money_for(source, kind) == words


@pytest.mark.parametrize(
    ("source", "kind", "route"),
    [
        ("poverty", "lifted", "R2"),
        ("poverty", "monitored", "R2"),
        ("fiscal", "marginal", "R1"),
        ("fiscal", "lifted", "R1"),
        ("donation", "marginal", "R1"),
        ("donation", "monitored", "R2"),
    ],
)
def test_way_that_money_takes(source, kind, route):
    """Art. 10, 11."""
    assert rules.route_of(source, kind) == route


@pytest.mark.parametrize(
    ("types", "kinds", "words"),
    [
        ([], [], ""),
        (["school_aid"], [], ""),
        ([], ["marginal"], ""),
        (["school_aid", "yulu"], ["lifted", "marginal"], ""),
        (["yulu"], [], "不在这笔资金限用的举措之内"),
        (["yulu"], ["marginal"], "不在这笔资金限用的举措之内"),
        ([], ["lifted"], "不在这笔资金限用的对象之内"),
        (["school_aid"], ["lifted"], "不在这笔资金限用的对象之内"),
    ],
)
def test_what_the_donor_allows(types, kinds, words):
    assert rules.allowed(types, kinds, "school_aid", "marginal") == words


def test_steps_on_paper_are_those_that_are_no_acts_here():
    """Art. 10."""
    steps = ["乡镇审核", "扶贫部门审定", "财政部门审定", "公示", "领导小组备案"]
    assert rules.outside_steps(steps) == ["乡镇审核", "公示"]


# --- accounts ---------------------------------------------------------------------------------------------

CARD_16, CARD_19 = "6228480402564890", "6222021234567890128"


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("6228 4804-0256　4890", CARD_16),
        ("６２２８", "6228"),
        ("\t62 28\t", "6228"),
        ("62\n28", "62\n28"),
        ("62-28", "6228"),
        ("X62X28", "X62X28"),
    ],
)
def test_account_number_without_what_typing_adds(typed, plain):
    assert rules.plain_number(typed) == plain


ONLY_DIGITS = "账号只能是数字，请对照存折或卡面改正"


def of_length(length: int) -> str:
    return f"账号应为 8 至 30 位数字，读到 {length} 位，请对照存折或卡面改正"


WRONG_DIGIT = "卡号的校验位不对，多半抄错了一位，请对照卡面改正"


def with_check_digit(head: str) -> str:
    """The card number whose digits, doubled in turn from the right, add up to tens (ISO/IEC 7812)."""
    for last in "0123456789":
        digits = [int(sign) for sign in reversed(head + last)]
        doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
        if (sum(digits[::2]) + doubled) % 10 == 0:
            return head + last
    raise AssertionError


@pytest.mark.parametrize(
    "head", ["622848040256489", "622202123456789012", "620000000000000", "629999999999999"]
)
def test_card_number_has_one_check_digit(head):
    good = with_check_digit(head)
    assert rules.account_fault(good) == ""
    others = [head + last for last in "0123456789" if head + last != good]
    assert {rules.account_fault(number) for number in others} == {WRONG_DIGIT}


@pytest.mark.parametrize("place", range(16))
def test_one_wrong_digit_of_a_card_is_noticed(place):
    good = with_check_digit("622848040256489")
    wrong = good[:place] + str((int(good[place]) + 1) % 10) + good[place + 1 :]
    expected = WRONG_DIGIT if wrong.startswith("62") else ""
    assert rules.account_fault(wrong) == expected


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("", ONLY_DIGITS),
        ("1234567a", ONLY_DIGITS),
        ("１２３４５６７８", ONLY_DIGITS),
        ("1234567", of_length(7)),
        ("12345678", ""),
        ("1" * 30, ""),
        ("1" * 31, of_length(31)),
        ("6228480402564891"[:15], ""),  # no card: 15 digits
        ("62284804025648917", ""),  # no card: 17 digits
        ("622848040256489170", ""),  # no card: 18 digits
        ("1228480402564895", ""),  # no card: begins otherwise
    ],
)
def test_fault_of_an_account_number(number, fault):
    assert rules.account_fault(number) == fault


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("6228480402564890", "6228****4890"),
        ("123456789012", "1234****9012"),
        ("12345678901", "****8901"),
        ("12345678", "****5678"),
        ("", ""),
        (None, ""),
    ],
)
def test_number_is_shown_masked(number, shown):
    assert rules.masked(number) == shown


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (12, "壹角贰分"),
        (100, "壹元整"),
        (101, "壹元零壹分"),
        (110, "壹元壹角整"),
        (4_320_050, "肆万叁仟贰佰元伍角整"),
        (1_000_00, "壹仟元整"),
        (1_001_00, "壹仟零壹元整"),
        (1_010_00, "壹仟零壹拾元整"),
        (1_100_00, "壹仟壹佰元整"),
        (10_000_00, "壹万元整"),
        (10_001_00, "壹万零壹元整"),
        (10_010_00, "壹万零壹拾元整"),
        (11_000_00, "壹万壹仟元整"),
        (100_000_00, "壹拾万元整"),
        (100_100_00, "壹拾万零壹佰元整"),
        (101_000_00, "壹拾万壹仟元整"),
        (10_000_000_00, "壹仟万元整"),
        (10_000_001_00, "壹仟万零壹元整"),
        (10_010_000_00, "壹仟零壹万元整"),
        (100_000_000_00, "壹亿元整"),
        (100_000_001_00, "壹亿零壹元整"),
        (100_001_000_00, "壹亿零壹仟元整"),
        (100_010_000_00, "壹亿零壹万元整"),
        (101_000_000_00, "壹亿零壹佰万元整"),
        (110_000_000_00, "壹亿壹仟万元整"),
        (1_000_000_000_000_00, "壹万亿元整"),
        (1_000_000_010_000_00, "壹万亿零壹万元整"),
        (1_000_000_001_000_00, "壹万亿零壹仟元整"),
        (9_876_543_21, "玖佰捌拾柒万陆仟伍佰肆拾叁元贰角壹分"),
        (5_006_07, "伍仟零陆元零柒分"),
    ],
)
def test_amount_in_capitals(fen, words):
    assert rules.in_capitals(fen) == words
