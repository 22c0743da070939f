"""A workbook with the old state does not undo what was changed by hand, and says so."""

import datetime

import pytest
from django.utils import timezone

from fangpin.accounts.models import Division
from fangpin.common.workbooks import read_table
from households.models import Household, ImportKind, Member
from households.registry import file as registry_file
from households.registry import imports
from households.upkeep import corrections, families, people
from tests import books
from tests.books import family, head, person
from tests.running import rows_of

DAY = datetime.date(2020, 6, 1)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *words: datetime.date(2020, 6, 30))


@pytest.fixture
def act(office) -> dict:
    return {"on": DAY, "reason": "户口本已变更", "by": office}


def home(number: str) -> Household:
    return Household.objects.get(number=number)


def known(row: dict) -> Member:
    return Member.objects.get(name=row["姓名"], removed_on=None)


def message(answer: dict, kind: str = "set_aside") -> str:
    return " ".join(fault["message"] for fault in answer[kind])


def test_somebody_who_died_is_set_aside_and_the_rest_taken_in(desk, act):
    father, child = head(), person()
    rows = family("A1", father, child)
    desk.registry(rows)
    people.let_go(known(child), kind="death", **act)
    answer = desk.registry(rows)
    assert rows_of(answer, "set_aside") == {3: "person_elsewhere"}
    assert answer["unchanged"] == 1
    assert "户册已登记 2020-06-01 死亡" in message(answer)
    assert home("A1").size == 1


def test_a_head_who_died_sets_the_household_aside(desk, act):
    father, child = head(), person()
    rows = family("A1", father, child)
    desk.registry(rows)
    people.let_go(known(father), kind="death", head=known(child).pk, **act)
    answer = desk.registry(rows)
    assert rows_of(answer, "set_aside") == {2: "person_elsewhere", 3: "person_elsewhere"}
    assert "本表的户主" in message(answer)
    assert (home("A1").head_name, home("A1").size) == (child["姓名"], 1)


def test_the_dead_come_back_nowhere(desk, act):
    father, child = head(), person()
    desk.registry(family("A1", father, child))
    people.let_go(known(child), kind="death", **act)
    answer = desk.registry(family("A2", head(), child))
    assert rows_of(answer, "set_aside") == {3: "person_elsewhere"}


def test_one_who_married_out_is_taken_in_where_the_workbook_newly_has_her(desk, act):
    daughter = person("之女")
    rows = family("A1", head(), daughter)
    desk.registry(rows)
    people.let_go(known(daughter), kind="marry_out", **act)
    assert rows_of(desk.registry(rows), "set_aside") == {3: "person_elsewhere"}
    answer = desk.registry(family("A2", head(), daughter | {"与户主关系": "之儿媳"}))
    assert (answer["created"], answer["set_aside"]) == (2, [])


def test_one_brought_back_is_taken_in_again(desk, act):
    child = person()
    rows = family("A1", head(), child)
    desk.registry(rows)
    gone = known(child)
    people.let_go(gone, kind="move_out", **act)
    people.bring_back(gone, relation="son", **act)
    assert desk.registry(rows)["unchanged"] == 2


def test_old_values_are_kept_away_and_new_ones_taken_in(desk, act):
    child = person(文化程度="小学", 健康状况="健康", 人联系电话="19900000001")
    rows = family("A1", head(), child)
    desk.registry(rows)
    data = {"education": "junior", "health": "残疾", "phone": "19900000002", "name": "韦新名"}
    corrections.correct_person(known(child), data, **act)
    answer = desk.registry(rows)
    assert (answer["unchanged"], answer["changed"]) == (2, 0)
    now = home("A1").members.get(name="韦新名")
    assert (now.education, now.health, now.phone, now.initials) == ("junior", "残疾", "19900000002", "wxm")
    newer = child | {"文化程度": "高中", "健康状况": "残疾", "姓名": "韦新名"}
    assert desk.registry([rows[0], rows[1] | newer])["changed"] == 1
    now.refresh_from_db()
    assert (now.education, now.health, now.phone) == ("senior", "残疾", "19900000002")


