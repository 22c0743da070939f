"""The registry workbook (户册): every sentence of its contract, told through the command."""

import datetime
import json
import re

import pytest

from fangpin.accounts.models import Division
from fangpin.common.models import AuditRow
from households.models import Case, Household, Member, TakeOver
from tests import books, factories
from tests.books import family, head, person
from tests.running import rows_of

CHILD_BORN = datetime.date(2008, 3, 9)


def home(number: str) -> Household:
    return Household.objects.get(number=number)


def names(household: Household) -> list[str]:
    return sorted(household.members.filter(removed_on=None).values_list("name", flat=True))


# --- what is taken in ----------------------------------------------------------------------------------


def test_registry_good_rows_are_created(desk):
    father, child = head(), person(born=CHILD_BORN)
    answer = desk.registry(family("A1", father, child, status="脱贫户", 脱贫年度=2016), family("A2", head()))
    assert (answer["read"], answer["created"]) == (3, 3)
    made = home("A1")
    assert (made.status, made.lifted_year, made.village_id) == ("lifted", 2016, factories.VILLAGE)
    assert (made.head_name, made.size) == (father["姓名"], 2)
    kid = made.members.get(name=child["姓名"])
    assert (kid.birth_date, kid.sex, kid.id_number) == (CHILD_BORN, "female", child["证件号码"])


def test_registry_keeps_every_cell(desk):
    cells = {
        "人编号": "P1",
        "民族": "瑶族",
        "文化程度": "小学",
        "在校生状况": "七年级",
        "健康状况": "长期慢性病",
        "劳动技能": "弱劳动力或半劳动力",
        "务工时间（月）": 7,
        "是否参加大病保险": "是",
        "人联系电话": "19900000002",
    }
    shared = {"自然村": "上屯", "户联系电话": "19900000001", "住房等级": "B", "是否解决安全饮用水": "否"}
    desk.registry(family("A1", head(**cells), **shared))
    made = home("A1")
    member = made.members.get()
    assert (made.hamlet.name, made.phone, made.housing_grade, made.water_secured) == (
        "上屯",
        "19900000001",
        "B",
        False,
    )
    assert (member.number, member.ethnic_group, member.get_education_display()) == ("P1", "瑶族", "小学")
    assert (member.get_student_display(), member.health, member.phone) == (
        "七年级",
        "长期慢性病",
        "19900000002",
    )
    assert member.get_labour_display() == "弱劳动力或半劳动力"
    assert (member.work_months, member.major_illness_insured) == (7, True)


def test_registry_again_changes_nothing(desk):
    shared = {"自然村": "上屯", "户联系电话": "19900000001", "住房等级": "B", "是否解决安全饮用水": "否"}
    first = family("A1", head(**{"务工时间（月）": 0}, 是否参加大病保险="否"), person(民族="瑶"), **shared)
    marked = {"监测对象类型": "脱贫监测户", "风险识别时间": "2019-11-05", "致贫返贫风险": "因病"}
    second = family("A2", head(), person(), status="脱贫户", **marked)
    desk.registry(first, second, family("", head(), person()))
    before = AuditRow.objects.filter(act="registry_change").count()
    answer = desk.registry(first, second, family("A3"))
    assert (answer["created"], answer["changed"], answer["unchanged"]) == (1, 0, 4)
    assert AuditRow.objects.filter(act="registry_change").count() == before


def test_registry_row_numbers_are_those_of_the_sheet(desk):
    rows = [*family("A1", head(), person(证件号码="123")), *family("A2", head(), head())]
    content, first = books.dirty(books.REGISTRY, rows)
    answer = desk.registry_file(content)
    assert rows_of(answer, "refused") == {
        first + 1: "id_length",
        first + 2: "head_many",
        first + 3: "head_many",
    }


# --- households without a number -----------------------------------------------------------------------


def test_registry_unnumbered_rows_belong_to_the_head_above(desk):
    one, two = [head(), person()], [head(), person(), person()]
    answer = desk.registry(family("", *one), family("A1", head()), family("", *two))
    assert answer["created"] == 6
    assert sorted(h.size for h in Household.objects.filter(own_number=True)) == [2, 3]
    assert names(Household.objects.get(size=3)) == sorted(row["姓名"] for row in two)


def test_registry_unnumbered_household_keeps_our_number(desk):
    rows = family("", head(), person())
    desk.registry(rows)
    ours = Household.objects.get().number
    assert ours
    answer = desk.registry(family("A1"), rows)
    assert (answer["created"], answer["unchanged"]) == (1, 2)
    assert Household.objects.get(size=2).number == ours


