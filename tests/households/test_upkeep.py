"""户册变动: each kind does what it says, all or nothing, and leaves its trail."""

import datetime

import pytest
from django.utils import timezone

from fangpin.accounts.roles import Role
from fangpin.common import crypto
from fangpin.common.models import AuditRow
from households.models import Case, ChangedValue, Household, Member, RegistryChange
from households.registry.taking_in import registry_changed
from households.upkeep import NotChanged, corrections, families, people
from tests import factories

DAY = datetime.date(2020, 6, 1)
BORN = datetime.date(1970, 1, 2)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *words: datetime.date(2020, 6, 30))


@pytest.fixture
def home(db):
    """Head, spouse and son."""
    made = factories.household(
        names=["韦大", "覃二", "韦三"],
        births=[BORN, datetime.date(1972, 2, 3), datetime.date(1998, 3, 4)],
        number="H1",
    )
    for member, relation in zip(made.members.order_by("pk"), ("head", "spouse", "son"), strict=True):
        Member.objects.filter(pk=member.pk).update(relation=relation, labour="ordinary", student="")
    return made


def one(home, name: str) -> Member:
    return home.members.get(name=name, removed_on=None)


def now(home) -> dict[str, str]:
    return dict(home.members.filter(removed_on=None).values_list("name", "relation"))


def fresh(home) -> Household:
    return Household.objects.get(pk=home.pk)


def newcomer(birth=DAY, **values) -> dict:
    return {"name": "韦小宝", "id_number": factories.id_number(birth), "relation": "son"} | values


def act(by, **more) -> dict:
    return {"on": DAY, "reason": "户口本已变更", "by": by} | more


def case_of(home) -> Case:
    return Case.objects.create(household=home, category="marginal", origin="look_back", identified_on=DAY)


def state() -> list:
    """All that an act may touch."""
    return [
        list(model.objects.order_by("pk").values_list())
        for model in (Household, Member, RegistryChange, ChangedValue, AuditRow)
    ]


def refused(message: str, act) -> NotChanged:
    before = state()
    with pytest.raises(NotChanged, match=message) as caught:
        act()
    assert state() == before
    return caught.value


# --- coming ---------------------------------------------------------------------------------------------


def test_birth_adds_the_child(home, township_officer):
    data = newcomer(ethnic_group="壮族", phone="")
    change = people.add_person(home, data, kind="birth", **act(township_officer))
    child = one(home, "韦小宝")
    assert (child.birth_date, child.added_on, child.sex, child.initials) == (DAY, DAY, "male", "wxb")
    assert child.id_index == crypto.keyed_index("id", data["id_number"])
    assert fresh(home).size == 4
    assert (change.kind, change.by, change.acting_as) == ("birth", township_officer, township_officer.acting)
    row = AuditRow.objects.get(act="registry_change", object_id=child.pk)
    assert row.details == {"added_on": [None, "2020-06-01"]}


def test_birth_of_somebody_grown_up_is_refused(home, township_officer):
    data = newcomer(datetime.date(2014, 6, 1))
    refused("不是新生儿", lambda: people.add_person(home, data, kind="birth", **act(township_officer)))
    people.add_person(home, newcomer(datetime.date(2014, 6, 2)), kind="birth", **act(township_officer))


def test_somebody_already_here_is_refused(home, township_officer):
    data = newcomer() | {"id_number": one(home, "韦三").id_number}
    refused("已经在这户里", lambda: people.add_person(home, data, kind="move_in", **act(township_officer)))


def test_a_second_head_is_refused(home, township_officer):
    data = newcomer(BORN, relation="head")
    refused("已有户主", lambda: people.add_person(home, data, kind="move_in", **act(township_officer)))


