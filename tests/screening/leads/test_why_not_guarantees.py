"""Why a household is not listed: the rules of education, medical, housing and water say it in words, and
nothing exactly where the sweep finds the household."""

import datetime
import random
from collections.abc import Callable

import pytest

from households.models import Hamlet, Household, Member
from screening import criteria
from screening.models import FeedRow
from tests import factories
from tests.books import dangerous_home, dropout, dry_home, dry_place, illness, settlement, student

DAY = datetime.date
CHILDREN = [DAY(2014, 4, 1), DAY(2014, 3, 31), DAY(2004, 4, 1), DAY(2004, 3, 31), DAY(2009, 5, 6)]


@pytest.fixture(autouse=True)
def _round(round_2020q1):
    pass


def rule(code: str):
    return next(rule for each, rule in criteria.rules().items() if each.startswith(f"{code}/"))


def rows_about(code: str, household: Household, round) -> list[FeedRow]:
    live = FeedRow.objects.live(round, rule(code).kind.code).order_by("feed_id", "row_no")  # as the page asks
    rows_of = rule(code).rows_of
    return list(rows_of(household, live) if rows_of else live.filter(household=household))


def why_not(code: str, household: Household, round) -> str:
    rows = rows_about(code, household, round)
    return rule(code).why_not(household, rows, round, round.parameters)


def households_of(code: str, round) -> set[int]:
    return {household for household, _, _ in rule(code).find(round, round.parameters)}


# --- exactly where the rule finds nothing
# ------------------------------------------------------------------------


def one_of(who: Member, chance: random.Random, of: Callable, **choices) -> dict:
    return of(who, **{heading: chance.choice(cells) for heading, cells in choices.items()})


def a_dropout(who, chance):
    return one_of(
        who, chance, dropout, 辍学原因=["因贫", "家庭困难", "厌学"], 劝返情况=["", "劝返中", "已返校"]
    )


def a_student(who, chance):
    row = one_of(who, chance, student, 办学性质=["公办", "公办", "民办"], 全日制=["是", "是", "否"])
    return row | {
        "学年费用": chance.choice(["8000", "7999.99", "4000", "3999.99", "12000"]),
        "已获资助": chance.choice(["0", "0", "0.01", "4000", "5000"]),
    }


def a_settlement(who, chance):
    own = chance.choice(["20000", "19999.99", "10000", "0.01", "-0.01", "-5000"])
    row = settlement(who, own, on=chance.choice(["2019-04-01", "2020-03-31", "2019-03-31", "2020-04-01"]))
    return row | {"参保类型": chance.choice(["城乡居民", "城乡居民", "职工"])}


def an_illness(who, chance):
    return one_of(
        who,
        chance,
        illness,
        病情类别=["大病", "慢性病", "其他"],
        救治情况=["未救治", "间断救治", "救治中"],
        未救治原因=["经济困难", "无力承担", "", "不愿意"],
    )


def a_house(who, chance):
    return one_of(
        who,
        chance,
        dangerous_home,
        鉴定等级=["B", "C", "D"],
        唯一住房=["是", "是", "否"],
        成因=["自然灾害", "危险场地", "年久失修"],
        改造情况=["未改造", "改造中", "已改造"],
    )


def water(who, chance):
    cells = {
        "解决情况": chance.choice(["未解决", "已解决", "已解决"]),
        "问题类型": chance.choice(["水源污染", "其他"]),
    }
    if chance.random() < 0.6:
        return dry_home(who, **cells)
    return dry_place(chance.choice(["弄一屯", "弄二屯", "弄三屯", "弄四屯"]), **cells)


EACH = [
    ("education.dropout", a_dropout),
    ("education.hardship", a_student),
    ("medical.out_of_pocket", a_settlement),
    ("medical.untreated", an_illness),
    ("housing.unsafe", a_house),
    ("water.unsafe", water),
]


@pytest.mark.parametrize(("code", "of"), EACH, ids=[code for code, _ in EACH])
def test_why_not_says_nothing_exactly_where_the_rule_finds_the_household(desk, round_2020q1, code, of):
    chance = random.Random(20200331)
    hamlets = [
        Hamlet.objects.create(village_id=factories.VILLAGE, name=f"弄{word}屯") for word in "一二三四五"
    ]
    rows = []
    for place in range(70):
        births = [DAY(1975, 5, 4), chance.choice(CHILDREN), chance.choice(CHILDREN)]
        village = factories.SISTER_VILLAGE if place % 7 == 0 else factories.VILLAGE
        hamlet = chance.choice([*hamlets, None]) if village == factories.VILLAGE else None
        home = factories.household(births=births, village=village, hamlet=hamlet)
        members = list(home.members.all())
        rows += [of(chance.choice(members[1:]), chance) for _ in range(chance.choice([0, 1, 1, 2, 3]))]
    chance.shuffle(rows)
    assert desk.feed(rule(code).kind.code, *rows)["good"] > 50
    Household.objects.filter(pk=Household.objects.last().pk).update(size=0)
    expected = households_of(code, round_2020q1)
    sentences = {
        home.pk: why_not(code, home, round_2020q1) for home in Household.objects.select_related("hamlet")
    }
    assert {pk for pk, words in sentences.items() if not words} == expected
    assert 5 < len(expected) < 65


def test_why_not_of_households_without_a_row(desk, round_2020q1):
    home = factories.household()
    for code, _ in EACH:
        assert why_not(code, home, round_2020q1) == f"{rule(code).kind.short}里没有这户的记录"


def test_every_rule_of_these_criteria_says_why_not():
    for criterion in criteria.CRITERIA[:4]:
        for each in criterion.rules:
            assert each.why_not is not None, each.code


# --- the words
# -----------------------------------------------------------------------------------------------------


