"""Every edge of the hardship of students: what is just in and what is just out."""

import pytest

from households.models import Household
from tests import factories
from tests.books import student
from tests.running import rows_of
from tests.screening.criteria.edges import expect_leads, expect_refusals

HARDSHIP = "education.hardship"


@pytest.fixture(autouse=True)
def _round(round_2020q1):
    pass


@pytest.fixture
def home(db) -> Household:
    return factories.household(status="lifted", number="H", members=3)


@pytest.fixture
def pupil(home):
    return home.members.last()


def situations(desk) -> set[str]:
    return {subcriterion for _, subcriterion in desk.swept()}


def explanation(desk) -> str:
    (lead,) = desk.leads()
    return lead["explanation"]


def value() -> int:
    from screening.models import LeadReason

    return LeadReason.objects.get(lead__subcriterion=HARDSHIP).value


# --- the threshold and the sum
# -------------------------------------------------------------------------------


def test_hardship_threshold(desk):
    cases = [
        ("8000.00", "0", True),
        ("7999.99", "0", False),
        ("8000.01", "0", True),
        ("7999.995", 0, True),  # half a cent counts up
        ("7999.994", 0, False),
        ("12000.00", "4000.00", True),
        ("12000.00", "4000.01", False),
        ("12000.00", "3999.99", True),
        ("8,000元", "0", True),
        (8000, 0, True),
        (7999.99, 0, False),
        ("0.8万", 0, True),
    ]
    expect_leads(desk, "student_hardship", HARDSHIP, cases, lambda who, fees, aid: student(who, fees, aid))


def test_hardship_sums_over_members_and_rows(desk, home):
    _, one, two = home.members.all()
    desk.feed(
        "student_hardship",
        student(one, "3999.99"),
        student(one, "0.01", 学校="都安中专", 学段="中职"),
        student(two, "5000", "1000", 学段="本科"),
    )
    assert situations(desk) == {HARDSHIP}
    assert value() == 800_000


def test_hardship_a_cent_below_in_sum_is_none(desk, home):
    _, one, two = home.members.all()
    desk.feed("student_hardship", student(one, "3999.99"), student(two, "4000.00"))
    assert not situations(desk)


@pytest.mark.parametrize(("other_fees", "is_lead"), [("9000.00", True), ("8999.99", False)])
def test_hardship_more_aid_than_fees_is_taken_off_the_sum(desk, home, other_fees, is_lead):
    """The contract's sum is of fees less aid, row by row, without a floor."""
    _, one, two = home.members.all()
    desk.feed("student_hardship", student(one, "3000", "4000"), student(two, other_fees))
    assert (HARDSHIP in situations(desk)) is is_lead


def test_hardship_of_two_households_does_not_add_up(desk, pupil):
    neighbour = factories.household(status="lifted").members.get()
    desk.feed("student_hardship", student(pupil, "4000"), student(neighbour, "4000"))
    assert not situations(desk)


def test_hardship_threshold_is_the_countys(desk, pupil, round_2020q1):
    round_2020q1.policy["education.hardship_threshold"]["value"] = 500_000
    round_2020q1.save(update_fields=["policy"])
    desk.feed("student_hardship", student(pupil, "5000.00"))
    assert situations(desk) == {HARDSHIP}


def test_hardship_counts_an_equal_row_once(desk, pupil):
    row = student(pupil, "4000")
    answer = desk.feed("student_hardship", row, row)
    assert rows_of(answer, "set_aside") == {3: "duplicate_row"}
    assert not situations(desk)


# --- school: stage, who runs it, full time
# -------------------------------------------------------------------