def test_marriage_in_takes_the_bride_from_her_household(home, township_officer):
    other = factories.household(members=2, number="H2")
    bride = other.members.get(relation="other")
    data = newcomer() | {"name": bride.name, "id_number": bride.id_number, "relation": "daughter_in_law"}
    error = refused(
        "同时从原来的户转出", lambda: people.add_person(home, data, kind="marry_in", **act(township_officer))
    )
    assert (error.code, error.field) == ("elsewhere", "id_number")
    people.add_person(home, data, kind="marry_in", from_other=True, **act(township_officer))
    bride.refresh_from_db()
    assert (bride.removed_on, bride.removed_reason) == (DAY, "婚入别户")
    assert now(home)[bride.name] == "daughter_in_law"
    assert (fresh(home).size, fresh(other).size) == (4, 1)
    assert set(RegistryChange.objects.values_list("household", "other")) == {
        (home.pk, other.pk),
        (other.pk, home.pk),
    }


def test_marriage_in_of_the_last_one_closes_her_household(home, township_officer):
    other = factories.household(number="H2")
    data = newcomer() | {"id_number": other.members.get().id_number, "relation": "daughter_in_law"}
    people.add_person(home, data, kind="marry_in", from_other=True, **act(township_officer))
    assert (fresh(other).closed_on, fresh(other).size) == (DAY, 0)


def test_a_head_does_not_leave_others_behind(home, township_officer):
    other = factories.household(members=2)
    data = newcomer() | {"id_number": other.members.get(relation="head").id_number}
    refused(
        "先在那一户办理户主变更",
        lambda: people.add_person(home, data, kind="move_in", from_other=True, **act(township_officer)),
    )


@pytest.mark.parametrize("village", [factories.OTHER_TOWNSHIP_VILLAGE, factories.OTHER_COUNTY_VILLAGE])
def test_nobody_is_taken_from_another_area(home, township_officer, village):
    other = factories.household(village=village, names=["外镇人"])
    data = newcomer() | {"id_number": other.members.get().id_number}
    error = refused(
        "不在您管辖的范围内",
        lambda: people.add_person(home, data, kind="move_in", from_other=True, **act(township_officer)),
    )
    assert "外镇人" not in error.message


# --- going ----------------------------------------------------------------------------------------------


def test_death_of_a_member_keeps_his_dates(home, township_officer):
    son = one(home, "韦三")
    people.let_go(son, kind="death", **act(township_officer))
    son.refresh_from_db()
    assert (son.removed_on, son.removed_reason) == (DAY, "死亡")
    assert fresh(home).size == 2
    refused("已经不在这户", lambda: people.let_go(son, kind="death", **act(township_officer)))


def test_death_of_the_head_asks_for_a_new_one_and_all_relations(home, township_officer):
    head, spouse, son = (one(home, name) for name in ("韦大", "覃二", "韦三"))
    die = {"kind": "death", **act(township_officer)}
    refused("请选定新户主", lambda: people.let_go(head, **die))
    error = refused("与新户主的关系：韦三", lambda: people.let_go(head, head=spouse.pk, relations={}, **die))
    assert error.field == f"relation_{son.pk}"
    refused("与新户主的关系", lambda: people.let_go(head, head=spouse.pk, relations={son.pk: "head"}, **die))
    refused("请选定新户主", lambda: people.let_go(head, head=head.pk, relations={son.pk: "son"}, **die))
    people.let_go(head, head=son.pk, relations={spouse.pk: "mother"}, **die)
    assert now(home) == {"覃二": "mother", "韦三": "head"}
    assert (fresh(home).head_name, fresh(home).size) == ("韦三", 2)


def test_death_of_the_last_one_closes_the_household(township_officer):
    alone = factories.household()
    people.let_go(alone.members.get(), kind="death", **act(township_officer))
    assert fresh(alone).closed_on == DAY


