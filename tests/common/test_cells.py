import datetime
import pickle
from decimal import Decimal

import pytest

from fangpin.common import cells
from fangpin.common.cells import BLANK_MARKS, CellFault

DAY = datetime.date(2020, 3, 5)
MARCH = datetime.date(2020, 3, 1)


def code_of(function, *arguments):
    with pytest.raises(CellFault) as caught:
        function(*arguments)
    assert caught.value.message
    assert str(caught.value) == caught.value.message
    return caught.value.code


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, ""),
        ("黄小明", "黄小明"),
        ("  黄　小\xa0 明\t", "黄 小 明"),
        ("黄\u200b小\ufeff明", "黄小明"),
        ("第一\n第二\r\n第三", "第一 第二 第三"),
        ("'459900", "459900"),
        ('="0012"', "0012"),
        (12.0, "12"),
        (12, "12"),
        (12.5, "12.5"),
        (True, "TRUE"),
        (DAY, "2020-03-05"),
        (datetime.datetime(2020, 3, 5), "2020-03-05"),
        (datetime.datetime(2020, 3, 5, 10, 20), "2020-03-05 10:20:00"),
        (datetime.time(10, 20), "10:20:00"),
        ("", ""),
        ("\u3000\u200b", ""),
    ],
)
def test_text_of_a_cell(value, words):
    assert cells.text(value) == words


@pytest.mark.parametrize("value", ["黄\x0b小明", "a\x00", "\x1fb", "\ud800", "\x07"])
def test_text_control_character(value):
    assert code_of(cells.text, value) == "code"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("乡（镇）", "乡(镇)"),
        ("姓 名", "姓名"),
        ("姓\n名", "姓名"),
        ("ＡＢ１", "ab1"),
        ("【必填】", "(必填)"),
        ("a\x0b", "A"),
        (12.0, "12"),
    ],
)
def test_fold_makes_equal(one, other):
    assert cells.fold(one) == cells.fold(other)


@pytest.mark.parametrize(
    ("value", "marks", "blank"),
    [
        (None, (), True),
        ("", (), True),
        (" \u3000\xa0\u200b\n", (), True),
        (0, (), False),
        (0.0, (), False),
        (False, (), False),
        ("\u200b黄", (), False),
        ("/", (), False),
        ("无", (), False),
        ("/", BLANK_MARKS, True),
        (" － ", BLANK_MARKS, True),
        ("—", BLANK_MARKS, True),
        ("无", BLANK_MARKS, True),
        ("无锡", BLANK_MARKS, False),
    ],
)
def test_is_blank(value, marks, blank):
    assert cells.is_blank(value, marks) is blank


@pytest.mark.parametrize("dot", "·•・･‧∙⋅●ㆍ．.。\u0387\u2024")
def test_name_middle_dot(dot):
    assert cells.name(f"艾力{dot}买买提") == "艾力·买买提"


