"""Matching of a list to the registry: by the number; without one by name, birth month and village or head,
only where exactly one person fits. Nothing is picked silently, nothing dropped."""

import datetime

import pytest

from fangpin.accounts.models import Division
from households.models import Household, Member
from screening.models import FeedRow
from tests import books, factories
from tests.books import dangerous_home, dropout, settlement
from tests.running import rows_of

BIRTH, OTHER_DAY = datetime.date(2009, 5, 6), datetime.date(2010, 6, 7)


@pytest.fixture(autouse=True)
def _round(round_2020q1):
    pass


@pytest.fixture
def child(db) -> Member:
    births = [datetime.date(1980, 1, 1), BIRTH]
    return factories.household(births=births, names=["蓝大山", "蓝小明"]).members.last()


def matched() -> list[int]:
    return list(
        FeedRow.objects.filter(status="matched").order_by("row_no").values_list("member_id", flat=True)
    )


def unnumbered(**cells) -> dict:
    """A row as a real list of dropouts has it: no number."""
    return {"姓名": "蓝小明", "出生年月": "2009-05", "辍学原因": "因贫"} | cells


VILLAGE = {"乡(镇)": books.TOWNSHIP, "行政村": books.VILLAGE}
HEAD = {"户主姓名": "蓝大山"}


# --- by the number -------------------------------------------------------------------------------------


def test_match_by_number(desk, child):
    assert desk.feed("school_dropout", dropout(child))["good"] == 1
    assert matched() == [child.pk]


def test_match_by_number_in_any_form(desk):
    old = books.number(datetime.date(1950, 7, 8))
    with_x = next(n for n in iter(lambda: books.number(datetime.date(1966, 1, 1)), None) if n.endswith("X"))
    home = factories.household()
    people = [
        factories.member(home, datetime.date(1950, 7, 8), name="覃一", number=old),
        factories.member(home, datetime.date(1966, 1, 1), name="覃二", number=with_x),
        factories.member(home, datetime.date(1960, 1, 1), name="覃三"),
    ]
    written = [old[:6] + old[8:17], with_x.lower(), f"{people[2].id_number}42"]
    rows = [
        settlement(who, 身份证号码=number, 就医类型="门诊")
        for who, number in zip(people, written, strict=True)
    ]
    assert desk.feed("medical_settlement", *rows)["good"] == 3
    assert matched() == [who.pk for who in people]


def test_match_by_number_wins_over_another_name(desk, child):
    answer = desk.feed("school_dropout", dropout(child, 姓名="蓝小民"))
    assert answer["good"] == 1
    assert [warning["row"] for warning in answer["warnings"]] == [2]


@pytest.mark.parametrize("village", [factories.OTHER_COUNTY_VILLAGE])
def test_match_by_number_not_in_another_county(desk, village):
    who = factories.household(village=village).members.get()
    assert rows_of(desk.feed("medical_settlement", settlement(who)), "set_aside") == {2: "match_none"}


def test_match_by_number_of_nobody(desk, child):
    row = dropout(child, 姓名="蓝小红", 身份证号码=books.number(BIRTH))
    assert rows_of(desk.feed("school_dropout", row), "set_aside") == {2: "match_none"}


@pytest.mark.parametrize(
    ("birth", "cells"),
    [
        (BIRTH, {}),
        (OTHER_DAY, {"乡(镇)": books.TOWNSHIP, "行政村": books.VILLAGE}),
        (OTHER_DAY, {"乡(镇)": books.TOWNSHIP}),
        (OTHER_DAY, {"户主姓名": "蓝大山"}),
    ],
)
def test_match_by_number_that_a_namesake_does_not_have_is_near(desk, child, birth, cells):
    answer = desk.feed("school_dropout", dropout(child, 身份证号码=books.number(birth), **cells))
    (fault,) = answer["set_aside"]
    assert (fault["code"], answer["good"]) == ("match_near", 0)
    assert "证件号码与户册中同名的人不一致" in fault["message"]


