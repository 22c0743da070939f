"""Every edge of drinking water: rows that name a household, and rows of a whole hamlet or village."""

import datetime

import pytest

from households.models import Hamlet, Household
from screening.models import FeedRow, LeadReason
from tests import books, factories
from tests.books import dry_home, dry_place
from tests.running import rows_of

WATER = "water.unsafe"
KIND = "water_shortage"


@pytest.fixture(autouse=True)
def _round(round_2020q1):
    pass


def hamlet(name: str, village: str = factories.VILLAGE) -> Hamlet:
    return Hamlet.objects.get_or_create(village_id=village, name=name)[0]


def home(number: str, *, of: str = "", village: str = factories.VILLAGE, **fields) -> Household:
    """A household of the hamlet named `of`."""
    fields.setdefault("status", "lifted")
    place = hamlet(of, village) if of else None
    return factories.household(number=number, village=village, hamlet=place, **fields)


@pytest.fixture
def village(db) -> dict[str, Household]:
    """Two hamlets, a household whose hamlet nobody wrote down, and a household of another village."""
    return {
        "A1": home("A1", of="弄怀屯", names=["韦大山"]),
        "A2": home("A2", of="弄怀屯", names=["韦大海"]),
        "B1": home("B1", of="弄池屯", names=["覃小明"]),
        "C1": home("C1", names=["蓝桂芳"]),
        "X1": home("X1", of="弄怀屯", village=factories.SISTER_VILLAGE, names=["黄五"]),
    }


def dry(desk) -> set[str]:
    swept = desk.swept()
    assert {subcriterion for _, subcriterion in swept} <= {WATER}
    return {number for number, _ in swept}


def explanation(desk, number: str) -> str:
    (explanation,) = [lead["explanation"] for lead in desk.leads() if lead["household_no"] == number]
    return explanation


# --- solved or not
# -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "is_lead"),
    [
        ({"解决情况": "未解决"}, True),
        ({"解决情况": "已解决"}, False),
        ({"解决情况": "否"}, True),
        ({"解决情况": "是"}, False),
        ({"问题类型": "设施受损"}, True),
        ({"问题类型": "季节性缺水"}, True),
        ({"问题类型": "其他"}, True),
        ({"发现日期": "2015-01-01"}, True),  # no window
        ({"发现日期": "2020-06-30"}, True),
    ],
)
@pytest.mark.parametrize("named", [True, False])
def test_water_edges(desk, village, cells, is_lead, named):
    row = dry_home(village["A1"].members.get(), **cells) if named else dry_place("弄怀屯", **cells)
    assert desk.feed(KIND, row)["good"] == 1
    assert ("A1" in dry(desk)) is is_lead


@pytest.mark.parametrize(
    ("heading", "cell", "code"),
    [
        ("乡(镇)", "", "required"),
        ("行政村", "", "required"),
        ("问题类型", "", "required"),
        ("问题类型", "水贵", "code"),
        ("发现日期", "", "required"),
        ("发现日期", "年初", "date"),
        ("解决情况", "", "required"),
        ("解决情况", "不详", "code"),
        ("户主身份证号码", "45990019700101001", "id_length"),
    ],
)
def test_water_row_with_a_fault_is_refused(desk, village, heading, cell, code):
    answer = desk.feed(KIND, dry_place("弄怀屯", **{heading: cell}))
    assert rows_of(answer, "refused") == {2: code}


# --- a household by the number of its head
# -------------------------------------------------------------------


def test_water_named_household_alone(desk, village):
    desk.feed(KIND, dry_home(village["A1"].members.get()))
    assert dry(desk) == {"A1"}


def test_water_row_is_matched_by_any_member(desk):
    several = home("M", members=2)
    desk.feed(KIND, dry_home(several.members.last()))
    assert dry(desk) == {"M"}


def test_water_number_wins_over_place(desk, village):
    """The place of a row beside a number decides nothing, known or not."""
    who = village["X1"].members.get()
    answer = desk.feed(KIND, dry_home(who), dry_home(who, 行政村="天上村", 问题类型="其他"))
    assert answer["good"] == 2
    assert dry(desk) == {"X1"}


def test_water_number_of_nobody_is_no_area_row(desk, village):
    row = dry_place("弄怀屯", 户主身份证号码=books.number())
    assert rows_of(desk.feed(KIND, row), "set_aside") == {2: "match_none"}
    assert not dry(desk)


# --- a household by the name of its head
# -----------------------------------------------------------------------


@pytest.mark.parametrize("place", ["弄怀屯", "弄怀", ""])
def test_water_head_by_name_and_village(desk, village, place):
    answer = desk.feed(KIND, dry_place(place, 户主姓名="韦大山"))
    assert answer["good"] == 1
    row = FeedRow.objects.get()
    assert (row.household, row.member) == (village["A1"], village["A1"].members.get())
    assert dry(desk) == {"A1"}