def test_registry_unnumbered_household_keeps_our_number_when_the_head_changes(desk):
    old, new = head(), person()
    desk.registry(family("", old, new))
    ours = Household.objects.get().number
    answer = desk.registry(family("", new | {"与户主关系": "户主"}, old | {"与户主关系": "之父"}))
    assert answer["changed"] == 2
    assert Household.objects.get().number == ours
    assert Household.objects.get().head_name == new["姓名"]


def test_registry_unnumbered_household_keeps_our_number_when_the_head_is_new(desk):
    old = head()
    desk.registry(family("", old))
    ours = Household.objects.get().number
    newcomer = head()
    answer = desk.registry(family("", newcomer, old | {"与户主关系": "之父"}))
    assert (answer["created"], answer["changed"]) == (1, 1)
    assert Household.objects.get().number == ours


def test_registry_son_who_leaves_an_unnumbered_household_is_set_aside(desk):
    father, son, wife = head(), person(), person("配偶")
    desk.registry(family("", father, son))
    answer = desk.registry(family("", father), family("", son | {"与户主关系": "户主"}, wife))
    assert rows_of(answer, "set_aside") == {3: "person_elsewhere", 4: "person_elsewhere"}
    assert Household.objects.count() == 1
    assert names(Household.objects.get()) == sorted([father["姓名"], son["姓名"]])


@pytest.mark.parametrize("status", ["脱贫户", "建档立卡未脱贫户"])
def test_registry_number_may_be_blank_only_for_ordinary_households(desk, status):
    answer = desk.registry(family("", head(), status=status))
    assert rows_of(answer, "refused") == {2: "required"}


def test_registry_unnumbered_member_without_a_head_above_is_refused(desk):
    answer = desk.registry(family("", person()), family("", head()))
    assert rows_of(answer, "refused") == {2: "head_none"}
    assert answer["created"] == 1


def test_registry_unnumbered_row_does_not_join_a_lifted_household(desk):
    answer = desk.registry(family("A1", head(), status="脱贫户"), family("", person()))
    assert rows_of(answer, "refused") == {3: "head_none"}
    assert home("A1").size == 1


def test_registry_unnumbered_members_never_join_the_household_above_an_unreadable_head(desk):
    """Whose household they are can't be known once the row between them may have been a head."""
    answer = desk.registry(family("", head()), family("", head(与户主关系="户住"), person()))
    assert rows_of(answer, "refused") == {3: "code", 4: "head_none"}
    assert Household.objects.get().size == 1


def test_registry_our_numbers_avoid_those_in_the_file(desk):
    desk.registry(family("", head()))
    ours = Household.objects.get().number
    following = ours[:-1] + str(int(ours[-1]) + 1)
    answer = desk.registry(family(following), family(""), family(""))
    assert answer["created"] == 3
    assert Household.objects.count() == 4


# --- heads ---------------------------------------------------------------------------------------------


def test_registry_household_without_a_head_is_refused(desk):
    answer = desk.registry(family("A1", person(), person()), family("A2"))
    assert rows_of(answer, "refused") == {2: "head_none", 3: "head_none"}
    assert answer["created"] == 1


def test_registry_household_with_two_heads_is_refused(desk):
    answer = desk.registry(family("A1", head(), person(), head()), family("A2"))
    assert rows_of(answer, "refused") == dict.fromkeys((2, 3, 4), "head_many")
    assert answer["created"] == 1


def test_registry_fault_of_a_member_refuses_that_row_only(desk):
    answer = desk.registry(family("A1", head(), person(证件号码=books.number()[:17]), person()))
    assert rows_of(answer, "refused") == {3: "id_length"}
    assert home("A1").size == 2


def test_registry_fault_of_the_head_refuses_the_household(desk):
    answer = desk.registry(family("A1", head(证件号码=books.number()[:17]), person()), family("A2"))
    assert rows_of(answer, "refused") == {2: "id_length", 3: "head_none"}
    assert not Household.objects.filter(number="A1").exists()


def test_registry_head_changes_within_one_household(desk):
    old, new = head(), person()
    desk.registry(family("A1", old, new))
    answer = desk.registry(family("A1", old | {"与户主关系": "之父"}, new | {"与户主关系": "户主"}))
    assert answer["changed"] == 2
    made = home("A1")
    assert made.members.get(relation="head").name == made.head_name == new["姓名"]


