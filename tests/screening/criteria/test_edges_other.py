"""Edges of the rules over spending and lost labour; a member by the day of his accident."""

import datetime

import pytest

from households.codelists import Student
from households.models import Household, Member
from screening.models import FeedRow, Lead, LeadReason
from tests import factories
from tests.books import accident, assistance, disability, expense
from tests.screening.criteria.edges import adult, expect_leads

DAY = datetime.date
EXPENSE, LABOUR = "other.rigid_expense", "other.labour_loss"


@pytest.fixture(autouse=True)
def _round(round_2020q1):
    """The window is 2019-04-01 to 2020-03-31; the last day 2020-03-31."""


@pytest.fixture
def home(db) -> Household:
    return factories.household(status="lifted", number="H", members=2)


@pytest.fixture
def head(home) -> Member:
    return home.members.get(relation="head")


@pytest.fixture
def wife(home) -> Member:
    return home.members.exclude(relation="head").get()


def situations(desk) -> set[str]:
    return {subcriterion for _, subcriterion in desk.swept()}


def value_of(subcriterion: str) -> int:
    return LeadReason.objects.get(lead__subcriterion=subcriterion).value


def explained(desk) -> str:
    desk.sweep()
    return desk.leads()[0]["explanation"]


# --- spending: cause, threshold, window
# ----------------------------------------------------------------------------


def test_expense_threshold(desk):
    cases = [
        ("15000.00", True),
        ("14999.99", False),
        ("15000.01", True),
        ("14999.995", True),
        ("14999.994", False),
        (15000, True),
    ]
    expect_leads(desk, "rigid_expense", EXPENSE, cases, lambda who, net: expense(who, net))


def test_expense_window(desk):
    cases = [
        ("2019-03-31", False),
        ("2019-04-01", True),
        ("2020-03-31", True),
        ("2020-04-01", False),
        ("2019.4", True),
    ]
    expect_leads(desk, "rigid_expense", EXPENSE, cases, lambda who, on: expense(who, on=on))


def test_expense_cause(desk):
    cases = [("自然灾害", True), ("意外变故", True), ("其他", False)]
    expect_leads(desk, "rigid_expense", EXPENSE, cases, lambda who, cause: expense(who, 支出事由=cause))


def test_expense_of_another_cause_adds_nothing(desk, head):
    desk.feed("rigid_expense", expense(head, "14999.99"), expense(head, "9000.00", 支出事由="其他"))
    assert EXPENSE not in situations(desk)


def test_expense_what_was_given_is_taken_off(desk):
    cases = [("0", True), ("0.01", False)]
    expect_leads(desk, "rigid_expense", EXPENSE, cases, lambda who, given: expense(who, 已获救助=given))


def test_expense_of_all_members_adds_up(desk, head, wife):
    desk.feed("rigid_expense", expense(head, "7000.00"), expense(wife, "8000.00", 支出事由="自然灾害"))
    assert EXPENSE in situations(desk)
    assert value_of(EXPENSE) == 1_500_000


def test_expense_of_two_households_is_apart(desk, head):
    neighbour = factories.household(status="lifted").members.get()
    desk.feed("rigid_expense", expense(head, "7500.00"), expense(neighbour, "7500.00"))
    assert EXPENSE not in situations(desk)


def test_expense_sentence(desk, head):
    desk.feed(
        "rigid_expense", expense(head, "9000.00"), expense(head, "7000.00", 支出事由="自然灾害", 已获救助=500)
    )
    assert explained(desk) == (
        "民政支出清单第 2 行等 2 行：意外变故、自然灾害，扣除救助后支出合计 15,500.00 元，达到本县标准 "
        "15,000.00 元"
        "（2020-01-19 起） · 第七条（一）6"
    )


# --- disability: grade, certificate, age, school
# -----------------------------------------------------------------------


