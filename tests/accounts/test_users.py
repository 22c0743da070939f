"""The administrator's pages of users: what works, for whom, where, and twice."""

import datetime

import pytest
from django.test import Client
from django.urls import reverse

from fangpin.accounts.models import Duty, HelpLine, User
from fangpin.accounts.people import services
from fangpin.accounts.roles import Role
from fangpin.common.models import AuditRow
from fangpin.common.refusals import Refused
from tests import factories
from tests.accounts.people import address, form, give, newcomer
from tests.screening.rounds import pages

pytestmark = pytest.mark.django_db
LIST, CREATE = reverse("accounts:user-list"), reverse("accounts:user-create")


@pytest.fixture
def desk(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def person(administrator):
    return newcomer(administrator)[0]


@pytest.fixture
def stranger(db):
    """Somebody of another county."""
    return factories.user("stranger", Role.TOWNSHIP, "451229100000", name="外县干部")


# --- making -------------------------------------------------------------------------------------------


def test_user_is_made_with_a_duty_and_a_code_shown_once(desk):
    shown = desk.post(CREATE, form(), follow=True)
    user = User.objects.get(username="lanxiu")
    slip = shown.context["slips"][0]
    assert user.check_password(slip.code.replace("-", ""))
    assert slip.code in shown.content.decode()
    assert (user.phone, user.must_change_password) == ("13900001234", True)
    assert "no-store" in shown["Cache-Control"]
    again = desk.get(address(user, "code"))
    assert "已经显示过了" in again.content.decode()
    assert slip.code not in again.content.decode()


def test_code_is_not_readable_in_the_session(desk):
    answer = desk.post(CREATE, form())
    sealed = desk.session["one_time_code"]
    code = desk.get(answer.url).context["slips"][0].code.replace("-", "")
    assert code not in sealed
    assert "one_time_code" not in desk.session


def test_code_of_one_is_not_shown_on_the_page_of_another(desk, person):
    desk.post(CREATE, form(username="another"))
    assert desk.get(address(person, "code")).context["slips"] == []


def test_making_is_audited_without_code_or_number(desk, administrator):
    desk.post(CREATE, form())
    acts = AuditRow.objects.filter(by=administrator).values_list("act", flat=True)
    assert {"user_create", "duty_give"} <= set(acts)
    content = str(list(AuditRow.objects.values_list("details", flat=True)))
    assert "13900001234" not in content


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"username": "Office"}, "已经有人用了"),
        ({"username": "韦"}, "用户名用字母"),
        ({"name": ""}, "请填写姓名"),
        ({"phone": "12"}, "不是有效的电话号码"),
        ({"role": "township"}, "请改选地方"),
        ({"role": "department", "place": factories.COUNTY}, "须选部门"),
        ({"role": "auditor", "place": factories.COUNTY}, "须填写止期和依据文号"),
        ({"ends_on": "2019-01-01"}, "止期不能早于起期"),
        ({"role": "region"}, "选择一个有效的选项"),
        ({"place": factories.OTHER_COUNTY_VILLAGE}, "选择一个有效的选项"),
    ],
)
def test_form_that_is_wrong_says_why_and_makes_nobody(desk, office, changes, words):
    before = User.objects.count()
    answer = desk.post(CREATE, form(**changes))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert User.objects.count() == before


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_pages_are_the_administrators_alone(client, role):
    client.force_login(
        factories.user("x", role, factories.COUNTY, "water" if role == Role.DEPARTMENT else None)
    )
    assert client.get(LIST).status_code == 403
    assert client.post(CREATE, form()).status_code == 403


def test_service_asks_for_the_right(office):
    with pytest.raises(Refused, match="不能管理用户"):
        newcomer(office)


# --- reset, disable, enable ---------------------------------------------------------------------------


def test_reset_gives_a_new_code_and_ends_sessions(desk, person):
    other = Client()
    other.force_login(person)
    person.refresh_from_db()
    old = person.password
    shown = desk.post(address(person, "reset"), follow=True)
    person.refresh_from_db()
    assert person.password != old
    assert person.check_password(shown.context["slips"][0].code.replace("-", ""))
    assert reverse("accounts:login") in other.get("/")["Location"]
    assert AuditRow.objects.filter(act="user_code_reset", object_id=person.pk).count() == 1


def test_disabled_user_is_out_at_the_next_request(desk, person):
    User.objects.filter(pk=person.pk).update(must_change_password=False)
    other = Client()
    other.force_login(person)
    assert other.get("/").status_code == 200
    desk.post(address(person, "disable"))
    assert reverse("accounts:login") in other.get("/")["Location"]
    desk.post(address(person, "enable"))
    person.refresh_from_db()
    assert person.is_active


def test_disabled_twice_is_told_and_audited_once(desk, person):
    desk.post(address(person, "disable"))
    again = desk.post(address(person, "disable"), follow=True)
    assert "已经是这样" in again.content.decode()
    assert AuditRow.objects.filter(act="user_disable").count() == 1


def test_disabled_user_gets_no_code(desk, person):
    desk.post(address(person, "disable"))
    content = desk.post(address(person, "reset"), follow=True).content.decode()
    assert "请先启用" in content