def test_registry_household_whose_head_is_missing_gets_no_second_one(desk):
    """He is not deleted and the file names another: both would be head."""
    old, wife = head(), person("配偶")
    desk.registry(family("A1", old, wife))
    answer = desk.registry(family("A1", wife | {"与户主关系": "户主"}))
    assert rows_of(answer, "refused") == {2: "head_many"}
    assert home("A1").head_name == old["姓名"]


# --- faults of the household -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place",
    [
        {"village": "天上村委会"},
        {"village": books.OTHER_VILLAGE},
        {"township": "天上镇"},
        {"县(市、区、旗)": "大化瑶族自治县"},
    ],
)
def test_registry_unknown_place_refuses_the_household(desk, place):
    answer = desk.registry(family("A1", head(), person(), **place), family("A2"))
    assert rows_of(answer, "refused") == dict.fromkeys((2, 3), "division_unknown")
    assert answer["created"] == 1


def test_registry_one_unknown_village_refuses_all_rows(desk):
    answer = desk.registry(family("A1", head(), person(行政村="天上村委会"), person()))
    assert set(rows_of(answer, "refused")) == {2, 3, 4}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"户类型": "一般农户"}, {"户类型": "建档立卡未脱贫户"}),
        ({"行政村": books.VILLAGE}, {"行政村": books.SISTER_VILLAGE}),
        ({"自然村": "上屯"}, {"自然村": "下屯"}),
        ({"户类型": "脱贫户", "脱贫年度": 2016}, {"户类型": "脱贫户", "脱贫年度": 2017}),
        ({"住房等级": "A"}, {"住房等级": "C"}),
        ({"是否解决安全饮用水": "是"}, {"是否解决安全饮用水": "否"}),
    ],
)
def test_registry_contradicting_household_cells_refuse_all_rows(desk, one, other):
    answer = desk.registry(family("A1", head(**one), person(**other), person(**one)), family("A2"))
    assert set(rows_of(answer, "refused")) == {2, 3, 4}
    assert answer["created"] == 1


def test_registry_household_cells_may_stand_in_one_row_alone(desk):
    desk.registry(family("A1", head(自然村="上屯", 住房等级="A"), person()))
    assert (home("A1").hamlet.name, home("A1").housing_grade) == ("上屯", "A")


# --- a person stands in one household --------------------------------------------------------------------


def test_registry_person_of_another_household_sets_the_new_one_aside(desk):
    wanderer = person()
    desk.registry(family("A1", head(), wanderer))
    answer = desk.registry(family("A2", head(), wanderer, person()), family("A3"))
    assert rows_of(answer, "set_aside") == dict.fromkeys((2, 3, 4), "person_elsewhere")
    assert answer["created"] == 1
    assert wanderer["姓名"] in names(home("A1"))


def test_registry_person_of_an_earlier_household_of_the_file(desk):
    wanderer = person()
    answer = desk.registry(family("A1", head(), wanderer), family("A2", head(), wanderer | {"民族": "壮族"}))
    assert rows_of(answer, "set_aside") == dict.fromkeys((4, 5), "person_elsewhere")
    assert home("A1").size == 2


def test_registry_person_of_another_county_is_set_aside(desk):
    stranger = factories.household(village=factories.OTHER_COUNTY_VILLAGE).members.get()
    row = head(姓名=stranger.name, 证件号码=stranger.id_number)
    assert rows_of(desk.registry(family("A1", row)), "set_aside") == {2: "person_elsewhere"}


def test_registry_person_who_left_may_join_another_household(desk):
    wanderer = person()
    desk.registry(family("A1", head(), wanderer))
    left = datetime.date(2026, 1, 1)
    Member.objects.filter(name=wanderer["姓名"]).update(added_on=left, removed_on=left)
    assert desk.registry(family("A2", head(), wanderer))["created"] == 2


def test_registry_person_twice_in_the_household_is_set_aside_once(desk):
    twin = person()
    answer = desk.registry(family("A1", head(), twin, twin | {"民族": "壮族"}))
    assert rows_of(answer, "set_aside") == {4: "duplicate_row"}
    assert home("A1").size == 2


def test_registry_equal_row_is_set_aside(desk):
    rows = family("A1", head(), person())
    answer = desk.registry(rows, rows)
    assert rows_of(answer, "set_aside") == {4: "duplicate_row", 5: "duplicate_row"}
    assert answer["created"] == 2


