import datetime

import pytest
from django.urls import reverse

from fangpin.accounts.roles import Role
from fangpin.common import audit
from fangpin.common.models import AuditRow
from fangpin.common.transitions import write_first_records
from households import panels
from households.models import Case
from tests import factories


def address(home) -> str:
    return reverse("households:household-detail", args=[home.uuid])


@pytest.fixture
def home(db):
    return factories.household(
        names=["韦秀英", "韦小明"], births=[datetime.date(1970, 1, 2), datetime.date(2010, 3, 4)]
    )


@pytest.fixture
def auditor(db):
    return factories.user("auditor", Role.AUDITOR, factories.COUNTY, name="审计员")


def page(client, user, home) -> str:
    client.force_login(user)
    response = client.get(address(home))
    assert response.status_code == 200
    return response.content.decode()


def test_page_shows_members_with_masked_numbers(client, office, home):
    member = home.members.first()
    member.phone = "13877801234"
    member.save()
    words = page(client, office, home)
    assert "韦秀英户" in words
    assert "韦小明" in words
    assert member.masked_id in words
    assert "138****1234" in words
    assert member.id_number not in words
    assert "13877801234" not in words


def test_page_of_anonymous_leads_to_sign_in(client, home):
    assert client.get(address(home))["Location"].startswith(reverse("accounts:login"))


def test_page_without_the_right_is_forbidden(client, administrator, home):
    client.force_login(administrator)
    assert client.get(address(home)).status_code == 403


@pytest.mark.parametrize("village", [factories.SISTER_VILLAGE, factories.OTHER_COUNTY_VILLAGE])
def test_page_of_another_area_is_not_found(client, village_cadre, village):
    client.force_login(village_cadre)
    assert client.get(address(factories.household(village=village))).status_code == 404


@pytest.mark.parametrize(("net", "mark"), [("10000.00", "参考线及以下"), ("10000.02", "高于参考线")])
def test_income_against_the_line_counts_the_line_itself_as_below(client, office, home, net, mark):
    factories.income(home, net, year=2019)
    words = page(client, office, home)
    assert mark in words
    assert ("高于参考线" in words) == (mark == "高于参考线")


def test_income_of_a_loss_has_no_bar(client, office, home):
    factories.income(home, -300, year=2019)
    assert "-150.00" in page(client, office, home)


def test_household_without_income_is_not_above_the_line(client, office, home):
    assert "还没有收入记录" in page(client, office, home)


def test_case_panel_stands_only_with_a_case(client, office, home):
    client.force_login(office)
    titles = [panel.title for panel in client.get(address(home)).context["panels"]]
    assert "防贫对象" not in titles
    case = Case.objects.create(
        household=home,
        category="marginal",
        origin="look_back",
        identified_on=datetime.date(2019, 11, 1),
        risk_words="因病",
    )
    write_first_records([case], by=office, name="take_over")
    words = page(client, office, home)
    for expected in ("边缘户", "2019年11月1日", "回头看", "因病", "重点关注", "韦晓宁"):
        assert expected in words


def test_helper_panel_tells_who_and_since_when(client, office, home):
    helper = factories.user("helper", Role.HELPER, factories.COUNTY, name="黄帮扶")
    home.helpers.create(user=helper, begins_on=datetime.date(2020, 1, 1))
    assert "黄帮扶" in page(client, office, home)


def test_departed_member_is_told_apart(client, office, home):
    home.members.filter(relation="other").update(removed_on=datetime.date(2020, 2, 1), removed_reason="婚出")
    words = page(client, office, home)
    assert "已离开：韦小明（2020年2月1日，婚出）" in words


def test_view_by_an_auditor_is_audited(client, auditor, home):
    page(client, auditor, home)
    row = AuditRow.objects.get(act="household_view")
    assert (row.by, row.object_id, row.model) == (auditor, home.pk, "households.household")


def test_view_by_others_is_not_audited(client, office, home):
    page(client, office, home)
    assert not AuditRow.objects.filter(act="household_view").exists()


def test_trail_tells_who_looked_and_what_changed(client, office, home):
    member = home.members.first()
    audit.record(office, "number_reveal", member, field="id_number", purpose="核实本人身份")
    audit.record(
        office,
        "registry_change",
        member,
        work_months=[3, 9],
        labour=["ordinary", "weak"],
        phone_index=["•", "•"],
    )
    income = factories.income(home, 1, year=2019)
    audit.record(office, "income_change", income, wages=[100, 250])
    audit.record(office, "registry_change", home, water_secured=[None, 1])
    words = page(client, office, home)
    assert "证件号码，用途：核实本人身份" in words
    assert "劳动技能：普通劳动力 → 弱劳动力或半劳动力；务工时间（月）：3 → 9；人联系电话已变更" in words
    assert "工资性收入：1.00 元 → 2.50 元" in words
    assert "是否解决安全饮用水：空 → 是" in words


def test_trail_leaves_other_households_out(client, office, home):
    audit.record(
        office, "number_reveal", factories.household().members.get(), field="phone", purpose="别户的用途"
    )
    assert "别户的用途" not in page(client, office, home)


def test_trail_is_for_office_and_auditor(
    client, home, office, auditor, director, township_officer, village_cadre
):
    audit.record(office, "number_reveal", home.members.first(), field="phone", purpose="与部门数据核对")
    for user in (office, auditor):
        assert "与部门数据核对" in page(client, user, home)
    for user in (director, township_officer, village_cadre):
        assert "与部门数据核对" not in page(client, user, home)


def test_reveal_is_offered_only_with_the_right(client, office, director, home):
    link = reverse("households:member-reveal", args=[home.uuid, home.members.first().pk, "id_number"])
    assert link in page(client, office, home)
    assert link not in page(client, director, home)


def test_panel_of_another_app_stands_in_order_and_by_right(
    monkeypatch, client, office, township_officer, home
):
    seen = panels.Panel(
        "别的面板",
        11,
        "takeover.close",
        "households/panels/_helpers.html",
        lambda household, user: {"rows": [], "note": "三项"},
    )
    monkeypatch.setattr(panels, "_panels", [*panels._panels, seen])
    client.force_login(office)
    titles = [panel.title for panel in client.get(address(home)).context["panels"]]
    assert titles[:5] == ["风险线索", "入户排查记录", "家庭成员", "别的面板", "家庭收入"]
    client.force_login(township_officer)
    assert "别的面板" not in client.get(address(home)).content.decode()


def test_page_costs_the_same_for_any_number_of_members(client, office, home, django_assert_max_num_queries):
    client.force_login(office)
    client.get(address(home))
    with django_assert_max_num_queries(1000) as few:
        client.get(address(home))
    for _ in range(6):
        factories.member(home, datetime.date(2001, 1, 1), name="韦多人")
    for year in range(2014, 2019):
        factories.income(home, 100, year=year)
    with django_assert_max_num_queries(len(few)):
        client.get(address(home))