@pytest.mark.parametrize("mark", ["/", "无", "—"])
def test_water_head_with_the_number_struck_out(desk, village, mark):
    assert desk.feed(KIND, dry_place("", 户主姓名="韦大山", 户主身份证号码=mark))["good"] == 1
    assert dry(desk) == {"A1"}


def test_water_head_two_of_one_name(desk, village):
    home("B2", of="弄池屯", names=["韦大山"])
    rows = [dry_place("", 户主姓名="韦大山"), dry_place("弄池屯", 户主姓名="韦大山")]
    answer = desk.feed(KIND, *rows)
    assert rows_of(answer, "set_aside") == {2: "match_many"}
    assert "户主身份证号码" in answer["set_aside"][0]["message"]
    assert dry(desk) == {"B2"}


@pytest.mark.parametrize(
    "cells",
    [
        {"自然村（屯）": "弄池屯"},  # of the village, in another hamlet
        {"自然村（屯）": "弄怪屯"},
        {"行政村": books.SISTER_VILLAGE},  # of the township, in another village
    ],
)
def test_water_head_who_lives_elsewhere_is_near(desk, village, cells):
    answer = desk.feed(KIND, dry_place("", 户主姓名="韦大山") | cells)
    assert rows_of(answer, "set_aside") == {2: "match_near"}
    assert not dry(desk)


def test_water_member_who_is_not_the_head_is_near(desk):
    home("M", names=["韦老大", "韦老二"], members=2)
    answer = desk.feed(KIND, dry_place("", 户主姓名="韦老二"))
    assert rows_of(answer, "set_aside") == {2: "match_near"}


@pytest.mark.parametrize("name", ["韦无人", "黄外县"])
def test_water_head_of_nobody(desk, village, name):
    factories.household(village=factories.OTHER_COUNTY_VILLAGE, names=["黄外县"])
    answer = desk.feed(KIND, dry_place("", 户主姓名=name))
    assert rows_of(answer, "set_aside") == {2: "match_none"}
    assert not dry(desk)


def test_water_head_who_left_is_not_matched(desk):
    left = home("M", names=["韦老大", "韦老二"], members=2)
    left.members.filter(name="韦老二").update(removed_on=datetime.date(2020, 1, 1))
    answer = desk.feed(KIND, dry_place("", 户主姓名="韦老二"))
    assert rows_of(answer, "set_aside") == {2: "match_none"}


@pytest.mark.parametrize("cells", [{"行政村": "天上村"}, {"乡(镇)": "天上镇"}])
def test_water_head_in_an_unknown_village(desk, village, cells):
    answer = desk.feed(KIND, dry_place("", 户主姓名="韦大山") | cells)
    assert rows_of(answer, "set_aside") == {2: "division_unknown"}


def test_water_head_not_found_is_tried_again_with_the_next_delivery(desk, village):
    row = dry_place("", 户主姓名="韦新来")
    assert rows_of(desk.feed(KIND, row), "set_aside") == {2: "match_none"}
    home("N", names=["韦新来"])
    assert desk.feed(KIND, row)["good"] == 1
    assert dry(desk) == {"N"}


# --- a whole hamlet, a whole village
# ---------------------------------------------------------------------------


def test_water_hamlet_reaches_every_household_of_it(desk, village):
    answer = desk.feed(KIND, dry_place("弄怀屯"))
    assert answer["good"] == 1
    assert dry(desk) == {"A1", "A2"}


def test_water_village_reaches_every_household_of_it(desk, village):
    assert desk.feed(KIND, dry_place())["good"] == 1
    assert dry(desk) == {"A1", "A2", "B1", "C1"}


def test_water_hamlet_that_nobody_lives_in(desk, village):
    hamlet("空屯")
    assert desk.feed(KIND, dry_place("空屯"))["good"] == 1
    assert not dry(desk)


def test_water_household_without_members_is_not_reached(desk, village):
    Household.objects.filter(number="A2").update(size=0)
    desk.feed(KIND, dry_place("弄怀屯"))
    assert dry(desk) == {"A1"}


@pytest.mark.parametrize(("status", "is_lead"), [("ordinary", True), ("lifted", True), ("registered", False)])
def test_water_gate_is_the_sweeps(desk, status, is_lead):
    home("H", of="弄怀屯", status=status)
    assert desk.feed(KIND, dry_place("弄怀屯"))["good"] == 1
    result = desk.sweep()
    assert bool(desk.leads()) is is_lead
    (counted,) = [rule for rule in result["rules"] if rule["rule"] == "water.unsafe/water_shortage"]
    assert (counted["found"], counted["registered"]) == (1, int(not is_lead))