def test_registry_equal_row_written_otherwise_is_set_aside(desk):
    row = head(**{"务工时间（月）": 7}, 民族="瑶族", 人联系电话="19900000002")
    other = row | {"务工时间（月）": "7个月", "民族": "瑶", "人联系电话": 19900000002}
    answer = desk.registry(family("A1", row, other))
    assert rows_of(answer, "set_aside") == {3: "duplicate_row"}
    assert "第 2 行内容相同" in answer["set_aside"][0]["message"]


# --- cells -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("heading", ["姓名", "证件号码", "与户主关系", "户类型", "乡(镇)", "行政村"])
def test_registry_required_cell(desk, heading):
    answer = desk.registry(family("A1", head(), person(**{heading: ""}), person()))
    assert rows_of(answer, "refused") == {3: "required"}
    assert home("A1").size == 2


@pytest.mark.parametrize(
    "heading", ["乡(镇)", "行政村", "户编号", "姓名", "证件号码", "与户主关系", "户类型"]
)
def test_registry_required_heading(desk, heading):
    headings = [each for each in books.REGISTRY if each != heading]
    ran = desk.imported("import_registry", desk.file(books.plain(headings, family("A1"))), code=1)
    assert heading in ran.err
    assert not Household.objects.exists()


@pytest.mark.parametrize("year", [2014, 2015, 2020, "2018年"])
def test_registry_lifted_year(desk, year):
    desk.registry(family("A1", status="脱贫户", 脱贫年度=year))
    assert home("A1").lifted_year == int(str(year)[:4])


@pytest.mark.parametrize(
    ("year", "code"), [("", "required"), (2013, "code"), (2021, "code"), ("去年", "code")]
)
def test_registry_wrong_lifted_year(desk, year, code):
    assert rows_of(desk.registry(family("A1", status="脱贫户", 脱贫年度=year)), "refused") == {2: code}


def test_registry_lifted_year_of_others_is_not_kept(desk):
    desk.registry(family("A1", head(), 脱贫年度=2016), family("A2", head(), 脱贫年度="无"))
    assert [home("A1").lifted_year, home("A2").lifted_year] == [None, None]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (45122819700504123.0, "id_numeric_cell"),
        ("4.51E+17", "id_numeric_cell"),
        ("12345", "id_length"),
        ("45990019700504", "id_length"),
        ("459900197005041234567890", "id_length"),
        ("45990019701304123X", "id_checksum"),
        ("4599001970050412AX", "id_checksum"),
    ],
)
def test_registry_wrong_numbers(desk, cell, code):
    answer = desk.registry(family("A1", head(证件号码=cell)), family("A2"))
    assert rows_of(answer, "refused") == {2: code}
    assert answer["created"] == 1


def test_registry_wrong_checksum(desk):
    good = books.number()
    wrong = good[:-1] + ("1" if good[-1] != "1" else "2")
    answer = desk.registry(family("A1", head(证件号码=wrong)))
    assert rows_of(answer, "refused") == {2: "id_checksum"}


def test_registry_numbers_of_15_and_20_characters_and_a_small_x(desk):
    with_x = next(n for n in iter(lambda: books.number(datetime.date(1966, 1, 1)), None) if n.endswith("X"))
    old = books.number(datetime.date(1950, 7, 8))
    fifteen = old[:6] + old[8:17]
    certificate = books.number(datetime.date(1980, 2, 3))
    rows = [
        head(证件号码=with_x.lower()),
        head(证件号码=fifteen),
        head(证件号码=certificate + "42"),
        head(证件号码=int(fifteen) + 1),
    ]
    answer = desk.registry(*(family(f"A{place}", row) for place, row in enumerate(rows)))
    assert answer["created"] == 4
    kept = [home(f"A{place}").members.get().id_number for place in range(3)]
    assert kept == [with_x, old, certificate]


def test_registry_number_written_otherwise_is_the_same_person(desk):
    old = books.number(datetime.date(1950, 7, 8))
    row = head(证件号码=old)
    desk.registry(family("A1", row))
    answer = desk.registry(family("A1", row | {"证件号码": old[:6] + old[8:17]}))
    assert answer["unchanged"] == 1


def test_registry_household_number_in_a_numeric_cell(desk):
    desk.registry(family(4512280001, head()))
    assert desk.registry(family("4512280001", head(与户主关系="之子")))["read"] == 1
    assert Household.objects.get().number == "4512280001"


