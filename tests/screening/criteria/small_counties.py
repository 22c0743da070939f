"""Random small counties and their departments' lists, close to every edge of the contract."""

import datetime
from dataclasses import replace

from hypothesis import strategies as st

from households.codelists import Labour, Student
from tests import books, factories
from tests.screening.criteria import plain_reading
from tests.screening.criteria.plain_facts import NUMBER_OF, Home, Person, Row, Rules

LAST_DAY = datetime.date(2020, 3, 31)
PLACES = [(books.TOWNSHIP, books.VILLAGE), (books.OTHER_TOWNSHIP, books.OTHER_VILLAGE)]
HAMLETS = {(village, hamlet) for _, village in PLACES for hamlet in ("上屯", "下屯")}
STATUS = {"一般农户": "ordinary", "建档立卡未脱贫户": "registered", "脱贫户": "lifted"}
STUDENT = {label: value for value, label in Student.choices} | {"": ""}
LABOUR = {label: value for value, label in Labour.choices} | {"": ""}
NAMES = ["韦一", "韦二", "覃三"]
YEARS = st.sampled_from([2019, 2020, 2021, 2018])
STRANGER = factories.id_number(datetime.date(1944, 4, 4), serial=444)

DAY = datetime.date
CHILDREN = [
    DAY(2014, 4, 1),
    DAY(2014, 3, 31),
    DAY(2014, 3, 30),
    DAY(2004, 4, 1),
    DAY(2004, 3, 31),
    DAY(2004, 4, 2),
    DAY(2008, 2, 29),
    DAY(2009, 5, 6),
    DAY(2009, 5, 20),
]
ADULTS = [DAY(1970, 5, 4), DAY(1981, 12, 31)]
# Sixteen and sixty on the round's last day, or on the day of the accidents.
WORKERS = [
    DAY(2004, 3, 31),
    DAY(2004, 4, 1),
    DAY(1960, 3, 31),
    DAY(1960, 4, 1),
    DAY(2003, 10, 10),
    DAY(2003, 10, 11),
    DAY(1959, 10, 10),
    DAY(1959, 10, 11),
]
DAYS = ["2019-10-10", "2019-04-01", "2020-03-31", "2019-03-31", "2020-04-01"]
INSIDE = DAYS[:3]
LEFT_ON = [None, None, None, None, DAY(2019, 10, 9), DAY(2019, 10, 10), DAY(2019, 10, 11), DAY(2020, 3, 31)]
# Own shares around the threshold and halves of it; below zero where more was paid than was compliant.
OWN = [2_000_000, 1_999_999, 2_000_001, 1_000_000, 999_999, 1, -500_000]
THRESHOLDS = [2_000_000, 999_999, 1]
REVERSALS = [1, 500_000, -500_000]
HALF_CENTS = ["", "5", "4"]
SUMS = [1_000_000, 999_999, 500_000, 750_000, 1_499_999, 1, 0]
PAID = ["0", "0", "0.01", "5000.00", "20000.00"]


def yuan(fen: int, tail: str = "") -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}{tail}"


def one(*words):
    return st.sampled_from(words)


# --- the county --------------------------------------------------------------------------------------------


@st.composite
def counties(draw) -> list[Home]:
    homes = []
    serial = 0
    for place in range(draw(st.integers(4, 8))):
        persons = []
        for position in range(draw(st.integers(1, 4))):
            birth_date = draw(st.sampled_from(ADULTS if position == 0 else CHILDREN + ADULTS + WORKERS))
            serial += 1
            persons.append(
                Person(
                    name=draw(st.sampled_from(NAMES)),
                    number=factories.id_number(birth_date, serial=serial),
                    birth_date=birth_date,
                    left_on=draw(st.sampled_from(LEFT_ON)) if position else None,
                    student=draw(one("", "", "", "", "普通高中一年级", "学龄前儿童", "本科二年级")),
                    labour=draw(
                        one("", "普通劳动力", "技能劳动力", "弱劳动力或半劳动力", "丧失劳动力", "无劳动力")
                    ),
                    months=draw(one(None, None, 0, 1, 2, 5, 6)),
                )
            )
        size = sum(person.left_on is None for person in persons)
        edge = st.integers(-3, 3).map(lambda delta, size=size: size * 500_000 + delta)
        nets = st.one_of(edge, st.sampled_from([-1, 0, 90_000_000]))
        township, village = draw(st.sampled_from(PLACES))
        homes.append(
            Home(
                number=f"H{place}",
                township=township,
                village=village,
                persons=persons,
                status=draw(st.sampled_from(list(STATUS))),
                incomes=draw(
                    st.dictionaries(YEARS, nets, min_size=draw(st.sampled_from([1, 1, 0])), max_size=2)
                ),
                case=draw(st.sampled_from(["", "", "active", "evaluated", "reviewed", "released"])),
                hamlet=draw(one("", "上屯", "上屯", "下屯")),
            )
        )
    _move(draw, homes)
    return homes


