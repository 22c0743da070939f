"""Who may get what and up to how much, from tables over plain facts: Art. 5, 6 and 8; no database."""

import dataclasses
import datetime

import pytest

from measures import rules
from measures.rules import Ceiling, Facts, Standard, Type

D = datetime.date
DAY = D(2020, 6, 1)
AWARD = Type(
    code="industry_award",
    name="产业奖补",
    article="Art. 5",
    form="money",
    period="year",
    eligibility="allowed",
    cap=5000_00,
    is_text_cap=True,
    most_months=None,
    needs="",
    is_two_years=False,
    subcriteria=(),
)


def a_type(**changed) -> Type:
    return dataclasses.replace(AWARD, **changed)


def facts(type: Type = AWARD, **told) -> Facts:
    return Facts(**{"kind": "lifted", "type": type, "day": DAY, "amount": 100_00} | told)


@pytest.mark.parametrize(
    ("status", "in_case", "kind"),
    [
        ("lifted", False, "lifted"),
        ("lifted", True, "monitored"),
        ("ordinary", True, "marginal"),
        ("ordinary", False, None),
        ("registered", False, None),
        ("registered", True, None),
    ],
)
def test_kind_follows_from_status_and_case(status, in_case, kind):
    """Art. 2."""
    assert rules.kind_of(status, in_case) == kind


def test_who_is_of_no_kind_is_told_why():
    assert rules.why_no_kind("registered") == (
        "这户是建档立卡未脱贫户，按未脱贫户的扶贫政策帮扶，不在本办法登记举措"
    )
    assert rules.why_no_kind("ordinary") == (
        "这户是一般农户，还没有认定为边缘户，不能登记举措；有困难的请先在季度排查中上报"
    )


# --- what is forbidden --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "code", "words"),
    [
        ("lifted", "special_relief", "特殊救助只给边缘户，脱贫户请用普惠政策和扶贫政策（第八条（二）1）"),
        (
            "monitored",
            "special_relief",
            "特殊救助只给边缘户，脱贫监测户请用普惠政策和扶贫政策（第八条（二）1）",
        ),
        (
            "marginal",
            "subsistence_raise",
            "低保提高一档或按A档发放只给脱贫监测户，边缘户可以享受低保（第八条（一）1）",
        ),
        ("marginal", "micro_credit", "产业奖补不给边缘户（第八条）"),
    ],
)
def test_forbidden_is_all_that_is_said(kind, code, words):
    """Art. 8."""
    wanted = facts(a_type(code=code, eligibility="forbidden"), kind=kind, amount=None, duplicates=("某某",))
    assert rules.judge(wanted) == rules.Judgement(refusals=[words])


# --- what has to be told ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "told", "missing"),
    [
        ({}, {}, []),
        ({}, {"amount": None}, ["请填金额"]),
        ({}, {"amount": 0}, ["请填金额"]),
        ({"form": "loan"}, {"amount": None}, ["请填金额"]),
        ({"form": "service"}, {"amount": None}, []),
        ({"form": "loan", "most_months": 36}, {}, ["请填贷款期限（月）"]),
        ({"form": "loan", "most_months": 36}, {"months": 0}, ["请填贷款期限（月）"]),
        ({"form": "loan", "most_months": 36}, {"months": 1}, []),
        ({"form": "loan"}, {}, []),
        ({"form": "money", "most_months": 36}, {}, []),
        ({"form": "post"}, {"amount": None}, ["请填月报酬"]),
        ({"form": "post"}, {"amount": None, "monthly_pay": 1}, []),
        ({"period": "term"}, {}, ["请选受益人", "请填学期或月份"]),
        ({"period": "term"}, {"has_member": True}, ["请填学期或月份"]),
        ({"period": "term"}, {"term": "2020春"}, ["请选受益人"]),
        ({"period": "term"}, {"term": "2020春", "has_member": True}, []),
        ({"period": "month"}, {}, ["请选受益人"]),
        ({"period": "month"}, {"has_member": True}, []),
    ],
)
def test_what_has_to_be_told(type_, told, missing):
    wanted = facts(a_type(**type_), **told)
    assert rules.missing(wanted) == missing
    assert rules.judge(wanted).refusals == missing