def test_registry_long_household_number_in_a_numeric_cell_is_refused(desk):
    answer = desk.registry(family(1234567890123456, head(), status="脱贫户"))
    assert rows_of(answer, "refused") == {2: "id_numeric_cell"}


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("户联系电话", "12"),
        ("人联系电话", "没有"),
        ("民族", "火星族"),
        ("文化程度", "很高"),
        ("务工时间（月）", 13),
        ("是否参加大病保险", "大概"),
        ("风险识别时间", "去年"),
        ("脱贫年度", 2031),
    ],
)
def test_registry_bad_optional_value_is_dropped_with_a_warning(desk, heading, cell):
    answer = desk.registry(family("A1", head(**{heading: cell})))
    assert answer["created"] == 1
    assert [warning["row"] for warning in answer["warnings"]] == [2]
    assert heading in answer["warnings"][0]["message"]


def test_registry_phones_in_numeric_cells(desk):
    answer = desk.registry(family("A1", head(人联系电话=19900000002), 户联系电话=19900000001.0))
    assert answer["warnings"] == []
    assert (home("A1").phone, home("A1").members.get().phone) == ("19900000001", "19900000002")


@pytest.mark.parametrize("cell", ["/", "-", "——"])
def test_registry_struck_out_optional_cell_is_blank(desk, cell):
    struck = dict.fromkeys(("脱贫年度", "监测对象类型", "风险识别时间", "人联系电话", "在校生状况"), cell)
    answer = desk.registry(family("A1", head(**struck)))
    assert (answer["created"], answer["warnings"]) == (1, [])


# --- what stands already ---------------------------------------------------------------------------------


def test_registry_changed_row_updates_and_is_recorded(desk, office):
    kid = person(在校生状况="小学")
    desk.registry(family("A1", head(), kid))
    answer = desk.registry(family("A1", head(与户主关系="其他"), kid))
    assert answer["refused"], "the head is another person: not a change"
    rows = family("A1", head(), kid)
    desk.registry(rows := family("B1", head(), person(在校生状况="小学")))
    rows[1] = rows[1] | {"在校生状况": "七年级"}
    answer = desk.registry(rows)
    assert (answer["changed"], answer["unchanged"]) == (1, 1)
    member = home("B1").members.get(name=rows[1]["姓名"])
    assert member.get_student_display() == "七年级"
    record = AuditRow.objects.get(act="registry_change")
    assert (record.model, record.object_id, record.by) == ("households.member", member.pk, office)
    assert record.details == {"student": ["primary", "grade_7"]}


def test_registry_changed_household_counts_its_rows(desk):
    rows = family("A1", head(), person(), 住房等级="C")
    desk.registry(rows)
    answer = desk.registry([row | {"住房等级": "A"} for row in rows])
    assert answer["changed"] == 2
    assert home("A1").housing_grade == "A"
    assert AuditRow.objects.get(act="registry_change").details == {"housing_grade": ["C", "A"]}


def test_registry_audit_holds_no_telephone_and_no_number(desk):
    row = head(人联系电话="19900000002")
    desk.registry(family("A1", row, 户联系电话="19900000001"))
    answer = desk.registry(family("A1", row | {"人联系电话": "19900000004"}, 户联系电话="19900000003"))
    assert answer["changed"] == 1
    assert home("A1").phone == "19900000003"
    records = AuditRow.objects.filter(act="registry_change")
    assert records.count() == 2
    text = json.dumps(list(records.values_list("details", flat=True)))
    assert "1990000" not in text
    assert not re.search("[0-9a-f]{16}", text.replace("-", "")), "an index of a number finds the number again"
    assert row["证件号码"] not in text


def test_registry_person_missing_from_a_newer_file_is_reported(desk):
    gone = person()
    rows = family("A1", head(), gone)
    desk.registry(rows)
    answer = desk.registry(rows[:1])
    assert answer["missing"] == [{"household_no": "A1", "name": gone["姓名"]}]
    assert gone["姓名"] in names(home("A1"))


def missing(answer: dict) -> set[str]:
    return {person["household_no"] for person in answer["missing"]}


def test_registry_household_missing_from_a_newer_file_is_reported(desk):
    one, two, three = family("A1"), family("A2", head(), person()), family("", head(), person())
    desk.registry(one, two, three)
    answer = desk.registry(one, three)
    assert answer["missing"] == [{"household_no": "A2", "name": row["姓名"]} for row in two]
    assert home("A2").size == 2, "nobody is deleted"
    assert desk.registry(one, two)["missing"] == [
        {"household_no": Household.objects.get(own_number=True).number, "name": row["姓名"]} for row in three
    ]