def _move(draw, homes: list[Home]) -> None:
    """Some of those who left stand in another household since, or have left that one too."""
    gone = [(home, person) for home in homes for person in home.persons if person.left_on]
    for left, person in gone:
        where = draw(st.sampled_from([None, *homes]))
        if where is None or where is left:
            continue
        later = draw(one(None, None, DAY(2020, 2, 2)))
        if later is not None and later <= person.left_on:
            later = None
        where.persons.append(replace(person, left_on=later, student=draw(one("", "", "普通高中一年级"))))


# --- rows of lists -----------------------------------------------------------------------------------------


def numbers(homes: list[Home]):
    return st.sampled_from([*(person.number for home in homes for person in home.persons), STRANGER])


@st.composite
def settlements(draw, homes: list[Home]) -> Row:
    kind = draw(st.sampled_from(["plain", "plain", "plain", "mirrored", "total alone"]))
    own = draw(st.sampled_from(OWN if kind == "plain" else REVERSALS))
    paid = [draw(st.sampled_from([0, 1, 300_000, 600_000])) for _ in range(4)]
    compliant = max(own + sum(paid), 1)
    if kind == "mirrored":
        compliant, paid = -compliant, [-each for each in paid]
    total = abs(compliant) + 7 if kind == "plain" else -abs(compliant) - 7
    tail = draw(st.sampled_from(HALF_CENTS))
    basic, major, aid, other = map(yuan, paid)
    return {
        "姓名": "某某",
        "身份证号码": draw(numbers(homes[:2])),
        "结算日期": draw(st.sampled_from(DAYS)),
        "就医类型": "住院",
        "医疗总费用": yuan(total),
        "合规费用": yuan(compliant, tail),
        "基本医保报销": basic,
        "大病保险报销": major,
        "医疗救助": aid,
        "其他赔付": draw(st.sampled_from([other, other if int(paid[3]) else ""])),
        "参保类型": draw(st.sampled_from(["城乡居民", "城乡居民", "城乡居民", "职工"])),
    }


@st.composite
def dropouts(draw, homes: list[Home]) -> Row:
    home = draw(st.sampled_from(homes))
    who = draw(st.sampled_from([who for who in home.persons if who.birth_date in CHILDREN] or home.persons))
    by_number = draw(st.booleans())
    here, nowhere = (home.township, home.village), (home.township, "天上村")
    loose = [("", books.OTHER_VILLAGE), (books.TOWNSHIP, ""), nowhere, ("", "")]
    township, village = draw(st.sampled_from([here, here, PLACES[0], *loose]))
    head = draw(st.sampled_from([home.persons[0].name, NAMES[0], ""]))
    return {
        "姓名": who.name,
        "身份证号码": who.number if by_number else "",
        "出生年月": who.birth_date.strftime("%Y-%m"),
        "户主姓名": head,
        "乡(镇)": township,
        "行政村": village,
        "辍学原因": draw(st.sampled_from(["因贫", "缺劳动力", "家庭困难", "经济困难", "厌学", "残疾"])),
        "劝返情况": draw(st.sampled_from(["", "未返校", "劝返中", "已返校"])),
    }


@st.composite
def students(draw, homes: list[Home]) -> Row:
    return {
        "姓名": "某某",
        "身份证号码": draw(numbers(homes[:3])),
        "学校": "某校",
        "学段": draw(one("普通高中", "中职", "高职", "本科", "学前")),
        "办学性质": draw(one("公办", "公办", "公办", "民办")),
        "全日制": draw(one("是", "是", "是", "否")),
        "学年费用": draw(one("8000.00", "7999.99", "4000", "3999.995", "5000.5")),
        "已获资助": draw(one("0", "0", "0.01", "1000.5")),
    }