@pytest.mark.parametrize(
    ("value", "name"),
    [("黄 小　明", "黄小明"), ("'黄小明", "黄小明"), ("\u200b韦\xa0某", "韦某"), ("㑇小明", "㑇小明")],
)
def test_name_spaces(value, name):
    assert cells.name(value) == name


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (DAY, DAY),
        (datetime.datetime(2020, 3, 5, 23, 59), DAY),
        ("2020-03-05", DAY),
        ("2020-3-5", DAY),
        ("2020/3/5", DAY),
        ("2020/03/05", DAY),
        ("2020.3.5", DAY),
        ("2020.3", MARCH),
        ("2020.03", MARCH),
        ("2020-03", MARCH),
        ("2020/3", MARCH),
        ("202003", MARCH),
        (202003, MARCH),
        (202003.0, MARCH),
        ("20200305", DAY),
        (20200305.0, DAY),
        ("43895", DAY),
        (43895, DAY),
        (43895.0, DAY),
        (43895.75, DAY),
        ("43895.0", DAY),
        ("2020年3月5日", DAY),
        ("2020 年 3 月 5 日", DAY),
        ("2020年03月05号", DAY),
        ("2020年3月", MARCH),
        ("2020年3月份", MARCH),
        ("2020-03-05 10:20:30", DAY),
        ("2020/3/5 0:00", DAY),
        ("2020-03-05T10:20:30.000+08:00", DAY),
        ("2020年3月5日10时20分", DAY),
        ("２０２０－０３－０５", DAY),
        ("２０２０．３．５", DAY),
        ("2020－3－5", DAY),
        ("2020—3—5", DAY),
        ("'2020-03-05", DAY),
        (" 2020-03-05\u3000", DAY),
        ("2020.1", datetime.date(2020, 1, 1)),
        ("2020.10", datetime.date(2020, 10, 1)),
        (2020.3, MARCH),
        (2020.11, datetime.date(2020, 11, 1)),
        ("2020-02-29", datetime.date(2020, 2, 29)),
        ("1900-01-01", datetime.date(1900, 1, 1)),
        ("2100-12-31", datetime.date(2100, 12, 31)),
    ],
)
def test_day_in_every_form(value, expected):
    day = cells.day(value)
    assert day == expected
    assert type(day) is datetime.date


@pytest.mark.parametrize(
    "value",
    [
        "2020",
        "2020年",
        2020,
        2020.0,
        "2020-13-01",
        "202013",
        "2021-02-29",
        "20200230",
        "1899-12-31",
        "2101-01-01",
        datetime.date(1850, 1, 1),
        "20-3-5",
        "三月",
        "2020-W10-1",
        "2020-3.5",
        "2020-3-5-6",
        12,
        999999,
        1e20,
        True,
        datetime.time(1, 2),
        datetime.timedelta(days=3),
        "/",
        "无",
        float("nan"),
        -43895,
        "2020-03-05x",
    ],
)
def test_day_refused(value):
    assert code_of(cells.day, value) == "date"


def test_day_numeric_first_or_tenth_month_is_explained():
    with pytest.raises(CellFault, match="10 月"):
        cells.day(2020.1)


@pytest.mark.parametrize("value", [None, "", "  "])
def test_day_blank_is_required(value):
    assert code_of(cells.day, value) == "required"
    assert cells.day(value, blank_marks=BLANK_MARKS) is None


def test_day_blank_mark_only_when_asked():
    assert cells.day("/", blank_marks=BLANK_MARKS) is None
    assert cells.day("2020-03-05", blank_marks=BLANK_MARKS) == DAY


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0),
        (12, 1200),
        (12.0, 1200),
        (12.5, 1250),
        (-12.34, -1234),
        (-0.05, -5),
        (0.29, 29),
        (1.005, 101),
        (-1.005, -101),
        (2.675, 268),
        (0.1 + 0.2, 30),
        (5e-05, 0),
        (99999999999.99, 9999999999999),
        (Decimal("12.345"), 1235),
        ("1234.5", 123450),
        ("1234", 123400),
        ("-3.2", -320),
        ("1.005", 101),
        ("1.0049", 100),
        (".5", 50),
        ("5.", 500),
        ("+5", 500),
        ("1,234.50", 123450),
        ("1，234，567", 123456700),
        ("1234.5元", 123450),
        ("1234圆", 123400),
        ("￥1,234.50", 123450),
        ("¥ 12", 1200),
        ("人民币12元整", 1200),
        ("1.2万", 1200000),
        ("1.23456万元", 1234560),
        ("１２３４．５", 123450),
        (" 12 345.00 ", 1234500),
        ("-12", -1200),
        ("－12", -1200),
        ("−12", -1200),
        ("–12.5元", -1250),
        ("¥-12", -1200),
        ("(1,234.50)", -123450),
        ("（12元）", -1200),
        ("'12.5", 1250),
    ],
)
def test_fen_in_every_form(value, expected):
    assert cells.fen(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        True,
        "十二",
        "12,34",
        "1.2.3",
        "12元5",
        "--5",
        "(-5)",
        "-(5)",
        "1.2E+3",
        1e12,
        -1e12,
        "200000000000",
        10**12,
        "2000亿",
        "1e400",
        float("inf"),
        float("nan"),
        1e300,
        datetime.date(2020, 1, 1),
        "无",
        "-",
        "/",
        Decimal("NaN"),
        "99999999万",
    ],
)
def test_fen_refused(value):
    assert code_of(cells.fen, value) == "amount"


