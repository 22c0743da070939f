"""Edges of the rules over losses and work: what is just in and what is just out."""

import datetime

import pytest

from households.codelists import Labour, Student
from households.models import Household, Member
from screening import criteria
from screening.models import Lead, LeadReason
from tests import factories
from tests.books import job, loss
from tests.screening.criteria.edges import adult, expect_leads

DAY = datetime.date
LOSS, WORK = "livelihood.production_loss", "livelihood.unstable_employment"


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


# --- losses: the threshold, the window, two departments
# ---------------------------------------------------------


def test_loss_threshold(desk):
    cases = [
        ("10000.00", True),
        ("9999.99", False),
        ("10000.01", True),
        ("9999.995", True),  # half a cent counts up
        ("9999.994", False),
        (10000, True),
        ("1万元", True),
    ]
    expect_leads(desk, "disaster_loss", LOSS, cases, lambda who, net: loss(who, net))


def test_loss_window(desk):
    cases = [
        ("2019-03-31", False),
        ("2019-04-01", True),
        ("2020-03-31", True),
        ("2020-04-01", False),
        ("2019.4", True),
        ("2019.3", False),
        (DAY(2020, 3, 31), True),
    ]
    expect_leads(desk, "disaster_loss", LOSS, cases, lambda who, on: loss(who, on=on))


def test_loss_what_was_paid_is_taken_off(desk):
    cases = [("0", True), ("0.01", False), ("0.004", True), ("0.005", False)]
    expect_leads(desk, "disaster_loss", LOSS, cases, lambda who, paid: loss(who, 已获赔付救助=paid))


def test_loss_every_kind_of_disaster_counts(desk):
    cases = [(kind, True) for kind in ["洪涝", "干旱", "台风", "冰雹", "疫情", "市场", "病虫害", "其他"]]
    expect_leads(desk, "disaster_loss", LOSS, cases, lambda who, kind: loss(who, 灾种=kind))


def test_loss_of_all_members_and_rows_adds_up(desk, head, wife):
    desk.feed("disaster_loss", loss(head, "4000.00"), loss(wife, "3000.00"), loss(head, "3000.00"))
    assert LOSS in situations(desk)
    assert value_of(LOSS) == 1_000_000


def test_loss_a_row_that_was_paid_more_takes_off(desk, head):
    """Σ(loss − paid): no row is held at zero here."""
    desk.feed("disaster_loss", loss(head, "10000.00"), loss(head, "100.00", 已获赔付救助="100.01"))
    assert LOSS not in situations(desk)


def test_loss_of_two_departments_adds_up(desk, head, county):
    for department in ("emergency", "agriculture"):
        factories.user(f"dept-{department}", "department", factories.COUNTY, department)
    desk.feed("disaster_loss", loss(head, "4000.00"), by="dept-emergency")
    desk.feed("disaster_loss", loss(head, "5999.99", 灾种="市场"), by="dept-agriculture")
    assert LOSS not in situations(desk)
    desk.feed("disaster_loss", loss(head, "6000.00", 灾种="市场"), by="dept-agriculture")
    assert LOSS in situations(desk)
    assert value_of(LOSS) == 1_000_000


def test_loss_a_newer_list_replaces_that_of_its_own_department(desk, head, county):
    factories.user("dept-agriculture", "department", factories.COUNTY, "agriculture")
    desk.feed("disaster_loss", loss(head, "9000.00"), by="office")  # for the emergency department
    desk.feed("disaster_loss", loss(head, "1000.00"), by="dept-agriculture")
    assert LOSS in situations(desk)
    desk.feed("disaster_loss", loss(head, "999.99"), by="dept-agriculture")
    assert LOSS not in situations(desk)


def test_loss_sentence(desk, head):
    desk.feed("disaster_loss", loss(head, "8000.00"), loss(head, "3000.00", 灾种="市场", 已获赔付救助=500))
    assert explained(desk) == (
        "受灾清单第 2 行等 2 行：洪涝、市场，扣除赔付救助后损失合计 10,500.00 元，达到本县标准 10,000.00 "
        "元（2020-01-19 起）"
        " · 第七条（一）5"
    )


# --- work: state, age, school, labour
# ----------------------------------------------------------------------------


def test_work_state(desk):
    cases = [("失业", True), ("返乡", True), ("在岗", False), ("灵活就业", False)]
    expect_leads(desk, "job_loss", WORK, cases, lambda who, state: job(who, state))