def test_disability_grade(desk):
    cases = [
        ("一级", True),
        ("二级", True),
        ("三级", False),
        ("四级", False),
        ("壹级", True),
        ("贰级", True),
        ("叁级", False),
        ("肆级", False),
        (1, True),
        (2.0, True),
        ("2", True),
        ("3", False),
        (4, False),
        ("1级", True),
        ("2 级", True),
        ("３级", False),
        ("一", True),
        ("二", True),
    ]
    expect_leads(desk, "disability", LABOUR, cases, lambda who, grade: disability(who, grade))


def test_disability_window_of_the_first_certificate(desk):
    cases = [
        ("2019-03-31", False),
        ("2019-04-01", True),
        ("2020-03-31", True),
        ("2020-04-01", False),
        ("2019.4", True),
    ]
    expect_leads(desk, "disability", LABOUR, cases, lambda who, on: disability(who, on=on))


def test_disability_age_on_the_last_day(desk):
    cases = [
        (DAY(2004, 4, 1), False),
        (DAY(2004, 3, 31), True),
        (DAY(2004, 3, 30), True),
        (DAY(1960, 4, 1), True),
        (DAY(1960, 3, 31), False),
        (DAY(1960, 3, 30), False),
    ]
    expect_leads(
        desk,
        "disability",
        LABOUR,
        cases,
        lambda who, birth: disability(who),
        person=lambda birth, *_: factories.household(births=[DAY(1950, 1, 1), birth]).members.last(),
    )


def test_disability_school(desk):
    cases = [(student, student in ("", "preschool_age")) for student in ["", *Student.values]]
    expect_leads(
        desk,
        "disability",
        LABOUR,
        cases,
        lambda who, student: disability(who),
        person=lambda student: adult(student=student),
    )


def test_disability_number_of_18_20_or_22_characters(desk):
    cases = [(behind, True) for behind in ["", "41", "41B1"]]
    expect_leads(
        desk,
        "disability",
        LABOUR,
        cases,
        lambda who, behind: disability(who, 残疾证号=f"{who.id_number}{behind}"),
    )


def test_disability_number_of_19_characters_goes_back(desk, head):
    answer = desk.feed("disability", disability(head, 残疾证号=f"{head.id_number}4"))
    assert [fault["code"] for fault in answer["refused"]] == ["id_length"]


def test_disability_number_that_lost_its_digits_goes_back(desk, head):
    answer = desk.feed("disability", disability(head, 残疾证号=45990019750504001142))
    assert [fault["code"] for fault in answer["refused"]] == ["id_numeric_cell"]


def test_disability_unknown_grade_goes_back(desk, head):
    answer = desk.feed("disability", disability(head, "五级"))
    assert [fault["code"] for fault in answer["refused"]] == ["code"]


def test_disability_sentence(desk, head):
    desk.feed("disability", disability(head, "贰级"))
    assert explained(desk) == "残联名单第 2 行：44 岁，肢体残疾二级，2020-01-15 首次发证 · 第七条（一）6"


# --- accidents: outcome, window, age, school
# -----------------------------------------------------------------------------


def test_accident_outcome(desk):
    cases = [("致残", True), ("致亡", True), ("致伤", False)]
    expect_leads(desk, "traffic_accident", LABOUR, cases, lambda who, outcome: accident(who, outcome))


def test_accident_window(desk):
    cases = [
        ("2019-03-31", False),
        ("2019-04-01", True),
        ("2020-03-31", True),
        ("2020-04-01", False),
        ("2019.4", True),
    ]
    expect_leads(desk, "traffic_accident", LABOUR, cases, lambda who, on: accident(who, on=on))