@pytest.mark.parametrize(
    "cells",
    [
        {},
        {"乡(镇)": books.TOWNSHIP, "行政村": books.SISTER_VILLAGE},
        {"乡(镇)": "高岭镇"},
        {"户主姓名": "蓝大海"},
    ],
)
def test_match_by_number_with_nothing_but_the_name_in_common_is_nobody(desk, child, cells):
    answer = desk.feed("school_dropout", dropout(child, 身份证号码=books.number(OTHER_DAY), **cells))
    assert rows_of(answer, "set_aside") == {2: "match_none"}


@pytest.mark.parametrize("village", [factories.OTHER_COUNTY_VILLAGE, factories.VILLAGE])
def test_match_by_number_is_not_near_to_who_left_or_lives_elsewhere(desk, village):
    who = factories.household(village=village, births=[BIRTH], names=["蓝小明"]).members.get()
    if village == factories.VILLAGE:
        Member.objects.update(removed_on=datetime.date(2020, 1, 1))
    answer = desk.feed("school_dropout", dropout(who, 身份证号码=books.number(BIRTH)))
    assert rows_of(answer, "set_aside") == {2: "match_none"}


def test_match_by_number_that_was_near_is_tried_again(desk, child):
    number = books.number(BIRTH)
    assert desk.feed("school_dropout", dropout(child, 身份证号码=number))["set_aside"]
    factories.member(child.household, BIRTH, name="蓝小明", number=number)
    desk.sweep()
    assert FeedRow.objects.get().status == "matched"


def test_match_by_number_of_a_person_who_left(desk, child):
    Member.objects.filter(pk=child.pk).update(removed_on=datetime.date(2020, 1, 1))
    assert rows_of(desk.feed("school_dropout", dropout(child)), "set_aside") == {2: "match_none"}


def test_match_never_falls_back_from_a_wrong_number(desk, child):
    wrong = child.id_number[:-1] + ("1" if child.id_number[-1] != "1" else "2")
    row = dropout(child, 身份证号码=wrong, 出生年月="2009-05", **VILLAGE, **HEAD)
    assert rows_of(desk.feed("school_dropout", row), "refused") == {2: "id_checksum"}


def test_match_of_a_new_person_at_the_next_sweep(desk):
    """Registered since: the row that found nobody is tried again."""
    home = factories.household(status="lifted", number="H")
    number = books.number(datetime.date(1991, 2, 3))
    row = settlement(home.members.get(), 身份证号码=number)
    assert desk.feed("medical_settlement", row)["set_aside"]
    assert not desk.swept()
    factories.member(home, datetime.date(1991, 2, 3), name="新人", number=number)
    assert desk.swept() == {("H", "medical.out_of_pocket")}


# --- without a number ----------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [VILLAGE, HEAD, VILLAGE | HEAD])
def test_fallback_by_village_or_head(desk, child, place):
    assert desk.feed("school_dropout", unnumbered(**place))["good"] == 1
    assert matched() == [child.pk]


@pytest.mark.parametrize(
    "month", ["2009-05", "2009.5", "2009年5月", "200905", "2009-05-31", datetime.date(2009, 5, 6), "2009/5/1"]
)
def test_fallback_reads_the_birth_month_only(desk, child, month):
    assert desk.feed("school_dropout", unnumbered(出生年月=month, **VILLAGE))["good"] == 1


@pytest.mark.parametrize("month", ["2009-04", "2009-06", "2008-05"])
def test_fallback_another_month_is_nobody(desk, child, month):
    answer = desk.feed("school_dropout", unnumbered(出生年月=month, **VILLAGE))
    assert rows_of(answer, "set_aside") == {2: "match_none"}


@pytest.mark.parametrize("words", ["镇南社区居委会", "镇南社区", "镇南社区居民委员会", "镇南"])
def test_fallback_village_in_other_words(desk, child, words):
    place = {"乡(镇)": "安阳", "行政村": words}
    assert desk.feed("school_dropout", unnumbered(**place))["good"] == 1