def test_water_households_that_come_later_are_reached(desk, village):
    desk.feed(KIND, dry_place("弄怀屯"))
    assert dry(desk) == {"A1", "A2"}
    home("A3", of="弄怀屯")
    Household.objects.filter(number="A2").update(hamlet=hamlet("弄池屯"))
    assert dry(desk) == {"A1", "A3"}


def test_water_named_and_area_rows_make_one_lead(desk, village):
    desk.feed(
        KIND,
        dry_home(village["A1"].members.get()),
        dry_place("弄怀屯", 问题类型="季节性缺水"),
        dry_place("", 问题类型="设施受损"),
    )
    assert dry(desk) == {"A1", "A2", "B1", "C1"}
    values = dict(LeadReason.objects.values_list("lead__household__number", "value"))
    assert values == {"A1": 3, "A2": 2, "B1": 1, "C1": 1}


def test_water_solved_area_row_takes_nothing_back(desk, village):
    desk.feed(KIND, dry_place("弄怀屯"), dry_place("", 解决情况="已解决"))
    assert dry(desk) == {"A1", "A2"}


def test_water_rows_of_an_earlier_list_reach_nobody(desk, village):
    desk.feed(KIND, dry_place("弄怀屯"))
    desk.feed(KIND, dry_place("弄池屯"))
    assert dry(desk) == {"B1"}


# --- the names of places
# -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "弄怀屯",
        "弄怀",
        " 弄 怀 屯 ",
        "弄怀自然屯",
        "弄怀自然村",
        "弄怀组",
        "弄怀村民小组",
        "镇南社区弄怀屯",
        "弄怀屯（组）",
    ],
)
def test_water_hamlet_in_other_words(desk, village, words):
    assert desk.feed(KIND, dry_place(words))["good"] == 1
    assert FeedRow.objects.get().hamlet == "弄怀屯"
    assert dry(desk) == {"A1", "A2"}


@pytest.mark.parametrize("words", ["3组", "三组", "第三组", "第3村民小组", "第三小组", "3"])
def test_water_hamlet_that_is_a_number(desk, words):
    home("T", of="第三村民小组")
    home("U", of="第十三村民小组")
    assert desk.feed(KIND, dry_place(words))["good"] == 1
    assert dry(desk) == {"T"}


def test_water_hamlet_is_written_as_it_is_before_it_is_guessed(desk):
    home("S", of="弄怀屯"), home("T", of="弄怀组")
    desk.feed(KIND, dry_place("弄怀组"))
    assert dry(desk) == {"T"}


def test_water_hamlet_that_could_be_two_is_set_aside(desk):
    home("S", of="弄怀屯"), home("T", of="弄怀组")
    (fault,) = desk.feed(KIND, dry_place("弄怀"))["set_aside"]
    assert fault["code"] == "division_unknown"
    assert "弄怀屯" in fault["message"]
    assert "弄怀组" in fault["message"]
    assert not dry(desk)


@pytest.mark.parametrize("words", ["全村", "整村", "/", "全部", "各屯"])
def test_water_whole_village_in_words(desk, village, words):
    assert desk.feed(KIND, dry_place(words))["good"] == 1
    assert dry(desk) == {"A1", "A2", "B1", "C1"}


@pytest.mark.parametrize("words", ["/", "全屯", "全村", "无"])
def test_water_no_household_in_words(desk, village, words):
    assert desk.feed(KIND, dry_place("弄怀屯", 户主姓名=words))["good"] == 1
    assert dry(desk) == {"A1", "A2"}


def test_water_unknown_hamlet_says_which_there_are(desk, village):
    (fault,) = desk.feed(KIND, dry_place("弄怪屯"))["set_aside"]
    assert fault["code"] == "division_unknown"
    assert "“弄怪屯”" in fault["message"]
    assert "弄怀屯、弄池屯" in fault["message"]
    assert "留空" in fault["message"]
    assert not dry(desk)


def test_water_unknown_hamlet_among_many_names_the_nearest(desk):
    for name in [f"那{c}屯" for c in "一二三四五六七八九十"] + ["弄怀屯"]:
        hamlet(name)
    (fault,) = desk.feed(KIND, dry_place("弄怪屯"))["set_aside"]
    assert "弄怀屯" in fault["message"]
    assert "等 11 个" in fault["message"]


def test_water_two_hamlets_in_one_cell(desk, village):
    (fault,) = desk.feed(KIND, dry_place("弄怀屯、弄池屯"))["set_aside"]
    assert fault["code"] == "division_unknown"
    assert "一行填一个屯" in fault["message"]