def test_registry_households_are_missing_only_where_the_file_has_half_of_the_village(desk):
    here = [family(f"A{place}") for place in range(5)]
    there = [family(f"B{place}", village=books.SISTER_VILLAGE) for place in range(2)]
    desk.registry(*here, *there)
    assert missing(desk.registry(*here[:2], there[0])) == {"B1"}
    assert missing(desk.registry(*here[:3])) == {"A3", "A4"}


def test_registry_households_that_are_new_make_no_village_full(desk):
    desk.registry(family("A1"), family("A2"))
    assert missing(desk.registry(*(family(f"B{place}") for place in range(9)))) == set()


def test_registry_household_refused_or_set_aside_is_not_missing(desk):
    wanderer = person()
    homes = [family("A1", head(), wanderer), family("A2"), family("A3"), family("", head(), person())]
    desk.registry(*homes)
    two_heads = [*homes[1], *family("A2", head())]
    stolen = [*homes[2], *family("A3", wanderer)]
    unreadable = [homes[3][0] | {"与户主关系": "户住"}, homes[3][1]]
    answer = desk.registry(homes[0], two_heads, stolen, unreadable)
    assert answer["good"] == 2
    assert answer["missing"] == []


def test_registry_unnumbered_household_with_a_member_in_the_file_is_not_missing(desk):
    old, son = head(), person()
    desk.registry(family("A1"), family("", old, son))
    answer = desk.registry(family("A1", head(), person()), family("", son | {"与户主关系": "户主"}))
    assert missing(answer) <= {"A1"}


def test_registry_household_outside_the_area_is_not_reported_missing(desk, township_officer):
    elsewhere = {"township": books.OTHER_TOWNSHIP, "village": books.OTHER_VILLAGE}
    mine, theirs = [family("A1"), family("A2")], [family("B1", **elsewhere), family("B2", **elsewhere)]
    desk.registry(*mine, *theirs)
    assert missing(desk.registry(mine[0], theirs[0], by="township")) == {"A2"}


def test_registry_person_whose_row_is_refused_is_not_reported_missing(desk):
    kid = person()
    rows = family("A1", head(), kid)
    desk.registry(rows)
    answer = desk.registry([rows[0], rows[1] | {"姓名": ""}])
    assert rows_of(answer, "refused") == {3: "required"}
    assert answer["missing"] == []


def test_registry_columns_that_the_file_lacks_are_left_alone(desk):
    row = head(民族="瑶族", 人联系电话="19900000002", **{"务工时间（月）": 5})
    shared = {"自然村": "上屯", "住房等级": "B", "是否解决安全饮用水": "是", "户联系电话": "19900000001"}
    desk.registry(family("A1", row, **shared))
    few = ["乡(镇)", "行政村", "户编号", "姓名", "证件号码", "与户主关系", "户类型"]
    answer = desk.registry(family("A1", {k: v for k, v in row.items() if k in few}), headings=few)
    assert answer["unchanged"] == 1
    made, member = home("A1"), home("A1").members.get()
    assert (made.hamlet.name, made.housing_grade, made.water_secured, made.phone) == (
        "上屯",
        "B",
        True,
        "19900000001",
    )
    assert (member.ethnic_group, member.work_months, member.phone) == ("瑶族", 5, "19900000002")


def test_registry_household_moves_to_another_village(desk):
    rows = family("A1", head(), person(), 自然村="上屯")
    desk.registry(rows)
    moved = [row | {"行政村": books.SISTER_VILLAGE, "自然村": "新屯"} for row in rows]
    assert desk.registry(moved)["changed"] == 2
    assert (home("A1").village_id, home("A1").hamlet.name) == (factories.SISTER_VILLAGE, "新屯")
    assert home("A1").hamlet.village_id == factories.SISTER_VILLAGE


def test_registry_villages_of_the_same_name_in_three_townships(desk, county):
    townships = Division.objects.filter(parent=county).order_by("code")[:3]
    for township in townships:
        Division.objects.create(
            code=township.code[:9] + "299", name="同名村委会", level="village", parent=township
        )
    answer = desk.registry(
        *(
            family(f"A{place}", township=township.name, village="同名村")
            for place, township in enumerate(townships)
        )
    )
    assert answer["created"] == 3
    assert [home(f"A{place}").village_id for place in range(3)] == [t.code[:9] + "299" for t in townships]