def test_old_values_are_told(desk, act, office):
    child = person(文化程度="小学")
    rows = family("A1", head(), child, 住房等级="B")
    desk.registry(rows)
    corrections.correct_person(known(child), {"education": "junior"}, **act)
    corrections.correct_household(home("A1"), {"housing_grade": "C"}, **act)
    table = read_table(books.plain(books.REGISTRY, rows), "x.xlsx", registry_file.COLUMNS)
    county = Division.objects.get(pk=office.acting.county_code)
    outcome = imports.import_table(ImportKind.REGISTRY, table, county, by=office, dry_run=False, digest="x")
    data = {(warning.row, warning.code, warning.message[:6]) for warning in outcome.warnings}
    assert data == {(3, "hand_change", "“文化程度”"), (2, "hand_change", "“住房等级”")}
    assert home("A1").housing_grade == "C"


def test_old_values_of_a_household_are_kept_away(desk, act):
    rows = family("A1", 自然村="上屯", 户联系电话="19900000001", 住房等级="B", 是否解决安全饮用水="否")
    desk.registry(rows)
    data = {"hamlet": "下屯", "phone": "19900000002", "housing_grade": "C", "water_secured": True}
    corrections.correct_household(home("A1"), data, **act)
    assert desk.registry(rows)["unchanged"] == 1
    now = home("A1")
    assert (now.hamlet.name, now.phone, now.housing_grade, now.water_secured) == (
        "下屯",
        "19900000002",
        "C",
        True,
    )
    assert desk.registry([rows[0] | {"自然村": "中屯"}])["changed"] == 1
    assert home("A1").hamlet.name == "中屯"


def test_an_old_head_does_not_come_back(desk, act):
    father, child, other = head(), person(), person("之女")
    rows = family("A1", father, child, other)
    desk.registry(rows)
    data = {known(father).pk: "father", known(other).pk: "sibling"}
    families.change_head(home("A1"), head=known(child).pk, relations=data, **act)
    # The daughter's relation is a third one, the head's is the old one: neither fits the new head.
    answer = desk.registry(rows[:2] + [rows[2] | {"与户主关系": "其他"}])
    assert (answer["refused"], answer["set_aside"]) == ([], [])
    assert {known(row).relation for row in (father,)} == {"father"}
    assert [known(row).relation for row in (father, child, other)] == ["father", "head", "sibling"]
    assert home("A1").head_name == child["姓名"]


def test_a_corrected_number_is_nobody_new(desk, act):
    child, number = person(), books.number(datetime.date(1990, 1, 2))
    rows = family("A1", head(), child)
    desk.registry(rows)
    corrections.correct_person(known(child), {"id_number": number}, **act)
    answer = desk.registry(rows)
    assert rows_of(answer, "set_aside") == {3: "person_elsewhere"}
    assert "在户册中更正" in message(answer)
    assert desk.registry([rows[0], rows[1] | {"证件号码": number}])["unchanged"] == 2


def test_a_closed_household_is_set_aside(desk, act):
    one, two = family("A1", head()), family("A2", head())
    desk.registry(one, two)
    data = {home("A1").members.get().pk: "sibling"}
    families.merge(home("A1"), home("A2"), relations=data, **act)
    answer = desk.registry(one, two)
    assert rows_of(answer, "set_aside") == {2: "person_elsewhere"}
    assert "已于 2020-06-01 注销" in message(answer)
    assert home("A2").size == 2


def test_those_who_split_off_are_not_put_back(desk, act):
    son = person()
    rows = family("A1", head(), son)
    desk.registry(rows)
    families.split(home("A1"), leaving=[known(son).pk], head=known(son).pk, relations={}, **act)
    answer = desk.registry(rows)
    assert rows_of(answer, "set_aside") == {2: "person_elsewhere", 3: "person_elsewhere"}
    assert home("A1").size == 1


def test_numbers_of_ours_go_on_after_a_split(desk, act):
    son = person()
    desk.registry(family("", head(), son))
    split = families.split(
        Household.objects.get(), leaving=[known(son).pk], head=known(son).pk, relations={}, **act
    )
    assert split.household.number == "Z4512280000002"
    desk.registry(family("", head()))
    assert Household.objects.order_by("-pk").first().number == "Z4512280000003"
