"""Giving and taking duties: where, by whom, without overlap, and that the next request knows."""

import datetime

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from fangpin.accounts.models import Department, Division, Duty, User
from fangpin.accounts.people import rules, services
from fangpin.accounts.roles import Role
from fangpin.common.models import AuditRow
from fangpin.common.refusals import Refused
from tests import factories
from tests.accounts.people import BEGINS, address, form, give, newcomer

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def person(administrator):
    user, _ = newcomer(administrator)
    User.objects.filter(pk=user.pk).update(must_change_password=False)
    return user


@pytest.fixture
def desk(client, administrator):
    client.force_login(administrator)
    return client


def test_duty_is_added_on_the_page(desk, person):
    filled = form(role="township", place=factories.TOWNSHIP)
    answer = desk.post(address(person, "duty-add"), filled, follow=True)
    assert "已增加岗位" in answer.content.decode()
    assert person.duties.filter(role="township").count() == 1
    assert AuditRow.objects.filter(act="duty_give").count() == 2


def test_duty_added_twice_is_refused_in_words(desk, person):
    answer = desk.post(address(person, "duty-add"), form())
    assert answer.status_code == 422
    assert "起止日期有重叠" in answer.content.decode()
    assert person.duties.count() == 1


@pytest.mark.parametrize(
    ("term", "second", "fits"),
    [
        (("2020-01-01", "2020-06-30"), ("2020-06-30", "2020-12-31"), False),
        (("2020-01-01", "2020-06-30"), ("2020-07-01", None), True),
        (("2020-01-01", "2020-06-30"), ("2019-01-01", None), False),
        (("2020-01-01", "2020-06-30"), ("2019-01-01", "2019-12-31"), True),
        (("2020-01-01", None), ("2030-01-01", None), False),
    ],
)
def test_terms_of_one_duty_do_not_overlap(administrator, person, term, second, fits):
    def asked(begins, ends):
        ends = datetime.date.fromisoformat(ends) if ends else None
        return {"begins_on": datetime.date.fromisoformat(begins), "ends_on": ends}

    give(person, administrator, **asked(*term))
    if fits:
        give(person, administrator, **asked(*second))
    else:
        with pytest.raises(Refused, match="重叠"):
            give(person, administrator, **asked(*second))


def test_same_days_at_another_place_are_no_overlap(administrator, person):
    give(person, administrator, role=Role.VILLAGE_CADRE, place=factories.SISTER_VILLAGE)
    assert person.duties.count() == 2


def test_duty_open_once(person):
    own = person.duties.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Duty.objects.create(user=person, role=own.role, division=own.division, begins_on=own.begins_on + DAY)


def test_duty_of_department_open_once(insurance_officer):
    own = insurance_officer.acting
    with pytest.raises(IntegrityError), transaction.atomic():
        Duty.objects.create(
            user=insurance_officer,
            role=own.role,
            division=own.division,
            department=own.department,
            begins_on=own.begins_on + DAY,
        )


def test_duty_stopped_has_an_end(person):
    with pytest.raises(IntegrityError), transaction.atomic():
        person.duties.update(stopped_at="2020-01-01T00:00Z")


# --- where and by whom --------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(
    "place", ["450000000000", "451200000000", factories.COUNTY, factories.TOWNSHIP, factories.VILLAGE]
)
def test_duty_is_given_only_where_its_work_is_and_never_above(administrator, person, role, place):
    """Role by place, for a county's administrator."""
    division = Division.objects.get(pk=place)
    department = Department.objects.filter(county_id=place).first() if role == Role.DEPARTMENT else None
    person.duties.all().delete()
    asked = {"department": department, "ends_on": datetime.date(2099, 1, 1), "document": "文号"}
    allowed = division.level in rules.LEVELS[role] and place.startswith("451228")
    if allowed:
        give(person, administrator, role=role, place=place, **asked)
    else:
        with pytest.raises(Refused):
            give(person, administrator, role=role, place=place, **asked)


@pytest.mark.parametrize("place", ["450000000000", "451200000000", factories.OTHER_COUNTY])
def test_no_administrator_is_made_outside_the_area(administrator, person, place):
    with pytest.raises(Refused, match="不在您管理的范围内"):
        give(person, administrator, role=Role.ADMINISTRATOR, place=place)


