"""Every check of the registry: a household that has the doubt, and one that just does not."""

import datetime
import json
from dataclasses import dataclass, field

import pytest
from django.utils import timezone

from fangpin.common import crypto
from households import quality
from households.models import Case, Hamlet, Household, Member
from households.quality import marks, reports
from tests import factories
from tests.running import run

TODAY = datetime.date(2020, 6, 30)
HEAD_BORN = datetime.date(1970, 1, 1)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *words: TODAY)


def doubts(code: str) -> list:
    check = quality.find(code)
    return list(quality.doubts(check, quality.base_of_area(check, factories.COUNTY), TODAY))


@dataclass
class One:
    """A person beside a head born on 1 January 1970, what the check says of him, and of one who is just
    right."""

    code: str
    has: dict
    has_not: dict
    words: str
    head: dict = field(default_factory=dict)


def birth(text: str) -> dict:
    return {"birth": datetime.date.fromisoformat(text)}


PERSONS = [
    One("relation_sex", {"relation": "son", "sex": "female"}, {"relation": "son"}, "之子，女"),
    One(
        "relation_sex",
        {"relation": "wifes_mother"},
        {"relation": "wifes_mother", "sex": "female"},
        "之岳母，男",
    ),
    One("spouse_sex", {"relation": "spouse"}, {"relation": "spouse", "sex": "female"}, "配偶，男"),
    One(
        "child_age",
        {"relation": "son", **birth("1983-12-31")},
        {"relation": "son", **birth("1984-01-01")},
        "之子，1983-12-31 出生；户主 1970-01-01 出生",
    ),
    One(
        "child_age",
        {"relation": "daughter", **birth("1969-01-01")},
        {"relation": "other", **birth("1969-01-01")},
        "之女，1969-01-01 出生；户主 1970-01-01 出生",
    ),
    One(
        "parent_age",
        {"relation": "father", **birth("1956-01-02")},
        {"relation": "father", **birth("1956-01-01")},
        "之父，1956-01-02 出生；户主 1970-01-01 出生",
    ),
    One("birth_future", birth("2020-07-01"), birth("2020-06-30"), "2020-07-01 出生"),
    One("very_old", birth("1909-06-30"), birth("1909-07-01"), "1909-06-30 出生"),
    One(
        "education_age",
        {"education": "bachelor", **birth("2001-07-01")},
        {"education": "bachelor", **birth("2001-06-30")},
        "本科及以上，2001-07-01 出生",
    ),
    One(
        "education_age",
        {"education": "junior", **birth("2008-07-01")},
        {"education": "junior", **birth("2008-06-30")},
        "初中，2008-07-01 出生",
    ),
    One("ethnic_blank", {"ethnic_group": ""}, {}, "没有填"),
    One(
        "education_blank",
        {"education": "", **birth("2004-06-30")},
        {"education": "", **birth("2004-07-01")},
        "没有填",
    ),
    One("education_blank", {"education": ""}, {"education": "", "student": "senior_1"}, "没有填"),
    One("health_blank", {"health": ""}, {}, "没有填"),
    One("health_contradicts", {"health": "健康,残疾"}, {"health": "长期慢性病,残疾"}, "健康、残疾"),
    One(
        "pupil_blank",
        {"student": "", **birth("2014-06-30")},
        {"student": "", **birth("2014-07-01")},
        "2014-06-30 出生",
    ),
    One(
        "pupil_blank",
        {"student": "", **birth("2004-07-01")},
        {"student": "", **birth("2004-06-30")},
        "2004-07-01 出生",
    ),
    One(
        "student_age",
        {"student": "master", **birth("1989-06-30")},
        {"student": "master", **birth("1989-07-01")},
        "硕士研究生及以上，1989-06-30 出生",
    ),
    One(
        "student_age",
        {"student": "kindergarten", **birth("2017-07-01")},
        {"student": "kindergarten", **birth("2017-06-30")},
        "学前教育，2017-07-01 出生",
    ),
    One(
        "student_level",
        {"student": "grade_8", **birth("1999-06-30")},
        {"student": "grade_8", **birth("1999-07-01")},
        "八年级，1999-06-30 出生",
    ),
    One(
        "student_level",
        {"student": "senior_1", **birth("2007-07-01")},
        {"student": "senior_1", **birth("2007-06-30")},
        "普通高中一年级，2007-07-01 出生",
    ),
    One(
        "labour_blank", {"labour": "", **birth("1960-07-01")}, {"labour": "", **birth("1960-06-30")}, "没有填"
    ),
    One(
        "labour_blank", {"labour": "", **birth("2004-06-30")}, {"labour": "", **birth("2004-07-01")}, "没有填"
    ),
    One(
        "labour_age",
        {"labour": "skilled", **birth("2004-07-01")},
        {"labour": "skilled", **birth("2004-06-30")},
        "技能劳动力，2004-07-01 出生",
    ),
    One(
        "months_unable",
        {"labour": "lost", "work_months": 1},
        {"labour": "lost", "work_months": 0},
        "务工 1 个月，丧失劳动力",
    ),
    One(
        "months_blank",
        {"labour": "ordinary", "work_months": None},
        {"labour": "weak", "work_months": None},
        "普通劳动力",
    ),
    One(
        "months_blank",
        {"labour": "ordinary", "work_months": None},
        {"labour": "ordinary", "work_months": None, "student": "bachelor_1"},
        "普通劳动力",
    ),
    One("months_range", {"work_months": 13}, {"work_months": 12}, "13 个月"),
]
SOUND = {
    "birth": datetime.date(1995, 5, 5),
    "relation": "other",
    "ethnic_group": "壮族",
    "education": "primary",
    "health": "健康",
    "labour": "ordinary",
    "work_months": 6,
}