def test_hardship_stage_of_schooling(desk):
    """Compulsory schooling too is full-time schooling that leads to a certificate: the article leaves it
    in."""
    cases = [
        (stage, True)
        for stage in [
            "普通高中",
            "高中",
            "普高",
            "中职",
            "中等职业学校",
            "职高",
            "职业高中",
            "中专",
            "技校",
            "技工学校",
            "高职",
            "大专",
            "专科",
            "高职高专",
            "高等职业学校",
            "本科",
            "大学",
            "大学本科",
            "研究生",
            "硕士",
            "博士",
            "硕士研究生",
            " 本 科 ",
            "小学",
            "初中",
            "九年义务教育",
        ]
    ]
    expect_leads(desk, "student_hardship", HARDSHIP, cases, lambda who, stage: student(who, 学段=stage))


@pytest.mark.parametrize("stage", ["学前", "学前教育", "幼儿园", "幼儿", "幼儿园大班"])
def test_hardship_nursery_is_refused_with_the_reason(desk, pupil, stage):
    answer = desk.feed("student_hardship", student(pupil, 学段=stage))
    (fault,) = answer["refused"]
    assert fault["code"] == "code"
    assert "学前" in fault["message"]
    assert "不是学历教育" in fault["message"]
    assert not situations(desk)


@pytest.mark.parametrize("stage", ["培训班", "驾校", "三年级二班"])
def test_hardship_other_stages_are_refused(desk, pupil, stage):
    answer = desk.feed("student_hardship", student(pupil, 学段=stage))
    assert rows_of(answer, "refused") == {2: "code"}
    assert "普通高中" in answer["refused"][0]["message"]


def test_hardship_public_and_full_time(desk):
    cases = [
        ({"办学性质": "公办"}, True),
        ({"办学性质": "公立"}, True),
        ({"办学性质": "公办学校"}, True),
        ({"办学性质": "民办"}, False),
        ({"办学性质": "私立"}, False),
        ({"全日制": "是"}, True),
        ({"全日制": "全日制"}, True),
        ({"全日制": "否"}, False),
        ({"全日制": "非全日制"}, False),
        ({"办学性质": "民办", "全日制": "否"}, False),
    ]
    expect_leads(desk, "student_hardship", HARDSHIP, cases, lambda who, cells: student(who, **cells))


def test_hardship_rows_that_do_not_count_add_nothing(desk, home):
    _, one, two = home.members.all()
    desk.feed("student_hardship", student(one, "7999.99"), student(two, "9000", 办学性质="民办"))
    assert not situations(desk)


def test_hardship_row_with_a_fault_is_refused(desk):
    cases = [
        ("姓名", "", "required"),
        ("身份证号码", "", "required"),
        ("身份证号码", "45990019700101001", "id_length"),
        ("学校", "", "required"),
        ("学段", "", "required"),
        ("办学性质", "", "required"),
        ("办学性质", "混合", "code"),
        ("全日制", "", "required"),
        ("全日制", "函授", "code"),
        ("学年费用", "", "required"),
        ("学年费用", "很多", "amount"),
        ("已获资助", "", "required"),
        ("已获资助", "免", "amount"),
    ]
    expect_refusals(
        desk, "student_hardship", cases, lambda who, heading, cell: student(who, **{heading: cell})
    )


# --- the sentence
# --------------------------------------------------------------------------------------------


def test_hardship_sentence(desk, home):
    _, one, two = home.members.all()
    desk.feed("student_hardship", student(one, "9000", "1500"), student(two, "2000", 学段="中专"))
    desk.sweep()
    assert explanation(desk) == (
        "困难学生名单第 2 行等 2 行：学年费用减去已获资助，全家合计 9,500.00 元，达到本县标准 8,000.00 元"
        "（2020-01-19 起）；普通高中、中职 · 第七条（一）1"
    )


def test_hardship_sentence_of_one(desk, pupil):
    desk.feed("student_hardship", student(pupil, "8800.5"))
    desk.sweep()
    assert explanation(desk) == (
        "困难学生名单第 2 行：学年费用减去已获资助，全家合计 8,800.50 元，达到本县标准 8,000.00 元"
        "（2020-01-19 起）；普通高中 · 第七条（一）1"
    )
