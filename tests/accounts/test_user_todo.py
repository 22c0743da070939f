"""What waits for the administrator."""

import datetime

import pytest
import time_machine

from fangpin.accounts.models import User, UserList
from fangpin.common.models import WorkingDay
from tests import factories
from tests.accounts.people import give, newcomer
from tests.screening.rounds import pages

pytestmark = pytest.mark.django_db
SPRING = datetime.datetime(2026, 3, 3, 4, tzinfo=datetime.UTC)


def waiting(client, user) -> dict[str, str]:
    with time_machine.travel(SPRING, tick=False):
        return {line.what: line.about for line in pages.page(client, user, "home").context["lines"]}


def test_nothing_waits_when_all_is_in_order(client, administrator, office):
    assert waiting(client, administrator) == {}


def test_duties_that_end_today(client, administrator):
    with time_machine.travel(SPRING, tick=False):
        user, _ = newcomer(administrator)
        give(user, administrator, ends_on=datetime.date(2026, 3, 3))
    assert waiting(client, administrator)["今日到期岗位"].startswith("1 个岗位今天到期")


def test_who_has_no_duty_left_but_still_an_account(client, administrator):
    user, _ = newcomer(administrator)
    user.duties.update(ends_on=datetime.date(2020, 2, 1))
    assert waiting(client, administrator)["调离未停用"].startswith("1 人")
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert waiting(client, administrator) == {}


def test_codes_that_ran_out_unused(client, administrator):
    user, _ = newcomer(administrator)
    User.objects.filter(pk=user.pk).update(code_expires_at=SPRING - datetime.timedelta(hours=1))
    assert waiting(client, administrator)["一次性密码过期"].startswith("1 人还没有登录过")


@pytest.mark.parametrize(
    ("fields", "what", "words"),
    [
        ({"state": "checked"}, "名单待确认", "9 行已检查"),
        ({"state": "applied"}, "名单有退回的行", "有 4 行没有办理"),
        ({"state": "applied", "codes_name": "x"}, "打印密码单", "打印后请销毁"),
    ],
)
def test_lists_that_wait(client, administrator, fields, what, words):
    UserList.objects.create(
        kind="users",
        division_id=factories.COUNTY,
        file_name="新用户.xlsx",
        file_digest="x",
        by=administrator,
        result={"read": 9, "refused": 3, "set_aside": 1},
        codes_until=SPRING + datetime.timedelta(hours=1),
        created_at=SPRING - datetime.timedelta(days=13),
        **fields,
    )
    assert words in waiting(client, administrator)[what]


def test_rows_that_went_back_long_ago_are_no_longer_asked_for(client, administrator):
    UserList.objects.create(
        kind="users",
        division_id=factories.COUNTY,
        file_name="x",
        file_digest="x",
        by=administrator,
        state="applied",
        result={"read": 9, "refused": 3, "set_aside": 1},
        created_at=SPRING - datetime.timedelta(days=15),
    )
    assert waiting(client, administrator) == {}


def test_another_countys_matters_do_not_wait_here(client, administrator):
    other = factories.user("other-admin", "administrator", factories.OTHER_COUNTY)
    user, _ = newcomer(other, place=factories.OTHER_COUNTY_VILLAGE)
    user.duties.update(ends_on=datetime.date(2020, 2, 1))
    assert waiting(client, administrator) == {}


@pytest.mark.parametrize(("month", "asked"), [(9, False), (10, True), (12, True)])
def test_next_years_calendar_is_asked_for_from_october(
    client, administrator, office, unconfirmed, month, asked
):
    with time_machine.travel(datetime.datetime(2026, month, 3, 4, tzinfo=datetime.UTC), tick=False):
        for user in (administrator, office):
            lines = pages.page(client, user, "home").context["lines"]
            assert ("工作日历" in {line.what for line in lines}) is asked


def test_calendar_of_this_year_is_asked_for_at_any_time(client, administrator):
    WorkingDay.objects.filter(day__year=2026).delete()
    assert "2026 年工作日历未确认" in waiting(client, administrator)["工作日历"]


def test_home_says_where_users_are_made(client, administrator):
    with time_machine.travel(SPRING, tick=False):
        assert "用户与岗位" in pages.words(pages.page(client, administrator, "home"))
