"""The sweep over random small counties, against the plain reading of the same rules."""

import csv
import datetime
import io

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from households.models import Case, Household, Member
from screening import criteria, feeds
from screening.jobs import sweep_now
from screening.models import Lead, Round
from tests import books, factories
from tests.screening import plain_reading
from tests.screening.plain_reading import Home, Person, Row, Rules

LAST_DAY = datetime.date(2020, 3, 31)
PLACES = [(books.TOWNSHIP, books.VILLAGE), (books.OTHER_TOWNSHIP, books.OTHER_VILLAGE)]
CODES = [factories.VILLAGE, factories.OTHER_TOWNSHIP_VILLAGE]
STATUS = {"一般农户": "ordinary", "建档立卡未脱贫户": "registered", "脱贫户": "lifted"}
NAMES = ["韦一", "韦二", "覃三"]
YEARS = st.sampled_from([2019, 2020, 2021, 2018])
STRANGER = factories.id_number(datetime.date(1944, 4, 4), serial=444)

CHILDREN = [
    datetime.date(2014, 4, 1), datetime.date(2014, 3, 31), datetime.date(2014, 3, 30), datetime.date(2004, 4, 1),
    datetime.date(2004, 3, 31), datetime.date(2004, 4, 2), datetime.date(2008, 2, 29), datetime.date(2009, 5, 6),
    datetime.date(2009, 5, 20),
]  # fmt: skip
ADULTS = [datetime.date(1970, 5, 4), datetime.date(1981, 12, 31)]
DAYS = ["2019-10-10", "2019-04-01", "2020-03-31", "2019-03-31", "2020-04-01"]
# Own shares around the threshold and halves of it; below zero where more was paid than was compliant.
OWN = [2_000_000, 1_999_999, 2_000_001, 1_000_000, 999_999, 1, -500_000]
THRESHOLDS = [2_000_000, 999_999, 1]
TAKEN_BACK = [1, 500_000, -500_000]
HALF_CENTS = ["", "5", "4"]


def yuan(fen: int, tail: str = "") -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}{tail}"


@st.composite
def counties(draw) -> list[Home]:
    homes = []
    serial = 0
    for place in range(draw(st.integers(4, 8))):
        persons = []
        for position in range(draw(st.integers(1, 4))):
            born = draw(st.sampled_from(ADULTS if position == 0 else CHILDREN + ADULTS))
            serial += 1
            persons.append(
                Person(
                    name=draw(st.sampled_from(NAMES)),
                    number=factories.id_number(born, serial=serial),
                    born=born,
                    has_left=position > 0 and draw(st.integers(0, 7)) == 0,
                )
            )
        size = sum(not person.has_left for person in persons)
        edge = st.integers(-3, 3).map(lambda delta, size=size: size * 500_000 + delta)
        nets = st.one_of(edge, st.sampled_from([-1, 0, 90_000_000]))
        township, village = draw(st.sampled_from(PLACES))
        homes.append(
            Home(
                number=f"H{place}", township=township, village=village, persons=persons,
                status=draw(st.sampled_from(list(STATUS))),
                incomes=draw(st.dictionaries(YEARS, nets, min_size=draw(st.sampled_from([1, 1, 0])), max_size=2)),
                case=draw(st.sampled_from(["", "", "active", "evaluated", "reviewed", "released"])),
            )
        )  # fmt: skip
    return homes


@st.composite
def settlements(draw, homes: list[Home]) -> Row:
    kind = draw(st.sampled_from(["plain", "plain", "plain", "mirrored", "total alone"]))
    own = draw(st.sampled_from(OWN if kind == "plain" else TAKEN_BACK))
    paid = [draw(st.sampled_from([0, 1, 300_000, 600_000])) for _ in range(4)]
    compliant = max(own + sum(paid), 1)
    if kind == "mirrored":
        compliant, paid = -compliant, [-each for each in paid]
    total = abs(compliant) + 7 if kind == "plain" else -abs(compliant) - 7
    tail = draw(st.sampled_from(HALF_CENTS))
    basic, major, aid, other = map(yuan, paid)
    return {
        "姓名": "某某", "身份证号码": draw(numbers(homes[:2])), "结算日期": draw(st.sampled_from(DAYS)), "就医类型": "住院",
        "医疗总费用": yuan(total), "合规费用": yuan(compliant, tail), "基本医保报销": basic, "大病保险报销": major,
        "医疗救助": aid, "其他赔付": draw(st.sampled_from([other, other if int(paid[3]) else ""])),
        "参保类型": draw(st.sampled_from(["城乡居民", "城乡居民", "城乡居民", "职工"])),
    }  # fmt: skip


@st.composite
def dropouts(draw, homes: list[Home]) -> Row:
    home = draw(st.sampled_from(homes))
    who = draw(st.sampled_from([who for who in home.persons if who.born in CHILDREN] or home.persons))
    by_number = draw(st.booleans())
    here, nowhere = (home.township, home.village), (home.township, "天上村")
    loose = [("", books.OTHER_VILLAGE), (books.TOWNSHIP, ""), nowhere, ("", "")]
    township, village = draw(st.sampled_from([here, here, PLACES[0], *loose]))
    head = draw(st.sampled_from([home.persons[0].name, NAMES[0], ""]))
    return {
        "姓名": who.name, "身份证号码": who.number if by_number else "", "出生年月": who.born.strftime("%Y-%m"),
        "户主姓名": head, "乡(镇)": township, "行政村": village,
        "辍学原因": draw(st.sampled_from(["因贫", "缺劳动力", "家庭困难", "经济困难", "厌学", "残疾"])),
        "劝返情况": draw(st.sampled_from(["", "未返校", "劝返中", "已返校"])),
    }  # fmt: skip