def test_accident_age_on_that_day(desk):
    cases = [
        (DAY(2003, 10, 11), "2019-10-10", False),  # sixteen on the day after
        (DAY(2003, 10, 10), "2019-10-10", True),
        (DAY(2003, 10, 9), "2019-10-10", True),
        (DAY(1959, 10, 11), "2019-10-10", True),  # sixty on the day after, long before the round's last day
        (DAY(1959, 10, 10), "2019-10-10", False),
        (DAY(1959, 10, 9), "2019-10-10", False),
        (DAY(2004, 2, 29), "2020-02-28", False),
        (DAY(2004, 2, 29), "2020-02-29", True),
        (DAY(1960, 2, 29), "2020-02-28", True),
        (DAY(1960, 2, 29), "2020-02-29", False),
        (DAY(1976, 12, 31), "2020-01-01", True),
    ]
    expect_leads(
        desk,
        "traffic_accident",
        LABOUR,
        cases,
        lambda who, birth, on: accident(who, on=on),
        person=lambda birth, *_: factories.household(births=[DAY(1950, 1, 1), birth]).members.last(),
    )


def test_accident_school(desk):
    cases = [(student, student != "senior_3") for student in ["", "preschool_age", "senior_3"]]
    expect_leads(
        desk,
        "traffic_accident",
        LABOUR,
        cases,
        lambda who, student: accident(who),
        person=lambda student: adult(student=student),
    )


def test_accident_place_and_fault_may_be_blank(desk, head):
    desk.feed("traffic_accident", accident(head, 事故地点="", 责任划分=""))
    assert LABOUR in situations(desk)


def test_accident_sentence(desk, head):
    desk.feed("traffic_accident", accident(head, "致亡"))
    assert explained(desk) == "公安名单第 2 行：44 岁，2020-01-15 发生交通事故致亡 · 第七条（一）6"


# --- accidents: who was a member on that day
# -------------------------------------------------------------------------------

ON = DAY(2020, 1, 15)


@pytest.fixture
def second(db) -> Household:
    return factories.household(status="lifted", number="H2")


def leave(member: Member, on: DAY, reason: str = "") -> Member:
    Member.objects.filter(pk=member.pk).update(removed_on=on, removed_reason=reason)
    return member


def join(member: Member, home: Household, on: DAY) -> Member:
    """Another record of the same person, in another household."""
    again = factories.member(home, member.birth_date, name=member.name, number=member.id_number)
    Member.objects.filter(pk=again.pk).update(added_on=on)
    return again


@pytest.mark.parametrize(
    ("left_on", "house"),
    [
        (DAY(2020, 1, 14), "H2"),  # moved the day before
        (DAY(2020, 1, 15), "H"),  # moved on the day: he was there that day
        (DAY(2020, 1, 16), "H"),
        (DAY(2019, 5, 1), "H2"),
        (DAY(2020, 3, 20), "H"),
    ],
)
def test_accident_of_somebody_who_moved(desk, wife, second, left_on, house):
    join(leave(wife, left_on), second, left_on)
    desk.feed("traffic_accident", accident(wife))
    assert desk.swept() == {(house, LABOUR)}


@pytest.mark.parametrize(
    ("left_on", "is_matched"),
    [(DAY(2020, 1, 14), False), (DAY(2020, 1, 15), True), (DAY(2020, 1, 16), True), (DAY(2020, 2, 20), True)],
)
def test_accident_of_somebody_who_is_gone(desk, wife, left_on, is_matched):
    leave(wife, left_on, "死亡")
    answer = desk.feed("traffic_accident", accident(wife, "致亡"))
    assert answer["good"] == is_matched
    assert [fault["code"] for fault in answer["set_aside"]] == ([] if is_matched else ["match_none"])
    assert all("户册中有这个人，但那一天不在" in fault["message"] for fault in answer["set_aside"])
    assert desk.swept() == ({("H", LABOUR)} if is_matched else set())