def test_work_age_on_the_last_day(desk):
    cases = [
        (DAY(2004, 4, 1), False),  # sixteen on the day after
        (DAY(2004, 3, 31), True),  # sixteen on the round's last day
        (DAY(2004, 3, 30), True),
        (DAY(1960, 4, 1), True),  # still fifty-nine
        (DAY(1960, 3, 31), False),  # sixty on the round's last day
        (DAY(1960, 3, 30), False),
        (DAY(2004, 2, 29), True),
    ]
    expect_leads(
        desk,
        "job_loss",
        WORK,
        cases,
        lambda who, birth: job(who),
        person=lambda birth, *_: factories.household(births=[DAY(1950, 1, 1), birth]).members.last(),
    )


def test_work_has_no_window(desk):
    cases = [(on, True) for on in ["2015-01-01", "2019-03-31", "2020-04-01"]]
    expect_leads(desk, "job_loss", WORK, cases, lambda who, on: job(who, on=on))


def test_work_school(desk):
    """In school is whoever has a class: blank, and a child before school, have none."""
    cases = [(student, student in ("", "preschool_age")) for student in ["", *Student.values]]
    expect_leads(
        desk,
        "job_loss",
        WORK,
        cases,
        lambda who, student: job(who),
        person=lambda student: adult(student=student),
    )


def test_work_labour(desk):
    cases = [(labour, labour not in ("lost", "none")) for labour in ["", *Labour.values]]
    expect_leads(
        desk,
        "job_loss",
        WORK,
        cases,
        lambda who, labour: job(who),
        person=lambda labour: adult(labour=labour),
    )


# --- work: months of the household
# ---------------------------------------------------------------------------------


def test_work_months_below_the_policys(desk):
    cases = [(0, True), (5, True), (6, False), (7, False), ("5个月", True)]
    expect_leads(desk, "job_loss", WORK, cases, lambda who, months: job(who, months=months))


@pytest.mark.parametrize(
    ("of_the_list", "of_the_registry", "of_the_wife", "total"),
    [
        (3, 9, 2, 5),  # the list goes before the registry
        (3, 9, 3, None),
        (0, 12, 5, 5),  # also where the list says none
        (5, None, None, 5),  # nothing known counts as none
        (5, 0, 0, 5),
        (5, 0, 1, None),
    ],
)
def test_work_months_of_all_members(desk, head, wife, of_the_list, of_the_registry, of_the_wife, total):
    Member.objects.filter(pk=head.pk).update(work_months=of_the_registry)
    Member.objects.filter(pk=wife.pk).update(work_months=of_the_wife)
    desk.feed("job_loss", job(head, months=of_the_list))
    assert (WORK in situations(desk)) is (total is not None)
    if total is not None:
        assert value_of(WORK) == total


@pytest.mark.parametrize(("months", "is_lead"), [(3, True), (4, False)])
def test_work_months_of_a_member_at_work_come_from_the_list_too(desk, head, wife, months, is_lead):
    Member.objects.filter(pk=wife.pk).update(work_months=0)
    desk.feed("job_loss", job(head, months=2), job(wife, "在岗", months=months))
    assert (WORK in situations(desk)) is is_lead


def test_work_months_of_somebody_who_left_do_not_count(desk, home, head, wife):
    Member.objects.filter(pk=wife.pk).update(work_months=12, removed_on=DAY(2019, 12, 1))
    desk.feed("job_loss", job(head, months=5))
    assert WORK in situations(desk)
    assert value_of(WORK) == 5


def test_work_somebody_who_left_after_the_list_came_is_not_looked_at(desk, head, wife):
    desk.feed("job_loss", job(wife, months=0))
    assert WORK in situations(desk)
    Member.objects.filter(pk=wife.pk).update(removed_on=DAY(2020, 3, 1))
    assert WORK not in situations(desk)


def test_work_months_of_two_households_are_apart(desk, head):
    neighbour = factories.household(status="lifted").members.get()
    Member.objects.filter(pk=neighbour.pk).update(work_months=12)
    desk.feed("job_loss", job(head, months=5), job(neighbour, "在岗", months=12))
    assert WORK in situations(desk)