@pytest.fixture
def home(db) -> Household:
    return factories.household(births=[DAY(1980, 1, 1), DAY(2009, 5, 6), DAY(2004, 3, 31)])


def sentence_of(desk, round, code: str, home: Household, *rows) -> str:
    assert desk.feed(rule(code).kind.code, *rows)["good"] == len(rows)
    return why_not(code, home, round)


def test_why_not_out_of_pocket(desk, round_2020q1, home):
    who = home.members.first()
    rows = [settlement(who, own, 就医类型="门诊") for own in ("8000", "150", "50")]
    rows += [settlement(who, "9000", on="2019-03-31"), settlement(who, "7000", 参保类型="职工")]
    assert sentence_of(desk, round_2020q1, "medical.out_of_pocket", home, *rows) == (
        "医保清单有 3 行：合规自付合计 8,200.00 元，未达到本县标准 20,000.00 元（2020-01-19 起）；"
        "另有 1 行不在 2019-04-01 至 2020-03-31 之内、1 行参加职工医保，未计入"
    )


def test_why_not_out_of_pocket_of_nothing_that_counts(desk, round_2020q1, home):
    row = settlement(home.members.first(), "90000", on="2019-03-31")
    assert sentence_of(desk, round_2020q1, "medical.out_of_pocket", home, row) == (
        "医保清单有 1 行，都不计入：1 行不在 2019-04-01 至 2020-03-31 之内"
    )


def test_why_not_hardship(desk, round_2020q1, home):
    _, one, two = home.members.all()
    rows = [student(one, "7000", "1500"), student(two, "9000", 办学性质="民办")]
    assert sentence_of(desk, round_2020q1, "education.hardship", home, *rows) == (
        "困难学生名单有 1 行：学年费用减去已获资助，全家合计 5,500.00 元，未达到本县标准 8,000.00 "
        "元（2020-01-19 起）；"
        "另有 1 行不是公办学校，未计入"
    )


def test_why_not_dropout(desk, round_2020q1, home):
    _, child, youth = home.members.all()
    rows = [dropout(child, 辍学原因="厌学"), dropout(child, 劝返情况="已返校"), dropout(youth)]
    assert sentence_of(desk, round_2020q1, "education.dropout", home, *rows) == (
        "教育名单有 3 行，都不符合：第 2 行辍学原因是“厌学”，不属于因贫、家庭困难、经济困难、缺劳动力；"
        "第 3 行劝返情况：已返校，不再是失学辍学；第 4 行在 2020-03-31 是 16 岁，不在 6 至 15 岁之内"
    )


def test_why_not_untreated(desk, round_2020q1, home):
    one, two, three = home.members.all()
    rows = [illness(one, 未救治原因=""), illness(two, 救治情况="救治中"), illness(three, 未救治原因="不愿意")]
    rows += [illness(one, 病情类别="其他")]
    assert sentence_of(desk, round_2020q1, "medical.untreated", home, *rows) == (
        "卫健名单有 4 行，都不符合：第 2 行大病，未救治，但没有填未救治原因，看不出是因为没钱；第 3 "
        "行救治情况是“救治中”；"
        "第 4 行大病，未救治，但原因是“不愿意”，不属于经济困难、无力承担、家庭困难；其余 1 行也不符合"
    )


def test_why_not_unsafe_housing(desk, round_2020q1, home):
    row = dangerous_home(home.members.first(), 鉴定等级="B")
    assert sentence_of(desk, round_2020q1, "housing.unsafe", home, row) == (
        "住建名单第 2 行：鉴定为 B 级，不是 C 级或 D 级"
    )


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"唯一住房": "否"}, "另有住房，不是唯一住房"),
        ({"改造情况": "已改造"}, "已改造"),
        ({"成因": "年久失修"}, "成因是年久失修，不是自然灾害、危险场地或不可抗力"),
    ],
)
def test_why_not_unsafe_housing_names_what_is_missing(desk, round_2020q1, home, cells, words):
    row = dangerous_home(home.members.first(), **cells)
    assert sentence_of(desk, round_2020q1, "housing.unsafe", home, row) == f"住建名单第 2 行：{words}"


def test_why_not_water(desk, round_2020q1):
    hamlet = Hamlet.objects.create(village_id=factories.VILLAGE, name="弄怀屯")
    home = factories.household(hamlet=hamlet)
    solved = {"解决情况": "已解决"}
    rows = [dry_home(home.members.get(), **solved), dry_place("弄怀", **solved), dry_place("", **solved)]
    assert sentence_of(desk, round_2020q1, "water.unsafe", home, *rows) == (
        "水利名单有 3 行，都不符合：第 2 行水源污染，已解决；第 3 行弄怀屯全屯水源污染，已解决；第 4 "
        "行全村水源污染，已解决"
    )


def test_why_not_water_of_another_hamlet_is_no_record_of_this_household(desk, round_2020q1):
    for name in ("弄怀屯", "弄池屯"):
        Hamlet.objects.create(village_id=factories.VILLAGE, name=name)
    home = factories.household(hamlet=Hamlet.objects.get(name="弄池屯"))
    assert (
        sentence_of(desk, round_2020q1, "water.unsafe", home, dry_place("弄怀屯"))
        == "水利名单里没有这户的记录"
    )


def test_why_not_is_asked_in_the_words_of_the_screen(desk, round_2020q1, home):
    """No sign for programmers, nothing in English."""
    chance = random.Random(7)
    for code, of in EACH[:5]:
        desk.feed(rule(code).kind.code, *(of(who, chance) for who in home.members.all()))
        words = why_not(code, home, round_2020q1)
        assert not set("≥≤<>=") & set(words), words
        assert not any(letter.isalpha() and letter.isascii() and letter not in "ABCD" for letter in words)