@st.composite
def dangerous(draw, homes: list[Home]) -> Row:
    return {
        "户主姓名": "某某", "户主身份证号码": draw(numbers(homes)), "鉴定日期": draw(st.sampled_from(DAYS)),
        "鉴定等级": draw(st.sampled_from("BCD")),
        "成因": draw(st.sampled_from(["自然灾害", "危险场地", "不可抗力", "年久失修", "其他"])),
        "改造情况": draw(st.sampled_from(["未改造", "改造中", "已改造"])),
        "唯一住房": draw(st.sampled_from(["是", "是", "否"])),
    }  # fmt: skip


def some(rows) -> st.SearchStrategy[list[Row]]:
    """Most lists are full: an example costs little more with many rows than with few."""
    return st.one_of(st.lists(rows, min_size=8, max_size=16), st.lists(rows, max_size=16))


def numbers(homes: list[Home]):
    return st.sampled_from([*(person.number for home in homes for person in home.persons), STRANGER])


@st.composite
def stories(draw) -> tuple[list[Home], list[dict[str, list[Row]]], Rules]:
    """A county, two generations of lists, a policy. Each list may repeat a row."""
    homes = draw(counties())
    rows = {"school_dropout": dropouts, "medical_settlement": settlements, "unsafe_housing": dangerous}
    lists = []
    for _ in range(2):
        lists.append({kind: draw(some(of(homes))) for kind, of in rows.items()})
        for each in lists[-1].values():
            each += draw(st.lists(st.sampled_from(each), max_size=1)) if each else []
    gate, threshold = draw(st.sampled_from(["flag", "require"])), draw(st.sampled_from(THRESHOLDS))
    rules = Rules(LAST_DAY, gate=gate, medical=threshold)
    for rows in lists:
        rows["medical_settlement"] += draw(aimed(homes, rows["medical_settlement"], rules))
    return homes, lists, rules


@st.composite
def aimed(draw, homes: list[Home], rows: list[Row], rules: Rules) -> list[Row]:
    """One more settlement, that brings a household to the threshold, or a cent to this or that side of it."""
    home = draw(st.sampled_from(homes))
    wanted = rules.medical + draw(st.sampled_from([0, 0, -1, 1]))
    missing = wanted - plain_reading.own_total(home, homes, rows, rules)
    if missing <= 0:
        return []
    row = dict.fromkeys(books.FEEDS["medical_settlement"], "0")
    # Half a cent counts up, to the odd cent as well as to the even one.
    own = yuan(missing - 1, "5") if missing % 2 else yuan(missing)
    return [
        row | {
            "姓名": "某某", "身份证号码": home.persons[0].number, "结算日期": draw(st.sampled_from(DAYS[:3])),
            "就医类型": "门诊", "合规费用": own, "参保类型": "城乡居民",
        }
    ]  # fmt: skip


def put(homes: list[Home]) -> None:
    """Into the registry, as an import would leave it."""
    for home in homes:
        made = factories.household(
            number=home.number,
            village=CODES[PLACES.index((home.township, home.village))],
            status=STATUS[home.status],
            members=0,
            births=[home.persons[0].born],
            names=[home.persons[0].name],
        )
        made.members.all().delete()
        for position, person in enumerate(home.persons):
            factories.member(
                made, person.born, name=person.name, number=person.number,
                relation="head" if position == 0 else "other",
                removed_on=datetime.date(2020, 1, 1) if person.has_left else None,
            )  # fmt: skip
        Household.objects.filter(pk=made.pk).update(size=len(home.members))
        for year, net in home.incomes.items():
            factories.income(made, yuan(net), year)
        if home.case:
            opened = Case.objects.create(
                household=made,
                category="monitored",
                origin="look_back",
                identified_on=datetime.date(2019, 12, 1),
            )
            Case.objects.filter(pk=opened.pk).update(state=home.case)


def deliver(round: Round, kind: str, rows: list[Row], by) -> int:
    stream = io.StringIO()
    table = csv.DictWriter(stream, books.FEEDS[kind])
    table.writeheader()
    table.writerows(rows)
    content = stream.getvalue().encode("gb18030")
    outcome = feeds.deliver(round, criteria.feed_kinds()[kind], file_name="名单.csv", content=content, by=by)
    assert outcome.read == len(rows)
    return outcome.good


def found(round: Round) -> set[plain_reading.Found]:
    return set(
        Lead.objects.standing()
        .filter(round=round, reasons__closed_at=None)
        .values_list(
            "household__number", "subcriterion", "category", "above_line", "in_case", "reasons__value"
        )
    )


NUMBER_OF = {
    "school_dropout": "身份证号码",
    "medical_settlement": "身份证号码",
    "unsafe_housing": "户主身份证号码",
}


@settings(
    derandomize=True,
    max_examples=28,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(story=stories())
def test_sweep_finds_what_a_plain_reading_finds(round_2020q1, office, story):
    homes, lists, rules = story
    with transaction.atomic():
        put(homes)
        round_2020q1.policy["income.gate"]["value"] = rules.gate
        round_2020q1.policy["medical.threshold"]["value"] = rules.medical
        round_2020q1.save(update_fields=["policy"])
        for generation in lists:
            for kind, rows in generation.items():
                good = deliver(round_2020q1, kind, rows, office)
                assert good == plain_reading.matched_rows(homes, rows, NUMBER_OF[kind])
            sweep_now(round_2020q1, by=office)
            assert found(round_2020q1) == plain_reading.leads(homes, generation, rules)
        transaction.set_rollback(True)
    assert not Member.objects.exists()