def home_with(person: dict, number: str) -> Member:
    hamlet, _ = Hamlet.objects.get_or_create(village_id=factories.VILLAGE, name="上屯")
    home = factories.household(births=[HEAD_BORN], number=number, hamlet=hamlet)
    home.members.update(**{k: v for k, v in SOUND.items() if k not in ("birth", "relation")}, sex="male")
    values = SOUND | person
    born_on, sex = values.pop("birth"), values.pop("sex", "male")
    number = factories.id_number(born_on, sex=sex)
    made = factories.member(home, born_on, name="韦某", number=number, **values)
    Household.objects.filter(pk=home.pk).update(size=2)
    return made


@pytest.mark.parametrize("case", PERSONS, ids=lambda case: f"{case.code} {case.words}")
def test_check_of_a_person(db, case):
    wrong = home_with(case.has, "A1")
    home_with(case.has_not, "A2")
    in_doubt = doubts(case.code)
    assert [row.pk for row in in_doubt] == [wrong.pk]
    assert quality.find(case.code).words(in_doubt[0].value) == case.words


def test_check_head_young(db):
    young = factories.household(births=[datetime.date(2004, 7, 1)])
    factories.household(births=[datetime.date(2004, 6, 30)])
    assert [row.household for row in doubts("head_young")] == [young]


def test_check_person_twice(db):
    """One name and one birth date under two numbers in two households; not within one household."""
    day = datetime.date(1990, 2, 3)
    first, second = (factories.household(births=[day], names=["蓝同名"]) for _ in range(2))
    factories.member(factories.household(births=[day], names=["蓝独名"]), day, name="蓝独名")
    elsewhere = factories.household(births=[day], names=["蓝同名"], village=factories.OTHER_COUNTY_VILLAGE)
    Member.objects.exclude(household=elsewhere).update(sex="male")
    assert {row.household for row in doubts("person_twice")} == {first, second}


def test_check_dead_and_here(db):
    old, here = factories.household(members=2), factories.household()
    back = here.members.get()
    gone, moved = old.members.order_by("pk")
    here_too = factories.household().members.get()
    for left, now, reason in ((gone, back, "死亡"), (moved, here_too, "婚出")):
        Member.objects.filter(pk=left.pk).update(
            id_index=now.id_index, removed_on=datetime.date(2020, 3, 1), removed_reason=reason
        )
    assert [row.pk for row in doubts("dead_and_here")] == [back.pk]


