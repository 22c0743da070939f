import datetime

import pytest
import time_machine

from fangpin.common.cells import CellFault
from fangpin.common.values import idnumbers
from tests.common.workbooks.files import number_of_person

NUMBER = number_of_person()
WITH_X = next(n for serial in range(100, 200) if (n := number_of_person(serial=serial)).endswith("X"))
OLD = "459900800307123"


def code_of(value):
    with pytest.raises(CellFault) as caught:
        idnumbers.parse(value)
    return caught.value.code


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (NUMBER, NUMBER),
        (WITH_X, WITH_X),
        (WITH_X.lower(), WITH_X),
        (f" {NUMBER[:6]} {NUMBER[6:14]}\u3000{NUMBER[14:]}\xa0", NUMBER),
        (f"'{NUMBER}", NUMBER),
        (f'="{NUMBER}"', NUMBER),
        (f"\u200b{NUMBER}\n", NUMBER),
        ("".join(chr(ord(c) + 0xFEE0) for c in WITH_X), WITH_X),
        (f"{NUMBER}44", NUMBER),
        (f"{WITH_X.lower()}44B1", WITH_X),
    ],
)
def test_number_accepted(value, expected):
    assert idnumbers.parse(value) == expected


@pytest.mark.parametrize("value", [OLD, float(OLD), int(OLD), f" {OLD} "])
def test_number_of_15_digits_becomes_18(value):
    number = idnumbers.parse(value)
    assert number[:17] == "45990019800307123"
    assert idnumbers.parse(number) == number


@pytest.mark.parametrize("prefix", ["452122", "110101", "000000"])
def test_number_area_prefix_is_not_checked(prefix):
    first17 = prefix + NUMBER[6:17]
    number = first17 + idnumbers.check_character(first17)
    assert idnumbers.parse(number) == number


@pytest.mark.parametrize("value", [None, "", " \u3000"])
def test_number_blank(value):
    assert code_of(value) == "required"


@pytest.mark.parametrize("value", [float(NUMBER[:17] + "0"), int(NUMBER[:17] + "0"), "4.599E+17"])
def test_number_eaten_by_excel(value):
    assert code_of(value) == "id_numeric_cell"


@pytest.mark.parametrize(
    "value", [NUMBER[:17], NUMBER + "1", NUMBER + "123", "无", 12345.0, NUMBER + "12345"]
)
def test_number_length(value):
    assert code_of(value) == "id_length"


def test_number_length_says_how_many_were_read():
    with pytest.raises(CellFault, match="17 位"):
        idnumbers.parse(NUMBER[:17])


def wrong_check(number):
    return number[:17] + ("0" if number[17] != "0" else "1")


@pytest.mark.parametrize(
    "value",
    [
        wrong_check(NUMBER),
        wrong_check(NUMBER) + "44",
        number_of_person("19900230"),
        number_of_person("19901301"),
        number_of_person("18991231"),
        number_of_person("00000101"),
        NUMBER[:10] + "A" + NUMBER[11:],
        NUMBER[:16] + "X" + NUMBER[17:],
        OLD[:14] + "X",
        "459900801307123",
        "４５９９００１９９００３０７１２３Y",
    ],
)
def test_number_wrong(value):
    assert code_of(value) == "id_checksum"


def test_number_two_digits_swapped():
    swapped = NUMBER[:12] + NUMBER[13] + NUMBER[12] + NUMBER[14:]
    assert code_of(swapped) == "id_checksum"


@time_machine.travel(datetime.datetime(2020, 3, 31, 15, 0, tzinfo=datetime.UTC), tick=False)
def test_number_born_today_in_china_but_not_tomorrow():
    assert idnumbers.parse(number_of_person("20200331"))
    assert code_of(number_of_person("20200401")) == "id_checksum"


@time_machine.travel(datetime.datetime(2020, 3, 31, 17, 0, tzinfo=datetime.UTC), tick=False)
def test_number_today_begins_at_midnight_in_china():
    assert idnumbers.parse(number_of_person("20200401"))


def test_fault_never_holds_the_number():
    with pytest.raises(CellFault) as caught:
        idnumbers.parse(wrong_check(NUMBER))
    assert NUMBER[6:14] not in caught.value.message


def test_birth_date():
    assert idnumbers.birth_date(NUMBER) == datetime.date(1990, 3, 7)


@pytest.mark.parametrize(("serial", "sex"), [(123, "male"), (124, "female"), (120, "female")])
def test_sex(serial, sex):
    assert idnumbers.sex(number_of_person(serial=serial)) == sex


def test_mask():
    assert idnumbers.mask("459900199003071234") == "4599**********1234"


def test_check_character_of_the_standard():
    assert idnumbers.check_character("11010519491231002") == "X"