@st.composite
def illnesses(draw, homes: list[Home]) -> Row:
    return {
        "姓名": "某某",
        "身份证号码": draw(numbers(homes)),
        "病种": "某病",
        "病情类别": draw(one("大病", "重病", "慢性病", "其他")),
        "确诊日期": draw(st.sampled_from(DAYS)),
        "救治情况": draw(one("未救治", "间断救治", "救治中", "已救治")),
        "未救治原因": draw(one("经济困难", "无力承担", "家庭困难", "本人不愿意", "")),
    }


@st.composite
def dangerous(draw, homes: list[Home]) -> Row:
    return {
        "户主姓名": "某某",
        "户主身份证号码": draw(numbers(homes)),
        "鉴定日期": draw(st.sampled_from(DAYS)),
        "鉴定等级": draw(st.sampled_from("BCD")),
        "成因": draw(st.sampled_from(["自然灾害", "危险场地", "不可抗力", "年久失修", "其他"])),
        "改造情况": draw(st.sampled_from(["未改造", "改造中", "已改造"])),
        "唯一住房": draw(st.sampled_from(["是", "是", "否"])),
    }


@st.composite
def waters(draw, homes: list[Home]) -> Row:
    """Of a person, of a head by his name, or of a hamlet or village."""
    home = draw(st.sampled_from(homes))
    sort = draw(one("number", "number", "name", "place"))
    return {
        "乡(镇)": home.township,
        "行政村": home.village,
        "自然村（屯）": draw(
            one(home.hamlet, "上屯", "", "天上屯")
            if sort == "place"
            else one(home.hamlet, home.hamlet, "下屯", "")
        ),
        "户主姓名": {"number": "某某", "place": "", "name": draw(one(home.persons[0].name, NAMES[0]))}[sort],
        "户主身份证号码": draw(numbers(homes)) if sort == "number" else "",
        "问题类型": "设施受损",
        "发现日期": draw(st.sampled_from(DAYS)),
        "解决情况": draw(one("未解决", "未解决", "已解决")),
    }


@st.composite
def losses(draw, homes: list[Home]) -> Row:
    return {
        "户主姓名": "某某",
        "户主身份证号码": draw(numbers(homes[:3])),
        "受灾日期": draw(st.sampled_from(DAYS)),
        "灾种": draw(one("洪涝", "市场", "其他")),
        "估计损失": yuan(draw(st.sampled_from(SUMS)), draw(st.sampled_from(HALF_CENTS))),
        "已获赔付救助": draw(st.sampled_from(PAID)),
    }


@st.composite
def jobs(draw, homes: list[Home]) -> Row:
    return {
        "姓名": "某某",
        "身份证号码": draw(numbers(homes[:4])),
        "状态": draw(one("返乡", "失业", "返乡", "失业", "在岗", "灵活就业")),
        "状态日期": draw(one("2020-03-01", "2020-03-01", "2020-03-02", "2018-01-01", "2020-04-05")),
        "近12个月务工月数": str(draw(one(0, 0, 1, 3, 5, 6, 12))),
    }


@st.composite
def expenses(draw, homes: list[Home]) -> Row:
    return {
        "姓名": "某某",
        "身份证号码": draw(numbers(homes[:3])),
        "支出事由": draw(one("自然灾害", "意外变故", "其他")),
        "发生日期": draw(st.sampled_from(DAYS)),
        "支出金额": yuan(draw(st.sampled_from(SUMS)), draw(st.sampled_from(HALF_CENTS))),
        "已获救助": draw(st.sampled_from(PAID)),
    }


@st.composite
def disabilities(draw, homes: list[Home]) -> Row:
    return {
        "姓名": "某某",
        "残疾证号": draw(numbers(homes)) + draw(one("", "41", "41B1")),
        "残疾类别": "肢体",
        "残疾等级": draw(one("一级", "壹级", "1", "二级", "贰级", "2级", "三级", "四级")),
        "首次发证日期": draw(st.sampled_from(DAYS)),
    }


@st.composite
def accidents(draw, homes: list[Home]) -> Row:
    return {
        "姓名": "某某",
        "身份证号码": draw(numbers(homes)),
        "事故日期": draw(st.sampled_from([*DAYS, DAYS[0], "2020-02-02"])),
        "事故地点": draw(one("", "某路")),
        "责任划分": "",
        "伤亡情况": draw(one("致残", "致亡", "致伤")),
    }