def test_accident_of_somebody_who_moved_twice(desk, wife, second, db):
    third = factories.household(status="lifted", number="H3")
    join(leave(wife, DAY(2019, 8, 1)), second, DAY(2019, 8, 1))
    between = Member.objects.get(household=second, id_index=wife.id_index)
    join(leave(between, DAY(2019, 12, 1)), third, DAY(2019, 12, 1))
    desk.feed(
        "traffic_accident",
        *(accident(wife, on=on) for on in ("2019-07-31", "2019-08-02", "2019-12-01", "2019-12-02")),
    )
    rows = FeedRow.objects.order_by("row_no").values_list("household__number", flat=True)
    assert list(rows) == ["H", "H2", "H2", "H3"]
    assert desk.swept() == {("H", LABOUR), ("H2", LABOUR), ("H3", LABOUR)}


def test_accident_in_two_households_that_he_left_both(desk, wife, second):
    """Removed from both since: the one that he left first after that day was his on that day."""
    join(leave(wife, DAY(2020, 2, 1)), second, DAY(2020, 2, 1))
    leave(Member.objects.get(household=second, id_index=wife.id_index), DAY(2020, 3, 1))
    desk.feed("traffic_accident", accident(wife))
    assert desk.swept() == {("H", LABOUR)}


def test_accident_before_the_registry_was_brought_in(desk, head):
    """Everybody's first day in the registry is later than the accident."""
    Member.objects.update(added_on=DAY(2020, 3, 25))
    desk.feed("traffic_accident", accident(head))
    assert desk.swept() == {("H", LABOUR)}


def test_accident_of_somebody_who_lived_in_another_county_that_day(desk, wife):
    other = factories.household(village=factories.OTHER_COUNTY_VILLAGE, status="lifted")
    Member.objects.filter(pk=wife.pk).update(household=other, removed_on=DAY(2020, 2, 1))
    join(wife, factories.household(status="lifted", number="H4"), DAY(2020, 2, 1))
    answer = desk.feed("traffic_accident", accident(wife))
    assert [fault["code"] for fault in answer["set_aside"]] == ["match_none"]
    assert desk.swept() == set()


def test_accident_matched_later_goes_by_the_day_too(desk, home, second):
    """Nobody had the number when the list came; the registry then told of both households."""
    birth = DAY(1980, 3, 4)
    number = factories.id_number(birth)
    stranger = Member(name="韦某", id_number=number)
    assert desk.feed("traffic_accident", accident(stranger))["good"] == 0
    before = factories.member(home, birth, name="韦某", number=number)
    join(leave(before, DAY(2020, 1, 20)), second, DAY(2020, 1, 20))
    assert desk.swept() == {("H", LABOUR)}
    assert FeedRow.objects.get().member_id == before.pk


def test_accident_matched_later_of_somebody_who_died_since(desk, wife, home):
    unknown = factories.id_number(wife.birth_date)
    assert desk.feed("traffic_accident", accident(wife, 身份证号码=unknown))["good"] == 0
    dead = factories.member(home, wife.birth_date, name=wife.name, number=unknown)
    leave(dead, DAY(2020, 1, 15))
    assert desk.swept() == {("H", LABOUR)}


def test_accident_matched_later_not_of_somebody_who_had_left(desk, wife, home):
    unknown = factories.id_number(wife.birth_date)
    assert desk.feed("traffic_accident", accident(wife, 身份证号码=unknown))["good"] == 0
    leave(factories.member(home, wife.birth_date, name=wife.name, number=unknown), DAY(2020, 1, 14))
    assert desk.swept() == set()
    assert FeedRow.objects.get().status == "set_aside"


def test_other_lists_are_still_matched_with_who_is_there_today(desk, wife, second):
    join(leave(wife, DAY(2020, 1, 20)), second, DAY(2020, 1, 20))
    desk.feed("rigid_expense", expense(wife))
    assert desk.swept() == {("H2", EXPENSE)}


def test_accident_of_two_members_is_one_lead(desk, head, wife):
    desk.feed("traffic_accident", accident(head), accident(wife, "致亡"))
    assert desk.swept() == {("H", LABOUR)}
    assert value_of(LABOUR) == 2


# --- two rules, one situation
# ----------------------------------------------------------------------------------------------