@pytest.mark.parametrize("page", ["reset", "disable", "enable", "change", "duty-add"])
def test_acts_are_posts(desk, person, page):
    assert desk.get(address(person, page)).status_code == 405


@pytest.mark.parametrize("page", ["detail", "code"])
def test_user_of_another_county_is_not_there(desk, stranger, page):
    assert desk.get(address(stranger, page)).status_code == 404


@pytest.mark.parametrize("page", ["reset", "disable", "enable", "change", "duty-add"])
def test_user_of_another_county_is_not_touched(desk, stranger, page):
    password = stranger.password
    assert desk.post(address(stranger, page), {"name": "改", "phone": ""}).status_code == 404
    stranger.refresh_from_db()
    assert (stranger.password, stranger.name, stranger.is_active) == (password, "外县干部", True)


@pytest.mark.parametrize("act", [services.reset_code, services.disable, services.enable])
def test_service_refuses_users_of_another_county(administrator, stranger, act):
    with pytest.raises(Refused, match="不在您管理的范围内"):
        act(stranger, by=administrator)


@pytest.mark.parametrize("act", [services.reset_code, services.disable, services.enable])
def test_nobody_manages_himself(administrator, act):
    with pytest.raises(Refused, match="不能管理自己"):
        act(administrator, by=administrator)


def test_account_with_a_duty_above_is_not_taken_over(desk, administrator):
    """A county's administrator could else act as the region."""
    high = factories.user("high", Role.REGION, "450000000000", name="区办干部")
    factories.user("high", Role.HELPER, factories.VILLAGE)
    password = high.password
    content = desk.post(address(high, "reset"), follow=True).content.decode()
    assert "您管理范围以外的岗位" in content
    high.refresh_from_db()
    assert high.password == password


def test_name_and_phone_are_changed_and_the_number_stays_out_of_the_audit(desk, person):
    desk.post(address(person, "change"), {"name": "蓝秀瑛", "phone": "13900005678"})
    person.refresh_from_db()
    assert (person.name, person.phone) == ("蓝秀瑛", "13900005678")
    content = AuditRow.objects.get(act="user_change").details
    assert content == {"name": ["蓝秀英", "蓝秀瑛"], "phone_changed": True}


# --- list ---------------------------------------------------------------------------------------------


def named(response) -> set[str]:
    return {row.person.username for row in response.context["page"]}


def test_list_holds_the_countys_users_and_nobody_else(desk, person, stranger, office):
    assert named(desk.get(LIST)) == {"admin", "lanxiu", "office"}


def test_user_without_a_duty_is_seen_where_he_was_made(desk, person):
    Duty.objects.filter(user=person).delete()
    assert "lanxiu" in named(desk.get(LIST))
    User.objects.filter(pk=person.pk).update(made_in=factories.OTHER_COUNTY)
    assert "lanxiu" not in named(desk.get(LIST))


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"role": "village_cadre"}, {"lanxiu"}),
        ({"place": factories.TOWNSHIP}, {"lanxiu"}),
        ({"place": f"={factories.COUNTY}"}, {"admin", "office", "gone"}),
        ({"state": "never"}, {"admin", "lanxiu", "ending"}),
        ({"state": "off"}, {"gone"}),
        ({"state": "ending"}, {"ending"}),
        ({"state": "idle"}, {"ended"}),
        ({"q": "蓝秀"}, {"lanxiu"}),
        ({"q": "OFFI"}, {"office"}),
    ],
)
def test_list_is_filtered(desk, person, administrator, office, query, wanted):
    today = datetime.date.today()
    User.objects.filter(pk=office.pk).update(last_login="2020-01-01T00:00Z")
    gone = factories.user("gone", Role.FINANCE, factories.COUNTY)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    ending = factories.user("ending", Role.TOWNSHIP, "451228101000")
    ending.duties.update(ends_on=today + datetime.timedelta(days=3))
    ended = factories.user("ended", Role.TOWNSHIP, "451228101000")
    ended.duties.update(ends_on=today - datetime.timedelta(days=1))
    User.objects.filter(pk=ended.pk).update(last_login="2020-01-01T00:00Z")
    User.objects.filter(pk=administrator.pk).update(last_login=None)
    assert named(desk.get(LIST, query)) == wanted


def test_list_costs_the_same_for_many(client, administrator):
    newcomer(administrator)
    few = pages.queries(client, administrator, "accounts:user-list")
    for number in range(5):
        user, _ = newcomer(administrator, username=f"user{number}")
        give(user, administrator)
    assert pages.queries(client, administrator, "accounts:user-list") == few
    assert few <= 18


def test_list_shows_no_number(desk):
    desk.post(CREATE, form())
    assert "13900001234" not in desk.get(LIST).content.decode()


# --- the sign-in page ---------------------------------------------------------------------------------


def test_sign_in_page_says_whom_to_ring(desk):
    login = reverse("accounts:login")
    assert "请联系本县系统管理员" in Client().get(login).content.decode()
    desk.post(reverse("accounts:help-line"), {"words": "何伟，办公电话 0778-5212345"})
    assert "何伟，办公电话 0778-5212345" in Client().get(login).content.decode()
    desk.post(reverse("accounts:help-line"), {"words": "何伟，办公电话 0778-5210000"})
    assert HelpLine.objects.count() == 1
    assert AuditRow.objects.filter(act="help_line").count() == 2