# --- caps of the text (Art. 5) -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "used", "users", "words"),
    [
        (5000_00, 0, "", ""),
        (5000_01, 0, "", "已用 0.00 元，还可用 5,000.00 元"),
        (2000_00, 3000_00, "", ""),
        (2000_01, 3000_00, "农业农村局", "已用 3,000.00 元（农业农村局），还可用 2,000.00 元"),
        (1, 5000_00, "", "已用 5,000.00 元，还可用 0.00 元"),
        (1, 6000_00, "", "已用 6,000.00 元，还可用 0.00 元"),
        (None, 6000_00, "", ""),
    ],
)
def test_cap_of_the_text_includes_the_figure_itself(amount, used, users, words):
    """Art. 5."""
    expected = [f"产业奖补上限 5,000.00 元，{words}（第五条）"] if words else []
    wanted = facts(a_type(form="service"), amount=amount, used=used, users=users)
    assert rules.over_text_cap(wanted) == expected
    assert rules.judge(wanted) == rules.Judgement(refusals=expected)


def test_type_without_a_cap_has_none():
    assert rules.judge(facts(a_type(cap=None), amount=10**12)) == rules.Judgement()


@pytest.mark.parametrize(("months", "is_over"), [(36, False), (37, True), (1, False), (None, False)])
def test_months_include_the_last(months, is_over):
    """Art. 5: 3 年期（含）以内."""
    wanted = facts(a_type(form="money", most_months=36), months=months)
    expected = [f"产业奖补期限不超过 36 个月，填的是 {months} 个月（第五条）"] if is_over else []
    assert rules.over_months(wanted) == expected
    assert rules.judge(wanted).refusals == expected


def test_months_are_bound_only_where_the_type_says_so():
    assert rules.over_months(facts(months=1000)) == []


# --- standards of the county (Art. 8(2)2) -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "article", "binds"),
    [
        ("marginal", "Art. 5", True),
        ("marginal", "Art. 6", True),
        ("marginal", "Art. 8(1)", False),
        ("lifted", "Art. 5", False),
        ("monitored", "Art. 6", False),
    ],
)
def test_standard_of_the_lifted_is_the_most_for_a_marginal_household(kind, article, binds):
    """Art. 8(2)2: a refusal for the marginal, a warning for the others."""
    assert rules.binds_marginal(kind, article) is binds
    wanted = facts(a_type(is_text_cap=False, article=article, cap=1000_00), kind=kind, amount=1000_01)
    words = "产业奖补超过本县标准 1,000.00 元"
    expected = (
        rules.Judgement(refusals=[f"{words}，边缘户不高于脱贫户（第八条（二）2）"])
        if binds
        else rules.Judgement(warnings=[words])
    )
    assert rules.judge(wanted) == expected
    assert rules.judge(dataclasses.replace(wanted, amount=1000_00)) == rules.Judgement()


@pytest.mark.parametrize(
    ("amount", "used", "words"),
    [
        (1000_00, 0, ""),
        (1000_01, 0, "产业奖补超过本县标准 1,000.00 元"),
        (400_00, 600_00, ""),
        (400_01, 600_00, "产业奖补超过本县标准 1,000.00 元，已有 600.00 元"),
        (None, 2000_00, ""),
    ],
)
def test_standard_of_the_county_includes_the_figure_itself(amount, used, words):
    wanted = facts(a_type(is_text_cap=False, cap=1000_00), amount=amount, used=used)
    assert rules.over_county_cap(wanted) == ([words] if words else [])


def test_county_without_a_standard_has_no_cap():
    assert rules.over_county_cap(facts(a_type(is_text_cap=False, cap=None), amount=10**12)) == []


@pytest.mark.parametrize(
    ("kind", "pay", "refusals", "warnings"),
    [
        ("marginal", 1200_00, [], []),
        (
            "marginal",
            1200_01,
            ["月报酬 1,200.01 元，高于本县脱贫户的标准 1,200.00 元（第八条（二）2）"],
            [],
        ),
        ("lifted", 1200_01, [], ["月报酬 1,200.01 元，高于本县脱贫户的标准 1,200.00 元"]),
        ("monitored", 1200_00, [], []),
    ],
)
def test_pay_of_a_post_is_compared_with_that_of_the_lifted(kind, pay, refusals, warnings):
    """Art. 8(2)2; of posts no sum is compared."""
    post = a_type(form="post", cap=1200_00, is_text_cap=False)
    wanted = facts(post, kind=kind, amount=9999_00, monthly_pay=pay)
    assert rules.judge(wanted) == rules.Judgement(refusals=refusals, warnings=warnings)


def test_pay_without_a_standard_or_of_no_post_is_not_compared():
    high = {"kind": "marginal", "monthly_pay": 9999_00, "amount": 1}
    assert rules.judge(facts(a_type(form="post", cap=None, is_text_cap=False), **high)) == rules.Judgement()
    assert rules.judge(facts(a_type(form="money", cap=1, is_text_cap=False), **high)) == rules.Judgement()
    post = a_type(form="post", cap=1200_00, is_text_cap=False)
    assert rules.judge(facts(post, monthly_pay=None)).refusals == ["请填月报酬"]
    assert rules.judge(facts(dataclasses.replace(post, cap=0), monthly_pay=None)).warnings == []