# --- work: the latest row of each person
# ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "is_lead"),
    [
        ([("在岗", "2020-02-01", 0), ("返乡", "2020-03-01", 0)], True),
        ([("返乡", "2020-03-01", 0), ("在岗", "2020-02-01", 0)], True),
        ([("返乡", "2020-02-01", 0), ("在岗", "2020-02-02", 0)], False),
        ([("返乡", "2020-02-01", 0), ("在岗", "2020-02-01", 0)], False),  # of one day: the one further down
        ([("在岗", "2020-02-01", 0), ("返乡", "2020-02-01", 0)], True),
        ([("返乡", "2020-02-01", 12), ("返乡", "2020-03-01", 5)], True),  # months of the latest alone
        ([("返乡", "2020-02-01", 0), ("返乡", "2020-03-01", 6)], False),
    ],
)
def test_work_latest_row_decides(desk, head, rows, is_lead):
    desk.feed("job_loss", *(job(head, state, on, months) for state, on, months in rows))
    assert (WORK in situations(desk)) is is_lead


def test_work_of_two_people_the_latest_row_of_each(desk, head, wife):
    desk.feed("job_loss", job(head, "返乡", "2020-01-01", 2), job(wife, "在岗", "2020-03-01", 3))
    assert WORK in situations(desk)
    assert value_of(WORK) == 5


@pytest.mark.parametrize("last", ["返乡", "在岗"])
def test_work_of_two_lists_the_later_one_decides_a_tie(
    desk, head, round_2020q1, office, county, last, monkeypatch
):
    """The kind has one department; were there two, the same day and row would still have one answer."""
    import dataclasses

    kinds = criteria.feed_kinds()
    shared = dataclasses.replace(kinds["job_loss"], departments=("labour", "agriculture"))
    monkeypatch.setattr(criteria, "feed_kinds", lambda: kinds | {"job_loss": shared})
    factories.user("dept-labour", "department", factories.COUNTY, "labour")
    factories.user("dept-agriculture", "department", factories.COUNTY, "agriculture")
    first = "在岗" if last == "返乡" else "返乡"
    desk.feed("job_loss", job(head, first), by="dept-agriculture")
    desk.feed("job_loss", job(head, last), by="dept-labour")
    assert (WORK in situations(desk)) is (last == "返乡")


def test_work_sentence(desk, head, wife):
    desk.feed("job_loss", job(head, "返乡", months=3), job(wife, "失业", months=1))
    assert explained(desk) == (
        "人社清单第 2 行等 2 行：1 人返乡、1 人失业，全家近12个月务工合计 4 个月，低于本县标准 6 "
        "个月（2020-01-19 起）"
        " · 第七条（一）5"
    )


def test_work_sentence_leaves_out_who_is_at_work(desk, head, wife):
    desk.feed("job_loss", job(wife, "在岗", months=1), job(head, "失业", months=3))
    assert explained(desk).startswith("人社清单第 3 行：失业，全家近12个月务工合计 4 个月，低于")


# --- both -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "row", "heading", "words"),
    [
        ("disaster_loss", loss, "户主身份证号码", "身份证号"),
        ("disaster_loss", loss, "受灾日期", "受灾时间"),
        ("disaster_loss", loss, "估计损失", "估计损失(元)"),
        ("disaster_loss", loss, "已获赔付救助", "已救助金额(元)"),
        ("job_loss", job, "状态", "就业状态"),
        ("job_loss", job, "近12个月务工月数", "务工月数"),
    ],
)
def test_headings_that_departments_use(desk, head, kind, row, heading, words):
    from tests import books

    content = books.plain(books.FEEDS[kind], [row(head)], renamed={heading: words})
    assert desk.feed_file(kind, content)["good"] == 1
    assert len(situations(desk)) == 1
    assert Lead.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "row", "cells", "code"),
    [
        ("disaster_loss", loss, {"灾种": "天灾"}, "code"),
        ("disaster_loss", loss, {"估计损失": "若干"}, "amount"),
        ("disaster_loss", loss, {"已获赔付救助": ""}, "required"),
        ("disaster_loss", loss, {"受灾日期": "去年"}, "date"),
        ("job_loss", job, {"状态": "外出"}, "code"),
        ("job_loss", job, {"近12个月务工月数": 13}, "code"),
        ("job_loss", job, {"近12个月务工月数": ""}, "required"),
    ],
)
def test_rows_that_can_not_be_read_go_back(desk, head, kind, row, cells, code):
    answer = desk.feed(kind, row(head, **cells))
    assert [fault["code"] for fault in answer["refused"]] == [code]