def test_registry_status_of_a_household_changes(desk):
    row = head()
    desk.registry(family("A1", row, status="建档立卡未脱贫户"))
    desk.registry(family("A1", row, status="脱贫户", 脱贫年度=2020))
    assert (home("A1").status, home("A1").lifted_year) == ("lifted", 2020)


# --- the look-back list (Art. 7) ---------------------------------------------------------------------------

MARKED = {"监测对象类型": "脱贫监测户", "风险识别时间": "2019-11-05", "致贫返贫风险": "因病"}


def test_registry_monitored_type_opens_a_case(desk):
    desk.registry(family("A1", status="脱贫户", **MARKED))
    case = Case.objects.get()
    assert (case.household.number, case.category, case.state) == ("A1", "monitored", "active")
    assert (case.identified_on, case.risk_words) == (datetime.date(2019, 11, 5), "因病")


def test_registry_marginal_type_opens_a_case(desk):
    desk.registry(family("", head(), **MARKED | {"监测对象类型": "边缘户"}))
    assert Case.objects.get().category == "marginal"


def test_registry_monitored_type_opens_a_case_only_once(desk):
    rows = family("A1", head(), person(), status="脱贫户", **MARKED)
    desk.registry(rows)
    desk.registry(rows)
    assert Case.objects.count() == 1
    factories.released(Case.objects.all())
    desk.registry(rows)
    assert Case.objects.count() == 1


def test_registry_type_of_a_known_household_opens_a_case(desk):
    row = head()
    desk.registry(family("A1", row, status="脱贫户"))
    answer = desk.registry(family("A1", row, person(), status="脱贫户", **MARKED))
    assert Case.objects.count() == 1
    assert (answer["created"], answer["changed"], answer["unchanged"]) == (1, 1, 0)


@pytest.mark.parametrize("closed", [False, True])
def test_registry_other_day_of_identification_warns(desk, county, office, closed):
    rows = family("A1", head(), status="脱贫户", **MARKED)
    desk.registry(rows)
    if closed:
        TakeOver.objects.create(county=county, closed_by=office)
    answer = desk.registry([rows[0] | {"风险识别时间": "2019-12-05"}])
    assert [warning["row"] for warning in answer["warnings"]] == [2]
    assert "2019-11-05" in answer["warnings"][0]["message"]
    assert answer["unchanged"] == 1
    assert Case.objects.get().identified_on == datetime.date(2019, 11, 5)


@pytest.mark.parametrize("status", ["一般农户", "建档立卡未脱贫户"])
def test_registry_status_against_an_open_case_sets_the_household_aside(desk, status):
    rows = family("A1", head(), person(), status="脱贫户", **MARKED)
    desk.registry(rows)
    plain = [row | dict.fromkeys(MARKED, "") | {"户类型": status, "民族": "壮族"} for row in rows]
    answer = desk.registry(plain, family("A2"))
    assert rows_of(answer, "set_aside") == dict.fromkeys((2, 3), "category_conflict")
    assert answer["created"] == 1
    assert home("A1").status == "lifted"
    assert not home("A1").members.filter(ethnic_group="壮族").exists()


def test_registry_status_may_change_once_the_case_is_closed(desk):
    rows = family("A1", head(), status="脱贫户", **MARKED)
    desk.registry(rows)
    factories.released(Case.objects.all())
    answer = desk.registry([rows[0] | dict.fromkeys(MARKED, "") | {"户类型": "建档立卡未脱贫户"}])
    assert answer["changed"] == 1


def test_registry_type_after_the_take_over_only_warns(desk, county, office):
    TakeOver.objects.create(county=county, closed_by=office)
    answer = desk.registry(family("A1", head(), status="脱贫户", **MARKED))
    assert answer["created"] == 1
    assert not Case.objects.exists()
    assert [warning["row"] for warning in answer["warnings"]] == [2]


def test_registry_type_of_an_open_case_does_not_warn_after_the_take_over(desk, county, office):
    rows = family("A1", head(), status="脱贫户", **MARKED)
    desk.registry(rows)
    TakeOver.objects.create(county=county, closed_by=office)
    assert desk.registry(rows)["warnings"] == []


@pytest.mark.parametrize(
    ("status", "category"),
    [
        ("一般农户", "脱贫监测户"),
        ("脱贫户", "边缘户"),
        ("建档立卡未脱贫户", "脱贫监测户"),
        ("建档立卡未脱贫户", "边缘户"),
    ],
)
def test_registry_type_against_the_status_is_a_conflict(desk, status, category):
    marked = MARKED | {"监测对象类型": category}
    answer = desk.registry(family("A1", head(), person(), status=status, **marked))
    assert rows_of(answer, "refused") == dict.fromkeys((2, 3), "category_conflict")
    assert not Household.objects.exists()