@pytest.mark.parametrize("value", [None, "", "\u3000"])
def test_fen_blank_is_required(value):
    assert code_of(cells.fen, value) == "required"


@pytest.mark.parametrize("value", [None, "", "/", "—", "无"])
def test_fen_blank_mark_only_when_asked(value):
    assert cells.fen(value, blank_marks=BLANK_MARKS) is None


def test_fen_limit_is_ten_to_the_thirteenth():
    assert cells.fen(10**11) == 10**13
    assert code_of(cells.fen, "100000000000.01") == "amount"


@pytest.mark.parametrize("value", [12, 12.0, "12", "12个月", "１２", " 12.0 ", "12 个月", "+12"])
def test_whole_accepted(value):
    assert cells.whole(value, 0, 12) == 12


@pytest.mark.parametrize("value", [13, -1, "13", 1.5, "1.5", "十二", True, "12/12"])
def test_whole_refused(value):
    assert code_of(cells.whole, value, 0, 12) == "code"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("19900000001", "19900000001"),
        (19900000001.0, "19900000001"),
        (19900000001, "19900000001"),
        ("199 0000 0001", "19900000001"),
        ("199-0000-0001", "19900000001"),
        ("+86 19900000001", "19900000001"),
        ("１９９０００００００１", "19900000001"),
        ("0776-2800000", "0776-2800000"),
        ("07762800000", "0776-2800000"),
        ("(0776)2800000", "0776-2800000"),
        ("（0776）2800000", "0776-2800000"),
        ("010-62800000", "010-62800000"),
        ("0776-2800000-801", "0776-2800000-801"),
        ("2800000", "2800000"),
    ],
)
def test_phone_accepted(value, expected):
    assert cells.phone(value) == expected


@pytest.mark.parametrize(
    "value", ["1990000000", "29900000001", "199000000012", "无", "黄小明", 1.5, "1.99E+10", True]
)
def test_phone_refused(value):
    assert code_of(cells.phone, value) == "code"


@pytest.mark.parametrize(
    ("value", "lost"),
    [
        (4.59900199003071e17, True),
        (459900199003071237, True),
        (1e15, True),
        (999999999999999.0, False),
        (459900800307123.0, False),
        ("4.51E+17", True),
        ("4.51228E+17", True),
        ("4.51e17", True),
        ("４．５１Ｅ＋１７", True),
        ("459900199003071237", False),
        ("12E5", False),
        ("", False),
        (None, False),
    ],
)
def test_digits_lost(value, lost):
    assert cells.digits_lost(value) is lost


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (4599000001.0, "4599000001"),
        (7, "7"),
        (" 45A-1 ", "45A-1"),
        ("４５", "45"),
        ("'0012", "0012"),
        (None, ""),
    ],
)
def test_identifier_accepted(value, expected):
    assert cells.identifier(value) == expected


@pytest.mark.parametrize("value", [4.5e17, "4.51E+17"])
def test_identifier_digits_lost(value):
    assert code_of(cells.identifier, value) == "id_numeric_cell"


def test_fault_hides_long_numbers():
    with pytest.raises(CellFault) as caught:
        cells.day("459900199003071237")
    assert "459900199003071237" not in caught.value.message


def test_fault_survives_pickling():
    fault = pickle.loads(pickle.dumps(CellFault("date", "不是日期")))
    assert (fault.code, fault.message) == ("date", "不是日期")