# --- special relief (Art. 8(2)1) ---------------------------------------------------------------------------

RELIEF = a_type(code="special_relief", name="特殊救助", article="Art. 8(2)1", cap=1, is_text_cap=True)
SCHOOL = Standard("雨露计划", "fixed", 3000_00)
TERM = Standard("国家助学金", "term", 1500_00, "term")
AID = Standard("医疗救助", "rate", 7000, "rate")


def relief(**told) -> Facts:
    told = {
        "kind": "marginal",
        "risks": ("education.hardship",),
        "universal": "助学贷款",
        "why_short": "不够",
        "standards": (SCHOOL,),
    } | told
    return facts(RELIEF, **told)


NO_AREA = "特殊救助只解决教育、医疗、住房风险，这户没有这三方面属实的风险（第八条（二）1）"


@pytest.mark.parametrize(
    ("risk", "risks", "area"),
    [
        ("", (), ""),
        ("", ("water.unsafe", "other.rigid_expense"), ""),
        ("", ("water.unsafe", "medical.untreated", "education.dropout"), "medical"),
        ("", ("education.dropout",), "education"),
        ("", ("housing.unsafe",), "housing"),
        ("housing.unsafe", ("medical.untreated",), "housing"),
        ("water.unsafe", ("medical.untreated",), ""),
    ],
)
def test_relief_answers_three_criteria(risk, risks, area):
    """Art. 8(2)1."""
    assert rules.relief_area(risk, risks) == area
    if not area:
        assert rules.judge(relief(risk=risk, risks=risks)) == rules.Judgement(refusals=[NO_AREA])


@pytest.mark.parametrize(
    ("told", "refusals"),
    [
        ({"universal": " "}, ["请写明已用的普惠政策（第八条（二）1）"]),
        ({"why_short": " "}, ["请写明普惠政策为什么仍不能解决（第八条（二）1）"]),
        (
            {"universal": "", "why_short": ""},
            ["请写明已用的普惠政策（第八条（二）1）", "请写明普惠政策为什么仍不能解决（第八条（二）1）"],
        ),
        ({}, []),
    ],
)
def test_relief_says_what_was_tried(told, refusals):
    """Art. 8(2)1."""
    expected = rules.Judgement(refusals, [], Ceiling(3000_00, "year", "脱贫户雨露计划 3,000.00 元"))
    assert rules.judge(relief(**told)) == expected


@pytest.mark.parametrize(
    ("amount", "used", "users", "left"),
    [
        (3000_00, 0, "", ""),
        (3000_01, 0, "", "已用 0.00 元，还可用 3,000.00 元"),
        (1000_00, 2000_00, "", ""),
        (1000_01, 2000_00, "教育局", "已用 2,000.00 元（教育局），还可用 1,000.00 元"),
    ],
)
def test_relief_is_not_above_what_the_lifted_get(amount, used, users, left):
    """Art. 8(2)1."""
    words = f"特殊救助（教育）最多 3,000.00 元（脱贫户雨露计划 3,000.00 元），{left}（第八条（二）1）"
    found = rules.judge(relief(amount=amount, used=used, users=users))
    assert found.refusals == ([words] if left else [])


def test_relief_without_an_amount_is_told_that_alone():
    assert rules.judge(relief(amount=None)).refusals == ["请填金额"]


@pytest.mark.parametrize(
    ("term", "has_member", "is_told"),
    [("", False, True), ("2020春", False, True), ("", True, True), ("2020春", True, False)],
)
def test_relief_by_terms_wants_person_and_term(term, has_member, is_told):
    """Art. 8(2)1."""
    found = rules.judge(relief(standards=(TERM,), term=term, has_member=has_member))
    words = "上限按每人每学期计算，请选受益人并填学期，如 2020春（第八条（二）1）"
    assert found.refusals == ([words] if is_told else [])
    assert found.ceiling == Ceiling(1500_00, "term", "脱贫户国家助学金每学期 1,500.00 元")


