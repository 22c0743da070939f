"""Why a household is not listed, in an official's words: losses, work, spending, lost labour."""

import datetime

import pytest

from households.models import Household, Member
from screening import criteria
from screening.models import FeedRow
from tests import factories
from tests.books import accident, disability, expense, job, loss

DAY = datetime.date
WINDOW = "不在 2019-04-01 至 2020-03-31 之内"


@pytest.fixture
def home(round_2020q1) -> Household:
    return factories.household(status="lifted", number="H", names=["韦大山", "韦小水"], members=2)


@pytest.fixture
def head(home) -> Member:
    return home.members.get(relation="head")


@pytest.fixture
def wife(home) -> Member:
    return home.members.exclude(relation="head").get()


@pytest.fixture
def why(home, round_2020q1):
    """What the rule over a kind says of the household."""

    def said(kind: str, household: Household = home) -> str:
        rule = next(rule for rule in criteria.rules().values() if rule.kind.code == kind)
        live = FeedRow.objects.live(round_2020q1, kind).order_by("feed_id", "row_no")
        rows = rule.rows_of(household, live) if rule.rows_of else live.filter(household=household)
        words = rule.why_not(household, list(rows), round_2020q1, round_2020q1.parameters)
        finds = {line[0] for line in rule.find(round_2020q1, round_2020q1.parameters)}
        assert (words == "") is (household.pk in finds)
        return words

    return said


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("disaster_loss", "受灾清单里没有这户的记录"),
        ("job_loss", "人社清单里没有这户的记录"),
        ("rigid_expense", "民政支出清单里没有这户的记录"),
        ("disability", "残联名单里没有这户的记录"),
        ("traffic_accident", "公安名单里没有这户的记录"),
    ],
)
def test_nobody_of_the_household_is_listed(desk, why, kind, words):
    assert why(kind) == words


def test_losses(desk, why, head):
    desk.feed(
        "disaster_loss", loss(head, "9000.00", 已获赔付救助="0.5"), loss(head, "7000.00", on="2019-03-31")
    )
    assert why("disaster_loss") == (
        "受灾清单有 1 行：扣除赔付救助后损失合计 8,999.50 元，未达到本县标准 10,000.00 元（2020-01-19 起）；"
        f"另有 1 行受灾日期{WINDOW}，未计入"
    )
    desk.feed("disaster_loss", loss(head, on="2020-04-01"))
    assert why("disaster_loss") == f"受灾清单有 1 行，都不计入：1 行受灾日期{WINDOW}"
    desk.feed("disaster_loss", loss(head))
    assert why("disaster_loss") == ""


def test_spending(desk, why, head):
    rows = [
        expense(head, "14999.99"),
        expense(head, "9000", 支出事由="其他"),
        expense(head, "1", on="2020-04-01"),
    ]
    desk.feed("rigid_expense", *rows)
    assert why("rigid_expense") == (
        "民政支出清单有 1 行：扣除救助后支出合计 14,999.99 元，未达到本县标准 15,000.00 元（2020-01-19 起）；"
        f"另有 1 行事由：其他、1 行发生日期{WINDOW}，未计入"
    )
    desk.feed("rigid_expense", expense(head))
    assert why("rigid_expense") == ""


def test_work_months_of_all(desk, why, head, wife):
    Member.objects.filter(pk=wife.pk).update(work_months=7)
    desk.feed("job_loss", job(head, "返乡", months=2))
    assert why("job_loss") == (
        "人社清单第 2 行：韦大山返乡，全家近12个月务工合计 9 个月，未低于本县标准 6 个月（2020-01-19 起）"
    )
    desk.feed("job_loss", job(head, "返乡", months=5), job(wife, "失业", months=1))
    assert why("job_loss") == (
        "人社清单第 2 行等 2 行：韦大山返乡、韦小水失业，全家近12个月务工合计 6 个月，未低于本县标准 6 "
        "个月（2020-01-19 起）"
    )
    desk.feed("job_loss", job(head, "返乡", months=5), job(wife, "失业", months=0))
    assert why("job_loss") == ""