@pytest.mark.parametrize("open_thing", ["case", "lamp"])
def test_a_household_with_something_open_stays_without_members(township_officer, open_thing):
    alone = factories.household(lamp="red" if open_thing == "lamp" else "none")
    if open_thing == "case":
        case_of(alone)
    people.let_go(alone.members.get(), kind="death", **act(township_officer))
    assert (fresh(alone).closed_on, fresh(alone).size) == (None, 0)


def test_departure_by_mistake_is_taken_back(township_officer):
    alone = factories.household()
    gone = alone.members.get()
    people.let_go(gone, kind="move_out", **act(township_officer))
    refused("没有户主", lambda: people.bring_back(gone, relation="son", **act(township_officer)))
    people.bring_back(gone, relation="head", **act(township_officer))
    gone.refresh_from_db()
    assert (gone.removed_on, gone.removed_reason) == (None, "")
    assert (fresh(alone).closed_on, fresh(alone).size) == (None, 1)
    refused("没有离开", lambda: people.bring_back(gone, relation="head", **act(township_officer)))


def test_nobody_is_brought_back_who_stands_elsewhere(home, township_officer):
    son = one(home, "韦三")
    people.let_go(son, kind="move_out", **act(township_officer))
    other = factories.household()
    factories.member(other, son.birth_date, name="韦三", number=son.id_number)
    refused("现在另一户", lambda: people.bring_back(son, relation="son", **act(township_officer)))


# --- families -------------------------------------------------------------------------------------------


def test_change_of_head(home, township_officer):
    head, spouse, son = (one(home, name) for name in ("韦大", "覃二", "韦三"))
    refused(
        "就是现在的户主",
        lambda: families.change_head(home, head=head.pk, relations={}, **act(township_officer)),
    )
    data = {head.pk: "father", spouse.pk: "mother"}
    families.change_head(home, head=son.pk, relations=data, **act(township_officer))
    assert now(home) == {"韦大": "father", "覃二": "mother", "韦三": "head"}
    assert fresh(home).head_name == "韦三"
    row = AuditRow.objects.get(act="registry_change", object_id=son.pk)
    assert row.details == {"relation": ["son", "head"]}


def test_split_makes_a_household_and_the_case_stays(home, township_officer):
    case = case_of(home)
    child = factories.member(home, DAY, name="韦四")
    son = one(home, "韦三")
    data = act(township_officer, leaving=[son.pk, child.pk], head=son.pk, relations={child.pk: "daughter"})
    change = families.split(home, hamlet="新屯", **data)
    made = change.household
    assert (made.number, made.own_number, made.status, made.village_id) == (
        "Z4512280000001",
        True,
        "ordinary",
        home.village_id,
    )
    assert (made.hamlet.name, made.head_name, made.size) == ("新屯", "韦三", 2)
    assert now(made) == {"韦三": "head", "韦四": "daughter"}
    assert now(home) == {"韦大": "head", "覃二": "spouse"}
    son.refresh_from_db()
    assert (son.removed_on, son.removed_reason) == (DAY, "分户")
    case.refresh_from_db()
    assert case.household_id == home.pk
    assert {(c.household_id, c.other_id) for c in RegistryChange.objects.all()} == {
        (home.pk, made.pk),
        (made.pk, home.pk),
    }


@pytest.mark.parametrize(
    ("names", "head", "relations", "message"),
    [
        ([], "", {}, "请勾选"),
        (["韦大", "覃二", "韦三"], "韦三", {}, "至少留一个人"),
        (["韦大"], "韦大", {}, "户主留在原户"),
        (["覃二", "韦三"], "", {}, "选定新户的户主"),
        (["覃二", "韦三"], "韦大", {}, "选定新户的户主"),
        (["覃二", "韦三"], "韦三", {}, "写明覃二与户主的关系"),
    ],
)
def test_split_that_does_not_add_up_is_refused(home, township_officer, names, head, relations, message):
    keys = {name: one(home, name).pk for name in ("韦大", "覃二", "韦三")}
    data = act(township_officer, leaving=[keys[n] for n in names], head=keys.get(head), relations=relations)
    refused(message, lambda: families.split(home, **data))