@pytest.mark.parametrize(
    ("risk", "standards", "words"),
    [
        (
            "education.hardship",
            (),
            "本县还没有公布教育方面脱贫户对应政策的标准，请县办公室先在举措目录中公布（第八条（二）1）",
        ),
        (
            "housing.unsafe",
            (),
            "本县还没有公布住房方面脱贫户对应政策的标准，请县办公室先在举措目录中公布（第八条（二）1）",
        ),
        (
            "medical.out_of_pocket",
            (AID,),
            "请填自付费用和票据号，才能按脱贫户的比例算出上限（第八条（二）1）",
        ),
    ],
)
def test_relief_without_a_ceiling_is_refused(risk, standards, words):
    """Art. 8(2)1."""
    found = rules.judge(relief(risks=(risk,), standards=standards, amount=None))
    assert found == rules.Judgement(refusals=["请填金额", words])


def test_relief_has_no_other_cap():
    """Neither the text's nor the county's: its own ceiling holds, and refuses nothing twice."""
    for is_text_cap in (True, False):
        type_ = dataclasses.replace(RELIEF, is_text_cap=is_text_cap, article="Art. 5", cap=1)
        assert rules.judge(dataclasses.replace(relief(), type=type_)).refusals == []
        assert rules.judge(dataclasses.replace(relief(), type=type_)).warnings == []


RATE_WORDS = "脱贫户医疗救助为自付费用 10,000.01 元的 70%"


@pytest.mark.parametrize(
    ("standards", "bill", "number", "own", "ceiling"),
    [
        ((), None, "", None, None),
        ((SCHOOL,), None, "", None, Ceiling(3000_00, "year", "脱贫户雨露计划 3,000.00 元")),
        ((SCHOOL, TERM), None, "", None, Ceiling(3000_00, "year", "脱贫户雨露计划 3,000.00 元")),
        ((TERM, SCHOOL), None, "", None, Ceiling(3000_00, "year", "脱贫户雨露计划 3,000.00 元")),
        ((AID,), None, "A1", None, None),
        ((AID,), 10_000_01, "", None, None),
        ((AID,), 0, "A1", None, None),
        ((AID,), 10_000_01, "A1", None, Ceiling(7000_00, "rate", RATE_WORDS)),  # rounded down
        ((AID, SCHOOL), None, "", None, Ceiling(3000_00, "year", "脱贫户雨露计划 3,000.00 元")),
        ((AID, SCHOOL), 10_000_01, "A1", None, Ceiling(7000_00, "rate", RATE_WORDS)),
        ((SCHOOL,), 10_000_01, "A1", None, Ceiling(3000_00, "year", "脱贫户雨露计划 3,000.00 元")),
        ((SCHOOL,), None, "", 3000_00, Ceiling(3000_00, "year", "脱贫户雨露计划 3,000.00 元")),
        ((SCHOOL,), None, "", 3000_01, Ceiling(3000_00, "year", "脱贫户雨露计划 3,000.00 元")),
        (
            (SCHOOL,),
            None,
            "",
            2999_99,
            Ceiling(2999_99, "year", "本县特殊救助标准；脱贫户雨露计划 3,000.00 元"),
        ),
        ((SCHOOL,), None, "", 0, Ceiling(0, "year", "本县特殊救助标准；脱贫户雨露计划 3,000.00 元")),
        ((AID,), 10_000_01, "A1", 1, Ceiling(1, "rate", f"本县特殊救助标准；{RATE_WORDS}")),
    ],
)
def test_ceiling_is_the_best_of_the_lifted_and_never_above_the_countys_own(
    standards, bill, number, own, ceiling
):
    """Art. 8(2)1."""
    assert rules.ceiling(standards, bill, number, own) == ceiling


def test_a_rate_is_told_in_percent():
    half = Standard("医疗救助", "rate", 6550, "rate")
    assert rules.ceiling((half,), 100_00, "1", None).words == "脱贫户医疗救助为自付费用 100.00 元的 65.5%"


# --- warnings ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "two_years", "day", "within"),
    [
        ({"lifted_year": 2018}, True, D(2020, 12, 31), True),
        ({"lifted_year": 2018}, True, D(2021, 1, 1), False),
        ({"lifted_year": 2018, "two_years": 12}, True, D(2020, 1, 1), False),
        ({"lifted_year": 2018}, False, D(2021, 1, 1), True),
        ({"lifted_year": None}, True, D(2021, 1, 1), True),
        ({"lifted_year": 2018, "kind": "monitored"}, True, D(2021, 1, 1), True),
        ({"lifted_year": 2018, "kind": "marginal"}, True, D(2021, 1, 1), True),
    ],
)
def test_two_years_after_lifting(told, two_years, day, within):
    """Art. 8(1)2: binds a lifted household without a case; a warning, no refusal."""
    wanted = facts(a_type(is_two_years=two_years), day=day, **told)
    assert rules.within_two_years(wanted) is within
    words = ["已过脱贫后2年扶持期，产业奖补只能按一般政策享受（第八条（一）2）"]
    assert rules.judge(wanted) == rules.Judgement(warnings=[] if within else words)