def test_two_rules_raise_one_lead_with_two_reasons(desk, head):
    desk.feed("disability", disability(head))
    desk.feed("traffic_accident", accident(head))
    result = desk.sweep()
    assert result["leads"] == result["households"] == 1
    assert sorted(LeadReason.objects.values_list("rule", flat=True)) == [
        "other.labour_loss/disability",
        "other.labour_loss/traffic_accident",
    ]
    explanation = desk.leads()[0]["explanation"]
    assert "残联名单第 2 行" in explanation
    assert "公安名单第 2 行" in explanation


def test_lead_of_two_rules_stands_while_one_of_them_holds(desk, head):
    desk.feed("disability", disability(head))
    desk.feed("traffic_accident", accident(head))
    desk.sweep()
    desk.feed("disability")
    result = desk.sweep()
    assert (result["reasons_closed"], result["withdrawn"], result["leads"]) == (1, 0, 1)
    assert LeadReason.objects.get(closed_at=None).rule == "other.labour_loss/traffic_accident"
    desk.feed("traffic_accident", accident(head, "致伤"))
    result = desk.sweep()
    assert (result["reasons_closed"], result["withdrawn"], result["leads"]) == (1, 1, 0)
    desk.feed("disability", disability(head, "二级"))
    result = desk.sweep()
    assert (result["reopened"], result["leads"]) == (1, 1)
    assert Lead.objects.get().withdrawn_at is None
    assert LeadReason.objects.get(closed_at=None).rule == "other.labour_loss/disability"


# --- assistance: no lead
# ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["低保", "特困", "临时救助"])
def test_assistance_is_matched_and_no_lead(desk, head, kind):
    assert desk.feed("assistance", assistance(head, kind))["good"] == 1
    assert desk.swept() == set()


@pytest.mark.parametrize(
    ("kind", "row", "heading", "words"),
    [
        ("rigid_expense", expense, "支出金额", "支出金额(元)"),
        ("disability", disability, "残疾证号", "残疾人证号"),
        ("disability", disability, "残疾证号", "证件号码"),
        ("disability", disability, "首次发证日期", "初次申领日期"),
        ("disability", disability, "首次发证日期", "发证日期"),
        ("traffic_accident", accident, "事故日期", "事故时间"),
        ("traffic_accident", accident, "伤亡情况", "伤亡情况(致伤/致残/致亡)"),
        ("assistance", assistance, "起始日期", "起始保障年月"),
        ("assistance", assistance, "姓名", "户主姓名"),
    ],
)
def test_headings_that_departments_use(desk, head, kind, row, heading, words):
    from tests import books

    content = books.plain(books.FEEDS[kind], [row(head)], renamed={heading: words})
    assert desk.feed_file(kind, content)["good"] == 1
    assert len(situations(desk)) == (kind != "assistance")


@pytest.mark.parametrize(
    ("kind", "row", "cells", "code"),
    [
        ("rigid_expense", expense, {"支出事由": "买房"}, "code"),
        ("rigid_expense", expense, {"已获救助": ""}, "required"),
        ("traffic_accident", accident, {"伤亡情况": "重伤"}, "code"),
        ("traffic_accident", accident, {"事故日期": ""}, "required"),
        ("assistance", assistance, {"待遇类型": "慰问"}, "code"),
        ("assistance", assistance, {"月标准或金额": "无"}, "amount"),
    ],
)
def test_rows_that_can_not_be_read_go_back(desk, head, kind, row, cells, code):
    answer = desk.feed(kind, row(head, **cells))
    assert [fault["code"] for fault in answer["refused"]] == [code]


def test_the_day_of_a_certificate_is_shown_and_its_number_masked():
    from screening.feeds.row_texts import masked_cell

    assert masked_cell("首次发证日期", "2020-01-15") == "2020-01-15"
    assert masked_cell("残疾证号", "4599001975050400114241") == "4599**************4241"