@pytest.mark.parametrize(("cell", "code"), [("", "required"), ("去年", "date")])
def test_registry_type_needs_the_day_of_identification(desk, cell, code):
    answer = desk.registry(family("A1", status="脱贫户", **MARKED | {"风险识别时间": cell}))
    assert rows_of(answer, "refused") == {2: code}


# --- area, dry run, files ------------------------------------------------------------------------------


def test_registry_township_imports_its_own_area(desk, township_officer):
    foreign = family("A2", head(), person(), township=books.OTHER_TOWNSHIP, village=books.OTHER_VILLAGE)
    answer = desk.registry(family("A1"), foreign, by="township")
    assert answer["created"] == 1
    assert rows_of(answer, "refused") == dict.fromkeys((3, 4), "division_unknown")


def test_registry_township_does_not_take_a_household_of_another_township(desk, township_officer):
    row = head()
    desk.registry(family("A1", row, township=books.OTHER_TOWNSHIP, village=books.OTHER_VILLAGE))
    answer = desk.registry(family("A1", row), by="township")
    assert answer["good"] == 0
    assert home("A1").village_id == books.CODE_OF_OTHER_VILLAGE


def test_registry_township_learns_nothing_of_another_township(desk, township_officer):
    """Under a number that another township has: no name of its household in any message."""
    row = head()
    desk.registry(family("A1", row, person(), township=books.OTHER_TOWNSHIP, village=books.OTHER_VILLAGE))
    answer = desk.registry(family("A1", head()), by="township")
    assert answer["good"] == 0
    assert row["姓名"] not in json.dumps(answer, ensure_ascii=False)
    assert answer["missing"] == []


def test_registry_village_cadre_may_not_import(desk, village_cadre):
    desk.imported(
        "import_registry", desk.file(books.plain(books.REGISTRY, family("A1"))), by="village", code=1
    )
    assert not Household.objects.exists()


def test_registry_dry_run_changes_nothing_and_tells_the_same(desk):
    rows = family("A1", head(), person(), status="脱贫户", **MARKED)
    desk.registry(rows)
    lot = (
        [rows[0], rows[1] | {"民族": "瑶族"}],
        family("A2", head(), person(证件号码="1")),
        family("", head()),
        family("A3", person()),
    )
    before = Household.objects.count(), Member.objects.count(), AuditRow.objects.count()
    tried = desk.registry(*lot, dry_run=True)
    assert (Household.objects.count(), Member.objects.count(), AuditRow.objects.count()) == before
    assert tried == desk.registry(*lot)
    assert Household.objects.count() == before[0] + 2


@pytest.mark.parametrize(
    ("heading", "word"), [("户编号", "户号"), ("姓名", "人员姓名"), ("乡(镇)", "街道/乡镇")]
)
def test_registry_other_words_for_a_heading(desk, heading, word):
    content = books.plain(books.REGISTRY, family("A1"), renamed={heading: word})
    assert desk.registry_file(content)["created"] == 1


OTHER_WORDS = {
    "乡(镇)": "乡镇",
    "行政村": "村",
    "证件号码": "身份证号",
    "与户主关系": "与户主的关系",
    "户类型": "农户类型",
    "务工时间（月）": "务工时间",
    "户编号": "户编码",
}


@pytest.mark.parametrize("word", ["身份证号", "身份证号码", "证件号", "证件号码", "身份证"])
def test_registry_words_for_the_number(desk, word):
    content = books.plain(books.REGISTRY, family("A1"), renamed={"证件号码": word})
    assert desk.registry_file(content)["created"] == 1


def test_registry_dirty_workbook(desk):
    rows = [*family("A1", head(), person()), *family("", head())]
    content, _ = books.dirty(books.REGISTRY, rows, renamed=OTHER_WORDS)
    answer = desk.registry_file(content)
    assert (answer["read"], answer["created"]) == (3, 3)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig"])
def test_registry_text_file(desk, encoding):
    rows = [*family("A1", head(), person(证件号码="4.5122E+17")), *family("", head())]
    content = books.text_file(books.REGISTRY, rows, encoding, renamed=OTHER_WORDS)
    answer = desk.registry_file(content, ending="csv")
    assert answer["created"] == 2
    assert rows_of(answer, "refused") == {3: "id_numeric_cell"}