def test_administrator_gives_himself_nothing(administrator, desk):
    with pytest.raises(Refused, match="自己"):
        give(administrator, administrator, role=Role.OFFICE, place=factories.COUNTY)
    desk.post(address(administrator, "duty-add"), form(role="office", place=factories.COUNTY))
    assert administrator.duties.count() == 1


def test_administrator_does_not_end_his_own_duty(administrator):
    with pytest.raises(Refused, match="自己"):
        services.end_duty_now(administrator.acting, by=administrator)


def test_department_of_another_county_is_refused(administrator, person):
    other = Department.objects.filter(county_id=factories.OTHER_COUNTY).first()
    with pytest.raises(Refused, match="不是所选县的"):
        give(person, administrator, role=Role.DEPARTMENT, place=factories.COUNTY, department=other)


def test_duty_elsewhere_is_not_ended(administrator, person):
    away = factories.user("lanxiu", Role.VILLAGE_CADRE, factories.OTHER_COUNTY_VILLAGE).acting
    for act in (
        lambda: services.end_duty_now(away, by=administrator),
        lambda: services.change_end(away, datetime.date(2099, 1, 1), by=administrator),
    ):
        with pytest.raises(Refused, match="不在您管理的范围内"):
            act()


def test_duty_elsewhere_is_not_there_on_the_page(desk, person):
    away = factories.user("lanxiu", Role.VILLAGE_CADRE, factories.OTHER_COUNTY_VILLAGE).acting
    assert desk.post(address(person, "duty-stop", away.pk)).status_code == 404
    assert away not in desk.get(address(person)).context["duties"]


# --- ending -------------------------------------------------------------------------------------------


def test_stopped_duty_holds_no_longer_at_the_next_request(desk, person):
    other = Client()
    other.force_login(person)
    assert other.get("/").wsgi_request.user.acting is not None
    desk.post(address(person, "duty-stop", person.duties.get().pk))
    assert other.get("/").wsgi_request.user.acting is None
    assert AuditRow.objects.filter(act="duty_stop").count() == 1


def test_duty_with_its_last_day_today_holds_until_midnight(desk, person):
    today = datetime.date(2020, 6, 1)
    other = Client()
    with time_machine.travel(datetime.datetime(2020, 6, 1, 4, tzinfo=datetime.UTC), tick=False):
        desk.force_login(User.objects.get(username="admin"))
        other.force_login(person)
        desk.post(address(person, "duty-end", person.duties.get().pk), {"ends_on": today.isoformat()})
        assert other.get("/").wsgi_request.user.acting is not None
    with time_machine.travel(datetime.datetime(2020, 6, 1, 16, 1, tzinfo=datetime.UTC), tick=False):
        assert other.get("/").wsgi_request.user.acting is None


def test_stopped_twice_is_told(desk, person):
    duty = person.duties.get()
    desk.post(address(person, "duty-stop", duty.pk))
    assert "已经是这样" in desk.post(address(person, "duty-stop", duty.pk), follow=True).content.decode()


def test_duty_stopped_by_mistake_may_be_given_again_the_same_day(administrator, person):
    services.end_duty_now(person.duties.get(), by=administrator)
    give(person, administrator, role=Role.VILLAGE_CADRE, place=factories.VILLAGE, begins_on=BEGINS)
    assert Duty.objects.in_force().filter(user=person).count() == 1


def test_duty_that_is_over_is_not_changed(administrator, person):
    duty = person.duties.get()
    services.end_duty_now(duty, by=administrator)
    with pytest.raises(Refused, match="已经结束"):
        services.change_end(duty, None, by=administrator)


def test_end_in_the_past_is_refused(administrator, person):
    with pytest.raises(Refused, match="立即停止"):
        services.change_end(person.duties.get(), datetime.date.today() - 2 * DAY, by=administrator)


def test_auditors_duty_keeps_an_end(administrator, person):
    until = datetime.date(2099, 1, 1)
    duty = give(
        person,
        administrator,
        role=Role.AUDITOR,
        place=factories.COUNTY,
        ends_on=until,
        document="审通〔2020〕7号",
    )
    with pytest.raises(Refused, match="须填写止期"):
        services.change_end(duty, None, by=administrator)


def test_end_that_would_overlap_is_refused(administrator, person):
    first = give(person, administrator, ends_on=datetime.date(2099, 1, 1))
    give(person, administrator, begins_on=datetime.date(2099, 1, 2))
    with pytest.raises(Refused, match="重叠"):
        services.change_end(first, None, by=administrator)