@pytest.mark.parametrize(
    "place",
    [
        VILLAGE | {"行政村": books.SISTER_VILLAGE},
        {"户主姓名": "蓝大海"},
        VILLAGE | {"户主姓名": "蓝大海"},
        HEAD | VILLAGE | {"行政村": books.SISTER_VILLAGE},
        HEAD | {"乡(镇)": books.OTHER_TOWNSHIP},
    ],
)
def test_fallback_contradicted_by_village_or_head(desk, child, place):
    answer = desk.feed("school_dropout", unnumbered(**place))
    assert rows_of(answer, "set_aside") == {2: "match_near"}


@pytest.mark.parametrize("township", ["", books.TOWNSHIP])
def test_fallback_needs_a_village_or_a_head(desk, child, township):
    answer = desk.feed("school_dropout", unnumbered(**{"乡(镇)": township}))
    (fault,) = answer["set_aside"]
    assert fault["code"] == "match_near"
    assert "请补填行政村（连同乡镇）或户主姓名" in fault["message"]


@pytest.mark.parametrize(
    "place",
    [
        {"行政村": "天上村"},
        {"乡(镇)": books.TOWNSHIP, "行政村": "天上村"},
        {"乡(镇)": books.OTHER_TOWNSHIP, "行政村": books.VILLAGE},
        {"乡(镇)": "天上镇", "行政村": books.VILLAGE},
        {"乡(镇)": "天上镇"},
    ],
)
def test_fallback_place_that_is_unknown_is_set_aside(desk, child, place):
    answer = desk.feed("school_dropout", unnumbered(**HEAD, **place))
    (fault,) = answer["set_aside"]
    assert (fault["code"], answer["good"]) == ("division_unknown", 0)
    assert "请按区划名称" in fault["message"]


def test_fallback_township_and_head(desk, child):
    answer = desk.feed("school_dropout", unnumbered(**HEAD, **{"乡(镇)": books.TOWNSHIP}))
    assert answer["good"] == 1


def test_place_that_is_unknown_matters_not_beside_a_number(desk, child):
    assert desk.feed("school_dropout", dropout(child, 行政村="天上村"))["good"] == 1


def test_fallback_needs_a_birth_month(desk, child):
    answer = desk.feed("school_dropout", unnumbered(出生年月="", **VILLAGE, **HEAD))
    assert rows_of(answer, "refused") == {2: "required"}


def test_fallback_two_who_fit_are_set_aside(desk, child):
    factories.household(births=[datetime.date(1981, 1, 1), BIRTH], names=["蓝大海", "蓝小明"])
    answer = desk.feed("school_dropout", unnumbered(**VILLAGE), unnumbered(**VILLAGE | HEAD))
    assert rows_of(answer, "set_aside") == {2: "match_many"}
    assert matched() == [child.pk]


def test_fallback_none_fits(desk, child):
    answer = desk.feed("school_dropout", unnumbered(姓名="蓝小红", **VILLAGE))
    assert rows_of(answer, "set_aside") == {2: "match_none"}


def test_fallback_takes_nobody_who_left(desk, child):
    Member.objects.filter(pk=child.pk).update(removed_on=datetime.date(2020, 1, 1))
    answer = desk.feed("school_dropout", unnumbered(**VILLAGE))
    assert rows_of(answer, "set_aside") == {2: "match_none"}


def test_fallback_takes_nobody_of_another_county(desk):
    births = [datetime.date(1980, 1, 1), BIRTH]
    factories.household(village=factories.OTHER_COUNTY_VILLAGE, births=births, names=["蓝大山", "蓝小明"])
    answer = desk.feed("school_dropout", unnumbered(**HEAD))
    assert rows_of(answer, "set_aside") == {2: "match_none"}


def test_fallback_village_of_a_repeated_name_needs_its_township(desk, county, child):
    townships = Division.objects.filter(parent=county).order_by("code")[:2]
    for township in townships:
        code = township.code[:9] + "299"
        Division.objects.create(code=code, name="同名村委会", level="village", parent=township)
    Household.objects.update(village_id=townships[0].code[:9] + "299")
    alone = unnumbered(行政村="同名村")
    answer = desk.feed("school_dropout", alone, alone | {"乡(镇)": townships[0].name})
    assert rows_of(answer, "set_aside") == {2: "match_near"}
    assert matched() == [child.pk]