def test_split_under_a_number_that_is_taken_is_refused(home, township_officer):
    son = one(home, "韦三")
    data = act(township_officer, leaving=[son.pk], head=son.pk, relations={})
    refused("已有这个户编号", lambda: families.split(home, number="H1", **data))
    assert families.split(home, number="451228000777", **data).household.own_number is False


def test_merge_moves_everybody_and_closes_the_source(home, township_officer):
    target = factories.household(names=["韦老"], number="H9")
    data = {
        member.pk: relation
        for member, relation in zip(
            home.members.order_by("pk"), ("son", "daughter_in_law", "grandson"), strict=True
        )
    }
    families.merge(home, target, relations=data, **act(township_officer))
    assert now(target) == {"韦老": "head", "韦大": "son", "覃二": "daughter_in_law", "韦三": "grandson"}
    assert (fresh(home).closed_on, fresh(home).size, fresh(home).head_name, fresh(target).size) == (
        DAY,
        0,
        "",
        4,
    )
    refused("已经注销", lambda: families.merge(home, target, relations={}, **act(township_officer)))


@pytest.mark.parametrize(
    ("cases", "fields", "message"),
    [
        ("both", {}, "两户都是防贫对象"),
        ("source", {}, "从另一户办理合户"),
        ("", {"lamp": "red"}, "没办结的风险线索"),
        ("", {"status": "lifted", "lifted_year": 2018}, "户类型不同"),
    ],
)
def test_merge_that_would_lose_something_is_refused(township_officer, cases, fields, message):
    source, target = factories.household(**fields), factories.household()
    for home in (source, target)[: {"both": 2, "source": 1, "": 0}[cases]]:
        case_of(home)
    data = {source.members.get().pk: "sibling"}
    refused(message, lambda: families.merge(source, target, relations=data, **act(township_officer)))


def test_merge_needs_every_relation(home, township_officer):
    target = factories.household()
    refused(
        "写明韦大与户主的关系", lambda: families.merge(home, target, relations={}, **act(township_officer))
    )
    refused("同一户", lambda: families.merge(home, home, relations={}, **act(township_officer)))


# --- corrections ----------------------------------------------------------------------------------------


def test_correction_of_a_person(home, township_officer):
    son = one(home, "韦三")
    number = factories.id_number(datetime.date(1999, 3, 4), sex="female")
    data = {
        "name": "韦珊",
        "relation": "daughter",
        "education": "senior",
        "work_months": 3,
        "id_number": number,
        "phone": "19900000001",
    }
    corrections.correct_person(son, data, **act(township_officer))
    son.refresh_from_db()
    assert (son.name, son.initials, son.relation, son.birth_date, son.sex) == (
        "韦珊",
        "ws",
        "daughter",
        datetime.date(1999, 3, 4),
        "female",
    )
    assert (son.id_number, son.phone, son.work_months) == (number, "19900000001", 3)
    assert son.id_index == crypto.keyed_index("id", number)
    row = AuditRow.objects.get(act="registry_change", object_id=son.pk)
    assert row.details["id_index"] == ["•", "•"] and row.details["education"] == ["", "senior"]
    data = " ".join(f"{v.before} {v.after}" for v in ChangedValue.objects.all()) + str(row.details)
    assert number not in data and "19900000001" not in data


def test_correction_to_somebody_elses_number_is_refused(home, township_officer):
    other = factories.household(village=factories.OTHER_COUNTY_VILLAGE).members.get()
    data = {"id_number": other.id_number}
    refused(
        "另一个人的", lambda: corrections.correct_person(one(home, "韦三"), data, **act(township_officer))
    )


def test_correction_of_nothing_is_refused(home, township_officer):
    same = {"name": "韦三", "relation": "son"}
    refused("没有改动", lambda: corrections.correct_person(one(home, "韦三"), same, **act(township_officer)))
    refused("没有改动", lambda: corrections.correct_household(home, {"phone": ""}, **act(township_officer)))