def test_water_hamlet_of_another_village(desk, village):
    answer = desk.feed(KIND, dry_place("弄池屯", 行政村=books.SISTER_VILLAGE))
    assert rows_of(answer, "set_aside") == {2: "division_unknown"}


def test_water_village_whose_hamlets_nobody_wrote_down(desk):
    home("C1")
    (fault,) = desk.feed(KIND, dry_place("弄怀屯"))["set_aside"]
    assert fault["code"] == "division_unknown"
    assert "户册" in fault["message"]


@pytest.mark.parametrize(
    "cells", [{"行政村": "天上村"}, {"乡(镇)": "天上镇"}, {"行政村": books.OTHER_VILLAGE}]
)
def test_water_unknown_village(desk, village, cells):
    answer = desk.feed(KIND, dry_place("") | cells)
    assert rows_of(answer, "set_aside") == {2: "division_unknown"}


@pytest.mark.parametrize("words", ["镇南", "镇南社区", "镇南社区居民委员会", "安阳镇镇南社区", "镇南村"])
def test_water_village_in_other_words(desk, village, words):
    assert desk.feed(KIND, dry_place("弄怀", 行政村=words))["good"] == 1
    assert dry(desk) == {"A1", "A2"}


def test_water_equal_area_rows_are_counted_once(desk, village):
    answer = desk.feed(KIND, dry_place("弄怀屯"), dry_place("弄怀屯"))
    assert rows_of(answer, "set_aside") == {3: "duplicate_row"}


def test_water_unknown_hamlet_is_tried_again_with_the_next_delivery(desk, village):
    row = dry_place("弄新屯")
    assert rows_of(desk.feed(KIND, row), "set_aside") == {2: "division_unknown"}
    home("N", of="弄新屯")
    assert desk.feed(KIND, row)["good"] == 1
    assert dry(desk) == {"N"}


# --- the sentences
# ---------------------------------------------------------------------------------------------


def test_water_sentence_of_a_named_household(desk, village):
    desk.feed(KIND, dry_home(village["A1"].members.get()))
    desk.sweep()
    assert explanation(desk, "A1") == "水利名单第 2 行：水源污染，2020-02-20 发现，未解决 · 第七条（一）4"


def test_water_sentence_of_a_hamlet(desk, village):
    desk.feed(KIND, dry_place("弄怀"))
    desk.sweep()
    assert explanation(desk, "A1") == (
        "水利名单第 2 行：弄怀屯全屯水源污染，2020-02-20 发现，未解决 · 第七条（一）4"
    )


def test_water_sentence_of_a_village(desk, village):
    desk.feed(KIND, dry_place("", 问题类型="季节性缺水"))
    desk.sweep()
    assert explanation(desk, "C1") == (
        "水利名单第 2 行：全村季节性缺水，2020-02-20 发现，未解决 · 第七条（一）4"
    )


def test_water_sentence_of_several_rows(desk, village):
    desk.feed(
        KIND,
        dry_home(village["A1"].members.get(), 问题类型="其他"),
        dry_place("弄怀屯"),
        dry_place("弄怀屯", 发现日期="2020-03-01"),
    )
    desk.sweep()
    assert explanation(desk, "A1") == (
        "水利名单第 2 行等 3 行：其他饮水问题，2020-02-20 发现，未解决；弄怀屯全屯水源污染，2020-02-20 "
        "发现，未解决；"
        "弄怀屯全屯水源污染，2020-03-01 发现，未解决 · 第七条（一）4"
    )


# --- what a candidate's page says of the lists
# ---------------------------------------------------------------------


def test_water_area_row_is_a_record_of_each_household_it_reaches(desk, village, round_2020q1, office):
    from screening.comparison import compare as comparison
    from screening.comparison import inquiries
    from screening.models import Candidate

    desk.feed(
        KIND,
        dry_home(village["A2"].members.get()),
        dry_place("弄怀屯"),
        dry_place("弄池屯", 解决情况="已解决"),
    )
    desk.feed("medical_settlement", books.settlement(village["B1"].members.get()))
    desk.sweep()
    comparison.compare_round(round_2020q1, by=office)
    candidates = list(Candidate.objects.select_related("household").order_by("household__number"))
    boxes = inquiries.department_boxes(candidates, round_2020q1)
    explanations = {
        candidate.household.number: line.sentence
        for candidate in candidates
        for line in boxes[candidate.pk]
        if line.kind.code == KIND
    }
    assert explanations == {
        "A1": "有记录（第 3 行）",
        "A2": "有记录（第 2 行等 2 行）",
        "B1": "有记录（第 4 行）",
    }