def test_fallback_is_only_for_the_list_that_has_it(desk, child):
    answer = desk.feed("medical_settlement", settlement(child, 身份证号码=""))
    assert rows_of(answer, "refused") == {2: "required"}


@pytest.mark.parametrize("mark", ["/", "—", "无", "暂无"])
def test_fallback_row_struck_out_number(desk, child, mark):
    assert desk.feed("school_dropout", unnumbered(身份证号码=mark, **VILLAGE))["good"] == 1


# --- equal rows ------------------------------------------------------------------------------------------


def test_equal_row_is_set_aside_and_counted_once(desk):
    who = factories.household(status="lifted", number="H").members.get()
    row = settlement(who, "10000.00")
    answer = desk.feed("medical_settlement", row, row)
    assert rows_of(answer, "set_aside") == {3: "duplicate_row"}
    assert not desk.swept()


def test_rows_that_differ_in_one_cell_both_count(desk):
    who = factories.household(status="lifted", number="H").members.get()
    row = settlement(who, "10000.00")
    assert desk.feed("medical_settlement", row, row | {"就医类型": "门诊"})["good"] == 2
    assert desk.swept() == {("H", "medical.out_of_pocket")}


def test_equal_row_of_a_refused_one_is_set_aside(desk, child):
    row = dangerous_home(child, 鉴定等级="E")
    answer = desk.feed("unsafe_housing", row, row)
    assert (rows_of(answer, "refused"), rows_of(answer, "set_aside")) == ({2: "code"}, {3: "duplicate_row"})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"合规费用": 10000}, {"合规费用": "10,000.00元"}),
        ({"其他赔付": ""}, {"其他赔付": "0"}),
        ({"其他赔付": "/"}, {"其他赔付": 0}),
        ({"结算日期": "2020-01-15"}, {"结算日期": datetime.date(2020, 1, 15)}),
        ({"结算日期": "2020年1月15日"}, {"结算日期": "2020/1/15"}),
        ({"姓名": "蓝小明"}, {"姓名": "蓝小明 "}),
        ({"参保类型": "城乡居民"}, {"参保类型": "居民医保"}),
    ],
)
def test_equal_row_is_told_by_what_its_cells_say(desk, child, one, other):
    row = settlement(child, "10000.00")
    answer = desk.feed("medical_settlement", row | one, row | other)
    assert rows_of(answer, "set_aside") == {3: "duplicate_row"}


def test_equal_row_with_a_small_x(desk):
    number = next(n for n in iter(lambda: books.number(datetime.date(1966, 1, 1)), None) if n.endswith("X"))
    who = factories.member(factories.household(), datetime.date(1966, 1, 1), name="覃二", number=number)
    answer = desk.feed("medical_settlement", settlement(who), settlement(who, 身份证号码=number.lower()))
    assert rows_of(answer, "set_aside") == {3: "duplicate_row"}


@pytest.mark.parametrize(("one", "other", "good"), [("甲", "乙", 2), ("1", 1, 1), ("", " ", 1)])
def test_equal_row_heeds_columns_that_no_list_knows(desk, child, one, other, good):
    headings = [*books.FEEDS["medical_settlement"], "备注"]
    lines = [headings] + [[*settlement(child).values(), words] for words in (one, other)]
    assert desk.feed_file("medical_settlement", books.workbook(lines))["good"] == good


@pytest.mark.parametrize("other", ["很多", "不少"])
def test_equal_row_of_cells_that_cannot_be_used(desk, child, other):
    row = settlement(child)
    answer = desk.feed("medical_settlement", row | {"合规费用": "很多"}, row | {"合规费用": other})
    assert len(answer["refused"]) == (1 if other == "很多" else 2)


def test_equal_row_is_not_said_to_count_once_where_the_first_was_refused(desk, child):
    row = dangerous_home(child, 鉴定等级="E")
    (fault,) = desk.feed("unsafe_housing", row, row)["set_aside"]
    assert "只按一行" not in fault["message"]
    assert "第 2 行" in fault["message"]