def case_of(home, **fields) -> Case:
    values = {
        "category": "marginal",
        "origin": "look_back",
        "identified_on": datetime.date(2019, 11, 1),
    } | fields
    return Case.objects.create(household=home, **values)


def phone(number: str) -> dict:
    return {"phone": number, "phone_index": crypto.keyed_index("phone", number)}


def _shared_by(times: int):
    def make(home):
        Household.objects.filter(pk=home.pk).update(
            phone_index=crypto.keyed_index("phone", f"1990000000{times}")
        )
        for _ in range(times - 1):
            # Of the county, but not of the area that is looked at below.
            factories.household(village=factories.OTHER_TOWNSHIP_VILLAGE, **phone(f"1990000000{times}"))

    return make


def _no_head(home):
    home.members.update(relation="other")


def _empty(home):
    home.members.update(removed_on=TODAY)
    Household.objects.filter(pk=home.pk).update(size=0)


def _closed(home):
    _empty(home)
    Household.objects.filter(pk=home.pk).update(closed_on=TODAY)


def _fields(**fields):
    return lambda home: Household.objects.filter(pk=home.pk).update(**fields)


def _income(yuan: str, year: int = 2019, members: int = 1):
    def make(home):
        factories.income(home, yuan, year=year)
        Household.objects.filter(pk=home.pk).update(size=members)

    return make


def _case(health: str = "健康", **fields):
    def make(home):
        case_of(home, **fields)
        home.members.update(health=health)

    return make


def _case_with_phone(home):
    case_of(home)
    home.members.update(phone_index=crypto.keyed_index("phone", "19900000009"))


HOUSEHOLDS = [
    ("head_missing", _no_head, _empty),
    ("household_empty", _empty, _closed),
    ("hamlet_blank", _fields(hamlet=None), None),
    ("lifted_year", _fields(status="lifted", lifted_year=2021), _fields(status="lifted", lifted_year=2020)),
    ("lifted_year", _fields(status="lifted", lifted_year=2013), _fields(status="lifted", lifted_year=2014)),
    ("phone_shared", _shared_by(4), _shared_by(3)),
    ("number_odd", _fields(own_number=False), _fields(own_number=True)),
    ("number_odd", _fields(own_number=False), _case()),
    ("income_missing", _income("1.00", 2018), _income("1.00", 2019)),
    ("income_negative", _income("-0.01"), _income("0")),
    ("income_high", _income("200000.01", members=2), _income("200000.00", members=2)),
    ("case_status", _case(category="monitored"), _case(category="marginal")),
    ("case_no_phone", _case(), _case_with_phone),
    ("case_illness", _case(risk_words="因病、因学"), _case(health="患有大病", risk_words="因病")),
    ("case_illness", _case(risk_words="因病"), _case(risk_words="因学")),
]