@pytest.mark.parametrize(
    ("type_", "told", "words"),
    [
        ({}, {}, []),
        (
            {"needs": "subsistence_allowance"},
            {"has_needed": False, "needed_name": "低保"},
            ["还没有登记低保，产业奖补须先享受低保"],
        ),
        ({"needs": "subsistence_allowance"}, {"has_needed": True, "needed_name": "低保"}, []),
        ({}, {"has_needed": False, "needed_name": "低保"}, []),
        ({}, {"duplicates": ("甲", "乙")}, ["可能重复：甲", "可能重复：乙"]),
        (
            {},
            {"risks": ("water.unsafe",), "is_answering": False},
            ["产业奖补一般不用于这户现有的风险，请核对"],
        ),
        ({}, {"risks": ("water.unsafe",), "is_answering": True}, []),
        ({}, {"risks": (), "is_answering": False}, []),
    ],
)
def test_warnings(type_, told, words):
    wanted = facts(a_type(**type_), **told)
    assert rules.warnings(wanted) == words
    assert rules.judge(wanted) == rules.Judgement(warnings=words)


# --- what is typed -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("2020春", "2020春"),
        (" 2020年春季学期 ", "2020春"),
        ("２０２０ 年 秋季", "2020秋"),
        ("2020秋学期", "2020秋"),
        ("2020-03", "2020-03"),
        ("2020夏", "2020夏"),
        ("1920春", "1920春"),
        ("2020春天", "2020春天"),
    ],
)
def test_same_term_is_the_same_word(typed, plain):
    assert rules.plain_term(typed) == plain


@pytest.mark.parametrize(
    ("typed", "plain"), [(" ab 12\t3 ", "AB123"), ("ＮＯ．１", "NO.1"), ("", ""), ("a b c", "ABC")]
)
def test_number_of_a_bill_without_what_typing_adds(typed, plain):
    assert rules.plain_number(typed) == plain


def test_all_that_speaks_against_a_measure_is_said_at_once():
    """Refusals and warnings of each sort, in one order."""
    type_ = a_type(is_text_cap=False, cap=1000_00, most_months=36, period="month", needs="dibao")
    wanted = facts(type_, kind="marginal", amount=1000_01, months=37, has_needed=False, needed_name="低保")
    words = "产业奖补超过本县标准 1,000.00 元"
    assert rules.judge(wanted) == rules.Judgement(
        refusals=[
            "请选受益人",
            "产业奖补期限不超过 36 个月，填的是 37 个月（第五条）",
            f"{words}，边缘户不高于脱贫户（第八条（二）2）",
        ],
        warnings=["还没有登记低保，产业奖补须先享受低保"],
    )
    late = facts(
        a_type(is_text_cap=False, cap=1000_00, is_two_years=True, most_months=36, needs="dibao"),
        amount=1000_01,
        months=37,
        lifted_year=2017,
        has_needed=False,
        needed_name="低保",
        duplicates=("甲",),
    )
    assert rules.judge(late) == rules.Judgement(
        refusals=["产业奖补期限不超过 36 个月，填的是 37 个月（第五条）"],
        warnings=[
            "已过脱贫后2年扶持期，产业奖补只能按一般政策享受（第八条（一）2）",
            "还没有登记低保，产业奖补须先享受低保",
            words,
            "可能重复：甲",
        ],
    )
    over = facts(a_type(most_months=36), amount=5000_01, months=37)
    assert rules.judge(over).refusals == [
        "产业奖补上限 5,000.00 元，已用 0.00 元，还可用 5,000.00 元（第五条）",
        "产业奖补期限不超过 36 个月，填的是 37 个月（第五条）",
    ]


def test_relief_of_a_bill_is_not_above_the_countys_own_standard():
    """Art. 8(2)1."""
    told = {"risks": ("medical.untreated",), "standards": (AID,), "bill": 10_000_00, "bill_number": "A1"}
    assert rules.judge(relief(**told)).ceiling == Ceiling(
        7000_00, "rate", "脱贫户医疗救助为自付费用 10,000.00 元的 70%"
    )
    assert rules.judge(relief(own_standard=50_00, **told)).refusals == [
        "特殊救助（医疗）最多 50.00 元（本县特殊救助标准；脱贫户医疗救助为自付费用 10,000.00 元的 70%），"
        "已用 0.00 元，还可用 50.00 元（第八条（二）1）"
    ]