@pytest.mark.parametrize(
    ("fields", "cells", "words"),
    [
        ({}, {"状态": "在岗"}, "韦大山在岗，不是失业或返乡"),
        ({"birth_date": DAY(1960, 3, 31)}, {}, "韦大山返乡，2020-03-31 时 60 岁，不在 16 至 59 岁"),
        ({"student": "bachelor_2"}, {}, "韦大山返乡，在校（本科二年级）"),
        ({"labour": "lost"}, {}, "韦大山返乡，户册登记为丧失劳动力"),
        (
            {"labour": "none", "birth_date": DAY(2004, 4, 1), "student": "senior_1"},
            {},
            "韦大山返乡，2020-03-31 时 15 岁，不在 16 至 59 岁，在校（普通高中一年级），户册登记为无劳动力",
        ),
    ],
)
def test_work_of_somebody_who_does_not_count(desk, why, head, fields, cells, words):
    Member.objects.filter(pk=head.pk).update(**fields)
    desk.feed("job_loss", job(head, **cells))
    assert why("job_loss") == f"人社清单第 2 行：{words}"


def test_work_by_the_latest_row_of_each(desk, why, head, wife):
    desk.feed("job_loss", job(head, "返乡"), job(wife, "灵活就业"), job(head, "在岗", on="2020-02-01"))
    assert why("job_loss") == (
        "人社清单有 2 行，都不符合：第 3 行韦小水灵活就业，不是失业或返乡；第 4 行韦大山在岗，不是失业或返乡"
    )


def test_work_of_somebody_who_has_left(desk, why, wife):
    desk.feed("job_loss", job(wife))
    Member.objects.filter(pk=wife.pk).update(removed_on=DAY(2020, 3, 1))
    assert why("job_loss") == "人社清单第 2 行：所列的人已不在这户"


@pytest.mark.parametrize(
    ("fields", "cells", "words"),
    [
        ({}, {"残疾等级": "叁级"}, "韦大山肢体残疾三级，不是一级或二级"),
        ({}, {"首次发证日期": "2019-03-31"}, f"韦大山肢体残疾一级，首次发证日期 2019-03-31，{WINDOW}"),
        (
            {"birth_date": DAY(1960, 3, 31), "student": "bachelor_1"},
            {},
            "韦大山肢体残疾一级，2020-03-31 时 60 岁，不在 16 至 59 岁，在校（本科一年级）",
        ),
    ],
)
def test_disability(desk, why, head, fields, cells, words):
    desk.feed("disability", disability(head))
    assert why("disability") == ""
    Member.objects.filter(pk=head.pk).update(**fields)
    desk.feed("disability", disability(head, **cells))
    assert why("disability") == f"残联名单第 2 行：{words}"


@pytest.mark.parametrize(
    ("fields", "cells", "words"),
    [
        ({}, {"伤亡情况": "致伤"}, "韦大山 2020-01-15 交通事故致伤，不是致残或致亡"),
        ({}, {"事故日期": "2020-04-01"}, f"韦大山 2020-04-01 交通事故致残，事故日期{WINDOW}"),
        (
            {"birth_date": DAY(1960, 1, 15)},
            {},
            "韦大山 2020-01-15 交通事故致残，当时 60 岁，不在 16 至 59 岁",
        ),
    ],
)
def test_accident(desk, why, head, fields, cells, words):
    desk.feed("traffic_accident", accident(head))
    assert why("traffic_accident") == ""
    Member.objects.filter(pk=head.pk).update(**fields)
    desk.feed("traffic_accident", accident(head, **cells))
    assert why("traffic_accident") == f"公安名单第 2 行：{words}"


def test_accident_of_somebody_who_lived_elsewhere_that_day(desk, why, home, wife):
    """The household where he stands today is told why; that where he stood is found."""
    Member.objects.filter(pk=wife.pk).update(removed_on=DAY(2020, 2, 1))
    second = factories.household(status="lifted", number="H2")
    factories.member(second, wife.birth_date, name=wife.name, number=wife.id_number)
    desk.feed("traffic_accident", accident(wife))
    assert why("traffic_accident") == ""
    assert (
        why("traffic_accident", second)
        == "公安名单第 2 行：韦小水 2020-01-15 交通事故致残，当天是另一户的成员"
    )