def test_correction_makes_no_head(home, township_officer):
    for name, relation in (("韦三", "head"), ("韦大", "father")):
        data = {"relation": relation}
        refused(
            "户主变更",
            lambda n=name, t=data: corrections.correct_person(one(home, n), t, **act(township_officer)),
        )


def test_correction_of_a_household(home, township_officer):
    data = {"phone": "19900000003", "hamlet": "那朵屯", "housing_grade": "C", "water_secured": False}
    corrections.correct_household(home, data, **act(township_officer))
    now = fresh(home)
    assert (now.phone, now.hamlet.name, now.housing_grade, now.water_secured) == (
        "19900000003",
        "那朵屯",
        "C",
        False,
    )
    assert now.phone_index == crypto.keyed_index("phone", "19900000003")


# --- who, where, when -----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.VILLAGE_CADRE, Role.DIRECTOR, Role.INFORMATION, Role.AUDITOR])
def test_upkeep_needs_the_right(home, role):
    by = factories.user("x", role, factories.VILLAGE if role == Role.VILLAGE_CADRE else factories.COUNTY)
    refused("不能办理户册变动", lambda: people.let_go(one(home, "韦三"), kind="death", **act(by)))


@pytest.mark.parametrize("village", [factories.OTHER_TOWNSHIP_VILLAGE, factories.OTHER_COUNTY_VILLAGE])
def test_upkeep_of_another_area_is_refused(township_officer, village):
    strange = factories.household(village=village, members=2)
    member = strange.members.get(relation="other")
    refused("不在您管辖", lambda: people.let_go(member, kind="death", **act(township_officer)))
    refused(
        "不在您管辖", lambda: people.add_person(strange, newcomer(), kind="birth", **act(township_officer))
    )
    refused(
        "不在您管辖",
        lambda: corrections.correct_household(strange, {"phone": "19900000003"}, **act(township_officer)),
    )
    own = factories.household()
    data = {own.members.get().pk: "other"}
    refused("不在您管辖", lambda: families.merge(own, strange, relations=data, **act(township_officer)))


def test_office_works_in_the_whole_county(office):
    there = factories.household(village=factories.OTHER_TOWNSHIP_VILLAGE, members=2)
    people.let_go(there.members.get(relation="other"), kind="death", **act(office))
    assert fresh(there).size == 1


@pytest.mark.parametrize(
    ("more", "message"), [({"on": datetime.date(2020, 7, 1)}, "不能晚于今天"), ({"reason": "  "}, "写明原因")]
)
def test_upkeep_needs_a_reason_and_a_day_that_can_be(home, township_officer, more, message):
    refused(message, lambda: people.let_go(one(home, "韦三"), kind="death", **(act(township_officer) | more)))


def test_death_before_the_registry_was_imported_has_its_own_day(home, township_officer):
    son, day = one(home, "韦三"), datetime.date(2018, 12, 31)
    people.let_go(son, kind="death", **act(township_officer, on=day))
    son.refresh_from_db()
    assert (son.added_on, son.removed_on) == (day, day)


def test_nobody_leaves_before_he_came_by_hand(home, township_officer):
    people.add_person(home, newcomer(), kind="birth", **act(township_officer))
    before = act(township_officer, on=datetime.date(2020, 5, 31))
    refused("才加入这户", lambda: people.let_go(one(home, "韦小宝"), kind="death", **before))


def test_upkeep_tells_the_rest_of_the_program(home, township_officer, django_capture_on_commit_callbacks):
    heard = []

    def hear(sender, county, **words):
        heard.append(county)

    registry_changed.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            people.let_go(one(home, "韦三"), kind="death", **act(township_officer))
    finally:
        registry_changed.disconnect(hear)
    assert heard == [factories.COUNTY]