@st.composite
def benefits(draw, homes: list[Home]) -> Row:
    return {
        "姓名": "某某",
        "身份证号码": draw(numbers(homes)),
        "待遇类型": draw(one("低保", "特困", "临时救助")),
        "起始日期": draw(st.sampled_from(DAYS)),
        "月标准或金额": "350",
    }


ROWS = {
    "school_dropout": dropouts,
    "student_hardship": students,
    "medical_settlement": settlements,
    "untreated_illness": illnesses,
    "unsafe_housing": dangerous,
    "water_shortage": waters,
    "disaster_loss": losses,
    "job_loss": jobs,
    "rigid_expense": expenses,
    "disability": disabilities,
    "traffic_accident": accidents,
    "assistance": benefits,
}
DEPARTMENTS = {"disaster_loss": ("emergency", "agriculture")}


# --- lists -------------------------------------------------------------------------------------------------


def some(rows) -> st.SearchStrategy[list[Row]]:
    """Most lists are full: an example costs little more with many rows than with few."""
    return st.one_of(st.lists(rows, min_size=8, max_size=16), st.lists(rows, max_size=16))


class Story:
    def __init__(self, homes: list[Home], generations: list[plain_reading.Files], rules: Rules):
        self.homes, self.generations, self.rules = homes, generations, rules

    def __repr__(self) -> str:
        """Short: written out, a story is longer than anybody reads."""
        return f"<{len(self.homes)} homes, {self.rules}>"


@st.composite
def stories(draw, kinds) -> Story:
    """A county, two generations of lists of the `kinds`, a policy. Each list may repeat a row."""
    homes = draw(counties())
    gate, threshold = draw(st.sampled_from(["flag", "require"])), draw(st.sampled_from(THRESHOLDS))
    rules = Rules(LAST_DAY, gate=gate, medical=threshold)
    generations = []
    for _ in range(2):
        files = {
            kind: [draw(some(ROWS[kind](homes))) for _ in DEPARTMENTS.get(kind, ("",))]
            for kind in ROWS
            if kind in kinds
        }
        for file in (file for of_kind in files.values() for file in of_kind):
            file += draw(st.lists(st.sampled_from(file), max_size=1)) if file else []
        for kind, aimed in AIMED.items():
            if kind in files:
                files[kind][-1] += draw(aimed_at(kind, *aimed, homes, files, rules))
        generations.append(files)
    return Story(homes, generations, rules)


# Kind → its rule, the threshold, and the cells of a row that adds an amount.
AIMED = {
    "medical_settlement": (
        "medical.out_of_pocket",
        "medical",
        "合规费用",
        {
            **dict.fromkeys(books.FEEDS["medical_settlement"], "0"),
            "姓名": "某某",
            "就医类型": "门诊",
            "参保类型": "城乡居民",
        },
        "结算日期",
    ),
    "disaster_loss": (
        "livelihood.production_loss",
        "loss",
        "估计损失",
        {"户主姓名": "某某", "灾种": "干旱", "已获赔付救助": "0"},
        "受灾日期",
    ),
    "rigid_expense": (
        "other.rigid_expense",
        "expense",
        "支出金额",
        {"姓名": "某某", "支出事由": "意外变故", "已获救助": "0"},
        "发生日期",
    ),
    "student_hardship": (
        "education.hardship",
        "hardship",
        "学年费用",
        {
            "姓名": "某某",
            "学校": "另一校",
            "学段": "本科",
            "办学性质": "公办",
            "全日制": "是",
            "已获资助": "0",
        },
        "",
    ),
}


@st.composite
def aimed_at(draw, kind, subcriterion, threshold, heading, cells, dated, homes, files, rules) -> list[Row]:
    """One more row, that brings a household to the threshold, or a cent to this or that side of it."""
    home = draw(st.sampled_from(homes))
    wanted = getattr(rules, threshold) + draw(st.sampled_from([0, 0, -1, 1]))
    limitless = replace(rules, **{threshold: -(10**12)})
    missing = wanted - plain_reading.compared(f"{subcriterion}/{kind}", home, homes, files, limitless)
    if missing <= 0:
        return []
    # Half a cent counts up, to the odd cent as well as to the even one.
    own = yuan(missing - 1, "5") if missing % 2 else yuan(missing)
    day = {dated: draw(st.sampled_from(INSIDE))} if dated else {}
    return [cells | {NUMBER_OF[kind]: home.persons[0].number, heading: own} | day]
