"""Art. 7(1)4: drinking water not secured, and no means to solve it. A list names households, or whole
places."""

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import JSONObject

from fangpin.common import cells
from fangpin.common.database import JsonList
from fangpin.common.workbooks import Column
from fangpin.policy.services import PolicySet
from households.models import Household
from screening.criteria import left_out
from screening.criteria.base import (
    WHOLE_HAMLET,
    Ask,
    Cell,
    Criterion,
    FeedKind,
    Figures,
    Finding,
    Identity,
    Option,
    Question,
    Rule,
    Subcriterion,
    once_each,
)
from screening.criteria.parsing import one_of, optional_number, unless, words
from screening.models import FeedRow, Round

UNSAFE = Subcriterion(
    code="water.unsafe",
    register_word="因安全饮水",
    label="饮水无保障，无力筹资解决",
    tag="饮水",
    article="Art. 7(1)4",
    clause="第七条（一）4",
    department="water",
    measures=("water_repair",),
)

PROBLEMS = ("水源污染", "设施受损", "季节性缺水", "其他")
# What offices write where no hamlet or no household is meant.
_WHOLE_VILLAGE = ("全村", "整村", "全部", "各屯", "全村各屯", "所有屯", "全部屯", "无", "暂无")
_NO_HOUSEHOLD = ("全屯", "全村", "整屯", "整村", "全组", "全部", "各户", "所有户", "无", "暂无")


def water_figures(problem: str, found_on, solved: bool) -> Figures:
    """As long as nobody has solved it, whatever the trouble and whenever it was found."""
    return Figures(
        on_date=found_on,
        qualifies=not solved,
        reason="已解决" if solved else "未解决",
        word="其他饮水问题" if problem == "其他" else problem,
    )


WATER_SHORTAGE = FeedKind(
    code="water_shortage",
    label="饮水安全问题名单",
    short="水利名单",
    departments=("water",),
    cells=(
        Cell("township", Column("乡(镇)", required=True), cells.text, ""),
        Cell("village", Column("行政村", required=True), cells.text, ""),
        Cell(
            "hamlet",
            Column("自然村（屯）", note="全村都有问题、又不分屯的留空；一行填一个屯"),
            unless(_WHOLE_VILLAGE, words(60)),
            "",
        ),
        Cell(
            "name",
            Column("户主姓名", note="只有几户有问题的，一户一行；全屯（全村）都有问题的留空"),
            unless(_NO_HOUSEHOLD, cells.name),
            "",
        ),
        Cell(
            "id_number",
            Column("户主身份证号码", kind="id", note="没有的可留空，凭户主姓名和村、屯比对"),
            optional_number,
        ),
        Cell(
            "problem",
            Column(
                "问题类型",
                required=True,
                choices=PROBLEMS,
                synonyms=("饮水问题类型", "饮水问题", "存在问题", "问题类别"),
            ),
            one_of(
                {
                    **{word: word for word in PROBLEMS},
                    "水质污染": "水源污染",
                    "水质不达标": "水源污染",
                    "污染": "水源污染",
                    "设施损坏": "设施受损",
                    "供水设施受损": "设施受损",
                    "供水设施损坏": "设施受损",
                    "水利设施损坏": "设施受损",
                    "季节缺水": "季节性缺水",
                    "旱季缺水": "季节性缺水",
                    "枯水期缺水": "季节性缺水",
                    "缺水": "季节性缺水",
                    "其它": "其他",
                },
                named=PROBLEMS,
            ),
        ),
        Cell(
            "found_on",
            Column(
                "发现日期",
                required=True,
                kind="date",
                synonyms=("发现时间", "问题发现时间", "排查日期", "排查时间"),
            ),
            cells.day,
        ),
        Cell(
            "solved",
            Column(
                "解决情况",
                required=True,
                choices=("未解决", "已解决"),
                synonyms=("整改情况", "是否解决", "是否已解决", "解决状态", "处理情况"),
            ),
            one_of(
                {
                    "未解决": False,
                    "已解决": True,
                    "否": False,
                    "是": True,
                    "解决中": False,
                    "正在解决": False,
                    "未整改": False,
                    "整改中": False,
                    "已整改": True,
                },
                named=("未解决", "已解决"),
            ),
        ),
    ),
    identity=Identity(
        id_number="id_number",
        name="name",
        township="township",
        village="village",
        hamlet="hamlet",
        is_place=True,
    ),
    figures=water_figures,
    notes=(
        "只有几户有问题的：一户一行，填户主姓名和户主身份证号码；没有号码的，凭户主姓名和村、屯比对。",
        "全屯都有问题的：一屯一行，户主姓名和号码留空，系统算到该屯每一户。",
        "全村都有问题的：一村一行，自然村（屯）、户主姓名和号码都留空，系统算到该村每一户。",
    ),
)


def find_unsafe(round: Round, _policy: PolicySet):
    """Households that a row names, and every household of the hamlet or village of a row that names none."""
    return (
        FeedRow.objects.live(round, WATER_SHORTAGE.code)
        .filter(qualifies=True)
        .with_homes()
        .filter(home__isnull=False)
        .values("home")
        .annotate(
            value=Count("pk"),
            rows=JsonList(
                JSONObject(
                    feed="feed_id",
                    row="row_no",
                    word="word",
                    day="on_date",
                    named="household_id",
                    hamlet="hamlet",
                )
            ),
        )
        .values_list("home", "value", "rows")
    )


def unsafe_sentence(finding: Finding) -> str:
    """Rows that say the same are named once."""
    return once_each(
        f"{_reach(row['named'], row['hamlet'])}{row['word']}，{row['day']} 发现，未解决"
        for row in finding.rows
    )


def _reach(household: int | None, hamlet: str) -> str:
    """How far a row reaches; "" where it names the household."""
    return "" if household else f"{hamlet}全屯" if hamlet else "全村"


def rows_about(household: Household, rows: QuerySet[FeedRow]) -> QuerySet[FeedRow]:
    """Rows that name the household, and those of its hamlet or village."""
    if not household.size:
        return rows.filter(household=household.pk)
    hamlets = ["", household.hamlet.name] if household.hamlet_id else [""]
    area = Q(household=None, division=household.village_id, hamlet__in=hamlets)
    return rows.filter(Q(household=household.pk) | area)


def why_not_unsafe(_household, rows, _round: Round, _policy: PolicySet) -> str:
    def lacks(row: FeedRow) -> str:
        reach = _reach(row.household_id, row.hamlet)
        return "" if row.qualifies else f"{reach}{row.word}，{row.reason}"

    return left_out.row_by_row(WATER_SHORTAGE, rows, lacks)


CRITERION = Criterion(
    code="water",
    label="饮水",
    tag="饮水",
    subcriteria=(UNSAFE,),
    kinds=(WATER_SHORTAGE,),
    rules=(
        Rule(
            code="water.unsafe/water_shortage",
            version=1,
            subcriterion=UNSAFE,
            kind=WATER_SHORTAGE,
            find=find_unsafe,
            sentence=unsafe_sentence,
            why_not=why_not_unsafe,
            rows_of=rows_about,
        ),
    ),
    question=Question(
        title="喝水",
        text="家里吃水有没有问题？水干不干净，够不够吃？",
        options=tuple(
            Option(f"water.{code}", words, UNSAFE.code, asks=(Ask("since", "多久了"),), hint="家里拿不出钱修")
            for code, words in (
                ("dirty", "水脏、有味"),
                ("broken", "水管、水池坏了"),
                ("dry", "到旱季没水吃"),
            )
        ),
        asks=(Ask(WHOLE_HAMLET, "全屯都这样", "tick"),),
    ),
)