@pytest.mark.parametrize(
    ("code", "has", "has_not"), HOUSEHOLDS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_check_of_a_household(db, code, has, has_not):
    hamlet = Hamlet.objects.create(village_id=factories.VILLAGE, name="上屯")
    wrong, right = (factories.household(hamlet=hamlet, own_number=True) for _ in range(2))
    for home, change in ((wrong, has), (right, has_not)):
        if code not in ("income_missing",):
            factories.income(home, "3000.00", year=2017)
        if change:
            change(home)
    in_area = Household.objects.filter(village=factories.VILLAGE)
    check = quality.find(code)
    in_doubt = list(quality.doubts(check, quality.base(check, in_area), TODAY))
    assert in_doubt == [wrong]
    assert check.words(in_doubt[0].value)


def test_every_check_has_a_case_here():
    here = {case.code for case in PERSONS} | {code for code, *_ in HOUSEHOLDS}
    assert here | {"head_young", "person_twice", "dead_and_here"} == {
        check.code for check in quality.checks()
    }


def test_checks_say_what_to_do_in_chinese():
    for check in quality.checks():
        for words in (check.title, check.why, check.remedy, check.group):
            assert not any(sign in words for sign in "≥≤<>_"), words
        assert len(check.why) > 10 and len(check.remedy) > 5


# --- known and right -----------------------------------------------------------------------------------


def test_known_doubt_stays_away_until_the_value_changes(township_officer):
    child = home_with({"relation": "son", **birth("1983-12-31")}, "A1")
    check = quality.find("child_age")
    assert marks.mark_known(check, [child.pk], words="看过户口本，确是继子", by=township_officer) == 1
    assert doubts("child_age") == []
    Member.objects.filter(pk=child.pk).update(birth_date=datetime.date(1982, 1, 1))
    assert len(doubts("child_age")) == 1
    marks.mark_known(check, [child.pk], words="确是继子", by=township_officer)
    assert doubts("child_age") == []
    assert marks.withdraw_marks(check, [child.pk], by=township_officer) == 1
    assert len(doubts("child_age")) == 1


@pytest.mark.parametrize("village", [factories.OTHER_TOWNSHIP_VILLAGE, factories.OTHER_COUNTY_VILLAGE])
def test_known_doubt_of_another_area_is_refused(township_officer, village):
    strange = factories.household(village=village, hamlet=None)
    with pytest.raises(marks.NotMarked, match="不属于您管辖范围"):
        marks.mark_known(quality.find("hamlet_blank"), [strange.pk], words="无屯", by=township_officer)


def test_known_doubt_needs_words_and_the_right(township_officer, director):
    home = factories.household(hamlet=None)
    for by, words, message in ((township_officer, "  ", "请写明"), (director, "是", "不能注明")):
        with pytest.raises(marks.NotMarked, match=message):
            marks.mark_known(quality.find("hamlet_blank"), [home.pk], words=words, by=by)


# --- counting -------------------------------------------------------------------------------------------


def test_report_counts_each_check_with_one_statement(county, office, django_assert_num_queries):
    factories.household(hamlet=None)
    factories.household(hamlet=None, village=factories.OTHER_TOWNSHIP_VILLAGE)
    factories.household(hamlet=None, village=factories.OTHER_COUNTY_VILLAGE)
    with django_assert_num_queries(len(quality.checks()) + 6):  # and the report itself, in a transaction
        report = reports.make_report(county)
    assert report.counts["hamlet_blank"] == {"451228100": 1, "451228101": 1}


def test_report_after_a_mark_counts_that_township_again(county, township_officer, office):
    home = factories.household(hamlet=None)
    factories.household(hamlet=None, village=factories.OTHER_TOWNSHIP_VILLAGE)
    reports.make_report(county)
    check = quality.find("hamlet_blank")
    assert (reports.Summary(township_officer).number(check), reports.Summary(office).number(check)) == (1, 2)
    marks.mark_known(check, [home.pk], words="没有分屯", by=township_officer)
    assert (reports.Summary(township_officer).number(check), reports.Summary(office).number(check)) == (0, 1)
    marks.withdraw_marks(check, [home.pk], by=office)
    assert (reports.Summary(township_officer).number(check), reports.Summary(office).number(check)) == (1, 2)


# --- the command ----------------------------------------------------------------------------------------


def test_command_counts_and_lists_as_json_lines(county):
    home = factories.household(hamlet=None, number="H77")
    lines = run("check_registry", "--county", "451228", "--json").lines
    assert [line["check"] for line in lines] == [check.code for check in quality.checks()]
    assert next(line for line in lines if line["check"] == "hamlet_blank")["count"] == 1
    listed = run("check_registry", "--county", "451228", "--json", "--check", "hamlet_blank")
    assert [json.loads(row) for row in listed.out.splitlines()] == [
        {"check": "hamlet_blank", "household_no": "H77", "name": home.head_name, "value": "没有填"}
    ]
    assert listed.code == 0
    assert "共 1 处疑点" in listed.err


def test_command_exit_codes(county):
    assert run("check_registry", "--county", "451299", "--json").code == 1
    wrong = run("check_registry", "--county", "451228", "--check", "nothing")
    assert wrong.code != 0
    assert "没有这项检查" in wrong.err
